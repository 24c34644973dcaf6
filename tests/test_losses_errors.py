"""What the losses refuse, and that each message says what was given, what was due and why."""

import math

import numpy as np
import pytest

from xentlib import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    class_weights,
    double_softmax_floor,
    focal_loss,
    log_softmax,
    sigmoid_focal_loss,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_grad,
)

SOFTMAXES = {"log_softmax": log_softmax, "softmax": softmax}
ENTROPIES = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "softmax_cross_entropy_grad": softmax_cross_entropy_grad,
}
MULTICLASS = {**ENTROPIES, "focal_loss": focal_loss}
CROSS_ENTROPIES_OF_BITS = {
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
}
BINARY = {**CROSS_ENTROPIES_OF_BITS, "sigmoid_focal_loss": sigmoid_focal_loss}

# A call of every function with good arguments, to be spoilt one argument at a time.
GOOD_CALLS = {
    **{name: (f, (np.ones((2, 3)), np.array([0, 2]))) for name, f in MULTICLASS.items()},
    **{name: (f, (np.full(2, 0.5), np.ones(2))) for name, f in BINARY.items()},
}


def each(table):
    return pytest.mark.parametrize("function", table.values(), ids=table.keys())


def logits(*shape):
    return np.zeros(shape)


class TestLogits:
    @each(SOFTMAXES)
    def test_a_single_number_has_no_classes(self, function):
        with pytest.raises(ValueError, match=r"0-d|dimension|axis|scalar"):
            function(3.0)

    @each(MULTICLASS)
    def test_a_single_number_has_no_loss(self, function):
        with pytest.raises(ValueError, match=r"0-d|dimension|axis|scalar"):
            function(3.0, 0)

    @each(SOFTMAXES)
    @pytest.mark.parametrize(("shape", "axis"), [((2, 0), -1), ((0,), 0), ((0, 2), 0)])
    def test_zero_classes_have_no_softmax(self, function, shape, axis, raises_saying):
        with raises_saying(ValueError, f"logits has shape {shape}", "no classes"):
            function(np.empty(shape), axis=axis)

    @each(MULTICLASS)
    def test_zero_classes_have_no_loss(self, function, raises_saying):
        with raises_saying(ValueError, "logits has shape (2, 0)", "no classes"):
            function(np.empty((2, 0)), np.zeros(2, int))

    @pytest.mark.parametrize("axis", [2, -3])
    @pytest.mark.parametrize(
        "call",
        [
            *SOFTMAXES.values(),
            *(lambda z, axis, f=f: f(z, [0, 1], axis=axis) for f in MULTICLASS.values()),
        ],
        ids=[*SOFTMAXES, *MULTICLASS],
    )
    def test_an_axis_that_is_not_there(self, call, axis):
        with pytest.raises(ValueError, match="axis"):
            call(logits(2, 3), axis=axis)

    @pytest.mark.parametrize(
        "bad",
        [
            np.array([["a", "b"]]),
            np.array([[None, 1]]),
            np.array([[1 + 0j, 2]]),
            np.zeros((1, 2), "V2"),
            np.zeros((1, 2), "M8[s]"),
        ],
        ids=["str", "object", "complex", "void", "datetime"],
    )
    @pytest.mark.parametrize(
        "call",
        [
            *SOFTMAXES.values(),
            *(lambda z, f=f: f(z, [0]) for f in MULTICLASS.values()),
            *(lambda z, f=f: f(z, np.ones((1, 2))) for f in BINARY.values()),
        ],
        ids=[*SOFTMAXES, *MULTICLASS, *BINARY],
    )
    def test_what_is_not_a_number(self, call, bad, raises_saying):
        given = f"logits has dtype {bad.dtype}", f"probabilities has dtype {bad.dtype}"
        with raises_saying(TypeError, given, "real numbers", "convert"):
            call(bad)


