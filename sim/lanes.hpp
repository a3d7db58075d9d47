#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
// All of x86's vector instructions are half a second of every unit that includes them: only where they are used.
#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "sim/isa.hpp"

// Operations on lanes are a few instructions each, and gcc keeps what it does not inline in memory.
#define FOLDBACK_LANES [[gnu::always_inline]]

// W replicas side by side: the scalar type over which models are instantiated in the kernels. Every operation acts on
// each lane as IEEE double arithmetic does on one number, so that a lane's bits never depend on W.
namespace foldback::inline FOLDBACK_ISA {

namespace detail {

template <class T, int W>
struct VectorOf;
template <class V, class T>
void put(V& v, int i, T x);

/// Two vectors side by side, for lanes that do not fit a register: gcc keeps longer vectors of its own in memory.
template <class T, class Half>
struct Wide {
    Half low, high;

    using Compared = Wide<std::int64_t, typename VectorOf<std::int64_t, sizeof(Half) / sizeof(T)>::type>;
    static constexpr std::size_t half = sizeof(Half) / sizeof(T);
    T operator[](int i) const { return std::size_t(i) < half ? low[i] : high[i - int(half)]; }
    void set(int i, T x) { if (std::size_t(i) < half) put(low, i, x); else put(high, i - int(half), x); }

    FOLDBACK_LANES friend Wide operator+(const Wide& a, const Wide& b) { return {a.low + b.low, a.high + b.high}; }
    FOLDBACK_LANES friend Wide operator-(const Wide& a, const Wide& b) { return {a.low - b.low, a.high - b.high}; }
    FOLDBACK_LANES friend Wide operator*(const Wide& a, const Wide& b) { return {a.low * b.low, a.high * b.high}; }
    FOLDBACK_LANES friend Wide operator/(const Wide& a, const Wide& b) { return {a.low / b.low, a.high / b.high}; }
    FOLDBACK_LANES friend Wide operator-(const Wide& a) { return {-a.low, -a.high}; }
    FOLDBACK_LANES friend Wide operator^(const Wide& a, const Wide& b) { return {a.low ^ b.low, a.high ^ b.high}; }
    FOLDBACK_LANES friend Wide operator&(const Wide& a, const Wide& b) { return {a.low & b.low, a.high & b.high}; }
    FOLDBACK_LANES friend Wide operator|(const Wide& a, const Wide& b) { return {a.low | b.low, a.high | b.high}; }
    FOLDBACK_LANES friend Wide operator~(const Wide& a) { return {~a.low, ~a.high}; }
    FOLDBACK_LANES friend Wide operator<<(const Wide& a, int n) { return {a.low << n, a.high << n}; }
    FOLDBACK_LANES friend Wide operator>>(const Wide& a, int n) { return {a.low >> n, a.high >> n}; }
    FOLDBACK_LANES friend auto operator<(const Wide& a, const Wide& b) { return Compared{a.low < b.low, a.high < b.high}; }
    FOLDBACK_LANES friend auto operator<=(const Wide& a, const Wide& b) { return Compared{a.low <= b.low, a.high <= b.high}; }
    FOLDBACK_LANES friend auto operator>(const Wide& a, const Wide& b) { return Compared{a.low > b.low, a.high > b.high}; }
    FOLDBACK_LANES friend auto operator>=(const Wide& a, const Wide& b) { return Compared{a.low >= b.low, a.high >= b.high}; }
    FOLDBACK_LANES friend auto operator==(const Wide& a, const Wide& b) { return Compared{a.low == b.low, a.high == b.high}; }
    FOLDBACK_LANES friend auto operator!=(const Wide& a, const Wide& b) { return Compared{a.low != b.low, a.high != b.high}; }
};

// gcc 12 takes an attribute whose size depends on W for the plain scalar type; explicit sizes behind a name do not.
template <class T, int W>
struct VectorOf {
    using type = Wide<T, typename VectorOf<T, W / 2>::type>;
};
#define FOLDBACK_VECTOR(T, W) \
    template <> \
    struct VectorOf<T, W> { typedef T type __attribute__((vector_size(W * 8))); };
#define FOLDBACK_VECTORS(W) FOLDBACK_VECTOR(double, W) FOLDBACK_VECTOR(std::int64_t, W) FOLDBACK_VECTOR(std::uint64_t, W)
FOLDBACK_VECTORS(1)
FOLDBACK_VECTORS(2)
#if defined(__AVX__)
FOLDBACK_VECTORS(4)
#endif
#if defined(__AVX512F__)
FOLDBACK_VECTORS(8)
#endif
#undef FOLDBACK_VECTORS
#undef FOLDBACK_VECTOR

template <class V>
inline constexpr bool is_wide = requires(V v) { v.low; };

template <class V, class T>
FOLDBACK_LANES inline V splat(T x) {
    if constexpr (is_wide<V>) {
        return {splat<decltype(V::low)>(x), splat<decltype(V::low)>(x)};
    } else {
        return x - V{};  // not 0 + x, which would turn -0 into +0
    }
}

template <class V, class T>
void put(V& v, int i, T x) {
    if constexpr (is_wide<V>) v.set(i, x); else v[i] = x;
}

/// The bits of a register's lanes as lanes of type T.
template <class T, class V>
FOLDBACK_LANES inline auto bits_as(const V& v) {
    typedef typename VectorOf<T, int(sizeof v / 8)>::type Vector;
    return (Vector)v;
}

/// f(part of a, part of b, ...) of every register that a, b, ... fill, side by side: one after the other, which takes fewer
/// registers than all at once. Each is a vector type of the same number of lanes.
template <class F, class V, class... Vs>
FOLDBACK_LANES inline auto in_registers(const F& f, const V& a, const Vs&... more) {
    if constexpr (is_wide<V>) {
        using Half = decltype(in_registers(f, a.low, more.low...));
        using T = std::remove_cvref_t<decltype(std::declval<const Half&>()[0])>;
        return Wide<T, Half>{in_registers(f, a.low, more.low...), in_registers(f, a.high, more.high...)};
    } else {
        return f(a, more...);
    }
}

}  // namespace detail

/// One truth value per lane (all bits set or none).
template <int W>
struct Mask {
    using Vector = typename detail::VectorOf<std::int64_t, W>::type;
    Vector v;

