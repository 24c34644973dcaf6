"""The pages that a teacher and a student get when a lab is graded."""

from pathlib import Path

import pytest

from labs import Lab, pages, summary
from labs.collect import Submission
from labs.result import Question, Result
from labs.result import Test as Check  # not a class of tests
from tests.browser.pages import AXE, PHONE, WIDE
from tests.browser.test_accessibility import RULES, RUN_AXE

LAB = Lab("tiny", Path(), (("q2", 4.0),), titles={"q1": "softmax", "q2": "why?"})


def result(*tests, **more):
    points = sum(test.points for test in tests if test.passed)
    return Result("tiny", (Question("q1", points, 3.0, tests), Question("q2", None, 4.0)), **more)


RIGHT = Check("a", 1.0, False, True, "")
WRONG = Check("b", 2.0, True, False, "Subtract the maximum.", "Subtract the maximum.")
GRADED = {
    Submission("ada", "ada", Path()): result(RIGHT, WRONG, notes=("Cell 2, line 1: ValueError",)),
    Submission("bob", "bob", Path()): result(problem=True, status="another lab", notes=("No.",)),
}
PAGES = {
    "summary": summary.summary(LAB, GRADED, ["bob: No."], "NOT SANDBOXED"),
    **{who.student: pages.feedback(who.student, LAB, what) for who, what in GRADED.items()},
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser, name):
    found = {}
    for size in (WIDE, PHONE):
        for theme in ("light", "dark"):
            page = browser.new_page(viewport=size, color_scheme=theme)
            page.set_content(PAGES[name])
            page.evaluate(AXE)
            found[f"{size['width']} px, {theme}"] = page.evaluate(RUN_AXE, RULES)
            page.close()
    assert {where: what for where, what in found.items() if what} == {}
