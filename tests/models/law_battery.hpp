#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "runs/toml_file.hpp"
#include "sim/closed.hpp"
#include "sim/error.hpp"
#include "sim/gain.hpp"
#include "sim/settings.hpp"
#include "sim/sweep.hpp"
#include "tests/models/truth_battery.hpp"

// The laws that every model must obey (sim/random_map.hpp), checked on one instance of it.
namespace foldback::tests {

/// The model that a [model] table in TOML describes, read strictly.
template <class M>
M model_from(const std::string& toml) {
    Settings whole(parse_toml(toml, "test.toml"));
    Settings table = whole.table("model");
    table.word("kind", {M::kind});
    M model = M::from(table);
    whole.finish();
    return model;
}

/// The message of the ConfigError that a [model] table causes; empty if none.
template <class M>
std::string refusal(const std::string& toml) {
    try {
        model_from<M>("[model]\nkind = \"" + std::string(M::kind) + "\"\n" + toml);
    } catch (const ConfigError& error) { return error.what(); }
    return {};
}

inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
               return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
           });
}

/// f_first o f_second o ... at `start`, the last of `steps` applied first, for replicas 0..7, W at once: (replica,
/// component).
template <int W, class M>
std::vector<double> composed(const M& f, const std::vector<std::uint32_t>& steps, const double* start) {
    using R = Lanes<W>;
    const auto d = std::size_t(dimension_of<R>(f));
    std::vector<double> all(8 * d);
    Workspace<R> x(d);
    auto p = make_parameter<R>(f);
    for (std::uint32_t first = 0; first < 8; first += W) {
        Noise<R> w(11, first, f.consumption());
        for (std::size_t i = 0; i < d; ++i) x[i] = R(start[i]);
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            w.at(*step);
            draw_into(f, w, p);
            apply_to(f, p, x.data());
        }
        for (std::size_t i = 0; i < d; ++i)
            for (int l = 0; l < W; ++l) all[(first + std::uint32_t(l)) * d + i] = lane(x[i], l);
    }
    return all;
}

inline std::vector<std::uint32_t> steps_up_to(std::uint32_t n) {
    std::vector<std::uint32_t> steps;
    for (std::uint32_t k = 1; k <= n; ++k) steps.push_back(k);
    return steps;
}

/// Drawing is pure in the address: steps may be drawn in any order and any number of times, by any width.
template <class M>
void check_purity(const M& f, const std::vector<double>& starts) {
    using R = Lanes<2>;
    const auto d = std::size_t(dimension_of<R>(f));
    Workspace<R> x(d);
    auto p = make_parameter<R>(f);
    const auto image = [&](Noise<R>& w, std::uint32_t step) {
        w.at(step);
        draw_into(f, w, p);
        std::vector<double> y;
        for (std::size_t i = 0; i < d; ++i) x[i] = R(starts[i]);
        apply_to(f, p, x.data());
        for (std::size_t i = 0; i < d; ++i) y.insert(y.end(), {x[i][0], x[i][1]});
        return y;
    };
    Noise<R> up(5, 3, f.consumption()), down(5, 3, f.consumption());
    std::vector<std::vector<double>> images;
    for (std::uint32_t n = 1; n <= 20; ++n) images.push_back(image(up, n));
    int different = 0;
    for (std::uint32_t n = 20; n >= 1; --n) different += !same_bits(image(down, n), images[n - 1]);
    CHECK(different == 0);
    CHECK(same_bits(image(up, 1), images[0]));
    for (std::uint32_t n : {1u, 7u, 33u}) {
        const auto one = composed<1>(f, steps_up_to(n), starts.data());
        CHECK(same_bits(one, composed<2>(f, steps_up_to(n), starts.data())));
        CHECK(same_bits(one, composed<4>(f, steps_up_to(n), starts.data())));
        CHECK(same_bits(one, composed<8>(f, steps_up_to(n), starts.data())));
    }
    // Control: another step is another map.
    bool varies = false;
    for (const auto& y : images) varies = varies || !same_bits(y, images[0]);
    CHECK(varies);
}

/// The sweep's states equal direct recomposition bit for bit; the closed composition's but for the stated rounding.
template <int W, class M>
void check_sweep(const M& f, const std::vector<double>& starts) {
    using R = Lanes<W>;
    const auto d = std::size_t(dimension_of<R>(f)), count = starts.size() / d;
    const std::uint32_t events[] = {1, 2, 15, 16, 17, 33, 64, 100};
    constexpr std::size_t event_count = std::size(events);
    Workspace<R> x(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) x[i] = R(starts[i]);
    Noise<R> w(11, 0, f.consumption());
    Sweep<R, M> sweep(f, events, event_count, count, 0, HasLipschitz<M, R>);
    sweep.run(w, x.data(), {});
    int different = 0, far = 0;
    for (std::size_t e = 0; e < event_count; ++e)
        for (std::size_t s = 0; s < count; ++s) {
            const auto direct = composed<1>(f, steps_up_to(events[e]), &starts[s * d]);
            for (std::size_t i = 0; i < d; ++i)
                for (int l = 0; l < W; ++l)
                    different += std::bit_cast<std::uint64_t>(sweep.state(e, s)[i][l]) !=
                                 std::bit_cast<std::uint64_t>(direct[std::size_t(l) * d + i]);
        }
    CHECK(different == 0);
    if constexpr (HasComposition<M, R>) {
        ClosedBackward<R, M> closed(f, events, event_count, count, true);
        Noise<R> again(11, 0, f.consumption());
        closed.run(again, x.data());
        for (std::size_t e = 0; e < event_count; ++e)
            for (std::size_t s = 0; s < count; ++s) {
                const R apart = distance_between(f, sweep.state(e, s), closed.state(e, s));
                const R allowed = sweep.rounding(e, s) + closed.rounding(e, s);
                for (int l = 0; l < W; ++l) far += !(apart[l] <= allowed[l]);
            }
        CHECK(far == 0);
    }
}

