#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace foldback {

/// The axes of a sweep: they lead every dimension of what depends on the sweep point.
struct SweepAxes {
    std::vector<std::string> names;           ///< "model.lambda"
    std::vector<std::vector<double>> values;  ///< as they are written

    std::size_t points() const;
    /// The indices of a point along each axis; the last axis runs fastest.
    std::vector<std::size_t> indices(std::size_t point) const;
    /// Which axis sweeps that key.
    std::optional<std::size_t> axis_of(const std::string& key) const;
    /// "model.lambda = 0.3, model.batch = 8": a point, without the axis `but`.
    std::string label(std::size_t point, std::optional<std::size_t> but = std::nullopt) const;
};

}  // namespace foldback
