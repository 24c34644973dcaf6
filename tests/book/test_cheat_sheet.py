"""Every call of the cheat sheet runs, and gives the loss that the formula gives by hand."""

import math
import os
import re
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # read when Keras is imported

import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss

import xentlib

PAGE = (Path(__file__).resolve().parents[2] / "chapters" / "cheat_sheet.md").read_text("utf-8")
CALL = re.compile(r"^- \*\*([\w-]+)\*\* `(.+?)`", flags=re.MULTILINE)
LISTS = [part for part in PAGE.split("\n\n") if CALL.search(part)]

LOGITS = [[2.0, 1.0, 5.0], [0.5, -1.0, 0.0], [1.0, 0.0, -3.0]]
LABELS = [1, 0, 2]  # each class occurs, which scikit-learn asks for
ANSWERS = [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
SOFT = [[0.25, 0.5, 0.25], [0.0, 0.125, 0.875], [1.0, 0.0, 0.0]]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def softmax(row):
    total = sum(map(math.exp, row))
    return [math.exp(z) / total for z in row]


def by_hand(truth, model):
    """The mean cross-entropy of rows of probabilities, from its definition."""
    rows = zip(truth, model, strict=True)
    return sum(-p * math.log(q) for a, b in rows for p, q in zip(a, b, strict=True)) / len(truth)


def pairs(rows):
    return [[x, 1 - x] for row in rows for x in row]


ONE_HOT = [[float(c == y) for c in range(3)] for y in LABELS]
CLASSES = [softmax(row) for row in LOGITS]
CHANCES = [[sigmoid(z) for z in row] for row in LOGITS]
CASES = {
    "several classes": ({"y": LABELS, "q": CLASSES}, by_hand(ONE_HOT, CLASSES)),
    "yes or no": ({"t": ANSWERS, "q": CHANCES}, by_hand(pairs(ANSWERS), pairs(CHANCES))),
    "soft targets": ({"t": SOFT, "q": CLASSES}, by_hand(SOFT, CLASSES)),
}
KINDS = {
    "PyTorch": (torch.tensor, {"F": F}),
    "Keras": (np.array, {"keras": keras}),
    "Optax": (jnp.array, {"optax": optax}),
    "scikit-learn": (np.array, {"log_loss": log_loss}),
    "xentlib": (np.array, vars(xentlib)),
}


def calls():
    for (case, (arrays, expected)), part in zip(CASES.items(), LISTS, strict=True):
        for kind, call in CALL.findall(part):
            yield pytest.param(kind, call, arrays, expected, id=f"{case}: {call}")


def test_every_framework_has_its_calls():
    assert [len(CALL.findall(part)) for part in LISTS] == [5, 5, 5]


@pytest.mark.parametrize(("kind", "call", "arrays", "expected"), list(calls()))
def test_a_call_gives_the_loss(kind, call, arrays, expected):
    make, names = KINDS[kind]
    inputs = {name: make(values) for name, values in {**arrays, "z": LOGITS}.items()}
    loss = eval(call, {**names, **inputs})
    assert float(loss) == pytest.approx(expected, rel=1e-5)
