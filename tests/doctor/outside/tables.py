"""Scikit-learn: honest probabilities into log_loss, and NumPy by hand."""

from functools import cache

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from doctor.corpus import healthy
from doctor.outside.calls import told
from xentlib.datasets import gaussian_classes, load_spambase

DATA = {"iris": load_iris, "wine": load_wine, "cancer": load_breast_cancer, "digits": load_digits}


@cache
def halves(name, seed):
    if name == "spam":
        x, y = load_spambase()[:2]
        x = np.log1p(x)
    else:
        x, y = DATA[name](return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))[:1600]
    half = len(order) // 2
    return x[order[:half]], y[order[:half]], x[order[half:]], y[order[half:]]


KINDS = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=100)),
    "forest": lambda: RandomForestClassifier(60, min_samples_leaf=3, random_state=0),
    "trees": lambda: HistGradientBoostingClassifier(max_iter=25, random_state=0),
    "bayes": GaussianNB,
    "neighbours": lambda: KNeighborsClassifier(5),
    "net": lambda: make_pipeline(StandardScaler(), MLPClassifier(16, max_iter=60, random_state=0)),
    "machine": lambda: make_pipeline(
        StandardScaler(), CalibratedClassifierCV(LinearSVC(random_state=0), cv=3)
    ),
}


@cache
def fitted(kind, name, seed=0):
    """A fitted model, and rows with labels that it has not seen."""
    import warnings

    x, y, new, truth = halves(name, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a net that could learn on
        return KINDS[kind]().fit(x, y), new, truth


def probabilities(kind, name, seed=0):
    model, new, truth = fitted(kind, name, seed)
    return model.predict_proba(new), truth


def scored(**more):
    return told("log_loss", "sklearn", **more)


@healthy
def irises_by_logistic_regression():
    return *probabilities("logistic", "iris"), scored()


@healthy
def wines_by_a_forest():
    # zeros in the rows, none of them where the truth is
    q, y = probabilities("forest", "wine")
    rows = q[np.arange(len(y)), y] > 0
    return q[rows], y[rows], scored()


@healthy
def digits_by_boosted_trees():
    return *probabilities("trees", "digits", 1), scored()


@healthy
def digits_by_a_net_of_scikit_learn():
    return *probabilities("net", "digits"), scored()


@healthy
def spam_by_a_calibrated_machine():
    return *probabilities("machine", "spam"), scored()


@healthy
def spam_by_logistic_regression_second_column():
    # log_loss takes the probability of the positive class alone, too
    q, y = probabilities("logistic", "spam", 1)
    return q[:, 1], y, scored()


@healthy
def tumours_by_logistic_regression_single_precision():
    q, y = probabilities("logistic", "cancer")
    return np.clip(q, 1e-6, 1 - 1e-6).astype(np.float32)[:, 1], y, scored()


@healthy
def four_irises():
    q, y = probabilities("machine", "iris", 1)
    return q[:4], y[:4], scored()


@healthy
def tumours_by_a_forest_what_was_seen():
    q, y = probabilities("forest", "cancer", 2)
    rows = q[np.arange(len(y)), y] > 0
    return q[rows], y[rows], scored(observed=round(log_loss(y[rows], q[rows]), 4))


@healthy
def irises_by_their_decision_function():
    model, new, y = fitted("logistic", "iris", 2)
    return model.decision_function(new), y, told("softmax_cross_entropy", "numpy")


@healthy
def tumours_by_their_decision_function():
    model, new, y = fitted("logistic", "cancer", 1)
    z = model.decision_function(new)
    return z, y.astype(float), told("binary_cross_entropy_with_logits", "numpy")


@healthy
def wines_by_hand_from_probabilities():
    return *probabilities("logistic", "wine", 1), told("cross_entropy", "numpy")


@healthy
def wines_by_hand_from_log_probabilities():
    model, new, y = fitted("logistic", "wine", 2)
    return model.predict_log_proba(new), y, told("nll", "numpy")


@healthy
def shares_of_a_crowd_by_hand():
    # targets: how twenty annotators, who follow the true posterior, vote
    draw = np.random.default_rng(0)
    means = 1.2 * np.eye(3)
    sample = gaussian_classes(400, priors=[0.5, 0.3, 0.2], means=means, rng=draw)
    q = sample.posteriors
    votes = np.array([draw.multinomial(20, row) for row in q]) / 20
    return q, votes, told("cross_entropy", "numpy")


@healthy
def the_true_posterior_of_three_clouds():
    # nobody can do better, and one in four is wrong
    means = 1.2 * np.eye(3)
    sample = gaussian_classes(
        600, priors=[0.5, 0.3, 0.2], means=means, rng=np.random.default_rng(1)
    )
    return sample.posteriors, sample.labels, scored()


@healthy
def logarithms_of_the_true_posterior_as_logits():
    means = 0.8 * np.eye(4)
    sample = gaussian_classes(300, priors=[0.25] * 4, means=means, rng=np.random.default_rng(2))
    return np.log(sample.posteriors), sample.labels, told("softmax_cross_entropy", "numpy")


@healthy
def digits_by_two_models_averaged():
    (first, y), (second, _) = probabilities("net", "digits"), probabilities("logistic", "digits")
    return (first + second) / 2, y, scored()


@healthy
def probabilities_from_a_file_with_four_decimals():
    # the rows sum to 1 within a few ten-thousandths
    q, y = probabilities("logistic", "digits")
    q = q.round(4)
    kept = q[np.arange(len(y)), y] > 0
    return q[kept], y[kept], told("cross_entropy", "numpy")
