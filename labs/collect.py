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


def collect(folder: Path) -> tuple[list[Submission], list[str]]:
    """Return the submissions in a folder, and a line for each that cannot be taken.

    ``alice.ipynb`` is alice's. So is the one notebook in the folder ``alice``, however deep.
    Links are not followed: a submission must not name a file that is not its own.
    """
    found: dict[str, list[tuple[str, Path]]] = {}
    problems = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            student, notebooks = path.name, _inside(path)
            if not notebooks:
                problems.append(f"{_shown(student)}: there is no notebook in this folder.")
        elif path.suffix == ".ipynb":
            student, notebooks = path.stem, [path]
        else:
            continue
        for notebook in notebooks:
            if not stat.S_ISREG(notebook.lstat().st_mode):
                kind = "a link" if notebook.is_symlink() else "not a file"
                problems.append(f"{_shown(student)}: {_shown(notebook.name)} is {kind}. Not read.")
            else:
                found.setdefault(_folded(student), []).append((student, notebook))
    submissions = []
    for group in found.values():
        if len(group) > 1:
            names = ", ".join(_shown(str(path.relative_to(folder))) for _, path in group)
            problems.append(
                f"{_shown(group[0][0])}: {len(group)} submissions of one name ({names}). "
                "None was graded: keep one of them, or rename."
            )
        else:
            student, path = group[0]
            submissions.append(Submission(_shown(student), _key(student), path))
    return sorted(submissions, key=lambda s: (s.student, s.key)), problems


def _inside(folder: Path) -> list[Path]:
    found = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = [name for name in sorted(files) if name.endswith(".ipynb") and name[0] != "."]
        found += [Path(where) / name for name in names]
    return found


def _shown(name: str) -> str:
    """Return a name that can be printed and stored, whatever bytes the file system holds."""
    return "".join(c if c.isprintable() else "�" for c in name)


def _folded(name: str) -> str:
    """Return a name as the least careful file system compares it."""
    return unicodedata.normalize("NFC", name).casefold()


def _key(name: str) -> str:
    """Return a file name that says whose it is and can do no harm."""
    safe = re.sub(r"[^\w@+-]|^[-.]", "_", _shown(name))[:80]
    if safe == name:
        return safe
    return f"{safe}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def digest(path: Path) -> str | None:
    """Return a hash of a notebook, or None if it cannot be read. What is too large is cut."""
    try:
        with open_plain(path) as file:
            return hashlib.sha256(file.read(FILE_LIMIT + 1)).hexdigest()
    except OSError:
        return None
