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
  of an answer. The kernel holds those of a process. `Guard` holds those of all of them together, and
  kills everything.

What this does not protect from: a hole in the kernel or in bubblewrap; a submission that works out
how fast or how large the machine is; two gigabytes of memory in use for a moment, because the guard
looks every 50 ms. Between students nothing is shared, but the machine is: keep spare memory.

Without bubblewrap, `check` refuses. ``--unsafe-without-sandbox`` runs a plain process with limits,
and `UNSAFE` says what that leaves open.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from labs import seccomp
from labs.guard import Ended, Guard, Limits
from labs.packages import mounts, package_paths, python

HERE = Path(__file__).resolve().parent
INSIDE, WORK = "/judge", "/tmp/work"
FIRST_USER, USERS = 61184, 4336  # systemd's range for users that exist only for a while

UNSAFE = (
    "NOT SANDBOXED (--unsafe-without-sandbox). A submission could read your files, with the hidden tests, "
    "other submissions and results; change or delete what you may change; use the network; and leave "
    "processes behind. Limits on time, memory and output still hold for the processes that it does not hide."
)


class NoSandboxError(RuntimeError):
    """This machine cannot run a sandbox; the message says what to do."""


@dataclass(frozen=True)
class Cage:
    """What a submission may use, and how it is held.

    Parameters
    ----------
    imports : tuple of str
        The packages that can be imported.
    data : tuple of pathlib.Path
        Files to show in the working folder.
    limits : labs.guard.Limits
        The limits.
    unsafe : bool
        A plain process instead of a sandbox.
    """

    imports: tuple[str, ...] = ("numpy",)
    data: tuple[Path, ...] = ()
    limits: Limits = Limits()
    unsafe: bool = False


def check(unsafe: bool = False) -> None:
    """Raise `NoSandboxError` if a submission cannot be held here."""
    advice = (
        "Or add --unsafe-without-sandbox; what that does not protect from is in labs/sandbox.py."
    )
    if sys.platform == "win32":
        raise NoSandboxError("Grading needs Linux. On Windows, use WSL 2 (wsl --install).")
    if unsafe:
        return
    if sys.platform != "linux":
        raise NoSandboxError(f"The sandbox needs Linux: grade in a virtual machine. {advice}")
    if not shutil.which("bwrap"):
        raise NoSandboxError(
            "bubblewrap is missing. Install it: apt install bubblewrap, dnf install bubblewrap or "
            f"pacman -S bubblewrap. {advice}"
        )
    cage = Cage(imports=())
    trial = subprocess.run(
        [*_bwrap(cage, None), python(), "-I", "-S", "-c", ""], capture_output=True, text=True
    )
    if trial.returncode:
        raise NoSandboxError(
            f"bubblewrap does not work here: {trial.stderr.strip()}\nIt must be 0.8 or newer, and user "
            "namespaces must be allowed (sysctl user.max_user_namespaces, on Debian "
            "kernel.unprivileged_userns_clone, on Ubuntu an AppArmor profile for bwrap; in Docker, "
            f"--security-opt seccomp=unconfined). {advice}"
        )


def _bwrap(cage: Cage, filter_fd: int | None) -> list[str]:
    """Return the bubblewrap command, up to the program that it runs."""
    command = ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "lab", "--die-with-parent", "--new-session"]
    command += ["--clearenv", "--cap-drop", "ALL"]
    if os.getuid() == 0:
        # The limit on processes does not hold for root, and in a user namespace of root's there is
        # no other user: the probe gives root up itself. Mounting needs root where Python is in /root.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    size = str(cage.limits.scratch)
    command += [
        "--perms",
        "1777",
        "--size",
        size,
        "--tmpfs",
        "/tmp",
        "--perms",
        "1777",
        "--dir",
        WORK,
    ]
    files = mounts(cage.imports)
    for link in ("/lib", "/lib64", "/lib32"):
        if os.path.islink(link):
            command += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            files += ["--ro-bind", link, link]
    files += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        files += ["--dev-bind", device, device]
    # bubblewrap makes missing folders for its own user alone; the submission must pass through them.
    above = {str(above) for path in files if path[0] == "/" for above in Path(path).parents}
    for folder in sorted({*above, INSIDE}):
        command += ["--dir", folder]
    for file in ("probe.py", "codec.py"):
        files += ["--ro-bind", str(HERE / file), f"{INSIDE}/{file}"]
    for file in cage.data:
        files += ["--ro-bind", str(file), f"{WORK}/{file.name}"]
    command += [*files, "--remount-ro", "/", "--chdir", WORK]
    if filter_fd is not None:
        command += ["--seccomp", str(filter_fd)]
    return command


def _lay_out(cage: Cage, folder: Path) -> str:
    """Without a sandbox: make a working folder with the data, and one of links to the packages."""
    for name in ("work", "packages"):
        (folder / name).mkdir()
    for file in cage.data:
        shutil.copy(file, folder / "work")
    for path in package_paths(cage.imports):
        (folder / "packages" / path.name).symlink_to(path)
    return str(folder / "packages")


def _environment() -> dict[str, str]:
    """Return the whole environment: nothing of yours, and one thread each for the numbers."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp",
        **threads,
    }


class Sandbox:
    """A process that answers. Use it in a ``with`` block.

    Parameters
    ----------
    cage : Cage
        What it may use.
    spent : float
        Processor seconds that earlier runs of the same submission used, for the limit on the total.
    """

    def __init__(self, cage: Cage, spent: float = 0.0):
        self.limits = cage.limits
        self.folder = tempfile.TemporaryDirectory(prefix="lab-") if cage.unsafe else None
        self.replies, theirs = os.pipe()
        keep, uid, judge = [theirs], 0, INSIDE
        packages = sorted({str(path.parent) for path in package_paths(cage.imports)})
        if self.folder:
            command, judge = [], str(HERE)
            packages = [_lay_out(cage, Path(self.folder.name))]
        else:
            program = seccomp.program()
            keep += [_file_of(program)] if program else []
            command = _bwrap(cage, keep[1] if program else None)
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
            env=_environment() if cage.unsafe else {"PATH": os.environ.get("PATH", os.defpath)},
            pass_fds=keep,
            start_new_session=True,
        )
        for fd in keep:
            os.close(fd)
        self.guard = Guard(self.process, cage.limits, spent)

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
            if select.select([self.replies], [], [], 0)[0] and self.guard.reason is None:
                self.guard.kill("wrote an answer that nobody had asked for")
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
    file = tempfile.TemporaryFile()
    file.write(code)
    file.seek(0)
    return os.dup(file.fileno())
