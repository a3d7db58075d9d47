#include "sim/stream.hpp"

#include <string>

#include "sim/error.hpp"

namespace foldback {

void noise_exhausted(const char* what) {
    throw InternalError(std::string("noise exhausted: the model reads more ") + what +
                        " at one step than its consumption() declares");
}

}  // namespace foldback
