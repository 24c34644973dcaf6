"""What a loss is said to be called with: the names, the kinds, and whether it takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from xentlib._checks import integer
from xentlib.doctor._arrays import Seen, look
from xentlib.doctor._names import ARGUMENTS, ELSEWHERE, LOSSES, REDUCTIONS, meant


def known_arguments(arguments: dict[str, Any], loss: str, asked: str = "examine") -> dict[str, Any]:
    """Check what a loss was called with; the doctor was asked by one of its functions."""
    for name in sorted(set(arguments) - set(ARGUMENTS)):
        same = ELSEWHERE.get(name)
        hint = f" (here it is {same!r})" if same else meant(name, ARGUMENTS)
        raise TypeError(f"{asked}() got {name}{hint}; of a call it takes {', '.join(ARGUMENTS)}")
    known = {key: value for key, value in arguments.items() if value is not None}
    _own(known, loss)
    reduction = known.get("reduction", "mean")
    if not isinstance(reduction, str) or reduction not in REDUCTIONS:
        raise ValueError(f"reduction is {reduction!r}, expected one of {', '.join(REDUCTIONS)}")
    for key in ("from_logits", "log_target"):
        if key in known and not isinstance(known[key], bool | np.bool_):
            raise TypeError(f"{key} is {known[key]!r}, expected True or False")
    for key in ("label_smoothing", "gamma"):
        if key in known:
            known[key] = _number(known[key], key)
    for key in ("axis", "ignore_index", "steps"):
        if key in known:
            known[key] = integer(known[key], key)
    if known.get("steps", 0) < 0:
        raise ValueError(f"steps is {known['steps']}, expected how many the model has trained")
    if "micro_batches" in known:
        known["micro_batches"] = _sizes(known["micro_batches"])
    return known


def _own(known: dict[str, Any], loss: str) -> None:
    """Refuse what only other losses take: they would not read it."""
    for key in known:
        owners = owners_of(key)
        if loss not in owners:
            raise TypeError(f"{loss} takes no {key}; {' and '.join(owners)} do")


def owners_of(key: str) -> list[str]:
    """Return the losses that take an argument: all, unless it is among what few have."""
    few = [name for name, loss in LOSSES.items() if key in loss.own]
    if key == "ignore_index":
        few = [name for name, loss in LOSSES.items() if loss.over == "classes"]
    return few or list(LOSSES)


def _sizes(value: Any) -> list[int]:
    seen = look(value, "micro_batches")
    sizes = seen.values.reshape(-1) if isinstance(seen, Seen) else np.zeros(0)
    if sizes.dtype.kind not in "iu" or not sizes.size or sizes.min() < 1:
        raise ValueError(f"micro_batches is {value!r}, expected the sizes of the parts, at least 1")
    return [int(n) for n in sizes]


def _number(value: Any, name: str) -> float:
    number = np.asarray(value)
    if number.ndim or number.dtype.kind not in "fiu":
        raise TypeError(f"{name} is {value!r}, expected a number")
    return float(number)
