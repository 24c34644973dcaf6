"""Print the whole book as one PDF, _build/book.pdf. Run by `make pdf`, after `make book`.

The built pages are joined in the order of _toc.yml, and printed by Chromium. Where each of them
begins is known only then, so the numbers in the contents are printed after it, over it.
"""

import json
import posixpath
import re
import sys
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from bs4 import BeautifulSoup
from chromium import launch
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PATHS = [page["file"] for it in CHAPTERS for page in [it, *it.get("sections", [])]]
PATHS.insert(0, TOC["root"])


def ident(path, anchor=""):
    """The id that a page, or an anchor in it, has in the joined book, where ids must not meet."""
    return path.replace("/", "-") + (f".{anchor}" if anchor else "")


class Page:
    """A page of the book: its title, its number where it has one, its text and stylesheets."""

    def __init__(self, path):
        self.path = path
        html = BeautifulSoup((BUILD / "html" / f"{path}.html").read_text("utf-8"), "html.parser")
        self.text = html.select_one("article.bd-article")
        self.sheets = [self.file(link["href"]) for link in html.select("link[rel=stylesheet]")]
        for tag in self.text.select(".headerlink"):
            tag.decompose()
        self.title = self.text.h1.get_text().strip()
        number = re.search(r"/(\d+)_", path)
        self.number = str(int(number[1])) if number else ""
        self.is_notebook = path.startswith("notebooks/")
        for tag in self.text.find_all(True):
            self.adapt(tag)

    def file(self, address):
        """The address, relative to this page, as one relative to the joined book."""
        return posixpath.normpath(posixpath.join("html", posixpath.dirname(self.path), address))

    def adapt(self, tag):
        """Make ids and addresses those of the joined book, a notebook a section of its chapter."""
        if self.is_notebook and re.fullmatch("h[1-5]", tag.name):
            tag.name = f"h{int(tag.name[1]) + 1}"
        for key, value in tag.attrs.items():
            if key == "id":
                tag[key] = ident(self.path, value)
            elif key in {"href", "xlink:href"}:
                tag[key] = self.link(value)
            elif key == "src":
                tag[key] = self.file(value)
            elif "url(#" in value:
                tag[key] = value.replace("url(#", f"url(#{ident(self.path)}.")

    def link(self, address):
        parts = urlsplit(address)
        if parts.scheme:
            return address
        file = self.file(parts.path).removeprefix("html/") if parts.path else f"{self.path}.html"
        if file.removesuffix(".html") in PATHS:
            return f"#{ident(file.removesuffix('.html'), parts.fragment)}"
        return f"{CONFIG['html']['baseurl']}{file}#{parts.fragment}"  # it is on the web alone

    def entry(self):
        """Its line of the contents; the number of the page follows in the second print."""
        kind = "notebook" if self.is_notebook else "chapter"
        number = "" if self.is_notebook else self.number
        return (
            f'<a class="{kind}" href="#{ident(self.path)}"><span>{number}</span>'
            f"<span>{escape(self.title)}</span><span data-page></span></a>"
        )

    def print(self):
        label = f"Chapter {self.number}" if self.number else ""
        if self.is_notebook:
            label = f"The notebook of chapter {self.number}"
        return (
            f'<div class="book-page" id="{ident(self.path)}" style="page: {ident(self.path)}">'
            f'<p class="book-label">{label}</p>{self.text}</div>'
        )

    def running_head(self):
        head = json.dumps(f"{self.number}   {self.title}".strip(), ensure_ascii=False)
        return f"@page {ident(self.path)} {{ @top-center {{ content: {head} }} }}"


def join(pages):
    """One page of HTML with a cover, the contents, and all the pages."""
    title, author = escape(CONFIG["title"]), escape(CONFIG["author"])
    captions = {part["chapters"][0]["file"]: part["caption"] for part in TOC["parts"]}
    contents = [
        (f"<p>{captions[page.path]}</p>" if page.path in captions else "") + page.entry()
        for page in pages
    ]
    sheets = [*dict.fromkeys(sheet for page in pages for sheet in page.sheets), "../.ci/pdf.css"]
    return "\n".join(
        [
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">',
            f"<title>{title}</title>",
            *(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets),
            f"<style>{''.join(page.running_head() for page in pages)}</style>",
            f'<body><div class="book-cover"><p>{title}</p><p>{author}</p>',
            f"<p>{escape(CONFIG['html']['baseurl'])}</p><p>{escape(CONFIG['copyright'])}</p></div>",
            f'<nav class="book-contents"><h1>Contents</h1>{"".join(contents)}</nav>',
            '<main class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            *(page.print() for page in pages),
            "</div></div></main>",
        ]
    )


# The numbers of the contents are laid over the pages of the first print, which have all the rest.
NUMBERS = """numbers => { for (const [id, number] of Object.entries(numbers))
    document.querySelector(`.book-contents [href="#${id}"] [data-page]`).textContent = number; }"""
ONLY_NUMBERS = """* { visibility: hidden } [data-page] { visibility: visible }
    .bd-main { display: none } @page { @bottom-center { content: none } }"""


def fold(outline):
    """Close the outline below its first level; Chromium leaves hundreds of lines open."""
    entry, entries = outline.get("/First"), 0
    while entry is not None:
        entry, entries = entry.get_object(), entries + 1
        if "/Count" in entry:
            fold(entry)
            entry[NameObject("/Count")] = NumberObject(-entry["/Count"])
        entry = entry.get("/Next")
    outline[NameObject("/Count")] = NumberObject(entries)


def main():
    if not (BUILD / "html" / "index.html").is_file():
        sys.exit("the book is not built: run make pdf, which builds it first")
    pages = [Page(path) for path in PATHS]
    (BUILD / "book.html").write_text(join(pages), "utf-8")
    with sync_playwright() as playwright:
        try:
            tab = launch(playwright).new_page()
        except RuntimeError as error:
            sys.exit(str(error))
        tab.set_default_timeout(600_000)
        tab.goto((BUILD / "book.html").as_uri())
        first = PdfReader(BytesIO(tab.pdf(format="A4", outline=True, tagged=True)))
        starts = {
            name: first.get_destination_page_number(first.named_destinations[f"/{name}"]) + 1
            for name in map(ident, PATHS)
        }
        tab.evaluate(NUMBERS, starts)
        tab.add_style_tag(content=ONLY_NUMBERS)
        numbers = PdfReader(BytesIO(tab.pdf(format="A4")))
    book = PdfWriter(clone_from=first)
    for below, above in zip(book.pages, numbers.pages, strict=False):
        below.merge_page(above)
    fold(book.get_outline_root())
    book.add_metadata({"/Author": CONFIG["author"]})
    # Chromium stores a hatching once for each bar that has it: first the masks, then what they mask.
    for _ in range(2):
        book.compress_identical_objects(remove_unreferenced=False)
    book.write(BUILD / "book.pdf")
    size = (BUILD / "book.pdf").stat().st_size / 1e6
    print(f"Printed _build/book.pdf: {len(book.pages)} pages, {size:.0f} MB.")


if __name__ == "__main__":
    main()
