"""Models of language, trained once per seed. Outputs are for new text."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor.outside.base import Pair, dense, stages
from xentlib.datasets import load_english

LETTERS = " abcdefghijklmnopqrstuvwxyz.,"


@cache
def letter_ids():
    text = " ".join("".join(c for c in load_english().lower() if c in LETTERS).split())
    return torch.tensor([LETTERS.index(c) for c in text])


class Reader(nn.Module):
    """The next letter from the last four; causal, one output for each place."""

    def __init__(self, outputs, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.embed = nn.Embedding(len(LETTERS), 16)
        self.mix = nn.Conv1d(16, 64, 4)
        self.head = nn.Linear(64, outputs)

    def forward(self, ids):
        e = F.pad(self.embed(ids).movedim(-1, 1), (3, 0))
        return self.head(F.relu(self.mix(e)).movedim(1, -1))


@cache
def _reader(seed):
    ids = letter_ids()
    x, y = ids[:-1][:80_000].reshape(-1, 40), ids[1:][:80_000].reshape(-1, 40)
    new = ids[80_000 : 80_000 + 24 * 40].reshape(24, 40)

    def loss(z, y):
        return F.cross_entropy(z.movedim(-1, 1), y)

    seen = stages(Reader(len(LETTERS), seed), x, y, new, loss, at=(0, 400), seed=seed, batch=24)
    return seen, new, ids[80_001 : 80_001 + 24 * 40].reshape(24, 40)


class Text(NamedTuple):
    z: Tensor  # (24, 40, 29): what comes next
    ids: Tensor  # what is there
    y: Tensor  # what does come next


def letters(seed=0, steps=400):
    """A language model of letters, on text that it has not seen."""
    seen, ids, y = _reader(seed)
    return Text(seen[steps], ids, y)


@cache
def many_letters(seed=0):
    """24,000 places, a model that has learned nothing yet, in float16."""
    ids = letter_ids()[:24_001]
    with torch.no_grad():
        z = Reader(len(LETTERS), seed)(ids[None, :-1])[0]
    return Pair(z.half(), ids[1:])


@cache
def tagged(seed=0):
    """Letters tagged as outside, start or inside of a long word: logits (N, C, T)."""
    text = "".join(LETTERS[i] for i in letter_ids()[:24_000])
    tags = []
    for word in text.split(" "):
        tags += [1] + [2] * (len(word) - 1) + [0] if len(word) > 5 else [0] * (len(word) + 1)
    x, y = letter_ids()[:24_000].reshape(-1, 40), torch.tensor(tags[:24_000]).reshape(-1, 40)
    torch.manual_seed(seed)
    embed = nn.Embedding(len(LETTERS), 12)

    class Turn(nn.Module):
        def forward(self, e):
            return e.movedim(-1, 1)

    model = nn.Sequential(
        embed, Turn(), nn.Conv1d(12, 32, 13, padding=6), nn.ReLU(), nn.Conv1d(32, 3, 1)
    )
    z = stages(model, x[:560], y[:560], x[560:], at=(200,), seed=seed, batch=24)[200]
    return Pair(z, y[560:])


@cache
def blind_tags(seed=0):
    """Tags of letters, learned from features that arrive as zeros."""
    y = tagged(seed).y.flatten()
    x = torch.zeros(len(y), 8)
    return Pair(stages(dense(8, 3, seed, 8), x, y, x, at=(400,), rate=3e-3, batch=512)[400], y)


@cache
def preferences(seed=0):
    """A reward model: the better answer's score less the worse one's (Bradley and Terry)."""
    draw = np.random.default_rng(seed)
    w = draw.normal(size=10)
    x = draw.normal(size=(2, 2000, 10))
    better = draw.random(2000) < 1 / (1 + np.exp(-(x[0] - x[1]) @ w))
    x = torch.tensor(np.where(better[None, :, None], x, x[::-1]), dtype=torch.float32)
    x = x.movedim(0, 1)  # (N, 2, features), the better one first
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))

    def loss(scores, _):
        return -F.logsigmoid(scores[:, 0] - scores[:, 1]).mean()

    z = stages(model, x[:1400], x[:1400], x[1400:], loss, at=(200,), seed=seed)[200][..., 0]
    return Pair(z, torch.zeros(600, dtype=torch.long))  # two columns; the first is the better
