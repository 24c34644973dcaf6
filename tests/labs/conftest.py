"""A small lab, and the notebooks that are handed in for it."""

import json
import sys
from pathlib import Path

import pytest

import labs
from labs.guard import Limits
from labs.judge import judge

# A submission is graded in a sandbox of Linux's. Elsewhere the grader refuses, so these cannot run.
NOT_HERE = [] if sys.platform == "linux" else ["grade", "hostile", "judge", "sandbox", "wrong"]
collect_ignore = ["data", *(f"test_{name}.py" for name in NOT_HERE)]


def pytest_report_header():
    return [f"tests/labs: not on this system, as grading needs Linux: {it}" for it in NOT_HERE]


TINY = Path(__file__).parent / "data" / "tiny"
# Small, so that what is stopped by a limit is stopped soon.
LIMITS = Limits(seconds=1.5, memory=400 * 10**6)


def write_notebook(path, cells, metadata=None):
    sources = [{"cell_type": "code", "source": source, "outputs": []} for source in cells]
    path.write_text(json.dumps({"cells": sources, "metadata": metadata or {}, "nbformat": 4}))
    return path


@pytest.fixture
def tiny():
    return labs.in_folder(TINY, TINY / "master.py")


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook with these code cells."""

    def write(*cells, name="student", metadata=None):
        return write_notebook(tmp_path / f"{name}.ipynb", cells, metadata)

    return write


@pytest.fixture
def graded(notebook, tiny):
    """Judge a submission with these code cells: its result, and all that it is told."""

    def grade(*cells, limits=LIMITS, lab=tiny, unsafe=False):
        result = judge(notebook(*cells), lab, limits, unsafe)
        messages = [test.message for question in result.questions for test in question.tests]
        return result, "\n".join([*result.notes, *messages])

    return grade
