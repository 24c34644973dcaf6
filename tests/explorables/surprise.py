"""The surprisal by mpmath, the entropy by SciPy."""

import mpmath
import scipy.stats


def oracle(p):
    nats = float(-mpmath.log(p)) if p else float("inf")
    entropy = scipy.stats.entropy([p, 1 - p], base=2)
    return {"nats": nats, "bits": nats / float(mpmath.log(2)), "entropy": entropy}
