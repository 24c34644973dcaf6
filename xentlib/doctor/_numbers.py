"""Where numbers end: nan and infinity, half precision, probabilities of exactly 0."""

from __future__ import annotations

import math

import numpy as np

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts

HALF_COUNT = 65504  # the largest number in half precision
HALF = ("float16", "bfloat16")


def check_numbers(case: Case, facts: Facts | BinaryFacts) -> None:
    """Report what is not finite, and where it starts."""
    case.checked.append("nan, infinity, and the limits of the precision")
    if facts.nan or facts.above:
        _not_finite(case, facts)
    if isinstance(facts, Facts):
        _masks(case, facts)
    if case.output_dtype == "float16" and 6e4 < facts.high < float("inf"):
        _overflow(case, "warning", "The outputs come near 65504, the end of half precision.", facts)
    count = facts.rows if isinstance(facts, Facts) else facts.entries
    if case.output_dtype in HALF and count > HALF_COUNT and case.reduction == "mean":
        case.find(
            "half-mean",
            "warning",
            0.8,
            f"A mean over {count} losses in half precision: the count itself ends at 65504 in "
            "float16, and sums in bfloat16 keep two or three digits. On a CPU PyTorch says 0 here.",
            losses=count,
        )


def check_value(case: Case) -> None:
    """Ask whether the loss is a number, if nothing else was found."""
    value = 0.0 if case.value is None else case.value
    if not math.isfinite(value) and not case.graver_than_notes():
        message = f"Nothing else is wrong, but the right call gives {value} on these arrays."
        case.find("not-finite", "warning", 0.9, message, right=value)


def _overflow(case: Case, severity: str, message: str, facts: Facts | BinaryFacts) -> None:
    case.find("half-overflow", severity, 0.95, message, highest=facts.high, infinite=facts.above)


def _not_finite(case: Case, facts: Facts | BinaryFacts) -> None:
    half = case.output_dtype == "float16" and facts.above
    if half:
        _overflow(
            case,
            "error",
            "The outputs are infinite in half precision, which ends at 65504.",
            facts,
        )
    evidence = {"nan": facts.nan, "inf": facts.above}
    where = "from the first row on"
    if isinstance(facts, Facts):
        evidence["rows"] = facts.bad_rows
        place, column = facts.first or (0, 0)
        row: int | tuple[int, ...] = place
        if len(case.label_shape) > 1:
            row = tuple(int(i) for i in np.unravel_index(place, case.label_shape))
        if facts.bad_rows < facts.rows:
            where = f"in {facts.bad_rows} of {facts.rows} rows, first in row {row}, class {column}"
    elif facts.nan + facts.above < facts.entries:
        where = f"first at entry {facts.first}"
    every = where == "from the first row on"
    case.find(
        "not-finite",
        "error",
        1.0,
        f"The outputs hold {'nan' if facts.nan else 'infinity'} {where}: "
        + (
            "the model itself is broken, so look at its weights and at the learning rate."
            if every
            else "look at the inputs of those rows."
        ),
        **evidence,
    )


def _masks(case: Case, facts: Facts) -> None:
    """Classes at -inf, and probabilities of 0, are fine until a target names one."""
    if case.takes == "probabilities":
        clipped = case.keras or case.framework in ("torch", "sklearn")
        if facts.zero_targets and not facts.hard and facts.low >= 0:
            case.find(
                "saturated",
                "warning" if clipped else "error",
                0.95,
                f"{facts.zero_targets} rows give their target a probability of exactly 0: "
                + (
                    "the framework clips the logarithm, and the gradient there is 0."
                    if clipped
                    else "the loss is infinite."
                ),
                rows=facts.zero_targets,
            )
        return
    if not facts.below:
        return
    if facts.masked_rows or facts.masked_targets:
        case.find(
            "masked-target",
            "error",
            1.0,
            "Every class of a row is at -inf: its softmax is nan."
            if facts.masked_rows
            else "A target class is masked with -inf: the loss is infinite.",
            rows=facts.masked_rows or facts.masked_targets,
        )
    if case.smoothing > 0:
        case.find(
            "masked-smoothing",
            "error",
            1.0,
            "Label smoothing gives every class a share, and some are masked with -inf: the loss "
            "is infinite.",
            entries=facts.below,
            label_smoothing=case.smoothing,
        )
    unguarded = case.framework in ("torch", "jax", "numpy") and not case.guarded
    if not case.indices and case.loss != "kl_div" and unguarded:
        case.find(
            "masked-one-hot",
            "warning",
            0.9,
            "Target rows against logits of -inf: where the target is 0 the product is nan, unless "
            "the loss guards against it.",
            entries=facts.below,
        )
