"""Chapter 11: the experiment written a second time, in plain torch."""

import csv
import gzip
import io
import math
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]
F = torch.nn.functional
SEEDS = range(5)

INPUTS = {"0.31", "0.17", "1,000"}

ROWS = [
    ["plain", "93.3 ± 0.4", "0.173", "0.021"],
    ["smoothed", "93.7 ± 0.1", "0.192", "0.050"],
    ["weighted", "93.8 ± 0.3", "0.177", "0.026"],
    ["focal", "93.7 ± 0.5", "0.197", "0.064"],
    ["good", "580", "33", "605", "8"],
    ["spam", "26", "361", "97", "290"],
]


def e_mails():
    raw = gzip.decompress((ROOT / "xentlib" / "data" / "spambase.csv.gz").read_bytes()).decode()
    _, *rows = csv.reader(io.StringIO(raw))
    return [[float(entry) for entry in row[:-1]] for row in rows], [r[-1] == "spam" for r in rows]


def scaled(x, rows):
    x = np.log(1 + np.array(x))
    part = x[rows]
    return torch.tensor((x - part.sum(axis=0) / len(part)) / np.sqrt(part.var(axis=0)))


def network(seed):
    torch.manual_seed(seed)
    inner = torch.nn.Linear(57, 32, dtype=torch.float64)
    outer = torch.nn.Linear(32, 1, dtype=torch.float64)
    torch.nn.init.zeros_(outer.weight)
    torch.nn.init.zeros_(outer.bias)
    return torch.nn.Sequential(inner, torch.nn.ReLU(), outer)


def fitted(x, t, loss, seed, epochs, look):
    model, order = network(seed), torch.Generator().manual_seed(seed)
    stepper = torch.optim.Adam(model.parameters(), lr=0.003)
    look(model)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(128):
            stepper.zero_grad()
            loss(model(x[rows])[:, 0], t[rows]).backward()
            stepper.step()
        look(model)
    return model


def plain(z, t):
    return -(t * F.logsigmoid(z) + (1 - t) * F.logsigmoid(-z)).mean()


def losses(share):
    def smoothed(z, t):
        return plain(z, 0.05 + 0.9 * t)

    def weighted(z, t):
        return -((1 - share) / share * t * F.logsigmoid(z) + (1 - t) * F.logsigmoid(-z)).mean()

    def focal(z, t):
        p = torch.sigmoid(z) * t + torch.sigmoid(-z) * (1 - t)
        return -((1 - p) ** 2 * (t * F.logsigmoid(z) + (1 - t) * F.logsigmoid(-z))).mean()

    return {"plain": plain, "smoothed": smoothed, "weighted": weighted, "focal": focal}


def calibration_error(q, t):
    confidence, right = np.maximum(q, 1 - q), (q > 0.5) == t
    error = 0.0
    for k in range(15):
        here = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        error += abs(right[here].sum() - confidence[here].sum())
    return error / len(q)


def cost(q, t, at):
    return (10 * ((q > at) & ~t).sum() + ((q <= at) & t).sum()) / len(t)


def numbers():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        found = experiment()
    torch.set_num_threads(threads)
    return found


def training(x, t, loss, seed, decide, fit):
    """The losses on the rows to fit and to decide, and all logits at the best epoch."""
    curve = []

    @torch.no_grad()
    def look(model):
        z = model(x)[:, 0]
        curve.append((plain(z[fit], t[fit]).item(), plain(z[decide], t[decide]).item(), z))

    fitted(x[fit], t[fit], loss, seed, 24, look)
    best = min(range(len(curve)), key=lambda i: curve[i][1])
    return [entry[:2] for entry in curve], curve[best][2]


def experiment():
    rows, spam = e_mails()
    first = list({tuple(row): i for i, row in reversed(list(enumerate(rows)))}.values())
    keep = sorted(first)
    rng = np.random.default_rng(0)

    def split():
        order = rng.permutation(len(keep))
        return order[:1000], order[1000:1600], order[1600:]

    test, valid, fit = split()
    raw, labels = np.array([rows[i] for i in keep]), np.array([spam[i] for i in keep])
    x, t = scaled(raw, fit), torch.tensor(labels, dtype=torch.float64)
    share = labels[fit].mean()
    found = {"rows_fit": len(fit), "emails": len(rows), "different": len(set(map(tuple, rows)))}
    for name, loss in losses(share).items():
        runs = [training(x, t, loss, seed, valid, fit) for seed in SEEDS]
        if name == "plain":
            curves, logits = np.mean([run[0] for run in runs], axis=0), [run[1] for run in runs]
        q = [torch.sigmoid(run[1][valid]).numpy() for run in runs]
        measured = {
            "accuracy": [100 * ((p > 0.5) == labels[valid]).mean() for p in q],
            "nll": [plain(run[1][valid], t[valid]).item() for run in runs],
            "ece": [calibration_error(p, labels[valid]) for p in q],
        }
        for key, values in measured.items():
            mean, over = np.mean(values), np.std(values, ddof=1)  # handed on with four decimals
            found[f"{name}_{key}"] = (mean - 5.1e-5, mean + 5.1e-5)
            found[f"{name}_{key}_spread"] = (over - 5.1e-5, over + 5.1e-5)
    return {
        **found,
        **before(share, curves),
        **who_pays(logits[0][valid].numpy(), labels[valid]),
        **one_word(raw, x, t, labels, fit),
        **final([z[test] for z in logits], labels[test], t[test]),
        **other_splits(split, raw, t, labels),
        **honest(torch.sigmoid(logits[0][test]).numpy(), rng),
        **with_copies(np.array(rows), np.array(spam), rng),
    }


