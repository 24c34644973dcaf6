"""How bubblewrap is called, and what to do where it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from labs.guard import LIMITS, Limits
from labs.packages import mounts, python

HERE = Path(__file__).resolve().parent
INSIDE, WORK = "/judge", "/tmp/work"

UNSAFE = (
    "NOT SANDBOXED (--unsafe-without-sandbox). A submission could read your files, and so the "
    "hidden tests, other submissions and results; change or delete what you may change; use the "
    "network; and leave processes behind. Limits on time, memory and output hold for what it does "
    "not hide."
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
    limits: Limits = LIMITS
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
        [*command_line(cage, None), python(), "-I", "-S", "-c", ""], capture_output=True, text=True
    )
    if trial.returncode:
        raise NoSandboxError(
            f"bubblewrap does not work here: {trial.stderr.strip()}\n"
            "It must be 0.8 or newer, and user namespaces must be allowed (sysctl "
            "user.max_user_namespaces, on Debian kernel.unprivileged_userns_clone, on "
            "Ubuntu an AppArmor profile for bwrap; in Docker, --security-opt seccomp=unconfined). "
            + advice
        )


def command_line(cage: Cage, filter_fd: int | None) -> list[str]:
    """Return the bubblewrap command, up to the program that it runs."""
    command = ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "lab", "--die-with-parent", "--new-session"]
    command += ["--clearenv", "--cap-drop", "ALL"]
    if os.getuid() == 0:
        # The limit on processes does not hold for root, and a user namespace that root makes has
        # no other user: the probe gives root up itself. Mounting needs root, if Python is in /root.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--disable-userns"]
    for name, value in environment().items():
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
    # bubblewrap makes missing folders for its own user alone; the submission must get through.
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


def environment() -> dict[str, str]:
    """Return the whole environment: nothing of yours, and one thread each for the numbers."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp",
        **threads,
    }
