"""Right calls that look like wrong ones. Nothing graver than a note may be found."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss

from doctor.corpus import healthy
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


def rng(seed=0):
    return np.random.default_rng(seed)


# --- trained and untrained models


@healthy
def trained_digits():
    m = digits(0)
    return *tensor(m.z, m.y), CE


@healthy
def trained_digits_with_the_number():
    m = digits(1)
    z, y = tensor(m.z, m.y)
    return z, y, {**CE, "observed": F.cross_entropy(z, y)}


@healthy
def trained_digits_in_bfloat16():
    m = digits(2)
    return torch.tensor(m.z).bfloat16(), torch.tensor(m.y), CE


@healthy
def trained_digits_in_half_precision_with_the_number():
    m = digits(0)
    z, y = torch.tensor(m.z).half(), torch.tensor(m.y)
    return z, y, {**CE, "observed": float(F.cross_entropy(z.float(), y))}


@healthy
def a_linear_model():
    m = digits(0, hidden=())
    return *tensor(m.z, m.y), CE


@healthy
def an_early_model():
    m = digits(2, epochs=1)
    return *tensor(m.z, m.y), CE


@healthy
def an_untrained_model():
    m = untrained(0)
    return *tensor(m.z, m.y), CE


@healthy
def another_untrained_model():
    m = untrained(1)
    return *tensor(m.z, m.y), {**CE, "observed": F.cross_entropy(*tensor(m.z, m.y))}


@healthy
def an_untrained_model_with_large_weights():
    m = untrained(2, scale=60.0)
    return *tensor(m.z, m.y), CE


@healthy
def an_untrained_model_of_zeros():
    m = digits(1, epochs=0)
    return *tensor(m.z, m.y), CE


@healthy
def a_model_that_has_overfitted():
    m = digits(0, epochs=150, rows=120)
    return *tensor(m.z * 4, m.y), CE


@healthy
def an_overfitted_model_after_many_steps():
    m = digits(1, epochs=150, rows=120)
    return *tensor(m.z * 3, m.y), {**CE, "steps": 10_000}


@healthy
def a_certain_model():
    m = digits(2)
    right = m.z.argmax(1) == m.y
    return *tensor(m.z[right] * 100, m.y[right]), CE


@healthy
def iris_in_double():
    m = iris(0)
    return m.z, m.y, {}


@healthy
def iris_with_four_digits():
    m = iris(1)
    seen = round(log_loss(m.y, m.q), 4)
    return m.z, m.y, {"observed": seen}


@healthy
def labels_that_are_noise():
    m = digits(0, hidden=())
    y = rng(1).integers(0, 10, len(m.y))
    return *tensor(m.z * 0.2, y), CE


@healthy
def a_fresh_model_with_the_class_shares_in_its_bias():
    m = rare_classes(0)
    z = np.log([0.8, 0.15, 0.04, 0.01]) + 0.01 * rng(2).normal(size=m.z.shape)
    return *tensor(z, m.y), CE


# --- tiny batches


@healthy
def one_row():
    return [[2.0, 1.0, 5.0]], [2], {}


@healthy
def one_row_of_small_logits():
    return [[0.3, 0.1, 0.4]], [0], {}


@healthy
def one_row_in_torch():
    m = digits(1).first(1)
    return *tensor(m.z, m.y), CE


@healthy
def two_rows_all_labels_equal():
    m = digits(0)
    rows = np.flatnonzero(m.y == 3)[:2]
    return *tensor(m.z[rows], m.y[rows]), CE


@healthy
def three_rows_in_the_unit_interval():
    return [[0.2, 0.9, 0.4], [0.5, 0.1, 0.7], [0.3, 0.3, 0.8]], [1, 2, 2], {}


@healthy
def one_unbatched_row():
    z, y = torch.tensor([0.5, -1.0, 2.0]), torch.tensor(2)
    return z, y, CE


@healthy
def two_logits_that_happen_to_lie_between_0_and_1():
    return [0.3, 0.8], [0.0, 1.0], {"loss": "binary_cross_entropy_with_logits"}


@healthy
def eight_logits_of_a_weak_model_between_0_and_1():
    z = rng(3).uniform(0.1, 0.9, 8)
    y = (rng(4).random(8) < 1 / (1 + np.exp(-z))).astype(float)
    return z, y, {"loss": "binary_cross_entropy_with_logits"}


@healthy
def one_binary_row():
    return torch.tensor([[0.7]]), torch.tensor([[1.0]]), LOGITS


@healthy
def four_rows_all_positive():
    m = cancer(1)
    rows = np.flatnonzero(m.y == 1)[:4]
    return *tensor(m.z[rows], m.y[rows]), LOGITS


# --- logits that look like probabilities


@healthy
def many_binary_logits_between_0_and_1():
    z = rng(5).uniform(0, 1, 400)
    y = (rng(6).random(400) < 1 / (1 + np.exp(-z))).astype(float)
    return z, y, {"loss": "binary_cross_entropy_with_logits"}


@healthy
def more_binary_logits_between_0_and_1():
    z = rng(7).beta(2, 2, 2000).astype(np.float32)
    y = (rng(8).random(2000) < 1 / (1 + np.exp(-z))).astype(float)
    return *tensor(z, y), LOGITS


@healthy
def shrunken_logits_of_a_regularised_model():
    m = cancer(0)
    return *tensor(0.05 * m.z, m.y), LOGITS


@healthy
def positive_logits_of_untrained_units():
    z = np.abs(rng(9).normal(size=128)) * 0.2
    y = (rng(10).random(128) < 0.5).astype(float)
    return *tensor(z, y), LOGITS


@healthy
def logits_after_relu():
    m = digits(1)
    return *tensor(np.maximum(m.z, 0), m.y), CE


@healthy
def cosine_similarities():
    m = digits(0)
    z = m.z / np.linalg.norm(m.z, axis=1, keepdims=True)
    return *tensor(z, m.y), CE


@healthy
def cosine_similarities_with_a_temperature():
    m = digits(2)
    z = 20 * m.z / np.linalg.norm(m.z, axis=1, keepdims=True)
    return *tensor(z, m.y), CE


@healthy
def normalised_scores_between_0_and_1():
    m = digits(1)
    low, high = m.z.min(1, keepdims=True), m.z.max(1, keepdims=True)
    return *tensor(0.49 * (m.z - low) / (high - low), m.y), CE


@healthy
def logits_that_sum_to_one():
    z = digits(0).z
    z = z - z.mean(1, keepdims=True) + 0.1
    return *tensor(z, digits(0).y), CE


@healthy
def integer_logits_of_votes():
    m = digits(2)
    votes = np.round(m.z).astype(int)
    return votes, m.y, {}


@healthy
def log_probabilities_as_logits():
    m = digits(1)
    return *tensor(m.log_q, m.y), CE


@healthy
def log_probabilities_with_the_number():
    m = iris(2)
    seen = F.cross_entropy(*tensor(m.z, m.y))
    return *tensor(m.log_q, m.y), {**CE, "observed": seen}


@healthy
def logits_that_are_all_negative():
    m = digits(0)
    return *tensor(m.z - m.z.max() - 1, m.y), CE


@healthy
def large_logits():
    m = digits(1)
    return *tensor(m.z + 5000, m.y), CE


# --- probabilities that look like logits, or are not quite normalised


@healthy
def probabilities_for_keras():
    m = digits(0)
    return m.q, m.y, {"loss": "SparseCategoricalCrossentropy"}


@healthy
def probabilities_for_sklearn():
    m = iris(1)
    return m.q, m.y, {"loss": "log_loss", "observed": log_loss(m.y, m.q)}


@healthy
def probabilities_in_half_precision():
    m = digits(2, epochs=1)
    return m.q.astype(np.float16), m.y, {"loss": "SparseCategoricalCrossentropy"}


@healthy
def probabilities_rounded_to_three_digits():
    m = digits(1, epochs=1)
    q = np.maximum(m.q.astype(float).round(3), 0.001)
    return q, m.y, {"loss": "cross_entropy"}


@healthy
def probabilities_from_an_ensemble():
    q = (digits(0).q + digits(0, hidden=()).q) / 2
    return q, digits(0).y, {"loss": "cross_entropy"}


@healthy
def log_probabilities_for_nll():
    m = digits(2)
    return *tensor(m.log_q, m.y), {"loss": "NLLLoss"}


@healthy
def log_probabilities_of_pictures_for_nll():
    m = pictures(0)
    return torch.tensor(m.z).log_softmax(1), torch.tensor(m.y), {"loss": "F.nll_loss"}


@healthy
def log_probabilities_in_half_precision():
    m = digits(0, epochs=1)
    return torch.tensor(m.log_q).half(), torch.tensor(m.y), {"loss": "NLLLoss"}


@healthy
def binary_probabilities():
    m = cancer(2)
    return *tensor(m.p, m.y), BCE


@healthy
def binary_probabilities_for_keras_in_a_column():
    m = cancer(0)
    return m.p[:, None], m.y, {"loss": "BinaryCrossentropy"}


@healthy
def random_forest_with_laplace():
    m = iris(2)
    q = (np.round(50 * m.q) + 1) / (np.round(50 * m.q) + 1).sum(1, keepdims=True)
    return q, m.y, {"loss": "log_loss"}


@healthy
def right_answers_that_saturate():
    m = cancer(1)
    right = (m.z > 0) == (m.y > 0.5)
    p = torch.tensor(m.z[right] * 40).float().sigmoid()
    p[0] = 0.5
    return p, tensor(m.y[right]), BCE


# --- soft targets


@healthy
def one_hot_rows():
    m = digits(0)
    return *tensor(m.z, one_hot(m.y, 10)), CE


@healthy
def mixup():
    m = digits(1)
    share = rng(11).beta(0.4, 0.4, (len(m.y), 1))
    t = share * one_hot(m.y, 10) + (1 - share) * one_hot(m.y[::-1], 10)
    return *tensor(m.z, t), CE


@healthy
def mixup_with_smoothing():
    m = digits(2)
    share = rng(12).beta(0.4, 0.4, (len(m.y), 1))
    t = share * one_hot(m.y, 10) + (1 - share) * one_hot(m.y[::-1], 10)
    return *tensor(m.z, t), {**CE, "label_smoothing": 0.1}


@healthy
def smoothed_rows():
    m = digits(0)
    return *tensor(m.z, 0.9 * one_hot(m.y, 10) + 0.01), CE


@healthy
def smoothing_by_the_call():
    m = digits(1)
    z, y = tensor(m.z, m.y)
    told = {**CE, "label_smoothing": 0.1}
    return z, y, {**told, "observed": F.cross_entropy(z, y, label_smoothing=0.1)}


@healthy
def distillation():
    m, teacher = digits(0, hidden=()), digits(0)
    return *tensor(m.z, teacher.q), CE


@healthy
def distillation_with_smoothing():
    m, teacher = digits(1, hidden=()), digits(1)
    return *tensor(m.z, teacher.q), {**CE, "label_smoothing": 0.05}


@healthy
def distillation_by_divergence():
    m, teacher = digits(2, hidden=()), digits(2)
    log_q, p = tensor(m.log_q, teacher.q)
    told = {"loss": "KLDivLoss", "reduction": "batchmean"}
    return log_q, p, {**told, "observed": F.kl_div(log_q, p, reduction="batchmean")}


@healthy
def distillation_by_divergence_of_logarithms():
    m, teacher = digits(0, hidden=()), digits(0)
    told = {"loss": "KLDivLoss", "reduction": "batchmean", "log_target": True}
    return *tensor(m.log_q, teacher.log_q), told


@healthy
def votes_of_annotators():
    m = digits(1)
    q = m.q.astype(float) / m.q.sum(1, dtype=float)[:, None]
    votes = rng(13).multinomial(5, q) / 5
    return *tensor(m.z, votes), CE


@healthy
def integer_rows_in_optax():
    m = digits(2)
    return m.z, one_hot(m.y, 10).astype(int), {"loss": "optax.softmax_cross_entropy"}


@healthy
def integer_rows_in_keras():
    m = digits(0)
    told = {"loss": "CategoricalCrossentropy", "from_logits": True}
    return m.z, one_hot(m.y, 10).astype(int), told


@healthy
def floating_labels_in_keras():
    m = digits(1)
    told = {"loss": "SparseCategoricalCrossentropy", "from_logits": True}
    return m.z, m.y[:, None].astype(np.float32), told


@healthy
def labels_of_8_bits():
    m = digits(2)
    return torch.tensor(m.z), torch.tensor(m.y).to(torch.uint8), CE


@healthy
def soft_binary_targets():
    m, teacher = cancer(0), cancer(0)
    return *tensor(m.z, teacher.p), LOGITS


@healthy
def smoothed_binary_targets():
    m = cancer(2)
    return m.z, 0.9 * m.y + 0.05, {"loss": "BinaryCrossentropy", "from_logits": True}


# --- several labels, imbalance, weights


@healthy
def several_labels():
    m = labels_at_once(0)
    return *tensor(m.z, m.y), LOGITS


@healthy
def several_labels_with_the_number():
    m = labels_at_once(1)
    z, y = tensor(m.z, m.y)
    return z, y, {**LOGITS, "observed": F.binary_cross_entropy_with_logits(z, y)}


@healthy
def several_labels_as_probabilities():
    m = labels_at_once(2)
    return *tensor(m.p, m.y), BCE


@healthy
def one_against_the_rest():
    m = digits(0)
    return *tensor(m.z, one_hot(m.y, 10)), LOGITS


@healthy
def rare_positives():
    m = rare(0)
    return *tensor(m.z, m.y), LOGITS


@healthy
def rare_positives_as_probabilities():
    m = rare(1)
    return *tensor(m.p, m.y), BCE


@healthy
def rare_positives_weighed():
    m = rare(2)
    weight = (1 - m.y).sum() / m.y.sum()
    z, y = tensor(m.z, m.y)
    told = {**LOGITS, "pos_weight": torch.tensor([weight]).float()}
    seen = F.binary_cross_entropy_with_logits(z, y, pos_weight=told["pos_weight"])
    return z, y, {**told, "observed": seen}


@healthy
def positives_weighed_down_on_purpose():
    m = cancer(0)
    return *tensor(m.z, m.y), {**LOGITS, "pos_weight": 0.5}


@healthy
def no_positive_in_the_batch():
    m = rare(0)
    rows = np.flatnonzero(m.y == 0)[:64]
    return *tensor(m.z[rows], m.y[rows]), LOGITS


@healthy
def rare_classes_unweighted():
    m = rare_classes(1)
    return *tensor(m.z, m.y), {**CE, "steps": 2000}


@healthy
def rare_classes_weighted():
    m = rare_classes(2)
    z, y = tensor(m.z, m.y)
    w = torch.tensor(1 / np.bincount(m.y)).float()
    return z, y, {**CE, "weight": w, "observed": F.cross_entropy(z, y, weight=w)}


@healthy
def weights_of_balanced_classes():
    m = digits(2)
    return *tensor(m.z, m.y), {**CE, "weight": np.linspace(0.5, 2, 10)}


@healthy
def weighted_and_smoothed_with_the_number():
    m = rare_classes(0)
    z, y = tensor(m.z, m.y)
    w = torch.tensor([0.3, 1.7, 6.0, 25.0])
    seen = F.cross_entropy(z, y, weight=w, label_smoothing=0.1)
    return z, y, {**CE, "weight": w, "label_smoothing": 0.1, "observed": seen}


@healthy
def all_labels_equal_by_chance():
    m = rare_classes(1)
    rows = np.flatnonzero(m.y == 0)[:32]
    return *tensor(m.z[rows], m.y[rows]), CE


@healthy
def class_zero_absent_by_chance():
    m = digits(1)
    rows = np.flatnonzero(m.y > 0)[:40]
    return *tensor(m.z[rows], m.y[rows]), CE


@healthy
def focal_loss_of_rare_classes():
    m = rare_classes(2)
    return m.z, m.y, {"loss": "focal_loss", "gamma": 2.0, "alpha": 1 / np.bincount(m.y)}


@healthy
def sigmoid_focal_loss_of_rare_positives():
    m = rare(1)
    return *tensor(m.z, m.y), {"loss": "sigmoid_focal_loss", "alpha": 0.25, "gamma": 2.0}


@healthy
def focal_loss_with_gamma_zero():
    m = iris(1)
    return m.z, m.y, {"loss": "focal_loss", "gamma": 0}


# --- pictures and language


@healthy
def maps_of_pictures():
    m = pictures(0)
    return *tensor(m.z, m.y), CE


@healthy
def maps_as_wide_as_classes():
    m = pictures(1)
    return *tensor(m.z[:, :, :3, :3], m.y[:, :3, :3]), CE


@healthy
def maps_with_classes_last():
    m = pictures(2)
    return np.moveaxis(m.z, 1, -1), m.y, {"framework": "keras", "loss": "softmax_cross_entropy"}


@healthy
def maps_with_a_void_class():
    m = pictures(0)
    y = m.y.copy()
    y[:, 0] = 255
    return *tensor(m.z, y), {**CE, "ignore_index": 255}


@healthy
def binary_maps():
    m = pictures(1)
    return *tensor(m.z[:, 1:2] - m.z[:, :1], (m.y == 1)[:, None].astype(float)), LOGITS


@healthy
def a_language_model():
    m, _ = language(0)
    return *tensor(np.moveaxis(m.z, 2, 1), m.y), CE


@healthy
def a_language_model_flattened():
    m, _ = language(1)
    return *tensor(m.z.reshape(-1, m.z.shape[2]), m.y.reshape(-1)), CE


@healthy
def a_language_model_with_a_prompt_ignored():
    m, _ = language(2)
    y = m.y.copy()
    y[:, :30] = -100
    z, y = tensor(np.moveaxis(m.z, 2, 1), y)
    return z, y, {**CE, "observed": F.cross_entropy(z, y)}


@healthy
def a_language_model_that_repeats_itself():
    m, _ = language(0)
    y = np.repeat(m.y[:, ::4], 4, axis=1)
    z = 3 * one_hot(y, m.z.shape[2]) + 0.3 * m.z
    return z, y, {}


@healthy
def perplexity_of_a_language_model():
    m, _ = language(1)
    nll = F.cross_entropy(*tensor(m.z.reshape(-1, m.z.shape[2]), m.y.reshape(-1)))
    return m.z, m.y, {"loss": "perplexity", "observed": round(float(nll.exp()), 2)}


@healthy
def a_padding_id_that_is_a_class():
    m, _ = language(2)
    y = m.y.copy()
    y[:, 28:] = 0
    return *tensor(np.moveaxis(m.z, 2, 1), y), {**CE, "ignore_index": 0}


@healthy
def as_many_letters_as_classes_in_order():
    m, _ = language(0, length=28)
    v = m.z.shape[2]
    z, y = m.z.reshape(-1, v), m.y.reshape(-1)
    rows = len(z) // v
    z = z[: rows * v].reshape(rows, v, v)
    return *tensor(np.moveaxis(z, 2, 1), y[: rows * v].reshape(rows, v)), CE


# --- masks and numbers


@healthy
def masked_classes():
    m = digits(0)
    keep = m.y != 9
    z = m.z[keep].copy()
    z[:, 9] = -np.inf
    return *tensor(z, m.y[keep]), CE


@healthy
def masked_classes_with_a_finite_number():
    m = digits(1)
    keep = m.y != 9
    z = m.z[keep].copy()
    z[:, 9] = -1e4
    return *tensor(z, m.y[keep]), {**CE, "label_smoothing": 0.0}


@healthy
def a_hopeless_row_without_underflow():
    m = digits(2)
    z = m.z.copy()
    z[0] = 0
    z[0, (m.y[0] + 1) % 10] = 300
    z, y = tensor(z, m.y)
    return z, y, {**CE, "observed": F.cross_entropy(z, y)}


@healthy
def padding_rows_of_nonsense_that_are_ignored():
    m = digits(0)
    z, y = m.z.copy(), m.y.copy()
    z[:50], y[:50] = np.nan, -100
    return *tensor(z, y), CE


@healthy
def a_sum_that_was_asked_for():
    m = digits(1)
    z, y = tensor(m.z, m.y)
    seen = F.cross_entropy(z, y, reduction="sum")
    return z, y, {**CE, "reduction": "sum", "observed": seen}


@healthy
def accumulation_of_equal_batches():
    m = digits(2, epochs=1)
    z, y = tensor(m.z[:800], m.y[:800])
    seen = torch.stack(
        [F.cross_entropy(z[i : i + 200], y[i : i + 200]) for i in range(0, 800, 200)]
    )
    return z, y, {**CE, "micro_batches": [200] * 4, "observed": seen.mean()}


@healthy
def jax_arrays():
    import jax.numpy as jnp

    m = digits(0)
    return jnp.asarray(m.z), jnp.asarray(m.y), {}


@healthy
def a_loss_with_a_penalty_on_the_weights():
    m = digits(2)
    z, y = tensor(m.z, m.y)
    return z, y, {**CE, "observed": float(F.cross_entropy(z, y)) + 0.01234567}


# --- what an attacker made the doctor cry at, and its neighbours


def similar(seed, rows=32):
    """Cosines, from 0 to 1, of what two models see in the same digits."""
    a, b = digits(seed).q[:rows], digits(seed, epochs=1).q[:rows]
    a, b = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    return a @ b.T


@healthy
def similarities_within_a_batch():
    return *tensor(similar(0), np.arange(32)), CE


@healthy
def similarities_within_a_batch_that_is_one_of_two():
    z = np.concatenate([similar(0), similar(1)], axis=1)
    return *tensor(z, 32 + np.arange(32)), CE


@healthy
def similarities_within_a_batch_by_pairs():
    return *tensor(similar(1), np.eye(32)), LOGITS


@healthy
def two_logits_that_sum_to_one():
    s = rng(21).uniform(0, 1, 200)
    y = (rng(22).random(200) < 1 / (1 + np.exp(1 - 2 * s))).astype(int)
    return *tensor(np.stack([1 - s, s], 1), y), CE


@healthy
def the_score_of_a_baseline():
    y = np.where(rng(23).random(40) < 0.8, 1, -1)
    return np.tile([np.mean(y < 0), np.mean(y > 0)], (40, 1)), y, {"loss": "log_loss"}


@healthy
def a_layer_of_zeros_under_a_mask():
    m = digits(0, epochs=0).first(64)
    z = torch.tensor(m.z).masked_fill(torch.arange(10) > 7, -1e9)
    return z, torch.tensor(m.y).clamp(max=7), CE


@healthy
def a_generator_that_does_not_fool_anybody():
    m = cancer(0)
    z = m.z[m.y == 0]
    return *tensor(z, np.ones(len(z))), LOGITS


@healthy
def an_untrained_model_with_a_question_per_class():
    m = untrained(0)
    return *tensor(m.z, one_hot(m.y, 10)), LOGITS


@healthy
def an_untrained_model_of_large_weights_with_a_question_per_class():
    m = untrained(1, scale=30.0)
    return *tensor(m.z, one_hot(m.y, 10)), LOGITS


@healthy
def binary_logits_after_a_rectifier():
    m = labels_at_once(0)
    return *tensor(np.maximum(0.9 * m.z / m.z.max(), 0), m.y), LOGITS


@healthy
def one_masked_word_of_a_text():
    m, _ = language(0)
    y = np.where(np.arange(512) % 128 == 5, m.y.reshape(-1), -100)
    return *tensor(m.z.reshape(512, -1), y), CE


@healthy
def another_class_masked_in_each_row():
    m = digits(2)
    z = m.z.copy()
    z[np.arange(len(z)), (m.y + 1) % 10] = -1e9
    return *tensor(z, m.y), CE


@healthy
def very_large_logits_and_smoothing():
    m = digits(0)
    return *tensor(200 * m.z, m.y), {**CE, "label_smoothing": 0.1}


@healthy
def a_pos_weight_of_one():
    m = rare(1)
    return *tensor(m.z, m.y), {**LOGITS, "pos_weight": 1.0}


@healthy
def eighty_thousand_rows_in_bfloat16():
    m = digits(1)
    z, y = np.tile(m.z, (90, 1)), np.tile(m.y, 90)
    return torch.tensor(z).bfloat16(), torch.tensor(y), CE


@healthy
def probabilities_so_sure_that_they_round_to_one():
    m = cancer(0)
    p = torch.tensor(3 * m.z).float().sigmoid()
    return p, tensor(m.y), BCE


@healthy
def votes_of_as_many_trees():
    m = digits(1)
    q = m.q.astype(float) / m.q.sum(1, dtype=float)[:, None]
    return rng(24).multinomial(25, q).astype(float), m.y, {}


@healthy
def columns_that_sum_to_whole_numbers():
    return [[2.0, 1.0], [0.0, 1.0]], [0, 1], {}


@healthy
def clicks_that_are_hard_to_predict():
    x = rng(25).normal(size=(4000, 5))
    z = x @ [0.3, 0.2, -0.2, 0.1, 0.1] - 3.4
    y = (rng(26).random(4000) < 1 / (1 + np.exp(-z))).astype(float)
    return *tensor(z, y), {**LOGITS, "steps": 20_000}


@healthy
def clicks_that_are_hard_to_predict_as_probabilities():
    z, y, told = clicks_that_are_hard_to_predict()
    return z.sigmoid(), y, {**told, **BCE}


@healthy
def classes_that_are_hard_to_predict():
    z = 0.25 * rng(27).normal(size=(4000, 3)) + [2, 0, 0]
    y = tensor(z).softmax(1).multinomial(1, generator=torch.Generator().manual_seed(0))[:, 0]
    return tensor(z), y, {**CE, "steps": 5000}


@healthy
def a_queue_of_negatives():
    z = similar(2, 64)[:, :33] / 0.07
    z[:, 0] = similar(2, 64).diagonal() / 0.07
    return tensor(z), torch.zeros(64).long(), CE


@healthy
def neighbours_that_vote():
    from sklearn.datasets import load_wine
    from sklearn.neighbors import KNeighborsClassifier

    x, y = load_wine(return_X_y=True)
    q = KNeighborsClassifier(25).fit(x[::2], y[::2]).predict_proba(x[1::2])
    return (q + 0.02) / 1.06, y[1::2], {"loss": "log_loss"}
