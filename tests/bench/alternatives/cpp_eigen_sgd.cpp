// W3 with Eigen's fixed-size vectors and Random123, four indices to a block of Philox: MORE = LOSS DATA.
#include <Random123/philox.h>

#include <Eigen/Core>

#include "contender.hpp"
#include "sgd_step.hpp"

using Vector = Eigen::Matrix<double, int(columns), 1>;

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, data = Data(run.more.at(1), columns), round = 0u](std::vector<double>& states) mutable {
            const r123::Philox4x32::key_type key{{std::uint32_t(run.seed), round++}};
            states.resize(run.replicas * columns);
            with_loss(run.more.at(0) == "logistic", [&](auto loss) {
                for (std::uint32_t r = 0; r < run.replicas; ++r) {
                    Vector theta = Vector::Zero();
                    r123::Philox4x32::ctr_type block{};
                    for (std::uint32_t n = 0; n < run.steps; ++n) {
                        if (n % 4 == 0) block = r123::Philox4x32{}({{n / 4, r, 0, 0}}, key);
                        const std::size_t row = block[n % 4] * std::uint64_t(data.rows) >> 32;
                        const auto x = Vector::Map(data.x(row));
                        theta -= loss.h * loss.residual(x.dot(theta), data.y(row)) * x;
                    }
                    Vector::Map(&states[r * columns]) = theta;
                }
            });
        };
    });
}
