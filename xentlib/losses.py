"""Cross-entropy and its relatives as losses of logits: stable, exact, and never clipped.

Every loss takes ``(logits, targets)``; the rest is keyword-only. Losses are in nats.

Targets of the losses over classes come in two kinds. Integers without the class axis are class
indices; floating numbers of the logits' shape are distributions. Binary targets are floating
numbers in [0, 1]. Nothing is broadcast between logits and targets.
"""

import math
import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xentlib import _checks
from xentlib._batch import Total, chunks, class_batch
from xentlib._checks import real_number
from xentlib._rows import (
    Array,
    as_rows,
    at_target,
    blocks,
    exp_rest,
    log1p,
    others,
    product,
    shift_by_maximum,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "class_weights",
    "double_softmax_floor",
    "focal_loss",
    "log_softmax",
    "sigmoid_focal_loss",
    "smooth_labels",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_grad",
]

Reduction = Literal["mean", "sum", "none"]


def log_softmax(logits: npt.ArrayLike, *, axis: int = -1) -> Array:
    r"""Return the logarithms of the softmax probabilities.

    .. math:: \log p_j = z_j - \log \sum_c e^{z_c}

    They are exact on the confident side too: near p = 1 the logarithm is minus a small sum, not
    the difference of two large numbers.

    Parameters
    ----------
    logits : array_like, shape (..., C)
        Scores; -inf masks a class. Half precision is computed in single, integers in double.
    axis : int, optional
        Axis of the classes. Default: the last.

    Returns
    -------
    array of the shape of ``logits``
        Log-probabilities in nats. A row that has no softmax (it holds nan or +inf, or nothing but
        -inf) is nan.

    Raises
    ------
    ValueError
        No class axis, or no classes along it.
    TypeError
        ``logits`` is not real.

    Examples
    --------
    Subtracting the logarithm of the sum (SciPy, PyTorch) gives 0 for the first:

    >>> from xentlib import log_softmax
    >>> print(log_softmax([40.0, 0.0]))
    [-4.24835426e-18 -4.00000000e+01]

    References
    ----------
    Blanchard, Higham & Higham 2021, Accurately computing the log-sum-exp and softmax functions,
    sections 3 and 4, doi:10.1093/imanum/draa038.
    """
    z, dtype = _checks.real_array(logits, "logits")
    axis = _checks.class_axis(z, "logits", axis)
    out = np.empty(z.shape, dtype)
    with np.errstate(all="ignore"):
        for _, rows, block in blocks(as_rows(z, axis), dtype, as_rows(out, axis)):
            shifted = shift_by_maximum(rows, block)
            _, rest = exp_rest(shifted)
            shifted -= log1p(rest)
    return out


def softmax(logits: npt.ArrayLike, *, axis: int = -1) -> Array:
    r"""Return the probabilities that the logits stand for.

    .. math:: p_j = e^{z_j} \Big/ \sum_c e^{z_c}

    For a loss, do not take their logarithm: pass the logits to ``softmax_cross_entropy``.

    Parameters
    ----------
    logits : array_like, shape (..., C)
        Scores; -inf masks a class. Half precision is computed in single, integers in double.
    axis : int, optional
        Axis of the classes. Default: the last.

    Returns
    -------
    array of the shape of ``logits``
        Probabilities that sum to 1 along ``axis``. A row that has no softmax (it holds nan or
        +inf, or nothing but -inf) is nan.

    Raises
    ------
    ValueError
        No class axis, or no classes along it.
    TypeError
        ``logits`` is not real.

    Examples
    --------
    >>> from xentlib import softmax
    >>> print(softmax([2, 1, 5]).round(4))
    [0.0466 0.0171 0.9362]

    A constant added to all logits changes nothing, however large:

    >>> print(softmax([1002, 1001, 1005]).round(4))
    [0.0466 0.0171 0.9362]

    References
    ----------
    Bridle 1990, Probabilistic interpretation of feedforward classification network outputs,
    section 3; Blanchard, Higham & Higham 2021, section 4, doi:10.1093/imanum/draa038.
    """
    z, dtype = _checks.real_array(logits, "logits")
    axis = _checks.class_axis(z, "logits", axis)
    out = np.empty(z.shape, dtype)
    with np.errstate(all="ignore"):
        for _, rows, block in blocks(as_rows(z, axis), dtype, as_rows(out, axis)):
            e, rest = exp_rest(shift_by_maximum(rows, block), out=block)
            e /= 1 + rest
    return out


