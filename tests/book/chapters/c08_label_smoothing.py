"""Chapter 8: closed forms by mpmath; every network trained anew in NumPy, with Adam by hand."""

import numpy as np
import torch
from mpmath import log, mp
from scipy.special import log_softmax, logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss, recall_score
from sklearn.model_selection import train_test_split

mp.dps = 30
AMOUNTS = (0.0, 0.05, 0.1, 0.2, 0.4)
SEEDS = range(10)

INPUTS = {
    *("0.025", "0.925", "0.9", "0.1"),  # the smoothed target
    *("0.05", "0.2", "0.4", "0.3"),  # other amounts, and the rate of wrong labels
    *("0.51", "0.01"),  # the first quiz
    *("0.8",),  # a confidence
    *("0.95", "0.28", "0.25"),  # the exercises, solved by hand
}

ROWS = [
    ["2", "0.9500", "2.94", "0.1985"],  # the floors, as the notes of the course have them
    ["4", "0.9250", "3.61", "0.3488"],
    ["10", "0.9100", "4.51", "0.5003"],
    ["1000", "0.9001", "9.11", "1.0148"],
    ["network", "0.3", "0.082 ± 0.005", "0.034 ± 0.006"],
    ["linear", "0.3", "0.094 ± 0.003", "0.041 ± 0.004"],
    ["0.1", "0.956 ±.007", "0.281 ±.013", "0.101 ±.007", "0.144 ±.008"],
    ["0.4", "0.957 ±.006", "0.649 ±.014", "0.256 ±.007", "0.398 ±.005"],
    ["0", "0.739 ±.019", "0.956 ±.104", "0.386 ±.027", "0.094 ±.014"],
    ["0.4", "0.835 ±.022", "0.950 ±.049", "0.410 ±.021", "0.363 ±.016"],
]


