"""Every page for those who read it with a keyboard, a screen reader, or another contrast."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.pages import AT_ONCE, AXE, KINDS, PHONE, WIDE, show_in

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """async (rules) => {
  const options = { runOnly: rules, resultTypes: ["violations"], preload: false };
  const { violations } = await axe.run(options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`));
}"""
HEADINGS = """[...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")]
  .filter((heading) => heading.checkVisibility())
  .map((heading) => Number(heading.tagName[1]))"""
LANDMARKS = """[...document.querySelectorAll("nav, aside, [role=navigation], [role=complementary]")]
  .filter((part) => part.checkVisibility())
  .map((part) => part.ariaLabel
    ?? document.getElementById(part.getAttribute("aria-labelledby"))?.textContent.trim())"""
# All that the Tab key should reach, from the top of the page to its end.
STOPS = """[...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({
    visibilityProperty: true }) && !each.closest("[inert], [aria-hidden=true]"))
  .map((each, index) => { each.dataset.stop = index; return each.outerHTML.slice(0, 120); })"""
# The stop that has the focus, and whether a reader can tell: it looks different, and is in view.
FOCUS = """() => {
  const here = document.activeElement;
  const box = here.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const inView = [0.1, 0.5, 0.9].some((part) => {
    const seen = document.elementFromPoint(
      left + part * (right - left), top + part * (bottom - top));
    return left < right && top < bottom && (here.contains(seen) || seen?.contains(here));
  });
  const looks = () => JSON.stringify([here, here.firstElementChild ?? here].map((each) => {
    const { outline, boxShadow, border, backgroundColor, textDecoration } = getComputedStyle(each);
    return [outline, boxShadow, border, backgroundColor, textDecoration];
  }));
  const focused = looks();
  here.blur();
  const plain = looks();
  here.focus({ focusVisible: true, preventScroll: true });
  return { stop: here.dataset.stop, differs: focused !== plain, inView };
}"""


def test_axe_finds_nothing(page):
    page.evaluate(AXE)
    found = {}
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        page.wait_for_timeout(500)  # the theme looks a little later which blocks of code now scroll
        for theme in ("light", "dark"):
            show_in(page, theme)
            found[f"{size['width']} px, {theme}"] = page.evaluate(RUN_AXE, RULES)
    assert {where: what for where, what in found.items() if what} == {}


def test_axe_sees_a_fault(visit):
    page = visit(KINDS[0])
    page.evaluate(AXE)
    page.evaluate("document.querySelector('main').append(new Image())")
    assert any(found.startswith("image-alt") for found in page.evaluate(RUN_AXE, RULES))


def test_headings_go_down_one_level_at_a_time(page):
    page.set_viewport_size(WIDE)
    levels = page.evaluate(HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []


def test_landmarks_have_names_of_their_own(page):
    page.set_viewport_size(WIDE)
    names = page.evaluate(LANDMARKS)
    assert names
    assert all(names)
    assert len(set(names)) == len(names)


def test_the_skip_link_comes_first_and_leads_to_the_text(page):
    page.reload()
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    expect(link).to_have_text("Skip to main content")
    expect(link).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    text = page.locator(".bd-article-container > :not(.bd-header-article)")
    assert text.filter(has=page.locator(":focus")).count() == 1


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", KINDS)
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(visit, name, size):
    page = visit(name, viewport=size)
    wanted = page.evaluate(STOPS)
    reached, unseen, hidden = set(), set(), set()
    for _ in range(2 * len(wanted)):
        page.keyboard.press("Tab")
        page.evaluate(AT_ONCE)
        focus = page.evaluate(FOCUS)
        if focus["stop"] is None:  # the end of the page, or a stop that was not there
            continue
        if focus["stop"] in reached:
            break
        stop = wanted[int(focus["stop"])]
        reached.add(focus["stop"])
        unseen |= set() if focus["differs"] else {stop}
        hidden |= set() if focus["inView"] else {stop}
    missed = [stop for index, stop in enumerate(wanted) if str(index) not in reached]
    assert (missed, unseen, hidden) == ([], set(), set())


@pytest.mark.parametrize("name", KINDS)
def test_menus_open_and_close_by_keyboard(visit, name):
    page = visit(name)
    for button in page.locator("[data-bs-toggle=dropdown]").all():
        menu = button.locator("xpath=following-sibling::*[1]")
        button.focus()
        page.keyboard.press("Enter")
        expect(menu).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(button).to_be_focused()


def test_the_theme_is_chosen_by_keyboard_and_stays(visit):
    page = visit(KINDS[0])
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").focus()
        page.keyboard.press("Enter")
        seen.add(page.evaluate("document.documentElement.dataset.mode"))
    assert seen == {"light", "dark", "auto"}
    page.keyboard.press("Enter")
    chosen = page.evaluate("document.documentElement.dataset.theme")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == chosen


def test_search_opens_by_keys_finds_and_closes(visit):
    page = visit(KINDS[1])
    page.keyboard.press("Control+k")
    field = page.locator("dialog[open] input[name=q]")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=softmax*")
    expect(page.locator("#search-results li a").first).to_be_visible()


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_a_sidebar_on_a_phone_is_used_and_closed_by_keyboard(visit, which):
    page = visit(KINDS[1], viewport=PHONE)
    button = page.locator(f"button.{which}-toggle")
    sidebar = page.locator(f"dialog#pst-{which}-sidebar-modal")
    button.focus()
    page.keyboard.press("Enter")
    expect(sidebar).to_be_visible()
    page.keyboard.press("Tab")
    assert sidebar.evaluate("sidebar => sidebar.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    link = sidebar.locator("nav a:visible").last
    target = link.evaluate("link => link.href")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(target)
