#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Pass = Perturbation::Pass;

const std::string dense =
    tables("operators", {"kind = 'tanh', width = 3, gain = 2.0", "kind = 'linear', width = 5", "kind = 'readout'"});
constexpr std::size_t weights = 12 + 15;

/// A chain of three operators with these perturbations, batches of 2.
ChainSgd perturbed(std::initializer_list<std::string> perturbations, const std::string& loss = "") {
    return chain_from(dense, loss + tables("perturbations", perturbations), numbers, "step = 0.1\nbatch = 2\n");
}

double root_mean_square(const Vector& v) { return norm(v) / std::sqrt(double(v.size())); }

struct Where {
    const char* pass;
    Pass which;
    std::size_t n, count;
};
constexpr Where everywhere[] = {
    {"forward", Pass::forward, 1, 6}, {"backward", Pass::backward, 2, 10}, {"gradient", Pass::gradient, 1, 12}};

/// visit(signal of one pass and operator) for 4,096 replicas of one step, at most two batches of them alike.
template <class Visit>
void for_signals(const ChainSgd& f, const Where& where, Visit visit) {
    Step<8> step(f, ordinary_point(weights), 41, 3);
    for (std::uint32_t first = 0; first < 4096; first += 8) {
        step.draw(41, 3, first);
        for (int l = 0; l < 8; ++l) visit(at(step.signals(1, l), where.which, where.n));
    }
}

/// Mean 0, variance 1, fourth moment and largest size of what is added in units of its scale.
void check_moments(const ChainSgd& f, const Where& where, double amplitude, bool relative, double fourth, double most) {
    Vector values, squares, fourths, products;
    double largest = 0;
    for_signals(f, where, [&](const Signal& s) {
        REQUIRE(s.before.size() == where.count);
        const double scale = amplitude * (relative ? root_mean_square(s.before) : 1);
        const Vector added = s.added();
        for (std::size_t i = 0; i < added.size(); ++i) {
            const double unit = added[i] / scale;
            values.push_back(unit);
            squares.push_back(unit * unit);
            fourths.push_back(unit * unit * unit * unit);
            if (i > 0) products.push_back(added[i] * added[i - 1] / (scale * scale));
            largest = std::max(largest, std::abs(unit));
        }
    });
    check_fact("mean", Sample(values), {0});
    check_fact("variance", Sample(squares), {1});
    check_fact("fourth moment", Sample(fourths), {fourth});
    check_fact("neighbours", Sample(products), {0});
    CHECK(largest <= most + 1e-9);
}

/// E[after] = before, component by component, over draws at one state and one batch.
void check_unbiased(const ChainSgd& f, const Where& where) {
    Step<8> step(f, ordinary_point(weights), 41, 3);
    std::vector<Vector> deviations(where.count);
    std::size_t moved = 0;
    for (std::uint32_t first = 0; first < 4096; first += 8) {
        step.draw(41, 3, first);
        for (int l = 0; l < 8; ++l) {
            const Signals all = step.signals(1, l);
            const Signal& s = at(all, where.which, where.n);
            for (std::size_t i = 0; i < where.count; ++i) {
                deviations[i].push_back((s.after[i] - s.before[i]) / root_mean_square(s.before));
                moved += s.after[i] != s.before[i];
            }
        }
    }
    CHECK(moved > 4096);
    for (const Vector& d : deviations) check_fact("mean deviation", Sample(d), {0});
}

/// The factor by which a perturbation of amplitude 1 acts at a step.
double factor_at(const ChainSgd& f, std::uint32_t step, std::uint32_t replica = 0) {
    Step<> s(f, ordinary_point(weights), 17, step, replica);
    return root_mean_square(at(s.signals(), Pass::forward, 1).added());
}

Vector image(const ChainSgd& f, std::uint32_t step) {
    return DrawnStep<Composite>(f, step).image(ordinary_point(f.loss.dimension()));
}

const char* const every_kind[] = {"kind = 'gaussian', amplitude = 0.1",
                                  "kind = 'uniform', amplitude = 0.1, relative = true",
                                  "kind = 'rademacher', amplitude = 0.1",
                                  "kind = 'adversarial', amplitude = 0.1",
                                  "kind = 'bias', amplitude = 0.1",
                                  "kind = 'stochastic_rounding', format = 'fp8_e4m3'",
                                  "kind = 'nearest', format = 'fp8_e5m2'",
                                  "kind = 'sparsification', keep = 0.5",
                                  "kind = 'top_k', k = 2"};

}  // namespace

