"""Chapter 5: slopes from mpmath, valleys from SciPy, optima from scikit-learn, runs from torch."""

from functools import cache

import numpy as np
import torch
from mpmath import diff, e, exp, mp, mpf, quad
from scipy.optimize import minimize_scalar
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

mp.dps = 30

INPUTS = {"0.2", "0.5", "0.3", "0.51", "0.49", "0.999", "10,000"}

ROWS = [
    ["cross-entropy", "1.0"],
    ["squared error", "4.1 × 10⁻⁹"],
    ["−5", "0.993", "0.013"],
    ["−10", "1.000", "9.1 × 10⁻⁵"],
    ["0", "+0.047", "−0.076"],
    ["1 (true)", "−0.983", "−0.063"],
    ["2", "+0.936", "+0.139"],
    ["8", "9.0", "1,503.7"],
    # Glued numbers that share a cell are read without the blanks between them.
    ["ordinary, rate 1", "2(1–23)", "3(2–35)"],
    ["saturated, rate 1", "23(21–34)", "1749(1237–1869)"],
    ["saturated, best rate", "2(2–2)", "21(15–29)"],
    ["saturated, Adam", "13(10–16)", "15(12–23)"],
    ["timid", "0.51 seven times, 0.49 three times", "0.7", "0.685"],
    ["squared error on the logits", "97.1±0.5"],
]

SEEDS = 11
RATES = (1, 3, 10, 30, 100, 300)


def numbers():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for tensors this small, two are slower
    try:
        return slopes() | landscape() | races() | trained() | pair()
    finally:
        torch.set_num_threads(threads)


def sigma(z):
    return 1 / (1 + exp(-z))


def slopes():
    """Derivatives of the two losses, taken by mpmath in 30 digits."""

    def cross(z):
        return -mp.log(sigma(z))

    def squared(z):
        return (1 - sigma(z)) ** 2

    found = {"hardest_pull": mpf(8) / 27}
    for depth in (0, 2, 5, 10, 20):
        found[f"pull_ce_{depth}"] = -diff(cross, -depth)
        found[f"pull_se_{depth}"] = -diff(squared, -depth)
    found["ratio_millions"] = found["pull_ce_20"] / found["pull_se_20"] / 10**6
    for depth, power in ((10, "⁻⁵"), (20, "⁻⁹")):
        digits = f"{float(found[f'pull_se_{depth}']):.1e}".split("e")[0]
        found[f"pull_se_{depth}"] = f"{digits} × 10{power}"
    field = [e**2, e, e**5]
    q = [x / sum(field) for x in field]
    error = [q[i] - (i == 1) for i in range(3)]
    for i in range(3):
        inner = sum(q[j] * error[j] for j in range(3))
        for name, slope in (("ce", error[i]), ("se", 2 * q[i] * (error[i] - inner))):
            sign = "+" if slope > 0 else "−"
            found[f"index_{i}_{name}"] = f"{sign}{float(abs(slope)):.3f}"
    # the time to z = 0, by numerical integration
    for depth in (2, 4, 6, 8):
        for name, loss in (("ce", cross), ("se", squared)):
            places = [-depth, -depth / 2, 0]
            found[f"time_{name}_{depth}"] = quad(lambda z, f=loss: -1 / diff(f, z), places)
    return found


def landscape():
    """The two valleys of squared error, by SciPy; the Hessian by second differences."""
    offsets, truths = np.array([0.0, -6, -6, -12]), np.array([1.0, 0, 0, 1])

    def heap(bias):
        return (np.square(1 / (1 + np.exp(-(offsets + bias))) - truths)).sum()

    low = [
        minimize_scalar(heap, bounds=b, method="bounded", options={"xatol": 1e-9})
        for b in ((0, 6), (12, 24))
    ]

    def squared(*z):
        total = sum(exp(x) for x in z)
        return sum((exp(x) / total - (i == 1)) ** 2 for i, x in enumerate(z))

    table = np.zeros((3, 3))
    for i, j in np.ndindex(3, 3):
        order = tuple(int(k == i) + int(k == j) for k in range(3))
        table[i, j] = diff(squared, (2, 1, 5), order)
    # The notebook looks on a grid of 0.01, where the valleys are flat to 1e-5, and rounds to 1e-6.
    return {
        "valley_0": (low[0].fun - 1e-6, low[0].fun + 2e-5),
        "valley_1": (low[1].fun - 1e-6, low[1].fun + 2e-5),
        "bend": np.linalg.eigvalsh(table).min(),
    }


