#pragma once
#include <algorithm>
#include <cstddef>

#include "models/losses/rows.hpp"
#include "sim/loss_observables.hpp"
#include "sim/workspace.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// The loss observables of SGD on a finite sum L: l is the mean loss of the training rows with the regulariser,
/// test_loss the same of the test rows, gradient_norm |grad l|. Rows are taken in blocks, in their order, so that what
/// a block needs stays in the cache.
template <class L, class R>
class LossObserver {
  public:
    explicit LossObserver(const L& loss) : scratch_(loss.scratch_size(block_rows)), gradient_(loss.dimension()) {}

    static LossObservables offered(const L& loss) {
        using Q = LossObservable;
        LossObservables all = LossObservables{}.with(Q::train_loss).with(Q::gradient_norm);
        const bool tests = loss.data->rows > loss.data->train_rows, classes = loss.data->classes > 0;
        if (tests) all = all.with(Q::test_loss);
        if (classes) all = all.with(Q::train_accuracy);
        if (tests && classes) all = all.with(Q::test_accuracy);
        return all;
    }

    /// out[q] for every q wanted but optimum_distance.
    void observe(const L& loss, LossObservables wanted, const R* theta, R* out) {
        using Q = LossObservable;
        scores(loss, loss.train(), theta, wanted, Q::train_loss, Q::train_accuracy, out);
        scores(loss, loss.test(), theta, wanted, Q::test_loss, Q::test_accuracy, out);
        if (wanted.has(Q::gradient_norm)) out[unsigned(Q::gradient_norm)] = gradient_norm(loss, theta);
    }

  private:
    static constexpr std::size_t block_rows = 16;

    template <class F>
    static void each_block(const SharedRows& rows, F f) {
        for (std::size_t first = 0; first < rows.count(); first += block_rows)
            f(rows.part(first, std::min(block_rows, rows.count() - first)));
    }

    // Apart from the kernel's loops: inlined there, its code on one lane is too much for gcc 12.
    [[gnu::noinline]] void scores(const L& loss, const SharedRows& rows, const R* theta, LossObservables wanted,
                                  LossObservable value, LossObservable accuracy, R* out) {
        if (!wanted.has(value) && !wanted.has(accuracy)) return;
        R sum(0.0), hits(0.0);
        each_block(rows, [&](const SharedRows& block) {
            const Score<R> score = loss.score(block, theta, scratch_.data());
            sum += score.loss;
            hits += score.hits;
        });
        const R count(double(rows.count()));
        if (wanted.has(value)) out[unsigned(value)] = sum / count + loss.penalty(theta);
        if (wanted.has(accuracy)) out[unsigned(accuracy)] = hits / count;
    }

    // A block's gradient is the mean of its rows', regulariser included: weighted by its share of the rows.
    [[gnu::noinline]] R gradient_norm(const L& loss, const R* theta) {
        const SharedRows rows = loss.train();
        for (std::size_t j = 0; j < loss.dimension(); ++j) gradient_[j] = R(0.0);
        each_block(rows, [&](const SharedRows& block) {
            const R share(double(block.count()) / double(rows.count()));
            loss.prepare(block, theta, scratch_.data());
            loss.each_gradient(block, theta, scratch_.data(),
                               [&](std::size_t j, const R& g) { gradient_[j] = fma(share, g, gradient_[j]); });
        });
        R square(0.0);
        for (std::size_t j = 0; j < loss.dimension(); ++j) square = fma(gradient_[j], gradient_[j], square);
        return sqrt(square);
    }

    Workspace<R> scratch_, gradient_;
};

}  // namespace foldback::inline FOLDBACK_ISA
