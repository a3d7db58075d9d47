#include "models/losses/finite_sum.hpp"

#include "sim/settings.hpp"

namespace foldback {

FiniteSum FiniteSum::from(Settings& model, Targets targets, Sampling sampling) {
    Settings table = model.table("data");
    FiniteSum sum{read_dataset(table, targets), sampling};
    const std::size_t m = sum.data->train_rows;
    if (sampling.full) sum.sampling.batch = std::uint32_t(m);
    if (sampling.reshuffled && sampling.batch > m)
        throw model.wrong("batch", "is " + std::to_string(sampling.batch),
                          "without replacement it must be at most the number of training rows, " + std::to_string(m));
    return sum;
}

}  // namespace foldback
