"""A number that was seen is named for the call that gives it."""

import math
import tracemalloc

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss

from xentlib import binary_cross_entropy_with_logits as bce
from xentlib import focal_loss, pitfalls, sigmoid_focal_loss, softmax, softmax_cross_entropy
from xentlib.doctor import _case, _explain, _facts, _match, _rowwise, examine
from xentlib.doctor._arrays import look
from xentlib.doctor._digits import tolerance
from xentlib.doctor._shapes import settle

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(30, 4)) * 2
Y = np.where(RNG.random(30) < 0.6, Z.argmax(1), RNG.integers(0, 4, 30))
Q = softmax(Z)
SOFT = softmax(RNG.normal(size=(30, 4)))
W = np.array([1.0, 2.0, 0.5, 3.0])
B = RNG.normal(size=(30, 3)) * 2
T = (B + RNG.normal(size=(30, 3)) > 0).astype(float)
TB, TT = torch.tensor(B), torch.tensor(T)
P = TB.sigmoid()
PROBS = P.numpy()
BINARY = "binary_cross_entropy_with_logits"


def named(seen, outputs, targets, **told):
    """The codes that the number gave rise to."""
    report = examine(outputs, targets, observed=seen, **told)
    return [f.code for f in report.findings if "reproduced" in f.evidence]


def right(seen, outputs, targets, **told):
    report = examine(outputs, targets, observed=seen, **told)
    assert any("is what the right call gives" in line for line in report.checked), report
    assert report.value == pytest.approx(float(seen), rel=1e-6)
    return report


class TestRightCalls:
    @pytest.mark.parametrize(
        "told",
        [
            {},
            {"weight": W},
            {"label_smoothing": 0.2},
            {"weight": W, "label_smoothing": 0.2},
            {"reduction": "sum", "weight": W},
        ],
    )
    @pytest.mark.parametrize("targets", [Y, SOFT], ids=["labels", "rows"])
    def test_cross_entropy(self, targets, told):
        t = {k: torch.tensor(v) if k == "weight" else v for k, v in told.items()}
        seen = F.cross_entropy(torch.tensor(Z), torch.tensor(targets), **t)
        right(seen.item(), torch.tensor(Z), torch.tensor(targets), **told)
        right(softmax_cross_entropy(Z, targets, **told), Z, targets, **told)

    def test_others(self):
        z, y = torch.tensor(Z), torch.tensor(Y)
        right(log_loss(Y, Q), Q, Y, loss="log_loss")
        right(F.nll_loss(z.log_softmax(1), y).item(), z.log_softmax(1), y, loss="nll")
        right(
            F.kl_div(z.log_softmax(1), torch.tensor(SOFT), reduction="batchmean").item(),
            z.log_softmax(1),
            SOFT,
            loss="kl_div",
            reduction="batchmean",
        )
        right(
            F.kl_div(z.log_softmax(1), torch.tensor(SOFT), reduction="sum").item(),
            z.log_softmax(1),
            SOFT,
            loss="kl_div",
            reduction="sum",
        )
        right(focal_loss(Z, Y, gamma=1.5, alpha=W), Z, Y, loss="focal_loss", gamma=1.5, alpha=W)
        right(focal_loss(Z, Y, reduction="sum"), Z, Y, loss="focal_loss", reduction="sum")
        right(math.exp(softmax_cross_entropy(Z, Y)), Z, Y, loss="perplexity")

    @pytest.mark.parametrize(
        "told",
        [
            {},
            {"pos_weight": 3.0},
            {"pos_weight": W[:3]},
            {"label_smoothing": 0.1},
            {"reduction": "sum"},
        ],
    )
    def test_binary(self, told):
        right(bce(B, T, **told), B, T, loss=BINARY, **told)
        if not told:
            right(F.binary_cross_entropy(P, TT).item(), P, TT, loss="BCELoss")
        if told.keys() <= {"reduction"}:
            seen = sigmoid_focal_loss(B, T, alpha=0.25, **told)
            right(seen, B, T, loss="sigmoid_focal_loss", alpha=0.25, **told)
            seen = sigmoid_focal_loss(B, T, gamma=1.0, **told)
            right(seen, B, T, loss="sigmoid_focal_loss", gamma=1.0, **told)

    def test_an_alpha_for_each_column(self):
        z, t = B.reshape(-1, 3), T.reshape(-1, 3)
        alpha = np.array([0.25, 0.5, 0.75])
        nll = F.binary_cross_entropy_with_logits(*map(torch.tensor, (z, t)), reduction="none")
        losses = (alpha * t + (1 - alpha) * (1 - t)) * (1 - np.exp(-nll.numpy())) ** 2 * nll.numpy()
        right(losses.mean(), z, t, loss="sigmoid_focal_loss", alpha=alpha)

    def test_keras_divides_by_rows(self):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        seen = float(loss(Y, Z, sample_weight=W[Y]))
        right(
            np.float32(seen), Z, Y, loss="SparseCategoricalCrossentropy", from_logits=True, weight=W
        )


