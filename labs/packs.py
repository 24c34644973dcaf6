"""Pack the labs: ``dist/student.zip`` and ``dist/instructor.zip``.

The same sources give the same bytes. `labs.build` runs this.
"""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from pathlib import Path

from labs import HERE, names
from labs.build import ROOT, built
from labs.leaks import leaks

DIST = ROOT / "dist"
ONCE = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can say
PUBLISHED = ("quizzes", "slides.zip")  # what other commands put into dist, for teachers


def imported(notebook: bytes) -> set[str]:
    """Return the packages that the code of a notebook imports, without Python's own."""
    found = set()
    for cell in json.loads(notebook)["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names


def student_files() -> dict[str, bytes]:
    """Return what students get, by name: a folder for each lab, and what to install."""
    files = {"README.md": (HERE / "student.md").read_bytes()}
    packages = {"jupyterlab", "matplotlib"}
    for lab in names():
        for path in (built(lab) / "student").iterdir():
            files[f"{lab}/{path.name}"] = path.read_bytes()
        packages |= imported(files[f"{lab}/{lab}.ipynb"])
    files["requirements.txt"] = "".join(f"{name}\n" for name in sorted(packages)).encode()
    found = [leak for name, content in files.items() for leak in leaks(name, content)]
    if found:
        raise ValueError("\n".join(["student.zip would give something away.", *found]))
    return files


def instructor_files() -> dict[str, bytes]:
    """Return what teachers get, by name."""
    files = {f"student/{name}": content for name, content in student_files().items()}
    files["README.md"] = (HERE / "instructor.md").read_bytes()
    files["constraints.txt"] = (ROOT / "constraints.txt").read_bytes()
    files["requirements.txt"] = (HERE / "requirements.txt").read_bytes()
    for path in [*_sources(HERE), *(ROOT / "xentlib").glob("*.py")]:  # the reports draw with it
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    for lab in names():
        solved = built(lab) / "autograder"
        files[f"solutions/{lab}.ipynb"] = (solved / f"{lab}.ipynb").read_bytes()
        for test in (solved / "tests").iterdir():
            files[f"graders/{lab}/{test.name}"] = test.read_bytes()
    for path in (DIST / name for name in PUBLISHED):
        for file in _sources(path) if path.is_dir() else [path] if path.exists() else []:
            files[file.relative_to(DIST).as_posix()] = file.read_bytes()
    return files


def _sources(folder: Path) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]


def write(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip file in one folder of its own name, the same for the same files."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as pack:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", ONCE)
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, files[name], zipfile.ZIP_DEFLATED)


def write_all() -> list[Path]:
    """Write both packs, and return where they are."""
    packs = {DIST / "student.zip": student_files(), DIST / "instructor.zip": instructor_files()}
    for path, files in packs.items():
        write(path, files)
    return list(packs)
