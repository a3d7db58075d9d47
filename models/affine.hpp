#pragma once
#include "models/laws/affine_family.hpp"
#include "models/laws/choice.hpp"
#include "models/laws/vector_affine.hpp"

namespace foldback {

/// x -> m A_k x + b_k + e in any dimension: one map or a finite family (an iterated function system) with weights, an
/// optional random factor m and optional noise e, added to every component (models/laws/named_law.hpp lists the laws):
///
///     maps   = [ { weight = 0.5, A = 0.5, b = -0.5 }, { weight = 0.5, A = 0.5, b = 0.5 } ]
///     noise  = { distribution = "student_t", degrees = 3.0, scale = 0.1 }
///     factor = { distribution = "uniform", lower = 0.8, upper = 1.2 }
///
/// Cantor's set: A = 1/3, b = 0 and 2/3. Sierpinski's triangle: A = [[0.5, 0], [0, 0.5]] and b = [0, 0], [0.5, 0] and
/// [0.25, 0.5]. The family of the example is Barnsley's fern. A single map needs no weight.
struct Affine : VectorAffineMap {
    static constexpr const char* kind = "affine";
    static constexpr const char* summary =
        "x -> A x + b from a finite weighted family of any dimension, with optional random factor and noise";
    static constexpr const char* example =
        "[model]\n"
        "kind = \"affine\"\n"
        "maps = [ { weight = 0.01, A = [[0.0, 0.0], [0.0, 0.16]],     b = [0.0, 0.0]  },\n"
        "         { weight = 0.85, A = [[0.85, 0.04], [-0.04, 0.85]], b = [0.0, 1.6]  },\n"
        "         { weight = 0.07, A = [[0.2, -0.26], [0.23, 0.22]],  b = [0.0, 1.6]  },\n"
        "         { weight = 0.07, A = [[-0.15, 0.28], [0.26, 0.24]], b = [0.0, 0.44] } ]\n";

    AffineFamily family;

    static Affine from(Settings& table) {
        AffineFamily family = AffineFamily::from(table);
        const int d = family.dimension();
        return {{d}, std::move(family)};
    }
    Bits bits() const { return family.bits(); }
    std::vector<NamedArray> parameters() const { return family.parameters(); }
    Consumption consumption() const { return family.consumption(); }
    Truth truth() const { return family.truth(); }

    template <class R>
    struct Parameter : VectorAffineMap::Parameter<R> {
        Workspace<double> general;  ///< factor and noise of one replica, then of all lanes: (1 + dim), (1 + dim, lanes)
    };
    template <class R>
    Parameter<R> parameter() const;
    template <class R>
    void draw(Noise<R>& w, Parameter<R>& p) const;

  private:
    template <class R>
    void choose_map(Noise<R>& w, Parameter<R>& p) const;
    template <class R>
    void draw_general(Noise<R>& w, Parameter<R>& p) const;
};

template <class R>
Affine::Parameter<R> Affine::parameter() const {
    const std::size_t general = family.is_general() ? std::size_t(1 + dim) * std::size_t(1 + width<R>) : 0;
    return {unset_parameter<R>(), Workspace<double>(general)};
}

template <class R>
void Affine::draw(Noise<R>& w, Parameter<R>& p) const {
    const auto d = std::size_t(dim);
    choose_map(w, p);
    if (family.is_general()) draw_general(w, p);
    const auto value = [&](const NamedLaw& law, std::size_t at) {
        return law.is_general() ? load<R>(&p.general[1 + d + at * width<R>]) : law.draw(w);
    };
    if (family.has_factor() || family.factor().mean() != 1) {
        const R m = value(family.factor(), 0);
        for (std::size_t i = 0; i < d * d; ++i) p.A[i] *= m;
        p.lipschitz *= abs(m);
    }
    if (family.has_noise() || family.noise().mean() != 0)
        for (std::size_t i = 0; i < d; ++i) p.b[i] += value(family.noise(), 1 + i);
}

template <class R>
void Affine::choose_map(Noise<R>& w, Parameter<R>& p) const {
    const auto d = std::size_t(dim), count = family.size();
    typename Noise<R>::Index index(0);
    if (count > 1) index = choose(family.cumulated_weights(), count, w.uniform());
    const auto entry = [&](std::size_t i) { return gather(family.table() + i * count, index); };
    for (std::size_t i = 0; i < d * d; ++i) p.A[i] = entry(i);
    for (std::size_t i = 0; i < d; ++i) p.b[i] = entry(d * d + i);
    p.lipschitz = entry(d * d + d);
}

// One stream serves factor and noise of a replica: reading it twice would give the same words.
template <class R>
void Affine::draw_general(Noise<R>& w, Parameter<R>& p) const {
    const auto count = std::size_t(1 + dim);
    std::size_t lane_index = 0;
    w.general([&](auto& stream) {
        family.draw_general(WordSource(stream), {p.general.data(), count});
        for (std::size_t i = 0; i < count; ++i) p.general[count + i * width<R> + lane_index] = p.general[i];
        ++lane_index;
        return 0.0;
    });
}

}  // namespace foldback
