"""What a student must not find: the solutions of a lab, its hidden tests, what they expect."""

from __future__ import annotations

import ast
import functools
import json
import re

from labs import HERE, names
from labs.build import built

SHORT = 25  # characters; a shorter line of a solution, or the head of a loop, may stand anywhere
PLAIN = 40  # and a shorter line of a test, as many tests begin alike


def squeezed(text: str) -> str:
    """Return the text with single spaces and one kind of quotes, as a formatter may change both."""
    return " ".join(text.replace('"', "'").split())


@functools.cache
def secrets(lab: str) -> dict[str, str]:
    """Return the texts that give a lab away, squeezed, each with what it is."""
    found = {}
    for block in _blocks((HERE / lab / "master.py").read_text(encoding="utf-8")):
        for line in block.splitlines():
            if len(line.strip()) >= SHORT and not line.rstrip().endswith(":"):
                found[squeezed(line.removeprefix("# "))] = "solution"
    public, hidden = set(), {}
    for path in sorted((built(lab) / "autograder" / "tests").glob("*.py")):
        for test in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(test, ast.FunctionDef):
                said = {word.arg: word.value for word in test.decorator_list[0].keywords}
                lines = [squeezed(ast.unparse(part)) for part in test.body]
                lines = [line for line in lines if len(line) >= PLAIN]
                lines.append(squeezed(ast.literal_eval(said["failure_message"])))
                if ast.literal_eval(said["hidden"]):
                    hidden |= dict.fromkeys(lines, f"hidden test {test.name}")
                else:
                    public |= set(lines)
    return found | {text: what for text, what in hidden.items() if text not in public}


def _blocks(master: str) -> list[str]:
    """Return the lines of a master that `otter assign` takes out for students."""
    blocks = re.findall(r"^ *# BEGIN SOLUTION[^\n]*\n(.*?)^ *# END SOLUTION", master, re.M | re.S)
    lines = re.findall(r"^.*# SOLUTION$", master, re.M)
    written = re.findall(
        r"^# # BEGIN SOLUTION\n\n# %% \[markdown\]\n(.*?)^# %%", master, re.M | re.S
    )
    return [*blocks, *(line.removesuffix("# SOLUTION") for line in lines), *written]


def text_of(name: str, content: bytes) -> str:
    """Return what can be read in a file; in a notebook, that is all that is in its cells."""
    text = content.decode("utf-8", "replace")
    if name.endswith(".ipynb"):
        notebook = json.loads(text)
        cells = ["".join(cell["source"]) for cell in notebook["cells"]]
        text = "\n".join([*cells, json.dumps(notebook, ensure_ascii=False)])
    return text


def leaks(name: str, content: bytes) -> list[str]:
    """Return a line for each text in a file that gives a lab away."""
    text = squeezed(text_of(name, content))
    return [
        f"{name} holds of {lab}, {what}: {secret}"
        for lab in names()
        for secret, what in secrets(lab).items()
        if secret in text
    ]