def first_layer(inputs, units, seed):
    """PyTorch's initial weights: the one thing that has to come from it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(inputs, units, dtype=torch.float64)
    return layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()


def forward(weights, x):
    """Logits, and the hidden units; two arrays are a linear model, four have a hidden layer."""
    hidden = np.maximum(x @ weights[0] + weights[1], 0) if len(weights) == 4 else x
    return hidden @ weights[-2] + weights[-1], hidden


def adam(weights, x, targets, rate, stops):
    """Full-batch Adam on the mean cross-entropy; the weights after each of the steps in `stops`."""
    first, second = [0 * w for w in weights], [0 * w for w in weights]
    found = {}
    for step in range(1, max(stops) + 1):
        z, hidden = forward(weights, x)
        q = np.exp(z - z.max(axis=1, keepdims=True))
        slope = (q / q.sum(axis=1, keepdims=True) - targets) / len(x)
        slopes = [hidden.T @ slope, slope.sum(axis=0)]
        if len(weights) == 4:
            below = (slope @ weights[2].T) * (hidden > 0)
            slopes = [x.T @ below, below.sum(axis=0), *slopes]
        for i, g in enumerate(slopes):
            first[i] = 0.9 * first[i] + 0.1 * g
            second[i] = 0.999 * second[i] + 0.001 * g * g
            size = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
            weights[i] = weights[i] - rate / (1 - 0.9**step) * first[i] / size
        if step in stops:
            found[step] = [w.copy() for w in weights]
    return found


def smoothed(y, classes, eps):
    """Every class gets eps / C, and the true one 1 - eps more."""
    targets = np.full((len(y), classes), eps / classes)
    targets[np.arange(len(y)), y] += 1 - eps
    return targets


def calibration_error(q, y, bins=15):
    """Rows in (i / bins, (i + 1) / bins], one bin after the other."""
    sure, right = q.max(axis=1), q.argmax(axis=1) == y
    total = 0.0
    for i in range(bins):
        inside = (sure > i / bins) & (sure <= (i + 1) / bins)
        total += abs(right[inside].sum() - sure[inside].sum())
    return total / len(y)


def measures(z, y):
    q = np.exp(log_softmax(z, axis=1))
    return {
        "accuracy": np.mean(q.argmax(axis=1) == y),
        "worst": recall_score(y, q.argmax(axis=1), average=None).min(),
        "nll": log_loss(y, q),
        "brier": np.mean((q**2).sum(axis=1) - 2 * q[np.arange(len(y)), y] + 1),
        "ece": calibration_error(q, y),
        "confidence": np.mean(np.exp(z.max(axis=1) - logsumexp(z, axis=1))),
    }


def pm(values):
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1):.3f}"


def gaussian(rng, found):
    """The three clouds: how far the predictions are from the true probabilities."""
    priors, middles = np.array([0.5, 0.3, 0.2]), np.array([[0, 0], [1.5, 0], [0, 1.5]])
    clouds = []
    for _ in range(10):
        y = rng.choice(3, size=1000, p=priors)
        clouds.append((middles[y] + rng.standard_normal((1000, 2)), y))
    for name, units in (("network", 16), ("linear", 0)):
        for eps in (0.0, 0.3):
            rows = []
            for seed in range(5):
                (x, y), (fresh, _) = clouds[2 * seed : 2 * seed + 2]
                last = [np.zeros((units or 2, 3)), np.zeros(3)]
                start = [*first_layer(2, units, seed), *last] if units else last
                weights = adam(start, x, smoothed(y, 3, eps), 0.05, [100])[100]
                q = np.exp(log_softmax(forward(weights, fresh)[0], axis=1))
                joint = [
                    w * multivariate_normal(m).pdf(fresh)
                    for w, m in zip(priors, middles, strict=True)
                ]
                p = (joint / np.sum(joint, axis=0)).T
                undone = np.clip((q - eps / 3) / (1 - eps), 0, None)
                undone /= undone.sum(axis=1, keepdims=True)
                rows.append([abs(q - p).mean(), abs(undone - p).mean()])
            for key, column in zip(("as_is", "undone"), np.transpose(rows), strict=True):
                found[f"{name}_{round(100 * eps)}_{key}"] = pm(column)


def best_step(stages, x, y):
    """After which step the negative log-likelihood of these rows is lowest."""
    own = np.arange(len(y)), y
    steps = np.array(sorted(stages))
    nll = [-log_softmax(forward(stages[step], x)[0], axis=1)[own].mean() for step in steps]
    return steps[np.argmin(nll)]


def train_on_digits(rng):
    """Logits and labels of the unseen digits, for kind and eps; and those of the stopped."""
    pixels, digits = load_digits(return_X_y=True)
    pixels = pixels / 16
    noisy = []
    for _ in SEEDS:
        flip, step = rng.random(1797) < 0.2, rng.integers(1, 10, size=1797)
        noisy.append(np.where(flip, (digits + step) % 10, digits))
    found, stopped = {}, {}
    for seed in SEEDS:
        seen, rest = train_test_split(
            np.arange(1797), train_size=400, stratify=digits, random_state=seed
        )
        for kind, labels in (("right", digits), ("noisy", noisy[seed])):
            for eps in AMOUNTS:
                start = [*first_layer(64, 32, seed), np.zeros((32, 10)), np.zeros(10)]
                targets = smoothed(labels[seen], 10, eps)
                watched = kind == "noisy" and eps in (0.0, 0.1)
                stops = range(1, 101) if watched else [100]
                stages = adam(start, pixels[seen], targets, 0.02, stops)
                z = forward(stages[100], pixels[rest])[0]
                found.setdefault((kind, eps), []).append((z, digits[rest]))
                if watched:
                    chooses, measured = rest[:698], rest[698:]
                    step = best_step(stages, pixels[chooses], digits[chooses])
                    z = forward(stages[step], pixels[measured])[0]
                    stopped.setdefault(eps, []).append((step, measures(z, digits[measured])))
    return digits, found, stopped


def tempered(z, y):
    """The best temperature of the grid on 698 rows, and what it does to the others."""
    grid = 0.2 * 20 ** (np.arange(60) / 59)
    own = z[np.arange(len(y)), y]
    nll = [np.mean(logsumexp(z[:698] / t, axis=1) - own[:698] / t) for t in grid]
    t = grid[int(np.argmin(nll))]
    z, y = z[698:], y[698:]
    before, after = measures(z, y), measures(z / t, y)
    return [t, before["nll"], after["nll"], before["ece"], after["ece"]]


def surest(z, y):
    """Mistakes in percent among the surest 80 percent."""
    sure = np.exp(z.max(axis=1) - logsumexp(z, axis=1))
    kept = sure > np.sort(sure)[::-1][int(0.8 * len(y))]
    return 100 * np.mean(z[kept].argmax(axis=1) != y[kept])


def apart(z, y):
    """The root mean square of how far the wrong classes' logits are from their own mean."""
    rows = [np.var(np.delete(row, true)) for row, true in zip(z, y, strict=True)]
    return np.sqrt(np.mean(rows))


