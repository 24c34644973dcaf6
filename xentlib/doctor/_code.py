"""What the doctor keeps of a code, and the sections of the book that explain them."""

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


class Code(NamedTuple):
    """Where a finding is explained, and how it is mended."""

    section: str
    mend: str  # in general, or by hand
    torch: str = ""
    keras: str = ""
    jax: str = ""
    sklearn: str = ""
