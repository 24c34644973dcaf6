"""Training and evaluation against PyTorch by hand, scikit-learn, and definitions written out."""

import math
import statistics
from itertools import chain, pairwise

import numpy as np
import oracles
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, recall_score
from torch.nn import functional as F

from xentlib.datasets import gaussian_classes, gaussian_posterior
from xentlib.training import (
    evaluate,
    mlp,
    over_seeds,
    predict_logits,
    torch_focal_loss,
    train,
)

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [-1.0, 1.0], [0.5, -2.0]])
Y = np.array([0, 1, 2, 0, 1])
ONCE = {"epochs": 1, "learning_rate": 0.1, "seed": 0}


def clouds(n=300, seed=0):
    return gaussian_classes(
        n,
        priors=[0.6, 0.3, 0.1],
        means=[[0, 0], [2, 0], [0, 2]],
        rng=np.random.default_rng(seed),
    )


class TestMlp:
    def test_layers(self):
        names = [type(layer).__name__ for layer in mlp(4, 3, hidden=[8, 5], seed=0)]
        assert names == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
        assert [type(layer).__name__ for layer in mlp(4, 3, seed=0)] == ["Linear"]

    def test_shapes_and_precision(self):
        assert predict_logits(mlp(2, 3, hidden=[8], seed=0), X).shape == (5, 3)
        assert predict_logits(mlp(2, 1, hidden=[8], seed=0), X).shape == (5,)
        assert {p.dtype for p in mlp(2, 3, hidden=[8], seed=0).parameters()} == {torch.float64}

    def test_the_untrained_model_says_log_c(self):
        logits = torch.tensor(predict_logits(mlp(2, 4, hidden=[8], seed=3), X))
        assert F.cross_entropy(logits, torch.tensor(Y)).item() == pytest.approx(math.log(4))

    def test_the_seed_decides_the_weights(self):
        weights = [mlp(2, 3, hidden=[8], seed=seed)[0].weight for seed in (0, 0, 1)]
        assert torch.equal(weights[0], weights[1])
        assert not torch.equal(weights[0], weights[2])

    def test_the_global_generator_is_left_alone(self):
        before = torch.random.get_rng_state()
        mlp(2, 3, hidden=[8], seed=0)
        assert torch.equal(before, torch.random.get_rng_state())

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            ({"num_features": 0}, "num_features"),
            ({"num_outputs": 0}, "num_outputs"),
            ({"hidden": [4, 0]}, "hidden"),
            ({"seed": -1}, "seed"),
        ],
    )
    def test_sizes_that_are_too_small(self, raises_saying, arguments, name):
        with raises_saying(ValueError, name, "at least"):
            mlp(**{"num_features": 2, "num_outputs": 3, "seed": 0, **arguments})

    @pytest.mark.parametrize("seed", [1.0, True, None])
    def test_a_seed_that_is_no_integer(self, raises_saying, seed):
        with raises_saying(TypeError, "seed", repr(seed)):
            mlp(2, 3, seed=seed)


