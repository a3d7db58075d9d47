"""W2 in PyTorch, on one thread: replicas in pieces that stay in the cache."""
import torch
from _serve import arguments, serve

replicas, steps, seed, _ = arguments()
torch.set_num_threads(1)
torch.manual_seed(seed)
A, PIECE = 0.9, 8192


def piece(count):
    x, noise = torch.zeros(count, dtype=torch.float64), torch.empty(count, dtype=torch.float64)
    for _ in range(steps):
        x.mul_(A).add_(noise.normal_())
    return x


serve(lambda: torch.cat([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]).numpy())
