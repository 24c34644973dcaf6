"""A smoothed label: which prediction does it want, and what does that one still cost?"""

from xentlib.explorables._kind import Kind, Number, Slider, Stops
from xentlib.information import cross_entropy, entropy, kl_divergence, surprisal
from xentlib.losses import smooth_labels


def spread(top: float, classes: int) -> list[float]:
    """Return a distribution over the classes: the true one's share, the others alike."""
    return [top] + [(1 - top) / (classes - 1)] * (classes - 1)


def reference(eps: float, classes: int, q: float) -> dict[str, object]:
    """Return the loss of a prediction, and the least that this label allows."""
    share = smooth_labels(0, num_classes=classes, label_smoothing=eps)[0]
    best = round(float(share), 15)  # 0.925 is then the 0.925 of the slider, and the excess 0
    label, prediction = spread(best, classes), spread(q, classes)
    return {
        "loss": cross_entropy(label, prediction),
        "plain": surprisal(q),
        "best": best,
        "gap": surprisal(label[1]) - surprisal(best),
        "floor": entropy(label),
        # the wrong classes are alike in both, so two classes say it, and round less
        "excess": kl_divergence(spread(best, 2), spread(q, 2)),
    }


KIND = Kind(
    name="smoothing",
    title="A smoothed label, and how sure it wants you to be",
    try_this=(
        "Move q through the lowest point. Which of the two curves still rewards more "
        "certainty beyond it? Then take 1000 classes: what becomes of the floor, and of the gap?"
    ),
    controls=(
        Slider("eps", "Label smoothing ε", 0.1, low=0, high=0.9, step=0.01),
        Stops("classes", "Classes C", 4, values=(2, 3, 4, 5, 10, 20, 50, 100, 1000)),
        Slider("q", "Probability q of the true class", 0.99, low=0, high=1, step=0.001),
    ),
    numbers=(
        Number("loss", "Loss", "nats"),
        Number("plain", "Loss without smoothing", "nats"),
        Number("floor", "Floor: the lowest loss", "nats"),
        Number("excess", "Excess over the floor (KL)", "nats"),
        Number("best", "Best confidence a"),
        Number("gap", "Best logit gap"),
    ),
    presets={
        "Surer than asked": {"eps": 0.1, "classes": 4, "q": 0.99},
        "At the floor": {"eps": 0.1, "classes": 4, "q": 0.925},
        "1000 classes": {"eps": 0.1, "classes": 1000, "q": 0.99},
        "No smoothing": {"eps": 0, "classes": 4, "q": 0.99},
    },
    code=(
        "from xentlib import cross_entropy, smooth_labels\n\n"
        "label = smooth_labels(0, num_classes={classes}, label_smoothing={eps})\n"
        "others = [(1 - {q}) / ({classes} - 1)] * ({classes} - 1)\n"
        "cross_entropy(label, [{q}, *others])"
    ),
    code_gives="loss",
    reference=reference,
)
