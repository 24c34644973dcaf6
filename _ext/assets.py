"""What a page loads: one stylesheet, one script and a few small fonts, all from the book itself.

The theme and the extensions bring some thirty files. They are joined after the pages are written
(``bundle.mjs``: esbuild, PurgeCSS), and the fonts keep only the characters that the book uses.
A Content-Security-Policy in every page holds the rest of the web out.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.varLib.instancer import instantiateVariableFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

import xentlib.explorables

NPM = Path(sys.prefix) / "npm"
SOURCE = Path(xentlib.explorables.__file__).parent
HERE = Path(__file__).parent
BEFORE_PAINT = HERE.parent / "_templates" / "before-paint.js"

# Scripts that would be joined although no page needs them.
UNUSED = {
    "design-tabs.js",  # the book has no tabs
    "sphinx_highlight.js",  # marks the words of a search, which it would have to store
}

# The weights that _static/type.css asks of the fonts that have more.
WEIGHTS = {
    "source-serif-4-latin-wght-normal": (400, 600),
    "source-serif-4-latin-wght-italic": 400,
}

# The fonts that stand in nearly every first screen, and what in a page's HTML asks for each.
EARLY = {
    "source-serif-4-latin-wght-normal": "",
    "source-serif-4-latin-wght-italic": "<em",
    "iosevka-latin-400-normal": "<code|<pre",
    "KaTeX_Main-Regular": 'class="katex',
    "KaTeX_Math-Italic": 'class="mord mathnormal"',
}


def policy() -> str:
    """The Content-Security-Policy: this host alone, and no script in the page but the one hashed.

    KaTeX and the figures set the style of single elements, which needs 'unsafe-inline' there.
    """
    inline = read(BEFORE_PAINT).removesuffix(b"\n")  # as Jinja includes it
    digest = hashlib.sha256(inline).digest()
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'sha256-{base64.b64encode(digest).decode()}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


class Assets:
    """What the pages ask for, gathered while they are written."""

    def __init__(self, static: Path) -> None:
        self.static = static
        self.asked: list[list[str]] = []
        self.styles: list[Path] = []
        self.scripts: list[dict[str, str]] = []
        self.explorables: set[tuple[str, ...]] = set()
        self.version = ""

    def gather(self, styles: list[Any], scripts: list[Any]) -> None:
        """Remember the files of the first page. `link` sees that the others ask for the same."""
        theme = ["styles/theme.css", "styles/pydata-sphinx-theme.css"]
        self.styles = [self.file(str(name)) for name in theme + [css.filename for css in styles]]
        self.styles.append(SOURCE / "explorables.css")
        for script in scripts:
            body = script.attributes.get("body")
            if body and "pagename" not in body:
                self.scripts.append({"body": body})
            elif script.filename and Path(script.filename).name not in UNUSED:
                self.scripts.append({"file": str(self.file(str(script.filename)))})
        for name in ["scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js"]:
            self.scripts.append({"file": str(self.file(name))})
        # It begins at once in a joined file, so its settings must stand before it.
        self.scripts.sort(key=lambda part: "togglebutton" in part.get("file", ""))
        files = [*self.styles, *(Path(part["file"]) for part in self.scripts if "file" in part)]
        files += [*sorted(SOURCE.glob("*.js")), HERE / "bundle.mjs"]
        # myst-nb writes its stylesheet at the end of the build, under a name that says its version.
        parts = [read(file) if file.exists() else file.name.encode() for file in files]
        self.version = hashlib.sha256(b"".join(parts)).hexdigest()[:8]

    def file(self, name: str) -> Path:
        """Find a file of ``_static`` that Sphinx may call with or without the folder.

        KaTeX's stylesheet stays in its package, beside its fonts.
        """
        folder = NPM / "node_modules" / "katex" / "dist" if "katex.min" in name else self.static
        return folder / name.removeprefix("_static/").partition("?")[0]


def read(path: str | Path) -> bytes:
    return Path(path).read_bytes()


def prepare(app: Sphinx) -> None:
    """Start with nothing gathered."""
    if not (NPM / "node_modules").is_dir():
        raise ExtensionError(f"there is no {NPM}, with KaTeX and more. `make book` installs it")
    app.book_assets = Assets(Path(app.outdir) / "_static")  # type: ignore[attr-defined]


def link(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the page's template its policy and the version of the joined files."""
    if app.builder.format != "html":
        return
    assets = app.book_assets  # type: ignore[attr-defined]
    kinds_of_files = ("css_files", "script_files")
    asked = [[str(file.filename) for file in context[kind]] for kind in kinds_of_files]
    if not assets.version:
        assets.asked = asked
        assets.gather(context["css_files"], context["script_files"])
    elif asked != assets.asked:
        raise ExtensionError(f"{page} asks for other styles or scripts than the pages before it")
    body = context.get("body", "")
    kinds = tuple(sorted(set(re.findall(r'data-explorable="([\w-]+)"', body))))
    if kinds:
        assets.explorables.add(kinds)
    context["policy"] = policy()
    context["assets_version"] = assets.version
    context["early_fonts"] = [font for font, sign in EARLY.items() if re.search(sign, body)]
    context["explorable_script"] = script_of(kinds) if kinds else ""


