"""The corpora as tables: calls that the doctor is measured on, and what it must say of each."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from xentlib.doctor import examine


@dataclass(frozen=True)
class Patient:
    """A call: `make` returns outputs, targets and what else `examine` is told."""

    name: str
    kind: str
    make: Callable[[], tuple[Any, Any, dict]]
    want: tuple[str, ...]  # the codes that are a right answer, first the best; none if healthy

    @property
    def set_aside(self):
        """Seven in ten calls of an outside author; nobody looked before the doctor was done."""
        digest = int(hashlib.sha256(self.name.encode()).hexdigest(), 16)
        return ".outside." in self.make.__module__ and digest % 10 >= 3

    def report(self):
        outputs, targets, told = self.make()
        return examine(outputs, targets, **told)


MODULES = (
    "misuses",
    "healthy",
    "fields.averages",
    "fields.layers",
    "fields.maps",
    "fields.numbers",
    "fields.pairs",
    "fields.scores",
    "fields.smoothing",
    "fields.tabular",
    "fields.teaching",
    "fields.text",
    "fields.vision",
    "fields.weights",
    "outside.averages",
    "outside.binary",
    "outside.images",
    "outside.jax_keras",
    "outside.jax_keras_misread",
    "outside.language",
    "outside.logs",
    "outside.maps",
    "outside.rare",
    "outside.tables",
    "outside.tables_misread",
    "outside.tags",
    "outside.targets",
    "outside.training",
)
PATIENTS: dict[str, Patient] = {}


def enter(kind, make, want):
    name = make.__name__.strip("_")
    assert name not in PATIENTS, name
    PATIENTS[name] = Patient(name, kind, make, want)
    return make


def misuse(*codes):
    """Enter the decorated function as a misuse: one of the codes must be found."""
    return lambda make: enter("misuse", make, codes)


def unclear(code):
    """Enter it as one that the arrays cannot decide: a note must ask, and nothing may be graver."""
    return lambda make: enter("unclear", make, (code,))


def healthy(make):
    """Enter it as a healthy call: no error, no warning."""
    return enter("healthy", make, ())


def everyone():
    """All patients, in a fixed order: modules share models, and import one another."""
    for module in MODULES:
        import_module(f"doctor.{module}")
    order = {f"doctor.{module}": place for place, module in enumerate(MODULES)}
    return sorted(PATIENTS.values(), key=lambda patient: order[patient.make.__module__])


def results(patients):
    """What the doctor says of each, as it is stored with the library."""
    return [
        {
            "name": patient.name,
            "kind": patient.kind,
            "want": list(patient.want),
            "set_aside": patient.set_aside,
            "findings": [[f.code, f.severity] for f in patient.report().findings],
        }
        for patient in patients
    ]
