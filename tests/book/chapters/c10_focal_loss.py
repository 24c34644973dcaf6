"""Chapter 10: closed forms, mpmath, and the race run anew in NumPy, with gradients by hand."""

import math

import mpmath
import numpy as np
import torch
from scipy.special import expit, softmax, xlogy
from sklearn.metrics import log_loss

INPUTS = {"0.99", "0.1", "0.5", "0.9", "0.968", "0.25", "0.01", "100,000", "10,000"}

ROWS = [
    ["0.5", "4"],
    ["0.9", "100"],
    ["0.968", "977"],
    ["1/4", "0.00044", "0.00566"],
    ["4", "0.63945", "0.09063"],
    ["plain", "99.8±0.0", "100.0±0.0", "4±4"],
    ["weighted", "91.7±1.9", "91.7±2.0", "95±2"],
    ["plain,rule", "87.1±2.2", "87.1±2.2", "98±1"],
    ["plain+bias,rule", "91.4±2.2", "91.4±2.2", "96±2"],
    ["focal", "0.065±0.004", "0.013±0.002", "0.058±0.004"],
    ["plain", "0.0082±0.0002", "0.11±0.05", "0.25±0.01"],
    ["plain+bias", "0.0080±0.0002", "0.26±0.01", "0.26±0.01"],
]

PRIORS = np.array([1 - 1 / 500, 1 / 500])
MEANS, SCALE = np.array([[0, 0], [2.5, 1]]), np.array([1, 0.7])
NAMES = ("plain", "plain_bias", "smoothed", "weighted", "focal", "focal_alpha")
SEEDS, UNITS, EPOCHS, EARLY, BATCH = 5, 16, 20, 5, 250


def posterior(x):
    squares = ((x[:, None] - MEANS) ** 2).sum(-1) / SCALE**2
    return softmax(np.log(PRIORS) - 2 * np.log(SCALE) - squares / 2, axis=1)


def draw(rng, count):
    y = rng.choice(2, size=count, p=PRIORS / PRIORS.sum())
    return MEANS[y] + SCALE[y, None] * rng.standard_normal((count, 2)), y


def flip(rng, y):
    flipped = rng.random(y.shape) < 1 / 2000
    rng.integers(1, 2, size=y.shape)  # to which class; there is only one
    return np.where(flipped, 1 - y, y)


