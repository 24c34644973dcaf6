"""The parts of a section: what each block of a built page is on a slide, and in the notes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from html import escape

from bs4 import BeautifulSoup
from bs4.element import Tag

from _slides.sentences import html_of, lead, plain, with_bold

ROWS, COLUMNS = 6, 5  # of a table that can be read from the last row of seats
WIDE = 24  # letters of a formula that has no place beside a picture
LINE = 60  # letters of text that are as high as a line of a formula
SHORT = 30  # letters that say nothing without the sentence before: "Does it?"
TALL = 260  # the height of a figure with panels above each other; all are 331 wide


@dataclass
class Part:
    """A block of a page.

    Its kind is words, figure, table, quiz, explorable, or silent, which has only a note. `intro` is
    the sentence that leads to a table or an equation.
    """

    kind: str
    html: str
    note: str
    heading: str = ""
    intro: str = ""

    @cached_property
    def size(self) -> int:
        """Return about how many letters would take the place of these words."""
        html = BeautifulSoup(self.html, "html.parser")
        formulas = [it.text for it in html.select(".katex-display annotation")]
        return len(plain(html)) + sum(LINE * (1 + it.count(r"\\")) for it in formulas)

    @cached_property
    def wide(self) -> bool:
        """Tell whether a formula is too wide to stand beside a picture."""
        html = BeautifulSoup(self.html, "html.parser")
        lines = [re.split(r"\\\\", it.text) for it in html.select(".katex-display annotation")]
        return any(letters(line) > WIDE for formula in lines for line in formula)

    @property
    def leads(self) -> bool:
        """Tell whether these words lead to what comes next."""
        return self.kind == "words" and self.html.endswith(":</p>")

    @property
    def tall(self) -> bool:
        """Tell whether a figure has panels above each other."""
        box = re.search(r'viewbox="0 0 \S+ (\S+)"', self.html)
        return box is not None and float(box[1]) > TALL


def letters(formula: str) -> int:
    r"""Count what a line of TeX draws, roughly: \name is a letter, a fraction its wider part."""
    formula = re.sub(
        r"\\(left|right|[bB]igg?[lr]?|begin|end|text|operatorname|[,;:!])", "", formula
    )
    formula = re.sub(r"\{aligned\}|[_^&\s]", "", re.sub(r"\\(ln|max|exp|log)", "xx", formula))
    formula = re.sub(r"([-+=]|\\le)", r"xx", re.sub(r"\\(?!le)[A-Za-z]+", "x", formula))
    while (shorter := re.sub(r"x\{([^{}]*)\}\{([^{}]*)\}", wider, formula)) != formula:
        formula = shorter
    return len(re.sub(r"[{}]", "", formula))


def wider(fraction: re.Match[str]) -> str:
    """Return the wider part of a fraction."""
    return max(fraction[1], fraction[2], key=len)


def parts_of(section: Tag) -> list[Part]:
    """Return the parts of a section, without its heading."""
    parts: list[Part] = []
    before: Tag | None = None
    for block in section.find_all(True, recursive=False):
        if block.name in {"h1", "h2", "section", "span"}:
            continue
        part = part_of(block)
        if before is not None and before.name == "p" and parts[-1].kind == "silent":
            said = html_of(before)
            part.intro = " ".join(said[-2:] if len(said[-1]) < SHORT else said[-1:])
        if part.html.startswith(("<ul", "<ol")) and before is not None and parts[-1].leads:
            part = Part("words", parts[-1].html + part.html, parts.pop().note + part.note)
        parts.append(part)
        before = block
    return parts


def part_of(block: Tag) -> Part:
    """Say what a block is on a slide."""
    classes = block.get("class", [])
    table = block.find("table")
    words = ""
    if block.find("details"):
        return Part("quiz", quiz(block), note(block), heading="Check yourself")
    if "xent-explorable" in classes:
        task = escape(json.loads(block["data-spec"])["tryThis"])
        return Part("explorable", f"<p>{task}</p>", note(block), heading=plain(block.caption))
    if figure := block.find("figure"):
        return Part("figure", str(figure), "")
    if table and len(table("tr")) - 1 <= ROWS and len(table.tr("th")) <= COLUMNS:
        return Part("table", str(table), note(block))
    if "important" in classes:
        words = f'<div class="definition">{inside(block)}</div>'
    elif "math" in classes and block.get("id"):  # it has a number
        words = str(block)
    elif block.name in {"ul", "ol"}:
        items = "".join(f"<li>{lead(item.p)}</li>" for item in block("li"))
        words = f"<{block.name}>{items}</{block.name}>"
    elif block.name == "p" and (said := with_bold(block)):
        words = f"<p>{said}</p>"
    return Part("words" if words else "silent", words, note(block))


def quiz(block: Tag) -> str:
    """Return a question with its options; what is right is in the notes."""
    copy = BeautifulSoup(str(block), "html.parser").div
    options = "".join(f"<li>{option(it)}</li>" for it in copy("details"))
    for it in copy.select("details, .admonition-title"):
        it.decompose()
    return f'{inside(copy)}<ol class="options">{options}</ol>'


def option(details: Tag) -> str:
    """Return the text of an option of a quiz."""
    return inside(details.select_one(".sd-summary-text") or details.summary)


def inside(tag: Tag) -> str:
    """Return the HTML of what is in a tag."""
    return "".join(map(str, tag.contents)).strip()


def note(block: Tag) -> str:
    """Return a block for the notes, where formulas are MathML: that window has no other style."""
    copy = BeautifulSoup(str(block), "html.parser")
    for tag in copy.select(".sd-summary-state-marker, svg, annotation"):
        tag.decompose()
    for formula in copy.select(".katex"):
        formula.replace_with(formula.math)
    for details in copy("details"):
        details.name = "div"
        details.summary.name = "strong"
    for tag in copy.select("[id], [data-spec]"):
        tag.attrs = {}
    for section in copy("section"):
        section.unwrap()  # reveal.js would take it for a slide
    return str(copy)
