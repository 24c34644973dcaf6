"""One unit that is sure and wrong: which loss gets it out, and how soon?"""

import math
from collections.abc import Callable

from xentlib.explorables._kind import Kind, Number, Slider, Stops
from xentlib.losses import binary_cross_entropy_with_logits


def sigmoid(z: float) -> float:
    """Return 1 / (1 + e^-z), exact on both sides."""
    return math.exp(z) / (1 + math.exp(z)) if z < 0 else 1 / (1 + math.exp(-z))


def pull_ce(z: float) -> float:
    """Return minus the slope of cross-entropy along the logit, 1 - q."""
    return sigmoid(-z)


def pull_se(z: float) -> float:
    """Return minus the slope of squared error along the logit, 2 q (1 - q)^2."""
    miss = sigmoid(-z)
    return 2 * sigmoid(z) * miss * miss


def descend(pull: Callable[[float], float], z: float, rate: float, steps: float) -> float:
    """Return where gradient descent leads."""
    for _ in range(int(steps)):
        z += rate * pull(z)
    return z


def reference(start: float, rate: float, steps: float, speed: float) -> dict[str, object]:
    """Return logit, probability, loss and pull of both units; the speed changes none of them."""
    ce = descend(pull_ce, start, rate, steps)
    se = descend(pull_se, start, rate, steps)
    return {
        "z_ce": ce,
        "z_se": se,
        "q_ce": sigmoid(ce),
        "q_se": sigmoid(se),
        "loss_ce": binary_cross_entropy_with_logits([ce], [1.0]),
        "loss_se": sigmoid(-se) ** 2,
        "pull_ce": pull_ce(ce),
        "pull_se": pull_se(se),
    }


KIND = Kind(
    name="mse-or-ce",
    title="Two losses pull at the same unit, truth 1",
    try_this=(
        "Go back to step 0 and press Play. Which loss leaves its unit waiting, although both units "
        "are equally wrong? Then start both at −8, and play faster. Which one waits a little "
        "longer now, which many times as long?"
    ),
    controls=(
        Slider("start", "Both start at the logit", -6, low=-12, high=4, step=0.5),
        Stops("rate", "Learning rate", 1, values=(0.1, 0.3, 1, 3, 10)),
        Slider("steps", "Steps taken", 50, low=0, high=2000, step=1),
        Stops("speed", "Play: steps a second", 30, values=(10, 30, 100, 300)),
    ),
    numbers=(
        Number("z_ce", "Cross-entropy: logit z"),
        Number("z_se", "Squared error: logit z"),
        Number("q_ce", "Cross-entropy: q"),
        Number("q_se", "Squared error: q"),
        Number("loss_ce", "Cross-entropy: loss", "nats"),
        Number("loss_se", "Squared error: loss"),
        Number("pull_ce", "Cross-entropy: pull"),
        Number("pull_se", "Squared error: pull"),
    ),
    presets={
        "Sure and wrong": {},
        "Undecided": {"start": 0},
        "Surer still": {"start": -8, "steps": 1000},
        "Surer, rate 10": {"start": -8, "rate": 10},
    },
    code=(
        "from math import exp\n\n"
        "z = {start}\n"
        "for _ in range({steps}):\n"
        "    q = 1 / (1 + exp(-z))\n"
        "    z += {rate} * 2 * q * (1 - q) ** 2  # cross-entropy: z += {rate} * (1 - q)\n"
        "z"
    ),
    code_gives="z_se",
    reference=reference,
)