def softmax_cross_entropy(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    axis: int = -1,
) -> np.floating[Any] | Array:
    r"""Return the cross-entropy between targets and the softmax of logits.

    For a label y, with e the label smoothing and nll = -log softmax(z):

    .. math:: \ell = (1 - e)\, w_y\, \mathrm{nll}_y + \frac{e}{C} \sum_c w_c\, \mathrm{nll}_c

    and for a distribution q:

    .. math:: \ell = \sum_c w_c \left((1 - e)\, q_c + \frac{e}{C}\right) \mathrm{nll}_c

    Parameters
    ----------
    logits : array_like, shape (..., C)
        Scores before softmax; -inf masks a class. Half precision is computed in single, integers
        in double.
    targets : array_like
        Integers of the logits' shape without ``axis``: class indices from 0 to C - 1. Or floating
        numbers of the logits' shape: distributions that sum to 1 along ``axis`` within 1e-6.
    weight : array_like, shape (C,), optional
        A finite weight >= 0 for each class. Default: 1.
    label_smoothing : float, optional
        The share e, in [0, 1], of each target that is spread evenly over the classes.
    ignore_index : int, optional
        A label whose rows count for nothing, whatever their logits. Only with class indices.
    reduction : {"mean", "sum", "none"}, optional
        With class indices "mean" divides the sum of the losses by the sum of w_y over the rows
        kept; with distributions it divides by their number N. (Both as PyTorch does.)
    axis : int, optional
        Axis of the classes. Default: the last (PyTorch's is 1).

    Returns
    -------
    scalar, or for "none" an array of the shape of the labels
        In nats. A class without mass costs nothing, even at a logit of -inf; with mass it then
        costs infinity. A mean over nothing (no rows, all ignored, no weight) is nan with a
        RuntimeWarning; the sum of nothing is 0, and so is the loss of an ignored row.

    Raises
    ------
    ValueError
        A label out of range, targets of another shape, a slice of targets that is not a
        distribution, or an option outside its range.
    TypeError
        Labels that are not integers, bool targets, or an argument that is not a number.

    Examples
    --------
    >>> from xentlib import softmax_cross_entropy
    >>> print(softmax_cross_entropy([[2, 1, 5]], [2]).round(4))
    0.0659

    With weights the mean divides by their sum, as PyTorch's 1.2203 does; the plain mean of the
    weighted rows would be 4.0675.

    >>> logits, labels, weight = [[2.0, 0, 0], [0, 1, 0], [1, 0, 0]], [0, 1, 2], [1, 2, 7]
    >>> print(softmax_cross_entropy(logits, labels, weight=weight).round(4))
    1.2203

    References
    ----------
    PyTorch documentation, torch.nn.CrossEntropyLoss (the two conventions of "mean"); Szegedy et
    al. 2016, section 7, arXiv:1512.00567 (label smoothing).
    """
    _checks.known_reduction(reduction)
    smoothing = real_number(label_smoothing, "label_smoothing", 0, 1)
    batch = class_batch(logits, targets, weight, ignore_index, axis)
    divisor = batch.divisor(reduction)
    total = Total(reduction, batch.row_shape(), batch.dtype)
    with np.errstate(all="ignore"):
        for rows, z, block in blocks(batch.logits, batch.dtype):
            if batch.indices and smoothing == 0:
                y = batch.labels(rows)
                losses = batch.weighted(y, at_target(z, block, y).nll)
            else:
                shifted = shift_by_maximum(z, block)
                _, rest = exp_rest(shifted)
                mass = batch.mass(rows, smoothing, like=block)
                losses = product(mass, log1p(rest) - shifted).sum(axis=0)
            np.copyto(losses, 0, where=batch.ignored(rows))
            total.add(rows, losses)
    return total.over(divisor, batch.shape)


