"""Wrong calls, each with the code that must be found. Numbers seen are the frameworks' own."""

import warnings

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss

from doctor.corpus import misuse
from doctor.models import (
    cancer,
    digits,
    iris,
    labels_at_once,
    language,
    one_hot,
    pictures,
    rare,
    rare_classes,
    tensor,
    untrained,
)

CE = {"loss": "F.cross_entropy"}
BCE = {"loss": "BCELoss"}
LOGITS = {"loss": "BCEWithLogitsLoss"}

# --- two softmaxes, two sigmoids


@misuse("double-softmax")
def softmax_of_trained_digits():
    m = digits(0)
    return *tensor(m.q, m.y), CE


@misuse("double-softmax")
def softmax_of_an_early_model():
    m = digits(1, epochs=1)
    return *tensor(m.q, m.y), CE


@misuse("double-softmax")
def softmax_of_an_untrained_model():
    m = untrained(2)
    return *tensor(m.q, m.y), CE


@misuse("double-softmax")
def softmax_of_two_rows():
    m = digits(2).first(2)
    return *tensor(m.q, m.y), CE


@misuse("double-softmax")
def softmax_of_one_row_by_hand():
    return [[0.1, 0.2, 0.6, 0.1]], [2], {}


@misuse("double-softmax")
def softmax_of_iris_in_double():
    m = iris(0)
    return m.q, m.y, {}


@misuse("double-softmax")
def softmax_in_half_precision():
    m = digits(0)
    return m.q.astype(np.float16), m.y, {"framework": "torch"}


@misuse("double-softmax")
def softmax_in_bfloat16():
    m = digits(1)
    return torch.tensor(m.q).bfloat16(), torch.tensor(m.y), CE


@misuse("double-softmax")
def softmax_of_pictures():
    m = pictures(0)
    return torch.tensor(m.z).softmax(1), torch.tensor(m.y), CE


@misuse("double-softmax")
def softmax_of_a_language_model():
    m, _ = language(0)
    return m.q, m.y, {"framework": "jax", "loss": "softmax_cross_entropy_with_integer_labels"}


@misuse("double-softmax")
def softmax_with_one_hot_targets():
    m = digits(2)
    return *tensor(m.q, one_hot(m.y, 10)), CE


@misuse("double-softmax")
def keras_from_logits_after_a_softmax_layer():
    m = digits(0)
    return m.q, m.y, {"loss": "SparseCategoricalCrossentropy", "from_logits": True}


@misuse("double-softmax")
def softmax_with_padding_ignored():
    m, _ = language(1)
    y = m.y.copy()
    y[:, 20:] = -100
    q = torch.tensor(m.q).flatten(0, 1)
    q[torch.tensor(y).flatten() == -100] = 7.0
    return q, torch.tensor(y).flatten(), CE


@misuse("double-softmax")
def softmax_before_focal_loss():
    m = rare_classes(0)
    return m.q, m.y, {"loss": "focal_loss", "gamma": 2.0}


@misuse("double-softmax")
def a_second_softmax_seen_in_the_number():
    m = digits(1)
    z, y = tensor(m.z, m.y)
    return z, y, {**CE, "observed": F.cross_entropy(z.softmax(1), y)}


@misuse("double-softmax")
def a_second_softmax_seen_in_four_digits():
    m = iris(1)
    z, y = tensor(m.z, m.y)
    seen = round(float(F.cross_entropy(z.softmax(1), y)), 4)
    return m.z, m.y, {"observed": seen}


@misuse("double-softmax")
def softmax_columns_before_binary_logits():
    m = digits(0)
    return *tensor(m.q, one_hot(m.y, 10)), LOGITS


@misuse("sigmoid-twice")
def sigmoid_of_cancer():
    m = cancer(0)
    return *tensor(m.p, m.y), LOGITS


@misuse("sigmoid-twice")
def sigmoid_of_rare_positives():
    m = rare(0)
    return *tensor(m.p, m.y), LOGITS


@misuse("sigmoid-twice")
def sigmoid_of_a_small_batch():
    m = cancer(1).first(24)
    return *tensor(m.p, m.y), LOGITS


@misuse("sigmoid-twice")
def sigmoid_of_many_labels():
    m = labels_at_once(0)
    return *tensor(m.p, m.y), LOGITS


@misuse("sigmoid-twice")
def sigmoid_before_optax():
    m = cancer(2)
    return m.p, m.y, {"loss": "optax.sigmoid_binary_cross_entropy"}


@misuse("sigmoid-twice")
def sigmoid_before_sigmoid_focal_loss():
    m = rare(1, share=0.1)
    return m.p, m.y, {"loss": "sigmoid_focal_loss", "alpha": 0.25}


@misuse("sigmoid-twice")
def sigmoid_seen_in_the_number():
    m = labels_at_once(1)
    z, y = tensor(m.z, m.y)
    seen = F.binary_cross_entropy_with_logits(z.sigmoid(), y)
    return z, y, {**LOGITS, "observed": seen}


