"""W1 in PyTorch, on one thread: packed bits, replicas in pieces that stay in the cache."""
import torch
from _serve import arguments, serve

replicas, steps, seed, _ = arguments()
torch.set_num_threads(1)
torch.manual_seed(seed)
LAMBDA, PIECE = 0.5, 8192


def piece(count):
    # x = 2 z - 1: z -> lambda z + (1 - lambda) b with a bit b.
    z = torch.full((count,), 0.5, dtype=torch.float64)
    coins = torch.empty(count, dtype=torch.int64)
    for first in range(0, steps, 32):
        coins.random_(0, 2 ** 32)
        for _ in range(min(32, steps - first)):
            z.mul_(LAMBDA).add_(coins & 1, alpha=1 - LAMBDA)
            coins >>= 1
    return 2 * z - 1


serve(lambda: torch.cat([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]).numpy())
