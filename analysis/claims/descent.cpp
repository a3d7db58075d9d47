#include "analysis/claims/descent.hpp"

#include <algorithm>
#include <cmath>

namespace foldback::claims {
namespace {

constexpr double epsilon = 0x1p-52;

std::string too_large_a_step(const Descent& descent, std::uint32_t last) {
    const double ls = descent.smoothness.value;
    for (std::uint32_t t = 1; t <= last; ++t) {
        const double eta = descent.step(t);
        if (!(eta > 0)) return "eta = " + number(eta) + " at step " + std::to_string(t) + ": needs eta > 0";
        if (!(eta * ls <= 1))
            return "eta = " + number(eta) + " at step " + std::to_string(t) + ", 1/Ls = " + number(1 / ls) +
                   ": needs eta <= 1/Ls";
    }
    return "";
}

}  // namespace

std::string not_descending(const Setup& setup) {
    if (!setup.truth.composite || !setup.truth.composite->descent)
        return "the model does not bound the bias and the noise of its gradient at all weights, or its loss is not smooth there";
    // n_t has mean 0 given the past only if the batch does not depend on it.
    if (setup.truth.epoch > 1)  // an epoch of one map is a full batch
        return "the maps are exchangeable within epochs of " + std::to_string(setup.truth.epoch) +
               " only: needs independent ones";
    return too_large_a_step(descent_of(setup), setup.steps.back());
}

std::string not_pl(const Setup& setup) {
    if (auto why = not_descending(setup); !why.empty()) return why;
    const Descent& descent = descent_of(setup);
    if (!descent.pl || !(descent.pl->value > 0))
        return "l is not known to satisfy |grad l|^2 >= 2 mu (l - inf l) with mu > 0";
    // A smaller number in the place of inf l would turn the recursion into another, wrong one.
    if (descent.infimum.label == Label::bound) return "of inf l only a lower bound is known: needs its value";
    return "";
}

const Descent& descent_of(const Setup& setup) { return *setup.truth.composite->descent; }

std::vector<std::string> rests_on_descent(const Descent& descent, bool pl) {
    std::vector<std::string> all{rests_on("Ls", descent.smoothness), rests_on("inf l", descent.infimum)};
    if (pl) all.push_back(rests_on("mu", *descent.pl));
    return all;
}

bool knows_first_loss(const Setup& setup) {
    return descent_of(setup).loss || (setup.steps.front() == 0 && setup.can_record(Quantity::train_loss));
}

std::string no_first_loss() {
    return "l(w_0) is not known: put checkpoint 0 into ensemble.steps, { at = [0, ...] }";
}

std::optional<double> first_loss(const Evidence& evidence, std::size_t start) {
    const Setup& setup = evidence.setup();
    if (const auto& loss = descent_of(setup).loss) return loss(setup.starts[start]);
    const Order order = setup.orders.front();  // X_0 is the start in every order
    if (setup.steps.front() != 0 || !evidence.has(Quantity::train_loss, order)) return std::nullopt;
    const double first = evidence.values({Quantity::train_loss, order, start, 0}).front();
    return std::isfinite(first) ? std::optional(first) : std::nullopt;
}

std::vector<Losses> losses_at(const Descent& descent, const std::vector<std::uint32_t>& steps) {
    std::vector<Losses> all;
    Losses sum;
    std::uint32_t t = 0;
    for (std::uint32_t n : steps) {
        while (t < n) {
            const double eta = descent.step(++t), beta = descent.bias(t);
            sum.bias += eta * beta * beta;
            sum.noise += descent.smoothness.value * eta * eta * descent.noise_square(t);
            sum.least_step = std::min(sum.least_step, eta);
        }
        all.push_back(sum);
    }
    return all;
}

Recursion recursion_between(const Descent& descent, std::uint32_t a, std::uint32_t b) {
    Recursion r;
    for (std::uint32_t t = a + 1; t <= b; ++t) {
        const double shrink = 1 - descent.step(t) * descent.pl->value;
        r.kept *= shrink;
        r.added = shrink * r.added + descent.step(t) * descent.pl->value * floor_at(descent, t);
    }
    return r;
}

double floor_at(const Descent& descent, std::uint32_t t) {
    const double beta = descent.bias(t);
    return (beta * beta + descent.smoothness.value * descent.step(t) * descent.noise_square(t)) / (2 * descent.pl->value);
}

double loss_rounding(const Descent& descent, double loss) {
    return resolution * epsilon * (std::abs(loss) + std::abs(descent.infimum.value));
}

}  // namespace foldback::claims