class TestMisuses:
    @pytest.mark.parametrize(
        ("code", "seen", "told"),
        [
            ("double-softmax", pitfalls.cross_entropy_of_softmax_output(Z, Y), {}),
            (
                "weighted-mean",
                pitfalls.mean_without_weight_normalisation(Z, Y, weight=W),
                {"weight": W},
            ),
            ("weight-dropped", softmax_cross_entropy(Z, Y), {"weight": W}),
            ("sum-not-mean", softmax_cross_entropy(Z, Y), {"reduction": "sum"}),
            ("sum-not-mean", softmax_cross_entropy(Z, Y, reduction="sum"), {}),
            ("bits", softmax_cross_entropy(Z, Y) / math.log(2), {}),
            ("perplexity-for-loss", math.exp(softmax_cross_entropy(Z, Y)), {}),
            ("class-mean", softmax_cross_entropy(Z, Y) / 4, {}),
            ("smoothing-dropped", softmax_cross_entropy(Z, Y), {"label_smoothing": 0.1}),
            ("logits-as-log", -Z[np.arange(30), Y].mean(), {}),
            ("probabilities-as-log", -Q[np.arange(30), Y].mean(), {}),
            (
                "focal-weighted-pt",
                pitfalls.focal_loss_from_weighted_cross_entropy(Z, Y, weight=W),
                {"loss": "focal_loss", "alpha": W},
            ),
            ("focal-alpha", focal_loss(Z, Y), {"loss": "focal_loss", "alpha": W}),
            ("focal-gamma", softmax_cross_entropy(Z, Y), {"loss": "focal_loss"}),
            ("sum-not-mean", focal_loss(Z, Y, reduction="sum"), {"loss": "focal_loss"}),
            ("perplexity-base", 2 ** softmax_cross_entropy(Z, Y), {"loss": "perplexity"}),
            ("perplexity-for-loss", softmax_cross_entropy(Z, Y), {"loss": "perplexity"}),
        ],
    )
    def test_over_classes(self, code, seen, told):
        assert named(seen, Z, Y, **told) == [code]

    def test_rows_as_targets(self):
        swapped = -(Z * np.log(softmax(SOFT))).sum(1).mean()
        assert named(swapped, Z, SOFT) == ["swapped"]
        weighted = softmax_cross_entropy(Z, SOFT, weight=W, reduction="sum")
        assert named(weighted / (SOFT * W).sum(), Z, SOFT, weight=W) == ["weighted-mean"]

    def test_weights_of_nothing(self):
        z = np.array([[2.0, 1.0], [1.0, 0.0]])
        report = examine(z, [0, 0], weight=[0.0, 1.0], observed=1.2345)
        assert report.codes == ("weight-value", "unexplained")

    def test_labels_one_off(self):
        low = np.minimum(Y, 2)
        assert named(softmax_cross_entropy(Z, low + 1), Z, low) == ["labels-from-one"]

    def test_means_of_means(self):
        nll = softmax_cross_entropy(Z, Y, reduction="none")
        seen = pitfalls.mean_of_batch_means([nll[:20], nll[20:]])
        assert named(seen, Z, Y, micro_batches=[20, 10]) == ["mean-of-means"]
        z, y = Z.reshape(2, 15, 4), Y.reshape(2, 15).copy()
        y[0, 3:] = -1
        means = [softmax_cross_entropy(z[i], y[i], ignore_index=-1) for i in range(2)]
        assert named(np.mean(means), z, y, ignore_index=-1) == ["mean-of-means"]
        seen = np.exp(np.mean(means))
        assert named(seen, z, y, ignore_index=-1, loss="perplexity") == ["mean-of-means"]

    def test_means_of_parts_that_are_longer_than_a_block(self, monkeypatch):
        monkeypatch.setattr(_rowwise, "ENTRIES", 4 * 4)
        y = Y.copy()
        y[11:17] = -1  # all of a block
        y[0] = -1
        nll = softmax_cross_entropy(Z, y, ignore_index=-1, reduction="none")
        seen = np.mean([nll[1:20].sum() / 13, nll[20:].mean()])
        told = {"ignore_index": -1, "micro_batches": [20, 10]}
        assert named(seen, Z, y, **told) == ["mean-of-means"]

    def test_class_weights_in_keras(self):
        told = {"loss": "SparseCategoricalCrossentropy", "from_logits": True, "weight": W}
        assert named(softmax_cross_entropy(Z, Y, weight=W), Z, Y, **told) == ["weighted-mean"]

    def test_masked_classes_cost_nothing(self):
        z, t = Z.copy(), SOFT.copy()
        z[:, 0], t[:, 0] = -np.inf, 0
        t /= t.sum(axis=1, keepdims=True)
        right(softmax_cross_entropy(z, t, weight=W), z, t, weight=W)

    def test_a_naive_softmax(self):
        y = Z.argmax(1)
        seen = -pitfalls.log_softmax_without_shift(900 * Z)[np.arange(30), y].mean()
        assert math.isnan(seen) or math.isinf(seen)
        report = examine(900 * Z, y, observed=math.nan)
        assert report.findings[0].code == "naive-softmax"
        assert report.findings[0].evidence["observed"] == "nan"

    def test_the_logarithm_of_a_softmax(self):
        z = torch.tensor(60 * Z).float()
        y = z.argmin(1)
        seen = F.nll_loss(z.softmax(1).log(), y)
        assert seen == math.inf
        (finding,) = [f for f in examine(z, y, observed=seen).findings if "inf" in f.message]
        assert finding.code == "naive-softmax"

    def test_a_count_that_overflows(self):
        z, y = np.tile(Z, (2300, 1)).astype(np.float16), np.tile(Y, 2300)
        assert "half-mean" in named(0.0, z, y)

    def test_divergences(self):
        log_q = torch.tensor(Z).log_softmax(1).numpy()
        told = {"loss": "kl_div", "reduction": "batchmean"}
        total = (SOFT * (np.log(SOFT) - log_q)).sum()
        assert named(total / 120, log_q, SOFT, **told) == ["kl-mean"]
        assert named(total, log_q, SOFT, **told) == ["sum-not-mean"]
        assert named(total / 30 / math.log(2), log_q, SOFT, **told) == ["bits"]
        wrong = (SOFT * (np.log(SOFT) - np.exp(log_q))).sum() / 30
        assert named(wrong, log_q, SOFT, **told) == ["probabilities-as-log"]

    def test_clips(self):
        q = softmax(30 * Z)
        seen = pitfalls.cross_entropy_with_clipping(q, Y)
        assert named(seen, q, Y, loss="cross_entropy") == ["clipped"]
        seen = pitfalls.cross_entropy_with_epsilon(q, Y)
        assert named(seen, q, Y, loss="cross_entropy") == ["clipped"]

    def test_binary(self):
        def codes(seen, outputs=B, targets=T, **told):
            return named(float(seen), outputs, targets, **{"loss": BINARY, **told})

        assert codes(bce(P.numpy(), T)) == ["sigmoid-twice"]
        assert codes(bce(B, T, reduction="sum")) == ["sum-not-mean"]
        assert codes(bce(B, T), reduction="sum") == ["sum-not-mean"]
        assert codes(bce(B, T) * 3) == ["class-mean"]
        assert codes(bce(B, T) / math.log(2)) == ["bits"]
        assert codes(bce(B, T), pos_weight=3.0) == ["weight-dropped"]
        assert codes(bce(B, T, pos_weight=1 / 3), pos_weight=3.0) == ["pos-weight-inverted"]
        mean = bce(B, T, pos_weight=3.0, reduction="sum") / (3 * T + 1 - T).sum()
        assert codes(mean, pos_weight=3.0) == ["weighted-mean"]
        assert codes(bce(B, T), label_smoothing=0.1) == ["smoothing-dropped"]
        big = torch.tensor(40 * B).float()
        assert codes(F.binary_cross_entropy(big.sigmoid(), TT.float()), 40 * B) == ["clipped"]
        seen = pitfalls.binary_cross_entropy_of_sigmoid(big.numpy(), T)
        assert codes(seen, big.numpy()) == ["naive-softmax"]
        one = (B[:, :1], T[:, 0])
        table = (np.logaddexp(0, one[0]) - one[0] * one[1]).mean()
        assert codes(table, *one)[0] == "broadcast"

    def test_binary_probabilities(self):
        def codes(seen, outputs=PROBS, targets=T, **told):
            return named(float(seen), outputs, targets, **{"loss": "binary_cross_entropy", **told})

        assert codes(bce(P.numpy(), T)) == ["sigmoid-twice"]
        right = F.binary_cross_entropy(P, TT)
        assert codes(right, label_smoothing=0.1) == ["smoothing-dropped"]
        p, t = P.numpy()[:, :1], T[:, 0]
        table = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()
        assert codes(table, p, t)[0] == "broadcast"
        hard = (40 * TB).sigmoid().float()
        assert "clipped" in codes(F.binary_cross_entropy(hard, TT.float()), hard.numpy())

    def test_focal_loss_of_yes_and_no(self):
        def codes(seen, **told):
            return named(float(seen), B, T, **{"loss": "sigmoid_focal_loss", **told})

        assert codes(sigmoid_focal_loss(B, T, alpha=0.75), alpha=0.25) == ["focal-alpha"]
        assert codes(sigmoid_focal_loss(B, T), alpha=0.25) == ["focal-alpha"]
        assert codes(sigmoid_focal_loss(B, T, gamma=0, alpha=0.25), alpha=0.25) == ["focal-gamma"]
        assert codes(sigmoid_focal_loss(P.numpy(), T)) == ["sigmoid-twice"]
        assert codes(sigmoid_focal_loss(B, T), reduction="sum") == ["sum-not-mean"]
        ce = bce(B, T, reduction="none") * (0.25 * T + 0.75 * (1 - T))
        assert codes(((1 - np.exp(-ce)) ** 2 * ce).mean(), alpha=0.25) == ["focal-weighted-pt"]


