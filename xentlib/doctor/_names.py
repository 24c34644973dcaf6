"""The losses that the doctor knows, under their own names and under those of the frameworks."""

from typing import Any, NamedTuple

import numpy as np

from xentlib._checks import integer


class Loss(NamedTuple):
    """What a loss expects."""

    takes: str  # logits, probabilities or logs (log-probabilities)
    over: str  # classes or binary


LOSSES = {
    "softmax_cross_entropy": Loss("logits", "classes"),
    "cross_entropy": Loss("probabilities", "classes"),
    "nll": Loss("logs", "classes"),
    "kl_div": Loss("logs", "classes"),
    "focal_loss": Loss("logits", "classes"),
    "perplexity": Loss("logits", "classes"),
    "binary_cross_entropy": Loss("probabilities", "binary"),
    "binary_cross_entropy_with_logits": Loss("logits", "binary"),
    "sigmoid_focal_loss": Loss("logits", "binary"),
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


def framework_called(name: Any) -> str | None:
    """Return the framework's short name, or None for None."""
    if name is None:
        return None
    if not isinstance(name, str) or name.lower() not in FRAMEWORKS:
        raise ValueError(f"framework is {name!r}, expected one of {', '.join(FRAMEWORKS)}, or None")
    return FRAMEWORKS[name.lower()]


def loss_called(name: Any, framework: str | None) -> tuple[str, str | None]:
    """Return the doctor's name of a loss, and the framework that its name gives away."""
    if not isinstance(name, str):
        raise TypeError(f"loss is {name!r}, expected the name of a loss, such as {_some()}")
    parts = name.split(".")
    for alias in (".".join(parts[-2:]), parts[-1]):
        if alias in ALIASES:
            loss, owner = ALIASES[alias]
            return loss, framework or owner
    if name not in LOSSES:
        raise ValueError(
            f"loss is {name!r}, expected {_some()}; or a framework's name, such as "
            "'nn.CrossEntropyLoss', 'BinaryCrossentropy' or 'log_loss'"
        )
    return name, framework


def kind_called(name: str) -> str | None:
    """Return which targets a framework's function takes, labels or rows, if not both."""
    last = name.split(".")[-1]
    rows = last in ROWS or name.endswith("optax.softmax_cross_entropy")
    return "labels" if last in LABELS else "rows" if rows else None


def known_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Check the names and the kinds of what the loss was called with."""
    unknown = sorted(set(arguments) - set(ARGUMENTS))
    if unknown:
        raise TypeError(
            f"examine() got {', '.join(unknown)}; of a call it takes {', '.join(ARGUMENTS)}"
        )
    known = {key: value for key, value in arguments.items() if value is not None}
    reduction = known.get("reduction", "mean")
    if not isinstance(reduction, str) or reduction not in REDUCTIONS:
        raise ValueError(f"reduction is {reduction!r}, expected one of {', '.join(REDUCTIONS)}")
    for key in ("from_logits", "log_target"):
        if key in known and not isinstance(known[key], bool | np.bool_):
            raise TypeError(f"{key} is {known[key]!r}, expected True or False")
    for key in ("label_smoothing", "gamma"):
        if key in known:
            known[key] = _number(known[key], key)
    for key in ("axis", "ignore_index", "steps"):
        if key in known:
            known[key] = integer(known[key], key)
    if "micro_batches" in known:
        known["micro_batches"] = _sizes(known["micro_batches"])
    return known


def _sizes(value: Any) -> list[int]:
    sizes = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]
    whole = all(isinstance(n, int | np.integer) and n >= 1 for n in sizes)
    if not sizes or not whole:
        raise ValueError(f"micro_batches is {value!r}, expected the sizes of the parts, at least 1")
    return [int(n) for n in sizes]


def _number(value: Any, name: str) -> float:
    number = np.asarray(value)
    if number.ndim or number.dtype.kind not in "fiu":
        raise TypeError(f"{name} is {value!r}, expected a number")
    return float(number)


def _some() -> str:
    return ", ".join(repr(loss) for loss in LOSSES)
