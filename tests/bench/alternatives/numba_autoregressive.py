"""W2 in Numba: loops over its own generator."""
import numpy as np
from _serve import arguments, serve
from numba import njit

replicas, steps, seed, _ = arguments()


@njit
def set_seed(seed):
    np.random.seed(seed)


@njit(fastmath=True)
def run(replicas, steps):
    x = np.zeros(replicas)
    for r in range(replicas):
        here = 0.0
        for _ in range(steps):
            here = 0.9 * here + np.random.standard_normal()
        x[r] = here
    return x


set_seed(seed)
serve(lambda: run(replicas, steps))
