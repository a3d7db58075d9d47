#include "models/laws/spike_borders.hpp"

#include <array>
#include <cmath>

#include "models/laws/normal_moments.hpp"

namespace foldback {
namespace {

struct Form {
    const char* key;
    double (*unit)(double eta_lambda);
};

constexpr std::array<Form, 3> forms{{{"delta", nullptr},
                                     {"delta_over_variance_border", variance_border},
                                     {"delta_over_recovery_border", recovery_border}}};
constexpr const char* names = "delta, delta_over_variance_border or delta_over_recovery_border";

double log_factor(double eta_lambda, double delta) {
    return normal_log_moments(1 - eta_lambda, eta_lambda * delta).mean;
}

}  // namespace

double variance_border(double eta_lambda) { return std::sqrt(2 / eta_lambda - 1); }

double recovery_border(double eta_lambda) {
    // 2 E log|a| < log E a^2, which is 0 at the variance border: this one lies above.
    double below = variance_border(eta_lambda), above = 2 * below;
    while (log_factor(eta_lambda, above) < 0) above *= 2;
    while (above - below > 4e-16 * above) {
        const double middle = below + (above - below) / 2;
        if (middle == below || middle == above) break;
        (log_factor(eta_lambda, middle) < 0 ? below : above) = middle;
    }
    return above;
}

double spike_amplitude(Settings& table, double eta_lambda) {
    const Form* chosen = nullptr;
    for (const Form& form : forms) {
        if (!table.has(form.key)) continue;
        if (chosen)
            throw table.wrong(form.key, std::string("stands beside ") + chosen->key,
                              std::string("the amplitude is given once: write exactly one of ") + names);
        chosen = &form;
    }
    if (!chosen) throw table.missing("delta", std::string("write exactly one of ") + names);
    const double factor = table.number(chosen->key, Range::positive());
    if (!chosen->unit) return factor;
    if (eta_lambda >= 2)
        throw table.wrong(chosen->key, "has no border to refer to at this eta_lambda",
                          "only below eta_lambda = 2 do small amplitudes recover; write delta itself");
    return factor * chosen->unit(eta_lambda);
}

}  // namespace foldback
