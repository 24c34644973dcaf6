"""Are the outputs of classes what the loss takes: logits, probabilities, log-probabilities?"""

from __future__ import annotations

from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts
from xentlib.doctor._normalised import normalised, off_one, one_sum, rounding, tolerance
from xentlib.doctor._softmaxed import check_hard, check_other_axis, check_scaled, check_softmax
from xentlib.doctor._unit_interval import check_unit_interval


def check_outputs(case: Case, facts: Facts) -> None:
    """Compare what the outputs are with what the loss takes."""
    case.checked.append(f"whether the outputs are {case.wanted}")
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


def _want_logits(case: Case, facts: Facts) -> None:
    tol = tolerance(case)
    if normalised(case, facts, rounding(case.classes)):
        check_softmax(case, facts)
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
    elif facts.low >= 0 and not check_other_axis(case):
        check_scaled(case, facts)
        if facts.high <= 1 + tol:
            check_unit_interval(case, facts)


def _want_probabilities(case: Case, facts: Facts) -> None:
    tol = tolerance(case)
    if facts.low >= 0 and facts.high > 1 + tol and one_sum(case, facts):
        case.find(
            "rows-not-normalised",
            "error",
            0.95,
            f"The loss takes probabilities; the rows sum to {facts.sum_low:.4g} each, as a sum of "
            "several models does, or percent.",
            sums_from=facts.sum_low,
            sums_to=facts.sum_high,
        )
    elif facts.low < -tol or facts.high > 1 + tol:
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
        check_hard(case, facts, "A logarithm of them")
    elif not normalised(case, facts) and not check_other_axis(case):
        rounded = off_one(facts) <= rounding(case.classes)
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
    elif max(-facts.log_low, facts.log_high) <= tol or (
        facts.high <= tol < facts.flat and check_other_axis(case)
    ):
        return  # they are, or the axis is another one
    elif facts.high > tol or facts.log_high > tol:
        case.find(
            "logits-as-log",
            "error",
            1.0,
            "The loss takes log-probabilities; the exponentials of these outputs sum to more "
            "than 1, so they are logits.",
            **evidence,
        )
    else:
        case.find(
            "logits-as-log",
            "warning",
            0.8,
            "The exponentials of the outputs sum to less than 1: logits, or log-probabilities "
            "without some of the classes.",
            **evidence,
        )
