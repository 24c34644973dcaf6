"""A report prints, shows itself, and goes to JSON and back."""

import json
import math
import re
import tomllib
from contextlib import nullcontext
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from xentlib.doctor import Finding, Report, examine
from xentlib.doctor._codes import BOOK, CODES, SEVERITIES

ROOT = Path(__file__).parents[2]
Q = [[0.1, 0.2, 0.6, 0.1], [0.7, 0.1, 0.1, 0.1], [0.4, 0.3, 0.2, 0.1]]


@pytest.fixture
def report():
    return examine(Q, [2, 0, 4], loss="F.cross_entropy", observed=1.5)


def test_the_gravest_comes_first():
    findings = examine(Q, [2, 0, 4], label_smoothing=0.9, observed=1.5).findings
    order = [SEVERITIES.index(f.severity) for f in findings]
    assert order == sorted(order)
    assert len(set(order)) == 3


def test_findings_by_severity(report):
    assert {f.code for f in report.errors} == {"double-softmax", "label-range"} & set(report.codes)
    assert (*report.errors, *report.warnings, *report.notes) == report.findings
    assert report.worst == "error"
    assert repr(report) == f"<Report {report.summary()}>"


def test_without_a_finding_it_says_what_was_checked():
    report = examine([[2.0, 1.0, 5.0]], [2])
    assert report.findings == ()
    assert report.worst is None
    assert "nothing found" in str(report)
    assert "checked: shapes" in str(report)
    assert "What was checked" in report._repr_html_()
    assert report.value == pytest.approx(0.0658839)


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "value"),
    [
        ("log_loss", [[0.2, 0.8], [0.6, 0.4]], [1, 0], -math.log(0.8 * 0.6) / 2),
        ("F.nll_loss", np.log([[0.2, 0.8], [0.6, 0.4]]), [1, 0], -math.log(0.8 * 0.6) / 2),
        ("BCELoss", [0.8, 0.4], [1.0, 0.0], -math.log(0.8 * 0.6) / 2),
        ("BCEWithLogitsLoss", [2.0, -2.0], [1.0, 0.0], math.log1p(math.exp(-2))),
        ("perplexity", [[2.0, 1.0, 5.0]], [2], math.exp(0.0658839)),
    ],
)
def test_the_value_of_a_healthy_call_is_said(loss, outputs, targets, value):
    report = examine(outputs, targets, loss=loss)
    assert report.findings == ()
    assert report.value == pytest.approx(value)
    assert "the right call on these arrays gives" in str(report)


def test_a_check_raises_with_the_whole_report(report):
    with pytest.raises(AssertionError) as caught:
        report.check()
    assert str(caught.value) == str(report)
    healthy = examine([[2.0, 1.0, 5.0]], [2])
    assert healthy.check("note") is healthy
    with pytest.raises(ValueError, match="severity is 'fatal', expected error, warning, note"):
        healthy.check("fatal")


@pytest.mark.parametrize(("severity", "raises"), [("error", 0), ("warning", 1), ("note", 1)])
def test_a_check_raises_from_a_severity_on(severity, raises):
    report = examine([[2.0, 1.0, 5.0]], [2], label_smoothing=0.8)
    assert report.worst == "warning"
    with pytest.raises(AssertionError) if raises else nullcontext():
        report.check(severity)


def test_it_prints_for_a_terminal(report):
    text = str(report)
    assert all(len(line) <= 88 or "://" in line or "mend:" in line for line in text.splitlines())
    assert "ERROR double-softmax (confidence" in text
    assert "mend: F.cross_entropy(logits, targets)" in text
    assert f"read: {BOOK}chapters/07_frameworks.html#frameworks-twice" in text
    assert "\n  seen: rows 2, lowest 0.1" in text


def test_a_finding_may_have_no_evidence():
    assert "seen" not in str(Finding("empty", "error", 1.0, "Nothing.", mend="x"))
    assert (
        "Evidence"
        not in Report((Finding("empty", "error", 1.0, "Nothing."),), (), "nll")._repr_html_()
    )


def test_many_are_counted():
    two = (Finding("empty", "error", 1.0, "A."), Finding("shape", "error", 1.0, "B."))
    assert Report(two, (), "nll").summary() == "nll: 2 errors"
    assert "checked" not in str(Report(two, (), "nll"))


class TestJson:
    def test_there_and_back(self, report):
        plain = json.loads(report.to_json(indent=1))
        assert Report.from_dict(plain) == report
        assert Report.from_dict(report.to_dict()) == report

    def test_numbers_that_json_has_not(self):
        report = examine([[np.nan, 1.0]], [0], observed=np.nan)
        text = report.to_json()
        json.loads(text, parse_constant=pytest.fail)
        assert Report.from_dict(json.loads(text)).findings == report.findings
        assert np.isnan(Report.from_dict(json.loads(text)).value)

    def test_evidence_is_plain(self):
        for finding in examine(np.array(Q), np.array([2, 0, 4]), label_smoothing=2).findings:
            assert all(type(v) in (int, float, str) for v in finding.evidence.values())


