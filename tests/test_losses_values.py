"""Every loss against torch, SciPy, mpmath and published numbers, in value and in gradient."""

import itertools
import math

import numpy as np
import oracles
import pytest
import scipy.special
import torch
import torch.nn.functional as F
from oracles import assert_within_ulps, labels, logits_on_a_grid, mixtures, one_hot

from xentlib import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    class_weights,
    double_softmax_floor,
    focal_loss,
    log_softmax,
    perplexity,
    sigmoid_focal_loss,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

REDUCTIONS = ["mean", "sum", "none"]
FLOATS = [np.float16, np.float32, np.float64]
# log(1 + e^-40), to 16 digits: what is left of the loss when the margin is 40.
LOSS_AT_MARGIN_40 = 4.248354255291589e-18


def torch_value_and_gradient(loss, logits, *args, **kwargs):
    """A torch loss and its gradient by autograd (of the sum, for unreduced losses)."""
    z = torch.tensor(np.ascontiguousarray(logits), requires_grad=True)
    value = loss(z, *(torch.tensor(np.ascontiguousarray(a)) for a in args), **kwargs)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    return value.detach().numpy(), gradient.numpy()


# Logits of one output, on both sides of zero, exact in half precision.
BINARY_LOGITS = np.array([0, 2.0**-10, 0.5, 1, 7, 17, 40, 60])
BINARY_LOGITS = np.concatenate([-BINARY_LOGITS, BINARY_LOGITS])

# The whole table of arguments of softmax_cross_entropy and its gradient: class weights (one of them
# zero), smoothing, an ignored label (one that is a padding value, one that is a real class), the
# reduction, and both kinds of target.
ARGUMENTS = [
    pytest.param(
        kind,
        {"weight": w, "label_smoothing": e, "ignore_index": i, "reduction": r},
        id=f"{kind}-{'weighted' if w else 'unweighted'}-smoothing{e}-ignore{i}-{r}",
    )
    for kind, w, e, i, r in itertools.product(
        ["index", "distribution"],
        [None, [0.25, 3.0, 0.0, 1.5, 1.0]],
        [0.0, 0.125, 1.0],
        [None, -100, 1],
        REDUCTIONS,
    )
    if kind == "index" or i is None
]


def batch_for(kind, ignore_index, *shape, dtype=np.float64):
    """Logits with the classes last, and targets of the kind; some rows carry the ignored label."""
    logits = logits_on_a_grid(*shape, dtype=dtype)
    if kind == "distribution":
        return logits, mixtures(*shape, dtype=dtype)
    targets = labels(*shape[:-1], num_classes=shape[-1])
    if ignore_index is not None:
        targets.flat[::3] = ignore_index
    return logits, targets


class TestLogSoftmaxAndSoftmax:
    def test_confident_entry_keeps_its_digits(self):
        assert log_softmax([40.0, 0.0])[0] == -LOSS_AT_MARGIN_40
        assert log_softmax([40.0, 0.0])[1] == -40.0

    def test_the_course_s_own_logits(self):
        expected = [math.exp(2 - 5), math.exp(1 - 5), 1.0]
        np.testing.assert_allclose(softmax([2, 1, 5]), np.divide(expected, sum(expected)))

    @pytest.mark.parametrize("num_classes", [1, 2, 3, 7, 64, 300])
    def test_each_entry_is_accurate_to_a_few_ulp(self, num_classes):
        rows = logits_on_a_grid(5, num_classes, seed=num_classes)
        rows[0] = 0
        rows[1, 1:] = -10
        logs = [oracles.log_softmax(row) for row in rows]
        probabilities = [oracles.softmax(row) for row in rows]
        for dtype in FLOATS:
            assert_within_ulps(log_softmax(rows.astype(dtype)), logs, ulps=4)
            assert_within_ulps(softmax(rows.astype(dtype)), probabilities, ulps=4)

    @pytest.mark.parametrize("margin", [0.0, 2.0**-30, 1, 5, 30, 50, 300, 700, 744])
    @pytest.mark.parametrize("place", [0, 1])
    def test_every_margin_is_accurate_in_double_precision(self, margin, place):
        row = [-3.0 - margin, -3.0 - margin]
        row[place] += margin
        assert_within_ulps(log_softmax(row), oracles.log_softmax(row), ulps=3)
        assert_within_ulps(softmax(row), oracles.softmax(row), ulps=3)

    def test_long_double_keeps_its_own_precision(self):
        row = logits_on_a_grid(9, dtype=np.longdouble)
        assert log_softmax(row).dtype == softmax(row).dtype == np.longdouble
        assert_within_ulps(log_softmax(row), oracles.log_softmax(row), ulps=4)
        assert_within_ulps(softmax(row), oracles.softmax(row), ulps=4)

    @pytest.mark.parametrize("axis", [-3, -2, -1, 0, 1, 2])
    def test_matches_scipy_along_every_axis(self, axis):
        # SciPy adds up every exponential, so it has no digits to compare below 1e-16.
        z = np.random.default_rng(0).normal(size=(4, 3, 5), scale=5)
        np.testing.assert_allclose(
            log_softmax(z, axis=axis),
            scipy.special.log_softmax(z, axis=axis),
            rtol=1e-13,
            atol=1e-15,
        )
        np.testing.assert_allclose(
            softmax(z, axis=axis), scipy.special.softmax(z, axis=axis), rtol=1e-13
        )

    def test_matches_torch_on_fifty_thousand_classes(self):
        z = np.random.default_rng(0).normal(size=(3, 50_000), scale=4)
        expected = torch.log_softmax(torch.tensor(z), dim=1).numpy()
        np.testing.assert_allclose(log_softmax(z), expected, rtol=1e-12)
        np.testing.assert_allclose(softmax(z), np.exp(expected), rtol=1e-11)
        np.testing.assert_allclose(softmax(z).sum(axis=1), 1, rtol=1e-13)

    @pytest.mark.parametrize(
        ("row", "logs"),
        [
            # Masked classes, and differences no float can hold.
            ([0.0, -np.inf], [0.0, -np.inf]),
            ([3.0, -np.inf, 3.0], [-math.log(2), -np.inf, -math.log(2)]),
            ([1e308, -1e308], [0.0, -np.inf]),
            ([1e308, 1e308], [-math.log(2), -math.log(2)]),
            ([-1e308, -1e308], [-math.log(2), -math.log(2)]),
            ([1e4, -1e4], [0.0, -2e4]),
            ([1e4, 1e4 - 2], [-math.log1p(math.exp(-2)), -2 - math.log1p(math.exp(-2))]),
            ([0.0, -1000.0], [0.0, -1000.0]),
            ([7.0], [0.0]),
            ([-1e308], [0.0]),
            # No softmax: nothing is possible, or one logit is beyond comparison.
            ([-np.inf, -np.inf], [np.nan, np.nan]),
            ([-np.inf], [np.nan]),
            ([np.inf, 0.0], [np.nan, np.nan]),
            ([np.inf, np.inf], [np.nan, np.nan]),
            ([np.inf, -np.inf], [np.nan, np.nan]),
            ([np.nan, 0.0], [np.nan, np.nan]),
            ([np.nan, -np.inf], [np.nan, np.nan]),
            ([np.nan, np.inf], [np.nan, np.nan]),
        ],
    )
    def test_extremes(self, row, logs):
        np.testing.assert_allclose(log_softmax(row), logs, rtol=1e-15)
        np.testing.assert_allclose(softmax(row), np.exp(logs), rtol=4e-15)

    def test_extremes_of_single_precision(self):
        z = np.array([[3e38, -3e38], [3e38, 3e38], [-np.inf, 1]], dtype=np.float32)
        expected = np.array([[0, -np.inf], [-math.log(2)] * 2, [-np.inf, 0]], dtype=np.float32)
        np.testing.assert_allclose(log_softmax(z), expected, rtol=2e-7)
        np.testing.assert_allclose(softmax(z), np.exp(expected), rtol=2e-7)

    @pytest.mark.parametrize("function", [log_softmax, softmax])
    def test_a_row_without_softmax_does_not_spoil_the_others(self, function):
        z = logits_on_a_grid(7, 3)
        expected = function(z)
        z[[1, 3, 5]] = [[-np.inf] * 3, [0, np.inf, 0], [0, np.nan, 0]]
        out = function(z)
        assert np.isnan(out[[1, 3, 5]]).all()
        np.testing.assert_array_equal(out[[0, 2, 4, 6]], expected[[0, 2, 4, 6]])

    @pytest.mark.parametrize("function", [log_softmax, softmax])
    def test_no_rows_give_no_rows(self, function):
        assert function(np.empty((0, 3))).shape == (0, 3)
        assert function(np.empty((3, 0)), axis=0).shape == (3, 0)
        assert function(np.empty((2, 0, 4), np.float16)).dtype == np.float32


