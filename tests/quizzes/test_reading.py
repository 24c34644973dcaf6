"""The quizzes as they are written, and what is said to whoever writes one wrongly."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from quizzes.reading import SCHEMA, QuizError, read, read_all

ROOT = Path(__file__).resolve().parents[2]
QUIZZES = read_all()
QUESTIONS = [
    pytest.param(question, id=f"{quiz.stem}-{question.id}")
    for quiz in QUIZZES
    for question in quiz.questions
]

GOOD = """
- id: coin
  question: A coin is fair. What is its entropy?
  options:
    - right: 1 bit
      feedback: One question finds the side.
    - wrong: 2 bits
      feedback: That is four equal outcomes.
"""


def test_each_chapter_has_its_quiz():
    chapters = sorted((ROOT / "chapters").glob("[0-9][0-9]_*.md"))
    assert [quiz.stem for quiz in QUIZZES] == [chapter.stem for chapter in chapters]


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.stem)
def test_a_quiz_has_four_questions_or_more(quiz):
    assert len(quiz.questions) >= 4


@pytest.mark.parametrize("question", QUESTIONS)
class TestQuestion:
    def test_has_exactly_one_right_option_of_three_or_more(self, question):
        assert len(question.options) >= 3
        assert sum(option.is_right for option in question.options) == 1

    def test_says_something_different_for_each_option(self, question):
        for part in ("text", "feedback"):
            texts = [getattr(option, part) for option in question.options]
            assert len(set(texts)) == len(texts)

    def test_has_words_in_each_option(self, question):
        """A formula alone is no name for what a screen reader offers to open."""
        for option in question.options:
            assert re.search(r"[\w`]", re.sub(r"\$[^$]*\$", "", option.text))

    def test_leaves_the_verdict_to_the_page(self, question):
        """The page and the platforms say "right" themselves, so that a feedback only says why."""
        for option in question.options:
            assert not option.feedback.startswith(("Yes", "No.", "Right", "Correct", "Wrong"))


def test_the_right_option_is_not_found_by_its_place():
    places = [
        [option.is_right for option in question.options].index(True)
        for quiz in QUIZZES
        for question in quiz.questions
    ]
    assert max(places.count(place) for place in set(places)) < len(places) / 2


def test_the_example_is_read(tmp_path):
    path = tmp_path / "01_coin.yaml"
    path.write_text(GOOD, encoding="utf-8")
    (question,) = read(path).questions
    assert [option.is_right for option in question.options] == [True, False]
    assert question.options[0].text == "1 bit"


BAD = {
    "no right option": ("right: 1", "wrong: 1", ["0 options are right", "Exactly one option"]),
    "two right options": ("wrong: 2", "right: 2", ["2 options are right", "Exactly one option"]),
    "no feedback": (
        "      feedback: One question finds the side.\n",
        "",
        ["option 1", "no feedback", "the right one too"],
    ),
    "a colon in the text": ("1 bit", "1 bit: one side", ["mapping values", "line 5", "quotes"]),
    "code at the start": ("1 bit", "`1` bit", ["line 5", "quotes"]),
    "a backslash in double quotes": ("1 bit", '"$\\ln 2$"', ["escape", "single quotes"]),
    "a Yes": ("1 bit", "Yes", ["option 1", "right is True, not string", "single quotes"]),
    "a number": ("2 bits", "0.5", ["option 2", "wrong is 0.5, not string", "single quotes"]),
    "a key given twice": (
        "    - wrong: 2 bits\n",
        "",
        ["'feedback' is there twice", "line 7", "missing where a new option"],
    ),
    "a misspelt key": ("feedback: One", "feedbak: One", ["option 1", "feedbak", "feedback"]),
    "an option of neither kind": ("wrong: 2", "option: 2", ["option 2", "option"]),
    "an empty feedback": ("One question finds the side.", "''", ["feedback is empty"]),
    "an id that is none": ("id: coin", "id: The coin", ["'The coin'", "hyphens"]),
    "no id": ("id: coin\n  question", "question", ["question number 1", "'id'"]),
    "a list in place of a text": ("1 bit", "[1, 2]", ["right is [1, 2], not string"]),
    "a question without options": (GOOD[GOOD.index("  options") :], "", ["'options'"]),
    "an empty file": (GOOD, "", ["None is not what should stand here"]),
    "the same id twice": (GOOD, GOOD + GOOD, ["'coin' is there twice"]),
}


@pytest.mark.parametrize(("old", "new", "said"), BAD.values(), ids=BAD)
def test_a_mistake_is_told_with_file_question_and_cause(tmp_path, old, new, said):
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    path = tmp_path / "01_coin.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuizError) as caught:
        read(path)
    message = str(caught.value)
    assert "01_coin.yaml" in message
    if "id: coin" in text:
        assert "'coin'" in message
    for part in said:
        assert part in message
    assert len(message) < 400


def test_a_quiz_that_is_missing_is_told(tmp_path):
    with pytest.raises(QuizError, match=r"07_none\.yaml cannot be read: No such file.*its chapter"):
        read(tmp_path / "07_none.yaml")


def test_the_schema_is_one():
    """The schema of schemas, which comes with jsonschema, finds nothing to say."""
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(GOOD))) == []
