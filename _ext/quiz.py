"""The directive ``{quiz} ID``: one question of the chapter's quiz. Without an id, all the others.

The questions are in quizzes/, in a file called like the chapter. An option is a ``<details>`` of
sphinx-design, closed until the reader chooses it: no script is needed, and paper shows all.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

sys.path.append(str(Path(__file__).parents[1]))  # quizzes is a folder of the book, not installed

from quizzes.reading import Option, Question, QuizError, read

VERDICTS = {True: "Right.", False: "Not this one."}


class QuizDirective(SphinxDirective):
    """Put questions into the page."""

    optional_arguments = 1
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Return the questions, or say what is wrong with the quiz or with the id."""
        stem = Path(self.env.docname).name
        path = Path(self.env.srcdir) / "quizzes" / f"{stem}.yaml"
        self.env.note_dependency(str(path))
        for notebook in set(re.findall(r"\.\./(notebooks/\w+\.ipynb)", text_of(path))):
            self.env.note_dependency(str(Path(self.env.srcdir) / notebook))
        try:
            questions = read(path).questions
        except QuizError as error:
            raise self.error(f"quiz: {error}") from None
        shown = self.env.temp_data.setdefault("quiz", [])
        ids = [question.id for question in questions]
        wanted = self.arguments or [id_ for id_ in ids if id_ not in shown]
        if self.arguments and wanted != ids[len(shown) : len(shown) + 1]:
            due = ids[len(shown)] if len(shown) < len(ids) else "none"
            raise self.error(f"quiz: {wanted[0]!r} is not the next question of {stem}: {due!r} is")
        shown += wanted
        lines = [
            line
            for number, question in enumerate(questions, start=1)
            if question.id in wanted
            for line in markdown(stem, number, len(ids), question)
        ]
        node = nodes.Element()
        self.state.nested_parse(StringList(lines, str(path)), self.content_offset, node)
        return node.children


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def markdown(stem: str, number: int, total: int, question: Question) -> list[str]:
    """Return a question as the book would be written without this directive."""
    return [
        f":::::{{admonition}} Question {number} of {total}",
        ":class: tip",
        f":name: quiz-{stem[:2]}-{question.id}",
        "",
        *question.text.splitlines(),
        "",
        *(line for option in question.options for line in dropdown(option)),
        ":::::",
        "",
    ]


def dropdown(option: Option) -> list[str]:
    return [
        f"::::{{dropdown}} {' '.join(option.text.split())}",
        f":class-container: quiz-{'right' if option.is_right else 'wrong'}",
        "",
        f"**{VERDICTS[option.is_right]}** {option.feedback}",
        "::::",
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("quiz", QuizDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