class TestTrain:
    def test_one_step_of_gradient_descent_by_hand(self):
        model = mlp(2, 3, seed=0)
        train(model, X, Y, F.cross_entropy, **ONCE, optimizer=torch.optim.SGD)
        error = np.full((5, 3), 1 / 3) - np.eye(3)[Y]
        weight, bias = (p.detach().numpy() for p in model.parameters())
        np.testing.assert_allclose(weight, -0.1 * error.T @ X / 5, rtol=1e-12)
        np.testing.assert_allclose(bias, -0.1 * error.mean(axis=0), rtol=1e-12)

    def test_the_history_is_the_loss_on_all_rows_before_and_after(self):
        model = mlp(2, 3, hidden=[4], seed=0)
        seen = []
        history = train(
            model,
            X,
            Y,
            F.cross_entropy,
            epochs=4,
            learning_rate=0.05,
            batch_size=2,
            seed=0,
            on_epoch=lambda m: seen.append(log_loss_of(m)),
        )
        assert history.shape == (5,)
        assert history.dtype == np.float64
        assert history[0] == pytest.approx(math.log(3))
        np.testing.assert_allclose(history, seen, rtol=1e-12)
        assert history[-1] == pytest.approx(log_loss_of(model))

    def test_it_finds_what_scikit_learn_finds(self):
        drawn = clouds()
        model = mlp(2, 3, seed=0)
        history = train(
            model, drawn.features, drawn.labels, F.cross_entropy,
            epochs=600, learning_rate=0.1, seed=0,
        )  # fmt: skip
        theirs = LogisticRegression(C=np.inf, tol=1e-8).fit(drawn.features, drawn.labels)
        exact = log_loss(drawn.labels, theirs.predict_proba(drawn.features))
        assert history[-1] == pytest.approx(exact, rel=1e-6)
        assert history[-1] >= exact * (1 - 1e-9)  # nothing is below the minimum

    def test_every_row_once_in_every_epoch_in_an_order_that_the_seed_decides(self):
        def batches(seed):
            drawn = []

            def loss(logits, targets):
                if logits.requires_grad:
                    drawn.append(targets.tolist())
                return F.cross_entropy(logits, targets)

            model = mlp(2, 5, seed=0)
            labels = np.arange(5)
            train(model, X, labels, loss, epochs=2, learning_rate=0.1, batch_size=2, seed=seed)
            return drawn

        first = batches(0)
        assert [len(batch) for batch in first] == [2, 2, 1, 2, 2, 1]
        assert all(sorted(chain(*epoch)) == list(range(5)) for epoch in (first[:3], first[3:]))
        assert first[:3] != first[3:]
        assert first == batches(0)
        assert first != batches(1)

    def test_a_run_repeats_exactly_whatever_ran_before(self):
        def run():
            return train(
                mlp(2, 3, hidden=[16], seed=1), X, Y, F.cross_entropy,
                epochs=5, learning_rate=0.01, batch_size=2, seed=2,
            )  # fmt: skip

        before = torch.random.get_rng_state()
        first = run()
        torch.rand(7)
        np.testing.assert_array_equal(first, run())
        torch.random.set_rng_state(before)

    def test_it_works_in_one_thread_and_gives_the_others_back(self):
        before = torch.get_num_threads()
        inside = []

        def loss(logits, targets):
            inside.append(torch.get_num_threads())
            return F.cross_entropy(logits, targets)

        try:
            torch.set_num_threads(2)
            train(mlp(2, 3, seed=0), X, Y, loss, **ONCE)
            assert (set(inside), torch.get_num_threads()) == ({1}, 2)
            with pytest.raises(ValueError, match="epochs"):
                train(mlp(2, 3, seed=0), X, Y, loss, **{**ONCE, "epochs": 0})
            assert torch.get_num_threads() == 2
        finally:
            torch.set_num_threads(before)

    def test_binary_targets_are_floats(self):
        targets = (Y == 0).astype(np.float32)
        history = train(
            mlp(2, 1, seed=0), X, targets, F.binary_cross_entropy_with_logits,
            epochs=200, learning_rate=0.5, seed=0,
        )  # fmt: skip
        assert history[0] == pytest.approx(math.log(2))
        assert history[-1] < 0.01

    def test_distributions_as_targets(self):
        one_hot = train(mlp(2, 3, seed=0), X, np.eye(3)[Y], F.cross_entropy, **ONCE)
        indices = train(mlp(2, 3, seed=0), X, Y, F.cross_entropy, **ONCE)
        np.testing.assert_allclose(one_hot, indices, rtol=1e-12)

    def test_integers_and_views_of_any_kind_are_features(self):
        expected = train(mlp(2, 3, seed=0), X[:2].round(), Y[:2], F.cross_entropy, **ONCE)
        reverse = X[:2].round().astype(int)[::-1]
        reverse.flags.writeable = False
        ours = train(
            mlp(2, 3, seed=0), reverse[::-1], Y[:2].astype(np.uint8), F.cross_entropy, **ONCE
        )
        np.testing.assert_array_equal(ours, expected)

    def test_a_single_precision_model_stays_one(self):
        model = mlp(2, 1, seed=0).float()
        history = train(model, X, Y * 0.5, F.mse_loss, **ONCE)
        assert history.dtype == np.float64
        assert {p.dtype for p in model.parameters()} == {torch.float32}
        assert predict_logits(model, X).dtype == np.float64

    def test_dropout_acts_on_steps_only(self):
        model = torch.nn.Sequential(torch.nn.Dropout(0.5), mlp(2, 3, seed=0))
        modes = []

        def loss(logits, targets):
            modes.append((model.training, logits.requires_grad))
            return F.cross_entropy(logits, targets)

        with torch.random.fork_rng(devices=[]):
            train(model, X, Y, loss, **ONCE)
        assert modes == [(False, False), (True, True), (False, False)]
        model.train()
        np.testing.assert_array_equal(predict_logits(model, X), predict_logits(model, X))

    def test_a_loss_that_breaks_is_reported_as_it_is(self):
        history = train(mlp(2, 3, seed=0), X, Y, lambda z, t: z.sum() * math.nan, **ONCE)
        assert np.isnan(history).all()

    def test_class_weights_move_the_optimum_as_the_theory_says(self):
        drawn = clouds(20_000)
        weight = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
        model = mlp(2, 3, seed=0)
        train(
            model, drawn.features, drawn.labels,
            lambda z, t: F.cross_entropy(z, t, weight),
            epochs=150, learning_rate=0.1, seed=0,
        )  # fmt: skip
        logits = predict_logits(model, drawn.features)
        ours = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        moved = np.array([0.6, 0.3, 0.1]) * weight.numpy()
        expected = gaussian_posterior(
            drawn.features, priors=moved / moved.sum(), means=[[0, 0], [2, 0], [0, 2]]
        )
        assert np.abs(ours - expected).max() < 0.1
        assert np.abs(ours - expected).mean() < 0.02 < np.abs(ours - drawn.posteriors).mean()

    @pytest.mark.parametrize(
        ("features", "parts"),
        [
            (X[:, 0], ["features", "(5,)", "(N, D)", "np.newaxis"]),
            (X[:0], ["features", "(0, 2)", "at least one row"]),
            (X / [1, 0.5] + [0, np.nan], ["features", "finite", "constant column"]),
            (X + np.inf, ["features", "finite"]),
        ],
    )
    def test_features_that_are_no_table(self, raises_saying, features, parts):
        with raises_saying(ValueError, *parts):
            train(mlp(2, 3, seed=0), features, Y, F.cross_entropy, **ONCE)
        with raises_saying(ValueError, *parts):
            predict_logits(mlp(2, 3, seed=0), features)

    @pytest.mark.parametrize("targets", [Y[:4], np.array(1), Y[np.newaxis]])
    def test_targets_for_other_rows(self, raises_saying, targets):
        with raises_saying(ValueError, "targets", str(targets.shape), "5 rows"):
            train(mlp(2, 3, seed=0), X, targets, F.cross_entropy, **ONCE)

    @pytest.mark.parametrize("targets", [Y > 0, Y.astype(str), Y.astype(object)])
    def test_targets_of_another_kind(self, raises_saying, targets):
        with raises_saying(TypeError, "targets", str(targets.dtype), ".astype(float)"):
            train(mlp(2, 3, seed=0), X, targets, F.cross_entropy, **ONCE)

    @pytest.mark.parametrize(
        ("setting", "parts"),
        [
            ({"epochs": 0}, ["epochs", "at least 1"]),
            ({"batch_size": 0}, ["batch_size", "at least 1"]),
            ({"seed": -1}, ["seed", "at least 0"]),
            ({"learning_rate": 0.0}, ["learning_rate", "above 0"]),
            ({"learning_rate": -0.1}, ["learning_rate", "-0.1"]),
            ({"learning_rate": math.inf}, ["learning_rate", "inf"]),
        ],
    )
    def test_settings_out_of_range(self, raises_saying, setting, parts):
        with raises_saying(ValueError, *parts):
            train(mlp(2, 3, seed=0), X, Y, F.cross_entropy, **{**ONCE, **setting})

    @pytest.mark.parametrize("name", ["epochs", "batch_size", "seed", "learning_rate"])
    def test_settings_of_the_wrong_type(self, raises_saying, name):
        with raises_saying(TypeError, name, "'1'"):
            train(mlp(2, 3, seed=0), X, Y, F.cross_entropy, **{**ONCE, name: "1"})

    def test_a_loss_that_is_not_reduced(self, raises_saying):
        with raises_saying(ValueError, "(5,)", "one number", "reduction"):
            train(mlp(2, 3, seed=0), X, Y, torch.nn.CrossEntropyLoss(reduction="none"), **ONCE)


