#include <algorithm>
#include <cmath>

#include "models/composite/composite_truth.hpp"
#include "models/losses/linear_mean.hpp"
#include "sim/symmetric_eigen.hpp"

// Logistic regression as a chain of two: z = x . w, then log(1 + e^z) - y z, with s(z) = 1/(1 + e^-z), batches of B rows.
//     g~ = sum_r x_r (s(z_r + eps_r) - y_r)/B + sum_r x_r zeta_r + r'(w) (+ Delta)
// eps of variance s^2 and mean 0 moves E s by at most max|s''| s^2/2, max|s''| = 1/(6 sqrt 3), and gives it a variance of at
// most s^2/16; a sure |eps| <= e moves it by at most e/4.
namespace foldback {
namespace {

using Kind = Perturbation::Kind;
using Pass = Perturbation::Pass;

struct RowSizes {
    double mean = 0, mean_square = 0, largest = 0;  // of |x_r|
};

RowSizes row_sizes(const Dataset& data) {
    RowSizes sizes;
    for (std::size_t r = 0; r < data.train_rows; ++r) {
        double square = 0;
        for (std::size_t j = 0; j < data.columns; ++j) square += std::pow(data.features[r * data.columns + j], 2);
        sizes.mean += std::sqrt(square) / double(data.train_rows);
        sizes.mean_square += square / double(data.train_rows);
        sizes.largest = std::max(sizes.largest, std::sqrt(square));
    }
    return sizes;
}

/// Bounds of |E n| and E|n|^2 that perturbation p adds at amplitude s; nothing where it has none. `varies`: what it adds, at
/// most `bias`, is not the same for each batch, or follows the other perturbations.
struct Part {
    double bias = 0, square = 0;
    bool varies = false;
};
std::optional<Part> part_of(const Perturbation& p, double s, const RowSizes& x, double rows, double dimension, bool full) {
    const bool of_known_size = p.additive() || p.kind == Kind::adversarial || p.kind == Kind::bias;
    if (!of_known_size) return std::nullopt;
    if (p.pass == Pass::gradient) {
        if (p.relative) return std::nullopt;
        return p.additive() ? Part{0, dimension * s * s} : Part{s, 0};
    }
    // The root mean square of u is at most 1/B, its norm 1/sqrt(B); x has no bound.
    if (p.relative && p.pass == Pass::forward) return std::nullopt;
    if (p.relative) s *= p.additive() ? 1 / rows : 1 / std::sqrt(rows);
    if (p.pass == Pass::backward)
        return p.additive() ? Part{0, rows * x.mean_square * s * s} : Part{std::sqrt(rows) * x.largest * s, 0, true};
    if (!p.additive()) return Part{x.largest * s / (4 * std::sqrt(rows)), 0, p.kind == Kind::adversarial};
    // Batches with replacement: the sampling bound below holds for the perturbed samples as well.
    return Part{x.mean * s * s / (12 * std::sqrt(3.0)), full ? x.mean_square * s * s / (16 * rows) : 0};
}

/// All of them: |E n|, and E|n|^2 as (sqrt(square) + varying)^2.
struct Sum {
    double bias = 0, square = 0, varying = 0;
};

double smoothness(const Composite& loss) {
    const std::size_t d = loss.data->columns, m = loss.data->train_rows;
    std::vector<double> gram(d * d);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < d; ++j)
                gram[i * d + j] += loss.data->features[r * d + i] * loss.data->features[r * d + j] / double(m);
    return symmetric_eigen(gram).values.back() / 4 + loss.regulariser.ridge + 2 * loss.regulariser.rho;
}

void note_spikes(CompositeTruth::Descent& descent, const Composite& loss) {
    for (const Perturbation& p : loss.perturbations.list) {
        if (p.schedule.kind != Schedule::Kind::spikes && p.schedule.kind != Schedule::Kind::bernoulli) continue;
        descent.spikes = true;
        descent.spike_steps.insert(descent.spike_steps.end(), p.schedule.steps.begin(), p.schedule.steps.end());
    }
    std::sort(descent.spike_steps.begin(), descent.spike_steps.end());
    descent.spike_steps.erase(std::unique(descent.spike_steps.begin(), descent.spike_steps.end()), descent.spike_steps.end());
}

}  // namespace

void add_logistic_descent(CompositeTruth& truth, const Composite& loss, const SgdPlan& plan) {
    if (!is_linear_model(loss) || loss.chain.back().kind != OperatorKind::logistic) return;
    const double rows = loss.sampling.batch, dimension = double(loss.dimension());
    const bool full = loss.sampling.full;
    if (loss.sampling.reshuffled && !full) return;  // within an epoch batches are biased, given those before
    const RowSizes sizes = row_sizes(*loss.data);
    const std::vector<Perturbation>& list = loss.perturbations.list;
    const double amplitude = loss.perturbations.amplitude;
    for (const Perturbation& p : list)
        if (!part_of(p, p.amplitude * amplitude, sizes, rows, dimension, full)) return;
    CompositeTruth::Descent d;
    d.smoothness = Fact{smoothness(loss), Label::bound};
    if (loss.regulariser.ridge > 0 && loss.regulariser.rho == 0) d.pl = Fact{loss.regulariser.ridge, Label::bound};
    const Optimum* optimum = loss.optimum ? loss.optimum->get() : nullptr;
    d.infimum = optimum ? Fact{loss.mean->value(optimum->theta)} : Fact{0, Label::bound};
    // E|mean of B samples - its mean|^2 <= E|x|^2 / B, as |s - y| <= 1, perturbed or not.
    const double sampling = full ? 0 : sizes.mean_square / rows;
    const auto total = [list, amplitude, sizes, rows, dimension, full](double t) {
        Sum sum;
        for (const Perturbation& p : list) {
            const double s = p.amplitude * amplitude * p.schedule.factor(std::uint32_t(t));
            const double often = p.schedule.kind == Schedule::Kind::bernoulli ? p.schedule.rate : 1;
            const Part part = *part_of(p, s, sizes, rows, dimension, full);
            sum.bias += often * part.bias;
            // What is on at random moments: its bias there is a bias at the rate, and its spread counts as noise.
            sum.square += often * part.square + (part.varies ? 0 : often * (1 - often) * part.bias * part.bias);
            if (part.varies) sum.varying += std::sqrt(often) * part.bias;
        }
        return sum;
    };
    d.bias = [total](double t) { return total(t).bias; };
    d.noise_square = [total, sampling](double t) {
        const Sum sum = total(t);
        return std::pow(std::sqrt(sampling + sum.square) + sum.varying, 2);
    };
    d.loss = [mean = loss.mean](std::span<const double> w) { return mean->value(w); };
    d.full_batch = full;
    d.step = [plan](double t) { return plan.step_at(t); };
    note_spikes(d, loss);
    truth.descent = d;
}

}  // namespace foldback
