"""Are the weights of classes or positives the right way up?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts


def check_class_weights(case: Case, facts: Facts) -> None:
    """Ask whether rare classes have the small weights."""
    weight = case.arguments.get("weight", case.arguments.get("alpha"))
    seen = facts.counts >= 5
    if weight is None:
        return
    divided = "weight" in case.arguments and case.indices and case.reduction == "mean"
    if divided and facts.rows and not (np.asarray(weight, float) * facts.counts).sum():
        message = "The weights of all labels of this batch are 0: their mean is 0/0, which is nan."
        case.find("weight-value", "error", 1.0, message)
    if seen.sum() < 2:
        return
    case.checked.append("class weights against class frequencies")
    w, n = np.asarray(weight, float)[seen], facts.counts[seen]
    if (w <= 0).any() or n.max() < 3 * n.min():
        return
    x, y = np.log(n / n.mean()), np.log(w)
    x, y = x - x.mean(), y - y.mean()
    slope = float((x * y).sum() / (x * x).sum())
    fit = float((x * y).sum() / math.sqrt(float((x * x).sum() * (y * y).sum()) or 1))
    frequencies = slope > 0.5 and fit > 0.9
    if frequencies or (slope > 0 and fit > 0.7):
        case.find(
            "weight-inverted",
            "warning" if frequencies else "note",
            min(0.95, fit) if frequencies else 0.4,
            "The frequent classes have the large weights"
            + (
                ": these look like frequencies, and their inverse is due."
                if frequencies
                else ". Is that meant? Weights against imbalance are the other way round."
            ),
            slope_of_log_weight=slope,
            correlation=fit,
        )


def check_pos_weight(case: Case, facts: BinaryFacts) -> None:
    """Ask whether pos_weight is positives over negatives, the wrong way up."""
    given: Any = case.arguments.get("pos_weight")
    if given is None or not facts.target_hard or np.ndim(given) > 1:
        return
    case.checked.append("pos_weight against the share of positives")
    weight = np.asarray(given, float).reshape(-1)
    if weight.size == 1:
        positives = np.array([facts.positives])
        total = facts.entries
    else:
        columns = case.targets.reshape(-1, weight.size)
        positives, total = columns.sum(axis=0), len(columns)
    negatives = total - positives
    judged = (positives >= 5) & (negatives >= 5) & (weight > 0)
    ratio = np.log(negatives[judged] / positives[judged])
    noise = 2 * np.sqrt(1 / negatives[judged] + 1 / positives[judged])
    skewed = np.abs(ratio) > math.log(2) + noise
    if not skewed.any():
        return
    weight, ratio, noise = weight[judged][skewed], ratio[skewed], noise[skewed]
    upside_down = np.abs(np.log(weight) + ratio) < 0.3 + noise
    negative = 1 / (1 + np.exp(-ratio))  # the share of the negatives
    share = (np.abs(weight - negative) < 1.5 * negative * (1 - negative) * noise) & (weight < 1)
    worst = int(np.abs(ratio).argmax())
    numbers = {
        "pos_weight": weight[worst],
        "negatives_over_positives": math.exp(ratio[worst]),
    }
    if upside_down.all() or share.all():
        case.find(
            "pos-weight-inverted",
            "warning",
            0.9 if upside_down.all() else 0.8,
            f"pos_weight is {'positives over negatives' if upside_down.all() else 'a share'}; it "
            "multiplies the positives, so that the balance is negatives over positives.",
            **numbers,
        )
    elif (weight < 1).all() and (ratio > 0).all():
        case.find(
            "pos-weight-inverted",
            "note",
            0.4,
            "Positives are rare, and pos_weight makes them count less. Is that meant? Against "
            "imbalance it is negatives over positives.",
            **numbers,
        )