class TestLabels:
    @each(MULTICLASS)
    @pytest.mark.parametrize(
        ("targets", "value", "position"),
        [
            ([0, 3, 5], "3", "(1,)"),
            ([0, 1, -1], "-1", "(2,)"),
            ([-100, 1, 2], "-100", "(0,)"),
            ([0, 2**40, 0], str(2**40), "(1,)"),
        ],
    )
    @pytest.mark.parametrize("ignore_index", [None, 77])
    def test_out_of_range_labels_are_named(
        self, function, targets, value, position, ignore_index, raises_saying
    ):
        causes = "counted from 1 (subtract 1)", "padding label such as -100 (pass ignore_index)?"
        with raises_saying(ValueError, "targets", value, position, ("0 to 2", "[0, 3)"), *causes):
            function(logits(3, 3), np.array(targets), ignore_index=ignore_index)

    @each(MULTICLASS)
    def test_the_first_bad_label_of_a_grid_is_named(self, function, raises_saying):
        targets = np.zeros((3, 4), int)
        targets[1, 2], targets[2, 0] = 9, 8
        with raises_saying(ValueError, "9 at (1, 2)"):
            function(logits(3, 4, 5), targets)

    @each(MULTICLASS)
    @pytest.mark.parametrize("dtype", ["u1", "u8"])
    def test_unsigned_labels_are_checked_too(self, function, dtype, raises_saying):
        with raises_saying(ValueError, "200 at (0,)"):
            function(logits(1, 3), np.array([200], dtype=dtype))

    @each(MULTICLASS)
    def test_the_smallest_label_past_the_end_is_refused(self, function):
        function(logits(1, 3), [2])
        with pytest.raises(ValueError, match="3"):
            function(logits(1, 3), [3])

    @each(MULTICLASS)
    def test_bool_targets_are_neither_labels_nor_distributions(self, function, raises_saying):
        for targets in (np.array([True, False]), np.eye(3, dtype=bool)[:2]):
            with raises_saying(
                TypeError, "bool", "integer labels", ".astype(int)", ".astype(float)"
            ):
                function(logits(2, 3), targets)

    @each(MULTICLASS)
    def test_float_labels_must_become_integers(self, function, raises_saying):
        with raises_saying(TypeError, "float64", "(2,)", "integers (.astype(int))"):
            function(logits(2, 3), np.array([0.0, 1.0]))

    @each(MULTICLASS)
    def test_an_integer_one_hot_is_ambiguous(self, function, raises_saying):
        with raises_saying(ValueError, "(2, 3)", "(2,)", "one-hot", "astype(float)", "argmax(1)"):
            function(logits(2, 3), np.eye(3, dtype=int)[:2])

    @each(MULTICLASS)
    @pytest.mark.parametrize(
        ("logits_shape", "targets", "axis", "cause"),
        [
            ((4, 3), np.zeros((4, 1), int), -1, "A column of labels? Pass targets.squeeze(1)"),
            ((3, 4), np.zeros((1, 4), int), 0, "A column of labels? Pass targets.squeeze(0)"),
            ((4, 3), np.zeros(5, int), -1, "another batch"),
            ((4, 3), np.zeros((2, 2), int), -1, "another batch"),
            ((4, 3), np.zeros((4, 3, 1), int), -1, "another batch"),
            # A (batch, height, width, classes) model called as torch wants it, and the reverse.
            ((2, 6, 7, 5), np.zeros((2, 6, 7), int), 1, "Pass axis=3"),
            ((2, 5, 6, 7), np.zeros((2, 6, 7), int), -1, "Pass axis=1"),
            ((5, 2), np.zeros(2, int), -1, "Pass axis=0"),
        ],
    )
    def test_labels_of_the_wrong_shape(
        self, function, logits_shape, targets, axis, cause, raises_saying
    ):
        shapes = (
            f"targets are integers of shape {targets.shape}",
            f"logits have shape {logits_shape}",
        )
        expected = str(tuple(np.delete(logits_shape, axis).tolist()))
        with raises_saying(ValueError, *shapes, f"expected {expected}", cause):
            function(logits(*logits_shape), targets, axis=axis)

    @each(MULTICLASS)
    @pytest.mark.parametrize("shape", [(4, 2), (3, 4), (4, 3, 1), (5, 3)])
    def test_distributions_of_the_wrong_shape(self, function, shape, raises_saying):
        with raises_saying(
            ValueError, "floating", f"of shape {shape}", "(4, 3)", "integers", "(4,)"
        ):
            function(logits(4, 3), np.full(shape, 1 / shape[-1]))

    @each(MULTICLASS)
    @pytest.mark.parametrize(
        "bad",
        [np.array(["a", "b"]), np.array([None, 1]), np.array([1j, 1]), np.zeros(2, "m8[s]")],
        ids=["str", "object", "complex", "timedelta"],
    )
    def test_what_is_no_target_at_all(self, function, bad, raises_saying):
        with raises_saying(TypeError, f"targets have dtype {bad.dtype}", "integer labels"):
            function(logits(2, 3), bad)

    @each(MULTICLASS)
    @pytest.mark.parametrize("value", [True, 1.0, "pad", [1], np.array([1]), np.bool_(True)])
    def test_the_ignored_label_is_an_integer(self, function, value, raises_saying):
        with raises_saying(TypeError, f"ignore_index is {value!r}", "int"):
            function(logits(2, 3), [0, 1], ignore_index=value)

    @each(MULTICLASS)
    def test_no_label_can_be_ignored_among_distributions(self, function, raises_saying):
        with raises_saying(ValueError, "ignore_index is -100", "distributions", "drop the rows"):
            function(logits(2, 3), np.eye(3)[:2], ignore_index=-100)


