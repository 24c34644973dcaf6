"""What every function asks of its arguments, and what it says when they are wrong.

A message names what was given, what was expected, and the usual cause.
"""

import math
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

Array = npt.NDArray[Any]
DType = np.dtype[Any]


def real_array(x: npt.ArrayLike, name: str) -> tuple[Array, DType]:
    """Return ``x`` as an array, and the precision that its losses are computed in."""
    array = np.asarray(x)
    if np.issubdtype(array.dtype, np.floating):
        return array, np.result_type(array.dtype, np.float32)
    if array.dtype.kind in "biu":
        return array, np.dtype(np.float64)
    raise TypeError(
        f"{name} has dtype {array.dtype}, expected real numbers (float, int or bool); "
        f"convert it first, for example with np.asarray({name}, dtype=float) "
        "(a bfloat16 tensor: .float() before .numpy())"
    )


def real_number(value: Any, name: str, low: float, high: float = math.inf) -> float:
    """Return ``value`` as a finite float in ``[low, high]``."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected a real number")
    number = float(value)
    if not (low <= number <= high and math.isfinite(number)):
        limits = f">= {low:g}" if high == math.inf else f"in [{low:g}, {high:g}]"
        raise ValueError(f"{name} is {value!r}, expected a finite number {limits}")
    return number


def integer(value: Any, name: str) -> int:
    """Return ``value`` as an int; True and 3.0 are mistakes, not integers."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected an int")
    return int(value)


def number_of_classes(value: Any) -> int:
    """Return ``num_classes`` as an int of at least one."""
    classes = integer(value, "num_classes")
    if classes < 1:
        raise ValueError(f"num_classes is {classes}, expected at least 1")
    return classes


