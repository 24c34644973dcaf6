"""What loss it is, by the object itself, and which arguments of a call are its arrays."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from xentlib.doctor._arrays import Seen, look
from xentlib.doctor._names import ARGUMENTS, ELSEWHERE, framework_called, loss_called
from xentlib.doctor._told import known_arguments

# What the arguments of a loss are called, in the frameworks and elsewhere.
OUTPUTS = ("input", "inputs", "outputs", "output", "logits", "y_pred", "pred", "preds")
TARGETS = ("target", "targets", "labels", "label", "y_true", "y")


OWNERS = ("keras", "optax", "sklearn", "torch", "xentlib")  # their losses go by their names


def loss_given(loss: Any) -> tuple[str, dict[str, Any]]:
    """Return a loss by its name, and the arguments that the object itself holds."""
    if isinstance(loss, str):
        return loss, {}
    inner = loss.func if isinstance(loss, functools.partial) else getattr(loss, "_orig_mod", loss)
    written = getattr(inner, "__name__", None)  # a function, or the class in place of a loss
    of = inner if written else type(inner)
    owner, name = str(of.__module__).partition(".")[0], of.__name__
    if owner == "torch" and not isinstance(of, type):
        name = f"F.{name}"
    try:
        if owner not in OWNERS:
            raise ValueError(owner)
        loss_called(f"{owner}.{name}", None)
    except ValueError:
        raise TypeError(
            f"loss is {loss!r}, none that the doctor knows: say what it computes, for example "
            'loss="softmax_cross_entropy"'
        ) from None
    return f"{owner}.{name}", told_by(settings_of(loss))


def told_of(
    criterion: Any, loss: Any, told: Mapping[str, Any], framework: str | None
) -> dict[str, Any]:
    """Return what ``examine`` is to be told of a loss that is watched, checked beforehand."""
    try:
        own, held = loss_given(criterion)
    except TypeError:
        if loss is None:
            raise
        own, held = "", {}
    name, more = (own, {}) if loss is None else loss_given(loss)
    known, owner = loss_called(name, framework_called(told.get("framework", framework)))
    arguments = held | more | {key: x for key, x in told.items() if key != "framework"}
    return {"loss": name, "framework": owner, **known_arguments(arguments, known, "watch")}


def settings_of(loss: Any) -> dict[str, Any]:
    """Return what an object holds: Keras's say it, PyTorch's have attributes."""
    if isinstance(loss, functools.partial):
        return dict(loss.keywords)
    if hasattr(loss, "get_config") and not isinstance(loss, type):
        return dict(loss.get_config())
    return {key: getattr(loss, key) for key in ARGUMENTS if hasattr(loss, key)}


def told_by(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those arguments that the doctor takes, by its names."""
    named = {ELSEWHERE.get(key, key): value for key, value in given.items()}
    return {key: value for key, value in named.items() if key in ARGUMENTS}


def arguments_named(
    names: Sequence[str], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by their names, else by their places."""
    own = {names[i] if i < len(names) else str(i): x for i, x in enumerate(arguments)}
    return own | dict(keywords)


def outputs_and_targets(given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return both by their names, else in order; nothing where there is only one."""
    rest = [x for name, x in given.items() if name not in (*OUTPUTS, *TARGETS, *ARGUMENTS)]
    pair = []
    for names in (OUTPUTS, TARGETS):
        pair += ([given[name] for name in names if name in given] or rest)[:1]
        if pair and rest and pair[-1] is rest[0]:
            rest = rest[1:]
    return tuple(pair) if len(pair) == 2 else ()


def value_seen(value: Any) -> dict[str, Any]:
    """Return the loss that a function of one's own gave, if it is one number."""
    if getattr(value, "ndim", 1) or not isinstance(look(value, "observed"), Seen):
        return {}  # a tensor that is traced has no value
    return {"observed": value}
