"""Each check by itself: where it speaks, how gravely, and where it stays silent."""

import functools
import math

import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import sklearn.metrics
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn

import xentlib
from xentlib import log_softmax, softmax
from xentlib.doctor import examine
from xentlib.doctor._arrays import Seen, Unreadable, look

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(40, 4)) * 3
Y = np.where(RNG.random(40) < 0.7, Z.argmax(1), RNG.integers(0, 4, 40))
Q = softmax(Z)
HOT = np.eye(4)[Y]
B = RNG.normal(size=40) * 3
T = (B + RNG.normal(size=40) > 0).astype(float)
WITH = {"loss": "binary_cross_entropy_with_logits"}


def severity(report, code):
    found = {f.code: f.severity for f in report.findings}
    return found.get(code)


def says(code, grave, outputs, targets, **told):
    report = examine(outputs, targets, **told)
    assert severity(report, code) == grave, report
    return next((f for f in report.findings if f.code == code), None)


class TestArrays:
    @pytest.mark.parametrize(
        ("array", "framework", "dtype"),
        [
            (Z.tolist(), None, "float64"),
            (torch.tensor(Z, requires_grad=True), "torch", "float64"),
            (torch.nn.Parameter(torch.tensor(Z)), "torch", "float64"),
            (torch.tensor(Z).bfloat16(), "torch", "bfloat16"),
            (torch.tensor(Z).half(), "torch", "float16"),
            (torch._neg_view(torch.tensor(-Z)), "torch", "float64"),
            (torch.conj(torch.tensor(-1j * Z)).imag, "torch", "float64"),
            (jnp.asarray(Z, jnp.float32), "jax", "float32"),
            (jnp.asarray(Z, jnp.bfloat16), "jax", "bfloat16"),
            (tf.constant(Z), "tensorflow", "float64"),
            (tf.Variable(Z), "tensorflow", "float64"),
            (tf.cast(Z, tf.bfloat16), "tensorflow", "bfloat16"),
        ],
    )
    def test_each_framework_without_importing_it(self, array, framework, dtype):
        seen = look(array, "outputs")
        assert isinstance(seen, Seen)
        assert (seen.framework, seen.dtype) == (framework, dtype)
        np.testing.assert_allclose(seen.values, Z, rtol=1e-2)

    @pytest.mark.parametrize(
        ("thing", "code"),
        [
            ([[1, 2], [3]], "ragged"),
            (([1], [[2]]), "ragged"),
            (["a"], "not-numbers"),
            (None, "not-numbers"),
            (np.array([1j]), "not-numbers"),
            (torch.zeros(2, device="meta"), "not-numbers"),
            (tf.ragged.constant([[1.0], [2.0, 3.0]]), "not-numbers"),
        ],
    )
    def test_what_cannot_be_read(self, thing, code):
        seen = look(thing, "targets")
        assert isinstance(seen, Unreadable)
        assert seen.code == code
        assert seen.message.startswith("targets ")
        assert examine(Z, thing).codes == (code,)

    def test_an_error_without_words_is_named(self):
        class Odd:
            def __array__(self, dtype=None, copy=None):
                raise MemoryError

        assert "MemoryError" in look(Odd(), "outputs").message

    def test_float8(self):
        seen = look(torch.tensor(Q).to(torch.float8_e4m3fn), "outputs")
        assert seen.values.dtype == np.float32
        few = torch.tensor(Q[:9]).to(torch.float8_e4m3fn)
        says("double-softmax", "warning", few, torch.tensor(Y[:9]))


