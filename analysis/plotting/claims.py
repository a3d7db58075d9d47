"""The verdicts of a file: /claims/ID, one group per registered claim."""
import re

import h5py
import numpy as np

from plotting.source import Missing, text_of

WORDS = ("not applicable", "unresolved", "inconclusive", "holds", "consistent", "violated")
NOT_APPLICABLE, UNRESOLVED, INCONCLUSIVE, HOLDS, CONSISTENT, VIOLATED = range(6)

NO_CLAIMS = "the file has no /claims; 'foldback run' without --no-verify stores them, so does 'foldback verify --save'"


def overall_of(verdicts):
    """The verdict over several, by the rule of theory.md, section E."""
    verdicts = np.ravel(verdicts)
    for verdict in (VIOLATED, INCONCLUSIVE):
        if (verdicts == verdict).any():
            return verdict
    resolved = verdicts[(verdicts == HOLDS) | (verdicts == CONSISTENT)]
    if resolved.size:
        return CONSISTENT if (resolved == CONSISTENT).all() else HOLDS
    return UNRESOLVED if (verdicts == UNRESOLVED).any() else NOT_APPLICABLE


class Claim:
    """One claim's cells, each array (case, axis); the axes of a sweep count as cases, unless one `point` of it is asked for."""

    def __init__(self, group, point=()):
        self.point = tuple(point)
        self.id = group.name.rsplit("/", 1)[-1]
        self.failed_assumption = text_of(group.attrs.get("failed_assumption", ""))
        self.cases = [text_of(label) for label in np.ravel(group["case_label"][()])] if "case_label" in group else []
        self.verdict = self._cells(group, "verdict").astype(int)
        for name in ("measured", "lower", "upper", "bound", "tightness"):
            setattr(self, name, self._cells(group, name).astype(float))
        self.overall = overall_of(group["overall"][self.point]) if "overall" in group else overall_of(self.verdict)
        self.axis_name, self.axis = self._axis(group)

    def _cells(self, group, name):
        if name not in group or group[name].size == 0:
            return np.empty((0, 0))
        values = group[name][self.point]
        return values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)

    @staticmethod
    def _axis(group):
        for name in ("step", "depth", "step_size", "amplitude", "spike_step", "operator"):
            if name in group:
                return name, np.ravel(group[name][()]).astype(float)
        return "", np.empty(0)

    def norm_case(self, start, starts):
        """(index of the case, p) of the p-norm test of that start: p = 2 if it is there, else the first; or None.

        Labels read like "p = 2, start -1"; `starts` is (start, component), or None where the file does not tell.
        """
        if len(self.cases) != len(self.measured):
            return None
        usable = {}
        for index, label in enumerate(self.cases):
            p = re.search(r"\bp = ([0-9.e+]*[0-9])", label)
            if p and is_start(label, start, starts):
                usable.setdefault(float(p.group(1)), index)
        if not usable:
            return None
        p = 2.0 if 2.0 in usable else next(iter(usable))
        return usable[p], p


def is_start(label, start, starts):
    """Whether a case is that start's: "start -1" and "start (0, 0)" by value, "start number 3" by index, else any."""
    found = re.search(r"\bstart (number (\d+)|\(([^)]*)\)|([-+0-9.e]*[0-9]))", label)
    if not found:
        return True
    if found.group(2):
        return int(found.group(2)) == start
    if starts is None:
        return start == 0
    values = np.array([float(v) for v in (found.group(3) or found.group(4)).split(",")])
    # Labels keep four significant digits.
    return values.shape == starts[start].shape and np.allclose(values, starts[start], rtol=1e-3, atol=0)


def claim(source, name, point=()):
    """That claim (at a point of the sweep), or None where it is absent or did not apply."""
    path = f"claims/{name}"
    if not source.has(path):
        return None
    found = Claim(source.file[path], point)
    return found if found.overall != NOT_APPLICABLE and found.measured.size else None


def all_claims(source):
    if not source.has("claims") or not any(isinstance(g, h5py.Group) for g in source.file["claims"].values()):
        raise Missing(NO_CLAIMS)
    group = source.file["claims"]
    names = []
    # Creation order is the order of theory.md; by name where a file does not track it.
    if group.id.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED:
        group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER, order=h5py.h5.ITER_INC)
    else:
        group.id.links.iterate(names.append)
    return [Claim(group[name]) for name in names if isinstance(group[name], h5py.Group)]
