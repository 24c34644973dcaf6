"""Data for the experiments: real e-mails, real English, and simulations whose truth is known.

The simulated sets come with the true class probabilities, so that what a loss does to a model's
probabilities can be measured against the truth instead of guessed from labels.
"""

import gzip
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xentlib import softmax
from xentlib._checks import integer, number_of_classes, real_array, real_number

__all__ = [
    "Noisy",
    "Simulated",
    "Spambase",
    "flip_labels",
    "gaussian_classes",
    "gaussian_posterior",
    "load_english",
    "load_spambase",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Spambase(NamedTuple):
    """4,601 e-mails as numbers: `features`, `labels` (1 is spam) and `feature_names`."""

    features: Floats
    labels: Ints
    feature_names: tuple[str, ...]


class Simulated(NamedTuple):
    """A simulated set: `features`, `labels`, and the true p(y | x) of each row as `posteriors`."""

    features: Floats
    labels: Ints
    posteriors: Floats


class Noisy(NamedTuple):
    """Labels with errors, as `labels`, and where the errors are, as the Boolean array `flipped`."""

    labels: Ints
    flipped: npt.NDArray[np.bool_]


def load_spambase() -> Spambase:
    """Return the Spambase e-mails: how often words, characters and capitals occur in each.

    Returns
    -------
    Spambase
        features : float64, shape (4601, 57); the first 54 in percent, the last 3 in characters.
        labels : int64, shape (4601,); 1 is spam (1,813 e-mails), 0 is not (2,788).
        feature_names : 57 names.

    Examples
    --------
    >>> from xentlib.datasets import load_spambase
    >>> emails = load_spambase()
    >>> emails.features.shape, int(emails.labels.sum()), emails.feature_names[:3]
    ((4601, 57), 1813, ('make', 'address', 'all'))

    References
    ----------
    Hopkins, Reeber, Forman & Suermondt 1999, Spambase, UCI Machine Learning Repository,
    doi:10.24432/C53G6B, CC BY 4.0.
    """
    header, *rows = (line.split(",") for line in _packaged_text("spambase.csv.gz").splitlines())
    features = np.array([row[:-1] for row in rows], dtype=np.float64)
    labels = np.array([row[-1] == "spam" for row in rows], dtype=np.int64)
    return Spambase(features, labels, tuple(header[:-1]))


def load_english() -> str:
    """Return 135,837 characters of English prose, ASCII only, to measure and to compress.

    It is the text of a manual about cryptography, which needs randomness and explains entropy.

    Returns
    -------
    str
        Paragraphs without line breaks inside, an empty line between them.

    Examples
    --------
    >>> from xentlib.datasets import load_english
    >>> text = load_english()
    >>> len(text), len(set(text))
    (135837, 90)
    >>> start = text.index("The concept used in information theory")
    >>> text[start : start + 81]
    'The concept used in information theory to reason about such things is called "ent'

    References
    ----------
    Möller 2001-2017, Nettle: a low-level cryptographic library (the manual), public domain.
    """
    return _packaged_text("nettle.txt.gz")


def gaussian_posterior(
    features: npt.ArrayLike,
    *,
    priors: npt.ArrayLike,
    means: npt.ArrayLike,
    scale: npt.ArrayLike = 1.0,
) -> Floats:
    """Return the true p(y | x) where each class is a round Gaussian cloud.

    .. math:: p(y \\mid x) \\propto \\pi_y \\, s_y^{-D} \\exp(-\\lVert x - m_y \\rVert^2 / 2 s_y^2)

    With one scale for all classes it is the softmax of a linear function of x, so that a linear
    model can be exactly right. With a scale per class it is not linear.

    Parameters
    ----------
    features : array_like, shape (N, D)
        Points, for example a grid to draw on.
    priors : array_like, shape (C,)
        How probable each class is: above 0, sum 1.
    means : array_like, shape (C, D)
        The centre of each class.
    scale : float or array_like of shape (C,), optional
        Standard deviation of every coordinate, in the unit of the features. Default: 1.

    Returns
    -------
    float64 array, shape (N, C)
        One distribution per row.

    Raises
    ------
    ValueError
        Priors that are not positive or do not sum to 1, a scale that is not positive, shapes that
        do not fit each other, or numbers that are not finite.
    TypeError
        An argument is not real.

    Examples
    --------
    Half-way between two centres only the priors speak:

    >>> from xentlib.datasets import gaussian_posterior
    >>> print(gaussian_posterior([[0.0]], priors=[0.9, 0.1], means=[[-1], [1]]).round(3))
    [[0.9 0.1]]

    References
    ----------
    Bishop 2006, Pattern Recognition and Machine Learning, section 4.2.1.
    """
    prior, mean, spread = _clouds(priors, means, scale)
    x = _finite(features, "features")
    if x.ndim != 2 or x.shape[1] != mean.shape[1]:
        raise ValueError(
            f"features have shape {x.shape}, expected (N, {mean.shape[1]}): one column for each "
            "column of means. One point? Pass [point]"
        )
    squares = np.square((x[:, np.newaxis] - mean) / spread[:, np.newaxis]).sum(axis=-1)
    return softmax(np.log(prior) - mean.shape[1] * np.log(spread) - squares / 2)


def gaussian_classes(
    num_samples: int,
    *,
    priors: npt.ArrayLike,
    means: npt.ArrayLike,
    scale: npt.ArrayLike = 1.0,
    rng: np.random.Generator,
) -> Simulated:
    """Draw labels from `priors`, then each point from its class's Gaussian cloud.

    Parameters
    ----------
    num_samples : int
        How many points to draw. With priors of 1:1000, some 10,000 are needed for ten rare ones.
    priors, means, scale
        As in ``gaussian_posterior``.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    Simulated
        features : float64, shape (N, D).
        labels : int64, shape (N,). A rare class may be absent.
        posteriors : float64, shape (N, C); the true p(y | x), as by ``gaussian_posterior``.

    Raises
    ------
    ValueError
        As ``gaussian_posterior``; or `num_samples` below 1.
    TypeError
        `num_samples` is not an int, or `rng` is not a Generator.

    Examples
    --------
    >>> import numpy as np
    >>> from xentlib.datasets import gaussian_classes
    >>> rng = np.random.default_rng(0)
    >>> rare = gaussian_classes(10_000, priors=[0.999, 0.001], means=[[0, 0], [2, 2]], rng=rng)
    >>> rare.features.shape, rare.posteriors.shape, bool(0 < rare.labels.sum() < 30)
    ((10000, 2), (10000, 2), True)
    """
    count = integer(num_samples, "num_samples")
    if count < 1:
        raise ValueError(f"num_samples is {count}, expected at least 1")
    _generator(rng)
    prior, mean, spread = _clouds(priors, means, scale)
    labels = rng.choice(len(prior), size=count, p=prior / prior.sum())
    noise = rng.standard_normal((count, mean.shape[1]))
    features = mean[labels] + spread[labels, np.newaxis] * noise
    posteriors = gaussian_posterior(features, priors=prior, means=mean, scale=spread)
    return Simulated(features, labels, posteriors)


def flip_labels(
    labels: npt.ArrayLike, *, num_classes: int, rate: float, rng: np.random.Generator
) -> Noisy:
    """Make each label wrong with probability `rate`, every wrong class being equally likely.

    .. math:: \\tilde p(y \\mid x) = (1 - r) \\, p(y \\mid x) + r \\, (1 - p(y \\mid x)) / (C - 1)

    On average this is label smoothing with epsilon = r C / (C - 1).

    Parameters
    ----------
    labels : array_like of int
        True class indices, any shape.
    num_classes : int
        The number of classes C, at least 2.
    rate : float
        The probability r of a wrong label, in [0, 1].
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    Noisy
        labels : int64, the shape of `labels`; a new array.
        flipped : bool, the same shape; True where the label is now wrong.

    Raises
    ------
    ValueError
        A label outside 0 ... C - 1, fewer than two classes, or a rate outside [0, 1].
    TypeError
        Labels that are not integers, or `rng` is not a Generator.

    Examples
    --------
    >>> import numpy as np
    >>> from xentlib.datasets import flip_labels
    >>> true = np.arange(10_000) % 10
    >>> noisy = flip_labels(true, num_classes=10, rate=0.2, rng=np.random.default_rng(0))
    >>> print(noisy.flipped.mean().round(2), (noisy.labels == true)[~noisy.flipped].all())
    0.2 True

    References
    ----------
    Patrini et al. 2017, arXiv:1609.03683, section 2; Lukasik et al. 2020, arXiv:2003.02819.
    """
    classes = number_of_classes(num_classes)
    if classes < 2:
        raise ValueError(
            "num_classes is 1, expected at least 2: there is no wrong class to flip to"
        )
    true = class_labels(labels, classes)
    probability = real_number(rate, "rate", 0, 1)
    _generator(rng)
    flipped = rng.random(true.shape) < probability
    steps = rng.integers(1, classes, size=true.shape)
    return Noisy(np.where(flipped, (true + steps) % classes, true), flipped)


def class_labels(labels: npt.ArrayLike, classes: int) -> Ints:
    """Return `labels` as int64, or say which of them is not a class index."""
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise TypeError(
            f"labels have dtype {array.dtype}, expected integers from 0 to {classes - 1} "
            "(.astype(int) for whole numbers, .argmax(-1) for one-hot rows)"
        )
    bad = (array < 0) | (array >= classes)
    if bad.any():
        raise ValueError(
            f"labels contain {array[bad][0]}, expected class indices from 0 to {classes - 1}. "
            "Are they counted from 1 (subtract 1), or is num_classes too small?"
        )
    return array.astype(np.int64)


def _packaged_text(name: str) -> str:
    return gzip.decompress((files("xentlib") / "data" / name).read_bytes()).decode()


def _generator(rng: Any) -> None:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}, expected np.random.default_rng(seed)")