ZT, YT, WT, ST, QT = (torch.tensor(x) for x in (Z, Y, W, SOFT, Q))
IGNORED = torch.where(torch.arange(30) % 3 == 0, -100, YT)
SEQUENCES, LABELS = ZT.reshape(5, 6, 4).movedim(2, 1), IGNORED.reshape(5, 6)


class TestTogether:
    """Two causes at once, each number from PyTorch."""

    @pytest.mark.parametrize(
        ("codes", "seen", "told"),
        [
            (
                ("double-softmax", "sum-not-mean"),
                F.cross_entropy(QT, YT, reduction="sum"),
                {},
            ),
            (
                ("double-softmax", "sum-not-mean"),
                F.cross_entropy(QT, YT),
                {"reduction": "sum"},
            ),
            (("double-softmax", "class-mean"), F.cross_entropy(QT, YT) / 4, {}),
            (
                ("double-softmax", "weight-dropped"),
                F.cross_entropy(QT, YT),
                {"weight": WT},
            ),
            (
                ("double-softmax", "weighted-mean"),
                F.cross_entropy(QT, YT, WT, reduction="sum") / 30,
                {"weight": WT},
            ),
            (
                ("double-softmax", "smoothing-dropped"),
                F.cross_entropy(QT, YT),
                {"label_smoothing": 0.1},
            ),
            (
                ("weight-dropped", "sum-not-mean"),
                F.cross_entropy(ZT, YT, reduction="sum"),
                {"weight": WT},
            ),
            (
                ("smoothing-dropped", "sum-not-mean"),
                F.cross_entropy(ZT, YT, reduction="sum"),
                {"label_smoothing": 0.1},
            ),
            (
                ("probabilities-as-log", "sum-not-mean"),
                F.nll_loss(QT, YT, reduction="sum"),
                {},
            ),
        ],
    )
    def test_over_classes(self, codes, seen, told):
        assert set(named(seen.item(), ZT, YT, **told)) == set(codes)
        report = examine(ZT, YT, observed=seen.item(), **told)
        assert ", together with " in report.findings[0].message
        assert [f.severity for f in report.findings] == ["warning", "note"]

    @pytest.mark.parametrize(
        "told", [{"weight": WT}, {"label_smoothing": 0.1}, {"reduction": "sum"}]
    )
    def test_a_second_softmax_in_the_same_call(self, told):
        assert named(F.cross_entropy(QT, YT, **told).item(), ZT, YT, **told) == ["double-softmax"]

    def test_ignored_rows(self):
        twice = F.cross_entropy(QT, IGNORED, reduction="sum") / 30
        assert named(twice.item(), ZT, IGNORED) == ["double-softmax", "ignored-in-mean"]
        cells = F.cross_entropy(ZT, IGNORED, reduction="sum") / 120
        assert named(cells.item(), ZT, IGNORED) == ["ignored-in-mean", "class-mean"]
        rows = F.cross_entropy(ZT, IGNORED, reduction="none").mean()
        assert named(rows.item(), ZT, IGNORED) == ["ignored-in-mean"]

    def test_tokens_divided_by_sequences(self):
        seen = F.cross_entropy(SEQUENCES, LABELS, reduction="sum") / 5
        report = examine(SEQUENCES, LABELS, observed=seen.item())
        assert report.findings[0].code == "sum-not-mean"
        assert "divided by the length of the first axis" in report.findings[0].message

    def test_steps_of_accumulation(self):
        parts = [F.cross_entropy(ZT[i:j], YT[i:j]) for i, j in ((0, 15), (15, 22), (22, 30))]
        mean = sum(parts) / 3
        for seen, words in ((mean / 3, "once more"), (sum(parts), "not divided by their number")):
            report = examine(ZT, YT, observed=seen.item(), micro_batches=[15, 7, 8])
            assert report.findings[0].code == "mean-of-means"
            assert words in report.findings[0].message
        for seen in (F.cross_entropy(ZT, YT) / 3, 3 * F.cross_entropy(ZT, YT)):
            assert named(seen.item(), ZT, YT, micro_batches=[15, 7, 8]) == ["mean-of-means"]

    def test_other_kinds(self):
        def focal(nll):
            return (1 - torch.exp(-nll)) ** 2 * nll

        def codes(seen, *arrays, **told):
            return set(named(seen.item(), *arrays, **told))

        twice, both = F.cross_entropy(QT, YT, reduction="none"), {"sum-not-mean"}
        seen = focal(twice)
        assert codes(seen.sum(), ZT, YT, loss="focal_loss") == both | {"double-softmax"}
        told = {"loss": "focal_loss", "reduction": "sum"}
        assert codes(seen.sum(), ZT, YT, **told) == {"double-softmax"}
        assert codes(seen.mean(), ZT, YT, **told) == both | {"double-softmax"}
        logs = ZT.log_softmax(1)
        seen = F.kl_div(logs.exp(), ST, reduction="sum")
        for told in ("sum", "batchmean"):
            found = codes(seen, logs, ST, loss="kl_div", reduction=told)
            assert found == {"probabilities-as-log"} | (both if told == "batchmean" else set())

    def test_yes_and_no(self):
        def codes(seen, **told):
            return named(seen.item(), TB, TT, **{"loss": BINARY, **told})

        def loss(*more, **told):
            return F.binary_cross_entropy_with_logits(P, TT, *more, **told)

        several = torch.tensor(W[:3])
        assert codes(loss(reduction="sum")) == ["sigmoid-twice", "sum-not-mean"]
        assert codes(loss(), reduction="sum") == ["sigmoid-twice", "sum-not-mean"]
        assert codes(loss(reduction="sum"), reduction="sum") == ["sigmoid-twice"]
        one = named(
            F.binary_cross_entropy_with_logits(P[:, 0], TT[:, 0], reduction="sum").item(),
            TB[:, 0],
            TT[:, 0],
            loss=BINARY,
        )
        assert one == ["sigmoid-twice", "sum-not-mean"]
        assert codes(loss() * 3) == ["sigmoid-twice", "class-mean"]
        assert codes(loss(), pos_weight=several) == ["sigmoid-twice", "weight-dropped"]
        assert codes(loss(), weight=several) == ["sigmoid-twice", "weight-dropped"]
        assert codes(loss(several), weight=several) == ["sigmoid-twice"]
        assert codes(loss(pos_weight=several), pos_weight=several) == ["sigmoid-twice"]

    def test_an_accident_must_be_unlikely(self):
        seen = F.cross_entropy(QT, YT, reduction="sum").item()
        assert "double-softmax" in named(round(seen, 3), Z, Y)  # five digits
        assert named(round(seen, 1), Z, Y) == []
        half = F.cross_entropy(ZT.half().softmax(1), YT, reduction="sum").item()
        assert named(half, ZT.half(), YT) == []
        assert named(math.inf, Z, Y) == []

    def test_accidents_are_as_rare_as_that(self):
        """Of numbers that mean nothing hardly any is explained."""
        rng = np.random.default_rng(1)
        numbers = rng.uniform(0.2, 60, 400)
        told = {"weight": W, "label_smoothing": 0.1, "micro_batches": [20, 10]}
        assert sum(bool(named(x, Z.astype(np.float32), Y, **told)) for x in numbers) <= 1
        assert sum(bool(named(round(x, 3), Z, Y, **told)) for x in numbers) <= 4


