"""Chapter 15: each patient made again in NumPy, with its own gradients, and the table counted.

What the doctor says of a patient is written down here as a doctor's textbook would have it.
"""

import gzip
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from mpmath import e, exp, log, mp
from sklearn.datasets import load_breast_cancer, load_digits

mp.dps = 30
DATA = Path(__file__).resolve().parents[3] / "xentlib" / "data"

INPUTS = {"0.2", "0.4", "0.6"}

ROWS = [
    ["2, does not move", "6.351", "0.190", "error", "100"],
    ["5, two numbers", "2.575", "2.579", "warning", "95"],
    ["misuses", "289", "257", "1", "1", "8"],
    ["healthy", "0", "0", "35", "0", "417"],
    ["unclear", "0", "2", "21", "0", "1"],
    ["misuses", "75", "52", "0", "1", "4"],
    ["healthy", "0", "0", "4", "0", "118"],
    ["unclear", "0", "0", "7", "0", "0"],
]

FOUND = """
1 double-softmax          error   100
2 logits-as-probabilities error   100
3 broadcast               error   100
4 class-order             warning 85
5 mean-of-means           warning 95
6 sigmoid-twice           error   100
"""


def near(x, by=1e-6):
    return float(x) - by, float(x) + by


def log_softmax(z):
    top = z.max(axis=1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(axis=1, keepdims=True))


def softmax(z):
    return np.exp(log_softmax(z))


def mean_nll(logs, y):
    return -logs[np.arange(len(y)), y].mean()


def adam(x, y, twice):
    """A linear model of the digits, all rows at once, 100 steps."""
    x1 = np.column_stack([x, np.ones(len(x))])
    w, first, second = np.zeros((65, 10)), 0.0, 0.0
    truth = np.eye(10)[y]
    for step in range(1, 101):
        q = softmax(x1 @ w)
        slope = q - truth
        if twice:
            outer = softmax(q) - truth
            slope = q * (outer - (outer * q).sum(axis=1, keepdims=True))
        g = x1.T @ slope / len(x)
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g * g
        m, v = first / (1 - 0.9**step), second / (1 - 0.999**step)
        w = w - 0.05 * m / (np.sqrt(v) + 1e-8)
    return w


def digits(order):
    pixels, y = load_digits(return_X_y=True)
    x, (fit, new) = pixels / 16, np.split(order, [900])
    ill, well = (adam(x[fit], y[fit], twice) for twice in (True, False))
    of = lambda w, rows: x[rows] @ w[:-1] + w[-1]  # noqa: E731
    names = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
    place = [sorted(names).index(name) for name in names]
    z, q = of(well, new), softmax(of(ill, new))
    one = 1.01 / len(new)  # a row may fall the other way on another machine
    return {
        "p1_before": mean_nll(log_softmax(q), y[new]),
        "p1_after": mean_nll(log_softmax(z), y[new]),
        "p4_before": mean_nll(log_softmax(z), np.array(place)[y[new]]),
        "p4_after": mean_nll(log_softmax(z), y[new]),
        "ill_last": mean_nll(log_softmax(softmax(of(ill, fit))), y[fit]),
        "digits_right": near((q.argmax(axis=1) == y[new]).mean(), one),
        "digits_mended": near((z.argmax(axis=1) == y[new]).mean(), one),
        "floor": log(e + 9) - 1,
        "ln_10": log(10),
    }


def binary_loss(z, t):
    return np.logaddexp(0, z) - t * z


def descend(x, t, steps, start=0.0):
    """Gradient descent at rate 0.5, from weights of zero."""
    x1 = np.column_stack([x, np.ones(len(x))])
    w = np.append(np.zeros(x.shape[1]), start)
    for _ in range(steps):
        w = w - 0.5 * x1.T @ (1 / (1 + np.exp(-x1 @ w)) - t) / len(x)
    return w