@misuse("sigmoid-into-softmax")
def sigmoid_before_a_softmax():
    m = digits(1)
    return *tensor(m.p, m.y), CE


@misuse("softmax-axis")
def softmax_over_the_batch():
    m = digits(0)
    return torch.tensor(m.z).softmax(0), torch.tensor(m.y), CE


@misuse("softmax-axis")
def softmax_over_the_width_of_pictures():
    m = pictures(1)
    return torch.tensor(m.z).softmax(3), torch.tensor(m.y), CE


# --- logits, probabilities, logarithms in each other's place


@misuse("logits-as-probabilities")
def keras_default_on_logits():
    m = digits(0)
    return m.z, m.y, {"loss": "SparseCategoricalCrossentropy"}


@misuse("logits-as-probabilities")
def keras_default_on_logits_with_rows():
    m = iris(0)
    return m.z, one_hot(m.y, 3), {"loss": "categorical_crossentropy"}


@misuse("logits-as-probabilities")
def keras_binary_default_on_logits():
    m = cancer(0)
    return m.z, m.y, {"loss": "BinaryCrossentropy"}


@misuse("logits-as-probabilities")
def bce_loss_on_logits():
    m = labels_at_once(1)
    return *tensor(m.z, m.y), BCE


@misuse("logits-as-probabilities")
def log_loss_of_a_decision_function():
    m = iris(1)
    return m.z, m.y, {"loss": "log_loss"}


@misuse("clipped")
def keras_clip_of_logits_seen_in_the_number():
    import keras

    m = digits(2)
    seen = float(keras.losses.sparse_categorical_crossentropy(m.y, m.z).mean())
    return m.z, m.y, {"framework": "keras", "observed": seen}


@misuse("clipped")
def keras_clip_seen_in_the_number():
    import keras

    z = torch.tensor(digits(1).z) * 8
    y = digits(1).y
    q = z.softmax(1).numpy()
    seen = float(keras.losses.sparse_categorical_crossentropy(y, q).mean())
    return q, y, {"loss": "SparseCategoricalCrossentropy", "observed": seen}


@misuse("log-as-probabilities")
def log_loss_of_log_probabilities():
    m = iris(2)
    return m.log_q, m.y, {"loss": "log_loss"}


@misuse("log-as-probabilities")
def keras_on_log_softmax():
    m = digits(1)
    return m.log_q, m.y, {"loss": "SparseCategoricalCrossentropy"}


@misuse("probabilities-as-log")
def nll_loss_of_probabilities():
    m = digits(0)
    return *tensor(m.q, m.y), {"loss": "F.nll_loss"}


@misuse("probabilities-as-log")
def nll_loss_of_probabilities_in_half_precision():
    m = digits(2)
    return torch.tensor(m.q).half(), torch.tensor(m.y), {"loss": "NLLLoss"}


@misuse("logits-as-log")
def nll_loss_of_logits():
    m = digits(1)
    return *tensor(m.z, m.y), {"loss": "nn.NLLLoss"}


@misuse("logits-as-log")
def nll_loss_of_logits_of_pictures():
    m = pictures(1)
    return *tensor(m.z, m.y), {"loss": "NLLLoss"}


@misuse("logits-as-log")
def nll_loss_of_logits_seen_in_the_number():
    m = iris(0)
    z, y = tensor(m.z, m.y)
    return z, y, {**CE, "observed": F.nll_loss(z, y)}


@misuse("probabilities-as-log")
def kl_div_of_probabilities():
    m, other = digits(0), digits(1)
    arrays = tensor(m.q, other.q)
    return *arrays, {"loss": "KLDivLoss", "reduction": "batchmean"}


@misuse("logits-as-log")
def kl_div_of_logits():
    m, other = digits(0), digits(1)
    return *tensor(m.z, other.q), {"loss": "F.kl_div", "reduction": "batchmean"}


@misuse("kl-log-target")
def kl_div_with_log_targets_unsaid():
    m, other = digits(0), digits(2)
    return *tensor(m.log_q, other.log_q), {"loss": "F.kl_div", "reduction": "batchmean"}


@misuse("kl-log-target")
def kl_div_with_log_target_and_probabilities():
    m, other = digits(0), digits(2)
    told = {"loss": "F.kl_div", "reduction": "batchmean", "log_target": True}
    return *tensor(m.log_q, other.q), told


@misuse("kl-mean")
def kl_div_with_its_default_mean():
    m, other = digits(2), digits(1)
    return *tensor(m.log_q, other.q), {"loss": "KLDivLoss"}


@misuse("kl-mean")
def kl_div_mean_seen_in_the_number():
    m, other = digits(0), digits(1)
    log_q, p = tensor(m.log_q, other.q)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = F.kl_div(log_q, p, reduction="mean")
    return log_q, p, {"loss": "KLDivLoss", "reduction": "batchmean", "observed": seen}


@misuse("rows-not-normalised")
def sigmoid_per_class_as_probabilities():
    m = digits(2)
    return m.p, m.y, {"loss": "SparseCategoricalCrossentropy"}


