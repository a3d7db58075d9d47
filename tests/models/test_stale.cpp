#include <algorithm>
#include <deque>
#include <map>

#include "sim/composite_truth.hpp"
#include "sim/named_start.hpp"
#include "tests/models/chain_by_definition.hpp"
#include "tests/models/loss_checks.hpp"

using namespace foldback;
using namespace foldback::tests;

namespace {

using Pass = Perturbation::Pass;

const std::string bent = tables("operators", {"kind = 'tanh', width = 3, bias = true", "kind = 'residual', repeat = 2",
                                              "kind = 'linear', width = 3", "kind = 'softmax'"});
const std::string both_stale = tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 2, operators = [1, 3]",
                                                        "pass = 'backward', kind = 'stale', delay = 3, operators = [2]"});

/// One step of SGD on such a chain by the definition of a stale signal: queues of old values, new ones at the back.
class StaleByDefinition {
  public:
    StaleByDefinition(const ChainSgd& f, Vector state) : f_(f), state_(std::move(state)) {
        std::size_t at = f.loss.dimension();
        const std::size_t rows = f.loss.sampling.batch;
        for (const Perturbation& p : f.loss.perturbations.list)
            for (std::size_t n = 1; n < f.operators(); ++n) {
                if (!p.at[n - 1]) continue;
                const std::size_t width = f.loss.chain[n - 1].out;
                for (std::size_t k = 0; k < p.delay; ++k, at += rows * width)
                    queue(p, n).push_back(Eigen::Map<const MatrixX>(&state_[at], Eigen::Index(width), Eigen::Index(rows)));
            }
    }

    void step(std::uint32_t t, std::uint64_t seed, std::uint32_t replica) {
        Step<> drawn(f_, state_, seed, t, replica);
        const std::size_t N = f_.operators(), rows = f_.loss.sampling.batch;
        MatrixX data(4, rows);
        std::vector<int> y;
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t i = 0; i < 4; ++i) data(Eigen::Index(i), Eigen::Index(r)) = drawn.p.batch.x(r, i)[0];
            y.push_back(int(drawn.p.batch.y(r)[0]));
        }
        const Vector before = state_;
        const ChainByDefinition d{f_, before, rows};
        std::vector<MatrixX> x{data}, u(N);
        for (std::size_t n = 1; n < N; ++n) {
            x.push_back(d.forward(f_.loss.chain[n - 1], x.back()));
            recall(Pass::forward, n, t, x.back());
        }
        recall(Pass::backward, N - 1, t, u[N - 1] = d.loss_back(x[N - 1], y));
        for (std::size_t n = N - 1; n >= 1; --n) {
            const Operator& o = f_.loss.chain[n - 1];
            const MatrixX g = d.gradient(o, x[n - 1], u[n]);
            for (std::size_t j = 0; j < o.out; ++j)
                for (std::size_t i = 0; i < o.stride(); ++i)
                    state_[o.first_weight + j * o.stride() + i] -= f_.plan.step * g(Eigen::Index(j), Eigen::Index(i));
            if (n > 1) recall(Pass::backward, n - 1, t, u[n - 1] = d.back(o, x[n - 1], u[n]));
        }
        write_queues();
    }
    const Vector& state() const { return state_; }

  private:
    using Key = std::pair<const Perturbation*, std::size_t>;
    std::deque<MatrixX>& queue(const Perturbation& p, std::size_t n) { return queues_[{&p, n}]; }

    void recall(Pass pass, std::size_t n, std::uint32_t t, MatrixX& v) {
        for (const Perturbation& p : f_.loss.perturbations.list) {
            if (p.pass != pass || !p.at[n - 1]) continue;
            auto& old = queue(p, n);
            old.push_back(v);
            const double s = p.schedule.factor(t) * f_.loss.perturbations.amplitude;
            v = s * old.front() + (1 - s) * v;
            old.pop_front();
        }
    }
    void write_queues() {
        std::size_t at = f_.loss.dimension();
        for (const Perturbation& p : f_.loss.perturbations.list)
            for (std::size_t n = 1; n < f_.operators(); ++n) {
                if (!p.at[n - 1]) continue;
                for (const MatrixX& v : queue(p, n)) {
                    std::copy(v.data(), v.data() + v.size(), state_.begin() + std::ptrdiff_t(at));
                    at += std::size_t(v.size());
                }
            }
    }

    const ChainSgd& f_;
    Vector state_;
    std::map<Key, std::deque<MatrixX>> queues_;
};

