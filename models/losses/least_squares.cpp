#include "models/losses/least_squares.hpp"

#include <algorithm>
#include <cmath>

#include "models/losses/linear_mean.hpp"
#include "models/losses/sgd_truth.hpp"
#include "sim/settings.hpp"
#include "sim/symmetric_eigen.hpp"

namespace foldback {

LeastSquares LeastSquares::from(Settings& model, Sampling sampling) {
    Settings table = model.table("loss");
    LeastSquares loss{FiniteSum::from(model, Targets::numbers, sampling)};
    loss.ridge = table.number("ridge", 0.0, Range::non_negative());
    const std::size_t d = loss.dimension();
    for (std::size_t i = 0; i < loss.data->train_rows; ++i) {
        double square = 0;
        for (std::size_t j = 0; j < d; ++j) square += std::pow(loss.data->features[i * d + j], 2);
        loss.upper.push_back(square + loss.ridge);
        loss.lower.push_back(d == 1 ? loss.upper.back() : loss.ridge);
    }
    loss.mean = linear_mean(loss.data, squared_link, {loss.ridge, 0});
    const std::vector<double> zero(d, 0.0);
    // Below that the data leave a direction open, but for rounding: then there is no single minimum.
    const double mu = symmetric_eigen(loss.mean->hessian(zero)).values.front();
    if (mu > 1e-12 * *std::max_element(loss.upper.begin(), loss.upper.end())) {
        loss.strong_convexity = Fact{mu};
        loss.optimum = std::make_shared<LazyMinimum>(loss.mean, mu);
    }
    return loss;
}

std::vector<NamedArray> LeastSquares::parameters() const {
    std::vector<NamedArray> all{{"ridge", {}, {ridge}}};
    for (NamedArray& array : arrays_of(*data)) all.push_back(std::move(array));
    return all;
}

const double* LeastSquares::centre() const { return centre_of(optimum.get()); }

Truth LeastSquares::truth(const SgdPlan& plan) const {
    FiniteSumFacts facts{mean, data->train_rows, lower, upper, true, strong_convexity, optimum, true};
    Truth t = finite_sum_truth(plan, facts);
    if (!sampling.reshuffled) add_affine_law(t, least_squares_moments(data, ridge), plan);
    return t;
}

}  // namespace foldback
