"""What a submission said when it failed, in words that can be shown."""

from __future__ import annotations

from typing import Any

BUILTIN = {
    kind.__name__: kind
    for kind in (
        *(
            ArithmeticError,
            AssertionError,
            AttributeError,
            FloatingPointError,
            ImportError,
            IndexError,
        ),
        *(KeyError, LookupError, MemoryError, ModuleNotFoundError, NameError, NotImplementedError),
        *(OverflowError, RecursionError, RuntimeError, TypeError, ValueError, ZeroDivisionError),
    )
}


class StudentError(Exception):
    """The submission's function raised an exception, or returned what is not plain data.

    It is also an instance of that exception's built-in type, so that a test can expect a
    ``ValueError`` from the judge's stand-in as from the function itself.
    """


class Unanswered(Exception):
    """A name that a test asks for is missing or still ``...``."""


class SubmissionEnded(BaseException):
    """The process ended during a test. Not an `Exception`: no test may take it for an answer."""


def plain(text: object, length: int = 300) -> str:
    """Return what a submission said as one short line that can be printed."""
    line = " ".join(str(text).split())
    line = "".join(c if c.isprintable() else "�" for c in line)
    return line if len(line) <= length else line[: length - 1] + "…"


def student_error(told: Any) -> StudentError:
    """Return the exception that stands for the one the probe told of."""
    told = told if isinstance(told, dict) else {}
    builtin = BUILTIN.get(str(told.get("builtin")))
    bases = (StudentError, builtin) if builtin else (StudentError,)
    kind = type("StudentError", bases, {})
    error = kind(f"{plain(told.get('type'), 60)}: {plain(told.get('text'))}")
    error.where = plain(told.get("place", ""), 20)
    error.kind = builtin.__name__ if builtin else "an exception"
    return error


def refused(module: str, imports: tuple[str, ...]) -> str:
    """Return why a module is not there."""
    if module in ("xentlib", "scipy", "sklearn", "torch", "jax", "keras", "tensorflow", "optax"):
        return (
            f"It imports {module}, which is the answer. Here you may import {' and '.join(imports)}"
        )
    return f"It imports {module}. Here you may import {' and '.join(imports)}"
