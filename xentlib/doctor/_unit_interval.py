"""Outputs of classes from 0 to 1 that do not sum to 1: sigmoids, similarities, or small logits?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import EVEN, SMOOTH, crowded, surprise
from xentlib.doctor._facts import Facts, kept, row_blocks
from xentlib.doctor._paired import compares_rows
from xentlib.doctor._squashed import LIKELY


def check_unit_interval(case: Case, facts: Facts) -> None:
    """Weigh what speaks for a sigmoid before the softmax."""
    straddling = facts.low < 0.5 < facts.high
    if facts.rows < 8 or not straddling or case.found("double-softmax"):
        return
    chance = max(facts.counts.max() / facts.rows, 1 / case.classes)
    right = surprise(facts.hits, facts.rows, chance)
    crowd, reached = _ends(case)
    sure = (right > LIKELY and crowd > LIKELY) or (reached and facts.hits > 0.8 * facts.rows)
    likely = sure and not facts.hard and not compares_rows(case)
    case.find(
        "sigmoid-into-softmax",
        "warning" if likely else "note",
        0.8 if likely else 0.3,
        "All outputs lie in [0, 1] and crowd at its ends: a sigmoid before the softmax."
        if likely
        else "Cannot tell: all outputs lie in [0, 1]. Is there a sigmoid before the loss?",
        lowest=facts.low,
        highest=facts.high,
        accuracy=facts.hits / facts.rows,
        nats_of_evidence=crowd,
        least_loss_possible=math.log1p((case.classes - 1) / math.e),
    )


def _ends(case: Case) -> tuple[float, bool]:
    """Return how the outputs crowd at the ends, and whether several come close to both."""
    block, target = _some(case)
    label = target if case.indices else target.argmax(axis=1)
    own = block[np.arange(len(block)), label]
    rest = block[np.arange(block.shape[1]) != label[:, np.newaxis]]
    reached = _close(1 - own) and _close(rest)
    return crowded(1 - own, SMOOTH) + crowded(rest, EVEN), reached


def _close(distances: Array) -> bool:
    """Whether several come close to the end, and do not lie on it as what was divided by it."""
    near = int(((distances > 0) & (distances < 0.01)).sum())
    return near > max(1, int((distances <= 0).sum()))


def _some(case: Case) -> tuple[Array, Array]:
    """The rows that count in the first block that has any."""
    parts = ((block, target, kept(case, target)) for _, block, target in row_blocks(case))
    block, target, keep = next(part for part in parts if part[2] is None or part[2].any())
    return (block, target) if keep is None else (block[keep], target[keep])