/// Lipschitz constants and gains bound what maps do to pairs of states, and states stay in the state space.
template <class M>
void check_contraction(const M& f, const std::vector<double>& starts) {
    using R = Lanes<4>;
    const auto d = std::size_t(dimension_of<R>(f)), count = starts.size() / d;
    constexpr std::uint32_t steps = 24;
    int expanded = 0, gain_above_product = 0, gain_broken = 0, outside = 0;
    for (std::uint32_t first = 0; first < 64; first += 4) {
        Noise<R> w(23, first, f.consumption());
        auto p = make_parameter<R>(f);
        Workspace<R> x(d), y(d);
        const auto reset = [&] {
            for (std::size_t i = 0; i < d; ++i) {
                x[i] = R(starts[(first / 4 % count) * d + i]);
                y[i] = R(starts[((first / 4 + 1) % count) * d + i]);
            }
        };
        const auto step = [&](std::uint32_t n) {
            w.at(n);
            draw_into(f, w, p);
            apply_to(f, p, x.data());
            apply_to(f, p, y.data());
        };
        if constexpr (HasLipschitz<M, R>) {
            reset();
            const R at_start = distance_between(f, x.data(), y.data());
            GainOf<R, M> gain;
            R product(1.0), rounding(0.0), forward(0.0), backward(0.0);
            const auto contracts = [&](R after, R bound, R slack) {
                int broken = 0;
                for (int l = 0; l < 4; ++l) broken += after[l] > bound[l] * (1 + 1e-9) + 4 * slack[l] + 1e-300;
                return broken;
            };
            for (std::uint32_t n = 1; n <= steps; ++n) {
                const R before = distance_between(f, x.data(), y.data());
                const R size = magnitude_of(f, x.data()) + magnitude_of(f, y.data());
                step(n);
                const R lipschitz = f.lipschitz(p);
                const R added =
                    rounding_of_step(f, lipschitz, size, magnitude_of(f, x.data()) + magnitude_of(f, y.data()));
                forward = distance_between(f, x.data(), y.data());
                expanded += contracts(forward, lipschitz * before, added);
                gain.append(f, p);
                product *= lipschitz;
                rounding = fma(lipschitz, rounding, added);
                for (int l = 0; l < 4; ++l) gain_above_product += gain.value()[l] > product[l] * (1 + 1e-12);
                gain_broken += contracts(forward, gain.value() * at_start, rounding);
            }
            reset();
            rounding = R(0.0);
            for (std::uint32_t n = steps; n > 0; --n) {
                const R size = magnitude_of(f, x.data()) + magnitude_of(f, y.data());
                step(n);
                const R lipschitz = f.lipschitz(p);
                rounding =
                    fma(lipschitz, rounding,
                        rounding_of_step(f, lipschitz, size, magnitude_of(f, x.data()) + magnitude_of(f, y.data())));
            }
            backward = distance_between(f, x.data(), y.data());
            gain_broken += contracts(backward, gain.value() * at_start, rounding);
        }
        if constexpr (requires { f.check_start(std::span<const double>()); }) {
            for (std::uint32_t n = 1; n <= 200; ++n) {
                step(n);
                for (int l = 0; l < 4; ++l) {
                    std::vector<double> state;
                    for (std::size_t i = 0; i < d; ++i) state.push_back(x[i][l]);
                    try {
                        f.check_start(state);
                    } catch (const ConfigError&) { ++outside; }
                }
            }
        }
    }
    CHECK(expanded == 0);
    CHECK(gain_above_product == 0);
    CHECK(gain_broken == 0);
    CHECK(outside == 0);
}

/// No map makes a finite state of one that is not, if the model says so.
template <class M>
void check_non_finite(const M& f, const std::vector<double>& starts) {
    using R = Lanes<4>;
    if (!keeps_non_finite(f)) return;
    const auto d = std::size_t(dimension_of<R>(f));
    Noise<R> w(31, 0, f.consumption());
    auto p = make_parameter<R>(f);
    Workspace<R> x(d);
    int mended = 0;
    for (std::size_t broken = 0; broken < d; broken += 1 + d / 16)
        for (double value : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
            for (std::uint32_t n = 1; n <= 4; ++n) {
                for (std::size_t i = 0; i < d; ++i) x[i] = R(i == broken ? value : starts[i]);
                w.at(n);
                draw_into(f, w, p);
                apply_to(f, p, x.data());
                auto good = finite(x[0]);
                for (std::size_t i = 1; i < d; ++i) good = good & finite(x[i]);
                mended += any(good);
            }
    CHECK(mended == 0);
}

/// Everything; `starts` (start, component), at least two different ones.
template <class M>
void law_battery(const M& f, const std::vector<double>& starts, const TruthOptions& options = {}) {
    static_assert(RandomMap<M, Lanes<1>> && RandomMap<M, Lanes<2>> && RandomMap<M, Lanes<8>>);
    check_purity(f, starts);
    check_sweep<1>(f, starts);
    check_sweep<4>(f, starts);
    check_contraction(f, starts);
    check_non_finite(f, starts);
    check_truth(f, starts, options);
    const auto parameters = f.parameters();
    for (const auto& parameter : parameters) {
        std::size_t size = 1;
        for (std::size_t extent : parameter.shape) size *= extent;
        CHECK_MESSAGE(size == parameter.values.size(), parameter.name);
    }
}

}  // namespace foldback::tests
