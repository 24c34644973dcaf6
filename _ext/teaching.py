"""What the page for instructors takes from the chapters, the quizzes and the labs themselves.

- ``{labs}``, a directive: a table of the labs, as their masters describe them.
- ``{outcomes}``, a directive: what each chapter teaches, and the quiz and the labs that test it.
- ``{lab}`2` ``, a role: the number of a lab and its minutes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from course import places
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

TITLE = re.compile(r"^# # Lab (\d): (.+)$", re.MULTILINE)
TIME = re.compile(r"^# \*\*Time\.\*\* (\d+) minutes", re.MULTILINE)
NEED = re.compile(r"^# \*\*What you need\.\*\* ((?:.+\n)+?)(?=#\n|# \*\*)", re.MULTILINE)
ROW = re.compile(r"^# \| \d+ \| .+ \| (\d+) \| (.+) \|$", re.MULTILINE)
CHAPTERS = re.compile(r"[Cc]hapters? (\d+)(?: (to|and) (\d+)\b)?")
OBJECTIVES = re.compile(r"\*\*You will be able to\*\*\n((?:- .+\n(?:  .+\n)*)+)")


class TeachingError(ValueError):
    """A source does not say what the page takes from it."""


@dataclass(frozen=True)
class Lab:
    """What a master says of its lab."""

    number: int
    title: str
    need: str
    minutes: int
    points: dict[str, int]  # by who grades them

    @property
    def chapters(self) -> set[int]:
        """The chapters that one needs."""
        found = CHAPTERS.findall(self.need)
        ends = [(int(first), word, int(last or first)) for first, word, last in found]
        return {
            chapter
            for first, word, last in ends
            for chapter in (range(first, last + 1) if word == "to" else (first, last))
        }


def read_lab(master: Path) -> Lab:
    """Read the head of a master."""
    text = master.read_text(encoding="utf-8")
    head = [pattern.search(text) for pattern in (TITLE, TIME, NEED)]
    rows = ROW.findall(text)
    if None in head or not rows:
        raise TeachingError(f"{master} names no title, time, need or points")
    title, time, need = head
    points: dict[str, int] = {}
    for worth, grader in rows:
        who = "tests" if grader == "automatically" else "person"
        points[who] = points.get(who, 0) + int(worth)
    words = " ".join(need[1].replace("\n# ", " ").split())
    return Lab(int(title[1]), title[2], words, int(time[1]), points)


def read_labs(folder: Path) -> list[Lab]:
    """Read all masters, in the order of the labs."""
    labs = [read_lab(master) for master in sorted(folder.glob("[0-9]_*/master.py"))]
    if not labs:
        raise TeachingError(f"there are no labs in {folder}")
    return labs


def read_objectives(chapter: Path) -> str:
    """Return the list of what a reader of the chapter will be able to do."""
    found = OBJECTIVES.search(chapter.read_text(encoding="utf-8"))
    if found is None:
        raise TeachingError(f"{chapter} does not say what its reader will be able to do")
    return found[1]


class Table(SphinxDirective):
    """A table that is made of other files; when one of them changes, so does the page."""

    def source(self, path: Path) -> Path:
        """Note that the page depends on this file."""
        self.env.note_dependency(str(path))
        return path

    def labs(self) -> list[Lab]:
        """Read the labs."""
        folder = Path(self.env.srcdir) / "labs"
        for master in folder.glob("[0-9]_*/master.py"):
            self.source(master)
        return read_labs(folder)

    def rows(self) -> list[list[str]]:
        """Return the cells of the table, in Markdown."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the table, or say what is missing."""
        try:
            rows = self.rows()
        except (OSError, TeachingError) as error:
            raise self.error(f"{self.name}: {error}") from None
        lines = ["::::{list-table}", ":header-rows: 1", ""]
        for row in rows:
            for number, cell in enumerate(row):
                first, *others = cell.splitlines() or [""]
                lines.append(f"{'  ' if number else '* '}- {first}")
                lines += [f"    {line}" for line in others]
        node = nodes.Element()
        text = StringList([*lines, "::::", ""], self.env.docname)
        self.state.nested_parse(text, self.content_offset, node)
        return node.children


class Labs(Table):
    """The labs, with the time, what they need, and their points."""

    def rows(self) -> list[list[str]]:
        """Return a row for each lab."""
        head = ["lab", "needs", "time", "points, by the tests", "points, by you"]
        return [head] + [
            [
                f"{lab.number}. {lab.title}".replace(". ", "\\. ", 1),
                lab.need,
                f"{lab.minutes}\N{NO-BREAK SPACE}min",
                str(lab.points.get("tests", 0)),
                str(lab.points.get("person", 0)),
            ]
            for lab in self.labs()
        ]


class Outcomes(Table):
    """What each chapter teaches, how many questions its quiz has, and the labs that need it."""

    def rows(self) -> list[list[str]]:
        """Return a row for each chapter."""
        root, labs = Path(self.env.srcdir), self.labs()
        rows = [["chapter and its tests", "after it, your students can"]]
        for page, place in places(self.env.app).items():
            if place["in_notebook"]:
                continue
            stem = Path(page).name
            quiz = self.source(root / "quizzes" / f"{stem}.yaml")
            questions = yaml.safe_load(quiz.read_text(encoding="utf-8"))
            tests = [f"quiz of {len(questions)}"]
            tests += [f"lab {lab.number}" for lab in labs if place["chapter"] in lab.chapters]
            objectives = read_objectives(self.source(root / f"{page}.md"))
            rows.append(
                [f"[Chapter {place['chapter']}]({stem}.md)\n\n{', '.join(tests)}", objectives]
            )
        return rows


class LabRole(SphinxRole):
    """The number of a lab, and its minutes."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Look them up, or say that there is no such lab."""
        folder = Path(self.env.srcdir) / "labs"
        try:
            labs = {str(lab.number): lab for lab in read_labs(folder)}
            lab = labs[self.text]
        except (KeyError, TeachingError):
            return [], [self.inliner.reporter.error(f"no lab {self.text}", line=self.lineno)]
        self.env.note_dependency(str(next(folder.glob(f"{lab.number}_*/master.py"))))
        return [nodes.Text(f"lab {lab.number}, {lab.minutes}\N{NO-BREAK SPACE}min")], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("labs", Labs)
    app.add_directive("outcomes", Outcomes)
    app.add_role("lab", LabRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
