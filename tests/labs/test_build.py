"""What `labs.build` makes of a master: a notebook to start from, a solution, tests, packs."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

import labs
from labs import build, packs
from labs.build import built
from labs.judge import load_tests
from labs.wrong import blank, reference, solutions

LABS = pytest.mark.parametrize("lab", labs.names())


def master(lab):
    return (labs.HERE / lab / "master.py").read_text(encoding="utf-8")


def title(lab):
    """The first cell of the student's notebook."""
    return blank(lab).cells[0].source


def paragraph(lab, name):
    """What follows a bold name in the first cell, up to an empty line or the next such name."""
    return re.search(rf"\*\*{name}\.?\*\*(.*?)(?=\n\n\*\*|\n\*\*|\Z)", title(lab), re.S).group(1)


def run(notebook, folder):
    """Run all cells in a kernel: what they printed, in one line, and their errors."""
    client = NotebookClient(
        notebook, timeout=100, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    return " ".join(printed.split()), [
        output.evalue for output in outputs if output.output_type == "error"
    ]


def test_there_are_five_labs():
    assert [name.partition("_")[0] for name in labs.names()] == list("12345")


@LABS
def test_the_first_cell_says_what_the_lab_is(lab):
    assert re.match(rf"# Lab {lab[0]}: [A-Z][a-z]+,? ", title(lab))
    assert len(re.findall(r"^- .+", paragraph(lab, "What you will be able to do"), re.M)) >= 3
    assert re.search(r"[Cc]hapter", paragraph(lab, "What you need"))
    assert 45 <= int(re.match(r" (\d+) minutes", paragraph(lab, "Time")).group(1)) <= 90


@LABS
def test_the_points_table_and_the_headings_agree_with_the_tests(lab):
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (\d+) \| (.+?) \|$", title(lab), re.M)
    graded = {file.name: (file.possible, "automatically") for file in load_tests(labs.find(lab))}
    written = {
        name: (points, "by a person, with a rubric") for name, points in labs.find(lab).manual
    }
    assert {f"q{n}": (float(points), how) for n, _, points, how in rows} == graded | written
    total = re.search(r"^\| +\| \*\*total\*\* \| \*\*(\d+)\*\* \|", title(lab), re.M).group(1)
    assert int(total) == sum(int(points) for _, _, points, _ in rows)
    assert 4 <= len(graded) <= 7
    assert 1 <= len(written) <= 2
    headings = [cell.source for cell in blank(lab).cells if "## Question" in cell.source]
    for (number, _, points, _), cell in zip(rows, headings, strict=True):
        heading = re.search(r"^## Question (\d+): .+ \((\d+) points?[,)]", cell, re.M)
        assert heading.groups() == (number, points)


@LABS
def test_questions_have_hints_that_are_folded_and_written_ones_a_rubric(lab):
    text = "\n".join(cell.source for cell in blank(lab).cells)
    assert text.count("<details><summary>Hint") >= len(load_tests(labs.find(lab))) - 2
    assert text.count("<details>") == text.count("</details>")
    assert "Rubric" not in text
    answers = [cell.source for cell in reference(lab).cells if "**Rubric" in cell.source]
    assert len(answers) == len(labs.find(lab).manual)
    assert all("Common mistakes" in answer for answer in answers)


@LABS
def test_a_question_has_a_public_check_and_hidden_tests_that_weigh_more(lab):
    for file in load_tests(labs.find(lab)):
        hidden = [case.points for case in file.test_cases if case.hidden]
        assert len(hidden) < len(file.test_cases), file.name
        assert sum(hidden) >= file.possible / 2, file.name
        assert file.possible == sum(case.points for case in file.test_cases)


@LABS
def test_messages_reach_the_tests_as_the_master_says_them(lab):
    """Otter writes a message into code as it is, so a quotation mark would end it."""
    configs = re.findall(r'^"""# BEGIN TEST CONFIG\n(.*?)"""', master(lab), re.M | re.S)
    said = [yaml.safe_load(config)["failure_message"] for config in configs]
    cases = [case for file in load_tests(labs.find(lab)) for case in file.test_cases]
    assert sorted(case.failure_message for case in cases) == sorted(said)


@LABS
def test_names_are_all_there_and_no_answer(lab):
    """A student finds the names that the tests ask for, each without its value."""
    cells = _answers(blank(lab))
    assert list(cells) == list(solutions(reference(lab)))
    for file in load_tests(labs.find(lab)):
        code = ast.parse(cells[file.name])
        given = {
            name
            for node in ast.walk(code)
            for name in (
                [node.name]
                if isinstance(node, ast.FunctionDef)
                else [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
                if isinstance(node, ast.Assign)
                else []
            )
        }
        wanted = {name for case in file.test_cases for name in case.body._get_func_params()}
        assert wanted & given, file.name
        for node in code.body:
            if isinstance(node, ast.Assign):
                assert isinstance(node.value, ast.Constant), file.name
                assert node.value.value is ..., file.name


def _answers(notebook):
    """The code that a student is to change, for each question."""
    found, waiting = {}, []
    for cell in notebook.cells:
        if cell.source.startswith("grader.check("):
            found[cell.source.split('"')[1]], waiting = "\n".join(waiting), []
        elif "otter_answer_cell" in cell.metadata.get("tags", ()) and cell.cell_type == "code":
            waiting.append(cell.source)
    return found


@LABS
def test_the_blank_notebook_runs_and_says_what_is_missing(lab, tmp_path):
    printed, errors = run(blank(lab), tmp_path)
    assert errors == []
    for file in load_tests(labs.find(lab)):
        assert re.search(rf"{file.name}: 0 of [1-9]", printed), file.name
    assert re.search("is not there yet|returned None", printed)


@LABS
def test_the_solution_runs_and_passes_its_checks(lab, tmp_path):
    printed, errors = run(reference(lab), tmp_path)
    assert errors == []
    for file in load_tests(labs.find(lab)):
        public = sum(not case.hidden for case in file.test_cases)
        says = f"{file.name}: {public} of {public} checks passed."
        assert printed.count(says) == 2, file.name  # below the question, and in the end
    assert "Not yet" not in printed


def test_a_check_names_the_mistake_and_what_was_raised(tmp_path):
    notebook = reference("2_stable_softmax")
    cells = solutions(notebook)
    cells["q2"][0].source = "def softmax(z):\n    return np.exp(z) / np.exp(z).sum()"
    cells["q3"][0].source = "def logsumexp(z):\n    return z[7]"
    printed, _ = run(notebook, tmp_path)
    assert "q2: 0 of 2 checks passed. Not yet. Each row must add up to 1" in printed
    assert "the last axis? (the rows do not add up to 1)" in printed
    assert "(IndexError: index 7 is out of bounds" in printed


def test_a_lab_is_built_once_and_again_when_its_master_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "BUILD", tmp_path)
    made = []
    monkeypatch.setattr(build, "_make", lambda lab, work, made_: (made.append(lab), made_.mkdir()))
    build.built("1_entropy")
    build.built("1_entropy")
    assert made == ["1_entropy"]
    monkeypatch.setattr(build, "_digest", lambda lab: "another")
    build.built("1_entropy")
    assert made == ["1_entropy"] * 2
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["1_entropy"]


def test_processes_that_build_at_once_all_find_it_whole(tmp_path):
    code = (
        "import sys; from pathlib import Path; from labs import build;"
        "build.BUILD = Path(sys.argv[1]);"
        "folder = build.built('1_entropy');"
        "assert (folder / 'autograder/1_entropy.ipynb').read_text()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=build.ROOT) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]


def test_the_same_master_gives_the_same_bytes(tmp_path, monkeypatch):
    before = {p.name: p.read_bytes() for p in built("1_entropy").rglob("*") if p.is_file()}
    monkeypatch.setattr(build, "BUILD", tmp_path)
    after = {p.name: p.read_bytes() for p in built("1_entropy").rglob("*") if p.is_file()}
    assert before == after


def test_a_hidden_test_cannot_get_into_a_notebook():
    hidden = "@test_case(points=1, hidden=True, failure_message='x')\ndef test_q1(a): ..."
    with pytest.raises(ValueError, match="q1: a hidden test would reach the student's notebook"):
        build._cases("q1", hidden)


def test_packs_are_complete_and_the_same_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "DIST", tmp_path)
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "01_entropy.gift").write_text("a quiz")
    first = {path: path.read_bytes() for path in packs.write_all()}
    assert {path: path.read_bytes() for path in packs.write_all()} == first
    with zipfile.ZipFile(tmp_path / "student.zip") as pack:
        names = pack.namelist()
        assert names == sorted(names)
        assert {f"student/{lab}/{lab}.ipynb" for lab in labs.names()} <= set(names)
        installs = pack.read("student/requirements.txt").decode().split()
        assert installs == ["jupyterlab", "numpy", "torch"]
        assert not any("master" in name or "tests" in name for name in names)
    with zipfile.ZipFile(tmp_path / "instructor.zip") as pack:
        names = {name.removeprefix("instructor/") for name in pack.namelist()}
    wanted = {"README.md", "constraints.txt", "labs/grade.py", "quizzes/01_entropy.gift"}
    for lab in labs.names():
        wanted |= {f"student/{lab}/{lab}.ipynb", f"solutions/{lab}.ipynb", f"graders/{lab}/q1.py"}
        wanted |= {f"labs/{lab}/master.py", f"labs/{lab}/wrong.yaml"}
    assert wanted <= names


