#include <doctest/doctest.h>

#include "tests/support/simulate.hpp"
#include "tests/support/small_chain.hpp"

using namespace foldback;
using namespace foldback::test;

// forward-amplification, backward-amplification, gradient-error.
namespace {

const std::vector<std::string> ids{"forward-amplification", "backward-amplification", "gradient-error"};

Ensemble passes(std::size_t replicas = 2000) {
    Ensemble e;
    e.seed = 20260502;
    e.replicas = replicas;
    e.starts = {SmallChain<5>::rotations(1.2)};
    e.steps = {0, 1, 3};
    e.observables = false;
    e.passes = true;
    return e;
}

SmallChain<5> noisy(Bend bend = Bend::tanh) {
    SmallChain<5> chain;
    chain.bend = bend;
    chain.forward = chain.backward = 0.1;
    chain.eta = 0.05;
    return chain;
}

std::string first_note(const ClaimResult& r) { return r.notes.empty() ? "" : r.notes.front(); }

template <class M>
std::string why_not(const std::string& id, const M& chain, const std::function<void(Setup&)>& assume = {}) {
    Ensemble e = passes(8);
    e.assume = assume;
    return registered(id).plan(setup_of(chain, e)).failed_assumption;
}

}  // namespace

TEST_CASE("claims of pass bounds: hold on every path of tanh and linear chains, in every order") {
    for (Bend bend : {Bend::tanh, Bend::linear})
        for (bool squared : {false, true}) {
            auto chain = noisy(bend);
            chain.squared = squared;
            const auto evidence = simulate(chain, passes());
            for (const auto& id : ids) {
                CAPTURE(id);
                const ClaimResult r = judge(id, evidence);
                CHECK(r.overall == Verdict::holds);
                CHECK(r.plan.tests == 0);
                REQUIRE(r.plan.cases.size() == 2);
                REQUIRE(r.cells.size() == 6);
                CHECK(first_note(r).find("none failed") != std::string::npos);
                CHECK(r.finding.find("operator ") != std::string::npos);
                for (const Cell& cell : r.cells) {
                    CHECK(cell.verdict == Verdict::holds);
                    CHECK(cell.tightness <= 1 + 1e-12);
                }
            }
        }
}