@misuse("hard-predictions")
def log_loss_of_predictions():
    m = iris(0)
    return one_hot(m.z.argmax(1), 3).astype(float), m.y, {"loss": "log_loss"}


@misuse("hard-predictions")
def cross_entropy_of_argmax_rows():
    m = digits(0)
    return *tensor(one_hot(m.z.argmax(1), 10), m.y), CE


@misuse("hard-predictions")
def bce_of_rounded_outputs():
    m = cancer(0)
    return *tensor(m.p.round(), m.y), BCE


@misuse("saturated")
def bce_of_a_saturated_sigmoid():
    m = cancer(1)
    p = torch.tensor(m.z * 40, dtype=torch.float32).sigmoid()
    return p, tensor(m.y), BCE


@misuse("saturated")
def softmax_that_underflows():
    z = torch.tensor(digits(0).z) * 30
    return z.softmax(1).numpy(), digits(0).y, {"loss": "SparseCategoricalCrossentropy"}


@misuse("saturated")
def softmax_that_underflows_by_hand():
    z = torch.tensor(digits(1).z) * 30
    return z.softmax(1).numpy(), digits(1).y, {"loss": "cross_entropy"}


@misuse("naive-softmax")
def a_naive_softmax_overflows():
    m = digits(2)
    z = m.z * 40
    with np.errstate(all="ignore"):
        e = np.exp(z)
        seen = -np.log(e / e.sum(1, keepdims=True))[np.arange(len(z)), m.y].mean()
    return z, m.y, {"observed": seen}


@misuse("clipped")
def bce_loss_capped_at_100_seen_in_the_number():
    m = labels_at_once(2)
    z, y = tensor(m.z * 60, m.y)
    return z, y, {**LOGITS, "observed": F.binary_cross_entropy(z.sigmoid(), y)}


@misuse("clipped")
def sklearn_clip_seen_in_the_number():
    m = iris(0)
    q = m.q.copy()
    q[0] = np.roll(one_hot(m.y[:1], 3)[0], 1)
    seen = log_loss(m.y, q)
    return q, m.y, {"loss": "log_loss", "observed": seen}


# --- shapes and axes


@misuse("single-class")
def one_output_and_a_softmax():
    m = cancer(0)
    return *tensor(m.z[:, None], np.zeros(len(m.y), int)), CE


@misuse("single-class")
def one_output_and_a_softmax_with_floating_targets():
    m = cancer(1)
    return *tensor(m.z[:, None], m.y[:, None]), CE


@misuse("binary-on-softmax")
def bce_of_a_softmax():
    m = digits(1)
    return *tensor(m.q, one_hot(m.y, 10)), BCE


@misuse("binary-on-softmax")
def keras_binary_on_a_softmax():
    m = iris(1)
    return m.q, one_hot(m.y, 3), {"loss": "BinaryCrossentropy"}


@misuse("binary-on-softmax")
def a_binary_loss_on_exclusive_classes_seen_in_the_number():
    m = iris(2)
    z, y = tensor(m.z, one_hot(m.y, 3))
    return z, y, {**CE, "observed": F.binary_cross_entropy_with_logits(z, y)}


@misuse("class-axis")
def language_model_with_classes_last():
    m, _ = language(0)
    return *tensor(m.z, m.y), CE


@misuse("class-axis")
def as_many_letters_as_classes():
    m, _ = language(1, length=28)
    v = m.z.shape[2]
    z, y = m.z.reshape(-1, v), m.y.reshape(-1)
    rows = len(z) // v
    return *tensor(z[: rows * v].reshape(rows, v, v), y[: rows * v].reshape(rows, v)), CE


@misuse("class-axis")
def pictures_with_classes_first_in_numpy():
    m = pictures(0)
    return m.z, m.y, {"framework": "keras", "loss": "softmax_cross_entropy"}


@misuse("class-axis")
def pictures_with_one_hot_targets_last():
    m = pictures(1)
    return *tensor(m.z, one_hot(m.y, 3)), CE


@misuse("broadcast")
def column_of_outputs_against_a_row():
    m = cancer(0)
    return *tensor(m.z[:, None], m.y), LOGITS


@misuse("broadcast")
def row_of_outputs_against_a_column_in_optax():
    m = cancer(2)
    return m.z, m.y[:, None], {"loss": "sigmoid_binary_cross_entropy"}


@misuse("broadcast")
def column_against_a_row_seen_in_the_number():
    m = rare(2)
    z, t = m.z[:, None].astype(float), m.y
    seen = float((np.logaddexp(0, z) - t * z).mean())
    told = {"loss": "binary_cross_entropy_with_logits", "observed": seen}
    return z, t, told


@misuse("label-column")
def a_column_of_labels():
    m = digits(0)
    return *tensor(m.z, m.y[:, None]), CE


@misuse("shape")
def another_number_of_rows():
    m = digits(1)
    return *tensor(m.z, m.y[:-1]), CE


