#include "models/sgd.hpp"

#include "models/losses/registry.hpp"
#include "sim/error.hpp"
#include "sim/settings.hpp"

namespace foldback {

// Defined in each loss's unit: models/losses/instantiate.hpp.
#define FOLDBACK_LOSS(L) LossEntry loss_entry_of_##L();
#include "models/losses/registry.def"
#undef FOLDBACK_LOSS

std::vector<LossEntry> builtin_losses() {
    return {
#define FOLDBACK_LOSS(L) loss_entry_of_##L(),
#include "models/losses/registry.def"
#undef FOLDBACK_LOSS
    };
}

ModelEntry sgd_entry() {
    const std::vector<LossEntry> losses = builtin_losses();
    std::vector<std::string> kinds;
    for (const LossEntry& loss : losses) kinds.push_back(loss.kind);
    std::string summary = "theta - h grad l_xi(theta): SGD of constant or falling step h on mini-batches xi; loss.kind =";
    for (const std::string& kind : kinds) summary += " " + kind;
    return {"sgd", summary, losses.front().sgd.example, [losses, kinds](Settings& model) {
                const std::string kind = model.table("loss").word("kind", kinds);
                for (const LossEntry& loss : losses)
                    if (loss.kind == kind) return loss.sgd.make(model);
                throw InternalError("a loss that is in the list is not in the list");
            }};
}

namespace {

void read_falling_step(Settings& model, SgdPlan& plan) {
    Settings table = model.table("step");
    table.word("kind", {"power"});
    plan.step = table.number("c", Range::positive());
    plan.t0 = table.number("t0", 0.0, Range::non_negative());
    plan.exponent = table.number("exponent", 1.0, Range::open_closed(0, 1));
}

}  // namespace

SgdPlan read_sgd_plan(Settings& model, const char* loss, const Range& step) {
    model.table("loss").word("kind", {loss});
    SgdPlan plan;
    if (model.has("step") && model.raw("step").is_table())
        read_falling_step(model, plan);
    else
        plan.step = model.number("step", step);
    const std::string sampling = model.word("sampling", {"with_replacement", "reshuffled", "full"}, "with_replacement");
    plan.sampling.full = sampling == "full";
    plan.sampling.reshuffled = sampling != "with_replacement";
    if (!plan.sampling.full)
        plan.sampling.batch = std::uint32_t(model.integer("batch", 1, IntegerRange::between(1, 1'000'000)));
    else if (model.has("batch"))
        throw model.wrong("batch", "is given, and sampling is 'full'", "a full batch holds all training rows: leave batch out");
    plan.momentum = model.number("momentum", 0.0, Range::closed_open(0, 1));
    return plan;
}

}  // namespace foldback
