"""Which arguments of a call are the outputs and the targets, and what loss it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xentlib.doctor._names import ARGUMENTS

# What the arguments of a loss are called, in the frameworks and elsewhere.
OUTPUTS = ("input", "inputs", "outputs", "output", "logits", "y_pred", "pred", "preds")
TARGETS = ("target", "targets", "labels", "label", "y_true", "y")


def loss_named(
    criterion: Any, name: str, known: Mapping[str, Sequence[str]], loss: str | None
) -> str:
    """Return the loss that a criterion is, or is said to be."""
    if loss is not None:
        return loss
    if name not in known:
        raise TypeError(
            f"{criterion!r} is none of {', '.join(known)}: say what it computes, for example "
            'loss="softmax_cross_entropy"'
        )
    return name


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
    return {"observed": value} if getattr(value, "ndim", 1) == 0 else {}
