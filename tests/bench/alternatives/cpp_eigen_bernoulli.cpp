// W1 with Random123: a block of Philox holds 128 coins of one replica. (A scalar leaves Eigen nothing to do.)
#include <Random123/philox.h>

#include <algorithm>

#include "contender.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, round = 0u](std::vector<double>& states) mutable {
            const double lambda = 0.5, shift[2] = {lambda - 1, 1 - lambda};
            const r123::Philox4x32::key_type key{{std::uint32_t(run.seed), round++}};
            states.assign(run.replicas, 0.0);
            for (std::uint32_t r = 0; r < run.replicas; ++r)
                for (std::uint32_t n = 0; n < run.steps;) {
                    const auto block = r123::Philox4x32{}({{n / 128, r, 0, 0}}, key);
                    for (std::uint32_t coins : block)
                        for (const std::size_t end = std::min<std::size_t>(run.steps, n + 32); n < end; ++n, coins >>= 1)
                            states[r] = lambda * states[r] + shift[coins & 1];
                }
        };
    });
}
