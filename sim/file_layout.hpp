#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace foldback {

// What a file consists of, as plain data; file-format.md says which files readers accept. All paths are absolute
// ("/forward/state"); groups that no Group names are created as needed.

/// Element types; little-endian in the file.
enum class Type { float64, float32, int64, int32, uint64, int8 };

/// Bytes of one element.
std::size_t size_of(Type type);

/// The name numpy gives the stored type, e.g. "<f8"; part of `data_sha256`.
std::string_view numpy_name(Type type);

inline bool is_float(Type type) { return type == Type::float64 || type == Type::float32; }

using AttributeValue = std::variant<std::string, double, std::int64_t, std::vector<std::string>, std::vector<double>,
                                    std::vector<std::int64_t>, std::vector<std::int8_t>>;

/// Text is a variable-length UTF-8 scalar that never changes, or, with `fixed_length` > 0, a NUL-padded one of that
/// many bytes that OutputFile::set_attribute may overwrite in place (as it may numbers).
struct Attribute {
    std::string name = {};
    AttributeValue value = {};
    std::size_t fixed_length = 0;
};

struct Group {
    std::string path = {};
    std::vector<Attribute> attributes = {};
};

/// A dimension: its last path component is the dimension's name. Without values it counts 0 .. n-1.
struct Scale {
    std::string path = {};
    Type type = Type::int64;
    std::size_t n = 0;
    std::variant<std::monostate, std::vector<double>, std::vector<std::int64_t>> values = {};
    std::string units = "1";
    std::string long_name = {};
    std::vector<Attribute> attributes = {};
};

/// Numbers over named dimensions, each resolved to the scale in the same or the nearest ancestor group; no
/// dimensions: one number. `units`, `long_name` and, for floats, `_FillValue` are written for every variable.
struct Variable {
    std::string path = {};
    Type type = Type::float64;
    std::vector<std::string> dimensions = {};
    std::string units = "1";
    std::string long_name = {};
    /// Rows of the first dimension that one block of work fills. 0: small, written as a whole and filled from the
    /// start (with NaN, or `fill`); otherwise never filled: undefined where no block was written.
    std::size_t rows_per_block = 0;
    /// Takes part in `data_sha256`; carries `digest` (32 hex digits) and, if blocked, `rows_per_block`.
    bool result = false;
    std::int64_t fill = 0;  ///< of small integer variables
    std::vector<Attribute> attributes = {};
};

/// Labels, fixed at creation, over one dimension.
struct StringArray {
    std::string path = {};
    std::string dimension = {};
    std::vector<std::string> values = {};
    std::string long_name = {};
    std::vector<Attribute> attributes = {};
};

/// One long text, fixed at creation.
struct Text {
    std::string path = {};
    std::string content = {};
    std::string long_name = {};
    std::vector<Attribute> attributes = {};
};

struct Layout {
    std::vector<Attribute> attributes = {};  ///< of the root
    std::vector<Group> groups = {};
    std::vector<Scale> scales = {};
    std::vector<Text> texts = {};
    std::vector<StringArray> string_arrays = {};
    std::vector<Variable> variables = {};

    /// Raw bytes of all data, without HDF5's own.
    std::size_t bytes() const;

    /// Bytes of the file, an upper estimate that includes HDF5's own.
    std::size_t file_bytes() const;

    /// The scale that `dimension` means for an object at `path`; throws InternalError when there is none.
    const Scale& scale(std::string_view path, std::string_view dimension) const;

    std::vector<std::size_t> shape(const Variable& variable) const;

    /// Throws InternalError unless every rule of file-format.md that a layout can break is kept: unique well-formed
    /// paths, axes with scales, one meaning and one length of a dimension along any path, no dimension used twice.
    void check() const;
};

/// Adds /progress: `block_done`, `seconds` and, for the blocked results listed so far, `digests` (block,
/// digest_variable, half: the high and the low 64 bits) with `digest_path` naming them. Call it after all results.
void add_progress(Layout& layout, std::size_t blocks);

/// "/forward" of "/forward/state"; "/" of "/replica".
std::string_view parent_path(std::string_view path);

/// "state" of "/forward/state".
std::string_view last_component(std::string_view path);

}  // namespace foldback
