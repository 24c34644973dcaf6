"""Models of pictures, trained once per seed. Outputs are for new rows, but where one says so."""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from doctor.outside.base import Pair, cnn, dense, halves, one_thread, stages


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
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, classes, 3, padding=1)
    )
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


@cache
@one_thread()
def views(seed=0):
    """Two noisy views of each new digit, embedded on the sphere (trained as CLIP is)."""
    x, _, new, _ = scans(seed)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    draw = torch.Generator().manual_seed(seed)

    def both(x):
        x = x.flatten(1)
        noisy = [x + 0.15 * torch.randn(x.shape, generator=draw) for _ in range(2)]
        return [F.normalize(model(view), dim=1) for view in noisy]

    for _ in range(150):
        a, b = both(x[torch.randint(len(x), (64,), generator=draw)])
        optimizer.zero_grad()
        F.cross_entropy(a @ b.T / 0.1, torch.arange(64)).backward()
        optimizer.step()
    with torch.no_grad():
        return both(new[:128])


def twins(seed=0):
    """The similarity of all first views with all second ones, at a temperature of 0.1."""
    a, b = views(seed)
    return Pair(a @ b.T / 0.1, torch.arange(len(a)))


@cache
@one_thread()
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
