"""A submission that can be asked: its cells run in a sandbox, its names stand in for themselves.

A step that does not come back (a cell or a call that loops, crashes or is stopped by the guard) is
over with its process. The submission is then started again, without the cells that ended it before,
so that one endless loop costs the cell or the test that it is in, and not the others. After
`RESTARTS` restarts it stays ended.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from labs import codec
from labs.bubblewrap import Cage, NoSandboxError
from labs.errors import SubmissionEnded, Unanswered, plain, refused, student_error
from labs.guard import UNASKED, Ended
from labs.sandbox import Sandbox

RESTARTS = 3
MISSING = "is missing. Was it renamed or deleted, or did its cell fail?"


class Session:
    """The names of one submission, for otter's tests.

    Parameters
    ----------
    cells : list of str
        The source of its code cells.
    cage : labs.sandbox.Cage
        How it is held.

    Attributes
    ----------
    notes : dict
        What there is to say about cells: the number of the cell, from 1, to a line.
    seconds : float
        Processor time used so far, of all its processes.
    peak : int
        The most memory that it had, in bytes.
    over : str or None
        Why it was ended for good.
    returned_none : str or None
        The function of the submission whose last answer was None.
    said : str
        The end of what the last process printed. It is for the teacher, if no cell ran at all.
    """

    def __init__(self, cells: list[str], cage: Cage):
        self.cells, self.cage = cells, cage
        self.notes: dict[int, str] = {}
        self.seconds, self.peak = 0.0, 0
        self.returned_none: str | None = None
        self.over: str | None = None
        self.said = ""
        self._deadline = time.monotonic() + cage.limits.seconds * cage.limits.whole
        self._left = RESTARTS
        self._skipped: set[int] = set()
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process. It is started again when something is asked."""
        if self._sandbox:
            self._sandbox.__exit__()
            self.said = plain(self._sandbox.guard.printed.decode(errors="replace"), 500)
            self.seconds = self._sandbox.guard.spent
            self.peak = max(self.peak, self._sandbox.guard.peak)
        self._sandbox = None

    def _ask(self, **request: Any) -> dict[str, Any]:
        """Ask one thing. An answer to anything else may come before the question or after it."""
        nonce = secrets.token_hex(16)
        reply = codec.loads(self._sandbox.ask(codec.dumps({**request, "nonce": nonce})))
        if reply.pop("nonce", None) != nonce:
            raise Ended(UNASKED)
        return reply

    def _step(self, **request: Any) -> dict[str, Any]:
        try:
            return self._ask(**request)
        except (Ended, codec.CodecError) as end:
            reason = str(end) if isinstance(end, Ended) else f"sent {end}"
            self.stop()
            raise Ended(reason) from None

    def start(self) -> None:
        """Start the process and run the cells, as often as it takes to get to the last one."""
        while self._sandbox is None:
            if self.over is not None:
                raise SubmissionEnded(f"The submission was ended before: it {self.over}.")
            if time.monotonic() > self._deadline:
                self.over = self.cage.limits.late
                continue
            self._sandbox = Sandbox(self.cage, self.seconds, self._deadline)
            number = 0
            try:
                self._step(ask="what", name="")  # before any cell: does Python start?
                for number, source in enumerate(self.cells, start=1):
                    if number not in self._skipped:
                        self._run(number, source)
            except Ended as end:
                if not number:
                    if self._left == RESTARTS:  # not the student's fault
                        raise NoSandboxError(f"The sandbox {end}. {self.said}") from None
                    self.over = str(end)  # there was no time left
                    continue
                self._skipped.add(number)
                self.notes[number] = f"Cell {number} {end}. It was left out."
                self._count(str(end))

    def _run(self, number: int, source: str) -> None:
        reply = self._step(ask="cell", number=number, source=source)
        note = None
        if "error" in reply:
            error = student_error(reply["error"])
            note = f"Cell {number}, {error.where}: {error}"
            name = re.search(r"No module named '(\w+)", str(error))
            if name:
                note += f". {refused(name[1], self.cage.imports)}"
        elif type(reply.get("dropped")) is int and reply["dropped"]:
            note = f"Cell {number}: {reply['dropped']} lines for Jupyter (%, ! or ?) were left out."
        if note:
            self.notes.setdefault(number, note)

    def _count(self, reason: str) -> None:
        self._left -= 1
        total = self.cage.limits.seconds * self.cage.limits.steps
        if self._left < 0 or self.seconds >= total or time.monotonic() > self._deadline:
            self.over = reason

    def request(self, **request: Any) -> dict[str, Any]:
        """Ask for a name or a call, on behalf of a test."""
        self.start()
        try:
            return self._step(**request)
        except Ended as end:
            self._count(str(end))
            what = f"{request['name']}(...)" if request["ask"] == "call" else request["name"]
            raise SubmissionEnded(f"{what} {end}.") from None

    def value(self, reply: dict[str, Any], name: str) -> Any:
        """Return the value in a reply."""
        if "error" in reply:
            told = reply["error"]  # the submission's process wrote it
            raise student_error({**told, "unfit": False} if isinstance(told, dict) else told)
        why = plain(reply["unfit"]) if "unfit" in reply else None
        if why is None:
            try:
                return codec.decode(reply.get("value"))
            except codec.CodecError as error:
                why = str(error)
        told = {"type": "TypeError", "builtin": "TypeError", "unfit": True}
        raise student_error({**told, "text": f"{name} gave {why}"})

    def get(self, name: str, default: Any = None) -> Any:
        """Return what stands for a name of the submission: a value, or a function that asks it."""
        reply = self.request(ask="what", name=name)
        if reply == {"missing": True}:
            raise Unanswered(f"The name {name} {MISSING}")
        if reply != {"function": True}:
            value = self.value(reply, name)
            if value is Ellipsis:
                raise Unanswered(f"{name} is still `...`.")
            return value

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            data = {"args": codec.encode(args), "kwargs": codec.encode(kwargs)}
            result = self.value(self.request(ask="call", name=name, **data), f"{name}(...)")
            self.returned_none = name if result is None else None
            return result

        stand_in.__name__ = stand_in.__qualname__ = name
        return stand_in

    __getitem__ = get
