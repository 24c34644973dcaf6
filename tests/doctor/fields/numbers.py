"""Calls where the number that was seen, or its precision, is what matters."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.tree import DecisionTreeClassifier

from doctor.corpus import healthy, misuse
from doctor.fields.nets import (
    dense,
    digits,
    digits_data,
    fit,
    fraud,
    scenes,
    spam,
    tags,
    tumours,
    wine,
)
from doctor.fields.texts import flat

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}


# healthy


@healthy
def the_loss_of_half_precision_as_it_was_printed():
    (z, y), _ = digits(0)
    seen = F.cross_entropy(z.half().float(), y).half().item()  # float16 has three digits
    return z.half(), y, {**CE, "observed": seen}


@healthy
def the_loss_in_bfloat16_as_it_was_printed():
    z, y = flat(0)
    seen = F.cross_entropy(z.bfloat16(), y).item()  # two or three digits
    return z.bfloat16(), y, {**CE, "observed": seen}


@healthy
def a_progress_bar_with_two_digits():
    (z, y), _ = digits(1, steps=20)
    return z[:64], y[:64], {**CE, "observed": round(F.cross_entropy(z[:64], y[:64]).item(), 2)}


@healthy
def a_loss_in_scientific_notation():
    z, y = fraud(0)
    seen = float(f"{F.binary_cross_entropy_with_logits(z, y).item():.2e}")
    return z, y, {**BCE, "observed": seen}


@healthy
def the_mean_by_hand_over_rows_without_reduction():
    z, y = scenes(0)
    seen = F.cross_entropy(z, y, reduction="none").mean().item()
    return z, y, {**CE, "observed": seen}


@healthy
def the_mean_by_numpy_in_double():
    (z, y), _ = digits(2)
    z, y = z.double().numpy(), y.numpy()
    top = z.max(1, keepdims=True)
    log_q = z - top - np.log(np.exp(z - top).sum(1, keepdims=True))
    told = {"loss": "softmax_cross_entropy", "framework": "numpy"}
    return z, y, {**told, "observed": -log_q[np.arange(len(y)), y].mean()}


@healthy
def keras_in_single_precision_with_its_own_number():
    import keras

    (z, y), _ = digits(3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    told = {"loss": "SparseCategoricalCrossentropy", "framework": "keras", "from_logits": True}
    return z.numpy(), y.numpy(), {**told, "observed": float(loss(y.numpy(), z.numpy()))}


@healthy
def optax_with_its_own_number():
    import jax.numpy as jnp
    import optax

    z, y = wine(0)
    name = "softmax_cross_entropy_with_integer_labels"
    z, y = jnp.asarray(z.numpy()), jnp.asarray(y.numpy())
    seen = float(getattr(optax, name)(z, y).mean())
    return z, y, {"loss": f"optax.{name}", "framework": "jax", "observed": seen}


@healthy
def tags_summed_and_divided_by_the_texts():
    z, y = tags(0)
    seen = F.binary_cross_entropy_with_logits(z, y, reduction="sum").item()
    return z, y, {**BCE, "reduction": "sum", "observed": seen}


# misused: another number of the same arrays


@misuse("class-mean")
def the_mean_over_classes_too():
    (z, y), _ = digits(0)
    rows = F.one_hot(y, 10).float()
    return z, rows, {**CE, "observed": -(rows * z.log_softmax(-1)).mean().item()}


@misuse("sum-not-mean")
def the_sum_over_pixels():
    z, y = scenes(1)
    return z, y, {**CE, "observed": round(F.cross_entropy(z, y, reduction="sum").item(), 2)}


@misuse("class-mean", "sum-not-mean")
def tags_summed_over_labels_and_averaged_over_texts():
    # 20 times the mean over all answers: a sum over the labels, a mean over the texts
    z, y = tags(1)
    seen = F.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1).mean().item()
    return z, y, {**BCE, "observed": seen}


@misuse("clipped", "saturated")
def an_epsilon_inside_the_logarithm():
    z, y = tumours(0)
    p = (3 * z).sigmoid()
    seen = -(y * (p + 1e-8).log() + (1 - y) * (1 - p + 1e-8).log()).mean().item()
    return 3 * z, y, {**BCE, "observed": seen}


@misuse("clipped", "saturated", "hard-predictions")
def a_deep_tree_and_the_clip_of_scikit_learn():
    x, y = load_digits(return_X_y=True)
    q = DecisionTreeClassifier(random_state=0).fit(x[:900], y[:900]).predict_proba(x[900:])
    told = {"loss": "log_loss", "framework": "sklearn"}
    return q, y[900:], {**told, "observed": log_loss(y[900:], q)}


@misuse("saturated", "clipped")
def bce_loss_and_its_floor_of_minus_100():
    z, y = spam(0)
    p = (6 * z).sigmoid()
    told = {"loss": "F.binary_cross_entropy", "framework": "torch"}
    return p, y, {**told, "observed": F.binary_cross_entropy(p, y).item()}


@misuse("naive-softmax", "not-finite")
def the_log_of_a_softmax_on_raw_pixels():
    # pixels from 0 to 255: early logits are hundreds apart, and their softmax is 0 in float32
    x, y, *_ = digits_data(0)
    x = 255 * x.flatten(1)
    net = fit(dense(64, 32, 32, 10), x, y, F.cross_entropy, steps=3, lr=0.1)
    with torch.no_grad():
        z, y = net(x[:64]), y[:64]
    return z, y, {**CE, "observed": F.nll_loss(z.softmax(-1).log(), y).item()}


@misuse("negative-loss")
def a_forgotten_minus():
    z, y = flat(0)
    seen = z.log_softmax(-1).gather(1, y[:, None]).mean().item()
    return z, y, {**CE, "observed": seen}


@misuse("probabilities-as-log", "negative-loss")
def the_softmax_picked_without_a_logarithm():
    (z, y), _ = digits(4)
    return z, y, {**CE, "observed": -z.softmax(-1).gather(1, y[:, None]).mean().item()}


@misuse("double-softmax")
def a_number_that_a_second_softmax_explains():
    (z, y), _ = digits(5)
    return z, y, {**CE, "observed": round(F.cross_entropy(z.softmax(-1), y).item(), 4)}


@misuse("sigmoid-twice")
def a_number_that_a_second_sigmoid_explains():
    z, y = spam(1)
    return z, y, {**BCE, "observed": F.binary_cross_entropy_with_logits(z.sigmoid(), y).item()}


@misuse("broadcast")
def a_number_that_a_table_of_losses_explains():
    z, y = tumours(1)
    table = F.softplus(z[:, None]) - y * z[:, None]
    return z, y, {**BCE, "observed": table.mean().item()}


@misuse("half-mean")
def a_running_total_in_half_precision():
    # from 512 on float16 has steps of a half, so the total takes no notice of small losses
    z, y = scenes(0, steps=10)
    total = np.float16(0)
    for one in F.cross_entropy(z.half().float(), y, reduction="none").flatten().half().numpy():
        total = np.float16(total + one)
    return z.half(), y, {**CE, "observed": float(total) / y.numel()}
