#include <cmath>
#include <cstdio>

#include "models/losses/least_squares.hpp"
#include "sim/composite_truth.hpp"
#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

std::string exactly(double x) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", x);
    return text;
}
std::string falling(double c, double t0, double exponent) {
    return "step = { kind = 'power', c = " + exactly(c) + ", t0 = " + exactly(t0) + ", exponent = " + exactly(exponent) + " }\n";
}
std::string constant(double h) { return "step = " + exactly(h) + "\n"; }

Sgd<LeastSquares> least_squares(const std::string& step) {
    return model_from<Sgd<LeastSquares>>("[model]\nkind = 'sgd'\n" + step + "[model.loss]\nkind = 'least_squares'\nridge = 0.1\n" +
                                         "[model.data]\n" + numbers);
}
const std::string bent = tables("operators", {"kind = 'tanh', width = 3", "kind = 'softmax'"});
const std::string noise = tables("perturbations", {"pass = 'backward', kind = 'gaussian', amplitude = 0.1"});
ChainSgd chain(const std::string& model) { return chain_from(bent, noise, three_classes, model); }

const std::string logistic = tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"});

}  // namespace

TEST_CASE("sgd, falling step: map t is that of the constant step c (t + t0)^-q, to the bit") {
    struct Law {
        double c, t0, q;
    };
    for (const Law& law : {Law{2, 10, 1}, {2, 0, 1}, {0.5, 3.5, 0.5}, {0.3, 0, 0.25}})
        for (const char* more : {"", "momentum = 0.5\n"})
            for (std::uint32_t t : {1u, 2u, 17u, 1000u}) {
                CAPTURE(law.q);
                CAPTURE(t);
                const double h = law.c / std::pow(t + law.t0, law.q);
                const double exact = SgdPlan{.step = law.c, .t0 = law.t0, .exponent = law.q}.step_at(t);
                CHECK(exact == doctest::Approx(h).epsilon(1e-15));
                const ChainSgd f = chain(falling(law.c, law.t0, law.q) + more), g = chain(constant(exact) + more);
                const Vector x = ordinary_point(std::size_t(f.dimension()));
                CHECK(same_bits(composed<4>(f, {t}, x.data()), composed<4>(g, {t}, x.data())));
                CHECK_FALSE(same_bits(composed<4>(f, {t}, x.data()), composed<4>(f, {t + 1}, x.data())));
            }
}

TEST_CASE("sgd, falling step: laws, and Lipschitz constants of the step's own size") {
    for (const char* more : {"", "momentum = 0.5\n", "batch = 2\nsampling = 'reshuffled'\n"}) {
        const auto f = least_squares(falling(2, 10, 1) + more);
        Vector starts = ordinary_point(std::size_t(f.dimension())), other = ordinary_point(starts.size(), 2.1);
        starts.insert(starts.end(), other.begin(), other.end());
        law_battery(f, starts);
    }
    using R = Lanes<4>;
    for (std::uint32_t t : {1u, 40u}) {
        const auto f = least_squares(falling(2, 10, 1)), g = least_squares(constant(2.0 / (t + 10)));
        const auto constant_of = [t](const auto& model) {
            auto p = make_parameter<R>(model);
            Noise<R> w(11, 0, model.consumption());
            w.at(t);
            draw_into(model, w, p);
            return model.lipschitz(p);
        };
        for (int l = 0; l < 4; ++l) CHECK(constant_of(f)[l] == constant_of(g)[l]);
    }
}

TEST_CASE("sgd, falling step: a fold takes each map's own step, in either order") {
    // Full batches, no noise: theta_n by hand, through the gradients of the mean loss.
    const std::string full = "sampling = 'full'\n";
    const auto f = least_squares(falling(0.5, 2, 0.5) + full);
    const auto g = least_squares(constant(0.1) + full);
    const Truth truth = g.truth();
    const Vector start = ordinary_point(4);
    for (const std::vector<std::uint32_t>& maps : {std::vector<std::uint32_t>{4, 3, 2, 1}, {1, 2, 3, 4}}) {
        Vector x = start;
        for (auto t = maps.rbegin(); t != maps.rend(); ++t) {
            const Vector slope = truth.sgd->gradient(x);
            for (std::size_t j = 0; j < 4; ++j) x[j] -= 0.5 / std::sqrt(*t + 2.0) * slope[j];
        }
        const Vector state = composed<1>(f, maps, start.data());
        for (std::size_t j = 0; j < 4; ++j) CHECK(state[j] == doctest::Approx(x[j]).epsilon(1e-12));
    }
}

