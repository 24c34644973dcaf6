"""What pages say about themselves: the citation, the edition, the card, and the lists of pages."""

import datetime
import io
import re
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import cards
import metadata
import pytest
import yaml
from PIL import Image, ImageChops
from pybtex.database import parse_string
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]


CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
TITLES = [
    re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1]
    for path in sorted((ROOT / "chapters").glob("*.md"))
] + [
    re.search(r'"# (.+?)(?:\\n)?"', path.read_text(encoding="utf-8"))[1]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
]


def test_the_newest_version_in_the_changelog_is_the_one_of_the_package_and_its_citation():
    changelog = (ROOT / "chapters" / "changelog.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert released[0] == f"{project['version']} - {CITATION['date-released']}"
    days = [re.fullmatch(r"\d+\.\d+\.\d+ - (\d{4}-\d\d-\d\d)", heading)[1] for heading in released]
    assert days == sorted(days, reverse=True)
    groups = set(re.findall(r"^### (.+)$", changelog, re.MULTILINE))
    assert groups <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def git(folder, *arguments):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def book(tmp_path):
    """A folder that has the citation and nothing else."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "CITATION.cff").write_bytes((ROOT / "CITATION.cff").read_bytes())
    return folder


class TestEdition:
    def test_is_of_the_day_of_the_release_without_a_repository(self, book):
        assert metadata.edition(book)["day"] == CITATION["date-released"]

    def test_is_of_the_day_of_the_release_without_git(self, book, monkeypatch):
        monkeypatch.setenv("PATH", str(book))
        assert metadata.edition(book)["day"] == CITATION["date-released"]

    def test_takes_no_day_from_a_repository_around_it(self, book):
        git(book.parent, "init")
        (book.parent / "other").touch()
        git(book.parent, "add", "other")
        git(book.parent, "commit", "-m", "of something else")
        assert metadata.edition(book)["day"] == CITATION["date-released"]

    def test_is_of_the_day_of_the_last_change_also_in_a_shallow_clone(
        self, book, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("GIT_COMMITTER_DATE", "2031-02-03T12:00:00+0000")
        git(book, "init")
        git(book, "add", ".")
        git(book, "commit", "-m", "first")
        git(book, "commit", "--allow-empty", "-m", "second")
        git(tmp_path, "clone", "--depth", "1", book.as_uri(), "clone")
        for folder in (book, tmp_path / "clone"):
            edition = metadata.edition(folder)
            assert edition["day"] == datetime.date(2031, 2, 3)
            assert edition["day_in_words"] == "3 February 2031"
            assert edition["version"] == CITATION["version"]


class TestCitation:
    BOOK = CITATION | {"day": datetime.date(2031, 2, 3), "day_in_words": "3 February 2031"}
    URL = "https://host.example/course/chapters/06_stability.html"

    def test_says_everything_in_words(self):
        words = metadata.cite(self.BOOK, "Why nan?", self.URL)["words"]
        author = CITATION["authors"][0]["name"]
        where = f"{CITATION['title']}, version {CITATION['version']}"
        assert words == f"{author}: “Why nan?”, {where}, 3 February 2031, {self.URL}"

    def test_is_an_entry_that_bibtex_reads(self):
        entries = parse_string(metadata.cite(self.BOOK, "Why nan?", self.URL)["bibtex"], "bibtex")
        ((key, entry),) = entries.entries.items()
        assert key == "course/chapters/06_stability"
        assert entry.fields["title"] == "{Why nan?}"
        assert entry.fields["year"] == "2031"
        assert entry.fields["url"] == self.URL
        assert CITATION["version"] in entry.fields["howpublished"]
        (author,) = entry.persons["author"]
        assert str(author) == f"{{{CITATION['authors'][0]['name']}}}"

    def test_of_the_cover_names_the_course_once(self):
        for text in metadata.cite(self.BOOK, CITATION["title"], self.URL).values():
            assert text.count(CITATION["title"]) == 1


def drawn(file, title):
    cards.draw_card(file, above="", title=title, below="")
    with Image.open(file) as card:
        return card.convert("L")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_fits_its_card(tmp_path, title):
    card, empty = drawn(tmp_path / "card.png", title), drawn(tmp_path / "empty.png", "")
    assert card.size == (1200, 630)
    left, top, right, bottom = (
        ImageChops.difference(card, empty).point(lambda grey: 255 * (grey > 60)).getbbox()
    )
    assert left >= 75
    assert right <= 1150
    assert top >= 150
    assert bottom <= 370  # above the curve


def test_a_card_is_the_same_each_time(tmp_path):
    for name in ("first.png", "second.png"):
        cards.draw_card(tmp_path / name, above="Chapter 1", title="One", below="Course")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


@pytest.fixture
def build(book):
    """Build a small book, and return what Sphinx warned about."""
    (book / "cover.rst").write_text(
        "Cover\n=====\n\n.. meta::\n   :description: A cover & more\n\n.. toctree::\n\n   silent\n"
    )
    (book / "silent.rst").write_text("Silent\n======\n")

    def run():
        told = io.StringIO()
        settings = {
            "extensions": ["metadata"],
            "html_baseurl": "https://host.example/course/",
            "html_title": "A Course",
            "root_doc": "cover",
            "templates_path": [str(ROOT / "_templates")],
        }
        folders = [book, None, book / "html", book / "trees"]
        Sphinx(*folders, "html", settings, status=None, warning=told).build()
        return told.getvalue()

    return run


def test_a_page_without_a_description_is_named(build):
    warnings = build()
    assert "silent.rst: WARNING: the page has no description" in warnings
    assert warnings.count("WARNING") == 1


def test_the_sitemap_names_every_page_also_when_one_was_written(build, book):
    build()
    (book / "silent.rst").write_text("Silent\n======\n\nNo more.\n")
    build()
    places = ElementTree.parse(book / "html" / "sitemap.xml").findall(".//{*}loc")
    assert [place.text for place in places] == [
        "https://host.example/course/cover.html",
        "https://host.example/course/silent.html",
    ]


def test_the_tags_of_a_page_are_quoted(build, book):
    build()
    page = (book / "html" / "cover.html").read_text(encoding="utf-8")
    assert '<meta property="og:description" content="A cover &amp; more" />' in page
    assert (book / "html" / "_images" / "cards" / "cover.png").is_file()
