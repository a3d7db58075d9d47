#include "runs/law_table.hpp"

#include <cmath>
#include <limits>

namespace foldback {
namespace {

constexpr std::size_t points = 513;

struct Window {
    double lower, upper;
};

// The middle 99.8 % of the law, by its quantile function or, without one, five standard deviations about the mean.
std::optional<Window> window(const Setup& setup, std::size_t d) {
    const Truth& truth = setup.truth;
    const auto dim = std::size_t(setup.dimension);
    const MarginalLaw& law = truth.marginals[d];
    if (law.quantile) return Window{law.quantile(1e-3), law.quantile(1 - 1e-3)};
    if (truth.mean.size() != dim || truth.covariance.size() != dim * dim) return std::nullopt;
    const double sd = std::sqrt(truth.covariance[d * dim + d]);
    return Window{truth.mean[d] - 5 * sd, truth.mean[d] + 5 * sd};
}

bool tabulated(const Setup& setup) {
    if (setup.truth.marginals.size() != std::size_t(setup.dimension)) return false;
    for (std::size_t d = 0; d < setup.truth.marginals.size(); ++d)
        if (!window(setup, d)) return false;
    return true;
}

}  // namespace

void add_law_table(Layout& layout, const Setup& setup) {
    if (!tabulated(setup)) return;
    layout.groups.push_back({"/law", {{"long_name", std::string("exact stationary law of the model, by component")}}});
    layout.scales.push_back({"/law/component", Type::int64, std::size_t(setup.dimension), {}, "1", "component of the state", {}});
    layout.scales.push_back({"/law/grid_point", Type::int64, points, {}, "1", "point of the table", {}});
    std::vector<std::string> names;
    for (const auto& law : setup.truth.marginals) names.push_back(law.name);
    layout.string_arrays.push_back({"/law/name", "component", names, "the law", {}});
    for (const auto& [variable, text] : {std::pair{"x", "state"}, std::pair{"density", "probability density"}, std::pair{"cdf", "distribution function"}}) {
        Variable v{.path = std::string("/law/") + variable, .dimensions = {"component", "grid_point"}};
        v.long_name = text;
        layout.variables.push_back(std::move(v));
    }
}

void write_law_table(OutputFile& file, const Setup& setup) {
    if (!tabulated(setup)) return;
    std::vector<double> x, density, cdf;
    for (std::size_t d = 0; d < setup.truth.marginals.size(); ++d) {
        const MarginalLaw& law = setup.truth.marginals[d];
        const Window w = *window(setup, d);
        for (std::size_t i = 0; i < points; ++i) {
            const double at = w.lower + (w.upper - w.lower) * double(i) / double(points - 1);
            const bool known = at <= law.known_up_to;
            x.push_back(at);
            density.push_back(known && law.density ? law.density(at) : std::numeric_limits<double>::quiet_NaN());
            cdf.push_back(known && law.cdf ? law.cdf(at) : std::numeric_limits<double>::quiet_NaN());
        }
    }
    file.write_all("/law/x", x.data());
    file.write_all("/law/density", density.data());
    file.write_all("/law/cdf", cdf.data());
}

}  // namespace foldback
