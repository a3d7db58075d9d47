#pragma once
#include <cstddef>
#include <functional>

namespace foldback {

/// work(0), ..., work(count - 1), on so many threads at once, in no order. What one throws is thrown here, once the others
/// have stopped.
void in_parallel(int threads, std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace foldback
