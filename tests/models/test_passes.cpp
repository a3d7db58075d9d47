#include "tests/models/chain_by_definition.hpp"
#include "tests/models/composite_models.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Q = PassObservable;
using Pass = Perturbation::Pass;

bool by_component(Q q) { return q == Q::gradient_deviation || q == Q::antithetic_deviation; }
bool single(Q q) { return q == Q::gradient_relative_error || q == Q::gradient_cosine; }

/// What Passes shows of one step at one state: by observable, (number, lane).
template <int W>
struct Seen {
    using R = Lanes<W>;
    std::vector<Workspace<R>> room;
    std::vector<std::size_t> size;

    explicit Seen(const ChainSgd& f) {
        for (unsigned q = 0; q < pass_observable_count; ++q) {
            size.push_back(by_component(Q(q)) ? std::size_t(f.dimension()) : single(Q(q)) ? 1 : f.operators());
            room.emplace_back(size.back());
        }
    }
    PassRoom<R> all() {
        PassRoom<R> out;
        for (unsigned q = 0; q < pass_observable_count; ++q) out.at[q] = room[q].data();
        return out;
    }
    PassRoom<R> only(Q q) {
        PassRoom<R> out;
        out.at[unsigned(q)] = room[unsigned(q)].data();
        return out;
    }
    double of(Q q, std::size_t k, int lane = 0) const { return room[unsigned(q)][k][lane]; }
    Vector values(Q q) const {
        Vector v;
        for (std::size_t k = 0; k < size[unsigned(q)]; ++k) v.push_back(of(q, k));
        return v;
    }
};

template <int W>
void observe(Step<W>& step, Seen<W>& seen) {
    typename ChainSgd::Passes<Lanes<W>>(step.f).observe(step.f, step.p, step.w.data(), seen.all());
}

const std::string all_kinds =
    tables("operators", {"kind = 'tanh', width = 3, bias = true, gain = 1.5", "kind = 'residual', repeat = 3",
                         "kind = 'softplus', width = 5", "kind = 'normalisation', epsilon = 0.2",
                         "kind = 'linear', width = 3, bias = true", "kind = 'softmax'"});
const std::string both_noises =
    "depth = 2\nridge = 0.1\n" +
    tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1",
                             "pass = 'backward', kind = 'uniform', amplitude = 0.1, relative = true"});

/// The largest error / bound of each pass.
struct Tightness {
    double forward = 0, backward = 0, gradient = 0;
};
/// Errors against their bounds, over weights and draws.
struct Check {
    const ChainSgd& f;
    int violations = 0;
    double loosest = 0;  ///< the largest rounding slack, relative to what it is added to, where the bound is not tiny
    Tightness tight = {};

    void one(const Seen<8>& seen, Q error, Q bound, Q slack, double& tightness) {
        for (std::size_t n = 0; n < f.operators(); ++n)
            for (int l = 0; l < 8; ++l) {
                const double e = seen.of(error, n, l), b = seen.of(bound, n, l), s = seen.of(slack, n, l);
                if (std::isnan(b)) continue;
                violations += !(e <= b + s);
                if (b > 1e-3) {
                    tightness = std::max(tightness, e / b);
                    loosest = std::max(loosest, s / b);
                }
            }
    }
    void run(double size, int states, int steps) {
        for (int state = 0; state < states; ++state) {
            Vector w = ordinary_point(f.loss.dimension(), 0.7 + state);
            for (double& x : w) x *= size / 0.3;
            Step<8> step(f, w, 19, 1);
            Seen<8> seen(f);
            for (std::uint32_t t = 1; t <= std::uint32_t(steps); ++t) {
                step.draw(19, t, 0);
                observe(step, seen);
                one(seen, Q::forward_error, Q::forward_bound, Q::forward_rounding, tight.forward);
                one(seen, Q::backward_error, Q::backward_bound, Q::backward_rounding, tight.backward);
                one(seen, Q::gradient_error, Q::gradient_bound, Q::gradient_rounding, tight.gradient);
            }
        }
    }
};

/// Both passes of one step by their definitions, and what theory.md makes of them.
struct PairByDefinition {
    ChainByDefinition d;
    Signals signals;
    PassByDefinition clean, noisy;

