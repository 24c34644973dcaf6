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


class LossWarning(UserWarning):
    """Something that the doctor saw in the first batches of a training."""


class Watcher:
    """Looks at calls of a loss until enough were seen; warns once of each finding."""

    def __init__(self, told: dict[str, Any], batches: int) -> None:
        self.told = told
        self.left = batches
        self.watching = True
        self.warned: set[str] = set()
        self.release: Callable[[], object] | None = None

    def look(self, outputs: Any, targets: Any, **more: Any) -> None:
        """Examine one batch."""
        self.left -= 1
        if self.left <= 0:
            self.stop()
        try:
            report = examine(outputs, targets, **self.told | more)
        except (TypeError, ValueError):
            return  # the doctor's own questions must not end a training
        for finding in (*report.errors, *report.warnings):
            if finding.code in self.warned | TOO_EARLY or self.excused(finding.code):
                continue
            self.warned.add(finding.code)
            warnings.warn(f"{_rank()}{finding}", LossWarning, stacklevel=2)

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

    def __init__(self, watcher: Watcher, known: bool) -> None:
        self.watcher, self.known = watcher, known
        self.look = _outside_of_graphs(watcher.look)

    def __call__(
        self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], value: Any
    ) -> None:
        if self.watcher.watching:
            outputs, targets = [*arguments, *keywords.values()][:2]
            self.look(outputs, targets, **({} if self.known else _seen(value)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Hook, (self.watcher, self.known)


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
    hook = Hook(watcher, loss is None)
    watcher.release = module.register_forward_hook(hook, with_kwargs=True).remove
    return module


def _watch_function(
    function: Any, batches: int, loss: str | None, told: dict[str, Any]
) -> Callable[..., Any]:
    inner, kept = function, {}
    if isinstance(function, functools.partial):
        inner, kept = function.func, function.keywords
    name = getattr(inner, "__name__", "")
    known = inspect.signature(inner).parameters if name in FUNCTIONS else {}
    names = _named(function, name, FUNCTIONS, loss)
    if loss is None:
        names = f"F.{names}"
    watcher = Watcher({"framework": "torch", "loss": names} | told, batches)
    own = loss is None
    look = _outside_of_graphs(watcher.look)

    @functools.wraps(inner)
    def watched(*arguments: Any, **keywords: Any) -> Any:
        value = function(*arguments, **keywords)
        if watcher.watching:
            given = dict(zip(known, arguments, strict=False)) | kept | keywords
            more = {key: given[key] for key in FUNCTIONS.get(name, ()) if key in given}
            outputs, targets = [*arguments, *keywords.values()][:2]
            look(outputs, targets, **(more if own else _seen(value)))
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
    call = criterion.call

    def watched(y_true: Any, y_pred: Any) -> Any:
        watcher.look(y_pred, y_true)
        return call(y_true, y_pred)

    criterion.call = watched
    watcher.release = functools.partial(delattr, criterion, "call")
    return criterion


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
