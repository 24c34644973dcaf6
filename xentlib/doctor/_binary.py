"""Is a binary loss given what it takes?"""

from __future__ import annotations

import numpy as np

from xentlib._checks import Array
from xentlib._rows import spans
from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._normalised import tolerance
from xentlib.doctor._numbers import check_clip
from xentlib.doctor._squashed import LOG_SIGMOID, check_squashed, story_loss
from xentlib.doctor._targets import smoothed_twice


def check_binary(case: Case, facts: BinaryFacts) -> None:
    """Compare outputs and targets with what a binary loss takes."""
    case.checked.append(f"whether the outputs are {case.takes}, and the targets in [0, 1]")
    if facts.target_low < 0 or facts.target_high > 1:
        case.find(
            "binary-range",
            "error",
            1.0,
            "Binary targets are from 0 to 1; beyond, the loss is linear in them and can be "
            "negative. PyTorch's BCEWithLogitsLoss does not say so.",
            lowest=facts.target_low,
            highest=facts.target_high,
        )
    if not np.isfinite(facts.positives):
        case.find("not-finite", "error", 1.0, "The targets hold nan or infinity.")
    _smoothing(case, facts)
    if facts.nan or facts.above:
        return
    if case.takes == "logits" and facts.below:
        case.find(
            "not-finite",
            "error",
            1.0,
            f"{facts.below} logits are -inf: where the target is 0 the frameworks multiply it by "
            "0, which is nan; where it is not, the loss is infinite.",
            minus_inf=facts.below,
        )
        return
    if facts.hard and facts.high > facts.low:
        _hard(case, facts)
    elif case.takes == "logits":
        check_squashed(case, facts)
    else:
        _want_probabilities(case, facts)
    _columns(case, facts)
    _over_the_rows(case, facts)


def _smoothing(case: Case, facts: BinaryFacts) -> None:
    low, high = facts.target_low, facts.target_high
    if case.smoothing > 0 and 0 < low < 0.5 and abs(low + high - 1) < 1e-6:
        some = case.targets.reshape(-1)[:4096]
        if ((np.abs(some - low) < 1e-6) | (np.abs(some - high) < 1e-6)).all():
            smoothed_twice(case, low)


def _hard(case: Case, facts: BinaryFacts) -> None:
    if facts.entries >= 4:
        case.find(
            "hard-predictions",
            "note" if facts.entries < 20 and not facts.wrong else "warning",
            0.9,
            f"The outputs are answers, all 0 or 1, and not {case.takes}: they do not say how sure "
            "the model is.",
            entries=facts.entries,
            against_the_target=facts.wrong,
        )


def _want_probabilities(case: Case, facts: BinaryFacts) -> None:
    tol = tolerance(case)
    if facts.low < -tol or facts.high > 1 + tol:
        logs = facts.high <= 0 and story_loss(case, LOG_SIGMOID) < facts.as_logits
        case.find(
            "log-as-probabilities" if logs else "logits-as-probabilities",
            "error",
            1.0,
            "The loss takes probabilities; the outputs are all below 0, and fit the targets best "
            "as log-probabilities."
            if logs
            else "The loss takes probabilities; outputs below 0 or above 1 are logits.",
            lowest=facts.low,
            highest=facts.high,
        )
    elif facts.low == facts.high == 1 and case.outputs.shape[1:] == (1,) and facts.wrong:
        case.find(
            "single-class",
            "warning",
            0.9,
            "Every output is exactly 1, as a softmax over one output is: it takes a sigmoid.",
            entries=facts.entries,
            against_the_target=facts.wrong,
        )
    elif facts.wrong:
        clipped = case.keras or case.framework in ("torch", "sklearn")
        case.find(
            "saturated",
            "warning" if clipped else "error",
            0.95,
            f"{facts.wrong} probabilities are exactly 0 or 1 against their target: "
            + (
                "the framework clips the logarithm, and the gradient there is 0."
                if clipped
                else "the loss is infinite."
            ),
            entries=facts.wrong,
        )
    else:
        _clipped(case, facts)


def _clipped(case: Case, facts: BinaryFacts) -> None:
    low, high = facts.floor, 1 - facts.ceiling
    if high < 8 * np.finfo(np.result_type(case.outputs.dtype, np.float16)).eps:
        high = 1.0  # so close to 1 that all numbers are alike
    if low == high or abs(low / high - 1) < 1e-3:
        check_clip(case, low, facts.floor_targets + facts.ceiling_targets)
    else:
        check_clip(case, low, facts.floor_targets)
        check_clip(case, high, facts.ceiling_targets)


def _columns(case: Case, facts: BinaryFacts) -> None:
    """Rows that are distributions, or one-hot, belong to a softmax."""
    if case.outputs.ndim < 2 or case.outputs.shape[-1] < 2 or facts.hard:
        return
    one_hot = facts.target_hard and _ones(case.targets, 1e-6)
    tol = tolerance(case)
    if facts.low >= 0 and facts.high <= 1 + tol and _ones(case.outputs, tol):
        code = "binary-on-softmax" if case.takes == "probabilities" else "double-softmax"
        if case.outputs.shape[-1] == 2 and code == "binary-on-softmax":
            return  # both columns cost the same: it is the softmax's loss
        proved = len(case.outputs.reshape(-1, case.outputs.shape[-1])) > 1
        case.find(
            code,
            "error" if proved and case.takes == "logits" else "warning",
            0.95,
            "The rows of the outputs sum to 1, so they come from a softmax; this loss asks a "
            "yes-or-no question of each class"
            + (", and applies a sigmoid to them." if case.takes == "logits" else "."),
            columns=case.outputs.shape[-1],
            one_hot_targets=one_hot,
        )
    elif one_hot and case.outputs.shape[-1] > 2 and len(case.targets) >= 20:
        case.find(
            "exclusive-classes",
            "note",
            0.5,
            "Every target row names exactly one of the columns. Are the classes exclusive? Then "
            "the loss of a softmax is due, and its value is not a mean over the columns.",
            columns=case.outputs.shape[-1],
            rows=case.targets.size // case.targets.shape[-1],
        )


def _over_the_rows(case: Case, facts: BinaryFacts) -> None:
    """Outputs that sum to 1 down the rows went through a softmax over the batch."""
    z = case.outputs
    if facts.low < 0 or facts.high > 1 or facts.hard or facts.spread <= 1e-6 or len(z) < 4:
        return
    if (np.abs(z.sum(axis=0, dtype=np.float64) - 1) <= tolerance(case)).all():
        case.find(
            "softmax-axis",
            "warning",
            0.95,
            "The outputs of all rows sum to 1: a softmax was taken over the batch. One output for "
            "each row takes a sigmoid.",
            rows=len(z),
        )


def _ones(x: Array, tol: float) -> bool:
    rows = x.reshape(-1, x.shape[-1])
    blocks = (rows[i] for i, _ in spans((*rows.shape, 1), x.itemsize))
    return all((np.abs(block.sum(axis=1, dtype=np.float64) - 1) <= tol).all() for block in blocks)
