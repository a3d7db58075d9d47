#pragma once
#include <cmath>
#include <cstdint>

/// xoshiro256++ of Blackman and Vigna (2019), seeded by splitmix64.
class Xoshiro {
  public:
    explicit Xoshiro(std::uint64_t seed) {
        for (auto& word : s_) {
            std::uint64_t z = seed += 0x9e3779b97f4a7c15;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
            z = (z ^ z >> 27) * 0x94d049bb133111eb;
            word = z ^ z >> 31;
        }
    }
    std::uint64_t operator()() {
        const std::uint64_t result = rotate(s_[0] + s_[3], 23) + s_[0], t = s_[1] << 17;
        s_[2] ^= s_[0];
        s_[3] ^= s_[1];
        s_[1] ^= s_[2];
        s_[0] ^= s_[3];
        s_[2] ^= t;
        s_[3] = rotate(s_[3], 45);
        return result;
    }
    double uniform() { return (double((*this)() >> 11) + 0.5) * 0x1p-53; }
    /// In [0, m), multiply-shift.
    std::uint64_t below(std::uint64_t m) { return (((*this)() >> 32) * m) >> 32; }

  private:
    static std::uint64_t rotate(std::uint64_t x, int k) { return x << k | x >> (64 - k); }
    std::uint64_t s_[4];
};

/// Standard normals by the ziggurat of Marsaglia and Tsang (2000) with 256 layers, one word each but for one in a hundred.
class Ziggurat {
  public:
    Ziggurat() {
        const auto f = [](double x) { return std::exp(-x * x / 2); };
        double x = tail, y = f(tail);
        x_[0] = area / y;  // the base layer, the tail put beside it
        x_[1] = x;
        for (int i = 2; i < 256; ++i) {
            y = f(x_[i - 1]) + area / x_[i - 1];
            x_[i] = std::sqrt(-2 * std::log(y));
        }
        x_[256] = 0;
        for (int i = 0; i <= 256; ++i) f_[i] = f(x_[i]);
        for (int i = 0; i < 256; ++i) {
            width_[i] = x_[i] * 0x1p-52;
            inside_[i] = std::uint64_t(x_[i + 1] / x_[i] * 0x1p52);
        }
    }
    template <class Engine>
    double operator()(Engine& engine) const {
        for (;;) {
            const std::uint64_t word = engine();
            const unsigned i = word & 255;
            const std::uint64_t size = word >> 12;
            const double sign = word & 256 ? -1.0 : 1.0, x = sign * double(size) * width_[i];
            if (size < inside_[i]) [[likely]] return x;
            if (i == 0) return sign * beyond(engine);
            if (f_[i] + (f_[i + 1] - f_[i]) * engine.uniform() < std::exp(-x * x / 2)) return x;
        }
    }

  private:
    static constexpr double tail = 3.6541528853610088, area = 0.00492867323399;
    template <class Engine>
    static double beyond(Engine& engine) {
        for (;;) {
            const double a = -std::log(engine.uniform()) / tail, b = -std::log(engine.uniform());
            if (2 * b > a * a) return tail + a;
        }
    }
    double x_[257], f_[257], width_[256];
    std::uint64_t inside_[256];
};
