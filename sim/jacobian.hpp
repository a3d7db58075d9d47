#pragma once
#include <cstddef>

#include "sim/dual.hpp"
#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// Derivatives of drawn maps, by the model's own text over dual numbers (forward mode, a few columns at a time).
/// Needs apply(p, x) to be written over a scalar of its own: template <class P, class R> void apply(const P&, R&)
/// const, or std::span<R> for x.
template <class R, class M>
class Jacobian {
    static constexpr int columns = is_scalar<R, M> ? 1 : 4;  // found together
    using Number = Dual<R, columns>;

  public:
    explicit Jacobian(const M& f) : f_(f), dim_(std::size_t(dimension_of<R>(f))), x_(dim_) {}

    std::size_t dimension() const { return dim_; }

    /// matrix[i dim + j] = d f_p(x)_i / d x_j at x (dim scalars), and image = f_p(x), with the bits of apply. x and
    /// image may be the same.
    void operator()(const ParameterOf<M, R>& p, const R* x, R* image, R* matrix) {
        for (std::size_t first = 0; first < dim_; first += columns) {
            const std::size_t count = dim_ - first < columns ? dim_ - first : columns;
            for (std::size_t i = 0; i < dim_; ++i) {
                const bool varies = i >= first && i < first + count;
                x_[i] = varies ? Number::variable(x[i], int(i - first)) : Number(x[i]);
            }
            if constexpr (is_scalar<R, M>)
                f_.apply(p, x_[0]);
            else
                f_.apply(p, std::span<Number>(x_.data(), dim_));
            for (std::size_t i = 0; i < dim_; ++i)
                for (std::size_t j = 0; j < count; ++j) matrix[i * dim_ + first + j] = x_[i].slope[j];
        }
        for (std::size_t i = 0; i < dim_; ++i) image[i] = x_[i].value;
    }

  private:
    const M& f_;
    std::size_t dim_;
    Workspace<Number> x_;
};

}  // namespace foldback::inline FOLDBACK_ISA
