"""An explorable in JupyterLab, Binder and Colab: the page's own script, as an anywidget."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xentlib.explorables._html import static_html
from xentlib.explorables._kind import Kind

__all__ = ["Explorable", "explorable"]

HERE = Path(__file__).parent
WIDGET = """
export default {
  render({ model, el }) {
    let own = false; // the view's own change needs no second drawing
    const mounted = mount(el, kind, model.get("_spec"), {
      state: model.get("state"),
      onState: (state) => {
        own = true;
        model.set("state", state);
        own = false;
        model.save_changes();
      },
    });
    const follow = () => own || mounted.set(model.get("state"));
    model.on("change:state", follow);
    return () => { model.off("change:state", follow); mounted.stop(); };
  },
};
"""


def module(name: str) -> str:
    """Join the files of an explorable into one module, which is what an anywidget takes."""
    files = ["math.js", "chart.js", "kit.js", f"{name.replace('-', '_')}.js"]
    text = "".join((HERE / file).read_text(encoding="utf-8") for file in files)
    return re.sub(r"^import .*\n", "", text, flags=re.MULTILINE) + WIDGET


class Explorable(anywidget.AnyWidget):
    """An explorable. Make one with ``show``; read and set ``state``, read ``value``."""

    _css = HERE / "explorables.css"
    _spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, kind: Kind, state: dict[str, Any]) -> None:
        self.kind = kind
        super().__init__(_spec=kind.spec(), state=state)

    @traitlets.validate("state")
    def _whole_state(self, proposal: Any) -> dict[str, Any]:
        return self.kind.check(proposal["value"])

    @property
    def value(self) -> dict[str, float]:
        """The displayed numbers, unrounded, computed with `xentlib`."""
        return self.kind.compute(self.state)

    def __repr__(self) -> str:
        state = ", ".join(f"{name}={value!r}" for name, value in self.state.items())
        return f"<Explorable {self.kind.name}: {state}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Stand in as a table where no widget can be shown, and in a notebook's stored output.

        `make notebooks` sets XENTLIB_STATIC: in a trusted notebook, JupyterLab prefers the stored
        view of a widget to the table, and says "model not found" since it no longer runs.
        """
        bundle = super()._repr_mimebundle_(**options)
        page = {"text/html": static_html(self.kind, self.state), "text/plain": repr(self)}
        if bundle is None or os.environ.get("XENTLIB_STATIC"):
            return page
        data, metadata = bundle
        return {**data, **page}, metadata


@cache
def _class_for(name: str) -> type[Explorable]:
    return type("Explorable", (Explorable,), {"_esm": module(name)})


def explorable(kind: Kind, state: dict[str, Any]) -> Explorable:
    """Return the widget of a kind in a state."""
    return _class_for(kind.name)(kind, state)
