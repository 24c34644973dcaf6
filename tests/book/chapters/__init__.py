"""What the tests know of each chapter, in one module for each, named c and its stem.

INPUTS are the decimals that its prose may type, because they define an example. ROWS are rows of
its tables, in which two numbers that changed places would be seen. ``numbers()`` gives every number
that its notebook hands on, computed a second time without xentlib: one number, the two ends of a
range, or a text.
"""

from importlib import import_module
from pathlib import Path

CHAPTERS = {
    path.stem[1:]: import_module(f"{__name__}.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("c[0-9]*.py"))
}