    FOLDBACK_LANES friend Mask operator&(const Mask& a, const Mask& b) { return {a.v & b.v}; }
    FOLDBACK_LANES friend Mask operator|(const Mask& a, const Mask& b) { return {a.v | b.v}; }
    FOLDBACK_LANES friend Mask operator!(const Mask& a) { return {~a.v}; }
    bool operator[](int i) const { return v[i] != 0; }
};

/// W doubles, one per replica.
template <int W>
struct Lanes {
    using Vector = typename detail::VectorOf<double, W>::type;
    Vector v;

    Lanes() = default;
    Lanes(double x) : v(detail::splat<Vector>(x)) {}
    explicit Lanes(Vector x) : v(x) {}

    double operator[](int i) const { return v[i]; }
    void set(int i, double x) { detail::put(v, i, x); }

    Lanes& operator+=(const Lanes& b) { v = v + b.v; return *this; }
    Lanes& operator-=(const Lanes& b) { v = v - b.v; return *this; }
    Lanes& operator*=(const Lanes& b) { v = v * b.v; return *this; }
    Lanes& operator/=(const Lanes& b) { v = v / b.v; return *this; }
    FOLDBACK_LANES friend Lanes operator+(const Lanes& a, const Lanes& b) { return Lanes(a.v + b.v); }
    FOLDBACK_LANES friend Lanes operator-(const Lanes& a, const Lanes& b) { return Lanes(a.v - b.v); }
    FOLDBACK_LANES friend Lanes operator*(const Lanes& a, const Lanes& b) { return Lanes(a.v * b.v); }
    FOLDBACK_LANES friend Lanes operator/(const Lanes& a, const Lanes& b) { return Lanes(a.v / b.v); }
    FOLDBACK_LANES friend Lanes operator-(const Lanes& a) { return Lanes(-a.v); }
    FOLDBACK_LANES friend Mask<W> operator<(const Lanes& a, const Lanes& b) { return {a.v < b.v}; }
    FOLDBACK_LANES friend Mask<W> operator<=(const Lanes& a, const Lanes& b) { return {a.v <= b.v}; }
    FOLDBACK_LANES friend Mask<W> operator>(const Lanes& a, const Lanes& b) { return {a.v > b.v}; }
    FOLDBACK_LANES friend Mask<W> operator>=(const Lanes& a, const Lanes& b) { return {a.v >= b.v}; }
    FOLDBACK_LANES friend Mask<W> operator==(const Lanes& a, const Lanes& b) { return {a.v == b.v}; }
    FOLDBACK_LANES friend Mask<W> operator!=(const Lanes& a, const Lanes& b) { return {a.v != b.v}; }
};

/// W unsigned 64-bit words, one per replica.
template <int W>
struct Words {
    using Vector = typename detail::VectorOf<std::uint64_t, W>::type;
    Vector v;

