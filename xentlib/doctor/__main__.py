"""The doctor for files: ``python -m xentlib.doctor outputs.npy targets.npy --loss nll``.

The exit status is 0 if nothing was found (notes do not count), 1 for a warning, 2 for an error,
3 if the files could not be examined.
"""

import sys
import zlib
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any, NoReturn
from zipfile import BadZipFile

import numpy as np

from xentlib._checks import Array
from xentlib.doctor import examine
from xentlib.doctor._names import LOSSES, loss_called

# What NumPy and zipfile raise at broken files; NotImplementedError is a RuntimeError.
BROKEN = (OSError, EOFError, BadZipFile, TokenError, zlib.error, MemoryError, RuntimeError)
STATUS = {None: 0, "note": 0, "warning": 1, "error": 2}


class Parser(ArgumentParser):
    """A parser whose complaints cannot be taken for a finding."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave with status 3."""
        self.exit(3, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """Return the command line."""
    line = Parser(prog="python -m xentlib.doctor", description="Find what is wrong with a loss.")
    line.add_argument("outputs", help="what the model gave to the loss: .npy, .npz or .csv")
    line.add_argument(
        "targets", nargs="?", help="what it was compared with; or one .npz holds both by name"
    )
    line.add_argument(
        "--loss",
        default="softmax_cross_entropy",
        help=f"{', '.join(LOSSES)}, or a framework's name for one of them",
    )
    line.add_argument("--framework", help="torch, keras, tensorflow, jax, sklearn or numpy")
    line.add_argument("--observed", type=float, help="the loss that was seen")
    for name in ("axis", "ignore-index", "steps"):
        line.add_argument(f"--{name}", type=int)
    for name in ("gamma", "label-smoothing"):
        line.add_argument(f"--{name}", type=float)
    for name in ("alpha", "pos-weight", "weight", "micro-batches"):
        line.add_argument(f"--{name}", type=numbers, help="one number, or several with commas")
    for name in ("from-logits", "log-target"):
        line.add_argument(f"--{name}", action="store_true", default=None)
    line.add_argument("--reduction", help="mean, sum, none or batchmean")
    line.add_argument("--json", action="store_true", help="print the report as JSON")
    return line


def numbers(text: str) -> Any:
    """Read one number, or a list of them."""
    values = [float(part) for part in text.split(",")]
    return values if len(values) > 1 else values[0]


def main(arguments: list[str] | None = None) -> int:
    """Examine two files, print the report, and return the exit status."""
    line = parser()
    told = {k: v for k, v in vars(line.parse_args(arguments)).items() if v is not None}
    as_json = told.pop("json")
    try:
        sizes = told.get("micro_batches")
        if sizes is not None:
            told["micro_batches"] = [int(n) for n in np.atleast_1d(sizes)]
        outputs, targets = _pair(told.pop("outputs"), told.pop("targets", None), told)
        report = examine(outputs, targets, **told)
    except (*BROKEN, TypeError, ValueError, OverflowError, SyntaxError) as error:
        line.error(str(error) or type(error).__name__)
    print(report.to_json(indent=2) if as_json else report)
    return STATUS[report.worst]


def _pair(outputs: str, targets: str | None, told: dict[str, Any]) -> tuple[Array, Array]:
    if targets is None:
        if Path(outputs).suffix != ".npz":
            raise ValueError("a second file is missing, that of the targets")
        return _load(outputs, "outputs"), _load(outputs, "targets")
    q, t = _load(outputs, "outputs"), _load(targets, "targets")
    loss, _ = loss_called(told["loss"], None)
    if Path(targets).suffix == ".csv" and LOSSES[loss].over == "classes" and t.ndim == 1:
        whole = (np.floor(t) == t) & (np.abs(t) < 2.0**63)
        t = t.astype(np.int64) if whole.all() else t  # a text file has no integers of its own
    return q, t


def _load(name: str, key: str) -> Array:
    """Load an array. Pickles are refused: they could run anything."""
    suffix = Path(name).suffix
    if suffix in (".npy", ".npz"):
        with open(name, "rb") as file:  # NumPy leaves a broken archive open
            loaded = np.load(file, allow_pickle=False)
            return loaded if suffix == ".npy" else _member(loaded, name, key)
    if suffix == ".csv":
        return _csv(name)
    raise ValueError(f"{name} is no .npy, .npz or .csv file")


def _member(arrays: Mapping[str, Array], name: str, key: str) -> Array:
    keys = list(arrays)
    if key not in keys and len(keys) != 1:
        raise ValueError(f"{name} holds {', '.join(keys) or 'nothing'}, expected {key!r}")
    return np.asarray(arrays[key if key in keys else keys[0]])


def _csv(name: str) -> Array:
    """Read numbers with commas; a first line of words is their names."""
    rows = []
    for place, line in enumerate(Path(name).read_text("utf-8-sig").splitlines()):
        try:
            rows.append([float(cell) for cell in line.split(",") if line.strip()])
        except ValueError:
            if place:
                raise ValueError(
                    f"{name}, line {place + 1}: {line!r} is no row of numbers"
                ) from None
    rows = [row for row in rows if row]
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"{name}: the rows are not of one length")
    table = np.array(rows)
    return table[:, 0] if table.ndim == 2 and table.shape[1] == 1 else table


if __name__ == "__main__":
    sys.exit(main())
