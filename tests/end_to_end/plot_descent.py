#!/usr/bin/python3
"""Figure descent, of single runs and of sweeps, from synthetic files."""
import json
import unittest

import h5py
import numpy as np

from _plots import SCRATCH, FigureTest, fresh_scratch, path_of, plot, words_of

import synthetic_file
from plotting import claims, descent, source, style
from plotting.sweep import Sweep

STEPS = np.array([0.0, 1, 3, 10, 30, 100, 300])
BOUND = np.where(STEPS == 30, 9.0, 1 / (1 + STEPS) + 0.01)
PL, NONCONVEX = "descent-pl", "descent-nonconvex"


def configure(file, change):
    settings = json.loads(file["config/resolved"][()])
    change(settings)
    del file["config/resolved"]
    file["config/resolved"] = json.dumps(settings)


def put_claim(file, claim, shape=(), judged=None):
    """Two starts at every point of a sweep; point k measures 0.8 (k + 1) of the bound. Where not `judged` it does not apply."""
    forms = ("from the checkpoint before, ", "from the start, ") if claim == PL else ("",)
    cases = [f"forward, {form}start {start}" for start in ("-1", "1") for form in forms]
    judged = np.ones(shape, dtype=bool) if judged is None else judged
    scale = (1 + np.arange(np.prod(shape, dtype=int))).reshape(*shape, 1, 1)
    cells = np.where(judged[..., None, None], np.tile(BOUND, (len(cases), 1)), np.nan)
    group = file["claims"].create_group(claim)
    group["case_label"], group["step"] = cases, STEPS
    group["overall"] = np.where(judged, 3, 0).astype(np.int8)
    for array, by in (("measured", 0.8 * scale), ("lower", 0.7 * scale), ("upper", 0.9 * scale), ("bound", 10),
                      ("tightness", np.nan)):
        group[array] = by * cells
    group["verdict"] = np.where(np.isnan(cells), 0, np.array([1, 3, 3, 3, 3, 3, 1])).astype(np.int8)


def write_run(name, claims=(PL, NONCONVEX)):
    """Hit by a spike in map 30."""
    synthetic_file.write(path_of(name), "bernoulli", replicas=10)
    with h5py.File(path_of(name), "r+") as file:
        configure(file, lambda settings: settings["model"].update(
            loss={"perturbations": [{"schedule": {"kind": "spikes", "at": [30, 5000]}}]}))
        for claim in claims:
            put_claim(file, claim)


def sweep_settings(settings, axes):
    settings["model"]["loss"] = {"schedule": {"kind": "spikes", "at": [30]}, "perturbations": [{"pass": "forward"}, {"pass": "backward"}]}
    settings["ensemble"]["replicas"] = 10
    settings["sweep"] = axes


def write_sweep(name, axes, judged):
    """`judged`: by claim the points where it applies."""
    synthetic_file.write(path_of(name), "bernoulli", replicas=10, drop=["replica"])  # which no sweep has
    shape = tuple(map(len, axes.values()))
    with h5py.File(path_of(name), "r+") as file:
        configure(file, lambda settings: sweep_settings(settings, axes))
        file["model/swept"] = np.zeros(shape)
        for claim, where in judged.items():
            put_claim(file, claim, shape, np.broadcast_to(where, shape))


def judged_in(name):
    opened = source.Source(path_of(name))
    sweep = Sweep(opened)
    return sweep, descent.Judged(opened, sweep, descent.PANELS[1], 0)


NONCONVEX_KEY, EXPONENT_KEY = "model.loss.nonconvex", "model.loss.schedule.exponent"
AMPLITUDE_KEYS = [f"model.loss.perturbations.{p}.amplitude" for p in (0, 1)]
ASYMMETRY = {NONCONVEX_KEY: [0.0, 0.1], EXPONENT_KEY: [0.0, 0.25], **{key: [0.0, 2.0] for key in AMPLITUDE_KEYS}}


class OneRun(FigureTest):
    def test_words(self):
        write_run("descent.h5")
        words = words_of(self.draw("descent.h5", "descent")[0][0])
        for phrase in ["descent-pl: holds", "descent-nonconvex: holds", "mean excess loss", "mean of |grad l|² before step n",
                       "forward: mean over replicas", "interval of the claim", "forward: unresolved", "bound of the claim",
                       "spike", "number of maps n", "start \N{MINUS SIGN}1", "excess loss and mean square gradient"]:
            self.assertIn(phrase, words)
        self.assertEqual(words.split("\n").count("spike"), 1)
        self.draw("descent.h5", "descent", "png", "--start", "1")
        write_run("nonconvex.h5", [NONCONVEX])
        self.assertNotIn("descent-pl", words_of(self.draw("nonconvex.h5", "descent")[0][0]))

    def test_refused(self):
        synthetic_file.write(path_of("bernoulli.h5"), "bernoulli", replicas=10)
        code, _, err = plot(path_of("bernoulli.h5"), "--figure", "descent", "--output", SCRATCH)
        self.assertEqual(code, 3)
        self.assertIn("neither descent-pl nor descent-nonconvex was judged here", err)


