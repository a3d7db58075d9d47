// W1 with a sequential generator, 64 coins to a word.
#include <algorithm>

#include "contender.hpp"
#include "xoshiro.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, engine = Xoshiro(run.seed)](std::vector<double>& states) mutable {
            const double lambda = 0.5, shift[2] = {lambda - 1, 1 - lambda};
            states.assign(run.replicas, 0.0);
            for (double& x : states)
                for (std::size_t n = 0; n < run.steps;) {
                    std::uint64_t coins = engine();
                    for (const std::size_t end = std::min(run.steps, n + 64); n < end; ++n, coins >>= 1)
                        x = lambda * x + shift[coins & 1];
                }
        };
    });
}
