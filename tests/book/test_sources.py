"""The rules of the architecture, held on the sources: chapters, notebooks, table of contents."""

import json
import re
from pathlib import Path

import pytest
import yaml
from book.chapters import CHAPTERS as KNOWN

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9][0-9]_*.md"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROSE = sorted((ROOT / "chapters").glob("*.md"))
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def by_stem(paths):
    return [pytest.param(path, id=path.stem) for path in paths]


def cells(notebook, kind):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def quiz(stem):
    """The text of the quiz of a chapter, which the page shows like its own."""
    path = ROOT / "quizzes" / f"{stem}.yaml"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def toc_files(node):
    """Every file of the table of contents, in reading order."""
    found = [node["file"]] if "file" in node else []
    for key in ("parts", "chapters", "sections"):
        for child in node.get(key, []):
            found += toc_files(child)
    return found


def test_there_is_something_to_hold():
    assert len(CHAPTERS) >= 2
    assert PROSE


def test_each_chapter_has_its_notebook_and_each_notebook_its_chapter():
    assert [path.stem for path in CHAPTERS] == [path.stem for path in NOTEBOOKS]


def test_the_table_of_contents_names_every_page_once():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *toc_files(toc)]
    on_disk = {f"chapters/{path.stem}" for path in PROSE} | {
        f"notebooks/{path.stem}" for path in NOTEBOOKS
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == on_disk


def test_each_notebook_is_the_only_section_under_its_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    sections = {
        chapter["file"]: [section["file"] for section in chapter.get("sections", [])]
        for part in toc["parts"]
        for chapter in part["chapters"]
    }
    for chapter in CHAPTERS:
        assert sections[f"chapters/{chapter.stem}"] == [f"notebooks/{chapter.stem}"]


def test_the_path_on_the_cover_names_each_chapter_and_its_notebook():
    cover = (ROOT / "chapters" / "index.md").read_text(encoding="utf-8")
    for chapter in CHAPTERS:
        row = re.search(rf"^\|.*\]\({chapter.name}\).*$", cover, flags=re.MULTILINE)
        assert row, f"the path on the cover does not name {chapter.name}"
        assert f"(../notebooks/{chapter.stem}.ipynb)" in row[0]
        minutes = re.findall(r"\| (\d+)\smin \| \[(\d+)\smin\]", row[0])
        opening = re.search(r"\*Reading: (\d+) minutes\. Then the notebook: (\d+) minutes\.\*",
                            chapter.read_text(encoding="utf-8"))  # fmt: skip
        assert opening, f"{chapter.name} does not open with its minutes"
        assert [opening.groups()] == minutes, "the cover and the chapter disagree on the minutes"


@pytest.mark.parametrize("chapter", by_stem(CHAPTERS))
class TestChapter:
    def test_links_to_its_notebook(self, chapter):
        text = chapter.read_text(encoding="utf-8")
        assert f"](../notebooks/{chapter.stem}.ipynb)" in text

    def test_has_every_part_of_a_chapter(self, chapter):
        text = chapter.read_text(encoding="utf-8")
        for part in (
            "**You need**",
            "**You will be able to**",
            "## Paper exercises",
            "## In short",
            "## What to do differently tomorrow",
            "## Further reading",
            ":::{quiz}\n:::",  # what is left of the quiz
            "{cite:",
        ):
            assert part in text, f"{chapter.name} has no {part!r}"

    def test_every_exercise_has_a_solution(self, chapter):
        text = chapter.read_text(encoding="utf-8")
        labels = re.findall(r":label: (\S+)", text)
        solved = re.findall(r"\{solution\} (\S+)", text)
        assert len(labels) >= 3
        assert labels == solved

    def test_shows_a_picture_or_a_number_before_its_first_formula(self, chapter):
        text = chapter.read_text(encoding="utf-8")
        formula = text.find("$$")
        shown = [place for place in (text.find("{glue"), text.find("```{glue}")) if place >= 0]
        assert shown
        assert formula < 0 or min(shown) < formula

    def test_has_a_recap_of_a_few_lines(self, chapter):
        text = chapter.read_text(encoding="utf-8")
        recap = text.partition("## In short\n")[2].partition("\n## ")[0].strip()
        assert 3 <= len(re.findall(r"^- ", recap, flags=re.MULTILINE)) <= 5
        assert recap.startswith("- ")


def glossary():
    """The terms that the glossary explains."""
    text = (ROOT / "chapters" / "glossary.md").read_text(encoding="utf-8")
    body = text.partition("{glossary}\n")[2].partition("\n:::")[0]
    return [line for line in body.splitlines() if line and not line.startswith((" ", ":"))]


def linked_terms(text):
    """The terms that a page links: {term}`nat`, or {term}`nats <nat>`; case does not matter."""
    found = re.findall(r"\{term\}`([^`]+)`", text)
    terms = [term.partition("<")[2].rstrip(">") or term for term in found]
    return [" ".join(term.lower().split()) for term in terms]


def test_the_glossary_explains_each_term_once_and_in_order():
    terms = [term.lower() for term in glossary()]
    assert terms == sorted(set(terms))


def test_every_term_of_the_glossary_is_linked_where_a_chapter_introduces_it():
    linked = {term for chapter in CHAPTERS for term in linked_terms(chapter.read_text("utf-8"))}
    assert {term.lower() for term in glossary()} == linked


@pytest.mark.parametrize("chapter", by_stem(CHAPTERS))
def test_a_chapter_links_a_term_once(chapter):
    terms = linked_terms(chapter.read_text(encoding="utf-8"))
    assert sorted(terms) == sorted(set(terms))


def phrases(text):
    """Every run of eight words, titles and links left out."""
    text = re.sub(r"^#.*$|\[[^\]]*\]\([^)]*\)", "", text, flags=re.MULTILINE)
    words = re.findall(r"[a-z']+", text.lower())
    return {" ".join(words[i : i + 8]) for i in range(len(words) - 7)}


@pytest.mark.parametrize("chapter", by_stem(CHAPTERS))
def test_a_chapter_and_its_notebook_do_not_repeat_each_other(chapter):
    notebook = ROOT / "notebooks" / f"{chapter.stem}.ipynb"
    shown = "\n".join(source(cell) for cell in cells(notebook, "markdown"))
    text = chapter.read_text(encoding="utf-8") + quiz(chapter.stem)
    assert phrases(text) & phrases(shown) == set()


def test_the_readme_points_at_what_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paths = re.findall(r"\]\((?!https?:)([^)]+)\)", readme)
    assert any(path.endswith(".png") for path in paths)
    for path in paths:
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize("page", by_stem(PROSE))
def test_no_computed_number_is_typed(page):
    """A decimal in the prose is an input of an example, or it is glued from a notebook."""
    typed = typed_numbers(page.read_text(encoding="utf-8") + quiz(page.stem))
    inputs = KNOWN[page.stem].INPUTS if page.stem in KNOWN else set()
    assert typed <= inputs, "glue these from a notebook, or list them as inputs"


def typed_numbers(text):
    """Decimals, and integers of thousands, that stand in the prose itself."""
    fence = r"^(`{3,})([^\n]*)\n.*?^\1[ \t]*$"
    keep = lambda found: found[0] if found[2].startswith("{") else ""  # noqa: E731 - code goes
    text = re.sub(fence, keep, text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\{glue:text\}`[^`]*`", "", text)
    text = re.sub(r"[Ss]ections? [\d.]+(?:(?:,| and| to)+ [\d.]+)*", "", text)  # of a cited book
    text = re.sub(r"\b(?:CC BY|version|Python) \d+\.\d+\b", "", text)
    return set(re.findall(r"(?<![\w.])(?:\d*\.\d+|\d{1,3}(?:,\d{3})+)(?![\w]|\.\d)", text))


def test_a_typed_number_is_found_wherever_it_stands():
    glue = "```{glue} a_figure\n:doc: ../notebooks/01_entropy.ipynb\n```\n"
    text = f"{glue}It costs 0.5108 nats, or .74.\n{glue}Of 135,837 we saw 0.25.\n"
    text += "```python\nx = 0.125\n```\n"
    text += "{glue:text}`../notebooks/a.ipynb::b:.3f`, sections 5.5 and 6.2.\n"
    assert typed_numbers(text) == {"0.5108", ".74", "135,837", "0.25"}


@pytest.mark.parametrize("stem", KNOWN)
def test_the_list_of_inputs_is_not_longer_than_it_needs_to_be(stem):
    text = (ROOT / "chapters" / f"{stem}.md").read_text(encoding="utf-8")
    typed = typed_numbers(text + quiz(stem))
    assert typed >= KNOWN[stem].INPUTS


@pytest.mark.parametrize("notebook", by_stem(NOTEBOOKS))
class TestNotebook:
    def test_was_executed_from_top_to_bottom(self, notebook):
        counts = [cell["execution_count"] for cell in cells(notebook, "code")]
        assert counts == list(range(1, len(counts) + 1)), "run: make notebooks"

    def test_stores_no_error_and_nothing_on_stderr(self, notebook):
        outputs = [output for cell in cells(notebook, "code") for output in cell["outputs"]]
        assert outputs
        assert not [output for output in outputs if output["output_type"] == "error"]
        assert not [output for output in outputs if output.get("name") == "stderr"]

    def test_has_short_cells(self, notebook):
        lengths = [len(source(cell).splitlines()) for cell in cells(notebook, "code")]
        assert max(lengths) <= 25

    def test_ends_its_claims_in_asserts(self, notebook):
        claims = [
            cell
            for cell in cells(notebook, "code")
            if re.search(r"^\s*assert ", source(cell), re.M)
        ]
        assert len(claims) >= 5

    def test_opens_with_what_you_will_do_learn_and_need(self, notebook):
        opening = source(cells(notebook, "markdown")[0])
        assert opening.startswith("# ")
        for part in ("What you'll do", "What you'll learn", "What you need", "Time", "minutes"):
            assert part in opening

    def test_closes_with_what_you_saw_and_where_to_go(self, notebook):
        closing = source(cells(notebook, "markdown")[-1])
        assert closing.startswith("## What you saw")
        assert "**Next:**" in closing

    def test_links_to_its_chapter(self, notebook):
        text = "".join(source(cell) for cell in cells(notebook, "markdown"))
        assert f"](../chapters/{notebook.stem}.md)" in text

    def test_says_predict_before_it_runs(self, notebook):
        text = "".join(source(cell) for cell in cells(notebook, "markdown"))
        assert text.count("Predict first") >= 2

    def test_fetches_xentlib_on_colab_before_anything_else(self, notebook):
        first = source(cells(notebook, "code")[0])
        assert '"google.colab" in sys.modules' in first
        assert f'xentlib[course] @ git+{CONFIG["repository"]["url"]}"' in first

    def test_seeds_once_in_the_import_cell(self, notebook):
        text = [source(cell) for cell in cells(notebook, "code")]
        assert "rng = np.random.default_rng(0)" in text[1]
        assert sum("default_rng(" in cell for cell in text) == 1

    def test_copies_no_helper(self, notebook):
        text = "".join(source(cell) for cell in cells(notebook, "code"))
        assert "from xentlib import" in text
        for name in ("softmax", "cross_entropy", "entropy", "log_softmax", "surprisal"):
            assert f"def {name}(" not in text

    def test_every_code_cell_is_introduced(self, notebook):
        """No more than three code cells in a row: one idea each, and words between ideas."""
        content = json.loads(notebook.read_text(encoding="utf-8"))
        visible = [
            "c" if cell["cell_type"] == "code" else "m"
            for cell in content["cells"]
            if "remove-cell" not in cell["metadata"].get("tags", [])
        ]
        assert "cccc" not in "".join(visible)
