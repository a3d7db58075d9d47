#!/usr/bin/python3
"""read_everything.py FILE...: reads every variable of the files with h5py, xarray (both engines), ncdump and h5dump.

Demands what sim/file-format.md promises: one named dimension scale for every axis, units and long_name, missing values
on floats only, tracked creation order, the same data from every reader, no warning and not a byte on stderr.
Prints every failure as "FILE: reader: object: what" and exits with 1 if there is any.
"""
import os
import subprocess
import sys
import tempfile
import warnings

import h5netcdf  # noqa: F401  imported here because netCDF4 warns when it is imported, whatever it reads
import h5py
import netCDF4  # noqa: F401
import numpy as np
import xarray as xr
from h5py import h5ds, h5p

TYPES = {"<f8", "<f4", "<i8", "<i4", "<u8", "|i1"}
TRACKED = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED
LARGE = 64 << 20  # bytes from which ncdump and h5dump print headers only


class Reader:
    def __init__(self, path):
        self.path = path
        self.failures = []
        self.data = {}  # path -> (dimension names, values)
        self.groups = ["/"]

    def demand(self, ok, reader, name, what):
        if not ok:
            self.failures.append(f"{self.path}: {reader}: {name}: {what}")

    def attempt(self, reader, name, action):
        try:
            return action()
        except Exception as error:  # any failure of any reader is a finding; the others still run
            self.failures.append(f"{self.path}: {reader}: {name}: {type(error).__name__}: {error}")
            return None

    def with_h5py(self):
        with h5py.File(self.path, "r") as file:
            names = []
            file.visit(names.append)
            self.order(file["/"], "/")
            for name in names:
                item = file[name]
                if isinstance(item, h5py.Group):
                    self.groups.append("/" + name)
                    self.order(item, "/" + name)
                else:
                    self.attempt("h5py", "/" + name, lambda: self.dataset("/" + name, item))

    def order(self, group, name):
        plist = group.id.get_create_plist()
        self.demand(plist.get_link_creation_order() == TRACKED, "h5py", name, "the creation order of its links is not tracked and indexed")
        dict(group.attrs.items())

    def dataset(self, name, item):
        def check(ok, what):
            self.demand(ok, "h5py", name, what)

        text = h5py.check_string_dtype(item.dtype)
        attributes = dict(item.attrs.items())
        check(text or item.dtype.str in TYPES, f"its type {item.dtype} is not one that every reader takes")
        check(not text or text.length is None, "text must have variable length")
        check(item.id.get_create_plist().get_attr_creation_order() == TRACKED, "the creation order of its attributes is not tracked and indexed")
        for wanted in ("units", "long_name"):
            check(attributes.get(wanted), f"has no {wanted}")
        fill = attributes.get("_FillValue")
        if item.dtype.kind == "f":
            check(fill is not None and np.isnan(fill).all() and np.asarray(fill).dtype == item.dtype, "must have a _FillValue, NaN, of its own type")
        else:
            check(fill is None, "has a _FillValue although it is not floating-point")
        if h5ds.is_scale(item.id):
            check(item.ndim == 1, "a scale has one axis")
            names = (os.path.basename(name),)
        else:
            names = tuple(self.axis(name, item, axis) for axis in range(item.ndim))
        check(len(set(names)) == len(names), f"uses a dimension twice: {names}")
        self.data[name] = (names, item.asstr()[()] if text else item[()], attributes)

    def axis(self, name, item, axis):
        scales = list(item.dims[axis].values())
        self.demand(len(scales) == 1, "h5py", name, f"axis {axis} has {len(scales)} scales attached, not one")
        if not scales:
            return f"unnamed axis {axis}"
        scale = scales[0]
        parent = os.path.dirname(scale.name)
        self.demand(os.path.dirname(name) == parent or name.startswith(parent.rstrip("/") + "/"), "h5py", name, f"axis {axis}: its scale {scale.name} is in no group above")
        self.demand(scale.shape == (item.shape[axis],), "h5py", name, f"axis {axis}: has {item.shape[axis]} elements, its scale {scale.name} {scale.shape}")
        return os.path.basename(scale.name)

    def with_xarray(self, engine, group):
        reader = f"xarray ({engine})"
        with xr.open_dataset(self.path, engine=engine, group=None if group == "/" else group) as dataset:
            here = {os.path.basename(name) for name in self.data if os.path.dirname(name) == group}
            found = set(dataset.variables)
            self.demand(found == here, reader, group, f"sees {sorted(found)} instead of {sorted(here)}")
            dict(dataset.attrs)
            for short in sorted(found & here):
                name = group.rstrip("/") + "/" + short
                self.attempt(reader, name, lambda: self.compare(reader, name, dataset.variables[short].load()))

    def compare(self, reader, name, variable):
        names, values, attributes = self.data[name]
        self.demand(variable.dims == names, reader, name, f"has dimensions {variable.dims} instead of {names}")
        if attributes.get("dtype") == "bool":
            self.demand(variable.dtype == bool, reader, name, f"is of type {variable.dtype} instead of bool")
            values = values != 0
        elif not isinstance(values, str) and np.asarray(values).dtype.kind in "fiu":
            self.demand(variable.dtype == np.asarray(values).dtype, reader, name, f"is of type {variable.dtype} instead of {np.asarray(values).dtype}")
        got, wanted = np.asarray(variable.values), np.asarray(values)
        same = got.shape == wanted.shape and (np.array_equal(got, wanted, equal_nan=True) if wanted.dtype.kind == "f" else bool(np.all(got == wanted)))
        self.demand(same, reader, name, "has other values than h5py reads")

    def with_tool(self, *command):
        done = subprocess.run([*command, self.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        name = " ".join(command)
        self.demand(done.returncode == 0, name, "/", f"exit code {done.returncode}")
        self.demand(not done.stderr, name, "/", "prints on stderr: " + done.stderr.decode(errors="replace").strip()[:300])
        self.demand(b"phony_dim" not in done.stdout, name, "/", "sees dimensions without a name")
        for path in self.data:
            self.demand(os.path.basename(path).encode() in done.stdout, name, path, "is not shown")

    def __call__(self):
        self.attempt("h5py", "/", self.with_h5py)
        for engine in ("netcdf4", "h5netcdf"):
            for group in self.groups:
                self.attempt(f"xarray ({engine})", group, lambda: self.with_xarray(engine, group))
        small = os.path.getsize(self.path) < LARGE
        self.with_tool("ncdump", "-h")
        self.with_tool("h5dump", *([] if small else ["-H"]))
        if small:
            self.with_tool("ncdump")
        self.demand(self.data, "h5py", "/", "has no dataset at all")
        return self.failures


def main(paths):
    warnings.simplefilter("error")
    failures = []
    # The libraries below Python print on descriptor 2 whatever warnings are told.
    with tempfile.TemporaryFile() as printed:
        kept = os.dup(2)
        os.dup2(printed.fileno(), 2)
        try:
            counts = []
            for path in paths:
                reader = Reader(path)
                failures += reader()
                counts.append(f"{path}: {len(reader.data)} variables in {len(reader.groups)} groups")
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
        printed.seek(0)
        text = printed.read().decode(errors="replace").strip()
    if text:
        failures.append("printed on stderr while reading: " + text[:1000])
    print("\n".join(failures or counts))
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: read_everything.py FILE...")
    sys.exit(main(sys.argv[1:]))
