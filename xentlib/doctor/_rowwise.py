"""The loss of every row under each reading of the outputs, for explaining a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._facts import row_blocks

Reading = Callable[[Array], Array]  # outputs (n, C) to what stands for log-probabilities


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _clipped(eps: float) -> Reading:
    return lambda q: np.asarray(np.log(np.clip(q, eps, 1 - eps)))


def _share(z: Array) -> Array:
    return np.asarray(z / z.sum(axis=1, keepdims=True))


def _naive(z: Array) -> Array:
    """Without the shift, in the precision of the outputs."""
    e = np.exp(z)
    return np.asarray(np.log(e / e.sum(axis=1, keepdims=True)))


# By what the outputs are: the right reading first, then the wrong ones, each with its code.
READINGS: dict[str, dict[str, Reading]] = {
    "logits": {
        "": _log_softmax,
        "double-softmax": lambda z: _log_softmax(np.exp(_log_softmax(z))),
        "probabilities-as-log": lambda z: np.exp(_log_softmax(z)),
        "logits-as-log": lambda z: z,
        "clipped": _clipped(1e-7),
        "clipped 2": lambda z: _clipped(1e-7)(_share(z)),
    },
    "probabilities": {
        "": lambda q: np.asarray(np.log(q)),
        "double-softmax": _log_softmax,
        "probabilities-as-log": lambda q: q,
        "rows-not-normalised": lambda q: np.asarray(np.log(_share(q))),
        "clipped": _clipped(1e-7),
        "clipped 2": _clipped(float(np.finfo(np.float32).eps)),
        "clipped 3": _clipped(float(np.finfo(np.float64).eps)),
        "clipped 4": lambda q: np.asarray(np.log(q + 1e-8)),
        "clipped 5": _clipped(float(np.finfo(np.float16).eps)),
    },
    "logs": {
        "": lambda z: z,
        "double-softmax": lambda z: _log_softmax(np.exp(z)),
        "probabilities-as-log": lambda z: np.asarray(np.exp(z)),
        "clipped": _clipped(1e-7),
    },
}


@dataclass
class RowLosses:
    """Per row: the loss under each reading, and what averages need."""

    own: dict[str, Array] = field(default_factory=dict)  # unweighted, not smoothed
    weighted: dict[str, Array] = field(default_factory=dict)  # weighted; smoothed, if asked for
    every: Array = field(default_factory=lambda: np.zeros(0))  # sum of -log q over the classes
    naive: Array = field(default_factory=lambda: np.zeros(0))
    questions: Array = field(default_factory=lambda: np.zeros(0))  # mean binary loss of a row
    keep: Array = field(default_factory=lambda: np.zeros(0, bool))
    weight: Array = field(default_factory=lambda: np.zeros(0))
    truth: Array = field(default_factory=lambda: np.zeros(0))  # sum of t log t


def row_losses(case: Case, nature: str) -> RowLosses:
    """Compute them all, block by block."""
    parts: list[RowLosses] = []
    weight = case.arguments.get("weight")
    w = np.ones(case.classes) if weight is None else np.asarray(weight, float)
    for _, block, target in row_blocks(case):
        parts.append(_block(case, READINGS[nature], block, target, w))
    joined = RowLosses()
    for name in ("own", "weighted"):
        keys = getattr(parts[0], name)
        joined_dict = {k: np.concatenate([getattr(p, name)[k] for p in parts]) for k in keys}
        setattr(joined, name, joined_dict)
    for name in ("every", "naive", "questions", "keep", "weight", "truth"):
        setattr(joined, name, np.concatenate([getattr(p, name) for p in parts]))
    return joined


def _block(
    case: Case, readings: dict[str, Reading], block: Array, target: Array, w: Array
) -> RowLosses:
    e, c, rows = case.smoothing, case.classes, np.arange(len(block))
    z = block.astype(np.float64)
    out = RowLosses()
    if case.indices:
        out.keep = (target >= 0) & (target < c)
        if case.ignore_index is not None:
            out.keep &= target != case.ignore_index
        label = np.where(out.keep, target, 0)
        mass = np.zeros_like(z)
        mass[rows, label] = 1
        out.weight = np.where(out.keep, w[label], 0)
    else:
        out.keep, mass = np.ones(len(z), bool), target.astype(np.float64)
        out.weight = np.ones(len(z))
    smoothed = w * ((1 - e) * mass + e / c)
    for code, reading in readings.items():
        logs = reading(z)
        out.own[code] = -_product(mass, logs).sum(axis=1)
        out.weighted[code] = -_product(smoothed, logs).sum(axis=1)
        if not code:
            out.every = -logs.sum(axis=1)
    narrow = block.astype(np.float16) if case.output_dtype == "float16" else block
    out.naive = -_product(mass, _naive(narrow).astype(np.float64)).sum(axis=1)
    out.questions = (np.logaddexp(0, z) - mass * z).mean(axis=1)
    out.truth = _product(mass, np.log(mass)).sum(axis=1)
    return out


def _product(mass: Array, logs: Array) -> Array:
    """Multiply, where no mass costs nothing."""
    return np.where(mass == 0, 0, mass * logs)