class TestCall:
    def test_the_framework_is_that_of_the_arrays(self):
        assert examine(torch.tensor(Z), Y).framework == "torch"
        assert examine(Z, jnp.asarray(Y)).framework == "jax"
        assert examine(Z, Y).framework is None
        assert examine(torch.tensor(Z), Y, framework="TensorFlow").framework == "tensorflow"

    @pytest.mark.parametrize(
        ("told", "error", "message"),
        [
            ({"loss": "hinge"}, ValueError, "loss is 'hinge', expected 'softmax_cross_entropy'"),
            ({"loss": 3}, TypeError, "loss is 3"),
            ({"framework": "caffe"}, ValueError, "framework is 'caffe', expected one of torch"),
            ({"framework": 3}, ValueError, "framework is 3"),
            ({"reduction": "max"}, ValueError, "reduction is 'max', expected one of mean"),
            ({"reduction": ["mean"]}, ValueError, r"reduction is \['mean'\], expected one of"),
            ({"loss": "cross_entropy", "from_logits": np.ones(2)}, TypeError, "from_logits is arr"),
            (
                {"temperature": 1},
                TypeError,
                r"examine\(\) got temperature; of a call it takes alpha",
            ),
            (
                {"gamma": "two", "loss": "focal_loss"},
                TypeError,
                "gamma is 'two', expected a number",
            ),
            ({"label_smoothing": [0.1]}, TypeError, "label_smoothing is"),
            ({"axis": 2}, ValueError, "axis is 2, but the outputs have shape"),
            ({"axis": 1.0}, TypeError, "axis is 1.0"),
            ({"ignore_index": "pad"}, TypeError, "ignore_index is 'pad'"),
            ({"micro_batches": [0]}, ValueError, r"micro_batches is \[0\]"),
            ({"micro_batches": []}, ValueError, r"micro_batches is \[\]"),
            ({"observed": "low"}, TypeError, "observed is 'low'"),
            ({"observed": [1, 2]}, TypeError, "observed is"),
            ({"observed": True}, TypeError, "observed is True"),
        ],
    )
    def test_a_call_of_the_doctor_that_is_wrong(self, told, error, message):
        with pytest.raises(error, match=f"^{message}"):
            examine(Z, Y, **told)

    def test_torch_s_cross_entropy_is_another_one(self):
        with pytest.raises(ValueError, match=r"PyTorch's takes logits. Say loss='F.cross_entropy'"):
            examine(torch.tensor(Q), Y, loss="cross_entropy")
        assert examine(torch.tensor(Q), Y, loss="cross_entropy", framework="numpy").worst is None

    @pytest.mark.parametrize(
        ("name", "loss", "framework"),
        [
            ("torch.nn.CrossEntropyLoss", "softmax_cross_entropy", "torch"),
            ("torch.nn.functional.cross_entropy", "softmax_cross_entropy", "torch"),
            ("keras.losses.BinaryCrossentropy", "binary_cross_entropy", "keras"),
            ("optax.softmax_cross_entropy", "softmax_cross_entropy", "jax"),
            ("sklearn.metrics.log_loss", "cross_entropy", "sklearn"),
            ("cross_entropy", "cross_entropy", None),
        ],
    )
    def test_losses_by_their_names_in_a_framework(self, name, loss, framework):
        report = examine(np.zeros((0, 1)), np.zeros(0), loss=name)
        assert (report.loss, report.framework) == (loss, framework)

    def test_arguments_of_none_are_defaults(self):
        assert examine(Z, Y, weight=None, ignore_index=None, micro_batches=None).worst is None


class TestShapes:
    @pytest.mark.parametrize(
        ("outputs", "targets", "told"),
        [
            (np.float64(1), np.array([1]), {}),
            (Z, Y[:-1], {}),
            (Z, np.zeros((40, 3)), {}),
            (Z, Y, {"loss": "kl_div"}),
            (np.zeros((2, 3, 4)), np.zeros((2, 4, 5)), {"framework": "torch"}),
            (Z, T, WITH),
            (np.stack([B, B], 1), T, WITH),
        ],
    )
    def test_what_does_not_fit(self, outputs, targets, told):
        says("shape", "error", outputs, targets, **told)

    def test_one_row_without_a_batch(self):
        assert examine(torch.tensor(Z[0]), torch.tensor(Y[0])).worst is None
        assert examine(Z[0], Y[0]).worst is None
        assert examine(np.float64(0.3), np.float64(1.0), **WITH).worst is None

    def test_a_column_of_labels(self):
        says("label-column", "error", Z, Y[:, None])
        assert examine(Z, Y[:, None], framework="keras").worst is None
        z = np.moveaxis(np.broadcast_to(Z, (3, 40, 4)), -1, 1)
        says("label-column", "error", z, np.broadcast_to(Y, (3, 1, 40)), framework="torch")

    def test_a_column_against_a_row(self):
        says("broadcast", "error", B[:, None], T, **WITH)
        says("broadcast", "warning", B[:1, None], T[:1], **WITH)
        assert examine(B[:, None], T, framework="keras", **WITH).worst is None

    def test_classes_elsewhere(self):
        finding = says("class-axis", "error", Z.T, Y)
        assert "axis 0" in finding.message
        pictures = np.moveaxis(np.broadcast_to(Z, (2, 3, 40, 4)), -1, 1)
        hot = np.broadcast_to(HOT, (2, 3, 40, 4))
        says("class-axis", "error", pictures, hot, framework="torch")

    def test_classes_elsewhere_in_both(self):
        z = np.broadcast_to(Z, (2, 3, 40, 4))
        hot = np.moveaxis(np.broadcast_to(HOT, (2, 3, 40, 4)), -1, 1)
        finding = says("class-axis", "error", z, hot, framework="torch")
        assert "on axis 3 of the outputs; the loss looks" in finding.message
        finding = says(
            "class-axis", "error", np.moveaxis(z, -1, 1), np.moveaxis(hot, 1, -1), framework="torch"
        )
        assert "those of the targets are on axis 3" in finding.message

    def test_dimensions_that_agree_but_lengths_that_do_not(self):
        says("shape", "error", np.zeros((2, 3, 4)), np.zeros((2, 3, 5)), framework="torch")

    def test_swapped(self):
        says("swapped", "error", Y, Z)
        says("swapped", "error", HOT, Z)
        says("swapped", "error", T, B, **WITH)
        says("swapped", "warning", HOT, Q, loss="cross_entropy")
        says("swapped", "warning", T, 1 / (1 + np.exp(-B)), loss="binary_cross_entropy")
        many = (np.eye(4)[Y] + np.eye(4)[(Y + 1) % 4]).clip(0, 1)
        says("swapped", None, many, Q, loss="cross_entropy")
        says("swapped", None, HOT, HOT, loss="cross_entropy")