class TestDistributions:
    @each(MULTICLASS)
    @pytest.mark.parametrize(
        ("second", "total"),
        [([2.0, 2.0, 2.0], "6"), ([1.0, 1.0, 0.0], "2"), ([0.5, 0.25, 0.0], "0.75")],
    )
    def test_must_sum_to_one(self, function, second, total, raises_saying):
        with raises_saying(ValueError, "targets", "(1,)", f"sums to {total}", "counts", "axis 1"):
            function(logits(2, 3), np.array([[0.5, 0.5, 0.0], second]))

    @each(MULTICLASS)
    def test_must_not_be_negative(self, function, raises_saying):
        with raises_saying(ValueError, "targets", "(1,)", "has the entry -1"):
            function(logits(2, 3), np.array([[0.5, 0.5, 0.0], [-1.0, 1.0, 1.0]]))

    @each(MULTICLASS)
    def test_are_checked_along_the_class_axis(self, function):
        q = np.array([[0.5, 0.25], [0.25, 0.25], [0.25, 0.5]])
        assert np.isfinite(function(logits(3, 2), q, axis=0)).all()
        with pytest.raises(ValueError, match="sum"):
            function(logits(3, 2), q, axis=1)

    @each(MULTICLASS)
    @pytest.mark.parametrize(
        ("dtype", "off", "allowed"),
        [
            (np.float64, 0.9e-6, True),
            (np.float64, 1.1e-6, False),
            (np.float32, 0.9e-6, True),
            (np.float32, 1.3e-6, False),
            (np.float16, 0.00097, True),
            (np.float16, 0.00147, False),
        ],
    )
    def test_the_tolerance_is_that_of_the_information_functions(
        self, function, dtype, off, allowed
    ):
        q = np.array([[0.5 + off, 0.5]], dtype=dtype)
        if allowed:
            assert np.isfinite(function(logits(1, 2), q)).all()
        else:
            with pytest.raises(ValueError, match="sum"):
                function(logits(1, 2), q)

    @each(MULTICLASS)
    def test_the_first_bad_row_of_many_is_named(self, function, raises_saying):
        q = np.full((30_000, 8), 1 / 8)
        q[20_011, 3], q[29_999, 0] = 0.25, 0.75
        with raises_saying(ValueError, "(20011,)", "1.125"):
            function(logits(30_000, 8), q)


