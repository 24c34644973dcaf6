"""Cross-entropy, entropy and their losses in NumPy: stable, exact and readable."""

from xentlib.information import cross_entropy, entropy, kl_divergence, perplexity, surprisal
from xentlib.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    class_weights,
    double_softmax_floor,
    focal_loss,
    log_softmax,
    sigmoid_focal_loss,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "class_weights",
    "cross_entropy",
    "double_softmax_floor",
    "entropy",
    "focal_loss",
    "kl_divergence",
    "log_softmax",
    "perplexity",
    "sigmoid_focal_loss",
    "smooth_labels",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_grad",
    "surprisal",
]