class TestSoftmaxCrossEntropy:
    @pytest.mark.parametrize(
        ("logits", "targets", "expected", "tolerance"),
        [
            # scikit-learn, sklearn/metrics/tests/test_classification.py, test_log_loss.
            (
                np.log([[0.2, 0.7, 0.1], [0.6, 0.2, 0.2], [0.6, 0.1, 0.3]]),
                [1, 0, 2],
                0.6904911,
                5e-8,
            ),
            (
                np.log(
                    [[0.5, 0.5], [0.1, 0.9], [0.01, 0.99], [0.9, 0.1], [0.75, 0.25], [0.001, 0.999]]
                ),
                [0, 0, 0, 1, 1, 1],
                1.8817971,
                1e-7,
            ),
            # The same file, test_log_loss with labels=: rows off one, renormalised as softmax does.
            (
                np.log([[0.2, 0.7, 0.3], [0.6, 0.5, 0.3], [0.3, 0.9, 0.1]]),
                [0, 1, 1],
                1.0630345,
                1e-7,
            ),
            (
                np.log([[0.2, 0.7], [0.6, 0.5], [0.4, 0.1], [0.7, 0.2]]),
                [0, 1, 1, 0],
                1.0383217,
                5e-7,
            ),
            # Optax, optax/losses/_classification_test.py, SoftmaxCrossEntropyTest (from RLax).
            ([[10.0, 1.0, -2.0]], [1], 9.00013, 1e-5),
            ([[1.0, 4.0, 0.2]], [0], 3.0696733, 5e-8),
            # Optax, the same file, SafeSoftmaxCrossEntropyTest: masked classes.
            ([[-np.inf, 0.0, 0.0]], [[0.0, 0.5, 0.5]], 0.693147, 5e-7),
            ([[-np.inf, 0.0, 0.0]], [[0.4, 0.3, 0.3]], np.inf, 0),
            ([[-np.inf, 0.0, -np.inf]], [[0.0, 1.0, 0.0]], 0.0, 0),
            # Optax, PolyLossTest with epsilon 0 (computed with TensorFlow).
            ([[0.14, 1.456, 2.356, -0.124, -2.47]], [[0.1, 0.15, 0.2, 0.25, 0.3]], 2.8990, 5e-5),
            ([[4.0, 2.0, 1.0]], [[1.0, 0.0, 0.0]], 0.1698, 5e-5),
            ([[0.0, 5.0, 1.0]], [[0.0, 0.8, 0.2]], 0.8247, 5e-5),
            # Keras, keras/src/losses/losses_test.py, CategoricalCrossentropyTest.test_unweighted.
            ([[8.0, 1.0, 1.0], [0.0, 9.0, 1.0], [2.0, 3.0, 5.0]], [0, 1, 2], 0.0573, 1e-4),
            # The course's running example: -ln 0.6.
            (np.log([[0.1, 0.2, 0.6, 0.1]]), [2], 0.5108256237659907, 1e-15),
        ],
    )
    def test_published_numbers(self, logits, targets, expected, tolerance):
        assert softmax_cross_entropy(logits, targets) == pytest.approx(expected, abs=tolerance)

    def test_published_numbers_row_by_row(self):
        # Keras, SparseCategoricalCrossentropyTest: test_no_reduction and test_ignore_class.
        logits = [[8.0, 1.0, 1.0], [0.0, 9.0, 1.0], [2.0, 3.0, 5.0]]
        losses = softmax_cross_entropy(logits, [0, 1, 2], reduction="none")
        np.testing.assert_allclose(losses, [0.001822, 0.000459, 0.169846], atol=5e-7)
        logits = [[[0.854, 0.698, 0.598], [0.088, 0.86, 0.018]]]
        losses = softmax_cross_entropy(logits, [[-1, 2]], ignore_index=-1, reduction="none")
        np.testing.assert_allclose(losses, [[0.0, 1.480129]], atol=5e-7)

    def test_published_number_with_label_smoothing(self):
        # Keras, CategoricalCrossentropyTest.test_label_smoothing.
        loss = softmax_cross_entropy([[100.0, -100.0, -100.0]], [0], label_smoothing=0.1)
        assert loss == pytest.approx(400.0 * 0.1 / 3.0, rel=1e-15)

    @pytest.mark.parametrize(("kind", "options"), ARGUMENTS)
    def test_value_and_gradient_match_torch_whatever_the_arguments(self, kind, options):
        logits, targets = batch_for(kind, options["ignore_index"], 4, 6, 5)
        as_torch = {k: v for k, v in options.items() if v is not None}
        if options["weight"]:
            as_torch["weight"] = torch.tensor(options["weight"], dtype=torch.float64)
        flat = (-1, 5) if kind == "distribution" else (-1,)
        value, gradient = torch_value_and_gradient(
            F.cross_entropy, logits.reshape(-1, 5), targets.reshape(flat), **as_torch
        )
        if options["reduction"] == "none":
            value = value.reshape(4, 6)
        for axis in (0, 1, 2, -1, -2, -3):
            z = np.moveaxis(logits, -1, axis)
            q = np.moveaxis(targets, -1, axis) if kind == "distribution" else targets
            ours = softmax_cross_entropy(z, q, axis=axis, **options)
            np.testing.assert_allclose(ours, value, rtol=1e-13, atol=1e-15)
            ours = softmax_cross_entropy_grad(z, q, axis=axis, **options)
            expected = np.moveaxis(gradient.reshape(4, 6, 5), -1, axis)
            np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-15)

    @pytest.mark.parametrize(("kind", "options"), ARGUMENTS)
    def test_value_and_gradient_are_accurate_to_a_few_ulp_whatever_the_arguments(
        self, kind, options
    ):
        logits, targets = batch_for(kind, options["ignore_index"], 5, 5)
        value = oracles.softmax_cross_entropy(logits, targets, **options)
        gradient = oracles.softmax_cross_entropy_grad(logits, targets, **options)
        # p S - w q': each of the two products is at most the largest weight, over the divisor.
        scale = max(options["weight"] or [1.0])
        if options["reduction"] == "mean":
            scale /= oracles.divisor(logits, targets, options["weight"], options["ignore_index"])
        for dtype in FLOATS:
            z = logits.astype(dtype)
            q = targets.astype(dtype) if kind == "distribution" else targets
            assert_within_ulps(softmax_cross_entropy(z, q, **options), value, ulps=4)
            ours = softmax_cross_entropy_grad(z, q, **options)
            assert_within_ulps(ours, gradient, ulps=4, scale=scale)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_ordinary_logits_lose_no_more_than_their_subtraction_rounds(self, dtype):
        # exp turns the rounding of z_c - max, half an ulp of it, into a relative error of exp.
        z = np.random.default_rng(0).normal(size=(60, 4), scale=20).astype(dtype)
        y = labels(60, num_classes=4)
        spread = float(np.ptp(z, axis=1).max())
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            exact = getattr(oracles, function.__name__)(z, y, reduction="none")
            ours = function(z, y, reduction="none")
            assert_within_ulps(ours, exact, ulps=4 + spread / 2)

    @pytest.mark.parametrize(("dtype", "scale"), [(np.float32, 10), (np.float64, 100)])
    def test_moderate_logits_lose_nothing_since_they_are_not_subtracted(self, dtype, scale):
        z = np.random.default_rng(0).normal(size=(20, 3), scale=scale).astype(dtype)
        y = labels(20, num_classes=3)
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            exact = getattr(oracles, function.__name__)(z, y, reduction="none")
            assert_within_ulps(function(z, y, reduction="none"), exact, ulps=3)

    @pytest.mark.parametrize("margin", [2.0**-20, 1, 17, 40, 100, 300, 700, 744, 800, 1e4])
    @pytest.mark.parametrize("kind", ["index", "distribution"])
    def test_confident_and_right_costs_log1p_of_what_is_left(self, margin, kind):
        targets = [0] if kind == "index" else [[1.0, 0.0]]
        loss = softmax_cross_entropy([[margin, 0.0]], targets)
        left = math.exp(-margin)
        assert_within_ulps(loss, math.log1p(left), ulps=3)

    @pytest.mark.parametrize("margin", [1, 17, 40, 100, 300, 700, 744])
    def test_confident_and_right_gradient_is_what_is_left(self, margin):
        row = np.array([[2.0, margin + 2.0, 2.0]])
        exact = oracles.softmax_cross_entropy_grad(row, [1])
        assert_within_ulps(softmax_cross_entropy_grad(row, [1]), exact, ulps=4)
        weighted = {"weight": [2.0, 0.5, 8.0], "reduction": "sum"}
        exact = oracles.softmax_cross_entropy_grad(row, [1], **weighted)
        assert_within_ulps(softmax_cross_entropy_grad(row, [1], **weighted), exact, ulps=4)

    @pytest.mark.parametrize(
        "row",
        [
            [-95.0, 0.0, 1.0],  # the label's exponential has lost digits
            [-10.0, -90.0, -91.0],  # the sum of the others has
            [-30.0, -30.0, -100.0],  # that of another class has, whose probability is normal
            [88.0, 88.0, 88.0],  # the sum overflows
            [70.0, -20.0, -30.0],  # the odds are below the smallest number
            [-200.0, 0.0, -1000.0],
            [1000.0, 990.0, 1010.0],
        ],
    )
    def test_single_precision_keeps_its_digits_at_its_limits(self, row):
        z, y = np.array([row, [0.5, 1.0, 2.0]], np.float32), [0, 1]
        losses = softmax_cross_entropy(z, y, reduction="none")
        exact = oracles.softmax_cross_entropy(z, y, reduction="none")
        assert_within_ulps(losses, exact, ulps=2)
        gradient = softmax_cross_entropy_grad(z, y, reduction="sum")
        exact = oracles.softmax_cross_entropy_grad(z, y, reduction="sum")
        assert_within_ulps(gradient, exact, ulps=3)

    def test_margin_of_forty(self):
        loss = softmax_cross_entropy([[40.0, 0.0]], [0])
        np.testing.assert_allclose(loss, LOSS_AT_MARGIN_40, rtol=1e-15)
        gradient = softmax_cross_entropy_grad([[40.0, 0.0]], [0])
        np.testing.assert_allclose(gradient, [[-LOSS_AT_MARGIN_40, LOSS_AT_MARGIN_40]], rtol=1e-15)

    @pytest.mark.parametrize(("dtype", "margin"), [(np.float32, 60.0), (np.float16, 60.0)])
    def test_the_confident_side_in_low_precision(self, dtype, margin):
        z = np.array([[margin, 0.0]], dtype=dtype)
        loss, gradient = softmax_cross_entropy(z, [0]), softmax_cross_entropy_grad(z, [0])
        left = math.exp(-margin)
        assert_within_ulps(loss, math.log1p(left), ulps=3)
        assert_within_ulps(gradient, [[-left, left]], ulps=3)

    @pytest.mark.parametrize("margin", [1, 40, 300, 1e4, 1e300])
    def test_confident_and_wrong_costs_the_margin(self, margin):
        loss = softmax_cross_entropy([[0.0, float(margin)]], [0])
        assert loss == pytest.approx(margin + math.log1p(math.exp(-margin)), rel=1e-15)
        gradient = softmax_cross_entropy_grad([[0.0, float(margin)]], [0])
        p = 1 / (1 + math.exp(-margin))
        np.testing.assert_allclose(gradient, [[-p, p]], rtol=1e-15)

    @pytest.mark.parametrize(
        ("row", "target", "options", "loss", "gradient"),
        [
            # -inf masks a class: it costs nothing unless it is the target.
            ([0, 0, -np.inf], 0, {}, math.log(2), [-0.5, 0.5, 0]),
            ([0, 0, -np.inf], 2, {}, np.inf, [0.5, 0.5, -1]),
            ([0, 0, -np.inf], [0.5, 0.5, 0], {}, math.log(2), [0, 0, 0]),
            ([0, 0, -np.inf], [0.5, 0.25, 0.25], {}, np.inf, [0, 0.25, -0.25]),
            ([0, -np.inf, -np.inf], 0, {}, 0, [0, 0, 0]),
            # Smoothing puts mass on the masked class, unless its weight is zero.
            ([0, 0, -np.inf], 0, {"label_smoothing": 0.3}, np.inf, [-0.3, 0.4, -0.1]),
            (
                [0, 0, -np.inf],
                0,
                {"label_smoothing": 0.3, "weight": [1, 1, 0]},
                0.9 * math.log(2),
                [-0.35, 0.35, 0],
            ),
            ([0, 0, -np.inf], 2, {"weight": [1, 1, 0]}, 0, [0, 0, 0]),
            (
                [0, 0, -np.inf],
                [0.5, 0.25, 0.25],
                {"weight": [1, 1, 0]},
                0.75 * math.log(2),
                [-0.125, 0.125, 0],
            ),
            # Differences beyond the largest float.
            ([1e308, -1e308, -1e308], 0, {}, 0, [0, 0, 0]),
            ([1e308, -1e308, -1e308], 1, {}, np.inf, [1, -1, 0]),
            ([1e308, 1e308, -1e308], 0, {}, math.log(2), [-0.5, 0.5, 0]),
            # A row without softmax has no loss.
            ([-np.inf] * 3, 0, {}, np.nan, [np.nan] * 3),
            ([np.inf, 0, 0], 0, {}, np.nan, [np.nan] * 3),
            ([np.inf, 0, 0], 1, {}, np.nan, [np.nan] * 3),
            ([np.nan, 0, 0], 1, {}, np.nan, [np.nan] * 3),
            ([np.nan, 0, 0], [0, 0.5, 0.5], {}, np.nan, [np.nan] * 3),
            ([0, 0, 0], [np.nan, 0.5, 0.5], {}, np.nan, [np.nan] * 3),
        ],
    )
    @pytest.mark.parametrize("reduction", ["sum", "none"])
    def test_extremes(self, row, target, options, loss, gradient, reduction):
        arguments = (np.array([row, [1.0, 2.0, 3.0]]), np.array([target, target]))
        other = softmax_cross_entropy(
            arguments[0][1:], arguments[1][1:], reduction="sum", **options
        )
        ours = softmax_cross_entropy(*arguments, reduction=reduction, **options)
        expected = [loss, other] if reduction == "none" else loss + other
        np.testing.assert_allclose(ours, expected, rtol=1e-15)
        ours = softmax_cross_entropy_grad(*arguments, reduction=reduction, **options)
        np.testing.assert_allclose(ours[0], gradient, rtol=1e-14, atol=1e-16)

    @pytest.mark.parametrize(
        "ignored", [[np.nan] * 3, [np.inf, 0, 0], [-np.inf] * 3, [1e308, 0, 0]]
    )
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.25])
    @pytest.mark.parametrize("weight", [None, [1.0, 2.0, 3.0]])
    def test_an_ignored_row_contributes_nothing(self, ignored, label_smoothing, weight):
        z, y = logits_on_a_grid(4, 3), np.array([0, 2, 1, 2])
        options = {"label_smoothing": label_smoothing, "weight": weight}
        kept = [0, 2, 3]
        z[1], y[1] = ignored, 77
        for reduction in ("mean", "sum"):
            options["reduction"] = reduction
            value = softmax_cross_entropy(z, y, ignore_index=77, **options)
            assert value == pytest.approx(softmax_cross_entropy(z[kept], y[kept], **options))
            gradient = softmax_cross_entropy_grad(z, y, ignore_index=77, **options)
            np.testing.assert_array_equal(gradient[1], 0)
            expected = softmax_cross_entropy_grad(z[kept], y[kept], **options)
            np.testing.assert_allclose(gradient[kept], expected, rtol=1e-14)
        losses = softmax_cross_entropy(z, y, ignore_index=77, **{**options, "reduction": "none"})
        assert losses[1] == 0
        assert not np.signbit(losses[1])

    @pytest.mark.parametrize("ignore_index", [-100, -1, 0, 2, 255, np.int64(1)])
    def test_any_integer_can_be_the_ignored_label(self, ignore_index):
        z = logits_on_a_grid(3, 3)
        losses = softmax_cross_entropy(
            z, [0, ignore_index, 2], ignore_index=ignore_index, reduction="none"
        )
        expected = softmax_cross_entropy(z, [0, 0, 2], reduction="none")
        for row, label in enumerate([0, ignore_index, 2]):
            assert losses[row] == (0 if label == ignore_index else expected[row])

    def test_the_weighted_mean_divides_by_the_weights_of_the_labels(self):
        z, y, w = np.zeros((3, 2)), [0, 0, 1], [1.0, 7.0]
        losses = softmax_cross_entropy(z, y, weight=w, reduction="none")
        np.testing.assert_allclose(losses, np.log(2) * np.array([1, 1, 7]), rtol=1e-15)
        assert softmax_cross_entropy(z, y, weight=w) == pytest.approx(math.log(2), rel=1e-15)

    def test_the_mean_over_distributions_divides_by_the_rows(self):
        z, y, w = np.zeros((3, 2)), np.eye(2)[[0, 0, 1]], [1.0, 7.0]
        expected = 9 * math.log(2) / 3
        assert softmax_cross_entropy(z, y, weight=w) == pytest.approx(expected, rel=1e-15)

    @pytest.mark.parametrize("factor", [1e-300, 1e-30, 1e30, 1e300])
    def test_the_mean_does_not_depend_on_the_scale_of_the_weights(self, factor):
        z, y, w = logits_on_a_grid(6, 3), [0, 1, 2, 0, 1, 2], np.array([1.0, 2.0, 0.5])
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            scaled = function(z, y, weight=w * factor)
            np.testing.assert_allclose(scaled, function(z, y, weight=w), rtol=1e-14)

    def test_a_label_of_weight_zero_drops_its_rows(self):
        z, y = logits_on_a_grid(4, 3), [0, 1, 2, 1]
        z[1] = [0, -np.inf, 0]
        losses = softmax_cross_entropy(z, y, weight=[1, 0, 1], reduction="none")
        np.testing.assert_array_equal(losses[[1, 3]], 0)
        mean = softmax_cross_entropy(z, y, weight=[1, 0, 1])
        assert mean == pytest.approx(losses[[0, 2]].mean(), rel=1e-15)

    @pytest.mark.parametrize(
        ("logits", "targets", "options"),
        [
            (np.empty((0, 3)), np.empty(0, int), {}),
            (np.empty((0, 3)), np.empty((0, 3)), {}),
            (np.empty((2, 0, 3)), np.empty((2, 0), int), {}),
            (np.ones((2, 3)), [-1, -1], {"ignore_index": -1}),
            (np.full((2, 3), np.nan), [1, 1], {"ignore_index": 1}),
            (np.ones((2, 3)), [0, 0], {"weight": [0, 1, 1]}),
            (np.ones((2, 3)), [0, 1], {"weight": [0, 1, 1], "ignore_index": 1}),
            (np.ones((2, 3), np.float32), [0, 0], {"weight": [0, 1, 1]}),
        ],
        ids=[
            "no rows",
            "no distributions",
            "no rows in 2-D",
            "all ignored",
            "all ignored nan",
            "zero weight",
            "zero weight and ignored",
            "single precision",
        ],
    )
    def test_the_mean_of_nothing_is_nan_and_says_why(self, logits, targets, options):
        reason = r"empty|no rows|ignore|weight"
        with pytest.warns(RuntimeWarning, match=reason):
            loss = softmax_cross_entropy(logits, targets, **options)
        assert np.isnan(loss)
        assert loss.dtype == logits.dtype
        with pytest.warns(RuntimeWarning, match=reason):
            gradient = softmax_cross_entropy_grad(logits, targets, **options)
        assert gradient.dtype == logits.dtype
        np.testing.assert_array_equal(gradient, np.zeros(logits.shape))
        # A sum of nothing is zero, and needs no warning.
        assert softmax_cross_entropy(logits, targets, reduction="sum", **options) == 0
        losses = softmax_cross_entropy(logits, targets, reduction="none", **options)
        np.testing.assert_array_equal(losses, np.zeros(logits.shape[:-1]))
        for reduction in ("sum", "none"):
            gradient = softmax_cross_entropy_grad(logits, targets, reduction=reduction, **options)
            np.testing.assert_array_equal(gradient, np.zeros(logits.shape))

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"ignore_index": 0}, "every target is ignore_index=0"),
            ({"weight": [0.0, 1.0]}, "the weights of the kept targets sum to 0"),
        ],
    )
    def test_the_warning_names_the_cause(self, options, reason):
        with pytest.warns(RuntimeWarning, match=f"^a mean over nothing: {reason}$"):
            softmax_cross_entropy([[0.0, 0.0]], [0], **options)

    @pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u4", "i8", "u8", ">i4"])
    def test_any_integer_type_can_hold_the_labels(self, dtype):
        z, y = logits_on_a_grid(3, 4), np.array([3, 0, 2])
        assert softmax_cross_entropy(z, y.astype(dtype)) == softmax_cross_entropy(z, y)
        gradient = softmax_cross_entropy_grad(z, y.astype(dtype))
        np.testing.assert_array_equal(gradient, softmax_cross_entropy_grad(z, y))

    def test_a_padding_label_of_minus_one_hundred_in_the_smallest_signed_type(self):
        z = logits_on_a_grid(2, 300)
        y = np.array([-100, 7], dtype=np.int8)
        expected = softmax_cross_entropy(z[1:], [7])
        assert softmax_cross_entropy(z, y, ignore_index=-100) == pytest.approx(expected, rel=1e-15)

    def test_one_class_costs_nothing(self):
        z = logits_on_a_grid(4, 1)
        for targets in (np.zeros(4, int), np.ones((4, 1))):
            assert softmax_cross_entropy(z, targets) == 0
            np.testing.assert_array_equal(softmax_cross_entropy_grad(z, targets), np.zeros((4, 1)))

    def test_fifty_thousand_classes_match_torch(self):
        z = np.random.default_rng(0).normal(size=(4, 50_000), scale=3)
        y = labels(4, num_classes=50_000)
        value, gradient = torch_value_and_gradient(F.cross_entropy, z, y, label_smoothing=0.1)
        ours = softmax_cross_entropy(z, y, label_smoothing=0.1)
        assert ours == pytest.approx(float(value), rel=1e-13)
        ours = softmax_cross_entropy_grad(z, y, label_smoothing=0.1)
        np.testing.assert_allclose(ours, gradient, rtol=1e-9, atol=1e-18)

    def test_a_single_row_without_a_batch(self):
        row = logits_on_a_grid(5)
        expected = softmax_cross_entropy(row[None], [3])
        for reduction in REDUCTIONS:
            loss = softmax_cross_entropy(row, 3, reduction=reduction)
            assert np.shape(loss) == ()
            assert loss == expected
            gradient = softmax_cross_entropy_grad(row, 3, reduction=reduction)
            np.testing.assert_array_equal(gradient, softmax_cross_entropy_grad(row[None], [3])[0])
        assert softmax_cross_entropy(row, np.eye(5)[3]) == pytest.approx(expected, rel=1e-15)

    def test_long_double_keeps_its_own_precision(self):
        z = logits_on_a_grid(4, 3, dtype=np.longdouble)
        exact = oracles.softmax_cross_entropy(z, [0, 1, 2, 0], weight=[1, 2, 3])
        assert_within_ulps(softmax_cross_entropy(z, [0, 1, 2, 0], weight=[1, 2, 3]), exact, ulps=4)