class TestTrainedModels:
    """Losses near 0 keep few digits in single precision, and none but these may be used."""

    @pytest.mark.parametrize("sure", [5, 8, 12, 16])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    def test_no_misuse_is_seen_in_rounding(self, sure, dtype):
        for seed in range(200):
            generator = torch.Generator().manual_seed(seed)
            rows, classes = (1, 8, 64)[seed % 3], (2, 10)[seed % 2]
            y = torch.randint(0, classes, (rows,), generator=generator)
            z = torch.randn(rows, classes, generator=generator) + sure * F.one_hot(y, classes)
            z = z.to(dtype)
            assert examine(z, y, observed=F.cross_entropy(z, y)).worst in (None, "note")
            t = (z > 3).to(dtype)
            seen = F.binary_cross_entropy_with_logits(sure * z, t)
            assert examine(sure * z, t, loss=BINARY, observed=seen).worst in (None, "note")


class TestCost:
    """What a number costs depends on whether it is right, and never on how many rows there are."""

    def test_the_misuses_are_not_computed_for_a_right_number(self, monkeypatch):
        def no(*_):
            raise AssertionError("computed")

        monkeypatch.setattr(_explain, "_others", no)
        right(softmax_cross_entropy(Z, Y), Z, Y)
        right(softmax_cross_entropy(Z, Y, weight=W), Z, Y, weight=W)
        monkeypatch.setattr(_explain, "_right", no)
        right(softmax_cross_entropy(Z, Y), Z, Y)  # measured before
        right(softmax_cross_entropy(Z, Y, reduction="sum"), Z, Y, reduction="sum")

    def test_a_rough_value_is_as_near_as_it_says(self):
        for scale in (0.1, 1, 10, 100):
            z = (scale * RNG.normal(size=(200, 50))).astype(np.float32)
            y = RNG.integers(0, 50, 200)
            case = _case.new_case(look(z, "z"), look(y, "y"), "softmax_cross_entropy", None, {})
            assert settle(case)
            with np.errstate(all="ignore"):
                rough = _match.rough_value(case, _facts.measure(case))
            exact = softmax_cross_entropy(z.astype(np.float64), y)
            assert abs(rough.value - exact) <= rough.error <= 4e-6 * (1 + scale)

    @pytest.mark.parametrize("loss", ["F.cross_entropy", BINARY])
    def test_memory_is_a_fixed_block(self, loss):
        peaks = []
        for rows in (1 << 16, 1 << 17, 1 << 18):
            z = RNG.normal(size=(rows, 10)).astype(np.float32)
            targets = (z > 0).astype(np.float32) if loss == BINARY else z.argmax(1)
            tracemalloc.start()
            examine(z, targets, loss=loss, observed=1.23456789)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert max(peaks) < 1.1 * min(peaks) < 8e6, peaks


