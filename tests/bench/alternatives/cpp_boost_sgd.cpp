// W3 with Boost.Random: MORE = LOSS DATA.
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "contender.hpp"
#include "sgd_step.hpp"

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, data = Data(run.more.at(1), columns), engine = boost::random::mt19937(std::uint32_t(run.seed))](
                   std::vector<double>& states) mutable {
            boost::random::uniform_int_distribution<std::size_t> any_row(0, data.rows - 1);
            states.assign(run.replicas * columns, 0.0);
            with_loss(run.more.at(0) == "logistic", [&](auto loss) {
                for (std::size_t r = 0; r < run.replicas; ++r)
                    for (std::size_t n = 0; n < run.steps; ++n) {
                        const std::size_t row = any_row(engine);
                        sgd_step<decltype(loss)>(data.x(row), data.y(row), &states[r * columns]);
                    }
            });
        };
    });
}
