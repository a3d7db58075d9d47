// W1 with Boost.Random as its manual shows it.
#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>

#include "contender.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, engine = boost::random::mt19937(std::uint32_t(run.seed))](std::vector<double>& states) mutable {
            const double lambda = 0.5;
            boost::random::bernoulli_distribution<> coin(0.5);
            states.assign(run.replicas, 0.0);
            for (double& x : states)
                for (std::size_t n = 0; n < run.steps; ++n) x = lambda * x + (coin(engine) ? 1 - lambda : lambda - 1);
        };
    });
}