// The fourth moments of the standard laws: 3, 9/5 and 1. Sizes of 4,096 x 12 normals beyond 7 have probability 1e-7.
TEST_CASE("perturbations: moments of what is added") {
    for (const Where& where : everywhere)
        for (const bool relative : {false, true}) {
            CAPTURE(where.pass);
            CAPTURE(relative);
            const auto f = [&](const std::string& kind) {
                return perturbed({"pass = '" + std::string(where.pass) + "', kind = '" + kind +
                                  "', amplitude = 0.5, relative = " + (relative ? "true" : "false")},
                                 "amplitude = 0.2\n");
            };
            check_moments(f("gaussian"), where, 0.1, relative, 3, 7);
            check_moments(f("uniform"), where, 0.1, relative, 1.8, std::sqrt(3.0));
            check_moments(f("rademacher"), where, 0.1, relative, 1, 1);
        }
}

TEST_CASE("perturbations: stochastic rounding and sparsification keep the mean") {
    for (const Where& where : everywhere) {
        const std::string pass =
            "pass = '" + std::string(where.pass) + "', operators = [" + std::to_string(where.n) + "], ";
        check_unbiased(perturbed({pass + "kind = 'stochastic_rounding', format = 'fp8_e5m2'"}), where);
        check_unbiased(
            perturbed({pass + "kind = 'stochastic_rounding', format = 'fixed', spacing = 0.3, amplitude = 0.5"}),
            where);
        check_unbiased(perturbed({pass + "kind = 'sparsification', keep = 0.3"}), where);
    }
}

TEST_CASE("perturbations: sparsification keeps v over keep, or nothing") {
    const ChainSgd f = perturbed({"pass = 'forward', kind = 'sparsification', keep = 0.25, operators = [1]"});
    double kept = 0, all = 0;
    for_signals(f, everywhere[0], [&](const Signal& s) {
        for (std::size_t i = 0; i < s.after.size(); ++i) {
            CHECK((s.after[i] == 0 || s.after[i] == s.before[i] / 0.25));
            kept += s.after[i] != 0;
            ++all;
        }
    });
    CHECK(std::abs(kept / all - 0.25) < 6 * std::sqrt(0.25 * 0.75 / all));
}

TEST_CASE("perturbations: rounding ends on the format's numbers, whatever was there before") {
    for (const char* format : {"bf16", "fp16", "fp8_e4m3", "fp8_e5m2"}) {
        const std::string kind = "kind = 'nearest', format = '" + std::string(format) + "'";
        const ChainSgd f =
            perturbed({"pass = 'forward', " + kind, "pass = 'backward', " + kind, "pass = 'gradient', " + kind});
        const NumberFormat& numbers_of = f.loss.perturbations.list[0].format;
        Step<> step(f, ordinary_point(weights), 41, 3);
        for (const Signal& s : step.signals())
            for (std::size_t i = 0; i < s.after.size(); ++i) CHECK(s.after[i] == numbers_of.nearest(s.before[i]));
    }
    // Half of the way.
    const ChainSgd half = perturbed({"pass = 'forward', kind = 'nearest', format = 'fp8_e5m2', amplitude = 0.5"});
    Step<> step(half, ordinary_point(weights), 41, 3);
    const Signals all = step.signals();
    const Signal& s = at(all, Pass::forward, 1);
    for (std::size_t i = 0; i < s.after.size(); ++i)
        CHECK(s.after[i] ==
              doctest::Approx((s.before[i] + half.loss.perturbations.list[0].format.nearest(s.before[i])) / 2)
                  .epsilon(1e-15));
}

TEST_CASE("perturbations: signals far beyond a format saturate, and infinite ones stay") {
    const std::string far = tables("operators", {"kind = 'linear', width = 3", "kind = 'readout'"});
    const ChainSgd f =
        chain_from(far, tables("perturbations", {"pass = 'forward', kind = 'nearest', format = 'fp8_e4m3'"}), numbers);
    for (const double size : {1e5, 1e30, 1e300}) {
        Step<> step(f, Vector(12, size), 41, 3);
        const Signals all = step.signals();
        for (double v : at(all, Pass::forward, 1).after) CHECK(std::abs(v) == 448);
    }
    Step<> step(f, Vector(12, 1e308), 41, 3);
    const Signals all = step.signals();
    const Signal& s = at(all, Pass::forward, 1);
    for (std::size_t i = 0; i < 3; ++i)
        if (std::isinf(s.before[i])) CHECK(s.after[i] == s.before[i]);
}

