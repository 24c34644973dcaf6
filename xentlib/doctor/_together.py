"""Causes that come together: an input of the wrong kind, and an average of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from xentlib.doctor._candidates import Candidate, over
from xentlib.doctor._case import Case

INPUTS = ("double-softmax", "probabilities-as-log", "logits-as-log")
PER_BATCH = "a sum divided by the length of the first axis, not by the rows"
TWICE = "a mean that is divided by the number of the parts once more"
NEVER = "a sum of the means of parts, not divided by their number"


def pairs(case: Case, sums: dict[str, float], number: int, divisor: float) -> Iterator[Candidate]:
    """Yield what two causes together give; the divisor is that of the other convention."""
    weight, kept, summed = sums["weight"], sums["kept"], case.reduction == "sum"
    weighted = case.arguments.get("weight") is not None
    for code in (code for code in INPUTS if "reading " + code in sums):
        total, plain = sums["reading " + code], sums["own " + code]
        mean = over(total, weight)
        yield Candidate(code, mean if summed else total, "sum-not-mean")
        yield Candidate(code, mean / case.classes, "class-mean")
        if weighted:
            yield Candidate(code, over(total, divisor), "weighted-mean")
            yield Candidate(code, over(plain, kept), "weight-dropped")
        elif case.smoothing:
            yield Candidate(code, over(plain, kept), "smoothing-dropped")
        if number != kept:
            yield Candidate(code, total / number, "ignored-in-mean")
    total, plain = sums["reading "], sums["own "]
    if weighted and not summed:
        yield Candidate("weight-dropped", plain, "sum-not-mean")
    elif case.smoothing and not summed:
        yield Candidate("smoothing-dropped", plain, "sum-not-mean")
    if number != kept:
        yield Candidate("ignored-in-mean", total / number / case.classes, "class-mean")
    if len(case.label_shape) > 1:
        yield Candidate("sum-not-mean", total / case.label_shape[0], why=PER_BATCH)


def divided(case: Case, means: tuple[float, ...]) -> Iterator[Candidate]:
    """Yield what accumulation gives that divides by its steps twice, or never."""
    steps = len(case.arguments.get("micro_batches", ()))
    if steps > 1:
        for mean in means:
            yield Candidate("mean-of-means", mean / steps, why=TWICE)
            yield Candidate("mean-of-means", mean * steps, why=NEVER)
