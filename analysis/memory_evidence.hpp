#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/evidence.hpp"
#include "sim/block.hpp"

namespace foldback {

/// Evidence kept in memory, filled block by block: for sweep points, whose replicas are not stored, and for tests.
/// Holds 8 bytes per replica and recorded number; states only if Setup::states.
class MemoryEvidence final : public Evidence {
  public:
    /// `block_size`: replicas in every block but the last; moments are merged in the order of these blocks.
    MemoryEvidence(Setup setup, Shape shape, std::size_t block_size);

    /// Replicas first_replica .. first_replica + count - 1, the whole of block first_replica/block_size. Different
    /// blocks may be handed in from different threads and in any order. Throws InternalError when that is not a block.
    void accept(std::size_t first_replica, std::size_t count, const BlockBuffers& block);

    const Setup& setup() const override { return setup_; }
    const Shape& shape() const { return shape_; }
    bool has(Quantity quantity, Order order) const override;
    std::vector<double> values(const Address& address) const override;
    SampleMoments moments(Order order, std::size_t start, std::size_t step, std::size_t component) const override;
    std::uint64_t diverged(Order order, std::size_t start) const override;

  private:
    struct Series {
        bool recorded = false;
        std::vector<double> values;  ///< (start, step, component, replica), those axes that the quantity has
    };
    std::size_t index(Order order) const;
    Series& series(Quantity quantity, Order order);
    const Series& series(Quantity quantity, Order order) const;
    std::size_t items(Quantity quantity) const;
    bool recorded(Quantity quantity, Order order) const;
    void copy(Quantity quantity, Order order, std::size_t first, std::size_t count, const std::vector<double>& array,
              std::size_t capacity);
    void derive(std::size_t first, std::size_t count, const BlockBuffers& block);
    void stream(Order order, std::size_t first, std::size_t count, const BlockBuffers::ByOrder& block,
                std::size_t capacity);

    Setup setup_;
    Shape shape_;
    std::size_t replicas_, block_size_;
    std::vector<Series> series_;       // (quantity, order)
    std::vector<double> certificate_;  // by start; empty if a start has none
    struct BlockSums {
        std::vector<SampleMoments> moments;   // (start, step, component)
        std::vector<std::uint64_t> diverged;  // by start
    };
    std::vector<std::vector<BlockSums>> sums_;  // by order, by block
};

}  // namespace foldback