TEST_CASE("perturbations: top-k keeps the largest, the first of equal ones") {
    const ChainSgd f = perturbed({"pass = 'forward', kind = 'top_k', k = 2, operators = [1]"});
    for_signals(f, everywhere[0], [&](const Signal& s) {
        std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return std::abs(s.before[a]) > std::abs(s.before[b]); });
        Vector kept(6, 0.0);
        for (std::size_t k : {order[0], order[1]}) kept[k] = s.before[k];
        CHECK(s.after == kept);
    });
    // All weights alike: three equal signals a row.
    const ChainSgd one = chain_from(
        dense, tables("perturbations", {"pass = 'forward', kind = 'top_k', k = 2, operators = [1]"}), numbers);
    Step<> step(one, Vector(weights, 0.1), 41, 3);
    const Signals all = step.signals();
    const Signal& s = at(all, Pass::forward, 1);
    CHECK(s.after == Vector{s.before[0], s.before[1], 0.0});
    const ChainSgd many = chain_from(
        dense, tables("perturbations", {"pass = 'forward', kind = 'top_k', k = 3, operators = [1]"}), numbers);
    Step<> whole(many, Vector(weights, 0.1), 41, 3);
    CHECK(norm(at(whole.signals(), Pass::forward, 1).added()) == 0);
}

TEST_CASE("perturbations: a bias has its norm and its direction") {
    for (const Where& where : everywhere) {
        const std::string pass = "pass = '" + std::string(where.pass) + "', operators = [" + std::to_string(where.n) +
                                 "], kind = 'bias', amplitude = 0.5";
        const Vector ones =
            at(Step<>(perturbed({pass}), ordinary_point(weights), 41, 3).signals(), where.which, where.n).added();
        for (double b : ones) CHECK(b == doctest::Approx(0.5 / std::sqrt(double(where.count))).epsilon(1e-13));
        const Signals all = Step<>(perturbed({pass + ", relative = true"}), ordinary_point(weights), 41, 3).signals();
        const Signal& s = at(all, where.which, where.n);
        CHECK(norm(s.added()) == doctest::Approx(0.5 * norm(s.before)).epsilon(1e-13));
    }
    const ChainSgd f =
        perturbed({"pass = 'forward', operators = [1], kind = 'bias', amplitude = 0.5, direction = [3.0, 0.0, -4.0]"});
    const Vector b = at(Step<>(f, ordinary_point(weights), 41, 3).signals(), Pass::forward, 1).added();
    const double share = 0.5 / std::sqrt(2.0);  // two rows
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(b[i] == doctest::Approx(share * Vector{0.6, 0, -0.8}[i % 3]).epsilon(1e-13));
}

TEST_CASE("perturbations: an adversary follows the error that arrives, or else the gradient") {
    const ChainSgd f = perturbed({"pass = 'forward', kind = 'adversarial', amplitude = 0.5",
                                  "pass = 'backward', kind = 'adversarial', amplitude = 0.25, relative = true"});
    Step<> step(f, ordinary_point(weights), 41, 3);
    const Signals all = step.signals();
    const ChainSgd plain = chain_from(dense, "", numbers, "step = 0.1\nbatch = 2\n");
    const Signals clean = Step<>(plain, ordinary_point(weights), 41, 3).signals();
    const auto along = [](const Vector& v, const Vector& direction, double size) {
        for (std::size_t i = 0; i < v.size(); ++i)
            CHECK(v[i] == doctest::Approx(size * direction[i] / norm(direction)).epsilon(1e-11));
    };
    // Nothing has gone wrong before operator 1: along u_1, which makes the loss larger.
    along(at(all, Pass::forward, 1).added(), at(clean, Pass::backward, 1).before, 0.5);
    const auto error = [&](Pass pass, std::size_t n) {
        Vector e = at(all, pass, n).before;
        for (std::size_t i = 0; i < e.size(); ++i) e[i] -= at(clean, pass, n).before[i];
        return e;
    };
    along(at(all, Pass::forward, 2).added(), error(Pass::forward, 2), 0.5);
    // A readout's adjoint is what it is.
    along(at(all, Pass::backward, 2).added(), at(clean, Pass::backward, 2).before,
          0.25 * norm(at(all, Pass::backward, 2).before));
    along(at(all, Pass::backward, 1).added(), error(Pass::backward, 1), 0.25 * norm(at(all, Pass::backward, 1).before));
}

