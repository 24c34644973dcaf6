"""What every loss promises of arrays: dtype, layout, batch size, memory, leaving them alone."""

import math
import tracemalloc

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
    focal_loss,
    log_softmax,
    sigmoid_focal_loss,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

REDUCTIONS = ["mean", "sum", "none"]
WEIGHT = {"weight": np.arange(4.0)}
SMOOTHED = {"num_classes": 4, "label_smoothing": 0.1}
ON_LABELS, ON_DISTRIBUTIONS = ["logits", "labels"], ["logits", "distributions"]

# Every function, called on the arrays of those roles with these options.
CALLS = {
    "log_softmax": (log_softmax, ["logits"], {}),
    "softmax": (softmax, ["logits"], {}),
    "cross-entropy": (softmax_cross_entropy, ON_LABELS, {"ignore_index": 1}),
    "smoothed cross-entropy": (softmax_cross_entropy, ON_LABELS, {"label_smoothing": 0.1}),
    "cross-entropy of distributions": (softmax_cross_entropy, ON_DISTRIBUTIONS, WEIGHT),
    "gradient": (softmax_cross_entropy_grad, ON_LABELS, {"ignore_index": 1}),
    "smoothed gradient": (softmax_cross_entropy_grad, ON_LABELS, {"label_smoothing": 0.1}),
    "unreduced gradient": (softmax_cross_entropy_grad, ON_LABELS, {"reduction": "none"}),
    "gradient of distributions": (softmax_cross_entropy_grad, ON_DISTRIBUTIONS, WEIGHT),
    "focal_loss": (focal_loss, ON_LABELS, {"alpha": np.arange(4.0)}),
    "focal_loss of distributions": (focal_loss, ON_DISTRIBUTIONS, {}),
    "binary_cross_entropy": (binary_cross_entropy, ["distributions", "distributions"], {}),
    "binary_cross_entropy_with_logits": (
        binary_cross_entropy_with_logits,
        ON_DISTRIBUTIONS,
        {"pos_weight": np.arange(4.0)},
    ),
    "sigmoid_focal_loss": (sigmoid_focal_loss, ON_DISTRIBUTIONS, {"alpha": 0.25}),
    "unreduced binary losses": (
        binary_cross_entropy_with_logits,
        ON_DISTRIBUTIONS,
        {"reduction": "none"},
    ),
    "smooth_labels": (smooth_labels, ["labels"], SMOOTHED),
    "smooth_labels of distributions": (smooth_labels, ["distributions"], SMOOTHED),
    "class_weights": (class_weights, ["labels"], {"num_classes": 4}),
}
every_call = pytest.mark.parametrize(
    ("function", "roles", "options"), CALLS.values(), ids=CALLS.keys()
)

BINARY_LOSSES = [binary_cross_entropy, binary_cross_entropy_with_logits, sigmoid_focal_loss]
each_binary_loss = pytest.mark.parametrize("loss", BINARY_LOSSES)


def arrays_for(roles):
    pool = {
        "logits": logits_on_a_grid(3, 5, 4),
        "labels": np.arange(15).reshape(3, 5) % 4,
        "distributions": mixtures(3, 5, 4),
    }
    return [pool[role].copy() for role in roles]


def every_other(array):
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def frozen(array):
    array.flags.writeable = False
    return array


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "a view with gaps": every_other,
    "rows backwards": lambda a: a[::-1].copy()[::-1],
    "columns backwards": lambda a: a[..., ::-1].copy()[..., ::-1],
    "a transposed view": lambda a: a.T.copy().T,
    "read-only": frozen,
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "unaligned": lambda a: np.frombuffer(b"x" + a.tobytes(), a.dtype, offset=1).reshape(a.shape),
    "nested lists": lambda a: a.tolist(),
}


