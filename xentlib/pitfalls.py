"""Popular ways to compute these losses that go wrong, each named for what is wrong with it.

They are here to be looked at. They compute in the precision of their input (half precision stays
half), check nothing, and silence NumPy, so that the wrong number is what one sees. Losses over
classes take class indices; the classes are on the last axis.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "binary_cross_entropy_of_sigmoid",
    "cross_entropy_of_softmax_output",
    "cross_entropy_with_clipping",
    "cross_entropy_with_epsilon",
    "focal_loss_from_weighted_cross_entropy",
    "log_of_softmax",
    "log_softmax_without_shift",
    "mean_of_batch_means",
    "mean_without_weight_normalisation",
    "softmax_without_shift",
]

Array = npt.NDArray[Any]


def softmax_without_shift(logits: npt.ArrayLike) -> Array:
    r"""Return softmax by its definition, :math:`e^{z_j} / \sum_c e^{z_c}`.

    The exponential overflows at a logit of 710 (89 in single, 11.1 in half precision), and
    infinity over infinity is nan. Call ``softmax``.

    Examples
    --------
    >>> from xentlib.pitfalls import softmax_without_shift
    >>> print(softmax_without_shift([1000.0, 0.0]))
    [nan  0.]

    References
    ----------
    Blanchard, Higham & Higham 2021, section 1, doi:10.1093/imanum/draa038.
    """
    with np.errstate(all="ignore"):
        e = np.exp(_float(logits))
        return np.asarray(e / e.sum(axis=-1, keepdims=True))


def log_softmax_without_shift(logits: npt.ArrayLike) -> Array:
    r"""Return :math:`z_j - \log \sum_c e^{z_c}` as it stands.

    Large logits overflow, and very negative ones all underflow to 0, whose logarithm is -inf.
    Call ``log_softmax``.

    Examples
    --------
    Two equal logits should give -ln 2 twice:

    >>> from xentlib.pitfalls import log_softmax_without_shift
    >>> print(log_softmax_without_shift([1000.0, 1000.0]))
    [-inf -inf]
    >>> print(log_softmax_without_shift([-1000.0, -1000.0]))
    [inf inf]

    References
    ----------
    Blanchard, Higham & Higham 2021, section 1, doi:10.1093/imanum/draa038.
    """
    with np.errstate(all="ignore"):
        z = _float(logits)
        return np.asarray(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def log_of_softmax(logits: npt.ArrayLike) -> Array:
    r"""Return the logarithm of a softmax that is itself computed well, with the shift.

    A probability below the smallest number underflows to 0, and the loss of a wrong but finite
    answer becomes infinite, its gradient nan. Call ``log_softmax``.

    Examples
    --------
    The first should be -1000:

    >>> from xentlib.pitfalls import log_of_softmax
    >>> print(log_of_softmax([0.0, 1000.0]))
    [-inf   0.]

    References
    ----------
    PyTorch documentation, torch.nn.functional.softmax (use log_softmax instead); Blanchard,
    Higham & Higham 2021, section 4.
    """
    with np.errstate(all="ignore"):
        return np.asarray(np.log(_softmax(_float(logits))))


def cross_entropy_of_softmax_output(
    logits: npt.ArrayLike, targets: npt.ArrayLike
) -> np.floating[Any]:
    r"""Return the mean cross-entropy when softmax is applied twice, in the model and in the loss.

    Probabilities are taken for logits. They lie in [0, 1], so the loss cannot fall below
    ``double_softmax_floor(C)``, and the gradient nearly vanishes where the model is confident and
    wrong. Call ``softmax_cross_entropy`` with the logits.

    Examples
    --------
    A perfect answer, which should cost 0; ln(1 + 2/e) for three classes:

    >>> from xentlib.pitfalls import cross_entropy_of_softmax_output
    >>> print(cross_entropy_of_softmax_output([[100.0, 0.0, 0.0]], [0]).round(4))
    0.5514

    References
    ----------
    PyTorch documentation, torch.nn.CrossEntropyLoss (the input is unnormalised logits).
    """
    with np.errstate(all="ignore"):
        p = _softmax(_float(logits))
        return _mean(-_at(np.log(_softmax(p)), targets))


def binary_cross_entropy_of_sigmoid(
    logits: npt.ArrayLike, targets: npt.ArrayLike
) -> np.floating[Any]:
    r"""Return the mean of :math:`-(t \log \sigma(z) + (1 - t) \log(1 - \sigma(z)))` as it stands.

    The sigmoid rounds to 1 at a logit of 37 (17 in single, 8 in half precision). From there a
    wrong answer costs infinity, and a right one nan, from 0 times infinity. Call
    ``binary_cross_entropy_with_logits``.

    Examples
    --------
    The first should be 40, the second 4e-18:

    >>> from xentlib.pitfalls import binary_cross_entropy_of_sigmoid
    >>> print(binary_cross_entropy_of_sigmoid([40.0], [0.0]))
    inf
    >>> print(binary_cross_entropy_of_sigmoid([40.0], [1.0]))
    nan

    References
    ----------
    PyTorch documentation, torch.nn.BCEWithLogitsLoss (more stable than a sigmoid and BCELoss).
    """
    with np.errstate(all="ignore"):
        z = _float(logits)
        t = np.asarray(targets, z.dtype)
        p = 1 / (1 + np.exp(-z))
        return _mean(-(t * np.log(p) + (1 - t) * np.log(1 - p)))


def cross_entropy_with_epsilon(
    probabilities: npt.ArrayLike, targets: npt.ArrayLike, *, epsilon: float = 1e-8
) -> np.floating[Any]:
    r"""Return the mean of :math:`-\log(p_y + \varepsilon)`.

    It caps the loss at :math:`-\log \varepsilon`, where its gradient vanishes too, is negative at
    p = 1, and in half precision 1e-8 is 0 and mends nothing. Call ``softmax_cross_entropy`` with
    the logits, or ``cross_entropy``.

    Examples
    --------
    A loss below 0, and one that should be 46.05 (-ln 1e-20):

    >>> from xentlib.pitfalls import cross_entropy_with_epsilon
    >>> print(cross_entropy_with_epsilon([[1.0, 0.0]], [0]))
    -9.999999889225291e-09
    >>> print(cross_entropy_with_epsilon([[1e-20, 1.0]], [0]).round(2))
    18.42

    References
    ----------
    PyTorch issue 24933 and the documentation of torch.nn.BCELoss (why it clamps the logarithm).
    """
    with np.errstate(all="ignore"):
        p = _float(probabilities)
        return _mean(-np.log(_at(p, targets) + p.dtype.type(epsilon)))


def cross_entropy_with_clipping(
    probabilities: npt.ArrayLike, targets: npt.ArrayLike, *, epsilon: float = 1e-7
) -> np.floating[Any]:
    r"""Return the mean of :math:`-\log p_y` with p clipped to :math:`[\varepsilon, 1-\varepsilon]`.

    It caps the loss at :math:`-\log \varepsilon`, with a gradient of exactly 0 there: the worst
    mistakes are the ones that teach nothing. In single precision 1 - 1e-8 is 1, in half 1 - 1e-7.
    Call ``softmax_cross_entropy`` with the logits, or ``cross_entropy``.

    Examples
    --------
    Two mistakes that should cost 46.05 and 92.1 cost the same:

    >>> from xentlib.pitfalls import cross_entropy_with_clipping
    >>> print(cross_entropy_with_clipping([[1e-20, 1.0]], [0]).round(2))
    16.12
    >>> print(cross_entropy_with_clipping([[1e-40, 1.0]], [0]).round(2))
    16.12

    References
    ----------
    Keras, backend epsilon 1e-7 in categorical_crossentropy; scikit-learn pull request 24354
    (clipping by the precision of the input).
    """
    with np.errstate(all="ignore"):
        p = _float(probabilities)
        low = p.dtype.type(epsilon)
        return _mean(-np.log(np.clip(_at(p, targets), low, 1 - low)))


def focal_loss_from_weighted_cross_entropy(
    logits: npt.ArrayLike, targets: npt.ArrayLike, *, weight: npt.ArrayLike, gamma: float = 2.0
) -> np.floating[Any]:
    r"""Return the mean focal loss with :math:`p_t = e^{-w\,\mathrm{CE}}`, from a weighted loss.

    That is :math:`p_t^w`, not the probability: a weight above 1 makes every row look hard, one
    below 1 makes it look easy. Call ``focal_loss`` with ``alpha``.

    Examples
    --------
    At p = 0.7 and a weight of 4 the loss should be 4 (1 - 0.7)^2 (-ln 0.7) = 0.1284:

    >>> import numpy as np
    >>> from xentlib.pitfalls import focal_loss_from_weighted_cross_entropy
    >>> logits = np.log([[0.7, 0.3]])
    >>> print(focal_loss_from_weighted_cross_entropy(logits, [0], weight=[4, 1]).round(4))
    0.8238

    References
    ----------
    Lin et al. 2017, section 3.2, arXiv:1708.02002 (p_t is the model's probability).
    """
    with np.errstate(all="ignore"):
        z = _float(logits)
        weighted = np.asarray(weight, z.dtype)[np.asarray(targets)] * -_at(_log_softmax(z), targets)
        return _mean((1 - np.exp(-weighted)) ** z.dtype.type(gamma) * weighted)


def mean_of_batch_means(batches: Sequence[npt.ArrayLike]) -> np.floating[Any]:
    r"""Return the mean of the means of batches of losses, as naive gradient accumulation does.

    Each batch counts the same however few losses it has, and an empty one makes everything nan.
    Divide the sum over all batches by the count over all batches.

    Examples
    --------
    The mean of all four losses is 2:

    >>> from xentlib.pitfalls import mean_of_batch_means
    >>> print(mean_of_batch_means([[1.0, 1.0, 1.0], [5.0]]))
    3.0

    References
    ----------
    Hugging Face 2024, Fixing gradient accumulation; transformers pull request 34191.
    """
    with np.errstate(all="ignore"):
        sums = [np.asarray(b).sum() / np.asarray(b).dtype.type(np.size(b)) for b in batches]
        return _mean(np.asarray(sums))


def mean_without_weight_normalisation(
    logits: npt.ArrayLike, targets: npt.ArrayLike, *, weight: npt.ArrayLike
) -> np.floating[Any]:
    r"""Return the plain mean of class-weighted losses, :math:`\frac1N \sum w_y\,\mathrm{nll}_y`.

    The scale of the weights becomes a factor of the loss and of the learning rate; the weighted
    mean divides by the sum of the weights. Call ``softmax_cross_entropy`` with ``weight``.

    Examples
    --------
    Every row costs ln 2, and so should their mean:

    >>> from xentlib.pitfalls import mean_without_weight_normalisation
    >>> logits = [[0.0, 0.0], [0.0, 0.0]]
    >>> print(mean_without_weight_normalisation(logits, [0, 1], weight=[1, 9]).round(4))
    3.4657

    References
    ----------
    PyTorch documentation, torch.nn.CrossEntropyLoss (reduction="mean"); PyTorch issue 8062.
    """
    with np.errstate(all="ignore"):
        z = _float(logits)
        weighted = np.asarray(weight, z.dtype)[np.asarray(targets)] * -_at(_log_softmax(z), targets)
        return _mean(weighted)


def _float(x: npt.ArrayLike) -> Array:
    """Keep the precision of floating numbers; integers become doubles."""
    return np.asarray(np.asarray(x) * 1.0)


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _at(x: Array, labels: npt.ArrayLike) -> Array:
    """Return each row's entry at its label."""
    return np.asarray(np.take_along_axis(x, np.asarray(labels)[..., np.newaxis], axis=-1)[..., 0])


def _mean(losses: Array) -> np.floating[Any]:
    mean: np.floating[Any] = losses.mean()
    return mean
