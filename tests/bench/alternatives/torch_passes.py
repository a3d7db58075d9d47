"""W4 in PyTorch, on one thread: MORE = DATA START; passes written out, for all replicas at once."""
import numpy as np
import torch
from _serve import arguments, data, serve

replicas, steps, seed, more = arguments()
torch.set_num_threads(1)
torch.manual_seed(seed)
WIDTH, DEPTH, STEP, AMPLITUDE, PIECE = 16, 8, 0.01, 0.01, 128
features, targets = (torch.from_numpy(part) for part in data(more[0], WIDTH))
start = torch.from_numpy(np.fromfile(more[1])).reshape(DEPTH, 1, WIDTH, WIDTH)


@torch.no_grad()
def piece(count):
    w = start.repeat(1, count, 1, 1)

    def noise():
        return torch.empty(count, WIDTH, 1, dtype=torch.float64).normal_(0, AMPLITUDE)

    for _ in range(steps):
        row = torch.randint(len(targets), (count,))
        x, slope = [features[row].unsqueeze(2)], []
        for n in range(DEPTH):
            t = torch.bmm(w[n], x[n]).tanh_()
            slope.append(1 - t * t)
            x.append(t + noise())
        u = x[DEPTH] - targets[row][:, None, None] + noise()
        for n in reversed(range(DEPTH)):
            delta = u * slope[n]
            if n > 0:
                u = torch.baddbmm(noise(), w[n].transpose(1, 2), delta)
            w[n].baddbmm_(delta, x[n].transpose(1, 2), alpha=-STEP)
    return w.transpose(0, 1).reshape(count, -1)


serve(lambda: torch.cat([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]).numpy())
