"""W3 in Numba: MORE = LOSS DATA; loops over its own generator."""
import numpy as np
from _serve import arguments, data, serve
from numba import njit

replicas, steps, seed, more = arguments()
features, targets = data(more[1], 10)
logistic = more[0] == "logistic"
H = 0.1 if logistic else 0.05


@njit
def set_seed(seed):
    np.random.seed(seed)


@njit(fastmath=True)
def run(features, targets, replicas, steps):
    theta = np.zeros((replicas, 10))
    for r in range(replicas):
        for _ in range(steps):
            row = np.random.randint(len(targets))
            z = 0.0
            for i in range(10):
                z += features[row, i] * theta[r, i]
            if logistic:
                z = 1 / (1 + np.exp(-z))
            z = H * (z - targets[row])
            for i in range(10):
                theta[r, i] -= z * features[row, i]
    return theta


set_seed(seed)
serve(lambda: run(features, targets, replicas, steps))
