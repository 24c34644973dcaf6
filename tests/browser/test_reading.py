"""Every page, opened as a reader opens it: wide and on a phone, light and dark."""

import re
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from tests.browser.pages import LESSONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=[1280, 390], ids=["wide", "phone"])
def width(request):
    return request.param


@pytest.fixture(params=["light", "dark"])
def page(browser, width, request):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=request.param
    )
    yield context.new_page()
    context.close()


def test_a_figure_takes_the_colours_of_the_page(page, site):
    page.goto(f"{site}/chapters/01_entropy.html", wait_until="networkidle")
    text = page.evaluate("getComputedStyle(document.querySelector('article')).color")
    label = page.evaluate("getComputedStyle(document.querySelector('.xent-figure text')).fill")
    curve = page.evaluate(
        "getComputedStyle(document.querySelector('.xent-figure')).getPropertyValue('--xent-blue')"
    )
    slab = page.evaluate(
        "getComputedStyle(document.querySelector('.xent-figure').parentElement).backgroundColor"
    )
    theme = page.evaluate("document.documentElement.dataset.theme")
    assert label == text
    assert (curve != "") == (theme == "dark")
    assert slab == "rgba(0, 0, 0, 0)"


def test_a_quiz_opens_from_the_keyboard(page, site):
    page.goto(f"{site}/chapters/01_entropy.html", wait_until="networkidle")
    summary = page.locator("details.sd-dropdown summary").nth(1)
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.sd-dropdown").nth(1).get_attribute("open") is not None
    assert page.get_by_text("three yes-or-no questions").is_visible()


def test_a_solution_is_closed_until_it_is_asked_for(page, site):
    page.goto(f"{site}/chapters/01_entropy.html", wait_until="networkidle")
    solutions = page.locator(".admonition.solution")
    assert solutions.count() == 3
    answer = solutions.first.locator("p:not(.admonition-title)").first
    assert not answer.is_visible()
    solutions.first.locator("button").click()
    assert answer.is_visible()


def test_the_contents_mark_the_place_after_a_jump(browser, site):
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{site}/chapters/08_label_smoothing.html", wait_until="networkidle")
        marked = page.locator(".bd-sidebar-secondary a.nav-link.active")
        for section in ("Paper exercises", "A floor above zero", "In short"):
            heading = page.locator("article h2", has_text=section)
            heading.evaluate("each => scrollTo(0, each.getBoundingClientRect().top + scrollY)")
            expect(marked).to_have_text([section])


@pytest.mark.parametrize("name", [name for name in LESSONS if name.startswith("chapters")])
def test_a_recap_fits_the_screen_of_a_phone(browser, site, name):
    with browser.new_page(viewport={"width": 390, "height": 844}) as page:
        page.goto(f"{site}/{name}", wait_until="networkidle")
        assert 50 < page.locator("section#in-short").bounding_box()["height"] < 700


def test_the_cheat_sheet_prints_on_one_page(browser, site):
    with browser.new_page() as page:
        page.goto(f"{site}/chapters/cheat_sheet.html", wait_until="networkidle")
        paper = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def test_next_follows_the_reading_path(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/chapters/index.html", wait_until="networkidle")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    path = [
        page["file"] for chapter in chapters for page in [chapter, *chapter.get("sections", [])]
    ]
    seen = []
    for _ in path:
        page.locator("a.right-next").click()
        page.wait_for_load_state("networkidle")
        seen.append(page.url.removeprefix(f"{site}/").removesuffix(".html"))
    page.close()
    assert seen == path
