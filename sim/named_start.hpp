#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/stream.hpp"

namespace foldback {

class BlockKernel;
class Settings;

/// The table's `kind`: one that every model has, or one of its `own`.
std::string read_start_kind(Settings& table, const std::vector<std::string>& own);

/// Those that every model has: "zero", and "normal", whose components are `scale` N(0, 1), drawn from `seed`.
bool is_common_start(const std::string& kind);
/// One of them, of `dimension` components; reads the table's other keys. The same bits on every machine.
std::vector<double> common_start(const std::string& kind, Settings& table, std::size_t dimension);

/// The draws of part number `part` of a random start: those of data, at an address that no data set's generator has.
Stream start_stream(std::uint64_t seed, std::uint32_t part = 0);

/// F_steps(start), replica 0 of that seed: what a model's own kinds of start may be made of.
template <class M>
using ForwardRun = std::function<std::vector<double>(const M& model, std::uint64_t seed, std::uint32_t steps,
                                                     std::span<const double>)>;

std::vector<double> forward_state(const BlockKernel& kernel, std::uint64_t seed, std::uint32_t steps,
                                  std::span<const double> start);

/// The start that a table { kind = "..." } describes, of `dimension` components: a common one, or one of the model's
/// own kinds, M::start_kinds(), made by f.named_start(name, table, run). f.forget(start), where a model has it, then sets to 0
/// the components that are no part of a start.
template <class M>
std::vector<double> start_from(const M& f, Settings& table, std::size_t dimension, const ForwardRun<M>& run) {
    if constexpr (requires { M::start_kinds(); }) {
        const std::string kind = read_start_kind(table, M::start_kinds());
        std::vector<double> start = is_common_start(kind) ? common_start(kind, table, dimension) : f.named_start(kind, table, run);
        if constexpr (requires { f.forget(start); }) f.forget(start);
        return start;
    } else {
        return common_start(read_start_kind(table, {}), table, dimension);
    }
}

}  // namespace foldback
