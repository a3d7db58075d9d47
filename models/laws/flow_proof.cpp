#include <algorithm>
#include <boost/numeric/interval.hpp>
#include <cmath>
#include <limits>

#include "models/laws/flow_family.hpp"
#include "models/laws/flow_map.hpp"

namespace foldback {

namespace {

/// Rounds to nearest, then one number outwards: no rounding mode that an optimizer could disregard.
struct Outward {
    using unprotected_rounding = Outward;
    static double down(double x) { return std::nextafter(x, -std::numeric_limits<double>::infinity()); }
    static double up(double x) { return std::nextafter(x, std::numeric_limits<double>::infinity()); }
    void init() {}
    double conv_down(double x) { return x; }
    double conv_up(double x) { return x; }
    double add_down(double x, double y) { return down(x + y); }
    double add_up(double x, double y) { return up(x + y); }
    double sub_down(double x, double y) { return down(x - y); }
    double sub_up(double x, double y) { return up(x - y); }
    double mul_down(double x, double y) { return down(x * y); }
    double mul_up(double x, double y) { return up(x * y); }
    double div_down(double x, double y) { return down(x / y); }
    double div_up(double x, double y) { return up(x / y); }
    double median(double x, double y) { return (x + y) / 2; }
};

namespace lib = boost::numeric::interval_lib;
using Interval =
    boost::numeric::interval<double, lib::policies<lib::save_state_nothing<Outward>, lib::checking_base<double>>>;

/// A value and its derivative by the start, both enclosed.
struct Dual {
    Interval value, slope;
    Dual() : Dual(0.0) {}
    Dual(double x) : value(x), slope(0.0) {}
    Dual(Interval v, Interval s) : value(v), slope(s) {}
    friend Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, a.slope + b.slope}; }
    friend Dual operator-(const Dual& a, const Dual& b) { return {a.value - b.value, a.slope - b.slope}; }
    friend Dual operator*(const Dual& a, const Dual& b) {
        return {a.value * b.value, a.slope * b.value + a.value * b.slope};
    }
    /// Divisors are constants.
    friend Dual operator/(const Dual& a, const Dual& b) { return {a.value / b.value, a.slope / b.value}; }
};

struct Flow {
    Dual rate, c, step;
    int substeps;

    Dual one(Interval x) const {
        Dual y(x, Interval(1.0));
        flow_step(Field::double_well, rate, c, step, y);
        return y;
    }
    /// The image of x and the derivative there.
    Dual image(Interval x) const {
        Interval slope(1.0);
        for (int i = 0; i < substeps; ++i) {
            const Dual whole = one(x);
            const Interval middle(boost::numeric::median(x));
            const Interval by_mean_value = one(middle).value + whole.slope * (x - middle);
            x = boost::numeric::intersect(whole.value, by_mean_value);
            slope *= whole.slope;
        }
        return {x, slope};
    }
};

}  // namespace

FlowProof prove_double_well(double rate, double c, double step, int substeps, double lower, double upper) {
    constexpr int cells = 512;
    const Flow flow{rate, c, step, substeps};
    // Rounding in the kernel moves the image by less than this.
    const double margin = 1e-12 * std::max({1.0, std::abs(lower), std::abs(upper)});
    FlowProof proof{0, true};
    double start = lower;
    for (int i = 1; i <= cells; ++i) {
        const double end = i == cells ? upper : lower + (upper - lower) * i / cells;
        const Dual y = flow.image(Interval(start, end));
        proof.lipschitz = std::max({proof.lipschitz, std::abs(y.slope.lower()), std::abs(y.slope.upper())});
        proof.invariant = proof.invariant && y.value.lower() >= lower + margin && y.value.upper() <= upper - margin;
        start = end;
    }
    return proof;
}

}  // namespace foldback
