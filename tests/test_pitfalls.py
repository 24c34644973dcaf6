"""The naive versions go wrong in exactly the way, and from exactly the point, that they claim."""

import math

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F

from xentlib import pitfalls

FLOATS = [np.float16, np.float32, np.float64]
MODERATE = np.array([[[2.0, 1.0, -3.0], [0.5, -0.25, 4.0]], [[1.0, 1.0, 1.0], [-2.0, -5.0, -4.0]]])
LABELS = np.array([[0, 1], [2, 2]])
FAR_APART = np.array([[800.0, 800.0], [-800.0, -800.0], [800.0, -800.0]])


def torch_cross_entropy(logits, **options):
    rows, labels = torch.as_tensor(logits).reshape(-1, 3), torch.tensor(LABELS).reshape(-1)
    if "weight" in options:
        options["weight"] = torch.tensor(options["weight"])
    return F.cross_entropy(rows, labels, **options)


# Everything in the module with harmless arguments, and what it should have been: there the naive
# version is right, so the fault is in the range or the convention, not in a typing error.
HARMLESS = {
    "softmax_without_shift": (
        pitfalls.softmax_without_shift,
        (MODERATE,),
        {},
        scipy.special.softmax(MODERATE, axis=-1),
    ),
    "log_softmax_without_shift": (
        pitfalls.log_softmax_without_shift,
        (MODERATE,),
        {},
        scipy.special.log_softmax(MODERATE, axis=-1),
    ),
    "log_of_softmax": (
        pitfalls.log_of_softmax,
        (MODERATE,),
        {},
        scipy.special.log_softmax(MODERATE, axis=-1),
    ),
    "cross_entropy_of_softmax_output": (
        pitfalls.cross_entropy_of_softmax_output,
        (MODERATE, LABELS),
        {},
        torch_cross_entropy(torch.softmax(torch.tensor(MODERATE), -1)).item(),
    ),
    "binary_cross_entropy_of_sigmoid": (
        pitfalls.binary_cross_entropy_of_sigmoid,
        (MODERATE[0], np.eye(3)[:2]),
        {},
        F.binary_cross_entropy_with_logits(
            torch.tensor(MODERATE[0]), torch.eye(3, dtype=torch.float64)[:2]
        ).item(),
    ),
    "cross_entropy_with_epsilon": (
        pitfalls.cross_entropy_with_epsilon,
        ([[0.25, 0.75], [0.5, 0.5]], [0, 1]),
        {"epsilon": 1e-8},
        1.5 * math.log(2),
    ),
    "cross_entropy_with_clipping": (
        pitfalls.cross_entropy_with_clipping,
        ([[0.25, 0.75], [0.5, 0.5]], [0, 1]),
        {"epsilon": 1e-7},
        1.5 * math.log(2),
    ),
    "focal_loss_from_weighted_cross_entropy": (
        pitfalls.focal_loss_from_weighted_cross_entropy,
        ([[1.0, 0.0]], [0]),
        {"weight": [1.0, 1.0], "gamma": 2.0},
        (1 - scipy.special.expit(1)) ** 2 * -scipy.special.log_expit(1),
    ),
    "mean_of_batch_means": (pitfalls.mean_of_batch_means, ([[1.0, 2.0], [3.0, 6.0]],), {}, 3.0),
    "mean_without_weight_normalisation": (
        pitfalls.mean_without_weight_normalisation,
        (MODERATE, LABELS),
        {"weight": np.ones(3)},
        torch_cross_entropy(MODERATE).item(),
    ),
}
every_pitfall = pytest.mark.parametrize(
    ("function", "arguments", "options", "expected"), HARMLESS.values(), ids=HARMLESS.keys()
)


