"""Watch a loss during its first batches, then step out of the way.

A module of PyTorch gets a forward hook, a loss of Keras a `call` of its own; both are taken away
again. A function is wrapped, and the wrapper is left with one look at a flag.
"""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xentlib.doctor._examine import examine
from xentlib.doctor._match import RIGHT
from xentlib.doctor._names import ARGUMENTS
from xentlib.doctor.report import Report

EXPLAINED = 3  # batches whose loss is explained: it costs more than the rest of a look

# What a model that has only begun to train may show, and what cannot be read while it is traced.
TOO_EARLY = frozenset(
    {"at-chance", "constant-predictor", "class-order", "rows-mixed", "not-numbers", "ragged"}
)
MODULES = {
    "CrossEntropyLoss": ("weight", "ignore_index", "label_smoothing", "reduction"),
    "NLLLoss": ("weight", "ignore_index", "reduction"),
    "KLDivLoss": ("log_target", "reduction"),
    "BCELoss": ("reduction",),
    "BCEWithLogitsLoss": ("pos_weight", "reduction"),
}
FUNCTIONS = {
    "cross_entropy": MODULES["CrossEntropyLoss"],
    "nll_loss": MODULES["NLLLoss"],
    "kl_div": MODULES["KLDivLoss"],
    "binary_cross_entropy": MODULES["BCELoss"],
    "binary_cross_entropy_with_logits": MODULES["BCEWithLogitsLoss"],
}
KERAS = {
    "SparseCategoricalCrossentropy": ("from_logits", "ignore_class"),
    "CategoricalCrossentropy": ("from_logits", "label_smoothing"),
    "BinaryCrossentropy": ("from_logits", "label_smoothing"),
}
# What the arguments of a loss are called, in the frameworks and elsewhere.
OUTPUTS = ("input", "inputs", "outputs", "output", "logits", "y_pred", "pred", "preds")
TARGETS = ("target", "targets", "labels", "label", "y_true", "y")


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
        """Examine one batch."""
        self.left -= 1
        if self.left <= 0:
            self.stop()
        if not self.unexplained:
            more.pop("observed", None)
        try:
            report = examine(outputs, targets, **self.told | more)
        except Exception:  # whatever it stumbles over, the doctor must not end a training
            return
        self.settle(report)
        for finding in (*report.errors, *report.warnings):
            if finding.code in self.warned | TOO_EARLY or self.excused(finding.code):
                continue
            if finding.code == "sigmoid-twice" and finding.severity == "warning":
                continue  # so do the outputs of many a young network: only the proof counts
            self.warned.add(finding.code)
            warnings.warn(f"{_rank()}{finding}", LossWarning, stacklevel=2)

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


