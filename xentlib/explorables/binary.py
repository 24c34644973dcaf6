"""A yes-or-no question and one logit: what does each branch cost, and where is their sum lowest?"""

from xentlib.explorables._kind import Kind, Number, Slider, Stops
from xentlib.losses import (
    binary_cross_entropy_with_logits,
    softmax,
    softmax_cross_entropy_grad,
)


def reference(z: float, t: float, pos_weight: float) -> dict[str, object]:
    """Return the probability of yes, the loss and its two branches, and its slope."""
    as_two = [0.0, z]  # the softmax that a sigmoid is
    slopes = softmax_cross_entropy_grad(as_two, [1 - t, t], weight=[1, pos_weight])
    return {
        "q": softmax(as_two)[1],
        "yes": pos_weight * t * binary_cross_entropy_with_logits([z], [1.0]),
        "no": (1 - t) * binary_cross_entropy_with_logits([z], [0.0]),
        "loss": binary_cross_entropy_with_logits([z], [t], pos_weight=pos_weight),
        "slope": slopes[1],
    }


KIND = Kind(
    name="binary",
    title="Yes or no, from one logit",
    try_this=(
        "Compare the losses at target 1 and at target 0: how far apart are they at the logit z? "
        "Then take a target of 0.3, and walk down into the valley. "
        "Which way does its lowest point move if you raise pos_weight?"
    ),
    controls=(
        Slider("z", "Logit z", 2, low=-10, high=10, step=0.1),
        Slider("t", "Target t", 1, low=0, high=1, step=0.01),
        Stops(
            "pos_weight",
            "pos_weight, multiplies the yes branch",
            1,
            values=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
        ),
    ),
    numbers=(
        Number("q", "Probability q of yes"),
        Number("yes", "Yes branch", "nats"),
        Number("no", "No branch", "nats"),
        Number("loss", "Loss", "nats"),
        Number("slope", "Slope in the logit"),
    ),
    presets={
        "Fraud": {},
        "Honest": {"t": 0},
        "Three of ten": {"t": 0.3},
        "Three, weight 10": {"t": 0.3, "pos_weight": 10},
    },
    code=(
        "from xentlib import binary_cross_entropy_with_logits\n\n"
        "t = float({t})  # targets are floats\n"
        "binary_cross_entropy_with_logits([{z}], [t], pos_weight={pos_weight})"
    ),
    code_gives="loss",
    reference=reference,
)