class TestEveryPitfall:
    def test_is_listed_here(self):
        assert sorted(HARMLESS) == sorted(pitfalls.__all__)

    @every_pitfall
    def test_is_right_where_it_is_harmless(self, function, arguments, options, expected):
        np.testing.assert_allclose(function(*arguments, **options), expected, rtol=1e-7)

    @every_pitfall
    @pytest.mark.parametrize("dtype", FLOATS)
    def test_computes_in_the_precision_of_its_input(
        self, function, arguments, options, expected, dtype
    ):
        first, *rest = arguments
        first = (
            [np.array(b, dtype) for b in first]
            if function is pitfalls.mean_of_batch_means
            else (np.array(first, dtype))
        )
        value = function(first, *rest, **options)
        assert value.dtype == dtype
        eps = float(np.finfo(dtype).eps)
        np.testing.assert_allclose(value, expected, rtol=8 * eps + 1e-7, atol=4 * eps)

    def test_those_that_shift_shift_every_row_by_its_own_maximum(self):
        # Shifted, the rows are equal logits twice, and a hopeless second class.
        half, p = math.log(2), math.exp(-1) / (1 + math.exp(-1))
        rows = pitfalls.log_of_softmax(FAR_APART)
        np.testing.assert_allclose(rows, [[-half, -half]] * 2 + [[0, -np.inf]], rtol=1e-15)
        loss = pitfalls.cross_entropy_of_softmax_output(FAR_APART, [0, 1, 0])
        assert loss == pytest.approx((2 * half - math.log(1 - p)) / 3, rel=1e-14)
        ones = np.ones(2)
        loss = pitfalls.mean_without_weight_normalisation(FAR_APART, [0, 1, 1], weight=ones)
        assert loss == pytest.approx((2 * half + 1600) / 3, rel=1e-14)
        loss = pitfalls.focal_loss_from_weighted_cross_entropy(FAR_APART, [0, 1, 1], weight=ones)
        assert loss == pytest.approx((2 * 0.25 * half + 1600) / 3, rel=1e-14)

    @pytest.mark.parametrize(
        ("call", "expected"),
        [
            (
                lambda: pitfalls.cross_entropy_of_softmax_output([[0.0, 1e3]], [1]),
                math.log1p(1 / math.e),
            ),
            (lambda: pitfalls.cross_entropy_with_clipping([[0.0, 1.0]], [0], epsilon=0), np.inf),
            (
                lambda: pitfalls.focal_loss_from_weighted_cross_entropy(
                    [[0.0, 1e3]], [0], weight=[1, 1]
                ),
                1e3,
            ),
            (
                lambda: pitfalls.mean_without_weight_normalisation(
                    [[0.0, 1e3]], [0], weight=[1, 1]
                ),
                1e3,
            ),
        ],
    )
    def test_silences_however_numpy_is_set(self, call, expected):
        with np.errstate(all="raise"):
            assert call() == pytest.approx(expected, rel=1e-15)

    @every_pitfall
    def test_leaves_its_arguments_alone(self, function, arguments, options, expected):
        arrays = [np.array(a) for a in arguments]
        before = [a.copy() for a in arrays]
        function(*arrays, **options)
        for now, then in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(now, then)


class TestSoftmaxWithoutShift:
    @pytest.mark.parametrize(
        ("dtype", "last_good", "first_bad"),
        [(np.float64, 709.0, 710.0), (np.float32, 88.0, 89.0), (np.float16, 11.0, 11.125)],
    )
    def test_overflows_where_the_exponential_does(self, dtype, last_good, first_bad):
        good = pitfalls.softmax_without_shift(np.array([last_good, 0], dtype))
        np.testing.assert_allclose(good, [1, 0], atol=1e-4)
        bad = pitfalls.softmax_without_shift(np.array([first_bad, 0], dtype))
        np.testing.assert_array_equal(bad, [np.nan, 0])

    def test_underflows_to_nan(self):
        assert np.isnan(pitfalls.softmax_without_shift([-1000.0, -1000.0])).all()


class TestLogSoftmaxWithoutShift:
    def test_overflows_to_minus_infinity(self):
        out = pitfalls.log_softmax_without_shift([1000.0, 1000.0])
        np.testing.assert_array_equal(out, [-np.inf, -np.inf])

    def test_underflows_to_plus_infinity(self):
        out = pitfalls.log_softmax_without_shift([-1000.0, -1000.0])
        np.testing.assert_array_equal(out, [np.inf, np.inf])

    def test_loses_the_confident_side(self):
        # Exactly, it is -log1p(e^-40) = -4.2e-18.
        assert pitfalls.log_softmax_without_shift([40.0, 0.0])[0] == 0


