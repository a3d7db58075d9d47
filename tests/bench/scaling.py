"""How foldback's cost grows with replicas, steps, dimension, threads and the contraction rate, each beside the law it should follow."""
import os
import statistics

import h5py
import numpy as np

import table
from contenders import Job, run_foldback

BERNOULLI = Job('[model]\nkind = "bernoulli_convolution"\nlambda = 0.5\n')
AUTOREGRESSIVE = Job('[model]\nkind = "autoregressive"\na = 0.9\ns = 1.0\n')


def last_step(n):
    return f"{{ at = [{n}] }}"


def processor(options, job, replicas, steps, repeats=3):
    """The least of some processor times: what disturbs a run only adds."""
    return min(run_foldback(options.program, job, options.folder, replicas, steps)[0] for _ in range(repeats))


def growth(sizes, seconds):
    """(fixed seconds, seconds per unit of size) by least squares on relative errors, and how far the times are from that line."""
    sizes, seconds = np.asarray(sizes, float), np.asarray(seconds, float)
    design = np.stack([1 / seconds, sizes / seconds], axis=1)
    fixed, each = np.linalg.lstsq(design, np.ones(len(sizes)), rcond=None)[0]
    return fixed, each, seconds / (fixed + each * sizes) - 1


def linear_table(what, sizes, seconds, work_per_size, unit="map-step"):
    """Times against sizes, the line through them, and the deviations."""
    fixed, each, off = growth(sizes, seconds)
    rows = [[f"{size:,}", f"{s:.3f}", f"{1e9 * s / (size * work_per_size):.3f}", f"{100 * o:+.0f} %"] for size, s, o in zip(sizes, seconds, off)]
    return [table.markdown([what, "processor seconds", f"ns per {unit}", "off the line"], rows), "",
            f"Law: fixed + proportional. Follows {1000 * fixed:.0f} ms + {1e9 * each / work_per_size:.3f} ns per {unit}, "
            f"within {100 * np.abs(off).max():.0f} %.", ""]


def of_replicas(options):
    sizes = [10 ** k for k in range(4, 7 if options.quick else 8)]
    lines = ["### Replicas", "", "Bernoulli convolution, 100 steps.", ""]
    return lines + linear_table("replicas", sizes, [processor(options, BERNOULLI, r, last_step(100)) for r in sizes], 100)


def of_steps(options):
    sizes = [10 ** k for k in range(2, 6 if options.quick else 7)]
    lines = ["### Steps", "", "AR(1), 1024 replicas.", ""]
    return lines + linear_table("steps", sizes, [processor(options, AUTOREGRESSIVE, 1024, last_step(n)) for n in sizes], 1024)


def gradient_job(columns):
    return Job('[model]\nkind = "sgd"\nstep = 1e-4\n[model.loss]\nkind = "least_squares"\n[model.data]\ngenerator = "linear"\nseed = 1\n'
               f"rows = 200\ncolumns = {columns}\nnoise = 0.1\n", start='[{ kind = "zero" }]')


def matrix_job(d):
    rotation = np.linalg.qr(np.random.default_rng(d).standard_normal((d, d)))[0]
    noise = np.eye(d)
    return Job(f'[model]\nkind = "vector_autoregressive"\nA = {(0.9 * rotation).tolist()}\nS = {noise.tolist()}\n', start=repr([[0.0] * d]))


def slope_of_steps(options, job, replicas, steps):
    """ns per map-step from `steps` and twice as many."""
    once, twice = (processor(options, job, replicas, last_step(n)) for n in (steps, 2 * steps))
    return (twice - once) * 1e9 / (replicas * steps)