def gap(z, y):
    """How far the true class's logit is above the mean of the nine others."""
    own = z[np.arange(len(y)), y]
    return np.mean(own - (z.sum(axis=1) - own) / 9)


def numbers():
    eps = mp.mpf(1) / 10
    nll = [log(1 + 3 * mp.e**-2), *[2 + log(1 + 3 * mp.e**-2)] * 3]  # of the logits 2, 0, 0, 0
    found = {
        "over_all": 0.9 * nll[0] + eps * sum(nll) / 4,
        "over_others": 0.9 * nll[0] + eps * sum(nll[1:]) / 3,
        "larger": mp.mpf(2) / 15,
        "flip_eps": mp.mpf(2) / 9,
        "nothing_ece": abs(178 / 1797 - 0.1),  # 178 of the 1,797 digits are 0, the first of a tie
        "nothing_nll": log(10),
    }
    for classes in (2, 4, 10, 1000):
        top, low = 1 - eps + eps / classes, eps / classes
        found[f"floor_{classes}"] = -top * log(top) - (classes - 1) * low * log(low)
        found[f"top_{classes}"] = top
        found[f"gap_{classes}"] = log((9 * classes + 1) / mp.mpf(1))
    rng = np.random.default_rng(0)
    gaussian(rng, found)
    digits, logits, stopped = train_on_digits(rng)
    assert np.sum(digits == 0) == 178
    by_seed = {
        key: {
            name: np.array(values)
            for name, *values in zip(
                measures(*runs[0]), *[measures(*run).values() for run in runs], strict=True
            )
        }
        for key, runs in logits.items()
    }
    for (kind, e), values in by_seed.items():
        for name, value in values.items():
            found[f"{kind}_{round(100 * e)}_{name}"] = value.mean()
            short = pm(value) if name == "worst" else pm(value).replace("± 0", "±")
            found[f"{kind}_{round(100 * e)}_{name}_pm"] = short
    for e, runs in stopped.items():
        for name in ("accuracy", "nll"):
            found[f"stopped_{round(100 * e)}_{name}"] = np.mean([m[name] for _, m in runs])
    steps = [step for step, _ in stopped[0.0]]
    found |= {"stop_first": min(steps), "stop_last": max(steps)}
    for kind, key in (("right", "higher"), ("noisy", "higher_noisy")):
        plain, smooth = (by_seed[kind, e]["accuracy"] for e in (0.0, 0.1))
        found[key] = np.sum(smooth > plain)
    after = {}
    for e in AMOUNTS:
        runs, short = logits["right", e], round(100 * e)
        rows = np.array([tempered(*run) for run in runs])
        for key, column in zip(("t", "nll", "nll_t", "ece", "ece_t"), rows.T, strict=True):
            found[f"warm_{short}_{key}"] = pm(column)
        after[e] = rows[:, 2]
        found[f"apart_{short}"] = np.mean([apart(*run) for run in runs])
        found[f"ratio_{short}"] = found[f"apart_{short}"] / np.mean([gap(*run) for run in runs])
        found[f"kept_{short}_percent"] = np.mean([surest(*run) for run in runs])
    found["cooler"] = np.sum(after[0.1] < after[0.0])
    z, y = logits["right", 0.0][0]
    for bins in (5, 15, 100):
        q = np.exp(log_softmax(z, axis=1))
        found[f"ece_{bins}_bins"] = calibration_error(q, y, bins)
    return found
