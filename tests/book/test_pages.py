"""The built pages, read as files: what must not be in them, and what must."""

import base64
import copy
import hashlib
import importlib
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest
import yaml
from book.chapters import CHAPTERS
from bs4 import BeautifulSoup

from labs.leaks import leaks
from quizzes.reading import read_all
from quizzes.text import to_html
from xentlib.doctor._codes import CODES

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
REPOSITORY, ADDRESS = CONFIG["repository"]["url"], CONFIG["html"]["baseurl"]

# Beside the book's own pages there are two that only lead to them. _static holds none.
EVERY_PAGE = sorted(page for page in HTML.rglob("*.html") if HTML / "_static" not in page.parents)
PAGES = [page for page in EVERY_PAGE if page.parent != HTML or page.stem in {"genindex", "search"}]
LESSONS = [page for page in PAGES if page.parent.name in {"chapters", "notebooks"}]


@pytest.fixture(scope="module")
def soups():
    assert PAGES, "the book is not built: run make book"
    return {
        page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in EVERY_PAGE
    }


def name(page):
    return page.relative_to(HTML).as_posix()


def test_no_page_gives_a_lab_away(soups):
    texts = {name(page): soup.get_text() for page, soup in soups.items()}
    sources = [path for path in HTML.rglob("*") if path.suffix in {".ipynb", ".md", ".txt", ".js"}]
    texts |= {name(path): path.read_text(encoding="utf-8") for path in sources}
    assert [leak for each, text in texts.items() for leak in leaks(each, text.encode())] == []


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


def policy(soup):
    """The page's Content-Security-Policy, as a dictionary from each directive to its sources."""
    (tag,) = soup.select('head > meta[http-equiv="Content-Security-Policy"]')
    directives = [words.split() for words in tag["content"].split(";") if words.strip()]
    found = {directive: set(sources) for directive, *sources in directives}
    assert len(found) == len(directives), "a directive that is given twice counts once"
    return found


def test_every_page_has_a_strict_policy_before_its_scripts(soups):
    for page, soup in soups.items():
        found = policy(soup)
        assert found["default-src"] == {"'self'"}, name(page)
        assert found["object-src"] == {"'none'"}, name(page)
        assert found["base-uri"] == {"'self'"}, name(page)
        assert found["form-action"] == {"'self'"}, name(page)
        for directive, sources in found.items():
            allowed = {"'self'", "'none'"}
            allowed |= {"'unsafe-inline'"} if directive == "style-src" else set()
            allowed |= {"data:"} if directive in {"img-src", "font-src"} else set()
            hashes = {source for source in sources if source.startswith("'sha256-")}
            assert sources <= allowed | hashes, f"{name(page)}: {directive}"
        first = soup.find(["script", "style", "link"])
        tag = soup.select_one('meta[http-equiv="Content-Security-Policy"]')
        assert tag in first.find_all_previous("meta"), name(page)


def runs_inline(soup):
    """What is code in the page itself: scripts, the attributes that hold some, and links."""
    for tag in soup.find_all(True):
        kind = tag.get("type", "text/javascript")
        if tag.name == "script" and not tag.get("src") and kind in {"text/javascript", "module"}:
            yield tag.string or ""
        handlers = [value for key, value in tag.attrs.items() if key.startswith("on")]
        links = [tag[key] for key in ("href", "src") if key in tag.attrs]
        yield from (*handlers, *(link for link in links if link.startswith("javascript:")))


def test_no_code_stands_in_a_page_but_what_its_policy_names(soups):
    for page, soup in soups.items():
        sources = policy(soup).get("script-src", set())
        hashes = {
            f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'": code
            for code in runs_inline(soup)
        }
        unnamed = [code.strip()[:80] for source, code in hashes.items() if source not in sources]
        assert unnamed == [], name(page)


@pytest.mark.parametrize(
    "markup",
    [
        "<script>run()</script>",
        '<script type="module">run()</script>',
        '<button onclick="run()">Run</button>',
        '<a href="javascript:run()">Run</a>',
    ],
)
def test_code_in_a_page_is_seen(markup):
    assert list(runs_inline(BeautifulSoup(markup, "html.parser")))


def test_the_styles_that_a_script_asks_for_are_kept():
    """What no page has from the start must not be taken for unused."""
    source = (ROOT / "xentlib/explorables/explorables.css").read_text(encoding="utf-8")
    kept = (HTML / "_static/book.css").read_text(encoding="utf-8")
    names = set(re.findall(r"\.xent-[\w-]+|--xent-\w+(?=:)", source))
    assert len(names) > 40
    assert {name for name in names if name not in kept} == set()


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


