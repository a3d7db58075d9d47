#pragma once
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/losses/composite.hpp"
#include "models/sgd.hpp"
#include "tests/models/law_battery.hpp"

// Chains of operators for tests, told by their tables, and what one step's passes do to every signal of them.
namespace foldback::tests {

using ChainSgd = Sgd<Composite>;

/// Data with 4 columns and 20 rows.
inline const std::string numbers = "generator = 'linear'\nseed = 3\nrows = 20\ncolumns = 4\nnoise = 0.5\n";
inline const std::string two_classes = "generator = 'logistic'\nseed = 2\nrows = 20\ncolumns = 4\n";
inline const std::string three_classes =
    "generator = 'blobs'\nseed = 4\nrows = 20\ncolumns = 4\nclasses = 3\nseparation = 1.0\nspread = 0.7\n";

/// "key = [{ first }, { second }]".
inline std::string tables(const std::string& key, std::initializer_list<std::string> each) {
    std::string text = key + " = [";
    for (const std::string& one : each) text += (text.back() == '[' ? "{ " : ", { ") + one + " }";
    return text + "]\n";
}

/// The tables of an SGD model but for its kind; `loss`: lines of [model.loss].
inline std::string chain_text(const std::string& operators, const std::string& loss, const std::string& data,
                              const std::string& model = "step = 0.1\n") {
    return model + "[model.loss]\nkind = 'composite'\n" + operators + loss + "[model.data]\n" + data;
}
inline ChainSgd chain_from(const std::string& operators, const std::string& loss, const std::string& data,
                           const std::string& model = "step = 0.1\n") {
    return model_from<ChainSgd>("[model]\nkind = 'sgd'\n" + chain_text(operators, loss, data, model));
}

inline double norm(const std::vector<double>& v) {
    double square = 0;
    for (double x : v) square += x * x;
    return std::sqrt(square);
}

/// One signal of one step: before and after its perturbations.
struct Signal {
    Perturbation::Pass pass;
    std::size_t n;  ///< the operator, from 1
    std::vector<double> before, after;
    std::vector<double> added() const {
        std::vector<double> d(after);
        for (std::size_t i = 0; i < d.size(); ++i) d[i] -= before[i];
        return d;
    }
};
using Signals = std::vector<Signal>;

/// A disturbance that tells what another one does, of one lane.
template <class R, class Inner>
struct Told {
    const Inner& inner;
    int watched;
    Signals* signals;

    void forward(std::size_t n, R* v, std::size_t count) const {
        tell(Perturbation::Pass::forward, n, v, count, [&] { inner.forward(n, v, count); });
    }
    void backward(std::size_t n, R* v, std::size_t count) const {
        tell(Perturbation::Pass::backward, n, v, count, [&] { inner.backward(n, v, count); });
    }
    void gradient(std::size_t n, R* v, std::size_t count) const {
        tell(Perturbation::Pass::gradient, n, v, count, [&] { inner.gradient(n, v, count); });
    }

  private:
    template <class F>
    void tell(Perturbation::Pass pass, std::size_t n, const R* v, std::size_t count, F act) const {
        signals->push_back({pass, n, copy(v, count), {}});
        act();
        signals->back().after = copy(v, count);
    }
    std::vector<double> copy(const R* v, std::size_t count) const {
        std::vector<double> values;
        for (std::size_t i = 0; i < count; ++i) values.push_back(v[i][watched]);
        return values;
    }
};

/// A step's draws for `W` replicas, and both passes with them.
template <int W = 1>
struct Step {
    using R = Lanes<W>;
    const ChainSgd& f;
    ParameterOf<ChainSgd, R> p;
    Workspace<R> w, clean, room, g;

    Step(const ChainSgd& model, const std::vector<double>& weights, std::uint64_t seed, std::uint32_t step,
         std::uint32_t replica = 0)
        : f(model),
          p(make_parameter<R>(model)),
          w(weights.size()),
          clean(model.loss.scratch_size()),
          room(model.loss.scratch_size()),
          g(weights.size()) {
        for (std::size_t j = 0; j < weights.size(); ++j) w[j] = R(weights[j]);
        draw(seed, step, replica);
    }
    void draw(std::uint64_t seed, std::uint32_t step, std::uint32_t replica) {
        Noise<R> noise(seed, replica, f.consumption());
        noise.at(step);
        draw_into(f, noise, p);
    }
    /// What the perturbed passes do, of one lane; the gradient stays in g.
    Signals signals(double sign = 1, int watched = 0) {
        Signals all;
        f.loss.run_clean(p.batch, w.data(), clean.data(), g.data());
        const auto drawn = f.loss.disturbance(p.batch, f.loss.tape(clean.data(), p.batch.count()), sign, w.data(), room.data());
        f.loss.run(p.batch, w.data(), room.data(), Told<R, decltype(drawn)>{drawn, watched, &all}, g.data());
        return all;
    }
};

/// The signal of that pass at operator n.
inline const Signal& at(const Signals& all, Perturbation::Pass pass, std::size_t n) {
    for (const Signal& s : all)
        if (s.pass == pass && s.n == n) return s;
    FAIL("no such signal");
    return all.front();
}

}  // namespace foldback::tests
