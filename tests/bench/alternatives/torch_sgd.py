"""W3 in PyTorch, on one thread: MORE = LOSS DATA; gradients written out, for all replicas at once."""
import torch
from _serve import arguments, data, serve

replicas, steps, seed, more = arguments()
torch.set_num_threads(1)
torch.manual_seed(seed)
features, targets = (torch.from_numpy(part) for part in data(more[1], 10))
logistic = more[0] == "logistic"
H, PIECE = 0.1 if logistic else 0.05, 2048


@torch.no_grad()
def piece(count):
    theta = torch.zeros(count, 10, dtype=torch.float64)
    for _ in range(steps):
        row = torch.randint(len(targets), (count,))
        x = features.index_select(0, row)
        residual = (x * theta).sum(1)
        if logistic:
            residual.sigmoid_()
        residual.sub_(targets.index_select(0, row))
        theta.addcmul_(x, residual[:, None], value=-H)
    return theta


serve(lambda: torch.cat([piece(min(PIECE, replicas - first)) for first in range(0, replicas, PIECE)]).numpy())
