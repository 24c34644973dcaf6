"""The built pages, read as files: what must not be in them, and what must."""

import copy
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
GENERATED = {"genindex.html", "search.html", "py-modindex.html", "index.html"}
REPOSITORY = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]

PAGES = sorted(HTML.rglob("*.html"))
LESSONS = [page for page in PAGES if page.parent.name in {"chapters", "notebooks"}]


@pytest.fixture(scope="module")
def soups():
    return {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in PAGES}


def name(page):
    return page.relative_to(HTML).as_posix()


def test_every_source_became_a_page():
    sources = [*(ROOT / "chapters").glob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]
    expected = {source.relative_to(ROOT).with_suffix(".html").as_posix() for source in sources}
    assert {name(page) for page in LESSONS} == expected, "run: make book"


def test_no_page_loads_anything_from_another_host(soups):
    """Links may lead away. Scripts, styles, pictures, fonts and frames may not."""
    loaded = []
    for page, soup in soups.items():
        for tag in soup.find_all(["script", "img", "iframe", "source", "video", "audio", "embed"]):
            loaded += [(name(page), tag[key]) for key in ("src", "srcset") if tag.get(key)]
        for tag in soup.find_all("link"):
            if set(tag.get("rel", [])) & {"stylesheet", "preload", "prefetch", "preconnect",
                                          "dns-prefetch", "icon", "modulepreload"}:  # fmt: skip
                loaded.append((name(page), tag["href"]))
        for tag in soup.find_all("style"):
            loaded += [(name(page), url) for url in re.findall(r"url\(([^)]+)\)", tag.text)]
        for tag in soup.find_all("script", src=False):
            loaded += [(name(page), url) for url in re.findall(r"https?://[^\s\"'`]+", tag.text)]
    assert loaded
    assert [(page, url) for page, url in loaded if re.match(r"\s*['\"]?(?:\w+:)?//", url)] == []


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
        assert not re.search(
            r"\\[\[\](]|\\(?:frac|sum|log|ln|operatorname)\b|\$\$|\bkatex-error\b", text
        ), name(page)
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


def test_the_reference_names_every_public_function(soups):
    import xentlib

    reference = soups[HTML / "chapters" / "xentlib.html"]
    described = {tag["id"].rsplit(".", 1)[-1] for tag in reference.select("dt.sig[id]")}
    public = {item for item in xentlib.__all__ if not item.startswith("__")}
    assert public
    assert public <= described
