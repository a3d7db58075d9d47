#include "sim/block_digests.hpp"

#include <algorithm>

#include "sim/error.hpp"

namespace foldback {

std::size_t BlockDigests::index_of(std::string_view path) const {
    const auto found = std::find_if(results_.begin(), results_.end(), [&](const auto& r) { return r.path == path; });
    if (found == results_.end()) throw InternalError(std::string(path) + " has no place in /progress/digests");
    return static_cast<std::size_t>(found - results_.begin());
}

void BlockDigests::keep(std::string_view path, std::size_t block, Digest digest) {
    const auto at = block * results_.size() + index_of(path);
    values_.at(at) = digest;
    known_.at(at) = true;
}

void BlockDigests::check_complete(std::size_t block) const {
    for (std::size_t i = 0; i < results_.size(); ++i)
        if (block < results_[i].blocks && !known_.at(block * results_.size() + i))
            throw InternalError("block " + std::to_string(block) + " of " + results_[i].path + " was not written");
}

void BlockDigests::load(std::size_t block, std::span<const Digest> row) {
    for (std::size_t i = 0; i < results_.size(); ++i) keep(results_[i].path, block, row[i]);
}

std::span<const Digest> BlockDigests::row(std::size_t block) const {
    return std::span(values_).subspan(block * results_.size(), results_.size());
}

Digest BlockDigests::combined(std::string_view path) const {
    const auto result = index_of(path);
    std::vector<Digest> blocks;
    for (std::size_t b = 0; b < results_[result].blocks; ++b)
        blocks.push_back(values_.at(b * results_.size() + result));
    return digest_of_blocks(blocks);
}

}  // namespace foldback
