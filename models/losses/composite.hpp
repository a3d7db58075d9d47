#pragma once
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "models/composite/disturbance.hpp"
#include "models/composite/passes.hpp"
#include "models/losses/finite_sum.hpp"
#include "models/losses/mean_loss.hpp"
#include "models/losses/regulariser.hpp"

namespace foldback {

/// The rows of a mini-batch, and the perturbations of the passes through them.
template <class R>
struct PerturbedRows : DrawnRows<R> {
    Workspace<R> draws, factor;
    mutable Workspace<R> room;  // no part of the value
    PerturbedRows(DrawnRows<R> rows, std::size_t draw_count, std::size_t perturbations, std::size_t longest)
        : DrawnRows<R>(std::move(rows)), draws(draw_count), factor(perturbations), room(longest) {}
};

/// A chain of operators x_n = f_n(x_(n-1); w_n), n = 1..N, x_0 the features of a row and x_N its loss, plus a regulariser:
///     l_i(w) = x_N + (ridge / 2) |w|^2 + nonconvex sum_j w_j^2 / (1 + w_j^2)
/// whose gradient comes from a forward and a backward pass that may be perturbed (theory.md, C; Kong et al. 2026):
///     x~_n = f_n(x~_(n-1); w_n) + eps_n,   u~_(n-1) = (d_x f_n(x~_(n-1)))^T u~_n + zeta_(n-1),
///     g~_n = (d_w f_n(x~_(n-1)))^T u~_n + d r / d w_n (+ what is added to the gradient itself)
/// Stale signals are part of the state: behind w it holds, for each, the values of the last `delay` steps, of all rows of a batch,
/// the oldest first. A step takes the oldest, moves the others up and puts the new one last; starts have zeros there.
/// w = w_1, w_2, ...: each operator's matrix row by row, with a bias each row followed by its own. The operators are told
/// in models/composite/operator.hpp, the perturbations in perturbation.hpp. Observed losses and gradients are unperturbed.
struct Composite : FiniteSum {
    static constexpr const char* kind = "composite";
    static constexpr const char* summary = "a chain of operators whose forward and backward passes may be perturbed";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.1\nbatch = 2\n[model.loss]\nkind  = \"composite\"\nridge = 0.01\n"
        "[[model.loss.operators]]\nkind   = \"tanh\"\nwidth  = 3\nbias   = true\n"
        "[[model.loss.operators]]\nkind   = \"residual\"\nrepeat = 2\n"
        "[[model.loss.operators]]\nkind   = \"linear\"\nwidth  = 2\n"
        "[[model.loss.operators]]\nkind   = \"softmax\"\n"
        "[[model.loss.perturbations]]\npass = \"forward\"\nkind = \"gaussian\"\namplitude = 0.01\n"
        "[[model.loss.perturbations]]\npass = \"backward\"\nkind = \"rademacher\"\namplitude = 0.01\n"
        "[model.data]\ngenerator  = \"blobs\"\nseed       = 1\nrows       = 40\ncolumns    = 2\nclasses    = 2\n"
        "separation = 2.0\nspread     = 0.5\n";

    std::vector<Operator> chain = {};
    Regulariser regulariser = {};
    Perturbations perturbations = {};
    TapeUnits units = {};
    std::shared_ptr<const MeanLoss> mean = {};
    std::shared_ptr<const LazyMinimum> optimum = {};  ///< of strongly convex chains: linear, then logistic or squared

    static Composite from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    /// Matrices with orthonormal rows or columns, whichever are fewer, times `scale`; biases 0.
    std::vector<double> orthogonal(std::uint64_t seed, double scale) const;
    /// Weights uniform on +-sqrt(6 / (in + out)), biases 0 [Glorot and Bengio 2010].
    std::vector<double> glorot(std::uint64_t seed) const;
    const double* centre() const;

    std::size_t operators() const { return chain.size(); }
    std::size_t dimension() const { return chain.back().first_weight; }
    /// Numbers behind w that a step needs and remember() renews.
    std::size_t memory() const { return perturbations.memory; }
    /// Whether a step is w - h g~(w) with a differentiable g~: no rounding, no selection, nothing stale.
    bool differentiable() const;
    std::size_t longest_signal() const;
    std::size_t spectral_room() const;

