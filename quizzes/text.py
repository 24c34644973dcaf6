r"""The text of a quiz for learning platforms: the Markdown of the page as simple HTML.

Mathematics becomes LaTeX between ``\(`` and ``\)``. Moodle and both quiz engines of Canvas give
that to MathJax. MathML would be the purer choice, but Canvas' New Quizzes take its tags away.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from myst_nb.core.variables import format_plain_text

from quizzes.reading import QuizError

ROOT = Path(__file__).parents[1]
GLUE = re.compile(r"\{glue:text\}`\.\./notebooks/(\w+)\.ipynb::(\w+):([^`]*)`")


def formula(renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    r"""Write LaTeX for MathJax. Canvas would take a < for the start of a tag, so it is a \lt."""
    text = tokens[index].content.replace("<", r"\lt ").replace(">", r"\gt ")
    return rf"\({html.escape(text, quote=False)}\)"


MARKDOWN = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
MARKDOWN.add_render_rule("math_inline", formula)


@functools.cache
def glued(stem: str) -> dict[str, str]:
    """Return what a notebook hands on, as it stored it."""
    path = ROOT / "notebooks" / f"{stem}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return {
        output["metadata"]["scrapbook"]["name"]: "".join(
            output["data"].get("application/papermill.record/text/plain", "")
        )
        for output in outputs
        if "scrapbook" in output.get("metadata", {})
    }


def number(found: re.Match[str]) -> str:
    """Write a number of a notebook, in the format that the text asks for."""
    stem, key, form = found.groups()
    try:
        stored = glued(stem)[key]
    except (OSError, KeyError):
        raise QuizError(f"notebooks/{stem}.ipynb hands on no number {key!r}") from None
    return format_plain_text(stored, form)


def to_html(text: str, *, inline: bool) -> str:
    """Return HTML: in paragraphs, or without them for an option and its feedback."""
    text = GLUE.sub(number, text.strip())
    if found := re.search(r"\{[\w:]+\}`|\]\(", text):
        known = "Outside the page only {glue:text}, $formulas$, `code` and *emphasis* are known"
        raise QuizError(f"{found[0]!r} cannot be exported. {known}")
    if inline:
        return " ".join(MARKDOWN.renderInline(" ".join(text.split())).split())
    return MARKDOWN.render(text).strip().replace("\n", " ")


@functools.cache
def place(stem: str) -> int:
    """Return the place of a chapter in the course, as its page shows it."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    stems = [Path(it["file"]).name for it in chapters if "sections" in it]
    return stems.index(stem) + 1


def title(stem: str) -> str:
    """Return the chapter's title, with its number."""
    chapter = (ROOT / "chapters" / f"{stem}.md").read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", chapter, flags=re.MULTILINE)
    return f"{place(stem):02} {heading[1]}" if heading else stem