# One weight per class: `weight` of the cross-entropy, `alpha` of the focal loss.
PER_CLASS = {
    "weight": lambda w: softmax_cross_entropy(logits(2, 3), [0, 1], weight=w),
    "weight of the gradient": lambda w: softmax_cross_entropy_grad(logits(2, 3), [0, 1], weight=w),
    "alpha": lambda a: focal_loss(logits(2, 3), [0, 1], alpha=a),
}


class TestClassWeightArguments:
    @each(PER_CLASS)
    @pytest.mark.parametrize("bad", [np.ones(2), np.ones(4), np.ones((3, 1)), np.ones((2, 3))])
    def test_there_is_one_per_class(self, function, bad, request, raises_saying):
        name = request.node.callspec.id.split("-")[-1].split()[0]
        with raises_saying(ValueError, f"{name} has shape {bad.shape}", "(3,)") as error:
            function(bad)
        assert str(error.value).endswith("one number per class")

    def test_a_scalar_weight_is_no_class_weight(self, raises_saying):
        with raises_saying(ValueError, "weight has shape ()", "(3,)") as error:
            softmax_cross_entropy(logits(2, 3), [0, 1], weight=2.0)
        assert str(error.value).endswith("one number per class")

    def test_a_scalar_alpha_belongs_to_the_binary_loss(self, raises_saying):
        cause = "one number per class. The alpha of binary targets? Use sigmoid_focal_loss"
        with raises_saying(ValueError, "alpha has shape ()", "(3,)", cause):
            focal_loss(logits(2, 3), [0, 1], alpha=0.25)

    @each(PER_CLASS)
    @pytest.mark.parametrize("bad", [-1.0, -1e-300, math.nan, math.inf, -math.inf])
    def test_each_is_finite_and_not_negative(self, function, bad, raises_saying):
        with raises_saying(ValueError, f"has {bad:g} at (1,)", "finite", ">= 0"):
            function([1.0, bad, 1.0])

    def test_the_bad_one_of_many_is_named(self, raises_saying):
        weight = np.ones(5000)
        weight[[1234, 4000]] = -0.625
        with raises_saying(ValueError, "weight has -0.625 at (1234,)"):
            softmax_cross_entropy(logits(1, 5000), [0], weight=weight)

    @each(PER_CLASS)
    @pytest.mark.parametrize("bad", [["1", "2", "3"], [1j, 1, 1], [None, 1, 1]])
    def test_each_is_a_real_number(self, function, bad, request, raises_saying):
        name = request.node.callspec.id.split("-")[-1].split()[0]
        with raises_saying(TypeError, f"{name} has dtype {np.asarray(bad).dtype}", "real numbers"):
            function(bad)

    def test_each_is_finite_in_the_precision_of_the_logits(self, raises_saying):
        z, t = np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32)
        with raises_saying(ValueError, "weight has 1e+300 at (1,)", "finite", "float32"):
            softmax_cross_entropy(z, [0], weight=[1.0, 1e300])
        with raises_saying(ValueError, "alpha has 1e+300 at (1,)", "finite", "float32"):
            focal_loss(z, [0], alpha=[1.0, 1e300])
        for function in (binary_cross_entropy, binary_cross_entropy_with_logits):
            with raises_saying(ValueError, "pos_weight has 1e+300", "finite", "float32"):
                function(z, t, pos_weight=1e300)

    @each(PER_CLASS)
    @pytest.mark.parametrize("dtype", [bool, np.uint8, np.float16, np.float32, np.longdouble])
    def test_any_real_dtype_will_do(self, function, dtype):
        ones = function(np.ones(3))
        np.testing.assert_allclose(function(np.ones(3, dtype)), ones, rtol=1e-15)


