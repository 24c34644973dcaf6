"""The table of the scores, ``scores.csv``: written by the program, and completed by a person.

The points of a written question are filled in by hand. So they are read before the table is written
again, and put back. What cannot be put back stops the program: no mark is lost in silence.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from pathlib import Path

from labs import Lab
from labs.collect import Submission
from labs.result import Question, Result

HEAD = ["student", "lab", "question", "points", "out_of", "graded", "status", "message"]
GRADED, WAITING = "graded", "waiting"
FORMULA = re.compile(r"(^\s*|[;\t]\s*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


class ScoresError(Exception):
    """What is in the table cannot be kept; the message names the row."""


def cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula.

    Also not behind a semicolon, which parts the cells in the spreadsheets of many countries.
    """
    return FORMULA.sub(r"\1'", text)


def first_message(question: Question) -> str:
    """Return what the first failed test says."""
    return next((test.message for test in question.tests if not test.passed), "")


def by_hand(
    results: Path, lab: Lab, submissions: Iterable[Submission]
) -> dict[tuple[str, str], float]:
    """Return the points that a person has filled in, by student's cell and question.

    Of written questions, and of students who could not be graded.
    """
    path = results / "scores.csv"
    if not path.exists():
        return {}
    most = dict(lab.manual)
    students = {submission.student for submission in submissions}
    known = {name: cell(name) for name in students} | {cell(name): cell(name) for name in students}
    found: dict[tuple[str, str], float] = {}
    for number, row in enumerate(_rows(path), start=2):
        student, question, text = (row[name].strip() for name in ("student", "question", "points"))
        if not text or (row["graded"] != "by hand" and row.get("status", GRADED) == GRADED):
            continue
        where = f"{path}, row {number} ({student}, {question})"
        if row["lab"] != lab.name:
            raise ScoresError(f"{where} is of the lab {row['lab']}. Choose another folder.")
        if row["graded"] == "by hand" and question not in most:
            raise ScoresError(f"{where}: this question is not graded by hand. Empty the cell.")
        if student not in known:
            raise ScoresError(
                f"{where}: there is no submission of this student any more, and its points would "
                "be lost. Put it back, or delete the row."
            )
        key = known[student], question
        if key in found:
            raise ScoresError(f"{where}: there are two such rows. Delete one.")
        found[key] = _number(text, most.get(question) or row["out_of"], where)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    """Read the table, as a spreadsheet may have saved it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
        rows = list(reader)
    except UnicodeDecodeError:
        raise ScoresError(f"{path} is not in UTF-8. Save it again as CSV, UTF-8.") from None
    except csv.Error as error:
        raise ScoresError(f"{path} is not a table: {error}.") from None
    missing = set(HEAD[:6]) - set(reader.fieldnames or ())
    if missing:
        raise ScoresError(
            f"{path} has no column {sorted(missing)[0]!r}. Mend its first row, or move the file "
            "away to have it written anew."
        )
    return rows


def _number(text: str, most: float | str, where: str) -> float:
    try:
        value = float(text.replace(",", "."))
        highest = float(str(most).replace(",", "."))
    except ValueError:
        raise ScoresError(f"{where}: {text!r} is not a number of points.") from None
    if not (math.isfinite(value) and 0 <= value <= highest):
        raise ScoresError(f"{where}: {text} is not between 0 and {highest:g} points.")
    return value


def table(graded: dict[Submission, Result], filled: dict[tuple[str, str], float]) -> str:
    """Return the table of one row per student and question."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEAD)
    for submission, result in graded.items():
        for question in result.questions:
            written = question.points is None
            found = filled.get((cell(submission.student), question.name))
            value = found if written or result.status else question.points
            status = WAITING if value is None else GRADED
            writer.writerow(
                [
                    cell(submission.student),
                    result.lab,
                    question.name,
                    "" if value is None else f"{value:g}",
                    f"{question.out_of:g}",
                    "by hand" if written else "automatically",
                    result.status or status,
                    cell(first_message(question)),
                ]
            )
    return file.getvalue()
