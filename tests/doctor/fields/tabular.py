"""Calls on tables: few classes, rare positives, several labels, scikit-learn."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import dead, fraud, tags, tumours, wine
from doctor.fields.texts import counts

CE = {"loss": "nn.CrossEntropyLoss", "framework": "torch"}
BCE = {"loss": "nn.BCEWithLogitsLoss", "framework": "torch"}
SK = {"loss": "log_loss", "framework": "sklearn"}


def learned(model, load, seed=0):
    """A fitted classifier of scikit-learn, and rows and labels that it has not seen."""
    x, new, y, truth = train_test_split(*load(return_X_y=True), random_state=seed, test_size=0.4)
    scale = StandardScaler().fit(x)
    return model.fit(scale.transform(x), y), scale.transform(new), truth


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
def chances_of_fraud_for_log_loss():
    z, y = fraud(0)
    p = z.double().sigmoid().numpy()
    return np.stack([1 - p, p], 1), y.long().numpy(), SK


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
def boosted_trees_of_tumours():
    model = HistGradientBoostingClassifier(max_iter=30, early_stopping=False, random_state=0)
    model, x, y = learned(model, load_breast_cancer)
    q = model.predict_proba(x)
    return q, y, {**SK, "observed": log_loss(y, q)}


@healthy
def one_column_of_chances_for_log_loss():
    model, x, y = learned(LogisticRegression(), load_breast_cancer, 1)
    p = model.predict_proba(x)[:, 1]
    return p, y, {**SK, "observed": round(log_loss(y, p), 4)}


@healthy
def cultivars_by_name_in_sorted_columns():
    model, x, y = learned(LogisticRegression(), load_wine)
    names = np.array(["barbera", "barolo", "grignolino"])  # sorted, as log_loss sorts them
    return model.predict_proba(x), names[y], SK


@healthy
def forest_of_few_trees_and_big_leaves():
    # shares of leaves: many equal numbers, none of them 0
    model = RandomForestClassifier(10, min_samples_leaf=12, random_state=0)
    model, x, y = learned(model, load_iris)
    q = 0.99 * model.predict_proba(x) + 0.01 / 3
    return q, y, SK


@healthy
def fifteen_neighbours_with_a_pseudo_count():
    model, x, y = learned(KNeighborsClassifier(15), load_wine, 2)
    return (15 * model.predict_proba(x) + 1) / 18, y, {"loss": "cross_entropy"}


@healthy
def naive_bayes_on_words():
    x, y = counts(0)
    half = len(x) // 2
    model = MultinomialNB(alpha=1.0).fit(x[:half], y[:half])
    return model.predict_proba(x[half:]), y[half:], SK


@healthy
def decision_values_as_logits():
    model, x, y = learned(LogisticRegression(C=0.05), load_iris, 3)
    return model.decision_function(x), y, {"loss": "softmax_cross_entropy", "framework": "numpy"}


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
def log_loss_of_predicted_tumours():
    model, x, y = learned(LogisticRegression(), load_breast_cancer)
    return model.predict(x), y, SK


@misuse("hard-predictions")
def bce_of_thresholded_frauds():
    z, y = fraud(0, steps=60)
    return (z > -3).float(), y, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("class-order")
def columns_in_the_order_of_first_appearance():
    model, x, y = learned(LogisticRegression(), load_wine)
    return model.predict_proba(x)[:, [1, 2, 0]], y, SK


@misuse("class-order")
def malignant_is_one_in_one_file_and_zero_in_the_other():
    z, y = tumours(0, outputs=2)
    return z[:, [1, 0]], y, CE


@misuse("log-as-probabilities")
def log_loss_of_predict_log_proba():
    model, x, y = learned(LogisticRegression(), load_iris)
    return model.predict_log_proba(x), y, SK


@misuse("logits-as-probabilities")
def log_loss_of_decision_values_of_two_classes():
    model, x, y = learned(LogisticRegression(), load_breast_cancer)
    return model.decision_function(x), y, SK


@misuse("rows-not-normalised")
def one_against_the_rest_without_dividing_by_the_sum():
    model, x, y = learned(LogisticRegression(), load_wine)
    return 1 / (1 + np.exp(-model.decision_function(x))), y, {"loss": "cross_entropy"}


@misuse("rows-not-normalised")
def the_sum_of_two_models_in_place_of_the_mean():
    a, x, y = learned(LogisticRegression(), load_iris)
    b, _, _ = learned(LogisticRegression(C=0.05), load_iris)
    return a.predict_proba(x) + b.predict_proba(x), y, SK


@misuse("saturated")
def naive_bayes_that_is_too_sure():
    # many pixels that tell the same: a probability of 0 for classes that do come up
    model, x, y = learned(GaussianNB(), load_digits, 1)
    return model.predict_proba(x).astype(np.float32), y, SK


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
def predictions_for_y_true():
    model, x, y = learned(LogisticRegression(), load_wine)
    return np.eye(3)[y], model.predict_proba(x), SK


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


@misuse("double-softmax")
def predict_proba_into_optax():
    model, x, y = learned(LogisticRegression(), load_iris, 1)
    one_hot = np.eye(3)[y]
    told = {"loss": "optax.softmax_cross_entropy", "framework": "jax"}
    return model.predict_proba(x), one_hot, told


@misuse("constant-predictor")
def a_dead_net_that_says_the_share_of_benign():
    # its units never fire (one step too large does it): only the last bias has learned
    z, y = dead(0)
    return z, y, {**BCE, "steps": 600}


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
