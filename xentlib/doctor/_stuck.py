"""Has the model learnt anything? Not proved by the inputs, so nothing here is an error."""

from __future__ import annotations

import math

import numpy as np

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import MASK, Facts

LONG = 100  # steps after which something should be learnt
NEAR = 0.03  # how close a loss is to that of a guess, relative
LEARNT = 3.0  # nats below the loss of a guess: chance gives them in one of twenty cases
ENTRIES = 1 << 17


def check_stuck(case: Case, facts: Facts) -> None:
    """Compare with a model that has learnt nothing, or the class shares alone."""
    usable = case.classes > 1 and not facts.nan and not facts.above and case.loss != "kl_div"
    if not usable or facts.rows < 8 or case.graver_than_notes():
        return
    case.checked.append("whether anything is learnt")
    loss = facts.loss(case.takes) / facts.rows
    steps = case.arguments.get("steps")
    severity = "note" if steps is None or steps < LONG else "warning"
    evidence = {
        "loss": loss,
        "ln_C": math.log(case.classes),
        "entropy_of_the_labels": facts.prior_entropy,
    }
    labels = case.labels()
    several = labels is not None and (facts.counts > 0).sum() > 1
    left = _classes_in_play(facts, case.takes)
    if left > 1 and facts.flat_in_play <= (1e-3 / left if case.takes == "probabilities" else 1e-3):
        case.find(
            "at-chance",
            severity,
            0.8 if severity == "warning" else 0.5,
            f"All classes get the same: the loss is ln {left}. That is right at the first step"
            + (". Is it the first step?" if severity == "note" else ", not after so many."),
            **evidence,
        )
    elif facts.spread <= 1e-6 * max(1.0, abs(facts.high)) and several:
        baseline = case.framework == "sklearn"  # a score, of a guess perhaps
        case.find(
            "constant-predictor",
            "note" if baseline or (steps is not None and steps < LONG) else "warning",
            0.85,
            "Every row has the same outputs: the model does not see its input, and at best it "
            "learns the shares of the classes.",
            largest_difference=facts.spread,
            **evidence,
        )
    elif severity == "warning" and several:
        _after_long(case, facts, evidence)


def _classes_in_play(facts: Facts, takes: str) -> int:
    """Count the classes that are not masked, if all rows mask the same ones."""
    if facts.opening is None or takes == "probabilities":
        return facts.classes
    return int((facts.opening > facts.opening.max() - MASK).sum())


def _after_long(case: Case, facts: Facts, evidence: dict[str, float]) -> None:
    """See whether the loss is still that of a guess, or of the shares."""
    loss, steps = evidence["loss"], case.arguments["steps"]
    most = facts.counts.max()
    idle = facts.hits <= most + 2 * math.sqrt(most * (1 - most / facts.rows)) + 0.02 * facts.rows
    gain = facts.rows * (facts.prior_entropy - loss)
    if not idle or abs(gain) >= NEAR * facts.rows * facts.prior_entropy or gain > LEARNT:
        return
    balanced = facts.prior_entropy > (1 - NEAR) * math.log(case.classes)
    alike = facts.spread < 0.1 * facts.flat  # the rows, compared with the classes
    guess = balanced and not alike
    case.find(
        "at-chance" if guess else "constant-predictor",
        "warning",
        0.7,
        f"After {steps} steps the loss is "
        + (
            "that of a guess among all classes"
            if guess
            else "the entropy of the class shares, and nothing is predicted but the largest class"
        )
        + ": the model has not learnt from its input.",
        steps=steps,
        **evidence,
    )


def check_binary_stuck(case: Case, facts: BinaryFacts) -> None:
    """Compare with a guess, and with the share of the positives."""
    steps, share = case.arguments.get("steps"), facts.positives / facts.entries
    if not 0 < share < 1 or facts.entries < 8 or case.graver_than_notes():
        return
    logits = case.takes == "logits"
    loss = facts.loss(case.takes) / facts.entries
    prior = -share * math.log(share) - (1 - share) * math.log1p(-share)
    middle = 0.0 if logits else 0.5
    half = max(abs(facts.low - middle), abs(facts.high - middle)) <= 1e-3
    alike = _rows_alike(case)
    severity = "note" if steps is None or steps < LONG else "warning"
    if not half and not alike:
        noise = 2 * math.sqrt(facts.entries * share * (1 - share)) + 0.02 * facts.entries
        most = facts.entries * max(share, 1 - share) + noise
        idle = facts.hits <= most if logits else facts.spread < 0.1
        at_the_share = facts.target_hard and abs(loss / prior - 1) < NEAR
        learnt = facts.entries * (prior - loss) > LEARNT or _ranked(case)
        if severity == "note" or not idle or not at_the_share or learnt:
            return
    guess = half or (not alike and prior > (1 - NEAR) * math.log(2))
    case.find(
        "at-chance" if guess else "constant-predictor",
        severity,
        0.7 if severity == "warning" else 0.5,
        ("If it is not the first step: " if severity == "note" else f"After {steps} steps ")
        + (
            "every answer is a guess, and the loss is ln 2."
            if guess
            else "the loss is that of one answer for all rows: nothing is learnt from the input."
        ),
        loss=loss,
        ln_2=math.log(2),
        entropy_of_the_labels=prior,
    )


def _ranked(case: Case) -> bool:
    """Whether the outputs are higher where the target is 1, by more than chance."""
    z = case.outputs.reshape(-1)[:ENTRIES].astype(np.float64)
    yes = case.targets.reshape(-1)[:ENTRIES] > 0.5
    if not 1 < yes.sum() < len(z) - 1:
        return False
    error = math.sqrt(z[yes].var() / yes.sum() + z[~yes].var() / (~yes).sum())
    return bool(z[yes].mean() - z[~yes].mean() > 3 * error)


def _rows_alike(case: Case) -> bool:
    """Whether every row has the same outputs."""
    z = case.outputs
    return len(z) >= 8 and all(
        np.abs(some - z[:1]).max() <= 1e-6
        for some in (z[:64], z)  # most differ at once
    )
