"""Has the model learnt anything? Not proved by the inputs, so nothing here is an error."""

from __future__ import annotations

import math

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts


def check_stuck(case: Case, facts: Facts) -> None:
    """Compare with a model that has learnt nothing, or the class shares alone."""
    usable = case.indices and case.classes > 1 and not facts.nan and not facts.above
    if not usable or case.takes == "logs" or facts.rows < 8 or case.graver_than_notes():
        return
    case.checked.append("whether anything is learnt")
    loss = (facts.nll if case.takes == "logits" else facts.log_loss) / facts.rows
    steps = case.arguments.get("steps", 0)
    chance, several = math.log(case.classes), (facts.counts > 0).sum() > 1
    severity = "warning" if steps >= 100 else "note"
    evidence = {"loss": loss, "ln_C": chance, "entropy_of_the_labels": facts.prior_entropy}
    tiny = 1e-6 * max(1.0, abs(facts.high))
    if facts.flat <= (1e-3 if case.takes == "logits" else 1e-3 / case.classes):
        case.find(
            "at-chance",
            severity,
            0.8 if steps >= 100 else 0.5,
            f"All classes get the same: the loss is ln {case.classes}. That is right at the "
            "first step" + (", not after so many." if steps >= 100 else ". Is it the first step?"),
            **evidence,
        )
    elif facts.spread <= tiny and several:
        case.find(
            "constant-predictor",
            "note" if case.arguments.get("steps", 100) < 100 else "warning",
            0.85,
            "Every row has the same outputs: the model does not see its input, and at best it "
            "learns the shares of the classes.",
            largest_difference=facts.spread,
            **evidence,
        )
    elif (
        steps >= 100
        and several
        and facts.hits <= facts.counts.max() + 0.02 * facts.rows
        and abs(loss - facts.prior_entropy) < 0.03 * facts.prior_entropy
    ):
        case.find(
            "constant-predictor",
            "warning",
            0.7,
            f"After {steps} steps the loss is the entropy of the class shares, and nothing "
            "is predicted but the largest class: the model has not learnt from its input.",
            steps=steps,
            **evidence,
        )
    elif loss > 1.5 * chance and facts.rows >= 50 and _no_better_than_chance(facts):
        case.find(
            "rows-mixed",
            "warning" if steps >= 100 else "note",
            0.6,
            "The outputs are confident, and right no more often than by chance. Do their rows "
            "belong to these labels? Or is the model untrained?",
            accuracy=facts.hits / facts.rows,
            **evidence,
        )


def _no_better_than_chance(facts: Facts) -> bool:
    share = float((facts.counts * facts.guesses).sum()) / facts.rows**2
    noise = math.sqrt(share * (1 - share) / facts.rows)
    return facts.hits / facts.rows < share + 2 * noise


def check_binary_stuck(case: Case, facts: BinaryFacts) -> None:
    """After many steps, compare with a guess, and with the share of the positives."""
    steps, share = case.arguments.get("steps", 0), facts.positives / facts.entries
    if steps < 100 or not 0 < share < 1 or facts.entries < 8 or case.graver_than_notes():
        return
    logits = case.takes == "logits"
    loss = (facts.as_logits if logits else facts.as_probabilities) / facts.entries
    prior = -share * math.log(share) - (1 - share) * math.log1p(-share)
    evidence = {"steps": steps, "loss": loss, "ln_2": math.log(2), "entropy_of_the_labels": prior}
    middle = 0.0 if logits else 0.5
    most = max(facts.positives, facts.entries - facts.positives) + 0.02 * facts.entries
    idle = facts.hits <= most if logits else facts.spread < 0.1
    if max(abs(facts.low - middle), abs(facts.high - middle)) <= 1e-3:
        case.find(
            "at-chance",
            "warning",
            0.8,
            f"After {steps} steps every answer is a guess: the loss is ln 2.",
            **evidence,
        )
    elif facts.spread <= 1e-6 or (idle and facts.target_hard and abs(loss / prior - 1) < 0.03):
        case.find(
            "constant-predictor",
            "warning",
            0.7,
            f"After {steps} steps the loss is that of one answer for all: the model has not "
            "learnt from its input.",
            **evidence,
        )
