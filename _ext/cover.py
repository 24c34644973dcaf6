"""The directive ``{cover-curve}``: the picture on the cover, the loss against the probability.

It is drawn with xentlib, so that the cover shows no number that was typed. Its colours and letters
are in ``_static/cover.css``.
"""

from __future__ import annotations

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from xentlib import surprisal

# The probability that a model gave to what then happened, in words, and how far to the right of the
# point and above it the words stand.
POINTS = (
    (0.01, "sure and wrong", 16, -5),
    (0.5, "a coin flip", 6, 24),
    (0.99, "sure and right", 3, 34),
)
LEFT, TOP, WIDTH, HEIGHT = 12, 24, 376, 270  # of the plot, in a picture of 400 by 324


def place(probability: np.ndarray) -> np.ndarray:
    """Return where a probability and its loss stand in the picture: right and down."""
    fraction = surprisal(probability) / surprisal(POINTS[0][0])
    return np.stack([LEFT + WIDTH * probability, TOP + HEIGHT * (1 - fraction)], axis=-1).round(1)


def curve() -> str:
    """Return the picture as SVG."""
    # Steps that are even on a scale between the curve's two, so that it is smooth at both ends.
    line = place(np.linspace(np.sqrt(POINTS[0][0]), 1, 60) ** 2)
    marks, said = [], []
    for probability, words, right, up in POINTS:
        x, y = place(np.asarray(probability))
        loss = f"{surprisal(probability):.2f}"
        said.append(f"{words}, {loss} nats")
        anchor = "end" if x > LEFT + 0.8 * WIDTH else "start"
        marks.append(
            f'<circle cx="{x}" cy="{y}" r="5"/><text x="{x + right:.1f}" y="{y - up:.1f}" '
            f'text-anchor="{anchor}">{words}: <tspan>{loss}</tspan></text>'
        )
    alt = (
        "The loss against the probability that a model gave to what then happened. "
        f"The curve falls steeply, then gently: {'; '.join(said)}."
    )
    bottom = TOP + HEIGHT
    return (
        f'<svg class="cover-curve" role="img" aria-label="{alt}" viewBox="0 0 400 324">'
        f'<path class="cover-axes" d="M{LEFT} {TOP - 8}V{bottom}H{LEFT + WIDTH}"/>'
        f'<polyline pathLength="1" points="{" ".join(f"{x},{y}" for x, y in line)}"/>'
        f'{"".join(marks)}<g class="cover-words"><text x="{LEFT}" y="10">loss, in nats</text>'
        f'<text x="{LEFT + WIDTH}" y="{bottom + 22}" text-anchor="end">'
        "probability that the model gave to the truth</text></g></svg>"
    )


class CoverCurve(SphinxDirective):
    """Put the picture into the page."""

    def run(self) -> list[nodes.Node]:
        """Return it as HTML, made again when this file or xentlib's surprisal changes."""
        for file in (__file__, surprisal.__code__.co_filename):
            self.env.note_dependency(file)
        return [nodes.raw("", curve(), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("cover-curve", CoverCurve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
