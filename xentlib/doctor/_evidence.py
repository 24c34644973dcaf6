"""What outputs and labels say together: another order, another place.

Nothing here is proved by the inputs, so nothing here is an error.
"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import surprise
from xentlib.doctor._facts import Facts
from xentlib.doctor._order import FITS, SIGMAS, check_offset, check_order
from xentlib.doctor._squashed import LIKELY

ROWS, ENTRIES = 128, 1 << 17  # enough for the tests below, however large the batch
TINY = 1e-30


def check_together(case: Case, facts: Facts) -> None:
    """Compare the losses of other pairings of outputs and labels with that of the given one."""
    labels = case.labels()
    if labels is None or facts.rows < 2 or facts.nan or facts.above or case.classes < 2:
        return
    case.checked.append("labels against predictions: order, offset, shift, axis")
    readable = not case.suspects("double-softmax", "hard-predictions", "probabilities-as-log")
    if case.takes == "probabilities":
        readable = not case.graver_than_notes()
    if readable:
        _transposed(case, facts, labels)
        _other_axis(case, facts, labels)
    check_offset(case, facts)
    check_order(case, facts)
    if readable and not case.found("class-order", "labels-from-one"):
        _shift(case, facts, labels)


def _logits(case: Case, x: Array) -> Array:
    """Return some of the outputs, ready for a softmax, which changes no log-probabilities."""
    return np.log(np.maximum(x, TINY)) if case.takes == "probabilities" else x


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


def _other_axis(case: Case, facts: Facts, labels: Array) -> None:
    """Where another axis is as long as that of the classes, see which one the labels fit."""
    if case.outputs.ndim < 3 or case.axis == 0 or case.found("class-axis"):
        return
    first = max(1, ENTRIES // case.outputs[0].size)  # some rows are enough
    outputs, targets = _logits(case, case.outputs[:first]), labels[:first]
    (given,) = _losses(_rows(outputs, case.axis), targets.reshape(-1))
    for axis in range(1, outputs.ndim):
        shape = outputs.shape[:axis] + outputs.shape[axis + 1 :]
        if axis == case.axis or shape != targets.shape:
            continue
        (others,) = _losses(_rows(outputs, axis), targets.reshape(-1))
        sigmas = _better(others, given)
        if sigmas > SIGMAS and np.nanmean(others) < FITS * facts.prior_entropy:
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


def _transposed(case: Case, facts: Facts, labels: Array) -> None:
    """Where there are as many rows as classes, see whether the labels fit the columns."""
    rows, classes = case.outputs.shape[0], case.classes
    if case.outputs.ndim != 2 or rows != classes or case.axis != 1:
        return
    z = _logits(case, case.outputs)
    (given,), (others,) = _losses(z, labels), _losses(z.T, labels)
    counts = np.isfinite(given) & np.isfinite(others)
    guesses, truth = case.outputs.argmax(axis=0)[counts], labels[counts]
    hits = int((guesses == truth).sum())
    before = int((case.outputs.argmax(axis=1)[counts] == truth).sum())
    if len(truth) < 2:
        return
    chance = float((np.bincount(guesses, minlength=classes) / len(truth))[truth].mean())
    nats = surprise(hits, len(truth), max(chance, 1 / classes))
    less = (given - others)[counts].sum()
    fits = others[counts].mean() < FITS * facts.prior_entropy
    if fits and min(nats, less) > LIKELY and hits > before + 0.3 * len(truth):
        case.find(
            "class-axis",
            "warning",
            0.9,
            "There are as many rows as classes, and the labels fit the columns of the outputs far "
            "better than the rows: are the outputs transposed?",
            agreement=before / len(truth),
            agreement_transposed=hits / len(truth),
            nats_of_evidence=nats,
        )


def _rows(outputs: Array, axis: int) -> Array:
    return np.moveaxis(outputs, axis, -1).reshape(-1, outputs.shape[axis])


def _shift(case: Case, facts: Facts, labels: Array) -> None:
    """See whether the outputs at one place predict the label of the next one."""
    if case.outputs.ndim > 3 or labels.ndim == 0 or labels.shape[-1] < 8:
        return
    z, t = np.moveaxis(case.outputs, case.axis, -1), labels
    if t.ndim == 1:
        z, t = z[np.newaxis], t[np.newaxis]
    places = max(ROWS, ENTRIES // case.classes)  # some places are enough
    z, t = z[:, :places], t[:, :places]
    z, t = z[: max(1, places // t.shape[1])], t[: max(1, places // t.shape[1])]
    z = _logits(case, z)
    labelings = (t[:, 1:-1].reshape(-1), t[:, 2:].reshape(-1), t[:, :-2].reshape(-1))
    same, after, before = _losses(z[:, 1:-1].reshape(-1, z.shape[2]), *labelings)
    for others, code, message in (
        (after, "shift-missing", "the next one: shift the targets by one place"),
        (before, "shift-twice", "the one before: the targets were shifted twice"),
    ):
        sigmas = _better(others, same)
        if sigmas > SIGMAS and np.nanmean(others) < FITS * facts.prior_entropy:
            case.find(
                code,
                "warning",
                0.9,
                f"The outputs at each place fit not their own label, but {message}.",
                loss_as_given=np.nanmean(same),
                loss_after_the_shift=np.nanmean(others),
                standard_errors=sigmas,
            )
