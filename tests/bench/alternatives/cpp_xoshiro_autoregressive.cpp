// W2 with the fastest sequential generator and normals of wide use.
#include "contender.hpp"
#include "xoshiro.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, engine = Xoshiro(run.seed), normal = Ziggurat()](std::vector<double>& states) mutable {
            states.assign(run.replicas, 0.0);
            for (double& x : states)
                for (std::size_t n = 0; n < run.steps; ++n) x = 0.9 * x + normal(engine);
        };
    });
}