class TestFocal:
    LOGITS = np.array([[2.0, 1.0, 5.0], [0.0, 0.0, 0.0], [40.0, 0.0, 1.0], [-3.0, 2.0, 0.5]])
    TARGETS = np.array([2, 1, 0, 0])

    @pytest.mark.parametrize("gamma", [0, 0.5, 1.0, 2.0, 5.0])
    @pytest.mark.parametrize("alpha", [None, [0.25, 0.5, 1.0]])
    def test_the_definition_to_many_digits(self, gamma, alpha):
        weights = None if alpha is None else torch.tensor(alpha, dtype=torch.float64)
        ours = torch_focal_loss(
            torch.tensor(self.LOGITS), torch.tensor(self.TARGETS), gamma=gamma, alpha=weights
        )
        exact = oracles.focal_loss(self.LOGITS, self.TARGETS, gamma=gamma, alpha=alpha)
        assert ours.item() == pytest.approx(float(exact), rel=1e-12)

    @pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
    def test_the_gradient(self, gamma):
        logits = torch.tensor(self.LOGITS[:2], requires_grad=True)
        targets = torch.tensor(self.TARGETS[:2])
        assert torch.autograd.gradcheck(lambda z: torch_focal_loss(z, targets, gamma=gamma), logits)

    @pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
    def test_the_gradient_is_finite_where_p_rounds_to_one(self, gamma):
        logits = torch.tensor([[40.0, 0.0], [500.0, 0.0]], requires_grad=True)
        torch_focal_loss(logits, torch.tensor([0, 0]), gamma=gamma).backward()
        assert torch.isfinite(logits.grad).all()

    def test_bad_gamma(self, raises_saying):
        with raises_saying(ValueError, "gamma", "-1"):
            torch_focal_loss(torch.zeros(1, 2), torch.tensor([0]), gamma=-1)


