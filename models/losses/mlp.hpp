#pragma once
#include <memory>
#include <vector>

#include "models/losses/class_scores.hpp"
#include "models/losses/finite_sum.hpp"
#include "models/losses/mean_loss.hpp"
#include "sim/elementary.hpp"

namespace foldback {

/// A multilayer perceptron: a_0 = x, a_l = s(W_l a_(l-1) + b_l) for hidden layers, s = tanh or max(0, .), class scores
/// z = W_L a_(L-1) + b_L; l_i = log sum_k e^(z_k) - z_(y_i) + (weight_decay / 2) |theta|^2.
/// theta = (W_1, b_1), (W_2, b_2), ...: each layer unit by unit, its weights and then its bias.
///
/// Not convex, and with two or more layers of weights no l_i has a bounded Hessian: no Lipschitz constants.
struct Mlp : FiniteSum {
    static constexpr const char* kind = "mlp";
    static constexpr const char* summary = "a multilayer perceptron for classes, of any widths, tanh or relu";
    static constexpr const char* example =
        "[model]\nkind  = \"sgd\"\nstep  = 0.2\nbatch = 4\n[model.loss]\nkind         = \"mlp\"\nhidden       = [3]\n"
        "activation   = \"tanh\"\nweight_decay = 0.01\n[model.data]\ngenerator  = \"blobs\"\nseed       = 1\n"
        "rows       = 60\ncolumns    = 2\nclasses    = 3\nseparation = 2.0\nspread     = 0.5\n";

    std::vector<std::size_t> widths = {};  ///< of a_0, ..., a_(L-1), z
    bool relu = false;
    double weight_decay = 0;
    std::shared_ptr<const MeanLoss> mean = {};

    static Mlp from(Settings& model, Sampling sampling);
    std::vector<NamedArray> parameters() const;
    Truth truth(const SgdPlan& plan) const;
    /// Weights uniform on +-sqrt(6 / (in + out)) of their layer, biases 0 [Glorot and Bengio 2010].
    std::vector<double> glorot(std::uint64_t seed) const;

    std::size_t layers() const { return widths.size() - 1; }
    std::size_t classes() const { return widths.back(); }
    std::size_t weights_of(std::size_t layer) const { return widths[layer] * (widths[layer - 1] + 1); }
    std::size_t dimension() const {
        std::size_t sum = 0;
        for (std::size_t l = 1; l <= layers(); ++l) sum += weights_of(l);
        return sum;
    }
    /// Of each hidden layer the values and their deltas, of the last one the deltas only.
    std::size_t scratch_size(std::size_t rows) const {
        std::size_t units = classes();
        for (std::size_t l = 1; l < layers(); ++l) units += 2 * widths[l];
        return units * rows;
    }
    std::size_t scratch_size() const { return scratch_size(sampling.batch); }

    /// Values of the layers, (unit, row), then the deltas d (mean loss) / d (W_l a_(l-1) + b_l), last layer first.
    template <class Rows, class X>
    void prepare(const Rows& rows, const X* theta, X* s) const {
        const std::size_t count = rows.count();
        forward(rows, theta, s);
        X* values = s;
        const X* weights = theta;
        for (std::size_t l = 1; l < layers(); ++l) {
            values += widths[l] * count;
            weights += weights_of(l);
        }
        cross_entropy_residuals(rows, classes(), values);
        const X* delta = values;
        X* free = values + classes() * count;
        for (std::size_t l = layers(); l > 1; --l) {
            values -= widths[l - 1] * count;
            pull_back(count, widths[l - 1], widths[l], weights, values, delta, free);
            delta = free;
            free += widths[l - 1] * count;
            weights -= weights_of(l - 1);
        }
    }
    template <class Rows, class X, class Sink>
    void each_gradient(const Rows& rows, const X* theta, const X* s, Sink sink) const {
        const std::size_t count = rows.count();
        // Deltas stand last layer first: the first layer's are at the end.
        const X* delta = s + scratch_size(count);
        const X* values = s;
        std::size_t at = 0;
        for (std::size_t l = 1; l <= layers(); ++l) {
            if (l < layers()) delta -= widths[l] * count;
            if (l == layers()) delta = values;
            if (l == 1)
                layer_gradient(count, widths[0], widths[1], theta, delta, at, sink,
                               [&](std::size_t row, std::size_t i) { return X(rows.x(row, i)); });
            else
                layer_gradient(count, widths[l - 1], widths[l], theta, delta, at, sink,
                               [a = values - widths[l - 1] * count, count](std::size_t row, std::size_t i) -> const X& {
                                   return a[i * count + row];
                               });
            at += weights_of(l);
            values += widths[l] * count;
        }
    }
    /// Sums over the rows, without weight decay; and that.
    template <class Rows, class X>
    Score<X> score(const Rows& rows, const X* theta, X* s) const {
        forward(rows, theta, s);
        for (std::size_t l = 1; l < layers(); ++l) s += widths[l] * rows.count();
        return cross_entropy_score(rows, classes(), s);
    }
    template <class X>
    X penalty(const X* theta) const {
        X sum(0.0);
        for (std::size_t i = 0; i < dimension(); ++i) sum = fma(theta[i], theta[i], sum);
        return X(weight_decay / 2) * sum;
    }

