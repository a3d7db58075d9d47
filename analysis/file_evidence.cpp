#include "analysis/file_evidence.hpp"

#include <algorithm>

#include "sim/ensemble_layout.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

constexpr std::size_t most_cached_bytes = std::size_t{1} << 30, most_cached = 6;

// (replica, item) -> (item, replica).
std::vector<double> transposed(const std::vector<double>& rows, std::size_t replicas) {
    const std::size_t items = rows.size() / replicas;
    std::vector<double> series(rows.size());
    constexpr std::size_t tile = 16;
    for (std::size_t r0 = 0; r0 < replicas; r0 += tile)
        for (std::size_t i0 = 0; i0 < items; i0 += tile)
            for (std::size_t i = i0; i < std::min(i0 + tile, items); ++i)
                for (std::size_t r = r0; r < std::min(r0 + tile, replicas); ++r) series[i * replicas + r] = rows[r * items + i];
    return series;
}

}  // namespace

FileEvidence::FileEvidence(Setup setup, const InputFile& file) : setup_(std::move(setup)), file_(file) {}

bool FileEvidence::has(Quantity quantity, Order order) const { return file_.has(path_of(quantity, order)); }

const std::vector<double>& FileEvidence::whole(const std::string& path) const {
    const auto at = cache_.find(path);
    if (at != cache_.end()) return at->second;
    if (recent_.size() == most_cached) {
        cache_.erase(recent_.front());
        recent_.erase(recent_.begin());
    }
    recent_.push_back(path);
    return cache_[path] = transposed(file_.read<double>(path), setup_.replicas);
}

std::vector<double> FileEvidence::values(const Address& a) const {
    const std::string path = path_of(a.quantity, a.order);
    const QuantityInfo& axes = info(a.quantity);
    std::vector<std::size_t> index{0};
    if (axes.by_start) index.push_back(a.start);
    if (axes.by_step) index.push_back(a.step);
    if (axes.by_component || axes.by_operator) index.push_back(a.component);
    const std::vector<std::size_t>& shape = file_.variable(path).shape;
    if (shape.size() != index.size() || shape[0] != setup_.replicas) throw InternalError(path + " has another shape than its quantity");
    std::size_t elements = 1, item = 0;
    for (std::size_t k = 0; k < shape.size(); ++k) {
        elements *= shape[k];
        if (k > 0) item = item * shape[k] + index[k];
    }
    if (elements * sizeof(double) > most_cached_bytes) {
        std::vector<std::size_t> count(shape.size(), 1);
        count[0] = setup_.replicas;
        return file_.read<double>(path, index, count);
    }
    const auto& series = whole(path);
    const auto begin = series.begin() + std::ptrdiff_t(item * setup_.replicas);
    return {begin, begin + std::ptrdiff_t(setup_.replicas)};
}

SampleMoments FileEvidence::moments(Order order, std::size_t start, std::size_t step, std::size_t component) const {
    const std::string group = moments_group(order);
    const auto array = [&](const char* name) -> const std::vector<double>& {
        const std::string path = group + "/" + name;
        auto at = moments_.find(path);
        if (at == moments_.end()) at = moments_.emplace(path, file_.read<double>(path)).first;
        return at->second;
    };
    const std::string axis = file_.has(group + "/every_step") ? "every_step" : "step";
    const auto& numbers = array(axis.c_str());
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), double(setup_.steps[step]));
    const std::size_t row = start * numbers.size() + std::size_t(at - numbers.begin());
    const std::size_t i = row * std::size_t(setup_.dimension) + component;
    return {std::uint64_t(array("count")[row]), array("mean")[i], array("m2")[i], array("m3")[i], array("m4")[i], array("min")[i], array("max")[i]};
}

std::uint64_t FileEvidence::diverged(Order order, std::size_t start) const {
    const auto steps = values({Quantity::diverged_step, order, start});
    return std::uint64_t(std::count_if(steps.begin(), steps.end(), [](double n) { return n > 0; }));
}

}  // namespace foldback
