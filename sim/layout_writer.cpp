#include "sim/layout_writer.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "sim/error.hpp"

namespace foldback::hdf5 {
namespace {

class LayoutWriter {
  public:
    LayoutWriter(const Handle& file, const std::string& name, const Layout& layout)
        : file_(file), name_(name), layout_(layout) {}

    void operator()();

  private:
    Place place(const std::string& path) const { return {name_, path}; }
    void group(const std::string& path);
    void scale(const Scale& scale);
    void count_up(const Handle& dataset, std::size_t n, const Place& where);
    void text(const Text& text);
    void string_array(const StringArray& array);
    void variable(const Variable& variable);
    void attach(const Handle& dataset, const std::string& path, const std::vector<std::string>& dimensions);
    void attributes(const Handle& object, const std::string& path, const std::vector<Attribute>& list);
    void attribute(const Handle& object, const std::string& path, const Attribute& attribute);
    void describe(const Handle& dataset, const std::string& path, const std::string& units,
                  const std::string& long_name);
    void fill_value(const Handle& dataset, const std::string& path, Type type);

    const Handle& file_;
    const std::string& name_;
    const Layout& layout_;
    std::map<std::string, Handle, std::less<>> scales_;
    std::set<std::string> groups_;  // made so far
};

void LayoutWriter::operator()() {
    const auto root = open_object(file_, place("/"));
    attributes(root, "/", layout_.attributes);
    const auto is_sum = [](const Attribute& a) { return a.name == "data_sha256"; };
    if (std::any_of(layout_.variables.begin(), layout_.variables.end(), [](const auto& v) { return v.result; }) &&
        std::none_of(layout_.attributes.begin(), layout_.attributes.end(), is_sum))
        attribute(root, "/", {"data_sha256", std::string(), 64});
    for (const auto& one : layout_.scales)
        if (parent_path(one.path) == "/") scale(one);
    for (const auto& one : layout_.groups) {
        group(one.path);
        attributes(open_object(file_, place(one.path)), one.path, one.attributes);
    }
    for (const auto& one : layout_.scales)
        if (parent_path(one.path) != "/") scale(one);
    for (const auto& one : layout_.texts) text(one);
    for (const auto& one : layout_.string_arrays) string_array(one);
    for (const auto& one : layout_.variables) variable(one);
}

void LayoutWriter::group(const std::string& path) {
    if (path == "/" || !groups_.insert(path).second) return;
    group(std::string(parent_path(path)));
    create_group(file_, place(path));
}

void LayoutWriter::scale(const Scale& scale) {
    group(std::string(parent_path(scale.path)));
    const auto where = place(scale.path);
    auto dataset = create_dataset(file_, file_type(scale.type), simple_space({scale.n}, where), Fill::never, 0, where);
    if (const auto* reals = std::get_if<std::vector<double>>(&scale.values))
        write(dataset, memory_type(Type::float64), reals->data(), where);
    else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&scale.values))
        write(dataset, memory_type(Type::int64), integers->data(), where);
    else
        count_up(dataset, scale.n, where);
    make_scale(dataset, std::string(last_component(scale.path)), where);
    fill_value(dataset, scale.path, scale.type);
    describe(dataset, scale.path, scale.units, scale.long_name);
    attributes(dataset, scale.path, scale.attributes);
    scales_.emplace(scale.path, std::move(dataset));
}

// 0 .. n - 1, in pieces: there can be as many as replicas.
void LayoutWriter::count_up(const Handle& dataset, std::size_t n, const Place& where) {
    std::vector<std::int64_t> piece(std::min<std::size_t>(n, 1 << 15));
    const auto space = dataset_space(dataset, where);
    for (std::size_t first = 0; first < n; first += piece.size()) {
        const std::size_t count = std::min(piece.size(), n - first);
        std::iota(piece.begin(), piece.end(), std::int64_t(first));
        select(space, std::array{first}, std::array{count}, where);
        write(dataset, memory_type(Type::int64), simple_space({count}, where), space, piece.data(), where);
    }
}

void LayoutWriter::text(const Text& text) {
    group(std::string(parent_path(text.path)));
    const auto where = place(text.path);
    const auto type = text_type(0, where);
    const auto dataset = create_dataset(file_, type, simple_space({}, where), Fill::text, 0, where);
    const char* content = text.content.c_str();
    write(dataset, type, &content, where);
    describe(dataset, text.path, "1", text.long_name);
    attributes(dataset, text.path, text.attributes);
}

