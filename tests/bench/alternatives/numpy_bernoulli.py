"""W1 in NumPy: packed bits, replicas in pieces that stay in the cache."""
import numpy as np
from _serve import arguments, serve

replicas, steps, seed, _ = arguments()
rng = np.random.default_rng(seed)
LAMBDA, PIECE = 0.5, 8192


def piece(count):
    # x = 2 z - 1: z -> lambda z + (1 - lambda) b with a bit b.
    z, up = np.full(count, 0.5), np.empty(count)
    for first in range(0, steps, 8):
        here = min(8, steps - first)
        bits = np.unpackbits(np.frombuffer(rng.bytes(count), dtype=np.uint8))[:count * 8].reshape(8, count)
        for n in range(here):
            np.multiply(bits[n], 1 - LAMBDA, out=up)
            z *= LAMBDA
            z += up
    return 2 * z - 1


serve(lambda: np.concatenate([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]))
