#include "sim/output_file.hpp"

#include <algorithm>

#include "sim/error.hpp"
#include "sim/output_file_impl.hpp"

namespace foldback {

namespace fs = std::filesystem;

OutputFile::OutputFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

OutputFile OutputFile::create(const fs::path& name, const Layout& layout, bool force) {
    auto impl = std::make_unique<Impl>(name);
    impl->create(layout, force);
    return OutputFile(std::move(impl));
}

OutputFile OutputFile::resume(const fs::path& name, bool force) {
    auto impl = std::make_unique<Impl>(name);
    impl->resume(force);
    return OutputFile(std::move(impl));
}

const fs::path& OutputFile::name() const { return impl_->name_; }

const fs::path& OutputFile::part() const {
    impl_->put_pending();
    return impl_->part_;
}

std::size_t OutputFile::blocks() const { return impl_->done_.size(); }

bool OutputFile::block_done(std::size_t block) const { return impl_->done_.at(block) != 0; }

std::size_t OutputFile::blocks_done() const {
    return static_cast<std::size_t>(std::count(impl_->done_.begin(), impl_->done_.end(), 1));
}

void OutputFile::read(std::string_view path, std::size_t first, std::size_t count, void* data) const {
    impl_->read_rows(path, impl_->dataset(path), first, count, data);
}

void OutputFile::write(std::string_view path, std::size_t first, std::size_t count, const void* data) {
    impl_->write_rows(path, impl_->dataset(path), first, count, data);
}

void OutputFile::write_at(std::string_view path, const std::vector<std::size_t>& leading, const void* data) {
    impl_->write_at(path, impl_->dataset(path), leading, data);
}

void OutputFile::write_all(std::string_view path, const void* data) {
    auto& to = impl_->dataset(path);
    impl_->write_rows(path, to, 0, to.rows(), data);
    if (to.result && to.rows_per_block == 0) impl_->keep_digest(path, whole, digest_of(data, to.bytes(to.rows())));
}

void OutputFile::write_block(std::string_view path, std::size_t block, const void* data, std::optional<Digest> digest) {
    auto& to = impl_->dataset(path);
    const auto count = block_rows(path, block);
    impl_->write_rows(path, to, block * to.rows_per_block, count, data);
    if (to.result) impl_->keep_digest(path, block, digest ? *digest : digest_of(data, to.bytes(count)));
}

std::size_t OutputFile::block_rows(std::string_view path, std::size_t block) const {
    const auto& of = impl_->dataset(path);
    if (of.rows_per_block == 0) throw InternalError(std::string(path) + " is not written by blocks");
    const auto first = block * of.rows_per_block;
    if (first >= of.rows()) throw InternalError("no block " + std::to_string(block) + " of " + std::string(path));
    return std::min(of.rows_per_block, of.rows() - first);
}

std::size_t OutputFile::block_bytes(std::string_view path, std::size_t block) const {
    return impl_->dataset(path).bytes(block_rows(path, block));
}

void OutputFile::mark_block(std::size_t block) { impl_->mark(block); }

void OutputFile::settle() { impl_->settle(); }

void OutputFile::set_attribute(std::string_view path, std::string_view name, const AttributeValue& value) {
    impl_->set_attribute(std::string(path), std::string(name), value);
}

std::string OutputFile::seal() { return impl_->seal(); }

void OutputFile::publish() { impl_->publish(); }

void OutputFile::check(std::string_view path, Type type, std::size_t rows, std::size_t elements) const {
    const auto& of = impl_->dataset(path);
    if (of.type != type) throw InternalError(std::string(path) + " gets data of another type than its own");
    if (elements != (rows == whole ? of.rows() : rows) * of.row_elements)
        throw InternalError(std::string(path) + " gets " + std::to_string(elements) +
                            " elements, which is not the size of what they should fill");
}

}  // namespace foldback
