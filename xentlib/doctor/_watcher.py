"""What looks at the calls of a loss: until enough were seen, and warns once of each finding."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from xentlib.doctor._examine import examine
from xentlib.doctor._match import RIGHT
from xentlib.doctor.report import Report

EXPLAINED = 3  # batches whose loss is explained: it costs more than the rest of a look

# What a model that has only begun to train may show, and what cannot be read while it is traced.
TOO_EARLY = frozenset(
    {"at-chance", "constant-predictor", "class-order", "rows-mixed", "not-numbers", "ragged"}
)
INSIDE = ("keras", "torch", "xentlib")  # a warning names the line that led into them
LOOKING = threading.RLock()  # of the module: a watcher is copied and pickled


class LossWarning(UserWarning):
    """Something that the doctor saw in the first batches of a training."""


class Watcher:
    """Looks at calls of a loss until enough were seen; warns once of each finding."""

    def __init__(self, told: dict[str, Any], batches: int) -> None:
        self.told = told
        self.left, self.unexplained = batches, EXPLAINED
        self.watching = True
        self.warned: set[str] = set()
        self.release: Callable[[], object] | None = None

    def look(self, outputs: Any, targets: Any, **more: Any) -> None:
        """Examine one batch, unless it is only traced; one thread at a time."""
        if _traced():
            return
        with LOOKING:
            if self.watching:
                self.count(outputs, targets, more)

    def count(self, outputs: Any, targets: Any, more: dict[str, Any]) -> None:
        """Count and examine a batch, and warn of what was not found before."""
        self.left -= 1
        if self.left <= 0:
            self.stop()
        if not self.unexplained:
            more.pop("observed", None)
        try:
            report = examine(outputs, targets, **self.told | more)
        except Exception as error:  # the doctor must not end a training
            self.say("", f"The doctor could not look: {str(error) or type(error).__name__}")
            return
        self.settle(report)
        for finding in (*report.errors, *report.warnings):
            if finding.code in TOO_EARLY or self.excused(finding.code):
                continue
            if finding.code == "sigmoid-twice" and finding.severity == "warning":
                continue  # so do the outputs of many a young network: only the proof counts
            self.say(finding.code, str(finding))

    def say(self, code: str, message: str) -> None:
        """Warn, once of each code."""
        if code not in self.warned:
            self.warned.add(code)
            warnings.warn(f"{_rank()}{message}", LossWarning, stacklevel=_outside())

    def settle(self, report: Report) -> None:
        """Count the losses that were explained; what one of them cleared stays cleared."""
        cleared = {f.code for f in report.findings if f.message.endswith(RIGHT)}
        self.warned |= cleared
        if cleared or any("observed" in f.evidence for f in report.findings):
            self.unexplained -= 1

    def excused(self, code: str) -> bool:
        """Whether autocast, which computes losses in single precision, settles a finding."""
        return code in ("half-mean", "half-overflow") and _autocast()

    def stop(self) -> None:
        """Step out of the way."""
        self.watching = False
        if self.release is not None:
            self.release()


def _outside() -> int:
    """How far up whoever called this was called from the reader's own code."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and str(frame.f_globals.get("__name__")).partition(".")[0] in INSIDE:
        frame, level = frame.f_back, level + 1
    return level


def _traced() -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.jit.is_tracing())


def _autocast() -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    return bool(torch.is_autocast_enabled() or torch.is_autocast_enabled("cpu"))


def _rank() -> str:
    group = getattr(sys.modules.get("torch"), "distributed", None)
    if group is not None and group.is_available() and group.is_initialized():
        return f"process {group.get_rank()}: "
    return ""
