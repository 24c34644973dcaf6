"""The picture that stands for a page where somebody shares it: its title above a curve of surprise.

Drawn with Pillow, the same on every machine, in the font of the formulas.
"""

from __future__ import annotations

import functools
import math
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from xentlib.plotting import LIGHT

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
LETTERS_IN_A_LINE = 27
FONTS = Path(sys.prefix) / "npm" / "node_modules" / "katex" / "dist" / "fonts"
DARK_BLUE, PALE_BLUE, LINE_BLUE = "#1013a3", "#d4d6ff", "#7d82ff"


@functools.cache
def font(style: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"KaTeX_Main-{style}.ttf"), size)


@functools.cache
def ground() -> Image.Image:
    """Return the curve on blue. It is drawn twice as large, so that its edge comes out smooth."""
    image = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), LIGHT["blue"])
    pen = ImageDraw.Draw(image)
    surprise = [(x, 1180 + 160 * math.log(x / (2 * WIDTH))) for x in range(1, 2 * WIDTH + 1)]
    pen.polygon([*surprise, (2 * WIDTH, 2 * HEIGHT), (0, 2 * HEIGHT)], fill=DARK_BLUE)
    pen.line(surprise, fill=LINE_BLUE, width=14, joint="curve")
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def draw_card(file: Path, *, above: str, title: str, below: str) -> None:
    """Draw a card with a title, a line above it and a line below."""
    card = ground().copy()
    pen = ImageDraw.Draw(card)
    lines = "\n".join(textwrap.wrap(title, LETTERS_IN_A_LINE))
    pen.text((MARGIN, MARGIN), above, PALE_BLUE, font("Regular", 38))
    pen.multiline_text((MARGIN, 2 * MARGIN), lines, "white", font("Bold", 78), spacing=20)
    pen.text((MARGIN, HEIGHT - MARGIN // 2), below, PALE_BLUE, font("Regular", 38), anchor="ls")
    file.parent.mkdir(parents=True, exist_ok=True)
    card.quantize(64).save(file)
