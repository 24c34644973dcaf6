"""Write a quiz in GIFT, the text format of Moodle's question bank."""

from __future__ import annotations

import re

from quizzes.reading import Option, Question, Quiz
from quizzes.text import place, title, to_html


def to_gift(quiz: Quiz) -> str:
    """Return the quiz as GIFT. Moodle puts its questions into a category named like the chapter."""
    category = f"$CATEGORY: $course$/top/{title(quiz.stem).replace('/', '//')}"
    parts = [category, *(block(quiz.stem, question) for question in quiz.questions)]
    return "\n\n".join(parts) + "\n"


def block(stem: str, question: Question) -> str:
    """Return one question."""
    # The format that stands before the question holds for its options and feedback as well.
    opening = f"::{escape(f'{place(stem):02} {question.id}')}::[html]"
    text = escape(to_html(question.text, inline=False))
    return "\n".join([f"{opening}{text} {{", *map(line, question.options), "}"])


def line(option: Option) -> str:
    """Return one option with its feedback."""
    text, feedback = (to_html(part, inline=True) for part in (option.text, option.feedback))
    return f"{'=' if option.is_right else '~'}{escape(text)}#{escape(feedback)}"


def escape(text: str) -> str:
    r"""Put a backslash before each character that GIFT reads as its own, and before a backslash."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text)
