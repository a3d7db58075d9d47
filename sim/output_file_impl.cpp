#include "sim/output_file_impl.hpp"

#include <algorithm>
#include <system_error>

#include "sim/error.hpp"
#include "sim/layout_writer.hpp"

namespace foldback {
namespace {

namespace fs = std::filesystem;

constexpr const char* block_done_path = "/progress/block_done";
constexpr const char* digests_path = "/progress/digests";
constexpr const char* digest_path_path = "/progress/digest_path";

// How much of a run a kill may cost, against what it costs to wait for the device.
constexpr std::size_t settle_bytes = std::size_t{64} << 20;
constexpr std::chrono::milliseconds settle_time{250};
constexpr std::size_t begin_bytes = std::size_t{4} << 20;

constexpr std::size_t few_bytes = std::size_t{16} << 10;
constexpr std::size_t pending_bytes = std::size_t{256} << 10;

fs::path with_suffix(fs::path path, const char* suffix) { return path += suffix; }

void check_not_there(const fs::path& name, bool force) {
    if (!force && posix::exists(name))
        throw FileError(name.string() + ": exists already; --force replaces it, --output chooses another file");
}

}  // namespace

OutputFile::Impl::~Impl() {
    try {
        if (file_) settle();
    } catch (const std::exception&) {
        // What is not marked is computed again.
    }
    close();
}

void OutputFile::Impl::create(const Layout& layout, bool force) {
    force_ = force;
    layout.check();
    check_not_there(name_, force);
    if (!force && posix::exists(part_))
        throw FileError(part_.string() + ": an interrupted run left it; --resume goes on with it, --force starts over");
    const auto fresh = with_suffix(name_, ".new");
    const auto folder = posix::folder_of(name_);
    posix::remove(fresh);
    const auto available = posix::free_bytes(folder) + (force ? posix::allocated_bytes(part_) : 0);
    if (layout.file_bytes() > available) posix::no_space(name_, layout.file_bytes(), available);
    posix::remove(part_);
    try {
        lay_out(fresh, layout);
        open(fresh);
        posix::reserve(descriptor_, hdf5::file_size(file_, place()), name_);
        posix::sync_file(fresh);
        posix::rename_over(fresh, part_);
        posix::sync_folder(folder);
        load_progress();
    } catch (...) {
        close();
        std::error_code ignored;
        fs::remove(fresh, ignored);
        fs::remove(part_, ignored);
        throw;
    }
}

// Closed and opened anew: closing gives back what HDF5 allocated ahead, so that from here on, as after a resume, the
// file never changes its size.
void OutputFile::Impl::lay_out(const fs::path& fresh, const Layout& layout) {
    const hdf5::Place where{fresh.string(), ""};
    auto file = hdf5::create_file(where);
    hdf5::write_layout(file, fresh.string(), layout);
    hdf5::flush(file, where);
    if (!file.close()) hdf5::fail("close", where);
}

void OutputFile::Impl::resume(bool force) {
    resumed_ = true;
    force_ = force;
    if (!posix::exists(part_))
        throw FileError(part_.string() + (posix::exists(name_)
                                              ? ": nothing to resume, the run is complete; --force repeats it"
                                              : ": nothing to resume; run without --resume"));
    if (!force && posix::exists(name_))
        throw FileError(name_.string() + ": exists already; --resume --force replaces it when the run is complete");
    posix::remove(with_suffix(name_, ".new"));
    if (!hdf5::is_hdf5(part_.string()))
        throw FileError(part_.string() + ": not an HDF5 file or damaged; --force starts over");
    open(part_);
    posix::reserve(descriptor_, hdf5::file_size(file_, place()), part_);
    load_progress();
}

void OutputFile::Impl::open(const fs::path& path) {
    const hdf5::Place where{path.string(), ""};
    file_ = hdf5::open_file_to_write(where);
    descriptor_ = hdf5::descriptor(file_, where);
}

void OutputFile::Impl::load_progress() {
    if (!hdf5::exists(file_, block_done_path)) return;
    const auto& marks = dataset(block_done_path);
    const auto whole_space = hdf5::dataset_space(marks.handle, place(block_done_path));
    done_.resize(marks.rows());
    hdf5::read(marks.handle, hdf5::memory_type(Type::int8), whole_space, whole_space, done_.data(),
               place(block_done_path));
    if (!hdf5::exists(file_, digests_path)) return;
    std::vector<BlockDigests::Result> results;
    const auto named = hdf5::open_dataset(file_, place(digest_path_path));
    for (const auto& path : hdf5::read_texts(named, place(digest_path_path))) {
        const auto& of = dataset(path);
        if (of.rows_per_block == 0)
            throw FileError(part_.string() + ": " + path + " has no rows_per_block; is damaged");
        results.push_back({path, (of.rows() + of.rows_per_block - 1) / of.rows_per_block});
    }
    const auto& digests = dataset(digests_path);
    if (digests.shape != std::vector<std::size_t>{done_.size(), results.size(), 2})
        throw FileError(part_.string() + ": " + digests_path + " has another shape than " + block_done_path + " and " +
                        digest_path_path + " say; is damaged");
    std::vector<Digest> rows(done_.size() * results.size());
    static_assert(sizeof(Digest) == 2 * sizeof(std::uint64_t));
    const auto space = hdf5::dataset_space(digests.handle, place(digests_path));
    hdf5::read(digests.handle, hdf5::memory_type(Type::uint64), space, space, rows.data(), place(digests_path));
    const auto count = results.size();
    block_digests_ = BlockDigests(std::move(results), done_.size());
    for (std::size_t b = 0; b < done_.size(); ++b)
        if (done_[b]) block_digests_.load(b, std::span(rows).subspan(b * count, count));
}

OutputFile::Impl::Dataset& OutputFile::Impl::dataset(std::string_view path) {
    if (!file_) throw InternalError(name_.string() + " is published; nothing more can be written");
    if (const auto found = datasets_.find(path); found != datasets_.end()) return found->second;
    const auto where = place(path);
    Dataset made;
    try {
        made.handle = hdf5::open_dataset(file_, where);
    } catch (const FileError&) {
        if (!hdf5::exists(file_, where.object)) throw InternalError("no variable " + where.object + " in " + where.file);
        throw;
    }
    const auto type = hdf5::type_of(hdf5::dataset_type(made.handle, where));
    if (!type) throw InternalError(where.object + " in " + where.file + " does not hold numbers");
    made.type = *type;
    made.shape = hdf5::shape_of(hdf5::dataset_space(made.handle, where), where);
    for (std::size_t axis = 1; axis < made.shape.size(); ++axis) made.row_elements *= made.shape[axis];
    made.result = hdf5::has_attribute(made.handle, "digest", where);
    if (hdf5::has_attribute(made.handle, "rows_per_block", where)) {
        std::int64_t rows = 0;
        hdf5::read_attribute(hdf5::open_attribute(made.handle, "rows_per_block", where), hdf5::memory_type(Type::int64),
                             &rows, where);
        made.rows_per_block = static_cast<std::size_t>(std::max<std::int64_t>(rows, 0));
    }
    return datasets_.emplace(where.object, std::move(made)).first->second;
}

void OutputFile::Impl::Dataset::check(std::string_view path, std::size_t first, std::size_t count) const {
    if (first > rows() || count > rows() - first)
        throw InternalError("rows " + std::to_string(first) + " to " + std::to_string(first + count) + " of " +
                            std::string(path) + ", which has " + std::to_string(rows()));
}

hdf5::Handle OutputFile::Impl::rows_of(std::string_view path, const Dataset& of, std::size_t first, std::size_t count) const {
    of.check(path, first, count);
    const auto where = place(path);
    auto space = hdf5::dataset_space(of.handle, where);
    if (of.shape.empty()) return space;
    std::vector<std::size_t> start(of.shape.size(), 0);
    auto size = of.shape;
    start.front() = first;
    size.front() = count;
    hdf5::select(space, start, size, where);
    return space;
}

void OutputFile::Impl::read_rows(std::string_view path, Dataset& from, std::size_t first, std::size_t count, void* data) {
    put_pending(path, from);
    const auto where = place(path);
    const auto space = rows_of(path, from, first, count);
    if (count > 0) hdf5::read(from.handle, hdf5::memory_type(from.type), hdf5::simple_space({count * from.row_elements}, where), space, data, where);
}

void OutputFile::Impl::put_rows(std::string_view path, const Dataset& to, std::size_t first, std::size_t count, const void* data) {
    const auto where = place(path);
    const auto space = rows_of(path, to, first, count);
    hdf5::write(to.handle, hdf5::memory_type(to.type), hdf5::simple_space({count * to.row_elements}, where), space, data, where);
}

void OutputFile::Impl::put_pending(std::string_view path, Dataset& to) {
    if (to.pending.empty()) return;
    put_rows(path, to, to.pending_first, to.pending.size() / to.bytes(1), to.pending.data());
    to.pending.clear();
}

void OutputFile::Impl::put_pending() {
    for (auto& [path, one] : datasets_) put_pending(path, one);
}

// A call of HDF5 takes as long as writing kilobytes: the few rows that a block has of most variables wait for those of its
// neighbour.
void OutputFile::Impl::write_rows(std::string_view path, Dataset& to, std::size_t first, std::size_t count,
                                  const void* data) {
    to.check(path, first, count);
    const std::size_t bytes = to.bytes(count);
    if (bytes == 0) return;
    unsettled_bytes_ += bytes;
    if (to.result && to.rows_per_block == 0) small_digests_.erase(std::string(path));
    const std::size_t next = to.pending_first + to.pending.size() / to.bytes(1);
    const bool few = bytes <= few_bytes && count < to.rows();
    if (!few || first != next || to.pending.size() + bytes > pending_bytes) put_pending(path, to);
    if (!few) return put_rows(path, to, first, count, data);
    if (to.pending.empty()) to.pending_first = first;
    const auto* from = static_cast<const std::byte*>(data);
    to.pending.insert(to.pending.end(), from, from + bytes);
}

void OutputFile::Impl::write_at(std::string_view path, Dataset& to, const std::vector<std::size_t>& leading,
                                const void* data) {
    if (leading.size() > to.shape.size()) throw InternalError(std::string(path) + " has fewer axes than indices");
    const auto where = place(path);
    const auto type = hdf5::memory_type(to.type);
    put_pending(path, to);
    if (to.shape.empty()) return hdf5::write(to.handle, type, data, where);
    std::vector<std::size_t> start(to.shape.size(), 0);
    auto size = to.shape;
    std::size_t elements = 1;
    for (std::size_t axis = 0; axis < size.size(); ++axis) {
        if (axis < leading.size()) {
            if (leading[axis] >= to.shape[axis]) throw InternalError(std::string(path) + " is shorter than an index");
            start[axis] = leading[axis];
            size[axis] = 1;
        }
        elements *= size[axis];
    }
    const auto space = hdf5::dataset_space(to.handle, where);
    hdf5::select(space, start, size, where);
    hdf5::write(to.handle, type, hdf5::simple_space({elements}, where), space, data, where);
    small_digests_.erase(std::string(path));
    in_parts_.insert(std::string(path));
}

void OutputFile::Impl::keep_digest(std::string_view path, std::size_t block, Digest digest) {
    if (block == whole)
        small_digests_.insert_or_assign(std::string(path), digest);
    else
        block_digests_.keep(path, block, digest);
}

void OutputFile::Impl::mark(std::size_t block) {
    if (block >= done_.size()) throw InternalError("no block " + std::to_string(block) + " in " + part_.string());
    block_digests_.check_complete(block);
    if (!block_digests_.empty())
        write_rows(digests_path, dataset(digests_path), block, 1, block_digests_.row(block).data());
    done_[block] = 1;
    unsettled_.push_back(block);
    if (unsettled_bytes_ >= begun_bytes_ + begin_bytes) {
        posix::begin_sync(descriptor_);
        begun_bytes_ = unsettled_bytes_;
    }
    if (unsettled_bytes_ >= settle_bytes || std::chrono::steady_clock::now() - settled_at_ >= settle_time) settle();
}

void OutputFile::Impl::settle() {
    put_pending();
    if (unsettled_.empty()) return;
    auto& marks = dataset(block_done_path);
    hdf5::flush(file_, place());
    posix::sync_data(descriptor_, part_);
    constexpr std::int8_t done = 1;
    for (const std::size_t block : unsettled_) write_rows(block_done_path, marks, block, 1, &done);
    put_pending();
    hdf5::flush(file_, place());
    unsettled_.clear();
    unsettled_bytes_ = begun_bytes_ = 0;
    settled_at_ = std::chrono::steady_clock::now();
}

void OutputFile::Impl::set_attribute(const std::string& path, const std::string& attribute,
                                     const AttributeValue& value) {
    if (!file_) throw InternalError(name_.string() + " is published; nothing more can be written");
    const auto where = place(path + "@" + attribute);
    const auto object = hdf5::open_object(file_, place(path));
    if (!hdf5::has_attribute(object, attribute, where)) throw InternalError("no attribute " + where.object);
    const auto opened = hdf5::open_attribute(object, attribute, where);
    const auto type = hdf5::attribute_type(opened, where);
    const auto shape = hdf5::shape_of(hdf5::attribute_space(opened, where), where);
    if (const auto* text = std::get_if<std::string>(&value)) {
        const auto length = H5Tget_size(type.id());
        if (!hdf5::is_text(type) || H5Tis_variable_str(type.id()) > 0 || !shape.empty() || text->size() > length)
            throw InternalError(where.object + " is no text of fixed length that '" + *text + "' would fit");
        auto padded = *text;
        padded.resize(length, '\0');
        return hdf5::write_attribute(opened, type, padded.data(), where);
    }
    const auto stored = hdf5::type_of(type);
    const auto put = [&](Type wanted, std::size_t size, const void* data) {
        if (stored != wanted || (shape.empty() ? 1 : shape.front()) != size)
            throw InternalError(where.object + " has another type or length than the value it should get");
        hdf5::write_attribute(opened, hdf5::memory_type(wanted), data, where);
    };
    if (const auto* real = std::get_if<double>(&value))
        put(Type::float64, 1, real);
    else if (const auto* integer = std::get_if<std::int64_t>(&value))
        put(Type::int64, 1, integer);
    else if (const auto* reals = std::get_if<std::vector<double>>(&value))
        put(Type::float64, reals->size(), reals->data());
    else
        throw InternalError(where.object + ": only texts of fixed length and numbers can be overwritten");
}

Digest OutputFile::Impl::digest(const std::string& path, const Dataset& of) const {
    if (of.rows_per_block > 0) return block_digests_.combined(path);
    const auto found = small_digests_.find(path);
    if (found != small_digests_.end()) return digest_of_blocks(std::span(&found->second, 1));
    if (!in_parts_.contains(path) && !resumed_) throw InternalError(path + " is a result that was not written");
    const auto where = place(path);
    std::vector<std::byte> data(of.bytes(of.rows()));
    hdf5::read(of.handle, hdf5::memory_type(of.type), hdf5::simple_space({of.rows() * of.row_elements}, where), hdf5::dataset_space(of.handle, where),
               data.data(), where);
    const Digest read_back = digest_of(data.data(), data.size());
    return digest_of_blocks(std::span(&read_back, 1));
}

std::string OutputFile::Impl::seal() {
    if (std::find(done_.begin(), done_.end(), 0) != done_.end())
        throw InternalError(part_.string() + ": sealed before all blocks are done");
    settle();
    std::vector<std::string> groups{"/"};
    std::vector<std::string> results;
    while (!groups.empty()) {
        const auto group = std::move(groups.back());
        groups.pop_back();
        for (const auto& name : hdf5::children(file_, place(group))) {
            const auto path = (group == "/" ? "" : group) + "/" + name;
            const auto object = hdf5::open_object(file_, place(path));
            if (hdf5::is_group(object))
                groups.push_back(path);
            else if (hdf5::has_attribute(object, "digest", place(path)))
                results.push_back(path);
        }
    }
    std::vector<DigestLine> lines;
    for (const auto& path : results) {
        const auto& of = dataset(path);
        lines.push_back({path, of.type, of.shape, to_hex(digest(path, of))});
        set_attribute(path, "digest", lines.back().digest);
    }
    const auto sum = data_sha256(std::move(lines));
    set_attribute("/", "data_sha256", sum);
    return sum;
}

bool OutputFile::Impl::close() {
    datasets_.clear();
    descriptor_ = -1;
    return file_.close();
}

void OutputFile::Impl::publish() {
    if (!file_) throw InternalError(name_.string() + " is published already");
    settle();
    hdf5::flush(file_, place());
    if (!close()) hdf5::fail("close", place());
    posix::sync_file(part_);
    force_ ? posix::rename_over(part_, name_) : posix::rename_new(part_, name_);
    posix::sync_folder(posix::folder_of(name_));
    lock_.reset();
}

}  // namespace foldback
