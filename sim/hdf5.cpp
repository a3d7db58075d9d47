#include "sim/hdf5.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "sim/error.hpp"

namespace foldback::hdf5 {
namespace {

template <class Function, class... Arguments>
auto call(const char* action, const Place& place, Function function, Arguments... arguments) {
    prepare();
    const auto result = function(arguments...);
    if (result < 0) fail(action, place);
    return result;
}

herr_t collect(unsigned, const H5E_error2_t* error, void* entries) {
    static_cast<std::vector<std::string>*>(entries)->emplace_back(error->desc ? error->desc : "");
    return 0;
}

// The innermost entry knows best; where the system refused, its own words are enough.
std::string reason() {
    std::vector<std::string> entries;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &entries);
    constexpr std::string_view mark = "error message = '";
    for (const auto& entry : entries)
        if (const auto at = entry.find(mark); at != entry.npos) {
            const auto begin = at + mark.size();
            return entry.substr(begin, entry.find('\'', begin) - begin);
        }
    if (entries.empty()) return "HDF5 gives no reason";
    return entries.front();
}

Handle own(hid_t id, Handle::Close close) { return {id, close}; }

Handle access_list(const Place& place) {
    prepare();
    auto list = own(call("set up HDF5 for", place, H5Pcreate, H5P_FILE_ACCESS), H5Pclose);
    // 'latest' would make a file that a killed writer leaves behind unreadable.
    call("set up HDF5 for", place, H5Pset_libver_bounds, list.id(), H5F_LIBVER_V18, H5F_LIBVER_V18);
    call("set up HDF5 for", place, H5Pset_fclose_degree, list.id(), H5F_CLOSE_SEMI);
    call("set up HDF5 for", place, H5Pset_file_locking, list.id(), hbool_t{false}, hbool_t{true});
    return list;
}

// No sieve buffer: every write of data reaches the file at once and in the order of the calls.
Handle writer_access_list(const Place& place) {
    auto list = access_list(place);
    call("set up HDF5 for", place, H5Pset_sieve_buf_size, list.id(), std::size_t{0});
    return list;
}

constexpr unsigned creation_order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

Handle creation_list(hid_t kind, const Place& place) {
    auto list = own(call("set up HDF5 for", place, H5Pcreate, kind), H5Pclose);
    call("set up HDF5 for", place, H5Pset_attr_creation_order, list.id(), creation_order);
    call("set up HDF5 for", place, H5Pset_obj_track_times, list.id(), hbool_t{false});
    if (kind != H5P_DATASET_CREATE)
        call("set up HDF5 for", place, H5Pset_link_creation_order, list.id(), creation_order);
    return list;
}

}  // namespace

void fail(const std::string& action, const Place& place) {
    throw FileError(place.file + ": cannot " + action + (place.object.empty() ? " the file" : " " + place.object) +
                    ": " + reason());
}

void prepare() {
    static const bool first = H5dont_atexit() >= 0;
    thread_local const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
    static_cast<void>(first && quiet);
}

Handle create_file(const Place& place) {
    const auto access = writer_access_list(place);
    const auto creation = creation_list(H5P_FILE_CREATE, place);
    const auto id = call("create", place, H5Fcreate, place.file.c_str(), H5F_ACC_EXCL, creation.id(), access.id());
    return {id, H5Fclose};
}

Handle open_file_to_write(const Place& place) {
    const auto access = writer_access_list(place);
    return {call("open", place, H5Fopen, place.file.c_str(), H5F_ACC_RDWR, access.id()), H5Fclose};
}

