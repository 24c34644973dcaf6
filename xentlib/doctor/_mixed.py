"""Do the rows of the outputs belong to these labels?"""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import surprise
from xentlib.doctor._facts import CONFUSED, Facts
from xentlib.doctor._squashed import LIKELY

ENTRIES = 1 << 22  # that are worth the search for another arrangement


def check_mixed(case: Case, facts: Facts) -> None:
    """Ask it where the outputs are confident, and right no more often than by chance."""
    labels = case.labels()
    usable = labels is not None and not facts.nan and not facts.above and case.classes > 1
    several = (facts.counts > 0).sum() > 1
    if labels is None or not (usable and several) or facts.rows < 50 or case.graver_than_notes():
        return
    loss = facts.loss(case.takes) / facts.rows
    if loss <= 1.1 * facts.prior_entropy or not _no_better_than_chance(facts):
        return
    numbers = {"accuracy": facts.hits / facts.rows, "loss": loss, "ln_C": math.log(case.classes)}
    if _rearranged(case, facts, labels) or loss <= 1.5 * math.log(case.classes):
        return
    nats = _alike(facts)
    trained = case.arguments.get("steps", 0) >= 100 or nats > LIKELY
    case.find(
        "rows-mixed",
        "warning" if trained else "note",
        0.8 if trained else 0.5,
        "The outputs are confident, and right no more often than by chance"
        + (", though each class is predicted as often as it comes up. " if nats > LIKELY else ". ")
        + "Do their rows belong to these labels?"
        + ("" if trained else " Or is the model untrained?"),
        nats_of_evidence=nats,
        **numbers,
    )


def _no_better_than_chance(facts: Facts) -> bool:
    """Whether the hits are those of chance, and far from half of what chance leaves."""
    share = float((facts.counts * facts.guesses).sum()) / facts.rows**2
    noise = math.sqrt(share * (1 - share) / facts.rows)
    by_chance = facts.hits / facts.rows < share + 3 * noise
    return by_chance and surprise(facts.rows - facts.hits, facts.rows, (1 - share) / 2) > LIKELY


def _alike(facts: Facts) -> float:
    """Weigh two stories for how often each class is predicted, in nats.

    As often as it comes up, as a trained model does it; or any shares are as likely as any others,
    as from a model that has never seen labels.
    """
    shares = (facts.counts + 1) / (facts.rows + facts.classes)
    trained = float((facts.guesses * np.log(shares)).sum())
    any_shares = math.lgamma(facts.classes) - math.lgamma(facts.rows + facts.classes)
    any_shares += sum(math.lgamma(n + 1) for n in facts.guesses)
    return trained - any_shares


def _rearranged(case: Case, facts: Facts, labels: Array) -> bool:
    """Look for an order of the rows, or of the numbers in them, that fits the labels."""
    z = case.outputs
    if z.ndim != 2 or case.axis != 1 or z.size > ENTRIES or facts.skipped:
        return False
    rows, classes = z.shape
    guess = z.argmax(axis=1)
    parts = [n for n in range(1, rows + 1) if rows % n == 0]
    for n in parts:
        others = {"rows-mixed": guess.reshape(n, -1).T.reshape(-1)}
        if classes <= CONFUSED:  # the pixels of maps have few
            others["class-axis"] = z.reshape(n, classes, -1).argmax(axis=1).reshape(-1)
        for code, other in others.items():
            hits = int((other == labels).sum())
            guesses = np.bincount(other, minlength=classes)
            chance = float((facts.counts * guesses).sum()) / rows**2
            nats = surprise(hits, rows, chance) - math.log(2 * len(parts))
            if nats <= LIKELY or hits <= facts.hits + 0.2 * rows:
                continue
            case.find(
                code,
                "warning",
                0.95,
                "The outputs fit the labels by chance only, and far better if they are read as "
                + (
                    f"({n}, {rows // n}), column by column: their rows are in another order."
                    if code == "rows-mixed"
                    else f"({n}, {classes}, {rows // n}): they were reshaped, where an axis should "
                    "have been moved."
                ),
                agreement=facts.hits / rows,
                agreement_rearranged=hits / rows,
                nats_of_evidence=nats,
            )
            return True
    return False
