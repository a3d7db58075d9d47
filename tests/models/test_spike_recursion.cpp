#include "models/spike_recursion.hpp"

#include "tests/models/law_battery.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

SpikeRecursion at(double eta_lambda, double delta, bool coin = true) { return {{}, eta_lambda, delta, coin, 1}; }

double delta_of(const std::string& keys) {
    return model_from<SpikeRecursion>("[model]\nkind = \"spike_recursion\"\n" + keys +
                                      "noise = { distribution = \"coin\", scale = 1 }\n")
        .delta;
}

std::string refused(const std::string& keys) {
    return refusal<SpikeRecursion>(keys + "noise = { distribution = \"coin\", scale = 1 }\n");
}

bool says(const std::string& message, const char* words) { return message.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("spike_recursion: laws and truths") {
    law_battery(at(0.5, 0.4), {-2, 0, 3});
    law_battery(at(0.5, 0.4, false), {-2, 0, 3});
    law_battery(at(1.5, 0.3), {-2, 0, 3});
    law_battery(model_from<SpikeRecursion>(SpikeRecursion::example), {-2, 0, 3},
                {.stationary_moments = false, .contraction = {0.5}});
}

TEST_CASE("spike_recursion: the phases at eta lam = 1/2") {
    // theory.md, spike-phase
    CHECK(variance_border(0.5) == doctest::Approx(std::sqrt(3.0)).epsilon(1e-15));
    CHECK(recovery_border(0.5) == doctest::Approx(3.636).epsilon(1e-4));
    CHECK(at(0.5, 2.5).truth().tail_index->value == doctest::Approx(0.758).epsilon(1e-3));
    CHECK(at(0.5, std::sqrt(3.0)).truth().tail_index->value == doctest::Approx(2).epsilon(1e-12));
    CHECK(at(0.5, std::sqrt(3.0)).truth().lipschitz_moment(2)->value == doctest::Approx(1).epsilon(1e-14));
    CHECK_FALSE(at(0.5, 1.73).truth().covariance.empty());
    CHECK(at(0.5, 1.74).truth().covariance.empty());
    CHECK(at(0.5, 3.63).truth().lyapunov->value < 0);
    CHECK(at(0.5, 3.64).truth().lyapunov->value > 0);
    CHECK_FALSE(at(0.5, 3.64).truth().tail_index);
}

TEST_CASE("spike_recursion: on the recovery border E log|a| = 0, at every step size") {
    for (double eta_lambda : {0.01, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5, 1.9, 1.99}) {
        CAPTURE(eta_lambda);
        const double border = recovery_border(eta_lambda);
        CHECK(border > variance_border(eta_lambda));
        CHECK(std::abs(at(eta_lambda, border).truth().lyapunov->value) < 1e-13);
        CHECK(at(eta_lambda, border * 0.999).truth().lyapunov->value < 0);
        CHECK(at(eta_lambda, border * 1.001).truth().lyapunov->value > 0);
    }
}

TEST_CASE("spike_recursion: amplitudes in units of a border") {
    CHECK(delta_of("eta_lambda = 0.5\ndelta = 2.5\n") == 2.5);
    CHECK(delta_of("eta_lambda = 0.5\ndelta_over_variance_border = 2\n") == 2 * variance_border(0.5));
    CHECK(delta_of("eta_lambda = 1.5\ndelta_over_recovery_border = 0.5\n") == 0.5 * recovery_border(1.5));
    CHECK(at(2.5, 0.1).truth().lyapunov->value > 0);  // delta itself may be written where there is no border
}

TEST_CASE("spike_recursion: the amplitude is given exactly once, and a border must be there") {
    CHECK(says(refused("eta_lambda = 0.5\n"), "exactly one of delta, delta_over_variance_border"));
    CHECK(says(refused("eta_lambda = 0.5\ndelta = 1\ndelta_over_variance_border = 1\n"), "exactly one of"));
    CHECK(says(refused("eta_lambda = 0.5\ndelta_over_variance_border = 1\ndelta_over_recovery_border = 1\n"),
               "exactly one of"));
    for (const char* form : {"delta_over_variance_border", "delta_over_recovery_border"}) {
        CHECK(says(refused("eta_lambda = 2\n" + std::string(form) + " = 1\n"), "no border"));
        CHECK(refused("eta_lambda = 1.99\n" + std::string(form) + " = 1\n").empty());
    }
    CHECK(says(refused("eta_lambda = 0.5\ndelta = 0\n"), "delta"));
    CHECK(says(refused("eta_lambda = 0\ndelta = 1\n"), "eta_lambda"));
}
