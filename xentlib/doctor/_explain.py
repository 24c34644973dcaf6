"""Explain a number: compute what the right call and each known misuse give, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._candidates import LN2, Candidate, averaged, nature, over, skips, totals
from xentlib.doctor._case import Case
from xentlib.doctor._explain_kinds import (
    focal,
    focal_right,
    kl,
    kl_right,
    perplexity,
    perplexity_right,
)
from xentlib.doctor._parts import parts_of
from xentlib.doctor._readings import READINGS
from xentlib.doctor._rowwise import Rows, blocks
from xentlib.doctor._together import divided, pairs

Named = Iterator[tuple[str, Array | float]]


def class_candidates(case: Case) -> Iterator[Candidate]:
    """Yield the right value of a loss over classes, then those of the misuses.

    The right value takes a pass of its own, so that whoever wants no more pays for no more.
    """
    right, others = {
        "kl_div": (kl_right, kl),
        "focal_loss": (focal_right, focal),
        "perplexity": (perplexity_right, perplexity),
    }.get(case.loss, (_right, _others))
    value = right(case)
    yield Candidate("", value)
    yield from others(case, value)


def _weights(case: Case, rows: Rows) -> Array | float:
    """What the mean divides by: Keras's class weights are not the loss's, it divides by rows."""
    return rows.keep.sum() if case.keras else rows.weight


def _right(case: Case) -> float:
    sums = totals(
        iter((("loss", rows.weighted()), ("weight", _weights(case, rows))))
        for rows in blocks(case, nature(case))
    )
    return averaged(case, sums["loss"], sums["weight"])


def _others(case: Case, right: float) -> Iterator[Candidate]:
    kind, number = nature(case), case.targets.size // (1 if case.indices else case.classes)
    parts, moves = parts_of(case, number), _moves(case)

    def measured(rows: Rows) -> Named:
        for code in READINGS[kind]:
            yield "reading " + code, rows.weighted(code)
            yield "own " + code, rows.own(code)
        yield "weight", _weights(case, rows)
        yield "kept", rows.keep.sum()
        if case.smoothing:
            e, own = case.smoothing, rows.own()
            spread = e / max(case.classes - 1, 1) * (rows.every() - own)
            yield "variant", (1 - e) * own + spread
        if parts:
            parts.add(rows.start + np.flatnonzero(rows.keep), rows.weighted())
        if skips(case):
            yield "unignored", rows.unignored().weighted()
            yield "unignored weight", _weights(case, rows.unignored())
        yield "naive", rows.naive(shifted=False)
        yield "log of a softmax", rows.naive(shifted=True)
        yield "questions", rows.questions()
        if not case.indices:
            yield "swapped", rows.swapped()
        for step in moves:
            labels = rows.target + step
            counted = rows.counted(labels)
            yield f"moved {step}", rows.at(labels)[counted]
            yield f"kept {step}", counted.sum()

    sums = totals(measured(rows) for rows in blocks(case, kind))
    total, plain, kept, by_weight = (sums[x] for x in ("reading ", "own ", "kept", "weight"))
    yield Candidate("sum-not-mean", total if case.reduction != "sum" else over(total, by_weight))
    divisor = kept
    if case.arguments.get("weight") is not None:
        divisor = kept if by_weight != kept else _mass(case)
        yield Candidate("weighted-mean", over(total, divisor))
        yield Candidate("weight-dropped", over(plain, kept))
    if case.smoothing:
        yield Candidate("smoothing-dropped", over(plain, kept))
        yield Candidate("smoothing-variant", over(sums["variant"], kept))
    for code in list(READINGS[kind])[1:]:
        yield Candidate(code.split()[0], averaged(case, sums["reading " + code], by_weight))
    yield Candidate("ignored-in-mean", total / number)
    if skips(case):
        every = averaged(case, sums["unignored"], sums["unignored weight"])
        yield Candidate("ignore-dropped", every)
    means = parts.results() if parts else ()
    yield from (Candidate("mean-of-means", mean) for mean in means)
    mean = over(total, by_weight)
    yield Candidate("class-mean", mean / case.classes)
    yield Candidate("bits", mean / LN2)
    yield Candidate("perplexity-for-loss", float(np.exp(mean)))
    yield Candidate("naive-softmax", over(sums["naive"], kept))
    yield Candidate("naive-softmax", over(sums["log of a softmax"], kept))
    yield Candidate("binary-on-softmax", over(sums["questions"], kept))
    if case.output_dtype == "float16" and number > 65504:
        yield Candidate("half-mean", 0.0)
    if not case.indices:
        yield Candidate("swapped", sums["swapped"] / number)
    for step in moves:
        yield Candidate("labels-from-one", over(sums[f"moved {step}"], sums[f"kept {step}"]))
    yield from pairs(case, sums, number, divisor)
    yield from divided(case, (mean, *means[:1]))


def _moves(case: Case) -> list[int]:
    """By how much the labels can be off and stay possible."""
    if not case.indices:
        return []
    low, high = int(case.targets.min()), int(case.targets.max())
    return [step for step in (-1, 1) if low + step >= 0 and high + step < case.classes]


def _mass(case: Case) -> float:
    """The weights of the targets where the mean divides by rows: those of distributions."""
    w, total = np.asarray(case.arguments["weight"], float), 0.0
    for rows in blocks(case, nature(case)):
        if case.indices:
            t = rows.target[(rows.target >= 0) & (rows.target < case.classes)]
            total += float(w[t].sum())
        else:
            total += float((rows.mass @ w).sum())
    return total
