"""Write results to files: each at once or not at all, the same bytes for the same results."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from labs import Lab, pages
from labs.collect import Submission
from labs.result import Question, Result


def put(path: Path, text: str) -> None:
    """Write a file so that, whatever happens, it is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def as_json(data: Any) -> str:
    """Return JSON to keep."""
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def keep(results: Path, submission: Submission, result: Result, digest: str) -> None:
    """Keep one result for the next run."""
    data = {**result.to_json(), "seconds": 0.0, "peak": 0}  # these differ from run to run
    put(results / "graded" / f"{submission.key}.json", as_json({"digest": digest, "result": data}))


def kept(results: Path, submission: Submission, fingerprint: str | None) -> Result | None:
    """Return the result of an earlier run, if nothing that decides it has changed."""
    try:
        data = json.loads((results / "graded" / f"{submission.key}.json").read_text("utf-8"))
        found = fingerprint is not None and data["digest"] == fingerprint
        return Result.from_json(data["result"]) if found else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(
    results: Path,
    lab: Lab,
    graded: dict[Submission, Result],
    problems: list[str],
    warning: str | None = None,
) -> None:
    """Write all reports."""
    put(results / "scores.csv", scores(graded))
    for submission, result in graded.items():
        page = pages.feedback(submission.student, result)
        put(results / "feedback" / f"{submission.key}.html", page)
        put(results / "gradescope" / f"{submission.key}.json", as_json(gradescope(result)))
    put(results / "summary.html", pages.summary(lab, graded, problems, warning))


def _cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def scores(graded: dict[Submission, Result]) -> str:
    """Return the table of one row per student and question."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["student", "lab", "question", "points", "out_of", "graded", "message"])
    for submission, result in graded.items():
        for question in result.questions:
            by_hand = question.points is None
            row = ["" if by_hand else f"{question.points:g}", f"{question.out_of:g}"]
            row += ["by hand" if by_hand else "automatically", _cell(first_message(question))]
            table.writerow([_cell(submission.student), result.lab, question.name, *row])
    return file.getvalue()


def first_message(question: Question) -> str:
    """Return what the first failed test says."""
    return next((test.message for test in question.tests if not test.passed), "")


def gradescope(result: Result) -> dict[str, Any]:
    """Return a result in Gradescope's format (its documentation: "Autograder Specifications")."""
    tests = []
    for question in result.questions:
        for number, test in enumerate(question.tests, start=1):
            told = test.message or "Passed."
            entry = {
                "name": f"{question.name}, check {number}",
                "number": f"{question.name}.{number}",
                "score": test.points if test.passed else 0.0,
                "max_score": test.points,
                "status": "passed" if test.passed else "failed",
                "output": told,
                "visibility": "after_published" if test.hidden else "visible",
            }
            tests.append(entry)
    by_hand = [q.name for q in result.questions if q.points is None]
    notes = [*result.notes, *(f"{name} is graded by hand." for name in by_hand)]
    return {
        "score": result.points,
        "output": "\n".join(notes),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
