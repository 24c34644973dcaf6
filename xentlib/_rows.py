"""The numerics of softmax, over blocks of rows that stay in the processor's cache.

A block has shape (classes, ...rows), so every reduction runs along axis 0. In memory the classes of
a row are neighbours.
"""

import functools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rows = tuple[slice, slice]

BLOCK = 1 << 20  # bytes: enough to hide what a call of NumPy costs, and still in a cache


def as_rows(x: Array, axis: int) -> Array:
    """View ``x`` as (before, classes, after)."""
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    return x.reshape(math.prod(before), x.shape[axis], math.prod(after))


def spans(shape: tuple[int, ...], itemsize: int) -> Iterator[Rows]:
    """Cut (before, classes, after) into rectangles of rows that have about BLOCK bytes each."""
    before, classes, after = shape
    rows = max(1, BLOCK // (classes * itemsize))
    inner = max(1, min(rows, after))
    outer = rows // inner
    for i in range(0, before, outer):
        for j in range(0, after, inner):
            yield slice(i, i + outer), slice(j, j + inner)


def blocks(
    logits: Array, dtype: np.dtype[Any], out: Array | None = None
) -> Iterator[tuple[Rows, Array, Array]]:
    """Yield each block's rows, a view of its logits, and memory of its shape to compute in.

    What is in that memory at the next step is stored in ``out``, if there is one.
    """
    scratch = np.empty(0, dtype)
    for i, j in spans(logits.shape, dtype.itemsize):
        z = logits[i, :, j].transpose(1, 0, 2)
        if out is not None and logits.shape[2] == 1:
            yield (i, j), z, out[i, :, j].transpose(1, 0, 2)  # laid out like a block already
            continue
        classes, *rows = z.shape
        scratch = scratch if scratch.size >= z.size else np.empty(z.size, dtype)
        block = scratch[: z.size].reshape(*rows, classes).transpose(2, 0, 1)
        yield (i, j), z, block
        if out is not None:
            out[i, :, j] = block.transpose(1, 0, 2)


def as_vector(block: Array) -> Array:
    """View a block as the vector that it is in memory."""
    return block.transpose(1, 2, 0).reshape(-1)


def positions(labels: Array, classes: int) -> Array:
    """Return where in that vector each row has the entry at its label."""
    start = np.arange(0, labels.size * classes, classes).reshape(labels.shape)
    return np.asarray(start + labels.astype(np.intp, copy=False))


def _loaded(z: Array, block: Array) -> Array:
    """Return logits in the layout and precision of a block: themselves, or a copy in it."""
    if z.dtype == block.dtype and z.strides[0] == z.itemsize:
        return z
    np.copyto(block, z)
    return block


def class_sum(block: Array) -> Array:
    """Return the sum of each row."""
    if len(block) > 1024:
        return np.asarray(block.sum(axis=0))  # pairwise, which so many terms need
    return np.asarray(np.einsum("cij->ij", block))  # as exact here, and faster


def shift_by_maximum(z: Array, block: Array) -> Array:
    """Return the logits minus their row maximum, in the block: no exponential is above 1."""
    z = _loaded(z, block)
    # NumPy is slow at reducing many short rows one by one.
    top = functools.reduce(np.maximum, z) if len(z) < 24 else z.max(axis=0)
    np.subtract(z, top, out=block)
    return block


def exp_rest(shifted: Array, out: Array | None = None) -> tuple[Array, Array]:
    """Return exp(shifted) and, per row, the sum of all its entries but one that is the maximum.

    That entry is 1. Added to a sum of 1e-18 it would swallow the sum; log1p(rest) keeps it.
    """
    e = np.exp(shifted, out=out)
    ones = np.floor(e)  # 1 at the maximum and its ties, 0 below
    ties = class_sum(ones)
    return e, class_sum(np.subtract(e, ones, out=ones)) + (ties - 1)


class AtTarget(NamedTuple):
    """The softmax of a block as seen from each row's label y."""

    entries: Array  # the block of exp(z - shift) as a vector; at the label it has 0 instead
    place: Array  # of the label in that vector
    total: Array  # sum of exp(z - shift)
    miss: Array  # 1 - p_y, exact however small
    nll: Array  # -log p_y, exact however small


def at_target(z: Array, block: Array, labels: Array) -> AtTarget:
    """Weigh the exponentials of all other classes, summed, against that of the label.

    Moderate logits need no shift: that saves half the time and the rounding of z - shift. A block
    where an exponential or a sum comes near the limits of its precision is done again with one.
    """
    place = positions(labels, len(z))
    own, rest = _exp_apart(_loaded(z, block), block, place)
    total, odds = own + rest, rest / own
    nll = log1p(odds)
    low = np.sqrt(np.finfo(block.dtype).tiny)  # 1e-19 in single precision
    moderate = own.min() > low and rest.min() > low and 1e12 * low < total.min()
    if not (moderate and total.max() < 1 / low):
        shifted = shift_by_maximum(z, block)
        z_y = as_vector(shifted)[place]
        own, rest = _exp_apart(shifted, block, place)
        total, odds = own + rest, rest / own
        nll = np.where(odds < 2.0**60, log1p(odds), np.log(rest) - z_y)
    return AtTarget(as_vector(block), place, total, rest / total, nll)


def _exp_apart(z: Array, block: Array, place: Array) -> tuple[Array, Array]:
    """Store exp(z) in the block, 0 at the label; return it there, and the sum of the others."""
    entries = as_vector(np.exp(z, out=block))
    own = entries[place]
    entries[place] = 0
    return own, class_sum(block)


def log1p(x: Array) -> Array:
    """Return log(1 + x), as exact as NumPy's (within 2 ulp) and several times as fast.

    The logarithm is that of the rounded u = 1 + x; the factor x / (u - 1) undoes the rounding
    (Goldberg 1991, theorem 4).
    """
    u = 1 + x
    return np.where(u == 1, x, np.log(u) * (x / (u - 1)))


def others(e: Array, rest: Array) -> Array:
    """Return the sum of the exponentials in the row other than ``e`` itself, (1 - p) * total."""
    return np.where(e == 1, rest, 1 + rest - e)


def product(mass: Array | float, cost: Array) -> Array:
    """Return mass * cost, where no mass costs nothing, even when the cost is infinite."""
    out = np.asarray(mass * cost)
    np.copyto(out, 0, where=np.equal(mass, 0) & np.isinf(cost))
    return out
