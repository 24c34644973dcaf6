"""The pages on paper: one printed from the browser, and the book of `make pdf`."""

import re
import unicodedata
from io import BytesIO

import pdf
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

LESSON = "chapters/04_binary"
# Enough of the book to show all that a book has: printing the whole takes minutes.
PAGES = ["chapters/index", LESSON, "notebooks/04_binary", "chapters/cheat_sheet", pdf.PATHS[-1]]


def words(text):
    """The text without white space, since lines break there, without joiners and ligatures."""
    return re.sub(r"[\s\u2060\u200b]", "", unicodedata.normalize("NFKC", text))


def source(path):
    html = (pdf.HTML / f"{path}.html").read_text("utf-8")
    return BeautifulSoup(html, "html.parser")


@pytest.fixture(scope="module")
def lesson_text(browser, site):
    """The text of a lesson as a reader prints it."""
    with browser.new_page() as page:
        page.goto(f"{site}/{LESSON}.html", wait_until="networkidle")
        paper = PdfReader(BytesIO(page.pdf(format="A4")))
    return words("".join(page.extract_text() for page in paper.pages))


@pytest.mark.parametrize("closed", ["details p", ".solution p:not(.admonition-title)"])
def test_what_is_closed_on_the_screen_is_open_on_paper(lesson_text, closed):
    answers = source(LESSON).select(f"article {closed}")
    assert len(answers) >= 3
    for answer in answers:
        # A formula comes out of a PDF in another order: compare the words before the first one.
        start = str(answer.find(string=True))
        assert words(start) in lesson_text


def test_the_paper_has_the_text_and_nothing_to_press(lesson_text):
    page = source(LESSON)
    assert words(page.select_one("article h2").find(string=True)) in lesson_text
    neighbour = page.select_one("a.right-next .prev-next-title").get_text()
    assert lesson_text.count(words(neighbour)) == 1, "the last line links to the notebook"
    for pressed in ("Click to", "Search", "Binder", "next", "Contents"):
        assert words(pressed) not in lesson_text


def test_an_explorable_is_printed_as_its_table(lesson_text):
    table = source(LESSON).select_one(".xent-static table")
    assert words(table.caption.get_text()) in lesson_text
    rows = [words(row.get_text()) for row in table.select("tbody tr")]
    assert len(rows) > 3
    for row in rows:
        assert row in lesson_text


@pytest.mark.parametrize("name", ["chapters/06_stability", "notebooks/10_focal_loss"])
def test_a_wide_table_is_whole_on_paper(browser, site, name):
    with browser.new_page(viewport={"width": 612, "height": 900}) as page:  # A4 in its margins
        page.goto(f"{site}/{name}.html", wait_until="networkidle")
        page.emulate_media(media="print")
        sizes = page.evaluate(
            "[...document.querySelectorAll('.xent-static')].map((it) =>"
            " [it.querySelector('table').getBoundingClientRect().right, it.checkVisibility()])"
        )
    assert [shown for _, shown in sizes if shown]
    assert [right for right, shown in sizes if shown and right > 612] == []


INK = "getComputedStyle(document.querySelector('article h1 + p, article pre')).color"


def test_a_reader_in_the_dark_gets_light_paper(browser, site):
    def ink(scheme):
        with browser.new_page(color_scheme=scheme) as page:
            page.goto(f"{site}/{LESSON}.html", wait_until="networkidle")
            page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {INK}; }})")
            page.pdf()
            return page.evaluate("window.printed"), page.evaluate(INK)

    light, dark = ink("light"), ink("dark")
    assert light[0] == light[1] == dark[0] != dark[1], "dark again after the print"


@pytest.fixture(scope="module")
def book(browser, site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    pdf.print_pages(browser, PAGES, folder)
    return PdfReader(folder / "book.pdf")


def titles(entries):
    for entry in entries:
        if isinstance(entry, list):
            yield from titles(entry)
        else:
            yield entry


def test_the_outline_names_every_page_and_where_it_begins(book):
    entries = list(titles(book.outline))
    pages = [pdf.Page(path, PAGES) for path in PAGES]
    headings = [heading for page in pages for heading in page.headings]
    assert [entry.title for entry in entries] == ["Contents", *headings]
    for entry in entries:
        where = book.pages[book.get_destination_page_number(entry)]
        assert words(entry.title) in words(where.extract_text())


def links(page):
    for note in page.get("/Annots", []):
        note = note.get_object()
        if note["/Subtype"] == "/Link":
            yield note


def test_the_contents_lead_to_the_pages_they_name(book):
    contents = book.pages[1]
    numbers = []
    led = [note["/Dest"] for note in links(contents)]
    assert led == [f"/{path.replace('/', '-')}" for path in PAGES]
    for path, place in zip(PAGES, led, strict=True):
        title = words(pdf.Page(path, PAGES).title)
        number = book.get_destination_page_number(book.named_destinations[place]) + 1
        begins = words(book.pages[number - 1].extract_text())
        assert begins.count(title) >= 2, "as the title and in the running head"
        assert str(number) in begins, "at the foot"
        numbers.append(str(number))
    assert contents.extract_text().split()[-len(numbers) :] == numbers


def test_links_arrive_in_the_book_or_on_the_web(book):
    inside, outside = set(), set()
    for page in book.pages[2:]:
        for note in links(page):
            inside |= {note["/Dest"]} if "/Dest" in note else set()
            outside |= {note["/A"]["/URI"]} if "/A" in note else set()
    assert inside <= set(book.named_destinations)
    assert {f"/{path.replace('/', '-')}" for path in PAGES[1:3]} <= inside
    web = pdf.CONFIG["html"]["baseurl"]
    assert f"{web}chapters/09_class_weights.html".lower() in {it.lower() for it in outside}
    assert all(address.startswith("https://") for address in outside)


def test_the_book_is_whole_and_without_latex(book):
    text = words("".join(page.extract_text() for page in book.pages))
    for path in PAGES:
        last = source(path).select("article p")[-1]
        assert words(str(last.find(string=True))) in text
    prose = words("".join(page.extract_text() for page in book.pages[2:10]))
    assert not re.findall(r"\\(?:frac|ln|sigma|text|begin|\(|\[)|\$\$", prose)


def test_the_whole_book_follows_the_contents():
    built = {f"chapters/{path.stem}" for path in (pdf.ROOT / "chapters").glob("*.md")}
    built |= {f"notebooks/{path.stem}" for path in (pdf.ROOT / "notebooks").glob("*.ipynb")}
    assert set(pdf.PATHS) == built
    assert len(pdf.PATHS) == len(built)
