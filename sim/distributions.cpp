#include "sim/distributions.hpp"

#include <string>

#include "sim/error.hpp"

namespace foldback {

void shape_out_of_range(double shape) {
    throw InternalError("the shape of a gamma or beta variate is " + std::to_string(shape) +
                        ", in sim/distributions.hpp; it must lie between 1e-300 and 1e300");
}

}  // namespace foldback
