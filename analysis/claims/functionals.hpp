#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "analysis/claim.hpp"

// What claims about the law of X_n look at: numbers made of the state.
namespace foldback::claims {

/// Beyond so many components a law is seen through a few projections and what the model observes of its loss.
inline constexpr int most_components = 64;

struct Functional {
    enum class Kind { component, projection, loss } kind = Kind::component;
    std::size_t index = 0;                ///< the component, or the number of the projection
    Quantity quantity = Quantity::state;  ///< what it is made of
};

/// Every component of the state and, in several dimensions, a seeded projection; in more than 64, four seeded
/// projections and, of a model that observes a loss, that on the test rows (on the training rows if there are none).
/// Without recorded states, in more than 64 dimensions, the loss alone.
std::vector<Functional> functionals_of(const Setup& setup);

/// ", component 1", ", a seeded projection", ", test_loss"; empty in one dimension.
std::string functional_label(const Setup& setup, const Functional& functional);

/// By replica.
std::vector<double> values(const Evidence& evidence, const Functional& functional, Order order, std::size_t start,
                           std::size_t step);

/// The first of these that the model offers, if one of them.
std::optional<Quantity> first_offered(const Setup& setup, std::initializer_list<Quantity> quantities);

}  // namespace foldback::claims
