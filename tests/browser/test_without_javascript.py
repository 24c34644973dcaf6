"""The pages of a reader whose browser runs no scripts: all that is not alive is there."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PAGES, PHONE, WIDE

# What a reader came for and cannot see. Live parts have a static one next to them; a closed
# <details> opens without scripts.
UNSEEN = """[...document.querySelectorAll(
    "article :is(p, li, table, pre, figure, .katex, .xent-figure svg, img), .prev-next-footer a")]
  .filter((each) => !each.checkVisibility() && !each.closest("details:not([open]), .katex-mathml"))
  .map((each) => each.outerHTML.slice(0, 120))"""
# Without scripts a button does something only if it sends a form.
DEAD = """[...document.querySelectorAll("button, [role=button], input, select, textarea")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest("form"))
  .map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def read(visit):
    return lambda name: visit(name, java_script_enabled=False)


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_there_and_no_button_is_dead(read, name):
    page = read(name)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate(UNSEEN) == []
        assert page.evaluate(DEAD) == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "search.html"])
def test_nothing_asks_for_scripts(read, name):
    words = read(name).locator("main").inner_text()
    assert re.findall(r".*(?:enable|activate|requires?|needs?|without) JavaScript.*", words) == []


def test_the_search_page_says_that_it_needs_scripts(read):
    said = read("search.html").locator("main noscript p")
    expect(said).to_be_visible()
    assert "JavaScript" in said.inner_text()


def test_answers_and_solutions_open(read):
    page = read("chapters/01_entropy.html")
    for answer in page.locator("article details").all():
        if answer.get_attribute("open") is None:
            answer.locator("summary").click()
        expect(answer.locator(":scope > :not(summary)").first).to_be_visible()
    solutions = page.locator(".solution, .exercise.dropdown")
    assert solutions.count()
    for solution in solutions.all():
        expect(solution.locator("p").last).to_be_visible()