def wordless(soup):
    """The images without alt text. Where the author gave none, Sphinx puts the path."""
    alts = [image.get("alt", "").strip() for image in soup.select("article img")]
    return [alt for alt in alts if len(alt.split()) < 3 or "/" in alt]


def test_a_picture_without_words_is_seen():
    text = '<article><img alt="_images/a b c.png"><img><img alt="The loss falls."></article>'
    assert wordless(BeautifulSoup(text, "html.parser")) == ["_images/a b c.png", ""]


def test_every_picture_has_words(soups):
    pictures = 0
    for page, soup in soups.items():
        assert wordless(soup) == [], name(page)
        for svg in soup.select("article svg[role=img]"):
            pictures += 1
            assert len(svg["aria-label"].split()) >= 8, f"{name(page)}: {svg['aria-label']}"
        for svg in soup.select(".xent-figure svg"):
            assert svg.get("role") == "img", name(page)
    assert pictures >= 6


def restless(soup):
    """The images without a size, which move the text when they come, or that come too early."""
    return [
        image["src"]
        for image in soup.select("main img")
        if not (image.get("width", "").isdigit() and image.get("height", "").isdigit())
        or image.get("loading") != "lazy"
    ]


def test_every_image_has_its_size_and_waits_until_it_is_near(soups):
    text = '<main><img src="a"><img src="b" width="2" height="3" loading="lazy"></main>'
    assert restless(BeautifulSoup(text, "html.parser")) == ["a"]
    assert {name(page): restless(soup) for page, soup in soups.items() if restless(soup)} == {}


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


def only(soup, selector, key="content"):
    """The one value that a page gives, without spaces around it."""
    tags = soup.select(selector)
    assert len(tags) == 1, f"{len(tags)} times {selector}"
    value = tags[0][key]
    assert value == value.strip() != ""
    return value


def test_a_page_says_what_it_is_to_those_who_share_and_search(soups):
    descriptions = {}
    for page in PAGES:
        soup = soups[page]
        where = name(page)
        title = soup.title.text
        assert title.strip(), where
        only(soup, 'meta[name="viewport"]')
        description = only(soup, 'meta[name="description"]')
        assert 50 <= len(description) <= 160, f"{where}: {len(description)} characters"
        assert not re.search(r"[`{}\\$<>]|\*\*|::|\]\(|&\w+;|\n", description), (
            f"{where}: {description}"
        )
        assert description not in descriptions, f"{where} and {descriptions[description]}"
        descriptions[description] = where
        address = only(soup, 'link[rel="canonical"]', "href")
        assert address == ADDRESS + where
        assert only(soup, 'meta[property="og:url"]') == address
        assert only(soup, 'meta[property="og:title"]') in title
        assert only(soup, 'meta[property="og:description"]') == description, where


def test_a_shared_page_has_a_picture(soups):
    for page in PAGES:
        soup = soups[page]
        picture = only(soup, 'meta[property="og:image"]')
        assert picture.startswith(ADDRESS), name(page)
        pixels = matplotlib.image.imread(HTML / picture.removeprefix(ADDRESS))
        assert pixels.shape[:2] == (630, 1200), picture
        assert len(only(soup, 'meta[property="og:image:alt"]').split()) >= 3, name(page)