class TestTargets:
    def test_types_of_labels(self):
        says("label-type", "warning", Z, Y.astype(float))
        says("label-type", "error", torch.tensor(Z), torch.tensor(Y).float())
        says("label-type", "error", torch.tensor(Z), torch.tensor(Y).int())
        says("label-type", "error", torch.tensor(Z[:, :2]), torch.tensor(Y % 2 == 0))
        says("label-type", "note", Z[:, :2], Y % 2 == 0)
        says("label-type", None, Z, Y.astype(float), loss="log_loss", from_logits=True)
        says("label-type", None, torch.tensor(Z), torch.tensor(Y).to(torch.uint8))
        says("label-type", "error", Z, Y + 0.5)
        says("label-type", "error", Z, np.where(Y > 2, np.nan, Y))
        says("label-type", "error", torch.tensor(B), torch.tensor(T).long(), **WITH)
        says("label-type", None, B, T.astype(int), **WITH)

    def test_integer_rows(self):
        says("integer-one-hot", "warning", Z, HOT.astype(int))
        says("integer-one-hot", "error", torch.tensor(Z), torch.tensor(HOT).long())
        says("integer-one-hot", None, Z, HOT.astype(int), framework="jax")
        says("integer-one-hot", None, Z, HOT.astype(int), framework="keras")
        says("integer-one-hot", None, Z, 2 * HOT.astype(int))

    def test_rows_that_are_no_distributions(self):
        says("multi-hot", "warning", Z, np.maximum(HOT, HOT[::-1]))
        says("target-sum", "warning", Z, 3 * HOT)
        says("target-sum", "warning", Z, 0.5 * HOT)
        says("target-sum", "note", Z, HOT * (np.arange(40) % 5 > 0)[:, None])
        says("target-sum", "note", Z, Q.round(2))
        says("target-negative", "error", Z, HOT - 0.1)
        says("not-finite", "error", Z, np.where(HOT, np.nan, 0.0))
        assert examine(Z, HOT.astype(np.float16)).worst is None

    def test_labels_out_of_range(self):
        finding = says("label-range", "error", Z, np.where(Y == 1, -1, Y))
        assert "padding label" in finding.message
        assert "do not raise" in says("label-range", "error", jnp.asarray(Z), Y + 9).message
        says("labels-from-one", "error", Z, Y + 1)
        assert examine(Z, Y + 9).codes == ("label-range",)
        says("label-range", None, Z, np.where(Y == 1, -1, Y), ignore_index=-1)
        says("label-range", None, torch.tensor(Z), torch.tensor(np.where(Y == 1, -100, Y)))

    def test_ignored_rows(self):
        assert examine(torch.tensor(Z), torch.full((40,), -100)).codes == ("all-ignored",)
        says("mostly-ignored", "note", Z, np.where(np.arange(40) < 38, -1, Y), ignore_index=-1)
        says("ignored-class", "note", Z, Y, ignore_index=int(Y[0]))
        assert examine(Z, Y, ignore_index=77).worst is None

    def test_class_zero_never_comes_up(self):
        z = np.tile(Z, (5, 1))
        y = 1 + z[:, 1:].argmax(1)
        finding = says("labels-from-one", "note", z, y)
        assert finding.message.endswith("?")

    def test_binary_targets(self):
        says("binary-range", "error", B, 2 * T, **WITH)
        says("not-finite", "error", B, np.where(T, np.nan, 0), **WITH)

    def test_logarithms_as_targets(self):
        told = {"loss": "kl_div", "reduction": "batchmean"}
        says("kl-log-target", "error", log_softmax(Z), log_softmax(Z[::-1]), **told)
        says("kl-log-target", "error", log_softmax(Z), Q, log_target=True, **told)
        ok = examine(log_softmax(Z), log_softmax(Z[::-1]), log_target=True, **told)
        assert ok.worst is None
        says("target-negative", "error", log_softmax(Z), log_softmax(Z) - 1, **told)


