"""The same for binary losses: what the right call and each known misuse give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._explain import LN2, Candidate, nature


def binary_candidates(case: Case) -> Iterator[Candidate]:
    """Yield the right value of a binary loss, then those of the misuses."""
    x, t = case.outputs.astype(np.float64), case.targets.astype(np.float64)
    e = case.smoothing
    smooth = t * (1 - e) + e / 2
    if nature(case) == "logits":
        yield from _of_logits(case, x, t, smooth)
    else:
        yield from _of_probabilities(case, x, t, smooth)


def _of_logits(case: Case, z: Array, t: Array, smooth: Array) -> Iterator[Candidate]:
    gamma = case.arguments.get("gamma", 2.0)
    if case.loss == "sigmoid_focal_loss":
        yield from _focal(case, z, t, gamma)
        return
    w = np.asarray(case.arguments.get("pos_weight", 1.0), float)
    losses = _logit_loss(z, smooth, w)
    yield from _averages(case, losses, w, t)
    p = 1 / (1 + np.exp(-z))
    yield Candidate("sigmoid-twice", _mean(_logit_loss(p, smooth, w)))
    if case.arguments.get("pos_weight") is not None:
        yield Candidate("weight-dropped", _mean(_logit_loss(z, smooth, 1.0)))
        yield Candidate("pos-weight-inverted", _mean(_logit_loss(z, smooth, 1 / w)))
    if case.smoothing:
        yield Candidate("smoothing-dropped", _mean(_logit_loss(z, t, w)))
    single = 1 / (1 + np.exp(-z.astype(np.float32)))  # it rounds to 1 at 17, in double at 37
    for rounded in (single.astype(np.float64), p):
        yield _ended(rounded, smooth, w)
        yield from _clips(rounded, smooth, w)
    yield Candidate("naive-softmax", _naive(single, smooth, w))
    yield from _clips(z, smooth, w)  # logits taken for probabilities, and clipped
    if case.found("broadcast"):
        yield Candidate("broadcast", _mean(np.logaddexp(0, z)) - _mean(z) * _mean(t))


def _of_probabilities(case: Case, p: Array, t: Array, smooth: Array) -> Iterator[Candidate]:
    w = np.asarray(case.arguments.get("pos_weight", 1.0), float)
    losses = _probability_loss(p, smooth, w)
    yield from _averages(case, losses, w, t)
    yield Candidate("sigmoid-twice", _mean(_logit_loss(p, smooth, w)))
    yield _ended(p, smooth, w)
    yield from _clips(p, smooth, w)
    if case.smoothing:
        yield Candidate("smoothing-dropped", _mean(_probability_loss(p, t, w)))
    if case.found("broadcast"):
        yes, no = np.log(p), np.log1p(-p)
        yield Candidate("broadcast", -(_mean(t) * _mean(yes) + (1 - _mean(t)) * _mean(no)))


def _averages(case: Case, losses: Array, w: Array, t: Array) -> Iterator[Candidate]:
    told = case.arguments.get("weight")  # one for each entry
    plain, losses = losses, losses if told is None else losses * np.asarray(told, float)
    mean, total = _mean(losses), float(losses.sum())
    columns = losses.shape[-1] if losses.ndim > 1 else 1
    summed = case.reduction == "sum"
    yield Candidate("", total if summed else mean)
    yield Candidate("sum-not-mean", mean if summed else total)
    if told is not None:
        yield Candidate("weight-dropped", _mean(plain))
    elif columns > 1:
        yield Candidate("class-mean", mean * columns)
    yield Candidate("bits", mean / LN2)
    if case.arguments.get("pos_weight") is not None:
        yield Candidate("weighted-mean", total / ((w * t + 1 - t).sum() or np.nan))


def _focal(case: Case, z: Array, t: Array, gamma: float) -> Iterator[Candidate]:
    alpha = case.arguments.get("alpha")
    loss = _logit_loss(z, t, 1.0)
    miss = -np.expm1(-loss)
    weight = np.ones_like(t) if alpha is None else alpha * t + (1 - alpha) * (1 - t)
    right = weight * miss**gamma * loss
    summed = case.reduction == "sum"
    yield Candidate("", float(right.sum()) if summed else _mean(right))
    yield Candidate("sum-not-mean", _mean(right) if summed else float(right.sum()))
    yield Candidate("focal-gamma", _mean(weight * loss))
    p = 1 / (1 + np.exp(-z))
    again = _logit_loss(p, t, 1.0)
    yield Candidate("sigmoid-twice", _mean(weight * (-np.expm1(-again)) ** gamma * again))
    if alpha is not None:
        yield Candidate("focal-alpha", _mean(miss**gamma * loss))
        yield Candidate("focal-alpha", _mean((1 - weight) * miss**gamma * loss))
        yield Candidate("focal-alpha", _mean(alpha * miss**gamma * loss))
        weighted = weight * loss
        yield Candidate("focal-weighted-pt", _mean((-np.expm1(-weighted)) ** gamma * weighted))


def _naive(p: Array, t: Array, w: Array) -> float:
    """Nothing guards 0 times infinity."""
    return _mean(-(w * t * np.log(p) + (1 - t) * np.log(1 - p)))


def _ended(p: Array, t: Array, w: Array) -> Candidate:
    """PyTorch ends the logarithm at -100."""
    losses = -(w * t * np.maximum(np.log(p), -100) + (1 - t) * np.maximum(np.log1p(-p), -100))
    return Candidate("clipped", _mean(losses))


def _clips(p: Array, t: Array, w: Array) -> Iterator[Candidate]:
    """Keras clips at 1e-7, scikit-learn by precision."""
    for eps in (1e-7, float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)):
        yield Candidate("clipped", _mean(_probability_loss(np.clip(p, eps, 1 - eps), t, w)))


def _logit_loss(z: Array, t: Array, w: Array | float) -> Array:
    return np.asarray(w * t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))


def _probability_loss(p: Array, t: Array, w: Array | float) -> Array:
    yes = np.where(t == 0, 0, t * np.log(p))
    no = np.where(t == 1, 0, (1 - t) * np.log1p(-p))
    return np.asarray(-(w * yes + no))


def _mean(x: Array) -> float:
    return float(np.mean(x, dtype=np.float64))
