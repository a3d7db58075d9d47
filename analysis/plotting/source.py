"""What the figures read: one published foldback file, and plain words for whatever it does not hold."""
import json
import os
import re

import h5py
import numpy as np

MAJOR_VERSION = 1
MEMORY = 256 * 2**20  # bytes of one order's states that a figure reads; beyond, the first replicas stand for all

ORDERS = ("forward", "backward")


class Unusable(Exception):
    """The file as a whole can't be drawn."""


class Missing(Exception):
    """The file lacks what one figure needs; the message says what, and which setting of the run records it."""


class WrongArgument(Exception):
    """The command line asks for something that the file's axes don't have."""


def text_of(value):
    """Text however HDF5 kept it: str, bytes (NUL-padded), or numpy's versions of either."""
    if isinstance(value, np.ndarray):
        value = value.item() if value.ndim == 0 or value.size == 1 else ", ".join(text_of(v) for v in value.flat)
    if isinstance(value, bytes):
        value = value.rstrip(b"\0").decode("utf-8", "replace")
    return str(value)


def number(value):
    """A number as people write it: 0.5, -1, 1.2e-16."""
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def count(value):
    """An integer with its thousands apart."""
    return f"{int(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def point(values):
    values = np.atleast_1d(values)
    if values.size == 1:
        return number(values[0])
    shown = ", ".join(number(v) for v in values[:4])
    return f"({shown}{', ...' if values.size > 4 else ''})"


