#include "analysis/claims/functionals.hpp"

#include "analysis/claims/common.hpp"
#include "analysis/directions.hpp"

namespace foldback::claims {
namespace {

constexpr std::size_t many_projections = 4;
constexpr std::uint64_t direction_seed = 1;  // fixed, so that a file is judged the same way every time

std::vector<double> project(const Evidence& evidence, std::size_t which, Order order, std::size_t start,
                            std::size_t step) {
    const std::size_t d = std::size_t(evidence.setup().dimension);
    const std::size_t count = evidence.setup().dimension > most_components ? many_projections : 1;
    const std::vector<double> directions = sphere_directions(d, count, direction_seed);
    std::vector<double> projection(std::size_t(evidence.setup().replicas), 0.0);
    for (std::size_t i = 0; i < d; ++i) {
        const auto x = evidence.values({Quantity::state, order, start, step, i});
        for (std::size_t r = 0; r < x.size(); ++r) projection[r] += directions[which * d + i] * x[r];
    }
    return projection;
}

}  // namespace

std::optional<Quantity> first_offered(const Setup& setup, std::initializer_list<Quantity> quantities) {
    for (Quantity q : quantities)
        if (setup.offers && setup.offers(q)) return q;
    return std::nullopt;
}

std::vector<Functional> functionals_of(const Setup& setup) {
    using Kind = Functional::Kind;
    std::vector<Functional> functionals;
    if (setup.dimension <= most_components) {
        for (std::size_t i = 0; i < std::size_t(setup.dimension); ++i) functionals.push_back({Kind::component, i});
        if (setup.dimension > 1) functionals.push_back({Kind::projection, 0});
        return functionals;
    }
    if (const auto loss = first_offered(setup, {Quantity::test_loss, Quantity::train_loss}))
        functionals.push_back({Kind::loss, 0, *loss});
    if (functionals.empty() || setup.states)
        for (std::size_t i = 0; i < many_projections; ++i) functionals.push_back({Kind::projection, i});
    return functionals;
}

std::string functional_label(const Setup& setup, const Functional& f) {
    switch (f.kind) {
        case Functional::Kind::component:
            return component_label(setup, f.index);
        case Functional::Kind::loss:
            return std::string(", ") + info(f.quantity).name;
        case Functional::Kind::projection:
            break;
    }
    if (setup.dimension <= most_components) return ", a seeded projection";
    return ", seeded projection " + std::to_string(f.index);
}

std::vector<double> values(const Evidence& evidence, const Functional& f, Order order, std::size_t start,
                           std::size_t step) {
    if (f.kind == Functional::Kind::projection) return project(evidence, f.index, order, start, step);
    return evidence.values({f.quantity, order, start, step, f.index});
}

}  // namespace foldback::claims
