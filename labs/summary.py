"""The page about the class: which questions, which misconceptions, and who."""

from __future__ import annotations

from collections import Counter
from html import escape

from labs import Lab
from labs.collect import Submission
from labs.pages import items, page, points, table, total
from labs.plot import picture
from labs.result import Result


def misconceptions(results: list[Result]) -> list[tuple[str, str, int]]:
    """Return question, line and how many students got it, the most frequent first.

    Only of answers that ran: what is not there, or stops with an error, shows no idea.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for result in results:
        for question in result.questions:
            messages = {test.says for test in question.tests if test.ran and not test.passed}
            seen.update((question.name, message) for message in messages)
    return [(*key, count) for key, count in sorted(seen.items(), key=lambda kv: (-kv[1], kv[0]))]


def silent(lab: Lab, results: list[Result]) -> list[str]:
    """Return a line for each question: how many gave no answer to it, or one that stopped."""
    seen = {q.name: 0 for q in results[0].questions if q.points is not None}
    for result in results:
        for question in result.questions:
            if question.name in seen and not all(test.ran for test in question.tests):
                seen[question.name] += 1
    return [
        f"{lab.title(name)}: no answer, or stopped with an error: {count}"
        for name, count in seen.items()
    ]


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
        parts += ["<h2>Which questions</h2>", picture(results), _questions(lab, results)]
        common = [
            [lab.title(name), said, str(count)] for name, said, count in misconceptions(results)
        ]
        parts.append("<h2>Which misconceptions</h2>")
        parts.append(
            table("Misconceptions", ["Question", "What the check said", "Students"], common, {2})
        )
        parts.append(items(silent(lab, results)))
    rows = [
        [
            submission.student,
            f"not graded: {result.status}" if result.status else total(result),
            " ".join(result.notes),
        ]
        for submission, result in graded.items()
    ]
    parts.append("<h2>Who</h2>\n" + table("Students", ["Student", "Points", "Notes"], rows, {1}))
    return page(f"{lab.name}: summary", "\n".join(parts))


def _questions(lab: Lab, results: list[Result]) -> str:
    """Return the numbers of the picture as a table."""
    rows = []
    for questions in zip(*(result.questions for result in results), strict=True):
        first = questions[0]
        title = lab.title(first.name)
        if first.points is None:
            rows.append([title, points(first.out_of), "", "", "to be graded by hand"])
            continue
        got = [question.points or 0 for question in questions]
        full = sum(value == first.out_of for value in got)
        none = sum(value == 0 for value in got)
        mean = points(sum(got) / len(got))
        rows.append([title, points(first.out_of), mean, str(full), str(none)])
    return table(
        "Questions", ["Question", "Points", "Mean", "All points", "No points"], rows, {1, 2, 3, 4}
    )