class TestBinaryCrossEntropy:
    """Of probabilities: torch.nn.functional.binary_cross_entropy without its clamp at -100."""

    def test_published_numbers(self):
        # Keras, keras/src/losses/losses_test.py, BinaryCrossentropyTest.test_unweighted.
        p = [[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.1, 0.2, 0.7]]
        assert binary_cross_entropy(p, np.eye(3)) == pytest.approx(0.20046903, rel=1e-6)
        # scikit-learn, sklearn/metrics/tests/test_classification.py, test_log_loss.
        p = [0.5, 0.9, 0.99, 0.1, 0.25, 0.999]
        loss = binary_cross_entropy(p, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
        assert loss == pytest.approx(1.8817971, abs=1e-7)

    @pytest.mark.parametrize("dtype", FLOATS)
    @pytest.mark.parametrize("pos_weight", [None, 0.0, 0.25, 3.0])
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.25, 1.0])
    @pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0])
    def test_is_accurate_to_a_few_ulp_whatever_the_arguments(
        self, dtype, pos_weight, label_smoothing, t
    ):
        options = {"pos_weight": pos_weight, "label_smoothing": label_smoothing}
        edges = [np.finfo(dtype).tiny, 1 - np.finfo(dtype).epsneg]
        p = np.array([1 / 1024, 0.25, 0.5, 0.75, 1 - 1 / 1024, *edges], dtype=dtype)
        exact = [oracles.binary_cross_entropy(x, t, **options) for x in p]
        ours = binary_cross_entropy(p, np.full_like(p, t), reduction="none", **options)
        assert_within_ulps(ours, exact, ulps=4)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
    def test_matches_torch(self, reduction, label_smoothing):
        rng = np.random.default_rng(0)
        p, t = rng.random((5, 4)), rng.random((5, 4))
        smoothed = t * (1 - label_smoothing) + label_smoothing / 2
        expected = F.binary_cross_entropy(
            torch.tensor(p), torch.tensor(smoothed), reduction=reduction
        )
        ours = binary_cross_entropy(p, t, label_smoothing=label_smoothing, reduction=reduction)
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-13)

    @pytest.mark.parametrize(
        ("p", "t", "expected"),
        [
            (0.0, 0.0, 0.0),
            (1.0, 1.0, 0.0),
            (0.0, 1.0, np.inf),
            (1.0, 0.0, np.inf),
            (0.0, 0.5, np.inf),
            (1.0, 0.5, np.inf),
            (1e-300, 0.0, 1e-300),
            (1e-300, 1.0, 690.7755278982137),
            (np.nan, 1.0, np.nan),
            (0.5, np.nan, np.nan),
            (5e-324, 1.0, 744.4400719213812),
        ],
    )
    def test_nothing_is_clipped(self, p, t, expected):
        np.testing.assert_allclose(binary_cross_entropy(p, t), expected, rtol=1e-15)

    def test_a_positive_weight_of_zero_forgives_a_certain_miss(self):
        assert binary_cross_entropy(0.0, 1.0, pos_weight=0.0) == 0