Vector weights_alone(const ChainSgd& f) {
    Vector state = ordinary_point(std::size_t(f.dimension()));
    f.forget(state);
    return state;
}

/// f_first o ... o f_last at the start, the last one applied first, by the library and by definition.
void check_composition(const ChainSgd& f, const std::vector<std::uint32_t>& maps, const Vector& start) {
    const Vector all = composed<4>(f, maps, start.data());
    StaleByDefinition expected(f, start);
    for (auto t = maps.rbegin(); t != maps.rend(); ++t) expected.step(*t, 11, 0);
    for (std::size_t j = 0; j < start.size(); ++j) {
        CAPTURE(j);
        CHECK(all[j] == doctest::Approx(expected.state()[j]).epsilon(1e-12).scale(1e-2));
    }
}

const std::string linear = tables("operators", {"kind = 'linear', width = 1", "kind = 'squared'"});

}  // namespace

TEST_CASE("stale: steps by their definition, forward and backward") {
    for (const char* way : {"step = 0.5\nbatch = 1\n", "step = 0.5\nbatch = 3\n", "step = 0.5\nsampling = 'full'\n"})
        for (const std::string& noise : {both_stale, "amplitude = 0.25\n" + both_stale,
                                         tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 1",
                                                                  "pass = 'backward', kind = 'stale', delay = 2, schedule = { kind "
                                                                  "= 'window', first = 3, last = 5 }"})}) {
            CAPTURE(way);
            CAPTURE(noise);
            const ChainSgd f = chain_from(bent, noise, three_classes, way);
            for (const Vector& start : {weights_alone(f), ordinary_point(std::size_t(f.dimension()))}) {
                check_composition(f, {7, 6, 5, 4, 3, 2, 1}, start);  // forward: 1 comes first
                check_composition(f, {1, 2, 3, 4, 5, 6, 7}, start);
            }
        }
}

TEST_CASE("stale: laws, also with momentum and reshuffled") {
    const std::string mixed = tables("perturbations", {"pass = 'forward', kind = 'gaussian', amplitude = 0.1",
                                                       "pass = 'forward', kind = 'stale', delay = 2, operators = [1, 3], "
                                                       "schedule = { kind = 'bernoulli', rate = 0.5 }",
                                                       "pass = 'backward', kind = 'stale', delay = 1, operators = [2]",
                                                       "pass = 'backward', kind = 'adversarial', amplitude = 0.1",
                                                       "pass = 'gradient', kind = 'uniform', amplitude = 0.1"});
    for (const char* way : {"step = 0.2\nbatch = 2\n", "step = 0.2\nbatch = 2\nmomentum = 0.5\n",
                            "step = 0.2\nbatch = 3\nsampling = 'reshuffled'\n"}) {
        const ChainSgd f = chain_from(bent, mixed, three_classes, way);
        const std::size_t numbers_kept = f.loss.sampling.batch * 3 * (2 * 2 + 1);
        CHECK(std::size_t(f.dimension()) == f.loss.dimension() * (f.plan.momentum > 0 ? 2 : 1) + numbers_kept);
        Vector starts = ordinary_point(std::size_t(f.dimension())), other = ordinary_point(starts.size(), 2.1);
        starts.insert(starts.end(), other.begin(), other.end());
        law_battery(f, starts);
    }
}

TEST_CASE("stale: with momentum the velocity stands behind the memory") {
    const std::string noise = tables("perturbations", {"pass = 'backward', kind = 'stale', delay = 2"});
    const ChainSgd plain = chain_from(bent, noise, three_classes, "step = 0.2\nbatch = 2\n"),
                   heavy = chain_from(bent, noise, three_classes, "step = 0.2\nbatch = 2\nmomentum = 1e-300\n");
    const Vector start = ordinary_point(std::size_t(plain.dimension()));
    Vector longer = start;
    longer.resize(std::size_t(heavy.dimension()), 0.25);
    const Vector a = composed<1>(plain, {3, 2, 1}, start.data()), b = composed<1>(heavy, {3, 2, 1}, longer.data());
    for (std::size_t j = 0; j < start.size(); ++j) CHECK(a[j] == doctest::Approx(b[j]).epsilon(1e-12));
}

