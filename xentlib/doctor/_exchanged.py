"""Are yes and no exchanged in a binary loss?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case

ENTRIES = 1 << 17  # enough for the test below, however large the batch
SIGMAS, APART, LEAST = 6.0, 0.7, 8


def check_exchanged(case: Case, facts: BinaryFacts) -> None:
    """See whether the outputs are lower where the target is 1, far beyond chance."""
    if not facts.target_hard or facts.nan or facts.above or facts.below or facts.hard:
        return
    case.checked.append("whether yes and no are exchanged")
    columns = case.outputs.shape[-1] if case.outputs.ndim == 2 else 1
    rows = max(1, ENTRIES // columns)
    z = case.outputs.reshape(-1, columns)[:rows].astype(np.float64)
    t = case.targets.reshape(-1, columns)[:rows].astype(np.float64)
    apart, sigmas, judged = _apart(z, t)
    wrong = judged & (apart < -APART) & (sigmas < -SIGMAS)
    if not wrong.any():
        return
    worst = int(np.where(wrong, sigmas, 0).argmin())
    case.find(
        "class-order",
        "warning",
        0.9,
        "The outputs are low where the target is 1, and high where it is 0"
        + (f", in {int(wrong.sum())} of {columns} columns" if columns > 1 else "")
        + ": are yes and no exchanged? Chance does not rank them so badly.",
        column=worst,
        share_ranked_right=0.5 * math.erfc(-apart[worst] / 2),
        standard_errors=-sigmas[worst],
    )


def _apart(z: Array, t: Array) -> tuple[Array, Array, Array]:
    """Return, by column, how far the means lie apart, in deviations and in standard errors."""
    yes = t.sum(axis=0)
    no = len(t) - yes
    judged = (yes >= LEAST) & (no >= LEAST)
    yes, no = np.maximum(yes, 1), np.maximum(no, 1)
    high, low = (z * t).sum(axis=0) / yes, (z * (1 - t)).sum(axis=0) / no
    around = (t * (z - high) ** 2).sum(axis=0) / yes, ((1 - t) * (z - low) ** 2).sum(axis=0) / no
    deviation = np.sqrt((around[0] + around[1]) / 2) + 1e-12
    error = np.sqrt(around[0] / yes + around[1] / no) + 1e-12
    return (high - low) / deviation, (high - low) / error, judged
