"""What can be measured of yes and no in one pass, block by block, in fixed memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xentlib._checks import Array
from xentlib._rows import spans
from xentlib.doctor._case import Case
from xentlib.doctor._facts import lowest_finite
from xentlib.doctor._rowwise import softplus


@dataclass
class BinaryFacts:
    """Sums and extremes over the entries; losses are in nats, summed."""

    entries: int = 0
    nan: int = 0
    above: int = 0
    below: int = 0
    first: int | None = None
    low: float = math.inf
    high: float = -math.inf
    hard: bool = True
    certain: int = 0  # losses of exactly 0, in this precision
    wrong: int = 0  # probabilities of exactly 0 or 1 against the target
    as_logits: float = 0.0
    as_probabilities: float = 0.0  # clipped at 1e-7, so that one entry cannot decide
    target_low: float = math.inf
    target_high: float = -math.inf
    target_hard: bool = True
    positives: float = 0.0
    lowest_finite: float = 0.0
    floor: float = math.inf  # the lowest output where the target is 1, and how many have it
    floor_targets: int = 0
    ceiling: float = -math.inf  # the highest where it is 0
    ceiling_targets: int = 0
    hits: int = 0
    spread: float = 0.0

    def loss(self, takes: str) -> float:
        """The loss, summed, as what the outputs should be."""
        return self.as_logits if takes == "logits" else self.as_probabilities


def binary_blocks(case: Case) -> Iterator[tuple[int, Array, Array]]:
    """Yield short vectors of outputs and targets, in order."""
    z, t = case.outputs.reshape(-1), case.targets.reshape(-1)
    dtype = np.result_type(z.dtype, np.float32) if z.dtype.kind == "f" else np.dtype(np.float64)
    for rows, _ in spans((len(z), 1, 1), dtype.itemsize):
        yield rows.start, z[rows].astype(dtype, copy=False), t[rows].astype(dtype, copy=False)


def measure_binary(case: Case) -> BinaryFacts:
    """Return the facts of a binary case."""
    case.checked.append("every entry: range, nan and inf, loss as a logit and as a probability")
    facts = BinaryFacts()
    for start, z, t in binary_blocks(case):
        facts.entries += len(z)
        if not math.isfinite(float(z.sum())):
            nan, above = np.isnan(z), z == np.inf
            facts.nan += int(nan.sum())
            facts.above += int(above.sum())
            facts.below += int((z == -np.inf).sum())
            facts.lowest_finite = min(facts.lowest_finite, lowest_finite(z))
            if facts.first is None and (nan | above).any():
                facts.first = start + int((nan | above).argmax())
        _binary_sums(facts, z, t, case.takes == "probabilities")
    return facts


def _binary_sums(facts: BinaryFacts, z: Array, t: Array, probabilities: bool) -> None:
    facts.low = min(facts.low, float(np.fmin.reduce(z)))
    facts.high = max(facts.high, float(np.fmax.reduce(z)))
    facts.target_low = min(facts.target_low, float(np.fmin.reduce(t)))
    facts.target_high = max(facts.target_high, float(np.fmax.reduce(t)))
    facts.hard = facts.hard and _only_answers(z)
    facts.target_hard = facts.target_hard and _only_answers(t)
    if facts.hard or probabilities:
        facts.wrong += int((((z == 0) & (t > 0)) | ((z == 1) & (t < 1))).sum())
    facts.spread = max(facts.spread, facts.high - facts.low)
    facts.positives += float(t.sum(dtype=np.float64))
    facts.hits += int(((z > 0) == (t > 0.5)).sum())
    loss = softplus(z) - t * z
    facts.certain += int((loss == 0).sum())
    facts.as_logits += float(loss.sum(dtype=np.float64))
    if probabilities:
        _probability_sums(facts, z, t)


def _only_answers(x: Array) -> bool:
    """Whether there is nothing but 0 and 1: few entries will mostly do to say no."""
    return all(bool(((y == 0) | (y == 1)).all()) for y in (x[:64], x))


def _probability_sums(facts: BinaryFacts, z: Array, t: Array) -> None:
    _worst(facts, z, t)
    p = np.clip(z, 1e-7, 1 - 1e-7)
    facts.as_probabilities -= float((t * np.log(p) + (1 - t) * np.log1p(-p)).sum(dtype=np.float64))


def _worst(facts: BinaryFacts, z: Array, t: Array) -> None:
    """Count the outputs that are furthest from their target."""
    yes, no = z[t > 0.5], z[t < 0.5]
    low, high = float(yes.min(initial=math.inf)), float(no.max(initial=-math.inf))
    if low < facts.floor:
        facts.floor, facts.floor_targets = low, 0
    if high > facts.ceiling:
        facts.ceiling, facts.ceiling_targets = high, 0
    facts.floor_targets += int((yes == facts.floor).sum())
    facts.ceiling_targets += int((no == facts.ceiling).sum())
