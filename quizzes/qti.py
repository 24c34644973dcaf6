"""Write quizzes as an IMS content package with QTI 2.1, the format that Canvas imports.

The form is the one of the specification's own examples. Two things are as they are for Canvas: it
finds the feedback of an option only where FEEDBACK is added to itself (``multiple``), and it shows
the first paragraph of a feedback alone, so that each is one paragraph.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

from quizzes.reading import Option, Question, Quiz
from quizzes.text import place, title, to_html

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LOCATION = {
    QTI: "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    CP: "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
}
ONCE = (1980, 1, 1, 0, 0, 0)  # the date of every file, so that equal quizzes give equal packages


def element(parent: ET.Element | None, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """Add a child, or begin a tree if there is no parent."""
    made = ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
    made.text = text or None
    return made


def root(tag: str, namespace: str, **attributes: str) -> ET.Element:
    """Begin a document, and name its schema."""
    made = element(None, tag, **{"xmlns": namespace, "xmlns:xsi": XSI}, **attributes)
    made.set("xsi:schemaLocation", f"{namespace} {LOCATION[namespace]}")
    return made


def markup(parent: ET.Element, text: str, *, inline: bool) -> None:
    """Add the HTML of a text of the quiz."""
    made = ET.fromstring(f"<div>{to_html(text, inline=inline)}</div>")
    parent.text = made.text
    parent.extend(made)


def write(tree: ET.Element) -> bytes:
    """Return the file, without indentation: white space would be part of the questions."""
    return ET.tostring(tree, encoding="utf-8", xml_declaration=True) + b"\n"


def identifier(stem: str, question: Question | None = None) -> str:
    """Return the name of a quiz or a question, which stays when its text changes."""
    name = f"quiz_{stem}_{question.id}" if question else f"quiz_{stem}"
    return name.replace("-", "_")


def item(stem: str, question: Question) -> ET.Element:
    """Return a question: one choice, a point for the right one, and a feedback for each."""
    name = f"{place(stem):02} {question.id}"
    fixed = {"adaptive": "false", "timeDependent": "false"}
    tree = root("assessmentItem", QTI, identifier=identifier(stem, question), title=name, **fixed)
    right = next(i for i, option in enumerate(question.options) if option.is_right)
    response = element(
        tree,
        "responseDeclaration",
        identifier="RESPONSE",
        cardinality="single",
        baseType="identifier",
    )
    element(element(response, "correctResponse"), "value", f"choice{right}")
    score = {"identifier": "SCORE", "cardinality": "single", "baseType": "float"}
    outcome = element(tree, "outcomeDeclaration", normalMaximum="1", **score)
    element(element(outcome, "defaultValue"), "value", "0")
    feedback = {"identifier": "FEEDBACK", "cardinality": "multiple", "baseType": "identifier"}
    element(tree, "outcomeDeclaration", **feedback)

    body = element(tree, "itemBody")
    markup(element(body, "div"), question.text, inline=False)
    one = {"responseIdentifier": "RESPONSE", "shuffle": "true", "maxChoices": "1"}
    choices = element(body, "choiceInteraction", **one)
    for i, option in enumerate(question.options):
        markup(element(choices, "simpleChoice", identifier=f"choice{i}"), option.text, inline=True)

    processing = element(tree, "responseProcessing")
    for i, option in enumerate(question.options):
        condition(processing, i, option)
    for i, option in enumerate(question.options):
        shown = {"outcomeIdentifier": "FEEDBACK", "showHide": "show"}
        modal = element(tree, "modalFeedback", identifier=f"feedback{i}", **shown)
        markup(element(modal, "p"), option.feedback, inline=True)
    return tree


def condition(processing: ET.Element, i: int, option: Option) -> None:
    """Add what happens if option i was chosen."""
    then = element(element(processing, "responseCondition"), "responseIf")
    match = element(then, "match")
    element(match, "variable", identifier="RESPONSE")
    element(match, "baseValue", f"choice{i}", baseType="identifier")
    if option.is_right:
        score = element(then, "setOutcomeValue", identifier="SCORE")
        element(score, "baseValue", "1", baseType="float")
    both = element(element(then, "setOutcomeValue", identifier="FEEDBACK"), "multiple")
    element(both, "variable", identifier="FEEDBACK")
    element(both, "baseValue", f"feedback{i}", baseType="identifier")


def test(quiz: Quiz) -> ET.Element:
    """Return the test of a chapter: its questions, to be tried as often as one likes."""
    tree = root("assessmentTest", QTI, identifier=identifier(quiz.stem), title=title(quiz.stem))
    mode = {"navigationMode": "nonlinear", "submissionMode": "individual"}
    part = element(tree, "testPart", identifier="part", **mode)
    element(part, "itemSessionControl", maxAttempts="0", showFeedback="true")
    hidden = {"title": title(quiz.stem), "visible": "false"}
    section = element(part, "assessmentSection", identifier="section", **hidden)
    for question in quiz.questions:
        name = identifier(quiz.stem, question)
        element(section, "assessmentItemRef", identifier=name, href=f"{name}.xml")
    return tree


def manifest(quizzes: list[Quiz]) -> ET.Element:
    """Return the list of what is in the package."""
    tree = root("manifest", CP, identifier="cross_entropy_quizzes")
    metadata = element(tree, "metadata")
    element(metadata, "schema", "QTIv2.1 Package")
    element(metadata, "schemaversion", "1.0.0")
    element(tree, "organizations")
    resources = element(tree, "resources")

    def resource(name: str, kind: str) -> ET.Element:
        file = {"type": f"imsqti_{kind}_xmlv2p1", "href": f"{name}.xml"}
        made = element(resources, "resource", identifier=f"resource_{name}", **file)
        element(made, "file", href=f"{name}.xml")
        return made

    for quiz in quizzes:
        names = [identifier(quiz.stem, question) for question in quiz.questions]
        whole = resource(identifier(quiz.stem), "test")
        for name in names:
            element(whole, "dependency", identifierref=f"resource_{name}")
        for name in names:
            resource(name, "item")
    return tree


def to_package(quizzes: list[Quiz]) -> bytes:
    """Return the zip file: a manifest, and for each quiz a test and its questions."""
    trees = {"imsmanifest": manifest(quizzes)}
    for quiz in quizzes:
        trees[identifier(quiz.stem)] = test(quiz)
        for question in quiz.questions:
            trees[identifier(quiz.stem, question)] = item(quiz.stem, question)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, tree in trees.items():
            file = zipfile.ZipInfo(f"{name}.xml", ONCE)
            package.writestr(file, write(tree), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
