"""Softmax, loss and slopes from their definitions, by mpmath with 120 digits."""

import mpmath


def oracle(z0, z1, z2, z3, truth, temperature):
    with mpmath.workdps(120):
        powers = [mpmath.exp(mpmath.mpf(z) / temperature) for z in (z0, z1, z2, z3)]
        q = [power / mpmath.fsum(powers) for power in powers]
        found = {"loss": float(-mpmath.log(q[truth]))}
        for i in range(4):
            found[f"q{i}"] = float(q[i])
            found[f"g{i}"] = float((q[i] - (i == truth)) / temperature)
    return found