class TestLogOfSoftmax:
    @pytest.mark.parametrize(
        ("dtype", "last_good", "first_bad"),
        [(np.float64, 745.0, 746.0), (np.float32, 103.0, 104.0), (np.float16, 16.5, 17.5)],
    )
    def test_underflows_to_minus_infinity(self, dtype, last_good, first_bad):
        # The last numbers above zero are subnormal, with a digit or less.
        good = pitfalls.log_of_softmax(np.array([0, last_good], dtype))
        np.testing.assert_allclose(good, [-last_good, 0], rtol=0.03)
        bad = pitfalls.log_of_softmax(np.array([0, first_bad], dtype))
        np.testing.assert_array_equal(bad, [-np.inf, 0])

    def test_does_not_overflow(self):
        np.testing.assert_array_equal(pitfalls.log_of_softmax([1e308, 0.0]), [0, -np.inf])


class TestCrossEntropyOfSoftmaxOutput:
    @pytest.mark.parametrize(
        ("classes", "floor"), [(2, 0.3133), (3, 0.5514), (10, 1.4612), (1000, 5.9095)]
    )
    def test_a_perfect_answer_costs_the_floor(self, classes, floor):
        # ln(1 + (C-1)/e); the figures are what torch prints.
        z = 100 * np.eye(classes)[:1]
        loss = pitfalls.cross_entropy_of_softmax_output(z, [0])
        assert round(float(loss), 4) == floor
        assert loss == pytest.approx(math.log1p((classes - 1) / math.e), rel=1e-14)

    @pytest.mark.parametrize("classes", [2, 3, 10])
    def test_the_worst_answer_costs_one_nat_more(self, classes):
        z = 100 * np.eye(classes)[:1]
        worst = pitfalls.cross_entropy_of_softmax_output(z, [1])
        assert worst == pytest.approx(math.log(classes - 1 + math.e), rel=1e-14)
        best = pitfalls.cross_entropy_of_softmax_output(z, [0])
        assert worst - best == pytest.approx(1, rel=1e-14)


class TestBinaryCrossEntropyOfSigmoid:
    @pytest.mark.parametrize(
        ("dtype", "last_good", "first_bad"),
        [(np.float64, 36.0, 37.0), (np.float32, 16.0, 17.0), (np.float16, 7.0, 8.5)],
    )
    def test_is_infinite_or_nan_once_the_sigmoid_rounds_to_one(self, dtype, last_good, first_bad):
        loss = pitfalls.binary_cross_entropy_of_sigmoid
        assert np.isfinite(loss(np.array([last_good], dtype), [0.0]))
        assert loss(np.array([first_bad], dtype), [0.0]) == np.inf
        assert np.isnan(loss(np.array([first_bad], dtype), [1.0]))

    def test_is_better_on_the_negative_side(self):
        loss = pitfalls.binary_cross_entropy_of_sigmoid([-40.0], [1.0])
        assert loss == pytest.approx(40, rel=1e-15)


class TestCrossEntropyWithEpsilon:
    @pytest.mark.parametrize("epsilon", [1e-8, 1e-12])
    def test_caps_the_loss(self, epsilon):
        loss = pitfalls.cross_entropy_with_epsilon([[0.0, 1.0]], [0], epsilon=epsilon)
        assert loss == pytest.approx(-math.log(epsilon), rel=1e-15)

    def test_falls_below_zero(self):
        loss = pitfalls.cross_entropy_with_epsilon([[1.0, 0.0]], [0])
        assert loss == pytest.approx(-1e-8, rel=1e-7)

    def test_is_lost_in_low_precision(self):
        # 1 + 1e-8 is 1 in single precision; 1e-8 itself is 0 in half precision.
        single, half = (np.array([[1.0, 0.0]], dtype) for dtype in (np.float32, np.float16))
        assert pitfalls.cross_entropy_with_epsilon(single, [0]) == 0
        assert pitfalls.cross_entropy_with_epsilon(half, [1]) == np.inf


