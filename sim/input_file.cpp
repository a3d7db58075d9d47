#include "sim/input_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "sim/error.hpp"
#include "sim/hdf5.hpp"

namespace foldback {
namespace {

namespace fs = std::filesystem;

// Deeper than any file of foldback; guards against a group that contains itself.
constexpr int deepest_group = 16;

void check_readable(const fs::path& name) {
    std::error_code error;
    const auto status = fs::status(name, error);
    if (status.type() == fs::file_type::not_found)
        throw FileError(name.string() + ": no such file" +
                        (fs::exists(fs::path(name) += ".part", error)
                             ? "; " + name.string() + ".part is an unfinished run: `run --resume` completes it"
                             : ""));
    if (fs::is_directory(status)) throw FileError(name.string() + ": is a folder; name one of the files in it");
    if (::access(name.c_str(), R_OK) != 0)
        throw FileError(name.string() + ": cannot read it: " + std::system_category().message(errno));
    if (!hdf5::is_hdf5(name.string()))
        throw FileError(name.string() +
                        ": not an HDF5 file, or its first bytes are damaged; give a file that foldback wrote");
}

template <class T>
constexpr Type type_for() {
    if constexpr (std::is_same_v<T, double>)
        return Type::float64;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return Type::int64;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return Type::uint64;
    else
        return Type::int8;
}

bool converts(Type from, Type to) {
    return from == to || to == Type::float64 || (to == Type::int64 && (from == Type::int32 || from == Type::int8));
}

std::string_view kind(const StoredVariable& variable) {
    if (variable.text) return "text";
    return variable.type ? numpy_name(*variable.type) : "a type that foldback does not write";
}

}  // namespace

class InputFile::Impl {
  public:
    explicit Impl(const fs::path& name) : name_(name) {
        check_readable(name);
        file_ = hdf5::open_file_to_read(place());
        list("/", 0);
    }

    hdf5::Place place(std::string_view object = {}) const { return {name_.string(), std::string(object)}; }
    [[noreturn]] void fail(std::string_view object, const std::string& what) const {
        throw FileError(name_.string() + ": " + std::string(object) + what);
    }
    const StoredVariable& variable(std::string_view path) const;
    bool has_group(std::string_view path) const {
        return path == "/" || std::find(groups_.begin(), groups_.end(), path) != groups_.end();
    }
    hdf5::Handle object(std::string_view path) const {
        if (!has_group(path)) variable(path);
        return hdf5::open_object(file_, place(path));
    }
    void read(const StoredVariable& from, Type type, const std::vector<std::size_t>& start,
              const std::vector<std::size_t>& count, void* data) const;
    /// The most elements that one in the file can stand for.
    std::size_t most_compressed(const StoredVariable& from) const {
        constexpr std::size_t most_of_deflate = 1032;
        return hdf5::is_filtered(hdf5::open_dataset(file_, place(from.path)), place(from.path)) ? most_of_deflate : 1;
    }
    std::vector<std::string> texts(const StoredVariable& from) const;
    std::optional<AttributeValue> attribute(std::string_view path, std::string_view name) const;

    fs::path name_;
    hdf5::Handle file_;
    std::vector<StoredVariable> variables_;
    std::vector<std::string> groups_;

