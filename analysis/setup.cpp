#include "analysis/setup.hpp"

#include <cmath>
#include <map>

#include "sim/error.hpp"

namespace foldback {
namespace {

using Assumed = std::map<std::string, double>;

std::string exponent_name(double p) {
    if (std::isinf(p)) return "inf";
    return p == std::floor(p) ? std::to_string(int(p)) : "";
}

const double* find(const Assumed& assumed, const std::string& name) {
    const auto at = assumed.find(name);
    return at == assumed.end() ? nullptr : &at->second;
}

void assume(Truth& truth, const Assumed& assumed) {
    const double* rho_inf = find(assumed, "rho_inf");
    if (rho_inf) truth.lipschitz_sure = Fact{std::pow(*rho_inf, truth.maps_per_factor), Label::assumed};
    truth.lipschitz_moment = [base = truth.lipschitz_moment, assumed, k = truth.maps_per_factor](double p) -> std::optional<Fact> {
        const double* rho = find(assumed, "rho_" + exponent_name(p));
        if (!rho) rho = find(assumed, "rho_inf");
        if (rho) return Fact{std::pow(*rho, p * k), Label::assumed};
        return base ? base(p) : std::nullopt;
    };
    truth.displacement = [base = truth.displacement, assumed](std::span<const double> x, double p) -> std::optional<Fact> {
        const double* d = find(assumed, "D_" + exponent_name(p));
        if (!d) d = find(assumed, "D_inf");
        if (d) return Fact{*d, Label::assumed};
        return base ? base(x, p) : std::nullopt;
    };
    if (const double* chi = find(assumed, "chi")) truth.chi = Fact{*chi, Label::assumed};
    if (const double* exponent = find(assumed, "lyapunov")) truth.lyapunov = Fact{*exponent, Label::assumed};
    if (const double* alpha = find(assumed, "tail_index")) truth.tail_index = Fact{*alpha, Label::assumed};
}

/// The ball about the first start that the user says the maps contract; paths may leave it.
void assume_region(Setup& setup, const Assumed& assumed) {
    const double *radius = find(assumed, "region_radius"), *rho = find(assumed, "rho_K");
    if (!radius && !rho) return;
    const std::string here = radius ? "region_radius" : "rho_K", other = radius ? "rho_K" : "region_radius";
    if (!radius || !rho)
        throw KeyError("verify.assume." + here, "verify.assume." + here + " stands without " + other +
                                                    "; a region that maps contract needs both");
    if (setup.metric != "euclidean")
        throw KeyError("verify.assume." + here, "verify.assume." + here + ": the metric of model '" + setup.kind + "' is " +
                                                    setup.metric + "; a region is a Euclidean ball");
    Region ball;
    ball.lipschitz = Fact{*rho, Label::assumed};
    ball.center = setup.starts.front();
    ball.radius = *radius;
    setup.truth.region = ball;
}

// What a model says of its Lipschitz constants holds in its region; paths may leave that one.
void forget_contraction(Setup& setup) {
    setup.has_lipschitz = false;
    setup.truth.lipschitz_moment = nullptr;
    setup.truth.lipschitz_sure.reset();
    setup.truth.chi.reset();
    setup.truth.log_lipschitz_variance.reset();
}

}  // namespace

std::vector<KnownNames::Constant> assumable_constants() {
    std::vector<KnownNames::Constant> constants;
    for (const char* name : {"rho_1", "rho_2", "rho_4", "rho_inf", "D_1", "D_2", "D_inf", "tail_index",
                             "region_radius", "rho_K"})
        constants.push_back({name, Range::positive()});
    constants.push_back({"chi", Range::any()});
    constants.push_back({"lyapunov", Range::any()});
    return constants;
}

Setup make_setup(const Configuration& c, const Model& model) {
    Setup setup;
    setup.kind = model.kind();
    setup.metric = model.metric();
    setup.dimension = model.dimension();
    setup.has_lipschitz = model.has_lipschitz();
    setup.truth = model.truth();
    if (setup.truth.region && !setup.truth.region->invariant) forget_contraction(setup);
    Assumed assumed(c.verify.assume.begin(), c.verify.assume.end());
    for (const char* moment : {"rho_1", "rho_2", "rho_4"})
        if (setup.truth.epoch > 0 && assumed.count(moment))
            throw KeyError(std::string("verify.assume.") + moment,
                           std::string("verify.assume.") + moment + ": the maps of model '" + model.kind() + "' are not independent, so that moments of products are no products of moments; assume rho_inf");
    if (!assumed.empty()) assume(setup.truth, assumed);
    for (const auto& [name, value] : c.verify.assume) setup.assumed.push_back(name + " = " + shortest(value));
    setup.seed = c.ensemble.seed;
    setup.replicas = c.ensemble.replicas;
    setup.starts = c.ensemble.starts;
    assume_region(setup, assumed);
    for (std::int64_t n : c.ensemble.steps) setup.steps.push_back(std::uint32_t(n));
    setup.times = c.ensemble.times;
    for (const auto& order : c.ensemble.orders) setup.orders.push_back(order_named(order));
    setup.closed_backward = c.ensemble.backward == "closed";
    setup.merge_tolerance = c.ensemble.merge_tolerance;
    if (c.stop) setup.stop = Shape::Stop{c.stop->product, std::uint32_t(c.stop->max_steps)};
    setup.states = c.record.states;
    setup.window = std::uint32_t(c.record.window);
    setup.covariances = model.dimension() <= 64;
    setup.offers = [&model](Quantity q) { return model.offers(q); };
    setup.distance = [&model](std::span<const double> x, std::span<const double> y) { return model.distance(x, y); };
    return setup;
}

}  // namespace foldback
