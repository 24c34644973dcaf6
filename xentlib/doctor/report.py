"""What the loss doctor hands back: findings, each with its evidence and its mend."""

import json
import math
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from xentlib.doctor._codes import BOOK, SEVERITIES
from xentlib.doctor._html import report_html, shown

__all__ = ["Finding", "Report"]

Value = float | int | str
WIDTH = 88


@dataclass(frozen=True)
class Finding:
    """One thing that the doctor noticed.

    Attributes
    ----------
    code : str
        A stable name, such as "double-softmax".
    severity : str
        "error", "warning" or "note". An error is proved by the inputs. A warning is likely. A
        note is worth knowing, or a question that the inputs cannot answer.
    confidence : float
        How sure the doctor is, from 0 to 1.
    message : str
        One sentence.
    evidence : dict
        The numbers behind it.
    mend : str
        A line of code for the framework.
    section : str
        The page of the book, and the place on it, that explains the finding.
    """

    code: str
    severity: str
    confidence: float
    message: str
    evidence: dict[str, Value] = field(default_factory=dict)
    mend: str = ""
    section: str = ""

    @property
    def url(self) -> str:
        """The address of the section in the published book."""
        return BOOK + self.section

    def __str__(self) -> str:
        head = f"{self.severity.upper()} {self.code} (confidence {self.confidence:.0%})"
        lines = [head, *textwrap.wrap(self.message, WIDTH - 2)]
        if self.evidence:
            seen = ", ".join(f"{name} {shown(value)}" for name, value in self.evidence.items())
            lines += textwrap.wrap(f"seen: {seen}", WIDTH - 2)
        lines += [f"mend: {self.mend}", f"read: {self.url}"]
        return "\n  ".join(lines)


@dataclass(frozen=True)
class Report:
    """The doctor's report on one call of a loss.

    Attributes
    ----------
    findings : tuple of Finding
        The gravest first.
    checked : tuple of str
        What was looked at.
    loss : str
        The loss, by its name in ``xentlib.doctor``.
    framework : str or None
        The framework whose conventions were assumed.
    value : float or None
        What the right call gives for these arguments, in nats, as far as it can be computed.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    loss: str
    framework: str | None = None
    value: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings."""
        return tuple(finding.code for finding in self.findings)

    @property
    def worst(self) -> str | None:
        """The gravest severity, or None without a finding."""
        return self.findings[0].severity if self.findings else None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that the inputs prove."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are likely."""
        return tuple(f for f in self.findings if f.severity == "warning")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing or asking."""
        return tuple(f for f in self.findings if f.severity == "note")

    def check(self, severity: str = "error") -> "Report":
        """Raise if there is a finding of this severity or a graver one: the line for a test.

        Parameters
        ----------
        severity : str, optional
            "error", "warning" or "note".

        Returns
        -------
        Report
            Itself, if there is none.

        Raises
        ------
        AssertionError
            There is one. The message is the whole report.
        ValueError
            An unknown severity.

        Examples
        --------
        >>> from xentlib.doctor import examine
        >>> examine([[2.0, 1.0, 5.0]], [2]).check("warning")
        <Report softmax_cross_entropy: nothing found>
        """
        __tracebackhide__ = True  # pytest shows the line of the test
        if severity not in SEVERITIES:
            raise ValueError(f"severity is {severity!r}, expected {', '.join(SEVERITIES)}")
        grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
        if self.worst in grave:
            raise AssertionError(str(self))
        return self

    def summary(self) -> str:
        """Return the report in one line."""
        counts = [sum(f.severity == severity for f in self.findings) for severity in SEVERITIES]
        named = [
            f"{count} {severity}{'s' if count > 1 else ''}"
            for count, severity in zip(counts, SEVERITIES, strict=True)
            if count
        ]
        return f"{self.loss}: {', '.join(named) or 'nothing found'}"

    def __str__(self) -> str:
        lines = [self.summary()]
        if self.value is not None:
            lines.append(f"the right call on these arrays gives {shown(self.value)}")
        lines += [str(finding) for finding in self.findings]
        if self.checked:
            lines += textwrap.wrap("checked: " + "; ".join(self.checked), WIDTH)
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Report {self.summary()}>"

    def _repr_html_(self) -> str:
        return report_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain lists, numbers and texts."""
        plain = asdict(self)
        plain["findings"] = [asdict(finding) for finding in self.findings]
        plain["checked"] = list(self.checked)
        return plain

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the report as JSON."""
        plain = self.to_dict()
        if self.value is not None and not math.isfinite(self.value):
            plain["value"] = str(self.value)  # JSON has no word for nan
        return json.dumps(plain, indent=indent, allow_nan=False)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Report":
        """Return the report that ``to_dict`` or ``to_json`` wrote."""
        value = plain.get("value")
        return cls(
            findings=tuple(Finding(**finding) for finding in plain["findings"]),
            checked=tuple(plain["checked"]),
            loss=plain["loss"],
            framework=plain["framework"],
            value=None if value is None else float(value),
        )
