"""Small models of several fields of work, each trained once per setting."""

from functools import cache, wraps
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from torch import nn

from xentlib.datasets import load_spambase


class Batch(NamedTuple):
    """What a model puts out for data that it has not seen, and the truth."""

    z: torch.Tensor
    y: torch.Tensor

    def rows(self, *which):
        """Some of the rows, as a data loader would give them."""
        return Batch(self.z[slice(*which)], self.y[slice(*which)])


def trained(make):
    """Cache a model's outputs, made on one thread: quicker for small nets, and rounded alike."""

    @cache
    @wraps(make)
    def once(*args, **settings):
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return make(*args, **settings)
        finally:
            torch.set_num_threads(threads)

    return once


def fit(model, x, y, loss, *, steps, lr=0.01, batch=64, seed=0, optimizer=torch.optim.Adam):
    """Train in place, on batches that are drawn anew each time."""
    order = torch.Generator().manual_seed(seed)
    chosen = optimizer(model.parameters(), lr=lr)
    for _ in range(steps):
        rows = torch.randint(len(x), (batch,), generator=order)
        chosen.zero_grad()
        loss(model(x[rows]), y[rows]).backward()
        chosen.step()
    return model.eval()


def dense(*widths, seed=0):
    """A perceptron with PyTorch's default initial weights."""
    torch.manual_seed(seed)
    layers = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def halves(x, y, seed, kind=torch.int64):
    """Shuffled and standardised: one half to train on, the other to look at."""
    order = np.random.default_rng(seed).permutation(len(x))
    x = (x - x.mean(0)) / (x.std(0) + 1e-6)
    x, y = torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order]).to(kind)
    middle = len(x) // 2
    return x[:middle], y[:middle], x[middle:], y[middle:]


@trained
def digits_data(seed):
    """The digits as pictures (N, 1, 8, 8)."""
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    x = torch.tensor(x[order] / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    return x[:900], torch.tensor(y[order[:900]]), x[900:], torch.tensor(y[order[900:]])


@trained
def digits(seed=0, steps=200, dropout=0.0):
    """Ten classes, a convolutional net; its outputs, and the net (in training mode for dropout)."""
    x, y, new, truth = digits_data(seed)
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(192, 10),
    )
    fit(net, x, y, F.cross_entropy, steps=steps, seed=seed)
    with torch.no_grad():
        return Batch(net(new), truth), net


@trained
def one_against_the_rest(seed=0, steps=200):
    """Ten digits, each by its own yes or no, as timm's recipes train ImageNet."""
    x, y, new, truth = digits_data(seed)
    net = dense(64, 32, 10, seed=seed)
    loss = F.binary_cross_entropy_with_logits
    fit(net, x.flatten(1), F.one_hot(y, 10).float(), loss, steps=steps, seed=seed)
    with torch.no_grad():
        return Batch(net(new.flatten(1)), truth)


@trained
def wine(seed=0, steps=60, lr=0.01):
    """Three cultivars."""
    x, y, new, truth = halves(*load_wine(return_X_y=True), seed)
    net = fit(dense(13, 16, 3, seed=seed), x, y, F.cross_entropy, steps=steps, lr=lr, batch=16)
    with torch.no_grad():
        return Batch(net(new), truth)


@trained
def tumours(seed=0, steps=150, outputs=1):
    """Malignant or benign, by one logit or by two."""
    x, y, new, truth = halves(*load_breast_cancer(return_X_y=True), seed)
    net = dense(30, 16, outputs, seed=seed)
    if outputs == 1:
        loss, y, truth = F.binary_cross_entropy_with_logits, y.float()[:, None], truth.float()
    else:
        loss = F.cross_entropy
    fit(net, x, y, loss, steps=steps, batch=32, seed=seed)
    with torch.no_grad():
        z = net(new)
    return Batch(z.squeeze(1) if outputs == 1 else z, truth)


@trained
def dead(seed=0):
    """Malignant or benign, by a net whose units never fire."""
    x, y, new, truth = halves(*load_breast_cancer(return_X_y=True), seed)
    net = dense(30, 8, 1, seed=seed)
    with torch.no_grad():
        net[0].bias -= 100
    loss = F.binary_cross_entropy_with_logits
    fit(net, x, y.float()[:, None], loss, steps=600, seed=seed)
    with torch.no_grad():
        return Batch(net(new).squeeze(1), truth.float())