def softmax_cross_entropy_grad(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    axis: int = -1,
) -> Array:
    r"""Return the gradient of ``softmax_cross_entropy`` with respect to the logits.

    For one row with target masses m, the w_c q'_c of the loss:

    .. math:: \frac{\partial \ell}{\partial z_j} = p_j \sum_c m_c - m_j

    which is p - y for a one-hot target y. At a confident target it is minus the sum of the other
    probabilities, not p - 1, which would round to 0.

    Parameters
    ----------
    logits : array_like, shape (..., C)
        Scores before softmax; -inf masks a class. Half precision is computed in single, integers
        in double.
    targets : array_like
        Integers of the logits' shape without ``axis``: class indices from 0 to C - 1. Or floating
        numbers of the logits' shape: distributions that sum to 1 along ``axis`` within 1e-6.
    weight : array_like, shape (C,), optional
        A finite weight >= 0 for each class. Default: 1.
    label_smoothing : float, optional
        The share e, in [0, 1], of each target that is spread evenly over the classes.
    ignore_index : int, optional
        A label whose rows count for nothing, whatever their logits. Only with class indices.
    reduction : {"mean", "sum", "none"}, optional
        With class indices "mean" divides the sum of the losses by the sum of w_y over the rows
        kept; with distributions it divides by their number N. (Both as PyTorch does.)
    axis : int, optional
        Axis of the classes. Default: the last (PyTorch's is 1).

    Returns
    -------
    array of the shape of ``logits``
        Nats per unit of logit, of the reduced loss; for "none" each row has the gradient of its
        own loss. Ignored rows are 0. For a mean over nothing everything is 0, with a
        RuntimeWarning.

    Raises
    ------
    ValueError
        A label out of range, targets of another shape, a slice of targets that is not a
        distribution, or an option outside its range.
    TypeError
        Labels that are not integers, bool targets, or an argument that is not a number.

    Examples
    --------
    >>> from xentlib import softmax_cross_entropy_grad
    >>> print(softmax_cross_entropy_grad([[2, 1, 5]], [2]).round(4))
    [[ 0.0466  0.0171 -0.0638]]
    >>> print(softmax_cross_entropy_grad([40.0, 0.0], 0))
    [-4.24835426e-18  4.24835426e-18]

    References
    ----------
    Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4, equation 4.109.
    """
    _checks.known_reduction(reduction)
    smoothing = real_number(label_smoothing, "label_smoothing", 0, 1)
    batch = class_batch(logits, targets, weight, ignore_index, axis)
    divisor = batch.divisor(reduction)
    if divisor == 0:
        return np.zeros(np.shape(logits), batch.dtype)
    out = np.empty(np.shape(logits), batch.dtype)
    with np.errstate(all="ignore"):
        for rows, z, block in blocks(batch.logits, batch.dtype, out.reshape(batch.logits.shape)):
            if batch.indices and smoothing == 0:
                y = batch.labels(rows)
                seen = at_target(z, block, y)
                block *= batch.weighted(y, np.asarray(1 / divisor, batch.dtype)) / seen.total
                seen.entries[seen.place] = batch.weighted(y, -seen.miss / divisor)
            else:
                e, rest = exp_rest(shift_by_maximum(z, block), out=block)
                mass = batch.mass(rows, smoothing, like=block)
                # p_j sum_c m_c - m_j, without the difference of two numbers near 1
                grad = e * (mass.sum(axis=0) - mass) - mass * others(e, rest)
                np.divide(grad, (1 + rest) * divisor, out=block)
            if batch.ignore_index is not None:
                block[:, batch.ignored(rows)] = 0
    return out


