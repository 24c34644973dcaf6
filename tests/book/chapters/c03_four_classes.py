"""Chapter 3: from mpmath."""

from mpmath import e, exp, log, mp

mp.dps = 30

INPUTS = {"0.1", "0.2", "0.25", "0.6", "0.4", "0.99", "0.5", "0.3", "0.01"}

ROWS = [
    ["0.99", "0.01"],  # the table that every course has
    ["0.6", "0.51"],
    ["0.5", "0.69"],
    ["0.3", "1.20"],
    ["0.01", "4.61"],
    ["2 bird", "1", "0.6", "0.51", "0.51"],
    ["1", "1", "2.72", "0.017", "4.066"],
]


def numbers():
    prediction = {"cat": "0.1", "dog": "0.2", "bird": "0.6", "fish": "0.1"}
    field = e**2 + e**1 + e**5
    found = {
        "loss": -log(mp.mpf("0.6")),
        "recovered": mp.mpf("0.6"),
        "ln10": log(10),
        "ln2": log(2),
        "twice": log(sum(exp(exp(z) / field) for z in (1, 2, 5))) - exp(5) / field,
        "ln4": log(4),
        "exp_sum": field,
    }
    for hundredths in (99, 60, 50, 30, 1):
        found[f"loss_{hundredths}"] = log(100) - log(hundredths)
    for name, q in prediction.items():
        found[f"surprise_{name}"] = -log(mp.mpf(q))
    for i, z in enumerate((2, 1, 5)):
        found[f"exp_{i}"] = exp(z)
        found[f"q_{i}"] = exp(z) / field
        found[f"loss_index_{i}"] = log(field) - z
        found[f"pull_{i}"] = abs(exp(z) / field - (i == 1))
    return found
