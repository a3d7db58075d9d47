#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/input_file.hpp"

namespace foldback {

/// What a file of one ensemble (published or a .part) holds. Keeps whole variables in memory up to 1 GiB each, the last
/// few; reads larger ones series by series.
class FileEvidence final : public Evidence {
  public:
    /// `file` must outlive this.
    FileEvidence(Setup setup, const InputFile& file);

    const Setup& setup() const override { return setup_; }
    bool has(Quantity quantity, Order order) const override;
    std::vector<double> values(const Address& address) const override;
    SampleMoments moments(Order order, std::size_t start, std::size_t step, std::size_t component) const override;
    std::uint64_t diverged(Order order, std::size_t start) const override;

  private:
    const std::vector<double>& whole(const std::string& path) const;

    Setup setup_;
    const InputFile& file_;
    mutable std::map<std::string, std::vector<double>> cache_;  // by path: (item, replica)
    mutable std::vector<std::string> recent_;                   // paths in the cache, oldest first
    mutable std::map<std::string, std::vector<double>> moments_;
};

}  // namespace foldback
