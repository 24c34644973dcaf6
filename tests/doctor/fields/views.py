"""Models of pairs: two views of a picture, class centres, preferences."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from doctor.fields.nets import Batch, dense, digits_data, fit, trained


@trained
def margin(seed=0, scale=64.0, angle=0.35):
    """Cosines to ten class centres with CosFace's margin, times the scale: training logits."""
    x, y, *_ = digits_data(seed)
    body = dense(64, 32, 16, seed=seed)
    centres = nn.Parameter(torch.randn(10, 16))

    def logits(x, y):
        cosines = F.normalize(body(x)) @ F.normalize(centres).T
        return scale * (cosines - angle * F.one_hot(y, 10))

    optimizer = torch.optim.Adam([*body.parameters(), centres], lr=0.01)
    for step in range(150):
        rows = torch.arange(step * 64, step * 64 + 64) % 900
        loss = F.cross_entropy(logits(x[rows].flatten(1), y[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return Batch(logits(x[:128].flatten(1), y[:128]), y[:128])


@trained
def two_views(seed=0, steps=150, temperature=0.1, size=32):
    """Similarities (size, size) of the left and the right half of each digit, as CLIP's."""
    x, _, new, _ = digits_data(seed)
    left, right = dense(32, 32, 16, seed=seed), dense(32, 32, 16, seed=seed + 1)

    def similarities(x):
        a, b = left(x[..., :4].flatten(1)), right(x[..., 4:].flatten(1))
        return F.normalize(a) @ F.normalize(b).T / temperature

    optimizer = torch.optim.Adam([*left.parameters(), *right.parameters()], lr=0.005)
    for step in range(steps):
        s = similarities(x[torch.arange(step * 64, step * 64 + 64) % 900])
        own = torch.arange(64)
        optimizer.zero_grad()
        (F.cross_entropy(s, own) + F.cross_entropy(s.T, own)).backward()
        optimizer.step()
    with torch.no_grad():
        return Batch(similarities(new[:size]), torch.arange(size))


@trained
def collapsed(seed=0, size=32):
    """Similarities of two views after learning from the matching pairs alone."""
    x, _, new, _ = digits_data(seed)
    left, right = dense(32, 32, 16, seed=seed), dense(32, 32, 16, seed=seed + 1)
    both = nn.ModuleList([left, right])

    def embed(x):
        a, b = left(x[..., :4].flatten(1)), right(x[..., 4:].flatten(1))
        return F.normalize(a), F.normalize(b)

    optimizer = torch.optim.Adam(both.parameters(), lr=0.003)
    for step in range(400):
        a, b = embed(x[torch.arange(step * 64, step * 64 + 64) % 900])
        optimizer.zero_grad()
        (1 - (a * b).sum(1)).mean().backward()
        optimizer.step()
    with torch.no_grad():
        a, b = embed(new[:size])
        return Batch(a @ b.T / 0.1, torch.arange(size))


@trained
def preferences(seed=0, steps=150):
    """Rewards of the chosen and of the rejected answer, trained as Bradley and Terry's."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=12)
    a, b = rng.normal(size=(2, 800, 12))
    wins = rng.random(800) < 1 / (1 + np.exp(b @ quality - a @ quality))
    a, b = np.where(wins[:, None], a, b), np.where(wins[:, None], b, a)
    pairs = torch.tensor(np.stack([a, b], axis=1), dtype=torch.float32)
    net = dense(12, 16, 1, seed=seed)

    def loss(rewards, _):
        return -F.logsigmoid(rewards[:, 0] - rewards[:, 1]).mean()

    fit(net, pairs[:600], pairs[:600], loss, steps=steps, seed=seed)
    with torch.no_grad():
        return net(pairs[600:]).squeeze(-1)
