#include "analysis/claims/passes.hpp"

#include <numeric>

namespace foldback::claims {

std::string no_passes(const Setup& setup, Quantity quantity) {
    if (!setup.truth.composite) return "the model is no chain of operators with perturbed passes";
    if (!setup.can_record(quantity)) return std::string("the model does not show its ") + info(quantity).name;
    return "";
}

namespace {

/// Whether the state does.
bool stays(const CompositeTruth& truth) { return truth.step == 0 && !truth.memory; }

}  // namespace

std::vector<Order> pass_orders(const Setup& setup) {
    if (!stays(*setup.truth.composite)) return setup.orders;
    return {setup.orders.front()};
}

std::vector<std::size_t> checkpoints_at_start(const Setup& setup) {
    std::vector<std::size_t> checkpoints;
    if (!setup.truth.homogeneous) return checkpoints;
    for (std::size_t k = 0; k < setup.steps.size(); ++k)
        if (setup.steps[k] == 0 || stays(*setup.truth.composite)) checkpoints.push_back(k);
    return checkpoints;
}

std::string no_checkpoint_at_start(const Setup& setup) {
    if (!setup.truth.homogeneous) return "the amplitudes or the step follow a schedule: needs maps of one law";
    if (!checkpoints_at_start(setup).empty()) return "";
    if (setup.truth.composite->memory)
        return "passes use what earlier steps computed and there is no checkpoint 0: ensemble.steps = { at = [0, ...] } helps";
    return "the weights move and there is no checkpoint 0: ensemble.steps = { at = [0, ...] } or a step size of 0 "
           "helps";
}

std::string operator_label(const Setup& setup, std::size_t index) {
    const auto& operators = setup.truth.composite->operators;
    const std::string number = "operator " + std::to_string(index + 1);
    return index < operators.size() ? number + " (" + operators[index].name + ")" : number;
}

std::size_t operator_of(const CompositeTruth& truth, std::size_t component) {
    for (std::size_t n = 0; n < truth.operators.size(); ++n) {
        const auto& one = truth.operators[n];
        if (component >= one.first_weight && component < one.first_weight + one.weights) return n;
    }
    return truth.operators.size();
}

std::vector<double> mean_by_operator(const Evidence& evidence, Quantity quantity, Order order, std::size_t start,
                                     const std::vector<std::size_t>& checkpoints) {
    std::vector<double> means;
    for (std::size_t n = 0; n < evidence.setup().truth.composite->operators.size(); ++n) {
        double sum = 0, count = 0;
        for (std::size_t k : checkpoints) {
            const auto values = evidence.values({quantity, order, start, k, n});
            sum = std::accumulate(values.begin(), values.end(), sum);
            count += double(values.size());
        }
        means.push_back(sum / count);
    }
    return means;
}

}  // namespace foldback::claims