    void resample(Sampling drawn);
    Consumption consumption() const {
        Consumption sum = FiniteSum::consumption();
        sum.normals += perturbations.normals;
        sum.uniforms += perturbations.uniforms;
        sum.coins += perturbations.coins;
        return sum;
    }
    template <class R>
    using Batch = PerturbedRows<R>;
    template <class R>
    PerturbedRows<R> batch() const {
        return {FiniteSum::batch<R>(), perturbations.draws, perturbations.list.size(), longest_signal()};
    }
    template <class R>
    void draw(Noise<R>& w, PerturbedRows<R>& rows) const {
        FiniteSum::draw(w, rows);
        draw_perturbations(w, rows);
    }

    // Scratch: the tape, that of the unperturbed pass, the new values of stale signals, the gradient of one operator; the
    // latter three where they are needed.
    std::size_t scratch_size(std::size_t rows) const {
        return first_fresh(rows) + perturbations.fresh + perturbations.longest_gradient;
    }
    std::size_t scratch_size() const { return scratch_size(sampling.batch); }

    /// The forward pass, and u_(N-1).
    template <class Rows, class X>
    void prepare(const Rows& rows, const X* w, X* s) const {
        if constexpr (requires { rows.draws; }) {
            if (perturbations.needs_clean) run_clean(rows, w, clean_part(rows, s), static_cast<X*>(nullptr));
            begin(rows, w, s, disturbance(rows, tape(clean_part(rows, s), rows.count()), 1.0, w, s));
        } else {
            begin(rows, w, s, composite::Undisturbed{});
        }
    }
    /// The backward pass.
    template <class Rows, class X, class Sink>
    void each_gradient(const Rows& rows, const X* w, X* s, Sink sink) const {
        if constexpr (requires { rows.draws; })
            finish(rows, w, s, disturbance(rows, tape(clean_part(rows, s), rows.count()), 1.0, w, s), sink);
        else
            finish(rows, w, s, composite::Undisturbed{}, sink);
    }
    /// After both: the rings behind w move on, and take up what the passes computed.
    template <class X>
    void remember(const X* s, X* w) const {
        X* rings = w + dimension();
        const X* fresh = s + first_fresh(sampling.batch);
        for (const auto* pass : {&perturbations.forward, &perturbations.backward})
            for (const auto& sites : *pass)
                for (const PerturbationSite& site : sites) {
                    X* ring = rings + site.first_old;
                    const std::size_t length = perturbations.list[site.perturbation].delay * site.count;
                    for (std::size_t i = site.count; i < length; ++i) ring[i - site.count] = ring[i];
                    for (std::size_t i = 0; length > 0 && i < site.count; ++i)
                        ring[length - site.count + i] = fresh[site.first_new + i];
                }
    }
    template <class Rows, class X>
    Score<X> score(const Rows& rows, const X* w, X* s) const {
        const Tape<X> pass = tape(s, rows.count());
        composite::forward_pass(chain, rows, w, pass, composite::Undisturbed{});
        return composite::loss_score(chain.back(), rows, pass.x(chain.size() - 1), pass.scores());
    }
    template <class X>
    X penalty(const X* w) const {
        return regulariser.value(w, dimension());
    }

    // What composite::Passes runs: both passes at once, the whole gradient into g unless that is null.
    template <class X>
    Tape<X> tape(X* s, std::size_t rows) const {
        return {s, &units, rows};
    }
    template <class Rows, class X>
    void run_clean(const Rows& rows, const X* w, X* s, X* g) const {
        run(rows, w, s, composite::Undisturbed{}, g);
    }
    template <class Rows, class X, class D>
    void run(const Rows& rows, const X* w, X* s, const D& disturbance, X* g) const {
        begin(rows, w, s, disturbance);
        finish(rows, w, s, disturbance, composite::Into<X>{g});
    }
    /// `w`: the state, weights and rings; `s`: the scratch of the pass that is disturbed.
    template <class R, class X>
    composite::Disturbance<X, R> disturbance(const PerturbedRows<R>& rows, const Tape<X>& clean, double sign, const X* w, X* s) const {
        const bool recalls = perturbations.memory > 0;
        return {&perturbations,
                rows.draws.data(),
                rows.factor.data(),
                rows.room.data(),
                perturbations.needs_clean ? clean : Tape<X>{nullptr, nullptr, 0},
                sign,
                recalls ? w + dimension() : nullptr,
                recalls ? s + first_fresh(rows.count()) : nullptr};
    }
    template <class R>
    using Passes = composite::Passes<Composite, R>;

