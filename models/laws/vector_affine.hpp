#pragma once
#include <span>
#include <type_traits>

#include "sim/random_map.hpp"
#include "sim/workspace.hpp"

namespace foldback {

/// The part that all models x -> A x + b in R^dim share; a model derives from it and draws {A, b, lipschitz}. Products
/// are summed in the order of the components, by fma, b first.
struct VectorAffineMap {
    int dim = 1;
    int dimension() const { return dim; }

    template <class R>
    struct Parameter {
        Workspace<R> A, b;  ///< (dim, dim), (dim)
        R lipschitz;
        mutable Workspace<R> scratch;  ///< (dim); no part of the value
    };
    template <class R>
    Parameter<R> unset_parameter() const {
        const auto d = std::size_t(dim);
        return {Workspace<R>(d * d), Workspace<R>(d), R(0.0), Workspace<R>(d)};
    }

    bool keeps_non_finite() const { return true; }
    template <class P, class R>
    void apply(const P& p, std::span<R> x) const {
        if constexpr (std::is_same_v<decltype(p.scratch), Workspace<R>>) {
            product(p.A.data(), x.data(), p.b.data(), p.scratch.data());
            copy(p.scratch.data(), x.data(), std::size_t(dim));
        } else {  // x of dual numbers
            Workspace<R> image{std::size_t(dim)};
            product(p.A.data(), x.data(), p.b.data(), image.data());
            copy(image.data(), x.data(), std::size_t(dim));
        }
    }
    template <class R>
    R lipschitz(const Parameter<R>& p) const {
        return p.lipschitz;
    }

    template <class R>
    struct Composition {
        Workspace<R> slope, shift;     ///< (dim, dim), (dim)
        mutable Workspace<R> scratch;  ///< (dim); no part of the value
    };
    template <class R>
    Composition<R> identity() const {
        const auto d = std::size_t(dim);
        Composition<R> c{Workspace<R>(d * d), Workspace<R>(d), Workspace<R>(d)};
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t j = 0; j < d; ++j) c.slope[i * d + j] = R(i == j ? 1.0 : 0.0);
            c.shift[i] = R(0.0);
        }
        return c;
    }
    template <class R>
    void compose(Composition<R>& c, const Parameter<R>& p) const {
        const auto d = std::size_t(dim);
        product(c.slope.data(), p.b.data(), c.shift.data(), c.scratch.data());
        copy(c.scratch.data(), c.shift.data(), d);
        for (std::size_t i = 0; i < d; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                c.scratch[j] = R(0.0);
                for (std::size_t k = 0; k < d; ++k)
                    c.scratch[j] = fma(c.slope[i * d + k], p.A[k * d + j], c.scratch[j]);
            }
            copy(c.scratch.data(), &c.slope[i * d], d);
        }
    }
    template <class R>
    void evaluate(const Composition<R>& c, std::span<R> x) const {
        product(c.slope.data(), x.data(), c.shift.data(), c.scratch.data());
        copy(c.scratch.data(), x.data(), std::size_t(dim));
    }

  private:
    /// y <- A x + b.
    template <class A, class X>
    void product(const A* matrix, const X* x, const A* b, X* y) const {
        const auto d = std::size_t(dim);
        for (std::size_t i = 0; i < d; ++i) {
            X sum = b[i];
            for (std::size_t j = 0; j < d; ++j) sum = fma(matrix[i * d + j], x[j], sum);
            y[i] = sum;
        }
    }
    template <class R>
    static void copy(const R* from, R* to, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
    }
};

}  // namespace foldback
