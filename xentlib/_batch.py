"""A checked batch for the losses over classes, and the total that losses end in."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xentlib import _checks
from xentlib._checks import Array, DType
from xentlib._rows import BLOCK, Rows, as_rows, as_vector, positions, product, spans


@dataclass(frozen=True)
class Batch:
    """Logits with their targets, seen as (before, classes, after) the class axis.

    Targets are labels (before, after) if ``indices``, else distributions (before, classes, after).
    """

    logits: Array
    targets: Array
    indices: bool
    weight: Array | None
    ignore_index: int | None
    dtype: DType
    shape: tuple[int, ...]

    def row_shape(self) -> tuple[int, int]:
        """Return the shape of one number per row, (before, after)."""
        return self.logits.shape[0], self.logits.shape[2]

    def ignored(self, rows: Rows) -> Array | bool:
        """Return which rows of a block count for nothing."""
        if self.ignore_index is None:
            return False
        return np.asarray(self.targets[rows] == self.ignore_index)

    def labels(self, rows: Rows) -> Array:
        """Return the labels of a block, with class 0 where they are ignored."""
        y: Array = self.targets[rows]
        return y if self.ignore_index is None else np.where(self.ignored(rows), 0, y)

    def weighted(self, labels: Array, losses: Array) -> Array:
        """Return w_y times the losses."""
        return losses if self.weight is None else product(self.weight[labels], losses)

    def mass(self, rows: Rows, smoothing: float, like: Array) -> Array:
        """Return w_c q'_c, the distributions after smoothing and weighting, laid out ``like``."""
        mass = np.zeros_like(like)
        if self.indices:
            as_vector(mass)[positions(self.labels(rows), len(mass))] = 1
        else:
            mass[...] = self.targets[rows[0], :, rows[1]].transpose(1, 0, 2)
        mass *= 1 - smoothing
        mass += smoothing / len(mass)
        if self.weight is not None:
            mass *= self.weight[:, np.newaxis, np.newaxis]
        return mass

    def divisor(self, reduction: str, *, weighted: bool = True) -> float:
        """Return what the reduction divides by; warn where a mean has nothing to divide by."""
        if reduction != "mean":
            return 1.0
        rows = total = math.prod(self.shape)
        if self.indices and self.ignore_index is not None:
            rows -= int(np.count_nonzero(self.targets == self.ignore_index))
        divisor = float(rows)
        if self.indices and weighted and self.weight is not None:
            divisor = self._kept_weight(self.weight)
        if divisor == 0:
            reason = "the weights of the kept targets sum to 0"
            if rows == 0:
                reason = f"every target is ignore_index={self.ignore_index}"
            if total == 0:
                reason = "the batch is empty"
            warnings.warn(f"a mean over nothing: {reason}", RuntimeWarning, stacklevel=3)
        return divisor

    def _kept_weight(self, weight: Array) -> float:
        total = 0.0
        before, after = self.row_shape()
        for rows in spans((before, 1, after), self.targets.itemsize):
            w = weight[self.labels(rows)]
            total += float(np.where(self.ignored(rows), 0, w).sum(dtype=np.float64))
        return total


def class_batch(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    weight: npt.ArrayLike | None,
    ignore_index: int | None,
    axis: int,
    *,
    weight_name: str = "weight",
) -> Batch:
    """Check logits against targets: indices, or distributions of the logits' shape."""
    z, dtype = _checks.real_array(logits, "logits")
    axis = _checks.class_axis(z, "logits", axis)
    classes, shape = z.shape[axis], z.shape[:axis] + z.shape[axis + 1 :]
    if ignore_index is not None:
        ignore_index = _checks.integer(ignore_index, "ignore_index")
    t = np.asarray(targets)
    indices = t.dtype.kind in "iu"
    if indices:
        _checks.label_shape(z, t, axis, shape)
        _checks.class_indices(t, classes, ignore_index)
        t = t.reshape(math.prod(shape[:axis]), math.prod(shape[axis:]))
    else:
        dtype = np.result_type(
            dtype, _checks.distribution_targets(t, z.shape, axis, shape, ignore_index)
        )
        t = as_rows(t, axis)
    if weight is not None:
        weight = _checks.class_vector(weight, weight_name, classes, dtype)
    return Batch(as_rows(z, axis), t, indices, weight, ignore_index, dtype, shape)


class Total:
    """Losses that come in blocks: kept for "none", else summed in at least double precision."""

    def __init__(self, reduction: str, shape: tuple[int, ...], dtype: DType) -> None:
        self.dtype = dtype
        self.losses = np.empty(shape, dtype) if reduction == "none" else None
        self.sum = np.result_type(dtype, np.float64).type(0)

    def add(self, rows: Any, losses: Array) -> None:
        """Take in the losses of a block."""
        if self.losses is None:
            self.sum += losses.sum(dtype=self.sum.dtype)
        else:
            self.losses[rows] = losses

    def over(self, divisor: float, shape: tuple[int, ...]) -> np.floating[Any] | Array:
        """Return the losses in ``shape``, or their sum over the divisor."""
        if self.losses is None:
            with np.errstate(all="ignore"):
                value: np.floating[Any] = (self.sum / divisor).astype(self.dtype)
            return value
        return self.losses.reshape(shape)


def chunks(*arrays: Array, dtype: DType) -> Iterator[tuple[slice, tuple[Array, ...]]]:
    """Yield short vectors of broadcast arrays in C order, cast, each with its place."""
    start = 0
    for vectors in np.nditer(
        arrays,
        flags=["external_loop", "buffered", "zerosize_ok"],
        order="C",
        op_dtypes=[dtype] * len(arrays),
        casting="same_kind",
        buffersize=BLOCK // (8 * dtype.itemsize),  # the losses make several temporaries of it
    ):
        yield slice(start, start + vectors[0].size), vectors
        start += vectors[0].size