TEST_CASE("claims of pass bounds: every replica is compared at every operator, and the bound is attained") {
    const auto evidence = simulate(noisy(), passes());
    const ClaimResult r = judge("forward-amplification", evidence);
    CHECK(first_note(r) == "60000 comparisons on single paths, none failed");  // 2 orders, 3 steps, 5 operators
    CHECK(r.at(0, 0).tightness == doctest::Approx(1).epsilon(1e-9));           // x~_1 - x_1 is eps_1
    // Backward noise alone: |g~_n - g_n| = |u~_n - u_n| |x_{n-1}| of rank one, exactly.
    auto backward = noisy(Bend::linear);
    backward.forward = 0;
    const ClaimResult g = judge("gradient-error", simulate(backward, passes()));
    for (const Cell& cell : g.cells) CHECK(cell.tightness == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("claims of pass bounds: constants five percent too small are violated, and the offender is named") {
    auto wrong = noisy(Bend::linear);
    wrong.constants = 0.95;
    const auto evidence = simulate(wrong, passes());
    for (const auto& id : ids) {
        CAPTURE(id);
        const ClaimResult r = judge(id, evidence);
        CHECK(r.overall == Verdict::violated);
        CHECK(first_note(r).find("failed, the first at replica ") != std::string::npos);
        CHECK(first_note(r).find("(linear 2 -> 2), step 0, forward, ") != std::string::npos);
    }
    // x~_1 - x_1 needs no constant: the first operator that fails is the second, on the first replica where it does.
    const auto error = evidence.values({Quantity::forward_error, Order::forward, 0, 0, 1});
    const auto bound = evidence.values({Quantity::forward_bound, Order::forward, 0, 0, 1});
    std::size_t first = 0;
    while (error[first] <= bound[first] * (1 + 1e-9)) ++first;
    CHECK(first_note(judge("forward-amplification", evidence))
              .find("replica " + std::to_string(first) + ", operator 2") != std::string::npos);
}

TEST_CASE("claims of pass bounds: where the weights stay one order stands for all") {
    auto still = noisy();
    still.eta = 0;
    for (const auto& id : ids) CHECK(judge(id, simulate(still, passes(50))).plan.cases.size() == 1);
    // Not where passes use what earlier steps computed: the state moves though the weights do not.
    still.bounded = true;
    Ensemble e = passes(50);
    CHECK(judge("gradient-error", simulate(still, e)).at(1, 2).verdict == Verdict::holds);
    e.assume = [](Setup& setup) {
        CompositeTruth truth = *setup.truth.composite;
        truth.memory = true;
        setup.truth.composite = std::make_shared<const CompositeTruth>(truth);
    };
    for (const auto& id : ids) CHECK(judge(id, simulate(still, e)).plan.cases.size() >= 2);
    const ClaimResult r = judge("gradient-error", simulate(still, e));
    REQUIRE(r.plan.cases.size() == 3);
    CHECK(r.at(2, 0).verdict == Verdict::holds);
    CHECK(r.at(2, 2).verdict == Verdict::not_applicable);
}

TEST_CASE("claims of pass bounds: an operator without a Lipschitz derivative has no bound, and this is said") {
    const auto evidence = simulate(noisy(Bend::relu), passes());
    CHECK(judge("forward-amplification", evidence).overall == Verdict::holds);
    const ClaimResult g = judge("gradient-error", evidence);
    CHECK(g.overall == Verdict::holds);  // of the first operator, whose input has no error
    bool said = false;
    for (const auto& note : g.notes)
        said |= note.find("operator 2 (relu 2 -> 2) has no bound on some paths") != std::string::npos;
    CHECK(said);
    CHECK(judge("backward-amplification", evidence).overall == Verdict::holds);  // of the readout's adjoint
    // Without errors in front of it no derivative is needed.
    auto backward = noisy(Bend::relu);
    backward.forward = 0;
    const ClaimResult r = judge("backward-amplification", simulate(backward, passes()));
    CHECK(r.overall == Verdict::holds);
    CHECK(r.notes.size() == 1);
}

TEST_CASE("gradient-error: uniform constants give a second bound, which grows geometrically") {
    auto chain = noisy();
    chain.bounded = true;
    chain.eta = 0;
    const ClaimResult r = judge("gradient-error", simulate(chain, passes()));
    REQUIRE(r.plan.cases.size() == 2);
    CHECK(r.plan.cases[1].find("uniform constants, start") == 0);
    CHECK(r.overall == Verdict::holds);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(r.at(1, k).verdict == Verdict::holds);
        CHECK(r.at(1, k).tightness < r.at(0, k).tightness);
        CHECK(r.at(1, k).tightness > 0.05);
    }
    // By hand, as theory.md has it: a = 1.2, N = 5, at operator 2.
    const auto truth = *chain.truth().composite;
    const auto c = *truth.uniform(passes().starts[0]);
    const double a = c.a, s = 0.1 * std::sqrt(2.0),
                 geometric = [&](double n) { return (std::pow(a, n) - 1) / (a - 1); }(3.0);
    double forward = 0;
    for (int j = 2; j <= 4; ++j) forward += std::pow(a, j - 2) * (std::pow(a, j) - 1) / (a - 1);
    const double by_hand = c.b * (s * geometric + c.c * c.u * s * forward) + c.d * c.u * s;
    Ensemble e = passes(200);
    const auto evidence = simulate(chain, e);
    double largest = 0;
    for (double x : evidence.values({Quantity::gradient_error, Order::forward, 0, 0, 1}))
        largest = std::max(largest, x);
    CHECK(largest < by_hand);
    // Amplitudes follow a schedule: what is sure at its beginning need not be later.
    e.assume = [](Setup& setup) { setup.truth.homogeneous = false; };
    CHECK(registered("gradient-error").plan(setup_of(chain, e)).cases.size() == 1);
    // What is added to the gradient itself is in the recorded bounds, not in the closed form.
    e.assume = [](Setup& setup) {
        CompositeTruth noisy_gradient = *setup.truth.composite;
        noisy_gradient.gradient.perturbed = true;
        setup.truth.composite = std::make_shared<const CompositeTruth>(noisy_gradient);
    };
    CHECK(registered("gradient-error").plan(setup_of(chain, e)).cases.size() == 1);
    // The weights move: only the checkpoint before the first step is compared with them.
    chain.eta = 0.05;
    const ClaimResult moving = judge("gradient-error", simulate(chain, passes()));
    CHECK(moving.at(2, 0).verdict == Verdict::holds);
    CHECK(moving.at(2, 1).verdict == Verdict::not_applicable);
}

TEST_CASE("gradient-error: uniform constants that are too small are violated") {
    auto chain = noisy();
    chain.bounded = true;
    chain.eta = 0;
    Ensemble e = passes();
    e.assume = [](Setup& setup) {
        CompositeTruth truth = *setup.truth.composite;
        truth.uniform = [](std::span<const double>) { return CompositeTruth::Uniform{0.5, 0.5, 0.1, 0.5, 0.5}; };
        setup.truth.composite = std::make_shared<const CompositeTruth>(truth);
    };
    const ClaimResult r = judge("gradient-error", simulate(chain, e));
    CHECK(r.at(0, 0).verdict == Verdict::holds);
    CHECK(r.at(1, 0).verdict == Verdict::violated);
}

TEST_CASE("claims of pass bounds: what they need") {
    auto chain = noisy();
    for (const auto& id : ids) {
        CHECK(why_not(id, chain).empty());
        CHECK(why_not(id, chain, [](Setup& s) { s.truth.composite.reset(); }) ==
              "the model is no chain of operators with perturbed passes");
        CHECK(why_not(id, chain, [](Setup& s) { s.offers = [](Quantity) { return false; }; }).find("does not show") !=
              std::string::npos);
    }
    chain.forward = 0;
    CHECK(why_not("forward-amplification", chain) == "the forward pass is not perturbed: every error is 0");
    CHECK(why_not("gradient-error", chain).empty());
    chain.backward = 0;
    CHECK(why_not("backward-amplification", chain) == "neither pass is perturbed: every error is 0");
    CHECK(why_not("gradient-error", chain) == "neither pass is perturbed: every error is 0");
    const auto all_bent = [](Setup& s) {
        CompositeTruth truth = *s.truth.composite;
        for (std::size_t n = 1; n < truth.operators.size(); ++n) truth.operators[n].smooth = false;
        s.truth.composite = std::make_shared<const CompositeTruth>(truth);
    };
    CHECK(why_not("backward-amplification", noisy(), all_bent).find("there is no c_n") != std::string::npos);
    chain.backward = 0.1;
    CHECK(why_not("backward-amplification", chain, all_bent).empty());
    Ensemble e = passes(8);
    e.passes = false;
    const ClaimResult r = judge("gradient-error", simulate(noisy(), e));
    CHECK(r.overall == Verdict::unresolved);
    CHECK(first_note(r).find("record.observables = [\"gradient_error\"]") != std::string::npos);
}
