"""The same configuration gives the same bits under any number of threads, lanes and any instruction set.

What the processor lacks is not run, and said so. Another observable changes no other variable, even where it makes
the memory of a block grow; another seed changes everything.
"""
import os
import subprocess
import sys

import h5py

from _foldback import BERNOULLI, FERN, GAMMA, Checks, blocks_of_moments, configuration, data_sha256, digests, foldback, run, scratch

SINE = '[model]\nkind = "sine"\na = 0.7\ns = 0.5\n'
MODELS = {"bernoulli_convolution": (BERNOULLI, "[[-1.0], [1.0]]"), "sine": (SINE, "[[-1.0], [1.0]]"),
          "fern": (FERN, "[[0.0, 0.0], [1.0, 1.0]]"), "gamma_perpetuity": (GAMMA, "[[0.0], [3.0]]")}
REPLICAS = {"bernoulli_convolution": 521, "sine": 521, "fern": 261, "gamma_perpetuity": 521}  # two full blocks and some
WITHOUT_FMA = "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-FMA_Usable,-FMA,-FMA4_Usable"
NEEDS = {"avx2": {"avx2", "fma"}, "avx512": {"avx2", "fma", "avx512f", "avx512dq", "avx512vl", "avx512bw"}}


def instruction_sets(checks, folder):
    """Those this processor has, by its own word, which the program must share."""
    flags = set()
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("flags"):
                flags = set(line.split(":", 1)[1].split())
                break
    toml = folder / "isa.toml"
    toml.write_text(configuration(replicas=8))
    found = ["baseline"]
    for isa, needed in NEEDS.items():
        done = foldback("check", toml, "--isa", isa, "--threads", "1", code=None)
        if needed <= flags:
            checks.equal(done.returncode, 0, f"--isa {isa}, which this processor has ({done.stderr.strip()})")
            found.append(isa)
        else:
            checks.equal(done.returncode, 2, f"--isa {isa}, which this processor lacks")
            checks.holds(done.stderr, isa, "lacks", what=f"--isa {isa}, which this processor lacks")
            print(f"NOT RUN: --isa {isa}: this processor lacks {sorted(needed - flags)}", file=sys.stderr)
    return found


def same_files(checks, a, b, what, *excluded):
    """Everything but the root's attributes (times, command line) and the seconds that each block took."""
    options = [word for path in ("/progress", *excluded) for word in ("--exclude-path", path)]
    done = subprocess.run(["h5diff", "-c", *options, "--exclude-attribute", "/", a, b], capture_output=True, text=True, check=False)
    checks(done.returncode == 0 and not done.stdout, f"{what}: h5diff exits with {done.returncode}: {done.stdout[:600]}{done.stderr[:300]}")
    # h5diff follows the references among scales and variables, and so cannot leave out one variable of /progress alone.
    with h5py.File(a, "r") as first, h5py.File(b, "r") as second:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and name != "seconds":
                checks(item[()].tobytes() == second["/progress"][name][()].tobytes() or item.dtype == object, f"{what}: /progress/{name}")
        first["/progress"].visititems(visit)


def compare(checks, folder, name, text, variants):
    """Runs the text on one thread, then with each of the options; returns the first file."""
    reference = run(folder, name, text)
    for i, options in enumerate(variants):
        what = f"{name} {' '.join(options)}"
        other = run(folder, f"{name}-{i}", text, *options)
        checks.equal(data_sha256(other), data_sha256(reference), f"{what}: data_sha256")
        same_files(checks, reference, other, what)
    return reference


