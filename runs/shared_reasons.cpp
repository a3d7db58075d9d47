#include "runs/shared_reasons.hpp"

#include <algorithm>

namespace foldback {
namespace {

auto same_reason(const ClaimRemark& as) {
    return [&as](const ClaimRemark& other) { return other.reason == as.reason; };
}

}  // namespace

bool shares_reason(const std::vector<ClaimRemark>& remarks, std::size_t i) {
    return !remarks[i].reason.empty() && std::count_if(remarks.begin(), remarks.end(), same_reason(remarks[i])) > 1;
}

std::vector<std::string> shared_reason_lines(const std::vector<ClaimRemark>& remarks) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < remarks.size(); ++i) {
        const auto here = remarks.begin() + std::ptrdiff_t(i);
        if (!shares_reason(remarks, i) || std::find_if(remarks.begin(), here, same_reason(*here)) != here) continue;
        std::string ids;
        for (const ClaimRemark& one : remarks)
            if (one.reason == here->reason) ids += (ids.empty() ? "" : ", ") + one.id;
        lines.push_back(ids + "   " + here->reason);
    }
    return lines;
}

}  // namespace foldback
