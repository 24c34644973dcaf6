"""The directive in a small book of its own: what it shows, and what it says of a mistake."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

QUIZ = """
- id: coin
  question: A coin is fair. What is its entropy?
  options:
    - {right: 1 bit, feedback: "One question, $2^1$ sides."}
    - {wrong: 2 bits, feedback: That is four equal outcomes.}
- id: die
  question: |
    A die has four sides.

    What is its entropy?
  options:
    - {wrong: 1 bit, feedback: That is a coin.}
    - {right: "`log2(4)` bits", feedback: Two questions.}
"""

PAGES = {
    "01_good": "# A\n\n:::{quiz} coin\n:::\n\n## B\n\n:::{quiz}\n:::\n",
    "02_order": "# A\n\n:::{quiz} die\n:::\n",
    "03_unknown": "# A\n\n:::{quiz}\n:::\n\n:::{quiz} cat\n:::\n",
    "04_broken": "# A\n\n:::{quiz}\n:::\n",
    "05_none": "# A\n\n:::{quiz}\n:::\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The book as text, and what Sphinx said."""
    book = tmp_path_factory.mktemp("book")
    (book / "quizzes").mkdir()
    for name, page in PAGES.items():
        (book / f"{name}.md").write_text(page, encoding="utf-8")
        (book / "quizzes" / f"{name}.yaml").write_text(QUIZ, encoding="utf-8")
    (book / "quizzes" / "04_broken.yaml").write_text(
        QUIZ.replace("right: 1", "wrong: 1"), encoding="utf-8"
    )
    (book / "quizzes" / "05_none.yaml").unlink()
    (book / "index.md").write_text("# Z\n\n```{toctree}\n:glob:\n*\n```\n", encoding="utf-8")
    (book / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / '_ext')!r})\n"
        "extensions = ['myst_parser', 'sphinx_design', 'quiz']\n"
        "myst_enable_extensions = ['colon_fence', 'dollarmath']\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "text", str(book), str(book / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    return (book / "out" / "01_good.txt").read_text(encoding="utf-8"), done.stderr


def test_shows_one_question_and_then_the_others(built):
    page = " ".join(built[0].split())
    parts = ["A coin is fair", "1 bit", "Right.", "One question", "2 bits", "Not this one."]
    parts += ["four equal", "B", "A die has", "What is its", "1 bit", "Not this one.", "Right."]
    place = 0
    for part in parts:
        place = page.index(part, place) + len(part)
    assert "Question 1 of 2" in page
    assert "Question 2 of 2" in page


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("02_order", "'die' is not the next question of 02_order: 'coin' is"),
        ("03_unknown", "'cat' is not the next question of 03_unknown: 'none' is"),
        ("04_broken", "04_broken.yaml, question 'coin': 0 options are right. Exactly one"),
        ("05_none", "05_none.yaml cannot be read: No such file or directory"),
    ],
)
def test_names_the_page_and_the_mistake(built, page, said):
    lines = [line for line in built[1].splitlines() if f"{page}.md" in line]
    assert len(lines) == 1
    assert "ERROR" in lines[0]
    assert said in lines[0]


def test_says_nothing_of_a_good_page(built):
    assert "01_good" not in built[1]
