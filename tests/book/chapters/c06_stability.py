"""Chapter 6: where forms break, from closed forms in mpmath; PyTorch's mean in half precision."""

import math

import ml_dtypes
import numpy as np
from mpmath import ceil, exp, floor, inf, log, log1p, mp, mpf

mp.dps = 40

INPUTS = set()

# significant bits, largest exponent
FORMATS = {"fp64": (53, 1023), "fp32": (24, 127), "fp16": (11, 15), "bf16": (8, 127)}

ROWS = [
    ["fp64", "2.2e−16", "1.8e308", "4.9e−324 (2.2e−308)"],
    ["fp32", "1.2e−7", "3.4e38", "1.4e−45 (1.2e−38)"],
    ["fp16", "9.8e−4", "65504", "6.0e−8 (6.1e−5)"],
    ["bf16", "7.8e−3", "3.4e38", "9.2e−41 (1.2e−38)"],
    ["… its slope", "372.4", "51.8", "8.5", "46.5"],
    ["log of softmax", "745.1", "104.0", "17.3", "93.0"],
    ["log of sigmoid", "709.8", "88.7", "17.3", "89.0"],
    ["log of 1 − sigmoid", "36.74", "16.64", "8.32", "6.25"],
    ["BCELoss slope", "28.32", "16.64", "8.32", "6.25"],
    ["log of q + 1e-8, slope", "18.4", "18.4", "11.1", "18.5"],
    ["from logits", "never", "never", "never", "never"],
    ["index target", "0.3133", "right"],
]


def next_number(x, bits):
    """The smallest number with so many significant bits that is not below x."""
    gap = mpf(2) ** (floor(log(x, 2)) - bits + 1)
    return ceil(x / gap) * gap


def margins():
    """The first margin at which each form is lost, from what overflows, underflows or rounds."""
    found = {}
    for name, (bits, top) in FORMATS.items():
        eps = mpf(2) ** (1 - bits)
        least = mpf(2) ** (1 - top) * eps
        overflow = log((2 - eps / 2) * mpf(2) ** top)  # halfway to the number after the largest
        underflow = -log(least / 2)  # halfway between 0 and the smallest
        # PyTorch computes the sigmoid of a half in single precision and rounds 1 - e^-z, which is 1
        # once e^-z is a quarter of epsilon. In the others it is 1 + e^-z, at half of epsilon.
        rest = (bits + (bits < 24)) * log(2)
        # The same single-precision exp(z) overflows before e^-z leaves bf16.
        sigmoid = underflow if name == "fp16" else overflow
        limits = {
            "plain_loss": overflow,
            "unshifted_loss": overflow,
            # e^-2z is a multiple of the smallest number; below 2/3 of it that is off by half.
            "plain_slope": -log(least * 2 / 3) / 2,
            "softmax_loss": underflow,
            "softmax_slope": overflow,  # of 1/q
            "sigmoid_loss": sigmoid,
            "sigmoid_slope": overflow,
            "rest_loss": rest,
            # The gradient of PyTorch's BCELoss divides by max(q (1 - q), 1e-12).
            "bceloss_slope": min(rest, -log(mpf("0.5e-12"))),
            "epsilon_slope": min(overflow, 8 * log(10)),
        }
        for form, limit in limits.items():
            found[f"{form}_{name}"] = round(float(next_number(limit, bits)), 3)
    return found


def mean_in_half(dtype, loss, rows):
    """PyTorch's mean of equal losses on the CPU: a cascade of partial sums, in the loss's dtype."""
    power = max(4, (rows - 1).bit_length() // 8)
    sums = np.zeros(8, dtype)
    for i in range(rows):
        sums[0] += dtype(loss)
        for level in range(7):
            if i & ((2**power - 1) << (level * power)):
                break
            sums[level + 1] += sums[level]
            sums[level] = 0
    total = dtype(0)
    for part in sums:
        total += part
    with np.errstate(over="ignore"):
        return float(total / dtype(rows))  # the count, too, is a half


def numbers():
    found = margins()
    for name, (bits, top) in FORMATS.items():
        eps = mpf(2) ** (1 - bits)
        tiny = mpf(2) ** (1 - top)
        values = {"eps": eps, "tiny": tiny, "least": tiny * eps}
        values["max"] = (2 - eps) * mpf(2) ** top
        for key, value in values.items():
            digits, exponent = f"{float(value):.1e}".split("e")
            found[f"{key}_{name}"] = f"{digits}e{int(exponent)}".replace("-", "−")
    found["max_fp16"] = "65504"
    q = 1 / (1 + exp(mpf(30)))
    exact = {
        "opening_naive": inf,
        "opening_right": log(1 + exp(mpf(200))),
        "cap": 8 * log(10),
        "sure_loss_e18": mpf(10) ** 18 * log1p(exp(mpf(-40))),
        "masked_loss": log(1 + exp(mpf(-1))),
        "capped_slope_e6": mpf(10) ** 6 * q * (1 - q) / (q + mpf("1e-8")),
        "half_loss_65504": mean_in_half(np.float16, np.log(2), 65504),
        "half_loss_65520": mean_in_half(np.float16, np.log(2), 65520),
        "vocabulary_bf16": mean_in_half(ml_dtypes.bfloat16, np.log(50257), 300),
        "vocabulary_exact": log(50257),
        "ln2": log(2),
        "lse_one_by_one": ml_dtypes.bfloat16(math.log(2**8)),  # ones, up to the first gap of 2
    }
    found |= {key: round(float(value), 4) for key, value in exact.items()}
    return found | {"fp16_counts": 2**11, "bf16_counts": 2**8}