def test_a_teacher_can_grade_and_build_from_the_unpacked_pack(tmp_path, monkeypatch):
    monkeypatch.setattr(packs, "DIST", tmp_path)
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "01_entropy.gift").write_text("a quiz")
    (tmp_path / "slides.zip").write_bytes(b"slides")
    packs.write_all()
    with zipfile.ZipFile(tmp_path / "instructor.zip") as pack:
        pack.extractall(tmp_path)
    handed_in = tmp_path / "handed in"
    handed_in.mkdir()
    nbformat.write(reference("1_entropy"), handed_in / "ada.ipynb")
    for command in (["labs.build"], ["labs.grade", str(handed_in), "-o", "results"]):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path / "instructor",
            env={**os.environ, "PYTHONPATH": str(tmp_path / "instructor")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    for name in ("student.zip", "instructor.zip"):  # quizzes and slides are in the second
        built_there = tmp_path / "instructor" / "dist" / name
        assert built_there.read_bytes() == (tmp_path / name).read_bytes(), name
    (row, *_) = json.loads((tmp_path / "instructor/results/gradescope/ada.json").read_text())[
        "tests"
    ]
    assert row["score"] == row["max_score"]


def test_students_are_told_where_the_book_and_its_binder_are():
    told = packs.student_files()["README.md"].decode()
    config = yaml.safe_load((build.ROOT / "_config.yml").read_text())
    repository = config["repository"]["url"].removeprefix("https://github.com/")
    assert f"<https://mybinder.org/v2/gh/{repository}/main?urlpath=lab>" in told
    assert f"<{config['html']['baseurl']}>" in told


@LABS
def test_numpy_labs_say_in_which_precision(lab):
    assert ("Compute in float64, NumPy's default." in title(lab)) == (lab != "4_debugging")


def test_what_the_pack_installs_is_what_the_project_tests():
    extra = tomllib.loads((build.ROOT / "pyproject.toml").read_text())["project"]
    listed = (labs.HERE / "requirements.txt").read_text().split("\n")
    assert set(extra["optional-dependencies"]["labs"]) <= set(listed)


def test_otter_is_not_needed_to_answer():
    assert importlib.util.find_spec("otter")
    for lab in labs.names():
        assert "otter" not in packs.imported((built(lab) / "student" / f"{lab}.ipynb").read_bytes())
