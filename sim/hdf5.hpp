#pragma once
#include <hdf5.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/file_layout.hpp"

/// One throwing wrapper for each call of HDF5's C interface that foldback uses. Only .cpp files of sim/ include this.
namespace foldback::hdf5 {

/// What an error message names.
struct Place {
    std::string file;
    std::string object;  ///< path in the file, with an attribute's name if that is meant; may be empty
};

/// Owns an HDF5 identifier.
class Handle {
  public:
    using Close = herr_t (*)(hid_t);

    Handle() = default;
    Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() { close(); }

    hid_t id() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

    /// Closes now; false if HDF5 reports an error (a file that cannot be written, or objects still open).
    bool close() { return id_ < 0 || close_(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

  private:
    hid_t id_ = H5I_INVALID_HID;
    Close close_ = nullptr;
};

/// Throws FileError "FILE: cannot ACTION OBJECT: REASON" with the reason from HDF5's error stack.
[[noreturn]] void fail(const std::string& action, const Place& place);

/// Must come before any other use of HDF5: without H5dont_atexit a full disk crashes the program at its exit.
/// Also silences HDF5's own printing of errors, which is a setting of each thread.
void prepare();

// Files. `writer` leaves out HDF5's file locking, as readers do: NAME.h5.lock stands in for it.
Handle create_file(const Place& place);
Handle open_file_to_write(const Place& place);
Handle open_file_to_read(const Place& place);
bool is_hdf5(const std::string& file);
void flush(const Handle& file, const Place& place);
int descriptor(const Handle& file, const Place& place);
std::size_t file_size(const Handle& file, const Place& place);

// Groups and links.
Handle create_group(const Handle& file, const Place& place);
bool exists(const Handle& file, const std::string& path);
/// Path components below `group`, in order of creation where the file keeps it.
std::vector<std::string> children(const Handle& file, const Place& group);
Handle open_object(const Handle& file, const Place& place);
bool is_group(const Handle& object);
bool is_dataset(const Handle& object);

// Types and shapes.
Handle file_type(Type type);
Handle memory_type(Type type);
/// Nothing for a type that foldback does not write.
std::optional<Type> type_of(const Handle& type);
std::size_t number_bytes(const Handle& type);  ///< of an integer or a float of whatever size; 0 for other types
bool is_text(const Handle& type);
Handle text_type(std::size_t fixed_length, const Place& place);                  ///< 0: variable length
Handle simple_space(const std::vector<std::size_t>& shape, const Place& place);  ///< no axes: scalar
std::vector<std::size_t> shape_of(const Handle& space, const Place& place);
void select(const Handle& space, std::span<const std::size_t> start, std::span<const std::size_t> count,
            const Place& place);

// Datasets.
enum class Fill { nan, number, never, text };
Handle create_dataset(const Handle& file, const Handle& type, const Handle& space, Fill fill, std::int64_t number,
                      const Place& place);
Handle open_dataset(const Handle& file, const Place& place);
Handle dataset_type(const Handle& dataset, const Place& place);
Handle dataset_space(const Handle& dataset, const Place& place);
bool is_filtered(const Handle& dataset, const Place& place);  ///< compressed, for one
std::size_t storage_size(const Handle& dataset);
void write(const Handle& dataset, const Handle& type, const Handle& memory, const Handle& space, const void* data,
           const Place& place);
void write(const Handle& dataset, const Handle& type, const void* data, const Place& place);
void read(const Handle& dataset, const Handle& type, const Handle& memory, const Handle& space, void* data,
          const Place& place);
std::vector<std::string> read_texts(const Handle& dataset, const Place& place);

// Attributes.
Handle create_attribute(const Handle& object, const std::string& name, const Handle& type, const Handle& space,
                        const Place& place);
bool has_attribute(const Handle& object, const std::string& name, const Place& place);
std::vector<std::string> attribute_names(const Handle& object, const Place& place);
Handle open_attribute(const Handle& object, const std::string& name, const Place& place);
Handle attribute_type(const Handle& attribute, const Place& place);
Handle attribute_space(const Handle& attribute, const Place& place);
void write_attribute(const Handle& attribute, const Handle& type, const void* data, const Place& place);
void read_attribute(const Handle& attribute, const Handle& type, void* data, const Place& place);
std::vector<std::string> read_attribute_texts(const Handle& attribute, const Place& place);

// Dimension scales.
void make_scale(const Handle& dataset, const std::string& name, const Place& place);
bool is_scale(const Handle& dataset);
void attach_scale(const Handle& dataset, const Handle& scale, std::size_t axis, const Place& place);
/// The dimension's name; empty if no scale is attached.
std::string dimension_name(const Handle& dataset, std::size_t axis, const Place& place);

}  // namespace foldback::hdf5
