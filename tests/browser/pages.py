"""The pages of the built book, and the tool that checks accessibility."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
AXE = (Path(sys.prefix) / "npm/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# All that belongs to the book. The index.html at the top and the 404.html, which only lead on, are
# not dressed as its pages; _static holds none.
PAGES = sorted(
    page.relative_to(HTML).as_posix()
    for page in HTML.rglob("*.html")
    if page not in {HTML / "index.html", HTML / "404.html"} and HTML / "_static" not in page.parents
)
LESSONS = [page for page in PAGES if re.match(r"(chapters|notebooks)/\d\d_", page)]
# One page of each kind.
KINDS = [
    "chapters/index.html",
    "chapters/01_entropy.html",
    "notebooks/06_stability.html",
    "chapters/cheat_sheet.html",
    "chapters/glossary.html",
    "chapters/xentlib.html",
    "genindex.html",
    "search.html",
]


def read_to_the_end(page):
    """All that loads when it comes into view, loads."""
    page.evaluate(
        """async () => {
          for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
            scrollTo(0, y);
            await new Promise(requestAnimationFrame);
          }
          await document.fonts.ready;
        }"""
    )
    page.wait_for_load_state("networkidle")


# Ends what changes slowly. Waiting would not do: in a closed <details>, changes wait, too.
AT_ONCE = """document.getAnimations()
  .filter((each) => each instanceof CSSTransition)
  .forEach((transition) => transition.finish())"""


def show_in(page, theme):
    """Let the reader's system change to light or dark; return when the page has followed."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    page.evaluate("new Promise(requestAnimationFrame)")
    page.evaluate(AT_ONCE)
