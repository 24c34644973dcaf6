"""Numbers and labels from text files, as spreadsheets, NumPy, pandas and R write them."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from xentlib._checks import Array

# What NumPy and zipfile raise at broken files. NotImplementedError is a RuntimeError.
BROKEN = (
    EOFError,
    BadZipFile,
    TokenError,
    zlib.error,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    OverflowError,
    SyntaxError,
    csv.Error,
)


class Table(NamedTuple):
    """A text file: its cells by line, the names of its columns if any, and what was left out."""

    file: str
    rows: dict[int, list[str]]
    names: list[str]
    remark: str


@contextmanager
def blaming(name: str) -> Iterator[None]:
    """Say which file is broken. NumPy does not, and advises to load pickles."""
    try:
        yield
    except BROKEN as error:
        pickled = "pickle" in str(error)
        raise ValueError(
            f"{name} is no file of NumPy's, or holds Python objects: they could run anything"
            if pickled
            else f"{name} is broken: {error}"
        ) from None


def read_table(name: str, *, tabs: bool = False) -> Table:
    """Read cells between commas, semicolons or tabs, and the names above them."""
    with blaming(name):
        text = Path(name).read_text("utf-8-sig")
        semicolons = ";" in text.lstrip().partition("\n")[0]  # then the comma is a decimal point
        delimiter = "\t" if tabs else ";" if semicolons else ","
        lines = csv.reader(text.splitlines(), delimiter=delimiter)
        cells = [[cell.strip() for cell in line] for line in lines]
    rows = {line: row for line, row in enumerate(cells, 1) if any(row)}
    if delimiter == ";":
        rows = {line: [cell.replace(",", ".") for cell in row] for line, row in rows.items()}
    if not rows:
        raise ValueError(f"{name} is empty")
    names, remark = _names(rows), ""
    top = next(iter(rows.values()))
    if names:
        del rows[next(iter(rows))]
        if all(map(_is_number, filter(None, names))):
            remark = f"{name}: the first line counts the columns and was left out"
    for line, row in rows.items():
        if len(row) != len(top):
            raise ValueError(
                f"{name}, line {line}: the rows are not of one length, {len(row)} after {len(top)}"
            )
        if "" in row:
            raise ValueError(f"{name}, line {line}: cell {row.index('') + 1} is empty")
    if names and not names[0] and _counts([row[0] for row in rows.values()]):
        rows = {line: row[1:] for line, row in rows.items()}
        names = names[1:]
        remark = f"{name}: the first column has no name, counts the rows, and was left out"
    return Table(name, rows, names, remark)


def _names(rows: dict[int, list[str]]) -> list[str]:
    """Return the first row if it holds names: words, numbers from 0, or nothing above an index."""
    top, *others = rows.values()
    if not any(map(_is_number, top)):
        return top
    fractions = any(not cell.isdigit() for row in others for cell in row)
    indexed = len(top) > 1 and not top[0]
    counted = len(top) > 1 and top == [str(k) for k in range(len(top))] and fractions
    return top if indexed or counted else []


def _counts(cells: list[str]) -> bool:
    """Whether these are the numbers of rows, as pandas and R write them, in any order."""
    return all(cell.isdigit() for cell in cells) and len(set(cells)) == len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def table_numbers(table: Table) -> Array:
    """Return the cells as numbers; those of a single column as a row."""
    for line, row in table.rows.items():
        if not all(map(_is_number, row)):
            raise ValueError(f"{table.file}, line {line}: {','.join(row)!r} is no row of numbers")
    values = np.array([[float(cell) for cell in row] for row in table.rows.values()])
    if not values.size:
        raise ValueError(f"{table.file} holds names and no numbers")
    return values[:, 0] if values.shape[1] == 1 else values


def table_targets(table: Table, columns: list[str], labels: bool) -> Array:
    """Return targets, also from words that name the columns of the outputs."""
    words = [cell for row in table.rows.values() for cell in row]
    if table.names and table.names[0] in columns:  # not above the labels, but the first of them
        words = [table.names[0], *words]
    if labels and len(words) <= len(table.rows) + 1 and not any(map(_is_number, words)):
        unknown = [word for word in words if word not in columns]
        if unknown or not words:
            raise ValueError(
                f"{table.file} holds words, such as {(unknown or table.names)[0]!r}, and no column "
                "of the outputs has this name; give the classes as numbers from 0"
            )
        return np.array([columns.index(word) for word in words])
    values = table_numbers(table)
    fits = (np.floor(values) == values) & (np.abs(values) < 2.0**63)
    whole = labels and values.ndim == 1 and bool(fits.all())
    return values.astype(np.int64) if whole else values
