#include "analysis/increasing.hpp"

#include <boost/sort/spreadsort/float_sort.hpp>

namespace foldback {

// By their digits: in a third of std::sort's time, and most of a verification was sorting.
std::vector<double> increasing(std::span<const double> x) {
    std::vector<double> sorted(x.begin(), x.end());
    boost::sort::spreadsort::float_sort(sorted.begin(), sorted.end());
    return sorted;
}

}  // namespace foldback
