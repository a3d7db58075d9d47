"""Every kind of wrong configuration, output or option is refused before any work: one clear message on stderr that says
what is wrong, where, and what would be right; nothing on stdout, nothing left behind, exit code 2 (files: 3)."""
import os
import pathlib
import subprocess
import sys

from _foldback import FERN, FOLDBACK, Checks, configuration, foldback, refuse, scratch

GOOD = configuration(replicas=20)
NO_MODEL = '[ensemble]\nseed = 1\nreplicas = 10\nstarts = [0.0]\nsteps = { at = [1, 2] }\n'
AFFINE = '[model]\nkind = "affine"\nmaps = [ {} ]\n'


def affine(*maps):
    return configuration('[model]\nkind = "affine"\nmaps = [ ' + ", ".join(maps) + " ]\n", starts="[[0.0]]")


def chain(*operators, perturbations=(), loss="", data='generator = "blobs"\nclasses = 3\nseparation = 1.0'):
    """SGD on a chain of operators; line 4 + k is operator k = 1, 2, ..., and the perturbations follow."""
    tables = "".join(f"[[model.loss.operators]]\n{o}\n" for o in operators) + "".join(f"[[model.loss.perturbations]]\n{p}\n" for p in perturbations)
    return configuration(f'[model]\nkind = "sgd"\nstep = 0.1\n[model.loss]\nkind = "composite"\n{loss}\n{tables}'
                         f"[model.data]\n{data}\nseed = 1\nrows = 20\ncolumns = 4\n", starts='[{ kind = "zero" }]', replicas=20)


TANH, LINEAR, SOFTMAX = 'kind = "tanh"\nwidth = 3', 'kind = "linear"\nwidth = 3', 'kind = "softmax"'


def disturbed(perturbation, loss=""):
    return chain(TANH, LINEAR, SOFTMAX, perturbations=[perturbation], loss=loss)


