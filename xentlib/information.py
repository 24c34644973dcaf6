"""Shannon's quantities of given distributions: the true ``p`` comes first, the model ``q`` second.

Results are in nats; ``base=2`` gives bits, ``base=10`` hartleys. Nothing is clipped: an outcome
that cannot happen costs nothing, and one that happens although ``q`` rules it out costs infinity.
"""

import math
import warnings
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from xentlib._checks import Array, DType, class_axis, distributions, real_array, unit_interval
from xentlib._rows import product

__all__ = ["cross_entropy", "entropy", "kl_divergence", "perplexity", "surprisal"]


def surprisal(p: npt.ArrayLike, *, base: float | None = None) -> np.floating[Any] | Array:
    r"""Return how surprising an outcome of probability ``p`` is, elementwise.

    .. math:: s(p) = -\log p

    Parameters
    ----------
    p : array_like, any shape
        Probabilities in [0, 1].
    base : float, optional
        Base of the logarithm, above 1. Default: e.

    Returns
    -------
    array of the shape of ``p``, or scalar
        In nats (bits for ``base=2``). 0 where ``p`` is 1, infinite where ``p`` is 0.

    Raises
    ------
    ValueError
        An entry outside [0, 1], or a base that is not a finite number above 1.
    TypeError
        ``p`` is not real, or ``base`` is not a number.

    Examples
    --------
    Three coin flips that all come up heads:

    >>> from xentlib import surprisal
    >>> print(surprisal(1 / 8, base=2))
    3.0

    References
    ----------
    Shannon 1948, A Mathematical Theory of Communication, introduction and section 6.
    """
    unit = _unit(base)
    x, dtype = _wide(p, "p")
    unit_interval(x, "p", "Percentages (divide by 100), or logits (apply softmax)?")
    return _in(unit, _cost(x), dtype)


def entropy(
    p: npt.ArrayLike, *, base: float | None = None, axis: int = -1
) -> np.floating[Any] | Array:
    r"""Return the mean surprisal of a source: the fewest nats per outcome that describe it.

    .. math:: H(p) = -\sum_c p_c \log p_c

    Parameters
    ----------
    p : array_like, shape (..., C)
        Distributions: entries >= 0 that sum to 1 along ``axis`` within 1e-6.
    base : float, optional
        Base of the logarithm, above 1. Default: e.
    axis : int, optional
        Axis of the outcomes. Default: the last.

    Returns
    -------
    array of the shape of ``p`` without ``axis``, or scalar
        In nats (bits for ``base=2``), from 0 (certain) to log C (uniform). nan where ``p`` has nan.

    Raises
    ------
    ValueError
        A slice that is not a distribution, no outcomes, or a bad base.
    TypeError
        ``p`` is not real, or ``base`` is not a number.

    Examples
    --------
    A fair coin and a loaded one, in bits (Shannon's figure 7 has its top at 1):

    >>> from xentlib import entropy
    >>> print(entropy([[0.5, 0.5], [0.9, 0.1]], base=2).round(3))
    [1.    0.469]

    References
    ----------
    Shannon 1948, section 6; Cover & Thomas 2006, section 2.1.
    """
    unit = _unit(base)
    p, dtype = _distribution(p, "p", axis)
    return _in(unit, _mean_cost(p, p, axis), dtype)


def cross_entropy(
    p: npt.ArrayLike, q: npt.ArrayLike, *, base: float | None = None, axis: int = -1
) -> np.floating[Any] | Array:
    r"""Return the mean surprisal of ``q`` when the outcomes follow ``p``.

    .. math:: H(p, q) = -\sum_c p_c \log q_c

    It takes probabilities. For logits see ``softmax_cross_entropy``.

    Parameters
    ----------
    p : array_like, shape (..., C)
        True distributions: entries >= 0 that sum to 1 along ``axis`` within 1e-6.
    q : array_like, the shape of p
        The model's distributions.
    base : float, optional
        Base of the logarithm, above 1. Default: e.
    axis : int, optional
        Axis of the outcomes. Default: the last.

    Returns
    -------
    array of the shape of ``p`` without ``axis``, or scalar
        In nats (bits for ``base=2``), at least ``entropy(p)``. Infinite where ``q`` is 0 and ``p``
        is not; nan where either has nan.

    Raises
    ------
    ValueError
        Shapes that differ, a slice that is not a distribution, no outcomes, or a bad base.
    TypeError
        ``p`` or ``q`` is not real, or ``base`` is not a number.

    Examples
    --------
    The true index is 2, and the model gives it 0.6: the loss is -ln 0.6.

    >>> from xentlib import cross_entropy
    >>> print(cross_entropy([0, 0, 1, 0], [0.1, 0.2, 0.6, 0.1]).round(4))
    0.5108

    References
    ----------
    Cover & Thomas 2006, theorem 5.4.3 (the wrong code); Shannon 1948, section 6 for p = q.
    """
    unit = _unit(base)
    p, q, dtype = _pair(p, q, axis)
    return _in(unit, _mean_cost(p, q, axis), dtype)


