"""How the doctor weighs one story against another: in nats and bits, against outside oracles."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from scipy.special import expit
from sklearn.datasets import load_iris
from torch import nn

from xentlib.doctor import examine
from xentlib.doctor._crowd import EVEN, SMOOTH, crowded, surprise
from xentlib.doctor._facts import Facts
from xentlib.doctor._mixed import _alike

RNG = np.random.default_rng(0)
LOGITS = {"loss": "BCEWithLogitsLoss"}
CE = {"loss": "F.cross_entropy"}
LIKELY = 6.0


def found(*arrays, **told):
    """The severity of each finding."""
    return {f.code: f.severity for f in examine(*arrays, **told).findings}


def evidence(code, *arrays, **told):
    return next(f.evidence for f in examine(*arrays, **told).findings if f.code == code)


def answers(probabilities, seed=0):
    return (np.random.default_rng(seed).random(len(probabilities)) < probabilities).astype(float)


class TestSurprise:
    @pytest.mark.parametrize(("hits", "chance"), [(30, 0.1), (39, 0.5), (11, 0.25)])
    def test_it_is_a_divergence(self, hits, chance):
        share = hits / 40
        expected = 40 * stats.entropy([share, 1 - share], [chance, 1 - chance])
        assert surprise(hits, 40, chance) == pytest.approx(expected)

    def test_at_the_ends(self):
        assert surprise(4, 40, 0.1) == 0
        assert surprise(0, 0, 0.1) == 0
        assert surprise(40, 40, 0.1) == pytest.approx(40 * math.log(10))
        assert math.isfinite(surprise(40, 40, 0.0))


class TestCrowd:
    def test_what_a_sigmoid_squeezes(self):
        u = 5 * np.abs(RNG.normal(size=2000))
        assert crowded(1 - expit(u), SMOOTH) > 50

    def test_what_does_not_know_of_the_end(self):
        assert crowded(RNG.random(2000), EVEN) < 3
        assert crowded(np.abs(RNG.normal(size=2000)), EVEN) < 3
        assert crowded(1 - np.cos(RNG.random(2000)), SMOOTH) < 3

    def test_too_few_and_what_lies_on_the_end(self):
        assert crowded(np.zeros(2000), EVEN) == 0
        assert crowded(np.full(15, 1e-9), EVEN) == 0


class TestSigmoids:
    def test_the_evidence_is_a_log_likelihood_ratio(self):
        z = torch.tensor(2 * RNG.normal(size=400))
        p, t = z.sigmoid(), torch.tensor(answers(z.sigmoid().numpy()))
        as_logits = F.binary_cross_entropy_with_logits(p, t, reduction="sum")
        as_logits = min(as_logits, 400 * stats.entropy([t.mean(), 1 - t.mean()]))
        as_probabilities = F.binary_cross_entropy(p, t, reduction="sum")
        nats = evidence("sigmoid-twice", p, t, **LOGITS)["nats of evidence"]
        assert nats == pytest.approx(float(as_logits - as_probabilities) - math.log(4), abs=0.01)

    @pytest.mark.parametrize("squeeze", [expit, np.tanh, lambda z: -np.logaddexp(0, -z)])
    def test_each_squeeze_is_seen(self, squeeze):
        z = 4 * RNG.normal(size=400)
        assert found(squeeze(z), answers(expit(z)), **LOGITS)["sigmoid-twice"] != "note"

    @pytest.mark.parametrize("seed", range(40))
    def test_honest_logits_of_the_same_range_are_left_alone(self, seed):
        rng = np.random.default_rng(seed)
        for z in (rng.random(64), rng.uniform(-1, 1, 64), -np.abs(rng.normal(size=64))):
            codes = found(z, answers(expit(z), seed), **LOGITS)
            assert codes.get("sigmoid-twice", "note") == "note"

    @pytest.mark.parametrize("share", [0, 1])
    def test_one_answer_for_all(self, share):
        z = np.abs(4 * RNG.normal(size=200)) * (2 * share - 1)
        assert found(expit(z), np.full(200, share), **LOGITS) == {"sigmoid-twice": "warning"}
        few = 0.6 + 0.2 * RNG.random(8) if share else 0.2 + 0.2 * RNG.random(8)
        assert found(few, np.full(8, share), **LOGITS) == {"sigmoid-twice": "note"}

    def test_a_shrunken_model_is_no_tanh(self):
        z = 3 * RNG.normal(size=400)
        assert found(z / 12, answers(expit(z)), **LOGITS) == {}

    def test_a_model_that_is_too_sure(self):
        z = 2 * RNG.normal(size=400)
        p = expit(5 * z)
        assert found(p, answers(expit(z)), **LOGITS)["sigmoid-twice"] != "note"


class TestTwoClasses:
    def test_labels_decide_where_sums_cannot(self):
        s = RNG.random(300)
        pair = np.stack([1 - s, s], 1)
        assert found(pair, answers(s).astype(int))["double-softmax"] == "error"
        assert found(pair, answers(expit(2 * s - 1)).astype(int)) == {"double-softmax": "note"}

    def test_distributions_for_targets(self):
        s = RNG.random(300)
        t = answers(s)
        codes = found(np.stack([1 - s, s], 1), np.stack([1 - t, t], 1))
        assert codes["double-softmax"] == "error"

    def test_ignored_rows(self):
        s = torch.tensor(RNG.random(300))
        y = torch.tensor(answers(s.numpy())).long()
        y[::3] = -100
        codes = found(torch.stack([1 - s, s], 1), y, **CE)
        assert codes["double-softmax"] == "error"


class TestSimilarities:
    @pytest.mark.parametrize("order", ["batch", "other"])
    def test_a_batch_compared_with_itself_is_asked_about(self, order):
        rows = RNG.random((40, 400)) ** 30
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        z, y = rows @ rows.T, np.arange(40)
        np.fill_diagonal(z, 0.999 + 0.0009 * RNG.random(40))
        if order == "other":
            mixed = RNG.permutation(40)
            z, y = z[mixed], y[mixed]
        grave = "note" if order == "batch" else "warning"
        assert found(z, y) == {"sigmoid-into-softmax": grave}

    def test_rows_that_nearly_sum_to_one(self):
        z, y = 0.999 * np.eye(20) + 5e-5 * RNG.random((20, 20)), np.arange(20)
        assert found(z, y) == {"double-softmax": "note"}
        assert found(z[::-1], y[::-1]) == {"double-softmax": "warning"}

    def test_padding_before_the_first_row_that_counts(self):
        z = 1 / (1 + np.exp(-6 * RNG.normal(size=(150_000, 3))))
        y = z.argmax(1)
        y[:120_000] = -100
        codes = found(torch.tensor(z), torch.tensor(y), **CE)
        assert codes == {"sigmoid-into-softmax": "warning"}
        y[100_000] = 0
        codes = found(torch.tensor(z), torch.tensor(y), **CE)
        assert codes == {"sigmoid-into-softmax": "warning"}


class TestUntrained:
    @pytest.mark.parametrize("seed", range(20))
    def test_clusters_under_the_wrong_names_are_no_other_order(self, seed):
        x, y = load_iris(return_X_y=True)
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 3))
        with torch.no_grad():
            z = net(torch.tensor((x - x.mean(0)) / x.std(0)).float())
        y = torch.tensor(y)
        for codes in (
            found(z, y, **CE),
            found(z.log_softmax(1), y, loss="NLLLoss"),
            found(z, F.one_hot(y).float(), **LOGITS),
        ):
            assert set(codes.values()) <= {"note"}

    def test_another_order_of_a_trained_one_with_padding(self):
        z = 5 * RNG.normal(size=(300, 4))
        y = np.array([2, 0, 3, 1])[z.argmax(1)]
        y[:50] = -1
        codes = found(z, y, ignore_index=-1)
        assert codes["class-order"] == "warning"
        q = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        assert found(q, y, ignore_index=-1, loss="cross_entropy")["class-order"] == "warning"


class TestMixed:
    def test_how_often_each_class_is_predicted(self):
        counts, guesses = np.array([30.0, 50, 20]), np.array([28.0, 55, 17])
        facts = Facts(classes=3, rows=100, counts=counts, guesses=guesses)
        trained = stats.multinomial(100, (counts + 1) / 103).logpmf(guesses)
        any_shares = stats.dirichlet_multinomial(np.ones(3), 100).logpmf(guesses)
        assert _alike(facts) == pytest.approx(trained - any_shares)

    def test_a_model_that_names_other_classes_is_perhaps_untrained(self):
        z = 9 * RNG.normal(size=(400, 4)) + [9, 0, 0, 0]
        assert found(z, RNG.integers(0, 4, 400)) == {"rows-mixed": "note"}

    def test_padding_is_not_rearranged(self):
        z = 9 * torch.tensor(RNG.normal(size=(400, 4)))
        y = z.argmax(1).reshape(20, 20).T.reshape(-1)
        assert "column by column" in examine(z, y, **CE).findings[0].message
        y[:40] = -100
        assert "column by column" not in examine(z, y, **CE).findings[0].message


def test_exchanged_answers_must_fit_the_opposite():
    z = 3 * RNG.normal(size=300)
    t = answers(expit(z))
    told = evidence("class-order", z, 1 - t, **LOGITS)
    arrays = torch.tensor(z), torch.tensor(t)
    right = float(F.binary_cross_entropy_with_logits(*arrays))
    assert told["loss of the opposite"] == pytest.approx(right)
    guess = stats.entropy([t.mean(), 1 - t.mean()])
    assert told["loss of a guess"] == pytest.approx(float(guess))
    for healthy in (0.05 * z, 40 * np.roll(z, 1)):  # untrained, whatever it ranks
        assert found(healthy, 1 - t, **LOGITS).get("class-order") is None
    assert found(expit(z), 1 - t, loss="BCELoss")["class-order"] == "warning"