TEST_CASE("sgd, falling step: nothing that is one law's or stationary is known") {
    const Truth one = least_squares(constant(0.1)).truth(), t = least_squares(falling(2, 10, 1)).truth();
    CHECK(one.sgd != nullptr);
    CHECK(one.lipschitz_moment != nullptr);
    CHECK(one.affine.has_value());
    CHECK(one.displacement != nullptr);
    CHECK(one.homogeneous);
    CHECK(t.sgd == nullptr);
    CHECK(t.lipschitz_moment == nullptr);
    CHECK_FALSE(t.lipschitz_sure.has_value());
    CHECK_FALSE(t.chi.has_value());
    CHECK_FALSE(t.affine.has_value());
    CHECK(t.displacement == nullptr);
    CHECK(t.mean.empty());
    CHECK(t.covariance.empty());
    CHECK_FALSE(t.homogeneous);
    CHECK(t.note.find("step falls") != std::string::npos);
    CHECK(least_squares(falling(2, 10, 1) + "batch = 5\nsampling = 'reshuffled'\n").truth().epoch == 4);
    CHECK(least_squares(constant(0.1)).step_size() == 0.1);
    CHECK(least_squares(falling(2, 10, 1)).step_size() == 0);
    CHECK_FALSE(least_squares(falling(2, 10, 1)).has_control());
    CHECK(least_squares(falling(2, 10, 1)).observables().has(LossObservable::optimum_distance));
}

TEST_CASE("sgd, falling step: descent takes the step of its map") {
    const ChainSgd f = chain_from(logistic, "ridge = 0.1\n" + noise, two_classes, falling(3, 4, 0.5));
    const auto d = f.truth().composite->descent.value();
    CHECK(f.truth().composite->step == doctest::Approx(3 / std::sqrt(5.0)).epsilon(1e-15));
    for (double t : {1.0, 2.0, 100.0}) CHECK(d.step(t) == doctest::Approx(3 / std::sqrt(t + 4)).epsilon(1e-15));
    CHECK(f.truth().homogeneous == false);
}

TEST_CASE("sgd, falling step: what a file keeps, and what is refused") {
    const auto arrays = chain(falling(2, 3, 0.5)).parameters();
    bool found = false;
    for (const NamedArray& a : arrays)
        if (a.name == "falling_step") {
            found = true;
            CHECK(a.values == std::vector<double>{2, 3, 0.5});
        }
    CHECK(found);
    for (const NamedArray& a : chain(constant(0.1)).parameters()) CHECK(a.name != "falling_step");
    const auto why = [](const std::string& step) {
        return refusal<ChainSgd>(chain_text(bent, noise, three_classes, "step = " + step + "\n"));
    };
    const auto says = [&](const std::string& step, const std::string& part) {
        const std::string text = why(step);
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    CHECK(why("{ kind = 'power', c = 1.0 }").empty());
    says("{ c = 1.0 }", "step.kind");
    says("{ kind = 'falling', c = 1.0 }", "step.kind");
    says("{ kind = 'power' }", "step.c");
    says("{ kind = 'power', c = 0.0 }", "step.c");
    says("{ kind = 'power', c = 1.0, t0 = -1.0 }", "step.t0");
    says("{ kind = 'power', c = 1.0, exponent = 0.0 }", "step.exponent");
    says("{ kind = 'power', c = 1.0, exponent = 1.5 }", "step.exponent");
    says("{ kind = 'power', c = 1.0, rate = 2.0 }", "step.rate");
    says("'fast'", "step");
}
