// W5 by recomposition over SIMD lanes: MORE = all|REPORTED REPORTED. Every iterate B_n is composed anew from f_n to f_1,
// 32 replicas at a time so that the latency of a step is hidden; the normals of a block of replicas are drawn once.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "contender.hpp"
#include "xoshiro.hpp"

constexpr std::size_t width = 32;
constexpr double a = 0.9, s = 0.5;

/// sin to 1e-13 for moderate x, without a branch: reduced to [-pi/2, pi/2], then its Taylor polynomial of degree 17.
inline double fast_sin(double x) {
    const double k = std::nearbyint(x * (1 / M_PI)), half = 0.5 * k;
    const double r = (x - k * 3.141592653589793) - k * 1.2246467991473532e-16, square = r * r;
    double p = 1 / 355687428096000.0;
    p = p * square - 1 / 1307674368000.0;
    p = p * square + 1 / 6227020800.0;
    p = p * square - 1 / 39916800.0;
    p = p * square + 1 / 362880.0;
    p = p * square - 1 / 5040.0;
    p = p * square + 1 / 120.0;
    p = p * square - 1 / 6.0;
    const double odd = 4 * std::abs(half - std::nearbyint(half));  // 0 or 2
    return (1 - odd) * (r + r * square * p);
}

inline void map(const double* noise, double* x) {
#pragma omp simd
    for (std::size_t i = 0; i < width; ++i) x[i] = a * fast_sin(x[i]) + noise[i];
}

std::vector<std::size_t> numbers(const std::string& text) {
    std::vector<std::size_t> list;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');) list.push_back(std::stoull(word));
    return list;
}

int main(int count, char** words) {
    return serve(count, words, [](const Arguments& run) {
        const std::vector<std::size_t> reported = numbers(run.more.at(1));
        std::vector<std::size_t> wanted = reported;
        if (run.more.at(0) == "all") {
            wanted.resize(run.steps);
            for (std::size_t n = 0; n < run.steps; ++n) wanted[n] = n + 1;
        }
        return [=, engine = Xoshiro(run.seed), normal = Ziggurat()](std::vector<double>& states) mutable {
            std::vector<double> noise(run.steps * width), iterates(wanted.size() * width);
            states.resize(run.replicas * reported.size());
            for (std::size_t first = 0; first < run.replicas; first += width) {
                for (double& here : noise) here = s * normal(engine);
                for (std::size_t k = 0; k < wanted.size(); ++k) {
                    double x[width] = {};
                    for (std::size_t n = wanted[k]; n > 0; --n) map(&noise[(n - 1) * width], x);
                    std::copy(x, x + width, &iterates[k * width]);
                }
                const std::size_t lanes = std::min(width, run.replicas - first);
                for (std::size_t j = 0; j < reported.size(); ++j) {
                    const auto k = std::size_t(std::lower_bound(wanted.begin(), wanted.end(), reported[j]) - wanted.begin());
                    for (std::size_t l = 0; l < lanes; ++l) states[(first + l) * reported.size() + j] = iterates[k * width + l];
                }
            }
        };
    });
}