class TestBinaryCrossEntropyWithLogits:
    @pytest.mark.parametrize(
        ("logits", "targets", "expected", "tolerance"),
        [
            # Optax, optax/losses/_classification_test.py, SigmoidCrossEntropyTest.
            ([-1e09, -1e-09], [1.0, 0.0], 5e08, 1),
            ([-1e09, -1e-09], [0.0, 1.0], 0.3465736, 5e-8),
            ([1e09, 1e-09], [1.0, 0.0], 0.3465736, 5e-8),
            ([0.0, 0.0], [1.0, 0.0], 0.6931472, 5e-8),
            # Keras, BinaryCrossentropyTest.test_unweighted (float32, shown to five digits).
            (
                [[10.0, -10.0, 10.0], [10.0, 10.0, -10.0]],
                [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]],
                3.3333,
                1e-4,
            ),
        ],
    )
    def test_published_numbers(self, logits, targets, expected, tolerance):
        loss = binary_cross_entropy_with_logits(logits, targets)
        assert loss == pytest.approx(expected, abs=tolerance)

    def test_published_number_with_label_smoothing(self):
        # Keras, BinaryCrossentropyTest.test_label_smoothing, which leaves out log1p(e^-10).
        loss = binary_cross_entropy_with_logits(
            [[10.0, -10.0, -10.0]], [[1.0, 0.0, 1.0]], label_smoothing=0.1
        )
        expected = (10 + 5 * 0.1) / 3 + math.log1p(math.exp(-10))
        assert loss == pytest.approx(expected, rel=1e-15)

    @pytest.mark.parametrize("pos_weight", [None, 0.0, 0.25, 3.0])
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.25, 1.0])
    @pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0])
    def test_is_accurate_to_a_few_ulp_whatever_the_arguments(self, pos_weight, label_smoothing, t):
        options = {"pos_weight": pos_weight, "label_smoothing": label_smoothing}
        exact = [oracles.binary_cross_entropy_with_logits(z, t, **options) for z in BINARY_LOGITS]
        for dtype in FLOATS:
            z = BINARY_LOGITS.astype(dtype)
            t_like = np.full_like(z, t)
            ours = binary_cross_entropy_with_logits(z, t_like, reduction="none", **options)
            assert_within_ulps(ours, exact, ulps=4)

    @pytest.mark.parametrize("z", [17.0, 36.0, 40.0, 300.0, 700.0, 744.0])
    def test_both_confident_sides_keep_their_digits(self, z):
        left = math.log1p(math.exp(-z))
        assert_within_ulps(binary_cross_entropy_with_logits(z, 1.0), left, ulps=2)
        assert_within_ulps(binary_cross_entropy_with_logits(-z, 0.0), left, ulps=2)

    def test_is_symmetric(self):
        z, t = logits_on_a_grid(200), np.random.default_rng(0).integers(0, 65, 200) / 64
        for options in ({}, {"label_smoothing": 0.25}):
            one = binary_cross_entropy_with_logits(z, t, reduction="none", **options)
            other = binary_cross_entropy_with_logits(-z, 1 - t, reduction="none", **options)
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.1])
    @pytest.mark.parametrize("pos_weight", [None, 2.5, [0.5, 1.0, 0.0, 4.0]])
    def test_matches_torch(self, reduction, label_smoothing, pos_weight):
        rng = np.random.default_rng(0)
        z, t = rng.normal(size=(3, 5, 4), scale=4), rng.random((3, 5, 4))
        smoothed = t * (1 - label_smoothing) + label_smoothing / 2
        weight = None if pos_weight is None else torch.tensor(pos_weight, dtype=torch.float64)
        expected = F.binary_cross_entropy_with_logits(
            torch.tensor(z), torch.tensor(smoothed), pos_weight=weight, reduction=reduction
        )
        options = {
            "pos_weight": pos_weight,
            "label_smoothing": label_smoothing,
            "reduction": reduction,
        }
        ours = binary_cross_entropy_with_logits(z, t, **options)
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-13, atol=1e-15)
        ours = binary_cross_entropy(scipy.special.expit(z), t, **options)
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-10)

    def test_matches_scipy_s_log_expit(self):
        z = np.random.default_rng(0).normal(size=1000, scale=20)
        losses = binary_cross_entropy_with_logits(z, np.ones(1000), reduction="none")
        np.testing.assert_allclose(losses, -scipy.special.log_expit(z), rtol=1e-14)

    @pytest.mark.parametrize(
        ("z", "t", "expected"),
        [
            (np.inf, 1.0, 0.0),
            (-np.inf, 0.0, 0.0),
            (np.inf, 0.0, np.inf),
            (-np.inf, 1.0, np.inf),
            (np.inf, 0.5, np.inf),
            (1e308, 1.0, 0.0),
            (1e308, 0.0, 1e308),
            (-1e308, 1.0, 1e308),
            (np.nan, 1.0, np.nan),
            (0.0, np.nan, np.nan),
        ],
    )
    def test_extremes(self, z, t, expected):
        np.testing.assert_array_equal(binary_cross_entropy_with_logits(z, t), expected)

    def test_zero_weight_forgives_an_infinite_miss(self):
        assert binary_cross_entropy_with_logits(-np.inf, 1.0, pos_weight=0.0) == 0


