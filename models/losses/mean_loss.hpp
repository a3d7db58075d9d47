#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace foldback {

/// The mean l of the losses l_i of m samples, regulariser included, in double: what truths are computed from. All
/// matrices are row-major, d = dimension. Sums in a fixed order: the same bits on every machine.
struct MeanLoss {
    virtual ~MeanLoss();
    virtual std::size_t dimension() const = 0;
    virtual double value(std::span<const double> theta) const = 0;
    virtual std::vector<double> gradient(std::span<const double> theta) const = 0;
    /// grad l_i(theta), for all i in their order.
    virtual void each_gradient(std::span<const double> theta,
                               const std::function<void(std::span<const double>)>& visit) const = 0;
    /// Whether the next four are there.
    virtual bool has_hessian() const = 0;
    virtual std::vector<double> hessian(std::span<const double> theta) const = 0;
    /// sum_jk d_i d_j d_k l(theta) P_jk, P symmetric.
    virtual std::vector<double> third(std::span<const double> theta, std::span<const double> P) const = 0;
    /// Cov grad l_i(theta) over the samples, divisor m.
    virtual std::vector<double> covariance(std::span<const double> theta) const = 0;
    /// A bound for what rounding has done to gradient(theta), in the Euclidean norm.
    virtual double gradient_rounding(std::span<const double> theta) const = 0;
};

struct Optimum {
    std::vector<double> theta;
    double error = 0;  ///< a bound for its distance from the minimum
};

/// The minimum of a mu-strongly convex l, by Newton's method from 0 until |grad l| is at rounding level. Nothing if it
/// does not get there.
std::optional<Optimum> minimum(const MeanLoss& loss, double mu);

/// minimum(loss, mu), found when it is first asked for. Thread-safe.
class LazyMinimum {
  public:
    LazyMinimum(std::shared_ptr<const MeanLoss> loss, double mu) : loss_(std::move(loss)), mu_(mu) {}
    /// Null if there is none.
    const Optimum* get() const;

  private:
    std::shared_ptr<const MeanLoss> loss_;
    double mu_;
    mutable std::once_flag searched_;
    mutable std::optional<Optimum> found_;
};

/// The minimum that `lazy` finds; null where there is none, or no `lazy`.
const double* centre_of(const LazyMinimum* lazy);

}  // namespace foldback
