"""What of a chapter stands on its slides: the rules, on small examples."""

import pytest
from bs4 import BeautifulSoup

from _slides.layout import CROWDED, Slide, slides_of
from _slides.parts import Part, letters, parts_of
from _slides.sentences import lead, plain, sentences, with_bold

FIGURE = '<div><figure><svg viewbox="0 0 331.2 {}"></svg><figcaption>f</figcaption></figure></div>'
TABLE = "<div><table><tr><th>a</th></tr><tr><td>1</td></tr></table></div>"


def tag(html):
    return BeautifulSoup(html, "html.parser").find()


def laid_out(html, heading="h"):
    return slides_of(heading, parts_of(tag(f"<section><h2>{heading}</h2>{html}</section>")))


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        ("One. Two.", ["One.", "Two."]),
        (
            "It has 1.5 nats, e.g. here. Then it stops!",
            ["It has 1.5 nats, e.g. here.", "Then it stops!"],
        ),
        ('He said: "Never." It was true.', ['He said: "Never."', "It was true."]),
        ("<strong>A head.</strong> Its text. More.", ["A head.", "Its text.", "More."]),
        ("On the <code>q</code>. <strong>Why?</strong> So.", ["On the q.", "Why?", "So."]),
        ("A <em>b. C</em> d.", ["A b. C d."]),
        ("Is it (so)? Yes.", ["Is it (so)?", "Yes."]),
    ],
)
def test_a_paragraph_is_cut_into_sentences(paragraph, said):
    found = sentences(tag(f"<p>{paragraph}</p>"))
    assert ["".join(map(plain_or_text, it)).strip() for it in found] == said


def plain_or_text(part):
    return str(part) if isinstance(part, str) else plain(part)


def test_a_formula_is_read_once():
    formula = '<math>q<annotation>q_i</annotation></math><span class="katex-html">q</span>'
    assert plain(tag(f"<p>so {formula}</p>")) == "so q"


def test_the_sentences_with_bold_letters_are_shown():
    paragraph = tag("<p>It is long. It <strong>counts</strong>. It ends.</p>")
    assert with_bold(paragraph) == "It <strong>counts</strong>."
    assert with_bold(tag("<p>Nothing counts.</p>")) == ""
    heads = tag("<p><strong>One.</strong> Its text. More. <strong>Two</strong> has some. End.</p>")
    assert plain(tag(f"<p>{with_bold(heads)}</p>")) == "One. Its text. Two has some."


def test_a_list_stays_with_what_leads_to_it():
    html = "<p><strong>Three</strong> things:</p><ul><li><p>One.</p></li></ul>"
    (part,) = parts_of(tag(f"<section>{html}</section>"))
    assert part.html == "<p><strong>Three</strong> things:</p><ul><li>One.</li></ul>"
    assert part.note == html


@pytest.mark.parametrize(
    ("paragraph", "shown"),
    [
        ("<strong>The trap.</strong> What it is. More.", "<strong>The trap.</strong> What it is."),
        ("<strong>They hurt</strong> somebody. More.", "<strong>They hurt</strong> somebody."),
        ("<em>There and back.</em> Neither. More.", "<em>There and back.</em> Neither."),
        ("Plain. More.", "Plain."),
    ],
)
def test_a_heading_in_the_line_brings_the_sentence_after_it(paragraph, shown):
    assert lead(tag(f"<p>{paragraph}</p>")) == shown


def test_each_kind_of_block_is_seen():
    parts = parts_of(
        tag(
            "<section><h2>h</h2><p>Silent.</p><p><strong>Loud.</strong></p><ul><li><p>One. Two.</p>"
            f'</li></ul><div class="math" id="e">e</div><div class="math">e</div>{TABLE}'
            f'<div class="important"><p>d</p></div>{FIGURE.format(223)}</section>'
        )
    )
    kinds = ["silent", "words", "words", "words", "silent", "table", "words", "figure"]
    assert [part.kind for part in parts] == kinds
    assert parts[2].html == "<ul><li>One.</li></ul>"


def test_a_large_table_is_left_to_the_notes():
    rows = "<tr><td>1</td></tr>" * 9
    (part,) = parts_of(
        tag(f"<section><div><table><tr><th>a</th></tr>{rows}</table></div></section>")
    )
    assert part.kind == "silent"
    assert part.note.count("<tr>") == 10


def test_a_quiz_is_shown_without_its_answers():
    option = "<details><summary>{}</summary><p>{}</p></details>"
    options = option.format("Eight", "No.") + option.format("Three", "Yes.")
    (slide,) = laid_out(
        f'<div><p class="admonition-title">Question 1 of 5</p><p>How many?</p>{options}</div>',
        heading="h",
    )
    assert slide.heading == "Check yourself"
    assert slide.words == ['<p>How many?</p><ol class="options"><li>Eight</li><li>Three</li></ol>']
    assert "Yes." in slide.notes[0]


def test_a_figure_takes_the_place_of_a_table():
    (slide,) = laid_out(f"{TABLE}<p>So.</p>{FIGURE.format(223)}")
    assert slide.picture.kind == "figure"
    assert "<table>" in slide.notes[0]


def test_two_figures_need_two_slides():
    assert len(laid_out(FIGURE.format(223) * 2)) == 2


def test_a_table_is_introduced():
    (slide,) = laid_out(f"<p>Much before. The numbers of the day before yesterday:</p>{TABLE}")
    assert slide.words == ["<p>The numbers of the day before yesterday:</p>"]
    (slide,) = laid_out(f"<p>A mask should change nothing. Does it?</p>{TABLE}")
    assert slide.words == ["<p>A mask should change nothing. Does it?</p>"]


def test_what_shows_nothing_leaves_its_notes_to_a_neighbour():
    first, second = laid_out(f"<p>Before.</p>{FIGURE.format(223)}{FIGURE.format(223)}<p>After.</p>")
    assert first.notes == ["<p>Before.</p>"]
    assert second.notes == ["<p>After.</p>"]
    assert laid_out("<p>Nothing.</p>") == []


def test_too_many_words_are_shared_evenly():
    words = "".join(f"<p><strong>{'x' * 99}</strong></p>" for _ in range(8))
    sizes = [slide.size for slide in laid_out(words)]
    assert sizes == [396, 396]
    assert max(sizes) <= CROWDED


def test_a_tall_figure_leaves_less_room_for_words():
    words = f"<p><strong>{'x' * 250}</strong></p>"
    assert len(laid_out(words + FIGURE.format(223))) == 1
    assert len(laid_out(words + FIGURE.format(400))) == 2


def test_a_wide_formula_stands_alone():
    wide = r"H(p, q) = H(p) + \operatorname{KL}(p, q) + a + b"
    formula = f'<p class="katex-display"><annotation>{wide}</annotation></p>'
    assert len(laid_out(f'<div class="math" id="e">{formula}</div>' + FIGURE.format(223))) == 2


def test_the_width_of_a_fraction_is_that_of_its_wider_part():
    assert letters(r"\frac{a}{bcd}") == letters("bcd")
    assert letters(r"\ln q_i") == 4


def test_a_slide_without_words_says_so_to_its_style():
    figure = Part("figure", FIGURE.format(400), "")
    assert Slide("h", parts=[figure]).classes == "slide slide-point with-figure tall alone"
    assert Slide("h", parts=[Part("words", "<p>Few.</p>", "")]).classes == "slide slide-point few"