class TestPositiveWeight:
    @each(CROSS_ENTROPIES_OF_BITS)
    @pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
    def test_is_finite_and_not_negative(self, function, bad, raises_saying):
        for pos_weight, place in ((bad, ","), ([1.0, bad], " at (1,)")):
            with raises_saying(ValueError, f"pos_weight has {bad:g}{place}", "finite", ">= 0"):
                function(np.full((3, 2), 0.5), np.ones((3, 2)), pos_weight=pos_weight)

    @each(CROSS_ENTROPIES_OF_BITS)
    @pytest.mark.parametrize(
        ("shape", "bad"),
        [
            ((3, 2), (3,)),
            ((3, 2), (1,)),
            ((3, 2), (3, 2)),
            ((3, 2), (1, 2)),
            ((3,), (3,)),
            ((3,), (1,)),
            ((), (1,)),
            ((2, 3, 4), (3,)),
            ((2, 3, 4), (2, 3, 4)),
        ],
    )
    def test_is_one_number_or_one_per_column(self, function, shape, bad, raises_saying):
        expected = "one number" if len(shape) < 2 else f"one number, or shape ({shape[-1]},)"
        with raises_saying(ValueError, f"pos_weight has shape {bad}, expected {expected}") as error:
            function(np.full(shape, 0.5), np.ones(shape), pos_weight=np.ones(bad))
        assert ("one per output" in str(error.value)) == (len(shape) > 1)

    @each(CROSS_ENTROPIES_OF_BITS)
    @pytest.mark.parametrize("bad", ["2", 1j])
    def test_is_a_real_number(self, function, bad, raises_saying):
        with raises_saying(TypeError, f"pos_weight has dtype {np.asarray(bad).dtype}"):
            function([0.5], [1.0], pos_weight=bad)


class TestBinaryTargets:
    @each(BINARY)
    @pytest.mark.parametrize("dtype", [bool, np.int64, np.uint8])
    def test_are_floats(self, function, dtype, raises_saying):
        with raises_saying(
            TypeError, f"dtype {np.dtype(dtype)}", "floats in [0, 1]", "astype(float)"
        ):
            function([0.5, 0.5], np.array([0, 1], dtype=dtype))

    @each(BINARY)
    @pytest.mark.parametrize("bad", [1.0000001, -0.1, 2.0, -1.0, math.inf, -math.inf])
    def test_lie_between_zero_and_one(self, function, bad, raises_saying):
        cause = "Labels {-1, 1} or {1, 2}? Map them to {0, 1}"
        with raises_saying(ValueError, f"targets has {bad} at (3,)", "[0, 1]", cause):
            function(np.full(5, 0.5), [0.5, 0.0, 1.0, bad, 7.0])
        with raises_saying(ValueError, f"targets has {bad}, expected", "[0, 1]", cause):
            function(0.5, bad)

    @each(BINARY)
    @pytest.mark.parametrize(
        ("shape", "targets_shape"),
        [
            ((4,), (4, 1)),
            ((4, 1), (4,)),
            ((4, 3), (3,)),
            ((4, 3), (4, 1)),
            ((4,), (5,)),
            ((4,), ()),
            ((), (1,)),
        ],
    )
    def test_are_never_broadcast(self, function, shape, targets_shape, raises_saying):
        shapes = f"targets have shape {targets_shape}", f"have shape {shape}"
        column = "A column against a row? They would broadcast; squeeze one"
        same_size = math.prod(shape) == math.prod(targets_shape)
        cause = column if same_size else "One target for each output; nothing is broadcast"
        with raises_saying(ValueError, *shapes, cause):
            function(np.full(shape, 0.5), np.ones(targets_shape))

    @each(BINARY)
    def test_are_numbers(self, function, raises_saying):
        for bad in (["yes", "no"], [None, 1.0], [1j, 0]):
            with raises_saying(TypeError, f"targets has dtype {np.asarray(bad).dtype}"):
                function([0.5, 0.5], bad)


class TestProbabilities:
    @pytest.mark.parametrize("bad", [1.0000001, -1e-9, 3.5, -2.0, math.inf])
    def test_lie_between_zero_and_one(self, bad, raises_saying):
        where = f"probabilities has {bad} at (1,)"
        with raises_saying(
            ValueError, where, "[0, 1]", "Logits?", "binary_cross_entropy_with_logits"
        ):
            binary_cross_entropy([0.5, bad], [1.0, 0.0])


