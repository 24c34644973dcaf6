"""The same for binary losses: what the right call and each known misuse give."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._binary_losses import (
    CLIPS,
    clips,
    ended,
    logit_loss,
    naive,
    probability_loss,
)
from xentlib.doctor._candidates import LN2, Candidate, nature, over, totals
from xentlib.doctor._case import Case
from xentlib.doctor._parts import parts_of
from xentlib.doctor._rowwise import softplus
from xentlib.doctor._together import divided

ENTRIES = 1 << 14
Named = Iterator[tuple[str, Array | float]]
Some = tuple[Array, Array, Array, Array, Array]


def binary_candidates(case: Case) -> Iterator[Candidate]:
    """Yield the right value of a binary loss, then those of the misuses."""
    kind = nature(case)
    own: Callable[..., Array]
    if kind == "logits" and case.loss == "sigmoid_focal_loss":
        own, measured, others = _focal_loss, _focal_sums, _focal
    elif kind == "logits":
        own, measured, others = logit_loss, _logit_sums, _of_logits
    else:
        own, measured, others = probability_loss, _probability_sums, _of_probabilities
    parts, right, start = parts_of(case, case.outputs.size), 0.0, 0
    for some in _chunks(case):
        losses = _own(case, own, some)
        right += float(losses.sum())
        if parts:
            parts.add(np.arange(start, start + len(losses)), losses)
        start += len(losses)
    mean = right / case.outputs.size
    yield Candidate("", right if case.reduction == "sum" else mean)
    means = parts.results()[:1] if parts else ()
    yield from (Candidate("mean-of-means", value) for value in means)
    yield from divided(case, (mean, *means))
    sums = totals(measured(case, some) for some in _chunks(case))
    yield from others(case, sums, {name: x / case.outputs.size for name, x in sums.items()})


def _chunks(case: Case) -> Iterator[Some]:
    """Yield entries in double precision: outputs, targets, both weights, and smoothed targets."""
    names = ("alpha" if case.loss == "sigmoid_focal_loss" else "pos_weight", "weight")
    told = (np.asarray(case.arguments.get(name, 1.0), float) for name in names)
    pieces = np.nditer(
        [case.outputs, case.targets, *told],
        flags=["external_loop", "buffered"],
        op_flags=[["readonly"]] * 4,
        op_dtypes=[np.dtype(np.float64)] * 4,
        order="C",
        casting="unsafe",
        buffersize=ENTRIES,
    )
    for x, t, w, by in pieces:
        yield x, t, w, by, t * (1 - case.smoothing) + case.smoothing / 2


def _own(case: Case, loss: Callable[..., Array], some: Some) -> Array:
    x, _, w, by, smooth = some
    return loss(case, some) if loss is _focal_loss else by * loss(x, smooth, w)


def _averages(case: Case, losses: Array, some: Some) -> Named:
    _, t, w, by, _ = some
    yield "loss", by * losses
    yield "plain", losses
    yield "balance", w * t + 1 - t
    yield "targets", t


def _logit_sums(case: Case, some: Some) -> Named:
    z, t, w, by, smooth = some
    yield from _averages(case, logit_loss(z, smooth, w), some)
    p = 1 / (1 + np.exp(-z))
    yield "twice", by * logit_loss(p, smooth, w)
    yield "twice unweighted", logit_loss(p, smooth, 1.0)
    yield "unweighted", logit_loss(z, smooth, 1.0)
    yield "inverted", logit_loss(z, smooth, 1 / w)
    yield "unsmoothed", logit_loss(z, t, w)
    single = 1 / (1 + np.exp(-z.astype(np.float32)))  # it rounds to 1 at 17, in double at 37
    for name, clipped in (("single", single.astype(np.float64)), ("double", p)):
        yield name + " ended", ended(clipped, smooth, w)
        yield from clips(name, clipped, smooth, w)
    yield "naive", naive(single, smooth, w)
    yield from clips("none", z, smooth, w)  # logits taken for probabilities, and clipped
    if case.found("broadcast"):
        yield "softplus", softplus(z)
        yield "outputs", z


def _of_logits(case: Case, sums: dict[str, float], means: dict[str, float]) -> Iterator[Candidate]:
    yield from _other_averages(case, sums, means)
    yield from _twice(case, sums, means)
    if case.arguments.get("pos_weight") is not None:
        yield Candidate("weight-dropped", means["unweighted"])
        yield Candidate("pos-weight-inverted", means["inverted"])
    if case.smoothing:
        yield Candidate("smoothing-dropped", means["unsmoothed"])
    for name in ("single", "double"):
        yield Candidate("clipped", means[name + " ended"])
        yield from (Candidate("clipped", means[f"{name} {eps}"]) for eps in CLIPS)
    yield Candidate("naive-softmax", means["naive"])
    yield from (Candidate("clipped", means[f"none {eps}"]) for eps in CLIPS)
    if case.found("broadcast"):
        yield Candidate("broadcast", means["softplus"] - means["outputs"] * means["targets"])


def _probability_sums(case: Case, some: Some) -> Named:
    p, t, w, by, smooth = some
    yield from _averages(case, probability_loss(p, smooth, w), some)
    yield "twice", by * logit_loss(p, smooth, w)
    yield "twice unweighted", logit_loss(p, smooth, 1.0)
    yield "ended", ended(p, smooth, w)
    yield from clips("none", p, smooth, w)
    yield "unsmoothed", probability_loss(p, t, w)
    if case.found("broadcast"):
        yield "yes", np.log(p)
        yield "no", np.log1p(-p)


def _of_probabilities(
    case: Case, sums: dict[str, float], means: dict[str, float]
) -> Iterator[Candidate]:
    yield from _other_averages(case, sums, means)
    yield from _twice(case, sums, means)
    yield Candidate("clipped", means["ended"])
    yield from (Candidate("clipped", means[f"none {eps}"]) for eps in CLIPS)
    if case.smoothing:
        yield Candidate("smoothing-dropped", means["unsmoothed"])
    if case.found("broadcast"):
        share = means["targets"]
        yield Candidate("broadcast", -(share * means["yes"] + (1 - share) * means["no"]))


def _twice(case: Case, sums: dict[str, float], means: dict[str, float]) -> Iterator[Candidate]:
    """A second sigmoid, and the same together with another average."""
    own, other = (sums, means) if case.reduction == "sum" else (means, sums)
    yield Candidate("sigmoid-twice", own["twice"])
    yield Candidate("sigmoid-twice", other["twice"], "sum-not-mean")
    if case.outputs.ndim > 1:
        yield Candidate("sigmoid-twice", means["twice"] * case.outputs.shape[-1], "class-mean")
    if "twice unweighted" in means and {"weight", "pos_weight"} & case.arguments.keys():
        yield Candidate("sigmoid-twice", means["twice unweighted"], "weight-dropped")


def _other_averages(
    case: Case, sums: dict[str, float], means: dict[str, float]
) -> Iterator[Candidate]:
    columns = case.outputs.shape[-1] if case.outputs.ndim > 1 else 1
    yield Candidate("sum-not-mean", means["loss"] if case.reduction == "sum" else sums["loss"])
    if case.arguments.get("weight") is not None:  # one for each entry
        yield Candidate("weight-dropped", means["plain"])
    elif columns > 1:
        yield Candidate("class-mean", means["loss"] * columns)
    yield Candidate("bits", means["loss"] / LN2)
    if case.arguments.get("pos_weight") is not None:
        yield Candidate("weighted-mean", over(sums["loss"], sums["balance"]))


def _focal_parts(case: Case, some: Some) -> tuple[Array, Array, Array]:
    z, t, alpha, *_ = some
    loss = logit_loss(z, t, 1.0)
    told = case.arguments.get("alpha") is not None
    weight = alpha * t + (1 - alpha) * (1 - t) if told else np.ones_like(t)
    return weight, _focused(case, loss), loss


def _focused(case: Case, loss: Array) -> Array:
    return np.asarray((-np.expm1(-loss)) ** case.arguments.get("gamma", 2.0) * loss)


def _focal_loss(case: Case, some: Some) -> Array:
    weight, focused, _ = _focal_parts(case, some)
    return weight * focused


def _focal_sums(case: Case, some: Some) -> Named:
    z, t, alpha, *_ = some
    weight, focused, loss = _focal_parts(case, some)
    yield "loss", weight * focused
    yield "gamma", weight * loss
    yield "twice", weight * _focused(case, logit_loss(1 / (1 + np.exp(-z)), t, 1.0))
    yield "alpha", focused
    yield "alpha for both", alpha * focused
    yield "other alpha", (1 - weight) * focused
    yield "weighted", _focused(case, weight * loss)


def _focal(case: Case, sums: dict[str, float], means: dict[str, float]) -> Iterator[Candidate]:
    yield Candidate("sum-not-mean", means["loss"] if case.reduction == "sum" else sums["loss"])
    yield Candidate("focal-gamma", means["gamma"])
    yield from _twice(case, sums, means)
    if case.arguments.get("alpha") is not None:
        yield Candidate("focal-alpha", means["alpha"])
        yield Candidate("focal-alpha", means["other alpha"])
        yield Candidate("focal-alpha", means["alpha for both"])
        yield Candidate("focal-weighted-pt", means["weighted"])