def initial(inputs, seed):
    """Return a fresh hidden layer, and zeros for half the difference of the logits."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        hidden = torch.nn.Linear(inputs, UNITS, dtype=torch.float64)
    weight, bias = hidden.weight.detach().numpy().T.copy(), hidden.bias.detach().numpy()
    return [weight, bias[None], np.zeros((UNITS, 1)), np.zeros((1, 1))]


def forward(x, theta):
    """Return the hidden layer (..., B, UNITS) and the margin z_1 - z_0 (..., B, 1)."""
    a, b, c, d = theta
    hidden = b + x[..., :1] * a[..., :1, :]
    for i in range(1, x.shape[-1]):
        hidden += x[..., i : i + 1] * a[..., i : i + 1, :]
    np.maximum(hidden, 0, out=hidden)
    return hidden, 2 * (hidden @ c + d)


def backward(x, hidden, theta, slope):
    """Return the gradient from the slopes in the margin, by hand.

    The last layer starts at zero, so its two columns stay each other's negative under Adam: one
    column is enough.
    """
    back = slope * (2 * theta[2].swapaxes(-1, -2))
    back *= hidden > 0
    sums = [x.swapaxes(-1, -2) @ back, back.sum(-2, keepdims=True)]
    return [*sums, hidden.swapaxes(-1, -2) @ slope, slope.sum(-2, keepdims=True)]


class Adam:
    """Kingma and Ba's algorithm 1."""

    def __init__(self, theta, rate):
        self.theta, self.rate, self.steps = theta, rate, 0
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in theta]

    def step(self, gradient):
        self.steps += 1
        for p, (m, v), g in zip(self.theta, self.moments, gradient, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            root = np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8
            p -= self.rate / (1 - 0.9**self.steps) * m / root


def focal_slope(t, q, r):
    """The chapter's formula for gamma 2, where t is the margin of the true class."""
    return r**2 * (-2 * q * np.logaddexp(0, -t) - r)


def race(x, y):
    """Train six networks for each of five sets together; yield theta at the two epochs."""
    x, y = np.array(x), np.array(y)
    counts = np.stack([(y == c).sum(1) for c in (0, 1)], axis=1)
    weight = y.shape[1] / (2 * counts)
    theta = [
        np.stack([np.stack(p)] * len(NAMES))
        for p in zip(*[initial(2, seed) for seed in range(SEEDS)], strict=True)
    ]
    theta[3][1, :, 0, 0] = np.log(counts[:, 1] / counts[:, 0]) / 2  # the start at the shares
    adam = Adam(theta, 0.01)
    orders = [torch.Generator().manual_seed(seed) for seed in range(SEEDS)]
    sets = np.arange(SEEDS)[:, None]
    for epoch in range(1, EPOCHS + 1):
        order = np.stack([torch.randperm(y.shape[1], generator=g).numpy() for g in orders])
        for start in range(0, y.shape[1], BATCH):
            rows = order[:, start : start + BATCH]
            label = y[sets, rows]
            w, sign = weight[sets, label], 2 * label - 1
            hidden, margin = forward(x[sets, rows], theta)
            t = sign * margin[..., 0]
            q, r = expit(t), expit(-t)
            slope = -r
            slope[2] = 0.05 * q[2] - 0.95 * r[2]
            slope[3] *= w
            slope[4:] = focal_slope(t[4:], q[4:], r[4:])
            slope[5] *= w
            slope *= sign / BATCH
            adam.step(backward(x[sets, rows], hidden, theta, slope[..., None]))
        if epoch in (EARLY, EPOCHS):
            yield theta, weight


def undo(q, gamma, alpha):
    """Solve p phi'(q) = const for p, with phi' written out."""
    slope = gamma * (1 - q) ** (gamma - 1) * np.log(q) - (1 - q) ** gamma / q
    h = 1 / (-slope * alpha)
    return h / h.sum(1, keepdims=True)


def corrected(name, q, weight):
    if name == "smoothed":
        p = np.clip((q - 0.05) / 0.9, 1e-6, None)
        return p / p.sum(1, keepdims=True)
    gamma = 2.0 if "focal" in name else 0.0
    return undo(q, gamma, weight if name in ("weighted", "focal_alpha") else 1.0)


def average_precision(y, score):
    ranks = np.flatnonzero(y[np.argsort(-score)]) + 1
    return np.mean(np.arange(1, len(ranks) + 1) / ranks)


def measures(name, q, y, weight):
    top, right = q.max(1), (q[:, 1] > 0.5) == y
    gaps = np.bincount(np.ceil(15 * top).astype(int), weights=right - top)
    p, own = corrected(name, q, weight), (np.arange(len(y)), y)
    found = {
        "accuracy": 100 * right.mean(),
        "r0": 100 * right[y == 0].mean(),
        "r1": 100 * right[y == 1].mean(),
        "nll": -np.log(q[own]).mean(),
        "brier": 2 * ((q[:, 1] - y) ** 2).mean(),
        "ece": np.abs(gaps).sum() / len(y),
        "corrected": -np.log(p[own]).mean(),
    }
    if name == "smoothed":
        found["drowned"] = 100 * ((q - 0.05).min(1) < 0).mean()
    if name.startswith("plain"):  # q_1 w_1 > q_0 w_0, written as a threshold
        right = (q[:, 1] > weight[0] / weight.sum()) == y
        found["rule_accuracy"] = 100 * right.mean()
        found |= {f"rule_r{c}": 100 * right[y == c].mean() for c in (0, 1)}
    return found


def trained_on_a_line(rng):
    """Errors of a network with focal loss on two clouds at -1 and 1, before and after undoing."""
    y = rng.choice(2, size=4_000, p=[0.5, 0.5])
    x = 2.0 * y[:, None] - 1 + rng.standard_normal((4_000, 1))
    sign, theta = 2 * y - 1, initial(1, 0)
    adam = Adam(theta, 0.03)
    for _ in range(200):
        hidden, margin = forward(x, theta)
        t = sign * margin[:, 0]
        slope = sign * focal_slope(t, expit(t), expit(-t)) / len(y)
        adam.step(backward(x, hidden, theta, slope[:, None]))
    grid = np.linspace(-2.5, 2.5, 26)[:, None]
    margin, truth = forward(grid, theta)[1], expit(2 * grid[:, 0])
    q = expit(np.hstack([-margin, margin]))
    return np.abs(q[:, 1] - truth).mean(), np.abs(undo(q, 2.0, 1.0)[:, 1] - truth).mean()


def closed_forms():
    q = 1 / (1 + math.exp(-1))  # of the logits 1 and 0
    ce = -math.log(q)
    easy, hard = -1e5 * math.log(0.99), -100 * math.log(0.1)
    mean = (math.log(10 / 9) + math.log(10)) / 2
    # where 1 + exp(-gap) rounds to 1; the notebook looks in steps of 0.01
    found = {"first_nan": (24 * math.log(2) - 1e-3, 24 * math.log(2) + 0.01)}
    for w, name in ((0.25, "light"), (4, "heavy")):
        found[f"snippet_{name}"] = (1 - q**w) ** 2 * w * ce
        found[f"right_{name}"] = w * (1 - q) ** 2 * ce

    def slope(r):  # of the focal loss with gamma 2, in the logit
        return (1 - r) ** 2 * (2 * r * mpmath.log(r) + r - 1)

    def risk_slope(r):  # of the expected loss at p = 0.002
        one = mpmath.diff(lambda t: -((1 - t) ** 2) * mpmath.log(t), r)
        other = mpmath.diff(lambda t: -(t**2) * mpmath.log(1 - t), r)
        return mpmath.mpf("0.002") * one + mpmath.mpf("0.998") * other

    strongest = -slope(mpmath.findroot(lambda r: mpmath.diff(slope, r), 0.06))
    equal = mpmath.findroot(lambda r: slope(r) + 1 - r, 0.3)
    found |= {
        "times_500": 4,
        "times_900": 100,
        "times_968": 1e6 / 32**2,
        "easy_plain": 100 * easy / (easy + hard),
        "easy_focal": 100 * easy / (easy + 8100 * hard),
        # on a grid of steps of 1e-5
        "strongest": (strongest - 1e-6, strongest + 1e-6),
        "stronger": (equal - 1.1e-5, equal + 1e-6),
        "one_factor": (1 - math.exp(-mean)) ** 2 * mean,
        "by_row": (0.01 * math.log(10 / 9) + 0.81 * math.log(10)) / 2,
        "reported": mpmath.findroot(risk_slope, 0.09),
    }
    return found


def true_among_equals(rivals):
    """The truth at which 0.1 is the best report with gamma 2: the slopes of the risk agree."""
    said = [mpmath.mpf("0.1"), mpmath.mpf("0.9") / rivals]
    pull = [-mpmath.diff(lambda t: -((1 - t) ** 2) * mpmath.log(t), q) for q in said]
    return mpmath.findroot(lambda p: p * pull[0] - (1 - p) / rivals * pull[1], 0.1)


def numbers():
    rng = np.random.default_rng(0)
    rng.normal(size=(8, 3))
    found = closed_forms()
    found["off"], found["undone"] = trained_on_a_line(rng)

    test_x, test_y = draw(rng, 100_000)
    x, y = zip(*[draw(rng, 10_000) for _ in range(SEEDS)], strict=True)
    noisy = [flip(rng, labels) for labels in y]
    found["best_nll"] = log_loss(test_y, posterior(test_x))
    found["noisy_best_nll"] = log_loss(test_y, 1 / 2000 + 0.999 * posterior(test_x))
    found["many"], found["many_says"] = true_among_equals(99), 0.1
    found["best_ap"] = average_precision(test_y, posterior(test_x)[:, 1])
    marked = sum(n.sum() for n in noisy)
    false = sum(((n == 1) & (a == 0)).sum() for n, a in zip(noisy, y, strict=True))
    found["false_percent"] = 100 * false / marked
    share = noisy[0].mean()
    found["fresh"] = math.log(2)
    found["biased"] = -xlogy(share, share) - xlogy(1 - share, 1 - share)

    runs = {name: [{} for _ in range(SEEDS)] for name in NAMES}
    for key, (theta, weight) in zip(("early", "ap"), race(x, noisy), strict=True):
        for i, name in enumerate(NAMES):
            for seed in range(SEEDS):
                margin = forward(test_x, [p[i, seed] for p in theta])[1]
                run = runs[name][seed]
                run[key] = average_precision(test_y, margin[:, 0])
                if key == "ap":
                    q = expit(np.hstack([-margin, margin]))
                    run |= measures(name, q, test_y, weight[seed])
    for name in NAMES:
        for key in runs[name][0]:
            values = [run[key] for run in runs[name]]
            found[f"{name}_{key}"] = np.mean(values)
            found[f"{name}_{key}_sd"] = np.std(values, ddof=1)
    found["drowned"] = found.pop("smoothed_drowned")
    del found["smoothed_drowned_sd"]
    pairs = zip(runs["plain_bias"], runs["plain"], strict=True)
    leads = [biased["ap"] - plain["ap"] for biased, plain in pairs]
    found["lead"], found["lead_sd"] = np.mean(leads), np.std(leads, ddof=1)
    elsewhere = [draw(rng, 100_000) for _ in range(40)]
    aps = [average_precision(y, posterior(x)[:, 1]) for x, y in elsewhere]
    found["luck"] = np.std(aps, ddof=1)
    return found
