#include "analysis/file_evidence.hpp"

#include <algorithm>

#include "sim/ensemble_layout.hpp"
#include "sim/error.hpp"

namespace foldback {
namespace {

// (item, replica) of a dataset (replica, ...): read by some replicas at a time, so that no memory is touched but the result's.
FileEvidence::Table read_by_item(const InputFile& file, const std::string& path) {
    std::vector<std::size_t> start(file.variable(path).shape.size(), 0), count = file.variable(path).shape;
    const std::size_t replicas = count[0];
    FileEvidence::Table table;
    for (std::size_t extent : count) table.size *= extent;
    table.values = std::make_unique_for_overwrite<double[]>(table.size);
    const std::size_t items = table.size / replicas, some = std::clamp<std::size_t>((std::size_t{1} << 17) / items, 1, replicas);
    constexpr std::size_t tile = 16;
    for (start[0] = 0; start[0] < replicas; start[0] += count[0]) {
        count[0] = std::min(some, replicas - start[0]);
        const std::vector<double> rows = file.read<double>(path, start, count);
        for (std::size_t r0 = 0; r0 < count[0]; r0 += tile)
            for (std::size_t i = 0; i < items; ++i)
                for (std::size_t r = r0; r < std::min(r0 + tile, count[0]); ++r)
                    table.values[i * replicas + start[0] + r] = rows[r * items + i];
    }
    return table;
}

}  // namespace

FileEvidence::FileEvidence(Setup setup, const InputFile& file) : setup_(std::move(setup)), file_(file) {}

bool FileEvidence::has(Quantity quantity, Order order) const {
    const std::lock_guard lock(access_);
    return file_.has(path_of(quantity, order));
}

void FileEvidence::make_room(std::size_t bytes) const {
    const auto held = [&] {
        std::size_t sum = 0;
        for (const auto& [path, table] : cache_) sum += table.size * sizeof(double);
        return sum;
    };
    while (!recent_.empty() && held() + bytes > most_cached) {
        cache_.erase(recent_.front());
        recent_.erase(recent_.begin());
    }
}

const double* FileEvidence::whole(const std::string& path) const {
    const auto at = cache_.find(path);
    if (at != cache_.end()) return at->second.values.get();
    Table table = read_by_item(file_, path);
    make_room(table.size * sizeof(double));
    recent_.push_back(path);
    return (cache_[path] = std::move(table)).values.get();
}

std::vector<double> FileEvidence::values(const Address& a) const {
    const std::lock_guard lock(access_);
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
    if (elements * sizeof(double) > largest_cached) {
        std::vector<std::size_t> count(shape.size(), 1);
        count[0] = setup_.replicas;
        return file_.read<double>(path, index, count);
    }
    const double* series = whole(path) + item * setup_.replicas;
    return {series, series + setup_.replicas};
}

SampleMoments FileEvidence::moments(Order order, std::size_t start, std::size_t step, std::size_t component) const {
    const std::lock_guard lock(access_);
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
