#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/configuration.hpp"
#include "sim/step_grid.hpp"
#include "tests/support/configurations.hpp"

using namespace foldback;
using namespace foldback::test;
using Steps = std::vector<std::int64_t>;

namespace {

std::string hash(const Configuration& configuration) { return configuration_hash(configuration, configuration.model); }

template <typename T>
std::vector<T> some_of(std::vector<T> all) {
    std::erase_if(all, [](const T&) { return *rc::gen::arbitrary<bool>(); });
    return all;
}

Steps some_steps() {
    if (*rc::gen::arbitrary<bool>()) return every_step_grid(*rc::gen::inRange<std::int64_t>(1, 50));
    std::set<std::int64_t> steps;
    for (int i = *rc::gen::inRange(1, 9); i > 0; --i) steps.insert(*rc::gen::inRange<std::int64_t>(1, largest_step));
    if (*rc::gen::arbitrary<bool>()) steps.insert(0);
    return {steps.begin(), steps.end()};
}

double some_number() { return *rc::gen::inRange(-1000000, 1000000) / 997.0; }

Configuration some_configuration() {
    Configuration c;
    c.title = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    c.model.set("kind", "affine");
    c.model.set("a", some_number());
    auto& e = c.ensemble;
    e.seed = static_cast<std::uint64_t>(*rc::gen::arbitrary<std::int64_t>()) >> 1U;
    e.replicas = *rc::gen::inRange<std::uint64_t>(64, 4294967296ULL);
    const auto dim = *rc::gen::inRange<std::size_t>(1, 4);
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
        std::vector<double> start(dim);
        for (double& x : start) x = some_number();
        e.starts.push_back(start);
    }
    e.orders = some_of<std::string>({"window_3", "forward", "palindrome", "window_16"});
    e.orders.push_back("backward");
    e.steps = some_steps();
    e.merge_tolerance = std::abs(some_number());
    e.backward = *rc::gen::element<std::string>("sweep", "closed");
    if (*rc::gen::arbitrary<bool>())
        c.stop = Configuration::Stop{0.37, *rc::gen::inRange<std::int64_t>(1, largest_step)};
    c.record = {*rc::gen::arbitrary<bool>(), some_of(known.observables), *rc::gen::inRange<std::int64_t>(0, 65),
                *rc::gen::arbitrary<bool>(), *rc::gen::element<std::int64_t>(0, 2, 17),
                *rc::gen::element<std::string>("float64", "float32"), {}};
    if (e.steps.front() < e.steps.back() && *rc::gen::arbitrary<bool>())
        c.record.spike = Configuration::Record::Spike{e.steps.back(), e.steps.back(),
                          *rc::gen::arbitrary<bool>() ? std::optional(some_number()) : std::nullopt};
    c.verify.alpha = *rc::gen::inRange(1, 500) / 1000.0 - 0.0005;
    c.verify.claims = some_of(known.claims);
    if (*rc::gen::arbitrary<bool>()) c.verify.assume.emplace_back("rho_2", std::abs(some_number()));
    if (*rc::gen::arbitrary<bool>()) c.verify.assume.emplace_back("chi", some_number());
    if (*rc::gen::arbitrary<bool>()) c.sweep.push_back({"model.a", {Value(1), Value(0.5), Value(-3)}});
    if (*rc::gen::arbitrary<bool>()) c.sweep.push_back({"model.maps.0.w", {Value(some_number())}});
    return c;
}

}  // namespace

TEST_CASE("configuration: a resolved configuration reads back as itself, also through JSON") {
    CHECK(rc::check([] {
        const Configuration c = some_configuration();
        const Value table = resolved(c);
        RC_ASSERT(read_configuration(table, known) == c);
        const Configuration again = read_configuration(parse_json(to_json(table, 2), "a.h5:/config/resolved"), known);
        RC_ASSERT(again == c);
        RC_ASSERT(to_json(resolved(again)) == to_json(table));
        RC_ASSERT(hash(again) == hash(c));
        RC_ASSERT(differences(resolved(again), table).empty());
    }));
}

TEST_CASE("configuration: the resolved text") {
    Value root = parse_toml(minimal, "f.toml");
    CHECK(to_json(resolved(read_configuration(root, known))) ==
          R"({"title":"","model":{"kind":"bernoulli_convolution","lambda":0.5},"ensemble":{"seed":7,"replicas":1000,)"
          R"("starts":[[-1.0],[1.0]],"orders":["forward","backward"],"steps":{"at":[1,2,5]},"merge_tolerance":0.0,)"
          R"("backward":"sweep"},"record":{"states":true,"observables":[],"paths":0,"moments":"checkpoints",)"
          R"("window":0,"precision":"float64"},"verify":{"alpha":0.001,"claims":[],"assume":{}}})");
    apply_override(root, "ensemble.steps={last = 3, spacing = \"every\"}");
    CHECK(to_json(*resolved(read_configuration(root, known)).find("ensemble")->find("steps")) ==
          R"({"last":3,"spacing":"every"})");
}