class TestNumbersAmongTheOptions:
    @pytest.mark.parametrize("name", [*ENTROPIES, *CROSS_ENTROPIES_OF_BITS])
    @pytest.mark.parametrize("bad", [-0.1, 1.1, 2, math.nan, math.inf, -1e-300])
    def test_label_smoothing_is_a_share(self, name, bad, raises_saying):
        function, arguments = GOOD_CALLS[name]
        with raises_saying(ValueError, "label_smoothing", f"{bad:g}", "0", "1"):
            function(*arguments, label_smoothing=bad)

    @pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan])
    def test_label_smoothing_of_labels_is_a_share(self, bad, raises_saying):
        with raises_saying(ValueError, "label_smoothing", f"{bad:g}", "0", "1"):
            smooth_labels([0, 1], num_classes=2, label_smoothing=bad)

    @pytest.mark.parametrize("name", [*ENTROPIES, *CROSS_ENTROPIES_OF_BITS])
    @pytest.mark.parametrize("bad", ["0.1", None, [0.1, 0.2]])
    def test_label_smoothing_is_one_number(self, name, bad, raises_saying):
        function, arguments = GOOD_CALLS[name]
        with raises_saying(TypeError, "label_smoothing", ("number", "real")):
            function(*arguments, label_smoothing=bad)

    @pytest.mark.parametrize("function", [focal_loss, sigmoid_focal_loss])
    @pytest.mark.parametrize("bad", [-1.0, -1e-300, math.nan, math.inf])
    def test_gamma_is_finite_and_not_negative(self, function, bad, raises_saying):
        _, arguments = GOOD_CALLS[function.__name__]
        with raises_saying(ValueError, "gamma", f"{bad:g}", "0"):
            function(*arguments, gamma=bad)

    @pytest.mark.parametrize("function", [focal_loss, sigmoid_focal_loss])
    @pytest.mark.parametrize("bad", ["2", None, [1.0, 2.0]])
    def test_gamma_is_one_number(self, function, bad, raises_saying):
        _, arguments = GOOD_CALLS[function.__name__]
        with raises_saying(TypeError, "gamma", ("number", "real")):
            function(*arguments, gamma=bad)

    @pytest.mark.parametrize("bad", [-0.25, 1.5, math.nan, math.inf])
    def test_alpha_of_the_binary_loss_is_a_share(self, bad, raises_saying):
        with raises_saying(ValueError, "alpha", f"{bad:g}", "0", "1"):
            sigmoid_focal_loss([0.0], [1.0], alpha=bad)

    @pytest.mark.parametrize("bad", ["0.25", [0.25, 0.75]])
    def test_alpha_of_the_binary_loss_is_one_number(self, bad, raises_saying):
        with raises_saying(TypeError, "alpha", ("number", "real")):
            sigmoid_focal_loss([0.0], [1.0], alpha=bad)

    @pytest.mark.parametrize("name", GOOD_CALLS)
    @pytest.mark.parametrize("bad", ["average", "Mean", "", "batchmean"])
    def test_an_unknown_reduction_lists_the_known_ones(self, name, bad, raises_saying):
        function, arguments = GOOD_CALLS[name]
        with raises_saying(ValueError, f"reduction is {bad!r}", "mean", "sum", "none"):
            function(*arguments, reduction=bad)

    @pytest.mark.parametrize("name", GOOD_CALLS)
    def test_no_reduction_is_spelt_none(self, name):
        function, arguments = GOOD_CALLS[name]
        with pytest.raises(ValueError, match=r"reduction.*None"):
            function(*arguments, reduction=None)

    @pytest.mark.parametrize("name", GOOD_CALLS)
    def test_options_must_be_named(self, name):
        function, arguments = GOOD_CALLS[name]
        with pytest.raises(TypeError, match="positional"):
            function(*arguments, None)


