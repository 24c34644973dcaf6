"""What may stand for a log-probability, by what the outputs are.

A reading goes entry by entry, with a few sums of the row. So those sums are computed once for all
readings, and a label asks for one entry of its row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xentlib._checks import Array

Reading = Callable[[Array, Any], Array]  # entries (n, C) or (n, 1), and the sums of their rows


def log_softmax(x: Array, row: Any) -> Array:
    """The reading of logits."""
    return np.asarray((x - row.top) - row.log_sum)


def _clipped(eps: float) -> Reading:
    return lambda q, _: np.asarray(np.log(np.clip(q, eps, 1 - eps)))


# By what the outputs are: the right reading first, then the wrong ones, each with its code.
READINGS: dict[str, dict[str, Reading]] = {
    "logits": {
        "": log_softmax,
        "double-softmax": lambda z, row: np.exp(log_softmax(z, row)) - row.second,
        "probabilities-as-log": lambda z, row: np.exp(log_softmax(z, row)),
        "logits-as-log": lambda z, _: z,
        "clipped": _clipped(1e-7),
        "clipped 2": lambda z, row: _clipped(1e-7)(z / row.total, row),
    },
    "probabilities": {
        "": lambda q, _: np.log(q),
        "double-softmax": log_softmax,
        "probabilities-as-log": lambda q, _: q,
        "rows-not-normalised": lambda q, row: np.log(q / row.total),
        "clipped": _clipped(1e-7),
        "clipped 2": _clipped(float(np.finfo(np.float32).eps)),
        "clipped 3": _clipped(float(np.finfo(np.float64).eps)),
        "clipped 4": lambda q, _: np.log(q + 1e-8),
        "clipped 5": _clipped(float(np.finfo(np.float16).eps)),
    },
    "logs": {
        "": lambda z, _: z,
        "double-softmax": lambda z, row: np.exp(z) - row.second,
        "probabilities-as-log": lambda z, _: np.exp(z),
        "clipped": _clipped(1e-7),
    },
}
