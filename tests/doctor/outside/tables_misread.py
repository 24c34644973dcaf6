"""Scikit-learn: what else its models give, into log_loss, and NumPy by hand."""

import numpy as np
from sklearn.metrics import log_loss

from doctor.corpus import misuse, unclear
from doctor.outside.calls import told
from doctor.outside.tables import fitted, halves, probabilities, scored


@misuse("hard-predictions")
def predict_into_log_loss():
    model, new, y = fitted("logistic", "cancer", 2)
    return model.predict(new).astype(float), y, scored()


@misuse("hard-predictions")
def predict_as_one_hot_into_log_loss():
    model, new, y = fitted("logistic", "digits")
    return np.eye(10)[model.predict(new)], y, scored()


@misuse("logits-as-probabilities")
def decision_function_into_log_loss():
    model, new, y = fitted("logistic", "wine")
    return model.decision_function(new), y, scored()


@misuse("logits-as-probabilities")
def decision_function_of_two_classes_into_log_loss():
    model, new, y = fitted("logistic", "spam")
    return model.decision_function(new)[:50], y[:50], scored()


@misuse("log-as-probabilities", "logits-as-probabilities")
def predict_log_proba_into_log_loss():
    model, new, y = fitted("logistic", "iris", 1)
    return model.predict_log_proba(new), y, scored()


@misuse("log-as-probabilities", "logits-as-probabilities")
def logarithms_by_hand_logged_again():
    model, new, y = fitted("net", "digits")
    return model.predict_log_proba(new)[:100], y[:100], told("cross_entropy", "numpy")


@misuse("class-order")
def columns_in_the_order_of_first_appearance():
    q, y = probabilities("logistic", "digits", 2)
    return q[:, [7, 2, 0, 9, 1, 4, 3, 8, 6, 5]], y, scored()


@misuse("class-order")
def malignant_and_benign_the_other_way_round():
    q, y = probabilities("logistic", "cancer")
    return q[:, ::-1], y, scored()


@misuse("class-order")
def the_first_column_for_the_positives():
    q, y = probabilities("machine", "spam")
    return q[:, 0], y, scored()


@misuse("saturated", "clipped")
def naive_bayes_that_is_certain_and_wrong():
    q, y = probabilities("bayes", "digits")
    return q, y, scored(observed=log_loss(y, q))


@misuse("saturated", "clipped")
def five_neighbours_of_one_mind_and_wrong():
    q, y = probabilities("neighbours", "wine", 1)
    return q, y, scored(observed=round(log_loss(y, q), 4))


@misuse("rows-not-normalised")
def one_against_the_rest_not_normalised():
    model, new, y = fitted("logistic", "wine", 3)
    q = 1 / (1 + np.exp(-model.decision_function(new)))
    return q, y, told("cross_entropy", "numpy")


@misuse("rows-not-normalised")
def two_models_added_and_not_averaged():
    (first, y), (second, _) = probabilities("net", "digits"), probabilities("logistic", "digits")
    return first + second, y, told("cross_entropy", "numpy")


@misuse("rows-not-normalised")
def a_class_dropped_from_the_probabilities():
    # the rows of class 9 are gone, its column too, and nobody divided again
    q, y = probabilities("net", "digits")
    return q[y < 9, :9], y[y < 9], scored()


@misuse("labels-from-one", "class-order")
def grades_counted_from_one():
    # the highest class was not in this part of the data: no error comes up
    model, new, y = fitted("logistic", "digits", 1)
    kept = y < 9
    return model.decision_function(new)[kept], y[kept] + 1, told("softmax_cross_entropy", "numpy")


@misuse("labels-from-one", "label-range")
def wines_counted_from_one():
    q, y = probabilities("logistic", "wine")
    return q, y + 1, told("cross_entropy", "numpy")


@misuse("rows-mixed")
def labels_before_the_shuffle():
    q, y = probabilities("logistic", "digits", 1)
    return q, y[np.random.default_rng(0).permutation(len(y))], scored()


@misuse("rows-mixed")
def labels_one_row_late():
    q, y = probabilities("machine", "iris")
    return q, np.roll(y, 1), scored()


@misuse("swapped")
def log_loss_with_the_prediction_first():
    # by position: log_loss(probabilities, labels)
    q, y = probabilities("logistic", "spam")
    return y.astype(float), q[:, 1], scored()


@misuse("empty")
def a_filter_that_keeps_no_row():
    q, y = probabilities("logistic", "iris")
    return q[y > 5], y[y > 5], scored()


@misuse("ragged")
def lines_of_different_lengths():
    q, _ = probabilities("logistic", "iris")
    return q[:4], [[0, 1], [2], [1, 1, 0], [2]], told("cross_entropy", "numpy")


@misuse("not-numbers")
def probabilities_as_text():
    q, y = probabilities("logistic", "iris")
    return q.astype(str).astype(object), y, told("cross_entropy", "numpy")


@misuse("shape")
def fewer_labels_than_rows():
    q, y = probabilities("logistic", "wine")
    return q, y[:-1], scored()


@unclear("constant-predictor")
def the_same_row_for_everyone():
    # the labels' own shares: a baseline on purpose, or a model that sees nothing?
    y = halves("digits", 1)[3]
    return np.tile(np.bincount(y) / len(y), (len(y), 1)), y, scored()
