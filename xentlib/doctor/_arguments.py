"""Are the other arguments of the call possible, and do they suit the targets?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._arrays import Seen, Unreadable, look
from xentlib.doctor._binary_facts import BinaryFacts
from xentlib.doctor._case import Case
from xentlib.doctor._facts import Facts


def check_arguments(case: Case) -> None:
    """Look at what can be judged without the targets; drop what is impossible."""
    case.checked.append("the arguments of the call")
    given = case.arguments
    smoothing = given.get("label_smoothing", 0.0)
    if not 0 <= smoothing <= 1:
        case.find(
            "smoothing-range",
            "error",
            1.0,
            f"label_smoothing is {smoothing:g}, a share from 0 to 1 is expected. PyTorch ignores "
            "a negative one in silence, Keras takes one above 1.",
            label_smoothing=smoothing,
        )
    elif smoothing > 0.5:
        case.find(
            "smoothing-large",
            "warning",
            0.8,
            f"label_smoothing is {smoothing:g}: that much of each target is spread evenly. Is it "
            "the share that the true class should keep?",
            label_smoothing=smoothing,
        )
    gamma = given.get("gamma", 0.0)
    if not (gamma >= 0 and math.isfinite(gamma)):
        given.pop("gamma")
        case.find(
            "focal-gamma",
            "error",
            1.0,
            f"gamma is {gamma:g}: below 0 the easy examples would count most.",
            gamma=gamma,
        )
    for name in ("weight", "pos_weight", "alpha"):
        if name in given and not _usable(case, name, look(given[name], name)):
            given.pop(name)
    asked = case.framework == "torch" or "reduction" in given
    if case.loss == "kl_div" and case.reduction == "mean" and asked:
        case.find(
            "kl-mean",
            "warning",
            0.9,
            'reduction="mean", PyTorch\'s default for KLDivLoss, divides by rows times classes. '
            "The divergence is its batchmean.",
            divided_too_often_by=case.classes,
        )


def _usable(case: Case, name: str, seen: Seen | Unreadable) -> bool:
    """Judge the weights by themselves, and keep them as an array if they can be used."""
    if isinstance(seen, Unreadable):
        _weights(case, name, f"{seen.message}.")
        return False
    weights = seen.values.astype(np.float64)
    if weights.size == 1 and case.binary:
        weights = weights.reshape(())
    if not (np.isfinite(weights) & (weights >= 0)).all():
        _weights(case, name, f"{name} has entries that are negative or not finite.")
        return False
    case.arguments[name] = weights
    return not _unsuitable(case, name, weights)


def _unsuitable(case: Case, name: str, weights: Array) -> bool:
    """Whether possible weights do not fit the outputs, or mean nothing."""
    if name == "weight" and case.binary:
        return not _broadcasts(weights.shape, case.outputs.shape)  # one per entry
    if name == "weight" or (name == "alpha" and not case.binary):
        if weights.ndim == 0 and name == "alpha":
            case.find(
                "focal-alpha",
                "note",
                0.7,
                "One alpha for all classes is a factor of the loss; it balances nothing.",
                alpha=weights,
            )
            return True
        if weights.shape != (case.classes,):
            code = "weight-shape" if name == "weight" else "focal-alpha"
            message = f"{name} has shape {weights.shape}, expected one number for each class."
            case.find(code, "error", 1.0, message, classes=case.classes)
            return True
        return False
    if weights.ndim and not _broadcasts(weights.shape, case.outputs.shape):
        message = f"{name} has shape {weights.shape}, expected one number, or one per output."
        case.find("weight-shape", "error", 1.0, message, outputs_shape=case.outputs.shape)
        return True
    if name == "alpha" and (weights > 1).any():
        case.find(
            "focal-alpha",
            "error",
            1.0,
            "alpha is the share of the positives: above 1 it gives the negatives a negative loss.",
            alpha=weights.max(),
        )
        return True
    return False


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether weights of a shape go with each entry of the outputs."""
    ends = zip(shape[::-1], to[::-1], strict=False)
    return len(shape) <= len(to) and all(n in (1, m) for n, m in ends)


def _weights(case: Case, name: str, message: str) -> None:
    code = "focal-alpha" if name == "alpha" else "weight-value"
    case.find(code, "error", 1.0, message)


def check_gamma(case: Case, facts: Facts | BinaryFacts) -> None:
    """Ask whether the factor (1 - p_t)^gamma has an infinite slope somewhere."""
    gamma = case.arguments.get("gamma", 2.0)
    if case.loss in ("focal_loss", "sigmoid_focal_loss") and 0 < gamma < 1 and facts.certain:
        case.find(
            "focal-gamma",
            "warning",
            0.8,
            f"{facts.certain} rows have p_t = 1 in this precision, where the usual focal loss "
            "with gamma below 1 has the gradient nan.",
            gamma=gamma,
            rows=facts.certain,
        )


def check_class_weights(case: Case, facts: Facts) -> None:
    """Ask whether rare classes have the small weights."""
    weight = case.arguments.get("weight", case.arguments.get("alpha"))
    seen = facts.counts >= 5
    if weight is None:
        return
    divided = "weight" in case.arguments and case.indices and case.reduction == "mean"
    if divided and facts.rows and not (np.asarray(weight, float) * facts.counts).sum():
        message = "The weights of all labels of this batch are 0: their mean is 0/0, which is nan."
        _weights(case, "weight", message)
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
