#include "models/losses/mlp.hpp"

#include <cmath>

#include "models/losses/sgd_truth.hpp"
#include "models/losses/text_mean.hpp"
#include "sim/distributions.hpp"
#include "sim/named_start.hpp"
#include "sim/settings.hpp"

namespace foldback {

Mlp Mlp::from(Settings& model, Sampling sampling) {
    constexpr std::size_t most_weights = 10'000'000;
    Settings table = model.table("loss");
    Mlp loss{FiniteSum::from(model, Targets::classes, sampling)};
    loss.widths.push_back(loss.data->columns);
    for (std::int64_t width : table.integers("hidden", IntegerRange::between(1, 100'000)))
        loss.widths.push_back(std::size_t(width));
    loss.widths.push_back(std::size_t(loss.data->classes));
    if (loss.dimension() > most_weights)
        throw table.wrong("hidden", "makes " + std::to_string(loss.dimension()) + " weights",
                          "at most " + std::to_string(most_weights) + " are possible");
    loss.relu = table.word("activation", {"tanh", "relu"}, "tanh") == "relu";
    loss.weight_decay = table.number("weight_decay", 0.0, Range::non_negative());
    loss.mean = std::make_shared<TextMean<Mlp>>(loss);
    return loss;
}

std::vector<double> Mlp::glorot(std::uint64_t seed) const {
    std::vector<double> theta;
    for (std::size_t l = 1; l <= layers(); ++l) {
        Stream source = start_stream(seed, std::uint32_t(l));
        const double reach = std::sqrt(6.0 / double(widths[l - 1] + widths[l]));
        for (std::size_t j = 0; j < widths[l]; ++j) {
            for (std::size_t i = 0; i < widths[l - 1]; ++i) theta.push_back(reach * (2 * uniform01(source) - 1));
            theta.push_back(0.0);
        }
    }
    return theta;
}

std::vector<NamedArray> Mlp::parameters() const {
    std::vector<double> sizes(widths.begin(), widths.end());
    std::vector<NamedArray> all{
        {"widths", {sizes.size()}, sizes}, {"relu", {}, {double(relu)}}, {"weight_decay", {}, {weight_decay}}};
    for (NamedArray& array : arrays_of(*data)) all.push_back(std::move(array));
    return all;
}

Truth Mlp::truth(const SgdPlan& plan) const {
    FiniteSumFacts facts;
    facts.mean = mean;
    facts.samples = data->train_rows;
    Truth t = finite_sum_truth(plan, facts);
    t.note = "an MLP's maps have no Lipschitz constant that holds everywhere: nothing here contracts globally";
    return t;
}

}  // namespace foldback