class TestLayout:
    @every_call
    @pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
    def test_memory_layout_does_not_matter(self, function, roles, options, layout):
        arrays = arrays_for(roles)
        expected = function(*arrays, **options)
        got = function(*(layout(a) for a in arrays), **options)
        np.testing.assert_allclose(got, expected, rtol=1e-15, atol=1e-17)
        assert np.shape(got) == np.shape(expected)
        assert got.dtype == expected.dtype

    @every_call
    def test_arguments_are_left_alone(self, function, roles, options):
        arrays = arrays_for(roles)
        if "logits" in roles:
            arrays[0][0, 0] = [0, -np.inf, np.inf, np.nan]
        given = [*arrays, *(v for v in options.values() if isinstance(v, np.ndarray))]
        before = [a.copy() for a in given]
        function(*arrays, **options)
        for now, then in zip(given, before, strict=True):
            np.testing.assert_array_equal(now, then)

    @every_call
    def test_results_do_not_alias_the_arguments(self, function, roles, options):
        arrays = arrays_for(roles)
        out = np.asarray(function(*arrays, **options))
        assert not any(np.shares_memory(out, a) for a in arrays)

    @every_call
    def test_calls_do_not_remember_each_other(self, function, roles, options):
        arrays = arrays_for(roles)
        first = np.array(function(*arrays, **options))
        function(*(a[::-1] for a in arrays), **options)
        np.testing.assert_array_equal(function(*arrays, **options), first)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_what_follows_the_class_axis_is_only_more_rows(after):
    z, y = logits_on_a_grid(3, after, 4), labels(3, after, num_classes=4)
    for function in (softmax_cross_entropy, softmax_cross_entropy_grad, focal_loss):
        options = {"reduction": "none"}
        along = function(z.transpose(0, 2, 1), y, axis=1, **options)
        last = function(z, y, **options)
        expected = last.transpose(0, 2, 1) if last.ndim == 3 else last
        np.testing.assert_allclose(along, expected, rtol=1e-14)


def test_an_ignored_row_needs_no_second_class():
    losses = softmax_cross_entropy([[3.0], [5.0]], [0, -1], ignore_index=-1, reduction="none")
    np.testing.assert_array_equal(losses, [0, 0])


def dtype_rules(table):
    """Rows "first second result" as triples of dtype codes."""
    return [tuple(line.split()) for line in table.strip().splitlines()]


class TestDtype:
    @pytest.mark.parametrize(
        ("logits", "targets", "expected"),
        dtype_rules("""
            f2  f2  f4
            f4  f4  f4
            f8  f8  f8
            f2  f4  f4
            f2  f8  f8
            f4  f8  f8
            f8  f4  f8
            i4  f4  f8
            ?   f4  f8
            f4  longdouble  longdouble
            f2  i4  f4
            f4  i8  f4
            f8  i8  f8
            i8  i8  f8
            u1  i8  f8
            ?   i8  f8
            >f4 i8  f4
            longdouble  i8  longdouble
        """),
    )
    def test_of_multiclass_losses_follows_the_wider_argument(self, logits, targets, expected):
        z = np.array([[1, 0, 0], [0, 0, 1]], dtype=logits)
        y = np.array([2, 0], dtype=targets) if "i" in targets else np.eye(3, dtype=targets)[[2, 0]]
        for reduction in REDUCTIONS:
            assert focal_loss(z, y, reduction=reduction).dtype == np.dtype(expected)
            # float64 weights are what a list turns into; they do not widen the result.
            for weight in (None, [1.0, 2.0, 3.0]):
                options = {"weight": weight, "reduction": reduction}
                loss = softmax_cross_entropy(z, y, **options)
                assert loss.dtype == np.dtype(expected)
                assert softmax_cross_entropy_grad(z, y, **options).dtype == np.dtype(expected)
                double = z.astype(float), y if "i" in targets else y.astype(float)
                exact = oracles.softmax_cross_entropy(*double, **options)
                assert_within_ulps(np.float32(loss), exact, ulps=2)

    @each_binary_loss
    @pytest.mark.parametrize(
        ("x", "t", "expected"),
        dtype_rules("""
            f2  f2  f4
            f4  f4  f4
            f8  f8  f8
            f4  f8  f8
            f2  f8  f8
            i8  f4  f8
            ?   f8  f8
            >f8 >f4 f8
            longdouble  f4  longdouble
        """),
    )
    def test_of_binary_losses_follows_the_wider_argument(self, loss, x, t, expected):
        for reduction in REDUCTIONS:
            value = loss(np.array([0, 1], x), np.array([0, 1], t), reduction=reduction)
            assert value.dtype == np.dtype(expected)
            double = loss([0.0, 1.0], [0.0, 1.0], reduction=reduction)
            np.testing.assert_allclose(value, double, rtol=1e-6)

    @pytest.mark.parametrize("reduction", ["mean", "sum"])
    def test_reduced_losses_are_numpy_scalars(self, reduction):
        assert isinstance(softmax_cross_entropy([[0.0, 1.0]], [0], reduction=reduction), np.float64)
        assert isinstance(focal_loss([[0.0, 1.0]], [0], reduction=reduction), np.float64)
        for loss in BINARY_LOSSES:
            assert isinstance(loss([0.5], [1.0], reduction=reduction), np.float64)

    def test_long_double_keeps_its_own_precision(self):
        z, w = logits_on_a_grid(4, 3, dtype=np.longdouble), [1, 2, 3]
        for y in (np.array([0, 1, 2, 0]), mixtures(4, 3)):
            assert_within_ulps(log_softmax(z), [oracles.log_softmax(row) for row in z], ulps=4)
            assert_within_ulps(softmax(z), [oracles.softmax(row) for row in z], ulps=4)
            exact = oracles.softmax_cross_entropy(z, y, weight=w)
            assert_within_ulps(softmax_cross_entropy(z, y, weight=w), exact, ulps=4)
            assert_within_ulps(focal_loss(z, y), oracles.focal_loss(z, y), ulps=8)
        t = mixtures(3, 4)[0]
        for loss in (binary_cross_entropy_with_logits, sigmoid_focal_loss):
            exact = [getattr(oracles, loss.__name__)(x, y) for x, y in zip(z[:, 0], t, strict=True)]
            assert_within_ulps(loss(z[:, 0], t, reduction="none"), exact, ulps=8)


