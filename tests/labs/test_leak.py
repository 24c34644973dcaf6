"""No solution, hidden test or expected answer is where a student finds it."""

import json
import subprocess

import pytest

import labs
from labs import packs
from labs.build import ROOT, built
from labs.leaks import leaks, secrets

TRACKED = subprocess.run(
    ["git", "ls-files", "chapters", "notebooks", "_static", "_templates", "_ext", "README.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


@pytest.mark.parametrize("lab", labs.names())
def test_every_question_has_secrets(lab):
    """The search would find nothing if it looked for nothing."""
    found = secrets(lab)
    tests = sorted((built(lab) / "autograder" / "tests").glob("*.py"))
    for test in tests:
        assert any(what.startswith(f"hidden test test_{test.stem}") for what in found.values())
    assert sum(what == "solution" for what in found.values()) > len(tests)


@pytest.mark.parametrize("lab", labs.names())
def test_the_search_finds_what_is_there(lab):
    for path in [labs.HERE / lab / "master.py", *(built(lab) / "autograder").rglob("*.*")]:
        assert leaks(path.name, path.read_bytes()), path
    solved = json.loads((built(lab) / "autograder" / f"{lab}.ipynb").read_text())
    hidden_away = {"cells": [], "metadata": {"kept": solved["cells"]}}
    assert leaks("metadata.ipynb", json.dumps(hidden_away).encode())


def test_the_students_pack_gives_nothing_away():
    files = packs.student_files()
    assert len(files) > len(labs.names())
    assert [leak for name, content in files.items() for leak in leaks(name, content)] == []


def test_a_pack_with_a_leak_is_not_made(monkeypatch):
    monkeypatch.setattr(packs, "imported", lambda notebook: {"from fractions import Fraction"})
    packs.student_files()
    secret = next(iter(secrets("1_entropy")))
    monkeypatch.setattr(packs, "imported", lambda notebook: {secret})
    with pytest.raises(ValueError, match=r"student\.zip would give something away"):
        packs.student_files()


def test_the_sources_of_the_book_give_nothing_away():
    assert len(TRACKED) > 50
    found = [leak for name in TRACKED for leak in leaks(name, (ROOT / name).read_bytes())]
    assert found == []
