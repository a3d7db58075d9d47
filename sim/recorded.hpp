#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/block.hpp"
#include "sim/file_layout.hpp"
#include "sim/quantity.hpp"

namespace foldback {

/// What of a block is kept for every replica, and how.
struct Recorded {
    Quantity quantity;
    Order order = Order::forward;
    Type type = Type::float64;
    std::string path;                ///< in the file
    std::vector<std::size_t> items;  ///< the source array's items (its index without the replica), in the file's order
};

struct RecordOptions {
    bool states = true;
    bool float32_states = false;
    std::vector<Quantity> observables;
    std::vector<std::uint32_t> steps;   ///< the checkpoint grid, a subset of Shape::steps
    std::vector<double> certificate;    ///< by start: C in certified_radius = (L_1...L_n) C; NaN where there is none
};

/// The variables an ensemble records, in the order of the file: asked for or needed, always the divergence, merging and
/// stopping records.
std::vector<Recorded> recorded_variables(const Shape& shape, const RecordOptions& options);

/// Index in `shape.steps` of each of `steps`.
std::vector<std::size_t> step_indices(const Shape& shape, const std::vector<std::uint32_t>& steps);

/// The array of a block that holds the quantity; derived ones (radii, censoring): the products they are made of.
const std::vector<double>& array_of(const Shape& shape, Quantity quantity, Order order, const BlockBuffers& block);

/// Rows of one block in the file's layout (replica, items...) and type. `count` replicas; `rows` is overwritten.
void pack(const Shape& shape, const RecordOptions& options, const Recorded& variable, const BlockBuffers& block, std::size_t count,
          std::vector<std::byte>& rows);

/// The series of item `item` of a recorded quantity over the block's replicas: where it stands, and by what it is
/// multiplied (certified radii are products times a constant).
struct Series {
    const double* values = nullptr;
    double factor = 1;
};
Series series_of(const Shape& shape, const RecordOptions& options, Quantity quantity, Order order, std::size_t item, const BlockBuffers& block);

}  // namespace foldback
