#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What a model knows of itself: the constants and laws that claims test. Every member is optional; claims pick up
// whatever exists. A truth holds for every value the model can be constructed with.
namespace foldback {

enum class Label { exact, bound, estimated, assumed };
constexpr const char* name(Label label) {
    switch (label) {
        case Label::exact: return "exact";
        case Label::bound: return "bound";
        case Label::estimated: return "estimated";
        case Label::assumed: return "assumed";
    }
    return "?";
}

/// A constant and how far it can be trusted. A bound errs on the safe side (upper, for contraction and displacement).
struct Fact {
    double value = 0;
    Label label = Label::exact;
};

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// x -> A x + b with random (A, b), possibly dependent: the first two moments, all row-major, d = dimension.
struct AffineLaw {
    std::vector<double> mean_A;  ///< E A (d, d)
    std::vector<double> mean_b;  ///< E b (d)
    std::vector<double> mean_bb; ///< E b b^T (d, d)
    /// S (d, d) -> E[A S A^T] (d, d).
    std::function<std::vector<double>(std::span<const double>)> conjugate;
    /// m (d) -> E[A m b^T] (d, d).
    std::function<std::vector<double>(std::span<const double>)> cross;
};

/// The stationary law of one component.
struct MarginalLaw {
    std::string name;                             ///< "Uniform(-1, 1)"
    std::function<double(double)> cdf;            ///< on (-inf, known_up_to]
    std::function<double(double)> density;        ///< may be empty
    std::function<double(double)> quantile;       ///< may be empty
    double known_up_to = infinity;
};

/// A closed set K on which the drawn maps contract: a box (lower, upper: one number per component), or a Euclidean ball
/// where `center` is given.
struct Region {
    std::vector<double> lower, upper;
    Fact lipschitz;        ///< sup over drawn maps of Lip(f | K)
    bool invariant = false; ///< f(K) inside K surely
    std::vector<double> center{};
    double radius = 0;
};

struct SgdTruth;        // sim/sgd_truth.hpp
struct CompositeTruth;  // sim/composite_truth.hpp

struct Truth {
    /// E Lip(f_1 o ... o f_k)^p, k = maps_per_factor; infinity where it is infinite. rho_p^k = (that)^(1/p).
    std::function<std::optional<Fact>(double p)> lipschitz_moment;
    /// 1, unless only several maps together contract (continued fractions: 2).
    int maps_per_factor = 1;
    /// Essential supremum of that Lipschitz constant.
    std::optional<Fact> lipschitz_sure;
    /// chi = E log Lip, per map; and Var log Lip per factor (infinite if P(Lip = 0) > 0).
    std::optional<Fact> chi, log_lipschitz_variance;
    /// D_p(x) = (E d(f(x), x)^p)^(1/p); p = infinity: a sure bound.
    std::function<std::optional<Fact>(std::span<const double> x, double p)> displacement;
    std::optional<AffineLaw> affine;
    /// For scalar affine maps: E log|a|, the exact Lyapunov exponent.
    std::optional<Fact> lyapunov;
    std::vector<double> mean;        ///< stationary mean (d), empty if unknown or infinite
    std::vector<double> covariance;  ///< stationary covariance (d, d), empty if unknown or infinite
    std::vector<MarginalLaw> marginals;  ///< by component; empty if unknown
    std::optional<Fact> tail_index;  ///< alpha with P(|Z| > t) ~ C t^(-alpha)
    std::optional<Region> region;
    /// Whether the laws of X_n at finite n can have atoms (discrete noise): rank tests then round first.
    bool atoms = false;
    /// 0: the maps are i.i.d. Else they are exchangeable within epochs of that many maps, and epochs are i.i.d. (sampling
    /// without replacement): only sure bounds and path-wise statements then hold for products of Lipschitz constants.
    std::uint32_t epoch = 0;
    /// Whether all maps have one law; not so where a schedule makes it depend on the step. Their order then matters to the
    /// law of a composition, and nothing is stationary.
    bool homogeneous = true;
    /// Of models that are SGD without momentum: their loss.
    std::shared_ptr<const SgdTruth> sgd;
    /// Of SGD on composite losses with perturbed passes.
    std::shared_ptr<const CompositeTruth> composite;
    /// One sentence that a reader of a verdict should know.
    std::string note;
};

}  // namespace foldback
