#pragma once
#include "models/laws/inverse_gaussian.hpp"
#include "models/laws/start.hpp"
#include "sim/elementary.hpp"
#include "sim/model.hpp"
#include "sim/random_map.hpp"
#include "sim/settings.hpp"

namespace foldback {

/// On (0, inf): x -> 1/(Y + x), Y ~ Gamma(l, rate g): random continued fractions. Stationary law GIG, density
/// proportional to x^(-l-1) exp(-g (x + 1/x)) (Letac and Seshadri, Z. Wahrsch. 62, 1983).
///
/// In the metric |log x - log y| one map has Lipschitz constant 1, since d log f / d log x = -x / (Y + x). Two maps:
/// f(x) = 1/(Y_1 + 1/(Y_2 + x)) has
///     d log f / d log x = x / (x + Y_2) * 1 / (1 + Y_1 (x + Y_2)) <= 1 / (1 + Y_1 Y_2),
/// a bound that does not change when Y_1 and Y_2 change places. So the product over the disjoint pairs (1, 2), (3, 4),
/// ... bounds F_n, where f_2 is outside f_1, and B_n, where it is inside, alike.
struct ContinuedFraction {
    static constexpr const char* kind = "continued_fraction";
    static constexpr const char* summary =
        "x -> 1/(Y + x) on (0, inf), Y ~ Gamma(l, rate g); GIG; contracts in |log x - log y|";
    static constexpr const char* example = "[model]\nkind = \"continued_fraction\"\nl    = 1.0\ng    = 1.0\n";
    static constexpr const char* metric = "log";
    static constexpr Bits bits = Bits::portable;

    double l, g;

    static ContinuedFraction from(Settings& table) {
        const double l = table.number("l", Range::closed(1e-2, 1e4));
        return {l, table.number("g", Range::closed(1e-4, 1e4))};
    }
    std::vector<NamedArray> parameters() const { return {{"l", {}, {l}}, {"g", {}, {g}}}; }
    void check_start(std::span<const double> x) const {
        require_start(x, 1e-300, 1e300, "(0, inf), here from 1e-300 to 1e300");
    }

    template <class R>
    struct Parameter {
        R y;
    };
    Consumption consumption() const { return {}; }
    template <class R>
    Parameter<R> draw(Noise<R>& w) const {
        return {w.general([this](auto& stream) { return gamma(stream, l); }) / R(g)};
    }
    template <class P, class R>
    void apply(const P& p, R& x) const {
        x = R(1.0) / (p.y + x);
    }

    /// |log x - log y|, to full relative precision also where x and y are close.
    template <class R>
    R distance(const R& x, const R& y) const {
        const R high = larger(x, y), low = smaller(x, y);
        return elementary::log1p((high - low) / low);
    }
    template <class R>
    R magnitude(const R&) const {
        return R(1.0);
    }

    template <class R>
    R lipschitz(const Parameter<R>&) const {
        return R(1.0);
    }

    template <class R>
    class Gain {
      public:
        void append(const ContinuedFraction&, const Parameter<R>& p) {
            if (paired_)
                value_ /= R(1.0) + first_ * p.y;
            else
                first_ = p.y;
            paired_ = !paired_;
        }
        R value() const { return value_; }

      private:
        R value_ = R(1.0), first_ = R(0.0);
        bool paired_ = false;  // whether first_ waits for its partner
    };

    /// (a x + b) / (c x + d), scaled by powers of two so that the largest entry is in [1, 2).
    template <class R>
    struct Composition {
        R a, b, c, d;
    };
    template <class R>
    Composition<R> identity() const {
        return {R(1.0), R(0.0), R(0.0), R(1.0)};
    }
    template <class R>
    void compose(Composition<R>& m, const Parameter<R>& p) const {
        m = {m.b, m.a + m.b * p.y, m.d, m.c + m.d * p.y};
        const R scale = inverse_power_of_two(larger(larger(m.a, m.b), larger(m.c, m.d)));
        m = {m.a * scale, m.b * scale, m.c * scale, m.d * scale};
    }
    template <class R>
    void evaluate(const Composition<R>& m, R& x) const {
        x = (m.a * x + m.b) / (m.c * x + m.d);
    }

    Truth truth() const;

  private:
    /// 2^-k for x in [2^k, 2^(k+1)), |k| < 1022.
    template <class R>
    static R inverse_power_of_two(R x) {
        constexpr int W = width<R>;
        const Words<W> power =
            as_words(load<Lanes<W>>(reinterpret_cast<const double*>(&x))) & Words<W>(0x7ff0000000000000ULL);
        const Lanes<W> inverse = as_lanes<W>(Words<W>(0x7fe0000000000000ULL) - power);
        R result;
        std::memcpy(&result, &inverse, sizeof result);
        return result;
    }
};

inline Truth ContinuedFraction::truth() const {
    Truth t;
    const auto factor = [l = l, g = g](const std::function<double(double)>& h) {
        return gamma_product_expectation(l, g, h);
    };
    t.maps_per_factor = 2;
    t.lipschitz_moment = [factor](double p) -> std::optional<Fact> {
        return Fact{factor([p](double yy) { return std::exp(-p * std::log1p(yy)); }), Label::bound};
    };
    t.lipschitz_sure = Fact{1, Label::bound};
    const double mean = factor([](double yy) { return std::log1p(yy); });
    t.chi = Fact{-mean / 2, Label::bound};
    t.log_lipschitz_variance = Fact{factor([mean](double yy) { return std::pow(std::log1p(yy) - mean, 2); })};
    t.displacement = [l = l, g = g](std::span<const double> x, double p) -> std::optional<Fact> {
        if (std::isinf(p)) return std::nullopt;
        return Fact{log_displacement(l, g, x[0], p)};
    };
    const InverseGaussian law = generalized_inverse_gaussian(l, g);
    t.mean = {law.mean};
    t.covariance = {law.variance};
    t.marginals = {law.law};
    t.note = "the metric is |log x - log y|; contraction constants are those of pairs of maps";
    return t;
}

}  // namespace foldback