Handle open_file_to_read(const Place& place) {
    const auto access = access_list(place);
    return {call("open", place, H5Fopen, place.file.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose};
}

bool is_hdf5(const std::string& file) {
    prepare();
    return H5Fis_hdf5(file.c_str()) > 0;
}

void flush(const Handle& file, const Place& place) { call("write", place, H5Fflush, file.id(), H5F_SCOPE_LOCAL); }

int descriptor(const Handle& file, const Place& place) {
    void* handle = nullptr;
    call("find the descriptor of", place, H5Fget_vfd_handle, file.id(), hid_t{H5P_DEFAULT}, &handle);
    return *static_cast<int*>(handle);
}

std::size_t file_size(const Handle& file, const Place& place) {
    hsize_t size = 0;
    call("find the size of", place, H5Fget_filesize, file.id(), &size);
    return size;
}

Handle create_group(const Handle& file, const Place& place) {
    const auto creation = creation_list(H5P_GROUP_CREATE, place);
    return {call("create", place, H5Gcreate2, file.id(), place.object.c_str(), hid_t{H5P_DEFAULT}, creation.id(),
                 hid_t{H5P_DEFAULT}),
            H5Gclose};
}

bool exists(const Handle& file, const std::string& path) {
    prepare();
    if (path == "/") return true;
    for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        if (H5Lexists(file.id(), path.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
        if (slash == path.npos) return H5Oexists_by_name(file.id(), path.c_str(), H5P_DEFAULT) > 0;
    }
}

std::vector<std::string> children(const Handle& file, const Place& place) {
    const auto group =
        own(call("open", place, H5Gopen2, file.id(), place.object.c_str(), hid_t{H5P_DEFAULT}), H5Gclose);
    const auto creation = own(call("look into", place, H5Gget_create_plist, group.id()), H5Pclose);
    unsigned flags = 0;
    call("look into", place, H5Pget_link_creation_order, creation.id(), &flags);
    const auto index = flags & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    H5G_info_t info{};
    call("look into", place, H5Gget_info, group.id(), &info);
    std::vector<std::string> names;
    for (hsize_t i = 0; i < info.nlinks; ++i) {
        H5L_info_t link{};
        call("look into", place, H5Lget_info_by_idx, group.id(), ".", index, H5_ITER_INC, i, &link, hid_t{H5P_DEFAULT});
        if (link.type != H5L_TYPE_HARD) continue;
        const auto length = call("look into", place, H5Lget_name_by_idx, group.id(), ".", index, H5_ITER_INC, i,
                                 static_cast<char*>(nullptr), std::size_t{0}, hid_t{H5P_DEFAULT});
        std::string name(static_cast<std::size_t>(length), '\0');
        call("look into", place, H5Lget_name_by_idx, group.id(), ".", index, H5_ITER_INC, i, name.data(),
             name.size() + 1, hid_t{H5P_DEFAULT});
        names.push_back(std::move(name));
    }
    return names;
}

Handle open_object(const Handle& file, const Place& place) {
    return {call("open", place, H5Oopen, file.id(), place.object.c_str(), hid_t{H5P_DEFAULT}), H5Oclose};
}

bool is_group(const Handle& object) { return H5Iget_type(object.id()) == H5I_GROUP; }

bool is_dataset(const Handle& object) { return H5Iget_type(object.id()) == H5I_DATASET; }

Handle create_dataset(const Handle& file, const Handle& type, const Handle& space, Fill fill, std::int64_t number,
                      const Place& place) {
    const auto creation = creation_list(H5P_DATASET_CREATE, place);
    call("create", place, H5Pset_layout, creation.id(), H5D_CONTIGUOUS);
    call("create", place, H5Pset_alloc_time, creation.id(), H5D_ALLOC_TIME_EARLY);
    if (fill == Fill::never) call("create", place, H5Pset_fill_time, creation.id(), H5D_FILL_TIME_NEVER);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto type_class = H5Tget_class(type.id());
    if (type_class == H5T_FLOAT)
        call("create", place, H5Pset_fill_value, creation.id(), H5T_NATIVE_DOUBLE, static_cast<const void*>(&nan));
    else if (fill == Fill::number)
        call("create", place, H5Pset_fill_value, creation.id(), H5T_NATIVE_INT64, static_cast<const void*>(&number));
    return {call("create", place, H5Dcreate2, file.id(), place.object.c_str(), type.id(), space.id(),
                 hid_t{H5P_DEFAULT}, creation.id(), hid_t{H5P_DEFAULT}),
            H5Dclose};
}

Handle open_dataset(const Handle& file, const Place& place) {
    return {call("open", place, H5Dopen2, file.id(), place.object.c_str(), hid_t{H5P_DEFAULT}), H5Dclose};
}

Handle dataset_type(const Handle& dataset, const Place& place) {
    return {call("find the type of", place, H5Dget_type, dataset.id()), H5Tclose};
}

bool is_filtered(const Handle& dataset, const Place& place) {
    const Handle creation{call("find the storage of", place, H5Dget_create_plist, dataset.id()), H5Pclose};
    return H5Pget_nfilters(creation.id()) > 0;
}

Handle dataset_space(const Handle& dataset, const Place& place) {
    return {call("find the shape of", place, H5Dget_space, dataset.id()), H5Sclose};
}

std::size_t storage_size(const Handle& dataset) { return H5Dget_storage_size(dataset.id()); }

void write(const Handle& dataset, const Handle& type, const Handle& memory, const Handle& space, const void* data,
           const Place& place) {
    call("write", place, H5Dwrite, dataset.id(), type.id(), memory.id(), space.id(), hid_t{H5P_DEFAULT}, data);
}

// Texts are converted by way of a buffer, of 1 MB and cleared every time unless told otherwise.
void write(const Handle& dataset, const Handle& type, const void* data, const Place& place) {
    const auto transfer = own(call("set up HDF5 for", place, H5Pcreate, H5P_DATASET_XFER), H5Pclose);
    call("set up HDF5 for", place, H5Pset_buffer, transfer.id(), std::size_t{1} << 14, nullptr, nullptr);
    call("write", place, H5Dwrite, dataset.id(), type.id(), hid_t{H5S_ALL}, hid_t{H5S_ALL}, transfer.id(), data);
}

void read(const Handle& dataset, const Handle& type, const Handle& memory, const Handle& space, void* data,
          const Place& place) {
    call("read", place, H5Dread, dataset.id(), type.id(), memory.id(), space.id(), hid_t{H5P_DEFAULT}, data);
}

Handle create_attribute(const Handle& object, const std::string& name, const Handle& type, const Handle& space,
                        const Place& place) {
    return {call("create an attribute of", place, H5Acreate2, object.id(), name.c_str(), type.id(), space.id(),
                 hid_t{H5P_DEFAULT}, hid_t{H5P_DEFAULT}),
            H5Aclose};
}

bool has_attribute(const Handle& object, const std::string& name, const Place& place) {
    return call("look for an attribute of", place, H5Aexists, object.id(), name.c_str()) > 0;
}

std::vector<std::string> attribute_names(const Handle& object, const Place& place) {
    std::vector<std::string> names;
    const auto add = [](hid_t, const char* name, const H5A_info_t*, void* to) -> herr_t {
        static_cast<std::vector<std::string>*>(to)->emplace_back(name);
        return 0;
    };
    call("list the attributes of", place, H5Aiterate2, object.id(), H5_INDEX_NAME, H5_ITER_INC,
         static_cast<hsize_t*>(nullptr), static_cast<H5A_operator2_t>(add), static_cast<void*>(&names));
    return names;
}

Handle open_attribute(const Handle& object, const std::string& name, const Place& place) {
    return {call("open the attribute", place, H5Aopen, object.id(), name.c_str(), hid_t{H5P_DEFAULT}), H5Aclose};
}

Handle attribute_type(const Handle& attribute, const Place& place) {
    return {call("find the type of", place, H5Aget_type, attribute.id()), H5Tclose};
}

Handle attribute_space(const Handle& attribute, const Place& place) {
    return {call("find the shape of", place, H5Aget_space, attribute.id()), H5Sclose};
}

void write_attribute(const Handle& attribute, const Handle& type, const void* data, const Place& place) {
    call("write an attribute of", place, H5Awrite, attribute.id(), type.id(), data);
}

void read_attribute(const Handle& attribute, const Handle& type, void* data, const Place& place) {
    call("read the attribute", place, H5Aread, attribute.id(), type.id(), data);
}

void make_scale(const Handle& dataset, const std::string& name, const Place& place) {
    call("make a dimension scale of", place, H5DSset_scale, dataset.id(), name.c_str());
}

bool is_scale(const Handle& dataset) { return H5DSis_scale(dataset.id()) > 0; }

void attach_scale(const Handle& dataset, const Handle& scale, std::size_t axis, const Place& place) {
    call("attach a dimension scale to", place, H5DSattach_scale, dataset.id(), scale.id(), static_cast<unsigned>(axis));
}

}  // namespace foldback::hdf5
