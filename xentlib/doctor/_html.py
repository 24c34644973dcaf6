"""A report as HTML: no scripts, no colours of its own, so that it is legible in light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xentlib.doctor.report import Finding, Report

# A page's default blue cannot be read on black.
LINK = "color:inherit;text-decoration:underline"
# Severity is a word in a frame, never a colour alone; the frame takes the colour of the text.
BADGE = (
    "border:{width}px solid currentColor;border-radius:4px;padding:0 .4em;"
    "font-size:.85em;font-weight:bold"
)
WEIGHT = {"error": 3, "warning": 2, "note": 1}


def report_html(report: Report) -> str:
    """Return the report as a section with a list of findings."""
    parts = [
        '<section aria-label="Report of the loss doctor">',
        f"<p><strong>{escape(report.summary())}</strong></p>",
    ]
    if report.value is not None:
        parts.append(f"<p>The right call on these arrays gives {shown(report.value)}.</p>")
    if report.findings:
        parts.append("<ol>" + "".join(_finding(f) for f in report.findings) + "</ol>")
    if report.checked:
        items = "".join(f"<li>{escape(item)}</li>" for item in report.checked)
        parts.append(f"<details><summary>What was checked</summary><ul>{items}</ul></details>")
    return "".join([*parts, "</section>"])


def _finding(finding: Finding) -> str:
    badge = BADGE.format(width=WEIGHT[finding.severity])
    seen = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(shown(value))}</dd>"
        for name, value in finding.evidence.items()
    )
    evidence = f"<details><summary>Evidence</summary><dl>{seen}</dl></details>" if seen else ""
    return (
        f'<li><p><span style="{badge}">{escape(finding.severity)}</span> '
        f"<strong>{escape(finding.code)}</strong>, confidence {finding.confidence:.0%}</p>"
        f"<p>{escape(finding.message)}</p>"
        f"<p>Mend: <code>{escape(finding.mend)}</code></p>{evidence}"
        f'<p><a style="{LINK}" href="{escape(finding.url)}">'
        f"Read why: {escape(finding.code)}</a></p></li>"
    )


def shown(value: float | int | str) -> str:
    """Return a number as a reader wants it: five digits, no more."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)