TEST_CASE("perturbations: act at the operators that are named, in the order of their tables") {
    const std::string noise = "kind = 'rademacher', amplitude = 0.1";
    const ChainSgd f = perturbed({"pass = 'forward', operators = [2], " + noise});
    for (const Signal& s : Step<>(f, ordinary_point(weights), 41, 3).signals())
        CHECK((norm(s.added()) > 0) == (s.pass == Pass::forward && s.n == 2));
    // Rounded last, or first and then off the grid.
    const std::string rounding = "pass = 'forward', kind = 'nearest', format = 'fixed', spacing = 0.25",
                      by = "pass = 'forward', kind = 'bias', amplitude = 0.1";
    const auto on_grid = [&](std::initializer_list<std::string> list) {
        const Signals all = Step<>(perturbed(list), ordinary_point(weights), 41, 3).signals();
        for (double v : at(all, Pass::forward, 1).after)
            if (v != std::round(4 * v) / 4) return false;
        return true;
    };
    CHECK(on_grid({by, rounding}));
    CHECK_FALSE(on_grid({rounding, by}));
}

TEST_CASE("perturbations: schedules") {
    const auto f = [](const std::string& schedule) {
        return perturbed({"pass = 'forward', kind = 'rademacher', amplitude = 1.0, operators = [1], schedule = { " +
                          schedule + " }"});
    };
    const ChainSgd power = f("kind = 'power', exponent = 0.25"), window = f("kind = 'window', first = 3, last = 5"),
                   spikes = f("kind = 'spikes', at = [9, 2]"), constant = f("kind = 'constant'"),
                   never = f("kind = 'power', exponent = 0");
    for (std::uint32_t t = 1; t <= 10; ++t) {
        CHECK(factor_at(power, t) == doctest::Approx(std::pow(t, -0.25)).epsilon(1e-14));
        CHECK(factor_at(window, t) == doctest::Approx(t >= 3 && t <= 5 ? 1 : 0));
        CHECK(factor_at(spikes, t) == doctest::Approx(t == 2 || t == 9 ? 1 : 0));
        CHECK(factor_at(constant, t) == doctest::Approx(1));
        CHECK(factor_at(never, t) == doctest::Approx(1));
    }
    for (const ChainSgd* scheduled : {&power, &window, &spikes, &never}) CHECK_FALSE(scheduled->truth().homogeneous);
    for (const ChainSgd& steady : {constant, f("kind = 'bernoulli', rate = 0.5")}) CHECK(steady.truth().homogeneous);
}

