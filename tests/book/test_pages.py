"""The built pages, read as files: what must not be in them, and what must."""

import copy
import importlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from book.chapters import CHAPTERS
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
REPOSITORY = CONFIG["repository"]["url"]

PAGES = sorted(HTML.rglob("*.html"))
LESSONS = [page for page in PAGES if page.parent.name in {"chapters", "notebooks"}]


@pytest.fixture(scope="module")
def soups():
    assert PAGES, "the book is not built: run make book"
    return {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in PAGES}


def name(page):
    return page.relative_to(HTML).as_posix()


def test_every_source_became_a_page():
    sources = [*(ROOT / "chapters").glob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
    expected = {source.relative_to(ROOT).with_suffix(".html").as_posix() for source in sources}
    assert {name(page) for page in LESSONS} == expected, "run: make book"


def loads(tag):
    """The addresses that a tag makes the browser fetch: all it names, unless it is only a link."""
    for key, value in tag.attrs.items():
        value = " ".join(value) if isinstance(value, list) else value
        leads_away = tag.name == "a" or (tag.name == "form" and key == "action")
        describes = tag.name == "link" and set(tag.get("rel", [])) & {"canonical", "author"}
        if not (leads_away or describes or key.startswith("xmlns") or tag.name == "meta"):
            yield from re.findall(r"(?:https?:)?//[^\s\"')]+", value)
    if tag.name in {"script", "style"} and not tag.get("src"):
        yield from re.findall(r"(?:https?:|[\"'(])//[^\s\"')]+", tag.text)


def test_no_page_loads_anything_from_another_host(soups):
    """Links may lead away. Scripts, styles, pictures, fonts, frames and fetches may not."""
    for page, soup in soups.items():
        assert [url for tag in soup.find_all(True) for url in loads(tag)] == [], name(page)


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="background: url(https://host.example/a.png)">',
        '<object data="https://host.example/a">',
        '<video poster="//host.example/a.png">',
        '<img srcset="a.png 1x, https://host.example/b.png 2x">',
        '<style>@import "https://host.example/a.css"</style>',
        '<script>fetch("//host.example/a")</script>',
        '<svg><image href="https://host.example/a.svg"/></svg>',
        '<link rel="stylesheet" href="https://host.example/a.css">',
    ],
)
def test_a_load_from_another_host_is_seen(markup):
    soup = BeautifulSoup(markup, "html.parser")
    assert [url for tag in soup.find_all(True) for url in loads(tag)]


def test_no_stylesheet_loads_anything_from_another_host():
    for sheet in HTML.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        urls = re.findall(r"(?:url\(|@import\s+)['\"]?((?:https?:)?//[^'\")]+)", text)
        assert urls == [], sheet.name


def test_no_raw_latex_is_left(soups):
    """KaTeX keeps the source inside MathML annotations, for copying; nowhere else may it show."""
    for page, whole in soups.items():
        soup = copy.copy(whole)
        for hidden in soup.find_all(["annotation", "script", "style", "pre", "code"]):
            hidden.decompose()
        text = soup.get_text()
        assert re.findall(r"\\[A-Za-z]+|\\[\[\](]|\$[^$\n]+\$", text) == [], name(page)
        assert not soup.select(".katex-error, .problematic, .system-message"), name(page)


def test_every_formula_can_be_read_aloud(soups):
    formulas = [tag for soup in soups.values() for tag in soup.select(".katex")]
    assert len(formulas) > 50
    for formula in formulas:
        assert formula.find("math") is not None
        assert formula.select_one(".katex-html")["aria-hidden"] == "true"


def test_every_picture_has_words(soups):
    """Where the author gave no alt text, Sphinx puts the path: that counts as none."""
    pictures = 0
    for page, soup in soups.items():
        for image in soup.select("article img"):
            alt = image.get("alt", "").strip()
            assert len(alt.split()) >= 3, f"{name(page)}: {image.get('src')}"
            assert "/" not in alt, f"{name(page)}: {alt}"
        for svg in soup.select("article svg[role=img]"):
            pictures += 1
            assert len(svg["aria-label"].split()) >= 8, f"{name(page)}: {svg['aria-label']}"
        for svg in soup.select(".xent-figure svg"):
            assert svg.get("role") == "img", name(page)
    assert pictures >= 6


def test_every_chapter_shows_a_picture(soups):
    for page, soup in soups.items():
        if re.match(r"chapters/\d\d_", name(page)):
            assert len(soup.select("article .xent-figure svg")) >= 2, name(page)


