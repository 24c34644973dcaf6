"""Reference values to 360 digits, written with mpmath straight from the defining formulas.

Nothing here shares a line, or a way of computing, with ``xentlib``: no shift by the maximum, no
log-sum-exp, no log1p. With an unbounded exponent the textbook formula cannot overflow, and 360
digits resolve 1 + 1e-308, so it is accurate as it stands over the whole range of double precision
(as long as the logits are below 1e10 or so: beyond that the tests use closed forms instead).
Gradients are central differences of the loss, taken with a step far below double precision.
"""

from __future__ import annotations

from functools import wraps

import mpmath
import numpy as np

DIGITS = 360
ZERO, ONE, INF = mpmath.mpf(0), mpmath.mpf(1), mpmath.inf


def _exact(function):
    """Run `function` with `DIGITS` digits, whatever the caller's precision."""

    @wraps(function)
    def exactly(*args, **kwargs):
        with mpmath.workdps(DIGITS):
            return function(*args, **kwargs)

    return exactly


def mpf(x):
    """An mpmath number with exactly the value of the NumPy float `x`, also for a long double."""
    if isinstance(x, mpmath.mpf):
        return x
    if isinstance(x, np.longdouble) and np.isfinite(x):
        high = float(x)
        with mpmath.workdps(DIGITS):
            return mpmath.mpf(high) + mpmath.mpf(float(x - np.longdouble(high)))
    return mpmath.mpf(float(x))


def mpfs(values):
    """A list of exact mpmath numbers from a 1-D array."""
    return [mpf(value) for value in np.asarray(values)]


def times(a, b):
    """The product with the convention of measure theory: zero times infinity is zero."""
    return ZERO if a == 0 or b == 0 else a * b


def minus_log(p):
    return INF if p == 0 else -mpmath.log(p)


# Information: plain sums over one distribution.


@_exact
def surprisal(p, base=None):
    return minus_log(mpf(p)) / (ONE if base is None else mpmath.log(mpf(base)))


@_exact
def cross_entropy(p, q, base=None):
    nats = mpmath.fsum(times(a, minus_log(b)) for a, b in zip(mpfs(p), mpfs(q), strict=True))
    return nats / (ONE if base is None else mpmath.log(mpf(base)))


def entropy(p, base=None):
    return cross_entropy(p, p, base)


@_exact
def kl_terms(p, q):
    """The terms p log(p/q) of the divergence, in nats."""
    pairs = zip(mpfs(p), mpfs(q), strict=True)
    return [ZERO if a == 0 else INF if b == 0 else a * mpmath.log(a / b) for a, b in pairs]


@_exact
def kl_divergence(p, q, base=None):
    return mpmath.fsum(kl_terms(p, q)) / (ONE if base is None else mpmath.log(mpf(base)))


@_exact
def perplexity(nll, base=None):
    mean = mpmath.fsum(mpfs(np.ravel(nll))) / np.size(nll)
    return mpmath.power(mpmath.e if base is None else mpf(base), mean)


# Softmax of one row of logits.


@_exact
def softmax(row):
    powers = [ZERO if z == -INF else mpmath.exp(z) for z in map(mpf, row)]
    total = mpmath.fsum(powers)
    return [power / total for power in powers]


@_exact
def log_softmax(row):
    logits = list(map(mpf, row))
    log_total = mpmath.log(mpmath.fsum(ZERO if z == -INF else mpmath.exp(z) for z in logits))
    return [z - log_total for z in logits]


# Losses on a batch: `logits` is (N, C); `targets` is N indices or N distributions.


def _one_hot(target, num_classes):
    return [ONE if c == int(target) else ZERO for c in range(num_classes)]


def _kept_distributions(logits, targets, ignore_index):
    """For each row its target distribution (exact), or None for an ignored row."""
    targets = np.asarray(targets)
    if targets.ndim == 2:
        return [mpfs(row) for row in targets]
    num_classes = len(logits[0]) if len(logits) else 0
    return [
        None if ignore_index is not None and int(y) == ignore_index else _one_hot(y, num_classes)
        for y in targets
    ]


