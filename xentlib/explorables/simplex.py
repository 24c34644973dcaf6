"""Every model of three classes is a point of a triangle: what does each cost, under one truth?"""

from xentlib.explorables._kind import Choice, Kind, Number, Slider
from xentlib.information import cross_entropy, entropy, kl_divergence


def reference(p_a: float, p_b: float, q_a: float, q_b: float, contours: str) -> dict[str, object]:
    """Return what the model costs under the truth, its two parts, and the second one swapped."""
    p = [p_a, (1 - p_a) * p_b, (1 - p_a) * (1 - p_b)]
    q = [q_a, (1 - q_a) * q_b, (1 - q_a) * (1 - q_b)]
    return {
        "entropy": entropy(p),
        "cross": cross_entropy(p, q),
        "kl": kl_divergence(p, q),
        "swapped": kl_divergence(q, p),
    }


TRUTH = {"p_a": 0.6, "p_b": 0.75}  # 60 cats, 30 dogs, 10 foxes in 100

KIND = Kind(
    name="simplex",
    title="Every model of three classes, and what it costs",
    try_this=(
        "Drag q to where H(p, q) is lowest: what does even the cheapest model pay? "
        "Then drag q onto an edge, where it rules out a class: which KL is infinite?"
    ),
    controls=(
        Slider("p_a", "Truth p: cat", 0.6, low=0, high=1, step=0.01),
        Slider("p_b", "Truth p: dog, as a share of the rest", 0.75, low=0, high=1, step=0.01),
        Slider("q_a", "Model q: cat", 0.9, low=0, high=1, step=0.01),
        Slider("q_b", "Model q: dog, as a share of the rest", 0.5, low=0, high=1, step=0.01),
        Choice(
            "contours",
            "The map shows, for every model",
            "cross",
            values=("cross", "kl", "swapped"),
            labels=("cross-entropy H(p, q)", "KL(p ‖ q)", "swapped: KL(q ‖ p)"),
        ),
    ),
    numbers=(
        Number("entropy", "Entropy H(p)", "nats"),
        Number("kl", "Divergence KL(p ‖ q)", "nats"),
        Number("cross", "Cross-entropy H(p, q)", "nats"),
        Number("swapped", "Swapped: KL(q ‖ p)", "nats"),
    ),
    presets={
        "A bold model": {**TRUTH, "q_a": 0.9, "q_b": 0.5, "contours": "cross"},
        "Undecided": {**TRUTH, "q_a": 0.34, "q_b": 0.5, "contours": "cross"},
        "The truth itself": {**TRUTH, "q_a": 0.6, "q_b": 0.75, "contours": "kl"},
        "Rules out the fox": {**TRUTH, "q_a": 0.67, "q_b": 1, "contours": "swapped"},
    },
    code=(
        "from xentlib import cross_entropy\n\n"
        "p = [{p_a}, (1 - {p_a}) * {p_b}, (1 - {p_a}) * (1 - {p_b})]  # cat, dog, fox\n"
        "q = [{q_a}, (1 - {q_a}) * {q_b}, (1 - {q_a}) * (1 - {q_b})]\n"
        "cross_entropy(p, q)"
    ),
    code_gives="cross",
    reference=reference,
)