class TestOutputs:
    def test_softmax_by_how_sure_the_rows_make_it(self):
        says("double-softmax", "error", Q, Y)
        says("double-softmax", "warning", Q[:1], Y[:1])
        says("double-softmax", "note", torch.tensor(Q[:1]).bfloat16(), Y[:1])
        says("double-softmax", "warning", torch.tensor(Q[:4]).bfloat16(), Y[:4])
        says("double-softmax", "warning", np.tile(Q[:1], (9, 1)), Y[:9])
        says("double-softmax", "note", np.full((9, 4), 0.25), Y[:9])
        says("double-softmax", None, Z - Z.mean(1, keepdims=True) + 0.25, Y)

    def test_answers(self):
        says("hard-predictions", "warning", HOT, Y)
        says("hard-predictions", "warning", HOT, Y, loss="cross_entropy")
        says("hard-predictions", None, HOT[:1], Y[:1])
        says("hard-predictions", "warning", T, T, **WITH)
        says("hard-predictions", None, T[:2], T[:2], **WITH)
        says("hard-predictions", "warning", T, T, loss="binary_cross_entropy")

    def test_logarithms_into_a_softmax_are_harmless(self):
        says("log-into-softmax", "note", log_softmax(Z), Y)
        says("log-into-softmax", None, np.full((3, 4), -math.log(4)), Y[:3])

    def test_softmax_over_the_rows(self):
        says("softmax-axis", "error", softmax(Z, axis=0), Y)
        says("softmax-axis", "warning", softmax(Z, axis=0), Y, loss="cross_entropy")
        says("softmax-axis", None, softmax(Z[:, :1], axis=0), np.zeros(40, int))

    def test_sigmoids_before_a_softmax(self):
        says("sigmoid-into-softmax", "warning", 1 / (1 + np.exp(-3 * Z)), Z.argmax(1))
        says("sigmoid-into-softmax", "note", 1 / (1 + np.exp(-Z)), Y[::-1])
        says("sigmoid-into-softmax", None, 0.1 + 0.1 / (1 + np.exp(-Z)), Y)

    def test_probabilities_that_are_none(self):
        told = {"loss": "cross_entropy"}
        says("logits-as-probabilities", "error", Z, Y, **told)
        says("log-as-probabilities", "error", log_softmax(Z), Y, **told)
        says("rows-not-normalised", "warning", 1 / (1 + np.exp(-Z)), Y, **told)
        says("rows-not-normalised", "note", Q.round(2), Y, **told)
        assert examine(Q, Y, **told).worst is None

    def test_logarithms_that_are_none(self):
        says("probabilities-as-log", "error", Q, Y, loss="nll")
        says("logits-as-log", "error", Z, Y, loss="nll")
        says("logits-as-log", "error", -np.abs(Z), Y, loss="nll")
        says("logits-as-log", "warning", -np.abs(Z) - 9, Y, loss="nll")
        assert examine(log_softmax(Z), Y, loss="nll").worst is None

    def test_binary_logits(self):
        p = 1 / (1 + np.exp(-B))
        u = 6 * RNG.normal(size=1000)
        yes = RNG.random(1000) < 1 / (1 + np.exp(-u))
        says("sigmoid-twice", "error", 1 / (1 + np.exp(-u)), yes.astype(float), **WITH)
        says("sigmoid-twice", "warning", p[:24] * 0.9, T[:24], **WITH)
        says("sigmoid-twice", "note", 0.5 + 0.1 * (p - 0.5), T, **WITH)
        says("sigmoid-twice", None, 0.05 * p, np.ones(40), **WITH)
        says("sigmoid-twice", None, p[:1], T[:1], **WITH)
        says("logits-as-probabilities", "error", B, T, loss="binary_cross_entropy")
        log_p = -np.logaddexp(0, -B)
        says("log-as-probabilities", "error", log_p, T, loss="binary_cross_entropy")
        rare = (np.arange(40) % 10 == 0).astype(float)
        says("logits-as-probabilities", "error", B / 9 - 2, rare, loss="binary_cross_entropy")
        assert examine(p, T, loss="binary_cross_entropy").worst is None

    def test_columns_of_a_binary_loss(self):
        says("binary-on-softmax", "warning", Q, HOT, loss="binary_cross_entropy")
        two = softmax(Z[:, :2])
        says("binary-on-softmax", None, two, np.eye(2)[Y % 2], loss="binary_cross_entropy")
        says("double-softmax", "error", Q, HOT, **WITH)
        says("double-softmax", "warning", Q[:1], HOT[:1], **WITH)
        says("exclusive-classes", "note", Z, HOT, **WITH)
        says("exclusive-classes", None, Z[:9], HOT[:9], **WITH)


