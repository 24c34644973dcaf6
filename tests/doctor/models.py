"""Small real models, trained once per seed; the patients are calls on what they put out."""

import os
from functools import cache
from typing import NamedTuple

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is imported

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import nn

from xentlib.datasets import load_english
from xentlib.training import mlp, predict_logits, train


class Outputs(NamedTuple):
    """Logits of a trained model on data it has not seen, with the targets."""

    z: np.ndarray
    y: np.ndarray

    @property
    def q(self):
        """The softmax of the logits."""
        return torch.tensor(self.z).softmax(-1).numpy()

    @property
    def log_q(self):
        """Its logarithm."""
        return torch.tensor(self.z).log_softmax(-1).numpy()

    @property
    def p(self):
        """The sigmoid of the logits."""
        return torch.tensor(self.z).sigmoid().numpy()

    def first(self, rows):
        """The first rows alone."""
        return Outputs(self.z[:rows], self.y[:rows])


def split(x, y, seed, rows=None):
    """Half to train on, half to look at."""
    order = np.random.default_rng(seed).permutation(len(x))[:rows]
    half = len(order) // 2
    return x[order[:half]], y[order[:half]], x[order[half:]], y[order[half:]]


@cache
def digits(seed=0, epochs=30, hidden=(64,), rows=None):
    """Ten classes."""
    x, y = load_digits(return_X_y=True)
    x, y, new, truth = split(x / 16, y, seed, rows)
    model = mlp(64, 10, hidden=hidden, seed=seed)
    if epochs:
        train(
            model,
            x,
            y,
            F.cross_entropy,
            epochs=epochs,
            learning_rate=0.01,
            batch_size=64,
            seed=seed,
        )
    return Outputs(predict_logits(model, new).astype(np.float32), truth)


@cache
def untrained(seed=0, scale=1.0):
    """The outputs of PyTorch's default initial weights."""
    x, y = load_digits(return_X_y=True)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    with torch.no_grad():
        z = scale * model(torch.tensor(x[:512] / 16, dtype=torch.float32))
    return Outputs(z.numpy(), y[:512])


@cache
def iris(seed=0):
    """Three classes, scikit-learn: logits are the decision function."""
    x, y = load_iris(return_X_y=True)
    x, y, new, truth = split(x, y, seed)
    model = LogisticRegression(max_iter=1000).fit(x, y)
    return Outputs(model.decision_function(new), truth)


@cache
def cancer(seed=0):
    """Two classes, scikit-learn, as one logit."""
    x, y = load_breast_cancer(return_X_y=True)
    x, y, new, truth = split(StandardScaler().fit_transform(x), y, seed)
    model = LogisticRegression(C=0.1).fit(x, y)
    return Outputs(model.decision_function(new), truth.astype(float))


@cache
def rare(seed=0, share=0.03):
    """Two classes, one of them rare, as one logit."""
    rng = np.random.default_rng(seed)
    y = (rng.random(4000) < share).astype(float)
    x = rng.normal(size=(4000, 5)) + 1.2 * y[:, None]
    x, y, new, truth = split(x, y, seed)
    model = LogisticRegression().fit(x, y)
    return Outputs(model.decision_function(new).astype(np.float32), truth)


@cache
def rare_classes(seed=0):
    """Four classes of very different size."""
    rng = np.random.default_rng(seed)
    y = rng.choice(4, size=4000, p=[0.8, 0.15, 0.04, 0.01])
    x = rng.normal(size=(4000, 6)) + 1.5 * np.eye(4, 6)[y]
    x, y, new, truth = split(x, y, seed)
    return Outputs(LogisticRegression().fit(x, y).decision_function(new), truth)


@cache
def labels_at_once(seed=0, outputs=5):
    """Several labels at once."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(8, outputs))
    x = rng.normal(size=(1200, 8))
    y = (x @ w + rng.normal(size=(1200, outputs)) > 0.5).astype(float)
    model = mlp(8, outputs, hidden=(16,), seed=seed)
    loss = F.binary_cross_entropy_with_logits
    train(model, x[:600], y[:600], loss, epochs=40, learning_rate=0.01, batch_size=64, seed=seed)
    return Outputs(predict_logits(model, x[600:]).astype(np.float32), y[600:])


@cache
def language(seed=0, length=32):
    """The next letter from the last two: logits at each place, the letters, and the next ones."""
    text = load_english()[:60_000]
    letters = sorted(set(text))
    ids = np.array([letters.index(c) for c in text])
    v = len(letters)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Embedding(v * v, 24), nn.ReLU(), nn.Linear(24, v))
    pairs = torch.tensor(ids[:-1] * v + ids[1:])[:-1]
    after = torch.tensor(ids[2:])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(300):
        batch = torch.arange(step * 150, step * 150 + 512) % 50_000
        loss = F.cross_entropy(model(pairs[batch]), after[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    shape, start = (16, length), 50_000 + 17 * seed
    place = slice(start, start + 16 * length)
    with torch.no_grad():
        z = model(pairs[place]).numpy().reshape(*shape, v)
    here = ids[1:-1][place].reshape(shape)
    return Outputs(z, after[place].numpy().reshape(shape)), here


@cache
def pictures(seed=0, size=12):
    """A map of three classes for each picture: logits (N, 3, H, W)."""
    rng = np.random.default_rng(seed)
    n = 12
    y = np.zeros((n, size, size), int)
    for picture in y:
        i, j = rng.integers(0, size - 4, 2)
        picture[i : i + 4, j : j + 4] = 1
        i, j = rng.integers(0, size - 3, 2)
        picture[i : i + 3, j : j + 3] = 2
    x = (np.array([0.0, 1.0, -1.0])[y] + 0.3 * rng.normal(size=y.shape))[:, None]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(60):
        loss = F.cross_entropy(model(inputs[:6]), targets[:6])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return Outputs(model(inputs[6:]).numpy(), y[6:])


def one_hot(labels, classes):
    """Floating one-hot rows."""
    return np.eye(classes, dtype=np.float32)[labels]


def tensor(*arrays):
    """Copies as PyTorch tensors: floats single, integers long. The models' outputs are shared."""
    made = [torch.tensor(np.array(a)) for a in arrays]
    made = [m.float() if m.is_floating_point() else m.long() for m in made]
    return made if len(made) > 1 else made[0]
