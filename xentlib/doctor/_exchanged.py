"""Are yes and no exchanged in a binary loss?"""

from __future__ import annotations

import numpy as np

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._rowwise import softplus
from xentlib.doctor._squashed import CLIP, LIKELY

ENTRIES = 1 << 17  # enough for the test below, however large the batch
LEAST = 5  # of each kind
MUCH = 0.75  # of the loss of a guess


def check_exchanged(case: Case, facts: BinaryFacts) -> None:
    """See whether the outputs fit the opposite of the targets, and far better than a guess."""
    if not facts.target_hard or facts.nan or facts.above or facts.below or facts.hard:
        return
    case.checked.append("whether yes and no are exchanged")
    columns = case.outputs.shape[-1] if case.outputs.ndim == 2 else 1
    rows = max(1, ENTRIES // columns)
    z = case.outputs.reshape(-1, columns)[:rows].astype(np.float64)
    t = case.targets.reshape(-1, columns)[:rows].astype(np.float64)
    if case.takes == "probabilities":
        z = np.clip(np.log(z) - np.log1p(-z), -CLIP, CLIP)
    losses = softplus(z)
    given, opposite = (losses - t * z).sum(axis=0), (losses - (1 - t) * z).sum(axis=0)
    yes, no = t.sum(axis=0), len(t) - t.sum(axis=0)
    guess = -yes * np.log(yes / len(t)) - no * np.log(no / len(t))
    wrong = (yes >= LEAST) & (no >= LEAST) & (given > guess / MUCH) & (opposite < MUCH * guess)
    wrong &= guess - opposite > LIKELY
    if not wrong.any():
        return
    worst = int(np.where(wrong, guess - opposite, 0).argmax())
    case.find(
        "class-order",
        "warning",
        0.9,
        "The outputs are low where the target is 1, and high where it is 0"
        + (f", in {int(wrong.sum())} of {columns} columns" if columns > 1 else "")
        + ": are yes and no exchanged? To the opposite targets they fit well.",
        column=worst,
        loss=given[worst] / len(t),
        loss_of_the_opposite=opposite[worst] / len(t),
        loss_of_a_guess=guess[worst] / len(t),
    )