class TestNumbers:
    def test_nan_and_where(self):
        bad = Z.copy()
        bad[7, 2] = np.nan
        finding = says("not-finite", "error", bad, Y)
        assert "in 1 of 40 rows, first in row 7, class 2" in finding.message
        ignored = np.where(np.arange(40) < 5, -1, Y)
        assert "row 7" in says("not-finite", "error", bad, ignored, ignore_index=-1).message
        square, labels = bad.reshape(8, 5, 4), Y.reshape(8, 5)
        assert "row (1, 2)" in says("not-finite", "error", square, labels).message
        z, y = np.moveaxis(square, -1, 1), labels
        assert "row (1, 2)" in says("not-finite", "error", z, y, framework="torch").message
        assert "from the first row on" in says("not-finite", "error", Z * np.nan, Y).message
        bad = B.copy()
        bad[5] = np.inf
        assert "infinity first at entry 5" in says("not-finite", "error", bad, T, **WITH).message
        assert "from the first row" in says("not-finite", "error", B * np.nan, T, **WITH).message
        masked = np.where(T, 5, -np.inf)
        assert "where the target is 0" in says("not-finite", "error", masked, T, **WITH).message

    def test_half_precision(self):
        with np.errstate(over="ignore"):
            says("half-overflow", "error", (Z * 2e4).astype(np.float16), Y)
        says("half-overflow", "warning", np.clip(Z * 2e4, -6e4, 6.1e4).astype(np.float16), Y)
        many, y = torch.tensor(np.tile(Z, (1700, 1))).half(), torch.tensor(np.tile(Y, 1700))
        says("half-mean", "warning", many, y)
        says("half-mean", "note", many.bfloat16(), y)
        says("half-mean", None, jnp.asarray(many.numpy()), jnp.asarray(y.numpy()))
        says("half-overflow", "warning", many, y, reduction="sum")
        says("half-overflow", None, many.float(), y, reduction="sum")
        columns, t = many[:, 0], torch.tensor(np.tile(T, 1700)).half()
        assert examine(columns, t, **WITH).worst is None
        says("half-overflow", "warning", columns, t, reduction="sum", **WITH)

    def test_masks(self):
        masked = Z.copy()
        masked[:, 3] = -np.inf
        says("masked-target", "error", masked, Y)
        safe = np.where(Y == 3, 0, Y)
        assert examine(masked, safe).worst is None
        says("masked-smoothing", "error", masked, safe, label_smoothing=0.1)
        says("masked-one-hot", "warning", masked, np.eye(4)[safe], framework="torch")
        says("masked-one-hot", None, masked, np.eye(4)[safe])
        masked[2] = -np.inf
        assert "Every class" in says("masked-target", "error", masked, safe).message

    def test_probabilities_of_exactly_0(self):
        q = softmax(500 * Z)
        says("saturated", "error", q, Y, loss="cross_entropy")
        says("saturated", "warning", q, Y, loss="log_loss")
        says("saturated", "error", q, HOT, loss="cross_entropy")
        q = q[Z.argmax(1) == Y]
        says("saturated", None, q, Y[Z.argmax(1) == Y], loss="cross_entropy")
        p = np.where(B > 1, 1.0, 1 / (1 + np.exp(-B)))
        says("saturated", "error", p, np.zeros(40), loss="binary_cross_entropy")
        says("saturated", "warning", p, np.zeros(40), loss="BCELoss")
        says("saturated", None, p, np.ones(40), loss="binary_cross_entropy")

    def test_one_class(self):
        says("single-class", "error", Z[:, :1], np.zeros(40, int))


