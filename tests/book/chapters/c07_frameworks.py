"""Chapter 7: the contract from the frameworks' documentation; the numbers from NumPy and mpmath.

The digits are trained a second time in NumPy, with its own backward pass; PyTorch gives only the
same initial weights and the same order of the rows.
"""

import numpy as np
import torch
from mpmath import e, exp, log, mp
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

mp.dps = 30

INPUTS = set()

ROWS = [
    ["PyTorch, function", "right", "silent wrong", "right", "right"],
    ["Keras sparse, TF", "silent wrong", "right", "right", "error"],
    ["Optax, indices", "right", "silent wrong", "right", "error"],
    ["scikit-learn", "error", "right", "right", "right"],
    ["Optax, indices", "rows", "none", "none"],
    ["scikit-learn", "mean", "weights", "none"],
    ["Keras dense", "16.118", "error"],
    ["Optax, indices", "200", "nan"],
    ["PyTorch, from logits", "right", "silent wrong", "error", "error"],
    ["Optax", "right", "silent wrong", "right", "silent wrong"],
    ["10", "1.4612", "2.3026", "2.4612"],
    ["50257", "9.8249", "10.8249", "10.8249"],
]

# As documented: logits, q, index, one-hot; gives, divides by, smoothing; a certain mistake; label 3
CONTRACT = """
torch               right silent right right  mean weights e/C  200    error
module              right silent right right  mean weights e/C  200    error
sklearn             error right  right right  mean weights none 15.942 error
xentlib             right silent right right  mean weights e/C  200    error
information         error right  error right  rows none    none inf    error
optax_index         right silent right error  rows none    none 200    nan
optax_rows          right silent error right  rows none    e/C  200    error
keras_sparse_torch  silent right right error  mean rows    none 16.118 error
keras_dense_torch   silent right error right  mean rows    e/C  16.118 error
keras_sparse_tf     silent right right error  mean rows    none 16.118 error
keras_dense_tf      silent right error right  mean rows    e/C  16.118 error
"""
COLUMNS = ["logits", "q", "index", "onehot", "gives", "divides", "smoothing", "mistake", "label"]
TWO = """
torch_logits    right  silent error error
torch_q         error  right  error error
sklearn         error  right  right right
xentlib_logits  right  silent error error
xentlib_q       error  right  error error
optax           right  silent right silent
keras_torch     silent right  right right
keras_tf        silent right  right right
"""
SINGLE = -float(np.log(np.float32(1e-7)))  # the clip of Keras, in single precision


def words(table, columns, prefix=""):
    found = {}
    for line in table.split("\n"):
        name, *answers = line.split() or [""]
        for column, answer in zip(columns, answers, strict=False):
            answer = {"silent": "silent wrong"}.get(answer, answer)
            found[f"{prefix}{name}_{column}"] = answer
    return found


def batch():
    z = np.array([[2, 1, 5], [0.5, 2.5, -1], [3, 0, 1], [-1, 1.5, 1]])
    y = np.array([2, 1, 0, 2])
    return z, y, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def losses():
    z, y, q = batch()
    at, hot = (range(4), y), np.eye(3)[y]
    rows, w = -np.log(q[at]), np.array([1, 2, 5])[y]
    kl = (np.log(1 / 3) - np.log(q)).sum(axis=1).mean() / 3
    clip = lambda x: np.clip(x, 1e-7, 1 - 1e-7)  # noqa: E731
    ratio = z / z.sum(axis=1, keepdims=True)
    clipped = clip(z) / clip(z).sum(axis=1, keepdims=True)
    found = {
        "right": rows.mean(),
        "twice": (np.log(np.exp(q).sum(axis=1)) - q[at]).mean(),
        "nll_logits": -z[at].mean(),
        "nll_q": -q[at].mean(),
        "kl_wrong": np.log(1 / 3) - 1 / 3,  # every row of q sums to 1
        "kl_right": kl,
        "kl_mean": kl / 3,
        "hard": -np.log(2.0**-52) / 4,
        "one_off": -np.log(q[1, 2] * q[2, 1]) / 2,
        "one_off_right": -np.log(q[1, 1] * q[2, 0]) / 2,
        "multi_hot": 2 * np.log(2),
        "target_2": np.log1p(np.exp(10)) - 15,
        "ignored_class": np.log(1 + np.exp(-1) + np.exp(3)),
        "removed_class": np.log(1 + np.exp(-1)),
        "columns_wrong": np.log(10),
        "columns_right": np.log(10) - np.log(9),
        "smoothing_variant": (0.9 * rows - 0.05 * (np.log(q).sum(axis=1) + rows)).mean(),
        "smoothing": (0.9 * rows - 0.1 * np.log(q).mean(axis=1)).mean(),
        "smoothing_10": (-9 * rows - 10 * np.log(q).mean(axis=1)).mean(),
        "swapped_torch": (z.sum(axis=1) * np.log(np.e + 2) - z[at]).mean(),
        "swapped_keras": (1 - q[at]).mean() * SINGLE,
        "weighted_index": (w * rows).sum() / w.sum(),
        "weighted_rows": (w * rows).mean(),
        "ignored_by_hand": rows[:3].sum() / 4,
        "ignored_mean": rows[:3].mean(),
        "accumulated_wrong": (rows[:3].mean() - np.log(q[0, 0])) / 2,
        "accumulated": (rows[:3].sum() - np.log(q[0, 0])) / 4,
        "binary_columns": -np.log(np.where(hot == 1, q, 1 - q)).mean(),
        "keras_logits_torch": -np.log(clip(ratio[at])).mean(),
        "keras_logits_tf": -np.log(clipped[at]).mean(),
        "coin": SINGLE,
        "evaluate_torch": SINGLE,
        "evaluate_tf": np.log(2 + np.exp(20)),
        "clip_64": 52 * np.log(2),
        "clip_32": 23 * np.log(2),
        "clip_16": float(np.float16(10 * np.log(2))),  # its logarithm is in half precision too
    }
    found["softmax_layer_torch"] = found["twice"]
    found["softmax_layer_tf"] = found["right"]
    return found


