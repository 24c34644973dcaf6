"""How much news is an event of probability p, and how much is the next toss of such a coin?"""

from xentlib.explorables._kind import Kind, Number, Slider
from xentlib.information import entropy, surprisal


def reference(p: float) -> dict[str, object]:
    """Return the surprisal of the event, and the entropy of whether it happens."""
    return {
        "bits": surprisal(p, base=2),
        "nats": surprisal(p),
        "entropy": entropy([p, 1 - p], base=2),
    }


KIND = Kind(
    name="surprise",
    title="One event, and the toss it belongs to",
    try_this=(
        "Go from one in four to one in eight, and on to one in sixteen: what does each step cost? "
        "Then look for the p at which the toss as a whole is hardest to guess. Is it where the "
        "event surprises most?"
    ),
    controls=(Slider("p", "Probability p of the event", 0.25, low=0, high=1, step=0.001),),
    numbers=(
        Number("bits", "Surprisal of the event", "bits"),
        Number("nats", "The same surprisal", "nats"),
        Number("entropy", "Entropy of the toss", "bits"),
    ),
    presets={
        "One in four": {"p": 0.25},
        "One in eight": {"p": 0.125},
        "One in sixteen": {"p": 0.0625},
        "Impossible": {"p": 0},
    },
    code="from xentlib import surprisal\n\nsurprisal({p}, base=2)",
    code_gives="bits",
    reference=reference,
)
