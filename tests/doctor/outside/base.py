"""What the models of this corpus have in common: data in halves, small nets, and their training."""

from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Pair(NamedTuple):
    """Outputs and targets. They are shared: a patient makes new tensors from them."""

    z: Tensor
    y: Tensor


def halves(x, y, seed, train=None):
    """Rows to train on, and others."""
    order = np.random.default_rng(seed).permutation(len(x))
    train = train or len(x) // 2
    x, y = torch.tensor(np.asarray(x), dtype=torch.float32)[order], torch.tensor(y)[order]
    return x[:train], y[:train], x[train:], y[train:]


@contextmanager
def one_thread():
    """So that sums are rounded alike on machines with few cores and with many."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@one_thread()
def stages(model, x, y, new, loss=F.cross_entropy, *, at, seed=0, rate=0.01, batch=64):
    """The outputs for `new` after each number of Adam's steps in `at`."""
    draw = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    seen = {}
    for step in range(max(at) + 1):
        if step in at:
            model.eval()
            with torch.no_grad():
                seen[step] = model(new)
            model.train()
        rows = torch.randint(len(x), (batch,), generator=draw)
        optimizer.zero_grad()
        loss(model(x[rows]), y[rows]).backward()
        optimizer.step()
    return seen


def cnn(outputs, seed, last=None):
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3)]
    layers += [nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, outputs)]
    return nn.Sequential(*layers, *([last] if last else []))


def dense(inputs, outputs, seed, hidden=32):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
