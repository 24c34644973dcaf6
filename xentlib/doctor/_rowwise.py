"""The losses of rows, for explaining a number: a few rows at a time, each sum computed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._case import Case
from xentlib.doctor._facts import row_blocks
from xentlib.doctor._readings import READINGS, log_softmax

ENTRIES = 1 << 16  # of a block: in double precision a few such arrays fit into a cache


def blocks(case: Case, nature: str) -> Iterator[Rows]:
    """Yield all rows, some at a time, so that the memory does not grow with them."""
    weight = case.arguments.get("weight")
    w = np.ones(case.classes) if weight is None else np.asarray(weight, float)
    some = max(1, ENTRIES // case.classes)
    for start, block, target in row_blocks(case):
        for i in range(0, len(block), some):
            j = i + some
            yield Rows(case, nature, w, start + i, block[i:j], target[i:j])


def _logsumexp(x: Array) -> Array:
    top = x.max(axis=1, keepdims=True)
    return np.asarray(top + np.log(np.exp(x - top).sum(axis=1, keepdims=True)))


@dataclass
class Rows:
    """Some rows. What is given of rows with labels is given of those that count."""

    case: Case
    nature: str
    w: Array  # the weights of the classes
    start: int
    block: Array
    target: Array
    known: dict[str, Array] = field(default_factory=dict)

    @cached_property
    def z(self) -> Array:
        """The outputs in double precision."""
        return self.block.astype(np.float64)

    @cached_property
    def keep(self) -> Array:
        """Which rows count."""
        if not self.case.indices:
            return np.ones(len(self.block), bool)
        keep = (self.target >= 0) & (self.target < self.case.classes)
        return keep if self.case.ignore_index is None else keep & self.counted(self.target)

    def counted(self, labels: Array) -> Array:
        """Where labels are not those that are ignored."""
        return np.asarray(labels != self.case.ignore_index)

    @cached_property
    def label(self) -> Array:
        """The labels, 0 where a row does not count."""
        return np.where(self.keep, self.target, 0)

    @cached_property
    def mass(self) -> Array:
        """The targets as distributions."""
        return self.target.astype(np.float64)

    @cached_property
    def weight(self) -> Array:
        """What each row weighs."""
        weight = self.w[self.label] if self.case.indices else np.ones(len(self.block))
        return np.asarray(weight[self.keep])

    def unignored(self) -> Rows:
        """The same rows under a call that ignores no label."""
        case = replace(self.case, arguments={**self.case.arguments, "ignore_index": None})
        return replace(self, case=case, known={})

    # Sums of a row that the readings share.

    @cached_property
    def top(self) -> Array:
        """The largest output."""
        return np.asarray(self.z.max(axis=1, keepdims=True))

    @cached_property
    def log_sum(self) -> Array:
        """The log-sum-exp, above the largest output."""
        shifted = self.z - self.top
        return np.asarray(np.log(np.exp(shifted, out=shifted).sum(axis=1, keepdims=True)))

    @cached_property
    def second(self) -> Array:
        """The log-sum-exp of what a softmax before gave."""
        logs = self.z if self.nature == "logs" else log_softmax(self.z, self)
        return _logsumexp(np.exp(logs))

    @cached_property
    def total(self) -> Array:
        """The sum."""
        return np.asarray(self.z.sum(axis=1, keepdims=True))

    # Losses.

    def own(self, code: str = "") -> Array:
        """The losses under a reading, unweighted, not smoothed."""
        if code not in self.known:
            self._read(code)
        return self.known[code]

    def weighted(self, code: str = "") -> Array:
        """The same weighted; smoothed, if the call says so."""
        if "weighted " + code not in self.known:
            self._read(code)
        return self.known["weighted " + code]

    def _read(self, code: str) -> None:
        reading, e, c = READINGS[self.nature][code], self.case.smoothing, self.case.classes
        plain = "weight" not in self.case.arguments
        if not self.case.indices:
            logs = reading(self.z, self)
            own = weighted = -_dot(self.mass, logs)
            if e or not plain:
                weighted = -_dot(self.w * ((1 - e) * self.mass + e / c), logs)
        else:
            own = self.at(self.label, code)
            weighted = own if plain else _product(self.w[self.label], own)
            if e:
                every = reading(self.z, self)
                weighted = (1 - e) * weighted - e / c * _dot(self.w, every)
        self.known[code] = own[self.keep]
        self.known["weighted " + code] = weighted[self.keep]

    def at(self, label: Array, code: str = "") -> Array:
        """The losses of other labels, of all rows."""
        entries = _entries(self.z, label)[:, np.newaxis]
        return np.asarray(-READINGS[self.nature][code](entries, self)[:, 0])

    def every(self) -> Array:
        """The losses of all classes, summed."""
        logs = READINGS[self.nature][""](self.z, self)
        return np.asarray(-logs.sum(axis=1)[self.keep])

    def naive(self, shifted: bool) -> Array:
        """Those of the logarithm of a softmax, in the precision of the outputs."""
        block = self.block - self.block.max(axis=1, keepdims=True) if shifted else self.block
        e = np.exp(block.astype(np.float16) if self.case.output_dtype == "float16" else block)
        total = e.sum(axis=1, keepdims=True)
        if not self.case.indices:
            return np.asarray(-_dot(self.mass, np.log(e / total).astype(np.float64)))
        losses = -np.log(_entries(e, self.label) / total[:, 0])
        return np.asarray(losses[self.keep].astype(np.float64))

    def questions(self) -> Array:
        """Those of one yes-or-no question for each class, averaged over the classes."""
        own = _entries(self.z, self.label) if self.case.indices else _dot(self.mass, self.z)
        losses = softplus(self.z).sum(axis=1) - own + 0 * self.total[:, 0]  # 0 times -inf is nan
        return np.asarray(losses[self.keep] / self.case.classes)

    def truth(self) -> Array:
        """What the targets themselves have: the sum of t log t."""
        return _dot(self.mass, np.log(self.mass))

    def swapped(self) -> Array:
        """Those of the arguments the other way round."""
        return np.asarray(-(self.z * (self.mass - _logsumexp(self.mass))).sum(axis=1))


def softplus(z: Array) -> Array:
    """Return log(1 + exp(z)); ``np.logaddexp`` takes twenty times as long."""
    rest = np.asarray(np.abs(z))
    np.log1p(np.exp(np.negative(rest, out=rest), out=rest), out=rest)
    return np.asarray(np.add(rest, np.maximum(z, 0), out=rest))


def _entries(x: Array, label: Array) -> Array:
    """One entry of each row."""
    return np.asarray(x[np.arange(len(x)), label])


def _product(mass: Array, logs: Array) -> Array:
    """Multiply, where no mass costs nothing."""
    return np.where(mass == 0, 0, mass * logs)


def _dot(mass: Array, logs: Array) -> Array:
    """Sum these products over the classes; the zeros are looked for where a row asks for it."""
    sums = np.asarray(logs @ mass if mass.ndim == 1 else np.einsum("ij,ij->i", mass, logs))
    lost = np.isnan(sums)
    if lost.any():
        sums[lost] = _product(mass if mass.ndim == 1 else mass[lost], logs[lost]).sum(axis=1)
    return sums
