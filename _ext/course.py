"""The book's own Sphinx extension: two small things Jupyter Book does not do by itself."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

GLUE = re.compile(r"\.\./(notebooks/\w+\.ipynb)")


def add_katex_files(app: Sphinx) -> None:
    """Serve KaTeX's stylesheet and fonts from the book itself instead of from another host.

    They are copied, not linked from the package: of its formats the page needs only woff2.
    """
    package = Path(sys.prefix) / "katex" / "node_modules" / "katex" / "dist"
    if not (package / "katex.min.css").is_file():
        raise ExtensionError("KaTeX's stylesheet is missing: run `make` from the top folder, which installs it")
    static = Path(app.outdir).parent / "katex_static"
    target = static / "katex"
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    css = (package / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)', "", css)
    (target / "katex.min.css").write_text(css, encoding="utf-8")
    for font in (package / "fonts").glob("*.woff2"):
        shutil.copy(font, target / "fonts")
    app.config.html_static_path.append(str(static))


def depend_on_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rebuild a chapter when a notebook it takes numbers from changes; Sphinx cannot see that."""
    for notebook in set(GLUE.findall(source[0])):
        app.env.note_dependency(str(Path(app.srcdir) / notebook), docname=docname)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", add_katex_files)
    app.connect("source-read", depend_on_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
