"""The protocol of tests/bench/contenders.py: PROGRAM REPLICAS STEPS SEED [MORE]...; for every line on standard input one
round, answered by one line of JSON: its processor time, and the moments of the final states."""
import json
import sys
import time

import numpy as np


def arguments():
    """replicas, steps, seed, and the list of what follows."""
    if len(sys.argv) < 4:
        sys.exit(f"usage: {sys.argv[0]} REPLICAS STEPS SEED [MORE]...")
    return int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]


def data(path, columns):
    """Features (row, column) and targets of a file that holds one after the other."""
    numbers = np.fromfile(path)
    rows = len(numbers) // (columns + 1)
    return numbers[:rows * columns].reshape(rows, columns).copy(), numbers[rows * columns:].copy()


def moments(states):
    """Central moments with divisor `replicas` of states (replica, component)."""
    states = np.asarray(states, dtype=float).reshape(len(states), -1)
    mean = states.mean(axis=0)
    square = (states - mean) ** 2
    return {"replicas": len(states), "mean": mean.tolist(), "variance": square.mean(axis=0).tolist(),
            "fourth": (square ** 2).mean(axis=0).tolist()}


def serve(round_of):
    """round_of() does the work of one round and returns states (replica, ...)."""
    for _ in sys.stdin:
        begin = time.process_time()
        states = round_of()
        seconds = time.process_time() - begin
        print(json.dumps({"seconds": seconds, **moments(states)}), flush=True)
