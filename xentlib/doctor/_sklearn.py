"""What scikit-learn's log_loss takes and other losses do not: labels of any kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from xentlib.doctor._arrays import Seen, look


def for_sklearn(loss: str, outputs: Any, targets: Any) -> tuple[str, Any]:
    """Return the loss that log_loss computes here, and its labels counted from 0.

    The columns belong to the sorted labels; a single one is the probability of the second label.
    """
    seen = look(outputs, "outputs")
    if not isinstance(seen, Seen) or seen.values.ndim not in (1, 2):
        return loss, targets
    flat = seen.values.ndim == 1
    try:
        labels = np.asarray(targets)
        names, places = np.unique(labels, return_inverse=True)
    except (TypeError, ValueError):
        return loss, targets  # no labels, which is found later
    rows = labels.shape == seen.values.shape[:1]
    classes = 2 if flat else seen.values.shape[1]
    whole = names.dtype.kind != "f" or bool((names == np.floor(names)).all())
    if rows and whole and len(names) == classes:
        targets = places.reshape(labels.shape)
    return "binary_cross_entropy" if flat and rows else loss, targets