class TestDoubt:
    def test_several_calls_may_give_the_number(self):
        z = np.array([[math.log(3.0), 0.0]])
        report = examine(z, [0], observed=0.29, weight=[2.0, 1.0])
        assert report.worst is None
        report = examine(z, [0], observed=round(2 * math.log(4 / 3), 4), weight=[2.0, 1.0])
        assert "(so would" in report.findings[0].message

    def test_what_was_found_is_supported(self):
        report = examine(Q, Y, observed=softmax_cross_entropy(Q, Y))
        finding = report.findings[0]
        assert (finding.code, finding.severity, finding.confidence) == (
            "double-softmax",
            "error",
            1.0,
        )
        assert "reproduced" in finding.evidence

    def test_what_was_found_is_doubted_if_the_number_is_right(self):
        report = examine(Q, Y, observed=-np.log(Q[np.arange(30), Y]).mean())
        (finding,) = report.findings
        assert (finding.code, finding.severity) == ("double-softmax", "note")
        assert finding.message.endswith("was it this loss?")

    def test_what_else_was_found_stays(self):
        seen = F.cross_entropy(QT, YT, label_smoothing=0.7).item()
        codes = examine(ZT, YT, label_smoothing=0.7, observed=seen).codes
        assert codes == ("double-softmax", "smoothing-large")
        seen = -(0.3 * np.log(Q[np.arange(30), Y]) + 0.7 * np.log(Q).mean(axis=1)).mean()
        report = examine(Q, Y, label_smoothing=0.7, observed=seen)
        severities = {finding.code: finding.severity for finding in report.findings}
        assert severities == {"smoothing-large": "warning", "double-softmax": "note"}

    def test_one_digit_cannot_clear_anything(self):
        assert (
            examine(Q, Y, observed=round(-np.log(Q[np.arange(30), Y]).mean(), 1)).worst == "error"
        )

    def test_a_question_gives_way_to_an_answer(self):
        half = np.full((9, 4), 0.25)
        y = np.arange(9) % 4
        assert examine(half, y).findings[0].severity == "note"
        report = examine(half, y, observed=math.log(4))
        assert report.worst == "note"

    def test_a_note_is_replaced_by_what_the_number_says(self):
        p = 0.5 + 0.2 * (PROBS - 0.5)
        assert examine(p, T, loss=BINARY).findings[0].severity == "note"
        seen = bce(1 / (1 + np.exp(-p)), T)
        report = examine(p, T, loss=BINARY, observed=seen)
        assert report.findings[0].severity == "warning"

    def test_below_zero(self):
        assert examine(Z, Y, observed=-0.123456).codes == ("negative-loss",)
        assert examine(Z, SOFT - 0.01, observed=-99.5).codes[-1] == "unexplained"

    def test_unexplained(self):
        (finding,) = examine(Z, Y, observed=0.123456).findings
        assert (finding.code, finding.severity) == ("unexplained", "note")
        assert finding.message.startswith("Cannot tell where 0.123456 comes from")

    def test_near_a_place_where_losses_get_stuck(self):
        z, y = 9 * np.eye(10)[np.arange(40) % 10], np.arange(40) % 10
        floor = math.log1p(9 / math.e)
        (finding,) = examine(z, y, observed=floor + 0.01).findings
        assert (finding.code, finding.severity) == ("double-softmax", "warning")
        (finding,) = examine(z, y, observed=2.31).findings
        assert (finding.code, finding.severity) == ("at-chance", "note")
        skewed = np.where(np.arange(40) % 4, 0, y)
        shares = np.bincount(skewed) / 40
        entropy = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
        told = {"observed": entropy + 0.004321}
        (finding,) = examine(9 * np.eye(10)[skewed], skewed, **told).findings
        assert (finding.code, finding.severity) == ("constant-predictor", "note")
        assert examine(z, y, observed=floor + 0.01, reduction="sum").codes == ("unexplained",)

    def test_a_right_value_that_is_infinite(self):
        q = softmax(500 * Z)
        report = examine(q, Y, loss="cross_entropy", observed=math.inf)
        assert math.isinf(report.value)