TEST_CASE("stale: for the first steps of a fold the old value is 0") {
    // A stale x_1 = w . x of the squared loss: u = 0 - y, whatever w is, until the second value comes round.
    const ChainSgd f = chain_from(linear, tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 2"}), numbers);
    const Vector start = weights_alone(f);
    for (std::uint32_t replica = 0; replica < 8; ++replica) {
        double first = 0;
        for (std::uint32_t t : {1u, 2u, 3u}) {
            std::vector<std::uint32_t> before;
            for (std::uint32_t k = t - 1; k >= 1; --k) before.push_back(k);
            const Vector all = composed<1>(f, before, start.data());  // of seed 11, as below
            const auto own = all.begin() + std::ptrdiff_t(replica * start.size());
            Step<> step(f, Vector(own, own + std::ptrdiff_t(start.size())), 11, t, replica);
            const Signals signals = step.signals();
            const Signal& x = at(signals, Pass::forward, 1);
            CHECK(x.before[0] != 0);
            if (t == 1) first = x.before[0];
            CHECK(x.after[0] == (t < 3 ? 0 : first));  // to the bit
        }
    }
}

TEST_CASE("stale: every error of the passes is within its bound") {
    for (const std::string& operators : {bent, tables("operators", {"kind = 'relu', width = 5", "kind = 'linear', width = 3",
                                                                    "kind = 'normalisation'", "kind = 'softmax'"})})
        for (const char* batch : {"1", "3"}) {
            const ChainSgd f = chain_from(operators, tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 2",
                                                                              "pass = 'backward', kind = 'stale', delay = 1"}),
                                          three_classes, "step = 0.5\nbatch = " + std::string(batch) + "\n");
            using R = Lanes<1>;
            using Q = PassObservable;
            const std::size_t N = f.operators();
            ChainSgd::Passes<R> passes(f);
            std::vector<Workspace<R>> seen;
            PassRoom<R> room;
            for (Q q : {Q::forward_error, Q::forward_bound, Q::forward_rounding, Q::backward_error, Q::backward_bound, Q::backward_rounding,
                        Q::gradient_error, Q::gradient_bound, Q::gradient_rounding}) {
                seen.emplace_back(N);
                room.at[unsigned(q)] = seen.back().data();
            }
            Vector state = weights_alone(f);
            double largest = 0;
            for (std::uint32_t t = 1; t <= 12; ++t) {
                Step<> step(f, state, 11, t);
                passes.observe(f, step.p, step.w.data(), room);
                for (std::size_t kind = 0; kind < 9; kind += 3)
                    for (std::size_t n = 0; n < N; ++n) {
                        const double error = seen[kind][n][0], bound = seen[kind + 1][n][0];
                        if (!std::isnan(bound)) CHECK(error <= bound + seen[kind + 2][n][0]);
                        largest = std::max(largest, error);
                    }
                for (std::size_t j = 0; j < state.size(); ++j) CHECK(step.w[j][0] == state[j]);  // looking moves nothing
                state = DrawnStep<Composite>(f, t).image(state);
            }
            CHECK(largest > 0.1);
        }
}

TEST_CASE("stale: what is known") {
    const std::string classes_of_two = tables("operators", {"kind = 'linear', width = 1", "kind = 'logistic'"});
    const auto make = [&](const std::string& loss) {
        return chain_from(classes_of_two, "ridge = 0.1\n" + loss + tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 2"}),
                          two_classes);
    };
    const ChainSgd f = make("");
    const Truth t = f.truth();
    CHECK(t.composite->memory);
    CHECK(t.composite->forward.perturbed);
    CHECK_FALSE(t.composite->forward.zero_mean);
    CHECK_FALSE(t.composite->forward.independent);
    CHECK_FALSE(t.composite->forward.symmetric);
    CHECK(t.composite->forward.sure_norm.empty());
    CHECK(t.composite->forward.biased_by == "model.loss.perturbations.0 (stale, delay 2)");
    CHECK_FALSE(t.composite->descent.has_value());
    CHECK_FALSE(bool(t.composite->uniform));
    CHECK(t.homogeneous);
    CHECK(t.sgd == nullptr);
    CHECK(make("amplitude = 0.0\n").truth().sgd == nullptr);  // the state is more than theta all the same
    CHECK(f.step_size() == 0);
    // Losses, th* and the curvature are of w, whatever stands behind it.
    CHECK_FALSE(f.has_control());
    CHECK(f.observables().has(LossObservable::optimum_distance));
    Vector state = ordinary_point(std::size_t(f.dimension()));
    CHECK(t.composite->curvature(state) == t.composite->curvature(Vector(state.begin(), state.begin() + 4)));
    using R = Lanes<1>;
    const auto observed = [&](const Vector& x) {
        Workspace<R> at(x.size()), out(loss_observable_count);
        for (std::size_t j = 0; j < x.size(); ++j) at[j] = R(x[j]);
        ChainSgd::Observer<R> observer(f);
        observer.observe(f, f.observables(), at.data(), out.data());
        Vector values;
        for (LossObservable q : loss_observables)
            if (f.observables().has(q)) values.push_back(out[unsigned(q)][0]);
        return values;
    };
    const Vector before = observed(state);
    for (std::size_t j = 4; j < state.size(); ++j) state[j] = 1e6;
    CHECK(same_bits(before, observed(state)));
}