    PairByDefinition(const ChainByDefinition& chain, Step<>& step) : d(chain), signals(step.signals()) {
        MatrixX data(4, d.rows);
        std::vector<int> classes;
        for (std::size_t r = 0; r < d.rows; ++r) {
            for (std::size_t i = 0; i < 4; ++i) data(Eigen::Index(i), Eigen::Index(r)) = step.p.batch.x(r, i)[0];
            classes.push_back(int(step.p.batch.y(r)[0]));
        }
        clean = pass_by_definition(d, data, classes, nullptr);
        noisy = pass_by_definition(d, data, classes, &signals);
    }
    std::size_t N() const { return d.f.operators(); }
    const Operator& operator_at(std::size_t n) const { return d.f.loss.chain[n - 1]; }
    double e(std::size_t n) const {
        return n == N() ? std::abs(noisy.loss - clean.loss) : (noisy.x[n] - clean.x[n]).norm();
    }
    double r(std::size_t n) const { return n == N() ? 0 : (noisy.u[n] - clean.u[n]).norm(); }
    double g(std::size_t n) const { return operator_at(n).weights() ? (noisy.g[n] - clean.g[n]).norm() : 0; }
    double u(std::size_t n) const { return n == N() ? 1 : clean.u[n].norm(); }
    double added(Pass pass, std::size_t n) const { return n == N() ? 0 : norm(at(signals, pass, n).added()); }
    Constants constants(std::size_t n) const { return constants_by_definition(d, operator_at(n), noisy.x[n - 1]); }
};

void check_by_definition(const Seen<1>& seen, const PairByDefinition& pair) {
    const auto close = [&](Q q, std::size_t n, double value) {
        CAPTURE(unsigned(q));
        CHECK(seen.of(q, n - 1) == doctest::Approx(value).epsilon(1e-12).scale(1e-2));
    };
    // A spectral norm is at most 0.2 percent too large, and enters twice at most.
    const auto bound = [&](Q q, std::size_t n, double value) {
        CAPTURE(unsigned(q));
        CHECK(seen.of(q, n - 1) >= value * (1 - 1e-12));
        CHECK(seen.of(q, n - 1) <= value * 1.004);
    };
    for (std::size_t n = 1; n <= pair.N(); ++n) {
        CAPTURE(n);
        close(Q::forward_error, n, pair.e(n));
        close(Q::backward_error, n, pair.r(n));
        close(Q::gradient_error, n, pair.g(n));
        const Constants k = pair.constants(n);
        const double before = pair.e(n - 1), r = pair.r(n), u = pair.u(n);
        bound(Q::forward_bound, n, k.a * before + pair.added(Pass::forward, n));
        if (n > 1) bound(Q::backward_bound, n - 1, k.a * r + k.c * u * before + pair.added(Pass::backward, n - 1));
        bound(Q::gradient_bound, n, pair.operator_at(n).weights() ? k.b * r + k.d * u * before : 0);
    }
}

const char* const kinds[] = {"kind = 'gaussian', amplitude = 0.1",
                             "kind = 'uniform', amplitude = 0.1, relative = true",
                             "kind = 'rademacher', amplitude = 3.0",
                             "kind = 'adversarial', amplitude = 0.1",
                             "kind = 'bias', amplitude = 0.1, relative = true",
                             "kind = 'stochastic_rounding', format = 'fp8_e4m3'",
                             "kind = 'nearest', format = 'fp8_e5m2'",
                             "kind = 'sparsification', keep = 0.5",
                             "kind = 'top_k', k = 2"};

}  // namespace

TEST_CASE("passes: both passes by their definitions") {
    for (const std::size_t rows : {1u, 3u}) {
        const ChainSgd f =
            chain_from(all_kinds, both_noises, three_classes, "step = 0.1\nbatch = " + std::to_string(rows) + "\n");
        const Vector w = ordinary_point(f.loss.dimension());
        for (std::uint32_t t : {1u, 2u, 3u}) {
            Step<> step(f, w, 19, t);
            Seen<1> seen(f);
            observe(step, seen);
            check_by_definition(seen, PairByDefinition({f, w, rows}, step));
        }
    }
}

