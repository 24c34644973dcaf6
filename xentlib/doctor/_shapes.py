"""Do outputs and targets fit each other? Every later check relies on the answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from xentlib.doctor._case import Case
from xentlib.doctor._kinds import is_hard, settle_labels, settle_rows
from xentlib.doctor._normalised import tolerance


def settle(case: Case) -> bool:
    """Find the class axis and what the targets are; mend what can be; False if nothing fits."""
    case.checked.append("shapes, class axis and the type of the targets")
    o, t = case.outputs, case.targets
    if o.size == 0 or t.size == 0:
        case.find(
            "empty",
            "error",
            1.0,
            "There is nothing to average: an array is empty, and a mean over nothing is nan.",
            outputs_shape=o.shape,
            targets_shape=t.shape,
        )
        return False
    if o.ndim == 0 and not case.binary:
        return _unfit(case, "The outputs are a single number, without an axis of classes.")
    if _swapped(case) or _predictions(case) or _other_kind(case):
        return False
    return _binary(case) if case.binary else _classes(case)


def _swapped(case: Case) -> bool:
    """Whether the outputs are what the targets should be: labels, or rows of zeros and ones."""
    o, t = case.outputs, case.targets
    if t.dtype.kind != "f" or o.ndim == 0:
        return False
    labels = o.dtype.kind in "iu" and t.ndim == o.ndim + 1 and not case.binary
    labels = labels and o.shape in (t.shape[:-1], t.shape[:1] + t.shape[2:])
    likely = labels
    if not labels and o.shape == t.shape and is_hard(o):
        impossible = t.min() < 0 or t.max() > 1
        shares = bool(((t > 0) & (t < 1)).any())
        likely = bool(impossible) or (case.takes == "probabilities" and shares)
        if not case.binary and likely and not impossible:
            likely = bool((o.sum(axis=-1) == 1).all())
        labels = bool(impossible)
    if not likely and o.shape == t.shape and _scores_and_shares(case):
        labels = likely = True
    if likely:
        case.find(
            "swapped",
            "error" if labels else "warning",
            0.99 if labels else 0.8,
            "The arguments look swapped: the outputs are labels, or rows of zeros and ones, or "
            "shares, and the targets are scores.",
            outputs_dtype=case.output_dtype,
            lowest_target=t.min(),
            highest_target=t.max(),
        )
    return likely


def _predictions(case: Case) -> bool:
    """Whether the outputs are class indices, as the targets are."""
    o, t = case.outputs, case.targets
    whole = o.dtype.kind in "iu" and t.dtype.kind in "iu" and o.shape == t.shape and o.ndim > 0
    if not whole or o.max() < 2 or t.max() < 2:
        return False
    case.find(
        "hard-predictions",
        "error",
        0.99,
        "The outputs are whole numbers in the shape of the labels: predicted classes. The loss "
        "takes a number for each class.",
        outputs_shape=o.shape,
        targets_shape=t.shape,
    )
    return True


def _other_kind(case: Case) -> bool:
    """Whether the function takes labels and got rows, or the reverse."""
    o, t = case.outputs, case.targets
    if case.kind == "labels" and t.shape == o.shape and o.ndim > 1:
        given, wanted = "a row for each row of the outputs", "one label"
    elif case.kind == "rows" and o.shape[:1] == t.shape[:1] and t.size < o.size:
        given, wanted = "labels", "rows, such as one-hot ones"
    else:
        return False
    return not _unfit(case, f"The targets are {given}; this function takes {wanted}.")


def _scores_and_shares(case: Case) -> bool:
    """Whether the outputs are distributions, and the targets anything but."""
    o, t = case.outputs, case.targets
    if case.takes == "probabilities" or case.arguments.get("log_target") or case.binary:
        return False
    if not (o.dtype.kind == "f" and o.min() >= 0 and t.min() < 0 and len(np.unique(t[:8])) > 2):
        return False
    last = 1 if case.framework == "torch" and o.ndim > 1 else -1
    return any(np.abs(o.sum(axis=axis) - 1).max() < tolerance(case) for axis in {-1, last})


def _binary(case: Case) -> bool:
    o, t = case.outputs, case.targets
    if o.shape != t.shape:
        if o.size != t.size or o.squeeze().shape != t.squeeze().shape:
            two = o.shape == (*t.shape, 2)
            return _unfit(
                case,
                "Outputs with two columns are for a softmax; a binary loss wants one per target."
                if two
                else "A binary loss wants one target for each output.",
            )
        if not case.keras:
            case.find(
                "broadcast",
                "error" if o.size > 1 else "warning",
                1.0,
                f"A column against a row: {o.shape} against {t.shape} raises in PyTorch, and by "
                "hand or in Optax it becomes a table of every output against every target.",
                outputs_shape=o.shape,
                targets_shape=t.shape,
            )
        case.targets = t.reshape(o.shape)
    if case.framework == "torch" and case.tensors and t.dtype.kind in "biu":
        case.find(
            "label-type",
            "error",
            1.0,
            f"PyTorch's binary losses want floating targets; these are {case.target_dtype}.",
            targets_dtype=case.target_dtype,
        )
    return True


def _classes(case: Case) -> bool:
    o, t = case.outputs, case.targets
    if case.framework == "torch" and o.ndim > 1 and case.loss not in ("kl_div", "perplexity"):
        case.axis = 1
    axis = case.arguments.get("axis", case.axis)
    if not -o.ndim <= axis < o.ndim:
        raise ValueError(f"axis is {axis}, but the outputs have shape {o.shape}")
    case.axis = axis % o.ndim
    if t.shape == case.label_shape and case.loss != "kl_div":
        return settle_labels(case)
    if t.shape == o.shape:
        return settle_rows(case)
    if case.loss != "kl_div":
        if t.shape in _with_column(case):
            if not case.keras:
                case.find(
                    "label-column",
                    "error",
                    0.99,
                    f"The labels have shape {t.shape}, expected {case.label_shape}: a column of "
                    "labels raises or broadcasts.",
                    outputs_shape=o.shape,
                    targets_shape=t.shape,
                )
            case.targets = t.reshape(case.label_shape)
            return settle_labels(case)
        for other in range(o.ndim):
            if o.shape[:other] + o.shape[other + 1 :] == t.shape:
                _axis_found(case, other)
                case.axis = other
                return settle_labels(case)
    for other in range(o.ndim if t.ndim == o.ndim else 0):
        if np.moveaxis(t, other, case.axis).shape == o.shape:
            _axis_found(case, case.axis, f"; those of the targets are on axis {other}")
            case.targets = np.moveaxis(t, other, case.axis)
            return settle_rows(case)
        if np.moveaxis(o, other, case.axis).shape == t.shape:
            _axis_found(case, other)
            case.outputs = np.moveaxis(o, other, case.axis)
            return settle_rows(case)
    return _unfit(
        case,
        f"Outputs of shape {o.shape} with classes on axis {case.axis} want labels of shape "
        f"{case.label_shape}, or distributions of their own shape.",
    )


def _with_column(case: Case) -> set[tuple[int, ...]]:
    shape = case.label_shape
    return {(*shape, 1), (*shape[: case.axis], 1, *shape[case.axis :])}


def _axis_found(case: Case, axis: int, targets: str = "") -> None:
    case.find(
        "class-axis",
        "error",
        0.99,
        f"Outputs and targets fit only if the classes are on axis {axis} of the outputs"
        + (f"{targets}." if targets else f"; the loss looks for them on axis {case.axis}."),
        outputs_shape=case.outputs.shape,
        targets_shape=case.targets.shape,
    )


def _unfit(case: Case, message: str, **more: Any) -> bool:
    case.find(
        "shape",
        "error",
        1.0,
        message,
        outputs_shape=case.outputs.shape,
        targets_shape=case.targets.shape,
        **more,
    )
    return False