TEST_CASE("stale: starts by name fill the weights alone") {
    const std::string noise = tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 2"});
    for (const char* way : {"step = 0.5\n", "step = 0.5\nmomentum = 0.5\n"})
        for (const char* keys : {"kind = 'normal'\nscale = 1.0\nseed = 1\n", "kind = 'glorot'\nseed = 1\n",
                                 "kind = 'orthogonal'\nseed = 1\n",
                                 "kind = 'trained'\nsteps = 5\nstep = 0.1\nbatch = 2\nseed = 1\n"
                                 "from = { kind = 'normal', scale = 1.0, seed = 1 }\n"}) {
            CAPTURE(keys);
            const std::string model = "[model]\nkind = 'sgd'\n" + chain_text(bent, noise, three_classes, way);
            Settings whole(parse_toml(model + "[start]\n" + keys, "test.toml"));
            Settings table = whole.table("model"), described = whole.table("start");
            table.word("kind", {"sgd"});
            const ChainSgd f = ChainSgd::from(table);
            const ForwardRun<ChainSgd> run = [](const ChainSgd& plain, std::uint64_t seed, std::uint32_t steps,
                                                std::span<const double> from) {
                std::vector<std::uint32_t> maps;
                for (std::uint32_t k = steps; k >= 1; --k) maps.push_back(k);
                CHECK(from.size() == std::size_t(plain.dimension()));
                CHECK(seed == 1);
                const Vector all = composed<1>(plain, maps, from.data());
                return Vector(all.begin(), all.begin() + plain.dimension());
            };
            const Vector start = start_from(f, described, std::size_t(f.dimension()), run);
            REQUIRE(start.size() == std::size_t(f.dimension()));
            const std::size_t d = f.loss.dimension(), memory = f.loss.memory();
            CHECK(std::count_if(start.begin(), start.begin() + std::ptrdiff_t(d), [](double x) { return x != 0; }) > 20);
            for (std::size_t j = d; j < d + memory; ++j) CHECK(start[j] == 0);
            // And no velocity, but for `normal`, which draws one.
            for (std::size_t j = d + memory; j < start.size(); ++j)
                CHECK((start[j] != 0) == (std::string(keys).find("kind = 'normal'") == 0));
        }
}

TEST_CASE("stale: what is refused") {
    const auto why = [](const std::string& keys) {
        return refusal<ChainSgd>(chain_text(bent, tables("perturbations", {keys}), three_classes));
    };
    const auto says = [&](const std::string& keys, const std::string& part) {
        CAPTURE(keys);
        const std::string text = why(keys);
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    const std::string stale = "pass = 'forward', kind = 'stale'";
    CHECK(why(stale + ", delay = 1").empty());
    says(stale, "perturbations.0.delay");
    says(stale + ", delay = 0", "perturbations.0.delay");
    says(stale + ", delay = -1", "perturbations.0.delay");
    says(stale + ", delay = 1.5", "perturbations.0.delay");
    says(stale + ", delay = 1, amplitude = 0.5", "leave amplitude out");
    says(stale + ", delay = 1, relative = true", "leave relative out");
    says("pass = 'gradient', kind = 'stale', delay = 1", "acts on the forward and the backward pass");
    says("pass = 'forward', kind = 'gaussian', amplitude = 0.1, delay = 1", "only 'stale' has a delay");
    says("pass = 'forward', kind = 'top_k', k = 1, delay = 1", "only 'stale' has a delay");
    says(stale + ", delay = 1, operators = [5]", "before the loss");
    const std::string many = refusal<ChainSgd>(
        chain_text(bent, tables("perturbations", {"pass = 'forward', kind = 'stale', delay = 100000"}), three_classes,
                   "step = 0.1\nbatch = 10\n"));
    CHECK(many.find("shorten delays") != std::string::npos);
}
