"""Are the targets labels or distributions, and of a type that the loss takes?"""

from __future__ import annotations

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case


def settle_labels(case: Case) -> bool:
    """Targets of the labels' shape: they should be integers."""
    t = case.targets
    case.indices = True
    if t.dtype.kind == "f":
        finite = np.isfinite(t)
        whole = bool(finite.all()) and bool((t == np.floor(t)).all())
        tolerant = case.keras or case.framework == "sklearn"
        if not whole:
            case.find(
                "label-type",
                "error",
                0.99,
                "The labels are floats that are no whole numbers: neither class indices nor "
                "distributions over the classes.",
                targets_dtype=case.target_dtype,
                first=t[~finite][0] if not finite.all() else t[t != np.floor(t)][0],
            )
            return False
        if not tolerant:
            _wrong_type(case, "error" if case.tensors else "warning")
        case.targets = t.astype(np.int64)
    elif t.dtype.kind == "b":
        _wrong_type(case, "error" if case.tensors else "note")
        case.targets = t.astype(np.int64)
    elif case.framework == "torch" and case.tensors and t.dtype.name not in ("int64", "uint8"):
        _wrong_type(case, "error")
    if t.dtype.kind == "u":
        case.targets = t.astype(np.int64)
    return True


def _wrong_type(case: Case, severity: str) -> None:
    case.find(
        "label-type",
        severity,
        0.95,
        f"The labels have dtype {case.target_dtype}; class indices are integers"
        + (" (int64 in PyTorch)." if case.framework == "torch" else "."),
        targets_dtype=case.target_dtype,
    )


def settle_rows(case: Case) -> bool:
    """Targets of the outputs' shape: they should be floating distributions."""
    t = case.targets
    if t.dtype.kind == "f" or case.keras:
        case.targets = t.astype(np.result_type(t.dtype, np.float32), copy=False)
        return True
    hard = is_hard(t)
    one_hot = hard and bool((t.sum(axis=case.axis) == 1).all())
    if one_hot and case.framework != "jax":
        proved = case.framework == "torch" and case.tensors
        case.find(
            "integer-one-hot",
            "error" if proved else "warning",
            1.0 if proved else 0.8,
            "The targets are one-hot rows of integers: PyTorch and xentlib take floating rows, or "
            "class indices.",
            targets_dtype=case.target_dtype,
        )
    elif case.framework == "torch" and case.tensors:
        case.find(
            "label-type",
            "error",
            1.0,
            "The targets have the shape of the outputs, as distributions do, and whole numbers: "
            "shares below 1 are lost, and PyTorch raises.",
            targets_dtype=case.target_dtype,
            highest=t.max(),
        )
    case.targets = t.astype(np.float64)
    return True


def is_hard(x: Array) -> bool:
    """Whether all entries are 0 or 1, and not all the same."""
    some = x.reshape(-1)[:4096]  # most arrays are told by their first entries
    if not ((some == 0) | (some == 1)).all():
        return False
    return bool(((x == 0) | (x == 1)).all()) and bool(x.min() != x.max())
