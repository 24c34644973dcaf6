"""The tests of the labs give every answer the points and the message that it deserves."""

import contextlib
import functools
import io
import signal
import warnings
from collections import Counter

import numpy as np
import pytest
from lab_mutants import EQUIVALENT, mutants

import labs
from labs.judge import load_tests
from labs.wrong import blank, complaint, grade, reference, solutions, wrong_answers

LABS = pytest.mark.parametrize("lab", labs.names())
WRONG = [
    pytest.param(lab, wrong, id=f"{lab}-{wrong.question}-{wrong.name}")
    for lab in labs.names()
    for wrong in wrong_answers(lab)
]
QUESTIONS = [(lab, question) for lab in labs.names() for question in solutions(reference(lab))]


@LABS
def test_the_reference_gets_everything(lab):
    result = grade(reference(lab), lab)
    assert result.points == result.out_of > 0
    assert all(test.passed for question in result.questions for test in question.tests)
    assert result.notes == ()


@LABS
def test_the_blank_gets_nothing(lab):
    result = grade(blank(lab), lab)
    assert result.points == 0
    assert not any(test.passed for question in result.questions for test in question.tests)


@LABS
def test_each_question_has_four_wrong_answers(lab):
    count = Counter(wrong.question for wrong in wrong_answers(lab))
    assert set(count) == set(solutions(reference(lab)))
    assert min(count.values()) >= 4
    names = [(wrong.question, wrong.name) for wrong in wrong_answers(lab)]
    assert len(set(names)) == len(names)
    assert all(len(wrong.message) > 6 for wrong in wrong_answers(lab))


@pytest.mark.parametrize(("lab", "wrong"), WRONG)
def test_a_wrong_answer_gets_its_points_and_its_message(lab, wrong):
    said = complaint(lab, wrong)
    assert said is None, said
    out_of = {file.name: file.possible for file in load_tests(labs.find(lab))}
    assert wrong.points < out_of[wrong.question]


SECONDS = 5  # for all tests of a question; a mutant may loop for ever


class TooLongError(BaseException):
    """Not an `Exception`: a test must not catch it."""


@contextlib.contextmanager
def quietly_and_not_for_ever(seconds):
    """Run what is ours, so without a sandbox, as the judge runs a test."""

    def stop(*_):
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@functools.cache
def names_after(lab):
    """All names of the reference, run to its end."""
    names = {"get_ipython": lambda: None}
    with quietly_and_not_for_ever(60):
        for cell in reference(lab).cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
    return names


def full_marks(lab, question, code):
    """Whether this code passes all tests of the question."""
    (file,) = (file for file in load_tests(labs.find(lab)) if file.name == question)
    names = dict(names_after(lab))
    try:
        with quietly_and_not_for_ever(SECONDS):
            exec(code, names)
            for case in file.test_cases:
                np.random.seed(0)  # noqa: NPY002 - as the judge does
                case.body.call_func(names)
    except (Exception, TooLongError):
        return False
    return True


@pytest.mark.parametrize(("lab", "question"), QUESTIONS)
def test_no_mutated_reference_gets_everything(lab, question):
    code = "\n".join(cell.source for cell in solutions(reference(lab))[question])
    assert full_marks(lab, question, code)
    made = list(mutants(code))
    assert made
    known = {
        change for lab_, question_, change in EQUIVALENT if (lab_, question_) == (lab, question)
    }
    unseen = {change for change, mutant in made if full_marks(lab, question, mutant)}
    assert unseen == known
