"""Read the YAML of a quiz, and say clearly what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

HERE = Path(__file__).parent
SCHEMA = yaml.safe_load((HERE / "schema.yaml").read_text(encoding="utf-8"))

# The usual causes. Each is what a writer of such a file most often did to get the error.
QUOTE = (
    "Text that holds a colon and a space, or begins with one of ` * { [ & ! % @, needs single "
    "quotes around it, or a line of its own below `>-`."
)
ESCAPE = 'A backslash has a meaning inside "double quotes". Use single quotes, or none.'
NOT_TEXT = "YAML reads Yes, No and numbers as something else than text: put single quotes around."
ONE_RIGHT = "Exactly one option begins with `right:`, every other one with `wrong:`."
NO_FEEDBACK = "Every option needs `feedback:`, the right one too: it says why it is right."
KEYS = "A question has id, question and options. An option has right or wrong, and feedback."


class QuizError(Exception):
    """A quiz that cannot be used: names the file, the question and the usual cause."""


@dataclass(frozen=True)
class Option:
    """One answer to choose, and what is said to whoever chose it."""

    text: str
    is_right: bool
    feedback: str


@dataclass(frozen=True)
class Question:
    """A question with its options. Its id stays when the text changes."""

    id: str
    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Quiz:
    """The questions of one chapter, in the order of the page."""

    stem: str
    questions: tuple[Question, ...]


class Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, of which PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the dictionary of a YAML mapping."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is there twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def name(path: Path) -> str:
    """Return the file as it is called in the repository."""
    return f"{path.parent.name}/{path.name}"


def read(path: Path) -> Quiz:
    """Read and check one quiz.

    Raises
    ------
    QuizError
        If the file is not there, is not YAML, or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, Loader)
    except OSError as error:
        cause = "A quiz is called like its chapter: chapters/04_binary.md, quizzes/04_binary.yaml."
        raise QuizError(f"{name(path)} cannot be read: {error.strerror}. {cause}") from None
    except yaml.MarkedYAMLError as error:
        raise QuizError(explain_yaml(path, text, error)) from None
    errors = sorted(Draft202012Validator(SCHEMA).iter_errors(content), key=depth)
    if errors:
        raise QuizError(explain(path, content, errors[0]))
    ids = [entry["id"] for entry in content]
    if twice := [id_ for id_ in ids if ids.count(id_) > 1]:
        raise QuizError(f"{name(path)}: the id {twice[0]!r} is there twice. Give each its own.")
    return Quiz(path.stem, tuple(map(question, content)))


def read_all(folder: Path = HERE) -> list[Quiz]:
    """Read the quizzes of all chapters, in their order."""
    return [read(path) for path in sorted(folder.glob("[0-9][0-9]_*.yaml"))]


def question(entry: dict[str, Any]) -> Question:
    """Make a question of what the schema has let through."""
    options = tuple(
        Option(option.get("right") or option["wrong"], "right" in option, option["feedback"])
        for option in entry["options"]
    )
    return Question(entry["id"], entry["question"], options)


def explain_yaml(path: Path, text: str, error: yaml.MarkedYAMLError) -> str:
    """Say where the YAML breaks: the line, and the question that it stands in."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    above = "\n".join(text.splitlines()[:line])
    ids = re.findall(r"^- id: *(\S+)", above, flags=re.MULTILINE)
    where = f"question {ids[-1]!r}, line {line}" if ids else f"line {line}"
    if "escape" in str(error.problem):
        cause = ESCAPE
    elif "twice" in str(error.problem):
        cause = "Perhaps a `- ` is missing where a new option or question begins."
    else:
        cause = QUOTE
    return f"{name(path)}, {where}: {error.problem}. {cause}"


def depth(error: ValidationError) -> tuple[list[str], int]:
    """Order complaints as they stand in the file, and in one place the most basic one first."""
    basic = ["type", "additionalProperties", "required", "oneOf"]
    rank = basic.index(error.validator) if error.validator in basic else len(basic)
    return [f"{part:>9}" for part in error.absolute_path], rank


def explain(path: Path, content: Any, error: ValidationError) -> str:
    """Put a complaint of the schema into words."""
    place = list(error.absolute_path)
    where = [name(path)]
    if place:
        entry = content[place[0]]
        id_ = entry.get("id") if isinstance(entry, dict) else None
        where.append(f"question {id_!r}" if id_ else f"question number {place[0] + 1}")
    if len(place) > 2:
        where.append(f"option {place[2] + 1}")
    what, cause = error.message, KEYS
    if error.validator == "type" and place and isinstance(place[-1], str):
        what, cause = f"{place[-1]} is {error.instance!r}, not {error.validator_value}", NOT_TEXT
        if isinstance(error.instance, dict):
            cause = QUOTE
    elif error.validator == "type":
        what = f"{error.instance!r} is not what should stand here"
    elif error.validator in {"contains", "maxContains"}:
        rights = sum("right" in option for option in error.instance if isinstance(option, dict))
        what, cause = f"{rights} options are right", ONE_RIGHT
    elif error.validator == "oneOf":
        both = {"right", "wrong"} <= set(error.instance)
        what, cause = f"the option is {'both' if both else 'neither'} right and wrong", ONE_RIGHT
    elif error.validator == "required" and "feedback" not in error.instance and len(place) > 2:
        what, cause = "there is no feedback", NO_FEEDBACK
    elif error.validator == "pattern":
        what, cause = f"the id {error.instance!r} will not do", "Use a-z, 0-9 and single hyphens."
    elif error.validator == "minLength":
        what, cause = f"{place[-1]} is empty", "Write it, or take the whole entry out."
    elif error.validator == "minItems":
        what, cause = f"{place[-1] if place else 'the quiz'} is too short", KEYS
    return f"{', '.join(where)}: {what}. {cause}"
