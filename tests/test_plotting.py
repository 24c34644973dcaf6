"""Pictures: accessible, reproducible, at home on a light and on a dark page."""

import functools
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest

from xentlib.plotting import DARK, LIGHT, STYLE, Picture

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


@pytest.fixture(autouse=True)
def _style():
    with plt.style.context(STYLE):
        yield
    plt.close("all")


def draw():
    """A figure with everything that has ids, colours or text of its own."""
    figure, axes = plt.subplots()
    for k, colour in enumerate(LIGHT):
        axes.plot([0, 0.001, 0.002], [0, k, 1], label=colour)
    axes.plot([0.001], [2], "o", color="black")
    axes.fill_between([0, 0.001], [0, 1], hatch="//", alpha=0.3)
    axes.imshow([[0, 1], [2, 3]], extent=(0, 0.002, 0, 3), aspect="auto", cmap="gray")
    axes.annotate("here", (0, 0), (0.001, 2), arrowprops={"arrowstyle": "->"})
    axes.text(0, 1.5, "loss 0.69315 <i> & #000000", color=LIGHT["red"])
    axes.text(0, 2.5, "fixed", family="monospace", weight="bold")
    axes.set(title="Surprisal", xlabel="p", ylabel="nats", xticks=[0, 0.00025, 0.002])
    axes.legend()
    return figure


def picture(name="loss", *, figure=None, alt="A loss.", caption=""):
    return Picture(figure or draw(), name=name, alt=alt, caption=caption)


@functools.cache
def example():
    """One picture for all the tests that only look."""
    return picture()


def root_of(svg):
    return ElementTree.fromstring(svg)


def words_of(svg):
    return [text.text for text in root_of(svg).iter(f"{SVG}text")]


class TestArguments:
    @pytest.mark.parametrize("alt", ["", "   ", "\n"])
    def test_alt_text_is_required(self, raises_saying, alt):
        with raises_saying(ValueError, "'loss'", "alt text", "what it shows"):
            picture(alt=alt, figure=plt.figure())

    def test_alt_text_has_no_default(self):
        with pytest.raises(TypeError, match="alt"):
            Picture(plt.figure(), name="loss")

    @pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "a.b", '"', "a\n", "<b>", "_a"])
    def test_a_name_that_is_no_id_is_refused(self, raises_saying, name):
        with raises_saying(ValueError, "name", repr(name), "surprisal_curve"):
            picture(name, figure=plt.figure())

    def test_a_refused_picture_leaves_its_figure_open(self):
        figure = plt.figure()
        with pytest.raises(ValueError, match="alt text"):
            picture(figure=figure, alt="")
        assert plt.fignum_exists(figure.number)

    def test_the_figure_is_closed(self):
        figure = plt.figure()
        picture(figure=figure)
        assert not plt.fignum_exists(figure.number)

    def test_the_arguments_are_kept(self):
        made = picture(figure=plt.figure(), alt="A loss.", caption="Falling.")
        assert (made.name, made.alt, made.caption) == ("loss", "A loss.", "Falling.")
        assert repr(made) == "<Picture loss: A loss.>"


class TestHtml:
    def test_alt_text_and_caption_are_escaped(self):
        made = picture(
            figure=plt.figure(), alt='p < 1 & "q" > 0', caption='<script>alert("&")</script>'
        )
        page = made._repr_html_()
        assert 'aria-label="p &lt; 1 &amp; &quot;q&quot; &gt; 0"' in page
        assert page.endswith(
            "<figcaption>&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</figcaption></figure>"
        )
        assert root_of(made.svg).get("aria-label") == 'p < 1 & "q" > 0'

    def test_it_is_an_image_to_assistive_technology(self):
        assert root_of(example().svg).get("role") == "img"

    def test_without_a_caption_there_is_no_empty_one(self):
        assert "figcaption" not in example()._repr_html_()

    def test_its_style_applies_to_dark_figures_only(self):
        page = example()._repr_html_()
        styles = re.findall(r"<style>(.*?)</style>", page)
        assert len(styles) == 1
        selectors, rules = re.fullmatch(r"([^{]*)\{([^}]*)\}", styles[0]).groups()
        assert selectors.split(",") == [
            'html[data-theme="dark"] .xent-figure',
            'body[data-jp-theme-light="false"] .xent-figure',
            'html[theme="dark"] .xent-figure',
        ]
        assert rules == ";".join(f"--xent-{name}:{code}" for name, code in DARK.items())
        assert page.startswith('<figure class="xent-figure">')

    def test_no_style_sheet_and_no_metadata_inside_the_svg(self):
        tags = {element.tag.split("}")[1] for element in root_of(example().svg).iter()}
        assert not tags & {"style", "metadata", "script", "RDF"}

    def test_no_comment_inside_the_svg(self):
        figure, axes = plt.subplots()
        axes.set_title(r"$\ln p$")
        assert "<!--" not in picture(figure=figure).svg


