"""Compare a number that was seen with what the calls would give."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from xentlib.doctor._candidates import Candidate, nature
from xentlib.doctor._case import Case
from xentlib.doctor._digits import SINGLE, same, tolerance, vague
from xentlib.doctor._facts import Facts
from xentlib.doctor._told import owners_of

INPUTS = (
    "double-softmax",
    "sigmoid-twice",
    "sigmoid-into-softmax",
    "probabilities-as-log",
    "logits-as-log",
    "logits-as-probabilities",
    "log-as-probabilities",
)
# These change nothing where there is nothing to clip, to overflow or to ignore: then they explain
# nothing.
INERT = ("clipped", "naive-softmax", "rows-not-normalised", "ignored-in-mean", "ignore-dropped")
# n calls may give a number by accident as often as n times the width of what counts as equal goes
# into it. Two causes together are believed only below this; in half precision never.
ACCIDENT = 0.01
ASKED = ("weight", "pos_weight", "label_smoothing", "ignore_index", "micro_batches", "reduction")
RIGHT = " But the number seen is that of the right call: was it this loss?"


Landmarks = Mapping[str, tuple[float, str]]


class Rough(NamedTuple):
    """A value, and by how much it may be wrong."""

    value: float
    error: float


def rough_value(case: Case, facts: Facts) -> Rough | None:
    """Return the right value of the plainest call, which was measured in the outputs' precision.

    A log-sum-exp is off by the rounding of itself, and by a dozen units of that of a sum of
    exponentials.
    """
    plain = case.arguments.get("weight") is None and not case.smoothing
    if not plain or case.loss != "softmax_cross_entropy" or nature(case) != "logits":
        return None
    unit = float(np.finfo(np.result_type(case.outputs.dtype, np.float32)).eps)
    largest = max(abs(facts.log_low), abs(facts.log_high))
    divisor = 1 if case.reduction == "sum" else facts.rows
    return Rough(facts.nll / divisor, unit * (16 + largest) * facts.rows / divisor)


def landmarks_of(case: Case, facts: Facts) -> Landmarks:
    """Values at which a loss over classes gets stuck, each with its code and its name."""
    if case.loss != "softmax_cross_entropy" or case.reduction != "mean":
        return {}
    floor = math.log1p((case.classes - 1) / math.e)
    return {
        "double-softmax": (floor, "the floor of a double softmax"),
        "at-chance": (math.log(case.classes), f"ln {case.classes}, a guess"),
        "constant-predictor": (facts.prior_entropy, "the entropy of the class shares"),
    }


def match(
    case: Case,
    candidates: Iterator[Candidate],
    observed: float,
    landmarks: Landmarks = MappingProxyType({}),
    rough: Rough | None = None,
) -> None:
    """Name the calls that give the number.

    Nothing is computed that the answer does not hang on: the right value not, if a rough one is
    near enough to what was seen, and the misuses not, if that is the right value.
    """
    case.checked.append("what the right call and the known misuses would give")
    tol = tolerance(observed, case.output_dtype)
    doubtful = any(f.code in INPUTS and f.severity != "note" for f in case.findings)
    near = min(tol, SINGLE * abs(observed))  # also where few digits were given
    clear = not doubtful and math.isfinite(observed)
    if clear and rough and rough.error <= near and abs(observed - rough.value) + rough.error <= tol:
        case.value, agrees = rough.value, True
    else:
        right = next(candidates)
        case.value, agrees = right.value, same(observed, right.value, tol)
    if agrees:
        case.checked.append(f"{observed:.6g} is what the right call gives")
        if not doubtful:
            return
    named, rare, tried = _reproduced(case.value, candidates, observed, tol)
    if agrees:
        if not any(code in named for code in INPUTS) and not vague(observed, tol):
            case.doubt(*INPUTS, suffix=RIGHT)
        return
    if not named and 2 * tol * tried < ACCIDENT * abs(observed):
        named = rare
    for one in list(named.values())[:4]:
        others = [other.causes for other in named.values() if other is not one]
        doubt = f" (so would {', '.join(others)})" if others else ""
        note = case.note if vague(observed, tol) else case.support
        message = (
            f"{observed:.6g} is what comes of {one.causes}{doubt}; the right call gives "
            f"{right.value:.6g}."
        )
        evidence = {"observed": observed, "reproduced": one.value, "right": right.value}
        note(one.code, 0.95 / len(named), message, **evidence)
        if one.also:
            case.note(one.also, 0.95 / len(named), message, **evidence)
    if not named and not _near(case, landmarks, observed, right.value, tol):
        _unexplained(case, observed, right)


def _reproduced(
    right: float, candidates: Iterator[Candidate], observed: float, tol: float
) -> tuple[dict[str, Candidate], dict[str, Candidate], int]:
    """Return the calls that give the number, those that are rare apart, and how many were tried."""
    named: dict[str, Candidate] = {}
    rare: dict[str, Candidate] = {}
    before = [right]
    for one in candidates:
        inert = one.code in INERT and any(same(one.value, other, tol) for other in before)
        if same(observed, one.value, tol) and not inert:
            (rare if one.rare else named).setdefault(one.causes if one.rare else one.code, one)
        before.append(one.value)
    return named, rare, len(before)


def _near(case: Case, landmarks: Landmarks, observed: float, right: float, tol: float) -> bool:
    """Whether the number is close to one of those where a loss gets stuck, and should not be."""
    for code, (value, name) in landmarks.items():
        if -0.005 <= observed - value <= 0.03 and right < value - 0.2:
            case.find(
                code,
                "warning" if code == "double-softmax" and not vague(observed, tol) else "note",
                0.6,
                f"{observed:.6g} is close to {value:.6g}, {name}; the right call gives "
                f"{right:.6g} here. Is it of another batch?",
                observed=observed,
                right=right,
            )
            return True
    return False


def _unexplained(case: Case, observed: float, right: Candidate) -> None:
    if observed < 0 and not case.found("target-negative", "binary-range", "target-sum"):
        case.find(
            "negative-loss",
            "warning",
            0.9,
            "The number is negative: no cross-entropy of these arrays is, and no known misuse of "
            "them gives it.",
            observed=observed,
            right=right.value,
        )
    else:
        case.find(
            "unexplained",
            "note",
            0.5,
            f"Cannot tell where {observed:.6g} comes from: the right call gives "
            f"{right.value:.6g}, and no known misuse reproduces it. {_questions(case)}",
            observed=observed,
            right=right.value,
        )


def _questions(case: Case) -> str:
    """Ask for what makes two numbers differ, unless it was told."""
    untold = [key for key in ASKED if case.loss in owners_of(key) and key not in case.arguments]
    return (
        "Is it of this one batch, and no average over an epoch? Of the same model, before the same "
        "step, with dropout in both or in none? Without a penalty on its weights?"
        + (f" Or did the call have more than you said: {', '.join(untold)}?" if untold else "")
    )
