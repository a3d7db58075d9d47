#include "models/composite/perturbation.hpp"

#include <algorithm>
#include <array>

#include "sim/range.hpp"
#include "sim/settings.hpp"

namespace foldback {
namespace {

using Kind = Perturbation::Kind;
using Pass = Perturbation::Pass;

constexpr std::array<const char*, 10> kind_names{"gaussian", "uniform",       "rademacher", "adversarial", "bias",
                                                "stochastic_rounding", "nearest", "sparsification", "top_k", "stale"};
constexpr std::array<const char*, 3> pass_names{"forward", "backward", "gradient"};

template <class Enum, std::size_t N>
Enum read_name(Settings& table, const char* key, const std::array<const char*, N>& names) {
    const std::string word = table.word(key, {names.begin(), names.end()});
    for (std::size_t i = 0; i < N; ++i)
        if (word == names[i]) return Enum(i);
    return Enum(0);
}

/// Forward and backward there is a signal between two operators, and none after the last one; gradients are of weights.
bool has_site(const Operator& f, Pass pass) {
    if (f.idle) return false;
    return pass == Pass::gradient ? f.weights() > 0 : !f.is_loss();
}

void read_sites(Settings& table, const std::vector<Operator>& chain, Perturbation& p) {
    p.at.assign(chain.size(), false);
    if (!table.has("operators")) {
        for (std::size_t n = 0; n < chain.size(); ++n) p.at[n] = has_site(chain[n], p.pass);
        return;
    }
    for (std::int64_t n : table.integers("operators", IntegerRange::between(1, std::int64_t(chain.size())))) {
        const Operator& f = chain[std::size_t(n - 1)];
        if (!f.idle && !has_site(f, p.pass))
            throw table.wrong("operators", "names operator " + std::to_string(n) + " (" + f.text() + ")",
                              p.pass == Pass::gradient ? "it has no weights, and so no gradient: name operators with weights"
                                                       : "signals are perturbed between operators: name those before the loss");
        p.at[std::size_t(n - 1)] = has_site(f, p.pass);
    }
}

std::size_t width_at(const Operator& f, Pass pass) { return pass == Pass::gradient ? f.weights() : f.out; }

void read_direction(Settings& table, const std::vector<Operator>& chain, Perturbation& p) {
    if (!table.has("direction")) return;
    p.direction = table.vector("direction");
    if (std::all_of(p.direction.begin(), p.direction.end(), [](double d) { return d == 0; }))
        throw table.wrong("direction", "is zero", "a bias needs somewhere to go");
    for (std::size_t n = 0; n < chain.size(); ++n)
        if (p.at[n] && width_at(chain[n], p.pass) != p.direction.size())
            throw table.wrong("direction", "has length " + std::to_string(p.direction.size()),
                              "operator " + std::to_string(n + 1) + " needs length " + std::to_string(width_at(chain[n], p.pass)));
}

void read_stale(Settings& table, Perturbation& p) {
    if (p.pass == Pass::gradient)
        throw table.wrong("kind", "is 'stale', of the gradient", "it acts on the forward and the backward pass");
    for (const char* key : {"amplitude", "relative"})
        if (table.has(key))
            throw table.wrong(key, "is given, and kind is 'stale'",
                              "an old value takes the place of the new one: leave " + std::string(key) + " out");
    p.delay = std::size_t(table.integer("delay", IntegerRange::between(1, 100'000)));
}

Perturbation read_one(Settings& table, const std::vector<Operator>& chain, const Schedule& common) {
    Perturbation p;
    p.path = table.path();
    p.pass = read_name<Pass>(table, "pass", pass_names);
    p.kind = read_name<Kind>(table, "kind", kind_names);
    const bool of_given_size = p.additive() || p.kind == Kind::adversarial || p.kind == Kind::bias;
    if (of_given_size) {
        p.amplitude = table.number("amplitude", Range::non_negative());
        p.relative = table.flag("relative", false);
    } else if (p.kind == Kind::stale) {
        read_stale(table, p);
    } else {
        p.amplitude = table.number("amplitude", 1.0, Range::non_negative());
    }
    p.schedule = table.has("schedule") ? read_schedule(table) : common;
    if (p.kind == Kind::stochastic_rounding || p.kind == Kind::nearest) p.format = read_number_format(table);
    if (p.kind == Kind::sparsification) p.keep = table.number("keep", Range::open_closed(0, 1));
    if (p.kind == Kind::top_k) p.k = std::size_t(table.integer("k", IntegerRange::positive()));
    if (p.kind != Kind::stale && table.has("delay"))
        throw table.wrong("delay", "is given, and kind is '" + std::string(kind_names[std::size_t(p.kind)]) + "'",
                          "only 'stale' has a delay");
    if (p.kind == Kind::adversarial && p.pass == Pass::gradient)
        throw table.wrong("kind", "is 'adversarial', of the gradient", "it acts on the forward and the backward pass; take kind 'bias'");
    read_sites(table, chain, p);
    if (p.kind == Kind::bias) read_direction(table, chain, p);
    return p;
}

}  // namespace

std::string Perturbation::text() const {
    std::string what = path + " (" + kind_names[std::size_t(kind)];
    if (!format.name.empty()) what += ", " + format.name;
    if (delay > 0) what += ", delay " + std::to_string(delay);
    return what + ")";
}

std::vector<Perturbation> read_perturbations(Settings& loss, const std::vector<Operator>& chain) {
    std::vector<Perturbation> all;
    const Schedule common = read_schedule(loss);
    if (!loss.has("perturbations")) return all;
    for (Settings& table : loss.tables("perturbations")) all.push_back(read_one(table, chain, common));
    return all;
}

}  // namespace foldback
