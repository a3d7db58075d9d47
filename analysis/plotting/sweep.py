"""The axes of a sweep in a reader's words, and which of its points share a panel of a figure."""
import re

import numpy as np

from plotting.source import Missing, number

FEW_CURVES, MOST_CURVES, MOST_PANELS = 5, 8, 4
AMPLITUDE = re.compile(r"model\.loss\.perturbations\.(\d+)\.amplitude")


class Sweep:
    """Keys and values of a sweep, the last key varying fastest from point to point; no keys where there is none."""

    def __init__(self, source):
        settings = source.settings
        axes = settings.get("sweep") or {}
        self.keys, self.values = list(axes), [np.ravel(v).tolist() for v in axes.values()]
        self.shape = source.sweep_shape
        self.perturbations = settings.get("model", {}).get("loss", {}).get("perturbations", [])
        self.names = self._names()

    def _names(self):
        """The last part of each key; two where that is not enough, and the pass of a perturbation for its number."""
        named = [self._of_pass(key) for key in self.keys]
        short = [name.rsplit(".", 1)[-1] for name in named]
        longer = [" ".join(name.split(".")[-2:]) for name in named]
        return [one if short.count(one) == 1 else two for one, two in zip(short, longer)]

    def _of_pass(self, key):
        parts = key.split(".")
        if parts[:3] != ["model", "loss", "perturbations"] or not parts[3].isdigit() or int(parts[3]) >= len(self.perturbations):
            return key
        passes = [one.get("pass") for one in self.perturbations]
        here = passes[int(parts[3])]
        return ".".join([here if passes.count(here) == 1 else f"{here} ({parts[3]})", *parts[4:]])

    def split(self):
        """How many of the leading keys tell panels apart, so that the others tell a few curves apart in each."""
        for most in (FEW_CURVES, MOST_CURVES):
            leading = len(self.shape) - 1
            if self.shape[leading] > most:
                continue
            while leading > 0 and np.prod(self.shape[leading - 1:]) <= most:
                leading -= 1
            if np.prod(self.shape[:leading], dtype=int) <= MOST_PANELS:
                return leading
        raise Missing(f"the sweep has {' x '.join(map(str, self.shape))} points, more than fit a figure of {MOST_PANELS} panels "
                      f"of {MOST_CURVES} curves, the last keys of [sweep] in one panel; run fewer of them (--set KEY=VALUE)")

    def label(self, axes, index):
        """Of those axes at that index: "exponent = 0.25", or amplitudes of which 0 is none."""
        silent = self._amplitudes_of_all()
        parts = [f"{self.names[a]} {number(self.values[a][i])}" if a in silent else f"{self.names[a]} = {number(self.values[a][i])}"
                 for a, i in zip(axes, index) if not (a in silent and self.values[a][i] == 0)]
        return ", ".join(parts) or "unperturbed"

    def _amplitudes_of_all(self):
        """The axes of the perturbations' amplitudes, if every perturbation has one: at 0, 0, ... nothing is perturbed."""
        found = {a: int(m.group(1)) for a, m in enumerate(map(AMPLITUDE.fullmatch, self.keys)) if m}
        return set(found) if set(found.values()) == set(range(len(self.perturbations))) else set()
