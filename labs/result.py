"""What grading gives: per question the points, per test what it said."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Test:
    """What one test said: `message` to this student, `says` to everybody who fails it this way."""

    name: str
    points: float
    hidden: bool
    passed: bool
    message: str
    says: str = ""


@dataclass(frozen=True)
class Question:
    """One question: its points, or None as long as a person has not graded it."""

    name: str
    points: float | None
    out_of: float
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a submission got.

    `notes` are lines for the student and the teacher. With `problem`, nothing could be graded, and
    somebody should look why. `seconds` and `peak` say what the submission used; they differ from
    run to run, so they are in no report.
    """

    lab: str
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()
    problem: bool = False
    seconds: float = field(default=0.0, compare=False)
    peak: int = field(default=0, compare=False)

    @property
    def points(self) -> float:
        """The points of the questions that are graded automatically."""
        return round(sum(q.points or 0 for q in self.questions), 6)

    @property
    def out_of(self) -> float:
        """What these questions are worth."""
        return round(sum(q.out_of for q in self.questions if q.points is not None), 6)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """Return the result that `to_json` was given."""
        questions = [
            Question(**{**q, "tests": tuple(Test(**test) for test in q["tests"])})
            for q in data["questions"]
        ]
        return cls(**{**data, "questions": tuple(questions), "notes": tuple(data["notes"])})
