"""Sentences of a paragraph of HTML: which of them its author put in bold letters."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

# A sentence ends here, and another one begins. "e.g. this" does not end one, nor does "chapter 1.".
END = re.compile(r"(?<=[.!?])([”\"’)]*)\s+(?=[A-Z“\"(0-9])")
BEGUN = re.compile(r"[A-Z“\"(0-9]")
ENDED = re.compile(r"[.!?][”\"’)]*$")


def plain(tag: PageElement) -> str:
    """Return the text in one line; of a formula, its letters once."""
    copy = BeautifulSoup(str(tag), "html.parser")
    for double in copy.select(".katex-html, annotation"):
        double.decompose()
    return " ".join(copy.get_text().split())


def sentences(paragraph: Tag) -> list[list[PageElement]]:
    """Cut a paragraph into sentences; what has a tag of its own stays whole."""
    found: list[list[PageElement]] = [[]]
    for part in paragraph.children:
        pieces = (
            END.sub(r"\1\0", str(part)).split("\0") if type(part) is NavigableString else [part]
        )
        before = "".join(piece if isinstance(piece, str) else plain(piece) for piece in found[-1])
        start = pieces[0] if isinstance(pieces[0], str) else plain(pieces[0])
        apart = before[-1:].isspace() or start[:1].isspace()
        if apart and ENDED.search(before.rstrip()) and BEGUN.match(start.lstrip()):
            found.append([])
        found[-1].append(pieces[0])
        found += [[piece] for piece in pieces[1:]]
    return [sentence for sentence in found if "".join(map(plain, sentence)).strip()]


def html(said: list[list[PageElement]]) -> str:
    """Join sentences again."""
    return " ".join("".join(map(str, sentence)).strip() for sentence in said)


def html_of(paragraph: Tag) -> list[str]:
    """Return the HTML of each sentence."""
    return [html([sentence]) for sentence in sentences(paragraph)]


def is_bold(part: PageElement) -> bool:
    """Tell whether a part of a sentence has bold letters."""
    return isinstance(part, Tag) and (part.name == "strong" or part.find("strong") is not None)


def first_words(said: list[list[PageElement]]) -> int:
    """Count the sentences that begin: one, or two if the first is a heading, bold or italic."""
    first = said[0][0]
    heading = isinstance(first, Tag) and first.name in {"strong", "em"}
    return 2 if heading and ENDED.search(plain(first)) else 1


def lead(paragraph: Tag) -> str:
    """Return the first sentence; after one that is a heading, the next as well."""
    said = sentences(paragraph)
    return html(said[: first_words(said)])


def with_bold(paragraph: Tag) -> str:
    """Return the sentences with something in bold letters, or nothing."""
    said = sentences(paragraph)
    opening = first_words(said) if said and is_bold(said[0][0]) else 0
    bold = (i < opening or any(map(is_bold, sentence)) for i, sentence in enumerate(said))
    return html([sentence for sentence, shown in zip(said, bold, strict=True) if shown])


def up_to(paragraph: Tag, bold: Tag) -> str:
    """Return the sentences before the one with these bold letters."""
    said = sentences(paragraph)
    return html(said[: next(i for i, sentence in enumerate(said) if bold in sentence)])
