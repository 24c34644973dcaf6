"""Watch a loss of Keras: it gets a ``call`` of its own, which is taken away again."""

from __future__ import annotations

from typing import Any

from xentlib.doctor._calls import loss_named
from xentlib.doctor._watcher import Watcher

KERAS = {
    "SparseCategoricalCrossentropy": ("from_logits", "ignore_class"),
    "CategoricalCrossentropy": ("from_logits", "label_smoothing"),
    "BinaryCrossentropy": ("from_logits", "label_smoothing"),
}


def watch_keras(criterion: Any, batches: int, loss: str | None, told: dict[str, Any]) -> Any:
    """Watch a loss of Keras; see ``xentlib.doctor.watch``."""
    name = type(criterion).__name__
    known = getattr(criterion, "_fn_kwargs", {})
    arguments = {key: known[key] for key in KERAS.get(name, ()) if key in known}
    if "ignore_class" in arguments:
        arguments["ignore_index"] = arguments.pop("ignore_class")
    names = loss_named(criterion, name, KERAS, loss)
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