class Source:
    """One published foldback file, open for reading. Axes are those of sim/file-format.md."""

    def __init__(self, path):
        self.path = str(path)
        if os.path.isdir(self.path):
            raise Unusable(f"{self.path} is a folder; a foldback file (NAME.h5) is needed")
        if not os.path.exists(self.path):
            raise Unusable(f"{self.path} does not exist; 'foldback run' writes such files")
        if self.path.endswith((".part", ".new")):
            self._refuse_partial()
        try:
            self.file = h5py.File(self.path, "r")
        except PermissionError:
            raise Unusable(f"{self.path} may not be read: permission denied") from None
        except OSError as error:
            raise Unusable(f"{self.path} can't be opened: not an HDF5 file, or damaged ({one_line(error)})") from None
        self._check_format()
        self.title = text_of(self.file.attrs.get("title", "")) or os.path.basename(self.path)

    def _refuse_partial(self):
        raise Unusable(f"{self.path} is the file of an unfinished run; finish it with 'foldback run --resume', "
                       "then draw the published file")

    def _check_format(self):
        form = text_of(self.file.attrs.get("format", ""))
        by_content = "model" in self.file and "kind" in self.file["model"].attrs and "config" in self.file
        if not form.lower().startswith("foldback") and not by_content:
            raise Unusable(f"{self.path} is an HDF5 file but not foldback's: no attribute 'format' that says foldback "
                           "at its root")
        version = text_of(self.file.attrs.get("format_version", form))
        major = re.search(r"\d+", version)
        if major and int(major.group()) != MAJOR_VERSION:
            raise Unusable(f"{self.path} has format version {version}; these figures read version {MAJOR_VERSION}")
        if text_of(self.file.attrs.get("status", "complete")).lower() == "partial":
            self._refuse_partial()

    def has(self, path):
        return path in self.file

    def data(self, path, axes):
        """The dataset, after a check that it has as many axes as `axes` names."""
        dataset = self.file[path]
        if dataset.ndim != len(axes):
            names = ", ".join(d.label or "?" for d in dataset.dims) or "none"
            raise Missing(f"{path} has {dataset.ndim} axes ({names}) instead of {len(axes)} ({', '.join(axes)}): "
                          "a figure shows one run, not a sweep; run one point of the sweep by itself (--set KEY=VALUE)")
        return dataset

    def numbers(self, path):
        return np.asarray(self.file[path][()])

    @property
    def settings(self):
        """The resolved configuration; empty where the file has none."""
        try:
            return json.loads(text_of(self.file["config/resolved"][()]))
        except (KeyError, ValueError):
            return {}

    @property
    def sweep_shape(self):
        """How many values each key of the sweep has: the leading axes of what differs from point to point. () for one run."""
        return tuple(np.size(values) for values in (self.settings.get("sweep") or {}).values())

    @property
    def metric(self):
        return text_of(self.file["model"].attrs.get("metric", "euclidean")) if "model" in self.file else "euclidean"

    def orders(self, variable):
        return [order for order in ORDERS if self.has(f"{order}/{variable}")]

    def starts(self):
        """(start, component), or None where the file does not tell."""
        for order in ORDERS:
            for path in (f"{order}/start_state", f"paths/{order}/start_state", f"moments/{order}/start_state"):
                if self.has(path):
                    return self.numbers(path).reshape(self.file[path].shape[0], -1)
        starts = self.settings.get("ensemble", {}).get("starts")
        return None if not starts else np.asarray(starts, dtype=float).reshape(len(starts), -1)

    def start_label(self, start):
        starts = self.starts()
        return f"start {point(starts[start])}" if starts is not None and start < len(starts) else f"start no. {start}"

    def check_index(self, name, index, length):
        if not 0 <= index < length:
            valid = "0" if length == 1 else f"0 to {length - 1}"
            raise WrongArgument(f"--{name} {index}: {self.path} has {name} {valid}")

    def run_words(self, details=()):
        """Model, parameters, replicas, what the figure adds, and seed."""
        words = []
        if "model" in self.file:
            words.append(text_of(self.file["model"].attrs.get("kind", "model")))
            words += [parameter for parameter in map(self._parameter, self.file["model"]) if parameter]
        if self.has("replica"):
            words.append(f"{count(self.file['replica'].shape[0])} replicas")
        elif "replicas" in self.settings.get("ensemble", {}):
            words.append(f"{count(self.settings['ensemble']['replicas'])} replicas")
        words += details
        if "seed" in self.file.attrs:
            words.append(f"seed {int(self.file.attrs['seed'])}")
        return words

    def _parameter(self, name):
        item = self.file["model"][name]
        if not isinstance(item, h5py.Dataset) or h5py.h5ds.is_scale(item.id):
            return None
        swept = self.sweep_shape
        if swept and item.shape[:len(swept)] == swept:
            return None  # the figure tells what differs
        values = item[()]
        if h5py.check_string_dtype(item.dtype) or np.asarray(values).dtype.kind not in "iuf":
            return f"{name} = {text_of(values)}" if np.size(values) == 1 else None
        if np.size(values) <= 3:
            return f"{name} = {point(np.ravel(values))}"
        return f"{name}[{chr(215).join(str(n) for n in item.shape)}]"

    def unit(self, order):
        """Of the states."""
        path = next((p for p in (f"{order}/state", f"paths/{order}/state") if self.has(p)), None)
        unit = text_of(self.file[path].attrs.get("units", "1")) if path else "1"
        return "dimensionless" if unit == "1" else unit

    def state_axis(self, order, component, dimension, symbol):
        """The label of an axis of states: symbol, component if there are several, unit."""
        which = f", component {component}" if dimension > 1 else ""
        return f"{symbol}{which} ({self.unit(order)})"

    def _states_of(self, order):
        path = f"{order}/state"
        if not self.has(path):
            raise Missing(f"{path} is not in the file; record.states = true and ensemble.orders with \"{order}\" "
                          "record it")
        return self.data(path, ("replica", "start", "step", "component"))

    def states(self, order, start):
        """(replica, step, component) at the checkpoints, the steps, and how many replicas the file has."""
        dataset = self._states_of(order)
        replicas, starts, steps, components = dataset.shape
        self.check_index("start", start, starts)
        taken = max(1, min(replicas, MEMORY // max(1, 8 * steps * components)))
        return dataset[:taken, start], self.numbers(f"{order}/step"), replicas

    def series(self, path, start, setting):
        """(replica, step) of a variable (replica, start, step)."""
        if not self.has(path):
            raise Missing(f"{path} is not in the file; {setting} records it")
        dataset = self.data(path, ("replica", "start", "step"))
        self.check_index("start", start, dataset.shape[1])
        taken = max(1, min(dataset.shape[0], MEMORY // max(1, 8 * dataset.shape[2])))
        return dataset[:taken, start]

    def final_states(self, order, start):
        """(replica, component) at the last checkpoint, that step, and how many replicas the file has."""
        dataset = self._states_of(order)
        self.check_index("start", start, dataset.shape[1])
        taken = max(1, min(dataset.shape[0], MEMORY // max(1, 8 * dataset.shape[3])))
        return dataset[:taken, start, -1], int(self.numbers(f"{order}/step")[-1]), dataset.shape[0]


def one_line(error):
    return " ".join(str(error).split())
