"""Every figure, on a phone and on a desk: its letters are neither tiny nor huge, and whole."""

from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    f"{folder}/{path.stem}.html"
    for folder, kind in (("chapters", "[0-9][0-9]_*.md"), ("notebooks", "*.ipynb"))
    for path in sorted((ROOT / folder).glob(kind))
]
# For each figure its texts: what they say, how large they are on the screen, and where they lie.
FIGURES = """
[...document.querySelectorAll(".xent-figure svg")].map((svg) =>
  [...svg.querySelectorAll(":is(text, tspan):not(:has(tspan))")].map((text) => {
    const size = parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a;
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return { words: text.textContent.trim(), size, left, right, top, bottom };
  })
)
"""


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_every_letter_of_a_figure_can_be_read(browser, site, name, width):
    with browser.new_page(viewport={"width": width, "height": 900}) as page:
        page.goto(f"{site}/{name}", wait_until="networkidle")
        figures = page.evaluate(FIGURES)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        assert page.evaluate(FIGURES) == figures  # no slab around a figure makes it smaller
    assert figures
    for texts in figures:
        assert texts
        assert [text for text in texts if not 11 <= text["size"] <= 18] == []
        assert [text for text in texts if text["left"] < 0 or text["right"] > width] == []
        assert [pair for pair in combinations(texts, 2) if overlap(*pair)] == []


def overlap(one, other):
    """Whether two texts share more than what is empty above and below their letters."""
    wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
    high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return wide > 1 and high > 0.5 * min(one["size"], other["size"])