@trained
def spam(seed=0, steps=200):
    """One logit for each e-mail."""
    data = load_spambase()
    x, y, new, truth = halves(np.log1p(data.features), data.labels, seed)
    net = dense(57, 16, 1, seed=seed)
    loss = F.binary_cross_entropy_with_logits
    fit(net, x, y.float()[:, None], loss, steps=steps, seed=seed)
    with torch.no_grad():
        return Batch(net(new).squeeze(1), truth.float())


@trained
def fraud(seed=0, steps=300, share=0.01, pos_weight=None):
    """One transaction in a hundred is a fraud; a net of one logit."""
    rng = np.random.default_rng(seed)
    y = rng.random(12_000) < share
    x = rng.normal(size=(12_000, 8)) + y[:, None] * rng.normal(1.3, 0.5, size=(12_000, 8))
    x, y, new, truth = halves(x, y, seed, torch.float32)
    weight = None if pos_weight is None else torch.tensor(pos_weight)

    def loss(z, y):
        return F.binary_cross_entropy_with_logits(z, y, pos_weight=weight)

    net = fit(dense(8, 16, 1, seed=seed), x, y[:, None], loss, steps=steps, batch=256, seed=seed)
    with torch.no_grad():
        return Batch(net(new).squeeze(1), truth)


@trained
def faults(seed=0, weighted=False):
    """Five states of a machine: 90 % are normal, each fault is rarer than the one before."""
    rng = np.random.default_rng(seed)
    y = rng.choice(5, size=6000, p=[0.9, 0.06, 0.025, 0.01, 0.005])
    x = rng.normal(size=(6000, 10)) + 1.6 * np.eye(5, 10)[y]
    x, y, new, truth = halves(x, y, seed)
    weight = len(y) / (5 * torch.bincount(y, minlength=5)) if weighted else None

    def loss(z, y):
        return F.cross_entropy(z, y, weight=weight)

    net = fit(dense(10, 24, 5, seed=seed), x, y, loss, steps=200, batch=128, seed=seed)
    with torch.no_grad():
        return Batch(net(new), truth), weight


@trained
def tags(seed=0, labels=20, steps=250):
    """Tags of a text, of which most texts have one to three; logits (N, labels)."""
    rng = np.random.default_rng(seed)
    topics = rng.normal(size=(labels, 40))
    y = rng.random((3000, labels)) < 2.0 / labels
    x = y @ topics + rng.normal(size=(3000, 40))
    x, y, new, truth = halves(x, y, seed, torch.float32)
    net = dense(40, 48, labels, seed=seed)
    fit(net, x, y, F.binary_cross_entropy_with_logits, steps=steps, seed=seed)
    with torch.no_grad():
        return Batch(net(new), truth)


@trained
def scenes(seed=0, steps=80, classes=4):
    """Maps of shapes on a background: logits (N, classes, 16, 16)."""
    rng = np.random.default_rng(seed)
    y = np.zeros((40, 16, 16), int)
    for picture in y:
        for kind in range(1, classes):
            i, j = rng.integers(0, 12, 2)
            picture[i : i + 4, j : j + 4] = kind
    x = np.linspace(-1, 1, classes)[y] + 0.35 * rng.normal(size=y.shape)
    x, y = torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(y)
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, classes, 1),
    )
    fit(net, x[:32], y[:32], F.cross_entropy, steps=steps, batch=4, seed=seed)
    with torch.no_grad():
        return Batch(net(x[32:]), y[32:])


@trained
def lesions(seed=0, steps=250):
    """A small bright spot in each picture: logits and masks of shape (N, 1, 20, 20)."""
    rng = np.random.default_rng(seed)
    y = np.zeros((40, 1, 20, 20))
    for picture in y[:, 0]:
        i, j = rng.integers(0, 17, 2)
        picture[i : i + 3, j : j + 3] = 1
    x = torch.tensor(y + 0.35 * rng.normal(size=y.shape), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
    fit(net, x[:32], y[:32], F.binary_cross_entropy_with_logits, steps=steps, batch=8, seed=seed)
    with torch.no_grad():
        return Batch(net(x[32:]), y[32:])