def binary_cross_entropy(
    probabilities: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    pos_weight: npt.ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> np.floating[Any] | Array:
    r"""Return the cross-entropy of yes-or-no targets and given probabilities.

    .. math:: \ell = -\bigl(w\, t \log p + (1 - t) \log(1 - p)\bigr)

    If there are logits, pass them to ``binary_cross_entropy_with_logits``: a sigmoid that has
    rounded to 1 cannot be undone here. Nothing is clipped: t = 1 at p = 0 costs infinity.

    Parameters
    ----------
    probabilities : array_like, any shape
        The model's probabilities of yes, in [0, 1].
    targets : array_like, the shape of probabilities
        Floats in [0, 1]. Nothing is broadcast: (N, 1) against (N,) is an error.
    pos_weight : float or array_like of shape (K,), optional
        A finite weight >= 0 of the positive term: one, or one per output if the last axis has K
        outputs. Default: 1.
    label_smoothing : float, optional
        e in [0, 1]: targets t become t (1 - e) + e/2.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the number of elements, whatever ``pos_weight`` is.

    Returns
    -------
    scalar, or for "none" an array of the shape of the targets
        In nats. The mean of an empty batch is nan with a RuntimeWarning.

    Raises
    ------
    ValueError
        Targets of another shape or outside [0, 1], probabilities outside [0, 1], or an option
        outside its range.
    TypeError
        Integer or bool targets, or an argument that is not a number.

    Examples
    --------
    -ln 0.9 and -ln 0.8:

    >>> from xentlib import binary_cross_entropy
    >>> print(binary_cross_entropy([0.9, 0.2], [1.0, 0.0], reduction="none").round(4))
    [0.1054 0.2231]

    References
    ----------
    PyTorch documentation, torch.nn.BCELoss (which clips the logarithm at -100); Bishop 2006,
    section 4.3.2, equation 4.90.
    """
    _checks.known_reduction(reduction)
    smoothing = real_number(label_smoothing, "label_smoothing", 0, 1)
    p, t, dtype = _checks.binary(probabilities, targets, "probabilities")
    _checks.unit_interval(p, "probabilities", "Logits? Use binary_cross_entropy_with_logits")
    weight = _checks.positive_weight(pos_weight, p.shape, dtype)
    divisor = _elements(p, reduction)
    total = Total(reduction, (p.size,), dtype)
    with np.errstate(all="ignore"):
        for place, (prob, target, w) in chunks(p, t, weight, dtype=dtype):
            yes = target * (1 - smoothing) + smoothing / 2
            losses = product(w * yes, 0 - np.log(prob)) + product(1 - yes, 0 - log1p(-prob))
            total.add(place, losses)
    return total.over(divisor, np.shape(targets))


def binary_cross_entropy_with_logits(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    pos_weight: npt.ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> np.floating[Any] | Array:
    r"""Return the cross-entropy of yes-or-no targets and the sigmoid of logits.

    .. math:: \ell = w\, t \log(1 + e^{-z}) + (1 - t) \log(1 + e^{z})

    Both logarithms are exact however large the logit is, so that (z, t) and (-z, 1 - t) cost the
    same.

    Parameters
    ----------
    logits : array_like, any shape
        Scores before the sigmoid; infinite ones are allowed.
    targets : array_like, the shape of logits
        Floats in [0, 1]. Nothing is broadcast: (N, 1) against (N,) is an error.
    pos_weight : float or array_like of shape (K,), optional
        A finite weight >= 0 of the positive term: one, or one per output if the last axis has K
        outputs. Default: 1.
    label_smoothing : float, optional
        e in [0, 1]: targets t become t (1 - e) + e/2.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the number of elements, whatever ``pos_weight`` is.

    Returns
    -------
    scalar, or for "none" an array of the shape of the targets
        In nats. The mean of an empty batch is nan with a RuntimeWarning.

    Raises
    ------
    ValueError
        Targets of another shape or outside [0, 1], or an option outside its range.
    TypeError
        Integer or bool targets, or an argument that is not a number.

    Examples
    --------
    A coin flip costs ln 2, and a confident right answer a little more than nothing:

    >>> from xentlib import binary_cross_entropy_with_logits
    >>> print(binary_cross_entropy_with_logits([0.0, 40.0], [1.0, 1.0], reduction="none"))
    [6.93147181e-01 4.24835426e-18]

    References
    ----------
    PyTorch documentation, torch.nn.BCEWithLogitsLoss (``pos_weight``); Mächler 2012, Accurately
    computing log(1 - exp(-abs(a))), section 3 (log1p of exp).
    """
    _checks.known_reduction(reduction)
    smoothing = real_number(label_smoothing, "label_smoothing", 0, 1)
    z, t, dtype = _checks.binary(logits, targets, "logits")
    weight = _checks.positive_weight(pos_weight, z.shape, dtype)
    divisor = _elements(z, reduction)
    total = Total(reduction, (z.size,), dtype)
    with np.errstate(all="ignore"):
        for place, (logit, target, w) in chunks(z, t, weight, dtype=dtype):
            yes = target * (1 - smoothing) + smoothing / 2
            total.add(place, _binary_losses(logit, w * yes, 1 - yes))
    return total.over(divisor, np.shape(targets))


def focal_loss(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    gamma: float = 2.0,
    alpha: npt.ArrayLike | None = None,
    ignore_index: int | None = None,
    reduction: Reduction = "mean",
    axis: int = -1,
) -> np.floating[Any] | Array:
    r"""Return the focal loss: cross-entropy that fades for rows the model already has right.

    For a label y, and for a distribution q:

    .. math:: \ell = \alpha_y (1 - p_y)^\gamma (-\log p_y), \qquad
              \ell = \sum_c q_c\, \alpha_c (1 - p_c)^\gamma (-\log p_c)

    The probability in the factor is that of the unweighted softmax. With gamma = 0 and no alpha
    it is ``softmax_cross_entropy``.

    Parameters
    ----------
    logits : array_like, shape (..., C)
        Scores before softmax; -inf masks a class. Half precision is computed in single, integers
        in double.
    targets : array_like
        Integers of the logits' shape without ``axis``: class indices from 0 to C - 1. Or floating
        numbers of the logits' shape: distributions that sum to 1 along ``axis`` within 1e-6.
    gamma : float, optional
        The focusing exponent, finite and >= 0. Default: 2.
    alpha : array_like, shape (C,), optional
        A finite weight >= 0 for each class. Default: 1. (One number is the alpha of
        ``sigmoid_focal_loss``.)
    ignore_index : int, optional
        A label whose rows count for nothing, whatever their logits. Only with class indices.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the number of rows kept, not by the sum of their alphas: unlike the
        weighted mean of ``softmax_cross_entropy``.
    axis : int, optional
        Axis of the classes. Default: the last.

    Returns
    -------
    scalar, or for "none" an array of the shape of the labels
        In nats. A mean over nothing is nan with a RuntimeWarning.

    Raises
    ------
    ValueError
        A label out of range, targets of another shape, a slice of targets that is not a
        distribution, or an option outside its range.
    TypeError
        Labels that are not integers, bool targets, or an argument that is not a number.

    Examples
    --------
    At p = 0.9 the factor is 0.01; at p = 0.5 it is 0.25:

    >>> import numpy as np
    >>> from xentlib import focal_loss
    >>> logits = np.log([[0.9, 0.1], [0.5, 0.5]])
    >>> print(focal_loss(logits, [0, 0], reduction="none").round(6))
    [0.001054 0.173287]

    References
    ----------
    Lin et al. 2017, Focal loss for dense object detection, section 3.2, arXiv:1708.02002 (for two
    classes; this is the form for C of them).
    """
    _checks.known_reduction(reduction)
    gamma = real_number(gamma, "gamma", 0)
    batch = class_batch(logits, targets, alpha, ignore_index, axis, weight_name="alpha")
    divisor = batch.divisor(reduction, weighted=False)
    total = Total(reduction, batch.row_shape(), batch.dtype)
    with np.errstate(all="ignore"):
        for rows, z, block in blocks(batch.logits, batch.dtype):
            if batch.indices:
                y = batch.labels(rows)
                seen = at_target(z, block, y)
                losses = batch.weighted(y, product(seen.miss**gamma, seen.nll))
            else:
                shifted = shift_by_maximum(z, block)
                e, rest = exp_rest(shifted)
                miss = others(e, rest) / (1 + rest)
                mass = batch.mass(rows, 0, like=block)
                losses = product(mass * miss**gamma, log1p(rest) - shifted).sum(axis=0)
            np.copyto(losses, 0, where=batch.ignored(rows))
            total.add(rows, losses)
    return total.over(divisor, batch.shape)


def sigmoid_focal_loss(
    logits: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
    reduction: Reduction = "mean",
) -> np.floating[Any] | Array:
    r"""Return the focal loss of yes-or-no targets, from logits.

    .. math:: \ell = \alpha_t (1 - p_t)^\gamma\, \mathrm{BCE}(z, t), \quad
              p_t = p t + (1 - p)(1 - t), \quad \alpha_t = \alpha t + (1 - \alpha)(1 - t)

    Parameters
    ----------
    logits : array_like, any shape
        Scores before the sigmoid; infinite ones are allowed.
    targets : array_like, the shape of logits
        Floats in [0, 1]. Nothing is broadcast: (N, 1) against (N,) is an error.
    gamma : float, optional
        The focusing exponent, finite and >= 0. Default: 2.
    alpha : float, optional
        The weight of positives, in [0, 1]; negatives weigh 1 - alpha. Default: neither weighs.
    reduction : {"mean", "sum", "none"}, optional
        "mean" divides by the number of elements.

    Returns
    -------
    scalar, or for "none" an array of the shape of the targets
        In nats. The mean of an empty batch is nan with a RuntimeWarning.

    Raises
    ------
    ValueError
        Targets of another shape or outside [0, 1], or an option outside its range.
    TypeError
        Integer or bool targets, or an argument that is not a number.

    Examples
    --------
    A logit of 0 with the paper's alpha: 0.25 (and 0.75) of a quarter of ln 2.

    >>> from xentlib import sigmoid_focal_loss
    >>> print(sigmoid_focal_loss([0.0, 0.0], [1.0, 0.0], alpha=0.25, reduction="none").round(4))
    [0.0433 0.13  ]

    References
    ----------
    Lin et al. 2017, section 3.2, equation 5, arXiv:1708.02002.
    """
    _checks.known_reduction(reduction)
    gamma = real_number(gamma, "gamma", 0)
    if alpha is not None:
        alpha = real_number(alpha, "alpha", 0, 1)
    z, t, dtype = _checks.binary(logits, targets, "logits")
    divisor = _elements(z, reduction)
    total = Total(reduction, (z.size,), dtype)
    with np.errstate(all="ignore"):
        for place, (logit, yes) in chunks(z, t, dtype=dtype):
            e = np.exp(-np.abs(logit))
            likely, unlikely = 1 / (1 + e), e / (1 + e)
            p, not_p = np.where(logit < 0, (unlikely, likely), (likely, unlikely))
            factor = (p * (1 - yes) + not_p * yes) ** gamma
            if alpha is not None:
                factor *= alpha * yes + (1 - alpha) * (1 - yes)
            total.add(place, product(factor, _binary_losses(logit, yes, 1 - yes)))
    return total.over(divisor, np.shape(targets))


def smooth_labels(targets: npt.ArrayLike, *, num_classes: int, label_smoothing: float) -> Array:
    r"""Return targets with a share of their mass spread evenly over the classes.

    .. math:: q'_c = (1 - e)\, q_c + e / C

    Parameters
    ----------
    targets : array_like
        Class indices of any shape, or floating distributions, shape (..., C).
    num_classes : int
        C, the number of classes, at least 1.
    label_smoothing : float
        The share e, in [0, 1].

    Returns
    -------
    array, shape (..., C)
        Distributions, in double precision (that of the targets if they are floating).

    Raises
    ------
    ValueError
        A label out of range, a slice that is not a distribution, or an option outside its range.
    TypeError
        Bool targets, a ``num_classes`` that is not an int, or an argument that is not a number.

    Examples
    --------
    >>> from xentlib import smooth_labels
    >>> print(smooth_labels(2, num_classes=4, label_smoothing=0.1))
    [0.025 0.025 0.925 0.025]

    References
    ----------
    Szegedy et al. 2016, Rethinking the Inception architecture, section 7, arXiv:1512.00567.
    """
    classes = _checks.number_of_classes(num_classes)
    smoothing = real_number(label_smoothing, "label_smoothing", 0, 1)
    t = np.asarray(targets)
    if t.dtype.kind in "iu":
        _checks.class_indices(t, classes)
        q = (t[..., np.newaxis] == np.arange(classes)).astype(np.float64)
    else:
        shape = (*t.shape[:-1], classes)
        q = t.astype(_checks.distribution_targets(t, shape, len(shape) - 1, shape[:-1], None))
    return np.asarray((1 - smoothing) * q + smoothing / classes)


def class_weights(targets: npt.ArrayLike, *, num_classes: int) -> npt.NDArray[np.float64]:
    r"""Return weights that make every class count the same: N / (C n_c).

    .. math:: w_c = \frac{N}{C\, n_c}

    Parameters
    ----------
    targets : array_like of int, any shape
        Class indices from 0 to C - 1, N of them.
    num_classes : int
        C, the number of classes, at least 1.

    Returns
    -------
    array of float64, shape (C,)
        Weights whose mean over the examples is 1.

    Raises
    ------
    ValueError
        A class without an example, a label out of range, or no targets.
    TypeError
        Targets that are not integers, or a ``num_classes`` that is not an int.

    Examples
    --------
    >>> from xentlib import class_weights
    >>> print(class_weights([0, 0, 0, 1], num_classes=2).round(4))
    [0.6667 2.    ]

    References
    ----------
    King & Zeng 2001, Logistic regression in rare events data, section 4; scikit-learn
    documentation, compute_class_weight with "balanced".
    """
    classes = _checks.number_of_classes(num_classes)
    y = _checks.label_array(targets)
    _checks.class_indices(y, classes)
    if y.size == 0:
        raise ValueError("targets are empty: there is no frequency to take the inverse of")
    counts = np.bincount(y.ravel(), minlength=classes)
    if (counts == 0).any():
        raise ValueError(
            f"no example of the classes {np.flatnonzero(counts == 0).tolist()}: their weight would "
            "be infinite. Is num_classes right? Merge or drop them, or weigh them by hand"
        )
    return y.size / (classes * counts)


def double_softmax_floor(num_classes: int) -> float:
    r"""Return the least loss that is left when softmax is applied twice.

    .. math:: \ln\left(1 + \frac{C - 1}{e}\right)

    Probabilities lie in [0, 1]; taken for logits, they can only say [1, 0, ..., 0], so that the
    loss stops there however good the model is.

    Parameters
    ----------
    num_classes : int
        C, the number of classes, at least 1.

    Returns
    -------
    float
        In nats.

    Raises
    ------
    ValueError
        Fewer than one class.
    TypeError
        ``num_classes`` is not an int.

    Examples
    --------
    A loss that settles near 1.46 for ten classes has this fault:

    >>> from xentlib import double_softmax_floor
    >>> print(round(double_softmax_floor(10), 4))
    1.4612

    References
    ----------
    PyTorch documentation, torch.nn.CrossEntropyLoss (the input is unnormalised logits).
    """
    return math.log1p((_checks.number_of_classes(num_classes) - 1) / math.e)


def _binary_losses(z: Array, yes: Array, no: Array) -> Array:
    """Return yes * -log(sigmoid(z)) + no * -log(sigmoid(-z))."""
    small = log1p(np.exp(-np.abs(z)))
    return product(yes, np.maximum(-z, 0) + small) + product(no, np.maximum(z, 0) + small)


def _elements(x: Array, reduction: Reduction) -> float:
    """Return what the reduction divides by; warn where a mean has nothing to divide by."""
    if reduction != "mean":
        return 1.0
    if x.size == 0:
        warnings.warn("a mean over nothing: the batch is empty", RuntimeWarning, stacklevel=3)
    return float(x.size)
