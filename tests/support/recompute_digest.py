#!/usr/bin/python3
"""recompute_digest.py FILE: computes data_sha256 anew from the data, as sim/file-format.md defines it.

Prints it; exits with 1 if it is not the one that the file states, or if a dataset's digest is not.
"""
import ctypes
import hashlib
import sys

import h5py


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_128bits.restype = Hash
xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def xxh3_128(data):
    value = xxhash.XXH3_128bits(data, len(data))
    return value.high.to_bytes(8, "big") + value.low.to_bytes(8, "big")


def digest(dataset):
    rows = dataset.attrs.get("rows_per_block")
    if rows is None:
        return xxh3_128(xxh3_128(dataset[()].tobytes())).hex()
    return xxh3_128(b"".join(xxh3_128(dataset[i:i + rows].tobytes()) for i in range(0, len(dataset), rows))).hex()


def recompute(path):
    """(data_sha256, paths of datasets whose own digest is wrong, the data_sha256 that the file states)"""
    lines, wrong = [], []
    with h5py.File(path, "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and "digest" in item.attrs:
                own = digest(item)
                if own != item.attrs["digest"].decode():
                    wrong.append("/" + name)
                shape = str(item.shape).replace(" ", "")
                lines.append((f"/{name}", f"/{name} {item.dtype.str} {shape} {own}\n"))
        file.visititems(visit)
        stated = file.attrs["data_sha256"].decode()
    return hashlib.sha256("".join(line for _, line in sorted(lines)).encode()).hexdigest(), wrong, stated


if __name__ == "__main__":
    computed, wrong, stated = recompute(sys.argv[1])
    print(computed)
    if wrong or computed != stated:
        sys.exit(f"{sys.argv[1]}: states data_sha256 {stated}; wrong digests: {wrong}")
