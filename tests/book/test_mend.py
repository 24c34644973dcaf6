"""What we mend in other people's pages is still broken there. If a test fails, drop the mending."""

import inspect
from pathlib import Path

import docutils.core
import myst_nb.sphinx_
import pydata_sphinx_theme.toctree
import sphinx
import sphinx_exercise.directive
from bs4 import BeautifulSoup
from mend import ENTRY, FOLDED, REPEATED, VIEWPORT, name_toggles

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme"


def component(name):
    return (THEME / "components" / name).read_text(encoding="utf-8")


def test_a_folded_cell_hides_its_words():
    assert FOLDED in inspect.getsource(myst_nb.sphinx_.visit_HideCellInput)


def test_docutils_says_the_viewport_a_second_time():
    parts = docutils.core.publish_parts("A page.", writer_name="html5")
    assert VIEWPORT in parts["head"]
    layout = Path(sphinx.__file__).parent / "themes/basic/layout.html"
    assert 'name="viewport"' in layout.read_text(encoding="utf-8")


def test_an_entry_of_the_references_has_a_role_that_is_given_up():
    parts = docutils.core.publish_parts("[A] A book.\n\n.. [A] A book.", writer_name="html5")
    assert ENTRY in parts["body"]


def test_the_arrows_of_the_contents_have_no_name_until_we_give_one():
    text = '<ul><li><a class="reference">Focal loss</a><ul><li>Focus</li></ul></li></ul>'
    contents = BeautifulSoup(text, "html.parser")
    pydata_sphinx_theme.toctree.add_collapse_checkboxes(contents)
    arrow = contents.select_one("summary")
    assert arrow.get_text(strip=True) == ""
    assert "aria-label" not in arrow.attrs
    name_toggles(contents)
    assert "Focal loss" in arrow["aria-label"]


def test_every_exercise_of_a_page_has_the_same_id():
    source = inspect.getsource(sphinx_exercise.directive)
    assert all(f'ids=["{name}"]' in source for [name] in REPEATED)


def test_the_button_of_the_search_hides_its_words():
    assert "aria-label=" in component("search-button-field.html")


def test_the_link_to_the_cover_stands_in_no_landmark():
    assert "<nav" not in component("navbar-logo.html")


def test_the_theme_loads_what_no_page_of_ours_needs():
    """The reason for our layout.html and search.html."""
    layout = (THEME / "layout.html").read_text(encoding="utf-8")
    assert "searchtools.js" in layout
    assert "<script>" in (THEME / "search.html").read_text(encoding="utf-8")
    assert "fontawesome.js" in (THEME / "static/webpack-macros.html").read_text(encoding="utf-8")
