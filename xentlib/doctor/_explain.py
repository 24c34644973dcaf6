"""Explain a number: compute what the right call and each known misuse give, and compare."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._rowwise import RowLosses, row_losses

LN2 = math.log(2)
WHY = {
    "double-softmax": "a second softmax",
    "probabilities-as-log": "probabilities in place of log-probabilities",
    "logits-as-log": "logits in place of log-probabilities",
    "logits-as-probabilities": "logits in place of probabilities",
    "rows-not-normalised": "rows divided by their sum first",
    "clipped": "a clip or an epsilon in the logarithm",
    "naive-softmax": "a softmax without the shift, or its logarithm",
    "weighted-mean": "another divisor: rows in place of weights, or the reverse",
    "weight-dropped": "a call without the weights",
    "ignored-in-mean": "a mean that counts the ignored rows as 0",
    "mean-of-means": "a mean of the means of parts that differ in size",
    "sum-not-mean": "a sum in place of a mean, or the reverse",
    "class-mean": "a mean over the classes too",
    "kl-mean": "a mean over the classes too",
    "bits": "the loss in bits",
    "perplexity-for-loss": "an exponential too many or too few",
    "perplexity-base": "a perplexity with 2 and e mixed up",
    "perplexity-mean": "the mean of exponentials, not the exponential of the mean",
    "smoothing-variant": "smoothing that spreads e/(C - 1) over the other classes",
    "smoothing-dropped": "a call without label smoothing",
    "binary-on-softmax": "one yes-or-no question for each class",
    "focal-weighted-pt": "a p_t from the weighted loss",
    "focal-alpha": "another alpha: none, or the weights of yes and no exchanged",
    "focal-gamma": "a call without the focusing factor",
    "swapped": "swapped arguments",
    "labels-from-one": "labels that are one off",
    "half-mean": "a mean in half precision whose count overflows",
    "sigmoid-twice": "a second sigmoid",
    "broadcast": "a table of every output against every target",
    "pos-weight-inverted": "one over this pos_weight",
}


class Candidate(NamedTuple):
    """What one call would give; the right one has no code."""

    code: str
    value: float


def nature(case: Case) -> str:
    """What the outputs are, as far as the findings tell; else what the loss takes."""
    sure = {finding.code for finding in case.findings if finding.severity != "note"}
    for codes, kind in (
        ({"double-softmax", "sigmoid-twice", "probabilities-as-log"}, "probabilities"),
        ({"logits-as-probabilities", "logits-as-log"}, "logits"),
        ({"log-as-probabilities"}, "logs"),
    ):
        if sure & codes:
            return kind
    return case.takes


def _over(total: float, divisor: float) -> float:
    return total / divisor if divisor else math.nan


def class_candidates(case: Case) -> Iterator[Candidate]:
    """Yield the right value of a loss over classes, then those of the misuses."""
    rows = row_losses(case, nature(case))
    if case.loss == "kl_div":
        yield from _kl(case, rows)
    elif case.loss == "focal_loss":
        yield from _focal(case, rows)
    elif case.loss == "perplexity":
        yield from _perplexity(case, rows)
    else:
        yield from _cross_entropy(case, rows)


def _divisors(case: Case, rows: RowLosses) -> tuple[float, float, float]:
    """The weights of the rows kept (or their number), their number, and the number of all."""
    kept, total = float(rows.keep.sum()), float(len(rows.keep))
    by_weight = float(rows.weight.sum()) if case.indices else kept
    return by_weight, kept, total


def _cross_entropy(case: Case, rows: RowLosses) -> Iterator[Candidate]:
    by_weight, kept, total = _divisors(case, rows)
    if case.keras:  # its class weights are not arguments of the loss, and it divides by rows
        by_weight = kept
    sums = {code: float(x[rows.keep].sum()) for code, x in rows.weighted.items()}
    plain = float(rows.own[""][rows.keep].sum())
    right, mean = _over(sums[""], by_weight), case.reduction != "sum"
    yield Candidate("", right if mean else sums[""])
    yield Candidate("sum-not-mean", sums[""] if mean else right)
    if case.arguments.get("weight") is not None:
        yield Candidate(
            "weighted-mean", _over(sums[""], kept if by_weight != kept else _mass(case))
        )
        yield Candidate("weight-dropped", plain / kept)
    if case.smoothing:
        own, every, e = rows.own[""][rows.keep], rows.every[rows.keep], case.smoothing
        yield Candidate("smoothing-dropped", plain / kept)
        others = (1 - e) * own + e / max(case.classes - 1, 1) * (every - own)
        yield Candidate("smoothing-variant", float(others.mean()))
    for code, value in sums.items():
        if code:
            yield Candidate(code.split()[0], _over(value, by_weight))
    yield Candidate("ignored-in-mean", sums[""] / total)
    yield from _means(case, rows, rows.weighted[""])
    yield Candidate("class-mean", right / case.classes)
    yield Candidate("bits", right / LN2)
    yield Candidate("perplexity-for-loss", float(np.exp(right)))
    yield Candidate("naive-softmax", float(rows.naive[rows.keep].sum()) / kept)
    yield Candidate("binary-on-softmax", float(rows.questions[rows.keep].mean()))
    if case.output_dtype == "float16" and total > 65504:
        yield Candidate("half-mean", 0.0)
    if not case.indices:
        yield Candidate("swapped", _swapped(case))
    else:
        yield from _one_off(case)


def _mass(case: Case) -> float:
    """The weights of the targets where the mean divides by rows: those of distributions."""
    if case.indices:
        w = np.asarray(case.arguments["weight"], float)
        t = case.targets.reshape(-1)
        return float(w[t[(t >= 0) & (t < case.classes)]].sum())
    w = np.asarray(case.arguments["weight"], float)
    return float((np.moveaxis(case.targets, case.axis, -1) * w).sum())


def _means(case: Case, rows: RowLosses, losses: Array) -> Iterator[Candidate]:
    """Means of the means of micro-batches, or of the parts along the first axis."""
    sizes = case.arguments.get("micro_batches")
    if sizes is not None:
        if sum(sizes) < len(losses):
            return
        ends = np.cumsum([min(size, len(losses)) for size in sizes])
        parts = np.searchsorted(ends, np.arange(len(losses)), side="right")
    elif case.label_shape and len(case.label_shape) > 1:
        parts = np.repeat(np.arange(case.label_shape[0]), len(losses) // case.label_shape[0])
    else:
        return
    kept, own = parts[rows.keep], losses[rows.keep]
    counts = np.bincount(kept, minlength=int(parts.max()) + 1)
    means = np.bincount(kept, own, minlength=len(counts)) / counts
    yield Candidate("mean-of-means", float(means.mean()))
    yield Candidate("mean-of-means", float(means[counts > 0].mean()))


def _swapped(case: Case) -> float:
    z, t = (np.moveaxis(x, case.axis, -1) for x in (case.outputs, case.targets))
    t = t.astype(np.float64)
    shifted = t - t.max(axis=-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-(z * logs).sum(axis=-1).mean())


def _one_off(case: Case) -> Iterator[Candidate]:
    """The loss with labels one lower, where they stay possible."""
    targets = case.targets
    for step in (-1, 1):
        moved = targets + step
        if moved.min() >= 0 and moved.max() < case.classes:
            case.targets = moved
            rows = row_losses(case, nature(case))
            case.targets = targets
            yield Candidate("labels-from-one", float(rows.own[""][rows.keep].mean()))


def _kl(case: Case, rows: RowLosses) -> Iterator[Candidate]:
    n, c = len(rows.keep), case.classes
    sums = {code: float((x + rows.truth).sum()) for code, x in rows.own.items()}
    yield Candidate("", sums[""] / n if case.reduction != "sum" else sums[""])
    yield Candidate("kl-mean", sums[""] / (n * c))
    yield Candidate("sum-not-mean", sums[""] if case.reduction != "sum" else sums[""] / n)
    yield Candidate("sum-not-mean", sums[""] / len(case.outputs))
    yield Candidate("bits", sums[""] / n / LN2)
    for code, value in sums.items():
        if code:
            yield Candidate(code.split()[0], value / n)
            yield Candidate(code.split()[0], value / (n * c))


def _focal(case: Case, rows: RowLosses) -> Iterator[Candidate]:
    gamma = case.arguments.get("gamma", 2.0)
    alpha = case.arguments.get("alpha", case.arguments.get("weight"))
    keep = rows.keep
    weight = np.ones(int(keep.sum()))
    if alpha is not None and case.indices:
        weight = np.asarray(alpha, float)[case.target_rows().reshape(-1)[keep]]

    def focal(nll: Array, by: Any = 1.0) -> Array:
        return np.asarray(by * (-np.expm1(-nll)) ** gamma * nll)

    for code, own in rows.own.items():
        losses = focal(own[keep], weight)
        if not code:
            nll, right = own[keep], losses
            yield Candidate("", float(losses.mean() if case.reduction != "sum" else losses.sum()))
        else:
            yield Candidate(code.split()[0], float(losses.mean()))
    yield Candidate("focal-weighted-pt", float(focal(weight * nll).mean()))
    yield Candidate("focal-gamma", float((weight * nll).mean()))
    yield Candidate("focal-alpha", float(focal(nll).mean()))
    yield Candidate("weighted-mean", _over(float(right.sum()), float(weight.sum())))
    yield Candidate("sum-not-mean", float(right.sum() if case.reduction != "sum" else right.mean()))


def _perplexity(case: Case, rows: RowLosses) -> Iterator[Candidate]:
    nll = rows.own[""][rows.keep]
    mean = float(nll.mean())
    yield Candidate("", float(np.exp(mean)))
    yield Candidate("perplexity-for-loss", mean)
    yield Candidate("perplexity-base", 2.0**mean)
    yield Candidate("perplexity-base", float(np.exp(mean / LN2)))
    yield Candidate("perplexity-mean", float(np.exp(nll).mean()))
    for code, value in _means(case, rows, rows.own[""]):
        yield Candidate(code, float(np.exp(value)))
    yield Candidate("ignored-in-mean", float(np.exp(nll.sum() / len(rows.keep))))
    twice = rows.own["double-softmax"][rows.keep].mean()
    yield Candidate("double-softmax", float(np.exp(twice)))