  private:
    void list(const std::string& group, int depth);
    StoredVariable describe(const std::string& path, const hdf5::Handle& dataset) const;
};

void InputFile::Impl::list(const std::string& group, int depth) {
    if (depth > deepest_group) fail(group, ": groups nest too deeply; the file is damaged or not foldback's");
    for (const auto& name : hdf5::children(file_, place(group))) {
        const auto path = (group == "/" ? "" : group) + "/" + name;
        const auto object = hdf5::open_object(file_, place(path));
        if (hdf5::is_dataset(object)) variables_.push_back(describe(path, object));
        if (!hdf5::is_group(object)) continue;
        groups_.push_back(path);
        list(path, depth + 1);
    }
}

StoredVariable InputFile::Impl::describe(const std::string& path, const hdf5::Handle& dataset) const {
    const auto where = place(path);
    const auto type = hdf5::dataset_type(dataset, where);
    StoredVariable variable;
    variable.path = path;
    variable.text = hdf5::is_text(type);
    if (!variable.text) variable.type = hdf5::type_of(type);
    variable.number_bytes = hdf5::number_bytes(type);
    variable.scale = hdf5::is_scale(dataset);
    variable.shape = hdf5::shape_of(hdf5::dataset_space(dataset, where), where);
    if (variable.scale && variable.shape.size() == 1)
        variable.dimensions = {std::string(last_component(path))};
    else
        for (std::size_t axis = 0; axis < variable.shape.size(); ++axis)
            variable.dimensions.push_back(variable.scale ? "" : hdf5::dimension_name(dataset, axis, where));
    return variable;
}

const StoredVariable& InputFile::Impl::variable(std::string_view path) const {
    const auto found =
        std::find_if(variables_.begin(), variables_.end(), [&](const auto& v) { return v.path == path; });
    if (found != variables_.end()) return *found;
    if (has_group(path)) fail(path, " is a group; name a dataset in it");
    fail(path, " is not in the file; was it recorded?");
}

void InputFile::Impl::read(const StoredVariable& from, Type type, const std::vector<std::size_t>& start,
                           const std::vector<std::size_t>& count, void* data) const {
    const auto where = place(from.path);
    const auto dataset = hdf5::open_dataset(file_, where);
    const auto space = hdf5::dataset_space(dataset, where);
    if (!start.empty()) hdf5::select(space, start, count, where);
    hdf5::read(dataset, hdf5::memory_type(type), hdf5::simple_space(count, where), space, data, where);
}

std::vector<std::string> InputFile::Impl::texts(const StoredVariable& from) const {
    if (!from.text) fail(from.path, " holds " + std::string(kind(from)) + ", not text");
    return hdf5::read_texts(hdf5::open_dataset(file_, place(from.path)), place(from.path));
}

std::optional<AttributeValue> InputFile::Impl::attribute(std::string_view path, std::string_view name) const {
    const auto holder = object(path);
    const std::string wanted(name);
    const auto where = place(std::string(path) + "@" + wanted);
    if (!hdf5::has_attribute(holder, wanted, where)) return std::nullopt;
    const auto opened = hdf5::open_attribute(holder, wanted, where);
    const auto type = hdf5::attribute_type(opened, where);
    const auto shape = hdf5::shape_of(hdf5::attribute_space(opened, where), where);
    if (hdf5::is_text(type)) {
        auto texts = hdf5::read_attribute_texts(opened, where);
        if (shape.empty() && texts.size() == 1) return std::move(texts.front());
        return texts;
    }
    const auto stored = hdf5::type_of(type);
    if (!stored || shape.size() > 1) fail(where.object, " is neither text nor numbers in a row");
    const auto size = shape.empty() ? 1 : shape.front();
    if (is_float(*stored)) {
        std::vector<double> reals(size);
        hdf5::read_attribute(opened, hdf5::memory_type(Type::float64), reals.data(), where);
        if (size == 1) return reals.front();
        return reals;
    }
    std::vector<std::int64_t> integers(size);
    hdf5::read_attribute(opened, hdf5::memory_type(Type::int64), integers.data(), where);
    if (size == 1) return integers.front();
    return integers;
}

InputFile::InputFile(const fs::path& name) : impl_(std::make_unique<Impl>(name)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

const fs::path& InputFile::name() const { return impl_->name_; }

const std::vector<StoredVariable>& InputFile::variables() const { return impl_->variables_; }

const StoredVariable& InputFile::variable(std::string_view path) const { return impl_->variable(path); }

const std::vector<std::string>& InputFile::groups() const { return impl_->groups_; }

bool InputFile::has(std::string_view path) const {
    return impl_->has_group(path) || std::any_of(impl_->variables_.begin(), impl_->variables_.end(),
                                                 [&](const auto& v) { return v.path == path; });
}

template <class T>
std::vector<T> InputFile::read(std::string_view path) const {
    const auto& shape = variable(path).shape;
    return read<T>(path, std::vector<std::size_t>(shape.size(), 0), shape);
}

template <class T>
std::vector<T> InputFile::read(std::string_view path, const std::vector<std::size_t>& start,
                               const std::vector<std::size_t>& count) const {
    const auto& from = variable(path);
    const bool converted =
        from.type ? converts(*from.type, type_for<T>()) : std::is_same_v<T, double> && from.number_bytes > 0;
    if (!converted)
        impl_->fail(path,
                    " holds " + std::string(kind(from)) + "; " + std::string(numpy_name(type_for<T>())) + " wanted");
    if (start.size() != from.shape.size() || count.size() != from.shape.size())
        throw InternalError(std::string(path) + " has " + std::to_string(from.shape.size()) +
                            " axes; the part to read of it not");
    // The sizes are the file's own word: compared with the bytes that exist before any memory is asked for.
    std::size_t size = 1;
    for (std::size_t axis = 0; axis < count.size(); ++axis) {
        if (start[axis] > from.shape[axis] || count[axis] > from.shape[axis] - start[axis])
            throw InternalError("the part to read of " + std::string(path) + " is not inside it");
        if (__builtin_mul_overflow(size, count[axis], &size))
            impl_->fail(path, " has an impossible shape; the file is damaged");
    }
    if (size / impl_->most_compressed(from) > hdf5::file_size(impl_->file_, impl_->place()) / from.number_bytes)
        impl_->fail(path, " is larger than the file; the file is damaged or was cut short");
    std::vector<T> data(size);
    if (size > 0) impl_->read(from, type_for<T>(), start, count, data.data());
    return data;
}

template std::vector<double> InputFile::read(std::string_view) const;
template std::vector<std::int64_t> InputFile::read(std::string_view) const;
template std::vector<std::uint64_t> InputFile::read(std::string_view) const;
template std::vector<std::int8_t> InputFile::read(std::string_view) const;
template std::vector<double> InputFile::read(std::string_view, const std::vector<std::size_t>&,
                                             const std::vector<std::size_t>&) const;
template std::vector<std::int64_t> InputFile::read(std::string_view, const std::vector<std::size_t>&,
                                                   const std::vector<std::size_t>&) const;
template std::vector<std::uint64_t> InputFile::read(std::string_view, const std::vector<std::size_t>&,
                                                    const std::vector<std::size_t>&) const;
template std::vector<std::int8_t> InputFile::read(std::string_view, const std::vector<std::size_t>&,
                                                  const std::vector<std::size_t>&) const;

std::string InputFile::text(std::string_view path) const {
    auto texts = impl_->texts(variable(path));
    if (texts.size() != 1) impl_->fail(path, " holds " + std::to_string(texts.size()) + " texts, not one");
    return std::move(texts.front());
}

std::vector<std::string> InputFile::texts(std::string_view path) const { return impl_->texts(variable(path)); }

std::optional<AttributeValue> InputFile::attribute(std::string_view path, std::string_view name) const {
    return impl_->attribute(path, name);
}

std::string InputFile::text_attribute(std::string_view path, std::string_view name) const {
    const auto value = attribute(path, name);
    if (!value) impl_->fail(path, " has no attribute '" + std::string(name) + "'");
    if (const auto* text = std::get_if<std::string>(&*value)) return *text;
    impl_->fail(path, ": its attribute '" + std::string(name) + "' is not a text");
}

double InputFile::number_attribute(std::string_view path, std::string_view name) const {
    const auto value = attribute(path, name);
    if (!value) impl_->fail(path, " has no attribute '" + std::string(name) + "'");
    if (const auto* real = std::get_if<double>(&*value)) return *real;
    if (const auto* integer = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*integer);
    impl_->fail(path, ": its attribute '" + std::string(name) + "' is not a number");
}

std::vector<std::string> InputFile::attribute_names(std::string_view path) const {
    auto names = hdf5::attribute_names(impl_->object(path), impl_->place(path));
    std::erase_if(names, [](const auto& n) {
        return n == "CLASS" || n == "NAME" || n == "REFERENCE_LIST" || n == "DIMENSION_LIST";
    });
    return names;
}

}  // namespace foldback
