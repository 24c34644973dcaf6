"""Are the outputs of classes what the loss takes: logits, probabilities, log-probabilities?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts

EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7}


def tolerance(case: Case) -> float:
    """How far the sum of a row of computed probabilities may be from 1."""
    eps = EPS.get(case.output_dtype, 0.0) or _rounded(case.outputs)
    if case.output_dtype.startswith("float8"):
        eps = 0.1
    scale = max(2.0, math.log(case.classes)) if case.takes == "logs" else 2.0
    return max(1e-5, scale * eps, case.classes * 3e-8)


def _rounded(x: Array) -> float:
    some = x.reshape(-1)[:4096]
    some = some[np.isfinite(some) & (some != 0) & (some != 1)]
    if x.dtype.kind != "f" or len(some) < 8:
        return 0.0
    single = some.astype(np.float32)
    if (single != some).any():
        return 0.0
    if not (single.view(np.uint32) & 0xFFFF).any():
        return EPS["bfloat16"]
    return EPS["float16"] if (single.astype(np.float16) == single).all() else 0.0


def check_outputs(case: Case, facts: Facts) -> None:
    """Compare what the outputs are with what the loss takes."""
    case.checked.append(f"whether the outputs are {NAMES[case.takes]}")
    if case.classes == 1:
        case.find(
            "single-class",
            "error",
            1.0,
            "There is one output: its softmax is always 1, so the loss and its gradient are 0.",
            classes=1,
        )
        return
    if not facts.rows or facts.nan or facts.above:
        return  # what is not finite is reported elsewhere, and hides the rest
    if case.takes == "logits":
        _want_logits(case, facts)
    elif case.takes == "probabilities":
        _want_probabilities(case, facts)
    else:
        _want_logs(case, facts)


NAMES = {"logits": "logits", "probabilities": "probabilities", "logs": "log-probabilities"}


def normalised(case: Case, facts: Facts) -> bool:
    """Whether every row is a distribution within rounding."""
    tol = tolerance(case)
    inside = facts.low >= -tol and facts.high <= 1 + tol
    return inside and max(1 - facts.sum_low, facts.sum_high - 1) <= tol


def bits(case: Case, facts: Facts) -> float:
    """How improbable it is that so many different rows of logits sum to 1, in bits.

    A row of real numbers in [0, 1] sums to 1 within the tolerance in about twice the tolerance of
    all cases; rows that are alike count once.
    """
    return facts.distinct * -math.log2(2 * tolerance(case))


def _want_logits(case: Case, facts: Facts) -> None:
    tol = tolerance(case)
    if normalised(case, facts):
        _double_softmax(case, facts)
    elif abs(facts.log_low) <= tol and abs(facts.log_high) <= tol and facts.high <= tol:
        if facts.flat > tol:
            case.find(
                "log-into-softmax",
                "note",
                0.9,
                "The outputs are log-probabilities. That is harmless here: a second log-softmax "
                "changes nothing.",
                largest_log_sum=max(abs(facts.log_low), abs(facts.log_high)),
            )
    elif facts.low >= 0 and facts.high <= 1 + tol and not _other_axis(case):
        _in_the_unit_interval(case, facts)


def _double_softmax(case: Case, facts: Facts) -> None:
    evidence = {
        "rows": facts.rows,
        "lowest": facts.low,
        "highest": facts.high,
        "sums_from": facts.sum_low,
        "sums_to": facts.sum_high,
        "least_loss_possible": math.log1p((case.classes - 1) / math.e),
    }
    if facts.hard:
        _hard(case, facts, "A softmax of them")
    elif facts.flat <= tolerance(case):
        case.find(
            "double-softmax",
            "note",
            0.5,
            "Cannot tell: every output is 1/C, as a softmax of equal logits gives, and as equal "
            "logits may be. Does the model end in a softmax?",
            **evidence,
        )
    else:
        sure = bits(case, facts)
        severity = "error" if sure >= 30 else "warning" if sure >= 10 else "note"
        unsure = "" if severity != "note" else "Cannot tell for sure: d"
        message = (
            "oes the model end in a softmax? "
            if unsure
            else "The model ends in a softmax, and the loss applies another: "
        )
        case.find(
            "double-softmax",
            severity,
            {"error": 0.99, "warning": 0.9, "note": 0.5}[severity],
            f"{unsure}{message}every row of the outputs is a distribution, which logits would be "
            "only by a rare accident.",
            **evidence,
        )


def _hard(case: Case, facts: Facts, what: str) -> None:
    if facts.rows < 2:
        return
    few_and_right = facts.rows < 20 and facts.hits == facts.rows  # so sure a model may be
    case.find(
        "hard-predictions",
        "note" if few_and_right else "warning",
        0.9,
        f"The outputs are answers, all 0 or 1, and not {NAMES[case.takes]}. {what} says nothing "
        "about how sure the model is.",
        rows=facts.rows,
    )


def _other_axis(case: Case) -> bool:
    """Look for another axis along which the outputs sum to 1."""
    for axis in range(case.outputs.ndim):
        if axis == case.axis or case.outputs.shape[axis] < 2:
            continue
        sums: Array = case.outputs.sum(axis=axis, dtype=np.float64)
        if np.abs(sums - 1).max() <= tolerance(case) and sums.size > 1:
            case.find(
                "softmax-axis",
                "error" if case.takes == "logits" else "warning",
                0.95,
                f"The outputs sum to 1 along axis {axis}, not along the classes: a softmax was "
                "taken over the wrong axis.",
                axis_of_the_sums=axis,
                class_axis=case.axis,
            )
            return True
    return False


def _in_the_unit_interval(case: Case, facts: Facts) -> None:
    """Outputs in [0, 1] that do not sum to 1: sigmoids, or small logits."""
    if facts.rows < 8 or facts.flat < 0.5:
        return
    accurate = facts.hits > facts.rows * max(0.8, 1.5 / case.classes)
    saturated = facts.low < 0.01 and facts.high > 0.99
    likely = accurate and saturated and facts.rows >= 20 and not facts.hard
    case.find(
        "sigmoid-into-softmax",
        "warning" if likely else "note",
        0.8 if likely else 0.3,
        "All outputs lie in [0, 1] and reach both ends: a sigmoid before the softmax."
        if likely
        else "Cannot tell: all outputs lie in [0, 1]. Is there a sigmoid before the loss?",
        lowest=facts.low,
        highest=facts.high,
        accuracy=facts.hits / facts.rows,
        least_loss_possible=math.log1p((case.classes - 1) / math.e),
    )


def _want_probabilities(case: Case, facts: Facts) -> None:
    tol = tolerance(case)
    if facts.low < -tol or facts.high > 1 + tol:
        logs = facts.high <= tol and abs(facts.log_low) <= tol and abs(facts.log_high) <= tol
        case.find(
            "log-as-probabilities" if logs else "logits-as-probabilities",
            "error",
            1.0,
            "The loss takes probabilities; the outputs are log-probabilities."
            if logs
            else "The loss takes probabilities; outputs below 0 or above 1 are logits.",
            lowest=facts.low,
            highest=facts.high,
        )
    elif facts.hard:
        _hard(case, facts, "A logarithm of them")
    elif not normalised(case, facts) and not _other_axis(case):
        off = max(1 - facts.sum_low, facts.sum_high - 1)
        rounded = off <= 0.0051 * case.classes and off <= 0.02
        case.find(
            "rows-not-normalised",
            "note" if rounded else "warning",
            0.9,
            "The rows do not sum to 1"
            + (
                ": probabilities that were rounded when they were stored?"
                if rounded
                else ": a sigmoid per class, or scores, where a softmax is due."
            ),
            sums_from=facts.sum_low,
            sums_to=facts.sum_high,
        )


def _want_logs(case: Case, facts: Facts) -> None:
    tol = max(tolerance(case), 1e-4)
    evidence = {
        "lowest": facts.low,
        "highest": facts.high,
        "log_sum_exp_from": facts.log_low,
        "log_sum_exp_to": facts.log_high,
    }
    if normalised(case, facts) and facts.high > 0:
        case.find(
            "probabilities-as-log",
            "error",
            1.0,
            "The loss takes log-probabilities; the outputs are probabilities, without the "
            "logarithm. Such a loss is negative.",
            **evidence,
        )
    elif facts.high > tol or facts.log_high > tol:
        case.find(
            "logits-as-log",
            "error",
            1.0,
            "The loss takes log-probabilities; the exponentials of these outputs sum to more "
            "than 1, so they are logits.",
            **evidence,
        )
    elif facts.log_low < -tol:
        case.find(
            "logits-as-log",
            "warning",
            0.8,
            "The exponentials of the outputs sum to less than 1: logits, or log-probabilities "
            "without some of the classes.",
            **evidence,
        )
