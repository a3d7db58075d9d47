#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "sim/isa.hpp"

// W replicas side by side: the scalar type over which models are instantiated in the kernels. Every operation acts on
// each lane as IEEE double arithmetic does on one number, so that a lane's bits never depend on W.
namespace foldback::inline FOLDBACK_ISA {

namespace detail {
// gcc 12 takes an attribute whose size depends on W for the plain scalar type; explicit sizes behind a name do not.
template <class T, int W>
struct VectorOf;
#define FOLDBACK_VECTOR(T, W) \
    template <> \
    struct VectorOf<T, W> { typedef T type __attribute__((vector_size(W * 8))); };
#define FOLDBACK_VECTORS(W) FOLDBACK_VECTOR(double, W) FOLDBACK_VECTOR(std::int64_t, W) FOLDBACK_VECTOR(std::uint64_t, W)
FOLDBACK_VECTORS(1)
FOLDBACK_VECTORS(2)
FOLDBACK_VECTORS(4)
FOLDBACK_VECTORS(8)
#undef FOLDBACK_VECTORS
#undef FOLDBACK_VECTOR
}  // namespace detail

/// One truth value per lane (all bits set or none).
template <int W>
struct Mask {
    using Vector = typename detail::VectorOf<std::int64_t, W>::type;
    Vector v;

    friend Mask operator&(Mask a, Mask b) { return {a.v & b.v}; }
    friend Mask operator|(Mask a, Mask b) { return {a.v | b.v}; }
    friend Mask operator!(Mask a) { return {~a.v}; }
    bool operator[](int i) const { return v[i] != 0; }
};

/// W doubles, one per replica.
template <int W>
struct Lanes {
    using Vector = typename detail::VectorOf<double, W>::type;
    Vector v;

    Lanes() = default;
    Lanes(double x) : v(x - Vector{}) {}  // not 0 + x, which would turn -0 into +0
    explicit Lanes(Vector x) : v(x) {}

    double operator[](int i) const { return v[i]; }
    void set(int i, double x) { v[i] = x; }

    Lanes& operator+=(Lanes b) { v += b.v; return *this; }
    Lanes& operator-=(Lanes b) { v -= b.v; return *this; }
    Lanes& operator*=(Lanes b) { v *= b.v; return *this; }
    Lanes& operator/=(Lanes b) { v /= b.v; return *this; }
    friend Lanes operator+(Lanes a, Lanes b) { return a += b; }
    friend Lanes operator-(Lanes a, Lanes b) { return a -= b; }
    friend Lanes operator*(Lanes a, Lanes b) { return a *= b; }
    friend Lanes operator/(Lanes a, Lanes b) { return a /= b; }
    friend Lanes operator-(Lanes a) { return Lanes(-a.v); }
    friend Mask<W> operator<(Lanes a, Lanes b) { return {a.v < b.v}; }
    friend Mask<W> operator<=(Lanes a, Lanes b) { return {a.v <= b.v}; }
    friend Mask<W> operator>(Lanes a, Lanes b) { return {a.v > b.v}; }
    friend Mask<W> operator>=(Lanes a, Lanes b) { return {a.v >= b.v}; }
    friend Mask<W> operator==(Lanes a, Lanes b) { return {a.v == b.v}; }
    friend Mask<W> operator!=(Lanes a, Lanes b) { return {a.v != b.v}; }
};

/// W unsigned 64-bit words, one per replica.
template <int W>
struct Words {
    using Vector = typename detail::VectorOf<std::uint64_t, W>::type;
    Vector v;

    Words() = default;
    Words(std::uint64_t x) : v(Vector{} + x) {}
    explicit Words(Vector x) : v(x) {}

    std::uint64_t operator[](int i) const { return v[i]; }
    void set(int i, std::uint64_t x) { v[i] = x; }

