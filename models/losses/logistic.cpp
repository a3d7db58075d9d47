#include "models/losses/logistic.hpp"

#include <cmath>

#include "models/losses/linear_mean.hpp"
#include "models/losses/sgd_truth.hpp"
#include "sim/settings.hpp"

namespace foldback {

Logistic Logistic::from(Settings& model, Sampling sampling) {
    Settings table = model.table("loss");
    Logistic loss{FiniteSum::from(model, Targets::two_classes, sampling)};
    loss.regulariser.ridge = table.number("ridge", 0.0, Range::non_negative());
    loss.regulariser.rho = table.number("nonconvex", 0.0, Range::non_negative());
    const std::size_t d = loss.dimension();
    for (std::size_t i = 0; i < loss.data->train_rows; ++i) {
        double square = 0;
        for (std::size_t j = 0; j < d; ++j) square += std::pow(loss.data->features[i * d + j], 2);
        loss.lower.push_back(loss.regulariser.ridge - loss.regulariser.rho / 2);
        loss.upper.push_back(square / 4 + loss.regulariser.ridge + 2 * loss.regulariser.rho);
    }
    loss.mean = linear_mean(loss.data, logistic_link, loss.regulariser);
    const double mu = loss.regulariser.ridge - loss.regulariser.rho / 2;
    if (mu > 0) {
        loss.strong_convexity = Fact{mu, loss.regulariser.rho == 0 ? Label::exact : Label::bound};
        loss.optimum = std::make_shared<LazyMinimum>(loss.mean, mu);
    }
    return loss;
}

std::vector<NamedArray> Logistic::parameters() const {
    std::vector<NamedArray> all{{"ridge", {}, {regulariser.ridge}}, {"nonconvex", {}, {regulariser.rho}}};
    for (NamedArray& array : arrays_of(*data)) all.push_back(std::move(array));
    return all;
}

const double* Logistic::centre() const { return centre_of(optimum.get()); }

Truth Logistic::truth(const SgdPlan& plan) const {
    Truth t =
        finite_sum_truth(plan, {mean, data->train_rows, lower, upper, regulariser.rho == 0, strong_convexity, optimum, false});
    if (!strong_convexity) t.note = "no positive ridge - nonconvex/2: no single minimum is certain";
    return t;
}

}  // namespace foldback
