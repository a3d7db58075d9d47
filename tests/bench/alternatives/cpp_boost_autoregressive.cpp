// W2 with Boost.Random as its manual shows it; its normals are a ziggurat.
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

#include "contender.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, engine = boost::random::mt19937(std::uint32_t(run.seed))](std::vector<double>& states) mutable {
            boost::random::normal_distribution<> normal(0.0, 1.0);
            states.assign(run.replicas, 0.0);
            for (double& x : states)
                for (std::size_t n = 0; n < run.steps; ++n) x = 0.9 * x + normal(engine);
        };
    });
}
