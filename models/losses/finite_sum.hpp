#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/data/dataset.hpp"
#include "models/losses/loss.hpp"
#include "models/losses/rows.hpp"

namespace foldback {

/// The part that all losses over a data set share: m training rows, of which mini-batches are drawn.
///
/// With replacement the rows of a batch are independent, each of the m equally likely. Reshuffled, step n reads batch
/// (n - 1) mod E of epoch 1 + floor((n - 1) / E), E = floor(m / batch): an epoch's order of the m rows is a fresh
/// permutation, its batches are disjoint, and the last m - E batch rows of it are not used.
struct FiniteSum {
    std::shared_ptr<const Dataset> data;
    Sampling sampling;

    /// Reads [model.data] and checks the sampling against it.
    static FiniteSum from(Settings& model, Targets targets, Sampling sampling);

    void resample(Sampling drawn) { sampling = drawn; }

    std::uint32_t train_count() const { return std::uint32_t(data->train_rows); }
    std::uint32_t steps_per_epoch() const { return train_count() / sampling.batch; }

    SharedRows train() const { return {data->features.data(), data->targets.data(), data->train_rows, data->columns}; }
    /// The training rows again where none are left for testing.
    SharedRows test() const {
        const SharedRows all{data->features.data(), data->targets.data(), data->rows, data->columns};
        return data->rows == data->train_rows ? all : all.part(data->train_rows, data->rows - data->train_rows);
    }

    template <class R>
    using Batch = DrawnRows<R>;
    Consumption consumption() const { return {.integers = sampling.reshuffled ? 0 : sampling.batch}; }
    template <class R>
    DrawnRows<R> batch() const {
        return {sampling.batch, data->columns, sampling.reshuffled && !sampling.full ? data->train_rows : 0};
    }
    template <class R>
    void draw(Noise<R>& w, DrawnRows<R>& rows) const {
        if (sampling.full) {
            if (!rows.holds_all()) rows.gather_all(train());
            return;
        }
        if (sampling.reshuffled) {
            const std::uint32_t before = w.address().step - 1, epoch = steps_per_epoch();
            rows.choose_from_epoch(w, 1 + before / epoch, before % epoch, train_count());
        } else {
            for (std::size_t s = 0; s < sampling.batch; ++s) rows.set_index(s, w.integer(train_count()));
        }
        rows.gather(train());
    }
};

}  // namespace foldback
