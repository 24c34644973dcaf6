"""The directive ``{explorable} NAME``. The script of its page comes from assets.py.

Its options are values of the controls: ``:state: p=0.25``. What it shows is in xentlib/explorables.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import xentlib.explorables
from xentlib.explorables._html import static_html

FILES = Path(xentlib.explorables.__file__).parent


class Explorable(SphinxDirective):
    """Put an explorable into the page: a table, which the script of the page makes live."""

    required_arguments = 1
    option_spec: ClassVar = {"state": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the element, or say what is wrong with the name or the state."""
        for file in [Path(__file__), *FILES.parent.rglob("*.py")]:  # xentlib computes the tables
            self.env.note_dependency(str(file))
        try:
            kind = xentlib.explorables.kind(self.arguments[0])
            pairs = [pair.partition("=") for pair in self.options.get("state", "").split()]
            state = {name: number_or_text(value) for name, _, value in pairs}
            if kind.name in self.env.temp_data.setdefault("explorables", set()):
                raise ValueError(f"this page has {kind.name!r} already; an address names it once")
            self.env.temp_data["explorables"].add(kind.name)
            text = static_html(kind, state)
        except (TypeError, ValueError) as error:
            raise self.error(f"explorable: {error}") from None
        return [nodes.raw("", text, format="html")]


def number_or_text(text: str) -> float | str:
    """Read a value of an option."""
    try:
        return float(text)
    except ValueError:
        return text


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("explorable", Explorable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
