#include "models/laws/flow_family.hpp"

#include <algorithm>
#include <cmath>

#include "models/laws/affine_moments.hpp"
#include "models/laws/choice.hpp"
#include "models/laws/flow_map.hpp"
#include "models/laws/start.hpp"
#include "sim/error.hpp"

namespace foldback {

FlowFamily FlowFamily::from(Settings& table) {
    FlowFamily flow;
    flow.field_ =
        table.word("field", {"linear", "double_well"}, "linear") == "linear" ? Field::linear : Field::double_well;
    flow.rate_ = table.number("rate", 1.0, Range::positive());
    flow.time_ = table.number("time", Range::positive());
    flow.substeps_ = int(table.integer("substeps", 4, IntegerRange::between(1, 10'000)));
    flow.read_fields(table);
    const auto d = std::size_t(flow.d_), count = flow.size();
    if (flow.field_ == Field::double_well) {
        if (d != 1)
            throw table.wrong("fields", "has vectors c", "the double well is one-dimensional: c must be a number");
        flow.prove_region(table);
    } else {
        const double z = -flow.rate_ * flow.step(), step_factor = 1 + z * (1 + z / 2 * (1 + z / 3 * (1 + z / 4)));
        flow.lipschitz_.assign(count, std::pow(std::abs(step_factor), flow.substeps_));
    }
    flow.cumulated_ = cumulated(flow.weights_);
    flow.table_.resize((d + 1) * count);
    for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t i = 0; i < d; ++i) flow.table_[i * count + k] = flow.c_[k * d + i];
        flow.table_[d * count + k] = flow.lipschitz_[k];
    }
    return flow;
}

void FlowFamily::read_fields(Settings& table) {
    std::vector<Settings> fields = table.tables("fields");
    const bool weighted = std::any_of(fields.begin(), fields.end(), [](Settings& f) { return f.has("weight"); });
    double sum = 0;
    for (Settings& field : fields) {
        weights_.push_back(weighted ? field.number("weight", Range::open_closed(0, 1)) : 1 / double(fields.size()));
        sum += weights_.back();
        const std::vector<double> c = field.vector("c");
        if (c_.empty()) d_ = int(c.size());
        if (c.size() != std::size_t(d_))
            throw field.wrong("c", "has length " + std::to_string(c.size()),
                              "it must be " + std::to_string(d_) + ", as in the first field");
        c_.insert(c_.end(), c.begin(), c.end());
    }
    if (std::abs(sum - 1) > 1e-9)
        throw table.wrong("fields", "has weights that sum to " + std::to_string(sum), "they must sum to 1 within 1e-9");
    for (double& w : weights_) w /= sum;
}

void FlowFamily::prove_region(Settings& table) {
    const bool given = table.has("region");
    if (given) {
        const std::vector<double> ends = table.vector("region", Range::any(), 2);
        if (!(ends[0] < ends[1]))
            throw table.wrong("region", "is empty", "it must be [lower, upper] with lower < upper");
        region_ = Region{{ends[0]}, {ends[1]}, {}, true};
    } else {
        region_ = derived_region();
    }
    if (region_) {
        double largest = 0;
        for (std::size_t k = 0; k < size(); ++k) {
            const FlowProof proof =
                prove_double_well(rate_, c_[k], step(), substeps_, region_->lower[0], region_->upper[0]);
            lipschitz_.push_back(proof.lipschitz);
            largest = std::max(largest, proof.lipschitz);
            region_->invariant = region_->invariant && proof.invariant;
        }
        region_->lipschitz = {largest, Label::bound};
    }
    if (!given && !(region_ && region_->invariant))
        throw table.wrong("fields", "has no region that all flows provably map into itself, near the right well",
                          "give region = [lower, upper], or smaller c or more substeps");
    if (!std::isfinite(region_->lipschitz.value))
        throw table.wrong("region", "is left by the flow's steps beyond all bounds",
                          "it must be smaller, or substeps larger");
}

// Around the equilibria beyond x = 1/sqrt(3), where the field begins to contract, and a little wider.
std::optional<Region> FlowFamily::derived_region() const {
    const double edge = 1 / std::sqrt(3.0);
    double lower = infinity, upper = -infinity;
    for (double c : c_) {
        const auto slope = [&](double x) { return rate_ * (x - x * x * x) + c; };
        if (!(slope(edge) > 0)) return std::nullopt;
        double a = edge, b = 1;
        while (slope(b) > 0) b *= 2;
        for (int i = 0; i < 60; ++i) {
            const double x = (a + b) / 2;
            (slope(x) > 0 ? a : b) = x;
        }
        lower = std::min(lower, a);
        upper = std::max(upper, b);
    }
    return Region{{lower - 0.1 * (lower - edge)}, {upper + 0.1 * (upper - edge)}, {}, true};
}

std::vector<NamedArray> FlowFamily::parameters() const {
    const auto d = std::size_t(d_);
    std::vector<NamedArray> all{{"field", {}, {double(field_)}}, {"rate", {}, {rate_}},
                                {"time", {}, {time_}},           {"substeps", {}, {double(substeps_)}},
                                {"weights", {size()}, weights_}, {"c", {size(), d}, c_}};
    if (region_) all.push_back({"region", {2}, {region_->lower[0], region_->upper[0]}});
    return all;
}

void FlowFamily::check_start(std::span<const double> x) const {
    if (region_) require_start(x, region_->lower[0], region_->upper[0], "its region, on which it contracts");
}

Truth FlowFamily::truth() const {
    Truth t = field_ == Field::linear ? linear_truth() : double_well_truth();
    t.atoms = true;
    return t;
}

Truth FlowFamily::linear_truth() const {
    const auto d = std::size_t(d_);
    const double z = -rate_ * step(), step_factor = 1 + z * (1 + z / 2 * (1 + z / 3 * (1 + z / 4)));
    const double a = std::pow(step_factor, substeps_), rest = 1 - a;  // the flow is a x + (1 - a) c, step_factor > 0
    Truth t;
    t.lipschitz_moment = [a](double p) -> std::optional<Fact> { return Fact{std::pow(a, p)}; };
    t.lipschitz_sure = Fact{a};
    t.chi = Fact{std::log(a)};
    t.log_lipschitz_variance = Fact{0};
    if (d == 1) t.lyapunov = t.chi;
    t.displacement = [=, w = weights_, c = c_](std::span<const double> x, double p) -> std::optional<Fact> {
        double sum = 0, largest = 0;
        for (std::size_t k = 0; k < w.size(); ++k) {
            double square = 0;
            for (std::size_t i = 0; i < d; ++i) square += std::pow(rest * (c[k * d + i] - x[i]), 2);
            largest = std::max(largest, std::sqrt(square));
            sum += std::isinf(p) ? 0 : w[k] * std::pow(square, p / 2);
        }
        return Fact{std::isinf(p) ? largest : std::pow(sum, 1 / p)};
    };
    AffineLaw law{std::vector<double>(d * d), std::vector<double>(d), std::vector<double>(d * d), {}, {}};
    for (std::size_t i = 0; i < d; ++i) law.mean_A[i * d + i] = a;
    for (std::size_t k = 0; k < size(); ++k)
        for (std::size_t i = 0; i < d; ++i) {
            law.mean_b[i] += weights_[k] * rest * c_[k * d + i];
            for (std::size_t j = 0; j < d; ++j)
                law.mean_bb[i * d + j] += weights_[k] * rest * rest * c_[k * d + i] * c_[k * d + j];
        }
    law.conjugate = [a](std::span<const double> s) {
        std::vector<double> r(s.begin(), s.end());
        for (double& v : r) v *= a * a;
        return r;
    };
    law.cross = [a, d, b = law.mean_b](std::span<const double> m) {
        std::vector<double> r(d * d);
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < d; ++j) r[i * d + j] = a * m[i] * b[j];
        return r;
    };
    add_affine_law(t, std::move(law));
    if (a >= 1)
        t.note = "rate * time / substeps is beyond 2.785: the Runge-Kutta steps expand though the flow contracts";
    return t;
}

double FlowFamily::moved(std::size_t k, double x) const {
    double y = x;
    for (int i = 0; i < substeps_; ++i) flow_step(field_, rate_, c_[k], step(), y);
    return std::abs(y - x);
}

Truth FlowFamily::double_well_truth() const {
    Truth t;
    t.region = region_;
    t.displacement = [flow = *this](std::span<const double> x, double p) -> std::optional<Fact> {
        double sum = 0, largest = 0;
        for (std::size_t k = 0; k < flow.size(); ++k) {
            const double moved = flow.moved(k, x[0]);
            largest = std::max(largest, moved);
            sum += std::isinf(p) ? 0 : flow.weights_[k] * std::pow(moved, p);
        }
        return Fact{std::isinf(p) ? largest : std::pow(sum, 1 / p)};
    };
    if (!region_->invariant) {
        t.note = "paths may leave the region, and contraction is proved inside it only";
        return t;
    }
    t.note = "the constants hold on the region, which all maps send into itself";
    t.lipschitz_moment = [w = weights_, l = lipschitz_](double p) -> std::optional<Fact> {
        double sum = 0;
        for (std::size_t k = 0; k < w.size(); ++k) sum += w[k] * std::pow(l[k], p);
        return Fact{sum, Label::bound};
    };
    t.lipschitz_sure = region_->lipschitz;
    double mean = 0, square = 0;
    for (std::size_t k = 0; k < size(); ++k) mean += weights_[k] * std::log(lipschitz_[k]);
    for (std::size_t k = 0; k < size(); ++k) square += weights_[k] * std::pow(std::log(lipschitz_[k]) - mean, 2);
    t.chi = Fact{mean, Label::bound};
    t.log_lipschitz_variance = Fact{square};
    return t;
}

}  // namespace foldback
