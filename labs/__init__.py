"""The labs: what there is to build and to grade."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent

# What a submission may import beside the standard library. A lab that is not named gets DEFAULT.
# xentlib, SciPy and the like are left out on purpose: they are the answer.
DEFAULT = ("numpy", "matplotlib")
IMPORTS = {"4_debugging": (*DEFAULT, "torch")}


@dataclass(frozen=True)
class Lab:
    """One lab, built: where its tests are, and what a submission to it may use.

    Parameters
    ----------
    name : str
        The name of its folder, which is also otter's assignment name: ``2_stable_softmax``.
    tests : pathlib.Path
        The folder of otter's test files, with the hidden tests. It never enters the sandbox.
    manual : tuple of (str, float)
        The questions that a person grades, with their points.
    data : tuple of pathlib.Path
        Files that lie beside the student's notebook. The sandbox shows them, read-only.
    imports : tuple of str
        The packages that a submission may import.
    """

    name: str
    tests: Path
    manual: tuple[tuple[str, float], ...] = ()
    data: tuple[Path, ...] = ()
    imports: tuple[str, ...] = DEFAULT

    def digest(self) -> str:
        """Return a hash of all that decides a score, so that a kept result can be told stale."""
        parts = [self.name, str(self.manual), str(self.imports)]
        files = [*sorted(self.tests.glob("*.py")), *self.data, *sorted(HERE.glob("*.py"))]
        whole = hashlib.sha256("\n".join(parts).encode())
        for file in files:
            whole.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()


def names() -> list[str]:
    """Return the names of all labs, in their order."""
    return sorted(master.parent.name for master in HERE.glob("*/master.py"))


def find(lab: str) -> Lab:
    """Return the lab with this name or number, and build it if need be.

    The path of a folder that `labs.build` has built, with its master in it, will do too.
    """
    if (Path(lab) / "autograder").is_dir() and (Path(lab) / "master.py").is_file():
        return in_folder(Path(lab).resolve(), Path(lab) / "master.py")
    matches = [name for name in names() if lab in (name, name.partition("_")[0])]
    if not matches:
        raise LookupError(f"There is no lab {lab!r}. There are: {', '.join(names())}.")
    from labs.build import built

    return in_folder(built(matches[0]), HERE / matches[0] / "master.py")


def in_folder(folder: Path, master: Path) -> Lab:
    """Return the lab that was built in `folder`, whose name is the lab's, from `master`."""
    beside = sorted((folder / "student").glob("*"))
    return Lab(
        name=folder.name,
        tests=folder / "autograder" / "tests",
        manual=manual_questions(master.read_text(encoding="utf-8")),
        data=tuple(path for path in beside if path.is_file() and path.suffix != ".ipynb"),
        imports=IMPORTS.get(folder.name, DEFAULT),
    )


def manual_questions(master: str) -> tuple[tuple[str, float], ...]:
    """Return name and points of the questions that a master marks ``manual: true``."""
    blocks = re.findall(r"^# # BEGIN QUESTION\n((?:# .*\n)*)", master, re.MULTILINE)
    configs = [yaml.safe_load(re.sub("^# ", "", block, flags=re.MULTILINE)) for block in blocks]
    return tuple((c["name"], float(c.get("points", 1))) for c in configs if c.get("manual"))
