#include "analysis/certificate.hpp"

#include <algorithm>

namespace foldback {

Label weaker(Label a, Label b) { return std::max(a, b); }  // exact < bound < estimated < assumed

std::optional<Fact> sure_certificate_constant(const Setup& setup, std::size_t start) {
    const auto rho = setup.truth.lipschitz_sure, d = setup.displacement(start, infinity);
    if (!rho || !d || !(rho->value < 1) || !std::isfinite(d->value)) return std::nullopt;
    // A partial factor counts as 1, so that each factor of k maps gives k equal terms of the series.
    return Fact{setup.truth.maps_per_factor * d->value / (1 - rho->value), weaker(rho->label, d->label)};
}

std::optional<Fact> certificate_constant(const Setup& setup, std::size_t start) {
    if (const auto sure = sure_certificate_constant(setup, start)) return sure;
    if (setup.truth.epoch > 0) return std::nullopt;  // the maps to come depend on those drawn
    return setup.tail(0, start, 1);
}

}  // namespace foldback