def known_reduction(reduction: Any) -> None:
    """Refuse a reduction that does not exist."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is {reduction!r}, expected "mean", "sum" or "none"')


def class_axis(array: Array, name: str, axis: int) -> int:
    """Return the non-negative class axis of an array that has at least one class."""
    if array.ndim == 0:
        raise ValueError(f"{name} is a single number, expected an array with a class axis")
    axis = normalize_axis_index(axis, array.ndim)
    if array.shape[axis] == 0:
        raise ValueError(f"{name} has shape {array.shape}: no classes along axis {axis}")
    return axis


def distributions(p: Array, name: str, axis: int) -> None:
    """Refuse slices along ``axis`` that are not probability distributions (nan passes)."""
    tolerance = 1e-6
    if np.issubdtype(p.dtype, np.floating):
        tolerance = max(tolerance, float(np.finfo(p.dtype).eps))
    with np.errstate(all="ignore"):
        low = p.min(axis=axis)
        total = p.sum(axis=axis, dtype=np.float64)
        bad = (low < 0) | (np.abs(total - 1) > tolerance)
    bad &= low == low  # a nan in the slice is the slice's smallest entry
    if bad.any():
        first = _first(bad)
        where = f" at {first}" if first else ""
        least = f" and has the entry {low[first]:.6g}" if low[first] < 0 else ""
        raise ValueError(
            f"{name}: the slice{where} sums to {total[first]:.6g}{least}; expected entries >= 0 "
            f"that sum to 1 within {tolerance:.2g} along axis {axis}. "
            "Are these logits (apply softmax), counts or percentages (divide by their sum), "
            "or is the class axis another one (pass axis=)?"
        )


def class_indices(targets: Array, classes: int, ignore_index: int | None = None) -> None:
    """Refuse labels outside ``[0, classes)`` other than ``ignore_index``."""
    if targets.size == 0 or (targets.min() >= 0 and targets.max() < classes):
        return
    bad = (targets < 0) | (targets >= classes)
    if ignore_index is not None:
        bad &= targets != ignore_index
    if bad.any():
        first = _first(bad)
        where = f" at {first}" if first else ""
        raise ValueError(
            f"targets has {targets[first]}{where}, expected a class index from 0 to "
            f"{classes - 1}. Are the labels counted from 1 (subtract 1), or is this a padding "
            "label such as -100 (pass ignore_index)?"
        )


def label_array(targets: npt.ArrayLike) -> Array:
    """Return targets that are class indices."""
    array = np.asarray(targets)
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"targets have dtype {array.dtype}, expected integer class indices (.astype(int))"
        )
    return array


def class_vector(values: npt.ArrayLike, name: str, classes: int, dtype: DType) -> Array:
    """Return one finite, non-negative number per class, in precision ``dtype``."""
    array, _ = real_array(values, name)
    if array.shape != (classes,):
        scalar = name == "alpha" and array.ndim == 0
        cause = ". The alpha of binary targets? Use sigmoid_focal_loss" if scalar else ""
        raise ValueError(
            f"{name} has shape {array.shape}, expected ({classes},): one number per class{cause}"
        )
    return _finite(array, name, dtype)


def positive_weight(values: npt.ArrayLike | None, shape: tuple[int, ...], dtype: DType) -> Array:
    """Return ``pos_weight``: one finite, non-negative number, or one per output."""
    array, _ = real_array(1.0 if values is None else values, "pos_weight")
    if array.ndim != 0 and (len(shape) < 2 or array.shape != shape[-1:]):
        outputs = f", or shape {shape[-1:]}: one per output" if len(shape) > 1 else ""
        raise ValueError(f"pos_weight has shape {array.shape}, expected one number{outputs}")
    return _finite(array, "pos_weight", dtype)


def _finite(array: Array, name: str, dtype: DType) -> Array:
    with np.errstate(all="ignore"):
        numbers = array.astype(dtype)
    bad = ~(np.isfinite(numbers) & (numbers >= 0))
    if bad.any():
        first = _first(bad)
        where = f" at {first}" if first else ""
        raise ValueError(
            f"{name} has {array[first]:g}{where}, expected finite numbers >= 0 in {dtype}"
        )
    return numbers


def binary(
    predictions: npt.ArrayLike, targets: npt.ArrayLike, name: str
) -> tuple[Array, Array, DType]:
    """Check binary predictions against floating targets in [0, 1] of the same shape."""
    x, dtype = real_array(predictions, name)
    t, precision = real_array(targets, "targets")
    if t.dtype.kind in "biu":
        raise TypeError(
            f"targets have dtype {t.dtype}; binary targets are floats in [0, 1] (.astype(float))"
        )
    if x.shape != t.shape:
        column = x.squeeze().shape == t.squeeze().shape
        cause = (
            "A column against a row? They would broadcast; squeeze one"
            if column
            else ("One target for each output; nothing is broadcast")
        )
        raise ValueError(f"targets have shape {t.shape}, {name} have shape {x.shape}. {cause}")
    unit_interval(t, "targets", "Labels {-1, 1} or {1, 2}? Map them to {0, 1}")
    return x, t, np.result_type(dtype, precision)


def unit_interval(x: Array, name: str, cause: str) -> None:
    """Refuse entries outside [0, 1] (nan passes)."""
    if np.fmin.reduce(x, axis=None, initial=0) < 0 or np.fmax.reduce(x, axis=None, initial=0) > 1:
        bad = (x < 0) | (x > 1)
        first = _first(bad)
        where = f" at {first}" if first else ""
        raise ValueError(f"{name} has {x[first]}{where}, expected numbers in [0, 1]. {cause}")


def label_shape(z: Array, t: Array, axis: int, shape: tuple[int, ...]) -> None:
    """Refuse integer targets that are not one label for each row of logits."""
    if t.shape == shape:
        return
    given = f"targets are integers of shape {t.shape}, logits have shape {z.shape}"
    if t.shape == z.shape:
        raise ValueError(
            f"{given}: expected labels of shape {shape}. An integer one-hot? Pass "
            f".argmax({axis}) for labels, or .astype(float) for distributions"
        )
    others = [a for a in range(z.ndim) if z.shape[:a] + z.shape[a + 1 :] == t.shape]
    if others:
        cause = f"Is the class axis {others[0]}? Pass axis={others[0]}"
    elif t.ndim == z.ndim and t.shape[axis] == 1:
        cause = f"A column of labels? Pass targets.squeeze({axis})"
    else:
        cause = "Labels of another batch, a missing slice, or a class axis elsewhere (axis=)?"
    raise ValueError(f"{given}: with classes along axis {axis} expected {shape}. {cause}")


def distribution_targets(
    t: Array, full: tuple[int, ...], axis: int, shape: tuple[int, ...], ignore_index: int | None
) -> DType:
    """Refuse targets that are no labels and no distributions; return their precision."""
    if t.dtype.kind == "b":
        raise TypeError(
            "targets are bool, expected integer labels or floating distributions "
            "(.astype(int) for labels, .astype(float) for a one-hot)"
        )
    if not np.issubdtype(t.dtype, np.floating):
        raise TypeError(
            f"targets have dtype {t.dtype}, expected integer labels or floating distributions"
        )
    if t.shape == shape:
        raise TypeError(
            f"targets have dtype {t.dtype} and the shape of labels, {shape}; labels must be "
            "integers (.astype(int))"
        )
    if t.shape != full:
        raise ValueError(
            f"targets are floating, of shape {t.shape}: distributions must have the logits' shape, "
            f"{full}, and labels must be integers of shape {shape}"
        )
    if ignore_index is not None:
        raise ValueError(
            f"ignore_index is {ignore_index}, but the targets are distributions: it names a class "
            "index (drop the rows, or pass integer labels)"
        )
    distributions(t, "targets", axis)
    return np.result_type(t.dtype, np.float32)


def _first(bad: Array) -> tuple[int, ...]:
    """Return the index of the first True."""
    return tuple(int(i) for i in np.unravel_index(np.argmax(bad), bad.shape))