class TestArguments:
    def test_smoothing(self):
        says("smoothing-range", "error", Z, Y, label_smoothing=-0.1)
        says("smoothing-range", "error", Z, Y, label_smoothing=math.nan)
        says("smoothing-large", "warning", Z, Y, label_smoothing=0.6)
        says("smoothing-twice", "warning", Z, 0.9 * HOT + 0.025, label_smoothing=0.1)
        says("smoothing-twice", None, Z, HOT, label_smoothing=0.1)
        says("smoothing-twice", "warning", B, 0.9 * T + 0.05, label_smoothing=0.1, **WITH)
        soft = np.linspace(0.05, 0.95, 40)
        says("smoothing-twice", None, B, soft, label_smoothing=0.1, **WITH)

    def test_weights(self):
        says("weight-shape", "error", Z, Y, weight=[1, 2])
        says("weight-value", "error", Z, Y, weight=[1, 2, -1, 1])
        says("weight-value", "error", Z, Y, weight=["a"] * 4)
        says("weight-shape", "error", B, T, pos_weight=[1.0, 2.0], **WITH)
        assert examine(B, T, weight=np.ones(40), pos_weight=1.0, **WITH).worst is None
        skewed = np.where(np.arange(400) % 20 == 0, 1, 0)
        z = np.tile(Z[:, :2], (10, 1))
        says("weight-inverted", "warning", z, skewed, weight=[0.95, 0.05])
        says("weight-inverted", None, z, skewed, weight=[0.05, 0.95])
        says("weight-inverted", None, z, skewed, weight=[1.0, 1.0])
        says("weight-inverted", None, z, skewed, weight=[1.0, 0.0])
        says("weight-inverted", None, z[:2], skewed[:2], weight=[1.0, 2.0])
        says("weight-inverted", None, Z, Y, weight=[1.0, 2.0, 3.0, 4.0])

    def test_pos_weight(self):
        b, t = np.tile(B, 10), np.where(np.arange(400) % 10 == 0, 1.0, 0.0)
        says("pos-weight-inverted", "warning", b, t, pos_weight=torch.tensor([1 / 9]), **WITH)
        says("pos-weight-inverted", None, b, t, pos_weight=9.0, **WITH)
        says("pos-weight-inverted", None, b, t, pos_weight=0.0, **WITH)
        says("pos-weight-inverted", None, b, t * 0.9, pos_weight=1 / 9, **WITH)
        says("pos-weight-inverted", None, b[:20], t[:20], pos_weight=1 / 9, **WITH)
        wide, many = b.reshape(-1, 2), t.reshape(-1, 2)
        says("pos-weight-inverted", "warning", wide, many, pos_weight=[0.25, 0.25], **WITH)

    def test_focal(self):
        says("focal-gamma", "error", Z, Y, loss="focal_loss", gamma=-1)
        says("focal-gamma", "error", Z, Y, loss="focal_loss", gamma=math.inf)
        says("focal-gamma", "warning", Z * 90, Y, loss="focal_loss", gamma=0.5)
        says("focal-gamma", None, Z, Y, loss="focal_loss", gamma=0.5)
        says("focal-gamma", "warning", B * 900, T, loss="sigmoid_focal_loss", gamma=0.5)
        says("focal-alpha", "note", Z, Y, loss="focal_loss", alpha=0.25)
        says("focal-alpha", "error", Z, Y, loss="focal_loss", alpha=[0.25, 0.75])
        says("focal-alpha", "error", Z, Y, loss="focal_loss", alpha=[-1, 1, 1, 1])
        says("focal-alpha", "error", B, T, loss="sigmoid_focal_loss", alpha=1.5)
        assert examine(B, T, loss="sigmoid_focal_loss", alpha=0.25).worst is None

    def test_the_mean_of_a_divergence(self):
        says("kl-mean", "warning", log_softmax(Z), Q[::-1], loss="KLDivLoss")
        says("kl-mean", None, log_softmax(Z), Q[::-1], loss="KLDivLoss", reduction="sum")


