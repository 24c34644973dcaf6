"""Print the whole book as one PDF, _build/book.pdf. Run by `make pdf`, after `make book`.

The built pages are joined by pdf.html in the order of _toc.yml, and printed by Chromium. Where each
begins is known only then, so the numbers in the contents are printed after it, over it.
"""

import posixpath
import re
import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup
from chromium import launch
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject, TextStringObject

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
HTML = BUILD / "html"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PATHS = [page["file"] for it in CHAPTERS for page in [it, *it.get("sections", [])]]
PATHS.insert(0, TOC["root"])
TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)

NUMBER = "starts => document.querySelectorAll('[data-page]').forEach(it => {\
    it.textContent = starts[it.dataset.page]; })"
ONLY_NUMBERS = "* { visibility: hidden } [data-page] { visibility: visible }\
    .bd-main { display: none !important } @page { @bottom-center { content: none } }"


class Page:
    """A page of the built book, with the ids and addresses that it has in the joined one."""

    def __init__(self, path, paths):
        self.path, self.paths, self.id = path, paths, path.replace("/", "-")
        html = BeautifulSoup((HTML / f"{path}.html").read_text("utf-8"), "html.parser")
        self.sheets = [self.built(link["href"]) for link in html.select("link[rel=stylesheet]")]
        self.text = html.select_one("article.bd-article")
        for tag in self.text.select(".headerlink"):
            tag.decompose()
        headings = self.text.find_all(re.compile("^h[1-6]$"))
        self.headings = [" ".join(tag.get_text().split()) for tag in headings]
        self.title = self.headings[0]
        place = html.select_one(".course-progress p")  # "Chapter 4 of 12", as the reader sees it
        self.number = re.search(r"\d+", place.text)[0] if place else ""
        self.is_notebook = path.startswith("notebooks/")
        if self.is_notebook:  # a section of its chapter
            for tag in headings:
                tag.name = f"h{int(tag.name[1]) + 1}"
        for tag in self.text.find_all(True):
            for key, value in tag.attrs.items():
                if key == "id":
                    tag[key] = f"{self.id}.{value}"
                elif key in {"href", "xlink:href"}:
                    tag[key] = self.link(value)
                elif key == "src":
                    tag[key] = self.built(value)
                elif "url(#" in value:
                    tag[key] = value.replace("url(#", f"url(#{self.id}.")

    def built(self, address):
        return urljoin((HTML / self.path).as_uri(), address)

    def link(self, address):
        """Lead to the page in the joined book; to one that is not in it, on the web."""
        parts = urlsplit(address)
        if parts.scheme:
            return address
        # Sphinx writes the address of the page itself as a fragment alone.
        relative = parts.path or f"{posixpath.basename(self.path)}.html"
        file = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), relative))
        if file.removesuffix(".html") not in self.paths:
            return urljoin(CONFIG["html"]["baseurl"], parts._replace(path=file).geturl())
        page = file.removesuffix(".html").replace("/", "-")
        return f"#{page}.{parts.fragment}" if parts.fragment else f"#{page}"


def mend(outline, headings):
    """Close the outline below its first level, and give each entry the text of its heading.

    Chromium leaves all open, says some titles twice, and loses the space where a line breaks.
    """
    entry, entries = outline.get("/First"), 0
    while entry is not None:
        entry, entries = entry.get_object(), entries + 1
        entry[NameObject("/Title")] = TextStringObject(next(headings))
        if "/First" in entry:
            mend(entry, headings)
            entry[NameObject("/Count")] = NumberObject(-entry["/Count"])
        entry = entry.get("/Next")
    outline[NameObject("/Count")] = NumberObject(entries)


def print_pages(browser, paths, folder):
    """Print these pages of the built book, joined, as book.pdf; return the number of its pages."""
    pages = [Page(path, paths) for path in paths]
    sheets = dict.fromkeys(sheet for page in pages for sheet in page.sheets)
    captions = {part["chapters"][0]["file"]: part["caption"] for part in TOC["parts"]}
    joined = TEMPLATES.get_template("pdf.html").render(
        config=CONFIG, pages=pages, sheets=sheets, captions=captions
    )
    (folder / "book.html").write_text(joined, "utf-8")
    tab = browser.new_page()
    tab.set_default_timeout(600_000)
    tab.goto((folder / "book.html").as_uri())
    text = PdfReader(BytesIO(tab.pdf(format="A4", outline=True, tagged=True)))
    places = text.named_destinations
    starts = {it.id: text.get_destination_page_number(places[f"/{it.id}"]) + 1 for it in pages}
    tab.evaluate(NUMBER, starts)
    tab.add_style_tag(content=ONLY_NUMBERS)
    numbers = PdfReader(BytesIO(tab.pdf(format="A4")))
    tab.close()
    book = PdfWriter(clone_from=text)
    for below, above in zip(book.pages, numbers.pages, strict=False):
        below.merge_page(above)
        below.compress_content_streams()
    mend(
        book.get_outline_root(), iter(["Contents", *(it for page in pages for it in page.headings)])
    )
    book.add_metadata({"/Author": CONFIG["author"]})
    # Chromium stores a hatching once for each bar that has it: the masks, then what they mask.
    for _ in range(2):
        book.compress_identical_objects(remove_unreferenced=False)
    book.write(folder / "book.pdf")
    return len(book.pages)


def main():
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except RuntimeError as error:
            sys.exit(str(error))
        count = print_pages(browser, PATHS, BUILD)
    size = (BUILD / "book.pdf").stat().st_size / 1e6
    print(f"Printed _build/book.pdf: {count} pages, {size:.0f} MB.")


if __name__ == "__main__":
    main()
