"""What can be measured of outputs and targets in one pass, block by block, in fixed memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from xentlib._checks import Array
from xentlib._rows import spans
from xentlib.doctor._case import Case

CONFUSED = 64  # classes up to which predictions are counted against labels
MASK = 1e3  # nats below the largest: a class that is masked


@dataclass
class Facts:
    """Sums and extremes over the rows that count; losses are in nats, summed over rows."""

    classes: int = 0
    rows: int = 0
    skipped: int = 0
    nan: int = 0
    above: int = 0  # entries at +inf
    below: int = 0  # entries at -inf
    lowest_finite: float = 0.0  # if there are any
    first: tuple[int, int] | None = None  # row and class where the outputs first are nan or +inf
    bad_rows: int = 0
    masked_rows: int = 0  # rows with nothing but -inf
    masked_targets: int = 0  # rows whose target is at -inf
    far_targets: int = 0  # rows whose target is far below the rest, at the lowest number
    floor: float = math.inf  # the lowest output of a target, and how many have it
    floor_targets: int = 0
    zero_targets: int = 0  # rows whose target has exactly 0
    certain: int = 0  # rows whose target has the probability 1, in this precision
    low: float = math.inf
    high: float = -math.inf
    sum_low: float = math.inf
    sum_high: float = -math.inf
    log_low: float = math.inf  # of the log-sum-exp
    log_high: float = -math.inf
    hard: bool = True  # nothing but 0 and 1
    flat: float = 0.0  # the largest range within a row
    opening: Array | None = None  # the first row
    spread: float = 0.0  # the largest difference from the first row
    distinct: int = 0
    nll: float = 0.0  # as logits
    log_loss: float = 0.0  # as probabilities
    hits: int = 0
    above_hits: int = 0  # label = prediction + 1
    counts: Array = field(default_factory=lambda: np.zeros(0))
    guesses: Array = field(default_factory=lambda: np.zeros(0))
    confusion: Array | None = None

    @property
    def flat_in_play(self) -> float:
        """The largest range within a row; of rows that are alike, without what is masked."""
        if self.opening is None or self.spread > 1e-3:
            return self.flat
        used = self.opening[self.opening > self.opening.max() - MASK]
        return float(used.max() - used.min()) + 2 * self.spread

    def at_floor(self, own: Array) -> None:
        """Count the targets at the lowest output that any target has had so far."""
        low = float(own.min())
        if low < self.floor:
            self.floor, self.floor_targets = low, 0
        self.floor_targets += int((own == self.floor).sum()) if low == self.floor else 0

    def loss(self, takes: str) -> float:
        """The loss, summed, as what the outputs should be."""
        return self.log_loss if takes == "probabilities" else self.nll

    @property
    def prior_entropy(self) -> float:
        """The loss of the best constant prediction, in nats per row."""
        shares = self.counts[self.counts > 0] / self.counts.sum()
        return float(-(shares * np.log(shares)).sum())


def row_blocks(case: Case) -> Iterator[tuple[int, Array, Array]]:
    """Yield the first row of a block, its outputs (n, C), and its labels (n,) or distributions."""
    z, t = case.rows(), case.target_rows()
    dtype = np.result_type(z.dtype, np.float32) if z.dtype.kind == "f" else np.dtype(np.float64)
    for i, j in spans(z.shape, dtype.itemsize):
        block = z[i, :, j].transpose(0, 2, 1).reshape(-1, z.shape[1]).astype(dtype, copy=False)
        if block.shape[1] < 32:
            block = np.asfortranarray(block)  # NumPy is slow at reducing many short rows
        target = t[i, j].reshape(-1)
        if not case.indices:
            target = t[i, :, j].transpose(0, 2, 1).reshape(block.shape)
        yield i.start * z.shape[2] + j.start, block, target


def kept(case: Case, target: Array) -> Array | None:
    """Return which rows of a block count, or None if all of them do."""
    if not case.indices:
        return None
    ignore, c = case.ignore_index, case.classes
    if target.min() >= 0 and target.max() < c and (ignore is None or not 0 <= ignore < c):
        return None
    keep = (target >= 0) & (target < c)
    return keep if ignore is None else np.asarray(keep & (target != ignore))


def measure(case: Case) -> Facts:
    """Return the facts of the rows whose labels are possible."""
    case.checked.append("every row: range, sum, log-sum-exp, nan and inf, loss, prediction")
    c = case.classes
    facts = Facts(classes=c, counts=np.zeros(c), guesses=np.zeros(c))
    if c <= CONFUSED:
        facts.confusion = np.zeros((c, c))
    for start, block, target in row_blocks(case):
        keep = kept(case, target)
        if keep is not None:
            facts.skipped += int(len(keep) - keep.sum())
            block, target = block[keep], target[keep]
            if not len(block):
                continue
        if facts.opening is None:
            facts.opening = block[0].copy()
            facts.distinct = len(np.unique(block[:64] @ np.sin(np.arange(c, dtype=block.dtype))))
        if not math.isfinite(float(block.sum())):
            _not_finite(facts, block, start, keep)
        _extremes(facts, block, facts.opening)
        _losses(facts, block, target, case.indices)
    return facts


def _not_finite(facts: Facts, block: Array, start: int, keep: Array | None) -> None:
    nan, above = np.isnan(block), block == np.inf
    facts.nan += int(nan.sum())
    facts.above += int(above.sum())
    below = block == -np.inf
    facts.below += int(below.sum())
    facts.lowest_finite = min(facts.lowest_finite, lowest_finite(block))
    facts.masked_rows += int(below.all(axis=1).sum())
    bad = (nan | above).any(axis=1)
    facts.bad_rows += int(bad.sum())
    if facts.first is None and bad.any():
        row = int(bad.argmax())
        place = row if keep is None else int(np.flatnonzero(keep)[row])
        facts.first = (start + place, int((nan | above)[row].argmax()))


def lowest_finite(block: Array) -> float:
    """The lowest of the numbers that are numbers, or 0."""
    return float(block[np.isfinite(block)].min(initial=0.0))


def _extremes(facts: Facts, block: Array, opening: Array) -> None:
    sums = block.sum(axis=1)
    low, high = float(np.fmin.reduce(block, axis=None)), float(np.fmax.reduce(block, axis=None))
    facts.low, facts.high = min(facts.low, low), max(facts.high, high)
    facts.sum_low = min(facts.sum_low, float(sums.min()))
    facts.sum_high = max(facts.sum_high, float(sums.max()))
    if facts.hard:
        few = block[:8]
        hard = bool(((few == 0) | (few == 1)).all())
        facts.hard = hard and bool(((block == 0) | (block == 1)).all())
    tiny = 1e-3 * max(1.0, abs(high))
    if facts.spread <= tiny:  # else the rows are known to differ
        facts.spread = max(facts.spread, _furthest(block[:8], opening))
        if facts.spread <= tiny:
            facts.spread = max(facts.spread, _furthest(block, opening))


def _furthest(block: Array, opening: Array) -> float:
    """The largest difference from the first row; a class masked with -inf in both has none."""
    return float(np.fmax.reduce(np.abs(block - opening), axis=None))


def _losses(facts: Facts, block: Array, target: Array, indices: bool) -> None:
    rows = np.arange(len(block))
    guess = block.argmax(axis=1)
    top = block[rows, guess]
    shifted = block - top[:, np.newaxis]
    facts.flat = max(facts.flat, float(-shifted.min()))
    norm = top + np.log(np.exp(shifted, out=shifted).sum(axis=1))
    facts.log_low = min(facts.log_low, float(norm.min()))
    facts.log_high = max(facts.log_high, float(norm.max()))
    if indices:
        label, own = target, block[rows, target]
        facts.at_floor(own)
        losses = norm - own
        facts.certain += int((losses == 0).sum())
        facts.nll += float(losses.sum(dtype=np.float64))
        facts.log_loss -= float(np.log(own).sum(dtype=np.float64))
        masked, zero = own == -np.inf, own == 0
        if losses.max() > MASK:
            low = block.min()
            named = int(((losses > MASK) & (own == low) & (own > -np.inf)).sum())
            often = int((block == low).sum()) >= max(3, 2 * named)  # as a mask, and no accident
            facts.far_targets += named if often else 0
    else:
        label, has = target.argmax(axis=1), target != 0
        mass = target.sum(axis=1)
        own = np.where(has, target * block, 0).sum(axis=1)
        facts.nll += float((mass * norm - own).sum(dtype=np.float64))
        facts.log_loss -= float(np.where(has, target * np.log(block), 0).sum(dtype=np.float64))
        masked, zero = ((has & (block == x)).any(axis=1) for x in (-np.inf, 0))
    facts.rows += len(block)
    facts.masked_targets += int(masked.sum())
    facts.zero_targets += int(zero.sum())
    facts.hits += int((guess == label).sum())
    facts.above_hits += int((guess + 1 == label).sum())
    facts.counts += np.bincount(label, minlength=facts.classes)
    facts.guesses += np.bincount(guess, minlength=facts.classes)
    if facts.confusion is not None:
        pairs = np.bincount(guess * facts.classes + label, minlength=facts.classes**2)
        facts.confusion += pairs.reshape(facts.classes, facts.classes)
