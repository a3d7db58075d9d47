#pragma once

namespace foldback {

/// Moments of A ~ BetaPrime(p, q).
class BetaPrimeMoments {
  public:
    BetaPrimeMoments(double p, double q) : p_(p), q_(q) {}
    double moment(double r) const;     ///< E A^r = B(p + r, q - r) / B(p, q); infinite for r >= q
    double log_mean() const;           ///< psi(p) - psi(q)
    double log_variance() const;       ///< psi'(p) + psi'(q)
    double shortfall(double t) const;  ///< E max(t - A, 0)

  private:
    double p_, q_;
};

}  // namespace foldback
