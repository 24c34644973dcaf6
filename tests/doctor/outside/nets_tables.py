"""Models of tables, trained once per seed. Outputs are for new rows."""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

from doctor.outside.base import Pair, dense, halves, stages
from xentlib.datasets import load_spambase


@cache
def topics(seed=0, labels=40):
    """Forty labels, of which a row has one or two."""
    draw = np.random.default_rng(seed)
    w = draw.normal(size=(20, labels))
    x = draw.normal(size=(2400, 20))
    score = x @ w / np.sqrt(20) + 0.3 * draw.normal(size=(2400, labels))
    y = (score > np.quantile(score, 0.965)).astype(np.float32)
    x, y, new, truth = halves(x, y, seed, train=2000)
    loss = F.binary_cross_entropy_with_logits
    z = stages(dense(20, labels, seed, 64), x, y, new, loss, at=(300,), seed=seed)[300]
    return Pair(z, truth)


@cache
def _spam(seed):
    emails = load_spambase()
    x = StandardScaler().fit_transform(np.log1p(emails.features))
    x, y, new, truth = halves(x, emails.labels, seed)
    loss = F.binary_cross_entropy_with_logits
    column = y.float()[:, None]
    seen = stages(dense(57, 1, seed, 16), x, column, new, loss, at=(0, 15, 200), seed=seed)
    return seen, truth.float()


def spam(seed=0, steps=200):
    """Spambase, one logit (N,), targets 0.0 and 1.0, after 0, 15 or 200 steps."""
    seen, truth = _spam(seed)
    return Pair(seen[steps][:, 0], truth)


@cache
def blind(seed=0):
    """Spam again, from features that arrive as zeros: the share of spam is all that is learned."""
    _, truth = _spam(seed)
    x, loss = torch.zeros(2300, 57), F.binary_cross_entropy_with_logits
    model, column = dense(57, 1, seed, 16), truth[:2300, None]
    z = stages(model, x, column, x[:1].expand(2301, 57), loss, at=(400,), rate=3e-3, batch=512)[400]
    return Pair(z[:, 0], truth)


@cache
def fraud(seed=0, pos_weight=None, share=0.03):
    """One rare class among 3000, one logit; trained with or without a weight."""
    draw = np.random.default_rng(seed)
    y = (draw.random(6000) < share).astype(np.float32)
    x = draw.normal(size=(6000, 6)) + 1.1 * y[:, None]
    x, y, new, truth = halves(x, y, seed)

    def loss(z, y):
        weight = None if pos_weight is None else torch.tensor(pos_weight)
        return F.binary_cross_entropy_with_logits(z[:, 0], y, pos_weight=weight)

    z = stages(dense(6, 1, seed, 16), x, y, new, loss, at=(200,), seed=seed, batch=256)[200]
    return Pair(z[:, 0], truth)


@cache
def tumours(seed=0):
    """Breast cancer, two logits."""
    x, y = load_breast_cancer(return_X_y=True)
    x, y, new, truth = halves(StandardScaler().fit_transform(x), y, seed)
    return Pair(stages(dense(30, 2, seed, 8), x, y, new, at=(80,), seed=seed)[80], truth)


@cache
def _wine(seed):
    x, y = load_wine(return_X_y=True)
    x, y, new, truth = halves(StandardScaler().fit_transform(x), y, seed)
    return stages(dense(13, 3, seed, 16), x, y, new, at=(0, 6, 60), seed=seed, batch=32), truth


def wine(seed=0, steps=60):
    """Three wines, 89 new rows, after 0, 6 or 60 steps."""
    seen, truth = _wine(seed)
    return Pair(seen[steps], truth)


@cache
def grades(seed=0):
    """How far diabetes went, in five grades: four logits, each for "beyond this grade"."""
    x, y = load_diabetes(return_X_y=True)
    y = np.digitize(y, np.quantile(y, [0.2, 0.4, 0.6, 0.8]))
    y = (y[:, None] > np.arange(4)).astype(np.float32)
    x, y, new, truth = halves(20 * x, y, seed, train=300)
    torch.manual_seed(seed)
    loss = F.binary_cross_entropy_with_logits
    return Pair(stages(nn.Linear(10, 4), x, y, new, loss, at=(200,), seed=seed)[200], truth)
