"""Are the targets of a loss over classes possible ones?"""

from __future__ import annotations

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._normalised import EPS


def check_targets(case: Case) -> bool:
    """Look at labels or distributions; False if no row can be examined further."""
    if case.indices:
        return _labels(case)
    return _distributions(case)


def _labels(case: Case) -> bool:
    case.checked.append("labels: range, ignored rows")
    t, c, ignore = case.targets, case.classes, case.ignore_index
    low, high = int(t.min()), int(t.max())
    ignored = 0 if ignore is None else int(np.count_nonzero(t == ignore))
    if low < 0 or high >= c:
        out = ((t < 0) | (t >= c)) & (True if ignore is None else t != ignore)
        if out.any():
            _out_of_range(case, t[out], int(np.count_nonzero(out)))
    if ignored == t.size:
        case.find(
            "all-ignored",
            "error",
            1.0,
            f"Every target is ignore_index={ignore}: the mean is 0/0, which is nan in PyTorch and "
            "0 in Keras.",
            targets=t.size,
            ignored=ignored,
        )
        return False
    if ignored > 0.9 * t.size and t.size >= 20:
        nearly_all = t.size - ignored <= 3 and t.size >= 100
        case.find(
            "mostly-ignored",
            "warning" if nearly_all else "note",
            0.8 if nearly_all else 0.5,
            f"{ignored / t.size:.3g} of the targets are ignored. Is that meant? The loss is the "
            "mean of what is left.",
            targets=t.size,
            ignored=ignored,
        )
    if ignored and ignore is not None and 0 <= ignore < c:
        case.find(
            "ignored-class",
            "note",
            0.5,
            f"ignore_index={ignore} is one of the {c} classes. It skips those rows; the class "
            "stays in the softmax of all others. Is that meant?",
            ignored=ignored,
            targets=t.size,
        )
    possible = (t >= 0) & (t < c)
    return bool((possible if ignore is None else possible & (t != ignore)).any())


def _out_of_range(case: Case, out: Array, count: int) -> None:
    t, c = case.targets, case.classes
    low, high = int(out.min()), int(out.max())
    one_based = low == high == c and int(t[t >= 0].min()) >= 1
    if one_based:
        case.find(
            "labels-from-one",
            "error",
            0.9,
            f"The labels go from {int(t[t >= 0].min())} to {c}: they are counted from 1, and the "
            f"{c} classes of the outputs from 0.",
            highest_label=high,
            classes=c,
        )
    padding = len(np.unique(out)) == 1 and low < 0
    case.find(
        "label-range",
        "error",
        0.8 if one_based else 1.0,
        f"{count} labels are outside 0 to {c - 1}"
        + (f": is {low} a padding label (ignore_index)?" if padding else ".")
        + (" Optax and JAX do not raise." if case.framework == "jax" else ""),
        lowest=low,
        highest=high,
        classes=c,
        labels=count,
    )


def _distributions(case: Case) -> bool:
    if case.loss == "kl_div" and case.arguments.get("log_target"):
        return _log_targets(case)
    case.checked.append("target rows: negative entries, sums")
    t = case.targets
    low, sums = float(t.min()), t.sum(axis=case.axis, dtype=np.float64)
    bad = sums.size - int(np.isfinite(sums).sum())
    if bad:
        case.find("not-finite", "error", 1.0, "The targets hold nan or infinity.", rows=bad)
        return False
    if low < 0:
        rounded = 0.05 if case.target_dtype in EPS else 1e-3
        logs = float(t.max()) <= 0 and bool(
            (np.abs(np.exp(t).sum(axis=case.axis) - 1) < rounded).all()
        )
        case.find(
            "kl-log-target" if logs else "target-negative",
            "error",
            1.0,
            "The targets are log-probabilities; the loss takes probabilities."
            if logs
            else "The targets have negative entries: no distribution has, and the loss can "
            "become negative.",
            lowest=low,
        )
        return True
    _sums(case, t, sums)
    if case.arguments.get("label_smoothing", 0) > 0 and _smoothed(t, case.axis):
        smoothed_twice(case, low)
    return True


def smoothed_twice(case: Case, low: float) -> None:
    """Report targets that are smoothed before a call that smooths them."""
    case.find(
        "smoothing-twice",
        "warning",
        0.9,
        "The targets are smoothed already, and the call smooths them again.",
        label_smoothing=case.smoothing,
        lowest_target=low,
    )


def _sums(case: Case, t: Array, sums: Array) -> None:
    off = np.abs(sums - 1)
    wrong = off > max(1e-5, 1e-2 if t.itemsize < 4 or case.target_dtype == "bfloat16" else 0)
    empty = sums == 0
    if not wrong.any():
        return
    whole = bool((t == np.floor(t)).all()) and float(sums.max()) > 1
    rounded = float(off.max()) <= min(0.02, 0.0051 * case.classes)
    evidence = {"sums_from": sums.min(), "sums_to": sums.max(), "rows": int(wrong.sum())}
    if whole:
        hot = float(t.max()) == 1
        case.find(
            "multi-hot" if hot else "target-sum",
            "warning",
            0.9,
            "Some target rows have several ones. For several labels at once the loss is binary; "
            "with a softmax it cannot come near 0."
            if hot
            else "The target rows are counts: they do not sum to 1.",
            **evidence,
        )
    elif (wrong == empty).all():
        case.find(
            "target-sum",
            "note",
            0.5,
            "Some target rows are all 0, the others sum to 1. Are these rows to be skipped? The "
            "mean still counts them.",
            **evidence,
        )
    else:
        case.find(
            "target-sum",
            "note" if rounded else "warning",
            0.9,
            "The target rows do not sum to 1"
            + (
                ": were they rounded when they were stored?"
                if rounded
                else ": as the loss is linear in them, it is scaled row by row."
            ),
            **evidence,
        )


def _log_targets(case: Case) -> bool:
    case.checked.append("targets: log-probabilities")
    if float(case.targets.max()) > 1e-3:
        case.find(
            "kl-log-target",
            "error",
            1.0,
            "log_target=True, but the targets are above 0: no logarithm of a probability is.",
            highest=case.targets.max(),
        )
    case.targets = np.exp(case.targets)
    return True


def _smoothed(t: Array, axis: int) -> bool:
    """Whether every row has one large entry, and one and the same small one elsewhere."""
    rows = np.moveaxis(t, axis, -1).reshape(-1, t.shape[axis])[:1024]
    low, high = rows.min(), rows.max()
    two_values = (np.abs(rows - low) < 1e-6) | (np.abs(rows - high) < 1e-6)
    one_large = (np.abs(rows - high) < 1e-6).sum(axis=-1) == 1
    return bool(0 < low < high < 1 and two_values.all() and one_large.all())
