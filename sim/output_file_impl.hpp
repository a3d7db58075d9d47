#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/block_digests.hpp"
#include "sim/file_lock.hpp"
#include "sim/hdf5.hpp"
#include "sim/output_file.hpp"
#include "sim/posix_file.hpp"

namespace foldback {

/// What OutputFile's functions do: the .part in the making, its datasets, progress and digests. For output_file.cpp and
/// output_file_impl.cpp alone.
class OutputFile::Impl {
  public:
    struct Dataset {
        hdf5::Handle handle;
        Type type = Type::float64;
        std::vector<std::size_t> shape;
        std::size_t row_elements = 1;    // of one row of the first dimension; of the number itself if there is none
        std::size_t rows_per_block = 0;  // 0: written as a whole
        bool result = false;
        std::vector<std::byte> pending;  // rows still to be written, from pending_first on
        std::size_t pending_first = 0;

        std::size_t rows() const { return shape.empty() ? 1 : shape.front(); }
        std::size_t bytes(std::size_t count) const { return count * row_elements * size_of(type); }
        void check(std::string_view path, std::size_t first, std::size_t count) const;  // throws InternalError
    };

    explicit Impl(const std::filesystem::path& name)
        : name_(name), part_(std::filesystem::path(name) += ".part"), lock_(lock(name)) {}
    ~Impl();

    void create(const Layout& layout, bool force);
    void resume(bool force);
    Dataset& dataset(std::string_view path);
    void read_rows(std::string_view path, Dataset& from, std::size_t first, std::size_t count, void* data);
    void write_rows(std::string_view path, Dataset& to, std::size_t first, std::size_t count, const void* data);
    void write_at(std::string_view path, Dataset& to, const std::vector<std::size_t>& leading, const void* data);
    void put_pending();
    void keep_digest(std::string_view path, std::size_t block, Digest digest);
    void mark(std::size_t block);
    void settle();
    void set_attribute(const std::string& path, const std::string& attribute, const AttributeValue& value);
    std::string seal();
    void publish();

    std::filesystem::path name_;
    std::filesystem::path part_;
    std::vector<std::int8_t> done_;

  private:
    void put_rows(std::string_view path, const Dataset& to, std::size_t first, std::size_t count, const void* data);
    void put_pending(std::string_view path, Dataset& to);
    hdf5::Handle rows_of(std::string_view path, const Dataset& of, std::size_t first, std::size_t count) const;
    static std::unique_ptr<FileLock> lock(const std::filesystem::path& name) {
        posix::check_target(name);
        return std::make_unique<FileLock>(name);
    }

    hdf5::Place place(std::string_view object = {}) const { return {part_.string(), std::string(object)}; }
    void lay_out(const std::filesystem::path& fresh, const Layout& layout);
    void open(const std::filesystem::path& path);
    void load_progress();
    Digest digest(const std::string& path, const Dataset& of) const;
    bool close();

    std::unique_ptr<FileLock> lock_;
    bool force_ = false;
    hdf5::Handle file_;
    int descriptor_ = -1;
    std::map<std::string, Dataset, std::less<>> datasets_;
    BlockDigests block_digests_;
    std::map<std::string, Digest, std::less<>> small_digests_;  // of the results written as a whole
    std::set<std::string, std::less<>> in_parts_;               // results written point by point: digested at the end
    bool resumed_ = false;
    std::vector<std::size_t> unsettled_;  // blocks that are done but not yet marked in the file
    std::size_t unsettled_bytes_ = 0;     // written since settled_at_
    std::size_t begun_bytes_ = 0;         // of them, when the device was last told to begin
    std::chrono::steady_clock::time_point settled_at_{};
};

}  // namespace foldback