def _reduce(losses, divisor, reduction):
    if reduction == "none":
        return losses
    total = mpmath.fsum(losses)
    return total if reduction == "sum" else total / divisor


def _smoothed_row(row, q, w, smoothing):
    """One row's sum_c w_c q'_c nll_c, with q' the smoothed target."""
    nll = [-log_p for log_p in log_softmax(row)]
    mass = [times(a, (1 - smoothing) * b + smoothing / len(q)) for a, b in zip(w, q, strict=True)]
    return mpmath.fsum(times(m, n) for m, n in zip(mass, nll, strict=True))


def _rows_and_divisor(logits, targets, weight, label_smoothing, ignore_index):
    """The kept rows as (logits, q, weights, smoothing) or None, and what the mean divides by."""
    rows = _kept_distributions(logits, targets, ignore_index)
    w = [ONE] * len(logits[0]) if weight is None else mpfs(weight)
    by_index = np.ndim(targets) == 1
    shares = [mpmath.fdot(w, q) if by_index else ONE for q in rows if q is not None]
    smoothing = mpf(label_smoothing)
    kept = [
        None if q is None else (mpfs(row), q, w, smoothing)
        for row, q in zip(logits, rows, strict=True)
    ]
    return kept, mpmath.fsum(shares)


def divisor(logits, targets, weight=None, ignore_index=None):
    """What the mean of the softmax cross-entropy divides by."""
    return _rows_and_divisor(logits, targets, weight, 0.0, ignore_index)[1]


@_exact
def softmax_cross_entropy(
    logits, targets, weight=None, label_smoothing=0.0, ignore_index=None, reduction="mean"
):
    """Class-weighted, smoothed cross-entropy; the mean as in torch.nn.CrossEntropyLoss."""
    rows, divisor = _rows_and_divisor(logits, targets, weight, label_smoothing, ignore_index)
    losses = [ZERO if row is None else _smoothed_row(*row) for row in rows]
    return _reduce(losses, divisor, reduction)


@_exact
def softmax_cross_entropy_grad(
    logits, targets, weight=None, label_smoothing=0.0, ignore_index=None, reduction="mean"
):
    """Central differences of each row's loss; the step 1e-30 leaves some 60 correct digits."""
    step = mpmath.mpf(10) ** -30
    rows, divisor = _rows_and_divisor(logits, targets, weight, label_smoothing, ignore_index)
    gradient = []
    for row in rows:
        slopes = []
        for j in range(len(logits[0])):
            if row is None:
                slopes.append(ZERO)
                continue
            z, *rest = row
            up, down = ([*z[:j], z[j] + sign * step, *z[j + 1 :]] for sign in (1, -1))
            slope = (_smoothed_row(up, *rest) - _smoothed_row(down, *rest)) / (2 * step)
            slopes.append(slope / divisor if reduction == "mean" else slope)
        gradient.append(slopes)
    return gradient


@_exact
def focal_loss(logits, targets, gamma=2.0, alpha=None, ignore_index=None, reduction="mean"):
    rows = _kept_distributions(logits, targets, ignore_index)
    a = [ONE] * len(logits[0]) if alpha is None else mpfs(alpha)
    losses, kept = [], 0
    for row, q in zip(logits, rows, strict=True):
        if q is None:
            losses.append(ZERO)
            continue
        kept += 1
        p = softmax(row)
        terms = [
            times(times(q_c, a_c), mpmath.power(1 - p_c, mpf(gamma)) * minus_log(p_c))
            for q_c, a_c, p_c in zip(q, a, p, strict=True)
        ]
        losses.append(mpmath.fsum(terms))
    return _reduce(losses, kept, reduction)


# Binary losses, one element at a time.


