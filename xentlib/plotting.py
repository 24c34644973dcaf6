"""Figures that follow light and dark, with words for those who cannot see them.

A matplotlib figure becomes a piece of inline SVG. It is small, sharp at every size, and
takes the colour of the text around it, so that one picture serves the light page, the
dark page, JupyterLab and print.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

__all__ = ["DARK", "LIGHT", "STYLE", "Picture"]

# Colour-blind-safe, and at least 3:1 against white (LIGHT) and #121212 (DARK). They differ in
# lightness too; a figure still adds dashes or hatching wherever colour alone would carry a meaning.
LIGHT = {"blue": "#1519c9", "red": "#d51a07", "green": "#00a781", "plum": "#6c465f"}
DARK = {"blue": "#5a8ae0", "red": "#cb5700", "green": "#29c097", "plum": "#fcabff"}

# For plt.style.use(STYLE), once, where a notebook imports matplotlib.
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=list(LIGHT.values()), linestyle=["-", "--", "-.", ":"]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.figsize": (4.6, 3.1),
    "font.size": 11,
    "grid.alpha": 0.15,
    "grid.color": "black",
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.0,
    "savefig.transparent": True,
    "svg.fonttype": "none",  # real text: selectable, translatable, and a tenth of the bytes
}

# Three hosts, three ways to say "dark": the book, JupyterLab, Colab.
_DARK_SELECTORS = (
    'html[data-theme="dark"] .xent-figure',
    'body[data-jp-theme-light="false"] .xent-figure',
    'html[theme="dark"] .xent-figure',
)


class Picture:
    """A figure as inline SVG, with the words that stand in for it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The drawing. It is closed, so that a notebook does not show it a second time.
    name : str
        A short name, unique in the book: letters, digits and underscores. The SVG's own
        references start with it, so that two pictures on one page never share an id.
    alt : str
        What the picture shows, for somebody who cannot see it: one or two sentences.
    caption : str, optional
        The line under the picture.

    Raises
    ------
    ValueError
        If `name` is not such a name, or `alt` is empty.

    Examples
    --------
    >>> plt.style.use(STYLE)
    >>> figure, axes = plt.subplots()
    >>> _ = axes.plot([0, 1], [0, 1])
    >>> picture = Picture(figure, name="rise", alt="A line that rises from 0 to 1.")
    >>> picture
    <Picture rise: A line that rises from 0 to 1.>
    >>> "var(--xent-blue,#1519c9)" in picture.svg
    True

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, section 1.1 (text alternatives) and
    1.4.1 (use of colour).
    """

    def __init__(self, figure: Figure, *, name: str, alt: str, caption: str = "") -> None:
        if not re.fullmatch(r"[A-Za-z]\w*", name):
            raise ValueError(
                f"name must be letters, digits and underscores, starting with a letter, "
                f"as in 'surprisal_curve'; got {name!r}"
            )
        if not alt.strip():
            raise ValueError(
                f"picture {name!r} has no alt text: say in a sentence or two what it shows"
            )
        self.name = name
        self.alt = " ".join(alt.split())  # so that it may be written over several lines
        self.caption = " ".join(caption.split())
        self.svg = _inline_svg(figure, name, self.alt)
        plt.close(figure)

    def __repr__(self) -> str:
        return f"<Picture {self.name}: {self.alt}>"

    def _repr_html_(self) -> str:
        dark = ";".join(f"--xent-{colour}:{code}" for colour, code in DARK.items())
        rules = f"{','.join(_DARK_SELECTORS)}{{{dark}}}"
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="xent-figure"><style>{rules}</style>\n{self.svg}\n{caption}</figure>'


def _inline_svg(figure: Figure, name: str, alt: str) -> str:
    """Turn the figure into an ``<svg>`` element that inherits the page's text colour and font."""
    file = io.StringIO()
    # The salt makes the same figure the same bytes each time.
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure.savefig(file, format="svg")
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    # The stylesheet inside would apply to the whole page; its one rule goes to the root element.
    # The metadata holds a date.
    svg = re.sub(r"\s*<(metadata|style)\b.*?</\1>|<!--.*?-->", "", svg, flags=re.DOTALL)
    # Only tags are rewritten: a label that says 0.001 must go on saying it.
    svg = re.sub(r"<[^>]*>", lambda tag: _restyle(tag[0]), _rename_ids(svg, name))
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box, "matplotlib always writes a viewBox"
    # A figure fills a phone at about its own size, with letters of 11 px; on a desk
    # it grows until they are as large as the text's.
    width = round(float(box[1]) * 1.5)
    root = (
        f'<svg role="img" aria-label="{html.escape(alt)}" viewBox="0 0 {box[1]} {box[2]}" '
        f'style="width:100%;max-width:{width}px;height:auto;fill:currentColor;'
        'stroke-linejoin:round;stroke-linecap:butt" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return root + svg[svg.index(">") + 1 :]


def _restyle(tag: str) -> str:
    """Give a tag the page's colours and font, and two decimals of a point."""
    for colour, code in LIGHT.items():
        tag = tag.replace(code, f"var(--xent-{colour},{code})")
    tag = tag.replace("#000000", "currentColor")
    tag = re.sub(r" font-family: [^;\"]+;?", "", tag)
    tag = re.sub(r' transform="rotate\(-0 [^"]*"', "", tag)
    return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", tag)


def _rename_ids(svg: str, name: str) -> str:
    """Keep only the ids that are referred to, and make them unique to this picture."""
    used = dict.fromkeys(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    new = {old: f"{name}-{number}" for number, old in enumerate(used, start=1)}
    svg = re.sub(
        r' id="([^"]+)"', lambda found: f' id="{new[found[1]]}"' if found[1] in new else "", svg
    )
    return re.sub(r'((?:url\(|href=")#)([^)"]+)', lambda found: found[1] + new[found[2]], svg)
