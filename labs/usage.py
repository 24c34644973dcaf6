"""What a tree of processes uses, as Linux tells it in /proc. Elsewhere these find nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def tree(root: int) -> list[int]:
    """Return `root` and the processes that descend from it."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    children = Path(f"/proc/{pid}/task/{task}/children").read_text()
                    found += map(int, children.split())
    return found


def usage(pids: list[int]) -> tuple[float, int, bool]:
    """Return processor seconds and resident bytes (of files, none) of these, and if any can run."""
    seconds, resident, running = 0.0, 0, False
    clock = os.sysconf("SC_CLK_TCK")
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            running = running or stat[0] in "RD"
            seconds += sum(map(int, stat[11:15])) / clock
            status = Path(f"/proc/{pid}/status").read_text()
            for line in status.splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    resident += int(line.split()[1]) * 1024
    return seconds, resident, running


def entries(pid: int) -> int:
    """Return the number of files in a process's own /tmp, or 0 where it has none of its own."""
    with contextlib.suppress(OSError):
        place = f"/proc/{pid}/root/tmp"
        if os.stat(place).st_dev != os.stat("/tmp").st_dev:
            told = os.statvfs(place)
            return told.f_files - told.f_ffree
    return 0