@misuse("shape")
def two_columns_for_a_binary_loss():
    m = cancer(1)
    return *tensor(np.stack([-m.z, m.z], 1), m.y), LOGITS


@misuse("swapped")
def targets_first_in_torch():
    m = digits(0)
    return *tensor(one_hot(m.y, 10), m.z), CE


@misuse("swapped")
def labels_first():
    m = iris(1)
    return m.y, m.z, {}


@misuse("swapped")
def targets_first_in_binary_logits():
    m = cancer(0)
    return *tensor(m.y, m.z), LOGITS


@misuse("swapped")
def targets_first_in_keras():
    m = iris(2)
    return one_hot(m.y, 3), m.q, {"loss": "CategoricalCrossentropy"}


# --- targets


@misuse("integer-one-hot")
def integer_rows():
    m = digits(0)
    return *tensor(m.z, one_hot(m.y, 10).astype(int)), CE


@misuse("multi-hot")
def several_labels_and_a_softmax():
    m = labels_at_once(0)
    return *tensor(m.z, m.y), CE


@misuse("multi-hot")
def several_integer_labels_and_a_softmax():
    m = labels_at_once(2)
    return m.z, m.y.astype(int), {"framework": "jax", "loss": "optax.softmax_cross_entropy"}


@misuse("label-type")
def floating_labels():
    m = digits(1)
    return torch.tensor(m.z), torch.tensor(m.y).float(), CE


@misuse("label-type")
def labels_of_32_bits():
    m = digits(2)
    return torch.tensor(m.z), torch.tensor(m.y).int(), CE


@misuse("label-type")
def integer_targets_for_a_binary_loss():
    m = cancer(1)
    return torch.tensor(m.z), torch.tensor(m.y).long(), LOGITS


@misuse("label-type")
def labels_that_are_fractions():
    m = digits(0)
    return m.z, m.y / 9, {"framework": "keras", "loss": "softmax_cross_entropy"}


@misuse("label-range")
def a_padding_label_that_optax_does_not_know():
    m, _ = language(2)
    y = m.y.copy()
    y[:, 25:] = -100
    return m.z, y, {"loss": "optax.softmax_cross_entropy_with_integer_labels"}


@misuse("label-range")
def a_label_too_many():
    m = digits(1)
    y = m.y.copy()
    y[3] = 12
    return *tensor(m.z, y), CE


@misuse("label-range")
def minus_one_for_unknown():
    m = iris(0)
    y = m.y.copy()
    y[::10] = -1
    return *tensor(m.z, y), CE


@misuse("labels-from-one")
def labels_counted_from_one():
    m = digits(0)
    return *tensor(m.z, m.y + 1), CE


@misuse("labels-from-one")
def labels_counted_from_one_without_the_last_class():
    m = digits(1)
    keep = m.y < 9
    return *tensor(m.z[keep], m.y[keep] + 1), CE


@misuse("target-negative")
def standardised_targets():
    m = digits(2)
    t = standardised(one_hot(m.y, 10))
    return *tensor(m.z, t), CE


def standardised(rows):
    """What a scaler does to one-hot rows, if it is let loose on them."""
    return (rows - rows.mean(0)) / rows.std(0)


@misuse("target-sum")
def scores_of_a_teacher_not_normalised():
    m, teacher = digits(0), digits(1)
    return *tensor(m.z, teacher.p), CE


@misuse("target-sum")
def counts_of_votes():
    m = digits(2)
    votes = np.random.default_rng(0).multinomial(
        5, m.q.astype(float) / m.q.sum(1, dtype=float)[:, None]
    )
    return *tensor(m.z, votes.astype(np.float32)), CE


@misuse("binary-range")
def plus_and_minus_one():
    m = cancer(0)
    return *tensor(m.z, 2 * m.y - 1), LOGITS


@misuse("binary-range")
def one_and_two():
    m = rare(0)
    return m.z, m.y + 1, {"loss": "BinaryCrossentropy", "from_logits": True}


@misuse("binary-range")
def a_mask_of_255():
    m = pictures(0)
    z = m.z[:, 1] - m.z[:, 0]
    return *tensor(z, 255.0 * (m.y == 1)), LOGITS


@misuse("all-ignored")
def everything_is_padding():
    m, _ = language(0)
    return *tensor(np.moveaxis(m.z, 2, 1), np.full(m.y.shape, -100)), CE


# --- arguments


@misuse("smoothing-range")
def smoothing_in_percent():
    m = digits(0)
    told = {"loss": "CategoricalCrossentropy", "from_logits": True, "label_smoothing": 10}
    return m.z, one_hot(m.y, 10), told


@misuse("smoothing-range")
def negative_smoothing():
    m = digits(1)
    return *tensor(m.z, m.y), {**CE, "label_smoothing": -0.1}


@misuse("smoothing-large")
def smoothing_that_keeps_a_tenth():
    m = digits(2)
    return *tensor(m.z, m.y), {**CE, "label_smoothing": 0.9}