    friend Words operator+(Words a, Words b) { return Words(a.v + b.v); }
    friend Words operator-(Words a, Words b) { return Words(a.v - b.v); }
    friend Words operator^(Words a, Words b) { return Words(a.v ^ b.v); }
    friend Words operator&(Words a, Words b) { return Words(a.v & b.v); }
    friend Words operator|(Words a, Words b) { return Words(a.v | b.v); }
    friend Words operator<<(Words a, int n) { return Words(a.v << n); }
    friend Words operator>>(Words a, int n) { return Words(a.v >> n); }
    friend Mask<W> operator==(Words a, Words b) { return {a.v == b.v}; }
};

/// Lanes of a scalar type: 1 for double.
template <class R>
inline constexpr int width = 1;
template <int W>
inline constexpr int width<Lanes<W>> = W;

// The bits of a lane, and back.
template <int W>
Words<W> as_words(Lanes<W> x) { Words<W> r; std::memcpy(&r, &x, sizeof r); return r; }
template <int W>
Lanes<W> as_lanes(Words<W> x) { Lanes<W> r; std::memcpy(&r, &x, sizeof r); return r; }
template <int W>
Words<W> as_words(Mask<W> x) { Words<W> r; std::memcpy(&r, &x, sizeof r); return r; }

/// m ? a : b, lane by lane; no branch.
template <int W>
Lanes<W> select(Mask<W> m, Lanes<W> a, Lanes<W> b) {
    return Lanes<W>(m.v ? a.v : b.v);
}
template <int W>
Words<W> select(Mask<W> m, Words<W> a, Words<W> b) {
    return Words<W>(m.v ? a.v : b.v);
}
inline double select(bool m, double a, double b) { return m ? a : b; }

template <int W>
bool any(Mask<W> m) { bool r = false; for (int i = 0; i < W; ++i) r |= m.v[i] != 0; return r; }
template <int W>
bool all(Mask<W> m) { bool r = true; for (int i = 0; i < W; ++i) r &= m.v[i] != 0; return r; }
inline bool any(bool m) { return m; }
inline bool all(bool m) { return m; }

template <int W>
Lanes<W> abs(Lanes<W> x) { return as_lanes<W>(as_words(x) & Words<W>(0x7fffffffffffffffULL)); }
inline double abs(double x) { return std::fabs(x); }

/// a < b ? b : a: the larger, and a where either is NaN.
template <class R>
R larger(R a, R b) { return select(a < b, b, a); }
/// b < a ? b : a: the smaller, and a where either is NaN.
template <class R>
R smaller(R a, R b) { return select(b < a, b, a); }

/// Neither infinite nor NaN.
template <class R>
auto finite(R x) { return abs(x) <= R(0x1.fffffffffffffp1023); }

namespace detail {

// The vector operations that C++ vectors lack, at the processor's own width; wider lanes are made of several of these.
#if defined(__AVX512F__)
inline constexpr int native = 8;
using NativeDoubles = __m512d;
using NativeWords = __m512i;
inline __m512d fma_native(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
inline __m512d sqrt_native(__m512d a) { return _mm512_sqrt_pd(a); }
inline __m512i mul_native(__m512i a, __m512i b) { return _mm512_mul_epu32(a, b); }
#elif defined(__AVX2__) && defined(__FMA__)
inline constexpr int native = 4;
using NativeDoubles = __m256d;
using NativeWords = __m256i;
inline __m256d fma_native(__m256d a, __m256d b, __m256d c) { return _mm256_fmadd_pd(a, b, c); }
inline __m256d sqrt_native(__m256d a) { return _mm256_sqrt_pd(a); }
inline __m256i mul_native(__m256i a, __m256i b) { return _mm256_mul_epu32(a, b); }
#elif defined(__x86_64__)
inline constexpr int native = 2;
using NativeDoubles = __m128d;
using NativeWords = __m128i;
inline __m128d fma_native(__m128d a, __m128d b, __m128d c) {
    return _mm_set_pd(std::fma(a[1], b[1], c[1]), std::fma(a[0], b[0], c[0]));
}
inline __m128d sqrt_native(__m128d a) { return _mm_sqrt_pd(a); }
inline __m128i mul_native(__m128i a, __m128i b) { return _mm_mul_epu32(a, b); }
#else
inline constexpr int native = 1;
using NativeDoubles = double;
using NativeWords = std::uint64_t;
inline double fma_native(double a, double b, double c) { return std::fma(a, b, c); }
inline double sqrt_native(double a) { return std::sqrt(a); }
inline std::uint64_t mul_native(std::uint64_t a, std::uint64_t b) { return (a & 0xffffffffU) * (b & 0xffffffffU); }
#endif

template <class Native, class F, class T>
T in_native_parts(F f, const T& a, const T& b, const T& c) {
    T r;
    constexpr std::size_t parts = sizeof(T) / sizeof(Native);
    for (std::size_t i = 0; i < parts; ++i) {
        Native x, y, z;
        auto at = [i](auto& t) { return reinterpret_cast<const char*>(&t) + i * sizeof(Native); };
        std::memcpy(&x, at(a), sizeof x);
        std::memcpy(&y, at(b), sizeof y);
        std::memcpy(&z, at(c), sizeof z);
        x = f(x, y, z);
        std::memcpy(reinterpret_cast<char*>(&r) + i * sizeof(Native), &x, sizeof x);
    }
    return r;
}

}  // namespace detail

/// a b + c, rounded once.
template <int W>
Lanes<W> fma(Lanes<W> a, Lanes<W> b, Lanes<W> c) {
    if constexpr (detail::native > 1 && W >= detail::native) {
        using Native = detail::NativeDoubles;
        return detail::in_native_parts<Native>([](auto x, auto y, auto z) { return detail::fma_native(x, y, z); }, a, b, c);
    } else {
        Lanes<W> r;
        for (int i = 0; i < W; ++i) r.v[i] = std::fma(a.v[i], b.v[i], c.v[i]);
        return r;
    }
}
inline double fma(double a, double b, double c) { return std::fma(a, b, c); }

template <int W>
Lanes<W> sqrt(Lanes<W> x) {
    if constexpr (detail::native > 1 && W >= detail::native) {
        using Native = detail::NativeDoubles;
        return detail::in_native_parts<Native>([](auto a, auto, auto) { return detail::sqrt_native(a); }, x, x, x);
    } else {
        Lanes<W> r;
        for (int i = 0; i < W; ++i) r.v[i] = std::sqrt(x.v[i]);
        return r;
    }
}
inline double sqrt(double x) { return std::sqrt(x); }

/// The full 64-bit product of the low 32 bits of each word.
template <int W>
Words<W> multiply_low_halves(Words<W> a, Words<W> b) {
    if constexpr (detail::native > 1 && W >= detail::native) {
        using Native = detail::NativeWords;
        return detail::in_native_parts<Native>([](auto x, auto y, auto) { return detail::mul_native(x, y); }, a, b, b);
    } else {
        return Words<W>((a.v & 0xffffffffULL) * (b.v & 0xffffffffULL));
    }
}

/// Applies f(lane index) -> double to each lane: always right, never fast.
template <class R, class F>
R each_lane(F f) {
    if constexpr (width<R> == 1 && requires(R x) { x = 0.0; } && sizeof(R) == sizeof(double) && !requires(R x) { x.v; }) {
        return f(0);
    } else {
        R r;
        for (int i = 0; i < width<R>; ++i) r.v[i] = f(i);
        return r;
    }
}

/// Lane i of x; x itself when R is double.
inline double lane(double x, int) { return x; }
template <int W>
double lane(const Lanes<W>& x, int i) { return x.v[i]; }

/// Reads and writes width<R> consecutive doubles.
template <class R>
R load(const double* p) { R r; std::memcpy(&r, p, sizeof r); return r; }
template <class R>
void store(double* p, const R& x) { std::memcpy(p, &x, sizeof x); }

}  // namespace foldback::inline FOLDBACK_ISA
