#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/digest.hpp"

namespace foldback {

/// The digests of the blocks of all blocked results, as /progress/digests keeps them.
class BlockDigests {
  public:
    struct Result {
        std::string path;
        std::size_t blocks;  ///< that have rows of it: the first ones
    };

    BlockDigests() = default;
    BlockDigests(std::vector<Result> results, std::size_t blocks)
        : results_(std::move(results)), values_(results_.size() * blocks), known_(values_.size()) {}

    bool empty() const { return results_.empty(); }
    void keep(std::string_view path, std::size_t block, Digest digest);

    /// Throws InternalError unless every result's digest of this block is known.
    void check_complete(std::size_t block) const;

    /// Digests of one block, in the order of the results, as they stand in the file; all of them are taken as known.
    void load(std::size_t block, std::span<const Digest> row);
    std::span<const Digest> row(std::size_t block) const;

    /// Digest of the whole dataset.
    Digest combined(std::string_view path) const;

  private:
    std::size_t index_of(std::string_view path) const;

    std::vector<Result> results_;
    std::vector<Digest> values_;  // (block, result)
    std::vector<bool> known_;     // likewise
};

}  // namespace foldback
