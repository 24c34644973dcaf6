"""What can be measured of the design, in the browser: lines, widths, colours and letters."""

import statistics

import pytest

from tests.browser.pages import KINDS, LESSONS, PHONE, WIDE, show_in

# The number of characters in each full line of running text.
LINES = """[...document.querySelectorAll("article section > p")]
  .filter((p) => p.checkVisibility() && !p.querySelector(".katex, code, img"))
  .flatMap((p) => {
    const text = document.createTreeWalker(p, NodeFilter.SHOW_TEXT), lines = new Map();
    for (let node = text.nextNode(); node; node = text.nextNode()) {
      for (const { index, 0: word } of node.data.matchAll(/\\S+\\s*/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.trimEnd().length);
        const bottom = Math.round(range.getBoundingClientRect().bottom / 8);
        lines.set(bottom, (lines.get(bottom) ?? 0) + word.length);
      }
    }
    return [...lines.values()].slice(0, -1).map((length) => length - 1); // without its last space
  })"""
SCROLLING = """[...document.querySelectorAll("article pre")]
  .filter((pre) => pre.checkVisibility() && pre.scrollWidth > pre.clientWidth + 1)
  .map((pre) => `${pre.scrollWidth - pre.clientWidth} px: ${pre.textContent.slice(0, 60)}`)"""
# What is larger than 20 px and almost white: a background, a shape, or the corner of a picture.
SLABS = """(async () => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = () => {
    const [r, g, b, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return alpha > 128 && Math.min(r, g, b) > 200;
  };
  const paint = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = "#0000";
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return light();
  };
  const corner = (image) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.drawImage(image, 1, 1, 1, 1, 0, 0, 1, 1);
    return light();
  };
  return [...document.querySelectorAll("main :not(.katex *)")].filter((each) => {
    const { width, height } = each.getBoundingClientRect();
    const shown = each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!shown || width <= 20 || height <= 20) return false;
    const style = getComputedStyle(each);
    if (each instanceof HTMLImageElement && !each.src.endsWith(".svg")) return corner(each);
    if (each.matches("rect, path, circle, polygon, ellipse")) return paint(style.fill);
    return !(each instanceof SVGElement) && paint(style.backgroundColor);
  }).map((each) => each.outerHTML.slice(0, 120));
})()"""
SMALL = """[...document.querySelectorAll("article :is(figcaption, caption) *, article .caption *")]
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((each) => each.checkVisibility() && !each.closest(".katex"))
  .filter((each) => parseFloat(getComputedStyle(each).fontSize) < 14)
  .map((each) => `${getComputedStyle(each).fontSize}: ${each.textContent.slice(0, 60)}`)"""


@pytest.fixture
def wide(page):
    page.set_viewport_size(WIDE)
    return page


@pytest.mark.parametrize("page", LESSONS, indirect=True)
def test_a_line_has_a_length_that_the_eye_can_follow(wide):
    lines = wide.evaluate(LINES)
    assert len(lines) > 5
    assert 65 <= statistics.mean(lines) <= 75


def test_no_code_hides_its_end(wide):
    assert wide.evaluate(SCROLLING) == []


def test_a_page_is_no_wider_than_its_screen(page):
    found = {}
    for width in (1280, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        found[width] = page.evaluate("document.documentElement.scrollWidth")
    assert {width: wide for width, wide in found.items() if wide > width} == {}


FORMULAS = """[...document.querySelectorAll("article .katex-display .katex-html")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.parentElement.querySelector("annotation").textContent)"""


@pytest.mark.parametrize("page", LESSONS, indirect=True)
def test_no_formula_hides_its_end_on_a_phone(page):
    """What is cut off between two signs reads as another formula."""
    page.set_viewport_size(PHONE)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate(FORMULAS) == []


def test_what_was_found_fits_a_phone(visit):
    page = visit("search.html?q=from_logits", viewport=PHONE)
    page.locator("#search-results .context").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_captions_can_be_read(page):
    small = {}
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        small[size["width"]] = page.evaluate(SMALL)
    assert {width: found for width, found in small.items() if found} == {}


def test_nothing_glares_in_the_dark(wide):
    show_in(wide, "dark")
    assert wide.evaluate(SLABS) == []


def test_a_slab_is_seen(visit):
    page = visit(KINDS[0], color_scheme="dark")
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend',"
        " '<p id=slab style=\"background: white\">white</p>')"
    )
    assert any("slab" in found for found in page.evaluate(SLABS))