def entropy(p, log=math.log):
    return -(p * log(p) + (1 - p) * log(1 - p))


def before(share, curves):
    return {
        "flip": math.log(2),
        "known": entropy(share),
        "share_percent": 100 * share,
        "fit_one": curves[1, 0],
        "fit_end": curves[-1, 0],
        "valid_end": curves[-1, 1],
    }


def who_pays(z, truth):
    rows = np.log1p(np.exp(np.where(truth, -z, z)))
    largest, wrong = np.sort(rows)[::-1], (z > 0) != truth
    return {
        "top_percent": 100 * largest[:6].sum() / rows.sum(),
        "mistakes_percent": 100 * rows[wrong].sum() / rows.sum(),
        "worst": largest[0],
        "wrong": wrong.sum(),
    }


def one_word(raw, x, t, labels, fit):
    header = gzip.decompress((ROOT / "xentlib" / "data" / "spambase.csv.gz").read_bytes())
    column = header.decode().splitlines()[0].split(",").index("hp")
    model = fitted(x[fit], t[fit], plain, 0, 17, lambda model: None)
    part = fit[raw[fit][:, column] > 0]
    changed = x[part].clone()
    changed[:, column] = x[fit][:, column].min()
    with torch.no_grad():
        move = (model(changed) - model(x[part])).mean().item()
    return {"hp_percent": 100 * labels[part].mean(), "hp_move": move}


def final(logits, truth, t):
    q = [torch.sigmoid(z).numpy() for z in logits]
    right = [100 * ((p > 0.5) == truth).mean() for p in q]
    share, nll = truth.mean(), np.mean([plain(z, t).item() for z in logits])
    half = logits[0].half().double()
    found = {
        "accuracy_percent": np.mean(right),
        "accuracy_spread": np.std(right, ddof=1),
        "error_percent": math.sqrt(np.mean(right) * (100 - np.mean(right)) / len(truth)),
        "nll": nll,
        "ece": np.mean([calibration_error(p, truth) for p in q]),
        "bits_without": entropy(share, math.log2),
        "bits_with": nll / math.log(2),
        "threshold": 10 / 11,
        # In half precision 1 + e is 1 up to e = 2^-11, and e^11.1 is beyond the largest number.
        "certain": ((half >= 11 * math.log(2)) | (half < -11.09)).sum().item(),
    }
    for words, limit in (("half", 0.5), ("best", 10 / 11)):
        found[f"cost_{words}"] = np.mean([cost(p, truth, limit) for p in q])
        for kind, those in (("good", ~truth), ("spam", truth)):
            found[f"{kind}_called_{words}"] = (those & (q[0] > limit)).sum()
            found[f"{kind}_kept_{words}"] = (those & (q[0] <= limit)).sum()
    return found


def other_splits(split, raw, t, labels):
    right = []
    for _ in range(5):
        test, valid, fit = split()
        _, z = training(scaled(raw, fit), t, plain, 0, valid, fit)
        right.append(100 * ((z[test] > 0).numpy() == labels[test]).mean())
    return {"splits_low_percent": min(right), "splits_high_percent": max(right)}


def honest(q, rng):
    drawn = [calibration_error(q, rng.random(len(q)) < q) for _ in range(200)]
    return {"ece_perfect": np.mean(drawn)}


def with_copies(rows, spam, rng):
    order = rng.permutation(len(rows))
    held, rest = order[:1000], order[1000:]
    trained, tested = ({tuple(rows[i]) for i in part} for part in (rest, held))
    twin = np.array([tuple(rows[i]) in trained for i in held])
    alone = np.array([i for i in rest if tuple(rows[i]) not in tested])
    t, found = torch.tensor(spam, dtype=torch.float64), {"twins": twin.sum()}
    for name, part in (("", rest), ("control", alone)):
        x, right = scaled(rows, part), []
        for seed in SEEDS:
            model = fitted(x[part], t[part], plain, seed, 17, lambda model: None)
            with torch.no_grad():
                right.append((model(x[held])[:, 0] > 0).numpy() == spam[held])
        right = 100 * np.mean(right, axis=0)
        if name:
            found["control_percent"] = right[twin].mean()
        else:
            found["all_percent"], found["twins_percent"] = right.mean(), right[twin].mean()
            found["new_percent"] = right[~twin].mean()
    return found
