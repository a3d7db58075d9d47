// W4 with Boost.Random and plain loops: MORE = DATA START.
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <algorithm>
#include <cmath>

#include "contender.hpp"

constexpr std::size_t width = 16, depth = 8, weights = depth * width * width;
constexpr double step = 0.01, amplitude = 0.01;

struct Chain {
    double x[depth + 1][width], slope[depth][width];

    template <class Noise>
    void forward(const double* w, Noise& noise) {
        for (std::size_t n = 0; n < depth; ++n)
            for (std::size_t j = 0; j < width; ++j) {
                double z = 0;
                for (std::size_t i = 0; i < width; ++i) z += w[(n * width + j) * width + i] * x[n][i];
                const double t = std::tanh(z);
                slope[n][j] = 1 - t * t;
                x[n + 1][j] = t + noise();
            }
    }
    template <class Noise>
    void backward(double y, double* w, Noise& noise) const {
        double u[width], delta[width];
        for (std::size_t j = 0; j < width; ++j) u[j] = x[depth][j] - y + noise();
        for (std::size_t n = depth; n-- > 0;) {
            for (std::size_t j = 0; j < width; ++j) delta[j] = u[j] * slope[n][j];
            for (std::size_t i = 0; i < width && n > 0; ++i) u[i] = noise();
            for (std::size_t j = 0; j < width; ++j)
                for (std::size_t i = 0; i < width; ++i) {
                    double& here = w[(n * width + j) * width + i];
                    u[i] += here * delta[j];
                    here -= step * delta[j] * x[n][i];
                }
        }
    }
};

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        return [run, data = Data(run.more.at(0), width), start = read_doubles(run.more.at(1)),
                engine = boost::random::mt19937(std::uint32_t(run.seed))](std::vector<double>& states) mutable {
            boost::random::uniform_int_distribution<std::size_t> any_row(0, data.rows - 1);
            boost::random::normal_distribution<> normal(0.0, amplitude);
            const auto noise = [&] { return normal(engine); };
            states.resize(run.replicas * weights);
            Chain chain;
            for (std::size_t r = 0; r < run.replicas; ++r) {
                double* w = &states[r * weights];
                std::copy(start.begin(), start.end(), w);
                for (std::size_t n = 0; n < run.steps; ++n) {
                    const std::size_t row = any_row(engine);
                    std::copy(data.x(row), data.x(row) + width, chain.x[0]);
                    chain.forward(w, noise);
                    chain.backward(data.y(row), w, noise);
                }
            }
        };
    });
}
