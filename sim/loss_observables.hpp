#pragma once
#include <array>

namespace foldback {

/// What a model of a loss may observe at a state.
enum class LossObservable : unsigned { train_loss, test_loss, train_accuracy, test_accuracy, gradient_norm, optimum_distance };
inline constexpr unsigned loss_observable_count = 6;
inline constexpr std::array<LossObservable, loss_observable_count> loss_observables{
    LossObservable::train_loss,    LossObservable::test_loss,     LossObservable::train_accuracy,
    LossObservable::test_accuracy, LossObservable::gradient_norm, LossObservable::optimum_distance};

/// A set of them.
struct LossObservables {
    unsigned bits = 0;
    constexpr bool has(LossObservable q) const { return (bits >> unsigned(q) & 1U) != 0; }
    constexpr LossObservables with(LossObservable q) const { return {bits | 1U << unsigned(q)}; }
    constexpr bool empty() const { return bits == 0; }
    friend bool operator==(const LossObservables&, const LossObservables&) = default;
};

}  // namespace foldback
