"""The loss doctor's codes as a table, from the library itself: ``{doctor-codes}``, a directive."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from teaching import Table

from xentlib.doctor import _codes


class Codes(Table):
    """Each code with its gravest severity, and its trap or chapter."""

    def rows(self) -> list[list[str]]:
        """Return a row for each code."""
        for module in sorted(Path(_codes.__file__).parent.glob("_code*.py")):
            self.source(module)
        return [["code", "gravest", "explained in"]] + [
            [f"`{code}`", known.gravest, _link(known)] for code, known in _codes.CODES.items()
        ]


def _link(known: _codes.Code) -> str:
    page, _, anchor = known.section.partition("#")
    name = known.traps or f"chapter {int(Path(page).name[:2])}"
    if known.traps and not anchor.startswith("frameworks-"):
        name += f", chapter {int(Path(page).name[:2])}"
    if anchor.startswith("frameworks-"):
        return f"{{ref}}`{name} <{anchor}>`"
    return f"[{name}]({Path(page).stem}.md)"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("doctor-codes", Codes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
