"""Chapter 4: from mpmath, scikit-learn, SciPy's optimiser, and Adam written anew in NumPy."""

import math

import numpy as np
import scipy.optimize
from mpmath import exp, log, mp
from scipy.special import expit, log_softmax
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

mp.dps = 30

INPUTS = {"0.6", "0.1", "0.2", "0.3", "0.4", "0.5", "0.7", "0.8", "0.9", "0.99"}

ROWS = [
    ["0.1", "1 to 9", "-2.20"],
    ["0.8", "4 to 1", "1.39"],
    ["0.9", "9 to 1", "2.20"],
    ["0.99", "99 to 1", "4.60"],
    ["1", "0.127", "0", "0.127"],
    ["0", "0", "2.127", "2.127"],
    ["0.3", "0.038", "1.489", "1.527"],
]


def tumours():
    data = load_breast_cancer()
    radius = data["data"][:, list(data["feature_names"]).index("mean radius")]
    malignant = (data["target"] == list(data["target_names"]).index("malignant")).astype(float)
    return (radius - radius.mean()) / radius.std(), malignant


def fit_of_all_tumours():
    x, t = tumours()
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
    model.fit(x[:, None], t)
    return {
        "fit_loss": log_loss(t, model.predict_proba(x[:, None])[:, 1]),
        "fit_right_percent": 100 * model.score(x[:, None], t),
        "rate_percent": 100 * np.count_nonzero(t) / len(t),
        "odds_factor": (math.exp(model.coef_[0, 0]) - 0.01, math.exp(model.coef_[0, 0]) + 0.01),
    }


def fit_of_a_fifth():
    x, t = (values[::5] for values in tumours())

    def mean_loss(w):
        z = w[0] + w[1] * x
        return np.mean(np.logaddexp(0, z) - t * z)

    least = scipy.optimize.minimize(mean_loss, [0, 0], tol=1e-12).fun
    yes = t.mean()
    entropy = -yes * math.log(yes) - (1 - yes) * math.log(1 - yes)
    # Both are where 200 steps of Adam end, within a hair of the least loss there is.
    return {"stuck": (entropy, entropy + 1e-5), "unstuck": (least - 1e-7, least + 1e-3)}


def adam(x, targets, slope, epochs=60, rate=0.2):
    """A linear model from zero, fitted by Adam on all rows; `slope` is the loss's in the logits."""
    inputs = np.column_stack([x, np.ones(len(x))])
    w = np.zeros((inputs.shape[1], targets.shape[1]))
    first, second = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, epochs + 1):
        g = inputs.T @ slope(inputs @ w, targets) / len(x)
        first = 0.9 * first + 0.1 * g
        second = 0.999 * second + 0.001 * g**2
        w -= rate * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return lambda asked: np.column_stack([asked, np.ones(len(asked))]) @ w


def sigmoid_slope(z, t):
    return (expit(z) - t) / t.shape[1]  # the mean over the labels too


def softmax_slope(z, t):
    return t.sum(axis=1, keepdims=True) * np.exp(log_softmax(z, axis=1)) - t


def labels_of_photos(streams):
    right = {"sig": [], "soft": [], "true": []}
    single = {"sig": [], "soft": [], "true": []}
    for stream in streams:
        drawn = []
        for number in (600, 2000):
            x = stream.standard_normal((number, 4))
            z = [3 * x[:, 0] + x[:, 3], 3 * x[:, 1] + x[:, 3] - 1, 3 * x[:, 2] - x[:, 3] - 2]
            chance = 1 / (1 + np.exp(-np.column_stack(z)))
            drawn.append((x, (stream.random((number, 3)) < chance).astype(float), chance))
        (x, t, _), (asked, truth, chance) = drawn
        sigmoids = adam(x, t, sigmoid_slope)(asked) > 0
        shares = np.exp(log_softmax(adam(x, t, softmax_slope)(asked), axis=1)) > 0.5
        for name, said in (("sig", sigmoids), ("soft", shares), ("true", chance > 0.5)):
            found = (said == truth).all(axis=1)
            right[name].append(found.mean())
            single[name].append(found[truth.sum(axis=1) == 1].mean())
    numbers = {}
    for name in right:
        numbers[f"{name}_percent"] = 100 * np.mean(right[name])
        numbers[f"{name}_spread_percent"] = 100 * np.std(right[name], ddof=1)
        numbers[f"{name}_single_percent"] = 100 * np.mean(single[name])
    return numbers


def clouds_in_a_row(streams):
    losses, low, high = {"soft": [], "sig": [], "true": []}, [], []
    centres = np.array([[-2.0, 0], [0, 0], [2, 0]])
    for stream in streams:
        drawn = []
        for number in (600, 2000):
            y = stream.choice(3, size=number, p=[1 / 3] * 3)
            drawn.append((centres[y] + stream.standard_normal((number, 2)), y))
        (x, y), (asked, truth) = drawn
        rows = np.arange(len(truth))
        distance = ((asked[:, None] - centres) ** 2).sum(axis=2)
        told = {"true": -distance / 2, "soft": adam(x, np.eye(3)[y], softmax_slope)(asked)}
        q = expit(adam(x, np.eye(3)[y], sigmoid_slope)(asked))
        told["sig"] = np.log(q)  # whose softmax divides by the sum
        low.append(q.sum(axis=1).min())
        high.append(q.sum(axis=1).max())
        for name, z in told.items():
            losses[name].append(-log_softmax(z, axis=1)[rows, truth].mean())
    numbers = {"sum_low": np.mean(low), "sum_high": np.mean(high)}
    for name, found in losses.items():
        numbers[f"row_{name}"] = np.mean(found)
        numbers[f"row_{name}_spread"] = np.std(found, ddof=1)
    return numbers


def numbers():
    rng = np.random.default_rng(0)
    q = exp(2) / (1 + exp(2))
    tenths = [mp.mpf(k) / 10 for k in range(11)]
    found = {
        "q_percent": 100 * q,
        "odds": q / (1 - q),
        "if_yes": log(1 + exp(-2)),
        "if_no": log(1 + exp(2)),
        "ln2": log(2),
        "soft_yes": -tenths[3] * log(q),
        "soft_no": -tenths[7] * log(1 - q),
        "soft_loss": log(1 + exp(2)) - tenths[3] * 2,
        "floor": log(10) - tenths[3] * log(3) - tenths[7] * log(7),
        "two_labels": 2 * log(2),
        "three_labels": 3 * log(3),
        "exclusive": log(10) - log(7),
        "mean_of_three": -(log(tenths[8]) + log(tenths[7]) + log(tenths[9])) / 3,
        "ln1000": 3 * log(10),
        "near_steps": -log(tenths[4]),
        "far_steps": -4 * log(tenths[4]),
    }
    for percent in (10, 50, 80, 90, 99):
        found[f"log_odds_{percent}"] = log(percent) - log(100 - percent)
    logits, answers = [2, -1, mp.mpf("0.5"), -3], [1, 0, 1, 0]
    level = sum(log(1 + exp(z)) for z in logits) / 4
    found["mended"] = level - (2 + mp.mpf("0.5")) / 4
    found["column"] = level - sum(logits) * sum(answers) / 16
    found["below"] = level - (2 + 1 + mp.mpf("0.5") + 3) / 4  # the signs 1, -1, 1, -1
    return (
        found
        | fit_of_all_tumours()
        | fit_of_a_fifth()
        | labels_of_photos(rng.spawn(10))
        | clouds_in_a_row(rng.spawn(5))
    )
