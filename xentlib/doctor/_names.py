"""The losses that the doctor knows, under their own names and under those of the frameworks."""

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple


class Loss(NamedTuple):
    """What a loss expects."""

    takes: str  # logits, probabilities or logs (log-probabilities)
    over: str  # classes or binary
    own: tuple[str, ...] = ()  # arguments that few losses have


LOSSES = {
    "softmax_cross_entropy": Loss("logits", "classes"),
    "cross_entropy": Loss("probabilities", "classes", ("from_logits",)),
    "nll": Loss("logs", "classes"),
    "kl_div": Loss("logs", "classes", ("log_target",)),
    "focal_loss": Loss("logits", "classes", ("alpha", "gamma")),
    "perplexity": Loss("logits", "classes"),
    "binary_cross_entropy": Loss("probabilities", "binary", ("from_logits", "pos_weight")),
    "binary_cross_entropy_with_logits": Loss("logits", "binary", ("pos_weight",)),
    "sigmoid_focal_loss": Loss("logits", "binary", ("alpha", "gamma")),
}
# A framework's name for it: the loss, and the framework. Keras losses take probabilities unless
# from_logits=True.
ALIASES = {
    "CrossEntropyLoss": ("softmax_cross_entropy", "torch"),
    "F.cross_entropy": ("softmax_cross_entropy", "torch"),
    "functional.cross_entropy": ("softmax_cross_entropy", "torch"),
    "NLLLoss": ("nll", "torch"),
    "nll_loss": ("nll", "torch"),
    "KLDivLoss": ("kl_div", "torch"),
    "F.kl_div": ("kl_div", "torch"),
    "BCELoss": ("binary_cross_entropy", "torch"),
    "F.binary_cross_entropy": ("binary_cross_entropy", "torch"),
    "BCEWithLogitsLoss": ("binary_cross_entropy_with_logits", "torch"),
    "F.binary_cross_entropy_with_logits": ("binary_cross_entropy_with_logits", "torch"),
    "SparseCategoricalCrossentropy": ("cross_entropy", "keras"),
    "sparse_categorical_crossentropy": ("cross_entropy", "keras"),
    "CategoricalCrossentropy": ("cross_entropy", "keras"),
    "categorical_crossentropy": ("cross_entropy", "keras"),
    "BinaryCrossentropy": ("binary_cross_entropy", "keras"),
    "binary_crossentropy": ("binary_cross_entropy", "keras"),
    "softmax_cross_entropy_with_integer_labels": ("softmax_cross_entropy", "jax"),
    "optax.softmax_cross_entropy": ("softmax_cross_entropy", "jax"),
    "safe_softmax_cross_entropy": ("softmax_cross_entropy", "jax"),
    "sigmoid_binary_cross_entropy": ("binary_cross_entropy_with_logits", "jax"),
    "log_loss": ("cross_entropy", "sklearn"),
}
LABELS = {
    "NLLLoss",
    "nll_loss",
    "SparseCategoricalCrossentropy",
    "sparse_categorical_crossentropy",
    "softmax_cross_entropy_with_integer_labels",
}
ROWS = {"CategoricalCrossentropy", "categorical_crossentropy", "safe_softmax_cross_entropy"}
FRAMEWORKS = {
    "torch": "torch",
    "pytorch": "torch",
    "keras": "keras",
    "tensorflow": "tensorflow",
    "tf": "tensorflow",
    "jax": "jax",
    "optax": "jax",
    "sklearn": "sklearn",
    "scikit-learn": "sklearn",
    "numpy": "numpy",
}
REDUCTIONS = {
    "mean": "mean",
    "sum": "sum",
    "none": "none",
    "batchmean": "batchmean",
    "sum_over_batch_size": "mean",
    "mean_with_sample_weight": "mean",
}
ARGUMENTS = (
    "alpha",
    "axis",
    "from_logits",
    "gamma",
    "ignore_index",
    "label_smoothing",
    "log_target",
    "micro_batches",
    "pos_weight",
    "reduction",
    "steps",
    "weight",
)
ELSEWHERE = {"class_weight": "weight", "dim": "axis", "ignore_class": "ignore_index"}


def framework_called(name: Any) -> str | None:
    """Return the framework's short name, or None for None."""
    if name is None:
        return None
    if not isinstance(name, str) or name.lower() not in FRAMEWORKS:
        raise ValueError(f"framework is {name!r}, expected one of {', '.join(FRAMEWORKS)}, or None")
    return FRAMEWORKS[name.lower()]


def loss_called(name: str, framework: str | None) -> tuple[str, str | None]:
    """Return the doctor's name of a loss, and the framework that its name gives away."""
    name = name.removeprefix("xentlib.").removesuffix("()")
    parts = name.split(".")
    for alias in (".".join(parts[-2:]), parts[-1]):
        if alias in ALIASES:
            loss, owner = ALIASES[alias]
            return loss, framework or owner
    if name not in LOSSES:
        some = ", ".join(map(repr, LOSSES))
        raise ValueError(
            f"loss is {name!r}{meant(parts[-1], (*LOSSES, *ALIASES))}, expected {some}; "
            "or a framework's name, such as 'nn.CrossEntropyLoss', 'BinaryCrossentropy' or "
            "'log_loss'"
        )
    return name, framework


def kind_called(name: str) -> str | None:
    """Return which targets a framework's function takes, labels or rows, if not both."""
    last = name.split(".")[-1]
    rows = last in ROWS or name.endswith("optax.softmax_cross_entropy")
    return "labels" if last in LABELS else "rows" if rows else None


def meant(name: str, known: Iterable[str]) -> str:
    """Ask for the names that look or sound like one that is unknown."""
    plain = {_plain(other): other for other in known}
    initials = [other for other in known if _initials(other) == name.lower()]
    alike = initials or [plain[x] for x in difflib.get_close_matches(_plain(name), plain)]
    return f" (did you mean {' or '.join(map(repr, alike))}?)" if alike else ""


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split("_"))