@misuse("smoothing-twice")
def smoothed_rows_smoothed_again():
    m = digits(0)
    t = 0.9 * one_hot(m.y, 10) + 0.01
    return *tensor(m.z, t), {**CE, "label_smoothing": 0.1}


@misuse("smoothing-twice")
def smoothed_binary_targets_smoothed_again():
    m = cancer(2)
    told = {"loss": "BinaryCrossentropy", "from_logits": True, "label_smoothing": 0.1}
    return m.z, 0.9 * m.y + 0.05, told


@misuse("pos-weight-inverted")
def pos_weight_upside_down():
    m = rare(0)
    weight = m.y.sum() / (1 - m.y).sum()
    return *tensor(m.z, m.y), {**LOGITS, "pos_weight": torch.tensor(weight)}


@misuse("pos-weight-inverted")
def pos_weights_of_many_labels_upside_down():
    z = np.stack([rare(s, 0.1).z for s in range(3)], 1)
    y = np.stack([rare(s, 0.1).y for s in range(3)], 1)
    return *tensor(z, y), {**LOGITS, "pos_weight": y.mean(0) / (1 - y.mean(0))}


@misuse("weight-inverted")
def class_shares_for_weights():
    m = rare_classes(0)
    return *tensor(m.z, m.y), {**CE, "weight": np.bincount(m.y) / len(m.y)}


@misuse("weight-shape")
def a_weight_for_each_row():
    m = iris(0)
    return *tensor(m.z, m.y), {**CE, "weight": np.ones(len(m.y))}


@misuse("weight-value")
def a_class_that_never_came_up():
    m = iris(1)
    return *tensor(m.z, m.y), {**CE, "weight": [1.0, np.inf, 1.0]}


@misuse("focal-alpha")
def alpha_above_one():
    m = rare(1)
    return m.z, m.y, {"loss": "sigmoid_focal_loss", "alpha": 4.0}


# --- averages, seen in the number


@misuse("weighted-mean")
def plain_mean_of_weighted_losses():
    m = rare_classes(1)
    z, y = tensor(m.z, m.y)
    w = torch.tensor([0.3, 1.7, 6.0, 25.0])
    seen = F.cross_entropy(z, y, weight=w, reduction="none").mean()
    return z, y, {**CE, "weight": w, "observed": seen}


@misuse("weighted-mean")
def weighted_mean_in_keras_terms():
    m = rare_classes(2)
    z, y = tensor(m.z, m.y)
    w = torch.tensor([0.3, 1.7, 6.0, 25.0])
    seen = F.cross_entropy(z, y, weight=w)
    told = {"loss": "SparseCategoricalCrossentropy", "from_logits": True, "weight": w.numpy()}
    return z.numpy(), y.numpy(), {**told, "observed": seen.item()}


@misuse("weight-dropped")
def weights_that_never_arrived():
    m = rare_classes(0)
    z, y = tensor(m.z, m.y)
    w = [0.3, 1.7, 6.0, 25.0]
    return z, y, {**CE, "weight": w, "observed": F.cross_entropy(z, y)}


@misuse("ignored-in-mean")
def ignored_rows_counted():
    m, _ = language(1)
    z, y = tensor(np.moveaxis(m.z, 2, 1), m.y)
    y[:, 20:] = -100
    return z, y, {**CE, "observed": F.cross_entropy(z, y, reduction="none").mean()}


@misuse("mean-of-means")
def accumulation_of_unequal_sequences():
    m, _ = language(2)
    z, y = tensor(np.moveaxis(m.z, 2, 1), m.y)
    for row, length in enumerate(range(4, 20)):
        y[row, length:] = -100
    seen = torch.stack([F.cross_entropy(a[None], b[None]) for a, b in zip(z, y, strict=True)])
    return z, y, {**CE, "observed": seen.mean()}


@misuse("mean-of-means")
def a_short_last_batch():
    m = digits(0, epochs=1)
    z, y = tensor(m.z, m.y)
    sizes = [400, 400, len(y) - 800]
    seen = [F.cross_entropy(a, b) for a, b in zip(z.split(sizes), y.split(sizes), strict=True)]
    return z, y, {**CE, "micro_batches": sizes, "observed": torch.stack(seen).mean()}


@misuse("sum-not-mean")
def a_sum_of_losses():
    m = digits(1)
    z, y = tensor(m.z, m.y)
    return z, y, {**CE, "observed": F.cross_entropy(z, y, reduction="sum")}


@misuse("bits")
def bits_for_nats():
    m = iris(0)
    seen = F.cross_entropy(*tensor(m.z, m.y)) / np.log(2)
    return m.z, m.y, {"observed": round(float(seen), 5)}


@misuse("smoothing-variant")
def smoothing_over_the_other_classes():
    m = digits(2)
    z, y = tensor(m.z, m.y)
    t = torch.full_like(z, 0.1 / 9)
    t[torch.arange(len(y)), y] = 0.9
    return z, y, {**CE, "label_smoothing": 0.1, "observed": F.cross_entropy(z, t)}


