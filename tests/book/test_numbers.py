"""Every number that a chapter takes from its notebook, computed a second time by other means."""

import ast
import json
import math
import re
from pathlib import Path

import pytest
from book.chapters import CHAPTERS

ROOT = Path(__file__).resolve().parents[2]


def value(text):
    """A number or a text that a notebook stored, from its repr."""
    return float(text) if text in {"inf", "-inf", "nan"} else ast.literal_eval(text)


def glued(stem):
    """What a notebook hands on, as stored."""
    notebook = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    found = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            text = output.get("data", {}).get("application/papermill.record/text/plain")
            if name and text:
                assert name not in found, f"{name} is handed on twice"
                found[name] = value("".join(text))
    return found


def used(stem):
    """The keys that the chapters and the quizzes take from this notebook."""
    pages = [*(ROOT / "chapters").glob("*.md"), *(ROOT / "quizzes").glob("*.yaml")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    return set(re.findall(rf"\{{glue:text\}}`\.\./notebooks/{stem}\.ipynb::(\w+)", text))


@pytest.mark.parametrize("stem", CHAPTERS)
class TestNumbers:
    def test_agree_with_another_way_to_compute_them(self, stem):
        stored, expected = glued(stem), CHAPTERS[stem].numbers()
        assert stored.keys() == expected.keys()
        for key, number in stored.items():
            other = expected[key]
            if isinstance(other, str):
                assert number == other, key
            elif isinstance(other, tuple):
                low, high = map(float, other)
                assert math.isfinite(high - low), f"{key}: a range without an end says nothing"
                assert low <= number <= high, key
            else:
                near = pytest.approx(
                    float(other), rel=0, abs=1e-4 if "percent" in key else 1e-6, nan_ok=True
                )
                assert number == near, key

    def test_are_all_there_for_a_reader(self, stem):
        assert used(stem) <= glued(stem).keys()


def test_every_notebook_is_checked():
    assert set(CHAPTERS) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
