#include "models/losses/softmax.hpp"

#include <cmath>

#include "models/losses/sgd_truth.hpp"
#include "models/losses/softmax_mean.hpp"
#include "sim/settings.hpp"

namespace foldback {

Softmax Softmax::from(Settings& model, Sampling sampling) {
    Settings table = model.table("loss");
    Softmax loss{FiniteSum::from(model, Targets::classes, sampling)};
    loss.ridge = table.number("ridge", 0.0, Range::non_negative());
    const std::size_t d = loss.data->columns;
    for (std::size_t i = 0; i < loss.data->train_rows; ++i) {
        double square = 0;
        for (std::size_t j = 0; j < d; ++j) square += std::pow(loss.data->features[i * d + j], 2);
        loss.lower.push_back(loss.ridge);
        loss.upper.push_back(square / 2 + loss.ridge);
    }
    loss.mean = softmax_mean(loss.data, loss.ridge);
    if (loss.ridge > 0) {
        loss.strong_convexity = Fact{loss.ridge};
        loss.optimum = std::make_shared<LazyMinimum>(loss.mean, loss.ridge);
    }
    return loss;
}

std::vector<NamedArray> Softmax::parameters() const {
    std::vector<NamedArray> all{{"ridge", {}, {ridge}}};
    for (NamedArray& array : arrays_of(*data)) all.push_back(std::move(array));
    return all;
}

const double* Softmax::centre() const { return centre_of(optimum.get()); }

Truth Softmax::truth(const SgdPlan& plan) const {
    Truth t = finite_sum_truth(plan, {mean, data->train_rows, lower, upper, true, strong_convexity, optimum, false});
    if (!strong_convexity) t.note = "no ridge: no single minimum";
    return t;
}

}  // namespace foldback
