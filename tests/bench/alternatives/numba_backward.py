"""W5 in Numba by recomposition: MORE = all|REPORTED REPORTED; every iterate composed anew from f_n to f_1."""
import numpy as np
from _serve import arguments, serve
from numba import njit

replicas, steps, seed, more = arguments()
rng = np.random.default_rng(seed)
reported = np.array([int(n) for n in more[1].split(",")])
wanted = np.arange(1, steps + 1) if more[0] == "all" else reported


@njit(fastmath=True)
def iterates(noise, wanted):
    x = np.empty(len(wanted))
    for k in range(len(wanted)):
        here = 0.0
        for n in range(wanted[k], 0, -1):
            here = 0.9 * np.sin(here) + noise[n - 1]
        x[k] = here
    return x


at = np.searchsorted(wanted, reported)
serve(lambda: np.array([iterates(0.5 * rng.standard_normal(steps), wanted)[at] for _ in range(replicas)]))
