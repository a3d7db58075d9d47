"""W3 in NumPy: MORE = LOSS DATA; a mini-batch of one row for each of many replicas at once."""
import numpy as np
from _serve import arguments, data, serve

replicas, steps, seed, more = arguments()
rng = np.random.default_rng(seed)
features, targets = data(more[1], 10)
logistic = more[0] == "logistic"
H, PIECE = 0.1 if logistic else 0.05, 2048


def piece(count):
    theta = np.zeros((count, 10))
    for _ in range(steps):
        row = rng.integers(len(targets), size=count, dtype=np.uint32)
        x = features.take(row, axis=0)
        residual = np.einsum("ri,ri->r", x, theta)
        if logistic:
            residual = 1 / (1 + np.exp(-residual))
        residual -= targets.take(row)
        residual *= H
        x *= residual[:, None]
        theta -= x
    return theta


serve(lambda: np.concatenate([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]))