def of_dimension(options):
    lines = ["### Dimension", "", "ns per step, from the difference between two numbers of steps.", ""]
    sizes = [1, 10, 100] if options.quick else [1, 3, 10, 30, 100, 300, 1000]
    # Runs of half a second or more: less would drown in what starting takes.
    budget = 1e7 if options.quick else 1e9
    found = [slope_of_steps(options, gradient_job(d), 512, max(20, int(budget / 512 / (d + 3)))) for d in sizes]
    fixed, each, off = growth(sizes, found)
    lines += [table.markdown(["SGD on least squares, weights", "ns per step", "ns per step and weight", "off the line"],
                             [[d, table.figures(c), table.figures(c / d), f"{100 * o:+.0f} %"] for d, c, o in zip(sizes, found, off)]), "",
              f"Law: fixed + proportional to d. Follows {fixed:.1f} ns + {each:.2f} ns a weight, within {100 * np.abs(off).max():.0f} %.", ""]
    sizes = [2, 8] if options.quick else [2, 8, 32, 128]
    found = [slope_of_steps(options, matrix_job(d), 512, max(10, int(3 * budget / 512 / (d * d + 5 * d)))) for d in sizes]
    return lines + [table.markdown(["A x + S N, components", "ns per step", "ns per step and matrix entry"],
                                   [[d, table.figures(c), table.figures(c / (d * d))] for d, c in zip(sizes, found)]), "",
                    "Law: d normals and d^2 products for each of the two matrices; per entry it should fall and then stay.", ""]


def of_threads(options):
    rows, steps = [], 3000
    for name, job, replicas in (("Bernoulli convolution", BERNOULLI, options.size(10_000_000)), ("AR(1)", AUTOREGRESSIVE, options.size(1_000_000))):
        walls = {1: [], 2: []}
        for _ in range(options.rounds):
            for threads, found in walls.items():
                found.append(run_foldback(options.program, job, options.folder, replicas, last_step(steps), threads=threads)[1])
        gains = table.ratios(walls, 1, 2)
        rows.append([name, *(f"{statistics.median(walls[t]):.2f}" for t in walls), table.with_quartiles(gains),
                     "met" if statistics.median(gains) >= 1.8 else "**missed**"])
    return ["### Threads", "", table.markdown([f"{steps} steps", "seconds on the wall, 1 thread", "2 threads", "gain", "goal: 1.8"], rows), "",
            "Law: 2, where two processors are free and nothing is serial.", ""]


def live_set_law(a, last, every):
    """The mean number of live partial compositions of x -> a x + b: two neighbours, apart by about a^k after k maps, are equal to the
    last bit after K = 53 log 2 / -log a, seen at the next multiple of 16, 8 later on average; `every` maps one is added."""
    lived = 53 * np.log(2) / -np.log(a) + 8
    return (lived - lived ** 2 / (2 * last) if lived < last else last / 2) / every


def of_contraction(options):
    rows = []
    for a in [0.5, 0.9] if options.quick else [0.5, 0.7, 0.9, 0.97, 0.99, 0.999]:
        last = int(np.ceil(530 * np.log(2) / -np.log(a) / 100)) * 100
        every = max(1, last // 4000)
        count = last // every
        job = Job(f'[model]\nkind = "autoregressive"\na = {a}\ns = 1.0\n', order="backward")
        seconds, _, path = run_foldback(options.program, job, options.folder, 64, f'{{ last = {count * every}, spacing = "linear", count = {count} }}')
        with h5py.File(path) as file:
            live = float(file["merging/live_set"][()].mean())
        law = live_set_law(a, count * every, every)
        rows.append([a, f"{count * every:,}", f"{count:,}", f"{live:.1f}", f"{law:.1f}", f"{live / law:.2f}",
                     f"{seconds * 1e9 / (64 * count * every * live):.2f}"])
    return ["### Live set against contraction rate", "", "Backward, AR(1), 64 replicas.", "",
            table.markdown(["a", "last step", "checkpoints", "mean live set", "law", "found over law", "ns of the process per application"], rows), "",
            "Law: 53 log 2 / -log a maps until neighbours meet to the last bit, 8 more until that is seen, over the distance of checkpoints; "
            "the cost is the number of live compositions, summed over the steps.", ""]


def part_of_scaling(options):
    load = os.getloadavg()[0]
    parts = [part(options) for part in (of_replicas, of_steps, of_dimension, of_threads, of_contraction)]
    return "\n".join(["## Scaling", "", "`foldback run --no-verify --threads 1` as a whole process unless said otherwise, the least of three.", "",
                      *[line for part in parts for line in part], table.conditions(options.program, load)])
