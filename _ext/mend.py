"""What the theme and others get wrong, mostly for a screen reader, mended as a page is written.

Each function is here only until they do it themselves: tests/book/test_mend.py fails then.
"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

# MyST-NB's label of a folded cell is not what the cell's line says.
FOLDED = '<summary aria-label="Toggle hidden content">'
# docutils says it of every page, and so does Sphinx.
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />\n'
# docutils makes a list of the references, but its entries have a role that ARIA has given up.
ENTRY = ' role="doc-biblioentry"'
# sphinx-exercise
REPEATED = (["exercise-content"], ["solution-content"])


def name_toggles(contents: BeautifulSoup) -> BeautifulSoup:
    """Name each arrow of the contents, which shows the notebook of a chapter."""
    for toggle in contents.select("li > details > summary"):
        chapter = toggle.find_parent("li").find("a").get_text(strip=True)
        toggle["aria-label"] = f"The notebook of: {chapter}"
    return contents


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take away the one id that sphinx-exercise gives to the body of every exercise of a page."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in REPEATED:
            section["ids"] = []


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend what the templates of a page are given."""
    context["body"] = context.get("body", "").replace(FOLDED, "<summary>")
    context["body"] = context["body"].replace(ENTRY, ' role="listitem"')
    context["metatags"] = context.get("metatags", "").replace(VIEWPORT, "")
    if contents := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = lambda **options: name_toggles(contents(**options))


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("html-page-context", mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
