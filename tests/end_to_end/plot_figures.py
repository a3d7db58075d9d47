#!/usr/bin/python3
"""Every figure of analysis/plot.py in every format, from synthetic files, and what it says when it can't draw."""
import json
import os
import shutil
import sys
import unittest

import h5py
import numpy as np

from _plots import HEADS, SCRATCH, FigureTest, fresh_scratch, path_of, plot, words_of

import synthetic_file
from plotting import claims, limit, passes, phase

# What a reader must find in words, beside the title and the run line.
WORDS = {
    "paths": ["number of maps n", "(dimensionless)", "replica 0", "replica 3", "same replica = same maps",
              "forward: Fₙ = fₙ ∘ … ∘ f₁(x)", "backward: Bₙ = f₁ ∘ … ∘ fₙ(x)"],
    "limit": ["distance to the limit", "d(Bₙ, Bₘ) (dimensionless), m = 80", "increment by one more map",
              "number of maps n", "backward: root mean square", "forward: root mean square",
              "10 to 90 % of replicas", "bound of the claim, p = 2", "exactly 0",
              "interval of the claim, where resolved", "rounding radius", "backward-limit: holds"],
    "law": ["state after the last map (dimensionless)", "probability density (dimensionless)", "exact: Uniform(-1, 1)",
            "forward Fₙ, n = 80", "backward Bₙ, n = 80", "95 % of bars lie here under the exact law"],
    "wasserstein": ["distance W₁ to the stationary law", "number of maps n", "forward: measured", "backward: measured",
                    "noise floor", "bound of wasserstein-contraction"],
    "verdicts": ["largest tightness = measured / bound (dimensionless)", "backward-limit", "violated (1 / 1)",
                 "unresolved: 1",
                 "not applicable: no alpha", "holds: 1", "1.25"],
    "cloud": ["component 0 (dimensionless)", "component 1 (dimensionless)", "n = 150", "one point a replica"],
}


