"""Watch a loss during its first batches, then step out of the way.

A module of PyTorch gets a forward hook, a loss of Keras a `call` of its own; both are taken away
again. A function is wrapped, and the wrapper is left with one look at a flag.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xentlib.doctor._calls import (
    arguments_named,
    outputs_and_targets,
    told_by,
    told_of,
    value_seen,
)
from xentlib.doctor._watch_keras import watch_keras
from xentlib.doctor._watcher import Watcher

REDUCTIONS = ("none", "mean", "sum")  # functions that are not written in Python take a number
SCRIPTED = (
    "TorchScript cannot compile a watch: script a model that has none, or whose batches are over"
)
COMPILED = (
    "doctor.watch looks at the first batches: compile with fullgraph=True, or export, when they "
    "are over"
)


class Hook:
    """What a module of PyTorch calls after its loss: a class, so that the module can be pickled."""

    def __init__(self, watcher: Watcher, known: bool, names: Sequence[str] = ()) -> None:
        self.watcher, self.known, self.names = watcher, known, names
        self.look = _outside_of_graphs(watcher.look)

    def __call__(
        self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], value: Any
    ) -> None:
        if self.watcher.watching:
            pair = outputs_and_targets(arguments_named(self.names, arguments, keywords))
            if pair:
                self.look(*pair, **({} if self.known else value_seen(value)))

    @property
    def __name__(self) -> str:
        """TorchScript compiles hooks, and asks for their names first."""
        raise AttributeError(SCRIPTED)

    def __reduce__(self) -> tuple[Any, ...]:
        return Hook, (self.watcher, self.known, self.names)


class Watched:
    """A function, with a look at its calls: a class, so that it can be pickled."""

    def __init__(self, function: Callable[..., Any], watcher: Watcher, known: bool) -> None:
        self.function, self.watcher, self.known = function, watcher, known
        inner = function.func if isinstance(function, functools.partial) else function
        self.kept = function.keywords if isinstance(function, functools.partial) else {}
        self.names = _parameters(inner)
        self.look = _outside_of_graphs(watcher.look)
        functools.update_wrapper(self, inner, updated=())

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        value = self.function(*arguments, **keywords)
        if self.watcher.watching:
            given = arguments_named(self.names, arguments, self.kept | keywords)
            pair = outputs_and_targets(given)
            if pair:
                self.look(*pair, **(_told(given) if self.known else value_seen(value)))
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return Watched, (self.function, self.watcher, self.known)


def watch_loss(criterion: Any, batches: int, loss: Any, told: dict[str, Any]) -> Any:
    """Watch a loss; see ``xentlib.doctor.watch``."""
    if isinstance(batches, bool) or not isinstance(batches, int) or batches < 1:
        raise ValueError(f"batches is {batches!r}, expected an int of at least 1")
    kind = {base.__module__.partition(".")[0] for base in type(criterion).__mro__}
    if "torch" in kind and hasattr(criterion, "original_name"):
        raise TypeError(
            "criterion is scripted, and such a module takes no hook: watch its calls, "
            "lambda outputs, targets: criterion(outputs, targets), and say with loss=... what it "
            "computes"
        )
    if not callable(criterion):
        raise TypeError(f"criterion is {criterion!r}, expected a loss: a module or a function")
    watcher = Watcher(told_of(criterion, loss, told, "keras" if "keras" in kind else None), batches)
    if "keras" in kind and hasattr(criterion, "call"):
        return watch_keras(criterion, watcher)
    if "torch" in kind and hasattr(criterion, "register_forward_hook"):
        hook = Hook(watcher, loss is None, _parameters(criterion.forward))
        watcher.release = criterion.register_forward_hook(hook, with_kwargs=True).remove
        return criterion
    return Watched(criterion, watcher, loss is None)


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a known function was called with."""
    told = told_by(given)
    if isinstance(told.get("reduction"), int):
        told["reduction"] = REDUCTIONS[told["reduction"]]
    return told


def _parameters(function: Any) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function that is not written in Python
        return _schema(getattr(function, "__name__", ""))


def _schema(name: str) -> tuple[str, ...]:
    """The arguments of an operator of PyTorch, which calls the first of them self."""
    import torch

    operator = getattr(getattr(torch.ops.aten, name, None), "default", None)
    arguments = operator._schema.arguments if operator is not None else ()
    return tuple("input" if one.name == "self" else one.name for one in arguments)


def _outside_of_graphs(look: Callable[..., None]) -> Callable[..., None]:
    """Under torch.compile the graph breaks at the look; when the flag falls, it is made anew."""
    torch = sys.modules.get("torch")
    if torch is None:
        return look
    disable: Callable[..., Callable[..., None]] = torch.compiler.disable
    explains = "reason" in inspect.signature(disable).parameters  # not before PyTorch 2.7
    return disable(look, **({"reason": COMPILED} if explains else {}))
