"""The pages: feedback for one student, and the summary of a class.

Each is one file that loads nothing, in light and dark, for screen readers and for paper. Feedback
shows a test's message, never its code or what it expected.
"""

from __future__ import annotations

from collections import Counter
from html import escape

from labs import Lab
from labs.collect import Submission
from labs.plot import picture
from labs.result import Question, Result

STYLE = """
:root { color-scheme: light dark; --line: #767676 }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  overflow-wrap: anywhere; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
thead th { overflow-wrap: normal } .total { font-size: 1.2rem }
.warning { border: 2px solid; padding: .8rem }
.scroll { overflow-x: auto } li { overflow-wrap: anywhere; margin-bottom: .4rem }
figure { margin: 1rem 0 }
@media (prefers-color-scheme: dark) { :root { --line: #8a8a8a }
  body { background: #121212; color: #eee } DARK }
"""


def points(number: float) -> str:
    """Return a number of points without zeros that say nothing."""
    return f"{round(number, 2):g}"


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


def feedback(student: str, result: Result) -> str:
    """Return the page for one student."""
    parts = [
        f"<h1>{escape(result.lab)}: feedback for {escape(student)}</h1>",
        f'<p class="total"><strong>{points(result.points)} of {points(result.out_of)} points'
        "</strong> from the automatic checks.</p>",
    ]
    by_hand = [question for question in result.questions if question.points is None]
    if by_hand:
        names = ", ".join(f"{q.name} ({points(q.out_of)} points)" for q in by_hand)
        parts.append(f"<p>To be graded by hand: {escape(names)}.</p>")
    if result.notes:
        parts.append("<h2>About the whole notebook</h2>\n" + items(result.notes))
    for question in result.questions:
        if question.points is not None:
            parts.append(_question(question))
    return page(f"{result.lab}: feedback for {student}", "\n".join(parts))


def _question(question: Question) -> str:
    got = f"{points(question.points or 0)} of {points(question.out_of)}"
    rows = []
    for number, test in enumerate(question.tests, start=1):
        hidden = " (was hidden)" if test.hidden else ""
        worth = f"{points(test.points if test.passed else 0)} of {points(test.points)}"
        state = "passed" if test.passed else "not passed"
        rows.append([f"{number}{hidden}", state, worth if test.points else "", test.message])
    return f"<h2>{escape(question.name)}: {got} points</h2>\n" + table(
        f"Checks of {question.name}", ["Check", "Result", "Points", "What it says"], rows, {2}
    )


def misconceptions(results: list[Result]) -> list[tuple[str, str, int]]:
    """Return question, line and how many students got it, the most frequent first."""
    seen: Counter[tuple[str, str]] = Counter()
    for result in results:
        for question in result.questions:
            messages = {test.says for test in question.tests if not test.passed}
            seen.update((question.name, message) for message in messages)
    return [(*key, count) for key, count in sorted(seen.items(), key=lambda kv: (-kv[1], kv[0]))]


def summary(
    lab: Lab, graded: dict[Submission, Result], problems: list[str], warning: str | None
) -> str:
    """Return the page about the class."""
    results = [result for result in graded.values() if not result.problem]
    parts = [f"<h1>{escape(lab.name)}: summary of {len(graded)} submissions</h1>"]
    if warning:
        parts.append(f'<p class="warning"><strong>{escape(warning)}</strong></p>')
    if problems:
        parts.append("<h2>Look at these</h2>\n" + items(problems))
    if results:
        totals = sorted(result.points for result in results)
        middle = (totals[(len(totals) - 1) // 2] + totals[len(totals) // 2]) / 2
        parts.append(
            f"<p>Automatic checks: median {points(middle)}, lowest {points(totals[0])}, highest "
            f"{points(totals[-1])} of {points(results[0].out_of)} points.</p>"
        )
        parts += ["<h2>Which questions</h2>", picture(results), _questions(results)]
        common = [list(map(str, row)) for row in misconceptions(results)]
        parts.append("<h2>Which misconceptions</h2>")
        parts.append(
            table("Misconceptions", ["Question", "What the check said", "Students"], common, {2})
        )
    rows = [
        [
            submission.student,
            f"{points(result.points)} of {points(result.out_of)}",
            " ".join(result.notes),
        ]
        for submission, result in graded.items()
    ]
    parts.append("<h2>Who</h2>\n" + table("Students", ["Student", "Points", "Notes"], rows, {1}))
    return page(f"{lab.name}: summary", "\n".join(parts))


def _questions(results: list[Result]) -> str:
    """Return the numbers of the picture as a table."""
    rows = []
    for questions in zip(*(result.questions for result in results), strict=True):
        first = questions[0]
        if first.points is None:
            rows.append([first.name, points(first.out_of), "", "", "to be graded by hand"])
            continue
        got = [question.points or 0 for question in questions]
        full = sum(value == first.out_of for value in got)
        none = sum(value == 0 for value in got)
        mean = points(sum(got) / len(got))
        rows.append([first.name, points(first.out_of), mean, str(full), str(none)])
    return table(
        "Questions", ["Question", "Points", "Mean", "All points", "No points"], rows, {1, 2, 3, 4}
    )
