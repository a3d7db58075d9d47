// W1 as an expert would write it for this one map: Random123, Eigen arrays of a fixed size that stay in registers and the
// first-level cache, 128 coins of a replica to a block of Philox. Beside the alternatives, not among them.
#include <Random123/philox.h>

#include <Eigen/Core>
#include <algorithm>

#include "contender.hpp"

constexpr Eigen::Index width = 256;  // replicas at a time, in the first-level cache
using Numbers = Eigen::Array<double, width, 1>;
using Words = Eigen::Array<std::uint32_t, width, 1>;

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, round = 0u](std::vector<double>& states) mutable {
            const double lambda = 0.5;
            const r123::Philox4x32::key_type key{{std::uint32_t(run.seed), round++}};
            r123::Philox4x32 philox;
            Words coins[4];
            states.resize((run.replicas + width - 1) / width * width);
            for (std::uint32_t first = 0; first < run.replicas; first += width) {
                Numbers x = Numbers::Zero();
                for (std::uint32_t n = 0; n < run.steps; n += 128) {
                    for (std::uint32_t i = 0; i < width; ++i) {
                        const auto block = philox({{n / 128, first + i, 0, 0}}, key);
                        for (int k = 0; k < 4; ++k) coins[k][i] = block[k];
                    }
                    const std::size_t end = std::min<std::size_t>(128, run.steps - n);
                    for (std::size_t j = 0; j < end; ++j) {
                        Words& word = coins[j / 32];
                        const auto up = word.unaryExpr([](std::uint32_t w) { return w & 1; }).template cast<double>();
                        x = lambda * x + (1 - lambda) * (2 * up - 1);
                        word = word.unaryExpr([](std::uint32_t w) { return w >> 1; });
                    }
                }
                Numbers::Map(&states[first]) = x;
            }
            states.resize(run.replicas);
        };
    });
}
