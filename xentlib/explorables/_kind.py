"""What an explorable is made of: controls, numbers, presets, and the Python for what it shows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from numbers import Real
from typing import Any

__all__ = ["Choice", "Control", "Kind", "Number", "Slider", "Stops", "say"]

State = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A control for any number from ``low`` to ``high``; keys and touch move it by ``step``.

    A whole step stands for whole numbers alone.
    """

    name: str
    label: str
    start: float
    low: float
    high: float
    step: float

    def check(self, value: object) -> float:
        """Return the value as a float, or say what is wrong with it."""
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{self.name} must be a number, got {value!r}")
        if not self.low <= value <= self.high:  # type: ignore[operator]  # nan is not, either
            raise ValueError(
                f"{self.name} must lie between {self.low:g} and {self.high:g}, got {value!r}"
            )
        number = float(value)
        if float(self.step).is_integer() and not number.is_integer():
            raise ValueError(f"{self.name} must be a whole number, got {value!r}")
        return number


@dataclass(frozen=True)
class Stops:
    """A slider that moves along listed numbers."""

    name: str
    label: str
    start: float
    values: tuple[float, ...]

    def check(self, value: object) -> Any:
        """Return the listed value, or say which there are."""
        return _one_of(self.name, value, self.values)


@dataclass(frozen=True)
class Choice:
    """A list to choose from: the reader sees ``labels``, the state holds ``values``."""

    name: str
    label: str
    start: int | str
    values: tuple[int | str, ...]
    labels: tuple[str, ...]

    def check(self, value: object) -> Any:
        """Return the listed value, or say which there are."""
        return _one_of(self.name, value, self.values)


Control = Slider | Stops | Choice


@dataclass(frozen=True)
class Number:
    """A number that the explorable displays, with four digits or as a whole number."""

    name: str
    label: str
    unit: str = ""
    whole: bool = False

    def say(self, x: float) -> str:
        """Return its value as text."""
        return say(x, whole=self.whole)


@dataclass(frozen=True)
class Kind:
    """One explorable. Its drawing is in the JavaScript file of the same name.

    ``reference`` takes the state as keywords and returns the numbers, computed with `xentlib`.
    ``code`` is a piece of Python that gives the number ``code_gives``; a name in braces stands
    for the value of that control.
    """

    name: str
    title: str
    try_this: str
    controls: tuple[Control, ...]
    numbers: tuple[Number, ...]
    presets: Mapping[str, State]
    code: str
    code_gives: str
    reference: Callable[..., Mapping[str, Any]] = field(repr=False)

    @property
    def start(self) -> State:
        """The first state."""
        return {control.name: control.start for control in self.controls}

    def check(self, state: Mapping[str, Any]) -> State:
        """Return the whole state, the start's values standing in for what is not given."""
        known = {control.name: control for control in self.controls}
        if not isinstance(state, Mapping):
            raise TypeError(f"the state must be a dict of controls and their values, got {state!r}")
        for name in state:
            if name not in known:
                raise ValueError(
                    f"the explorable {self.name!r} has no control {name!r}; "
                    f"it has {', '.join(known)}"
                )
        return {
            name: control.check(state.get(name, control.start)) for name, control in known.items()
        }

    def compute(self, state: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers of a state, in the order in which they are displayed."""
        found = self.reference(**self.check(state))
        return {number.name: float(found[number.name]) for number in self.numbers}

    def python(self, state: Mapping[str, Any]) -> str:
        """Return the piece of Python that gives ``code_gives`` in this state."""
        whole = self.check(state)
        return re.sub(r"\{(\w+)\}", lambda found: _literal(whole[found[1]]), self.code)

    def spec(self) -> dict[str, Any]:
        """Return what the page's script must know, ready for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "tryThis": self.try_this,
            "controls": [{"type": type(c).__name__, **asdict(c)} for c in self.controls],
            "numbers": [asdict(number) for number in self.numbers],
            "presets": dict(self.presets),
            "code": self.code,
            "codeGives": self.code_gives,
        }


def say(x: float, *, whole: bool = False) -> str:
    """Return a number as the explorables write it: four digits, a true minus sign."""
    if math.isnan(x):
        return "nan"
    if x == 0:
        return "0"
    if math.isinf(x):
        text = "∞"
    else:
        mantissa, exponent = f"{abs(x):.3e}".split("e")
        power = int(exponent)
        if whole or 4 <= power < 6:
            text = f"{abs(x):.0f}"
        elif -4 < power < 4:
            text = f"{abs(x):.{3 - power}f}"
        else:
            text = f"{mantissa}e{power}"
    return f"−{text}" if x < 0 else text


def _one_of(name: str, value: object, values: tuple[Any, ...]) -> Any:
    if isinstance(value, str) or (isinstance(value, Real) and not isinstance(value, bool)):
        for listed in values:
            if value == listed:
                return listed
    raise ValueError(f"{name} must be one of {', '.join(map(str, values))}; got {value!r}")


def _literal(value: float | str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