@cache
def draws():
    """Everything the notebook draws from its one generator, in the same order."""
    rng = np.random.default_rng(0)
    rng.normal(scale=2, size=(3, 4))
    rng.dirichlet(np.ones(4), size=3)
    digits = load_digits()
    chosen = np.isin(digits.target, [3, 8])
    rows = int(chosen.sum())
    found = {"orders": [rng.permutation(rows) for _ in range(SEEDS)]}
    found["start"] = 0.1 * rng.normal(size=(SEEDS, 64))
    found["splits"] = [rng.permutation(1797) for _ in range(5)]
    found["order"] = rng.permutation(1797)
    rng.normal(size=(64, 10)), rng.normal(size=10), rng.integers([64, 10], size=(8, 2))
    found["subsets"] = [rng.permutation(1797) for _ in range(5)]
    x = digits.data[chosen] / 16
    found["pixels"] = x - x.mean(axis=0)
    found["eight"] = (digits.target[chosen] == 8).astype(float)
    found["images"], found["names"] = digits.data / 16, digits.target
    return found


def race(kind, bias, rate, limit, optimizer=torch.optim.SGD, until_all=True):
    """Autograd and PyTorch's optimisers; gives the accuracies and when each seed passed 95 %."""
    drawn = draws()
    x = torch.tensor(np.array([drawn["pixels"][order] for order in drawn["orders"]]))
    t = torch.tensor(np.array([drawn["eight"][order] for order in drawn["orders"]]))
    w = torch.tensor(drawn["start"]).unsqueeze(-1).requires_grad_()
    b = torch.full((SEEDS, 1), float(bias), dtype=torch.float64, requires_grad=True)
    stepper = optimizer([w, b], lr=rate)
    passed = np.full(SEEDS, np.inf)
    for step in range(limit + 1):
        with torch.no_grad():
            says = torch.bmm(x[:, 250:], w).squeeze(-1) + b > 0
            accuracy = (says == (t[:, 250:] > 0.5)).double().mean(dim=1).numpy()
        passed = np.where((accuracy >= 0.95) & np.isinf(passed), step, passed)
        if until_all and np.isfinite(passed).all():
            break
        stepper.zero_grad()
        z = torch.bmm(x[:, :250], w).squeeze(-1) + b
        if kind == "ce":
            rows = functional.binary_cross_entropy_with_logits(z, t[:, :250], reduction="none")
        else:
            rows = torch.square(torch.sigmoid(z) - t[:, :250])
        rows.mean(dim=1).sum().backward()
        stepper.step()
    return accuracy, passed


def put(found, key, passed):
    found[key] = np.median(passed)
    found[f"{key}_first"], found[f"{key}_last"] = passed.min(), passed.max()


def races():
    found = {}
    for loss in ("ce", "se"):
        for start, bias in (("ordinary", 0), ("saturated", -8)):
            # Rate 3 is through by step 700, so a rate that is not cannot be the best.
            limits = {rate: 2500 if rate == 1 else 700 for rate in RATES}
            runs = {rate: race(loss, bias, rate, limit)[1] for rate, limit in limits.items()}
            put(found, f"same_{start}_{loss}", runs[1])
            rate = min(RATES, key=lambda r, runs=runs: runs[r].max())
            found[f"best_{start}_{loss}_rate"] = rate
            put(found, f"best_{start}_{loss}", runs[rate])
        best = found[f"best_saturated_{loss}_rate"]
        ended = race(loss, -8, best, 500, until_all=False)[0]
        found[f"ended_{loss}_percent"] = 100 * ended.mean()
        put(found, f"adam_{loss}", race(loss, -8, 0.3, 300, torch.optim.Adam)[1])
    return found


