"""How near is near: what the digits of a number say, and the precision it was computed in."""

from __future__ import annotations

import math
from typing import Any

from xentlib.doctor._arrays import Seen, look

DIGITS = 9  # a number written with so many was not rounded by hand
SINGLE, PRECISION = 5e-6, {"float16": 2e-3, "bfloat16": 1.6e-2}
ROUNDED = {"float32": 2.4e-7}  # what a loss near 0 loses: it is a difference of numbers near 1


def number_seen(observed: Any) -> float:
    """Return the loss that the reader saw."""
    seen = look(observed, "observed")
    if not isinstance(seen, Seen) or seen.values.size != 1 or seen.values.dtype.kind == "b":
        raise TypeError(f"observed is {observed!r}, expected the one number that the loss gave")
    return float(seen.values.reshape(-1)[0])


def tolerance(observed: float, dtype: str) -> float:
    """Return half a unit of the last digit written, or the rounding of the computation."""
    digits = repr(observed).lower().partition("e")[0].strip("-")
    places = max(1, len(digits.partition(".")[2].rstrip("0")))
    significant = len(digits.replace(".", "").strip("0"))
    computed = abs(observed) * PRECISION.get(dtype, SINGLE) + ROUNDED.get(dtype, 0.0)
    if significant >= DIGITS or "e" in repr(observed):
        return max(computed, 1e-12)
    return max(0.51 * 10.0**-places, computed)


def vague(observed: float, tol: float) -> bool:
    """Whether a number has two digits or fewer that can be trusted: much gives it by accident."""
    digits = repr(observed).lower().partition("e")[0].strip("-").replace(".", "").strip("0")
    return (digits.isdecimal() and len(digits) < 3) or (
        observed != 0 and tol > 0.01 * abs(observed)
    )


def same(observed: float, value: float, tol: float) -> bool:
    """Whether a value is the number that was seen."""
    if math.isnan(observed) or math.isinf(observed):
        return observed == value or (math.isnan(observed) and math.isnan(value))
    return abs(observed - value) <= tol