class TestFocalLoss:
    @pytest.mark.parametrize(("p", "times_smaller"), [(0.9, 100), (0.968, 1000), (0.5, 4)])
    def test_easy_examples_count_less(self, p, times_smaller):
        # Lin et al. 2017, section 3.2: with gamma 2, 100 times less at p = 0.9, some 1000 times at
        # p = 0.968, and at most 4 times for p <= 0.5.
        row = np.log([[p, 1 - p]])
        ratio = softmax_cross_entropy(row, [0]) / focal_loss(row, [0], gamma=2)
        assert ratio == pytest.approx(times_smaller, rel=0.03 if p == 0.968 else 1e-12)

    @pytest.mark.parametrize("kind", ["index", "distribution"])
    @pytest.mark.parametrize("gamma", [0, 0.5, 1, 2.0, 5])
    @pytest.mark.parametrize("alpha", [None, [0.25, 3.0, 0.0, 1.5]])
    @pytest.mark.parametrize("reduction", REDUCTIONS)
    def test_is_accurate_to_a_few_ulp_whatever_the_arguments(self, kind, gamma, alpha, reduction):
        for ignore_index in (None, -100, 1) if kind == "index" else (None,):
            options = {
                "gamma": gamma,
                "alpha": alpha,
                "reduction": reduction,
                "ignore_index": ignore_index,
            }
            logits, targets = batch_for(kind, ignore_index, 6, 4)
            exact = oracles.focal_loss(logits, targets, **options)
            for dtype in FLOATS:
                q = targets.astype(dtype) if kind == "distribution" else targets
                ours = focal_loss(logits.astype(dtype), q, **options)
                # The power multiplies the rounding of its base by gamma.
                assert_within_ulps(ours, exact, ulps=5 + 3 * gamma)

    @pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
    @pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
    def test_matches_torch_along_every_axis(self, gamma, axis):
        z, y, a = logits_on_a_grid(3, 4, 5), labels(3, 4, num_classes=5), np.arange(1.0, 6.0)
        log_p = torch.log_softmax(torch.tensor(z), -1).gather(-1, torch.tensor(y)[..., None])[
            ..., 0
        ]
        expected = torch.tensor(a)[torch.tensor(y)] * (1 - log_p.exp()) ** gamma * -log_p
        ours = focal_loss(
            np.moveaxis(z, -1, axis), y, gamma=gamma, alpha=a, axis=axis, reduction="none"
        )
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-10)
        one_hots = np.moveaxis(one_hot(y, 5), -1, axis)
        ours = focal_loss(
            np.moveaxis(z, -1, axis), one_hots, gamma=gamma, alpha=a, axis=axis, reduction="none"
        )
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-10)

    def test_the_default_is_the_paper_s_gamma_without_alpha(self):
        z, y = logits_on_a_grid(5, 3), labels(5, num_classes=3)
        assert focal_loss(z, y) == focal_loss(z, y, gamma=2.0, alpha=None, reduction="mean")

    @pytest.mark.parametrize("gamma", [0.25, 1.0, 2.0])
    @pytest.mark.parametrize("margin", [20.0, 40.0, 90.0])
    def test_the_confident_side_keeps_its_digits(self, gamma, margin):
        # 1 - p must not be taken from p, which is 1 from a margin of 37 on.
        left = math.exp(-margin) / (1 + math.exp(-margin))
        exact = left**gamma * math.log1p(math.exp(-margin))
        for target in ([0], [[1.0, 0.0]]):
            assert focal_loss([[margin, 0.0]], target, gamma=gamma) == pytest.approx(
                exact, rel=4e-15
            )

    @pytest.mark.parametrize(
        ("row", "target", "gamma", "expected"),
        [
            ([0.0, -np.inf], 0, 2, 0.0),
            ([0.0, -np.inf], 0, 0, 0.0),
            ([0.0, -np.inf], 0, 0.5, 0.0),
            ([0.0, -np.inf], 1, 2, np.inf),
            ([0.0, -np.inf], 1, 0, np.inf),
            ([0.0, -np.inf], [1.0, 0.0], 2, 0.0),
            ([0.0, -np.inf], [1.0, 0.0], 0, 0.0),
            ([0.0, -np.inf], [0.5, 0.5], 2, np.inf),
            ([1e308, -1e308], 0, 2, 0.0),
            ([1e308, -1e308], 1, 2, np.inf),
            ([1e4, -1e4], 1, 2, 2e4),
            ([3.0], 0, 2, 0.0),
            ([3.0], 0, 0, 0.0),
            ([-np.inf, -np.inf], 0, 2, np.nan),
            ([np.inf, 0.0], 1, 2, np.nan),
            ([np.nan, 0.0], 1, 2, np.nan),
            ([0.0, 0.0], [np.nan, 0.5], 2, np.nan),
        ],
    )
    def test_extremes(self, row, target, gamma, expected):
        loss = focal_loss([row], np.array([target]), gamma=gamma)
        np.testing.assert_array_equal(loss, expected)

    def test_alpha_of_zero_forgives_an_impossible_label(self):
        assert focal_loss([[0.0, -np.inf]], [1], alpha=[1.0, 0.0]) == 0

    def test_the_mean_divides_by_the_rows_not_by_alpha(self):
        z, y, alpha = np.zeros((4, 2)), np.array([0, 0, 1, 9]), [1.0, 7.0]
        expected = (1 + 1 + 7) * 0.25 * math.log(2) / 3
        assert focal_loss(z, y, alpha=alpha, ignore_index=9) == pytest.approx(expected, rel=1e-15)
        weighted = softmax_cross_entropy(z, y, weight=alpha, ignore_index=9)
        assert weighted == pytest.approx(math.log(2), rel=1e-15)

    @pytest.mark.parametrize(
        ("logits", "targets", "options"),
        [
            (np.empty((0, 3)), np.empty(0, int), {}),
            (np.empty((0, 3), np.float32), np.empty((0, 3), np.float32), {}),
            (np.full((2, 3), np.nan), [5, 5], {"ignore_index": 5}),
        ],
    )
    def test_the_mean_of_nothing_is_nan_and_says_why(self, logits, targets, options):
        with pytest.warns(RuntimeWarning, match=r"empty|no rows|ignore"):
            loss = focal_loss(logits, targets, **options)
        assert np.isnan(loss)
        assert loss.dtype == logits.dtype
        assert focal_loss(logits, targets, reduction="sum", **options) == 0
        losses = focal_loss(logits, targets, reduction="none", **options)
        np.testing.assert_array_equal(losses, np.zeros(logits.shape[:-1]))

    def test_a_mean_over_rows_of_alpha_zero_is_zero(self):
        # Unlike the weighted cross-entropy, whose mean would be 0/0.
        assert focal_loss([[0.0, 1.0]], [0], alpha=[0.0, 1.0]) == 0


