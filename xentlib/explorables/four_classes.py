"""Four logits and one true class: which probabilities and loss, and how is each logit pushed?"""

from xentlib.explorables._kind import Choice, Kind, Number, Slider, Stops
from xentlib.losses import softmax, softmax_cross_entropy, softmax_cross_entropy_grad

CLASSES = ("cat", "dog", "bird", "fish")


def reference(
    z0: float, z1: float, z2: float, z3: float, truth: int, temperature: float
) -> dict[str, object]:
    """Return the probabilities, the loss, and its slope in each of the logits as they stand."""
    logits = [z / temperature for z in (z0, z1, z2, z3)]
    slopes = softmax_cross_entropy_grad(logits, truth) / temperature
    return {
        **{f"q{i}": q for i, q in enumerate(softmax(logits))},
        "loss": softmax_cross_entropy(logits, truth),
        **{f"g{i}": slope for i, slope in enumerate(slopes)},
    }


KIND = Kind(
    name="four-classes",
    title="One photo, four classes",
    try_this=(
        "The photo shows a bird. Raise the logit of fish, or drag its bar up. Which of the two "
        "keeps growing, the loss or its slopes? Then lower the temperature, and look at both."
    ),
    controls=(
        *(
            Slider(f"z{i}", f"Logit of {name}", start, low=-10, high=10, step=0.1)
            for i, (name, start) in enumerate(zip(CLASSES, (0, 0.7, 1.8, 0), strict=True))
        ),
        Choice("truth", "True class", 2, values=(0, 1, 2, 3), labels=CLASSES),
        Stops(
            "temperature",
            "Temperature T, divides the logits",
            1,
            values=(0.1, 0.2, 0.5, 1, 2, 5, 10),
        ),
    ),
    numbers=(
        Number("loss", "Loss, −ln q of the true class", "nats"),
        *(Number(f"q{i}", f"Probability of {name}") for i, name in enumerate(CLASSES)),
        *(Number(f"g{i}", f"Slope in the logit of {name}") for i, name in enumerate(CLASSES)),
    ),
    presets={
        "The bird": {},
        "Sure and right": {"z0": 0, "z1": 1, "z2": 8, "z3": 0},
        "Sure and wrong": {"z0": 0, "z1": 1, "z2": 0, "z3": 8},
        "No idea": {"z0": 0, "z1": 0, "z2": 0, "z3": 0},
    },
    code=(
        "from xentlib import softmax_cross_entropy\n\n"
        "logits = [{z0}, {z1}, {z2}, {z3}]  # cat, dog, bird, fish\n"
        "softmax_cross_entropy([[z / {temperature} for z in logits]], [{truth}])"
    ),
    code_gives="loss",
    reference=reference,
)
