"""Exact fractions for the label, mpmath for the logarithms, and only two kinds of class."""

from fractions import Fraction

import mpmath


def oracle(eps, classes, q):
    eps, q = Fraction(str(eps)), Fraction(str(q))
    best = 1 - eps + eps / classes
    with mpmath.workdps(50):
        other, model = ((1 - x) / (classes - 1) for x in (best, q))
        pairs = [(best, q, 1), (other, model, classes - 1)]
        return {
            "loss": total(n * p * -ln(x) for p, x, n in pairs if p),
            "plain": float(-ln(q)),
            "best": float(best),
            "gap": float(ln(best) - ln(other)),
            "floor": total(n * p * -ln(p) for p, _, n in pairs if p),
            "excess": total(n * p * (ln(p / x) if x else mpmath.inf) for p, x, n in pairs if p),
        }


def ln(x):
    return mpmath.log(mpmath.mpf(x.numerator) / x.denominator) if x else -mpmath.inf


def total(terms):
    return float(mpmath.fsum(terms))
