"""The set-aside corpus's own models: small, real, trained once per seed; each gives outputs for rows
it has not seen, unless its name or its docstring says otherwise."""

import os
from functools import cache
from typing import NamedTuple

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is imported

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from xentlib.datasets import load_english, load_spambase


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


@cache
def scans(seed):
    x, y = load_digits(return_X_y=True)
    return halves(x.reshape(-1, 1, 8, 8) / 16, y, seed, train=1200)


@cache
def _glyphs(seed):
    x, y, new, _ = scans(seed)
    return stages(cnn(10, seed), x, y, new, at=(0, 4, 30, 260), seed=seed)


def glyphs(seed=0, steps=260):
    """Ten digits, a CNN, 597 new rows, after 0, 4, 30 or 260 steps."""
    return Pair(_glyphs(seed)[steps], scans(seed)[3])


@cache
def softmax_inside(seed=0):
    """The same net with a softmax at its end, trained through cross_entropy: what it puts out."""
    x, y, new, truth = scans(seed)
    model = cnn(10, seed, nn.Softmax(dim=1))
    return Pair(stages(model, x, y, new, at=(260,), seed=seed)[260], truth)


@cache
def memorised(seed=0):
    """Sixty digits learned by heart: the outputs for these very rows."""
    x, y, _, _ = scans(seed)
    x, y = x[:60].flatten(1), y[:60]
    return Pair(stages(dense(64, 10, seed), x, y, x, at=(300,), seed=seed, batch=60)[300], y)


@cache
def noise(seed=0):
    """Labels that have nothing to do with the digits: the net has learned their shares."""
    x, _, new, _ = scans(seed)
    draw = np.random.default_rng(seed)
    y = torch.tensor(draw.choice(4, 1797, p=[0.55, 0.25, 0.15, 0.05]))
    x, new = 0.3 * x.flatten(1), 0.3 * new.flatten(1)
    torch.manual_seed(seed)
    z = stages(nn.Linear(64, 4), x, y[:1200], new, at=(200,), rate=3e-3, batch=256)[200]
    return Pair(z, y[1200:])


@cache
def segments(seed=0):
    """Which of the seven bars a digit lights, from its picture: several labels at once."""
    bars = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgecd", "abc", "abcdefg", "abcdfg"]
    table = torch.tensor([[float(bar in digit) for bar in "abcdefg"] for digit in bars])
    x, y, new, truth = scans(seed)
    loss = F.binary_cross_entropy_with_logits
    z = stages(cnn(7, seed), x, table[y], new, loss, at=(200,), seed=seed)[200]
    return Pair(z, table[truth])


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
def blind_tags(seed=0):
    """Tags of letters, learned from features that arrive as zeros."""
    y = tagged(seed).y.flatten()
    x = torch.zeros(len(y), 8)
    return Pair(stages(dense(8, 3, seed, 8), x, y, x, at=(400,), rate=3e-3, batch=512)[400], y)


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


def blobs(seed, classes, n=24, size=14):
    """Pictures of squares, one for each class but 0, and their maps."""
    draw = np.random.default_rng(seed)
    y = np.zeros((n, size, size), int)
    for picture in y:
        for k in range(1, classes):
            i, j = draw.integers(0, size - 4, 2)
            picture[i : i + 4, j : j + 4] = k
    x = np.linspace(-1.5, 1.5, classes)[y] + 0.35 * draw.normal(size=y.shape)
    return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(y)


@cache
def scenes(seed=0, classes=4):
    """A class for each pixel of 8 new pictures: (N, C, H, W)."""
    x, y = blobs(seed, classes)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, classes, 3, padding=1))
    z = stages(model, x[:16], y[:16], x[16:], at=(100,), seed=seed, rate=0.03, batch=8)[100]
    return Pair(z, y[16:])


@cache
def lesions(seed=0):
    """Yes or no for each pixel, few yes: (N, 1, H, W)."""
    x, y = blobs(seed, 2)
    y = y.float()[:, None]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))
    loss = F.binary_cross_entropy_with_logits
    z = stages(model, x[:16], y[:16], x[16:], loss, at=(60,), seed=seed, rate=0.03, batch=8)[60]
    return Pair(z, y[16:])


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

    model = nn.Sequential(embed, Turn(), nn.Conv1d(12, 32, 13, padding=6), nn.ReLU(), nn.Conv1d(32, 3, 1))
    z = stages(model, x[:560], y[:560], x[560:], at=(200,), seed=seed, batch=24)[200]
    return Pair(z, y[560:])


@cache
def twins(seed=0, rows=128, temperature=0.1):
    """Two noisy views of each digit, embedded: the similarity of all with all (contrastive)."""
    x, _, new, _ = scans(seed)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    draw = torch.Generator().manual_seed(seed)

    def scores(x):
        x = x.flatten(1)
        views = [x + 0.15 * torch.randn(x.shape, generator=draw) for _ in range(2)]
        a, b = (F.normalize(model(view), dim=1) for view in views)
        return a @ b.T / temperature

    for _ in range(150):
        batch = x[torch.randint(len(x), (64,), generator=draw)]
        optimizer.zero_grad()
        F.cross_entropy(scores(batch), torch.arange(64)).backward()
        optimizer.step()
    with torch.no_grad():
        return Pair(scores(new[:rows]), torch.arange(rows))


@cache
def margins(seed=0, scale=64.0, margin=0.2):
    """CosFace: cosines of the digits with each class's centre, scaled; in training the true one is
    lowered by the margin. Outputs as the loss gets them, for rows it is trained on."""
    x, y, _, _ = scans(seed)
    torch.manual_seed(seed)
    body, centres = dense(64, 16, seed, 64), nn.Parameter(torch.randn(10, 16))
    optimizer = torch.optim.Adam([*body.parameters(), centres], lr=3e-3)

    def outputs(rows):
        cosine = F.normalize(body(x[rows].flatten(1)), dim=1) @ F.normalize(centres, dim=1).T
        return scale * (cosine - margin * F.one_hot(y[rows], 10))

    draw = torch.Generator().manual_seed(seed)
    for _ in range(300):
        rows = torch.randint(len(x), (128,), generator=draw)
        optimizer.zero_grad()
        F.cross_entropy(outputs(rows), y[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        return Pair(outputs(torch.arange(400)), y[:400])


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


@cache
def student(seed=0):
    """A smaller net that learns from `glyphs`: its logits and the teacher's, for new rows."""
    x, _, new, _ = scans(seed)
    teacher = cnn(10, seed)
    stages(teacher, *scans(seed)[:2], new[:1], at=(260,), seed=seed)
    teacher.eval()
    with torch.no_grad():
        goal, truth = teacher(x), teacher(new)

    def loss(z, t):
        return 16 * F.kl_div((z / 4).log_softmax(1), (t / 4).softmax(1), reduction="batchmean")

    z = stages(dense(64, 10, seed), x.flatten(1), goal, new.flatten(1), loss, at=(200,), seed=seed)
    return Pair(z[200], truth)
