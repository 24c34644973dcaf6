"""Are the other arguments of the call possible, and do they suit the targets?"""

from __future__ import annotations

import math

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
