"""W1 in Numba: loops, 64 coins to a random word."""
import numpy as np
from _serve import arguments, serve
from numba import njit

replicas, steps, seed, _ = arguments()
rng = np.random.default_rng(seed)


@njit(fastmath=True)
def run(words, replicas, steps, shift):
    x = np.zeros(replicas)
    for r in range(replicas):
        here = 0.0
        for k in range(words.shape[1]):
            word = words[r, k]
            for _ in range(min(64, steps - 64 * k)):
                here = 0.5 * here + shift[word & np.uint64(1)]
                word >>= np.uint64(1)
        x[r] = here
    return x


def one_round():
    words = rng.integers(2 ** 64, size=(replicas, -(-steps // 64)), dtype=np.uint64)
    return run(words, replicas, steps, np.array([-0.5, 0.5]))


serve(one_round)