def test_no_id_is_given_twice(soups):
    for page, soup in soups.items():
        ids = [tag["id"] for tag in soup.select("article [id]")]
        assert len(ids) == len(set(ids)), (
            f"{name(page)}: {sorted({i for i in ids if ids.count(i) > 1})}"
        )


def test_every_internal_link_arrives(soups):
    targets = {page: {tag["id"] for tag in soup.select("[id]")} for page, soup in soups.items()}
    checked = 0
    for page, soup in soups.items():
        for link in soup.select("a[href]"):
            parts = urlsplit(link["href"])
            if parts.scheme or parts.netloc:
                continue
            path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert path.is_file(), f"{name(page)} links to {link['href']}"
            if parts.fragment and path in targets:
                checked += 1
                assert unquote(parts.fragment) in targets[path], (
                    f"{name(page)} links to {link['href']}"
                )
    assert checked > 100


def test_each_notebook_page_opens_on_binder_and_colab(soups):
    repository = REPOSITORY.removeprefix("https://github.com/")
    pages = [page for page in LESSONS if page.parent.name == "notebooks"]
    assert pages
    for page in pages:
        links = [link["href"] for link in soups[page].select("a[href]")]
        binder = f"https://mybinder.org/v2/gh/{repository}/main?urlpath=lab/tree/notebooks/{page.stem}.ipynb"
        colab = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/{page.stem}.ipynb"
        assert binder in links
        assert colab in links


def test_quizzes_are_native_details(soups):
    for page, soup in soups.items():
        if re.match(r"chapters/\d\d_", name(page)):
            assert len(soup.select("details.sd-dropdown")) >= 3, name(page)


@pytest.mark.parametrize(
    "module", ["information", "losses", "pitfalls", "datasets", "training", "plotting"]
)
def test_the_reference_names_every_public_function(soups, module):
    reference = soups[HTML / "chapters" / "xentlib.html"]
    described = {tag["id"] for tag in reference.select("dt.sig[id]")}
    library = importlib.import_module(f"xentlib.{module}")
    callables = [item for item in library.__all__ if callable(getattr(library, item))]
    assert callables
    for item in callables:
        assert f"xentlib.{module}.{item}" in described


@pytest.mark.parametrize(
    ("stem", "row"), [(stem, row) for stem, known in CHAPTERS.items() for row in known.ROWS]
)
def test_a_number_stands_in_its_place(soups, stem, row):
    """Two glued numbers that changed places would both be right, and the table wrong."""
    page = soups[HTML / "chapters" / f"{stem}.html"]
    rows = [[unspaced(cell.get_text()) for cell in line.select("td")] for line in page.select("tr")]
    assert list(map(unspaced, row)) in rows


def unspaced(text):
    return "".join(text.split())


def test_the_edit_link_names_the_source(soups):
    for page in LESSONS:
        suffix = {"chapters": ".md", "notebooks": ".ipynb"}[page.parent.name]
        source = page.relative_to(HTML).with_suffix(suffix).as_posix()
        links = {link["href"] for link in soups[page].select("a[href]")}
        assert f"{REPOSITORY}/edit/main/{source}" in links
        assert any(link.startswith(f"{REPOSITORY}/issues/new?") for link in links)


def test_each_page_says_its_edition_and_how_to_cite_it(soups):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for page in LESSONS:
        edition = soups[page].select_one(".edition").get_text()
        assert re.fullmatch(rf"Version {citation['version']}, \d\d? \w+ \d{{4}}", edition)
        words = soups[page].select_one("details.cite-page p").get_text()
        assert edition.partition(", ")[2] in words
        assert soups[page].select_one("link[rel=canonical]")["href"] in words


def test_the_root_leads_to_the_cover(soups):
    root, cover = soups[HTML / "index.html"], soups[HTML / "chapters" / "index.html"]
    target = "chapters/index.html"
    assert root.select_one("meta[http-equiv=refresh]")["content"] == f"0; url={target}"
    assert root.select_one("main a")["href"] == target
    assert root.title.get_text() == cover.select_one("h1").find(string=True)
    canonical = [soup.select_one("link[rel=canonical]")["href"] for soup in (root, cover)]
    assert canonical[0] == canonical[1]


def test_the_page_for_a_wrong_address_finds_home_from_any_depth(soups):
    page = soups[HTML / "404.html"]
    assert page.select_one("base")["href"] == urlsplit(CONFIG["html"]["baseurl"]).path
    assert {link["href"] for link in page.select("main a")} == {
        "chapters/index.html",
        "search.html",
    }
