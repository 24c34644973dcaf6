"""What a page costs its reader: bytes, requests, and text that moves while it loads."""

import statistics

import pytest

from tests.browser.pages import LESSONS, PAGES, PHONE, WIDE, read_to_the_end

SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries()) if (!hadRecentInput) shifts += value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def costs(browser, server):
    """What each lesson costs: (bytes, requests) of a first visit, then of the next page."""

    def cost(page):
        read_to_the_end(page)
        sizes = [size for _, size in server.sent]
        server.sent.clear()
        return sum(sizes) / 1000, len(sizes)

    measured = {}
    for name in LESSONS:
        with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
            server.sent.clear()
            page.goto(f"{server.address}/{name}")
            first = cost(page)
            with page.expect_navigation():
                page.locator("a.right-next").click()
            measured[name] = first, cost(page)
    return measured


def test_a_lesson_is_light(costs):
    """Over the lessons: the lightest rival weighs 185 kB, without a picture that answers."""
    first, following = (statistics.median(cost[i][0] for cost in costs.values()) for i in (0, 1))
    assert (first <= 180, following <= 60) == (True, True), (
        f"{first:.0f} kB, then {following:.0f} kB"
    )


def test_a_lesson_needs_few_requests(costs):
    many = {name: cost[0][1] for name, cost in costs.items() if cost[0][1] > 15}
    assert many == {}


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_loads(visit, name, viewport):
    page = visit(name, viewport=viewport, init=SHIFTS)
    read_to_the_end(page)
    assert page.evaluate("shifts") < 0.02


def test_a_shift_is_seen(visit):
    page = visit(PAGES[0], init=SHIFTS)
    page.evaluate("document.querySelector('main').style.marginTop = '200px'")
    page.wait_for_function("() => shifts > 0.02")
