// W4 with Eigen's fixed-size matrices and Random123: MORE = DATA START.
#include <Eigen/Core>
#include <algorithm>

#include "contender.hpp"
#include "counter_normals.hpp"

constexpr int width = 16, depth = 8;
constexpr double step = 0.01, amplitude = 0.01;
using Vector = Eigen::Matrix<double, width, 1>;
using Weights = Eigen::Matrix<double, width, width, Eigen::RowMajor>;

struct Chain {
    Weights w[depth];
    Vector x[depth + 1], slope[depth];

    void step_on(double y, CounterNormals& normal) {
        const auto noise = [&] {
            Vector v;
            for (double& here : v) here = amplitude * normal();
            return v;
        };
        for (int n = 0; n < depth; ++n) {
            const Vector t = (w[n] * x[n]).array().tanh();
            slope[n] = 1 - t.array().square();
            x[n + 1] = t + noise();
        }
        Vector u = (x[depth].array() - y).matrix() + noise();
        for (int n = depth - 1; n >= 0; --n) {
            const Vector delta = u.cwiseProduct(slope[n]);
            if (n > 0) u.noalias() = w[n].transpose() * delta + noise();
            w[n].noalias() -= step * delta * x[n].transpose();
        }
    }
};

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, data = Data(run.more.at(0), width), start = read_doubles(run.more.at(1)), round = 0u](std::vector<double>& states) mutable {
            const std::size_t weights = start.size();
            states.resize(run.replicas * weights);
            Chain chain;
            for (std::uint32_t r = 0; r < run.replicas; ++r) {
                CounterNormals normal(run.seed, round, r);
                std::copy(start.begin(), start.end(), chain.w[0].data());
                r123::Philox4x32::ctr_type block{};
                for (std::uint32_t n = 0; n < run.steps; ++n) {
                    if (n % 4 == 0) block = r123::Philox4x32{}({{n / 4, r, 1, 0}}, {{std::uint32_t(run.seed), round}});
                    const std::size_t row = block[n % 4] * std::uint64_t(data.rows) >> 32;
                    chain.x[0] = Vector::Map(data.x(row));
                    chain.step_on(data.y(row), normal);
                }
                std::copy(chain.w[0].data(), chain.w[0].data() + weights, &states[r * weights]);
            }
            ++round;
        };
    });
}