class TestSigmoidFocalLoss:
    def test_published_numbers(self):
        # MMPretrain, tests/test_models/test_losses.py, test_focal_loss.
        z, t = [[5.0, -5.0, 0.0], [5.0, -5.0, 0.0]], [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
        loss = sigmoid_focal_loss(z, t, gamma=2.0, alpha=0.25)
        assert loss == pytest.approx(0.8522, abs=5e-5)
        t = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
        loss = sigmoid_focal_loss(z, t, gamma=2.0, alpha=0.25)
        assert loss == pytest.approx(0.86664125, rel=1e-6)

    @pytest.mark.parametrize("p", [0.9, 0.98, 0.3, 0.99, 0.1, 0.02, 0.09, 0.15])
    def test_scales_the_cross_entropy_by_the_miss(self, p):
        # Optax, SigmoidFocalLossTest.test_scale uses these probabilities.
        z = math.log(p / (1 - p))
        ratio = sigmoid_focal_loss(z, 1.0) / binary_cross_entropy_with_logits(z, 1.0)
        assert ratio == pytest.approx((1 - p) ** 2, rel=1e-13)

    @pytest.mark.parametrize("gamma", [0, 0.5, 1, 2.0, 5])
    @pytest.mark.parametrize("alpha", [None, 0, 0.25, 1])
    @pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0])
    def test_is_accurate_to_a_few_ulp_whatever_the_arguments(self, gamma, alpha, t):
        options = {"gamma": gamma, "alpha": alpha}
        exact = [oracles.sigmoid_focal_loss(z, t, **options) for z in BINARY_LOGITS]
        for dtype in FLOATS:
            z = BINARY_LOGITS.astype(dtype)
            ours = sigmoid_focal_loss(z, np.full_like(z, t), reduction="none", **options)
            assert_within_ulps(ours, exact, ulps=6 + 3 * gamma)

    @pytest.mark.parametrize("gamma", [0.5, 1, 2])
    @pytest.mark.parametrize("z", [-90.0, -40.0, 40.0, 90.0])
    @pytest.mark.parametrize("t", [0.0, 1.0])
    def test_both_confident_sides_keep_their_digits(self, gamma, z, t):
        exact = oracles.sigmoid_focal_loss(z, t, gamma)
        assert_within_ulps(sigmoid_focal_loss(z, t, gamma=gamma), exact, ulps=6 + 3 * gamma)

    @pytest.mark.parametrize("reduction", REDUCTIONS)
    @pytest.mark.parametrize("alpha", [None, 0.25])
    def test_matches_torch(self, reduction, alpha):
        # The formula of torchvision.ops.sigmoid_focal_loss, written out.
        rng = np.random.default_rng(0)
        z, t = rng.normal(size=(4, 5), scale=3), rng.random((4, 5))
        inputs, targets = torch.tensor(z), torch.tensor(t)
        p = torch.sigmoid(inputs)
        ce = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
        p_t = p * targets + (1 - p) * (1 - targets)
        expected = ce * (1 - p_t) ** 2
        if alpha is not None:
            expected = (alpha * targets + (1 - alpha) * (1 - targets)) * expected
        expected = {"mean": expected.mean(), "sum": expected.sum(), "none": expected}[reduction]
        ours = sigmoid_focal_loss(z, t, alpha=alpha, reduction=reduction)
        np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-12)

    @pytest.mark.parametrize(
        ("z", "t", "expected"),
        [
            (np.inf, 1.0, 0.0),
            (-np.inf, 0.0, 0.0),
            (-np.inf, 1.0, np.inf),
            (np.inf, 0.0, np.inf),
            (1e308, 1.0, 0.0),
            (1e308, 0.0, 1e308),
            (np.nan, 0.0, np.nan),
            (0.0, np.nan, np.nan),
        ],
    )
    @pytest.mark.parametrize("gamma", [0, 0.5, 2])
    def test_extremes(self, z, t, expected, gamma):
        np.testing.assert_array_equal(sigmoid_focal_loss(z, t, gamma=gamma), expected)

    def test_the_default_is_the_paper_s_gamma_without_alpha(self):
        z, t = logits_on_a_grid(6), np.array([0.0, 1.0] * 3)
        assert sigmoid_focal_loss(z, t) == sigmoid_focal_loss(z, t, gamma=2.0, alpha=None)
        assert sigmoid_focal_loss(z, t, alpha=0.5) == pytest.approx(sigmoid_focal_loss(z, t) / 2)


