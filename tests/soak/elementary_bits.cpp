#include <bit>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "sim/distributions.hpp"
#include "sim/elementary.hpp"

// Prints a hash of the outputs of every elementary function and transform over a million arguments, one line each.
// Compiled by tests/soak/elementary_bits.sh once per compiler and instruction set.

namespace {

using namespace foldback;

constexpr std::size_t count = 1'000'000;

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t i) {
    std::uint64_t z = i * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

struct Arguments {
    std::vector<double> x, y, u, v;
};

/// x and y: any bits (denormals, infinities and NaNs among them) and uniform ranges of 2^10, 4 and 2^20 in turn; u and
/// v uniform in (0, 1).
Arguments arguments() {
    constexpr double scales[4] = {0.0, 0x1p-53, 0x1p-61, 0x1p-43};
    auto from = [&](std::size_t i, std::uint64_t w) {
        return i % 4 == 0 ? std::bit_cast<double>(w)
                          : static_cast<double>(static_cast<std::int64_t>(w)) * scales[i % 4];
    };
    Arguments a;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t w = mix(2 * i + 1), z = mix(2 * i + 2);
        a.x.push_back(from(i, w));
        a.y.push_back(from(i / 4, z));
        a.u.push_back((static_cast<double>(w >> 12) + 0.5) * 0x1p-52);
        a.v.push_back((static_cast<double>(z >> 12) + 0.5) * 0x1p-52);
    }
    return a;
}

/// FNV-1a over 64-bit words.
struct Hash {
    std::uint64_t value = 0xcbf29ce484222325ULL;
    void add(double x) { value = (value ^ std::bit_cast<std::uint64_t>(x)) * 0x100000001b3ULL; }
};

template <class R, class F>
void report(const char* name, const std::vector<double>& x, const std::vector<double>& y, F f) {
    Hash hash;
    for (std::size_t i = 0; i < count; i += width<R>) {
        const R r = f(load<R>(&x[i]), load<R>(&y[i]));
        for (int j = 0; j < width<R>; ++j) hash.add(lane(r, j));
    }
    std::printf("%s %016" PRIx64 "\n", name, hash.value);
}

template <class R>
void report_all(const Arguments& a) {
    report<R>("exp", a.x, a.y, [](R x, R) { return elementary::exp(x); });
    report<R>("expm1", a.x, a.y, [](R x, R) { return elementary::expm1(x); });
    report<R>("log", a.x, a.y, [](R x, R) { return elementary::log(x); });
    report<R>("log1p", a.x, a.y, [](R x, R) { return elementary::log1p(x); });
    report<R>("pow", a.x, a.y, [](R x, R y) { return elementary::pow(x, y); });
    report<R>("pow_of_positive", a.u, a.y, [](R u, R y) { return elementary::pow(u, y); });
    report<R>("tanh", a.x, a.y, [](R x, R) { return elementary::tanh(x); });
    report<R>("sin", a.x, a.y, [](R x, R) { return elementary::sin(x); });
    report<R>("cos", a.x, a.y, [](R x, R) { return elementary::cos(x); });
    report<R>("sine_of_turns", a.u, a.v, [](R u, R) { return elementary::sincos_turns(u).sin; });
    report<R>("cosine_of_turns", a.u, a.v, [](R u, R) { return elementary::sincos_turns(u).cos; });
    report<R>("atan", a.x, a.y, [](R x, R) { return elementary::atan(x); });
    report<R>("larger", a.x, a.y, [](R x, R y) { return larger(x, y); });
    report<R>("smaller", a.x, a.y, [](R x, R y) { return smaller(x, y); });
    report<R>("normal_first", a.u, a.v, [](R u, R v) { return normal_pair(u, v).first; });
    report<R>("normal_second", a.u, a.v, [](R u, R v) { return normal_pair(u, v).second; });
    report<R>("exponential", a.u, a.v, [](R u, R) { return exponential(u); });
}

/// A counter-based generator of 32-bit words.
struct Generator {
    using result_type = std::uint32_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return 0xffffffff; }
    result_type operator()() { return static_cast<result_type>(mix(++drawn) >> 32); }
    std::uint64_t drawn = 0;
};

template <class F>
void report_sampler(const char* name, F f) {
    Hash hash;
    Generator g;
    for (std::size_t i = 0; i < count; ++i) hash.add(f(g));
    std::printf("%s %016" PRIx64 "\n", name, hash.value);
}

void report_samplers() {
    report_sampler("uniform01", [](Generator& g) { return uniform01(g); });
    report_sampler("standard_normal", [](Generator& g) { return standard_normal(g); });
    report_sampler("standard_exponential", [](Generator& g) { return standard_exponential(g); });
    report_sampler("gamma_small", [](Generator& g) { return gamma(g, 0.1); });
    report_sampler("gamma_large", [](Generator& g) { return gamma(g, 7.5); });
    report_sampler("beta_small", [](Generator& g) { return beta(g, 0.05, 0.02); });
    report_sampler("beta", [](Generator& g) { return beta(g, 2.5, 1.5); });
    report_sampler("beta_prime", [](Generator& g) { return beta_prime(g, 0.7, 3.0); });
}

}  // namespace

// One argument, the lane width; the output does not mention it, so that outputs compare as a whole.
int main(int argc, char** argv) {
    const int lanes = argc == 2 && argv[1][0] != '\0' && argv[1][1] == '\0' ? argv[1][0] - '0' : -1;
    const Arguments a = arguments();
    switch (lanes) {
        case 0:
            report_all<double>(a);
            report_samplers();
            return 0;
        case 1:
            report_all<Lanes<1>>(a);
            return 0;
        case 2:
            report_all<Lanes<2>>(a);
            return 0;
        case 4:
            report_all<Lanes<4>>(a);
            return 0;
        case 8:
            report_all<Lanes<8>>(a);
            return 0;
        default:
            break;
    }
    std::fprintf(stderr, "elementary_bits: one argument, the lane width: 0 (double and the samplers), 1, 2, 4 or 8\n");
    return 2;
}
