#pragma once
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "analysis/evidence.hpp"
#include "analysis/verdict.hpp"

namespace foldback {

/// What is said about a claim wherever it is listed: theory.md has a section of the same name.
struct ClaimInfo {
    std::string id;           ///< "backward-increment"
    std::string statement;    ///< the theorem, in one sentence with its formula
    std::string source;       ///< "D25, DF99"
    std::string assumptions;  ///< under which it is a theorem
};

/// What will be tested, fixed before the run. A test is a cell of cases x axis; only statistical ones count for the family.
struct ClaimPlan {
    bool applicable = true;
    std::string failed_assumption;      ///< when not applicable: which one, with the numbers
    std::vector<Quantity> needs;        ///< recorded per replica for it
    std::vector<std::string> cases;     ///< "path, start -1", "p = 2, start -1", "forward, start 1, component 0"
    std::string axis = "step";
    std::vector<double> axis_values;
    std::size_t tests = 0;              ///< statistical ones
    double tol = 0.05;
    std::string interval;               ///< how limits are made: "Hall's t", "DKW", "on every path"
    std::string scale;                  ///< of an equality: "standard deviation of the state"
    std::vector<std::string> rests_on;  ///< constants with their labels: "rho_2 = 0.5 (exact)"

    static ClaimPlan not_applicable(std::string failed_assumption);
};

/// One test and its outcome.
struct Cell {
    double measured = std::numeric_limits<double>::quiet_NaN();
    double lower = std::numeric_limits<double>::quiet_NaN();
    double upper = std::numeric_limits<double>::quiet_NaN();
    double bound = std::numeric_limits<double>::quiet_NaN();  ///< or the value of an equality
    double tightness = std::numeric_limits<double>::quiet_NaN();
    Verdict verdict = Verdict::unresolved;
};

struct ClaimResult {
    ClaimPlan plan;
    std::vector<Cell> cells;              ///< (case, axis), row-major
    Verdict overall = Verdict::not_applicable;
    std::vector<std::string> notes;       ///< counts, first offender, what would resolve the unresolved
    double replicas_to_decide = 0;        ///< for an inconclusive verdict; infinity: no number would
    std::string finding;                  ///< one plain sentence with the numbers that matter

    Cell& at(std::size_t c, std::size_t a) { return cells[c * plan.axis_values.size() + a]; }
    const Cell& at(std::size_t c, std::size_t a) const { return cells[c * plan.axis_values.size() + a]; }
};

/// A theorem about random maps that can be tested on an ensemble. Stateless.
///
/// To add one: analysis/claims/NAME.cpp with a class derived from Claim and a function `const Claim& NAME()`, a line in
/// analysis/claims/registry.def, a section in analysis/theory.md, a test with a negative control.
class Claim {
  public:
    virtual ~Claim() = default;
    virtual const ClaimInfo& info() const = 0;
    /// Whether the assumptions hold here and, if so, which tests there are. Pure.
    virtual ClaimPlan plan(const Setup& setup) const = 0;
    /// Fills the cells of `result` (whose plan is plan(setup)), its notes and finding. `level` is the error probability of
    /// each statistical test, alpha/m. Inputs that were not recorded: cells stay unresolved, with a note that names the
    /// setting. The overall verdict is computed by the caller, from the cells.
    virtual void evaluate(const Evidence& evidence, double level, ClaimResult& result) const = 0;
};

/// All claims, in the order of theory.md.
const std::vector<const Claim*>& all_claims();

/// The plans of all claims for one setup, and the size m of the family they make together.
struct FilePlan {
    std::vector<ClaimPlan> claims;  ///< as in all_claims()
    std::size_t tests = 0;
    std::vector<Quantity> needs;    ///< without duplicates
};
/// `selected`: ids of the claims that are planned; empty: all. The others are not applicable, and say that they were not
/// selected.
FilePlan plan_claims(const Setup& setup, const std::vector<std::string>& selected = {});

/// Whether the claim is one of those ids; empty: all are.
bool is_selected(const ClaimInfo& claim, const std::vector<std::string>& ids);
/// The plan of a claim that the configuration leaves out.
ClaimPlan not_selected();

/// Evaluates one planned claim at level alpha/m and adds up its verdict.
ClaimResult evaluate_claim(const Claim& claim, const ClaimPlan& plan, const Evidence& evidence, double alpha, std::size_t m);

}  // namespace foldback