def kl_divergence(
    p: npt.ArrayLike, q: npt.ArrayLike, *, base: float | None = None, axis: int = -1
) -> np.floating[Any] | Array:
    r"""Return what believing ``q`` costs beyond the entropy when the outcomes follow ``p``.

    .. math:: \operatorname{KL}(p \parallel q) = \sum_c p_c \log (p_c / q_c) = H(p, q) - H(p)

    It is computed from the ratios, not from that difference, which would lose a small divergence.

    Parameters
    ----------
    p : array_like, shape (..., C)
        True distributions: entries >= 0 that sum to 1 along ``axis`` within 1e-6.
    q : array_like, the shape of p
        The model's distributions.
    base : float, optional
        Base of the logarithm, above 1. Default: e.
    axis : int, optional
        Axis of the outcomes. Default: the last.

    Returns
    -------
    array of the shape of ``p`` without ``axis``, or scalar
        In nats (bits for ``base=2``), at least 0 up to rounding. Infinite where ``q`` is 0 and
        ``p`` is not; nan where either has nan.

    Raises
    ------
    ValueError
        Shapes that differ, a slice that is not a distribution, no outcomes, or a bad base.
    TypeError
        ``p`` or ``q`` is not real, or ``base`` is not a number.

    Examples
    --------
    It is not symmetric:

    >>> from xentlib import kl_divergence
    >>> fair, loaded = [0.5, 0.5], [0.9, 0.1]
    >>> print(kl_divergence(fair, loaded).round(4), kl_divergence(loaded, fair).round(4))
    0.5108 0.3681

    References
    ----------
    Kullback & Leibler 1951, section 2; Cover & Thomas 2006, section 2.3.
    """
    unit = _unit(base)
    p, q, dtype = _pair(p, q, axis)
    with np.errstate(all="ignore"):
        # Near p = q the quotient rounds to 1 and log(p/q) to 0; p - q is exact there.
        # Far from it p/q may overflow or underflow; the two logarithms do not.
        near = np.log1p((p - q) / q)
        ratio = np.where(np.abs(p - q) <= q / 2, near, np.log(p) - np.log(q))
        divergence = (p * np.where(p == 0, 0 * q, ratio)).sum(axis=axis)  # 0 * q keeps a nan
    return _in(unit, divergence, dtype)


def perplexity(nll: npt.ArrayLike, *, base: float | None = None) -> np.floating[Any] | Array:
    r"""Return the number of equally likely choices that would surprise as much, on average.

    .. math:: b^{\operatorname{mean}(\mathrm{nll})}

    It is the exponential of the mean, not the mean of the exponentials: average over all tokens
    of all documents first.

    Parameters
    ----------
    nll : array_like, any shape
        Negative log-probability of each token, in the unit that ``base`` names, >= 0.
    base : float, optional
        Base of the logarithm in ``nll``, above 1: 2 if it is in bits. Default: e.

    Returns
    -------
    scalar
        A number of choices, at least 1. nan with a RuntimeWarning if there is no token.

    Raises
    ------
    ValueError
        A negative entry, or a base that is not a finite number above 1.
    TypeError
        ``nll`` is not real, or ``base`` is not a number.

    Examples
    --------
    A loss of ln 6 is as uncertain as a die; 3 bits are 8 choices, and 3 nats are 20:

    >>> import numpy as np
    >>> from xentlib import perplexity
    >>> print(perplexity(np.log([6.0, 6.0])).round(4))
    6.0
    >>> print(perplexity(3, base=2), perplexity(3).round(2))
    8.0 20.09

    References
    ----------
    Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks.
    """
    _unit(base)
    x, dtype = _wide(nll, "nll")
    low = np.fmin.reduce(x, axis=None, initial=0)
    if low < 0:
        raise ValueError(
            f"nll has the negative entry {low:.6g}, expected numbers >= 0. Log-probabilities that "
            "were not negated, or a density above 1?"
        )
    if x.size == 0:
        warnings.warn("the perplexity of no tokens is nan", RuntimeWarning, stacklevel=2)
        return _in(1, np.nan, dtype)
    with np.errstate(all="ignore"):
        mean = x.mean()
        return _in(1, np.exp(mean) if base is None else np.power(float(base), mean), dtype)


def _unit(base: float | None) -> float:
    """Return the number of nats in the unit that ``base`` names."""
    if base is None:
        return 1.0
    if not isinstance(base, Real):
        raise TypeError(f"base is {base!r}, expected a number above 1 (2 for bits) or None")
    if not 1 < base < math.inf:
        raise ValueError(f"base is {base!r}, expected a finite number above 1 (2 for bits)")
    return math.log(base)


def _wide(x: npt.ArrayLike, name: str) -> tuple[Array, DType]:
    """Return ``x`` in at least double precision, and the precision to answer in."""
    array, dtype = real_array(x, name)
    return array.astype(np.result_type(dtype, np.float64), copy=False), dtype


def _distribution(p: npt.ArrayLike, name: str, axis: int) -> tuple[Array, DType]:
    array, _ = real_array(p, name)
    distributions(array, name, class_axis(array, name, axis))
    return _wide(array, name)


def _pair(p: npt.ArrayLike, q: npt.ArrayLike, axis: int) -> tuple[Array, Array, DType]:
    true, model = np.shape(p), np.shape(q)
    if true != model:
        raise ValueError(
            f"p has shape {true}, q has shape {model}: they must be equal. One distribution "
            "against many? Repeat it with np.broadcast_to"
        )
    (p, dtype), (q, other) = _distribution(p, "p", axis), _distribution(q, "q", axis)
    return p, q, np.result_type(dtype, other)


def _cost(p: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(0 - np.log(p))  # subtracted, since -log(1) would be -0.0


def _mean_cost(p: Array, q: Array, axis: int) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(product(p, _cost(q)).sum(axis=axis))


def _in(unit: float, nats: Any, dtype: DType) -> np.floating[Any] | Array:
    """Return an amount of nats in another unit: an array, or a scalar instead of a 0-d one."""
    with np.errstate(all="ignore"):
        amount: np.floating[Any] | Array = np.asarray(nats / unit, dtype)[()]
    return amount