  private:
    std::size_t first_fresh(std::size_t rows) const { return rows * units.size * (perturbations.needs_clean ? 2 : 1); }
    template <class Rows, class X>
    X* clean_part(const Rows& rows, X* s) const {
        return s + rows.count() * units.size;
    }
    template <class Rows, class X, class D>
    void begin(const Rows& rows, const X* w, X* s, const D& disturbance) const {
        const Tape<X> pass = tape(s, rows.count());
        composite::forward_pass(chain, rows, w, pass, disturbance);
        composite::begin_backward_pass(chain, rows, pass, disturbance);
    }
    // An operator's gradient goes to `sink` as it comes, or once all of it has been perturbed.
    template <class Rows, class X, class D, class Sink>
    void finish(const Rows& rows, const X* w, X* s, const D& disturbance, Sink sink) const {
        const Tape<X> pass = tape(s, rows.count());
        constexpr bool disturbed = requires { disturbance.gradient(std::size_t{}, s, std::size_t{}); };
        composite::finish_backward_pass(chain, w, pass, disturbance, [&](std::size_t n, auto back) {
            using namespace composite;
            const Operator& f = chain[n - 1];
            const Regularised<X> slope{regulariser, w + f.first_weight};
            const Shifted<Sink> put{sink, f.first_weight};
            if constexpr (disturbed)
                if (!perturbations.gradient[n - 1].empty()) {
                    X* block = s + scratch_size(rows.count()) - perturbations.longest_gradient;
                    back(Then<Regularised<X>, Into<X>>{slope, {block}});
                    disturbance.gradient(n, block, f.weights());
                    for (std::size_t k = 0; k < f.weights(); ++k) put(k, block[k]);
                    return;
                }
            if (regulariser.none()) back(put);
            else back(Then<Regularised<X>, Shifted<Sink>>{slope, put});
        });
    }

    template <class R>
    void draw_perturbations(Noise<R>& w, PerturbedRows<R>& rows) const {
        for (std::size_t p = 0; p < perturbations.list.size(); ++p) {
            const Perturbation& one = perturbations.list[p];
            rows.factor[p] = R(perturbations.amplitude * one.amplitude * one.schedule.factor(w.address().step));
            if (one.schedule.kind == Schedule::Kind::bernoulli)
                rows.factor[p] = select(w.uniform() < R(one.schedule.rate), rows.factor[p], R(0.0));
        }
        for (std::size_t n = 0; n < chain.size(); ++n) {
            const std::size_t signal = sampling.batch * chain[n].out;
            for (const auto& site : perturbations.forward[n]) draw_site(w, site, signal, rows);
            for (const auto& site : perturbations.backward[n]) draw_site(w, site, signal, rows);
            for (const auto& site : perturbations.gradient[n]) draw_site(w, site, chain[n].weights(), rows);
        }
    }
    template <class R>
    void draw_site(Noise<R>& w, const PerturbationSite& site, std::size_t count, PerturbedRows<R>& rows) const {
        using Kind = Perturbation::Kind;
        const Perturbation& p = perturbations.list[site.perturbation];
        R* to = rows.draws.data() + site.first_draw;  // where there are none, null
        if (p.kind == Kind::gaussian) return w.normals(to, std::uint32_t(count));
        const R reach(2 * 0x1.bb67ae8584caap+0);  // 2 sqrt 3: a uniform of variance 1
        for (std::size_t i = 0; p.draws() && i < count; ++i) {
            if (p.kind == Kind::rademacher) to[i] = w.coin();
            else if (p.kind == Kind::uniform) to[i] = reach * (w.uniform() - R(0.5));
            else to[i] = w.uniform();
        }
    }
};

}  // namespace foldback
