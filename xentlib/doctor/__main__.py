"""The doctor for files: ``python -m xentlib.doctor outputs.npy targets.npy --loss nll``.

The exit status is 0 if nothing was found (notes do not count), 1 for a warning, 2 for an error,
3 if the files could not be examined.
"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, NoReturn

import numpy as np

from xentlib.doctor import examine
from xentlib.doctor._files import read_pair
from xentlib.doctor._names import FRAMEWORKS, LOSSES, loss_called

STATUS = {None: 0, "note": 0, "warning": 1, "error": 2}
MORE = """\
A text file has a row for each example, with commas between the cells (tabs in .tsv; semicolons
are seen), and may begin with a line of names. Its outputs are a column for each class. Its targets
are one column of class numbers from 0, or of words that are names of the outputs' columns, or
columns of probabilities. A first column without a name that counts the rows, as pandas writes it,
is left out, which stderr says. Pickles are not loaded.

exit status:
  0  nothing found, or notes only
  1  a warning, the gravest finding
  2  an error
  3  the files or the options could not be read

examples:
  python -m xentlib.doctor logits.npy labels.npy --loss nn.CrossEntropyLoss
  python -m xentlib.doctor probabilities.csv labels.csv --loss log_loss --observed 0.312
  python -m xentlib.doctor both.npz --loss BinaryCrossentropy --from-logits --json
"""


class Parser(ArgumentParser):
    """A parser whose complaints cannot be taken for a finding."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave with status 3."""
        self.exit(3, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """Return the command line."""
    line = Parser(
        prog="python -m xentlib.doctor",
        description="Find what is wrong with a loss.",
        epilog=MORE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add = line.add_argument
    add("outputs", help="what the model gave to the loss: .npy, .npz, .csv or .tsv")
    add("targets", nargs="?", help="what it was compared with; or one .npz holds both")
    add("--outputs-name", metavar="NAME", help="the outputs' name in an .npz")
    add("--targets-name", metavar="NAME", help="the targets' name in an .npz")
    add(
        "--loss",
        default="softmax_cross_entropy",
        help=f"{', '.join(LOSSES)}, or a framework's name for one of them; default: %(default)s",
    )
    add("--framework", help=f"whose conventions hold: {', '.join(FRAMEWORKS)}")
    add("--observed", type=float, help="the loss that was seen, with all its digits")
    add("--axis", type=int, help="the axis of the classes; default: the framework's, or found")
    add("--ignore-index", type=int, help="the label whose rows are skipped, such as -100")
    add("--label-smoothing", type=float, help="the share that goes to all classes, from 0 to 1")
    add("--weight", type=numbers, help="a weight for each class, with commas between")
    add("--pos-weight", type=numbers, help="a binary loss's weight of positives, one or several")
    add("--gamma", type=float, help="the exponent of a focal loss, at least 0")
    add("--alpha", type=numbers, help="a focal loss's weight: of positives, or one for each class")
    add("--reduction", help="mean, sum, none or batchmean")
    for name, text in (
        ("from-logits", "a Keras loss was told that its outputs are logits"),
        ("log-target", "KLDivLoss was told that its targets are log-probabilities"),
    ):
        add(f"--{name}", action="store_true", default=None, help=text)
    add("--micro-batches", type=numbers, help="the rows of each part whose means were averaged")
    add("--steps", type=int, help="how many steps the model has trained: at 0, chance is innocent")
    add("--json", action="store_true", help="print the report as JSON")
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
    files = [told.pop(name, None) for name in ("outputs", "targets")]
    members = [told.pop(f"{name}_name", None) for name in ("outputs", "targets")]
    try:
        sizes = told.get("micro_batches")
        if sizes is not None:
            told["micro_batches"] = [int(n) for n in np.atleast_1d(sizes)]
        labels = LOSSES[loss_called(told["loss"], None)[0]].over == "classes"
        outputs, targets, remarks = read_pair(*files, *members, labels=labels)
        report = examine(outputs, targets, **told)
    except (OSError, TypeError, ValueError, OverflowError) as error:
        line.error(str(error) or type(error).__name__)
    for remark in remarks:
        print(remark, file=sys.stderr)
    print(report.to_json(indent=2) if as_json else report)
    return STATUS[report.worst]


if __name__ == "__main__":
    sys.exit(main())
