"""Chapter 2: from mpmath, SciPy's optimisers and the bytes of the manual."""

import gzip
import math
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.optimize
import scipy.special
from mpmath import log, mp

ROOT = Path(__file__).resolve().parents[3]
mp.dps = 30

INPUTS = {"1,000", "10,000"}  # how many characters the models of the manual have read

ROWS = [
    ["100", "0.105", "0.693"],
    ["90", "0.325", "0.693"],
    ["70", "0.765", "0.693"],
    ["50", "1.204", "0.693"],
    ["0", "2.303", "0.693"],  # saying 90 % cat of a dog
    ["nothing", "6.492", "1.842", "6.492"],  # log2 of the 90 characters
    ["100", "5.152", "0.502", "5.152"],
    ["1,000", "4.743", "0.093", "4.743"],
    ["10,000", "4.715", "0.065", "4.715"],
    ["its own", "4.650", "0.000", "4.650"],
    ["cross-entropy", "1.204", "0.693"],
    ["KL", "0.511", "0.368"],
]


def cost(p, q, base=mp.e):
    """Cross-entropy of two outcomes, from percentages."""
    return -sum(mp.mpf(a) / 100 * log(mp.mpf(b) / 100, base) for a, b in zip(p, q, strict=True))


def animals():
    bold, fair, stop = (90, 10), (50, 50), (75, 25)
    excess = lambda p, q: cost(p, q) - cost(p, p)  # noqa: E731 - by the difference, not the ratio
    found = {
        "even_percent": 100 * log(5) / log(9),
        "kl_fair_bold": log(5) - log(3),  # -(ln 1.8 + ln 0.2) / 2 = -ln 0.6
        "kl_bold_fair": excess(bold, fair),
        "kl_leg_1": excess(fair, stop),
        "kl_leg_2": excess(stop, bold),
        "kl_detour": excess(fair, stop) + excess(stop, bold),
        "ratio_0": mp.mpf(9) / 5,
        "ratio_1": mp.mpf(1) / 5,
        "honest": cost(bold, bold),
        "too_sure": cost(bold, (99, 1)),
        "memoriser": cost((82, 18), (99, 1)),  # a fresh label agrees: 0.9 * 0.9 + 0.1 * 0.1
        "memoriser_seen": log(100) - log(99),
    }
    # Of the mean of 1,000 losses, ln 9 apart, of which each is dear with 10 %: from 100,000 draws.
    spread = float(log(9)) * math.sqrt(0.1 * 0.9 / 1000)
    found["luck"] = (spread * 0.99, spread * 1.01)
    for name, (cat, dog) in {"bold": bold, "undecided": fair}.items():
        found |= {f"{name}_cat": -log(mp.mpf(cat) / 100), f"{name}_dog": -log(mp.mpf(dog) / 100)}
        for share in (90, 70, 50):
            found[f"{name}_{share}"] = cost((share, 100 - share), (cat, dog))
    return found


def manual():
    """Surprise added up character by character, instead of by frequencies."""
    raw = gzip.decompress((ROOT / "xentlib" / "data" / "nettle.txt.gz").read_bytes())
    alphabet, rest = len(set(raw)), raw[10_000:]
    own = Counter(rest)
    floor = -sum(math.log2(own[c] / len(rest)) for c in rest) / len(rest)
    found = {
        "rest_characters": len(raw) - 10_000,
        "missing": len(rest.translate(None, delete=raw[:10_000])),
    }
    paid = {"own": floor}
    for read in (0, 100, 1000, 10_000):
        seen = Counter(raw[:read])
        total = math.fsum(math.log2((read + alphabet) / (seen[c] + 1)) for c in rest)
        paid[str(read)] = total / len(rest)
    for name, bits in paid.items():
        size = bits * len(rest) / 8
        # A range coder ends within a few 32-bit words of the floor, and its tables round the
        # probabilities to 24 bits: not ten bytes on this text, of which KL is thousands.
        found |= {f"cost_{name}": bits, f"excess_{name}": bits - floor}
        found |= {f"bytes_{name}": (size, size + 10)}
        found[f"file_{name}"] = (bits, bits + 80 / len(rest))
    return found


def humps():
    """The forward fit from the moments, the reverse fit from its stationary point."""
    hours = np.linspace(0, 24, 49)

    def log_bell(centre, precision):
        score = -precision * (hours - centre) ** 2 / 2
        return score - scipy.special.logsumexp(score)

    two = [log_bell(12, 16 / 9) - math.log(3), log_bell(19, 1) + math.log(2 / 3)]
    log_p = np.logaddexp(*two)
    p = np.exp(log_p)
    mean, square = p @ hours, p @ hours**2

    def moments(knobs):  # an exponential family is closest where its moments are the truth's
        q = np.exp(log_bell(*knobs))
        return [q @ hours - mean, q @ hours**2 - square]

    cover = log_bell(*scipy.optimize.fsolve(moments, [mean, 0.1], xtol=1e-13))

    def slopes(knobs):  # of KL(q, p) in the two natural parameters
        log_q = log_bell(*knobs)
        q, gap = np.exp(log_q), log_q - log_p
        return [np.cov(hours**k, gap, aweights=q, ddof=0)[0, 1] for k in (1, 2)]

    pick = log_bell(*scipy.optimize.fsolve(slopes, [19.1, 0.9], xtol=1e-13))
    return {
        "mean_hour": mean,
        "cover_forward": p @ (log_p - cover),
        "pick_forward": p @ (log_p - pick),
        "pick_reverse": np.exp(pick) @ (pick - log_p),
    }


def numbers():
    return animals() | manual() | humps()
