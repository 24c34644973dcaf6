"""Arithmetic in the format itself, by NumPy; exponentials and logarithms by mpmath."""

import mpmath
import numpy as np


def oracle(scale, dtype, truth):
    def each(function, x):
        return np.array([float(function(mpmath.mpf(float(a)))) for a in x]).astype(dtype)

    with np.errstate(all="ignore"):
        z = np.array([scale, 0.0]).astype(dtype)
        right = np.arange(2) == truth

        e = each(mpmath.exp, z)
        total = e.sum()
        q = e / total
        to_q = np.where(right, -1 / q, 0).astype(dtype)
        to_e = to_q / total - (to_q * (q / total)).sum()
        found = {"loss_naive": -each(log, q)[truth], "slope_naive": (to_e * e)[0]}

        shifted = each(mpmath.exp, z - z.max())
        share = shifted / shifted.sum()
        (rest,) = each(mpmath.log1p, shifted[1:] / shifted[:1])
        found["loss_stable"] = z.max() - z[truth] + rest
        found["slope_stable"] = -share[1] if truth == 0 else share[0]
    for key in list(found):
        what, form = key.split("_")
        found[f"{what}_digits_{form}"] = digits(
            float(found[key]), exact(float(z[0]), truth)[what], dtype
        )
    return {key: float(value) for key, value in found.items()}


def exact(z, truth):
    """Loss and slope to fifty digits; at an infinite logit there are none."""
    if z == float("inf"):
        return {"loss": mpmath.nan, "slope": mpmath.nan}
    with mpmath.workdps(50):
        other = mpmath.exp(-mpmath.mpf(z))
        rest, share = mpmath.log1p(other), other / (1 + other)
        return {
            "loss": rest if truth == 0 else z + rest,
            "slope": -share if truth == 0 else 1 - share,
        }


def digits(value, right, dtype):
    """The whole digits that agree, at most those that the format has."""
    most = {"float16": 3, "float32": 7, "float64": 15}[dtype]
    if value == 0 or not mpmath.isfinite(value) or not mpmath.isfinite(right):
        return 0
    error = abs(value / right - 1)
    return most if error == 0 else max(0, min(most, int(mpmath.floor(-mpmath.log10(error)))))


def log(x):
    return mpmath.log(x) if x else -mpmath.inf
