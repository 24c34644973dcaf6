"""Are the predicted classes the labels, but counted from 1, or in another order?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import surprise
from xentlib.doctor._facts import Facts, kept, row_blocks
from xentlib.doctor._squashed import LIKELY

SIGMAS = 6.0
FITS = 0.75  # of the loss of a guess: a model that was never trained does not come so low
MUCH = 0.75  # of the loss as given


def check_offset(case: Case, facts: Facts) -> None:
    """See whether labels are predictions plus one; or whether class 0 never comes up."""
    right, above = facts.hits, facts.above_hits
    chance = float((facts.guesses[:-1] * facts.counts[1:]).sum()) / facts.rows
    likely = above > max(0.5 * facts.rows, chance + SIGMAS * math.sqrt(facts.rows) / 2, 3 * right)
    never = facts.counts[0] <= 0.05 * facts.rows  # counted from 1, nothing is 0
    if facts.rows >= 20 and likely and never and case.classes > 2:
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


def check_order(case: Case, facts: Facts) -> None:
    """See whether predictions are the labels in another order, or some of them are exchanged."""
    confusion = facts.confusion
    if confusion is None or case.found("labels-from-one", "shift-missing"):
        return
    used = confusion.sum(axis=1) > 0.02 * facts.rows
    best = np.where(used, confusion.argmax(axis=1), -1)
    moved = used & (best != np.arange(case.classes))
    rows = confusion[moved].sum()
    mapped, right = confusion[moved].max(axis=1, initial=0).sum(), confusion.diagonal()[moved].sum()
    bijective = len(set(best[used])) == used.sum() and used.sum() > 1
    if not bijective or mapped <= 0.5 * rows or right >= mapped / 3:
        return
    chance = confusion[moved].sum(axis=0).max() / rows
    orders = math.lgamma(case.classes + 1) - math.lgamma(case.classes - moved.sum() + 1)
    nats = surprise(int(mapped), int(rows), chance) - orders
    if nats <= LIKELY:
        return
    loss, limit = _reordered(case, best), FITS * facts.rows * facts.prior_entropy
    confident = loss < min(limit, MUCH * facts.loss(case.takes))
    case.find(
        "class-order",
        "warning" if confident else "note",
        0.85 if confident else 0.4,
        "The predicted classes are the labels in another order"
        + (f", {int(moved.sum())} of them" if rows < facts.rows else "")
        + ": are the columns of the outputs sorted differently from the labels?",
        loss=facts.loss(case.takes) / facts.rows,
        loss_in_that_order=loss / facts.rows,
        agreement=facts.hits / facts.rows,
        agreement_in_that_order=(facts.hits + mapped - right) / facts.rows,
        nats_of_evidence=nats,
    )


def _reordered(case: Case, best: Array) -> float:
    """Return the loss, summed, if the outputs of each class are those of another one."""
    place = np.argsort(np.where(best < 0, len(best), best), kind="stable")  # of what is left, any
    named = np.sort(best[best >= 0])
    left = np.setdiff1d(np.arange(len(best)), named)
    source = np.empty(len(best), int)  # the column that holds the outputs of a class
    source[np.concatenate([named, left])] = place
    total = 0.0
    for _, block, target in row_blocks(case):
        keep = kept(case, target)
        z, t = (block, target) if keep is None else (block[keep], target[keep])
        label = t if case.indices else t.argmax(axis=1)
        own = z[np.arange(len(z)), source[label]]
        if case.takes == "probabilities":
            total -= float(np.log(np.maximum(own, 1e-7)).sum(dtype=np.float64))
        else:
            top = z.max(axis=1)
            norm = top + np.log(np.exp(z - top[:, np.newaxis]).sum(axis=1))
            total += float((norm - own).sum(dtype=np.float64))
    return total