void LayoutWriter::string_array(const StringArray& array) {
    group(std::string(parent_path(array.path)));
    const auto where = place(array.path);
    const auto type = text_type(0, where);
    const auto dataset = create_dataset(file_, type, simple_space({array.values.size()}, where), Fill::text, 0, where);
    attach(dataset, array.path, {array.dimension});
    std::vector<const char*> pointers;
    for (const auto& value : array.values) pointers.push_back(value.c_str());
    write(dataset, type, pointers.data(), where);
    describe(dataset, array.path, "1", array.long_name);
    attributes(dataset, array.path, array.attributes);
}

void LayoutWriter::variable(const Variable& variable) {
    group(std::string(parent_path(variable.path)));
    const auto where = place(variable.path);
    const bool blocked = variable.rows_per_block > 0;
    const auto fill = blocked ? Fill::never : is_float(variable.type) ? Fill::nan : Fill::number;
    const auto space = simple_space(layout_.shape(variable), where);
    const auto dataset = create_dataset(file_, file_type(variable.type), space, fill, variable.fill, where);
    attach(dataset, variable.path, variable.dimensions);
    fill_value(dataset, variable.path, variable.type);
    describe(dataset, variable.path, variable.units, variable.long_name);
    if (blocked)
        attribute(dataset, variable.path, {"rows_per_block", static_cast<std::int64_t>(variable.rows_per_block)});
    if (variable.result) attribute(dataset, variable.path, {"digest", std::string(), 32});
    attributes(dataset, variable.path, variable.attributes);
}

void LayoutWriter::attach(const Handle& dataset, const std::string& path, const std::vector<std::string>& dimensions) {
    for (std::size_t axis = 0; axis < dimensions.size(); ++axis)
        attach_scale(dataset, scales_.at(layout_.scale(path, dimensions[axis]).path), axis, place(path));
}

void LayoutWriter::describe(const Handle& dataset, const std::string& path, const std::string& units,
                            const std::string& long_name) {
    attribute(dataset, path, {"units", units.empty() ? "1" : units});
    attribute(dataset, path, {"long_name", long_name.empty() ? std::string(last_component(path)) : long_name});
}

// On an integer it would make xarray return floating-point numbers.
void LayoutWriter::fill_value(const Handle& dataset, const std::string& path, Type type) {
    if (!is_float(type)) return;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto where = place(path);
    const auto made = create_attribute(dataset, "_FillValue", file_type(type), simple_space({1}, where), where);
    write_attribute(made, memory_type(Type::float64), &nan, where);
}

void LayoutWriter::attributes(const Handle& object, const std::string& path, const std::vector<Attribute>& list) {
    for (const auto& one : list) attribute(object, path, one);
}

void LayoutWriter::attribute(const Handle& object, const std::string& path, const Attribute& attribute) {
    const auto where = place(path);
    const auto put = [&](const Handle& stored, const Handle& memory, const std::vector<std::size_t>& shape,
                         const void* data) {
        const auto made = create_attribute(object, attribute.name, stored, simple_space(shape, where), where);
        write_attribute(made, memory, data, where);
    };
    const auto put_numbers = [&](Type type, const auto& values) {
        put(file_type(type), memory_type(type), {values.size()}, values.data());
    };
    const auto text = text_type(attribute.fixed_length, where);
    if (const auto* one = std::get_if<std::string>(&attribute.value)) {
        if (attribute.fixed_length > 0) {
            auto padded = *one;
            if (padded.size() > attribute.fixed_length)
                throw InternalError("attribute " + attribute.name + " of " + path + " is longer than its fixed length");
            padded.resize(attribute.fixed_length, '\0');
            put(text, text, {}, padded.data());
        } else {
            const char* content = one->c_str();
            put(text, text, {}, &content);
        }
    } else if (const auto* many = std::get_if<std::vector<std::string>>(&attribute.value)) {
        std::vector<const char*> pointers;
        for (const auto& value : *many) pointers.push_back(value.c_str());
        put(text, text, {pointers.size()}, pointers.data());
    } else if (const auto* real = std::get_if<double>(&attribute.value)) {
        put(file_type(Type::float64), memory_type(Type::float64), {}, real);
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
        put(file_type(Type::int64), memory_type(Type::int64), {}, integer);
    } else if (const auto* reals = std::get_if<std::vector<double>>(&attribute.value)) {
        put_numbers(Type::float64, *reals);
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
        put_numbers(Type::int64, *integers);
    } else {
        put_numbers(Type::int8, std::get<std::vector<std::int8_t>>(attribute.value));
    }
}

}  // namespace

void write_layout(const Handle& file, const std::string& name, const Layout& layout) {
    layout.check();
    LayoutWriter(file, name, layout)();
}

}  // namespace foldback::hdf5
