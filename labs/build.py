"""Make the labs from their masters: ``python -m labs.build``, or ``make labs``.

A master is a percent script for `otter assign`, which makes three things of it: the student's
notebook, the solution, and the tests with the hidden ones. They go to ``_build/labs/<lab>``, and
the packs for students and teachers to ``dist``. Nothing of it is kept in the repository.

A student's notebook carries its own checks: the public tests stand in its second cell, with the
few lines of `labs.checks` that run them. So it works on Binder, on Colab and alone in any folder.
Otter's own would need an installation everywhere, and on Colab a folder of files beside it.
"""

from __future__ import annotations

import ast
import hashlib
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import jupytext
import nbformat
from filelock import FileLock

from labs import HERE, names

ROOT = HERE.parent
BUILD = ROOT / "_build" / "labs"
SOURCES = ("master.py", "wrong.yaml")  # what else is in a lab's folder lies beside its notebook

TITLE = "# @title Run this cell first: it holds the checks\n"
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in Jupyter, and on Colab


def built(lab: str) -> Path:
    """Return the folder of a lab, made of its master, anew if that has changed.

    In it are ``student``: the notebook, and what lies beside it; and ``autograder``: the solution
    under the same name, and ``tests``, a file of otter's for each question.
    """
    folder = BUILD / lab
    stamp, now = folder / "stamp", _digest(lab)
    if _is(stamp, now):
        return folder
    BUILD.mkdir(parents=True, exist_ok=True)
    with FileLock(BUILD / f"{lab}.lock"):  # another process may be making it, or already read it
        if not _is(stamp, now):
            with tempfile.TemporaryDirectory(dir=BUILD) as work:
                made = Path(work) / "made"
                _make(lab, Path(work), made)
                (made / "stamp").write_text(now)
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)
    return folder


def _is(stamp: Path, now: str) -> bool:
    return stamp.exists() and stamp.read_text() == now


def _beside(lab: str) -> list[Path]:
    files = (path for path in sorted((HERE / lab).iterdir()) if path.is_file())
    return [path for path in files if path.name not in SOURCES]


def _digest(lab: str) -> str:
    files = [HERE / lab / "master.py", *_beside(lab), HERE / "build.py", HERE / "checks.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _make(lab: str, work: Path, made: Path) -> None:
    """Run `otter assign` in `work`, and put what is wanted of it into `made`."""
    source = work / f"{lab}.ipynb"
    jupytext.write(jupytext.read(HERE / lab / "master.py"), source)
    _otter_assign(source, work)
    student, solution = (
        nbformat.read(work / version / source.name, as_version=4)
        for version in ("student", "autograder")
    )
    public = student.metadata.otter.tests
    tests = made / "autograder" / "tests"
    tests.mkdir(parents=True)
    for question, test in solution.metadata.otter.tests.items():
        (tests / f"{question}.py").write_text(test, encoding="utf-8")
    for notebook, version in ((student, "student"), (solution, "autograder")):
        _finish(notebook, public)
        (made / version).mkdir(exist_ok=True)
        nbformat.write(notebook, made / version / source.name)
        for path in _beside(lab):
            shutil.copy(path, made / version)


def _otter_assign(source: Path, result: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the many packages that otter imports
        from otter.assign import main as assign
    here, level = Path.cwd(), logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        assign(str(source), str(result), no_pdfs=True, no_run_tests=True)
    finally:
        logging.disable(level)
        os.chdir(here)


def _finish(notebook: nbformat.NotebookNode, public: dict[str, str]) -> None:
    """Give a notebook its checks, and take out what differs from run to run or is not needed."""
    set_up = next(i for i, cell in enumerate(notebook.cells) if "otter.Notebook" in cell.source)
    cell = notebook.cells.pop(set_up)
    cell.source = TITLE + (HERE / "checks.py").read_text(encoding="utf-8")
    cell.source += "".join(_cases(question, test) for question, test in public.items()).rstrip()
    cell.metadata |= FOLDED
    notebook.cells.insert(1, cell)
    for key in ("tests", "OK_FORMAT"):
        del notebook.metadata.otter[key]
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
        cell.metadata.pop("lines_to_next_cell", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _cases(question: str, test: str) -> str:
    """Turn a file of otter's tests into what `labs.checks` keeps."""
    text = ""
    for function in ast.parse(test).body:
        if isinstance(function, ast.FunctionDef):
            (decorator,) = function.decorator_list
            said = {word.arg: ast.literal_eval(word.value) for word in decorator.keywords}
            if said["hidden"]:
                raise ValueError(f"{question}: a hidden test would reach the student's notebook")
            function.decorator_list = []
            case = f"@grader.case({question!r}, {said['failure_message']!r})"
            text += f"\n\n{case}\n{ast.unparse(function)}\n"
    return text


def main() -> None:
    """Build all labs, and the packs."""
    from labs.packs import write_all

    for lab in names():
        print(f"{lab}: {built(lab).relative_to(ROOT)}")
    for path in write_all():
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