TEST_CASE("configuration: the hash changes exactly with what changes the results") {
    const std::string base = hash(read(minimal));
    CHECK(base.size() == 64);
    const auto with = [](std::initializer_list<std::string> settings) { return hash(read_with(settings)); };
    // Not: title, verify, the way a value is written, the order in which a set is listed.
    CHECK(with({"title=other"}) == base);
    CHECK(with({"verify.alpha=0.01", "verify.claims=[\"forward-floor\"]", "verify.assume.rho_2=0.5"}) == base);
    CHECK(with({"ensemble.starts=[[-1], [1]]"}) == base);
    CHECK(with({"ensemble.orders=[\"backward\", \"forward\"]"}) == base);
    CHECK(with({"ensemble.backward=sweep", "ensemble.merge_tolerance=0", "record.paths=0"}) == base);
    CHECK(with({"record.observables=[\"radius\", \"increment\"]"}) ==
          with({"record.observables=[\"increment\", \"radius\"]"}));
    CHECK(with({"ensemble.steps={last = 2, spacing = \"every\"}"}) == with({"ensemble.steps={at = [1, 2]}"}));
    CHECK(with({"sweep.model.lambda=[1, 2]", "model.lambda=0.5"}) == with({"sweep.\"model.lambda\"=[1.0, 2.0]"}));
    CHECK(hash(read("[ensemble]\nsteps.at = [1, 2, 5]\nstarts = [-1, 1]\nreplicas = 1_000\nseed = 0x7\n"
                    "[model]\nlambda = 5e-1\nkind = \"bernoulli_convolution\"\n")) == base);
    // Each of these must.
    std::set<std::string> hashes = {base};
    const std::vector<std::string> changes = {"model.lambda=0.25",
                                              "model.kind=other",
                                              "model.more=1",
                                              "ensemble.seed=8",
                                              "ensemble.replicas=1001",
                                              "ensemble.starts=[-1.0, 1.5]",
                                              "ensemble.starts=[1.0, -1.0]",
                                              "ensemble.starts=[-1.0]",
                                              "ensemble.orders=[\"forward\"]",
                                              "ensemble.steps={at = [1, 2, 6]}",
                                              "ensemble.steps={at = [0, 1, 2, 5]}",
                                              "ensemble.merge_tolerance=1e-12",
                                              "ensemble.backward=closed",
                                              "stop={product = 0.5, max_steps = 9}",
                                              "stop={product = 0.5, max_steps = 10}",
                                              "stop={product = 0.25, max_steps = 10}",
                                              "record.states=false",
                                              "record.observables=[\"radius\"]",
                                              "record.paths=1",
                                              "record.moments=every_step",
                                              "record.precision=float32",
                                              "sweep.model.lambda=[0.1, 0.2]",
                                              "sweep.model.lambda=[0.2, 0.1]",
                                              "sweep.model.lambda=[0.1, 0.3]",
                                              "sweep.model.mu=[0.1, 0.2]",
                                              "sweep={\"model.a\" = [1], \"model.b\" = [2]}",
                                              "sweep={\"model.b\" = [2], \"model.a\" = [1]}"};
    for (const std::string& change : changes) {
        INFO(change);
        CHECK(hashes.insert(with({change})).second);
    }
    CHECK(configuration_hash(read(minimal), Value::table()) != base);
}

TEST_CASE("configuration: differences, key by key") {
    const Configuration here = read(minimal);
    const auto against = [&](std::initializer_list<std::string> settings) {
        const Configuration other = read_with(settings);
        return differences(identity(here, here.model), identity(other, other.model));
    };
    using Lines = std::vector<std::string>;
    CHECK(against({}) == Lines{});
    CHECK(against({"title=x", "verify.alpha=0.01"}) == Lines{});
    CHECK(against({"ensemble.replicas=2000"}) == Lines{"ensemble.replicas: 1000 here, 2000 in the file"});
    CHECK(against({"model.lambda=0.25", "ensemble.backward=closed"}) ==
          Lines{"model.lambda: 0.5 here, 0.25 in the file", "ensemble.backward: 'sweep' here, 'closed' in the file"});
    CHECK(against({"ensemble.starts=[-2.0, 3.0]"}) == Lines{"ensemble.starts.0.0: -1 here, -2 in the file"});
    CHECK(against({"ensemble.steps={last = 2, spacing = \"every\"}"}) ==
          Lines{"ensemble.steps.at: an array of 3 here, absent in the file",
                "ensemble.steps.last: absent here, 2 in the file",
                "ensemble.steps.spacing: absent here, 'every' in the file"});
    CHECK(against({"ensemble.steps.at=[1, 2, 5, 6]"}) ==
          Lines{"ensemble.steps.at: an array of 3 here, an array of 4 in the file"});
    CHECK(against({"stop={product = 0.5, max_steps = 9}"}) == Lines{"stop: absent here, a table in the file"});
    CHECK(against({"model.extra=1"}) == Lines{"model.extra: absent here, 1 in the file"});
    const Value ab = parse_json(R"({"sweep": {"a": 1, "b": 2}})", "t");
    const Value ba = parse_json(R"({"sweep": {"b": 2.0, "a": 1}})", "t");
    CHECK(differences(ab, ba) == Lines{"sweep: in the order a, b here, b, a in the file"});
    CHECK(differences(parse_json(R"({"a": 1, "b": 2})", "t"), parse_json(R"({"a": 1.0})", "t")) ==
          Lines{"b: 2 here, absent in the file"});
}
