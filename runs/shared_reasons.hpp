#pragma once
#include <string>
#include <vector>

namespace foldback {

/// A claim about which a table has nothing but one reason to say: "not applicable: needs a sweep over model.step".
/// Without a reason it has more to say.
struct ClaimRemark {
    std::string id, reason;
};

/// Whether another claim has the same reason: then both stand in one line, so that a table stays readable with every
/// claim listed in it.
bool shares_reason(const std::vector<ClaimRemark>& remarks, std::size_t i);

/// Those lines: "sgd-bias, sgd-covariance   not applicable: needs a sweep over model.step".
std::vector<std::string> shared_reason_lines(const std::vector<ClaimRemark>& remarks);

}  // namespace foldback