class Swept(FigureTest):
    def test_panels_of_curves(self):
        convex = np.array([True, False]).reshape(2, 1, 1, 1)
        write_sweep("asymmetry.h5", ASYMMETRY, {PL: convex, NONCONVEX: True})
        words = words_of(self.draw("asymmetry.h5", "descent")[0][0])
        for nonconvex in ("0", "0.1"):
            for exponent in ("0", "0.25"):
                self.assertIn(f"nonconvex = {nonconvex}, exponent = {exponent}: holds", words)
        lines = words.split("\n")
        for label in ["unperturbed", "forward amplitude 2", "backward amplitude 2", "forward amplitude 2, backward amplitude 2",
                      "spike"]:
            self.assertEqual(lines.count(label), 1, label)
        for phrase in ["mean of |grad l|² before step n", "intervals and bounds of descent-nonconvex", "10 replicas", "start \N{MINUS SIGN}1"]:
            self.assertIn(phrase, words)
        self.assertNotIn("excess loss", words)  # judged at half of the points only
        self.assertNotIn("swept[", words)
        self.draw("asymmetry.h5", "descent", "png", "--start", "1")

    def test_both_claims_where_one_panel_holds_all(self):
        write_sweep("one_key.h5", {"model.step": [0.1, 0.2, 0.4]}, {PL: [True, True, False], NONCONVEX: True})
        words = words_of(self.draw("one_key.h5", "descent")[0][0])
        for phrase in ["descent-pl: holds", "descent-nonconvex: holds", "mean excess loss", "step = 0.1", "step = 0.2", "step = 0.4"]:
            self.assertIn(phrase, words)

    def test_curves_and_verdicts_are_those_of_their_points(self):
        write_sweep("points.h5", {"model.step": [0.1, 0.2, 0.4]}, {NONCONVEX: [False, True, True]})
        with h5py.File(path_of("points.h5"), "r+") as file:
            file["claims/descent-nonconvex/overall"][2] = claims.VIOLATED
        judged = judged_in("points.h5")[1]
        self.assertEqual({point: overall for point, (overall, _) in judged.at.items()}, {(1,): claims.HOLDS, (2,): claims.VIOLATED})
        np.testing.assert_allclose(judged.at[1,][1].value, 1.6 * BOUND[1:])

    def test_lines_of_a_panel(self):
        write_sweep("panels.h5", ASYMMETRY, {NONCONVEX: True})
        sweep, judged = judged_in("panels.h5")
        _, (ax,) = style.figure()
        descent.draw_choice(ax, judged, sweep, 2, (0, 1), [])
        measured = [line for line in ax.lines if line.get_linewidth() > 1]
        self.assertEqual([line.get_label() for line in measured[:2]], ["unperturbed", "backward amplitude 2"])
        for k, line in enumerate(measured):
            np.testing.assert_allclose(line.get_ydata(), 0.8 * (5 + k) * BOUND[1:])  # points 4, ..., 7

    def test_refused(self):
        for name, axes, phrase in [("long.h5", {"model.step": (0.1 * np.arange(1, 10)).tolist()}, "9 points"),
                                   ("wide.h5", {"model.step": [1, 2, 3, 4, 5], "model.loss.ridge": [1, 2, 3, 4]}, "5 x 4 points")]:
            write_sweep(name, axes, {NONCONVEX: True})
            code, _, err = plot(path_of(name), "--figure", "descent", "--output", SCRATCH)
            self.assertEqual(code, 3)
            self.assertIn(f"the sweep has {phrase}, more than fit a figure of 4 panels of 8 curves", err)
        write_sweep("unjudged.h5", {"model.step": [0.1, 0.2]}, {NONCONVEX: False})
        code, _, err = plot(path_of("unjudged.h5"), "--figure", "descent", "--output", SCRATCH)
        self.assertEqual((code, err.count("neither descent-pl nor descent-nonconvex was judged here")), (3, 1))


def sweep_of(axes, perturbations=()):
    settings = {"sweep": axes, "model": {"loss": {"perturbations": list(perturbations)}}}
    return Sweep(type("Source", (), {"settings": settings, "sweep_shape": tuple(map(len, axes.values()))}))


class Axes(unittest.TestCase):
    def test_split(self):
        for shape, leading in [((3,), 0), ((8,), 0), ((2, 2), 0), ((2, 3), 1), ((4, 2), 1), ((2, 2, 2), 1), ((2, 2, 2, 2), 2),
                               ((6, 1), 0), ((2, 8), 1), ((3, 2, 2), 1), ((5, 1), 0), ((2, 6), 1)]:
            axes = {f"model.key{k}": list(range(n)) for k, n in enumerate(shape)}
            self.assertEqual(sweep_of(axes).split(), leading, shape)

    def test_names(self):
        self.assertEqual(sweep_of(ASYMMETRY, [{"pass": "forward"}, {"pass": "backward"}]).names,
                         ["nonconvex", "exponent", "forward amplitude", "backward amplitude"])
        self.assertEqual(sweep_of({key: [1] for key in AMPLITUDE_KEYS}, [{"pass": "forward"}] * 2).names,
                         ["forward (0) amplitude", "forward (1) amplitude"])
        self.assertEqual(sweep_of({"model.loss.scale": [1], "model.data.scale": [2]}).names, ["loss scale", "data scale"])

    def test_labels(self):
        amplitudes = {key: [0.0, 0.5] for key in AMPLITUDE_KEYS}
        both = sweep_of(amplitudes, [{"pass": "forward"}, {"pass": "backward"}])
        self.assertEqual([both.label((0, 1), i) for i in ((0, 0), (0, 1), (1, 1))],
                         ["unperturbed", "backward amplitude 0.5", "forward amplitude 0.5, backward amplitude 0.5"])
        # With a third one that is not swept, amplitudes of 0 leave something perturbed.
        three = sweep_of(amplitudes, [{"pass": "forward"}, {"pass": "backward"}, {"pass": "gradient"}])
        self.assertEqual(three.label((0, 1), (0, 1)), "forward amplitude = 0, backward amplitude = 0.5")


if __name__ == "__main__":
    fresh_scratch()
    unittest.main()
