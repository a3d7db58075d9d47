// W3 with a sequential generator: MORE = LOSS DATA.
#include "contender.hpp"
#include "sgd_step.hpp"
#include "xoshiro.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, data = Data(run.more.at(1), columns), engine = Xoshiro(run.seed)](std::vector<double>& states) mutable {
            states.assign(run.replicas * columns, 0.0);
            with_loss(run.more.at(0) == "logistic", [&](auto loss) {
                for (std::size_t r = 0; r < run.replicas; ++r)
                    for (std::size_t n = 0; n < run.steps; ++n) {
                        const std::size_t row = engine.below(data.rows);
                        sgd_step<decltype(loss)>(data.x(row), data.y(row), &states[r * columns]);
                    }
            });
        };
    });
}