def standard(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def spam():
    _, *lines = gzip.decompress((DATA / "spambase.csv.gz").read_bytes()).decode().split()
    cells = [line.split(",") for line in lines]
    x = standard(np.log(1 + np.array([row[:-1] for row in cells], dtype=float)))
    t = np.array([row[-1] == "spam" for row in cells], dtype=float)
    share = t.mean()
    # An epoch of Keras reports the loss before its one step.
    before = descend(x, t, 39, np.log(share / (1 - share)))
    after = descend(x, t, 40, np.log(share / (1 - share)))
    z = x @ after[:-1] + after[-1]
    clip = float(np.float32(1e-7))
    return {
        "p2_before": near(-share * np.log(clip) - (1 - share) * np.log1p(-clip), 1e-4),
        "p2_after": near(binary_loss(x @ before[:-1] + before[-1], t).mean(), 1e-4),
        "spam_right": near(1 - share),
        "spam_mended": near(((z > 0) == t).mean(), 1e-3),
    }


def tumours(order):
    x, t = load_breast_cancer(return_X_y=True)
    x, share = standard(x), t.mean()
    w = descend(x, t, 200)
    z = x @ w[:-1] + w[-1]
    half, other = np.split(order, [284])
    x = x.astype("f4").astype(float)  # patient 6 is given single precision
    w = descend(x[half], t[half], 200)
    y, truth = x[other] @ w[:-1] + w[-1], t[other]
    p = 1 / (1 + np.exp(-y))
    first, story = binary_loss(p, truth), [binary_loss(b * y, truth) for b in (1, 0.5, 0.25, 0.1)]
    whole, few = (
        first[:n].sum() - min(losses[:n].sum() for losses in story) - log(4) for n in (None, 8)
    )
    return {
        "p3_before": near(-share * np.log(share) - (1 - share) * np.log(1 - share), 1e-4),
        "p3_after": near(binary_loss(z, t).mean(), 1e-4),
        "tumours_right": near(share),
        "tumours_mended": near(((z > 0) == t).mean(), 2e-3),
        "p6_before": binary_loss(p, truth).mean(),
        "p6_after": binary_loss(y, truth).mean(),
        "evidence": near(whole, 1e-3),  # the doctor clips logits at ln 1e7
        "few_evidence": near(few, 1e-3),
        "few_chance_percent": near(100 * exp(-few), 1e-2),
        "rows_of_few": 8,
        "rows_of_all": len(truth),
        "bits_of_a_row": log(10**5 / mp.mpf(2)) / log(2),
    }


def english():
    """Pairs of letters, counted one by one."""
    text = gzip.decompress((DATA / "nettle.txt.gz").read_bytes()).decode()
    known, pairs = len(set(text)), {}
    for a, b in pairwise(text[:100_000]):
        row = pairs.setdefault(a, {})
        row[b] = row.get(b, 0) + 1
    losses = []
    for paragraph in text[100_000:].split("\n\n"):
        if len(paragraph) > 1:
            rows = [(pairs.get(a, {}), b) for a, b in pairwise(paragraph)]
            prices = [(sum(r.values()) + 0.1 * known) / (r.get(b, 0) + 0.1) for r, b in rows]
            losses.append(np.log(prices))
    return {
        "p5_before": np.mean([part.mean() for part in losses]),
        "p5_after": np.concatenate(losses).mean(),
    }


def table():
    """The stored results, counted."""
    told = json.loads((DATA / "doctor.json").read_text(encoding="utf-8"))
    found = {"kinds": len({it["want"][0] for it in told if it["kind"] == "misuse"})}
    for group, part in (("all", told), ("aside", [it for it in told if it["set_aside"]])):
        found[f"{group}_calls"] = len(part)
        for kind in ("misuse", "unclear", "healthy"):
            words = [verdict(it) for it in part if it["kind"] == kind]
            found[f"{group}_{kind}"] = len(words)
            for word in ("error", "warning", "note", "other", "silent"):
                found[f"{group}_{kind}_{word}"] = words.count(word)
    found["found"] = found["all_misuse_error"] + found["all_misuse_warning"]
    found["alarms"] = found["all_healthy_error"] + found["all_healthy_warning"]
    for key, group in (("bound_percent", "all"), ("bound_aside_percent", "aside")):
        found[key] = 100 * (1 - exp(-log(20) / found[f"{group}_healthy"]))
    return found


def verdict(patient):
    said = patient["findings"]
    loud = [word for word in ("error", "warning") if word in {severity for _, severity in said}]
    own = {severity for code, severity in said if code in patient["want"]}
    if patient["kind"] == "healthy":
        return (loud or ["note" if said else "silent"])[0]
    if patient["kind"] == "unclear":
        return (loud or ["note" if own else "other" if said else "silent"])[0]
    return next(
        (word for word in ("error", "warning") if word in own),
        "other" if loud else "note" if own else "silent",
    )


def numbers():
    rng = np.random.default_rng(0)
    found = digits(rng.permutation(1797)) | spam() | tumours(rng.permutation(569)) | english()
    for line in FOUND.strip().split("\n"):
        number, code, severity, sure = line.split()
        found[f"p{number}_code"], found[f"p{number}_severity"] = code, severity
        found[f"p{number}_sure"] = int(sure)
    return found | table()
