"""Did the outputs go through a softmax before a loss that takes one itself?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib._rows import BLOCK
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import SMOOTH, SOME, crowded
from xentlib.doctor._facts import Facts, kept, row_blocks
from xentlib.doctor._kinds import is_hard
from xentlib.doctor._normalised import bits, off_one, one_sum, tolerance
from xentlib.doctor._paired import compares_rows
from xentlib.doctor._squashed import CLIP, LIKELY

SHARPNESS = (1.0, 0.5, 0.25)  # of models that are surer than they should be
ERROR, WARNING = 30.0, 10.0  # bits


def check_softmax(case: Case, facts: Facts) -> None:
    """Say how sure it is that rows which sum to 1 come from a softmax."""
    if facts.hard:
        check_hard(case, facts, "A softmax of them")
        return
    evidence = {
        "rows": facts.rows,
        "lowest": facts.low,
        "highest": facts.high,
        "sums_from": facts.sum_low,
        "sums_to": facts.sum_high,
        "least_loss_possible": math.log1p((case.classes - 1) / math.e),
    }
    if facts.flat <= tolerance(case):
        case.find(
            "double-softmax",
            "note",
            0.5,
            "Cannot tell: every output is 1/C, as a softmax of equal logits gives, and as equal "
            "logits may be. Does the model end in a softmax?",
            **evidence,
        )
        return
    sure = bits(case, facts)
    severity = "error" if sure >= ERROR else "warning" if sure >= WARNING else "note"
    if off_one(facts) > tolerance(case) and severity == "error":
        severity = "warning"  # an accident is excluded, but not another way to such rows
    if case.classes == 2:
        severity, nats = _of_two(case, facts, severity)
        evidence["nats_of_evidence"] = nats
    if off_one(facts) > tolerance(case) and compares_rows(case):
        severity = "note"  # the similarity of each row with its own is 1, of others nearly 0
    unsure = severity == "note"
    case.find(
        "double-softmax",
        severity,
        {"error": 0.99, "warning": 0.9, "note": 0.5}[severity],
        ("Cannot tell for sure: does" if unsure else "The model ends in a softmax, and")
        + (" the model end in a softmax? Every" if unsure else " the loss applies another: every")
        + " row of the outputs is a distribution, which logits would be only by a rare accident.",
        **evidence,
    )


def _of_two(case: Case, facts: Facts, severity: str) -> tuple[str, float]:
    """Let the labels decide: two logits 1/2 + s and 1/2 - s sum to 1 by no accident."""
    losses, ends = np.zeros(len(SHARPNESS)), []
    for _, block, target in row_blocks(case):
        keep = kept(case, target)
        q, t = (block, target) if keep is None else (block[keep], target[keep])
        second = t if case.indices else t[:, 1]
        logits = np.clip(np.log(q[:, 1]) - np.log(q[:, 0]), -CLIP, CLIP)
        for i, sharpness in enumerate(SHARPNESS):
            scaled = sharpness * logits
            losses[i] += float((np.logaddexp(0, scaled) - second * scaled).sum(dtype=np.float64))
        ends.append(q[:SOME].min(axis=1))
    nats = facts.nll - float(losses.min()) - math.log(len(SHARPNESS))
    crowd = crowded(np.concatenate(ends)[:SOME], SMOOTH)
    if nats < 0 and (nats < -LIKELY or crowd < LIKELY):
        return "note", nats
    return ("warning" if severity == "error" and nats < LIKELY else severity), nats


def check_scaled(case: Case, facts: Facts) -> None:
    """Look for rows that sum to one and the same number: a softmax, and then a factor."""
    if facts.rows < 8 or not one_sum(case, facts) or compares_rows(case):
        return
    first = next(row_blocks(case))[1]
    if (first == np.floor(first)).all():  # votes
        return
    case.find(
        "double-softmax",
        "warning",
        0.85,
        f"No output is negative, and every row sums to {facts.sum_low:.4g}: as after a softmax, "
        "and then a temperature, or percent. The loss applies a softmax itself.",
        rows=facts.rows,
        sums_from=facts.sum_low,
        sums_to=facts.sum_high,
    )


def check_hard(case: Case, facts: Facts, what: str) -> None:
    """Report answers in place of logits or probabilities."""
    if facts.rows < 2:
        return
    few_and_right = facts.rows < 20 and facts.hits == facts.rows  # so sure a model may be
    case.find(
        "hard-predictions",
        "note" if few_and_right else "warning",
        0.9,
        f"The outputs are answers, all 0 or 1, and not {case.wanted}. {what} says nothing "
        "about how sure the model is.",
        rows=facts.rows,
    )


def check_other_axis(case: Case) -> bool:
    """Look for another axis along which the outputs sum to 1, or in groups of rows."""
    tol, x, logs = tolerance(case), case.outputs, case.takes == "logs"
    if not logs and (x.min() < -tol or x.max() > 1 + tol or is_hard(x)):
        return False
    for axis in range(x.ndim):
        if axis == case.axis or x.shape[axis] < 2:
            continue
        sums = _sums(x, axis, logs)
        groups = round(float(sums.flat[0])) if axis == 0 and sums.ndim == 1 else 1
        off = tol * max(groups, 1)
        sure = sums.size * -math.log2(min(1, 2 * off))  # bits
        if groups and np.abs(sums - groups).max() <= off and sure >= WARNING:
            case.find(
                "softmax-axis",
                "error" if case.takes == "logits" and sure >= ERROR else "warning",
                0.95,
                f"The outputs sum to {groups} along axis {axis}, not to 1 along the classes: a "
                "softmax was taken over the wrong axis.",
                axis_of_the_sums=axis,
                class_axis=case.axis,
            )
            return True
    return False


def _sums(x: Array, axis: int, logs: bool) -> Array:
    """Sum along an axis: of logarithms what they stand for, in blocks."""
    if not logs:
        return np.asarray(x.sum(axis=axis, dtype=np.float64))
    step = max(1, len(x) * BLOCK // (x.size * x.itemsize))
    parts = [
        np.exp(x[i : i + step]).sum(axis=axis, dtype=np.float64) for i in range(0, len(x), step)
    ]
    return np.asarray(sum(parts) if axis == 0 else np.concatenate(parts))