TEST_CASE("passes: no draw is beyond a bound") {
    struct Chain {
        std::string operators;
        const std::string* data;
    };
    const std::string ends = "kind = 'softmax'", three = "kind = 'linear', width = 3";
    const Chain chains[] = {
        {tables("operators",
                {three, "kind = 'linear', width = 7, bias = true", "kind = 'linear', width = 2", "kind = 'squared'"}),
         &numbers},
        {tables("operators", {"kind = 'tanh', width = 3, bias = true", "kind = 'tanh', width = 3, repeat = 3", ends}),
         &three_classes},
        {tables("operators", {"kind = 'softplus', width = 6", "kind = 'softplus', width = 3, bias = true", ends}),
         &three_classes},
        {tables("operators", {"kind = 'residual', repeat = 3", three, ends}), &three_classes},
        {tables("operators", {three, "kind = 'normalisation', epsilon = 0.05", three, "kind = 'normalisation'", ends}),
         &three_classes},
        {tables("operators", {"kind = 'relu', width = 5", three, "kind = 'readout'"}), &numbers},
        {tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"}), &two_classes}};
    for (const Chain& chain : chains)
        for (const std::string kind : kinds)
            for (const char* batch : {"1", "3"}) {
                CAPTURE(chain.operators);
                CAPTURE(kind);
                std::string noise = tables("perturbations", {"pass = 'forward', " + kind, "pass = 'backward', " + kind,
                                                             "pass = 'gradient', kind = 'gaussian', amplitude = 0.01"});
                const ChainSgd f =
                    chain_from(chain.operators, noise, *chain.data, "step = 0.1\nbatch = " + std::string(batch) + "\n");
                for (const double size : {0.3, 2.0}) {
                    Check check{f};
                    check.run(size, 5, 5);
                    CHECK(check.violations == 0);
                    CHECK(check.loosest < 1e-8);
                    // Two of the largest are all there are of a single one.
                    if (kind.find("top_k") == std::string::npos) CHECK(check.tight.forward > 0.05);
                }
            }
}

TEST_CASE("passes: the slack for rounding does not grow along the chain") {
    const ChainSgd f = chain_from(
        tables("operators", {"kind = 'residual', repeat = 60", "kind = 'linear', width = 3", "kind = 'softmax'"}),
        tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1",
                                 "pass = 'backward', kind = 'gaussian', amplitude = 0.1"}),
        three_classes);
    Check check{f};
    check.run(1.0, 3, 3);
    CHECK(check.violations == 0);
    CHECK(check.loosest < 1e-8);
}

TEST_CASE("passes: adversaries in a chain of orthogonal matrices reach the bounds") {
    const ChainSgd f = chain_from(tables("operators", {"kind = 'linear', width = 4, repeat = 4", "kind = 'readout'"}),
                                  tables("perturbations", {"pass = 'forward', kind = 'adversarial', amplitude = 0.1",
                                                           "pass = 'backward', kind = 'adversarial', amplitude = 0.1"}),
                                  numbers);
    const Vector w = f.loss.orthogonal(3, 1.2);
    Step<8> step(f, w, 19, 1);
    Seen<8> seen(f);
    observe(step, seen);
    for (std::size_t n = 1; n <= 4; ++n) {
        CHECK(seen.of(Q::forward_error, n - 1) / seen.of(Q::forward_bound, n - 1) > 0.99);
        CHECK(seen.of(Q::backward_error, n - 1) / seen.of(Q::backward_bound, n - 1) > 0.99);
        // And the compounded bound of theory.md.
        CHECK(seen.of(Q::forward_error, n - 1) == doctest::Approx(0.1 * (std::pow(1.2, n) - 1) / 0.2).epsilon(1e-12));
    }
    CHECK(seen.of(Q::gradient_error, 0) / seen.of(Q::gradient_bound, 0) > 0.99);
}

// One unit at the point of largest curvature, tanh'' = k at tanh z = 1/sqrt 3, and an error so small that the slope of
// tanh is straight over it.
TEST_CASE("passes: curvature constants 5 percent smaller would be broken") {
    struct Kind {
        const char* name;
        double z, k;
    };
    for (const Kind& kind :
         {Kind{"tanh", std::atanh(1 / std::sqrt(3.0)), 4 / (3 * std::sqrt(3.0))}, Kind{"softplus", 0.0, 0.25},
          Kind{"residual", std::atanh(1 / std::sqrt(3.0)), 4 / (3 * std::sqrt(3.0))}}) {
        const ChainSgd f = chain_from(
            tables("operators", {"kind = 'linear', width = 1, bias = true",
                                 "kind = '" + std::string(kind.name) + "', width = 1", "kind = 'readout'"}),
            tables("perturbations", {"pass = 'forward', kind = 'bias', amplitude = 1e-5, operators = [1]"}), numbers);
        Step<> step(f, {0, 0, 0, 0, kind.z, 1}, 19, 1);
        Seen<1> seen(f);
        observe(step, seen);
        const double error = seen.of(Q::backward_error, 0), bound = seen.of(Q::backward_bound, 0),
                     slack = seen.of(Q::backward_rounding, 0);
        CHECK(bound == doctest::Approx(kind.k * 1e-5).epsilon(1e-9));
        CHECK(error <= bound + slack);
        CHECK(error > 0.95 * bound + slack);
        CHECK(error > 0.999 * bound);
    }
    // A normalisation of width 1 at |x| = sqrt(epsilon) / 2, along x.
    const ChainSgd f = chain_from(
        tables("operators", {"kind = 'linear', width = 1, bias = true", "kind = 'normalisation', epsilon = 0.25",
                             "kind = 'readout'"}),
        tables("perturbations", {"pass = 'forward', kind = 'bias', amplitude = 1e-5, operators = [1]"}), numbers);
    Step<> step(f, {0, 0, 0, 0, 0.25}, 19, 1);
    Seen<1> seen(f);
    observe(step, seen);
    CHECK(seen.of(Q::backward_error, 0) <= seen.of(Q::backward_bound, 0));
    CHECK(seen.of(Q::backward_error, 0) > 0.999 * seen.of(Q::backward_bound, 0));
}

