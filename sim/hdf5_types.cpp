#include <hdf5_hl.h>

#include <algorithm>

#include "sim/error.hpp"
#include "sim/hdf5.hpp"

namespace foldback::hdf5 {
namespace {

hid_t native(Type type) {
    switch (type) {
        case Type::float64:
            return H5T_NATIVE_DOUBLE;
        case Type::float32:
            return H5T_NATIVE_FLOAT;
        case Type::int64:
            return H5T_NATIVE_INT64;
        case Type::int32:
            return H5T_NATIVE_INT32;
        case Type::uint64:
            return H5T_NATIVE_UINT64;
        case Type::int8:
            return H5T_NATIVE_INT8;
    }
    throw InternalError("unknown element type");
}

hid_t stored(Type type) {
    switch (type) {
        case Type::float64:
            return H5T_IEEE_F64LE;
        case Type::float32:
            return H5T_IEEE_F32LE;
        case Type::int64:
            return H5T_STD_I64LE;
        case Type::int32:
            return H5T_STD_I32LE;
        case Type::uint64:
            return H5T_STD_U64LE;
        case Type::int8:
            return H5T_STD_I8LE;
    }
    throw InternalError("unknown element type");
}

// Strings of either kind, through `read(type, buffer)`. The file's own type serves as the type in memory, because
// HDF5 does not convert between character sets.
template <class Read>
std::vector<std::string> texts(const Handle& type, const Handle& space, const Read& read) {
    const auto points = H5Sget_simple_extent_npoints(space.id());
    const auto count = points > 0 ? static_cast<std::size_t>(points) : 0;
    std::vector<std::string> result;
    if (count == 0) return result;
    result.reserve(count);
    if (H5Tis_variable_str(type.id()) > 0) {
        std::vector<char*> pointers(count, nullptr);
        read(type, pointers.data());
        for (const auto* text : pointers) result.emplace_back(text ? text : "");
        H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data());
        return result;
    }
    const auto length = H5Tget_size(type.id());
    std::vector<char> buffer(count * length);
    read(type, buffer.data());
    for (std::size_t i = 0; i < count; ++i) {
        const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(i * length);
        const auto end = begin + static_cast<std::ptrdiff_t>(length);
        result.emplace_back(begin, std::find(begin, end, '\0'));
    }
    return result;
}

}  // namespace

Handle file_type(Type type) { return {H5Tcopy(stored(type)), H5Tclose}; }

Handle memory_type(Type type) { return {H5Tcopy(native(type)), H5Tclose}; }

std::optional<Type> type_of(const Handle& type) {
    const auto type_class = H5Tget_class(type.id());
    const auto size = H5Tget_size(type.id());
    if (type_class == H5T_FLOAT && size == 8) return Type::float64;
    if (type_class == H5T_FLOAT && size == 4) return Type::float32;
    if (type_class != H5T_INTEGER) return std::nullopt;
    const bool is_signed = H5Tget_sign(type.id()) == H5T_SGN_2;
    if (is_signed && size == 8) return Type::int64;
    if (is_signed && size == 4) return Type::int32;
    if (is_signed && size == 1) return Type::int8;
    if (!is_signed && size == 8) return Type::uint64;
    return std::nullopt;
}

std::size_t number_bytes(const Handle& type) {
    const auto type_class = H5Tget_class(type.id());
    return type_class == H5T_FLOAT || type_class == H5T_INTEGER ? H5Tget_size(type.id()) : 0;
}

bool is_text(const Handle& type) { return H5Tget_class(type.id()) == H5T_STRING; }

Handle text_type(std::size_t fixed_length, const Place& place) {
    Handle type{H5Tcopy(H5T_C_S1), H5Tclose};
    if (!type || H5Tset_size(type.id(), fixed_length > 0 ? fixed_length : H5T_VARIABLE) < 0 ||
        H5Tset_cset(type.id(), H5T_CSET_UTF8) < 0 ||
        H5Tset_strpad(type.id(), fixed_length > 0 ? H5T_STR_NULLPAD : H5T_STR_NULLTERM) < 0)
        fail("make a text type for", place);
    return type;
}

Handle simple_space(const std::vector<std::size_t>& shape, const Place& place) {
    const std::vector<hsize_t> sizes(shape.begin(), shape.end());
    Handle space{
        sizes.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
        H5Sclose};
    if (!space) fail("make a shape for", place);
    return space;
}

std::vector<std::size_t> shape_of(const Handle& space, const Place& place) {
    const auto rank = H5Sget_simple_extent_ndims(space.id());
    if (rank < 0) fail("find the shape of", place);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    if (rank > 0 && H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr) < 0) fail("find the shape of", place);
    return {sizes.begin(), sizes.end()};
}

void select(const Handle& space, std::span<const std::size_t> start, std::span<const std::size_t> count,
            const Place& place) {
    const std::vector<hsize_t> from(start.begin(), start.end());
    const std::vector<hsize_t> size(count.begin(), count.end());
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, from.data(), nullptr, size.data(), nullptr) < 0)
        fail("select a part of", place);
}

std::vector<std::string> read_texts(const Handle& dataset, const Place& place) {
    const auto space = dataset_space(dataset, place);
    return texts(dataset_type(dataset, place), space,
                 [&](const Handle& type, void* data) { read(dataset, type, space, space, data, place); });
}

std::vector<std::string> read_attribute_texts(const Handle& attribute, const Place& place) {
    return texts(attribute_type(attribute, place), attribute_space(attribute, place),
                 [&](const Handle& type, void* data) { read_attribute(attribute, type, data, place); });
}

std::string dimension_name(const Handle& dataset, std::size_t axis, const Place& place) {
    const auto first_name = [](hid_t, unsigned, hid_t scale, void* to) -> herr_t {
        const auto length = H5DSget_scale_name(scale, nullptr, 0);
        if (length < 0) return -1;
        std::string name(static_cast<std::size_t>(length), '\0');
        if (H5DSget_scale_name(scale, name.data(), name.size() + 1) < 0) return -1;
        *static_cast<std::string*>(to) = std::move(name);
        return 1;
    };
    std::string name;
    if (H5DSiterate_scales(dataset.id(), static_cast<unsigned>(axis), nullptr, first_name, &name) < 0)
        fail("find the dimensions of", place);
    return name;
}

}  // namespace foldback::hdf5
