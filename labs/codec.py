"""Plain data, and nothing else, between a submission and its judge.

Both sides use this module: the probe inside the sandbox, and the judge outside. What crosses is
JSON. It can say ``None``, a ``bool``, ``int``, ``float``, ``complex`` or ``str``, a list, tuple or
dict of them, a NumPy array or scalar of booleans, integers or floats, and a torch tensor of the
same. There is no pickle, and no object of the submission's own: `decode` builds each value afresh
from exact built-in types, so an object that claims to equal everything cannot cross.

`decode` reads what an enemy may have written. It checks every size before it believes it.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import numpy as np

DTYPES = frozenset(
    {"?", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8"}
)
DEPTH = 20  # lists in lists
ITEMS = 200_000  # brackets, braces and commas of one message: what costs memory to read
INTEGER = 2**63


class CodecError(ValueError):
    """What was to cross is not plain data, or is too large."""


def _name(value: Any) -> str:
    kind = type(value)
    module = str(getattr(kind, "__module__", ""))
    return (
        str(kind.__qualname__)
        if module in ("builtins", "__main__")
        else f"{module}.{kind.__qualname__}"
    )


def _pack(array: np.ndarray) -> list[Any]:
    code = array.dtype.newbyteorder("<").str.replace("|b1", "?").replace("|", "<")
    if code not in DTYPES:
        raise CodecError(f"a NumPy array of dtype {array.dtype}; expected numbers or booleans")
    data = np.ascontiguousarray(array, dtype=np.dtype(code)).tobytes()
    return [code, list(array.shape), base64.b64encode(data).decode()]


def encode(value: Any, depth: int = 0) -> Any:
    """Return what stands for `value` in JSON, or raise `CodecError` with its type."""
    if depth > DEPTH:
        raise CodecError(f"data nested more than {DEPTH} deep")
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        if not -INTEGER <= value < INTEGER:
            raise CodecError("an int of more than 64 bits")
        return value
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if value is Ellipsis:
        return {"ellipsis": []}
    if kind in (list, tuple):
        return {kind.__name__: [encode(item, depth + 1) for item in value]}
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise CodecError("a dict whose keys are not all str")
        return {"dict": {key: encode(item, depth + 1) for key, item in value.items()}}
    if kind is np.ndarray:
        return {"array": _pack(value)}
    if isinstance(value, np.generic):
        return {"scalar": _pack(np.asarray(value))}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return {"tensor": _pack(value.detach().cpu().resolve_conj().numpy())}
    raise CodecError(f"a {_name(value)}")


def _unpack(packed: Any) -> np.ndarray:
    match packed:
        case [str(code), list(shape), str(data)] if code in DTYPES and len(shape) <= DEPTH:
            pass
        case _:
            raise CodecError("an array that is none")
    if not all(type(n) is int and 0 <= n < 2**31 for n in shape):
        raise CodecError("an array with an impossible shape")
    try:
        flat = np.frombuffer(base64.b64decode(data, validate=True), dtype=code)
        return flat.reshape(shape).copy()
    except ValueError:
        raise CodecError("an array whose data do not fit its shape") from None


def decode(value: Any, depth: int = 0) -> Any:
    """Return the value that `encode` was given; raise `CodecError` if nothing encodes to this."""
    if depth > DEPTH:
        raise CodecError(f"data nested more than {DEPTH} deep")
    match value:
        case None | bool() | str() | float():
            return value
        case int() if -INTEGER <= value < INTEGER:
            return value
        case {"complex": [float(real), float(imag)], **rest} if not rest:
            return complex(real, imag)
        case {"ellipsis": [], **rest} if not rest:
            return Ellipsis
        case {"list": list(items), **rest} if not rest:
            return [decode(item, depth + 1) for item in items]
        case {"tuple": list(items), **rest} if not rest:
            return tuple(decode(item, depth + 1) for item in items)
        case {"dict": dict(items), **rest} if not rest:
            return {key: decode(item, depth + 1) for key, item in items.items()}
        case {"array": packed, **rest} if not rest:
            return _unpack(packed)
        case {"scalar": packed, **rest} if not rest:
            array = _unpack(packed)
            if array.shape:
                raise CodecError("a scalar that is an array")
            return array[()]
        case {"tensor": packed, **rest} if not rest:
            return _tensor(_unpack(packed))
    raise CodecError("something that is not plain data")


def _tensor(array: np.ndarray) -> Any:
    try:
        import torch
    except ImportError:
        raise CodecError("a torch tensor, and torch is not here") from None
    try:
        return torch.from_numpy(array)
    except TypeError:
        raise CodecError(f"a torch tensor of dtype {array.dtype}") from None


def dumps(message: dict[str, Any]) -> bytes:
    """Return a message as bytes."""
    return json.dumps(message).encode()


def loads(data: bytes) -> dict[str, Any]:
    """Return the message in `data`, or raise `CodecError`, whatever the bytes are."""
    if sum(map(data.count, (b"[", b"{", b","))) > ITEMS:
        raise CodecError(f"more than {ITEMS} items")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise CodecError("something that is not JSON") from None
    if type(message) is not dict:
        raise CodecError("something that is not a message")
    return message
