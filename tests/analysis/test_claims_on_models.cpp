#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "models/absolute_difference.hpp"
#include "models/affine.hpp"
#include "models/autoregressive.hpp"
#include "models/bernoulli_convolution.hpp"
#include "models/beta_prime_perpetuity.hpp"
#include "models/continued_fraction.hpp"
#include "models/dickman.hpp"
#include "models/gamma_perpetuity.hpp"
#include "models/kesten.hpp"
#include "models/sethuraman.hpp"
#include "models/sine.hpp"
#include "models/spike_recursion.hpp"
#include "models/switching_flow.hpp"
#include "models/unit_interval.hpp"
#include "models/vector_autoregressive.hpp"
#include "runs/toml_file.hpp"
#include "sim/settings.hpp"
#include "tests/support/simulate.hpp"

namespace foldback::test {
namespace {

/// Every claim on the example of a model, as one family at level 1e-3: nothing is violated.
template <class M>
void check_model(bool closed) {
    Settings root(parse_toml(M::example, "example"));
    Settings table = root.table("model");
    (void)table.word("kind", {M::kind});
    const M f = M::from(table);
    Ensemble ensemble{.seed = 20260406, .replicas = 1000, .starts = {}, .steps = {0, 1, 2, 5, 12, 30, 100, 101}};
    for (double x : {0.37, 0.8}) ensemble.starts.emplace_back(std::size_t(dimension_of<Lanes<1>>(f)), x);
    ensemble.closed_backward = closed;
    if (HasLipschitz<M, Lanes<1>>) ensemble.stop = Shape::Stop{1e-4, 400};
    const auto evidence = simulate(f, ensemble);
    const FilePlan plan = plan_claims(evidence.setup());
    for (std::size_t i = 0; i < plan.claims.size(); ++i) {
        const ClaimResult r = evaluate_claim(*all_claims()[i], plan.claims[i], evidence, 1e-3, plan.tests);
        const std::string what = std::string(M::kind) + (closed ? " (closed), " : ", ") + all_claims()[i]->info().id +
                                 ": " + std::string(word(r.overall)) + "; " + r.finding + r.plan.failed_assumption;
        INFO(what);
        CHECK(r.overall != Verdict::violated);
    }
}

}  // namespace

TEST_CASE("claims: none is violated on any model's example") {
#define FOLDBACK_MODEL(M)  \
    check_model<M>(false); \
    if constexpr (HasComposition<M, Lanes<1>>) check_model<M>(true);
#include "models/registry.def"
#undef FOLDBACK_MODEL
}

}  // namespace foldback::test
