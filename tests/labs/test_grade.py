import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from labs.grade import main

DATA = Path(__file__).parent / "data"
TINY = str(DATA / "tiny")
ROOT = Path(__file__).parent.parent.parent

REFERENCE = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\nanswer = 42.0"
CLASS = {
    "ada": [REFERENCE],
    "bob": ["def double(x):\n    ..."],
    "cy": ["def double(x):\n    return 3 * x\nanswer = 42.0"],
    "dee": ["def double(x):\n    return abs(2 * x)"],
    "=HYPERLINK(1)": [REFERENCE, "1 / 0"],
    "<script>alert(1)": ["raise ValueError('<script>alert(2)</script>')", "answer = 7.0"],
    "zoë 王": [REFERENCE],
}


def fill(folder, students):
    folder.mkdir(parents=True, exist_ok=True)
    for name, cells in students.items():
        sources = [{"cell_type": "code", "source": source} for source in cells]
        (folder / f"{name}.ipynb").write_text(json.dumps({"cells": sources, "metadata": {}}))
    return folder


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def command(submissions, results, *more):
    return [
        str(submissions),
        "-o",
        str(results),
        "--lab",
        TINY,
        "--time-limit",
        "2",
        "--jobs",
        "1",
        *more,
    ]


@pytest.fixture(scope="module")
def class_of_seven(tmp_path_factory):
    """The folder of submissions, and that of the results of two jobs."""
    top = tmp_path_factory.mktemp("class")
    submissions = fill(top / "in", CLASS)
    assert main(command(submissions, top / "out", "--jobs", "2")) == 0
    return submissions, top / "out"


