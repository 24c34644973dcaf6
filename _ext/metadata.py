"""What a page says about itself: to search engines, to whoever shares it, to whoever cites it.

Two extensions were tried and left. sphinxext-opengraph describes a page by its first sentences,
formulas and all, and fixes the size of its pictures. sphinx-sitemap lists only the pages that were
written in this run.
"""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import yaml
from babel.dates import format_date
from cards import HEIGHT, WIDTH, draw_card
from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

# The pages that are made without a source in which a description could stand.
DESCRIPTIONS = {
    "index": "The way into {course}, a book with a notebook for each of its chapters.",
    "404": "There is no such page in {course}. From here you find the one you looked for.",
    "search": "Search the chapters and notebooks of {course}. It also works without a network.",
    "genindex": "Every term and function that {course} explains, in the order of the alphabet.",
}
TITLES = {"404": "No such page", "search": "Search", "genindex": "Index"}


@functools.cache
def edition(source: Path) -> dict[str, Any]:
    """Read CITATION.cff. To it comes the day of the last change, without git that of the release.

    It is one day for the whole book: a shallow clone, as CI makes it, knows no day of each page.
    """
    citation = yaml.safe_load((source / "CITATION.cff").read_text(encoding="utf-8"))
    try:
        command = ["git", "log", "-1", "--format=%cs", "--", "."]
        git = subprocess.run(command, cwd=source, capture_output=True, text=True, check=True)
        day = date.fromisoformat(git.stdout.strip())
    except (OSError, subprocess.CalledProcessError, ValueError):  # no git, or not our repository
        day = citation["date-released"]
    return citation | {"day": day, "day_in_words": format_date(day, "d MMMM y", locale="en")}


def cite(book: dict[str, Any], title: str, url: str) -> dict[str, str]:
    """Return how to cite a page: in words, and for BibTeX."""
    authors = [author["name"] for author in book["authors"]]
    where = [] if title == book["title"] else [book["title"]]  # the cover stands for all
    where = ", ".join([*where, f"version {book['version']}"])
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in authors),
        "title": f"{{{title}}}",
        "howpublished": where,
        "year": book["day"].year,
        "note": book["day_in_words"],
        "url": url,
    }
    key = urlsplit(url).path.strip("/").removesuffix(".html")
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return {
        "words": f"{', '.join(authors)}: “{title}”, {where}, {book['day_in_words']}, {url}",
        "bibtex": "\n".join([f"@misc{{{key},", *lines, "}"]),
    }


def description(app: Sphinx, page: str, doctree: nodes.document | None) -> str | None:
    """Return what somebody wrote about a page, in its front matter or above."""
    if doctree is not None:
        meta = doctree.findall(nodes.meta)
        return next((tag["content"] for tag in meta if tag.get("name") == "description"), None)
    text = DESCRIPTIONS.get(page)
    return text and text.format(course=app.config.html_title)


def share(
    app: Sphinx, page: str, title: str, about: str, place: dict[str, Any] | None
) -> dict[str, str]:
    """Draw the card of a page, and return what a network shows with it (Open Graph)."""
    kind = "Notebook" if place and place["in_notebook"] else "Chapter"
    above = f"{kind} {place['chapter']}" if place else ""
    below = "" if title == app.config.html_title else app.config.html_title
    card = f"_images/cards/{page}.png"
    draw_card(Path(app.outdir) / card, above=above, title=title, below=below)
    return {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": about,
        "og:url": urljoin(app.config.html_baseurl, app.builder.get_target_uri(page)),
        "og:image": urljoin(app.config.html_baseurl, card),
        "og:image:alt": f"A card: {', '.join(filter(None, [above, title, below]))}.",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "twitter:card": "summary_large_image",
    }


def tell(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the templates a description of the page, its card, and how it is cited."""
    book = context["edition"] = edition(Path(app.srcdir))
    about = description(app, page, doctree)
    if not about:
        logging.getLogger(__name__).warning(
            "the page has no description: give it one in its front matter, or in a notebook's "
            "metadata, under myst, html_meta, description",
            location=page,
        )
        return
    title = Markup(context.get("title") or TITLES.get(page, "")).striptags()
    tags = {} if doctree else {"description": about}
    # A network that is given the bare address shows the cover's card.
    shown = app.config.root_doc if page == "index" else page
    tags |= share(app, shown, title, about, context.get("progress"))
    if doctree:
        context["citation"] = cite(book, title, context["pageurl"])
    context["metatags"] = context.get("metatags", "") + "".join(
        Markup('<meta {}="{}" content="{}" />\n').format(
            "property" if name.startswith("og:") else "name", name, text
        )
        for name, text in tags.items()
    )


def add_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make the page at the root, which leads to the cover, and the one for a wrong address.

    The latter is served at any depth: its links start at the path of the whole book.
    """
    cover = app.builder.get_target_uri(app.config.root_doc)
    address = urljoin(app.config.html_baseurl, cover)
    yield "index", {"title": app.config.html_title, "pageurl": address}, "root.html"
    yield "404", {"base": urlsplit(app.config.html_baseurl).path}, "404.html"


def write_sitemap(app: Sphinx, error: Exception | None) -> None:
    """List every page that has a source."""
    if error or app.builder.format != "html":
        return
    sitemap = ElementTree.Element("urlset", xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    for page in sorted(app.env.found_docs):
        url = urljoin(app.config.html_baseurl, app.builder.get_target_uri(page))
        ElementTree.SubElement(ElementTree.SubElement(sitemap, "url"), "loc").text = url
    file = Path(app.outdir) / "sitemap.xml"
    ElementTree.ElementTree(sitemap).write(file, encoding="utf-8", xml_declaration=True)


def write_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have every page written when what stands around the text of each has changed.

    That is the contents with their titles and numbers, and the edition. Sphinx writes the pages
    whose own sources changed.
    """
    titles = [(name, title.astext()) for name, title in sorted(env.titles.items())]
    contents = env.toctree_includes, str(env.tocs[app.config.root_doc])  # with the names of parts
    now = repr((titles, contents, edition(Path(app.srcdir))))
    before, env.around_the_text = getattr(env, "around_the_text", now), now  # type: ignore[attr-defined]
    return [] if before == now else sorted(env.found_docs)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("env-updated", write_all)
    app.connect("html-page-context", tell, priority=400)  # before the theme renders its parts
    app.connect("html-collect-pages", add_pages)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