class TestTogether:
    def test_off_by_one(self):
        y = (Z[:, :3].argmax(1) + 1)[:40]
        z = np.concatenate([Z[:, :3], np.full((40, 1), -9.0)], 1)
        says("labels-from-one", "warning", z, y)
        says("labels-from-one", None, z[:10], y[:10])
        always = np.tile([0.1, 0.2, 0.1], (60, 1)) + 0.01 * RNG.random((60, 3))
        says("labels-from-one", None, always, np.r_[np.full(40, 2), np.zeros(20, int)])

    def test_another_order(self):
        order = [2, 0, 3, 1]
        says("class-order", "warning", 5 * Z[:, order], Z.argmax(1))
        says("class-order", "note", 0.01 * Z[:, order], Z.argmax(1))
        says("class-order", None, Z, Y)
        says("class-order", "warning", log_softmax(5 * Z[:, order]), Z.argmax(1), loss="nll")

    def test_too_many_classes_to_count(self):
        z = RNG.normal(size=(40, 80))
        assert examine(z, z.argmax(1)).worst is None

    def test_nothing_learnt(self):
        says("at-chance", "note", np.zeros((40, 4)), Y)
        says("at-chance", "warning", np.zeros((40, 4)), Y, steps=1000)
        says("constant-predictor", "warning", np.tile(Z[:1], (40, 1)), Y)
        says("constant-predictor", None, np.tile(Z[:1], (40, 1)), np.zeros(40, int))
        rare = np.where(np.arange(40) % 8, 0, 1 + np.arange(40) % 3)
        shares = np.log(np.bincount(rare, minlength=4) / 40 + 1e-3) + 0.01 * Z
        says("constant-predictor", "warning", shares, rare, steps=1000)
        says("constant-predictor", None, shares, rare)
        says("at-chance", "warning", 0.01 * Z, np.arange(40) % 4, steps=1000)
        order = np.random.default_rng(1).permutation(400)
        z = np.random.default_rng(2).normal(size=(400, 4)) * 9
        says("rows-mixed", "warning", z, z.argmax(1)[order])
        uneven = z + np.array([20, 0, 0, 0])
        says("rows-mixed", "note", uneven, z.argmax(1)[order])
        says("rows-mixed", "warning", uneven, z.argmax(1)[order], steps=500)

    def test_a_shift(self):
        ids = np.random.default_rng(3).integers(0, 20, (8, 33))
        z = 5 * np.eye(20)[ids[:, 1:]] + np.random.default_rng(4).normal(size=(8, 32, 20))
        says("shift-missing", "warning", z, ids[:, :-1])
        says("shift-twice", "warning", z[:, :-1], ids[:, 2:])
        says("shift-missing", None, z, ids[:, 1:])
        says("shift-missing", "warning", z[0], ids[0, :-1])

    def test_a_second_axis_that_fits(self):
        z = np.random.default_rng(5).normal(size=(9, 7, 7)) * 4
        y = z.argmax(-1)
        says("class-axis", "warning", torch.tensor(z), torch.tensor(y))
        says("class-axis", None, torch.tensor(np.moveaxis(z, -1, 1)), torch.tensor(y))


def test_rows_in_several_blocks():
    z = RNG.normal(size=(3, 7, 60_000)).astype(np.float32)
    y = z.argmax(1)
    y[2] = -100
    z[1, :, -1] = np.nan
    report = examine(torch.tensor(z), torch.tensor(y))
    assert report.findings[0].evidence["rows"] == 1
    assert report.checked


def test_a_block_that_is_all_ignored():
    z = RNG.normal(size=(300_000, 3))
    y = np.r_[np.full(250_000, -100), z[250_000:].argmax(1)]
    report = examine(torch.tensor(z), torch.tensor(y))
    assert report.worst is None


def test_the_value_agrees_with_the_library():
    from xentlib import softmax_cross_entropy

    assert examine(Z, Y).value == pytest.approx(softmax_cross_entropy(Z, Y))