@pytest.mark.parametrize(
    ("observed", "dtype", "expected"),
    [
        (0.6897, "float64", 0.51e-4),
        (0.69, "float64", 0.51e-2),
        (3.0, "float64", 0.051),
        (0.689712345678, "float64", 0.689712345678 * 5e-6),
        (0.689712345678, "float16", 0.689712345678 * 2e-3),
        (1e-9, "float64", 1e-12),
        (1e-9, "float32", 2.4e-7),
        (120.5, "bfloat16", 120.5 * 1.6e-2),
    ],
)
def test_how_near_is_near(observed, dtype, expected):
    assert tolerance(observed, dtype) == pytest.approx(expected)


class TestIgnored:
    """A call without ignore_index counts the padding too."""

    @pytest.mark.parametrize("reduction", ["mean", "sum"])
    @pytest.mark.parametrize("told", [{}, {"weight": W}, {"label_smoothing": 0.1}])
    def test_a_call_without_it(self, reduction, told):
        y = np.where(np.arange(30) % 3, Y, 0)
        also = {key: torch.tensor(x) if key == "weight" else x for key, x in told.items()}
        seen = F.cross_entropy(torch.tensor(Z), torch.tensor(y), reduction=reduction, **also)
        assert "ignore-dropped" in named(
            seen.item(), Z, y, ignore_index=0, reduction=reduction, **told
        )

    def test_its_perplexity(self):
        y = np.where(np.arange(30) % 3, Y, 0)
        seen = F.cross_entropy(torch.tensor(Z), torch.tensor(y)).exp().item()
        assert named(seen, Z, y, loss="perplexity", ignore_index=0) == ["ignore-dropped"]

    def test_nothing_of_it_where_nothing_can_be_counted(self):
        y = np.where(np.arange(30) % 3, Y, -100)
        report = examine(Z, y, ignore_index=-100, observed=1.23456789)
        assert "ignore-dropped" not in report.codes
        y = np.where(Y == 3, 0, Y)  # no row is ignored
        assert "ignore-dropped" not in named(
            F.cross_entropy(torch.tensor(Z), torch.tensor(y)).item() / 3, Z, y, ignore_index=3
        )


