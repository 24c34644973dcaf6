"""The slides of each chapter, made from the built book: as a class sees them, and on paper."""

import re
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from _slides.__main__ import STEMS, write
from _slides.sentences import plain
from tests.browser.conftest import overhear
from tests.browser.pages import AXE, HTML

SCREEN = {"width": 1280, "height": 720}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOWN = """() => {
  const slide = Reveal.getCurrentSlide();
  const texts = [...slide.querySelectorAll("*")].filter((each) => each.checkVisibility()
    && !each.closest("aside, svg, math, .katex-html, .eqno")
    && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const parts = [...slide.querySelectorAll(".sheet, .words, .picture, .words *:not(.katex *)")];
  const figure = slide.querySelector("svg");
  const { width = 0, height = 0 } = figure?.getBoundingClientRect() ?? {};
  const { width: w, height: h } = figure?.viewBox.baseVal ?? { width: 1, height: 1 };
  const letters = [...slide.querySelectorAll("svg text")].map((each) =>
    parseFloat(getComputedStyle(each).fontSize) * Math.min(width / w, height / h));
  return {
    heading: slide.querySelector("h1, h2").textContent,
    smallest: Math.min(...texts.map((each) => parseFloat(getComputedStyle(each).fontSize))),
    figure: letters.length ? Math.min(...letters) : null,
    over: parts.filter((part) => part.getBoundingClientRect().right > 1281
      || part.getBoundingClientRect().bottom > 721
      || part.matches(".sheet, .words, .picture") && (part.scrollHeight > part.clientHeight + 1
        || part.scrollWidth > part.clientWidth + 1)).map((part) => part.className),
  };
}"""
RUN_AXE = """async (rules) => {
  const options = { runOnly: rules, resultTypes: ["violations"], preload: false };
  const { violations } = await axe.run(options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of the decks, and each deck under its chapter's name."""
    folder = tmp_path_factory.mktemp("slides")
    return folder, {deck.stem: deck for deck in write(folder)}


@pytest.fixture
def show(browser, made, wrong):
    """Open a deck from its file, as who has no network does."""
    contexts = []

    def opened(stem, query=""):
        contexts.append(browser.new_context(viewport=SCREEN))
        page = contexts[-1].new_page()
        overhear(page, wrong)
        page.goto((made[0] / f"{stem}.html").as_uri() + query)
        page.wait_for_function("Reveal.isReady()")
        page.evaluate("document.fonts.ready")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("stem", STEMS)
def test_each_slide_can_be_read_from_the_last_row(show, made, stem):
    page = show(stem)
    for number, slide in enumerate(made[1][stem].slides):
        if number:
            page.keyboard.press("ArrowRight")
        page.wait_for_function("number => Reveal.getIndices().h === number", arg=number)
        seen = page.evaluate(SHOWN)
        where = f"slide {number + 1}, {seen['heading']}"
        assert seen["smallest"] >= 24, where
        assert seen["figure"] is None or seen["figure"] >= (
            14 if "tall" in slide.classes else 18
        ), where
        assert seen["over"] == [], where
    assert page.evaluate("Reveal.isLastSlide()")


@pytest.mark.parametrize("stem", STEMS)
def test_axe_finds_nothing(show, stem):
    page = show(stem, "?view=print")  # all slides at once, which takes a tenth of the time
    page.wait_for_selector(".pdf-page")
    page.evaluate(AXE)
    assert page.evaluate(RUN_AXE, RULES) == []


def test_axe_finds_nothing_on_the_screen(show, made):
    page = show("03_four_classes")
    page.evaluate(AXE)
    for kind in ("title", "quiz"):
        slides = made[1]["03_four_classes"].slides
        page.evaluate("to => Reveal.slide(to)", [it.kind for it in slides].index(kind))
        assert page.evaluate(RUN_AXE, RULES) == []
    page.evaluate("Reveal.getCurrentSlide().append(new Image())")
    assert any(it.startswith("image-alt") for it in page.evaluate(RUN_AXE, RULES))


def test_axe_finds_nothing_in_the_list(browser, made, wrong):
    with browser.new_page(viewport=SCREEN) as page:
        overhear(page, wrong)
        page.goto((made[0] / "index.html").as_uri())
        page.evaluate(AXE)
        assert page.evaluate(RUN_AXE, RULES) == []
        assert [it.get_attribute("href") for it in page.locator("li a").all()] == [
            f"{stem}.html" for stem in STEMS
        ]


@pytest.mark.parametrize("stem", STEMS)
def test_a_deck_says_only_what_its_chapter_says(made, stem):
    html = BeautifulSoup((HTML / f"chapters/{stem}.html").read_text("utf-8"), "html.parser")
    for link in html.select(".headerlink"):
        link.decompose()
    chapter = squeezed(plain(html.select_one("article")) + tries(html))
    deck = BeautifulSoup((made[0] / f"{stem}.html").read_text("utf-8"), "html.parser")
    blocks = deck.select(".sheet :is(h1, h2:not(.slide-exercise h2), p, li, td, figcaption)")
    ours = {squeezed(it.get_text()) for it in deck.select(".place, .promise")}
    for block in blocks:
        said = squeezed(plain(block))
        assert said.lower() in chapter.lower() or said in ours, plain(block)


def tries(html):
    return " ".join(it["data-spec"] for it in html.select("[data-spec]"))


def squeezed(text):
    return re.sub(r"[\s\u2060]", "", text)


def test_there_are_as_many_slides_as_a_lesson_can_bear(made):
    assert len(STEMS) == 10
    for deck in made[1].values():
        assert 8 <= len(deck.slides) <= 17, deck.stem
        kinds = [slide.kind for slide in deck.slides]
        assert kinds[:2] == ["title", "question"]
        assert kinds[-2:] == ["list", "list"]
        assert "quiz" in kinds


def test_each_formula_is_there_before_a_script_runs(made):
    for stem in STEMS:
        text = (made[0] / f"{stem}.html").read_text("utf-8")
        assert "katex-html" in text
        assert re.search(r"\\\(|\\\[|\$\$", text) is None


def test_the_presenter_reads_the_rest_in_a_window_of_their_own(show, made):
    page = show("03_four_classes")
    quiz = next(i for i, it in enumerate(made[1]["03_four_classes"].slides) if it.kind == "quiz")
    page.evaluate("number => Reveal.slide(number)", quiz)
    assert page.locator("aside.notes").nth(quiz).is_hidden()
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("The true class still gets 0.6").wait_for()


def test_a_deck_is_printed_with_a_page_for_each_slide(show, made):
    page = show("02_cross_entropy", "?view=print")
    page.wait_for_selector(".pdf-page >> nth=14")
    sizes = page.evaluate("Reveal.getSlides().map((slide) => parseInt(slide.style.fontSize))")
    assert min(sizes) >= 24
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(paper.pages) == len(made[1]["02_cross_entropy"].slides)
    width, height = paper.pages[0].mediabox[2:]
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert "Gibbs" in "".join(page.extract_text() for page in paper.pages)
