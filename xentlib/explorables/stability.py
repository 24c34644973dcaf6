"""At which logit does a hand-written loss break, and does its slope break first?

Two classes with the logits z and 0. Each operation is done in double precision by Python itself and
then rounded to the format, so the numbers do not depend on NumPy's code for this processor. For
sums, products and quotients, rounding twice is as good as rounding once: double has more than twice
the digits. An exponential or a logarithm could differ only within a hair of a tie.
"""

import math
from collections.abc import Callable

import numpy as np

from xentlib.explorables._kind import Choice, Kind, Number, Stops

Round = Callable[[float], float]

# How each format rounds, and to how many decimal digits.
ROUND: dict[str, tuple[Round, int]] = {
    "float16": (lambda x: float(np.float16(x)), 3),
    "float32": (lambda x: float(np.float32(x)), 7),
    "float64": (float, 15),
}


def exp(x: float) -> float:
    """Return e^x, infinite where Python would raise an error."""
    return math.inf if x > 709.78 else math.exp(x)


def log(x: float) -> float:
    """Return ln x, minus infinity at 0."""
    return -math.inf if x == 0 else math.log(x)


def naive(z: float, truth: int, r: Round) -> tuple[float, float]:
    """Return the loss by the definition of the softmax, and its slope in z as autograd finds it.

    The backward pass of a / b is PyTorch's: 1 / b for a, and -(a / b) / b for b.
    """
    e = r(exp(z)), 1.0
    total = r(e[0] + e[1])
    q = r(e[truth] / total)
    to_q = r(-1 / q) if q else -math.inf
    to_total = -r(to_q * r(q / total))
    to_e = r(r(to_q / total) + to_total) if truth == 0 else to_total
    return -r(log(q)), r(to_e * e[0])


def stable(z: float, truth: int, r: Round) -> tuple[float, float]:
    """Return the loss by log-sum-exp with the shift z and log1p, and its slope in z.

    Where the answer is right, the slope q - 1 is minus the other class's share, as in `xentlib`.
    """
    top, other = r(exp(r(z - z))), r(exp(r(0 - z)))  # 1 and e^-z
    total = r(top + other)
    rest = r(math.log1p(r(other / top)))
    return (rest, -r(other / total)) if truth == 0 else (r(z + rest), r(top / total))


def digits(value: float, exact: float, most: int) -> int:
    """Return how many decimal digits are right. No exact loss or slope is 0: a 0 has none."""
    if value == 0 or not math.isfinite(value):
        return 0
    error = abs(value / exact - 1)
    return most if error == 0 else max(0, min(most, math.floor(-math.log10(error))))


def reference(scale: float, dtype: str, truth: int) -> dict[str, object]:
    """Return loss and slope of both forms, every operation rounded, and how many digits are right.

    They are counted beside the stable form in double precision, at the logit as it is stored.
    """
    with np.errstate(over="ignore"):
        r, most = ROUND[dtype]
        z = r(scale)
        (loss, slope), (good_loss, good_slope) = naive(z, truth, r), stable(z, truth, r)
        exact_loss, exact_slope = stable(z, truth, float)
    return {
        "loss_naive": loss,
        "loss_stable": good_loss,
        "loss_digits_naive": digits(loss, exact_loss, most),
        "loss_digits_stable": digits(good_loss, exact_loss, most),
        "slope_naive": slope,
        "slope_stable": good_slope,
        "slope_digits_naive": digits(slope, exact_slope, most),
        "slope_digits_stable": digits(good_slope, exact_slope, most),
    }


# Dense where something breaks; whole numbers that half precision can hold, up to its largest.
SCALES: tuple[int, ...] = (*range(1, 13), 14, 16, 17, 18, 20, 24, 28, 32, 36, 37, 44, 51, 52, 70)
SCALES += (88, 89, 103, 104, 200, 250, 372, 373, 500, 709, 710, 746, 1000, 3000, 10000)
SCALES += (65504, 100000)

KIND = Kind(
    name="stability",
    title="One loss, computed in two ways",
    try_this=(
        "Raise z. Which fails first, the naive loss or its slope, and would you notice? "
        "Then make the answer right: how much is left of a small loss, and in which format?"
    ),
    controls=(
        Stops("scale", "Logit z, against a logit 0", 52, values=SCALES),
        Choice(
            "dtype",
            "Number format",
            "float32",
            values=("float16", "float32", "float64"),
            labels=("fp16", "fp32", "fp64"),
        ),
        Choice(
            "truth",
            "The answer is",
            1,
            values=(1, 0),
            labels=("wrong: the class with 0 is true", "right: the class with z is true"),
        ),
    ),
    numbers=(
        Number("loss_naive", "Naive: loss", "nats"),
        Number("loss_stable", "Stable: loss", "nats"),
        Number("loss_digits_naive", "Naive: right digits of the loss", whole=True),
        Number("loss_digits_stable", "Stable: right digits of the loss", whole=True),
        Number("slope_naive", "Naive: slope in z"),
        Number("slope_stable", "Stable: slope in z"),
        Number("slope_digits_naive", "Naive: right digits of the slope", whole=True),
        Number("slope_digits_stable", "Stable: right digits of the slope", whole=True),
    ),
    presets={
        "The slope is lost": {},
        "The loss is lost": {"scale": 89},
        "Sure and right": {"scale": 18, "truth": 0},
        "Half precision": {"scale": 12, "dtype": "float16"},
    },
    code=(
        "import numpy as np\n\n"
        "from xentlib.pitfalls import softmax_without_shift\n\n"
        "q = softmax_without_shift(np.array([{scale}, 0], np.{dtype}))\n"
        "-np.log(q[{truth}])"
    ),
    code_gives="loss_naive",
    reference=reference,
)