    Words() = default;
    Words(std::uint64_t x) : v(detail::splat<Vector>(x)) {}
    explicit Words(Vector x) : v(x) {}

    std::uint64_t operator[](int i) const { return v[i]; }
    void set(int i, std::uint64_t x) { detail::put(v, i, x); }

    FOLDBACK_LANES friend Words operator+(const Words& a, const Words& b) { return Words(a.v + b.v); }
    FOLDBACK_LANES friend Words operator-(const Words& a, const Words& b) { return Words(a.v - b.v); }
    FOLDBACK_LANES friend Words operator^(const Words& a, const Words& b) { return Words(a.v ^ b.v); }
    FOLDBACK_LANES friend Words operator&(const Words& a, const Words& b) { return Words(a.v & b.v); }
    FOLDBACK_LANES friend Words operator|(const Words& a, const Words& b) { return Words(a.v | b.v); }
    FOLDBACK_LANES friend Words operator~(const Words& a) { return Words(~a.v); }
    FOLDBACK_LANES friend Words operator<<(const Words& a, int n) { return Words(a.v << n); }
    FOLDBACK_LANES friend Words operator>>(const Words& a, int n) { return Words(a.v >> n); }
    FOLDBACK_LANES friend Mask<W> operator==(const Words& a, const Words& b) { return {a.v == b.v}; }
};

/// Lanes of a scalar type: 1 for double.
template <class R>
inline constexpr int width = 1;
template <int W>
inline constexpr int width<Lanes<W>> = W;

// The bits of a lane, and back.
template <int W>
FOLDBACK_LANES inline Words<W> as_words(const Lanes<W>& x) { return Words<W>(detail::in_registers([](auto v) { return detail::bits_as<std::uint64_t>(v); }, x.v)); }
template <int W>
FOLDBACK_LANES inline Lanes<W> as_lanes(const Words<W>& x) { return Lanes<W>(detail::in_registers([](auto v) { return detail::bits_as<double>(v); }, x.v)); }
template <int W>
FOLDBACK_LANES inline Words<W> as_words(const Mask<W>& x) { return Words<W>(detail::in_registers([](auto v) { return detail::bits_as<std::uint64_t>(v); }, x.v)); }

namespace detail {

template <class M, class V>
FOLDBACK_LANES inline V select(const M& m, const V& a, const V& b) {
    if constexpr (is_wide<V>) return {select(m.low, a.low, b.low), select(m.high, a.high, b.high)};
    else return m ? a : b;
}

/// Whether some lane's bits are set.
template <class M>
FOLDBACK_LANES inline bool any(const M& m) {
    if constexpr (is_wide<M>) {
        return any(m.low | m.high);
    } else {
#if defined(__AVX512F__)
        if constexpr (sizeof m == 64) return _mm512_test_epi64_mask(__m512i(m), __m512i(m)) != 0;
#elif defined(__AVX__)
        if constexpr (sizeof m == 32) return _mm256_testz_si256(__m256i(m), __m256i(m)) == 0;
#endif
        std::int64_t bits = 0;
        for (std::size_t i = 0; i < sizeof m / 8; ++i) bits |= m[i];
        return bits != 0;
    }
}

}  // namespace detail

// Two groups of lanes side by side, and back.
template <int W>
FOLDBACK_LANES inline Lanes<2 * W> join(const Lanes<W>& low, const Lanes<W>& high) {
    static_assert(W >= widest);
    return Lanes<2 * W>({low.v, high.v});
}
template <int W>
FOLDBACK_LANES inline Lanes<W / 2> low_half(const Lanes<W>& x) { return Lanes<W / 2>(x.v.low); }
template <int W>
FOLDBACK_LANES inline Lanes<W / 2> high_half(const Lanes<W>& x) { return Lanes<W / 2>(x.v.high); }

/// The lanes W i, ..., W i + W - 1 of x, for an i known at run-time only.
template <int W, template <int> class T, int V>
FOLDBACK_LANES inline T<W> part(const T<V>& x, std::size_t i) {
    if constexpr (V == W) return x;
    T<W> r;
    std::memcpy(&r, reinterpret_cast<const char*>(&x) + i * sizeof r, sizeof r);
    return r;
}

/// f of every register that x fills, one after the other: for functions that need many registers themselves.
template <int W, class F>
Lanes<W> by_register(Lanes<W> x, const F& f) {
    if constexpr (W > widest) return join(by_register(low_half(x), f), by_register(high_half(x), f));
    else return f(x);
}

/// m ? a : b, lane by lane; no branch.
template <int W>
FOLDBACK_LANES inline Lanes<W> select(const Mask<W>& m, const Lanes<W>& a, const Lanes<W>& b) {
    return Lanes<W>(detail::select(m.v, a.v, b.v));
}
template <int W>
FOLDBACK_LANES inline Words<W> select(const Mask<W>& m, const Words<W>& a, const Words<W>& b) {
    return Words<W>(detail::select(m.v, a.v, b.v));
}
inline double select(bool m, double a, double b) { return m ? a : b; }

template <int W>
FOLDBACK_LANES inline bool any(const Mask<W>& m) { return detail::any(m.v); }
template <int W>
FOLDBACK_LANES inline bool all(const Mask<W>& m) { return !detail::any(~m.v); }
inline bool any(bool m) { return m; }
inline bool all(bool m) { return m; }

template <int W>
FOLDBACK_LANES inline Lanes<W> abs(const Lanes<W>& x) { return as_lanes<W>(as_words(x) & Words<W>(0x7fffffffffffffffULL)); }
inline double abs(double x) { return std::fabs(x); }

/// a < b ? b : a: the larger, and a where either is NaN.
template <class R>
FOLDBACK_LANES inline R larger(const R& a, const R& b) { return select(a < b, b, a); }
/// b < a ? b : a: the smaller, and a where either is NaN.
template <class R>
FOLDBACK_LANES inline R smaller(const R& a, const R& b) { return select(b < a, b, a); }

/// Neither infinite nor NaN.
template <class R>
FOLDBACK_LANES inline auto finite(const R& x) { return abs(x) <= R(0x1.fffffffffffffp1023); }

namespace detail {

// The operations that C++ vectors lack, on one register; on fewer lanes than one, lane by lane.
template <class V>
FOLDBACK_LANES inline V fma_in_register(const V& a, const V& b, const V& c) {
#if defined(__AVX512F__)
    if constexpr (sizeof a == 64) return V(_mm512_fmadd_pd(__m512d(a), __m512d(b), __m512d(c)));
#endif
#if defined(__AVX2__) && defined(__FMA__)
    if constexpr (sizeof a == 32) return V(_mm256_fmadd_pd(__m256d(a), __m256d(b), __m256d(c)));
#endif
    V r{};
    for (std::size_t i = 0; i < sizeof a / 8; ++i) r[i] = std::fma(a[i], b[i], c[i]);
    return r;
}

template <class V>
FOLDBACK_LANES inline V sqrt_in_register(const V& a) {
#if defined(__AVX512F__)
    if constexpr (sizeof a == 64) return V(_mm512_sqrt_pd(__m512d(a)));
#endif
#if defined(__AVX__)
    if constexpr (sizeof a == 32) return V(_mm256_sqrt_pd(__m256d(a)));
#endif
#if defined(__x86_64__)
    if constexpr (sizeof a == 16) return V(_mm_sqrt_pd(__m128d(a)));
#endif
    V r{};
    for (std::size_t i = 0; i < sizeof a / 8; ++i) r[i] = std::sqrt(a[i]);
    return r;
}

// a < b ? b : a. x86 answers with the second operand where they are equal or one is NaN.
template <class V>
FOLDBACK_LANES inline V larger_in_register(const V& a, const V& b) {
#if defined(__AVX512F__)
    if constexpr (sizeof a == 64) return V(_mm512_max_pd(__m512d(b), __m512d(a)));
#endif
#if defined(__AVX__)
    if constexpr (sizeof a == 32) return V(_mm256_max_pd(__m256d(b), __m256d(a)));
#endif
    return a < b ? b : a;
}

// b < a ? b : a, likewise.
template <class V>
FOLDBACK_LANES inline V smaller_in_register(const V& a, const V& b) {
#if defined(__AVX512F__)
    if constexpr (sizeof a == 64) return V(_mm512_min_pd(__m512d(b), __m512d(a)));
#endif
#if defined(__AVX__)
    if constexpr (sizeof a == 32) return V(_mm256_min_pd(__m256d(b), __m256d(a)));
#endif
    return b < a ? b : a;
}

template <class V>
FOLDBACK_LANES inline V multiply_in_register(const V& a, const V& b) {
#if defined(__AVX512F__)
    if constexpr (sizeof a == 64) return V(_mm512_mul_epu32(__m512i(a), __m512i(b)));
#endif
#if defined(__AVX2__)
    if constexpr (sizeof a == 32) return V(_mm256_mul_epu32(__m256i(a), __m256i(b)));
#endif
#if defined(__x86_64__)
    if constexpr (sizeof a == 16) return V(_mm_mul_epu32(__m128i(a), __m128i(b)));
#endif
    return (a & splat<V>(std::uint64_t{0xffffffff})) * (b & splat<V>(std::uint64_t{0xffffffff}));
}

}  // namespace detail

/// a b + c, rounded once.
template <int W>
FOLDBACK_LANES inline Lanes<W> fma(const Lanes<W>& a, const Lanes<W>& b, const Lanes<W>& c) {
    return Lanes<W>(detail::in_registers([](auto x, auto y, auto z) { return detail::fma_in_register(x, y, z); }, a.v, b.v, c.v));
}
inline double fma(double a, double b, double c) { return std::fma(a, b, c); }

template <int W>
FOLDBACK_LANES inline Lanes<W> larger(const Lanes<W>& a, const Lanes<W>& b) {
    return Lanes<W>(detail::in_registers([](auto x, auto y) { return detail::larger_in_register(x, y); }, a.v, b.v));
}
template <int W>
FOLDBACK_LANES inline Lanes<W> smaller(const Lanes<W>& a, const Lanes<W>& b) {
    return Lanes<W>(detail::in_registers([](auto x, auto y) { return detail::smaller_in_register(x, y); }, a.v, b.v));
}

template <int W>
FOLDBACK_LANES inline Lanes<W> sqrt(const Lanes<W>& x) {
    return Lanes<W>(detail::in_registers([](auto a) { return detail::sqrt_in_register(a); }, x.v));
}
inline double sqrt(double x) { return std::sqrt(x); }

/// The full 64-bit product of the low 32 bits of each word.
template <int W>
FOLDBACK_LANES inline Words<W> multiply_low_halves(const Words<W>& a, const Words<W>& b) {
    return Words<W>(detail::in_registers([](auto x, auto y) { return detail::multiply_in_register(x, y); }, a.v, b.v));
}

/// Applies f(lane index) -> double to each lane: always right, never fast.
template <class R, class F>
R each_lane(F f) {
    if constexpr (width<R> == 1 && requires(R x) { x = 0.0; } && sizeof(R) == sizeof(double) && !requires(R x) { x.v; }) {
        return f(0);
    } else {
        R r;
        for (int i = 0; i < width<R>; ++i) r.set(i, f(i));
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