class Drawn(FigureTest):
    def test_every_figure_in_every_format_twice_the_same(self):
        for form in HEADS:
            first, err = self.draw("bernoulli.h5", "all", form)
            self.assertEqual([os.path.basename(p) for p in first],
                             [f"bernoulli-{f}.{form}" for f in ("paths", "limit", "law", "wasserstein", "verdicts")])
            self.assertIn("figure cloud left out: the states have one component", err)
            second, _ = self.draw("bernoulli.h5", "all", form, folder="again")
            for a, b in zip(first, second):
                with open(a, "rb") as one, open(b, "rb") as other:
                    self.assertEqual(one.read(), other.read(), f"{a} and {b} differ")

    def test_words(self):
        self.draw("bernoulli.h5", "all", folder="words")
        self.draw("fern.h5", "cloud", folder="words")
        for figure, wanted in WORDS.items():
            words = words_of(path_of(f"words/{'fern' if figure == 'cloud' else 'bernoulli'}-{figure}.svg"))
            for phrase in [*wanted, "forward spreads, backward settles", "seed 20260330"]:
                self.assertIn(phrase, words, figure)
            if figure != "verdicts":
                self.assertIn("start (0, 0)" if figure == "cloud" else "start \N{MINUS SIGN}1", words)
            if figure != "cloud":
                self.assertIn("bernoulli_convolution, lambda = 0.5, 800 replicas", words)

    def test_claims_stand_in_the_order_of_the_theory(self):
        written, _ = self.draw("bernoulli.h5", "verdicts", folder="order")
        words = words_of(written[0])
        self.assertLess(words.index("law-equality"), words.index("backward-increment"))
        self.assertLess(words.index("tail-index"), words.index("exact-law"))

    def test_cloud_png(self):
        self.draw("fern.h5", "cloud", "png")
        self.draw("fern.h5", "cloud", "pdf")

    def test_chosen_replicas_start_component(self):
        written, _ = self.draw("bernoulli.h5", "paths", "svg", "--replicas", "5,2", "--start", "1")
        words = words_of(written[0])
        self.assertIn("replica 5", words)
        self.assertIn("replica 2", words)
        self.assertNotIn("replica 0", words)
        self.assertIn("start 1,", words)
        written, _ = self.draw("fern.h5", "law", "svg", "--component", "1")
        self.assertIn("component 1", words_of(written[0]))

    def test_loss(self):
        synthetic_file.write(path_of("loss.h5"), "bernoulli", replicas=10)
        with h5py.File(path_of("loss.h5"), "r+") as file:
            settings = json.loads(file["config/resolved"][()])
            settings["ensemble"]["orders"] = ["forward", "backward", "window_4"]
            settings.setdefault("record", {})["window"] = 3
            del file["config/resolved"]
            file["config/resolved"] = json.dumps(settings)
            for order in ("forward", "backward", "window_4"):
                group = file.require_group(order)
                steps = file["forward/step"].shape[0]
                if order == "window_4":
                    group["step"] = file["forward/step"][()]
                for name in ("test_loss", "test_accuracy", "test_loss_window_variance"):
                    group[name] = np.linspace(1.0, 0.1, 10 * 2 * steps).reshape(10, 2, steps)
        written, _ = self.draw("loss.h5", "loss")
        words = words_of(written[0])
        for phrase in ["test loss (dimensionless)", "test accuracy (dimensionless)", "s.d. of test loss (dimensionless)",
                       "over 3 checkpoints", "the loss along one path, and its standard deviation", "replica 0", "forward", "backward", "window_4", "number of maps n"]:
            self.assertIn(phrase, words)
        self.assertIn("replica 9", words_of(self.draw("loss.h5", "loss", "svg", "--replicas", "9")[0][0]))
        code, _, err = plot(path_of("loss.h5"), "--figure", "loss", "--replicas", "10", "--output", SCRATCH)
        self.assertEqual(code, 2)
        self.assertIn("has replicas 0 to 9", err)

    def test_continuous_time_limits(self):
        synthetic_file.write(path_of("ode.h5"), "bernoulli", replicas=10)
        h = np.array([0.01, 0.02, 0.04])
        with h5py.File(path_of("ode.h5"), "r+") as file:
            claim = file["claims"].create_group("ode-limit")
            cases, rows = [], []
            for start in ("-1", "1"):
                for what, order in (("E F_n - gradient flow", 1), ("E F_n - closure", 2), ("Cov F_n - closure", 2)):
                    cases += [f"{what}, t = 0.5, start {start}", f"exponent of {what}, t = 0.5, start {start}"]
                    sign = -1 if what.startswith("Cov") else 1  # a miss by direction has a sign
                    rows += [sign * h**order, [order + 0.0625, np.nan, np.nan]]
            claim["case_label"] = cases
            claim["step_size"] = h
            for name, by in (("measured", 0), ("lower", -1e-5), ("upper", 1e-5), ("bound", np.nan),
                             ("tightness", np.nan)):
                claim[name] = np.array(rows) + by
            claim["verdict"] = np.array([[0, 0, 0], [3, 0, 0]] * 6, dtype=np.int8)
            claim["overall"] = np.int8(3)
        written, _ = self.draw("ode.h5", "ode")
        words = words_of(written[0])
        for phrase in ["mean from the gradient flow", "exponent at h = 0: 1.06", "exponent at h = 0: 2.06", "slope 1",
                       "slope 2", "t = 0.5", "step size h", "0.04", "ode-limit: holds", "start \N{MINUS SIGN}1"]:
            self.assertIn(phrase, words)
        self.draw("ode.h5", "ode", "png", "--start", "1")

    def write_phases(self, name, swept, unit):
        """A sweep over two step sizes and four amplitudes, the borders between the second and the third."""
        synthetic_file.write(path_of(name), "bernoulli", replicas=10)
        amplitude, steps = np.array([0.5, 1.0, 2.0, 4.0]), np.array([0.5, 1.5])
        with h5py.File(path_of(name), "r+") as file:
            settings = json.loads(file["config/resolved"][()])
            settings["sweep"] = {"model.eta_lambda": steps.tolist(), swept: amplitude.tolist()}
            del file["config/resolved"]
            file["config/resolved"] = json.dumps(settings)
            file["model.eta_lambda"], file[swept] = steps, amplitude
            file["model/delta"] = np.outer(unit, amplitude)
            claim = file["claims"].create_group("spike-phase")
            nan = np.nan
            border = [nan, 1.5, nan, nan]
            rows = {"growth of log|w| per map": [0, 0, 0, 0.5], "tail index": [4, 3, 1, nan],
                    "phase (1 finite variance, 2 heavy tail, 3 diverges)": [1, nan, 2, 3],
                    "border of recovery, E log|a| = 0": border, "border of finite variance, E a^2 = 1": border}
            claim["case_label"] = [f"{row}, model.eta_lambda = {step:g}" for step in steps for row in rows]
            claim["amplitude"] = amplitude
            cells = np.array(list(rows.values()) * 2)
            for part, by in (("measured", 1), ("lower", 0.75), ("upper", 1.25), ("bound", 1.0625), ("tightness", 1)):
                claim[part] = cells * by
            claim["lower"][3, 1], claim["upper"][9, 1] = -np.inf, np.inf  # a border that its ladder does not enclose
            claim["verdict"] = np.where(np.arange(10)[:, None] % 5 >= 3, 3 * np.isfinite(cells), 0).astype(np.int8)
            claim["overall"] = np.int8(3)

    def test_phases(self):
        for swept, unit in (("model.delta_over_variance_border", [2.0, 1.0]), ("model.delta", [1.0, 1.0])):
            self.write_phases("phase.h5", swept, unit)
            words = words_of(self.draw("phase.h5", "phase")[0][0])
            for phrase in ["phases as measured", "finite variance", "heavy tail, recovers", "diverges", "undecided",
                           "theory: E a² = 1", "measured: E log|a| = 0", "measured less theory (cells)", "η λ",
                           "allowed: E a² = 1", "spike-phase: holds", "relative amplitude of the noise, δ"]:
                self.assertIn(phrase, words)
        self.draw("phase.h5", "phase", "png")

    def test_phases_in_units_of_delta(self):
        self.write_phases("phase.h5", "model.delta_over_variance_border", [2.0, 1.0])
        with h5py.File(path_of("phase.h5"), "r") as file:
            source = type("Source", (), {"file": file, "has": file.__contains__, "numbers": lambda _, p: file[p][()],
                                         "settings": json.loads(file["config/resolved"][()])})()
            first, second = phase.rows_of(source, claims.Claim(file["claims/spike-phase"]))
        self.assertEqual((first.eta_lambda, first.unit, second.unit), (0.5, 2.0, 1.0))
        np.testing.assert_allclose(second.edges(), np.array([0.5, 1, 2, 4, 8]) / np.sqrt(2))
        np.testing.assert_allclose(first.cells(first.border("border of recovery")[:1]), np.log2(1.5) + 1)

    def write_passes(self, name):
        """Five operators: errors of 2^n up to a factor of 1 to 2, bounds three times 2^n, no bound at operator 4."""
        synthetic_file.write(path_of(name), "bernoulli", replicas=40)
        with h5py.File(path_of(name), "r+") as file:
            steps, spread = file["forward/step"].shape[0], 1 + np.arange(40).reshape(40, 1, 1, 1) / 40
            size = np.broadcast_to(2.0 ** np.arange(1, 6), (40, 2, steps, 5))
            forward = file["forward"]
            forward["operator"] = np.arange(1, 6)
            for what in ("forward", "backward", "gradient"):
                forward[f"{what}_error"], forward[f"{what}_bound"] = size * spread, 3 * size
            forward["backward_error"][..., 4] = 0.0
            forward["backward_bound"][..., 3] = np.nan
            claim = file["claims"].create_group("gradient-error")
            claim["case_label"], claim["step"] = ["forward, start -1"], [0.0]
            for array in ("measured", "lower", "upper", "bound", "tightness"):
                claim[array] = np.ones((1, 1))
            claim["verdict"], claim["overall"] = np.array([[3]], dtype=np.int8), np.int8(3)

    def test_passes(self):
        self.write_passes("passes.h5")
        words = words_of(self.draw("passes.h5", "passes")[0][0])
        for phrase in ["forward pass: |x̃ₙ − xₙ|", "backward pass: |ũₙ − uₙ|", "gradient: |g̃ₙ − gₙ|", "operator n",
                       "error (dimensionless)", "error: median", "error: 5 to 95 % of replicas", "bound: median",
                       "gradient-error: holds", "exactly 0", "forward order", "pass of step 81", "start \N{MINUS SIGN}1"]:
            self.assertIn(phrase, words)
        self.assertNotIn("forward-amplification", words)
        self.draw("passes.h5", "passes", "png", "--start", "1")
        with h5py.File(path_of("passes.h5"), "r+") as file:
            for name in ("forward_error", "backward_error", "backward_bound", "gradient_bound", "operator"):
                del file["forward"][name]
        words = words_of(self.draw("passes.h5", "passes")[0][0])
        self.assertNotIn("forward pass", words)
        self.assertNotIn("bound: median", words)

    def test_passes_numbers(self):
        values = np.array([[1.0, np.nan], [3.0, np.nan], [np.inf, np.nan], [2.0, np.nan]])
        self.assertEqual(passes.quantiles(values, (0, 50, 100))[:, 0].tolist(), [1.0, 2.0, 3.0])
        self.assertTrue(np.isnan(passes.quantiles(values, (0, 50))[:, 1]).all())

    def test_checkpoints_stand_in_for_paths(self):
        synthetic_file.write(path_of("no_paths.h5"), "bernoulli", replicas=50, drop=["paths"])
        written, _ = self.draw("no_paths.h5", "paths")
        self.assertIn("recorded checkpoints only", words_of(written[0]))

    def test_without_optional_data(self):
        drop = ["law", "distance", "claims", "backward/rounding_radius", "forward/increment"]
        synthetic_file.write(path_of("bare.h5"), "bernoulli", replicas=50, drop=drop)
        written, err = self.draw("bare.h5", "all")
        self.assertEqual(len(written), 3)
        self.assertIn("figure wasserstein left out", err)
        self.assertIn("figure verdicts left out: the file has no /claims", err)
        words = words_of(path_of("out/bare-limit.svg"))
        self.assertNotIn("bound of the claim", words)
        self.assertNotIn("forward: root", words)
        self.assertIn("spacing of doubles", words)
        self.assertNotIn("exact:", words_of(path_of("out/bare-law.svg")))

    def test_distance_from_the_claim_alone(self):
        synthetic_file.write(path_of("claim_only.h5"), "bernoulli", replicas=100, drop=["distance"])
        written, _ = self.draw("claim_only.h5", "wasserstein")
        words = words_of(written[0])
        self.assertIn("backward: measured", words)
        self.assertIn("distance W₁ to the law of the limit", words)
        self.assertIn("backward: unresolved (noise)", words)
        self.assertNotIn("noise floor", words)

    def test_an_evaluation_shows_its_verdicts(self):
        everything_else = ["forward", "backward", "paths", "law", "distance", "replica"]
        synthetic_file.write(path_of("evaluation.h5"), "bernoulli", replicas=50, drop=everything_else,
                             status=np.bytes_("evaluation"))
        written, _ = self.draw("evaluation.h5", "all")
        self.assertEqual(written, [path_of(f"out/evaluation-{figure}.svg") for figure in ("wasserstein", "verdicts")])

    def test_no_states_leaves_increments(self):
        synthetic_file.write(path_of("no_states.h5"), "bernoulli", replicas=50,
                             drop=["forward/state", "backward/state"])
        written, err = self.draw("no_states.h5", "all")
        self.assertNotIn("distance to the limit", words_of(path_of("out/no_states-limit.svg")))
        self.assertIn("figure law left out: no states are in the file; record.states = true", err)
        self.assertIn(path_of("out/no_states-paths.svg"), written)

    def test_hostile_title_and_tiny_ensembles(self):
        title = "$5 & <$6> \x01\n\u6f22 " + "long " * 80
        synthetic_file.write(path_of("tiny.h5"), "bernoulli", replicas=1, title=title)
        for form in ("svg", "png"):
            self.draw("tiny.h5", "all", form)
        self.assertIn("$5 & <$6>", words_of(path_of("out/tiny-paths.svg")))

    def test_diverged_replicas_are_counted(self):
        synthetic_file.write(path_of("diverged.h5"), "bernoulli", replicas=60)
        with h5py.File(path_of("diverged.h5"), "r+") as file:
            for order in ("forward", "backward"):
                file[order]["state"][7, :, 30:] = np.nan
                file[order]["state"][9, :, 30:] = np.inf
                file[order]["increment"][7, :, 29:] = np.nan
        self.draw("diverged.h5", "all")
        for figure in ("limit", "law"):
            self.assertIn("diverged replicas left out", words_of(path_of(f"out/diverged-{figure}.svg")))
        with h5py.File(path_of("diverged.h5"), "r+") as file:
            file["forward"]["state"][:] = np.nan
        code, _, err = plot(path_of("diverged.h5"), "--figure", "law", "--output", SCRATCH)
        self.assertEqual(code, 3)
        self.assertIn("every forward replica diverged", err)

    def test_a_common_fixed_point_is_all_zeros(self):
        synthetic_file.write(path_of("point.h5"), "bernoulli", replicas=20)
        with h5py.File(path_of("point.h5"), "r+") as file:
            for order in ("forward", "backward"):
                file[order]["state"][:] = 0.0
                file[order]["increment"][:] = 0.0
                file[f"paths/{order}/state"][:] = 0.0
        self.draw("point.h5", "all", "png")

    def test_one_checkpoint(self):
        synthetic_file.write(path_of("step.h5"), "random_slope", replicas=30)
        with h5py.File(path_of("step.h5"), "r+") as file:
            for order in ("forward", "backward"):
                for name in ("state", "increment", "step"):
                    kept = file[order][name][:, :, :1] if name != "step" else file[order][name][:1]
                    del file[order][name]
                    file[order][name] = kept
        _, err = self.draw("step.h5", "all")
        self.assertIn("backward has one checkpoint", err)


