"""Read the code of a submitted notebook, and believe nothing else in it."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import BinaryIO

MB = 10**6
FILE_LIMIT = 20 * MB  # a notebook with its pictures has 1 or 2
CELLS_LIMIT = 500
CODE_LIMIT = 1 * MB  # characters


class UnreadableError(Exception):
    """The file is no notebook that can be graded; the message says why."""


def open_plain(path: Path) -> BinaryIO:
    """Open a file, not through a link, and without waiting: a pipe must not stop the grader."""
    return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def read_cells(path: Path) -> tuple[list[str], str | None]:
    """Return the code cells of a notebook, and the name of the lab that it says it is.

    Nothing in the file is believed: not its metadata, not its outputs, not its tests.
    """
    try:
        with open_plain(path) as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise UnreadableError(f"The file cannot be read: {error.strerror}.") from None
    if len(data) > FILE_LIMIT:
        size = path.stat().st_size / 1e6
        raise UnreadableError(
            f"The file has {size:.0f} MB; the limit is {FILE_LIMIT // MB}. "
            "Clear all outputs, save, and hand in again."
        )
    try:
        notebook = json.loads(data)
        sources = [
            cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
        ]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise UnreadableError(
            "The file is not a Jupyter notebook (its JSON is broken or empty)."
        ) from None
    if len(sources) > CELLS_LIMIT or sum(map(len, sources)) > CODE_LIMIT:
        raise UnreadableError(
            f"The notebook has more than {CELLS_LIMIT} code cells, "
            f"or more than {CODE_LIMIT // MB} million characters of code."
        )
    with contextlib.suppress(KeyError, TypeError):
        name = notebook["metadata"]["otter"]["assignment_name"]
        return sources, name if isinstance(name, str) else None
    return sources, None
