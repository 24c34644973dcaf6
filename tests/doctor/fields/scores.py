"""Calls of scores: probabilities of scikit-learn's classifiers, and what is taken for them."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from doctor.corpus import healthy, misuse
from doctor.fields.nets import fraud
from doctor.fields.texts import counts

SK = {"loss": "log_loss", "framework": "sklearn"}


def learned(model, load, seed=0):
    """A fitted classifier of scikit-learn, and rows and labels that it has not seen."""
    x, new, y, truth = train_test_split(*load(return_X_y=True), random_state=seed, test_size=0.4)
    scale = StandardScaler().fit(x)
    return model.fit(scale.transform(x), y), scale.transform(new), truth


# healthy


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
def chances_of_fraud_for_log_loss():
    z, y = fraud(0)
    p = z.double().sigmoid().numpy()
    return np.stack([1 - p, p], 1), y.long().numpy(), SK


@healthy
def labels_from_one_that_log_loss_takes_for_names():
    # scikit-learn sorts whatever the labels are: 1, 2, 3 are as good as 0, 1, 2
    model, x, y = learned(LogisticRegression(), load_wine, 3)
    return model.predict_proba(x), y + 1, SK


@healthy
def plus_and_minus_one_that_log_loss_takes_for_names():
    model, x, y = learned(LogisticRegression(), load_breast_cancer, 3)
    q = model.predict_proba(x)
    return q, 2 * y - 1, {**SK, "observed": log_loss(2 * y - 1, q)}


@healthy
def probabilities_with_four_decimals_from_a_file():
    model, x, y = learned(LogisticRegression(C=0.1), load_iris, 2)
    return model.predict_proba(x).round(4), y, SK


# misused


@misuse("class-order")
def the_first_column_for_the_second():
    # log_loss wants the probability of the greater label; this is that of the lesser
    model, x, y = learned(LogisticRegression(), load_breast_cancer, 2)
    return model.predict_proba(x)[:, 0], y, SK


@misuse("rows-not-normalised")
def probabilities_in_percent():
    model, x, y = learned(LogisticRegression(), load_iris, 1)
    return 100 * model.predict_proba(x), y, SK


@misuse("hard-predictions")
def rows_that_name_the_winner():
    model, x, y = learned(LogisticRegression(C=0.02), load_iris, 2)
    return np.eye(3)[model.predict(x)], y, SK


@misuse("hard-predictions")
def log_loss_of_predicted_tumours():
    model, x, y = learned(LogisticRegression(), load_breast_cancer)
    return model.predict(x), y, SK


@misuse("class-order")
def another_columns_in_the_order_of_first_appearance():
    model, x, y = learned(LogisticRegression(), load_wine)
    return model.predict_proba(x)[:, [1, 2, 0]], y, SK


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


@misuse("swapped")
def predictions_for_y_true():
    model, x, y = learned(LogisticRegression(), load_wine)
    return np.eye(3)[y], model.predict_proba(x), SK


@misuse("double-softmax")
def predict_proba_into_optax():
    model, x, y = learned(LogisticRegression(), load_iris, 1)
    one_hot = np.eye(3)[y]
    told = {"loss": "optax.softmax_cross_entropy", "framework": "jax"}
    return model.predict_proba(x), one_hot, told


@misuse("class-order")
def cultivars_by_name_in_the_order_of_their_numbers():
    # log_loss sorts the names, and the columns stay in the order of 0, 1, 2
    model, x, y = learned(LogisticRegression(), load_wine, 1)
    names = np.array(["grignolino", "barolo", "barbera"])
    return model.predict_proba(x), names[y], SK


@misuse("log-as-probabilities")
def log_chances_of_boosted_tumours_in_keras():
    model = HistGradientBoostingClassifier(max_iter=20, early_stopping=False, random_state=1)
    model, x, y = learned(model, load_breast_cancer, 2)
    told = {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}
    return np.log(model.predict_proba(x)), y, told
