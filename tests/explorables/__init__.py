"""What the tests know of each explorable, in one module for each: ``oracle(**state)`` computes its
numbers a second time, without xentlib (mpmath, SciPy, PyTorch, a closed form).
"""

import decimal
import math
from importlib import import_module
from typing import Any

import numpy as np

from xentlib import explorables
from xentlib.explorables._kind import Kind, Slider

KINDS = {name: explorables.kind(name) for name in explorables.NAMES}
ORACLES = {
    name: import_module(f"{__name__}.{name.replace('-', '_')}").oracle for name in explorables.NAMES
}


def random_states(kind: Kind, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """States that a reader can reach; each control stands at one of its ends now and then."""
    rng = np.random.default_rng(seed)
    return [
        {control.name: _random_value(control, rng) for control in kind.controls}
        for _ in range(count)
    ]


def _random_value(control: Any, rng: np.random.Generator) -> Any:
    if not isinstance(control, Slider):
        return control.values[rng.integers(len(control.values))]
    if rng.random() < 0.1:
        return float(rng.choice([control.low, control.high]))
    steps = round((control.high - control.low) / control.step)
    return round(control.low + control.step * int(rng.integers(steps + 1)), 9)


def read(text: str, expected: float) -> bool:
    """Whether a displayed number is this one, rounded to the digits that are displayed."""
    plain = text.replace("−", "-").replace("∞", "inf")
    if not math.isfinite(expected):
        return plain == str(expected)
    shown = decimal.Decimal(plain)
    if not shown.is_finite():
        return False
    half = 0.5 * 10.0 ** int(shown.as_tuple().exponent) if shown else 1e-300
    return abs(float(shown) - expected) <= half * (1 + 1e-6) + 1e-12 * abs(expected)


def run(code: str) -> float:
    """Return the value of the last line of a piece of Python."""
    *lines, last = code.splitlines()
    names: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        exec("\n".join(lines), names)
        return float(eval(last, names))
