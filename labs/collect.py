"""Find the submissions in a folder: whose is which, and which cannot be graded."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from labs.notebook import FILE_LIMIT, open_plain


@dataclass(frozen=True)
class Submission:
    """One student's notebook. `key` is the student's name as a file name of the results."""

    student: str
    key: str
    path: Path


@dataclass(frozen=True)
class Handed:
    """What lies there in one student's name.

    `notebooks` are those that can be read, each with the name as it was found there. `lines` say
    what is wrong, and `status` sums that up, should there be nothing to grade.
    """

    student: str
    notebooks: tuple[tuple[str, Path], ...]
    lines: tuple[str, ...] = ()
    status: str = "no notebook"


def collect(folder: Path) -> list[Handed]:
    """Return what was handed in, by student.

    ``alice.ipynb`` is alice's. So are the notebooks in the folder ``alice``, however deep.
    Links are not followed: a submission must not name a file that is not its own.
    """
    found: dict[str, list[tuple[str, list[Path]]]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            found.setdefault(_folded(path.name), []).append((path.name, _inside(path)))
        elif path.suffix.lower() == ".ipynb" or path.is_symlink():
            found.setdefault(_folded(path.stem), []).append((path.stem, [path]))
    return sorted(map(_handed, found.values()), key=lambda one: one.student)


def _handed(places: list[tuple[str, list[Path]]]) -> Handed:
    """Sort what can be read from what cannot."""
    pairs = [(name, path) for name, paths in places for path in paths]
    good = []
    lines = ["There is no notebook in this folder." for _, paths in places if not paths]
    for name, path in pairs:
        if stat.S_ISREG(path.lstat().st_mode):
            good.append((name, path))
        else:
            kind = "a link" if path.is_symlink() else "not a file"
            lines.append(f"{shown(path.name)} is {kind}. Not read.")
    return Handed(places[0][0], tuple(good), tuple(lines), "unreadable" if pairs else "no notebook")


def submission(student: str, path: Path) -> Submission:
    """Return a submission in the name of a student, as the file system has the name."""
    return Submission(shown(student), _key(student), path)


def _inside(folder: Path) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = [n for n in sorted(files) if n.lower().endswith(".ipynb") and n[0] != "."]
        found += [Path(where) / name for name in names]
    return found


def shown(name: str) -> str:
    """Return a name that can be printed and stored, whatever bytes the file system holds."""
    return "".join(c if c.isprintable() else "�" for c in name)


def _folded(name: str) -> str:
    """Return a name as the least careful file system compares it."""
    return unicodedata.normalize("NFC", name).casefold()


def _key(name: str) -> str:
    """Return a file name that says whose it is and can do no harm.

    A name that ends like one with a hash gets a hash, too: else it could be taken on purpose.
    """
    safe = re.sub(r"[^\w@+-]|^[-.]", "_", shown(name))
    safe = safe.encode()[:150].decode(errors="ignore")  # a file system counts bytes
    if safe == name and not re.search(r"-[0-9a-f]{8}$", name):
        return safe
    return f"{safe}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def digest(path: Path) -> str | None:
    """Return a hash of a notebook, or None if it cannot be read. What is too large is cut."""
    try:
        with open_plain(path) as file:
            return hashlib.sha256(file.read(FILE_LIMIT + 1)).hexdigest()
    except OSError:
        return None