TEST_CASE("perturbations: the loss's schedule is of those that have none of their own") {
    const std::string decaying = "schedule = { kind = 'power', exponent = 0.25 }\n",
                      noise = "pass = 'forward', kind = 'rademacher', amplitude = 1.0, operators = [1]";
    const ChainSgd follows = perturbed({noise}, decaying), stays = perturbed({noise + ", schedule = { kind = 'constant' }"}, decaying);
    CHECK(factor_at(follows, 16) == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(factor_at(stays, 16) == doctest::Approx(1));
    CHECK(factor_at(perturbed({noise}), 16) == doctest::Approx(1));
    CHECK_FALSE(follows.truth().homogeneous);
    CHECK(stays.truth().homogeneous);
}

TEST_CASE("perturbations: a bernoulli schedule is on at its rate, for all signals at once") {
    const ChainSgd f = perturbed(
        {"pass = 'forward', kind = 'rademacher', amplitude = 1.0, schedule = { kind = 'bernoulli', rate = 0.2 }"});
    double on = 0, after_on = 0, both = 0;
    bool before = false;
    for (std::uint32_t t = 1; t <= 4000; ++t) {
        const Signals all = Step<>(f, ordinary_point(weights), 17, t).signals();
        const bool here = norm(at(all, Pass::forward, 1).added()) > 0;
        CHECK(here == (norm(at(all, Pass::forward, 2).added()) > 0));
        on += here;
        after_on += before;
        both += before && here;
        before = here;
    }
    CHECK(std::abs(on / 4000 - 0.2) < 6 * std::sqrt(0.2 * 0.8 / 4000));
    // Independent steps: as often after one that was on.
    CHECK(std::abs(both / after_on - 0.2) < 6 * std::sqrt(0.2 * 0.8 / after_on));
}

TEST_CASE("perturbations: pure in the address, and their negatives where they are negated") {
    const ChainSgd f = perturbed({"pass = 'forward', kind = 'gaussian', amplitude = 0.5, operators = [1]",
                                  "pass = 'backward', kind = 'uniform', amplitude = 0.5, operators = [2]",
                                  "pass = 'gradient', kind = 'rademacher', amplitude = 0.5"});
    Step<> one(f, ordinary_point(weights), 41, 3), other(f, ordinary_point(weights), 41, 4);
    const Signals first = one.signals(), again = one.signals(), negated = one.signals(-1), next = other.signals();
    one.draw(41, 7, 2);
    one.draw(41, 3, 0);
    const Signals back = one.signals();
    for (const Where& where : everywhere) {
        const Vector added = at(first, where.which, where.n).added(), minus = at(negated, where.which, where.n).added();
        CHECK(same_bits(at(first, where.which, where.n).after, at(again, where.which, where.n).after));
        CHECK(same_bits(at(first, where.which, where.n).after, at(back, where.which, where.n).after));
        CHECK(norm(added) > 0.1);
        for (std::size_t i = 0; i < added.size(); ++i) {
            CHECK(added[i] == doctest::Approx(-minus[i]).epsilon(1e-12));
            CHECK(added[i] != at(next, where.which, where.n).added()[i] * (where.which == Pass::gradient ? 2 : 1));
        }
    }
    // What is no zero-mean draw stays: a bias.
    const ChainSgd biased = perturbed({"pass = 'forward', kind = 'bias', amplitude = 0.5"});
    Step<> bias(biased, ordinary_point(weights), 41, 3);
    CHECK(at(bias.signals(1), Pass::forward, 1).after == at(bias.signals(-1), Pass::forward, 1).after);
}

TEST_CASE("perturbations: negated, stochastic rounding and sparsification take the mirrored uniform") {
    const ChainSgd f =
        perturbed({"pass = 'forward', kind = 'stochastic_rounding', format = 'fixed', spacing = 0.5, operators = [1]"});
    const ChainSgd half = perturbed({"pass = 'forward', kind = 'sparsification', keep = 0.5, operators = [1]"});
    for (std::uint32_t replica = 0; replica < 64; ++replica) {
        Step<> step(f, ordinary_point(weights), 41, 3, replica), kept(half, ordinary_point(weights), 41, 3, replica);
        const Signals up = step.signals(), down = step.signals(-1), these = kept.signals(), those = kept.signals(-1);
        const Signal &a = at(up, Pass::forward, 1), &b = at(down, Pass::forward, 1);
        for (std::size_t i = 0; i < a.after.size(); ++i) {
            const double fraction = a.before[i] / 0.5 - std::floor(a.before[i] / 0.5),
                         mean = (a.after[i] + b.after[i]) / 2;
            // Near the middle u and 1 - u fall on both sides: the pair's mean is the middle's whatever u is.
            CHECK(std::abs(mean - a.before[i]) <= 0.5 * std::max(fraction, 1 - fraction));
            // Kept by one of u and 1 - u.
            CHECK((at(these, Pass::forward, 1).after[i] != 0) != (at(those, Pass::forward, 1).after[i] != 0));
        }
    }
}

TEST_CASE("perturbations: of amplitude 0 leave every bit, in every width of lanes") {
    const Vector plain = image(chain_from(dense, "", numbers, "step = 0.1\nbatch = 2\n"), 3);
    for (const char* kind : every_kind)
        for (const Where& where : everywhere) {
            const std::string one = "pass = '" + std::string(where.pass) + "', " + kind;
            if (one.find("adversarial") != std::string::npos && where.which == Pass::gradient) continue;
            CAPTURE(one);
            CHECK(same_bits(image(perturbed({one}, "amplitude = 0.0\n"), 3), plain));
            CHECK(
                same_bits(image(perturbed({one + ", schedule = { kind = 'window', first = 9, last = 9 }"}), 3), plain));
            const ChainSgd f = perturbed({one});
            CHECK_FALSE(same_bits(image(f, 3), plain));
            check_purity(f, ordinary_point(weights));
        }
}

TEST_CASE("perturbations: the derivatives of what can be derived") {
    for (const char* kind : {every_kind[0], every_kind[1], every_kind[2], every_kind[4],
                             "kind = 'bias', amplitude = 0.2, relative = true"})
        for (const Where& where : everywhere) {
            const ChainSgd f = perturbed({"pass = '" + std::string(where.pass) + "', " + std::string(kind)});
            CHECK(f.loss.differentiable());
            check_derivatives(f);
        }
}
