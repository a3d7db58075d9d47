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
    truth->step = plan.step;
    truth->forward = pass_truth(loss, Pass::forward);
    truth->backward = pass_truth(loss, Pass::backward);
    truth->gradient = pass_truth(loss, Pass::gradient);
    add_linear_moments(*truth, loss);
    if (plan.momentum == 0) add_logistic_descent(*truth, loss, plan);
    return truth;
}

}  // namespace foldback