class TestReproducible:
    def test_the_same_figure_gives_the_same_bytes(self):
        assert picture()._repr_html_() == example()._repr_html_()

    def test_whatever_the_reader_has_set(self):
        figure = draw()
        with plt.rc_context({"svg.hashsalt": "other", "svg.fonttype": "path"}):
            assert picture(figure=figure).svg == example().svg

    def test_no_date(self):
        assert not re.search(r"\b20\d\d-\d\d-\d\d", example().svg)

    def test_coordinates_have_at_most_two_decimals(self):
        tags = " ".join(re.findall(r"<[^>]*>", example().svg))
        tags = re.sub(r'"data:[^"]*"', "", tags)
        assert not re.search(r"\d\.\d{3}", tags)


class TestIds:
    def test_no_id_is_shared_by_two_pictures_and_every_reference_resolves(self):
        pictures = [picture("first"), picture("second"), picture("first_1")]
        ids = [re.findall(r'\bid="([^"]*)"', made.svg) for made in pictures]
        everything = [name for own in ids for name in own]
        assert len(everything) == len(set(everything))
        for made, own in zip(pictures, ids, strict=True):
            svg = made.svg
            used = set(re.findall(r"url\(#([^)]*)\)", svg) + re.findall(r'href="#([^"]*)"', svg))
            assert used == set(own)
            assert len(used) >= 3  # a clip path, a hatch and markers: the test has teeth
            assert all(name.startswith(f"{made.name}-") for name in own)

    def test_an_embedded_image_is_not_taken_for_a_reference(self):
        images = list(root_of(example().svg).iter(f"{SVG}image"))
        assert len(images) == 1
        assert images[0].get(f"{XLINK}href").startswith("data:image/png;base64,")


class TestColours:
    def test_palette_colours_are_variables_with_the_light_value_as_fallback(self):
        svg = example().svg
        for name, code in LIGHT.items():
            assert f"var(--xent-{name},{code})" in svg
            assert code not in svg.replace(f"var(--xent-{name},{code})", "")

    def test_black_becomes_the_colour_of_the_page_s_text(self):
        tags = re.findall(r"<[^>]*>", example().svg)
        assert any("stroke: currentColor" in tag for tag in tags)
        assert any("fill:currentColor" in tag for tag in tags if tag.startswith("<svg"))
        assert not any("#000" in tag for tag in tags)

    def test_the_background_is_the_page_s(self):
        assert "#ffffff" not in example().svg

    def test_light_and_dark_name_the_same_colours(self):
        assert list(LIGHT) == list(DARK)

    @pytest.mark.parametrize("name", LIGHT)
    @pytest.mark.parametrize(
        ("palette", "page"), [(LIGHT, "#ffffff"), (DARK, "#121212")], ids=["light", "dark"]
    )
    def test_contrast_with_the_page_is_at_least_three_to_one(self, palette, page, name):
        assert contrast(palette[name], page) >= 3

    def test_the_contrast_formula_on_known_pairs(self):
        assert contrast("#000000", "#ffffff") == pytest.approx(21)
        assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)

    def test_lines_differ_in_their_dashes_too(self):
        styles = [entry["linestyle"] for entry in STYLE["axes.prop_cycle"]]
        assert len(set(styles)) == len(LIGHT)


class TestText:
    def test_text_is_text(self):
        words = words_of(example().svg)
        assert {"Surprisal", "p", "nats", "here", "fixed", *LIGHT} <= set(words)

    def test_what_a_label_says_is_left_alone(self):
        words = words_of(example().svg)
        assert "loss 0.69315 <i> & #000000" in words
        assert "0.00025" in words  # a tick label keeps its decimals

    def test_the_font_is_the_page_s(self):
        svg = example().svg
        assert "font-family" not in svg
        assert "DejaVu" not in svg
        assert f"font-size: {STYLE['font.size']}px" in svg
        assert "font-weight: 700" in svg


def contrast(one, other):
    """WCAG 2.2, "contrast ratio": (L1 + 0.05) / (L2 + 0.05)."""
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(code):
    """WCAG 2.2, "relative luminance" of an sRGB colour."""
    channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
