#pragma once
#include <memory>
#include <type_traits>

#include "models/losses/mean_loss.hpp"
#include "models/losses/rows.hpp"
#include "sim/workspace.hpp"

// For units that are compiled once only.
namespace foldback {

/// The mean loss of a loss over a finite data set by the very text that kernels run, row by row and one lane wide; what
/// needs second derivatives is not there.
template <class L>
class TextMean final : public MeanLoss {
    using R = Lanes<1>;

  public:
    explicit TextMean(L loss) : loss_(std::move(loss)) {}

    std::size_t dimension() const override { return loss_.dimension(); }
    bool has_hessian() const override { return false; }

    double value(std::span<const double> theta) const override {
        const Workspace<R> x = lanes(theta);
        Workspace<R> scratch(loss_.scratch_size(1));
        R sum(0.0);
        const SharedRows rows = loss_.train();
        for (std::size_t i = 0; i < rows.count(); ++i)
            sum += loss_.score(rows.part(i, 1), x.data(), scratch.data()).loss;
        return (sum / R(double(rows.count())) + loss_.penalty(x.data()))[0];
    }
    std::vector<double> gradient(std::span<const double> theta) const override {
        std::vector<double> sum(dimension(), 0.0);
        each_gradient(theta, [&](std::span<const double> g) {
            for (std::size_t j = 0; j < g.size(); ++j) sum[j] += g[j];
        });
        for (double& g : sum) g /= double(loss_.train().count());
        return sum;
    }
    void each_gradient(std::span<const double> theta,
                       const std::function<void(std::span<const double>)>& visit) const override {
        const Workspace<R> x = lanes(theta);
        Workspace<R> scratch(loss_.scratch_size(1));
        std::vector<double> gradient(dimension());
        const SharedRows rows = loss_.train();
        for (std::size_t i = 0; i < rows.count(); ++i) {
            const SharedRows row = rows.part(i, 1);
            loss_.prepare(row, x.data(), scratch.data());
            loss_.each_gradient(row, x.data(), scratch.data(), [&](std::size_t j, const R& g) { gradient[j] = g[0]; });
            visit(gradient);
        }
    }
    std::vector<double> hessian(std::span<const double>) const override { return {}; }
    std::vector<double> third(std::span<const double>, std::span<const double>) const override { return {}; }
    std::vector<double> covariance(std::span<const double>) const override { return {}; }
    double gradient_rounding(std::span<const double>) const override { return 0; }

  private:
    Workspace<R> lanes(std::span<const double> theta) const {
        Workspace<R> x(theta.size());
        for (std::size_t j = 0; j < theta.size(); ++j) x[j] = R(theta[j]);
        return x;
    }

    L loss_;
};

}  // namespace foldback