def test_scores_have_a_row_for_each_student_and_question(class_of_seven):
    with (class_of_seven[1] / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7 * 3
    got = {(row["student"], row["question"]): row["points"] for row in rows}
    assert [got[name, "q1"] for name in ("ada", "bob", "cy", "dee")] == ["3", "0", "0", "1"]
    assert [got[name, "q2"] for name in ("ada", "bob", "cy", "dee")] == ["2", "0", "2", "0"]
    assert {row["points"] for row in rows if row["question"] == "q10"} == {""}
    assert {row["graded"] for row in rows if row["question"] == "q10"} == {"by hand"}
    assert "'=HYPERLINK(1)" in {row["student"] for row in rows}  # no formula for a spreadsheet
    assert {row["lab"] for row in rows} == {"tiny"}


class Page(HTMLParser):
    """What a page loads, its elements, and that they are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.found, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.found.append(tag)
        self.loads += [v for k, v in attributes if k in ("src", "href", "xlink:href", "data")]
        if tag not in ("meta", "link", "br", "path", "use", "rect", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag


def test_pages_stand_alone_and_hold_no_code_of_a_student(class_of_seven):
    pages = sorted(class_of_seven[1].rglob("*.html"))
    assert len(pages) == 8
    for path in pages:
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        assert all(link.startswith("#") for link in page.loads)
        assert "script" not in page.found
        assert page.found.count("h1") == page.found.count("main") == 1
        assert '<html lang="en">' in text
        assert "prefers-color-scheme: dark" in text


def test_feedback_shows_messages_and_no_hidden_test(class_of_seven):
    out = class_of_seven[1]
    page = (out / "feedback" / "cy.html").read_text(encoding="utf-8")
    assert "2 of 5 points" in page
    assert "Multiply by two." in page
    assert "Think of negative numbers." in page
    assert "To be graded by hand: q10 (4 points)." in page
    for name, content in files(out).items():
        for secret in (b"543.656", b"271.828", b"41.875", b"allclose", b"isclose"):
            assert secret not in content, name
    assert "Is it empty, or without a return?" in (out / "feedback" / "bob.html").read_text()


def test_the_summary_names_questions_and_misconceptions(class_of_seven):
    page = (class_of_seven[1] / "summary.html").read_text(encoding="utf-8")
    assert (
        '<svg role="img" aria-label="Share of students with all, some and no points: q1 43' in page
    )
    assert "<td>Multiply by two.</td>" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "median 2, lowest 0, highest 5 of 5 points" in page


def test_gradescope_gets_its_format(class_of_seven):
    data = json.loads((class_of_seven[1] / "gradescope" / "dee.json").read_text())
    assert data["score"] == 1
    assert sum(test["score"] for test in data["tests"]) == 1
    assert sum(test["max_score"] for test in data["tests"]) == 5
    assert [test["visibility"] for test in data["tests"]] == ["visible", *["after_published"] * 2]
    assert {test["status"] for test in data["tests"]} == {"passed", "failed"}
    assert data["output"] == "q10 is graded by hand."


def test_the_same_bytes_whatever_the_number_of_jobs(class_of_seven, tmp_path):
    assert main(command(class_of_seven[0], tmp_path / "one", "--jobs", "1")) == 0
    assert files(tmp_path / "one") == files(class_of_seven[1])


def test_a_rerun_grades_what_has_changed(class_of_seven, tmp_path, capsys):
    submissions, results = tmp_path / "in", tmp_path / "out"
    shutil.copytree(class_of_seven[0], submissions)
    shutil.copytree(class_of_seven[1], results)
    assert main(command(submissions, results)) == 0
    assert files(results) == files(class_of_seven[1])
    assert "7 were graded before and have not changed." in capsys.readouterr().out
    fill(submissions, {"bob": [REFERENCE]})
    assert main(command(submissions, results)) == 0
    out = capsys.readouterr().out
    assert "6 were graded before" in out
    assert "Graded 1 in" in out
    assert "5 of 5 points" in (results / "feedback" / "bob.html").read_text()


def test_a_kept_result_that_is_broken_is_made_again(class_of_seven, tmp_path, capsys):
    results = tmp_path / "out"
    shutil.copytree(class_of_seven[1], results)
    (results / "graded" / "cy.json").write_text('{"digest": "')
    assert main(command(class_of_seven[0], results)) == 0
    assert files(results) == files(class_of_seven[1])


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: None, lambda p: p.write_text("")])
def test_where_nothing_is_handed_in_it_says_so(tmp_path, capsys, make):
    make(tmp_path / "in")
    assert main(command(tmp_path / "in", tmp_path / "out")) == 2
    said = capsys.readouterr().err
    assert "There is no notebook to grade" in said or "is not a folder" in said
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_graded_is_listed_and_the_others_are_graded(tmp_path, capsys):
    folder = fill(tmp_path / "in", {"ada": [REFERENCE], "Bob": [REFERENCE], "far": ["x = 1"]})
    fill(folder / "bob", {"lab": [REFERENCE]})
    fill(folder / "cy" / "deep", {"lab": [REFERENCE]})
    (folder / "none").mkdir()
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "loop").mkdir()
    (folder / "loop" / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "broken.ipynb").write_text("{")
    (folder / "other.ipynb").write_text(
        '{"cells": [], "metadata": {"otter": {"assignment_name": "1_entropy"}}}'
    )
    (folder / "notes.txt").write_text("not a notebook")
    assert main(command(folder, tmp_path / "out")) == 1
    said = capsys.readouterr().err
    for line in (
        "Bob: 2 submissions of one name (Bob.ipynb, bob/lab.ipynb). None was graded",
        "none: there is no notebook in this folder.",
        "loop: there is no notebook in this folder.",
        "link: link.ipynb is a link. Not read.",
        "pipe: pipe.ipynb is not a file. Not read.",
        "broken: The file is not a Jupyter notebook",
        "other: This is another lab: its notebook says '1_entropy', not 'tiny'.",
        "far: None of the names that this lab asks for is there. Is it the right lab?",
    ):
        assert line in said
    page = (tmp_path / "out" / "summary.html").read_text()
    assert "2 submissions of one name" in page
    scores = (tmp_path / "out" / "scores.csv").read_text()
    assert "ada,tiny,q1,3,3" in scores
    assert "cy,tiny,q1,3,3" in scores
    assert "broken,tiny,q1,0,3,automatically,The file is not" in scores
    assert "root:" not in said + page + scores


def test_attackers_harm_nobody_else(tmp_path):
    attacks = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text("utf-8"))
    names = ("exit", "crash", "fork bomb", "1 GB of output", "memory of many", "kill everything")
    students = {a["name"]: a["code"].split("# %%\n") for a in attacks if a["name"] in names}
    assert len(students) == len(names)
    folder = fill(tmp_path / "in", {**students, **{f"{n} too": [REFERENCE] for n in names}})
    assert main(command(folder, tmp_path / "out", "--jobs", "2")) == 1
    got = [json.loads(path.read_text()) for path in (tmp_path / "out" / "gradescope").iterdir()]
    assert sorted(data["score"] for data in got) == [0] * 6 + [5] * 6


def test_results_of_another_lab_are_not_lost(class_of_seven, tmp_path, capsys):
    results = tmp_path / "out"
    shutil.copytree(class_of_seven[1], results)
    lab = tmp_path / "other"
    shutil.copytree(TINY, lab)
    arguments = [str(class_of_seven[0]), "-o", str(results), "--lab", str(lab)]
    assert main(arguments) == 2
    assert "holds the results of tiny. Choose another folder." in capsys.readouterr().err


def test_a_lab_that_is_not_there_is_said(class_of_seven, tmp_path, capsys):
    assert main([str(class_of_seven[0]), "-o", str(tmp_path), "--lab", "99"]) == 2
    assert "There is no lab '99'." in capsys.readouterr().err
    assert main([str(class_of_seven[0]), "-o", str(tmp_path)]) == 2
    assert "Which lab is it? Say --lab." in capsys.readouterr().err


def test_without_a_sandbox_the_summary_says_so(tmp_path, capsys):
    folder = fill(tmp_path / "in", {"ada": [REFERENCE]})
    assert main(command(folder, tmp_path / "out", "--unsafe-without-sandbox")) == 0
    assert "NOT SANDBOXED" in capsys.readouterr().err
    assert "NOT SANDBOXED" in (tmp_path / "out" / "summary.html").read_text()


def test_an_interrupt_keeps_what_was_graded(tmp_path):
    slow = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass"
    folder = fill(tmp_path / "in", {f"s{i}": [slow, REFERENCE] for i in range(4)})
    results = tmp_path / "out"
    line = [sys.executable, "-m", "labs.grade", *command(folder, results, "--jobs", "1")]
    with subprocess.Popen(
        line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 60
        while not (results / "graded" / "s0.json").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted. What was graded is kept: run it again to go on." in said
    kept = files(results)
    assert set(kept) < {f"graded/s{i}.json" for i in range(4)}
    again = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, again.stderr
    assert f"{len(kept)} were graded before" in again.stdout
    assert kept.items() <= files(results).items()


def test_a_full_disk_is_said_and_keeps_what_was_graded(tmp_path):
    """The results go to a file system of 12 kB, in a mount namespace."""
    folder = fill(tmp_path / "in", {f"s{i}": [REFERENCE] for i in range(12)})
    results = tmp_path / "out"
    results.mkdir()
    line = ["bwrap", "--dev-bind", "/", "/", "--size", "12288", "--tmpfs", str(results), "--"]
    grade = [sys.executable, "-m", "labs.grade", *command(folder, results)]
    look = f'{" ".join(grade)}; echo "status $?"; ls -A {results} {results}/graded'
    done = subprocess.run([*line, "sh", "-c", look], cwd=ROOT, capture_output=True, text=True)
    assert "No space left on device. What was graded before is kept: make room" in done.stderr
    assert "status 3" in done.stdout
    assert re.search(r"^s\d+\.json$", done.stdout, re.MULTILINE)
    assert ".part" not in done.stdout


def test_a_worker_that_dies_is_replaced(monkeypatch, tmp_path):
    from labs.pool import DIED, run

    answers = sorted(run(os._exit, [(3,), (4,)], 2))
    assert answers == [(0, False, DIED), (1, False, DIED)]
    answers = sorted(run(int, [("1",), ("x",), ("3",)], 1))
    assert [answer[:2] for answer in answers] == [(0, True), (1, False), (2, True)]
    assert "ValueError" in answers[1][2]
