"""The search, which needs no server: what it finds, and what comes first."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRST = {
    "bits": "01_entropy",
    "KL divergence": "02_cross_entropy",
    "softmax": "03_four_classes",
    "sigmoid": "04_binary",
    "gradient": "05_gradients",
    "log-sum-exp": "06_stability",
    "nan": "06_stability",
    "from_logits": "07_frameworks",
    "double softmax": "07_frameworks",
    "ignore_index": "07_frameworks",
    "label smoothing": "08_label_smoothing",
    "temperature": "08_label_smoothing",
    "calibration": "08_label_smoothing",
    "class weights": "09_class_weights",
    "pos_weight": "09_class_weights",
    "focal loss": "10_focal_loss",
    "spam": "11_spam_filter",
    "perplexity": "xentlib",  # no chapter is about it yet
}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def results(page, base, words):
    """Return the pages found, best first."""
    page.goto(f"{base}/search.html")
    page.locator("#main-content input[name=q]").fill(words)
    page.keyboard.press("Enter")
    page.get_by_text("Search finished").wait_for()
    links = page.locator("#search-results li > a").all()
    return [link.get_attribute("href").partition("#")[0] for link in links]


@pytest.mark.parametrize(("words", "stem"), FIRST.items(), ids=FIRST)
def test_the_page_about_it_comes_first(page, site, words, stem):
    assert results(page, site, words)[0] == f"chapters/{stem}.html"


def test_a_result_shows_its_place_in_the_text(page, site):
    results(page, site, "log-sum-exp")
    summary = page.locator("#search-results li").first.locator(".context")
    summary.wait_for()
    assert "log-sum-exp" in summary.inner_text()


def test_what_is_shown_of_a_page_has_no_latex_and_no_list_of_contents(page, site):
    assert len(results(page, site, "log-sum-exp")) > 10
    page.wait_for_load_state("networkidle")
    shown = " ".join(page.locator("#search-results .context").all_inner_texts())
    assert "∑" in shown
    assert "\\" not in shown
    assert "Contents" not in shown


def test_a_word_that_is_nowhere_is_not_found(page, site):
    page.goto(f"{site}/search.html?q=xylophone")
    page.get_by_text("Your search did not match any documents").wait_for()


def test_the_search_works_in_a_book_opened_as_files(page):
    found = results(page, (ROOT / "_build" / "html").as_uri(), "log-sum-exp")
    assert found[0] == "chapters/06_stability.html"
