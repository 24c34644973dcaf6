"""What outputs and labels say together: another order, another place.

Nothing here is proved by the inputs, so nothing here is an error.
"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts

ROWS, ENTRIES = 128, 1 << 17  # enough for the tests below, however large the batch
SIGMAS = 6.0


def check_together(case: Case, facts: Facts) -> None:
    """Compare the losses of other pairings of outputs and labels with that of the given one."""
    if not case.indices or facts.rows < 2 or facts.nan or facts.above or case.classes < 2:
        return
    case.checked.append("labels against predictions: order, offset, shift, axis")
    if case.takes == "logits" and not case.found("double-softmax", "hard-predictions"):
        _other_axis(case)
    _offset(case, facts)
    _order(case, facts)
    logits = case.takes == "logits" and not case.found("double-softmax", "hard-predictions")
    if logits and not case.found("class-order", "labels-from-one"):
        _shift(case)


def _losses(z: Array, *labelings: Array) -> list[Array]:
    """Return the losses of rows of logits (n, C) for each labeling, nan where it is impossible."""
    z = z.astype(np.result_type(z.dtype, np.float32), copy=False)
    top = z.max(axis=1, keepdims=True)
    norm = top[:, 0] + np.log(np.exp(z - top).sum(axis=1))
    losses = []
    for labels in labelings:
        valid = (labels >= 0) & (labels < z.shape[1])
        own = z[np.arange(len(z)), np.where(valid, labels, 0)]
        losses.append(np.where(valid, norm - own, np.nan).astype(np.float64))
    return losses


def _better(others: Array, given: Array) -> float:
    """Return how many standard errors, paired, the other losses are below those given."""
    both = np.isfinite(given) & np.isfinite(others)
    given, others = given[both], others[both]
    gap = given - others
    if len(gap) < 20 or others.mean() > 0.75 * given.mean():
        return 0.0
    return float(gap.mean() / (gap.std() / math.sqrt(len(gap)) + 1e-12))


def _other_axis(case: Case) -> None:
    """Where another axis is as long as that of the classes, see which one the labels fit."""
    if case.outputs.ndim < 3 or case.axis == 0 or case.found("class-axis"):
        return
    first = max(1, ENTRIES // case.outputs[0].size)  # some rows are enough
    outputs, targets = case.outputs[:first], case.targets[:first]
    (given,) = _losses(_rows(outputs, case.axis), targets.reshape(-1))
    for axis in range(1, outputs.ndim):
        shape = outputs.shape[:axis] + outputs.shape[axis + 1 :]
        if axis == case.axis or shape != targets.shape:
            continue
        (others,) = _losses(_rows(outputs, axis), targets.reshape(-1))
        sigmas = _better(others, given)
        if sigmas > SIGMAS:
            case.find(
                "class-axis",
                "warning",
                0.95,
                f"The shapes fit twice, and the labels agree with the outputs far better if the "
                f"classes are on axis {axis}, not on axis {case.axis}.",
                loss_on_this_axis=np.nanmean(given),
                loss_on_the_other=np.nanmean(others),
                standard_errors=sigmas,
            )


def _rows(outputs: Array, axis: int) -> Array:
    return np.moveaxis(outputs, axis, -1).reshape(-1, outputs.shape[axis])


def _shift(case: Case) -> None:
    """See whether the outputs at one place predict the label of the next one."""
    if case.outputs.ndim > 3 or case.targets.ndim == 0 or case.targets.shape[-1] < 8:
        return
    z, t = np.moveaxis(case.outputs, case.axis, -1), case.targets
    if t.ndim == 1:
        z, t = z[np.newaxis], t[np.newaxis]
    places = max(ROWS, ENTRIES // case.classes)  # some places are enough
    z, t = z[:, :places], t[:, :places]
    z, t = z[: max(1, places // t.shape[1])], t[: max(1, places // t.shape[1])]
    labelings = (t[:, 1:-1].reshape(-1), t[:, 2:].reshape(-1), t[:, :-2].reshape(-1))
    same, after, before = _losses(z[:, 1:-1].reshape(-1, z.shape[2]), *labelings)
    for others, code, message in (
        (after, "shift-missing", "the next one: shift the targets by one place"),
        (before, "shift-twice", "the one before: the targets were shifted twice"),
    ):
        sigmas = _better(others, same)
        if sigmas > SIGMAS:
            case.find(
                code,
                "warning",
                0.9,
                f"The outputs at each place fit not their own label, but {message}.",
                loss_as_given=np.nanmean(same),
                loss_after_the_shift=np.nanmean(others),
                standard_errors=sigmas,
            )


def _offset(case: Case, facts: Facts) -> None:
    """See whether labels are predictions plus one; or whether class 0 never comes up."""
    right, above = facts.hits, facts.above_hits
    chance = float((facts.guesses[:-1] * facts.counts[1:]).sum()) / facts.rows
    likely = above > max(0.5 * facts.rows, chance + SIGMAS * math.sqrt(facts.rows) / 2, 3 * right)
    if facts.rows >= 20 and likely and case.classes > 2:
        case.find(
            "labels-from-one",
            "warning",
            0.9,
            "The labels are one above the predictions: they are counted from 1, the outputs "
            "from 0.",
            equal_to_the_prediction=right / facts.rows,
            one_above_it=above / facts.rows,
        )
    elif (
        facts.counts[0] == 0
        and facts.counts[-1] > 0
        and facts.rows >= 20 * case.classes
        and case.classes > 2
        and (facts.counts[1:] > 0).all()
    ):
        case.find(
            "labels-from-one",
            "note",
            0.4,
            "Cannot tell: class 0 never comes up, every other class does. Are the labels counted "
            "from 1?",
            rows=facts.rows,
        )


def _order(case: Case, facts: Facts) -> None:
    """See whether predictions are the labels in another order."""
    confusion = facts.confusion
    if confusion is None or facts.rows < 20 or case.found("labels-from-one", "shift-missing"):
        return
    best = confusion.argmax(axis=1)
    used = confusion.sum(axis=1) > 0
    mapped = confusion[used].max(axis=1).sum() / facts.rows
    accuracy = facts.hits / facts.rows
    bijective = len(set(best[used])) == used.sum() and used.sum() > 1
    chance = facts.counts.max() / facts.rows
    if bijective and mapped > 0.75 and mapped > chance + 0.1 and accuracy < mapped / 3:
        loss = facts.nll if case.takes == "logits" else facts.log_loss
        confident = case.takes == "logs" or loss / facts.rows > 1.3 * facts.prior_entropy
        case.find(
            "class-order",
            "warning" if confident else "note",
            0.85 if confident else 0.4,
            "The predicted classes are the labels in another order: are the columns of the "
            "outputs sorted differently from the labels?",
            agreement=accuracy,
            agreement_in_that_order=mapped,
        )
