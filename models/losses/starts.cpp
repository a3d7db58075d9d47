#include "models/losses/starts.hpp"

#include <cmath>

#include "sim/settings.hpp"
#include "sim/step_grid.hpp"

namespace foldback {

std::vector<double> optimum_start(Settings& table, const double* centre, std::size_t dimension) {
    if (!centre)
        throw table.wrong("kind", "is 'optimum', and this loss has no minimum that is known to be the only one",
                          "a positive ridge (above nonconvex / 2) makes one; or take another kind of start");
    return {centre, centre + dimension};
}

Training read_training(Settings& table) {
    Training training;
    training.steps = std::uint32_t(table.integer("steps", IntegerRange::between(1, largest_step)));
    training.plan.step = table.number("step", Range::positive());
    training.plan.sampling.batch = std::uint32_t(table.integer("batch", 1, IntegerRange::between(1, 1'000'000)));
    training.seed = read_start_seed(table);
    return training;
}

std::vector<double> read_origin(Settings& table, std::size_t dimension,
                                const std::function<std::vector<double>(Settings&)>& named) {
    if (!table.has("from"))
        throw table.missing("from",
                            "say where training starts, as in from = { kind = \"normal\", scale = 0.1, seed = 1 }");
    if (!table.raw("from").is_table()) return table.vector("from", Range::any(), dimension);
    Settings from = table.table("from");
    return named(from);
}

void check_trained(Settings& table, std::span<const double> theta) {
    for (const double x : theta)
        if (!std::isfinite(x)) throw table.wrong("step", "makes training diverge", "take a shorter one");
}

std::uint64_t read_start_seed(Settings& table) {
    return static_cast<std::uint64_t>(table.integer("seed", IntegerRange::non_negative()));
}

double read_start_scale(Settings& table) { return table.number("scale", 1.0, Range::positive()); }

}  // namespace foldback
