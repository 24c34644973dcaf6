"""Every code that the doctor knows: where the book explains it, and the line that mends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xentlib.doctor._code import Code, Mend
from xentlib.doctor._codes_calls import CALLS
from xentlib.doctor._codes_outputs import OUTPUTS
from xentlib.doctor._codes_targets import TARGETS

if TYPE_CHECKING:
    from xentlib.doctor._case import Case

BOOK = "https://OWNER.github.io/cross-entropy-course/"
SEVERITIES = ("error", "warning", "note")

CODES: dict[str, Code] = {**OUTPUTS, **TARGETS, **CALLS}
LOGS = "log_probabilities"


def mend(code: str, case: Case, evidence: Mapping[str, Any]) -> str:
    """Return the line that mends a finding: that of its case, in the words of the framework."""
    known = CODES[code]
    lowest = evidence.get("lowest")
    indices = case.indices or case.targets.ndim < case.outputs.ndim  # also before it is settled
    holds = {
        "binary": case.binary,
        "columns": case.binary and case.outputs.ndim == 2 and case.outputs.shape[1] > 1,
        "flat": case.outputs.ndim == 2,
        "focal": "focal" in case.loss,
        "log_target": bool(case.arguments.get("log_target")),
        "padding": lowest is not None and lowest == evidence.get("highest") and lowest < 0,
        "probabilities": case.takes == "probabilities",
        "rows": not indices,
        "transposed": case.outputs.ndim == 2 and case.outputs.shape[1:] == case.targets.shape[:1],
    }
    chosen = next((other for name, other in known.cases.items() if holds[name]), known.mend)
    return _words(chosen, case.framework).format(
        Sparse="Sparse" if indices else "",
        _integer="_with_integer_labels" if indices else "",
        takes=LOGS if case.takes == "logs" else case.takes,
        classes=case.classes,
        column=evidence.get("column"),
        ignore_index=case.ignore_index,
        lowest=lowest,
    )


def _words(line: Mend, framework: str | None) -> str:
    name = "keras" if framework == "tensorflow" else framework
    own = getattr(line, name) if name in ("torch", "keras", "jax", "sklearn") else ""
    return own or line.hand
