"""Grade one submission: run it in a sandbox, and otter's tests outside of it.

A test is an ordinary function of otter's, with the student's names as its parameters. Here it gets
stand-ins for them. A stand-in for a function sends its arguments into the sandbox and returns the
answer as real NumPy arrays and Python numbers (`labs.session`, `labs.codec`). So no code of the
student's runs where the tests, the expected values and the scores are. A patched NumPy stays in the
sandbox, an object that equals everything cannot leave it, and a forged answer is a value like any.

What a student reads is a test's ``failure_message``. The text of an error that the student's own
function raised is added for visible tests only: for a hidden one, it could carry out the inputs.
"""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path
from typing import Any

from labs import Lab
from labs.bubblewrap import Cage
from labs.errors import StudentError, SubmissionEnded, Unanswered, plain
from labs.guard import LIMITS, Limits
from labs.notebook import UnreadableError, read_cells
from labs.quiet import TooLongError, quietly, time_limit
from labs.result import Question, Result, Test
from labs.session import MISSING, Session

TEST_SECONDS = 120  # a test's own work; the waiting for the student is limited before


def load_tests(lab: Lab) -> list[Any]:
    """Return otter's test files, read afresh: a test may leave something in its globals."""
    return [_test_file(path) for path in sorted(lab.tests.glob("*.py"), key=_natural)]


def _natural(path: Path) -> tuple[int, str]:
    """Order q2 before q10."""
    digits = "".join(filter(str.isdigit, path.stem))
    return int(digits or 0), path.stem


def _test_file(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # otter's own, of its many imports
        from otter.test_files import ExceptionTestFile
    return ExceptionTestFile.from_file(str(path))


def judge(path: Path, lab: Lab, limits: Limits = LIMITS, unsafe: bool = False) -> Result:
    """Grade one notebook.

    Parameters
    ----------
    path : pathlib.Path
        The notebook.
    lab : labs.Lab
        The lab that it is to be graded as.
    limits : labs.guard.Limits
        What it may use.
    unsafe : bool
        Without a sandbox: see `labs.bubblewrap.UNSAFE`.

    Returns
    -------
    Result
        For every question of the lab; one that a person grades has no points.
    """
    files = load_tests(lab)
    try:
        cells, says = read_cells(path)
    except UnreadableError as error:
        return _nothing(files, lab, str(error))
    if says is not None and says != lab.name:
        return _nothing(
            files, lab, f"This is another lab: its notebook says {says[:60]!r}, not {lab.name!r}."
        )
    cage = Cage(imports=lab.imports, data=lab.data, limits=limits, unsafe=unsafe)
    with Session(cells, cage) as session:
        with contextlib.suppress(SubmissionEnded):
            session.start()
        questions = [_question(file, session) for file in files]
        over = session.over
    notes = [session.notes[number] for number in sorted(session.notes)]
    if over:
        notes.append(f"The submission was ended, because it {over}. Tests after that did not run.")
    lost = not any(
        test.passed or MISSING not in test.message for q in questions for test in q.tests
    )
    if lost:
        notes.append("None of the names that this lab asks for is there. Is it the right lab?")
    return Result(
        lab.name,
        _with_manual(questions, lab),
        tuple(notes),
        problem=lost,
        seconds=session.seconds,
        peak=session.peak,
    )


def _with_manual(questions: list[Question], lab: Lab) -> tuple[Question, ...]:
    whole = questions + [Question(name, None, points) for name, points in lab.manual]
    return tuple(sorted(whole, key=lambda q: _natural(Path(q.name))))


def _nothing(files: list[Any], lab: Lab, note: str) -> Result:
    """Return 0 points for everything, with the reason."""
    questions = [
        Question(
            file.name,
            0.0,
            float(file.possible),
            tuple(
                Test(c.name, float(c.points), c.hidden, False, note, note) for c in file.test_cases
            ),
        )
        for file in files
    ]
    return Result(lab.name, _with_manual(questions, lab), (note,), problem=True)


def _question(file: Any, session: Session) -> Question:
    tests = tuple(_run(case, session) for case in file.test_cases)
    got = sum(test.points for test in tests if test.passed)
    if file.all_or_nothing and not all(test.passed for test in tests):
        got = 0
    return Question(file.name, round(float(got), 6), round(float(file.possible), 6), tests)


def _run(case: Any, session: Session) -> Test:
    """Run one of otter's test cases against the stand-ins."""
    session.returned_none = None
    name = case.body.test_func.__name__ if case.name is None else case.name
    fails = " ".join((case.failure_message or "This check failed.").split())

    def test(passed: bool, says: str = "", told: str = "") -> Test:
        message = f"{says} ({told})" if told else says
        return Test(name, float(case.points), case.hidden, passed, message, says)

    try:
        with quietly(), time_limit(TEST_SECONDS):
            case.body.call_func(session)
    except Unanswered as error:
        return test(False, str(error))
    except SubmissionEnded as error:
        return test(False, f"{error} {fails}")
    except TooLongError:
        session.stop()  # an answer may be on its way
        return test(False, fails, "The check did not come to an end with this answer.")
    except StudentError as error:
        return test(False, fails, f"Your code raised {error.kind if case.hidden else error}.")
    except Exception as error:
        if session.returned_none:
            name_of = session.returned_none
            return test(False, fails, f"{name_of} returned None. Is it empty, or without a return?")
        if case.hidden:
            return test(False, fails)
        why = plain(error)
        if not isinstance(error, AssertionError):  # the test stumbled over the answer
            why = f"{type(error).__name__}: {why}"
        return test(False, fails, why)
    return test(True)
