"""Pictures that answer when touched: the same in a page of the book and in a notebook.

An explorable is a pair of files. ``surprise.py`` says what it has (controls, numbers, presets) and
computes the numbers with `xentlib`; ``surprise.js`` computes them in the page, and draws. The rest
is shared: ``math.js``, ``chart.js``, ``kit.js`` and ``explorables.css``, the page's loader
``page.js``, the notebook's ``widget.py``.
"""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from xentlib.explorables._kind import Kind

if TYPE_CHECKING:
    from xentlib.explorables.widget import Explorable

__all__ = ["NAMES", "kind", "reference", "show"]

NAMES = (
    "surprise",
    "simplex",
    "four-classes",
    "binary",
    "mse-or-ce",
    "stability",
    "smoothing",
    "reweight",
)


def kind(name: str) -> Kind:
    """Return the description of an explorable: its controls, numbers, presets.

    Parameters
    ----------
    name : str
        One of ``NAMES``.

    Returns
    -------
    Kind
        Its controls, numbers and presets are attributes; ``start`` is its first state.

    Raises
    ------
    ValueError
        There is no such explorable.

    Examples
    --------
    >>> from xentlib.explorables import kind
    >>> kind("surprise").start
    {'p': 0.25}
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of an explorable is a text, got {name!r}")
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"there is no explorable {name!r}; {hint}there are: {', '.join(NAMES)}")
    module = import_module(f"xentlib.explorables.{name.replace('-', '_')}")
    found: Kind = module.KIND
    return found


def reference(name: str, state: dict[str, Any] | None = None) -> dict[str, float]:
    """Return the numbers that an explorable displays in a state, computed with `xentlib`.

    Parameters
    ----------
    name : str
        One of ``NAMES``.
    state : dict, optional
        Values of the controls, by name. Those left out have their first values.

    Returns
    -------
    dict
        The displayed numbers by name, unrounded, in the order in which they are displayed.

    Raises
    ------
    ValueError
        No such explorable or control, or a value out of its range.
    TypeError
        A value that is not a number where one is needed.

    Examples
    --------
    >>> from xentlib.explorables import reference
    >>> reference("surprise", {"p": 0.5})["bits"]
    1.0
    """
    return kind(name).compute({} if state is None else state)


def show(name: str, **state: Any) -> Explorable:
    """Return an explorable as a widget, for the last line of a notebook's cell.

    The widget's ``state`` holds the values of its controls. Read it after you have moved them,
    or set it as a whole, ``widget.state = {"p": 0.5}``, and the picture follows. A change inside
    the dict is not seen. ``value`` holds the numbers displayed.

    Parameters
    ----------
    name : str
        One of ``NAMES``.
    **state
        Values of the controls. Those left out have their first values.

    Returns
    -------
    Explorable
        An anywidget, with the attributes ``state`` and ``value``.

    Raises
    ------
    ImportError
        The package anywidget is missing.
    ValueError, TypeError
        As in ``reference``.

    Examples
    --------
    >>> from xentlib.explorables import show
    >>> widget = show("surprise", p=0.25)
    >>> widget
    <Explorable surprise: p=0.25>
    >>> widget.state = {"p": 0.125}
    >>> widget.value["bits"]
    3.0

    References
    ----------
    Manz, Abdennur & Gehlenborg 2024, anywidget: reusable widgets for interactive analysis and
    visualization in computational notebooks, doi:10.21105/joss.06939.
    """
    try:
        from xentlib.explorables.widget import explorable
    except ImportError as error:
        raise ImportError(
            "show() needs the package anywidget: pip install 'xentlib[course]'"
        ) from error
    return explorable(kind(name), state)
