"""Limits, and the thread that holds a submission to them.

The kernel limits each process (`Limits.of_a_process`). The guard looks at all processes of a
submission together, every 50 ms: their processor time, memory and number. It also reads what they
print, counts it and throws it away. Whoever goes too far is killed with everything it started.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from labs.usage import entries, tree, usage

TICK = 0.05
MB = 10**6
UNASKED = "wrote an answer that nobody had asked for"


class Ended(Exception):
    """The submission's process is over before its time; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use. A step is one cell, or one call of a function.

    Time is processor time, or time in which nothing of the submission wants a processor. So a busy
    machine does not change a score. Two limits by the clock are far away, for what processor time
    does not show: a process that waits in the kernel, or one that ended and nobody asked about it.
    """

    seconds: float = 10.0  # processor time of one step
    waiting: float = 1.0  # a step may sleep so many times as long
    patience: float = 20.0  # and may take so many times as long by the clock
    steps: float = 6.0  # all steps together may take so many times as long
    whole: float = 60.0  # the submission may take so many times as long, by the clock
    memory: int = 1500 * MB  # resident, all processes together
    address_space: int = 6000 * MB  # of one process
    processes: int = 32  # with threads
    files: int = 64  # open at once
    file_size: int = 16 * MB
    scratch: int = 64 * MB  # all of /tmp
    entries: int = 20_000  # files and folders in it: each takes memory, however empty
    output: int = 10 * MB
    reply: int = 8 * MB

    @property
    def late(self) -> str:
        """What a submission did that took too long by the clock."""
        return f"did not finish in {self.seconds * self.whole / 60:g} minutes"

    def of_a_process(self, sandboxed: bool) -> dict[str, int]:
        """Return what the kernel holds, by the names of `resource.RLIMIT_...`."""
        limits = {
            "CPU": int(self.seconds * self.steps) + 5,
            "AS": self.address_space,
            "DATA": self.address_space,  # the judge's own is lower (labs.pool), and inherited
            "FSIZE": self.file_size,
            "NOFILE": self.files,
            "CORE": 0,
        }
        if sandboxed:  # outside, all processes of the user count, yours too
            limits["NPROC"] = self.processes
        return limits


LIMITS = Limits()


class Guard(threading.Thread):
    """Watches one process and all that it starts.

    Parameters
    ----------
    process : subprocess.Popen
        The process; its `stdout` is a pipe that nobody else reads.
    limits : Limits
        The limits.
    spent : float
        Processor seconds that count already.
    deadline : float
        When the whole submission must be over, by `time.monotonic`.
    """

    def __init__(
        self,
        process: subprocess.Popen,
        limits: Limits,
        spent: float = 0.0,
        deadline: float = math.inf,
    ):
        super().__init__(daemon=True)
        self.process, self.limits, self.deadline = process, limits, deadline
        self.reason: str | None = None
        self.spent, self.peak, self.printed = spent, 0, b""
        self._before, self._output = spent, 0
        self._step: tuple[float, float] | None = None  # clock and processor time at its start
        self._waited, self._looked = 0.0, time.monotonic()
        self.start()

    def begin(self) -> None:
        """Start the clocks of a step."""
        self._waited = 0.0
        self._step = (time.monotonic(), self.spent)

    def end(self) -> None:
        """Stop them."""
        self._step = None

    def run(self) -> None:
        """Watch until the process is over."""
        pipe = [self.process.stdout]
        while self.process.poll() is None:
            if not pipe:  # closed by the submission
                time.sleep(TICK)
            elif select.select(pipe, [], [], TICK)[0]:
                data = os.read(pipe[0].fileno(), 65536)
                self._output += len(data)
                self.printed = (self.printed + data)[-2000:]
                pipe = pipe if data else []
            if self._output > self.limits.output:
                self.kill(f"printed more than {self.limits.output // MB} MB")
            elif time.monotonic() - self._looked >= TICK:
                self._look()
        if pipe and select.select(pipe, [], [], 0)[0]:
            self.printed = (self.printed + os.read(pipe[0].fileno(), 65536))[-2000:]

    def _look(self) -> None:
        limits, pids = self.limits, tree(self.process.pid)
        seconds, resident, running = usage(pids)
        now, seconds = time.monotonic(), self._before + seconds
        if not running and seconds <= self.spent:
            self._waited += now - self._looked
        self._looked = now
        self.spent, self.peak = max(self.spent, seconds), max(self.peak, resident)
        if resident > limits.memory:
            self.kill(f"used more than {limits.memory // MB} MB of memory")
        elif len(pids) > limits.processes + 2:  # bubblewrap's own two
            self.kill(f"started more than {limits.processes} processes")
        elif max(map(entries, pids)) > limits.entries:
            self.kill(f"made more than {limits.entries} files")
        elif now > self.deadline:
            self.kill(limits.late)
        elif self.spent > limits.seconds * limits.steps:
            self.kill(
                f"took more than {limits.seconds * limits.steps:g} s of processor time in all"
            )
        elif step := self._step:
            if self.spent - step[1] > limits.seconds:
                self.kill(f"took more than {limits.seconds:g} s of processor time")
            elif self._waited > limits.seconds * limits.waiting:
                self.kill(f"waited for more than {limits.seconds * limits.waiting:g} s")
            elif now - step[0] > limits.seconds * limits.patience:
                self.kill(f"did not finish within {limits.seconds * limits.patience:g} s")

    def kill(self, reason: str = "was stopped") -> None:
        """Kill everything; the first reason is kept."""
        if self.reason is None:
            self.reason = reason
        if self.process.poll() is None:
            # The grandchildren first: once their parent is gone, nothing leads to them.
            for pid in reversed(tree(self.process.pid)):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def why(self) -> str:
        """Return why the process is over, once it has hung up."""
        self.join(2)
        if self.reason is None and self.process.poll() is None:
            self.kill("hung up on the judge")
        if self.reason is None:
            status = self.process.returncode
            number = status - 128 if status > 128 else -status
            if number == signal.SIGXCPU:
                return "took more processor time than is allowed"
            if number > 0:
                return f"was ended by {signal.Signals(number).name}"
            return "ended its own process"  # its exit status could tell of a hidden test's input
        return self.reason