COUNTED = {
    "smooth_labels": lambda n: smooth_labels([0], num_classes=n, label_smoothing=0.1),
    "class_weights": lambda n: class_weights([0], num_classes=n),
    "double_softmax_floor": double_softmax_floor,
}


class TestNumberOfClasses:
    @each(COUNTED)
    @pytest.mark.parametrize("bad", [0, -1, -50])
    def test_is_at_least_one(self, function, bad, raises_saying):
        with raises_saying(ValueError, f"num_classes is {bad}", "at least 1"):
            function(bad)

    @each(COUNTED)
    @pytest.mark.parametrize("bad", [True, 3.0, np.float64(3), "3", None, np.bool_(True)])
    def test_is_an_integer(self, function, bad, raises_saying):
        with raises_saying(TypeError, f"num_classes is {bad!r}", "an int"):
            function(bad)

    @each(COUNTED)
    @pytest.mark.parametrize("good", [1, np.int64(1), np.uint8(1)])
    def test_may_be_any_integer_type(self, function, good):
        assert np.isfinite(function(good)).all()


class TestSmoothLabelsTargets:
    @pytest.mark.parametrize(("bad", "named"), [([0, 4], "4"), ([-1], "-1"), (7, "7")])
    def test_labels_out_of_range(self, bad, named, raises_saying):
        with raises_saying(ValueError, named, ("0", "range")):
            smooth_labels(bad, num_classes=4, label_smoothing=0.1)

    def test_bool_targets(self, raises_saying):
        with raises_saying(TypeError, "targets", "bool", "integer labels"):
            smooth_labels([True, False], num_classes=2, label_smoothing=0.1)

    @pytest.mark.parametrize("shape", [(3,), (4, 3), (3, 1)])
    def test_distributions_have_the_classes_last(self, shape, raises_saying):
        with raises_saying(ValueError, str(shape), "4"):
            smooth_labels(np.full(shape, 1 / shape[-1]), num_classes=4, label_smoothing=0.1)

    def test_distributions_sum_to_one(self, raises_saying):
        with raises_saying(ValueError, "targets", "sums to 6"):
            smooth_labels([[2.0, 2.0, 2.0]], num_classes=3, label_smoothing=0.1)

    def test_the_shape_that_labels_would_have_is_named(self, raises_saying):
        with raises_saying(ValueError, "(5, 2, 4)", "(5, 2, 3)", "(5, 2)"):
            smooth_labels(np.full((5, 2, 4), 0.25), num_classes=3, label_smoothing=0.1)


class TestClassWeightsTargets:
    def test_a_class_without_an_example_is_named(self, raises_saying):
        with raises_saying(ValueError, "no example", "[1, 3]", "Is num_classes right?"):
            class_weights([0, 2, 2, 4], num_classes=5)

    def test_the_last_class_without_an_example_is_named_too(self, raises_saying):
        with raises_saying(ValueError, "no example", "[2]", "weigh them by hand"):
            class_weights([0, 1], num_classes=3)

    @pytest.mark.parametrize("empty", [np.empty(0, int), np.empty((2, 0), int)])
    def test_no_labels_have_no_frequencies(self, empty):
        with pytest.raises(ValueError, match=r"^targets are empty: .* inverse of$"):
            class_weights(empty, num_classes=2)

    @pytest.mark.parametrize(("bad", "named"), [([0, 1, 2], "2"), ([0, 1, -1], "-1")])
    def test_labels_out_of_range(self, bad, named, raises_saying):
        with raises_saying(ValueError, named, ("0", "range")):
            class_weights(bad, num_classes=2)

    @pytest.mark.parametrize("bad", [[0.0, 1.0], [True, False], ["a", "b"]])
    def test_labels_are_integers(self, bad, raises_saying):
        with raises_saying(TypeError, str(np.asarray(bad).dtype), "integer"):
            class_weights(bad, num_classes=2)
