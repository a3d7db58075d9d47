"""W4 in NumPy: MORE = DATA START; all replicas at once through one operator after the other."""
import numpy as np
from _serve import arguments, data, serve

replicas, steps, seed, more = arguments()
rng = np.random.default_rng(seed)
WIDTH, DEPTH, STEP, AMPLITUDE, PIECE = 16, 8, 0.01, 0.01, 128
features, targets = data(more[0], WIDTH)
start = np.fromfile(more[1]).reshape(DEPTH, 1, WIDTH, WIDTH)


def piece(count):
    w = np.repeat(start, count, axis=1)

    def noise():
        v = rng.standard_normal((count, WIDTH, 1))
        v *= AMPLITUDE
        return v

    for _ in range(steps):
        row = rng.integers(len(targets), size=count)
        x, slope = [features[row][:, :, None]], []
        for n in range(DEPTH):
            t = np.tanh(np.matmul(w[n], x[n]))
            slope.append(1 - t * t)
            x.append(t + noise())
        u = x[DEPTH] - targets[row][:, None, None] + noise()
        for n in reversed(range(DEPTH)):
            delta = u * slope[n]
            if n > 0:
                u = np.matmul(w[n].transpose(0, 2, 1), delta) + noise()
            w[n] -= (STEP * delta) * x[n].transpose(0, 2, 1)
    return w.transpose(1, 0, 2, 3).reshape(count, -1)


serve(lambda: np.concatenate([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]))
