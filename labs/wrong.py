"""Do the tests of the labs still give what they should? ``python -m labs.wrong``

For each lab, three kinds of submission are put together and graded: the reference, the blank
notebook, and the reference with one wrong answer of ``wrong.yaml``. Run it after you change a
master, for example the seeds of its hidden tests in a private copy.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

from labs import HERE, find, names
from labs.build import built
from labs.judge import judge
from labs.result import Result

SOLUTION = "otter_assign_solution_cell"  # otter's tag


@dataclass(frozen=True)
class Wrong:
    """A wrong answer to one question: its code, the points it gets, a part of what it is told."""

    question: str
    name: str
    points: float
    message: str
    code: str


def wrong_answers(lab: str) -> list[Wrong]:
    """Return the wrong answers of a lab."""
    text = (HERE / lab / "wrong.yaml").read_text(encoding="utf-8")
    return [Wrong(**answer) for answer in yaml.safe_load(text)]


def blank(lab: str) -> nbformat.NotebookNode:
    """Return the notebook as a student gets it."""
    return nbformat.read(built(lab) / "student" / f"{lab}.ipynb", as_version=4)


def reference(lab: str) -> nbformat.NotebookNode:
    """Return the notebook with all answers."""
    return nbformat.read(built(lab) / "autograder" / f"{lab}.ipynb", as_version=4)


def solutions(notebook: nbformat.NotebookNode) -> dict[str, list[nbformat.NotebookNode]]:
    """Return the cells with the solution of each autograded question."""
    cells: dict[str, list[nbformat.NotebookNode]] = {}
    waiting: list[nbformat.NotebookNode] = []
    for cell in notebook.cells:
        if cell.source.startswith("grader.check("):
            cells[cell.source.split('"')[1]], waiting = waiting, []
        elif SOLUTION in cell.metadata.get("tags", ()) and cell.cell_type == "code":
            waiting.append(cell)
    return cells


def with_answer(lab: str, question: str, code: str) -> nbformat.NotebookNode:
    """Return the reference with another answer to one question."""
    notebook = reference(lab)
    first, *others = solutions(notebook)[question]
    first.source = code
    for cell in others:
        cell.source = ""
    return notebook


def grade(notebook: nbformat.NotebookNode, lab: str) -> Result:
    """Grade a notebook that is not in a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "submission.ipynb"
        nbformat.write(notebook, path)
        return judge(path, find(lab))


def complaint(lab: str, wrong: Wrong) -> str | None:
    """Return None if a wrong answer gets its points and message, and otherwise what it got."""
    result = grade(with_answer(lab, wrong.question, wrong.code), lab)
    (question,) = (q for q in result.questions if q.name == wrong.question)
    told = " | ".join(test.message for test in question.tests if not test.passed)
    if question.points == wrong.points and wrong.message in told:
        return None
    said = f"{wrong.points} points, and to be told: {wrong.message}"
    return f"should get {said}\n    got {question.points} points, and is told: {told}"


def main() -> int:
    """Check all labs, and say what is not as it should be."""
    complaints = 0
    for lab in names():
        for what, notebook in (("the reference", reference(lab)), ("the blank", blank(lab))):
            result = grade(notebook, lab)
            print(f"{lab}, {what}: {result.points:g} of {result.out_of:g} points")
            complaints += result.points != (result.out_of if what == "the reference" else 0)
        for wrong in wrong_answers(lab):
            said = complaint(lab, wrong)
            if said:
                complaints += 1
                print(f"{lab}, {wrong.question}, {wrong.name}: {said}")
        print(f"{lab}: {len(wrong_answers(lab))} wrong answers graded")
    print(f"{complaints} complaints")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
