#pragma once
#include "models/losses/rows.hpp"
#include "sim/elementary.hpp"

// What losses over classes share: scores z, (class, row), of the rows' classes, and the cross-entropy of their softmax.
namespace foldback::inline FOLDBACK_ISA {

/// z <- d (mean loss) / d z: (p_k - [y = k]) / rows, p = softmax(z) of the row.
template <class Rows, class X>
void cross_entropy_residuals(const Rows& rows, std::size_t classes, X* z) {
    const std::size_t count = rows.count();
    const X share(1.0 / double(count)), zero(0.0);
    for (std::size_t s = 0; s < count; ++s) {
        X most = z[s], sum(0.0);
        for (std::size_t k = 1; k < classes; ++k) most = larger(most, z[k * count + s]);
        for (std::size_t k = 0; k < classes; ++k) {
            z[k * count + s] = elementary::exp(z[k * count + s] - most);
            sum += z[k * count + s];
        }
        const X scale = share / sum, y(rows.y(s));
        for (std::size_t k = 0; k < classes; ++k)
            z[k * count + s] = z[k * count + s] * scale - select(y == X(double(k)), share, zero);
    }
}

/// Of a row with equally high scores the first class is foretold.
template <class Rows, class X>
Score<X> cross_entropy_score(const Rows& rows, std::size_t classes, const X* z) {
    const std::size_t count = rows.count();
    Score<X> score{X(0.0), X(0.0)};
    for (std::size_t s = 0; s < count; ++s) {
        const X y(rows.y(s)), zero(0.0);
        X most = z[s], foretold(0.0), own = z[s], sum(0.0);
        for (std::size_t k = 1; k < classes; ++k) {
            const X here = z[k * count + s];
            foretold = select(here > most, X(double(k)), foretold);
            most = larger(most, here);
            own = select(y == X(double(k)), here, own);
        }
        for (std::size_t k = 0; k < classes; ++k) sum += elementary::exp(z[k * count + s] - most);
        score.loss += (most - own) + elementary::log(sum);
        score.hits += select(foretold == y, X(1.0), zero);
    }
    return score;
}

}  // namespace foldback::inline FOLDBACK_ISA