@_exact
def sigmoid(z):
    z = mpf(z)
    return ZERO if z == -INF else ONE if z == INF else 1 / (1 + mpmath.exp(-z))


@_exact
def binary_cross_entropy(p, t, pos_weight=None, label_smoothing=0.0):
    return _binary(mpf(p), 1 - mpf(p), t, pos_weight, label_smoothing)


@_exact
def binary_cross_entropy_with_logits(z, t, pos_weight=None, label_smoothing=0.0):
    # 1 - p as the sigmoid of -z: subtracting would need as many digits as z has units.
    return _binary(sigmoid(z), sigmoid(-mpf(z)), t, pos_weight, label_smoothing)


def _binary(p, not_p, t, pos_weight, label_smoothing):
    smoothing = mpf(label_smoothing)
    t = mpf(t) * (1 - smoothing) + smoothing / 2
    positive = t if pos_weight is None else mpf(pos_weight) * t
    return times(positive, minus_log(p)) + times(1 - t, minus_log(not_p))


@_exact
def sigmoid_focal_loss(z, t, gamma=2.0, alpha=None):
    p, not_p, t = sigmoid(z), sigmoid(-mpf(z)), mpf(t)
    miss = p * (1 - t) + not_p * t
    alpha_t = ONE if alpha is None else mpf(alpha) * t + (1 - mpf(alpha)) * (1 - t)
    return times(alpha_t, times(mpmath.power(miss, mpf(gamma)), _binary(p, not_p, t, None, 0.0)))


# Inputs that every floating-point type holds exactly, so that one exact answer serves them all.


def logits_on_a_grid(*shape, seed=0, dtype=np.float64, reach=640):
    """Logits between -10 and 10 in steps of 1/64: exact in half precision, as are differences.

    What is left to measure is then the function itself, not the rounding of its input.
    """
    return (np.random.default_rng(seed).integers(-reach, reach + 1, shape) / 64).astype(dtype)


def labels(*shape, num_classes, seed=0):
    return np.random.default_rng(seed + 1000).integers(0, num_classes, shape)


def mixtures(*shape, seed=0, dtype=np.float64):
    """Distributions along the last axis in steps of 1/64 (exact in half precision), with zeros."""
    rng = np.random.default_rng(seed + 2000)
    return (rng.multinomial(64, np.full(shape[-1], 1 / shape[-1]), shape[:-1]) / 64).astype(dtype)


def one_hot(targets, num_classes, dtype=np.float64):
    return np.eye(num_classes, dtype=dtype)[targets]


# Comparing floating-point results with exact numbers.


def assert_within_ulps(actual, exact, ulps, scale=None):
    """Each number of `actual` is within `ulps` rounding units of the exact one.

    A unit is eps of `actual`'s own dtype times the size of the exact number, or times `scale` (the
    size of what had to be added up) where the exact number is the small difference of larger ones.
    Results below the smallest normal number may differ by a few of the smallest steps there are.
    """
    actual = np.asarray(actual)
    exact = np.array(exact, dtype=object)
    assert actual.shape == exact.shape
    info = np.finfo(actual.dtype)
    sizes = exact if scale is None else np.broadcast_to(np.array(scale, dtype=object), exact.shape)
    for index in np.ndindex(actual.shape):
        got, want, size = actual[index], exact[index], sizes[index]
        if not mpmath.isfinite(want) or not np.isfinite(got):
            same = (mpmath.isnan(want) and np.isnan(got)) or mpf(got) == want
            assert same, f"at {index}: got {got!r}, exactly {mpmath.nstr(want, 20)}"
            continue
        unit = mpf(info.eps) * abs(size) + 2 * mpf(info.smallest_subnormal)
        error = abs(mpf(got) - want) / unit
        assert error <= ulps, (
            f"at {index}: got {got!r}, exactly {mpmath.nstr(want, 20)}: "
            f"{mpmath.nstr(error, 4)} ulps, allowed {ulps}"
        )