class TestLossesAndArguments:
    @pytest.mark.parametrize(
        ("given", "loss", "framework"),
        [
            (nn.CrossEntropyLoss(), "softmax_cross_entropy", "torch"),
            (nn.CrossEntropyLoss, "softmax_cross_entropy", "torch"),
            (F.cross_entropy, "softmax_cross_entropy", "torch"),
            (torch.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits", "torch"),
            (nn.KLDivLoss(reduction="sum"), "kl_div", "torch"),
            (torch.compile(nn.NLLLoss(), backend="eager"), "nll", "torch"),
            (keras.losses.BinaryCrossentropy(), "binary_cross_entropy", "keras"),
            (keras.losses.categorical_crossentropy, "cross_entropy", "keras"),
            (optax.softmax_cross_entropy, "softmax_cross_entropy", "jax"),
            (sklearn.metrics.log_loss, "cross_entropy", "sklearn"),
            (xentlib.cross_entropy, "cross_entropy", None),
            ("xentlib.cross_entropy", "cross_entropy", None),
            ("nn.CrossEntropyLoss()", "softmax_cross_entropy", "torch"),
        ],
    )
    def test_losses_themselves(self, given, loss, framework):
        report = examine(np.zeros((0, 1)), np.zeros(0), loss=given)
        assert (report.loss, report.framework) == (loss, framework)

    def test_they_are_asked_for_their_arguments(self):
        w = torch.tensor([1.0, 2.0, 0.5, 3.0])[: Z.shape[1]]
        z, y = torch.tensor(Z), torch.tensor(Y)
        loss = nn.CrossEntropyLoss(weight=w.double(), label_smoothing=0.1)
        assert examine(z, y, loss=loss, observed=loss(z, y).item()).worst is None
        smooth = functools.partial(F.cross_entropy, label_smoothing=0.1)
        assert examine(z, y, loss=smooth, observed=smooth(z, y).item()).worst is None
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
        report = examine(Z, Y, loss=loss, observed=float(loss(Y, Z)))
        assert report.loss == "softmax_cross_entropy"
        assert report.value == pytest.approx(F.cross_entropy(z, y, ignore_index=0).item(), 1e-5)

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("CE", "'cross_entropy'"),
            ("bce", "'binary_cross_entropy'"),
            ("crossentropy", "'cross_entropy'"),
            ("SparseCategoricalCrossEntropy", "'sparse_categorical_crossentropy'"),
            ("nn.CrossEntropy", "'cross_entropy'"),
            ("BCEWithLogitLoss", "'BCEWithLogitsLoss'"),
        ],
    )
    def test_a_name_that_is_nearly_right(self, name, hint):
        with pytest.raises(ValueError, match=rf"^loss is '{name}' \(did you mean .*{hint}.*\?\)"):
            examine(Z, Y, loss=name)

    @pytest.mark.parametrize("given", [F.mse_loss, nn.MSELoss(), len, None])
    def test_losses_that_are_unknown(self, given):
        with pytest.raises(TypeError, match=r"^loss is .*, none that the doctor knows"):
            examine(Z, Y, loss=given)

    @pytest.mark.parametrize(
        ("told", "message"),
        [
            ({"weights": [1, 2]}, r"examine\(\) got weights \(did you mean 'weight'"),
            ({"dim": 1}, r"examine\(\) got dim \(here it is 'axis'\)"),
            ({"class_weight": [1, 2]}, r"examine\(\) got class_weight \(here it is 'weight'\)"),
            ({"pos_weight": 2.0}, "softmax_cross_entropy takes no pos_weight; binary_cross_entro"),
            ({"gamma": 2.0}, "softmax_cross_entropy takes no gamma; focal_loss and sigmoid_focal"),
            ({"from_logits": True}, "softmax_cross_entropy takes no from_logits; cross_entropy an"),
            ({"loss": "nll", "from_logits": True}, "nll takes no from_logits"),
            ({"loss": "BCELoss", "ignore_index": 0}, "binary_cross_entropy takes no ignore_index"),
            ({"loss": "kl_div", "log_target": "no"}, "log_target is 'no', expected True or False"),
        ],
    )
    def test_arguments_that_the_loss_does_not_take(self, told, message):
        with pytest.raises(TypeError, match=f"^{message}"):
            examine(Z, Y, **told)

    def test_numbers_that_are_impossible(self):
        with pytest.raises(ValueError, match=r"^steps is -1"):
            examine(Z, Y, steps=-1)
        with pytest.raises(ValueError, match=r"^micro_batches is"):
            examine(Z, Y, micro_batches=torch.tensor([20.0, 20.0]))
