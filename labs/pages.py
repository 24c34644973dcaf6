"""The pages: how they look, and the feedback for one student.

Each is one file that loads nothing, in light and dark, for screen readers and for paper. Feedback
shows a test's message, never its code or what it expected.
"""

from __future__ import annotations

from html import escape

from labs import Lab
from labs.result import Question, Result

STYLE = """
:root { color-scheme: light dark; --line: #767676 }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  overflow-wrap: anywhere; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
thead th { overflow-wrap: normal } tbody th { overflow-wrap: break-word }
.total { font-size: 1.2rem }
.warning { border: 2px solid; padding: .8rem }
.scroll { overflow-x: auto } li { overflow-wrap: anywhere; margin-bottom: .4rem }
figure { margin: 1rem 0 }
@media (prefers-color-scheme: dark) { :root { --line: #8a8a8a }
  body { background: #121212; color: #eee } DARK }
"""


def points(number: float) -> str:
    """Return a number of points without zeros that say nothing."""
    return f"{round(number, 2):g}"


def total(result: Result) -> str:
    """Return the automatic points of what they can be."""
    return f"{points(result.points)} of {points(result.out_of)}"


def page(title: str, body: str) -> str:
    """Return a whole HTML page."""
    from xentlib.plotting import DARK

    colours = ";".join(f"--xent-{name}:{code}" for name, code in DARK.items())
    style = STYLE.replace("DARK", f".xent-figure {{ {colours} }}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def items(lines: list[str] | tuple[str, ...]) -> str:
    """Return a list of lines."""
    return "<ul>\n" + "".join(f"<li>{escape(line)}</li>\n" for line in lines) + "</ul>"


def table(label: str, head: list[str], rows: list[list[str]], numbers: set[int]) -> str:
    """Return a table whose first column names the row; the columns in `numbers` align right."""

    def cell(tag: str, column: int, text: str) -> str:
        number = ' class="number"' if column in numbers else ""
        return f"<{tag}{number}>{escape(text)}</{tag.split()[0]}>"

    top = "".join(cell('th scope="col"', i, text) for i, text in enumerate(head))
    lines = []
    for row in rows:
        first = cell('th scope="row"', 0, row[0])
        lines.append(first + "".join(cell("td", i, text) for i, text in enumerate(row[1:], 1)))
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return (
        f'<div class="scroll" role="region" aria-label="{escape(label)}" tabindex="0"><table>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>"
    )


def feedback(student: str, lab: Lab, result: Result) -> str:
    """Return the page for one student."""
    parts = [
        f"<h1>{escape(result.lab)}: feedback for {escape(student)}</h1>",
        f'<p class="total"><strong>{total(result)} points</strong> from the automatic checks.</p>',
    ]
    if result.status:
        parts[1] = f'<p class="total"><strong>Not graded: {escape(result.status)}.</strong></p>'
    by_hand = [question for question in result.questions if question.points is None]
    if by_hand:
        names = "; ".join(f"{lab.title(q.name)}, {points(q.out_of)} points" for q in by_hand)
        parts.append(f"<p>To be graded by hand: {escape(names)}.</p>")
    if result.notes:
        parts.append("<h2>About the whole notebook</h2>\n" + items(result.notes))
    for question in result.questions:
        if question.points is not None and not result.status:
            parts.append(_question(question, lab.title(question.name)))
    return page(f"{result.lab}: feedback for {student}", "\n".join(parts))


def _question(question: Question, title: str) -> str:
    got = f"{points(question.points or 0)} of {points(question.out_of)}"
    rows = []
    for number, test in enumerate(question.tests, start=1):
        hidden = " (hidden)" if test.hidden else ""
        worth = f"{points(test.points if test.passed else 0)} of {points(test.points)}"
        state = "passed" if test.passed else "not passed"
        rows.append([f"{number}{hidden}", state, worth if test.points else "", test.message])
    return f"<h2>{escape(title)}: {got} points</h2>\n" + table(
        f"Checks of {question.name}", ["Check", "Result", "Points", "What it says"], rows, {2}
    )