def changed(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# name: (TOML, exit code, what the message must contain)
TEXTS = {
    "wrong type": (changed("replicas = 20", 'replicas = "many"'), 2, ["bad.toml:7:", "ensemble.replicas", "many", "integer"]),
    "integer with a point": (changed("replicas = 20", "replicas = 20.0"), 2, ["bad.toml:7:", "ensemble.replicas", "without a point"]),
    "text for a number": (changed("lambda = 0.5", 'lambda = "half"'), 2, ["bad.toml:4:", "model.lambda", "half", "number"]),
    "table for a number": (changed("lambda = 0.5", "lambda = { a = 1 }"), 2, ["bad.toml:4:", "model.lambda", "number"]),
    "unknown table": (GOOD + "[ensembel]\nseed = 1\n", 2, ["bad.toml:", "ensembel", "did you mean 'ensemble'"]),
    "unknown key of the ensemble": (changed("replicas = 20", "replicas = 20\nreplicsa = 5"), 2,
                                    ["bad.toml:8:", "replicsa", "did you mean 'replicas'"]),
    "unknown key of the model": (changed("lambda = 0.5", "lambda = 0.5\nlamda = 0.4"), 2, ["bad.toml:5:", "lamda", "did you mean 'lambda'"]),
    "unknown key at the root": ("tilte = \"x\"\n" + GOOD, 2, ["bad.toml:1:", "tilte", "did you mean 'title'"]),
    "unknown key of a map": (affine("{ A = 0.5, b = 0.0, wieght = 1.0 }"), 2, ["bad.toml:4:", "wieght", "did you mean 'weight'"]),
    "key twice": (changed("lambda = 0.5", "lambda = 0.5\nlambda = 0.6"), 2, ["bad.toml:5:", "lambda", "not valid TOML"]),
    "missing model": (NO_MODEL, 2, ["bad.toml", "model", "kind"]),
    "missing kind": ("[model]\nlambda = 0.5\n" + NO_MODEL, 2, ["bad.toml", "model.kind"]),
    "missing lambda": (changed("lambda = 0.5\n", ""), 2, ["bad.toml", "model.lambda"]),
    "missing ensemble": ('[model]\nkind = "sine"\na = 0.5\ns = 0.5\n', 2, ["bad.toml", "ensemble", "seed"]),
    "missing seed": (changed("seed = 20260330\n", ""), 2, ["bad.toml", "ensemble.seed", "seed = "]),
    "missing replicas": (changed("replicas = 20\n", ""), 2, ["bad.toml", "ensemble.replicas"]),
    "missing starts": (changed("starts = [[-1.0], [1.0]]\n", ""), 2, ["bad.toml", "ensemble.starts", "at least one"]),
    "missing steps": (changed("steps = { last = 40, spacing = \"log\", count = 8 }\n", ""), 2, ["bad.toml", "ensemble.steps", "last"]),
    "missing last": (changed("last = 40, ", ""), 2, ["bad.toml", "ensemble.steps.last"]),
    "lambda out of range": (changed("lambda = 0.5", "lambda = 1.5"), 2, ["bad.toml:4:", "model.lambda", "1.5", "-1", "1"]),
    "lambda at the edge": (changed("lambda = 0.5", "lambda = 1"), 2, ["bad.toml:4:", "model.lambda"]),
    "lambda nan": (changed("lambda = 0.5", "lambda = nan"), 2, ["bad.toml:4:", "model.lambda", "nan"]),
    "lambda inf": (changed("lambda = 0.5", "lambda = inf"), 2, ["bad.toml:4:", "model.lambda", "inf"]),
    "start nan": (changed("[[-1.0], [1.0]]", "[[-1.0], [nan]]"), 2, ["bad.toml:8:", "ensemble.starts.1", "nan"]),
    "start inf": (changed("[[-1.0], [1.0]]", "[[-inf], [1.0]]"), 2, ["bad.toml:8:", "ensemble.starts.0", "inf"]),
    "weights": (affine("{ weight = 0.5, A = 0.5, b = -0.5 }", "{ weight = 0.6, A = 0.5, b = 0.5 }"), 2, ["bad.toml:4:", "model.maps", "1.1", "sum to 1"]),
    "weight missing": (affine("{ A = 0.5, b = -0.5 }", "{ weight = 0.5, A = 0.5, b = 0.5 }"), 2, ["bad.toml:4:", "model.maps.0.weight"]),
    "weight negative": (affine("{ weight = -0.5, A = 0.5, b = -0.5 }", "{ weight = 1.5, A = 0.5, b = 0.5 }"), 2, ["bad.toml:4:", "model.maps.0.weight", "-0.5"]),
    "matrix not square": (affine("{ A = [[0.5, 0.1]], b = [0.0] }"), 2, ["bad.toml:4:", "maps", "A", "1 x 2", "square"]),
    "matrix ragged": (affine("{ A = [[0.5, 0.1], [0.2]], b = [0.0, 0.0] }"), 2, ["bad.toml:4:", "A.1", "length 1", "2"]),
    "shift too long": (affine("{ A = 0.5, b = [0.0, 1.0] }"), 2, ["bad.toml:4:", "b", "length 2", "1"]),
    "maps of two dimensions": (affine("{ weight = 0.5, A = 0.5, b = 0.0 }", "{ weight = 0.5, A = [[0.5, 0.0], [0.0, 0.5]], b = [0.0, 0.0] }"), 2,
                               ["bad.toml:4:", "model.maps.1.A", "dimension 2", "1"]),
    "no maps": (affine(), 2, ["bad.toml:4:", "model.maps"]),
    "zero replicas": (changed("replicas = 20", "replicas = 0"), 2, ["bad.toml:7:", "ensemble.replicas", "0", "1"]),
    "negative replicas": (changed("replicas = 20", "replicas = -5"), 2, ["bad.toml:7:", "ensemble.replicas", "-5"]),
    "1e18 replicas": (changed("replicas = 20", "replicas = 1_000_000_000_000_000_000"), 2, ["bad.toml:7:", "ensemble.replicas", "4294967295"]),
    "more than 64 bits": (changed("replicas = 20", "replicas = 99999999999999999999999"), 2, ["bad.toml:7:", "not valid TOML"]),
    "negative seed": (changed("seed = 20260330", "seed = -1"), 2, ["bad.toml:6:", "ensemble.seed", "-1"]),
    "steps descending": (changed('{ last = 40, spacing = "log", count = 8 }', "{ at = [5, 3] }"), 2, ["bad.toml:9:", "ensemble.steps.at", "5", "3", "ascend"]),
    "steps only the start": (changed('{ last = 40, spacing = "log", count = 8 }', "{ at = [0] }"), 2, ["bad.toml:9:", "ensemble.steps.at", "at least one"]),
    "steps empty": (changed('{ last = 40, spacing = "log", count = 8 }', "{ at = [] }"), 2, ["bad.toml:9:", "ensemble.steps.at"]),
    "steps both ways": (changed("last = 40, ", "last = 40, at = [1], "), 2, ["bad.toml:9:", "ensemble.steps", "at"]),
    "too many steps": (changed("last = 40, ", "last = 1_000_000_000_000, "), 2, ["bad.toml:9:", "ensemble.steps.last"]),
    "unknown spacing": (changed('"log"', '"logarithmic"'), 2, ["bad.toml:9:", "ensemble.steps.spacing", "log"]),
    "steps a number": (changed('{ last = 40, spacing = "log", count = 8 }', "40"), 2, ["bad.toml:9:", "ensemble.steps", "last"]),
    "starts empty": (changed("[[-1.0], [1.0]]", "[]"), 2, ["bad.toml:8:", "ensemble.starts", "at least one"]),
    "a start empty": (changed("[[-1.0], [1.0]]", "[[]]"), 2, ["bad.toml:8:", "ensemble.starts.0"]),
    "start of the wrong dimension": (changed("[[-1.0], [1.0]]", "[[-1.0, 0.0], [1.0, 0.0]]"), 2, ["bad.toml:8:", "2 components", "dimension 1"]),
    "starts of two dimensions": (changed("[[-1.0], [1.0]]", "[[-1.0], [1.0, 0.0]]"), 2, ["bad.toml:8:", "ensemble.starts.1", "length 2"]),
    "start outside": (configuration('[model]\nkind = "gamma_perpetuity"\na = 2.0\n', starts="[[1.0], [-1.0]]"), 2, ["bad.toml:8:", "start", "-1", "[0, inf)"]),
    "not TOML": ("this is not TOML at all", 2, ["bad.toml:1:", "not valid TOML", "key = value"]),
    "empty": ("", 2, ["bad.toml", "model"]),
    "a date": (changed("seed = 20260330", "seed = 2026-03-30"), 2, ["bad.toml:6:", "date", "number"]),
    "deep": (GOOD + "x = " + "[" * 400 + "]" * 400 + "\n", 2, ["bad.toml:"]),
    "unknown model": (changed('"bernoulli_convolution"', '"bernouli_convolution"'), 2,
                      ["bad.toml:3:", "model.kind", "bernouli_convolution", "did you mean 'bernoulli_convolution'"]),
    "unknown claim": (GOOD + '[verify]\nclaims = ["backward-limits"]\n', 2, ["bad.toml:13:", "verify.claims.0", "did you mean 'backward-limit'"]),
    "unknown observable": (GOOD + '[record]\nobservables = ["incremnt"]\n', 2, ["bad.toml:13:", "record.observables.0", "did you mean 'increment'"]),
    "observable twice": (GOOD + '[record]\nobservables = ["spread", "spread"]\n', 2, ["bad.toml:13:", "record.observables.1", "spread", "once"]),
    "unknown order": (changed("steps =", 'orders = ["sideways"]\nsteps ='), 2, ["bad.toml:9:", "ensemble.orders.0", "sideways", "forward", "backward"]),
    "no orders": (changed("steps =", "orders = []\nsteps ="), 2, ["bad.toml:9:", "ensemble.orders", "at least one"]),
    "unknown precision": (GOOD + '[record]\nprecision = "float16"\n', 2, ["bad.toml:13:", "record.precision", "float32"]),
    "too many paths": (GOOD + "[record]\npaths = 65\n", 2, ["bad.toml:13:", "record.paths", "65", "64"]),
    "more paths than replicas": (GOOD + "[record]\npaths = 21\n", 2, ["bad.toml:13:", "record.paths", "21", "20"]),
    "alpha 0": (GOOD + "[verify]\nalpha = 0\n", 2, ["bad.toml:13:", "verify.alpha", "0.5"]),
    "alpha 1": (GOOD + "[verify]\nalpha = 1\n", 2, ["bad.toml:13:", "verify.alpha", "0.5"]),
    "unknown constant": (GOOD + "[verify.assume]\nrho_3 = 0.5\n", 2, ["bad.toml:13:", "rho_3", "rho_2"]),
    "half a region": (GOOD + "[verify.assume]\nrho_K = 0.5\n", 2, ["verify.assume.rho_K", "without region_radius", "both"]),
    "negative constant": (GOOD + "[verify.assume]\nrho_2 = -0.5\n", 2, ["bad.toml:13:", "verify.assume.rho_2", "-0.5"]),
    "sweep of what is no model's": (GOOD + '[sweep]\n"ensemble.replicas" = [10, 20]\n', 2, ["bad.toml:13:", "ensemble.replicas", "cannot be swept", "model.lambda"]),
    "sweep of an unknown key": (GOOD + '[sweep]\n"model.lambada" = [0.1, 0.2]\n', 2, ["bad.toml:13:", "lambada", "did you mean 'lambda'"]),
    "sweep out of range": (GOOD + '[sweep]\n"model.lambda" = [0.1, 1.2]\n', 2, ["bad.toml:13:", "model.lambda", "1.2"]),
    "sweep of the kind": (GOOD + '[sweep]\n"model.kind" = ["sine", "kesten"]\n', 2, ["bad.toml:13:", "model.kind", "cannot be swept"]),
    "sweep of nothing": (GOOD + '[sweep]\n"model.lambda" = []\n', 2, ["bad.toml:13:", "model.lambda", "empty"]),
    "sweep twice": (GOOD + '[sweep]\n"model.lambda" = [0.1, 0.1]\n', 2, ["bad.toml:13:", "model.lambda", "0.1", "once"]),
    "closed without composition": (configuration('[model]\nkind = "sine"\na = 0.5\ns = 0.5\n', ensemble='backward = "closed"'), 2,
                                   ["bad.toml", "ensemble.backward", "sine", "sweep"]),
    "unknown backward": (changed("steps =", 'backward = "quick"\nsteps ='), 2, ["bad.toml:9:", "ensemble.backward", "sweep"]),
    "merge_tolerance negative": (changed("steps =", "merge_tolerance = -1.0\nsteps ="), 2, ["bad.toml:9:", "ensemble.merge_tolerance", "-1"]),
    "merge_tolerance without a Lipschitz constant": (chain(TANH, LINEAR, SOFTMAX).replace("replicas = 20", "replicas = 20\nmerge_tolerance = 1e-9"), 2,
                                                     ["bad.toml:3:", "merge_tolerance", "no Lipschitz constant"]),
    "certificate without contraction": (configuration('[model]\nkind = "sine"\na = 1.5\ns = 0.5\n', more='[record]\nobservables = ["certified_radius"]'), 2,
                                        ["bad.toml", "record.observables", "certified_radius", "contraction"]),
    "stop outside": (GOOD + "[stop]\nproduct = 2.0\nmax_steps = 10\n", 2, ["bad.toml:13:", "stop.product", "2"]),
    "stop without an end": (GOOD + "[stop]\nproduct = 0.1\n", 2, ["bad.toml", "stop.max_steps"]),
    "zero bytes": (GOOD + "\0", 2, ["bad.toml", "UTF-8"]),
}

OPERATORS, PERTURBATIONS = "model.loss.operators", "model.loss.perturbations"
NOISE = 'pass = "forward"\nkind = "gaussian"\namplitude = 0.1\n'
NUMBERS, TWO = 'generator = "linear"\nnoise = 0.5', 'generator = "logistic"'
TEXTS |= {
    "no operators": (chain(), 2, ["bad.toml:5:", OPERATORS]),
    "unknown operator": (chain('kind = "tnah"\nwidth = 3', SOFTMAX), 2, ["bad.toml:9:", OPERATORS + ".0.kind", "did you mean 'tanh'"]),
    "operator without a width": (chain('kind = "tanh"', SOFTMAX), 2, ["bad.toml:8:", OPERATORS + ".0.width"]),
    "operator of width 0": (chain('kind = "tanh"\nwidth = 0', SOFTMAX), 2, ["bad.toml:10:", OPERATORS + ".0.width", "0", "1"]),
    "operator of gain 0": (chain(TANH + "\ngain = 0.0", SOFTMAX), 2, ["bad.toml:11:", OPERATORS + ".0.gain", "0"]),
    "chain without a loss": (chain(TANH, LINEAR), 2, ["bad.toml:12:", OPERATORS + ".1.kind", "'linear'", "ends", "softmax"]),
    "loss in the middle": (chain(TANH, 'kind = "readout"', SOFTMAX), 2, ["bad.toml:12:", OPERATORS + ".1.kind", "'readout'", "one number", "last"]),
    "softmax of the wrong width": (chain('kind = "tanh"\nwidth = 2', SOFTMAX), 2, ["bad.toml:12:", OPERATORS + ".1.kind", "3 classes", "width 2", "width 3 before"]),
    "logistic of the wrong width": (chain(TANH, 'kind = "logistic"', data=TWO), 2, ["bad.toml:12:", OPERATORS + ".1.kind", "'logistic'", "width 3", "width 1 before"]),
    "features of another width": (chain(TANH, 'kind = "squared"\ntarget = "features"', data=NUMBERS), 2,
                                  ["bad.toml:13:", OPERATORS + ".1.target", "4", "width 3", "width 4 before"]),
    "unknown target": (chain(TANH, 'kind = "squared"\ntarget = "row"', data=NUMBERS), 2, ["bad.toml:13:", OPERATORS + ".1.target", "row", "features"]),
    "readout of the wrong width": (chain(TANH, 'kind = "readout"\ndirection = [1.0, 0.0]', data=NUMBERS), 2, ["bad.toml:13:", OPERATORS + ".1.direction", "length 2", "width 3"]),
    "matrix of the wrong width": (chain('kind = "linear"\nmatrix = [[1.0, 0.0, 0.0]]', LINEAR, SOFTMAX), 2, ["bad.toml:10:", OPERATORS + ".0.matrix", "3 columns", "width 4"]),
    "residual of another width": (chain('kind = "residual"\nwidth = 3', SOFTMAX), 2, ["bad.toml:10:", OPERATORS + ".0.width", "3", "width 4"]),
    "repeat that does not fit": (chain('kind = "tanh"\nwidth = 3\nrepeat = 2', SOFTMAX), 2, ["bad.toml:11:", OPERATORS + ".0.repeat", "2", "4 -> 3"]),
    "repeat of a loss": (chain(LINEAR, SOFTMAX + "\nrepeat = 2"), 2, ["bad.toml:13:", OPERATORS + ".1.repeat"]),
    "too many copies": (chain('kind = "residual"\nrepeat = 900', 'kind = "residual"\nrepeat = 900', LINEAR, SOFTMAX), 2, ["bad.toml:13:", OPERATORS + ".1.repeat", "1800", "1000"]),
    "normalisation without epsilon": (chain('kind = "normalisation"\nepsilon = 0.0', LINEAR, SOFTMAX), 2, ["bad.toml:10:", OPERATORS + ".0.epsilon", "0"]),
    "width of a normalisation": (chain('kind = "normalisation"\nwidth = 4', LINEAR, SOFTMAX), 2, ["bad.toml:10:", OPERATORS + ".0.width"]),
    "nothing to train": (chain('kind = "normalisation"', 'kind = "readout"', data=NUMBERS), 2, ["bad.toml:", OPERATORS, "no weights"]),
    "too many weights": (chain('kind = "tanh"\nwidth = 100_000', 'kind = "tanh"\nwidth = 1000', LINEAR, SOFTMAX), 2, ["bad.toml:", OPERATORS, "weights", "10000000"]),
    "depth negative": (chain(LINEAR, SOFTMAX, loss="depth = -1"), 2, ["bad.toml:7:", "model.loss.depth", "-1"]),
    "amplitude of all negative": (disturbed(NOISE, "amplitude = -1.0"), 2, ["bad.toml:7:", "model.loss.amplitude", "-1"]),
    "ridge of a chain negative": (chain(LINEAR, SOFTMAX, loss="ridge = -1.0"), 2, ["bad.toml:7:", "model.loss.ridge", "-1"]),
    "unknown pass": (disturbed(NOISE.replace("forward", "sideways")), 2, ["bad.toml:17:", PERTURBATIONS + ".0.pass", "sideways", "backward"]),
    "unknown perturbation": (disturbed(NOISE.replace("gaussian", "gausian")), 2, ["bad.toml:18:", PERTURBATIONS + ".0.kind", "did you mean 'gaussian'"]),
    "perturbation without amplitude": (disturbed(NOISE.replace("amplitude = 0.1", "")), 2, ["bad.toml:16:", PERTURBATIONS + ".0.amplitude"]),
    "amplitude negative": (disturbed(NOISE.replace("0.1", "-0.1")), 2, ["bad.toml:19:", PERTURBATIONS + ".0.amplitude", "-0.1"]),
    "relative rounding": (disturbed('pass = "forward"\nkind = "nearest"\nformat = "bf16"\nrelative = true'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.relative"]),
    "unknown format": (disturbed('pass = "forward"\nkind = "nearest"\nformat = "fp8"'), 2, ["bad.toml:19:", PERTURBATIONS + ".0.format", "fp8", "fp8_e4m3"]),
    "rounding without a format": (disturbed('pass = "forward"\nkind = "nearest"'), 2, ["bad.toml:16:", PERTURBATIONS + ".0.format", "bf16"]),
    "fixed point without spacing": (disturbed('pass = "forward"\nkind = "nearest"\nformat = "fixed"'), 2, ["bad.toml:16:", PERTURBATIONS + ".0.spacing"]),
    "spacing 0": (disturbed('pass = "forward"\nkind = "nearest"\nformat = "fixed"\nspacing = 0.0'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.spacing", "0"]),
    "keep 0": (disturbed('pass = "forward"\nkind = "sparsification"\nkeep = 0.0'), 2, ["bad.toml:19:", PERTURBATIONS + ".0.keep", "0", "1"]),
    "top 0": (disturbed('pass = "forward"\nkind = "top_k"\nk = 0'), 2, ["bad.toml:19:", PERTURBATIONS + ".0.k", "0"]),
    "adversary of the gradient": (disturbed('pass = "gradient"\nkind = "adversarial"\namplitude = 0.1'), 2,
                                  ["bad.toml:18:", PERTURBATIONS + ".0.kind", "adversarial", "gradient", "'bias'"]),
    "bias of the wrong width": (disturbed('pass = "forward"\nkind = "bias"\namplitude = 0.1\ndirection = [1.0]'), 2,
                                ["bad.toml:20:", PERTURBATIONS + ".0.direction", "length 1", "operator 1", "length 3"]),
    "bias to nowhere": (disturbed('pass = "forward"\nkind = "bias"\namplitude = 0.1\ndirection = [0.0, 0.0, 0.0]'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.direction", "zero"]),
    "perturbed beyond the chain": (disturbed(NOISE + "operators = [1, 4]"), 2, ["bad.toml:20:", PERTURBATIONS + ".0.operators.1", "4", "3"]),
    "perturbed operator 0": (disturbed(NOISE + "operators = [0]"), 2, ["bad.toml:20:", PERTURBATIONS + ".0.operators.0", "0", "1"]),
    "perturbed loss": (disturbed(NOISE + "operators = [3]"), 2, ["bad.toml:20:", PERTURBATIONS + ".0.operators", "operator 3 (softmax 3 -> 1)", "before the loss"]),
    "perturbed weights that are not there": (chain('kind = "normalisation"', LINEAR, SOFTMAX, perturbations=[NOISE.replace("forward", "gradient") + "operators = [1]"]), 2,
                                             [PERTURBATIONS + ".0.operators", "operator 1 (normalisation 4 -> 4)", "no weights"]),
    "unknown schedule": (disturbed(NOISE + 'schedule = { kind = "decay" }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.kind", "decay", "power"]),
    "window that ends first": (disturbed(NOISE + 'schedule = { kind = "window", first = 5, last = 4 }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.last", "4", "5"]),
    "spike at 0": (disturbed(NOISE + 'schedule = { kind = "spikes", at = [0] }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.at.0", "0", "1"]),
    "rate above 1": (disturbed(NOISE + 'schedule = { kind = "bernoulli", rate = 1.5 }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.rate", "1.5"]),
    "exponent negative": (disturbed(NOISE + 'schedule = { kind = "power", exponent = -0.5 }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.exponent", "-0.5"]),
    "key of another schedule": (disturbed(NOISE + 'schedule = { kind = "constant", rate = 0.5 }'), 2, ["bad.toml:20:", PERTURBATIONS + ".0.schedule.rate"]),
}

# name: (arguments after `run`, exit code, what the message must contain); {toml} is a good configuration
OPTIONS = {
    "set without =": (["{toml}", "--set", "model.lambda"], 2, ["--set model.lambda", "key=value"]),
    "set of an unknown key": (["{toml}", "--set", "model.lamda=0.3"], 2, ["--set model.lamda", "did you mean 'lambda'"]),
    "set out of range": (["{toml}", "--set", "model.lambda=3"], 2, ["--set model.lambda", "3"]),
    "set of rubbish": (["{toml}", "--set", "model.lambda=[0.3"], 2, ["--set model.lambda", "[0.3"]),
    "set of two values": (["{toml}", "--set", "model.lambda=0.3\nseed=2"], 2, ["--set model.lambda"]),
    "set through a number": (["{toml}", "--set", "model.lambda.x=3"], 2, ["--set model.lambda.x"]),
    "set with an empty key": (["{toml}", "--set", "=3"], 2, ["--set"]),
    "no configuration": ([], 2, ["configuration", "--help"]),
    "two configurations": (["{toml}", "{toml}"], 2, ["--help"]),
    "missing configuration": (["{folder}/nowhere.toml"], 3, ["nowhere.toml", "No such file"]),
    "configuration a folder": (["{folder}"], 3, ["is a directory", "TOML"]),
    "output a folder": (["{toml}", "-o", "{folder}"], 3, ["is a folder", "result.h5"]),
    "output in no folder": (["{toml}", "-o", "{folder}/nowhere/a.h5"], 3, ["nowhere", "does not exist"]),
    "output below a file": (["{toml}", "-o", "{toml}/a.h5"], 3, ["good.toml", "does not exist"]),
    "output exists": (["{toml}", "-o", "{exists}"], 3, ["exists.h5", "exists already", "--force"]),
    "resume of nothing": (["{toml}", "-o", "{folder}/a.h5", "--resume"], 3, ["a.h5.part", "nothing to resume"]),
    "no threads": (["{toml}", "--threads", "0"], 2, ["--threads"]),
    "three lanes": (["{toml}", "--lanes", "3"], 2, ["--lanes", "1 or 0"]),
    "unknown instruction set": (["{toml}", "--isa", "avx3"], 2, ["--isa", "avx2"]),
    "unknown option": (["{toml}", "--thread", "1"], 2, ["--thread"]),
    "too large for the disk": (["{toml}", "-o", "{folder}/a.h5", "--set", "ensemble.replicas=4_000_000_000"], 3,
                               ["a.h5", "not enough space", "needs", "free"]),
}


def check_permissions(checks, folder):
    """Unreadable and unwritable, as a user to whom permissions apply."""
    user = {}
    if os.geteuid() == 0:
        user = {"user": 65534, "group": 65534}
        try:
            usable = subprocess.run([FOLDBACK, "--version"], capture_output=True, check=False, **user).returncode == 0
        except (OSError, subprocess.SubprocessError):
            usable = False
        if usable:
            usable = all(path.stat().st_mode & 0o001 for path in [folder, *folder.parents])
        if not usable:
            print("NOT RUN: unreadable and unwritable files: root may do everything, and another user cannot get at the program", file=sys.stderr)
            return
    good = folder / "good.toml"
    secret = folder / "secret.toml"
    secret.write_text(GOOD)
    secret.chmod(0)
    locked = folder / "locked"
    locked.mkdir()
    (locked / "run.toml").write_text(GOOD)
    locked.chmod(0o555)
    refuse(checks, folder, "unreadable configuration", [secret], 3, ["secret.toml", "Permission denied"], **user)
    refuse(checks, folder, "unwritable folder", [good, "-o", locked / "a.h5"], 3, ["a.h5", "locked", "not writable"], **user)
    refuse(checks, folder, "unwritable default folder", [locked / "run.toml"], 3, ["locked", "Permission denied"], **user)
    locked.chmod(0o755)


def main():
    checks = Checks()
    folder = scratch()
    (folder / "good.toml").write_text(GOOD)
    (folder / "exists.h5").write_bytes(b"not to be touched")
    for name, (text, code, parts) in TEXTS.items():
        bad = folder / "bad.toml"
        bad.write_bytes(text.encode())
        refuse(checks, folder, name, [bad, "--threads", "1"], code, parts)
        # `check` refuses what `run` refuses, with the same words.
        checked = foldback("check", bad, code=None, cwd=folder)
        checks.equal(checked.returncode, code, f"{name}: exit code of check")
    places = {"toml": folder / "good.toml", "folder": folder, "exists": folder / "exists.h5"}
    for name, (arguments, code, parts) in OPTIONS.items():
        refuse(checks, folder, name, [a.format(**places) if "{" in a else a for a in arguments], code, parts)
    checks.equal((folder / "exists.h5").read_bytes(), b"not to be touched", "an existing output")

    for name, content, parts in (("random bytes", bytes(range(256)) * 40, ["UTF-8"]), ("a program", pathlib.Path(FOLDBACK).read_bytes()[:4096], ["UTF-8"]),
                                 ("an HDF5 file", b"\x89HDF\r\n\x1a\n" + bytes(100), ["HDF5", "TOML"]), ("Latin-1", GOOD.replace("end", "\xe4nd").encode("latin-1"), ["bad.toml:1:"])):
        (folder / "bad.toml").write_bytes(content)
        refuse(checks, folder, name, [folder / "bad.toml"], 2, ["bad.toml", *parts])
    check_permissions(checks, folder)

    # The harness itself: a good configuration is not refused, and a lost file is seen.
    blind = Checks()
    refuse(blind, folder, "good", [folder / "good.toml", "--threads", "1"], 2, [])
    checks(len(blind.failures) >= 3, f"a good configuration passes for a bad one: {blind.failures}")
    checks.finish(f"{len(TEXTS)} texts, {len(OPTIONS)} command lines and 4 binary files refused")


if __name__ == "__main__":
    main()
