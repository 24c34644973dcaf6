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

from labs import scores
from labs.collect import submission
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
    assert "To be graded by hand: q10 (why?), 4 points." in page
    assert "<h2>q1 (double it): 0 of 3 points</h2>" in page
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
    assert page.count('<th scope="row">q1 (double it)</th>') == 3
    assert "q2 (the answer, &lt;b&gt;&quot;42&quot;&lt;/b&gt;)" in page
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
        "none: There is no notebook in this folder.",
        "loop: There is no notebook in this folder.",
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
    assert "broken,tiny,q1,,3,automatically,unreadable,The file is not" in scores
    assert 'other,tiny,q1,,3,automatically,another lab,"This is another lab' in scores
    assert 'Bob,tiny,q1,,3,automatically,several notebooks,"2 submissions of one name' in scores
    assert "none,tiny,q2,,2,automatically,no notebook,There is no notebook" in scores
    assert "link,tiny,q10,,4,by hand,unreadable," in scores
    assert "far,tiny,q1,0,3,automatically,graded," in scores
    assert "Not graded: several notebooks." in (tmp_path / "out/feedback/Bob.html").read_text()
    assert "root:" not in said + page + scores


def test_a_misconception_is_one_of_an_answer_that_ran(class_of_seven, tmp_path):
    """Of q1, bob's is empty and one student's is missing; of q2, bob's is missing."""
    page = (class_of_seven[1] / "summary.html").read_text(encoding="utf-8")
    assert "<li>q1 (double it): no answer, or stopped with an error: 2</li>" in page
    assert ": no answer, or stopped with an error: 2</li>\n</ul>" in page
    assert "is missing. Was it" not in page
    row = '<th scope="row">q1 (double it)</th><td>Multiply by two.</td><td class="number">{}</td>'
    assert row.format(1) in page
    ends = {
        "one": ["def double(x):\n    raise ValueError", "answer = 1.0"],
        "two": ["def double(x):\n    exit()"],
        "three": ["def double(x):\n    while True: pass"],
        "four": ["def double(x):\n    return (y for y in x)", "answer = [1]"],
        "five": ["def double(x):\n    return 5", "answer = ..."],
    }
    folder = fill(tmp_path / "in", ends)
    assert main(command(folder, tmp_path / "out", "--time-limit", "1")) == 0
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert row.format(2) in page
    assert "<li>q1 (double it): no answer, or stopped with an error: 3</li>" in page
    assert ": no answer, or stopped with an error: 3</li>\n</ul>" in page


def test_of_several_notebooks_the_one_of_the_lab_is_graded(tmp_path, capsys):
    folder = tmp_path / "in"
    other = '{"cells": [], "metadata": {"otter": {"assignment_name": "1_entropy"}}}'
    this = other.replace("1_entropy", "tiny")
    for name in ("meta", "file", "rest", "clash", "others"):
        fill(folder / name, {"1_entropy": [""]})
        (folder / name / "a.ipynb").write_text(other)
    (folder / "meta" / "z.ipynb").write_text(this)
    (folder / "meta" / "tiny-Copy1.ipynb").write_text(other)  # metadata before file name
    fill(folder / "file", {"tiny (1)": [REFERENCE], "notes": [""]})
    fill(folder / "rest" / "deep", {"homework": [REFERENCE]})
    fill(folder / "clash", {"tiny": [REFERENCE], "Tiny-Copy1": [REFERENCE]})
    assert main(command(folder, tmp_path / "out")) == 1
    said = capsys.readouterr().err
    with (tmp_path / "out" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["student"], row["question"]): row for row in csv.DictReader(file)}
    assert len(rows) == 5 * 3
    got = {name: (row["points"], row["status"]) for (name, q), row in rows.items() if q == "q1"}
    assert got == {
        "clash": ("", "several notebooks"),
        "file": ("3", "graded"),
        "meta": ("0", "graded"),
        "others": ("", "another lab"),
        "rest": ("3", "graded"),
    }
    assert "clash: 2 submissions of one name (clash/Tiny-Copy1.ipynb, clash/tiny.ipynb)." in said
    assert "others: None of these notebooks is of the lab tiny: others/1_entropy.ipynb" in said


@pytest.fixture
def filled(class_of_seven, tmp_path):
    """Grade in a folder of its own, and write into a column of scores.csv for some rows."""
    results = tmp_path / "out"
    shutil.copytree(class_of_seven[1], results)

    def fill_in(cells, **how):
        path = results / "scores.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        for row in rows:
            row[3] = cells.get((row[0], row[2]), row[3])
        with path.open("w", encoding=how.pop("encoding", "utf-8"), newline="") as file:
            csv.writer(file, **how).writerows(rows)
        return results

    return fill_in


BY_HAND = {("ada", "q10"): "3.5", ("'=HYPERLINK(1)", "q10"): "0", ("zoë 王", "q10"): " 4 "}


@pytest.mark.parametrize("how", [{}, {"delimiter": ";", "encoding": "utf-8-sig"}])
def test_points_that_a_person_filled_in_stay(class_of_seven, filled, how):
    comma = {key: text.replace(".", ",") if how else text for key, text in BY_HAND.items()}
    results = filled(comma, **how)
    assert main(command(class_of_seven[0], results)) == 0
    scores = (results / "scores.csv").read_text("utf-8")
    for line in (
        "ada,tiny,q10,3.5,4,by hand,graded,",
        "'=HYPERLINK(1),tiny,q10,0,4,by hand,graded,",
        "zoë 王,tiny,q10,4,4,by hand,graded,",
        "bob,tiny,q10,,4,by hand,waiting,",
    ):
        assert f"{line}\n" in scores
    assert main(command(class_of_seven[0], results)) == 0
    assert (results / "scores.csv").read_text("utf-8") == scores


