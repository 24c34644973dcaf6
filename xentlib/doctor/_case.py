"""One call of a loss under examination: its arrays, its conventions, and what was found so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xentlib._checks import Array
from xentlib._rows import as_rows
from xentlib.doctor._arrays import Seen
from xentlib.doctor._codes import CODES, SEVERITIES, mend
from xentlib.doctor._names import LOSSES, REDUCTIONS
from xentlib.doctor.report import Finding, Report, Value


@dataclass
class Case:
    """A call, and the findings on it. The checks read it, mend it where they can, and add to it."""

    loss: str
    framework: str | None
    outputs: Array
    targets: Array
    output_dtype: str
    target_dtype: str
    tensors: bool  # the targets are the framework's own, so their dtype is what it saw
    arguments: dict[str, Any]
    guarded: bool = False  # the loss takes 0 times infinity for 0
    kind: str | None = None  # of targets that the function takes: labels, rows, or both
    axis: int = -1
    indices: bool = False
    findings: list[Finding] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    value: float | None = None

    @property
    def takes(self) -> str:
        """What the loss expects: logits, probabilities or logs."""
        return LOSSES[self.loss].takes

    @property
    def wanted(self) -> str:
        """The same, in words."""
        return "log-probabilities" if self.takes == "logs" else self.takes

    @property
    def binary(self) -> bool:
        """Whether the loss is one of yes or no."""
        return LOSSES[self.loss].over == "binary"

    @property
    def classes(self) -> int:
        """The number of classes along the class axis."""
        return int(self.outputs.shape[self.axis]) if self.outputs.ndim else 1

    @property
    def label_shape(self) -> tuple[int, ...]:
        """The shape of labels for these outputs."""
        shape = self.outputs.shape
        return shape[: self.axis] + shape[self.axis + 1 :]

    @property
    def keras(self) -> bool:
        """Whether Keras's conventions hold."""
        return self.framework in ("keras", "tensorflow")

    @property
    def reduction(self) -> str:
        """What the call does with the losses of the rows."""
        return REDUCTIONS[self.arguments.get("reduction", "mean")]

    @property
    def smoothing(self) -> float:
        """The label smoothing of the call, 0 if it has none or none that is possible."""
        smoothing = float(self.arguments.get("label_smoothing", 0))
        return smoothing if 0 <= smoothing <= 1 else 0.0

    @property
    def ignore_index(self) -> int | None:
        """The label that is skipped: PyTorch has a default."""
        default = -100 if self.framework == "torch" and not self.binary else None
        ignore: int | None = self.arguments.get("ignore_index", default)
        return ignore

    def rows(self) -> Array:
        """The outputs as (before, classes, after)."""
        return as_rows(self.outputs, self.axis)

    def target_rows(self) -> Array:
        """The targets as (before, after) labels, or as (before, classes, after) distributions."""
        if self.indices:
            shape = self.label_shape
            before = math.prod(shape[: self.axis])
            return self.targets.reshape(before, math.prod(shape[self.axis :]))
        return as_rows(self.targets, self.axis)

    def labels(self) -> Array | None:
        """The labels: also those of one-hot rows, if all rows are."""
        if self.indices:
            return self.targets
        t = self.targets
        high, sums = t.max(axis=self.axis), t.sum(axis=self.axis)
        hot = bool((high == 1).all()) and bool((sums == 1).all()) and bool(t.min() >= 0)
        return np.asarray(t.argmax(axis=self.axis)) if hot else None

    def find(
        self, code: str, severity: str, confidence: float, message: str, **evidence: Any
    ) -> None:
        """Note a finding, once."""
        if any(finding.code == code for finding in self.findings):
            return
        shown = {name.replace("_", " "): plain(value) for name, value in evidence.items()}
        line, section = mend(code, self, shown), CODES[code].section
        self.findings.append(
            Finding(code, severity, confidence, message, shown, mend=line, section=section)
        )

    def support(self, code: str, confidence: float, message: str, **evidence: Any) -> None:
        """Add a number that was reproduced to what was found, or make it a finding."""
        for place, finding in enumerate(self.findings):
            if finding.code == code and finding.severity != "note":
                more = {name.replace("_", " "): plain(value) for name, value in evidence.items()}
                self.findings[place] = replace(
                    finding, evidence={**finding.evidence, **more}, confidence=1.0
                )
                return
        self.findings = [finding for finding in self.findings if finding.code != code]
        self.find(code, "warning", confidence, message, **evidence)

    def note(self, code: str, confidence: float, message: str, **evidence: Any) -> None:
        """Add a number that may have been reproduced by accident."""
        self.find(code, "note", min(confidence, 0.5), message, **evidence)

    def doubt(self, *codes: str, suffix: str) -> None:
        """Make notes of these findings, for a reason that is added to their message."""
        for place, finding in enumerate(self.findings):
            if finding.code in codes and finding.severity != "note":
                self.findings[place] = replace(
                    finding, severity="note", confidence=0.5, message=finding.message + suffix
                )

    def graver_than_notes(self) -> bool:
        """Whether there is a warning or an error."""
        return any(finding.severity != "note" for finding in self.findings)

    def suspects(self, *codes: str) -> bool:
        """Whether one of these is a warning or an error."""
        return any(f.code in codes and f.severity != "note" for f in self.findings)

    def found(self, *codes: str) -> bool:
        """Whether one of these was found."""
        return any(finding.code in codes for finding in self.findings)

    def report(self) -> Report:
        """The findings, the gravest first."""
        order = sorted(self.findings, key=lambda f: (SEVERITIES.index(f.severity), -f.confidence))
        return Report(tuple(order), tuple(self.checked), self.loss, self.framework, self.value)


def new_case(
    outputs: Seen, targets: Seen, loss: str, framework: str | None, arguments: dict[str, Any]
) -> Case:
    """Return a case with the conventions of its framework, which the arrays may give away."""
    framework = framework or outputs.framework or targets.framework
    if framework == "torch" and loss == "cross_entropy":
        raise ValueError(
            "loss is 'cross_entropy', which here takes probabilities; PyTorch's takes logits. Say "
            "loss='F.cross_entropy' if you called that, or framework='numpy' for a loss by hand"
        )
    if arguments.get("from_logits"):
        loss = {
            "cross_entropy": "softmax_cross_entropy",
            "binary_cross_entropy": "binary_cross_entropy_with_logits",
        }.get(loss, loss)
    return Case(
        loss=loss,
        framework=framework,
        outputs=outputs.values,
        targets=targets.values,
        output_dtype=outputs.dtype,
        target_dtype=targets.dtype,
        tensors=targets.framework is not None,
        arguments=arguments,
    )


def plain(value: Any) -> Value:
    """Return evidence as JSON can hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_ | list | tuple):
        return str(value)
    if isinstance(value, int | np.integer):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(number)
