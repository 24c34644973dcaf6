"""The entropies by SciPy, the divergences by mpmath with 40 digits."""

import mpmath
import scipy.special


def oracle(p_a, p_b, q_a, q_b, contours):
    p = [p_a, (1 - p_a) * p_b, (1 - p_a) * (1 - p_b)]
    q = [q_a, (1 - q_a) * q_b, (1 - q_a) * (1 - q_b)]
    return {
        "entropy": scipy.special.entr(p).sum(),
        "cross": -scipy.special.xlogy(p, q).sum(),
        "kl": divergence(p, q),
        "swapped": divergence(q, p),
    }


def divergence(p, q):
    with mpmath.workdps(40):
        return float(sum(times_log(a, b) for a, b in zip(p, q, strict=True) if a > 0))


def times_log(a, b):
    return a * mpmath.log(mpmath.mpf(a) / b) if b > 0 else mpmath.inf
