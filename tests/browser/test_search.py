"""Search, with the real index, on the real page."""

import pytest
from tests.browser.pages import HTML
from playwright.sync_api import expect


def results(page):
    """The pages that are found, best first, once all are there."""
    expect(page.locator("#search-results .search-summary")).to_contain_text(
        "matching the search query"
    )
    return page.locator("#search-results li a").evaluate_all(
        "links => links.map(link => new URL(link.href).pathname.split('/').slice(-2).join('/'))"
    )


@pytest.mark.parametrize(
    ("words", "chapter"),
    [("log-sum-exp", "06_stability"), ("from_logits", "07_frameworks")],
)
@pytest.mark.parametrize("where", ["served", "offline"])
def test_the_right_chapter_comes_first(visit, words, chapter, where):
    offline = where == "offline"
    address = f"{HTML.as_uri()}/search.html" if offline else "search.html"
    page = visit(f"{address}?q={words}", offline=offline)
    found = results(page)
    assert found[0] == f"chapters/{chapter}.html"


def test_nonsense_finds_nothing_and_says_so(visit):
    page = visit("search.html?q=qwrtzpsdfg")
    expect(page.locator("#search-results")).to_contain_text("did not match any documents")
    assert page.locator("#search-results li").count() == 0


def test_a_result_opens_and_its_words_are_marked(visit):
    page = visit("search.html?q=surprisal")
    first = page.locator("#search-results li a").first
    first.click()
    expect(page.locator("article")).to_contain_text("surprisal", ignore_case=True)