class TestOverSeeds:
    def test_mean_and_spread_of_numbers_and_arrays(self):
        seeds = [3, 1, 4, 5]
        result = over_seeds(lambda seed: {"a": seed**2, "b": np.array([seed, -seed])}, seeds)
        squares = [seed**2 for seed in seeds]
        assert list(result) == ["a", "b"]
        assert result["a"].values.tolist() == squares
        assert result["a"].mean == pytest.approx(statistics.mean(squares))
        assert result["a"].spread == pytest.approx(statistics.stdev(squares))
        assert result["b"].values.shape == (4, 2)
        np.testing.assert_allclose(result["b"].spread, [statistics.stdev(seeds)] * 2)

    def test_it_takes_what_evaluate_returns(self):
        result = over_seeds(lambda seed: evaluate([[0.9, 0.1], [0.2, 0.8]], [0, seed]), (0, 1))
        assert result["accuracy"].values.tolist() == [0.5, 1.0]
        assert result["per_class_recall"].values.shape == (2, 2)

    def test_infinite_losses_have_no_spread(self):
        result = over_seeds(lambda seed: {"nll": math.inf}, [0, 1])["nll"]
        assert result.mean == math.inf
        assert np.isnan(result.spread)

    @pytest.mark.parametrize("seeds", [[], [0], [1, 1]])
    def test_too_few_seeds(self, raises_saying, seeds):
        with raises_saying(ValueError, "seeds", str(seeds), "at least two"):
            over_seeds(lambda seed: {"a": 1.0}, seeds)

    def test_runs_that_measure_different_things(self, raises_saying):
        with raises_saying(ValueError, "seed 1", "['b']", "['a']"):
            over_seeds(lambda seed: {"b" if seed else "a": 1.0}, [0, 1])


def log_loss_of(model):
    logits = torch.tensor(predict_logits(model, X))
    return F.cross_entropy(logits, torch.tensor(Y)).item()


def random_probabilities(n, classes, seed):
    rng = np.random.default_rng(seed)
    q = rng.dirichlet(np.full(classes, 0.7), size=n) + 1e-6
    return q / q.sum(axis=1, keepdims=True), np.r_[
        np.arange(classes), rng.integers(classes, size=n)
    ][:n]


def ece_by_definition(q, labels, bins=15):
    """Guo et al. 2017, equation 3, bin by bin."""
    total = 0.0
    edges = np.linspace(0, 1, bins + 1)
    for low, high in pairwise(edges):
        rows = [i for i in range(len(q)) if low < max(q[i]) <= high]
        if rows:
            accuracy = statistics.mean(float(np.argmax(q[i]) == labels[i]) for i in rows)
            confidence = statistics.mean(float(max(q[i])) for i in rows)
            total += len(rows) / len(q) * abs(accuracy - confidence)
    return total


