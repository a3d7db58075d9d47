#include "models/composite/composite_truth.hpp"

#include <cmath>

namespace foldback {
namespace {

using Kind = Perturbation::Kind;
using Pass = Perturbation::Pass;

// One perturbation's part: a coordinate's standard deviation, and the largest norm of the whole at operator n.
double deviation_of(const Perturbation& p) { return p.additive() ? p.amplitude : 0; }

double norm_of(const Perturbation& p, std::size_t count) {
    switch (p.kind) {
        case Kind::uniform: return p.amplitude * std::sqrt(3.0 * double(count));
        case Kind::rademacher: return p.amplitude * std::sqrt(double(count));
        case Kind::adversarial:
        case Kind::bias: return p.amplitude;
        default: return infinity;
    }
}

CompositeTruth::Pass pass_truth(const Composite& loss, Pass which) {
    CompositeTruth::Pass pass;
    const std::size_t N = loss.chain.size();
    std::vector<double> variance(N), norm(N);
    bool absolute = true;
    pass.deterministic = true;
    for (const Perturbation& p : loss.perturbations.list) {
        if (p.pass != which || p.amplitude * loss.perturbations.amplitude == 0) continue;
        pass.perturbed = true;
        pass.zero_mean &= p.zero_mean();
        pass.independent &= p.independent();
        pass.symmetric &= p.symmetric();
        pass.deterministic &= !p.draws();
        if (!p.zero_mean() && pass.biased_by.empty()) pass.biased_by = p.text();
        absolute &= !p.relative && (p.additive() || p.kind == Kind::adversarial || p.kind == Kind::bias);
        for (std::size_t n = 0; n < N; ++n) {
            if (!p.at[n]) continue;
            const std::size_t count = which == Pass::gradient ? loss.chain[n].weights() : loss.sampling.batch * loss.chain[n].out;
            variance[n] += std::pow(deviation_of(p) * loss.perturbations.amplitude, 2);
            norm[n] += norm_of(p, count) * loss.perturbations.amplitude;
        }
    }
    pass.deterministic &= pass.perturbed;
    if (!absolute) return pass;
    for (double v : variance) pass.deviation.push_back(std::sqrt(v));
    pass.sure_norm = norm;
    return pass;
}

double norm(const std::vector<double>& v) {
    double square = 0;
    for (double x : v) square += x * x;
    return std::sqrt(square);
}

/// The power iteration on hess l(w), its products by central differences of the gradient; to 1e-6 or 500 steps. Of a state that
/// holds more than weights, these come first.
double top_curvature(const MeanLoss& loss, std::span<const double> state) {
    constexpr double h = 1e-5;
    const auto w = state.first(loss.dimension());
    std::vector<double> v(w.size()), up(w.begin(), w.end()), down(up);
    for (std::size_t j = 0; j < v.size(); ++j) v[j] = 1 + 0.1 * std::sin(double(j));  // no eigenvector by symmetry
    double value = 0;
    for (int k = 0; k < 500; ++k) {
        const double length = norm(v);
        if (!(length > 0)) return 0;
        for (std::size_t j = 0; j < v.size(); ++j) {
            up[j] = w[j] + h * v[j] / length;
            down[j] = w[j] - h * v[j] / length;
        }
        const std::vector<double> high = loss.gradient(up), low = loss.gradient(down);
        for (std::size_t j = 0; j < v.size(); ++j) v[j] = (high[j] - low[j]) / (2 * h);
        const double before = value;
        value = norm(v);
        if (std::abs(value - before) <= 1e-6 * value) break;
    }
    return value;
}

}  // namespace

bool is_linear_model(const Composite& loss) {
    const Operator& f = loss.chain.front();
    const OperatorKind last = loss.chain.back().kind;
    return loss.chain.size() == 2 && f.kind == OperatorKind::linear && f.out == 1 && !f.bias && f.gain == 1 &&
           f.matrix.empty() && (last == OperatorKind::logistic || (last == OperatorKind::squared && !loss.chain.back().features_target));
}

std::shared_ptr<const CompositeTruth> composite_truth(const Composite& loss, const SgdPlan& plan) {
    auto truth = std::make_shared<CompositeTruth>();
    for (const Operator& f : loss.chain)
        truth->operators.push_back({f.text(), f.first_weight, f.weights(), f.linear(), f.smooth()});
    truth->step = plan.step_at(1);
    truth->memory = loss.perturbations.memory > 0;
    truth->curvature = [mean = loss.mean](std::span<const double> w) { return top_curvature(*mean, w); };
    truth->forward = pass_truth(loss, Pass::forward);
    truth->backward = pass_truth(loss, Pass::backward);
    truth->gradient = pass_truth(loss, Pass::gradient);
    add_linear_moments(*truth, loss);
    add_uniform_constants(*truth, loss);
    if (plan.momentum == 0) add_logistic_descent(*truth, loss, plan);
    return truth;
}

}  // namespace foldback
