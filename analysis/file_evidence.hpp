#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/input_file.hpp"

namespace foldback {

/// What a file of one ensemble (published or a .part) holds. Keeps whole variables in memory, those of up to 1 GiB, the last ones
/// up to 2 GiB of them; reads larger ones series by series. While it is asked, nobody else may use the HDF5 library.
class FileEvidence final : public Evidence {
  public:
    static constexpr std::size_t largest_cached = std::size_t{1} << 30, most_cached = std::size_t{2} << 30;  ///< bytes

    /// `file` must outlive this.
    FileEvidence(Setup setup, const InputFile& file);

    const Setup& setup() const override { return setup_; }
    bool has(Quantity quantity, Order order) const override;
    std::vector<double> values(const Address& address) const override;
    SampleMoments moments(Order order, std::size_t start, std::size_t step, std::size_t component) const override;
    std::uint64_t diverged(Order order, std::size_t start) const override;

    /// A whole variable, (item, replica).
    struct Table {
        std::unique_ptr<double[]> values;
        std::size_t size = 1;
    };

  private:
    const double* whole(const std::string& path) const;  // (item, replica)
    void make_room(std::size_t bytes) const;

    Setup setup_;
    const InputFile& file_;
    mutable std::mutex access_;  // to all below, and to HDF5, which knows no threads
    mutable std::map<std::string, Table> cache_;  // by path
    mutable std::vector<std::string> recent_;                   // paths in the cache, oldest first
    mutable std::map<std::string, std::vector<double>> moments_;
};

}  // namespace foldback
