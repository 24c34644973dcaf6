"""Decide what is graded: which lab, and which of a student's notebooks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import labs
from labs import Lab
from labs.collect import Handed, Submission, shown, submission
from labs.notebook import UnreadableError, read_cells
from labs.packages import package_paths


class UsageError(Exception):
    """Nothing can be graded; the message says what to do."""


def _says(path: Path) -> str | None:
    """Return the lab that a notebook's metadata name."""
    try:
        return read_cells(path)[1]
    except UnreadableError:
        return None


def find_lab(asked: str | None, handed: list[Handed]) -> Lab:
    """Return the lab that was asked for, or else the one that all the notebooks say they are."""
    if asked is None:
        says = Counter(_says(path) for student in handed for _, path in student.notebooks)
        known = [name for name in says if name in labs.names()]
        if len(known) != 1:
            counts = ", ".join(f"{name} ({says[name]})" for name in known) or "none"
            raise UsageError(f"Which lab is it? Say --lab. The notebooks name: {counts}.")
        asked = known[0]
    try:
        lab = labs.find(asked)
        package_paths(lab.imports)
    except LookupError as error:
        raise UsageError(error.args[0]) from None
    return lab


def check_results(results: Path, lab: Lab) -> None:
    """Refuse a folder with the results of another lab: they would be lost."""
    for path in sorted((results / "graded").glob("*.json")):
        try:
            other = json.loads(path.read_text("utf-8"))["result"]["lab"]
        except (ValueError, KeyError, TypeError):  # broken: `report.kept` takes it for not there
            continue
        if other != lab.name:
            raise UsageError(f"{results} holds the results of {other}. Choose another folder.")


def _named(path: Path, lab: str) -> str | None:
    """Return the lab that a notebook names: in its metadata, or else in its file name."""
    found = [
        name
        for name in dict.fromkeys([lab, *labs.names()])
        if re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", path.stem, re.IGNORECASE)
    ]
    return _says(path) or next(iter(found), None)


def choose(handed: Handed, lab: str, folder: Path) -> tuple[Submission, str, str]:
    """Return the one notebook to grade; or else why there is none, in two words and in a line."""
    notebooks = list(handed.notebooks)
    if not notebooks:
        line = " ".join(handed.lines)
        return submission(handed.student, folder), handed.status, line
    listed = ", ".join(shown(str(path.relative_to(folder))) for _, path in notebooks)
    if len(notebooks) > 1:
        names = {path: _named(path, lab) for _, path in notebooks}
        notebooks = [pair for pair in notebooks if names[pair[1]] == lab] or [
            pair for pair in notebooks if names[pair[1]] is None
        ]
        if not notebooks:
            line = f"None of these notebooks is of the lab {lab}: {listed}."
            return submission(handed.student, folder), "another lab", line
    if len(notebooks) > 1:
        listed = ", ".join(shown(str(path.relative_to(folder))) for _, path in notebooks)
        line = (
            f"{len(notebooks)} submissions of one name ({listed}). "
            "None was graded: keep one of them, or rename."
        )
        return submission(handed.student, folder), "several notebooks", line
    return submission(*notebooks[0]), "", ""
