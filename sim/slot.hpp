#pragma once
#include <cstddef>
#include <vector>

#include "sim/lanes.hpp"

namespace foldback::inline FOLDBACK_ISA {

/// Where one group of lanes writes: item i of an array goes to array + i * capacity + offset.
struct Slot {
    std::size_t capacity, offset;
    template <class R>
    void put(std::vector<double>& array, std::size_t item, const R& value) const {
        store(&array[item * capacity + offset], value);
    }
};

}  // namespace foldback::inline FOLDBACK_ISA