class TestParts:
    SIZES = (12, 18)

    def test_of_a_binary_loss(self):
        means = [
            F.binary_cross_entropy_with_logits(z, t)
            for z, t in zip(TB.split(self.SIZES), TT.split(self.SIZES), strict=True)
        ]
        every = F.binary_cross_entropy_with_logits(TB, TT)
        for seen, why in (
            (sum(means) / 2, "a mean of the means of parts"),
            (sum(means), "a sum of the means of parts"),
            (sum(means) / 4, "divided by the number of the parts once more"),
            (every / 2, "divided by the number of the parts once more"),
        ):
            report = examine(B, T, loss=BINARY, micro_batches=self.SIZES, observed=seen.item())
            (finding,) = [f for f in report.warnings if f.code == "mean-of-means"]
            assert why in finding.message
        right(every.item(), B, T, loss=BINARY, micro_batches=[36, 54])

    def test_sizes_in_rows_or_in_losses(self):
        z, y = torch.tensor(Z).reshape(6, 5, 4), torch.tensor(Y).reshape(6, 5)
        y[0, :3] = -100
        seen = np.mean(
            [
                F.cross_entropy(a.flatten(0, 1), b.flatten()).item()
                for a, b in zip(z.split([2, 4]), y.split([2, 4]), strict=True)
            ]
        )
        for sizes in (torch.tensor([2, 4]), [10, 20]):
            found = named(seen, z.numpy(), y, ignore_index=-100, micro_batches=sizes)
            assert found == ["mean-of-means"]

    @pytest.mark.parametrize(
        ("outputs", "targets", "message"),
        [
            (Z, Y, r"micro_batches is \[20, 20\]: 40 rows, but there are 30 rows$"),
            (B, T, r"micro_batches is \[20, 20\]: 40 rows, but there are 30 rows and 90 losses$"),
        ],
    )
    def test_sizes_that_do_not_add_up(self, outputs, targets, message):
        loss = BINARY if targets is T else "softmax_cross_entropy"
        with pytest.raises(ValueError, match=message):
            examine(outputs, targets, loss=loss, micro_batches=[20, 20])


class TestUnexplained:
    def test_it_asks_for_what_was_not_told(self):
        report = examine(Z, Y, observed=1.23456789, weight=W, micro_batches=[30])
        (finding,) = [f for f in report.findings if f.code == "unexplained"]
        for asked in ("an epoch", "dropout", "a penalty", "label_smoothing", "reduction"):
            assert asked in finding.message
        for told in ("pos_weight", "micro_batches", ": weight"):
            assert told not in finding.message
        assert "same batch" in finding.mend
        assert finding.confidence == 0.5

    def test_it_asks_for_no_more_where_all_is_told(self):
        every = {"label_smoothing": 0.0, "micro_batches": [30], "reduction": "mean"}
        report = examine(B[:, 0], T[:, 0], loss=BINARY, observed=9.87654321, **every)
        assert "pos_weight" in str(report)
        report = examine(
            B[:, 0], T[:, 0], loss=BINARY, observed=9.87654321, **every, weight=1.0, pos_weight=1.0
        )
        assert "more than you said" not in str(report)
        assert "unexplained" in report.codes
