"""The picture of the summary: who got how much of each question."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.figure import Figure

from labs.result import Result


def shares(results: list[Result]) -> dict[str, tuple[float, float, float]]:
    """Return per automatic question the shares of students with all, some and no points, in %."""
    found = {}
    for questions in zip(*(result.questions for result in results), strict=True):
        if questions[0].points is None:
            continue
        whole = sum(q.points == q.out_of for q in questions)
        none = sum(q.points == 0 for q in questions)
        counts = whole, len(questions) - whole - none, none
        found[questions[0].name] = tuple(100 * count / len(questions) for count in counts)
    return found


def picture(results: list[Result]) -> str:
    """Return the picture as a piece of HTML that follows light and dark."""
    from xentlib.plotting import LIGHT, STYLE, Picture

    found = shares(results)
    kinds = [
        ("all points", LIGHT["green"], ""),
        ("some", LIGHT["blue"], "///"),
        ("none", LIGHT["red"], "xxx"),
    ]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 1.1 + 0.32 * len(found)))
        axes = figure.subplots()
        left = [0.0] * len(found)
        for (label, colour, hatch), widths in zip(
            kinds, zip(*found.values(), strict=True), strict=True
        ):
            axes.barh(
                list(found),
                widths,
                left=left,
                label=label,
                height=0.7,
                facecolor="none" if hatch else colour,
                edgecolor=colour,
                hatch=hatch,
            )
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.invert_yaxis()
        axes.set_xlabel("students (%)")
        axes.grid(axis="y", visible=False)
        figure.legend(loc="outside upper center", ncols=3)
    alt = "Share of students with all, some and no points: " + "; ".join(
        f"{name} {a:.0f}, {b:.0f} and {c:.0f} %" for name, (a, b, c) in found.items()
    )
    return Picture(figure, name="questions", alt=alt + ".")._repr_html_()