def check_model(checks, folder, name, isas):
    model, starts = MODELS[name]
    # Many blocks for threads; single lanes and the baseline are slow, and 77 replicas fill no width of lanes.
    text = blocks_of_moments(model, replicas=REPLICAS[name], last=700, starts=starts, more_record="paths = 3")
    reference = compare(checks, folder, name, text, [("--threads", "2"), ("--threads", "3", "--isa", isas[-1])])
    with h5py.File(reference, "r") as file:
        checks(len(file["/progress/block_done"]) >= 3, f"{name}: too few blocks for threads to matter: {len(file['/progress/block_done'])}")
        checks.equal(file.attrs["bits"], "portable", f"{name}: bits")
    few = configuration(model, replicas=77, starts=starts, steps='{ last = 200, spacing = "log", count = 8 }', more="[record]\npaths = 3")
    compare(checks, folder, f"{name}-few", few, [("--isa", isa, "--lanes", lanes) for isa in isas for lanes in ("0", "1")])
    # Without AVX2 and FMA, libm takes other code paths (and very slow ones); portable models do not care.
    small = configuration(model, replicas=19, starts=starts)
    plain = run(folder, f"{name}-small", small, "--isa", "baseline")
    without = run(folder, f"{name}-without-fma", small, "--isa", "baseline", env=dict(os.environ, GLIBC_TUNABLES=WITHOUT_FMA))
    checks.equal(data_sha256(without), data_sha256(plain), f"{name} without FMA: data_sha256")
    # Limits of confidence come from special functions, which do call libm.
    same_files(checks, plain, without, f"{name} without FMA", "/claims", "/distance", "/law")
    with h5py.File(plain, "r") as a, h5py.File(without, "r") as b:
        for claim in a["/claims"]:
            checks.equal(int(b["/claims"][claim]["overall"][()]), int(a["/claims"][claim]["overall"][()]), f"{name} without FMA: verdict of {claim}")
    other_seed = run(folder, f"{name}-seed", text, "--no-verify", "--set", "ensemble.seed=20260331")
    checks(data_sha256(other_seed) != data_sha256(reference), f"{name}: another seed gives the same data_sha256")
    mine, others = digests(reference), digests(other_seed)
    equal = [path for path in ("/forward/state", "/backward/state", "/moments/forward/mean", "/paths/backward/state") if mine[path] == others[path]]
    checks(not equal, f"{name}: {equal} do not depend on the seed")


def check_rows(checks, folder, isas):
    """Rows of data reach their lanes, whatever number of columns is read at a time: four, two or one."""
    for loss, columns, batch in (("least_squares", 1, 1), ("logistic", 2, 1), ("least_squares", 3, 2), ("logistic", 5, 1), ("least_squares", 7, 1),
                                 ("logistic", 10, 3)):
        generator = '"linear"\nnoise = 0.1' if loss == "least_squares" else '"logistic"'
        model = (f'[model]\nkind = "sgd"\nstep = 0.05\nbatch = {batch}\n[model.loss]\nkind = "{loss}"\nridge = 0.1\n'
                 f'[model.data]\ngenerator = {generator}\nseed = 1\nrows = 40\ncolumns = {columns}\n')
        compare(checks, folder, f"{loss}-{columns}", configuration(model, replicas=21, starts='[{ kind = "zero" }]'),
                [("--isa", isa, "--lanes", lanes) for isa in isas for lanes in ("0", "1")])


def check_observables(checks, folder):
    """Every digest that two runs share is the same, whatever else one of them records."""
    every = ("increment", "spread", "rounding_radius", "path_mean", "lipschitz_product", "next_displacement", "certified_radius")
    # The second run's blocks take so much memory that one more observable makes them smaller, unless that is fixed otherwise.
    for name, text, observables in (("few", configuration(replicas=300), every), ("many", blocks_of_moments(BERNOULLI, replicas=2100, last=150), every[2:4])):
        plain = digests(run(folder, f"observables-{name}", text, "--no-verify"))
        for observable in observables:
            more = digests(run(folder, f"observables-{name}-{observable}", text, "--no-verify", "--set", f'record.observables=["{observable}"]'))
            checks(set(plain) < set(more) and any(path.endswith("/" + observable) for path in more), f"{observable} was not recorded")
            changed = [path for path in plain if more.get(path) != plain[path]]
            checks(not changed, f"observable {observable} ({name}) changes the digests of {changed}")


def main():
    checks = Checks()
    folder = scratch()
    isas = instruction_sets(checks, folder)
    for name in MODELS:
        check_model(checks, folder, name, isas)
    check_rows(checks, folder, isas)
    check_observables(checks, folder)
    # The comparison itself: it sees a single changed bit and a changed attribute below the root.
    a, b = run(folder, "a", configuration(replicas=8)), run(folder, "b", configuration(replicas=8))
    with h5py.File(b, "r+") as file:
        file["/forward/state"][3, 1, 2, 0] *= 1 + 2**-52
    blind = Checks()
    same_files(blind, a, b, "a changed bit")
    checks(blind.failures, "h5diff does not see a changed bit")
    checks.finish(f"the same bits; instruction sets: {', '.join(isas)}")


if __name__ == "__main__":
    main()
