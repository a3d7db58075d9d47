#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/moments.hpp"
#include "sim/quantity.hpp"
#include "sim/truth.hpp"

namespace foldback {

/// What is known of an ensemble before (and without) a single replica: all that a claim needs to plan its tests.
struct Setup {
    std::string kind, metric;                 ///< of the model
    int dimension = 1;
    bool has_lipschitz = false;               ///< the model gives the Lipschitz constant of a drawn map
    Truth truth;                              ///< the model's, with the user's assumptions put in (label assumed)
    std::vector<std::string> assumed;         ///< names of those: "rho_2 = 0.45"
    std::uint64_t seed = 0, replicas = 0;
    std::vector<std::vector<double>> starts;
    std::vector<std::uint32_t> steps;         ///< the checkpoint grid
    std::vector<double> times;                ///< t = n h of some of them, where the configuration gives steps as times
    std::vector<Order> orders;
    bool closed_backward = false;
    double merge_tolerance = 0;
    std::optional<Shape::Stop> stop;
    std::function<bool(Quantity)> offers;     ///< whether the model offers an observable; empty: everything
    std::uint32_t window = 0;                 ///< K: loss observables also have their variance over the last K checkpoints
    bool states = true;                       ///< whether states are recorded for every replica
    bool covariances = true;                  ///< whether streamed moments include covariances
    std::function<double(std::span<const double>, std::span<const double>)> distance;  ///< the model's

    bool has(Order order) const;
    /// Whether the model offers the observable.
    bool can_record(Quantity quantity) const { return !offers || offers(quantity); }
    std::size_t last() const { return steps.size() - 1; }  ///< index of the last checkpoint
    /// rho_p = (E Lip^p)^(1/p) per map, if known; infinity where the moment is. For maps that are exchangeable within
    /// epochs only, rho_inf, which bounds it.
    std::optional<Fact> rho(double p) const;
    /// D_p(start).
    std::optional<Fact> displacement(std::size_t start, double p) const;
    /// A bound for || Lip(f_1 o ... o f_n) ||_p: rho_p^n, or by factors of several maps.
    std::optional<Fact> contraction(double n, double p) const;
    /// sum_{k >= n} contraction(k, p) D_p(start): rho_p^n D_p/(1 - rho_p); nothing when rho_p >= 1 or unknown.
    std::optional<Fact> tail(double n, std::size_t start, double p) const;
};

/// What an ensemble measured. Several threads may ask at once.
class Evidence {
  public:
    virtual ~Evidence() = default;
    virtual const Setup& setup() const = 0;
    virtual bool has(Quantity quantity, Order order) const = 0;
    /// The series over all replicas, in their order; throws InternalError when !has().
    virtual std::vector<double> values(const Address& address) const = 0;
    /// Streamed moments of a state component, always there; of finite states only.
    virtual SampleMoments moments(Order order, std::size_t start, std::size_t step, std::size_t component) const = 0;
    /// Replicas of that order and start that reached a non-finite state.
    virtual std::uint64_t diverged(Order order, std::size_t start) const = 0;
};

}  // namespace foldback
