"""Worker processes that are replaced when they die, so that no submission can stop a run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

DIED = "The grader's own process died of this submission."


def _work(function: Callable[..., Any], pipe: Connection) -> None:
    """Serve tasks until the other end is gone. An interrupt is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, function(*task)))
        except Exception:
            pipe.send((False, traceback.format_exc()))


class _Worker:
    def __init__(self, function: Callable[..., Any]):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(function, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.index: int | None = None

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], jobs: int
) -> Iterator[tuple[int, bool, Any]]:
    """Call ``function(*task)`` for every task, in `jobs` processes.

    Yields
    ------
    tuple
        The task's index, whether it came to an end, and its result; else what happened. They come
        as they are ready. Whoever stops asking kills the workers, and they their sandboxes.
    """
    workers = [_Worker(function) for _ in range(min(jobs, len(tasks)))]
    waiting = iter(range(len(tasks)))
    try:
        for worker in workers:
            _next(worker, waiting, tasks)
        while busy := {worker.pipe: worker for worker in workers if worker.index is not None}:
            for pipe in wait(list(busy)):
                worker = busy[pipe]
                index = worker.index
                try:
                    done, result = worker.pipe.recv()
                except (EOFError, ConnectionError):
                    done, result = False, DIED
                    worker.close()
                    workers[workers.index(worker)] = worker = _Worker(function)
                _next(worker, waiting, tasks)
                yield index, done, result
    finally:
        for worker in workers:
            worker.close()


def _next(worker: _Worker, waiting: Iterator[int], tasks: Sequence[tuple[Any, ...]]) -> None:
    worker.index = next(waiting, None)
    if worker.index is not None:
        worker.pipe.send(tasks[worker.index])


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
