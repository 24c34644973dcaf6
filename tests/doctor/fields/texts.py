"""Models of texts, each trained once per setting."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import CountVectorizer
from torch import nn

from doctor.fields.nets import Batch, dense, fit, trained
from xentlib.datasets import load_english


class Sentences(NamedTuple):
    """Logits (N, T, V) of the next word, the words (N, T), and the words that do come next."""

    z: torch.Tensor
    ids: torch.Tensor
    after: torch.Tensor
    words: int


@trained
def writer(seed=0, steps=250, length=24, vocabulary=60):
    """A recurrent model of the letters and their pairs in English text."""
    text = load_english()[:40_000].lower()
    common = sorted(sorted(set(text)), key=text.count, reverse=True)[:vocabulary]
    rank = {letter: i for i, letter in enumerate(common)}
    ids = torch.tensor([rank.get(letter, vocabulary - 1) for letter in text])
    torch.manual_seed(seed)
    embed, body, head = nn.Embedding(vocabulary, 16), nn.GRU(16, 48, batch_first=True), None
    head = nn.Linear(48, vocabulary)
    parts = nn.ModuleList([embed, body, head])
    optimizer = torch.optim.Adam(parts.parameters(), lr=0.01)
    places = torch.Generator().manual_seed(seed)

    def logits(ids):
        return head(body(embed(ids))[0])

    for _ in range(steps):
        start = torch.randint(30_000, (16, 1), generator=places)
        rows = ids[start + torch.arange(length + 1)]
        optimizer.zero_grad()
        F.cross_entropy(logits(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten()).backward()
        optimizer.step()
    rows = ids[32_000 + 331 * seed :][: 16 * (length + 1)].reshape(16, length + 1)
    with torch.no_grad():
        return Sentences(logits(rows[:, :-1]), rows[:, :-1], rows[:, 1:], vocabulary)


@trained
def tagger(seed=0, length=12):
    """Five tags of words, mostly 0 (outside): logits (N, T, 5) and tags with -100 for padding."""
    rng = np.random.default_rng(seed)
    y = rng.choice(5, size=(400, length), p=[0.8, 0.06, 0.05, 0.05, 0.04])
    x = np.eye(5, 12)[y] * 1.8 + rng.normal(size=(400, length, 12))
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    net = dense(12, 16, 5, seed=seed)

    def loss(z, y):
        return F.cross_entropy(z.flatten(0, 1), y.flatten())

    fit(net, x[:360], y[:360], loss, steps=150, batch=16, seed=seed)
    lengths = torch.tensor(rng.integers(4, length + 1, 40))
    padded = torch.where(torch.arange(length) < lengths[:, None], y[360:], -100)
    with torch.no_grad():
        return Batch(net(x[360:]), padded)


@trained
def counts(seed=0):
    """Lines of four authors' words as counts, for naive Bayes: x, y."""
    text = load_english()[:60_000].split(". ")
    y = np.arange(len(text)) * 4 // len(text)  # four parts of one book stand for four authors
    x = CountVectorizer(max_features=400).fit_transform(text).toarray()
    order = np.random.default_rng(seed).permutation(len(y))
    return x[order], y[order]


def flat(seed=0, **settings):
    """Logits (N * T, V) of the writer, and the next letters."""
    z, _, after, words = writer(seed, **settings)
    return z.reshape(-1, words), after.flatten()


def lengths(rows, longest, seed=0):
    """Which places are words and which are padding."""
    chosen = np.random.default_rng(seed).integers(5, longest + 1, rows)
    return torch.arange(longest) < torch.tensor(chosen)[:, None]
