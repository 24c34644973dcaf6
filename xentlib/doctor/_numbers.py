"""Where numbers end: nan and infinity, half precision, probabilities of exactly 0."""

from __future__ import annotations

import math

import numpy as np

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import MASK, Facts

CLIPPED = 2e-5  # below it no probability repeats itself, unless it was clipped
HALF_END = 65504  # the largest number in half precision
HALF = ("float16", "bfloat16")


def check_numbers(case: Case, facts: Facts | BinaryFacts) -> None:
    """Report what is not finite, and where it starts."""
    case.checked.append("nan, infinity, and the limits of the precision")
    if facts.nan or facts.above:
        _not_finite(case, facts)
    if isinstance(facts, Facts):
        _masks(case, facts)
    if case.output_dtype == "float16" and not facts.above:
        _near_the_end(case, facts)
    _sums(case, facts)


def _sums(case: Case, facts: Facts | BinaryFacts) -> None:
    """Sums and counts of losses may leave half precision, where no loss does."""
    if case.output_dtype not in HALF or case.framework == "jax":  # which computes in single
        return
    count = facts.rows if isinstance(facts, Facts) else facts.entries
    torch_half = case.framework == "torch" and case.output_dtype == "float16"
    if case.reduction == "mean" and count > HALF_END and isinstance(facts, Facts):
        case.find(
            "half-mean",
            "warning" if torch_half else "note",
            0.9 if torch_half else 0.5,
            f"A mean over {count} losses in half precision: in float16 the count itself is "
            "infinite, and PyTorch says nan on a CPU; sums in bfloat16 keep two or three digits.",
            losses=count,
        )
    total = facts.loss(case.takes)
    if torch_half and case.reduction == "sum" and total > HALF_END:
        message = f"The sum of the losses is {total:.6g}, and half precision ends at 65504."
        case.find("half-overflow", "warning", 0.95, message, losses=count)


def check_value(case: Case) -> None:
    """Ask whether the loss is a number, if nothing else was found."""
    value = 0.0 if case.value is None else case.value
    if not math.isfinite(value) and not case.graver_than_notes():
        message = f"Nothing else is wrong, but the right call gives {value} on these arrays."
        case.find("not-finite", "warning", 0.9, message, right=value)


def check_clip(case: Case, low: float, often: int) -> None:
    """Report probabilities of targets that lie at the lowest number of all, as a clip does it."""
    if 0 < low < CLIPPED and often > 1:
        case.find(
            "clipped",
            "warning",
            0.9,
            f"{often} targets have one and the same probability, {low:.3g}, and none has less: "
            "it was clipped there, and what is clipped has no gradient.",
            targets=often,
            lowest=low,
        )


def _near_the_end(case: Case, facts: Facts | BinaryFacts) -> None:
    """See whether finite outputs would overflow next, or some fell off the lower end already."""
    if facts.high > HALF_END / 2:
        message = "The outputs come near 65504, the end of half precision: twice as much is lost."
        _overflow(case, "warning", message, facts)
    elif facts.below and facts.lowest_finite < -HALF_END / 4:
        message = (
            f"{facts.below} outputs are -inf, others as low as {facts.lowest_finite:g}: half "
            "precision ends at -65504, so these are no masks."
        )
        _overflow(case, "warning", message, facts)


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
        if facts.floor == facts.low:
            check_clip(case, facts.low, facts.floor_targets)
        return
    _finite_masks(case, facts)
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


def _finite_masks(case: Case, facts: Facts) -> None:
    """A large finite number masks as -inf does, and has the same enemies."""
    if case.takes != "logits" or facts.below or facts.low > facts.high - MASK:
        return
    if int((case.outputs == facts.low).sum()) < 3:  # a number like any other
        return
    if facts.far_targets:
        case.find(
            "masked-target",
            "warning",
            0.9,
            f"{facts.far_targets} targets name a class at {facts.low:g}, the lowest number of "
            "all, as a mask would be: the loss of each is as large.",
            rows=facts.far_targets,
        )
    if case.smoothing > 0:
        case.find(
            "masked-smoothing",
            "warning",
            0.9,
            f"Label smoothing gives every class a share, and some are masked with {facts.low:g}: "
            "that is nearly all of the loss.",
            lowest=facts.low,
            label_smoothing=case.smoothing,
        )
