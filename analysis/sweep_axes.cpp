#include "analysis/sweep_axes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace foldback {

std::size_t SweepAxes::points() const {
    std::size_t n = 1;
    for (const auto& axis : values) n *= axis.size();
    return n;
}

std::vector<std::size_t> SweepAxes::indices(std::size_t point) const {
    std::vector<std::size_t> at(values.size());
    for (std::size_t k = values.size(); k-- > 0; point /= values[k].size()) at[k] = point % values[k].size();
    return at;
}

std::optional<std::size_t> SweepAxes::axis_of(const std::string& key) const {
    const auto at = std::find(names.begin(), names.end(), key);
    if (at == names.end()) return std::nullopt;
    return std::size_t(at - names.begin());
}

std::string SweepAxes::label(std::size_t point, std::optional<std::size_t> but) const {
    const auto at = indices(point);
    std::string text;
    for (std::size_t k = 0; k < names.size(); ++k)
        if (k != but) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", names[k], values[k][at[k]]);
    return text;
}

}  // namespace foldback
