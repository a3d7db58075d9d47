// W2 with Eigen's arrays and Random123: two normals of one replica to a block of Philox.
#include <Eigen/Core>
#include <algorithm>

#include "contender.hpp"
#include "counter_normals.hpp"

constexpr Eigen::Index width = 256;
using Numbers = Eigen::Array<double, width, 1>;

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, round = 0u](std::vector<double>& states) mutable {
            const r123::Philox4x32::key_type key{{std::uint32_t(run.seed), round++}};
            r123::Philox4x32 philox;
            Numbers noise[2];
            states.resize((run.replicas + width - 1) / width * width);
            for (std::uint32_t first = 0; first < run.replicas; first += width) {
                Numbers x = Numbers::Zero();
                for (std::uint32_t n = 0; n < run.steps; n += 2) {
                    for (std::uint32_t i = 0; i < width; ++i) {
                        const auto block = philox({{n / 2, first + i, 0, 0}}, key);
                        const auto pair = r123::boxmuller(std::uint64_t(block[0]) << 32 | block[1], std::uint64_t(block[2]) << 32 | block[3]);
                        noise[0][i] = pair.x;
                        noise[1][i] = pair.y;
                    }
                    x = 0.9 * x + noise[0];
                    if (n + 1 < run.steps) x = 0.9 * x + noise[1];
                }
                Numbers::Map(&states[first]) = x;
            }
            states.resize(run.replicas);
        };
    });
}
