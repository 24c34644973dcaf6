"""What the doctor keeps of a code, and the sections of the book that explain them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

TWICE = "chapters/07_frameworks.html#frameworks-twice"
INPUT = "chapters/07_frameworks.html#frameworks-input"
TARGET = "chapters/07_frameworks.html#frameworks-target"
SHAPE = "chapters/07_frameworks.html#frameworks-shape"
AVERAGE = "chapters/07_frameworks.html#frameworks-average"
DEFAULT = "chapters/07_frameworks.html#frameworks-default"
SMOOTHING = "chapters/08_label_smoothing.html"
WEIGHTS = "chapters/09_class_weights.html"
FOCAL = "chapters/10_focal_loss.html#three-faults-of-the-usual-snippet"
STABILITY = "chapters/06_stability.html"
BINARY = "chapters/04_binary.html"


class Mend(NamedTuple):
    """A line that mends a call, by hand and in the words of the frameworks.

    The names are the reader's: `outputs` and `targets` as they were given, `logits` as the model
    gives them without a softmax or sigmoid at its end, `loss` as it was called. In braces stands
    what depends on the call; `mend` in `_codes.py` says what there is.
    """

    hand: str
    torch: str = ""
    keras: str = ""
    jax: str = ""
    sklearn: str = ""


class Code(NamedTuple):
    """Where a finding is explained, its gravest severity, and how it is mended."""

    section: str
    gravest: str
    mend: Mend
    traps: str = ""  # their numbers in chapter 7
    cases: Mapping[str, Mend] = MappingProxyType({})  # other mends: the first case that holds


SKLEARN = "log_loss(targets, model.predict_proba(X))"


def classes(why: str) -> Mend:
    """Return the loss over classes that takes logits."""
    return Mend(
        f"xentlib.softmax_cross_entropy(logits, targets)  # {why}",
        torch=f"F.cross_entropy(logits, targets)  # {why}",
        keras=f"{{Sparse}}CategoricalCrossentropy(from_logits=True)(targets, logits)  # {why}",
        jax=f"optax.softmax_cross_entropy{{_integer}}(logits, targets).mean()  # {why}",
        sklearn=SKLEARN,
    )


def binary(why: str) -> Mend:
    """Return the loss of yes or no that takes logits."""
    return Mend(
        f"xentlib.binary_cross_entropy_with_logits(logits, targets)  # {why}",
        torch=f"F.binary_cross_entropy_with_logits(logits, targets)  # {why}",
        keras=f"BinaryCrossentropy(from_logits=True)(targets, logits)  # {why}",
        jax=f"optax.sigmoid_binary_cross_entropy(logits, targets).mean()  # {why}",
        sklearn=SKLEARN,
    )


def same_loss(outputs: str, why: str) -> Mend:
    """Return the reader's own loss of other outputs."""
    line = f"loss({outputs}, targets)  # {why}"
    return Mend(line, keras=f"loss(targets, {outputs})  # {why}", sklearn=SKLEARN)
