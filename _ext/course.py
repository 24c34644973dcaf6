"""The book's own Sphinx extension: small things that Jupyter Book does not do by itself."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

GLUE = re.compile(r"\.\./(notebooks/\w+\.ipynb)")


def add_katex_files(app: Sphinx) -> None:
    """Serve KaTeX's stylesheet and fonts from the book itself instead of from another host.

    They are copied, not linked from the package: of its formats the page needs only woff2.
    """
    package = Path(sys.prefix) / "katex" / "node_modules" / "katex" / "dist"
    if not (package / "katex.min.css").is_file():
        raise ExtensionError("KaTeX's stylesheet is missing. `make book` installs it")
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


def start_katex(app: Sphinx) -> None:
    """Have the process that renders formulas running before the first one is asked for.

    Its Node is the environment's own, which need not be on the PATH. And it answers "connection
    refused" between opening its socket and listening on it: on a busy machine
    sphinxcontrib-katex falls into that gap.
    """
    katex.NODEJS_BINARY = shutil.which("node", path=Path(sys.executable).parent) or "node"
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60
    for _ in range(10):
        try:
            katex.KaTeXServer.get()
        except ConnectionRefusedError:
            continue
        return
    raise ExtensionError(
        "KaTeX does not start. Run `make book` again; if that fails too, `make clean` first"
    )


def depend_on_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rebuild a chapter when a notebook it takes numbers from changes; Sphinx cannot see that."""
    for notebook in set(GLUE.findall(source[0])):
        app.env.note_dependency(str(Path(app.srcdir) / notebook))


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take away the one id that sphinx-exercise gives to the body of every exercise of a page."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", add_katex_files)
    app.connect("builder-inited", start_katex, priority=900)  # after sphinxcontrib-katex is set up
    app.connect("source-read", depend_on_notebooks)
    app.connect("doctree-resolved", drop_repeated_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
