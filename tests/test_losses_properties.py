"""Identities and inequalities that hold for every batch, tried on generated ones."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xentlib import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    entropy,
    focal_loss,
    kl_divergence,
    log_softmax,
    sigmoid_focal_loss,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
SHARES = st.floats(0, 1)


@st.composite
def batches(draw, reach=50.0, classes=(1, 8), rows=(1, 6)):
    """Logits (N, C) and one label per row."""
    n, c = draw(st.integers(*rows)), draw(st.integers(*classes))
    finite = st.floats(-reach, reach, width=32)
    z = draw(hnp.arrays(np.float64, (n, c), elements=finite))
    return z, draw(hnp.arrays(np.int64, n, elements=st.integers(0, c - 1)))


@st.composite
def batches_of_distributions(draw, **kwargs):
    """Logits (N, C) and one distribution per row, zeros included."""
    z, y = draw(batches(**kwargs))
    counts = draw(hnp.arrays(np.int64, z.shape, elements=st.integers(0, 100)))
    counts[np.arange(len(y)), y] += 1
    return z, counts / counts.sum(axis=1, keepdims=True)


@st.composite
def binary_batches(draw, reach=50.0):
    n = draw(st.integers(1, 8))
    z = draw(hnp.arrays(np.float64, n, elements=st.floats(-reach, reach, width=32)))
    return z, draw(hnp.arrays(np.float64, n, elements=SHARES))


def weights_for(z):
    return 0.25 + np.arange(z.shape[1]) % 3


def one_hot(y, z):
    return np.eye(z.shape[1])[y]


def close(actual, expected, rtol=1e-13, atol=1e-15):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)


class TestSoftmax:
    @given(batches())
    def test_is_a_distribution(self, batch):
        p = softmax(batch[0])
        assert (p >= 0).all()
        assert (p <= 1).all()
        close(p.sum(axis=1), 1)

    @given(batches())
    def test_is_the_exponential_of_log_softmax(self, batch):
        close(softmax(batch[0]), np.exp(log_softmax(batch[0])))
        assert (log_softmax(batch[0]) <= 0).all()

    @given(batches(), st.integers(-(2**20), 2**20))
    def test_a_shift_of_every_logit_changes_nothing(self, batch, shift):
        z = np.round(batch[0] * 64) / 64
        np.testing.assert_array_equal(log_softmax(z + shift), log_softmax(z))
        np.testing.assert_array_equal(softmax(z + shift), softmax(z))

    @given(batches())
    def test_log_softmax_is_idempotent(self, batch):
        once = log_softmax(batch[0])
        close(log_softmax(once), once, atol=1e-14)

    @given(batches(), st.randoms(use_true_random=False))
    def test_follows_a_permutation_of_the_classes(self, batch, random):
        z, _ = batch
        order = random.sample(range(z.shape[1]), z.shape[1])
        close(softmax(z[:, order]), softmax(z)[:, order])

    @given(batches())
    def test_keeps_the_order_of_the_logits(self, batch):
        z, _ = batch
        order = np.argsort(z, axis=1)
        assert (np.diff(np.take_along_axis(softmax(z), order, 1)) >= 0).all()
        assert (np.diff(np.take_along_axis(log_softmax(z), order, 1)) >= 0).all()


class TestSoftmaxCrossEntropy:
    @given(batches(), REDUCTIONS)
    def test_an_index_is_a_one_hot_distribution(self, batch, reduction):
        z, y = batch
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            close(
                function(z, y, reduction=reduction), function(z, one_hot(y, z), reduction=reduction)
            )

    @given(batches(), SHARES, st.sampled_from(["sum", "none"]))
    def test_so_it_is_with_weights_and_smoothing_but_for_the_mean(
        self, batch, smoothing, reduction
    ):
        z, y = batch
        options = {"weight": weights_for(z), "label_smoothing": smoothing, "reduction": reduction}
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            close(function(z, y, **options), function(z, one_hot(y, z), **options), rtol=1e-12)

    @given(batches(), SHARES, REDUCTIONS)
    def test_smoothing_is_smoothed_labels(self, batch, smoothing, reduction):
        z, y = batch
        q = smooth_labels(y, num_classes=z.shape[1], label_smoothing=smoothing)
        direct = softmax_cross_entropy(z, y, label_smoothing=smoothing, reduction=reduction)
        close(direct, softmax_cross_entropy(z, q, reduction=reduction), rtol=1e-12)

    @given(batches(), REDUCTIONS)
    def test_no_smoothing_and_unit_weights_are_the_default(self, batch, reduction):
        z, y = batch
        plain = softmax_cross_entropy(z, y, reduction=reduction)
        options = {"label_smoothing": 0.0, "weight": np.ones(z.shape[1]), "ignore_index": -1}
        close(softmax_cross_entropy(z, y, reduction=reduction, **options), plain)

    @given(batches_of_distributions())
    def test_is_the_cross_entropy_of_the_softmax(self, batch):
        z, q = batch
        close(
            softmax_cross_entropy(z, q, reduction="none"), cross_entropy(q, softmax(z)), rtol=1e-12
        )

    @given(batches_of_distributions())
    def test_never_falls_below_the_entropy_of_the_target(self, batch):
        z, q = batch
        losses = softmax_cross_entropy(z, q, reduction="none")
        assert (losses >= entropy(q) * (1 - 1e-14)).all()
        excess = kl_divergence(q, softmax(z))
        close(losses - entropy(q), excess, rtol=1e-9, atol=1e-13)

    @given(batches(), st.integers(-(2**20), 2**20))
    def test_a_shift_of_a_row_changes_nothing(self, batch, shift):
        z, y = np.round(batch[0] * 64) / 64, batch[1]
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            close(function(z + shift, y), function(z, y), rtol=4e-15, atol=0)

    @given(batches(classes=(2, 8)), st.floats(1e-3, 10))
    def test_a_larger_logit_for_the_target_never_costs_more(self, batch, raise_by):
        z, y = batch
        raised = z + raise_by * one_hot(y, z)
        before, after = (softmax_cross_entropy(x, y, reduction="none") for x in (z, raised))
        assert (after <= before).all()
        assert (after < before).all() or before.min() < 1e-13

    @given(batches())
    def test_is_never_negative(self, batch):
        assert (softmax_cross_entropy(*batch, reduction="none") >= 0).all()

    @given(batches(), st.randoms(use_true_random=False))
    def test_follows_a_relabelling_of_the_classes(self, batch, random):
        z, y = batch
        order = np.array(random.sample(range(z.shape[1]), z.shape[1]))
        w = weights_for(z)
        renamed = np.argsort(order)[y]
        close(
            softmax_cross_entropy(z[:, order], renamed, weight=w[order]),
            softmax_cross_entropy(z, y, weight=w),
        )

    @given(batches(), REDUCTIONS)
    def test_equal_weights_cancel_in_the_mean_only(self, batch, reduction):
        z, y = batch
        plain = softmax_cross_entropy(z, y, reduction=reduction)
        scaled = softmax_cross_entropy(z, y, weight=np.full(z.shape[1], 4.0), reduction=reduction)
        close(scaled, plain if reduction == "mean" else 4 * plain)

    @given(batches(rows=(2, 6)))
    def test_ignoring_rows_is_leaving_them_out(self, batch):
        z, y = batch
        y[0] = -100
        for function in (softmax_cross_entropy, softmax_cross_entropy_grad):
            whole = function(z, y, ignore_index=-100, weight=weights_for(z))
            rest = function(z[1:], y[1:], weight=weights_for(z))
            close(whole if whole.ndim == 0 else whole[1:], rest)


class TestSoftmaxCrossEntropyGradient:
    @given(batches(reach=5.0), SHARES, REDUCTIONS, st.booleans())
    def test_is_the_slope_of_the_loss(self, batch, smoothing, reduction, weighted):
        z, y = batch
        options = {"label_smoothing": smoothing, "weight": weights_for(z) if weighted else None}
        gradient = softmax_cross_entropy_grad(z, y, reduction=reduction, **options)
        reduction = "sum" if reduction == "none" else reduction
        step = 1e-5
        for index in np.ndindex(z.shape):
            nudge = np.zeros_like(z)
            nudge[index] = step
            up, down = (
                softmax_cross_entropy(x, y, reduction=reduction, **options)
                for x in (z + nudge, z - nudge)
            )
            assert gradient[index] == pytest.approx((up - down) / (2 * step), abs=1e-7)

    @given(batches(), SHARES, REDUCTIONS)
    def test_sums_to_zero_in_every_row(self, batch, smoothing, reduction):
        z, y = batch
        for targets in (y, one_hot(y, z)):
            gradient = softmax_cross_entropy_grad(
                z, targets, weight=weights_for(z), label_smoothing=smoothing, reduction=reduction
            )
            size = np.abs(gradient).sum(axis=1)
            assert (np.abs(gradient.sum(axis=1)) <= 4e-15 * (1 + size)).all()

    @given(batches())
    def test_confident_rows_balance_to_the_last_digit(self, batch):
        z, y = batch
        gradient = softmax_cross_entropy_grad(z, y, reduction="sum")
        size = np.abs(gradient).sum(axis=1)
        assert (np.abs(gradient.sum(axis=1)) <= 4e-15 * size).all()

    @given(batches_of_distributions())
    def test_is_softmax_minus_target(self, batch):
        z, q = batch
        gradient = softmax_cross_entropy_grad(z, q, reduction="sum")
        close(gradient, softmax(z) - q, atol=4e-16)

    @given(batches(classes=(2, 8)))
    def test_pulls_the_target_up_and_the_others_down(self, batch):
        z, y = batch
        gradient = softmax_cross_entropy_grad(z, y)
        is_target = one_hot(y, z).astype(bool)
        assert (gradient[is_target] <= 0).all()
        assert (gradient[~is_target] >= 0).all()

    @given(batches_of_distributions())
    def test_vanishes_where_the_softmax_is_the_target(self, batch):
        q = (batch[1] + 0.01) / (batch[1] + 0.01).sum(axis=1, keepdims=True)
        gradient = softmax_cross_entropy_grad(np.log(q), q, reduction="sum")
        np.testing.assert_allclose(gradient, 0, atol=1e-14)

    @given(batches(), st.integers(1, 5))
    def test_the_mean_is_the_sum_over_its_divisor(self, batch, times):
        z, y = np.tile(batch[0], (times, 1)), np.tile(batch[1], times)
        w = weights_for(z)
        total = softmax_cross_entropy_grad(z, y, weight=w, reduction="sum")
        close(softmax_cross_entropy_grad(z, y, weight=w), total / w[y].sum(), atol=1e-16)
        q = one_hot(y, z)
        total = softmax_cross_entropy_grad(z, q, weight=w, reduction="sum")
        close(softmax_cross_entropy_grad(z, q, weight=w), total / len(y), atol=1e-16)


class TestBinaryLosses:
    @given(binary_batches(), SHARES, REDUCTIONS)
    def test_bce_is_softmax_cross_entropy_with_two_classes(self, batch, smoothing, reduction):
        z, t = batch
        options = {"label_smoothing": smoothing, "reduction": reduction}
        two = np.stack([z, np.zeros_like(z)], axis=1), np.stack([t, 1 - t], axis=1)
        ours = binary_cross_entropy_with_logits(z, t, **options)
        close(ours, softmax_cross_entropy(*two, **options), rtol=1e-12)

    @given(binary_batches(), st.floats(0, 100))
    def test_so_it_is_with_a_positive_weight(self, batch, pos_weight):
        z, t = batch
        two = np.stack([z, np.zeros_like(z)], axis=1), np.stack([t, 1 - t], axis=1)
        ours = binary_cross_entropy_with_logits(z, t, pos_weight=pos_weight)
        close(ours, softmax_cross_entropy(*two, weight=[pos_weight, 1.0]), rtol=1e-12)

    @given(binary_batches(reach=15.0), SHARES, st.floats(0, 10), REDUCTIONS)
    def test_of_probabilities_and_of_their_logits_agree(self, batch, smoothing, weight, reduction):
        z, t = batch
        options = {"label_smoothing": smoothing, "pos_weight": weight, "reduction": reduction}
        of_p = binary_cross_entropy(1 / (1 + np.exp(-z)), t, **options)
        close(of_p, binary_cross_entropy_with_logits(z, t, **options), rtol=1e-9)

    @given(binary_batches())
    def test_swapping_the_classes_changes_nothing(self, batch):
        z, t = batch
        close(binary_cross_entropy_with_logits(-z, 1 - t), binary_cross_entropy_with_logits(z, t))
        p = 1 / (1 + np.exp(-z / 8))
        close(binary_cross_entropy(1 - p, 1 - t), binary_cross_entropy(p, t), rtol=1e-11)
        for alpha in (None, 0.25):
            mirrored = None if alpha is None else 1 - alpha
            close(
                sigmoid_focal_loss(-z, 1 - t, alpha=mirrored),
                sigmoid_focal_loss(z, t, alpha=alpha),
                rtol=1e-12,
            )

    @given(binary_batches())
    def test_gibbs_no_prediction_beats_the_target_itself(self, batch):
        z, t = batch
        losses = binary_cross_entropy_with_logits(z, t, reduction="none")
        assert (losses >= binary_cross_entropy(t, t, reduction="none") * (1 - 1e-13)).all()

    @given(binary_batches())
    def test_a_larger_logit_helps_a_positive_and_hurts_a_negative(self, batch):
        z, _ = batch
        z, ones = np.sort(z), np.ones_like(z)
        assert (np.diff(binary_cross_entropy_with_logits(z, ones, reduction="none")) <= 0).all()
        assert (np.diff(binary_cross_entropy_with_logits(z, 0 * ones, reduction="none")) >= 0).all()


class TestFocalLosses:
    @given(batches(), REDUCTIONS)
    def test_gamma_zero_is_cross_entropy(self, batch, reduction):
        z, y = batch
        for targets in (y, one_hot(y, z)):
            focal = focal_loss(z, targets, gamma=0, reduction=reduction)
            close(focal, softmax_cross_entropy(z, targets, reduction=reduction))

    @given(batches(), st.sampled_from(["sum", "none"]))
    def test_gamma_zero_with_alpha_is_weighted_cross_entropy(self, batch, reduction):
        z, y = batch
        focal = focal_loss(z, y, gamma=0, alpha=weights_for(z), reduction=reduction)
        close(focal, softmax_cross_entropy(z, y, weight=weights_for(z), reduction=reduction))

    @given(batches(), st.floats(0, 5), REDUCTIONS)
    def test_an_index_is_a_one_hot_distribution(self, batch, gamma, reduction):
        z, y = batch
        options = {"gamma": gamma, "alpha": weights_for(z), "reduction": reduction}
        close(focal_loss(z, y, **options), focal_loss(z, one_hot(y, z), **options), rtol=1e-12)

    @given(batches(), st.floats(0, 5), st.floats(0, 5))
    def test_a_larger_gamma_never_costs_more(self, batch, gamma, more):
        z, y = batch
        small, large = (focal_loss(z, y, gamma=g, reduction="none") for g in (gamma, gamma + more))
        assert (large <= small * (1 + 1e-13)).all()
        assert (large >= 0).all()

    @given(binary_batches(), REDUCTIONS)
    def test_gamma_zero_is_binary_cross_entropy(self, batch, reduction):
        z, t = batch
        focal = sigmoid_focal_loss(z, t, gamma=0, reduction=reduction)
        close(focal, binary_cross_entropy_with_logits(z, t, reduction=reduction))

    @given(binary_batches(), st.floats(0, 5), SHARES)
    def test_on_hard_labels_the_binary_loss_is_the_two_class_loss(self, batch, gamma, alpha):
        z, t = batch
        t = np.round(t)
        two = np.stack([np.zeros_like(z), z], axis=1)
        multiclass = focal_loss(two, t.astype(int), gamma=gamma, alpha=[1 - alpha, alpha])
        close(sigmoid_focal_loss(z, t, gamma=gamma, alpha=alpha), multiclass, rtol=1e-12)

    @given(batches(), st.integers(-(2**20), 2**20))
    def test_a_shift_of_a_row_changes_nothing(self, batch, shift):
        z, y = np.round(batch[0] * 64) / 64, batch[1]
        close(focal_loss(z + shift, y), focal_loss(z, y), rtol=4e-15, atol=0)


class TestSmoothLabels:
    @given(batches(), SHARES)
    def test_gives_distributions_that_keep_their_label(self, batch, smoothing):
        _, y = batch
        q = smooth_labels(y, num_classes=8, label_smoothing=smoothing)
        close(q.sum(axis=1), 1)
        assert (q >= 0).all()
        assert (q[np.arange(y.size), y] == q.max(axis=1)).all()

    @given(SHARES, SHARES)
    def test_twice_is_once_with_the_shares_combined(self, first, second):
        q = smooth_labels([0, 2], num_classes=3, label_smoothing=first)
        q = smooth_labels(q, num_classes=3, label_smoothing=second)
        combined = 1 - (1 - first) * (1 - second)
        once = smooth_labels([0, 2], num_classes=3, label_smoothing=min(max(combined, 0), 1))
        close(q, once, atol=4e-16)

    @given(st.integers(1, 200), SHARES)
    def test_its_entropy_is_the_floor_of_the_smoothed_loss(self, classes, smoothing):
        q = smooth_labels(0, num_classes=classes, label_smoothing=smoothing)
        with np.errstate(divide="ignore"):
            floor = softmax_cross_entropy(np.log(q)[None], [0], label_smoothing=smoothing)
        assert floor == pytest.approx(entropy(q), rel=1e-12, abs=1e-15)
        assert entropy(q) <= math.log(classes) * (1 + 1e-14)
