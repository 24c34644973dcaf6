"""The two corpora as tables, and how well the doctor does on them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xentlib.doctor import examine


@dataclass(frozen=True)
class Patient:
    """A call: `make` returns outputs, targets and what else `examine` is told."""

    name: str
    make: Callable[[], tuple[Any, Any, dict]]
    code: str | None  # what must be found, None if the call is healthy

    @property
    def set_aside(self):
        """A third of each corpus, by a fixed rule; it was looked at once, at the end."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 3 == 0

    def report(self):
        outputs, targets, told = self.make()
        return examine(outputs, targets, **told)


MISUSES: dict[str, Patient] = {}
HEALTHY: dict[str, Patient] = {}


def misuse(code):
    """Enter the decorated function into the corpus of misuses."""

    def enter(make):
        name = make.__name__.strip("_")
        assert name not in MISUSES
        MISUSES[name] = Patient(name, make, code)
        return make

    return enter


def healthy(make):
    """Enter the decorated function into the corpus of healthy calls."""
    name = make.__name__.strip("_")
    assert name not in HEALTHY
    HEALTHY[name] = Patient(name, make, None)
    return make


def everyone():
    """All patients, in a fixed order."""
    from doctor import healthy, misuses  # noqa: F401

    return [*MISUSES.values(), *HEALTHY.values()]


def results(patients):
    """What the doctor says of each, as it is stored with the library."""
    return [
        {
            "name": patient.name,
            "want": patient.code,
            "set_aside": patient.set_aside,
            "findings": [[f.code, f.severity] for f in patient.report().findings],
        }
        for patient in patients
    ]
