"""Arrays of any framework as NumPy arrays. No framework is imported for it."""

from collections.abc import Mapping, Set
from typing import Any, NamedTuple

import numpy as np

from xentlib._checks import Array

FRAMEWORKS = {
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "tensorflow": "tensorflow",
    "keras": "keras",
}


class Seen(NamedTuple):
    """An array, with what was lost in reading it."""

    values: Array
    dtype: str  # as its framework calls it: NumPy has no bfloat16
    framework: str | None


class Unreadable(NamedTuple):
    """Why something is no array of numbers."""

    code: str
    message: str


def look(x: Any, name: str) -> Seen | Unreadable:
    """Read an array, or say why it cannot be read."""
    if x is None or isinstance(x, Mapping | Set):
        kind = "None" if x is None else f"a {type(x).__name__}"
        inside = "" if x is None else ": give the array that it holds"
        return Unreadable("not-numbers", f"{name} is {kind}, expected an array of numbers{inside}")
    framework = FRAMEWORKS.get(type(x).__module__.partition(".")[0])
    try:
        values, dtype = _read(x, framework)
    except Exception as error:  # whatever a framework raises, the reader gets a finding
        if isinstance(x, list | tuple):
            return Unreadable(
                "ragged",
                f"{name} is no rectangular array: its rows differ in length. Pad them and mask "
                "the padding, or examine one row at a time",
            )
        return Unreadable("not-numbers", f"{name} cannot be read as an array: {_short(error)}")
    if dtype.startswith(("bfloat", "float8")):
        values = values.astype(np.float32)
    if values.dtype.kind not in "fiub":
        return Unreadable(
            "not-numbers",
            f"{name} has dtype {dtype}, expected real numbers; convert it first, "
            f"for example with np.asarray({name}, dtype=float)",
        )
    return Seen(values, dtype, framework)


def _read(x: Any, framework: str | None) -> tuple[Array, str]:
    if framework == "torch":
        dtype = str(x.dtype).removeprefix("torch.")
        tensor = x.detach().cpu().resolve_conj().resolve_neg()
        if dtype.startswith(("bfloat", "float8")):
            tensor = tensor.float()
        return np.asarray(tensor.numpy()), dtype
    if framework in ("tensorflow", "keras"):
        x = x.numpy()
    values = np.asarray(x)
    return values, str(values.dtype)


def _short(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200]