BINARY_LOSSES = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "sigmoid_focal_loss": sigmoid_focal_loss,
}
each_loss = pytest.mark.parametrize("loss", BINARY_LOSSES.values(), ids=BINARY_LOSSES.keys())


class TestElementwiseBinaryLosses:
    """What the three binary losses share."""

    @each_loss
    def test_reductions(self, loss):
        x = np.random.default_rng(0).random((4, 3))
        t = np.random.default_rng(1).random((4, 3))
        losses = loss(x, t, reduction="none")
        assert losses.shape == (4, 3)
        total = loss(x, t, reduction="sum")
        assert total == pytest.approx(math.fsum(losses.ravel()), rel=1e-15)
        assert loss(x, t) == loss(x, t, reduction="mean") == pytest.approx(total / 12, rel=1e-15)
        assert isinstance(total, np.float64)

    @each_loss
    @pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_the_mean_of_nothing_is_nan_and_says_so(self, loss, shape, dtype):
        nothing = np.empty(shape, dtype)
        with pytest.warns(
            RuntimeWarning, match=r"^a mean over nothing: the batch is empty$"
        ) as caught:
            mean = loss(nothing, nothing)
        assert np.isnan(mean)
        assert mean.dtype == dtype
        assert len(caught) == 1
        assert loss(nothing, nothing, reduction="sum") == 0
        assert loss(nothing, nothing, reduction="none").shape == shape

    @each_loss
    def test_a_single_number_needs_no_batch(self, loss):
        for reduction in REDUCTIONS:
            value = loss(0.25, 1.0, reduction=reduction)
            assert np.shape(value) == ()
            assert value == loss([0.25], [1.0])