TEST_CASE("passes: the whole gradient's error and angle") {
    const ChainSgd f = chain_from(all_kinds, both_noises, three_classes, "step = 0.1\nbatch = 3\n");
    const Vector w = ordinary_point(f.loss.dimension());
    Step<> step(f, w, 19, 2);
    Seen<1> seen(f);
    observe(step, seen);
    const auto vector_of = [&](double sign, bool noisy) {
        if (noisy)
            (void)step.signals(sign);
        else
            f.loss.run_clean(step.p.batch, step.w.data(), step.clean.data(), step.g.data());
        VectorX g(w.size());
        for (std::size_t j = 0; j < w.size(); ++j) g(Eigen::Index(j)) = step.g[j][0];
        return g;
    };
    const VectorX clean = vector_of(1, false), noisy = vector_of(1, true), negated = vector_of(-1, true);
    CHECK(seen.of(Q::gradient_relative_error, 0) ==
          doctest::Approx((noisy - clean).norm() / clean.norm()).epsilon(1e-13));
    CHECK(seen.of(Q::gradient_cosine, 0) ==
          doctest::Approx(noisy.dot(clean) / (noisy.norm() * clean.norm())).epsilon(1e-13));
    CHECK(seen.of(Q::gradient_cosine, 0) < 0.999);
    for (std::size_t j = 0; j < w.size(); ++j) {
        const auto k = Eigen::Index(j);
        CHECK(seen.of(Q::gradient_deviation, j) == doctest::Approx(noisy(k) - clean(k)).epsilon(1e-12).scale(1e-3));
        CHECK(seen.of(Q::antithetic_deviation, j) ==
              doctest::Approx((noisy(k) + negated(k)) / 2 - clean(k)).epsilon(1e-12).scale(1e-3));
    }
}

TEST_CASE("passes: with momentum, velocities deviate by nothing") {
    const ChainSgd f = chain_from(all_kinds, both_noises, three_classes, "step = 0.1\nmomentum = 0.5\n");
    const std::size_t d = f.loss.dimension();
    Step<> step(f, ordinary_point(std::size_t(f.dimension())), 19, 2);
    Seen<1> seen(f);
    observe(step, seen);
    for (Q q : {Q::gradient_deviation, Q::antithetic_deviation})
        for (std::size_t j = 0; j < 2 * d; ++j)
            CHECK((seen.of(q, j) != 0) == (j < d && std::abs(seen.of(q, j % d)) > 0));
    CHECK(seen.of(Q::gradient_deviation, 0) != 0);
}

TEST_CASE("passes: what is seen depends neither on what else is wanted nor on what was seen before nor on the lanes") {
    const ChainSgd f = chain_from(all_kinds, both_noises, three_classes, "step = 0.1\nbatch = 3\n");
    const Vector w = ordinary_point(f.loss.dimension());
    Step<> step(f, w, 19, 2), other(f, w, 19, 3);
    Step<8> wide(f, w, 19, 2);
    Seen<1> all(f), alone(f);
    Seen<8> eight(f);
    observe(step, all);
    observe(wide, eight);
    ChainSgd::Passes<Lanes<1>> used(f);
    for (unsigned q = 0; q < pass_observable_count; ++q) {
        CAPTURE(q);
        used.observe(f, other.p, other.w.data(), alone.all());
        used.observe(f, step.p, step.w.data(), alone.only(Q(q)));
        CHECK(same_bits(alone.values(Q(q)), all.values(Q(q))));
        CHECK(same_bits(eight.values(Q(q)), all.values(Q(q))));
    }
}

TEST_CASE("passes: unperturbed ones do not differ at all") {
    const ChainSgd f = chain_from(all_kinds, "", three_classes, "step = 0.1\nbatch = 3\n");
    Step<> step(f, ordinary_point(f.loss.dimension()), 19, 2);
    Seen<1> seen(f);
    observe(step, seen);
    for (Q q : {Q::forward_error, Q::forward_bound, Q::backward_error, Q::backward_bound, Q::gradient_error,
                Q::gradient_bound, Q::gradient_relative_error})
        for (double v : seen.values(q)) CHECK(v == 0);
    CHECK(seen.of(Q::gradient_cosine, 0) == doctest::Approx(1).epsilon(1e-14));
}
