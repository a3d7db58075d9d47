#pragma once
#include <cmath>
#include <type_traits>

#include "models/composite/perturbation.hpp"
#include "models/composite/tape.hpp"
#include "sim/dual.hpp"
#include "sim/lanes.hpp"

namespace foldback {

/// Where a perturbation at one signal has its draws among those of a step; where a stale one has its ring of the last values in
/// the state, the oldest first, and where in the scratch it keeps the new one.
struct PerturbationSite {
    std::size_t perturbation = 0, first_draw = 0;
    std::size_t first_old = 0, first_new = 0, count = 0;  ///< count: numbers of one value
};

/// The perturbations of a chain, laid out: by pass and operator (counted from 0) which act there, in their order.
struct Perturbations {
    std::vector<Perturbation> list;
    double amplitude = 1;  ///< a factor on all of them
    std::vector<std::vector<PerturbationSite>> forward, backward, gradient;
    std::size_t draws = 0;  ///< numbers that a step draws for all signals
    std::uint32_t normals = 0, uniforms = 0, coins = 0;

    const std::vector<PerturbationSite>& of(Perturbation::Pass pass, std::size_t n) const {
        return (pass == Perturbation::Pass::forward ? forward : pass == Perturbation::Pass::backward ? backward : gradient)[n];
    }
    bool any(Perturbation::Pass pass) const {
        for (const Perturbation& p : list)
            if (p.pass == pass) return true;
        return false;
    }
    bool needs_clean = false;          ///< whether a step needs the unperturbed pass as well
    std::size_t longest_gradient = 0;  ///< of the operators whose gradients are perturbed themselves
    std::size_t memory = 0;            ///< numbers in the rings of all stale signals
    std::size_t fresh = 0;             ///< numbers of their values
};

/// Lays them out for mini-batches of that many rows.
Perturbations lay_out(std::vector<Perturbation> list, double amplitude, const std::vector<Operator>& chain, std::size_t rows);

inline namespace FOLDBACK_ISA {
namespace composite {

template <class R>
const R& value_of(const R& x) {
    return x;
}
template <class R, int D>
const R& value_of(const Dual<R, D>& x) {
    return x.value;
}
/// Moves x to `value` by something that derivatives take for constant.
template <class R>
void set_value(R& x, const R& value) {
    x = value;
}
template <class R, int D>
void set_value(Dual<R, D>& x, const R& value) {
    x.value = value;
}

/// The perturbations of one step, drawn. `draws`: as PerturbationSite counts them; `factor`: by perturbation, amplitude
/// times schedule. Rounding, sparsification and top-k move x~ by something that derivatives take for constant.
template <class X, class R>
struct Disturbance {
    const Perturbations* all;
    const R* draws;
    const R* factor;
    R* room;  ///< for the longest signal
    /// The unperturbed pass, where somebody needs it; else its base is null.
    Tape<X> clean{nullptr, nullptr, 0};
    /// -1 turns every zero-mean draw into its negative.
    double sign = 1;
    /// The rings of stale signals, and room for their new values; null where there are none.
    const X* old = nullptr;
    X* fresh = nullptr;

    using Pass = Perturbation::Pass;
    using Kind = Perturbation::Kind;

    void forward(std::size_t n, X* v, std::size_t count) const {
        for (const PerturbationSite& site : all->forward[n - 1])
            act(site, v, count, clean.base ? clean.x(n) : nullptr, clean.base ? clean.u(n) : nullptr);
    }
    void backward(std::size_t n, X* v, std::size_t count) const {
        for (const PerturbationSite& site : all->backward[n - 1])
            act(site, v, count, clean.base ? clean.u(n) : nullptr, clean.base ? clean.u(n) : nullptr);
    }
    void gradient(std::size_t n, X* v, std::size_t count) const {
        for (const PerturbationSite& site : all->gradient[n - 1]) act(site, v, count, nullptr, nullptr);
    }

  private:
    // `truth`: the unperturbed signal, `steepest`: where to go if the two are still equal.
    void act(const PerturbationSite& site, X* v, std::size_t count, const X* truth, const X* steepest) const {
        const Perturbation& p = all->list[site.perturbation];
        const R* drawn = draws + site.first_draw;
        const X s(factor[site.perturbation]);
        if (p.additive())
            add_noise(s * X(sign) * scale(p, v, count, 1), drawn, v, count);
        else if (p.kind == Kind::bias)
            add_bias(p, s * scale(p, v, count, double(count)), v, count);
        else if (p.kind == Kind::adversarial)
            add_worst(s * scale(p, v, count, double(count)), v, count, truth, steepest);
        else if (p.kind == Kind::top_k)
            keep_largest(p, s, v, count);
        else if (p.kind == Kind::stale)
            recall(s, old + site.first_old, fresh + site.first_new, v, count);
        else
            round_or_drop(p, s, drawn, v, count);
    }

    // At s = 1 the old value itself, and at s = 0 the new one: without the rounding of a sum.
    static void recall(const X& s, const X* from, X* kept, X* v, std::size_t count) {
        const auto all = s == X(1.0), none = s == X(0.0);
        for (std::size_t i = 0; i < count; ++i) {
            kept[i] = v[i];
            v[i] = select(all, from[i], select(none, v[i], fma(s, from[i] - v[i], v[i])));
        }
    }
    static X norm(const X* v, std::size_t count) {
        X square(0.0);
        for (std::size_t i = 0; i < count; ++i) square = fma(v[i], v[i], square);
        return sqrt(square);
    }
    /// 1, or relative: the root mean square of v, times sqrt(weight).
    static X scale(const Perturbation& p, const X* v, std::size_t count, double weight) {
        if (!p.relative) return X(1.0);
        X square(0.0);
        for (std::size_t i = 0; i < count; ++i) square = fma(v[i], v[i], square);
        return sqrt(square * X(weight / double(count)));
    }
    static void add_noise(const X& s, const R* drawn, X* v, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) v[i] = fma(s, X(drawn[i]), v[i]);
    }
    static void add_bias(const Perturbation& p, const X& s, X* v, std::size_t count) {
        const std::size_t width = p.direction.empty() ? count : p.direction.size();
        double square = 0;
        for (double d : p.direction) square += d * d;
        square = p.direction.empty() ? double(count) : square * double(count / width);
        const X share = s / X(std::sqrt(square));
        for (std::size_t i = 0; i < count; ++i)
            v[i] = fma(share, p.direction.empty() ? X(1.0) : X(p.direction[i % width]), v[i]);
    }
    static void add_worst(const X& s, X* v, std::size_t count, const X* truth, const X* steepest) {
        X apart(0.0), steep(0.0);
        for (std::size_t i = 0; i < count; ++i) {
            apart = fma(v[i] - truth[i], v[i] - truth[i], apart);
            steep = fma(steepest[i], steepest[i], steep);
        }
        const X zero(0.0);
        const auto differ = apart > zero;
        const X length = sqrt(select(differ, apart, steep));
        const X share = select(length > zero, s / select(length > zero, length, X(1.0)), zero);
        for (std::size_t i = 0; i < count; ++i)
            v[i] = fma(share, select(differ, v[i] - truth[i], steepest[i]), v[i]);
    }
    // v <- v + s (new - v), new by lane; at s = 1 new itself, which the sum may miss, and v stays where nothing is new:
    // signed zeros, infinities.
    template <class New>
    static void replace(const X& s, X& v, New new_value) {
        const R moved = each_lane<R>([&](int l) {
            const double x = lane(value_of(v), l), size = lane(value_of(s), l), y = size == 0 ? x : new_value(l);
            return y == x ? x : size == 1 ? y : x + size * (y - x);
        });
        set_value(v, moved);
    }
    // Every size is compared with all the others: all are ranked before any is changed.
    void keep_largest(const Perturbation& p, const X& s, X* v, std::size_t count) const {
        if (p.k >= count) return;
        for (std::size_t i = 0; i < count; ++i)
            room[i] = each_lane<R>([&](int l) {
                const double mine = std::abs(lane(value_of(v[i]), l));
                std::size_t before = 0;
                for (std::size_t j = 0; j < count; ++j) {
                    const double other = std::abs(lane(value_of(v[j]), l));
                    before += other > mine || (other == mine && j < i);
                }
                return before < p.k ? 1.0 : 0.0;
            });
        for (std::size_t i = 0; i < count; ++i)
            replace(s, v[i], [&](int l) { return lane(room[i], l) > 0 ? lane(value_of(v[i]), l) : 0.0; });
    }
    void round_or_drop(const Perturbation& p, const X& s, const R* drawn, X* v, std::size_t count) const {
        for (std::size_t i = 0; i < count; ++i)
            replace(s, v[i], [&](int l) {
                const double x = lane(value_of(v[i]), l);
                const double u = p.draws() ? (sign < 0 ? 1 - lane(drawn[i], l) : lane(drawn[i], l)) : 0;
                if (p.kind == Kind::nearest) return p.format.nearest(x);
                if (p.kind == Kind::stochastic_rounding) return p.format.stochastic(x, u);
                return u < p.keep ? x / p.keep : 0.0;
            });
    }
};

}  // namespace composite
}  // namespace FOLDBACK_ISA
}  // namespace foldback
