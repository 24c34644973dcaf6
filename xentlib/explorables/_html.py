"""An explorable as HTML: a table that stands alone, and all that the page's script needs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from xentlib.explorables._kind import Choice, Control, Kind, say

__all__ = ["static_html"]


def static_html(kind: Kind, state: Mapping[str, Any]) -> str:
    """Return the element that becomes live in a page of the book.

    Without JavaScript, and in print, it is a table of the presets and their numbers.
    """
    spec = {**kind.spec(), "state": kind.check(state)}
    states = {"As shown": kind.check(state)} if kind.check(state) not in _presets(kind) else {}
    states |= {name: kind.check(preset) for name, preset in kind.presets.items()}
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in states)
    rows = []
    for control in kind.controls:
        cells = [_setting(control, whole[control.name]) for whole in states.values()]
        rows.append(_row(control.label, cells))
    computed = [kind.compute(whole) for whole in states.values()]
    for number in kind.numbers:
        label = f"{number.label} ({number.unit})" if number.unit else number.label
        rows.append(_row(label, [number.say(numbers[number.name]) for numbers in computed]))
    return (
        f'<div class="xent-explorable" data-explorable="{kind.name}" '
        f'data-spec="{html.escape(json.dumps(spec, ensure_ascii=False))}">'
        f'<div class="xent-static"><table><caption>{html.escape(kind.title)}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></div>"
    )


def _presets(kind: Kind) -> list[dict[str, Any]]:
    return [kind.check(preset) for preset in kind.presets.values()]


def _setting(control: Control, value: Any) -> str:
    if isinstance(control, Choice):
        return html.escape(control.labels[control.values.index(value)])
    text = say(value)
    return re.sub(r"\.?0+$", "", text) if "." in text and "e" not in text else text


def _row(label: str, cells: list[str]) -> str:
    inside = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{html.escape(label)}</th>{inside}</tr>'
