"""The same for divergences, the focal loss and the perplexity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._candidates import LN2, Candidate, averaged, nature, over, skips, totals
from xentlib.doctor._case import Case
from xentlib.doctor._parts import parts_of
from xentlib.doctor._readings import READINGS
from xentlib.doctor._rowwise import Rows, blocks
from xentlib.doctor._together import INPUTS

SUM = "sum-not-mean"
Named = Iterator[tuple[str, Array | float]]


def kl_right(case: Case) -> float:
    """The divergence, averaged over rows."""
    sums = totals(
        iter((("loss", rows.own() + rows.truth()), ("rows", len(rows.block))))
        for rows in blocks(case, nature(case))
    )
    return averaged(case, sums["loss"], sums["rows"])


def kl(case: Case, _: float) -> Iterator[Candidate]:
    """Yield what the misuses of a divergence give."""
    kind = nature(case)

    def measured(rows: Rows) -> Named:
        truth = rows.truth()
        for code in READINGS[kind]:
            yield code, rows.own(code) + truth
        yield "rows", len(rows.block)

    sums = totals(measured(rows) for rows in blocks(case, kind))
    n, total = sums["rows"], sums[""]
    cells = n * case.classes
    yield Candidate("kl-mean", total / cells)
    yield Candidate(SUM, total if case.reduction != "sum" else total / n)
    yield Candidate(SUM, total / len(case.outputs))
    yield Candidate("bits", total / n / LN2)
    for code in list(READINGS[kind])[1:]:
        yield Candidate(code.split()[0], averaged(case, sums[code], n))
        yield Candidate(code.split()[0], sums[code] / cells)
    for code in (code for code in INPUTS if code in sums):
        yield Candidate(code, over(sums[code], n) if case.reduction == "sum" else sums[code], SUM)


def _focal(case: Case, nll: Array, by: Any = 1.0) -> Array:
    return np.asarray(by * (-np.expm1(-nll)) ** case.arguments.get("gamma", 2.0) * nll)


def _alphas(case: Case, rows: Rows) -> Array:
    alpha = case.arguments.get("alpha", case.arguments.get("weight"))
    if alpha is None or not case.indices:
        return np.ones(int(rows.keep.sum()))
    return np.asarray(np.asarray(alpha, float)[rows.target[rows.keep]])


def focal_right(case: Case) -> float:
    """The focal loss, averaged over rows."""
    sums = totals(
        iter((("loss", _focal(case, rows.own(), _alphas(case, rows))), ("rows", rows.keep.sum())))
        for rows in blocks(case, nature(case))
    )
    return averaged(case, sums["loss"], sums["rows"])


def focal(case: Case, _: float) -> Iterator[Candidate]:
    """Yield what the misuses of a focal loss give."""
    kind = nature(case)

    def measured(rows: Rows) -> Named:
        alphas, nll = _alphas(case, rows), rows.own()
        for code in READINGS[kind]:
            yield "reading " + code, _focal(case, rows.own(code), alphas)
        yield "weighted", _focal(case, alphas * nll)
        yield "plain", alphas * nll
        yield "unweighted", _focal(case, nll)
        yield "alphas", alphas
        yield "rows", rows.keep.sum()

    sums = totals(measured(rows) for rows in blocks(case, kind))
    n, total = sums["rows"], sums["reading "]
    for code in list(READINGS[kind])[1:]:
        yield Candidate(code.split()[0], averaged(case, sums["reading " + code], n))
    yield Candidate("focal-weighted-pt", over(sums["weighted"], n))
    yield Candidate("focal-gamma", over(sums["plain"], n))
    yield Candidate("focal-alpha", over(sums["unweighted"], n))
    yield Candidate("weighted-mean", over(total, sums["alphas"]))
    yield Candidate(SUM, total if case.reduction != "sum" else over(total, n))
    twice = sums["reading double-softmax"]
    yield Candidate("double-softmax", over(twice, n) if case.reduction == "sum" else twice, SUM)


def perplexity_right(case: Case) -> float:
    """The exponential of the mean loss."""
    sums = totals(
        iter((("loss", rows.own()), ("rows", rows.keep.sum())))
        for rows in blocks(case, nature(case))
    )
    return float(np.exp(over(sums["loss"], sums["rows"])))


def perplexity(case: Case, _: float) -> Iterator[Candidate]:
    """Yield what the misuses of a perplexity give."""
    number = case.targets.size // (1 if case.indices else case.classes)
    parts = parts_of(case, number)

    def measured(rows: Rows) -> Named:
        yield "loss", rows.own()
        yield "twice", rows.own("double-softmax")
        yield "exponentials", np.exp(rows.own())
        if skips(case):
            yield "unignored", rows.unignored().own()
            yield "unignored rows", rows.unignored().keep.sum()
        yield "rows", rows.keep.sum()
        if parts:
            parts.add(rows.start + np.flatnonzero(rows.keep), rows.own())

    sums = totals(measured(rows) for rows in blocks(case, nature(case)))
    n, mean = sums["rows"], over(sums["loss"], sums["rows"])
    yield Candidate("perplexity-for-loss", mean)
    yield Candidate("perplexity-base", float(np.exp2(mean)))
    yield Candidate("perplexity-base", float(np.exp(mean / LN2)))
    yield Candidate("perplexity-mean", over(sums["exponentials"], n))
    for value in parts.results() if parts else ():
        yield Candidate("mean-of-means", float(np.exp(value)))
    yield Candidate("ignored-in-mean", float(np.exp(sums["loss"] / number)))
    if skips(case):
        every = over(sums["unignored"], sums["unignored rows"])
        yield Candidate("ignore-dropped", float(np.exp(every)))
    yield Candidate("double-softmax", float(np.exp(over(sums["twice"], n))))