@misuse("swapped")
def swapped_distributions_seen_in_the_number():
    m, teacher = digits(0), digits(1)
    z, t = tensor(m.z, teacher.q)
    return z, t, {**CE, "observed": F.cross_entropy(t, z)}


@misuse("perplexity-base")
def perplexity_as_a_power_of_two():
    m, _ = language(0)
    nll = F.cross_entropy(*tensor(m.z.reshape(-1, m.z.shape[2]), m.y.reshape(-1)))
    return m.z, m.y, {"loss": "perplexity", "observed": 2 ** float(nll)}


@misuse("perplexity-mean")
def mean_of_perplexities():
    m, _ = language(1)
    flat = tensor(m.z.reshape(-1, m.z.shape[2]), m.y.reshape(-1))
    seen = F.cross_entropy(*flat, reduction="none").exp().mean()
    return m.z, m.y, {"loss": "perplexity", "observed": float(seen)}


@misuse("focal-weighted-pt")
def focal_loss_from_a_weighted_loss():
    m = rare_classes(0)
    z, y = tensor(m.z, m.y)
    w = torch.tensor([0.3, 1.7, 6.0, 25.0])
    ce = F.cross_entropy(z, y, weight=w, reduction="none")
    seen = ((1 - torch.exp(-ce)) ** 2 * ce).mean()
    return z, y, {"loss": "focal_loss", "alpha": w, "gamma": 2.0, "observed": seen}


@misuse("negative-loss")
def a_loss_below_zero():
    m = digits(0)
    return *tensor(m.z, m.y), {**CE, "observed": -3.21}


# --- numbers


@misuse("not-finite")
def a_model_that_diverged():
    m = digits(0)
    return *tensor(np.full_like(m.z, np.nan), m.y), CE


@misuse("not-finite")
def one_bad_input():
    m = digits(1)
    z = m.z.copy()
    z[17] = np.nan
    return *tensor(z, m.y), CE


@misuse("not-finite")
def a_bad_entry_for_a_binary_loss():
    m = cancer(0)
    z = m.z.copy()
    z[5] = np.inf
    return *tensor(z, m.y), LOGITS


@misuse("half-overflow")
def logits_beyond_half_precision():
    m = digits(2)
    with np.errstate(over="ignore"):
        z = (m.z * 9000).astype(np.float16)
    return torch.tensor(z), torch.tensor(m.y), CE


@misuse("half-mean")
def a_mean_of_too_many_in_half_precision():
    m = digits(0)
    z, y = np.tile(m.z[:800, :3], (82, 1)), np.tile(m.y[:800] % 3, 82)
    return torch.tensor(z).half(), torch.tensor(y), CE


@misuse("masked-target")
def a_target_that_is_masked():
    m, _ = language(0)
    z = m.z.copy()
    z[..., 0:2] = -np.inf
    return *tensor(np.moveaxis(z, 2, 1), m.y), CE


@misuse("masked-smoothing")
def masks_and_smoothing():
    m = digits(1)
    keep = m.y != 9
    z = m.z[keep].copy()
    z[:, 9] = -np.inf
    return *tensor(z, m.y[keep]), {**CE, "label_smoothing": 0.1}


@misuse("masked-one-hot")
def masks_and_target_rows():
    m = digits(2)
    keep = m.y != 9
    z = m.z[keep].copy()
    z[:, 9] = -np.inf
    return *tensor(z, one_hot(m.y[keep], 10)), CE


# --- what outputs and labels say together


@misuse("shift-missing")
def a_language_model_without_the_shift():
    m, here = language(0)
    return *tensor(np.moveaxis(m.z, 2, 1), here), CE


@misuse("shift-missing")
def a_language_model_without_the_shift_in_optax():
    m, here = language(1)
    return m.z, here, {"framework": "jax", "loss": "softmax_cross_entropy"}


@misuse("shift-twice")
def a_language_model_shifted_twice():
    m, _ = language(2)
    return m.z[:, :-1], m.y[:, 1:], {}


@misuse("class-order")
def columns_sorted_by_name():
    m = digits(0)
    order = np.argsort(
        ["null", "eins", "zwei", "drei", "vier", "fuenf", "sechs", "sieben", "acht", "neun"]
    )
    return m.q[:, order], m.y, {"loss": "log_loss"}


@misuse("class-order")
def spam_and_ham_exchanged():
    m = cancer(0)
    q = np.stack([1 - m.p, m.p], 1)
    return q[:, ::-1], m.y.astype(int), {"loss": "log_loss"}


@misuse("constant-predictor")
def dead_units():
    m = rare_classes(0)
    z = np.tile(np.log(np.bincount(m.y) / len(m.y)), (len(m.y), 1))
    return *tensor(z, m.y), CE


@misuse("constant-predictor")
def the_largest_class_after_a_thousand_steps():
    m = rare_classes(1)
    rng = np.random.default_rng(0)
    z = np.log(np.bincount(m.y) / len(m.y)) + 0.01 * rng.normal(size=m.z.shape)
    return *tensor(z, m.y), {**CE, "steps": 1000}