class Refused(unittest.TestCase):
    def refused(self, code, phrases, *arguments, env=None):
        got, out, err = plot(*arguments, env=env)
        self.assertEqual(got, code, err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertEqual(out, "")
        for phrase in phrases:
            self.assertIn(phrase, err)

    def test_command_line(self):
        file = path_of("bernoulli.h5")
        self.refused(2, ["no such figure", "paths, cloud, limit, law, wasserstein, loss, descent, ode, passes, phase, verdicts and all"], file,
                     "--figure", "pie")
        self.refused(2, ["svg", "png", "pdf"], file, "--format", "gif")
        self.refused(2, ["--start 2", "start 0 to 1"], file, "--figure", "law", "--start", 2, "--output", SCRATCH)
        self.refused(2, ["--component 1", "component 0"], file, "--figure", "law", "--component", 1, "--output",
                     SCRATCH)
        self.refused(2, ["--replicas 8", "replicas 0 to 7", "record.paths = 9"], file, "--figure", "paths",
                     "--replicas", "0,8", "--output", SCRATCH)
        self.refused(2, ["not a list of replicas"], file, "--replicas", "a,b")
        self.refused(2, ["FILE"])

    def test_files(self):
        with open(path_of("text.h5"), "w", encoding="utf-8") as text:
            text.write("no HDF5 at all\n")
        with h5py.File(path_of("other.h5"), "w") as other:
            other["x"] = [1.0]
        shutil.copy(path_of("bernoulli.h5"), path_of("run.h5.part"))
        shutil.copy(path_of("bernoulli.h5"), path_of("cut.h5"))
        os.truncate(path_of("cut.h5"), os.path.getsize(path_of("cut.h5")) // 2)
        synthetic_file.write(path_of("partial.h5"), "bernoulli", replicas=10, status=np.bytes_("partial"))
        synthetic_file.write(path_of("future.h5"), "bernoulli", replicas=10, format_version="2.0")
        for name, phrases in {"text.h5": ["not an HDF5 file"], "other.h5": ["not foldback's"],
                              "none.h5": ["does not exist"],
                              "run.h5.part": ["unfinished run", "--resume"], "partial.h5": ["unfinished run"],
                              "cut.h5": ["damaged"], "future.h5": ["format version 2.0", "version 1"],
                              "": ["is a folder"]}.items():
            self.refused(3, phrases, path_of(name), "--output", SCRATCH)
        self.refused(3, ["can't be made"], path_of("bernoulli.h5"), "--output", path_of("bernoulli.h5") + "/sub")

    def test_missing_data(self):
        absent = ["forward/state", "backward/state", "paths", "claims", "forward/increment", "backward/increment"]
        synthetic_file.write(path_of("empty.h5"), "random_slope", replicas=10, drop=absent)
        for figure, setting in {"paths": "record.paths", "cloud": "record.states = true", "law": "record.states = true",
                                "limit": "record.observables", "wasserstein": "wasserstein-contraction",
                                "loss": "record.observables", "ode": "ensemble.steps", "passes": "record.observables", "phase": "model.delta",
                                "verdicts": "--no-verify"}.items():
            self.refused(3, [f"can't give figure {figure}", setting], path_of("empty.h5"), "--figure", figure,
                         "--output", SCRATCH)
        code, _, err = plot(path_of("empty.h5"), "--output", SCRATCH)
        self.assertEqual((code, err.count("left out")), (3, 11))
        self.refused(3, ["figure 'law' shows them"], path_of("bernoulli.h5"), "--figure", "cloud", "--output", SCRATCH)

    def test_sweep(self):
        synthetic_file.write(path_of("sweep.h5"), "bernoulli", replicas=10)
        with h5py.File(path_of("sweep.h5"), "r+") as file:
            swept = np.stack([file["backward/state"][()]] * 2)
            del file["backward/state"]
            file["backward/state"] = swept
        self.refused(3, ["/state has 5 axes", "sweep", "--set"], path_of("sweep.h5"), "--figure", "limit",
                     "--output", SCRATCH)

    def test_missing_package(self):
        os.makedirs(path_of("shadow"), exist_ok=True)
        with open(path_of("shadow/matplotlib.py"), "w", encoding="utf-8") as module:
            module.write("raise ModuleNotFoundError(\"No module named 'matplotlib'\", name='matplotlib')\n")
        self.refused(3, ["package matplotlib", "python3-matplotlib", "FOLDBACK_PYTHON"], path_of("bernoulli.h5"),
                     "--output", SCRATCH, env={"PYTHONPATH": path_of("shadow")})


if __name__ == "__main__":
    fresh_scratch()
    synthetic_file.write(path_of("bernoulli.h5"), "bernoulli")
    synthetic_file.write(path_of("fern.h5"), "fern", replicas=1000)
    unittest.main()
