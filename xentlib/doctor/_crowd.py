"""Do numbers crowd at the end of their range, as the outputs of a sigmoid do?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array

SOME = 4096  # enough to see it
EVEN = 0.1  # of what is below the median, so much is below a tenth of it, if spread evenly
SMOOTH = 0.316  # and so much near a maximum that is passed smoothly, as a cosine passes 1


def crowded(distances: Array, chance: float) -> float:
    """Return how improbable such a crowd is for numbers that do not know of the end, in nats.

    A sigmoid squeezes a wide range of logits into many decades of distances. To other numbers a
    tenth of the median distance means nothing: a share of those below it, ``chance``, come so
    close.
    """
    near = distances[:: max(1, len(distances) // SOME)]
    near = near[near > 0].astype(np.float64)  # what is at the end exactly was put there
    if len(near) < 16:
        return 0.0
    middle = float(np.median(near))
    count = int((near < middle).sum())
    return surprise(int((near < middle / 10).sum()), count, chance)


def surprise(hits: int, tries: int, chance: float) -> float:
    """Return the nats by which a share above chance speaks against chance."""
    share = hits / tries if tries else 0.0
    if share <= chance:
        return 0.0
    if share >= 1 or chance <= 0:
        return tries * -math.log(max(chance, 1e-300))
    return tries * (
        share * math.log(share / chance) + (1 - share) * math.log((1 - share) / (1 - chance))
    )
