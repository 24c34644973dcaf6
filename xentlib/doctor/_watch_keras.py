"""Watch a loss of Keras: it gets a ``call`` of its own, which is taken away again."""

from __future__ import annotations

from typing import Any

from xentlib.doctor._watcher import Watcher


def watch_keras(criterion: Any, watcher: Watcher) -> Any:
    """Watch a loss of Keras; see ``xentlib.doctor.watch``."""
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
