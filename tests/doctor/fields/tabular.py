"""Calls on tables: few classes, rare positives, several labels."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import dead, dense, fit, fraud, tags, tumours, wine

CE = {"loss": "nn.CrossEntropyLoss", "framework": "torch"}
BCE = {"loss": "nn.BCEWithLogitsLoss", "framework": "torch"}


# healthy


@healthy
def three_wines():
    z, y = wine(0).rows(3)
    return z, y, CE


@healthy
def wines_after_five_steps():
    z, y = wine(1, steps=5)
    return z, y, {**CE, "steps": 5}


@healthy
def tumours_by_two_logits():
    z, y = tumours(0, outputs=2)
    return z, y, {**CE, "observed": round(F.cross_entropy(z, y).item(), 4)}


@healthy
def six_tumours_by_two_logits_early():
    z, y = tumours(1, steps=10, outputs=2).rows(6)
    return z, y, CE


@healthy
def tumours_in_two_columns_of_one():
    z, y = tumours(2)
    return z[:, None], y[:, None], BCE


@healthy
def frauds_without_any_weight():
    z, y = fraud(0)
    return z, y, {**BCE, "observed": F.binary_cross_entropy_with_logits(z, y).item()}


@healthy
def frauds_learned_and_scored_with_their_weight():
    z, y = fraud(1, pos_weight=99.0)
    return z, y, {**BCE, "pos_weight": 99.0}


@healthy
def a_batch_of_64_without_a_fraud():
    z, y = fraud(2)
    rows = (y == 0).nonzero().flatten()[:64]
    return z[rows], y[rows], BCE


@healthy
def a_first_step_from_the_share_of_frauds():
    # the bias of the last layer starts at the log odds of the share, as in RetinaNet
    z, y = fraud(1, steps=0)
    return z - z.mean() + float(np.log(0.01 / 0.99)), y, {**BCE, "steps": 1}


@healthy
def twenty_tags_of_a_text():
    z, y = tags(0)
    return z, y, {**BCE, "observed": round(F.binary_cross_entropy_with_logits(z, y).item(), 4)}


@healthy
def two_texts_with_few_tags_early():
    z, y = tags(1, steps=15)
    return z[:2], y[:2], {**BCE, "steps": 15}


@healthy
def tags_with_a_weight_for_each():
    z, y = tags(0)
    weight = ((1 - y).sum(0) / y.sum(0)).clamp(max=20)
    return z, y, {**BCE, "pos_weight": weight}


@healthy
def shares_of_clicks_as_targets():
    # ten visitors each: the target is the share who clicked
    z, _ = fraud(2, steps=60)
    chance = (z[:300] + 2).sigmoid()
    clicks = torch.binomial(torch.full((300,), 10.0), chance, torch.Generator().manual_seed(2))
    return z[:300] + 2, clicks / 10, BCE


@healthy
def whole_numbers_for_a_binary_loss_in_optax():
    z, y = tumours(0)
    told = {"loss": "optax.sigmoid_binary_cross_entropy", "framework": "jax"}
    return z.numpy(), y.long().numpy(), told


# misused


@misuse("hard-predictions")
def bce_of_thresholded_frauds():
    z, y = fraud(0, steps=60)
    return (z > -3).float(), y, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("class-order")
def malignant_is_one_in_one_file_and_zero_in_the_other():
    z, y = tumours(0, outputs=2)
    return z[:, [1, 0]], y, CE


@misuse("saturated")
def a_sigmoid_in_single_precision_and_bce_loss():
    z, y = tumours(1, steps=900)
    return (4 * z).sigmoid(), y, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("single-class")
def one_output_for_tumours_and_cross_entropy():
    z, y = tumours(2)
    return z[:, None], y.long(), CE


@misuse("multi-hot")
def tags_and_a_softmax():
    z, y = tags(0)
    return z, y, CE


@misuse("broadcast")
def tumours_in_a_column_for_optax():
    z, y = tumours(0)
    return z[:32, None].numpy(), y[:32].numpy(), {"loss": "optax.sigmoid_binary_cross_entropy"}


@misuse("label-type")
def whole_numbers_for_a_binary_loss_in_torch():
    z, y = tumours(1)
    return z, y.long(), BCE


@misuse("label-type")
def labels_of_32_bits_from_pandas():
    z, y = wine(0)
    return z, y.int(), CE


@misuse("binary-range")
def hinge_labels_for_a_binary_loss():
    z, y = tumours(2)
    return z[:40], 2 * y[:40] - 1, BCE


@misuse("binary-range")
def tags_where_minus_one_means_unknown():
    z, y = tags(1)
    unknown = torch.rand(y.shape, generator=torch.Generator().manual_seed(1)) < 0.1
    return z, torch.where(unknown, -1.0, y), BCE


@misuse("swapped")
def keras_with_predictions_first():
    z, y = wine(1)
    one_hot = F.one_hot(y, 3).float()
    return (
        one_hot,
        z,
        {"loss": "CategoricalCrossentropy", "from_logits": True, "framework": "keras"},
    )


@misuse("shape")
def one_tag_was_dropped_from_the_labels():
    z, y = tags(0)
    return z, y[:, :-1], BCE


@misuse("empty")
def a_filter_that_keeps_nothing():
    z, y = fraud(0)
    rows = y > 1
    return z[rows], y[rows], BCE


@misuse("label-range")
def minus_one_from_a_failed_join():
    z, y = wine(0)
    y = y.clone()
    y[[4, 30]] = -1
    return z, y, CE


@misuse("sigmoid-twice")
def tag_probabilities_in_bfloat16():
    z, y = tags(1)
    return z[:16].sigmoid().bfloat16(), y[:16], BCE


@misuse("double-softmax")
def two_columns_of_probabilities_for_eight_tumours():
    z, y = tumours(2, outputs=2).rows(8)
    return z.softmax(-1), y, CE


@misuse("constant-predictor")
def a_dead_net_that_says_the_share_of_benign():
    # its units never fire (one step too large does it): only the last bias has learned
    z, y = dead(0)
    return z, y, {**BCE, "steps": 600}


@misuse("constant-predictor")
def features_that_were_all_zero():
    # a join that failed filled the table with zeros: only the biases could learn
    rng = np.random.default_rng(3)
    y = torch.tensor(rng.choice(4, size=800, p=[0.6, 0.25, 0.1, 0.05]))
    x = torch.zeros(800, 6)
    net = fit(dense(6, 16, 4), x, y, F.cross_entropy, steps=500, lr=0.003)
    with torch.no_grad():
        return net(x[:256]), y[:256], {**CE, "steps": 500}


# what nobody can tell


@unclear("exclusive-classes")
def one_hot_wines_and_a_binary_loss():
    # one label a row: meant as three questions, or taken for the softmax's loss?
    z, y = wine(2)
    return z, F.one_hot(y, 3).float(), BCE


@unclear("sigmoid-twice")
def chances_of_fraud_in_a_batch_without_fraud():
    # small numbers above 0 with targets of 0: weak logits, or probabilities
    z, y = fraud(1)
    rows = (y == 0).nonzero().flatten()[:12]
    return z[rows].sigmoid(), y[rows], BCE


@unclear("constant-predictor")
def labels_that_nothing_explains():
    # a regularised model learns the shares of three classes; the doctor cannot know why
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2000, 4)), rng.choice(3, size=2000, p=[0.5, 0.3, 0.2])
    model = LogisticRegression(C=1e-3).fit(x, y)
    return model.decision_function(x), y, {"loss": "softmax_cross_entropy", "steps": 400}
