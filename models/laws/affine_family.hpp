#pragma once
#include <vector>

#include "models/laws/named_law.hpp"
#include "sim/model.hpp"

namespace foldback {

/// x -> m A_k x + b_k + e: index k with probability weight_k, m a random factor, e random noise with independent
/// components; all independent.
class AffineFamily {
  public:
    /// Throws ConfigError, naming the map, when sizes disagree, a weight is not positive or they don't sum to 1.
    static AffineFamily from(Settings& table);

    int dimension() const { return d_; }
    std::size_t size() const { return weights_.size(); }
    const NamedLaw& factor() const { return factor_; }
    const NamedLaw& noise() const { return noise_; }
    bool has_factor() const { return factor_.kind() != NamedLaw::Kind::constant; }
    bool has_noise() const { return noise_.kind() != NamedLaw::Kind::constant; }
    bool is_general() const { return factor_.is_general() || noise_.is_general(); }
    const double* cumulated_weights() const { return cumulated_.data(); }
    /// A, b and the spectral norm of A, by entry, then by map: (dim^2 + dim + 1, size).
    const double* table() const { return table_.data(); }

    Bits bits() const;
    Consumption consumption() const;
    std::vector<NamedArray> parameters() const;
    /// One replica's factor and noise (1 + dim), where is_general(); those not drawn by Boost.Random are left alone.
    void draw_general(WordSource words, std::span<double> out) const;
    Truth truth() const;

  private:
    AffineFamily() : factor_(NamedLaw::constant(1)), noise_(NamedLaw::constant(0)) {}
    void prepare();
    double A(std::size_t k, std::size_t i, std::size_t j) const {
        return A_[(k * std::size_t(d_) + i) * std::size_t(d_) + j];
    }
    double b(std::size_t k, std::size_t i) const { return b_[k * std::size_t(d_) + i]; }
    void add_contraction(Truth& t) const;
    void add_scalar_facts(Truth& t) const;
    std::optional<Fact> displacement(std::span<const double> x, double p) const;
    AffineLaw law() const;
    bool has_common_fixed_point() const;

    int d_ = 1;
    std::vector<double> weights_, cumulated_, A_, b_, table_;
    std::vector<Fact> norms_;
    NamedLaw factor_, noise_;
};

}  // namespace foldback