class TestConfidentDistributions:
    """One-hot rows take another way through the code than indices, to the same digits."""

    REST = 4.248354255291589e-18  # mpmath, exp(-40) to the last digit of log1p(exp(-40))

    def test_the_gradient_is_what_the_others_have(self):
        grad = softmax_cross_entropy_grad([[40.0, 0.0]], [[1.0, 0.0]])
        np.testing.assert_allclose(grad, [[-self.REST, self.REST]], rtol=1e-14)

    def test_focal_loss_keeps_the_distance_to_one(self):
        loss = focal_loss([[40.0, 0.0]], [[1.0, 0.0]], gamma=1.0)
        np.testing.assert_allclose(loss, self.REST**2, rtol=1e-13)  # approx would accept 0

    @pytest.mark.parametrize("shape", [(0, 3), (2, 0, 3)])
    def test_the_gradient_of_a_mean_over_nothing_has_the_logits_shape(self, shape):
        with pytest.warns(RuntimeWarning, match="the batch is empty"):
            grad = softmax_cross_entropy_grad(np.empty(shape), np.empty(shape[:-1], int))
        assert grad.shape == shape


class TestLargeBatches:
    @pytest.mark.parametrize("shape", [(150_000,), (3, 50_000), (50_000, 3)])
    def test_a_weighted_mean_counts_the_kept_weight_of_every_block(self, shape):
        rng = np.random.default_rng(0)
        logits, weight = rng.normal(size=(*shape, 2)), np.array([0.3, 7.0])
        y = rng.choice([-1, 0, 1], size=shape, p=[0.2, 0.7, 0.1])
        expected = F.cross_entropy(
            torch.tensor(logits.reshape(-1, 2)),
            torch.tensor(y.reshape(-1)),
            weight=torch.tensor(weight),
            ignore_index=-1,
        ).item()
        ours = softmax_cross_entropy(logits, y, weight=weight, ignore_index=-1)
        assert ours == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32])
    @pytest.mark.parametrize("kind", ["index", "distribution"])
    def test_seventy_thousand_rows_in_low_precision(self, dtype, kind):
        # In half precision the count alone overflows (65,504), the sum long before that.
        z = np.tile(logits_on_a_grid(100, 3, dtype=dtype), (700, 1))
        y = np.tile(labels(100, num_classes=3), 700)
        exact = oracles.softmax_cross_entropy(z[:100], y[:100])
        focal = oracles.focal_loss(z[:100], y[:100])
        y = y if kind == "index" else one_hot(y, 3, dtype)
        assert_within_ulps(softmax_cross_entropy(z, y), exact, ulps=2)
        assert_within_ulps(softmax_cross_entropy(z, y, reduction="sum"), exact * 70_000, ulps=2)
        assert_within_ulps(focal_loss(z, y), focal, ulps=2)
        gradient = softmax_cross_entropy_grad(z, y)
        assert gradient.dtype == np.float32
        assert np.abs(gradient).max() == pytest.approx(1 / 70_000, rel=1e-3)

    @each_binary_loss
    def test_seventy_thousand_outputs_in_half_precision(self, loss):
        x, t = np.full(70_000, 0.5, np.float16), np.ones(70_000, np.float16)
        one = getattr(oracles, loss.__name__)(0.5, 1.0)
        assert_within_ulps(np.float32(loss(x, t)), one, ulps=3)
        assert_within_ulps(loss(x, t, reduction="sum"), 70_000 * one, ulps=3)

    def test_a_sum_in_single_precision_is_added_up_in_double(self):
        # One loss of 2^27, then 4096 of 1.3: in single precision each of them is rounded away.
        z = np.zeros((4097, 2), dtype=np.float32)
        z[0, 1], z[1:, 1] = 2.0**27, 1.0
        small = oracles.softmax_cross_entropy(z[1:2], [0])
        total = softmax_cross_entropy(z, np.zeros(4097, int), reduction="sum")
        assert_within_ulps(total, 2**27 + 4096 * small, ulps=1)

    @pytest.mark.parametrize("num_classes", [1, 2, 3, 10, 37, 100, 1000, 4000])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_every_row_is_counted_once(self, num_classes, dtype):
        rows = max(1_000_003 // num_classes, 700)
        rng = np.random.default_rng(num_classes)
        z = rng.normal(size=(rows, num_classes), scale=4).astype(dtype)
        y = rng.integers(0, num_classes, rows)
        eps = float(np.finfo(dtype).eps)
        losses = softmax_cross_entropy(z, y, reduction="none")
        expected = -np.take_along_axis(scipy.special.log_softmax(z, axis=1), y[:, None], 1)[:, 0]
        np.testing.assert_allclose(losses, expected, rtol=1e3 * eps, atol=20 * eps)
        mean, total = (softmax_cross_entropy(z, y, reduction=r) for r in ("mean", "sum"))
        assert mean == pytest.approx(math.fsum(losses) / rows, rel=3 * eps)
        assert total == pytest.approx(math.fsum(losses), rel=3 * eps)
        gradient = softmax_cross_entropy_grad(z, y, reduction="sum")
        expected = scipy.special.softmax(z, axis=1)
        expected[np.arange(rows), y] -= 1
        np.testing.assert_allclose(gradient, expected, atol=100 * eps)
        np.testing.assert_allclose(softmax_cross_entropy_grad(z, y), gradient / rows, rtol=6 * eps)

    @pytest.mark.parametrize("weight", [None, np.arange(3000) % 7 / 2])
    @pytest.mark.parametrize("label_smoothing", [0.0, 0.125])
    @pytest.mark.parametrize("kind", ["index", "distribution"])
    def test_thousands_of_classes_add_up_in_single_precision(self, kind, label_smoothing, weight):
        # SciPy in double precision, written out, has twice the digits.
        options = {"label_smoothing": label_smoothing, "weight": weight, "reduction": "none"}
        z, y = logits_on_a_grid(100, 3000, dtype=np.float32), labels(100, num_classes=3000)
        q = one_hot(y, 3000) if kind == "index" else mixtures(100, 3000)
        q = q * (1 - label_smoothing) + label_smoothing / 3000
        mass = q if weight is None else q * weight
        expected = -(mass * scipy.special.log_softmax(z.astype(float), axis=1)).sum(axis=1)
        targets = y if kind == "index" else mixtures(100, 3000, dtype=np.float32)
        losses = softmax_cross_entropy(z, targets, **options)
        np.testing.assert_allclose(losses, expected, rtol=8 * np.finfo(np.float32).eps)
        p = scipy.special.softmax(z.astype(float), axis=1)
        expected = p * mass.sum(axis=1, keepdims=True) - mass
        gradient = softmax_cross_entropy_grad(z, targets, **options)
        np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-8)

    @pytest.mark.parametrize(("rows", "num_classes"), [(80_003, 4), (8_003, 37), (101, 3000)])
    @pytest.mark.parametrize(
        ("function", "kind", "options"),
        [
            (log_softmax, None, {}),
            (softmax, None, {}),
            (softmax_cross_entropy, "index", {}),
            (softmax_cross_entropy, "index", {"label_smoothing": 0.1}),
            (softmax_cross_entropy, "index", {"weight": True}),
            (softmax_cross_entropy, "index", {"ignore_index": 0}),
            (softmax_cross_entropy, "distribution", {}),
            (softmax_cross_entropy, "distribution", {"weight": True, "label_smoothing": 0.1}),
            (softmax_cross_entropy_grad, "index", {}),
            (softmax_cross_entropy_grad, "index", {"label_smoothing": 0.1}),
            (softmax_cross_entropy_grad, "index", {"weight": True}),
            (softmax_cross_entropy_grad, "index", {"ignore_index": 0}),
            (softmax_cross_entropy_grad, "distribution", {}),
            (softmax_cross_entropy_grad, "distribution", {"weight": True}),
            (focal_loss, "index", {}),
            (focal_loss, "distribution", {}),
        ],
    )
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_a_row_costs_the_same_alone(self, function, kind, options, rows, num_classes, dtype):
        arrays = [logits_on_a_grid(rows, num_classes, dtype=dtype)]
        if kind == "index":
            arrays.append(labels(rows, num_classes=num_classes))
        if kind == "distribution":
            arrays.append(mixtures(rows, num_classes, dtype=dtype))
        if "weight" in options:
            options = {**options, "weight": (np.arange(num_classes) % 7).astype(dtype)}
        if kind is not None:
            options = {**options, "reduction": "none"}
        together = function(*arrays, **options)
        eps = float(np.finfo(dtype).eps)
        for i in np.r_[0, 1, rows - 1, labels(15, num_classes=rows)]:
            alone = function(*(a[i : i + 1] for a in arrays), **options)
            np.testing.assert_allclose(together[i : i + 1], alone, rtol=4 * eps, atol=4 * eps)

    @pytest.mark.parametrize("axis", [0, 1, 2])
    @pytest.mark.parametrize("size", [1, 200, 1000])
    def test_where_a_batch_is_cut_into_blocks_changes_nothing(self, axis, size, monkeypatch):
        z = np.random.default_rng(0).normal(size=(6, 7, 9))
        y = labels(*np.delete(z.shape, axis), num_classes=z.shape[axis])
        weight = np.arange(1.0, z.shape[axis] + 1)

        def results():
            for smoothing in (0, 0.125):
                options = {"label_smoothing": smoothing, "weight": weight, "ignore_index": 1}
                for reduction in ("mean", "none"):
                    yield softmax_cross_entropy(z, y, reduction=reduction, axis=axis, **options)
                yield softmax_cross_entropy_grad(z, y, axis=axis, **options)
            yield from (focal_loss(z, y, axis=axis), log_softmax(z, axis=axis))

        whole = list(results())
        monkeypatch.setattr("xentlib._rows.BLOCK", size)
        for cut, expected in zip(results(), whole, strict=True):
            np.testing.assert_allclose(cut, expected, rtol=1e-13)

    @each_binary_loss
    def test_an_output_costs_the_same_alone(self, loss):
        rng = np.random.default_rng(0)
        x, t = rng.random(300_007), rng.random(300_007)
        losses = loss(x, t, reduction="none")
        chosen = np.r_[0, 1, x.size - 1, rng.integers(0, x.size, 60)]
        alone = [loss(x[i], t[i]) for i in chosen]
        np.testing.assert_allclose(losses[chosen], alone, rtol=1e-15)
        assert loss(x, t) == pytest.approx(math.fsum(losses) / x.size, rel=1e-15)


class TestMemory:
    """A pass over blocks needs scratch memory for a block, not for the batch."""

    @pytest.mark.parametrize(
        ("function", "kind", "results"),
        [
            (softmax_cross_entropy, "labels", 0),
            (softmax_cross_entropy, "distributions", 0),
            (softmax_cross_entropy_grad, "labels", 1),
            (softmax_cross_entropy_grad, "distributions", 1),
            (focal_loss, "labels", 0),
            (focal_loss, "distributions", 0),
            (binary_cross_entropy_with_logits, "distributions", 0),
            (sigmoid_focal_loss, "distributions", 0),
            (lambda z, _: log_softmax(z), "labels", 1),
            (lambda z, _: softmax(z), "labels", 1),
        ],
    )
    def test_beyond_the_result_does_not_grow_with_the_batch(self, function, kind, results):
        z = np.zeros((160_000, 50), dtype=np.float32)
        targets = np.zeros(len(z), int) if kind == "labels" else np.full_like(z, 1 / 50)
        function(z[:10], targets[:10])
        tracemalloc.start()
        function(z, targets)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak <= results * z.nbytes + 10e6 < (results + 0.5) * z.nbytes