class Hook:
    """What a module of PyTorch calls after its loss: a class, so that the module can be pickled."""

    def __init__(self, watcher: Watcher, known: bool, names: Sequence[str] = ()) -> None:
        self.watcher, self.known, self.names = watcher, known, names
        self.look = _outside_of_graphs(watcher.look)

    def __call__(
        self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], value: Any
    ) -> None:
        if self.watcher.watching:
            pair = _pair(_bound(self.names, arguments, keywords))
            if pair:
                self.look(*pair, **({} if self.known else _seen(value)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Hook, (self.watcher, self.known, self.names)


def watch_loss(criterion: Any, batches: int, loss: str | None, told: dict[str, Any]) -> Any:
    """Watch a loss; see ``xentlib.doctor.watch``."""
    if isinstance(batches, bool) or not isinstance(batches, int) or batches < 1:
        raise ValueError(f"batches is {batches!r}, expected an int of at least 1")
    kind = {base.__module__.partition(".")[0] for base in type(criterion).__mro__}
    if "keras" in kind and hasattr(criterion, "call"):
        return _watch_keras(criterion, batches, loss, told)
    if "torch" in kind and hasattr(criterion, "register_forward_hook"):
        return _watch_module(criterion, batches, loss, told)
    if not callable(criterion):
        raise TypeError(f"criterion is {criterion!r}, expected a loss: a module or a function")
    return _watch_function(criterion, batches, loss, told)


def _named(criterion: Any, name: str, known: Mapping[str, Sequence[str]], loss: str | None) -> str:
    if loss is not None:
        return loss
    if name not in known:
        raise TypeError(
            f"{criterion!r} is none of {', '.join(known)}: say what it computes, for example "
            'loss="softmax_cross_entropy"'
        )
    return name


def _watch_module(module: Any, batches: int, loss: str | None, told: dict[str, Any]) -> Any:
    name = type(getattr(module, "_orig_mod", module)).__name__
    known = {key: getattr(module, key) for key in MODULES.get(name, ())}
    names = _named(module, name, MODULES, loss)
    watcher = Watcher({"framework": "torch", "loss": names} | known | told, batches)
    hook = Hook(watcher, loss is None, _parameters(module.forward))
    watcher.release = module.register_forward_hook(hook, with_kwargs=True).remove
    return module


def _watch_function(
    function: Any, batches: int, loss: str | None, told: dict[str, Any]
) -> Callable[..., Any]:
    inner, kept = function, {}
    if isinstance(function, functools.partial):
        inner, kept = function.func, function.keywords
    name = getattr(inner, "__name__", "")
    names = _parameters(inner)
    called = _named(function, name, FUNCTIONS, loss)
    if loss is None:
        called = f"F.{called}"
    watcher = Watcher({"framework": "torch", "loss": called} | told, batches)
    own = loss is None
    look = _outside_of_graphs(watcher.look)

    @functools.wraps(inner)
    def watched(*arguments: Any, **keywords: Any) -> Any:
        value = function(*arguments, **keywords)
        if watcher.watching:
            given = _bound(names, arguments, kept | keywords)
            more = {key: given[key] for key in FUNCTIONS.get(name, ()) if key in given}
            pair = _pair(given)
            if pair:
                look(*pair, **(more if own else _seen(value)))
        return value

    return watched


def _watch_keras(criterion: Any, batches: int, loss: str | None, told: dict[str, Any]) -> Any:
    name = type(criterion).__name__
    known = getattr(criterion, "_fn_kwargs", {})
    arguments = {key: known[key] for key in KERAS.get(name, ()) if key in known}
    if "ignore_class" in arguments:
        arguments["ignore_index"] = arguments.pop("ignore_class")
    names = _named(criterion, name, KERAS, loss)
    watcher = Watcher({"framework": "keras", "loss": names} | arguments | told, batches)
    call, before = criterion.call, vars(criterion).get("call")

    def watched(y_true: Any, y_pred: Any) -> Any:
        if watcher.watching:  # a watch that lies over this one may still call it
            watcher.look(y_pred, y_true)
        return call(y_true, y_pred)

    def release() -> None:
        if vars(criterion).get("call") is watched:  # else another watch lies over this one
            del criterion.call
            if before is not None:
                criterion.call = before

    criterion.call = watched
    watcher.release = release
    return criterion


def _parameters(function: Any) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function that is not written in Python
        return ()


def _bound(
    names: Sequence[str], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    own = {names[i] if i < len(names) else str(i): x for i, x in enumerate(arguments)}
    return own | dict(keywords)


def _pair(given: Mapping[str, Any]) -> tuple[Any, ...]:
    """The outputs and the targets of a call: by their names, else in order; nothing of one."""
    rest = [x for name, x in given.items() if name not in (*OUTPUTS, *TARGETS, *ARGUMENTS)]
    pair = []
    for names in (OUTPUTS, TARGETS):
        pair += ([given[name] for name in names if name in given] or rest)[:1]
        if pair and rest and pair[-1] is rest[0]:
            rest = rest[1:]
    return tuple(pair) if len(pair) == 2 else ()


def _outside_of_graphs(look: Callable[..., None]) -> Callable[..., None]:
    """Under torch.compile the graph breaks at the look; when the flag falls, it is made anew."""
    import torch

    disable: Callable[..., Callable[..., None]] = torch.compiler.disable
    return disable(look)


def _seen(value: Any) -> dict[str, Any]:
    """The loss that a function of one's own gave, if it is one number."""
    return {"observed": value} if getattr(value, "ndim", 1) == 0 else {}


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