class TestHtml:
    def test_it_is_well_formed_and_named(self, report):
        html = report._repr_html_()
        open_tags = []

        class Parser(HTMLParser):
            def handle_starttag(self, tag, attrs):
                open_tags.append(tag)

            def handle_endtag(self, tag):
                assert open_tags.pop() == tag

        Parser().feed(html)
        assert open_tags == []
        page = BeautifulSoup(html, "html.parser")
        assert page.section["aria-label"] == "Report of the loss doctor"
        assert len(page.find("ol").find_all("li")) == len(report.findings)
        assert all(
            a.get_text() != "here" and a["href"].startswith(BOOK) for a in page.find_all("a")
        )
        assert all("color:inherit" in a["style"] for a in page.find_all("a"))
        assert len({a.get_text() for a in page.find_all("a")}) == len(page.find_all("a"))

    def test_light_and_dark_without_scripts(self, report):
        html = report._repr_html_()
        assert "<script" not in html
        assert not re.search(r"#[0-9a-f]{3,6}\b|rgb|background", re.sub(r'href="[^"]*"', "", html))

    def test_what_a_reader_wrote_is_escaped(self):
        finding = Finding("empty", "note", 0.5, "<b>&", {"<i>": "<u>"}, mend="a < b")
        html = Report((finding,), ("<s>",), "nll")._repr_html_()
        assert not re.search("<(b|i|u|s)>", html)


class TestCodes:
    @pytest.mark.parametrize("code", CODES)
    def test_its_section_exists(self, code):
        page, _, anchor = CODES[code].section.partition("#")
        text = (ROOT / page).with_suffix(".md").read_text("utf-8")
        slugs = [
            re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        ]
        assert not anchor or f"({anchor})=" in text or anchor in slugs

    def test_each_is_used_and_none_is_unknown(self):
        source = "".join(p.read_text("utf-8") for p in (ROOT / "xentlib/doctor").glob("_*.py"))
        table = "".join(p.read_text("utf-8") for p in (ROOT / "xentlib/doctor").glob("_codes_*.py"))
        for code in CODES:
            assert source.count(f'"{code}"') > table.count(f'"{code}"')

    @pytest.mark.parametrize(
        ("framework", "line"),
        [
            ("torch", "F.cross_entropy("),
            ("tensorflow", "SparseCategoricalCrossentropy(from_logits=True)("),
            ("jax", "optax.softmax_cross_entropy_with_integer_labels("),
            (None, "xentlib.softmax_cross_entropy("),
        ],
    )
    def test_the_mend_speaks_the_framework_s_words(self, framework, line):
        findings = examine(Q, [2, 0, 3], framework=framework, observed=None).findings
        assert findings[0].mend.startswith(line + "targets" * (framework == "tensorflow"))

    @pytest.mark.parametrize(
        ("code", "targets", "loss", "line"),
        [
            ("label-range", [2, 0, -1], "F.cross_entropy", "ignore_index = -1"),
            (
                "label-range",
                [2, 1, 4],
                "F.cross_entropy",
                "targets[(targets < 0) | (targets >= 4)]",
            ),
            ("label-range", [2, 1, -7], "SparseCategoricalCrossentropy", "ignore_class = -7"),
            ("binary-on-softmax", np.eye(4)[:3], "BinaryCrossentropy", "CategoricalCrossentropy()"),
            ("label-type", torch.eye(4)[:3] > 0, "BCELoss", "targets = targets.float()"),
        ],
    )
    def test_the_mend_fits_the_case(self, code, targets, loss, line):
        findings = {f.code: f for f in examine(Q, targets, loss=loss).findings}
        assert findings[code].mend.startswith(line)

    def test_each_is_at_most_as_grave_as_the_reference_says(self):
        seen = json.loads((ROOT / "xentlib/data/doctor.json").read_text("utf-8"))
        for code, severity in {tuple(found) for one in seen for found in one["findings"]}:
            assert SEVERITIES.index(severity) >= SEVERITIES.index(CODES[code].gravest), code

    def test_the_book_is_where_the_configuration_says(self):
        assert f"baseurl: {BOOK}\n" in (ROOT / "_config.yml").read_text("utf-8")

    def test_line_of_the_package_data(self):
        tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
        assert "data/*" in tools["setuptools"]["package-data"]["xentlib"]


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (None, "targets is None, expected an array of numbers."),
        ({"labels": [1]}, "targets is a dict, expected an array of numbers: give the array that"),
        ({1, 2}, "targets is a set,"),
    ],
)
def test_what_is_no_array_is_called_by_its_name(thing, said):
    (finding,) = examine([[2.0, 1.0]], thing).findings
    assert finding.code == "not-numbers"
    assert finding.message.startswith(said)
