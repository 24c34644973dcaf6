"""Make the decks of chapters 1 to 10. Run by `make slides`, after `make book`.

They go to _build/slides, as pages that need no network, and to dist/slides.zip.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from _slides.deck import Deck

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HTML = ROOT / "_build" / "html"
NODE = Path(sys.prefix) / "npm" / "node_modules"
STEMS = sorted(it.stem for it in (ROOT / "chapters").glob("[01][0-9]_*.md") if it.stem < "11")
STYLES = [NODE / "reveal.js/dist/reveal.css", NODE / "katex/dist/katex.min.css"]
STYLES += [HERE / "slides.css"]
SCRIPTS = [NODE / "reveal.js/dist/reveal.js", NODE / "reveal.js/dist/plugin/notes.js"]


def write(folder: Path) -> list[Deck]:
    """Write all decks, a page that lists them, and what they load."""
    pages = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True)
    pages.filters["html"] = Markup
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files / "slides.css").write_text("\n".join(it.read_text("utf-8") for it in STYLES), "utf-8")
    for script in [*SCRIPTS, HERE / "slides.js"]:
        shutil.copy(script, files)
    shutil.copytree(HTML / "_static/fonts", files / "fonts", dirs_exist_ok=True)
    decks = [Deck(HTML / f"chapters/{stem}.html") for stem in STEMS]
    for deck in decks:
        text = pages.get_template("deck.html").render(deck=deck)
        (folder / f"{deck.stem}.html").write_text(text, "utf-8")
    (folder / "index.html").write_text(
        pages.get_template("index.html").render(decks=decks), "utf-8"
    )
    return decks


def main() -> None:
    """Write the decks and pack them."""
    folder = ROOT / "_build" / "slides"
    shutil.rmtree(folder, ignore_errors=True)
    decks = write(folder)
    shutil.make_archive(str(ROOT / "dist/slides"), "zip", folder.parent, folder.name)
    count = sum(len(deck.slides) for deck in decks)
    print(f"{len(decks)} decks, {count} slides. Open _build/slides/index.html")


if __name__ == "__main__":
    main()
