"""Are the rows of the outputs distributions? And could that be an accident?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts

CHOICE = 4.0  # bits: one in sixteen tolerances
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7}


def tolerance(case: Case) -> float:
    """How far the sum of a row of computed probabilities may be from 1."""
    eps = EPS.get(case.output_dtype, 0.0) or _rounded(case.outputs)
    if case.output_dtype.startswith("float8"):
        eps = 0.1
    scale = max(2.0, math.log(case.classes)) if case.takes == "logs" else 2.0
    return max(1e-5, scale * eps, case.classes * 3e-8)


def _rounded(x: Array) -> float:
    some = x.reshape(-1)[:4096]
    some = some[np.isfinite(some) & (some != 0) & (some != 1)]
    if x.dtype.kind != "f" or len(some) < 8:
        return 0.0
    single = some.astype(np.float32)
    if (single != some).any():
        return 0.0
    if not (single.view(np.uint32) & 0xFFFF).any():
        return EPS["bfloat16"]
    return EPS["float16"] if (single.astype(np.float16) == single).all() else 0.0


def off_one(facts: Facts) -> float:
    """How far the sum of a row is from 1, at most."""
    return max(1 - facts.sum_low, facts.sum_high - 1)


def rounding(classes: int) -> float:
    """How far the sums of rows may be from 1 that were rounded to two digits when stored."""
    return min(0.02, 0.0051 * classes)


def normalised(case: Case, facts: Facts, off: float = 0.0) -> bool:
    """Whether every row is a distribution: its sum may be off by as much, or by computing."""
    tol = tolerance(case)
    inside = facts.low >= -tol and facts.high <= 1 + tol
    return inside and off_one(facts) <= max(tol, off)


def one_sum(case: Case, facts: Facts) -> bool:
    """Whether all rows, of which several differ, have one and the same sum."""
    tol = 2 * tolerance(case) * max(facts.sum_high, 0)
    return facts.distinct >= 4 and facts.sum_high - facts.sum_low <= tol


def bits(case: Case, facts: Facts) -> float:
    """How improbable it is that so many different rows of logits sum to 1, in bits.

    A row of real numbers in [0, 1] sums to 1 within the tolerance in about twice the tolerance of
    all cases; rows that are alike count once. A tolerance that was chosen after the sums were seen
    costs some bits.
    """
    tol, off = tolerance(case), off_one(facts)
    if off <= tol:
        return facts.distinct * -math.log2(2 * tol)
    return facts.distinct * -math.log2(2 * off) - CHOICE
