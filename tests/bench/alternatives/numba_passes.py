"""W4 in Numba: MORE = DATA START; loops over its own generator."""
import numpy as np
from _serve import arguments, data, serve
from numba import njit

replicas, steps, seed, more = arguments()
WIDTH, DEPTH, STEP, AMPLITUDE = 16, 8, 0.01, 0.01
features, targets = data(more[0], WIDTH)
start = np.fromfile(more[1]).reshape(DEPTH, WIDTH, WIDTH)


@njit
def set_seed(seed):
    np.random.seed(seed)


@njit(fastmath=True)
def forward(w, x, slope):
    for n in range(DEPTH):
        for j in range(WIDTH):
            z = 0.0
            for i in range(WIDTH):
                z += w[n, j, i] * x[n, i]
            t = np.tanh(z)
            slope[n, j] = 1 - t * t
            x[n + 1, j] = t + AMPLITUDE * np.random.standard_normal()


@njit(fastmath=True)
def backward(w, x, slope, y, u, delta):
    for j in range(WIDTH):
        u[j] = x[DEPTH, j] - y + AMPLITUDE * np.random.standard_normal()
    for n in range(DEPTH - 1, -1, -1):
        for j in range(WIDTH):
            delta[j] = u[j] * slope[n, j]
        if n > 0:
            for i in range(WIDTH):
                u[i] = AMPLITUDE * np.random.standard_normal()
        for j in range(WIDTH):
            for i in range(WIDTH):
                u[i] += w[n, j, i] * delta[j]
                w[n, j, i] -= STEP * delta[j] * x[n, i]


@njit(fastmath=True)
def run(features, targets, start, replicas, steps):
    states = np.empty((replicas, DEPTH, WIDTH, WIDTH))
    x, slope = np.empty((DEPTH + 1, WIDTH)), np.empty((DEPTH, WIDTH))
    u, delta = np.empty(WIDTH), np.empty(WIDTH)
    for r in range(replicas):
        states[r] = start
        for _ in range(steps):
            row = np.random.randint(len(targets))
            x[0] = features[row]
            forward(states[r], x, slope)
            backward(states[r], x, slope, targets[row], u, delta)
    return states


set_seed(seed)
serve(lambda: run(features, targets, start, replicas, steps))