class TestWarningOfAnEmptyMean:
    @pytest.mark.parametrize(
        "call",
        [
            lambda: softmax_cross_entropy(np.empty((0, 2)), np.empty(0, int)),
            lambda: softmax_cross_entropy_grad(np.empty((0, 2)), np.empty(0, int)),
            lambda: focal_loss(np.empty((0, 2)), np.empty(0, int)),
            lambda: binary_cross_entropy([], []),
            lambda: binary_cross_entropy_with_logits([], []),
            lambda: sigmoid_focal_loss([], []),
            lambda: perplexity([]),
        ],
    )
    def test_points_at_the_caller(self, call):
        with pytest.warns(RuntimeWarning) as caught:
            call()
        assert [w.filename for w in caught] == [__file__]


class TestSmoothLabels:
    def test_the_course_s_example(self):
        smoothed = smooth_labels(2, num_classes=4, label_smoothing=0.1)
        np.testing.assert_allclose(smoothed, [0.025, 0.025, 0.925, 0.025], rtol=1e-15)

    def test_optax_s_example(self):
        # Optax, optax/losses/_smoothing_test.py: 0.9 * targets + 0.1 / 3.
        targets = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype=np.float32)
        smoothed = smooth_labels(targets, num_classes=3, label_smoothing=0.1)
        np.testing.assert_allclose(smoothed, 0.9 * targets + 0.1 / 3, rtol=1e-6)
        assert smoothed.dtype == np.float32

    @pytest.mark.parametrize("shape", [(), (5,), (2, 3), (0,), (2, 0)])
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 1.0])
    def test_indices_of_any_shape_get_a_last_axis(self, shape, label_smoothing):
        y = labels(*shape, num_classes=4)
        smoothed = smooth_labels(y, num_classes=4, label_smoothing=label_smoothing)
        assert smoothed.dtype == np.float64
        expected = one_hot(y, 4) * (1 - label_smoothing) + label_smoothing / 4
        assert smoothed.shape == expected.shape
        np.testing.assert_allclose(smoothed, expected, rtol=1e-15)

    @pytest.mark.parametrize("label_smoothing", [0.0, 0.1, 0.5, 1.0])
    def test_is_what_torch_does_with_its_label_smoothing(self, label_smoothing):
        z, y = logits_on_a_grid(5, 4), labels(5, num_classes=4)
        smoothed = smooth_labels(y, num_classes=4, label_smoothing=label_smoothing)
        expected = F.cross_entropy(
            torch.tensor(z), torch.tensor(y), label_smoothing=label_smoothing
        )
        ours = softmax_cross_entropy(z, smoothed)
        assert ours == pytest.approx(float(expected), rel=1e-13)

    def test_distributions_are_smoothed_too(self):
        q = mixtures(3, 2, 4)
        smoothed = smooth_labels(q, num_classes=4, label_smoothing=0.25)
        np.testing.assert_allclose(smoothed, 0.75 * q + 0.0625, rtol=1e-15)
        np.testing.assert_allclose(smoothed.sum(axis=-1), 1, rtol=1e-15)

    @pytest.mark.parametrize(
        ("given_dtype", "expected"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8")]
    )
    def test_distributions_keep_their_dtype(self, given_dtype, expected):
        q = mixtures(3, 4, dtype=given_dtype)
        assert smooth_labels(q, num_classes=4, label_smoothing=0.25).dtype == np.dtype(expected)


class TestClassWeights:
    @pytest.mark.parametrize(
        ("targets", "num_classes", "expected"),
        [
            # scikit-learn, sklearn/utils/tests/test_class_weight.py,
            # test_compute_class_weight_balanced_negative, its labels moved up by two.
            ([1, 1, 2, 2, 0, 0], 3, [1.0, 1.0, 1.0]),
            ([1, 2, 2, 0, 0, 0], 3, [2 / 3, 2.0, 1.0]),
            # scikit-learn, the example in the documentation of compute_class_weight.
            ([1, 1, 1, 1, 0, 0], 2, [1.5, 0.75]),
            ([0], 1, [1.0]),
            ([[0, 1], [1, 1]], 2, [2.0, 2 / 3]),
        ],
    )
    def test_are_scikit_learn_s_balanced_weights(self, targets, num_classes, expected):
        weights = class_weights(np.array(targets), num_classes=num_classes)
        assert weights.dtype == np.float64
        np.testing.assert_allclose(weights, expected, rtol=1e-15)

    @pytest.mark.parametrize("dtype", ["u1", "i1", "i8", "u8"])
    def test_any_integer_type_can_hold_the_labels(self, dtype):
        y = np.array([0, 1, 1, 1], dtype=dtype)
        np.testing.assert_allclose(class_weights(y, num_classes=2), [2, 2 / 3], rtol=1e-15)

    def test_give_every_class_the_same_say(self):
        y = np.random.default_rng(0).choice(4, 1000, p=[0.7, 0.2, 0.05, 0.05])
        weights = class_weights(y, num_classes=4)
        np.testing.assert_allclose(np.bincount(y) * weights, 250, rtol=1e-15)
        assert weights[y].sum() == pytest.approx(y.size, rel=1e-14)


class TestDoubleSoftmaxFloor:
    @pytest.mark.parametrize("num_classes", [1, 2, 3, 10, 1000, 50_257, np.int64(7)])
    def test_is_the_loss_torch_gives_to_a_perfect_softmax_output(self, num_classes):
        perfect = torch.zeros((1, int(num_classes)), dtype=torch.float64)
        perfect[0, 0] = 1
        expected = float(F.cross_entropy(perfect, torch.tensor([0])))
        assert double_softmax_floor(num_classes) == pytest.approx(expected, rel=1e-13)

    @pytest.mark.parametrize(
        ("num_classes", "floor"), [(2, 0.3133), (3, 0.5514), (4, 0.7437), (10, 1.4612)]
    )
    def test_known_values(self, num_classes, floor):
        assert round(float(double_softmax_floor(num_classes)), 4) == floor

    def test_one_class_has_no_floor(self):
        assert double_softmax_floor(1) == 0