@misuse("at-chance")
def stuck_at_ln_10():
    m = digits(0, epochs=0)
    return *tensor(m.z, m.y), {**CE, "steps": 5000}


@misuse("rows-mixed")
def features_shuffled_without_their_labels():
    m = digits(1)
    order = np.random.default_rng(0).permutation(len(m.y))
    return *tensor(m.z[order], m.y), {**CE, "steps": 2000}


# --- what an attacker got past the doctor, and its neighbours


@misuse("sigmoid-twice")
def sigmoid_of_positives_alone():
    m = cancer(0)
    rows = m.y == 1
    return *tensor(m.p[rows], m.y[rows]), LOGITS


@misuse("sigmoid-twice")
def sigmoid_of_negatives_alone_in_optax():
    m = cancer(1)
    rows = m.y == 0
    return m.p[rows], m.y[rows], {"loss": "optax.sigmoid_binary_cross_entropy"}


@misuse("sigmoid-twice")
def tanh_before_binary_logits():
    m = labels_at_once(2)
    return *tensor(np.tanh(m.z), m.y), LOGITS


@misuse("sigmoid-twice")
def log_sigmoid_before_binary_logits():
    m = cancer(2)
    return F.logsigmoid(tensor(m.z)), tensor(m.y), LOGITS


@misuse("class-order")
def yes_and_no_exchanged():
    m = cancer(1)
    return *tensor(m.z, 1 - m.y), LOGITS


@misuse("class-order")
def yes_and_no_exchanged_in_one_of_five_columns():
    m = labels_at_once(1)
    y = m.y.copy()
    y[:, 2] = 1 - y[:, 2]
    return *tensor(m.p, y), BCE


@misuse("class-order")
def two_of_ten_classes_exchanged():
    m = digits(2)
    y = np.where(m.y == 3, 8, np.where(m.y == 8, 3, m.y))
    return *tensor(m.z, y), CE


@misuse("class-axis")
def as_many_rows_as_classes_and_transposed():
    m = digits(0).first(10)
    return *tensor(m.z.T, m.y), CE


@misuse("class-axis")
def transposed_with_target_rows():
    m = digits(1).first(10)
    return *tensor(m.z.T.copy(), one_hot(m.y, 10)), {**CE, "loss": "softmax_cross_entropy"}


@misuse("double-softmax")
def softmax_of_two_classes():
    m = cancer(0)
    return *tensor(np.stack([1 - m.p, m.p], 1), m.y.astype(int)), CE


@misuse("double-softmax")
def softmax_of_two_classes_that_is_too_sure():
    m = cancer(1)
    p = 1 / (1 + np.exp(-3 * m.z))
    return np.stack([1 - p, p], 1), m.y.astype(int), {}


@misuse("double-softmax")
def softmax_stored_with_three_digits():
    m = digits(1)
    return m.q.astype(float).round(3), m.y, {}


@misuse("double-softmax")
def softmax_with_an_epsilon():
    m = digits(2)
    return *tensor(m.q + 1e-5, m.y), CE


@misuse("double-softmax")
def softmax_and_then_a_temperature():
    m = digits(0)
    return *tensor(m.q / 4, m.y), CE


@misuse("double-softmax")
def softmax_in_percent():
    m, _ = language(2)
    return *tensor(100 * m.q.reshape(-1, m.q.shape[2]), m.y.reshape(-1)), CE


@misuse("sigmoid-into-softmax")
def sigmoid_of_sixteen_rows():
    m = digits(0).first(16)
    return torch.tensor(m.p).bfloat16(), torch.tensor(m.y), CE


@misuse("softmax-axis")
def softmax_over_the_letters_of_each_text():
    m, _ = language(0)
    return torch.tensor(m.z).softmax(1).flatten(0, 1), torch.tensor(m.y).flatten(), CE


@misuse("softmax-axis")
def log_softmax_over_the_batch():
    m = digits(1)
    return torch.tensor(m.z).log_softmax(0), torch.tensor(m.y), {"loss": "NLLLoss"}


@misuse("softmax-axis")
def softmax_over_the_batch_before_a_binary_loss():
    m = cancer(2)
    return torch.tensor(m.z[:, None]).softmax(0), torch.tensor(m.y[:, None]), BCE


@misuse("single-class")
def softmax_over_one_unit():
    m = cancer(0)
    return np.ones((len(m.y), 1)), m.y[:, None], {"loss": "BinaryCrossentropy"}


@misuse("pos-weight-inverted")
def pos_weight_that_is_the_share_of_the_negatives():
    m = rare(0)
    return *tensor(m.z, m.y), {**LOGITS, "pos_weight": 1 - m.y.mean()}


@misuse("half-overflow")
def logits_near_the_end_of_half_precision():
    m = digits(1)
    return torch.tensor(m.z * (50_000 / m.z.max())).half(), torch.tensor(m.y), CE