def script_of(kinds: tuple[str, ...]) -> str:
    return f"explorables/{'_'.join(kinds)}.js"


def join(app: Sphinx, exception: Exception | None) -> None:
    """Write the files that the pages ask for, after everything else is written."""
    assets = app.book_assets  # type: ignore[attr-defined]
    if exception or not assets.version:  # nothing was written, so nothing has changed
        return
    html_files = set(assets.static.parent.rglob("*.html")) - set(assets.static.rglob("*"))
    pages = sorted(map(str, html_files))
    search = [assets.static / name for name in ("language_data.js", "searchtools.js")]
    search_parts = [{"file": str(file)} for file in [*search, HERE / "search.js"]]
    # A page opened from a file may not fetch the others, so their words are left out there.
    settings = (
        "const SPHINX_HIGHLIGHT_ENABLED = false;"
        "if (location.protocol === 'file:') DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;"
    )
    plan = {
        "npm": str(NPM),
        "static": str(assets.static),
        "source": str(SOURCE),
        "styles": [str(style) for style in assets.styles],
        "scripts": [
            {"name": "book.js", "parts": assets.scripts},
            {"name": "search.js", "parts": [{"body": settings}, *search_parts]},
        ],
        "explorables": [
            {"name": script_of(kinds), "kinds": kinds} for kinds in sorted(assets.explorables)
        ],
        "pages": pages,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        done = subprocess.run(
            [katex.NODEJS_BINARY, HERE / "bundle.mjs", file], capture_output=True, text=True
        )
    if done.returncode:
        raise ExtensionError(f"the pages' styles and scripts were not joined: {done.stderr}")
    text = "".join(Path(page).read_text(encoding="utf-8") for page in pages)
    css = (assets.static / "book.css").read_text(encoding="utf-8")
    sweep(assets.static, text, css)
    shrink_fonts(assets.static, text, css, Path(app.doctreedir) / "fonts", app.config.look)


def sweep(static: Path, text: str, css: str) -> None:
    """Remove what was joined or is not used: files that no page or style names, empty folders."""
    named = set(re.findall(r"_static/([\w./-]+)", text)) | set(re.findall(r"fonts/[\w.-]+", css))
    for path in sorted(static.rglob("*"), reverse=True):  # what a folder holds before the folder
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path.relative_to(static).as_posix() not in named:
            path.unlink()


def shrink_fonts(static: Path, text: str, css: str, kept: Path, look: str) -> None:
    """Keep the characters that are on some page, and the icons that the stylesheet puts there.

    It takes seconds and seldom changes, so that what an earlier build made is kept.
    """
    icons = {int(code, 16) for code in re.findall(r"\\([0-9a-f]{2,6})", css)}
    characters = sorted({*map(ord, set(html.unescape(text))), *icons})
    fonts = sorted((static / "fonts").glob("*.woff2"))
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs every table
    asked = f"{look} {characters}".encode() + b"".join(map(read, fonts))
    made = hashlib.sha256(asked).hexdigest()[:16]
    if not (kept / made).is_dir():
        shutil.rmtree(kept, ignore_errors=True)
        unfinished = kept / "unfinished"
        unfinished.mkdir(parents=True)
        for path in fonts:
            shrink(path, characters, unfinished / path.name)
        unfinished.rename(kept / made)
    shutil.copytree(kept / made, static / "fonts", dirs_exist_ok=True)


def shrink(path: Path, characters: list[int], smaller: Path) -> None:
    """Write a font with some characters, without hints, and in the weights that are asked for."""
    options = Options()
    options.flavor = "woff2"
    options.hinting = False  # half of the bytes, and screens have outgrown it
    options.layout_features = ["kern", "liga", "mark", "mkmk"]
    options.name_IDs = []
    font = load_font(path, options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if path.stem in WEIGHTS:
        font = instantiateVariableFont(font, {"wght": WEIGHTS[path.stem]})
    save_font(font, smaller, options)


def look() -> str:
    """A digest of what every page is made with: if it changes, Sphinx writes all pages again."""
    folders = [HERE, HERE.parent / "_static", HERE.parent / "_templates", SOURCE]
    files = [path for folder in folders for path in folder.rglob("*.*") if path.is_file()]
    return hashlib.sha256(b"".join(read(path) for path in sorted(files))).hexdigest()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("look", look(), "html")
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", link, priority=900)
    app.connect("build-finished", join, priority=900)
    # What one process gathers while it writes, another would not know.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