def _finite(values: npt.ArrayLike, name: str) -> Floats:
    array = real_array(values, name)[0].astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got nan or infinity")
    return array


def _clouds(
    priors: npt.ArrayLike, means: npt.ArrayLike, scale: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Check the classes; return priors (C,), means (C, D) and one scale per class (C,)."""
    prior, mean, spread = (
        _finite(priors, "priors"),
        _finite(means, "means"),
        _finite(scale, "scale"),
    )
    if prior.ndim != 1 or not (prior > 0).all() or abs(prior.sum() - 1) > 1e-6:
        raise ValueError(
            f"priors are {prior}, expected one probability above 0 per class, with sum 1. "
            "Counts or a ratio such as 1:1000? Divide by their sum"
        )
    if mean.ndim != 2 or len(mean) != len(prior):
        raise ValueError(
            f"means have shape {mean.shape}, expected ({len(prior)}, D): a row for each of the "
            f"{len(prior)} priors. One feature? Pass [[0], [2]], not [0, 2]"
        )
    if spread.shape not in ((), prior.shape) or not (spread > 0).all():
        raise ValueError(
            f"scale is {spread}, expected a standard deviation above 0, or one for each of the "
            f"{len(prior)} classes"
        )
    return prior, mean, np.broadcast_to(spread, prior.shape)
