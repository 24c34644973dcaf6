"""The mean of the means of parts that follow one another, in memory that does not grow."""

from __future__ import annotations

import math

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case


class Parts:
    """Takes losses in order, with their places, and closes each part behind itself."""

    def __init__(self, sizes: list[int] | None, length: int, rows: int) -> None:
        self.ends = None if sizes is None else np.cumsum(sizes)
        self.length = length
        self.number = self._of(np.array([rows - 1]))[0] + 1
        self.used, self.means = 0, 0.0
        self.last, self.sum, self.count = -1, 0.0, 0

    def add(self, places: Array, losses: Array) -> None:
        """Take the losses at these places, the places of all rows being counted from 0."""
        if not len(places):
            return
        parts = self._of(places)
        if parts[0] != self.last:
            self._close()
            self.last = int(parts[0])
        counts = np.bincount(parts - self.last)
        sums = np.bincount(parts - self.last, losses)
        counts[0] += self.count
        sums[0] += self.sum
        full = np.flatnonzero(counts[:-1])
        self.used += len(full)
        self.means += float((sums[full] / counts[full]).sum())
        self.last += len(counts) - 1
        self.sum, self.count = float(sums[-1]), int(counts[-1])

    def results(self) -> tuple[float, float]:
        """Return the mean over all parts, nan if one is empty, and the mean over the others."""
        self._close()
        mean = self.means / self.used if self.used else math.nan
        return (mean if self.used == self.number else math.nan), mean

    def _of(self, places: Array) -> Array:
        if self.ends is None:
            return places // self.length
        return np.searchsorted(self.ends, places, side="right")

    def _close(self) -> None:
        if self.count:
            self.used += 1
            self.means += self.sum / self.count
        self.sum, self.count = 0.0, 0


def part_sizes(case: Case) -> list[int] | None:
    """Return how many losses each micro-batch has, whether rows or losses were told."""
    sizes = case.arguments.get("micro_batches")
    if sizes is None:
        return None
    shape = (case.outputs.shape if case.binary else case.label_shape) or (1,)
    rows, losses = shape[0], math.prod(shape)
    if sum(sizes) not in (rows, losses):
        known = f"{rows} rows" + (f" and {losses} losses" if losses != rows else "")
        raise ValueError(f"micro_batches is {sizes}: {sum(sizes)} rows, but there are {known}")
    return [size * losses // sum(sizes) for size in sizes]


def parts_of(case: Case, losses: int) -> Parts | None:
    """Return the micro-batches of a call, else the parts along its first axis, if it has such."""
    sizes = part_sizes(case)
    if sizes is not None:
        return Parts(sizes, 1, losses)
    if len(case.label_shape) > 1 and not case.binary:
        return Parts(None, losses // case.label_shape[0], losses)
    return None