class TestEvaluate:
    @given(classes=st.integers(2, 6), seed=st.integers(0, 50))
    def test_against_scikit_learn_and_the_definition(self, classes, seed):
        q, labels = random_probabilities(60, classes, seed)
        ours = evaluate(q, labels)
        known = range(classes)
        assert ours["accuracy"] == pytest.approx(accuracy_score(labels, q.argmax(axis=1)))
        assert ours["nll"] == pytest.approx(log_loss(labels, q, labels=known))
        assert ours["brier"] == pytest.approx(
            brier_score_loss(labels, q, labels=known, scale_by_half=False)
            if classes > 2
            else 2 * brier_score_loss(labels, q[:, 1])
        )
        np.testing.assert_allclose(
            ours["per_class_recall"], recall_score(labels, q.argmax(axis=1), average=None)
        )
        assert ours["ece"] == pytest.approx(ece_by_definition(q, labels))

    def test_a_perfect_prediction(self):
        ours = evaluate(np.eye(3), [0, 1, 2])
        assert ours["per_class_recall"].tolist() == [1, 1, 1]
        assert [ours[name] for name in ("accuracy", "nll", "brier", "ece")] == [1, 0, 0, 0]

    def test_certain_and_wrong_costs_infinitely_much(self):
        ours = evaluate([[1.0, 0.0], [1.0, 0.0]], [0, 1])
        assert ours["nll"] == math.inf
        assert (ours["brier"], ours["ece"], ours["accuracy"]) == (1.0, 0.5, 0.5)

    def test_the_coin_flip(self):
        ours = evaluate(np.full((10, 2), 0.5), [0, 1] * 5)
        assert ours["nll"] == pytest.approx(math.log(2))
        assert (ours["accuracy"], ours["brier"], ours["ece"]) == (0.5, 0.5, 0.0)

    def test_errors_of_opposite_sign_do_not_cancel_between_bins(self):
        q = np.array([[0.95, 0.05]] * 2 + [[0.55, 0.45]] * 2)
        ours = evaluate(q, [0, 1, 0, 0])  # gaps -0.45 and +0.45, in two bins
        assert ours["ece"] == pytest.approx(0.45)

    def test_true_posteriors_are_calibrated_and_nothing_scores_better(self):
        drawn = clouds(20_000)
        true = evaluate(drawn.posteriors, drawn.labels)
        sharp = drawn.posteriors**2
        overconfident = evaluate(sharp / sharp.sum(axis=1, keepdims=True), drawn.labels)
        assert true["ece"] < 0.012 < 0.03 < overconfident["ece"]
        assert true["accuracy"] == overconfident["accuracy"]
        assert true["nll"] < overconfident["nll"]
        assert true["brier"] < overconfident["brier"]

    def test_an_absent_class_has_no_recall(self):
        recall = evaluate([[0.2, 0.3, 0.5]], [2])["per_class_recall"]
        np.testing.assert_array_equal(recall, [np.nan, np.nan, 1.0])

    def test_nan_in_nan_out(self):
        ours = evaluate([[np.nan, np.nan], [0.9, 0.1]], [1, 0])
        assert all(np.isnan(ours[name]) for name in ("accuracy", "nll", "brier", "ece"))
        np.testing.assert_array_equal(ours["per_class_recall"], [1.0, np.nan])

    def test_a_bin_includes_its_upper_edge(self):
        q = np.array([[0.8, 0.2], [0.79, 0.21]])  # both in (11/15, 12/15]
        assert evaluate(q, [0, 1])["ece"] == pytest.approx((0.79 - 0.2) / 2)

    def test_rounding_above_one_belongs_to_the_last_bin(self):
        q = np.array([[1 + 5e-7, 0], [0.95, 0.05]])
        assert evaluate(q, [1, 0])["ece"] == pytest.approx((1 - 0.05) / 2)

    def test_half_precision_probabilities(self):
        q = random_probabilities(20, 10, seed=0)[0].astype(np.float16)
        assert np.abs(q.sum(axis=1, dtype=float) - 1).max() > 1e-5
        assert 0 < evaluate(q, np.arange(20) % 10)["nll"] < math.inf

    def test_single_precision_probabilities(self):
        q = np.array([[0.1, 0.9], [0.7, 0.3]], dtype=np.float32)
        assert evaluate(q, [1, 0])["nll"] == pytest.approx(log_loss([1, 0], q), rel=1e-6)

    @pytest.mark.parametrize(
        ("probabilities", "labels", "parts"),
        [
            ([0.9, 0.2], [1, 0], ["probabilities", "(2,)", "(N, C)", "column_stack"]),
            (np.ones((0, 2)), np.ones(0, int), ["probabilities", "(0, 2)", "at least one row"]),
            ([[2.0, -1.0]], [0], ["-1", "logits"]),
            ([[0.5, 0.6]], [0], ["sums to 1.1"]),
            ([[0.5, 0.5]], [2], ["labels", "2", "from 0 to 1"]),
            ([[0.5, 0.5]], [[0]], ["labels", "(1, 1)", "(1,)"]),
            ([[0.5, 0.5]], [0, 1], ["labels", "(2,)", "one for each row"]),
        ],
    )
    def test_bad_values(self, raises_saying, probabilities, labels, parts):
        with raises_saying(ValueError, *parts):
            evaluate(probabilities, labels)

    def test_bad_types(self, raises_saying):
        with raises_saying(TypeError, "labels", "integers"):
            evaluate([[0.5, 0.5]], [1.0])
        with raises_saying(TypeError, "probabilities", "real numbers"):
            evaluate([["a", "b"]], [1])
