#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/claim.hpp"
#include "analysis/sweep_claim.hpp"
#include "sim/file_layout.hpp"
#include "sim/input_file.hpp"
#include "sim/output_file.hpp"

namespace foldback {

/// How the claims were evaluated.
struct Evaluation {
    double alpha = 1e-3;
    std::size_t tests = 0;                    ///< m, the whole file's
    std::vector<std::vector<ClaimResult>> points;  ///< (sweep point, claim as in all_claims())
    std::vector<ClaimResult> sweep;                ///< across the points, as in all_sweep_claims()
};

/// Adds /claims: a group per claim, not applicable ones too. `plans`: by sweep point, claims as in all_claims(). The arrays are
/// as long as the point with the most cases and the longest axis needs; what a point lacks is NaN and not applicable.
void add_claims(Layout& layout, const std::vector<FilePlan>& plans, double alpha, std::size_t tests, const SweepAxes& sweep);

/// Adds the groups of the claims across points, which have no leading sweep axes, to /claims.
void add_sweep_claims(Layout& layout, const std::vector<SweepClaimPlan>& plans);

/// Fills /claims for one point of the sweep (0 without one).
void write_claims(OutputFile& file, const std::vector<FilePlan>& plans, const SweepAxes& sweep, std::size_t point,
                  const std::vector<ClaimResult>& results);

/// The same for the claims across points, their findings and notes included.
void write_sweep_claims(OutputFile& file, const std::vector<SweepClaimPlan>& plans, const std::vector<ClaimResult>& results);

/// Writes findings and notes, in words, of all points: as much as fits.
void write_claim_texts(OutputFile& file, const Evaluation& evaluation);

/// Adds the findings and notes of one point of a sweep to those that are there, as much as fits; a point that is there
/// already (its run was killed then) is not added twice.
void add_claim_texts(OutputFile& file, std::size_t point, const std::vector<ClaimResult>& results);

/// The results of one point as a file keeps them; their texts only without a sweep.
std::vector<ClaimResult> read_claims(const InputFile& file, const std::vector<FilePlan>& plans, const SweepAxes& sweep, std::size_t point);

}  // namespace foldback
