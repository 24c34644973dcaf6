"""Binary losses, as the right calls and the wrong ones compute them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xentlib._checks import Array

# Keras clips at 1e-7, scikit-learn by precision.
CLIPS = (1e-7, float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps))


def naive(p: Array, t: Array, w: Array) -> Array:
    """Nothing guards 0 times infinity."""
    return np.asarray(-(w * t * np.log(p) + (1 - t) * np.log(1 - p)))


def ended(p: Array, t: Array, w: Array) -> Array:
    """PyTorch ends the logarithm at -100."""
    yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return np.asarray(-(w * t * yes + (1 - t) * no))


def clips(name: str, p: Array, t: Array, w: Array) -> Iterator[tuple[str, Array]]:
    """Yield the losses of clipped probabilities."""
    for eps in CLIPS:
        q = np.clip(p, eps, 1 - eps)
        yield f"{name} {eps}", -(w * t * np.log(q) + (1 - t) * np.log1p(-q))


def logit_loss(z: Array, t: Array, w: Array | float) -> Array:
    """Return the losses of logits."""
    both = np.log1p(np.exp(-np.abs(z)))  # np.logaddexp takes twenty times as long
    yes, no = both + np.maximum(-z, 0), both + np.maximum(z, 0)
    return np.asarray(w * t * yes + (1 - t) * no)


def probability_loss(p: Array, t: Array, w: Array | float) -> Array:
    """Return the losses of probabilities."""
    yes = np.where(t == 0, 0, t * np.log(p))
    no = np.where(t == 1, 0, (1 - t) * np.log1p(-p))
    return np.asarray(-(w * yes + no))
