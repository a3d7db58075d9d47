"""W2 in NumPy: MORE = PCG64 | Philox, the bit generator; replicas in pieces that stay in the cache."""
import numpy as np
from _serve import arguments, serve

replicas, steps, seed, more = arguments()
rng = np.random.Generator(getattr(np.random, more[0])(seed))
A, PIECE = 0.9, 8192


def piece(count):
    x, noise = np.zeros(count), np.empty(count)
    for _ in range(steps):
        rng.standard_normal(out=noise)
        x *= A
        x += noise
    return x


serve(lambda: np.concatenate([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]))