def test_the_sitemap_names_every_page_once():
    tree = ElementTree.parse(HTML / "sitemap.xml")
    named = [tag.text for tag in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(named) == len(set(named))
    assert set(named) <= {ADDRESS + name(page) for page in PAGES}
    assert set(named) >= {ADDRESS + name(page) for page in LESSONS}


def test_every_lesson_says_how_far_you_are(soups):
    """In words and as a line. Chapter and notebook share a number; the back matter has none."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [
        (part["caption"], chapter)
        for part in toc["parts"]
        for chapter in part["chapters"]
        if "sections" in chapter
    ]
    expected, step = {}, 0
    for number, (part, chapter) in enumerate(chapters, start=1):
        words = f"Chapter {number} of {len(chapters)} · {part}"
        (notebook,) = chapter["sections"]
        expected[f"{chapter['file']}.html"] = words, str(step := step + 1)
        expected[f"{notebook['file']}.html"] = f"{words} · Notebook", str(step := step + 1)
    found = {}
    for page, soup in soups.items():
        for block in soup.select("main .course-progress"):
            line = block.progress
            assert line["max"] == str(2 * len(chapters))
            assert line["aria-hidden"] == "true"
            found[name(page)] = block.p.get_text(), line["value"]
    assert found == expected


def test_the_curve_on_the_cover_is_the_loss(soups):
    """Each of its points lies where -log p says, and its words say the same number."""
    curve = soups[HTML / "chapters" / "index.html"].select_one("svg.cover-curve")
    points = [tuple(map(float, pair.split(","))) for pair in curve.polyline["points"].split()]
    (left, top), (right, bottom) = points[0], points[-1]
    for x, y in points:
        p = 1 - (1 - 0.01) * (right - x) / (right - left)
        loss = np.log(0.01) * (bottom - y) / (top - bottom)
        assert abs(loss + np.log(p)) < 0.02
    said = [float(number.text) for number in curve.select("tspan")]
    assert said == [round(-np.log(p), 2) for p in (0.01, 0.5, 0.99)]
    assert all(f"{number:.2f} nats" in curve["aria-label"] for number in said)


def test_a_formula_keeps_its_comma(soups):
    kept = 0
    for page, soup in soups.items():
        for formula in soup.select("article span.math"):
            after = formula.next_sibling
            if isinstance(after, str) and after[:1] in set(",.;:!?)"):
                kept += 1
                assert "kept-together" in formula.parent.get("class", []), name(page)
    assert kept > 100


def in_words(tag):
    """What a part of a page says: formulas as LaTeX, quotation marks as they are typed."""
    tag = copy.copy(tag)
    for formula in tag.select(".math"):
        formula.replace_with(rf"\({formula.annotation.text}\)")
    text = tag.get_text().translate(str.maketrans("“”‘’", "\"\"''"))
    return " ".join(text.replace("…", "...").split())


def exported(text):
    """What a platform is given, as `in_words` has it."""
    text = BeautifulSoup(to_html(text, inline=True), "html.parser").get_text()
    return " ".join(text.replace(r"\lt ", "<").replace(r"\gt ", ">").split())


@pytest.mark.parametrize("quiz", read_all(), ids=lambda quiz: quiz.stem)
class TestQuiz:
    @pytest.fixture
    def shown(self, soups, quiz):
        return soups[HTML / "chapters" / f"{quiz.stem}.html"].select(".admonition[id^=quiz-]")

    def test_is_all_on_the_page_and_in_order(self, quiz, shown):
        ids = [f"quiz-{quiz.stem[:2]}-{question.id}" for question in quiz.questions]
        assert [block["id"] for block in shown] == ids
        for number, block in enumerate(shown, start=1):
            title = f"Question {number} of {len(ids)}"
            assert block.select_one(".admonition-title").text == title

    def test_is_in_native_details_that_are_closed(self, quiz, shown):
        for block, question in zip(shown, quiz.questions, strict=True):
            assert len(block.select("details.sd-dropdown > summary")) == len(question.options)
            assert not block.select("details[open]")

    def test_gives_the_platforms_what_the_page_says(self, quiz, shown):
        """Two programs read the same text, MyST for the page and ours for the platforms."""
        for block, question in zip(shown, quiz.questions, strict=True):
            asked = block.find_all("p", recursive=False)[1:]
            assert " ".join(map(in_words, asked)) == exported(question.text)
            for details, option in zip(block.select("details"), question.options, strict=True):
                verdict = "Right." if option.is_right else "Not this one."
                assert in_words(details.select_one("summary .sd-summary-text")) == exported(
                    option.text
                )
                feedback = f"{verdict} {exported(option.feedback)}"
                assert in_words(details.select_one(".sd-card-body")) == feedback


MODULES = "information losses pitfalls datasets training plotting doctor doctor.scores"


@pytest.mark.parametrize("module", MODULES.split())
def test_the_reference_names_every_public_function(soups, module):
    reference = soups[HTML / "chapters" / "xentlib.html"]
    described = {tag["id"] for tag in reference.select("dt.sig[id]")}
    library = importlib.import_module(f"xentlib.{module}")
    callables = [item for item in library.__all__ if callable(getattr(library, item))]
    assert callables
    for item in callables:
        assert f"xentlib.{module}.{item}" in described


def test_the_reference_lists_every_code_of_the_doctor(soups):
    rows = soups[HTML / "chapters" / "xentlib.html"].select("table tr")
    listed = {
        row.td.get_text(): [td.get_text() for td in row.select("td")] for row in rows if row.td
    }
    for code, known in CODES.items():
        assert listed[code][1] == known.gravest
        assert known.traps in listed[code][2]


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