def binary():
    z, t = np.array([3, -1, 0.5, -2]), np.array([1, 0, 0, 1])
    soft = np.log1p(np.exp(z))
    return {
        "right_binary": (soft - t * z).mean(),
        "broadcast": soft.mean() - t.mean() * z.mean(),  # every output against every target
        "sigmoid_yes": log(1 + exp(-1)),
        "ln2": log(2),
    }


def network(seed):
    """The initial weights that PyTorch draws; the output layer starts at zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(64, 32, dtype=torch.float64)
    w, b = layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()
    return [w, b, np.zeros((32, 10)), np.zeros(10)]


def softmax(z):
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def forward(x, weights):
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    return hidden, hidden @ w2 + b2


def backward(x, y, weights, twice):
    hidden, z = forward(x, weights)
    q, truth = softmax(z), np.eye(10)[y]
    slope = q - truth
    if twice:
        outer = softmax(q) - truth
        slope = q * (outer - (outer * q).sum(axis=1, keepdims=True))
    slope /= len(x)
    below = slope @ weights[2].T * (hidden > 0)
    return [x.T @ below, below.sum(axis=0), hidden.T @ slope, slope.sum(axis=0)]


def learn(data, twice, adam, seed):
    x, test_x, y, test_y = data
    weights, order = network(seed), torch.Generator().manual_seed(seed)
    first, second, step = [0.0] * 4, [0.0] * 4, 0
    for _ in range(20):
        shuffled = torch.randperm(len(x), generator=order).numpy()
        for start in range(0, len(x), 32):
            chosen = shuffled[start : start + 32]
            step += 1
            for i, g in enumerate(backward(x[chosen], y[chosen], weights, twice)):
                if not adam:
                    weights[i] = weights[i] - 0.1 * g
                    continue
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g * g
                m, v = first[i] / (1 - 0.9**step), second[i] / (1 - 0.999**step)
                weights[i] = weights[i] - 0.001 * m / (np.sqrt(v) + 1e-8)
    q = softmax(forward(x, weights)[1])
    q = softmax(q) if twice else q
    right = forward(test_x, weights)[1].argmax(axis=1) == test_y
    return right.mean(), -np.log(q[range(len(y)), y]).mean()


def digits():
    pixels, digit = load_digits(return_X_y=True)
    data = train_test_split(pixels / 16, digit, test_size=450, random_state=0, stratify=digit)
    found = {}
    for name in ("sgd", "adam"):
        for softmaxes in (1, 2):
            runs = [learn(data, softmaxes == 2, name == "adam", seed) for seed in range(5)]
            accuracy, loss = np.transpose(runs)
            # one of 450 test rows may fall the other way on another machine
            for key, value in (("low", accuracy.min()), ("high", accuracy.max())):
                found[f"{name}_{softmaxes}_{key}"] = value - 0.0023, value + 0.0023
            mean = accuracy.mean()
            found[f"{name}_{softmaxes}_mean"] = mean - 0.0023, mean + 0.0023
            found[f"{name}_{softmaxes}_loss"] = loss.mean() - 1e-4, loss.mean() + 1e-4
    return found


def numbers():
    # the frameworks work in single precision, so the notebook hands on four decimals
    found = {key: round(float(value), 4) for key, value in (losses() | binary()).items()}
    found |= words(CONTRACT, COLUMNS) | digits()
    found |= words(TWO, ("logits", "q", "integers", "column"), "two_")
    for c in (2, 3, 4, 10, 1000, 50257):
        found[f"floor_{c}"] = log(e + c - 1) - 1
        found[f"ceiling_{c}"] = log(e + c - 1)
        found[f"ln_{c}"] = log(c)
    return found