@misuse("half-overflow")
def logits_beyond_the_lower_end_of_half_precision():
    m = digits(1)
    z = torch.tensor(m.z * 8000).clamp(max=30_000).half()
    return z, z.argmax(1), CE


@misuse("half-overflow")
def a_sum_beyond_half_precision():
    m = digits(0)
    z, y = np.tile(m.z, (80, 1)), np.tile(m.y, 80)
    return torch.tensor(3 * z).half(), torch.tensor(y[::-1].copy()), {**CE, "reduction": "sum"}


@misuse("masked-target")
def a_target_masked_with_a_large_number():
    m = digits(0)
    z = torch.tensor(m.z).masked_fill(torch.arange(10) > 7, -1e9)
    return z, torch.tensor(m.y), CE


@misuse("masked-smoothing")
def masks_of_a_large_number_and_smoothing():
    m = digits(1)
    z = torch.tensor(m.z).masked_fill(torch.arange(10) > 8, -1e4)
    return z, torch.tensor(m.y).clamp(max=8), {**CE, "label_smoothing": 0.1}


@misuse("rows-mixed")
def rows_of_a_shuffled_file():
    m = digits(0)
    order = np.random.default_rng(1).permutation(len(m.y))
    return *tensor(m.z[order], m.y), CE


@misuse("rows-mixed")
def a_language_model_with_time_first():
    m, _ = language(1)
    z = np.swapaxes(m.z, 0, 1).reshape(-1, m.z.shape[2])
    return *tensor(z, m.y.reshape(-1)), CE


@misuse("class-axis")
def pictures_reshaped_in_place_of_a_moved_axis():
    m = pictures(0)
    return *tensor(m.z.reshape(-1, 3), m.y.reshape(-1)), CE


@misuse("shift-missing")
def log_probabilities_without_the_shift():
    m, here = language(0)
    return torch.tensor(m.log_q).movedim(-1, 1), torch.tensor(here), {"loss": "NLLLoss"}


@misuse("shift-missing")
def probabilities_without_the_shift_in_keras():
    m, here = language(2)
    return m.q, here, {"loss": "SparseCategoricalCrossentropy"}


@misuse("swapped")
def a_student_for_a_teacher():
    m, teacher = digits(0, hidden=()), digits(0)
    told = {"loss": "KLDivLoss", "reduction": "batchmean"}
    return *tensor(teacher.q, m.log_q), told


@misuse("clipped")
def probabilities_clipped_by_hand():
    q = torch.tensor(digits(0).z * 8).softmax(1).clamp(1e-7, 1 - 1e-7)
    return q.numpy(), digits(0).y, {"loss": "cross_entropy"}


@misuse("clipped")
def binary_probabilities_clipped_by_hand():
    m = labels_at_once(0)
    p = torch.tensor(m.z * 25).sigmoid().clamp(1e-6, 1 - 1e-6)
    return p, torch.tensor(m.y), BCE


@misuse("rows-not-normalised")
def a_sum_of_two_models():
    return digits(0).q + digits(1).q, digits(0).y, {"loss": "log_loss"}


@misuse("label-type")
def soft_targets_made_whole_numbers():
    m, teacher = digits(0), digits(1)
    return torch.tensor(m.z), torch.tensor(teacher.q).long(), CE


@misuse("at-chance")
def an_untrained_model_after_a_thousand_steps():
    m = untrained(0)
    return *tensor(m.z, m.y), {**CE, "steps": 1000}


@misuse("at-chance")
def log_probabilities_at_ln_10():
    m = digits(0, epochs=0)
    return *tensor(m.log_q, m.y), {"loss": "NLLLoss", "steps": 5000}


@misuse("hard-predictions")
def predicted_classes_in_place_of_logits():
    m = digits(0)
    return tensor(m.z).argmax(1), tensor(m.y), CE


@misuse("hard-predictions")
def predicted_classes_for_log_loss():
    m = iris(1)
    return m.z.argmax(1), m.y, {"loss": "log_loss"}


@misuse("class-order")
def the_other_column_for_log_loss():
    m = cancer(1)
    return 1 - m.p, m.y.astype(int), {"loss": "log_loss"}


@misuse("shape")
def labels_for_a_loss_that_takes_rows():
    m = digits(1)
    return m.q, m.y, {"loss": "CategoricalCrossentropy"}


@misuse("shape")
def rows_for_a_loss_that_takes_labels():
    m = digits(2)
    return torch.tensor(m.log_q), torch.tensor(one_hot(m.y, 10)), {"loss": "F.nll_loss"}


# --- no arrays at all


@misuse("empty")
def an_empty_batch():
    return torch.zeros(0, 10), torch.zeros(0, dtype=torch.long), CE


@misuse("ragged")
def sentences_of_different_length():
    return [[0.1, 2.0], [0.3]], [1, 0], {}


@misuse("not-numbers")
def names_for_labels():
    m = iris(0)
    return m.z, np.array(["setosa", "versicolor", "virginica"])[m.y], {}