class TestCrossEntropyWithClipping:
    def test_caps_the_loss_of_every_bad_mistake_at_the_same_number(self):
        # Keras prints 16.118, its epsilon being 1e-7.
        losses = [
            float(pitfalls.cross_entropy_with_clipping([[p, 1 - p]], [0])) for p in (0, 1e-20, 1e-8)
        ]
        assert [round(loss, 3) for loss in losses] == [16.118] * 3

    def test_charges_for_a_perfect_answer(self):
        loss = pitfalls.cross_entropy_with_clipping([[1.0, 0.0]], [0], epsilon=0.25)
        assert loss == pytest.approx(-math.log(0.75), rel=1e-15)
        loss = pitfalls.cross_entropy_with_clipping([[1.0, 0.0]], [0])
        assert loss == pytest.approx(1e-7, rel=1e-6)

    def test_its_upper_end_is_lost_in_low_precision(self):
        single = np.array([[1.0, 0.0]], np.float32)
        assert pitfalls.cross_entropy_with_clipping(single, [0], epsilon=1e-8) == 0
        assert pitfalls.cross_entropy_with_clipping(single.astype(np.float16), [0]) == 0


class TestFocalLossFromWeightedCrossEntropy:
    @pytest.mark.parametrize(
        ("weight", "wrong", "right"), [(0.25, 0.000444, 0.005665), (4.0, 0.6395, 0.0906)]
    )
    def test_takes_a_power_of_the_probability_for_the_probability(self, weight, wrong, right):
        # The figures are what the copied code prints; right is w (1 - p)^2 (-ln p).
        loss = pitfalls.focal_loss_from_weighted_cross_entropy(
            [[1.0, 0.0]], [0], weight=[weight, 1.0]
        )
        assert loss == pytest.approx(wrong, rel=2e-3)
        p = 1 / (1 + math.exp(-1))
        assert loss == pytest.approx((1 - p**weight) ** 2 * weight * -math.log(p), rel=1e-14)
        assert weight * (1 - p) ** 2 * -math.log(p) == pytest.approx(right, rel=2e-3)

    @pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
    def test_is_the_code_that_is_copied_everywhere(self, gamma):
        weight = np.array([0.25, 1.0, 3.0])
        ce = torch_cross_entropy(MODERATE, weight=weight, reduction="none")
        expected = ((1 - torch.exp(-ce)) ** gamma * ce).mean()
        loss = pitfalls.focal_loss_from_weighted_cross_entropy(
            MODERATE, LABELS, weight=weight, gamma=gamma
        )
        assert loss == pytest.approx(expected.item(), rel=1e-12)

    def test_the_default_gamma_is_two(self):
        default = pitfalls.focal_loss_from_weighted_cross_entropy(
            MODERATE, LABELS, weight=np.ones(3)
        )
        two = pitfalls.focal_loss_from_weighted_cross_entropy(
            MODERATE, LABELS, weight=np.ones(3), gamma=2.0
        )
        assert default == two


class TestMeanOfBatchMeans:
    def test_gives_a_short_batch_the_say_of_a_long_one(self):
        assert pitfalls.mean_of_batch_means([[1.0, 1.0, 1.0], [5.0]]) == 3
        assert np.mean([1.0, 1.0, 1.0, 5.0]) == 2

    def test_an_empty_batch_spoils_everything(self):
        assert np.isnan(pitfalls.mean_of_batch_means([[1.0, 2.0], []]))


class TestMeanWithoutWeightNormalisation:
    def test_is_torch_s_unreduced_loss_averaged(self):
        weight = np.array([0.5, 2.0, 7.0])
        losses = torch_cross_entropy(MODERATE, weight=weight, reduction="none")
        loss = pitfalls.mean_without_weight_normalisation(MODERATE, LABELS, weight=weight)
        assert loss == pytest.approx(losses.mean().item(), rel=1e-13)

    def test_the_scale_of_the_weights_becomes_a_scale_of_the_loss(self):
        once, tenfold = (
            pitfalls.mean_without_weight_normalisation(MODERATE, LABELS, weight=np.full(3, w))
            for w in (1.0, 10.0)
        )
        assert tenfold == pytest.approx(10 * once, rel=1e-14)
