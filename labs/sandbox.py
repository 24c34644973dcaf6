"""One process that runs a submission alone, and is dead when you are done with it.

What the submission gets, by bubblewrap (https://github.com/containers/bubblewrap):

- its own user, process, network, IPC and host-name namespaces: no network, no other process to see
  or signal, and nothing it starts outlives the run;
- a file system of its own: Python, the packages that the lab allows and the data of the lab,
  read-only; ``/tmp`` in memory, empty and small. No home, no ``/proc``, no shell, no repository, no
  tests, no results, no other submission;
- an empty environment, no capabilities, and the filter of `labs.seccomp`. When the grader runs as
  root, the submission runs as a user id that owns nothing; else as you, in a namespace where you
  own nothing;
- limits on processor time, waiting time, memory, processes, files, file size, output and the size
  of an answer. The kernel holds those of one process. `labs.guard` holds those of all together, and
  kills everything. An answer that makes the judge itself ask for too much memory fails its test:
  `labs.pool` limits its workers.

What this does not protect from: a hole in the kernel or in bubblewrap; a submission that works out
how fast or how large the machine is; two gigabytes of memory in use for a moment, because the guard
looks every 50 ms. Between students nothing is shared, but the machine is: keep spare memory.

Without bubblewrap, `labs.bubblewrap.check` refuses. ``--unsafe-without-sandbox`` runs a plain
process with limits, and `labs.bubblewrap.UNSAFE` says what that leaves open.
"""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from labs import seccomp
from labs.bubblewrap import INSIDE, Cage, command_line, environment
from labs.guard import UNASKED, Ended, Guard
from labs.packages import package_paths, python

HERE = Path(__file__).resolve().parent
FIRST_USER, USERS = 61184, 4336  # systemd's range for users that exist only for a while


class Sandbox:
    """A process that answers. Use it in a ``with`` block.

    Parameters
    ----------
    cage : Cage
        What it may use.
    spent : float
        Processor seconds that earlier runs of the same submission used, for the limit on the total.
    deadline : float
        When the submission must be over, by `time.monotonic`.
    """

    def __init__(self, cage: Cage, spent: float = 0.0, deadline: float = math.inf):
        self.limits = cage.limits
        self.folder = tempfile.TemporaryDirectory(prefix="lab-") if cage.unsafe else None
        self.replies, theirs = os.pipe()
        keep, uid, judge = [theirs], 0, INSIDE
        packages = sorted({str(path.parent) for path in package_paths(cage.imports)})
        if self.folder:
            command, judge = [], str(HERE)
            packages = [_lay_out(cage, Path(self.folder.name))]
        else:
            rules = seccomp.program()
            keep += [_file_of(rules)] if rules else []
            command = command_line(cage, keep[1] if rules else None)
            uid = FIRST_USER + os.getpid() % USERS if os.getuid() == 0 else 0
        config = {
            "uid": uid,
            "limits": cage.limits.of_a_process(sandboxed=not cage.unsafe),
            "replies": theirs,
            "packages": packages,
        }
        cache = ["-X", f"pycache_prefix={sys.pycache_prefix}"] if sys.pycache_prefix else []
        program = [python(), "-I", "-S", "-B", *cache, f"{judge}/probe.py", json.dumps(config)]
        self.process = subprocess.Popen(
            [*command, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            cwd=self.folder and f"{self.folder.name}/work",
            env=environment() if cage.unsafe else {"PATH": os.environ.get("PATH", os.defpath)},
            pass_fds=keep,
            start_new_session=True,
        )
        for fd in keep:
            os.close(fd)
        self.guard = Guard(self.process, cage.limits, spent, deadline)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.guard.kill()
        self.guard.join()
        os.close(self.replies)
        self.process.stdin.close()
        self.process.stdout.close()
        if self.folder:
            self.folder.cleanup()

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the answer, or raise `Ended` with the reason."""
        self.guard.begin()
        try:
            if select.select([self.replies], [], [], 0)[0] and os.read(self.replies, 1):
                self.guard.kill(UNASKED)
            self._send(struct.pack(">I", len(request)) + request)
            size = struct.unpack(">I", self._receive(4))[0]
            if size > self.limits.reply:
                self.guard.kill(f"gave an answer of more than {self.limits.reply // 10**6} MB")
            return self._receive(size)
        except BrokenPipeError:  # a write, to a process that is gone
            raise Ended(self.guard.why()) from None
        finally:
            self.guard.end()

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._wait(None, self.process.stdin)
            view = view[os.write(self.process.stdin.fileno(), view[:4096]) :]

    def _receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self.replies, None)
            part = os.read(self.replies, size - len(data))
            if not part:
                raise Ended(self.guard.why())
            data += part
        return bytes(data)

    def _wait(self, to_read: object, to_write: object) -> None:
        """Wait until a pipe is ready. The guard decides when that was too long."""
        while True:
            if self.guard.reason is not None:
                raise Ended(self.guard.reason)
            reads, writes = [x for x in (to_read,) if x], [x for x in (to_write,) if x]
            if any(select.select(reads, writes, [], 0.1)[:2]):
                return


def _file_of(code: bytes) -> int:
    with tempfile.TemporaryFile() as file:
        file.write(code)
        file.seek(0)
        return os.dup(file.fileno())


def _lay_out(cage: Cage, folder: Path) -> str:
    """Without a sandbox: make a working folder with the data, and one of links to the packages."""
    for name in ("work", "packages"):
        (folder / name).mkdir()
    for file in cage.data:
        shutil.copy(file, folder / "work")
    for path in package_paths(cage.imports):
        (folder / "packages" / path.name).symlink_to(path)
    return str(folder / "packages")
