"""Measure with Lighthouse how soon a page can be read and used: the median of three loads."""

import statistics
from typing import Any

from chromium import find
from playwright.sync_api import sync_playwright

from tests.browser.conftest import serve
from tests.browser.lighthouse import audit

PAGES = [
    "chapters/index.html",
    "chapters/03_four_classes.html",
    "notebooks/03_four_classes.html",
    "chapters/cheat_sheet.html",
]
PRESETS = ["desktop", "mobile"]
METRICS = {  # the unit, and what Lighthouse's own unit is divided by
    "first-contentful-paint": ("FCP", "s", 1000),
    "largest-contentful-paint": ("LCP", "s", 1000),
    "total-blocking-time": ("TBT", "ms", 1),
    "cumulative-layout-shift": ("CLS", "", 1),
}
LOADS = 3
TARGET = 95


def measure() -> dict[str, dict[str, float]]:
    """Return the medians for each page and preset."""
    with sync_playwright() as playwright:
        chromium = find(playwright)
    with serve("/course") as server:
        cases = [(page, preset) for page in PAGES for preset in PRESETS]
        runs = [(f"{server.address}/{page}", preset) for page, preset in cases] * LOADS
        told = audit(chromium, runs, ["performance"], patient=True)
    found = {}
    for index, (page, preset) in enumerate(cases):
        loads = told[index :: len(cases)]
        found[f"{page}, {preset}"] = {
            "performance": median(load["scores"]["performance"] for load in loads),
            **{metric: median(load["measured"][metric] for load in loads) for metric in METRICS},
        }
    return found


def median(values: Any) -> float:
    """Return the median, as a float that JSON can hold."""
    return float(statistics.median(values))


def verdicts(found: dict[str, dict[str, float]]) -> list[str]:
    """Return a line for each page and preset: target reached or not."""
    lines = []
    for case, medians in found.items():
        reached = "reached" if medians["performance"] >= TARGET else "NOT reached"
        metrics = ", ".join(
            f"{name} {medians[metric] / unit:.3g} {suffix}".strip()
            for metric, (name, suffix, unit) in METRICS.items()
        )
        lines.append(
            f"{reached:12} Lighthouse performance of {case}: {medians['performance']:.0f} "
            f"(target {TARGET}); {metrics}"
        )
    return lines
