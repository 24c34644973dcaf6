"""A call that may have given a number, and what such calls have in common."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case

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
    "ignore-dropped": "a call without ignore_index",
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
    """What one call would give; the right one has no code. Some come of two causes together."""

    code: str
    value: float
    also: str = ""
    why: str = ""

    @property
    def rare(self) -> bool:
        """Whether it takes a number of many digits to believe it."""
        return bool(self.also or self.why)

    @property
    def causes(self) -> str:
        """What it comes of, in words."""
        why = self.why or WHY[self.code]
        return f"{why}, together with {WHY[self.also]}" if self.also else why


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


def skips(case: Case) -> bool:
    """Whether rows with a possible label are ignored, which another call would count."""
    return case.indices and case.ignore_index in range(case.classes)


def over(total: float, divisor: float) -> float:
    """Return a mean, nan if there is nothing to divide by."""
    return total / divisor if divisor else math.nan


def averaged(case: Case, total: float, divisor: float) -> float:
    """Return a sum as the call reduces it."""
    return total if case.reduction == "sum" else over(total, divisor)


def totals(parts: Iterable[Iterator[tuple[str, Array | float]]]) -> dict[str, float]:
    """Add up what is given under each name, part after part."""
    sums: dict[str, float] = defaultdict(float)
    for part in parts:
        for name, values in part:
            sums[name] += float(np.sum(values))
    return sums