def test_points_for_what_could_not_be_graded_stay(tmp_path):
    folder = fill(tmp_path / "in", {"ada": [REFERENCE], "bob": [""]})
    (folder / "bob.ipynb").write_text("{")
    assert main(command(folder, tmp_path / "out")) == 1
    scores = tmp_path / "out" / "scores.csv"
    scores.write_text(scores.read_text().replace("bob,tiny,q1,,3", "bob,tiny,q1,2,3"))
    assert main(command(folder, tmp_path / "out")) == 1
    assert "bob,tiny,q1,2,3,automatically,unreadable," in scores.read_text()
    (folder / "ada.ipynb").write_text("{")  # the program's own points are nobody's to keep
    fill(folder, {"bob": [REFERENCE]})
    assert main(command(folder, tmp_path / "out")) == 1
    assert "ada,tiny,q1,,3,automatically,unreadable," in scores.read_text()
    assert "bob,tiny,q1,3,3,automatically,graded," in scores.read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("good", "scores.csv, row 10 (ada, q10): 'good' is not a number of points."),
        ("4.5", "scores.csv, row 10 (ada, q10): 4.5 is not between 0 and 4 points."),
        ("-1", "row 10 (ada, q10): -1 is not between 0 and 4 points."),
        ("nan", "row 10 (ada, q10): nan is not between 0 and 4 points."),
    ],
)
def test_points_that_cannot_be_are_said_and_nothing_is_overwritten(
    class_of_seven, filled, capsys, text, says
):
    results = filled({("ada", "q10"): text, ("bob", "q10"): "1"})
    before = files(results)
    assert main(command(class_of_seven[0], results)) == 2
    assert says in capsys.readouterr().err
    assert files(results) == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"ada,tiny,q10,,", b"eve,tiny,q10,2,", "(eve, q10): there is no submission of this"),
        (b"ada,tiny,q10,,", b"ada,other,q10,2,", "(ada, q10) is of the lab other."),
        (b"ada,tiny,q10,,", b"ada,tiny,q9,2,", "(ada, q9): this question is not graded by hand"),
        (b"ada,tiny,q10,,", b"bob,tiny,q10,2,4,by hand\nbob,tiny,q10,2,", "two such rows"),
        (b"student,", b"name,", "scores.csv has no column 'student'."),
        (b"ada,", b"\xe4da,", "scores.csv is not in UTF-8."),
    ],
)
def test_a_table_that_cannot_be_kept_is_not_overwritten(
    class_of_seven, filled, capsys, old, new, says
):
    path = filled({}) / "scores.csv"
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    before = files(path.parent)
    assert main(command(class_of_seven[0], path.parent)) == 2
    assert says in capsys.readouterr().err
    assert files(path.parent) == before


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *((f"{sign}1+1", f"'{sign}1+1") for sign in "=+-@＝＋－＠"),
        (" =1", " '=1"),
        ("a;=1", "a;'=1"),
        ("a; @b", "a; '@b"),
        ("a-b@c.d", "a-b@c.d"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula_for_a_spreadsheet(name, cell):
    assert scores.cell(name) == cell


def test_names_and_messages_are_text_in_every_report(tmp_path):
    evil = '<img src=x onerror=alert(1)>"&'
    says = "def double(x):\n    raise type('=cmd', (Exception,), {})('=1;=2<svg onload=alert(1)>')"
    folder = fill(tmp_path / "in", {evil: [says], "@SUM(1)": [says], "-2;=3": [says]})
    assert main(command(folder, tmp_path / "out", "--jobs", "2")) == 0
    for separator in ",;\t":
        text = (tmp_path / "out" / "scores.csv").read_text("utf-8")
        for row in csv.reader(text.splitlines(), delimiter=separator):
            assert [part for part in row if part.lstrip()[:1] in set("=+-@")] == []
    for page in (tmp_path / "out").rglob("*.html"):
        found = Page(page.read_text("utf-8")).found
        assert not {"img", "script"} & set(found)
        assert "svg onload" not in page.read_text("utf-8").replace("&lt;svg onload", "")


def test_no_name_takes_the_place_of_another_or_stops_the_run(tmp_path):
    taken = submission("Zoe Smith", Path("a")).key
    names = {"Zoe Smith": [REFERENCE], taken: ["answer = 1.0"], "\U00020000" * 60: [REFERENCE]}
    assert (
        main([str(fill(tmp_path / "in", names)), "-o", str(tmp_path / "out"), "--lab", TINY]) == 0
    )
    pages = [path.read_text("utf-8") for path in (tmp_path / "out/feedback").iterdir()]
    assert len(pages) == len(names)
    assert sum("Zoe Smith" in page for page in pages) == 1


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


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"result": []}'])
def test_a_broken_result_is_graded_again(tmp_path, content):
    folder = fill(tmp_path / "in", {"ada": [REFERENCE]})
    kept = tmp_path / "out" / "graded" / "ada.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(content)
    assert main([str(folder), "-o", str(tmp_path / "out"), "--lab", TINY, "--jobs", "1"]) == 0
    assert json.loads(kept.read_text())["result"]["lab"] == "tiny"


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