  private:
    template <class Rows, class X>
    void forward(const Rows& rows, const X* theta, X* s) const {
        const std::size_t count = rows.count();
        for (std::size_t l = 1; l <= layers(); ++l) {
            if (l == 1)
                layer_values(count, l, theta, s, [&](std::size_t row, std::size_t i) { return X(rows.x(row, i)); });
            else
                layer_values(count, l, theta, s,
                             [a = s - widths[l - 1] * count, count](std::size_t row, std::size_t i) -> const X& {
                                 return a[i * count + row];
                             });
            theta += weights_of(l);
            s += widths[l] * count;
        }
    }

    template <class X, class Input>
    void layer_values(std::size_t count, std::size_t l, const X* w, X* values, Input a) const {
        const std::size_t in = widths[l - 1], out = widths[l];
        for (std::size_t j = 0; j < out; ++j, w += in + 1)
            in_blocks(count, [&](auto block, std::size_t first) {
                constexpr std::size_t B = block.value;
                X sum[B];
                unrolled<B>([&](std::size_t r) { sum[r] = w[in]; });
                for (std::size_t i = 0; i < in; ++i) {
                    const X weight = w[i];
                    unrolled<B>([&](std::size_t r) { sum[r] = fma(weight, a(first + r, i), sum[r]); });
                }
                for (std::size_t r = 0; r < B; ++r)
                    values[j * count + first + r] = l < layers() ? activated(sum[r]) : sum[r];
            });
    }

    /// Deltas of the layer below, whose values are given: s'(a) sum_j w_ji delta_j.
    template <class X>
    void pull_back(std::size_t count, std::size_t in, std::size_t out, const X* w, const X* values, const X* delta,
                   X* below) const {
        for (std::size_t i = 0; i < in; ++i)
            in_blocks(count, [&](auto block, std::size_t first) {
                constexpr std::size_t B = block.value;
                X sum[B];
                unrolled<B>([&](std::size_t r) { sum[r] = X(0.0); });
                for (std::size_t j = 0; j < out; ++j) {
                    const X weight = w[j * (in + 1) + i];
                    unrolled<B>([&](std::size_t r) { sum[r] = fma(weight, delta[j * count + first + r], sum[r]); });
                }
                for (std::size_t r = 0; r < B; ++r) {
                    const std::size_t k = i * count + first + r;
                    below[k] = sum[r] * slope(values[k]);
                }
            });
    }

    template <class X, class Input, class Sink>
    void layer_gradient(std::size_t count, std::size_t in, std::size_t out, const X* theta, const X* delta,
                        std::size_t at, Sink sink, Input a) const {
        const X decay(weight_decay);
        for (std::size_t j = 0; j < out; ++j, delta += count) {
            for (std::size_t i = 0; i < in; ++i, ++at) {
                X g = decay * theta[at];
                for (std::size_t r = 0; r < count; ++r) g = fma(delta[r], a(r, i), g);
                sink(at, g);
            }
            X g = decay * theta[at];
            for (std::size_t r = 0; r < count; ++r) g += delta[r];
            sink(at++, g);
        }
    }

    template <class X>
    X activated(const X& z) const {
        return relu ? larger(X(0.0), z) : elementary::tanh(z);
    }
    /// s' in terms of s.
    template <class X>
    X slope(const X& a) const {
        return relu ? select(a > X(0.0), X(1.0), X(0.0)) : (X(1.0) - a) * (X(1.0) + a);
    }
};

}  // namespace foldback
