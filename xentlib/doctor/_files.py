"""Outputs and targets from files: .npy, .npz, .csv and .tsv. Pickles are not loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._tables import Table, blaming, read_table, table_numbers, table_targets

# What people call the two in an archive; np.savez(file, outputs, targets) numbers them.
OUTPUTS = ("outputs", "logits", "probabilities", "predictions", "y_pred", "arr_0")
TARGETS = ("targets", "labels", "y_true", "y", "arr_1")


def read_pair(
    outputs: str,
    targets: str | None = None,
    outputs_name: str | None = None,
    targets_name: str | None = None,
    *,
    labels: bool = True,
) -> tuple[Array, Array, list[str]]:
    """Return outputs, targets, and remarks on what was left out.

    A text file has no integers of its own: `labels` says that whole numbers are some.
    """
    both = targets is None
    if both and _suffix(outputs) != ".npz":
        raise ValueError("a second file is missing, that of the targets")
    first = _read(outputs, outputs_name, OUTPUTS, both)
    second = _read(targets or outputs, targets_name, TARGETS, both)
    tables = [read for read in (first, second) if isinstance(read, Table)]
    q = table_numbers(first) if isinstance(first, Table) else first
    names = first.names if isinstance(first, Table) else []
    t = table_targets(second, names, labels) if isinstance(second, Table) else second
    return q, t, [table.remark for table in tables if table.remark]


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in (".npy", ".npz", ".csv", ".tsv"):
        raise ValueError(f"{name} is no .npy, .npz, .csv or .tsv file")
    return suffix


def _read(name: str, key: str | None, usual: tuple[str, ...], both: bool) -> Array | Table:
    if _suffix(name) in (".csv", ".tsv"):
        return read_table(name, tabs=_suffix(name) == ".tsv")
    with open(name, "rb") as file:  # NumPy leaves a broken archive open
        with blaming(name):
            loaded = np.load(file, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        member = _member(name, loaded.files, key, usual, both)
        with blaming(name):
            return np.asarray(loaded[member])


def _member(
    name: str, members: list[str], key: str | None, usual: tuple[str, ...], both: bool
) -> str:
    """Choose an array of an archive."""
    if key is None and len(members) == 1:
        if both:
            raise ValueError(f"{name} holds one array, {members[0]}: it needs outputs and targets")
        return members[0]
    known = [member for member in ((key,) if key else usual) if member in members]
    if len(known) != 1:
        option = "--outputs-name" if usual is OUTPUTS else "--targets-name"
        raise ValueError(
            f"{name} holds {', '.join(members) or 'nothing'}, expected {key or usual[0]!r}; "
            f"{option} says which to take"
        )
    return known[0]