def network(seed):
    """64 to 64 to 10 with ReLU, the last layer zero; the seed decides the first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        first = torch.nn.Linear(64, 64, dtype=torch.float64)
    last = torch.nn.Linear(64, 10, dtype=torch.float64)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    return torch.nn.Sequential(first, torch.nn.ReLU(), last)


def raw_squares(z, y):
    return (z - torch.eye(10, dtype=z.dtype)[y]).square().mean()


LOSSES = {
    "ce": lambda z, y: -z.log_softmax(1)[torch.arange(len(y)), y].mean(),
    "se": lambda z, y: raw_squares(torch.softmax(z, 1), y),
    "raw": raw_squares,
}


def at_home(loss, rate, seed):
    drawn = draws()
    x, y = torch.tensor(drawn["images"]), torch.tensor(drawn["names"])
    train, test = np.split(drawn["splits"][seed], [1297])
    model, shuffle = network(seed), torch.Generator().manual_seed(seed)
    stepper = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(10):
        for rows in torch.randperm(1297, generator=shuffle).split(128):
            stepper.zero_grad()
            loss(model(x[train][rows]), y[train][rows]).backward()
            stepper.step()
    return 100 * (model(x[test]).argmax(1) == y[test]).double().mean().item()


def overfitted(seed):
    drawn = draws()
    x, y = torch.tensor(drawn["images"]), torch.tensor(drawn["names"])
    own = torch.tensor(drawn["subsets"][seed])
    train, test = own[:150], own[150:750]
    model, seen = network(seed), []
    stepper = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(121):
        with torch.no_grad():
            z = model(x[test])
            right = 100 * (z.argmax(1) == y[test]).double().mean().item()
            seen.append((functional.nll_loss(z.log_softmax(1), y[test]).item(), right))
        stepper.zero_grad()
        LOSSES["ce"](model(x[train]), y[train]).backward()
        stepper.step()
    return [*min(seen), *seen[-1]]


def trained():
    found = {}
    for name, loss in LOSSES.items():
        runs = [[at_home(loss, rate, s) for s in range(5)] for rate in (0.003, 0.01, 0.03)]
        best = max(runs, key=np.mean)
        found[f"home_{name}_percent"] = np.mean(best)
        found[f"home_{name}_spread"] = np.std(best, ddof=1)
    keys = ("loss_low", "low_percent", "loss_end", "end_percent")
    means = np.mean([overfitted(seed) for seed in range(5)], axis=0)
    return found | {f"overfit_{k}": m for k, m in zip(keys, means, strict=True)} | regression()


def regression():
    """Softmax regression by scikit-learn, whose C is one over (weight decay times rows)."""
    drawn = draws()
    train, test = np.split(drawn["order"], [1297])
    middle = drawn["images"][train].mean(axis=0)
    x, y = drawn["images"] - middle, drawn["names"]
    model = LogisticRegression(C=1 / (0.001 * 1297), tol=1e-10, max_iter=5000)
    model.fit(x[train], y[train])

    def fit(rows):
        log_q = model.predict_log_proba(x[rows])
        return -log_q[np.arange(len(rows)), y[rows]].mean()

    return {
        "right": (model.predict(x[test]) == y[test]).sum(),
        "objective": fit(train) + 0.001 / 2 * np.square(model.coef_).sum(),
        "regression_loss": fit(test),
    }


def pair():
    timid = (7 * -mp.log(mpf("0.51")) + 3 * -mp.log(mpf("0.49"))) / 10
    sure = (9 * -mp.log(mpf("0.999")) + 9 * mp.log(10)) / 10
    return {
        "timid_accuracy": 0.7,
        "timid_loss": timid,
        "sure_accuracy": 0.9,
        "sure_loss": sure,
    }
