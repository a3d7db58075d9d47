"""W5 in NumPy: MORE = all|REPORTED REPORTED. One sweep from the last map to the first, which all iterates of a few replicas share."""
import numpy as np
from _serve import arguments, serve

replicas, steps, seed, more = arguments()
rng = np.random.default_rng(seed)
A, S = 0.9, 0.5
reported = np.array([int(n) for n in more[1].split(",")])
wanted = np.arange(1, steps + 1) if more[0] == "all" else reported
begun = np.searchsorted(wanted, np.arange(1, steps + 1))  # at map n, the iterates from begun[n - 1] on have begun
PIECE = max(1, 16_384 // len(wanted))


def piece(count):
    noise = S * rng.standard_normal((steps, count))
    x = np.zeros((len(wanted), count))
    for n in range(steps, 0, -1):
        live = x[begun[n - 1]:]
        np.sin(live, out=live)
        live *= A
        live += noise[n - 1]
    return x[np.searchsorted(wanted, reported)].T


serve(lambda: np.concatenate([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]))
