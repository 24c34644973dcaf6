"""Surprisal, entropy, cross-entropy, divergence and perplexity against books, SciPy and mpmath."""

import math

import numpy as np
import oracles
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from oracles import assert_within_ulps

from xentlib import cross_entropy, entropy, kl_divergence, perplexity, surprisal

SHANNON = [1 / 2, 1 / 4, 1 / 8, 1 / 8]
FAIR, BIASED = [1 / 2, 1 / 2], [1 / 4, 3 / 4]

# Every function of distributions in one shape: called with one argument, or with the same
# distribution twice, it must validate, keep the dtype and find the axis in the same way.
ONE_DISTRIBUTION = {
    "entropy": entropy,
    "cross_entropy of p": lambda p, **kw: cross_entropy(p, np.full_like(p, 1 / 2), **kw),
    "cross_entropy of q": lambda q, **kw: cross_entropy(np.full_like(q, 1 / 2), q, **kw),
    "kl_divergence of p": lambda p, **kw: kl_divergence(p, np.full_like(p, 1 / 2), **kw),
    "kl_divergence of q": lambda q, **kw: kl_divergence(np.full_like(q, 1 / 2), q, **kw),
}
TWO_DISTRIBUTIONS = {"cross_entropy": cross_entropy, "kl_divergence": kl_divergence}
OF_P_AND_Q = {"entropy": lambda p, q, **kw: entropy(p, **kw), **TWO_DISTRIBUTIONS}
WITH_BASE = {
    "surprisal": lambda **kw: surprisal([0.5], **kw),
    "entropy": lambda **kw: entropy(FAIR, **kw),
    "cross_entropy": lambda **kw: cross_entropy(FAIR, BIASED, **kw),
    "kl_divergence": lambda **kw: kl_divergence(FAIR, BIASED, **kw),
    "perplexity": lambda **kw: perplexity([1.0], **kw),
}


def each(table):
    """Parametrise a test over the values of `table`, named by its keys."""
    return pytest.mark.parametrize("function", table.values(), ids=table.keys())


@st.composite
def distribution_pairs(draw, count=2, largest=10**6):
    """`count` distributions over the same 1 to 12 classes, zeros included."""
    size = draw(st.integers(1, 12))
    counts = st.lists(st.integers(0, largest), min_size=size, max_size=size).filter(any)
    return [np.divide(c, sum(c)) for c in (draw(counts) for _ in range(count))]


def random_distributions(*shape, dtype=np.float64, seed=0):
    """Distributions along the last axis, from nearly certain to nearly uniform."""
    rng = np.random.default_rng(seed)
    powers = rng.random(shape) ** np.linspace(1, 30, shape[-1])
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(dtype)


class TestSurprisal:
    @pytest.mark.parametrize("p", [0.9, 0.5, 1 / 3, 1e-3, 1e-300, 5e-324, 1 - 2**-53, 1 - 1e-9])
    def test_is_minus_log_p(self, p):
        assert_within_ulps(surprisal(p), oracles.surprisal(p), ulps=1)

    @pytest.mark.parametrize(("p", "bits"), [(1, 0), (1 / 2, 1), (1 / 8, 3), (2.0**-1074, 1074)])
    def test_counts_coin_tosses_in_bits(self, p, bits):
        assert_within_ulps(surprisal(p, base=2), bits, ulps=2)

    def test_certain_event_costs_positive_zero(self):
        assert surprisal(1.0) == 0
        assert not np.signbit(surprisal(1.0))
        assert not np.signbit(surprisal(np.ones(3), base=2)).any()

    def test_impossible_event_costs_infinity(self):
        np.testing.assert_array_equal(surprisal([0.0, -0.0, 1.0]), [np.inf, np.inf, 0])
        assert surprisal(0, base=2) == np.inf

    def test_is_elementwise_and_needs_no_sum_of_one(self):
        p = np.full((2, 3, 4), 0.9)
        assert surprisal(p).shape == (2, 3, 4)

    def test_nan_stays_nan(self):
        np.testing.assert_array_equal(np.isnan(surprisal([np.nan, 0.5])), [True, False])

    @pytest.mark.parametrize("p", [1.0000001, -1e-9, np.inf, -np.inf, 90, -3.5])
    def test_refuses_what_is_no_probability(self, p, raises_saying):
        cause = "Percentages (divide by 100), or logits (apply softmax)?"
        with raises_saying(ValueError, f"p has {float(p)} at (3,)", "[0, 1]", cause):
            surprisal([0.5, 0.0, 1.0, p, 7.0])
        with raises_saying(ValueError, f"p has {float(p)}, expected", "[0, 1]", cause):
            surprisal(p)

    def test_independent_events_add(self):
        p, q = np.random.default_rng(0).random((2, 100))
        np.testing.assert_allclose(surprisal(p * q), surprisal(p) + surprisal(q), rtol=1e-14)


class TestEntropy:
    def test_shannon_s_example_is_seven_quarters_of_a_bit(self):
        # Shannon 1948, "A Mathematical Theory of Communication", section 10.
        assert entropy(SHANNON, base=2) == 1.75

    @pytest.mark.parametrize(
        ("p", "bits"),
        [
            (FAIR, 1),
            (np.full(8, 1 / 8), 3),
            (np.full(50_000, 1 / 50_000), math.log2(50_000)),
            # The horse race of Cover & Thomas 2006, example 1.1.2: two bits on average.
            ([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 64, 1 / 64, 1 / 64, 1 / 64], 2),
        ],
    )
    def test_known_values_in_bits(self, p, bits):
        assert entropy(p, base=2) == pytest.approx(bits, rel=1e-15)

    def test_scipy_s_own_test_values(self):
        # scipy/stats/tests/test_entropy.py, test_entropy_zero and test_entropy_2d_nondefault_axis.
        assert entropy([0, 1 / 3, 2 / 3]) == pytest.approx(0.63651416829481278, rel=1e-15)
        pk = np.array([[0.1, 0.2], [0.6, 0.3], [0.3, 0.5]])
        expected = [0.63651417, 0.63651417, 0.66156324]
        rows = pk / pk.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(entropy(rows, axis=1), expected, atol=1e-8)

    @pytest.mark.parametrize("p", [[1.0], [0, 1, 0], [1, 0], [-0.0, 1.0]])
    def test_certainty_has_positive_zero_entropy(self, p):
        assert entropy(p) == 0
        assert not np.signbit(entropy(p))

    @given(distribution_pairs(count=1))
    def test_lies_between_zero_and_log_of_the_number_of_classes(self, pair):
        (p,) = pair
        assert 0 <= entropy(p) <= np.log(p.size) * (1 + 4e-16)

    @given(distribution_pairs(count=1), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_classes(self, pair, random):
        (p,) = pair
        shuffled = p[random.sample(range(p.size), p.size)]
        assert entropy(shuffled) == pytest.approx(entropy(p), rel=1e-14)

    def test_a_refinement_adds_the_weighted_entropy_of_the_parts(self):
        # Shannon's third axiom (1948, section 6): H(1/2, 1/3, 1/6) = H(1/2, 1/2) + H(2/3, 1/3)/2.
        split = entropy(FAIR) + entropy([2 / 3, 1 / 3]) / 2
        assert entropy([1 / 2, 1 / 3, 1 / 6]) == pytest.approx(split, rel=1e-15)


class TestCrossEntropy:
    def test_the_best_code_for_the_wrong_distribution(self):
        # Coding SHANNON with two bits for each letter costs two bits.
        assert cross_entropy(SHANNON, np.full(4, 1 / 4), base=2) == 2.0

    @given(distribution_pairs())
    def test_gibbs_inequality_the_truth_is_the_cheapest_model(self, pair):
        p, q = pair
        assert cross_entropy(p, q) >= entropy(p) * (1 - 1e-14)

    @given(distribution_pairs())
    def test_is_entropy_plus_divergence(self, pair):
        p, q = pair
        total = entropy(p) + kl_divergence(p, q)
        assert cross_entropy(p, q) == pytest.approx(total, rel=1e-13, abs=1e-15)

    @given(distribution_pairs(count=1))
    def test_of_a_distribution_with_itself_is_its_entropy(self, pair):
        (p,) = pair
        assert cross_entropy(p, p) == pytest.approx(entropy(p), rel=1e-15)

    def test_one_hot_truth_leaves_one_surprisal(self):
        q = np.array([0.1, 0.2, 0.6, 0.1])
        assert cross_entropy([0, 0, 1, 0], q) == pytest.approx(-math.log(0.6), rel=1e-15)


class TestKlDivergence:
    def test_cover_and_thomas_example(self):
        # Cover & Thomas 2006, example 2.3.1 with r = 1/2, s = 1/4.
        forward, backward = (
            kl_divergence(FAIR, BIASED, base=2),
            kl_divergence(BIASED, FAIR, base=2),
        )
        assert round(float(forward), 4) == 0.2075
        assert round(float(backward), 4) == 0.1887
        assert forward == pytest.approx(1 - math.log2(3) / 2, rel=1e-14)
        assert backward == pytest.approx(3 / 4 * math.log2(3) - 1, rel=1e-14)

    def test_scipy_s_own_test_values(self):
        # scipy/stats/tests/test_entropy.py: test_entropy_2d, _2d_zero and _2d_nondefault_axis.
        pk = np.array([[0.1, 0.2], [0.6, 0.3], [0.3, 0.5]])
        qk = np.array([[0.2, 0.1], [0.3, 0.6], [0.5, 0.3]])
        columns = kl_divergence(pk, qk, axis=0)
        np.testing.assert_allclose(columns, [0.1933259, 0.18609809], atol=1e-7)
        rows = [x / x.sum(axis=1, keepdims=True) for x in (pk, qk)]
        np.testing.assert_allclose(kl_divergence(*rows), [0.231049, 0.231049, 0.127706], atol=1e-6)
        impossible = np.array([[0.0, 0.1], [0.4, 0.6], [0.6, 0.3]])
        columns = kl_divergence(pk, impossible, axis=0)
        np.testing.assert_allclose(columns, [np.inf, 0.18609809], atol=1e-7)

    @given(distribution_pairs())
    def test_is_never_negative_beyond_rounding(self, pair):
        p, q = pair
        terms = oracles.kl_terms(p, q)
        rounding = 4 * np.finfo(float).eps * float(sum(abs(t) for t in terms))
        assert kl_divergence(p, q) >= -rounding or rounding == np.inf

    @given(distribution_pairs(count=1))
    def test_is_exactly_zero_from_itself(self, pair):
        (p,) = pair
        assert kl_divergence(p, p) == 0

    @pytest.mark.parametrize("gap", [2.0**-k for k in (10, 20, 26, 40, 50)])
    def test_keeps_its_digits_when_q_is_close_to_p(self, gap):
        # The terms of log p - log q cancel: for gap 2^-26 not one digit would be left.
        p, q = np.array(FAIR), np.array([0.5 - gap, 0.5 + gap])
        terms = oracles.kl_terms(p, q)
        assert_within_ulps(
            kl_divergence(p, q), oracles.kl_divergence(p, q), ulps=4, scale=sum(map(abs, terms))
        )
        np.testing.assert_allclose(
            kl_divergence(p, q), 2 * gap**2, rtol=1e-5
        )  # approx would accept 0

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_survives_a_quotient_that_overflows(self, dtype):
        tiny = np.finfo(dtype).smallest_subnormal
        p, q = np.array([0.5, 0.5], dtype), np.array([tiny, 1], dtype)
        assert_within_ulps(kl_divergence(p, q), oracles.kl_divergence(p, q), ulps=3)
        assert_within_ulps(kl_divergence(q, p), oracles.kl_divergence(q, p), ulps=3)

    def test_is_a_divergence_not_a_distance(self):
        assert kl_divergence(FAIR, BIASED) != kl_divergence(BIASED, FAIR)

    @given(distribution_pairs(largest=50))
    def test_agrees_with_scipy(self, pair):
        p, q = pair
        expected = scipy.special.rel_entr(p, q).sum()
        assert kl_divergence(p, q) == pytest.approx(expected, rel=1e-12, abs=1e-14)


class TestSumsOverOneDistribution:
    """What entropy, cross_entropy and kl_divergence share."""

    @each(OF_P_AND_Q)
    @pytest.mark.parametrize("base", [None, 2, 10, 1.5, np.float32(2)])
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_is_accurate_to_a_few_ulp(self, function, base, dtype, request):
        oracle = getattr(oracles, request.node.callspec.id.split("-")[-1])
        p = random_distributions(20, 7, dtype=dtype)
        q = random_distributions(20, 7, dtype=dtype, seed=1)[:, ::-1]
        arguments = [
            (a,) if oracle is oracles.entropy else (a, b) for a, b in zip(p, q, strict=True)
        ]
        exact = [oracle(*pair, base=base) for pair in arguments]
        if oracle is oracles.kl_divergence:
            unit = oracles.surprisal(math.exp(-1), base)
            scale = [sum(map(abs, oracles.kl_terms(*pair))) * unit for pair in arguments]
        else:
            scale = None
        assert_within_ulps(function(p, q, base=base), exact, ulps=5, scale=scale)

    @each(OF_P_AND_Q)
    def test_many_classes_stay_accurate(self, function, request):
        oracle = getattr(oracles, request.node.callspec.id)
        p, q = random_distributions(2, 800, seed=2), random_distributions(2, 800, seed=3)
        exact = [
            oracle(a, b) if function is not OF_P_AND_Q["entropy"] else oracle(a)
            for a, b in zip(p, q, strict=True)
        ]
        np.testing.assert_allclose(function(p, q), np.array(exact, dtype=float), rtol=1e-13)

    @each(OF_P_AND_Q)
    def test_matches_scipy_along_every_axis(self, function, request):
        p, q = random_distributions(4, 5, 6), random_distributions(4, 5, 6, seed=1)
        reference = {
            "entropy": lambda p, q: scipy.special.entr(p),
            "cross_entropy": lambda p, q: -scipy.special.xlogy(p, q),
            "kl_divergence": scipy.special.rel_entr,
        }[request.node.callspec.id]
        for axis in (-3, -2, -1, 0, 1, 2):
            moved = np.moveaxis(p, -1, axis), np.moveaxis(q, -1, axis)
            expected = reference(*moved).sum(axis=axis)
            np.testing.assert_allclose(function(*moved, axis=axis), expected, rtol=1e-13)

    @pytest.mark.parametrize(
        ("function", "q", "expected"),
        [
            (cross_entropy, [0.0, 1.0], math.inf),
            (kl_divergence, [0.0, 1.0], math.inf),
            (cross_entropy, [1.0, 0.0], math.inf),
            (kl_divergence, [1.0, 0.0], math.inf),
        ],
    )
    def test_a_possible_event_called_impossible_costs_infinity(self, function, q, expected):
        assert function(FAIR, q) == expected

    @each(TWO_DISTRIBUTIONS)
    def test_an_impossible_event_costs_nothing_whatever_its_model(self, function):
        for q in ([0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.5, 0.5 - 1e-7, 1e-7]):
            with_it, without = function([0.5, 0.5, 0.0], q), function([0.5, 0.5], [0.5, 0.5])
            assert np.isfinite(with_it)
            assert with_it >= without * (1 - 1e-15)

    @pytest.mark.parametrize(
        ("p", "q", "cross"),
        [([0, 1], [0, 1], 0.0), ([1, 0], [0.5, 0.5], math.log(2)), ([0, 1], [1, 0], math.inf)],
    )
    def test_zero_times_log_zero_is_zero(self, p, q, cross):
        assert cross_entropy(p, q) == cross
        assert kl_divergence(p, q) == cross

    @each(OF_P_AND_Q)
    def test_nan_in_nan_out_and_only_there(self, function):
        p = np.array([[0.5, 0.5], [np.nan, 0.5], [0.25, 0.75]])
        np.testing.assert_array_equal(np.isnan(function(p, p)), [False, True, False])

    @each(TWO_DISTRIBUTIONS)
    @pytest.mark.parametrize("nan_in", ["p", "q"])
    def test_a_nan_in_either_argument_is_enough(self, function, nan_in):
        good, bad = np.array([[0.0, 1.0]]), np.array([[np.nan, -7.0]])
        p, q = (bad, good) if nan_in == "p" else (good, bad)
        assert np.isnan(function(p, q)).all()

    @each(ONE_DISTRIBUTION)
    @pytest.mark.parametrize(
        ("given_dtype", "expected"),
        [
            ("f2", "f4"),
            ("f4", "f4"),
            ("f8", "f8"),
            ("longdouble", "longdouble"),
            (">f4", "f4"),
            (">f8", "f8"),
        ],
    )
    def test_dtype_in_decides_dtype_out(self, function, given_dtype, expected):
        out = function(np.array([FAIR, FAIR], dtype=given_dtype))
        assert out.dtype == np.dtype(expected)
        np.testing.assert_allclose(out, function(np.array([FAIR, FAIR])), rtol=1e-6, atol=1e-7)

    @pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
    def test_integers_and_bools_count_as_float64(self, dtype):
        p = np.array([0, 1], dtype=dtype)
        assert entropy(p).dtype == np.float64
        assert cross_entropy(p, FAIR) == pytest.approx(math.log(2), rel=1e-15)
        assert surprisal(p).dtype == np.float64

    @each(TWO_DISTRIBUTIONS)
    def test_the_wider_of_two_dtypes_wins(self, function):
        half, single, double = (np.array(FAIR, dtype=t) for t in ("f2", "f4", "f8"))
        assert function(half, single).dtype == np.float32
        assert function(single, double).dtype == np.float64
        assert function(double, half).dtype == np.float64

    @each(OF_P_AND_Q)
    def test_every_dtype_is_computed_in_at_least_double_precision(self, function, request):
        oracle = getattr(oracles, request.node.callspec.id)
        halves = np.array([[9, 5, 2], [3, 12, 1]]) / 16
        for dtype in (np.float16, np.float32, np.longdouble):
            p, q = halves.astype(dtype)
            exact = oracle(p) if oracle is oracles.entropy else oracle(p, q)
            assert_within_ulps(function(p, q), exact, ulps=1 if dtype != np.longdouble else 4)

    @each(OF_P_AND_Q)
    def test_single_precision_is_rounded_once_at_the_end(self, function):
        p, q = random_distributions(2, 20, 1000, dtype=np.float32)
        exact = function(p.astype(float), q.astype(float))
        np.testing.assert_array_equal(function(p, q), exact.astype(np.float32))

    def test_a_result_that_underflows_is_silent_however_numpy_is_set(self):
        with np.errstate(all="raise"):
            assert 0 < entropy(np.array([1, 1e-44], np.float32)) < 1e-41

    def test_one_slice_gives_a_numpy_scalar(self):
        for value in (entropy(FAIR), cross_entropy(FAIR, FAIR), kl_divergence(FAIR, BIASED)):
            assert isinstance(value, np.float64)

    @each(OF_P_AND_Q)
    def test_no_slices_give_no_values(self, function):
        empty = np.empty((0, 3))
        assert function(empty, empty).shape == (0,)

    @each(OF_P_AND_Q)
    def test_memory_layout_does_not_matter(self, function):
        p, q = random_distributions(6, 4), random_distributions(6, 4, seed=1)
        expected = function(p, q)
        wide = np.zeros((12, 4))
        wide[::2] = p
        frozen = p.copy()
        frozen.flags.writeable = False
        for layout in (np.asfortranarray(p), wide[::2], frozen, p[::-1].copy()[::-1], p.tolist()):
            np.testing.assert_array_equal(function(layout, q), expected)

    @each(OF_P_AND_Q)
    def test_arguments_are_left_alone(self, function):
        p, q = random_distributions(3, 4), random_distributions(3, 4, seed=1)
        p[0] = [0, 0, 1, 0]
        q[0] = [0, 1, 0, 0]
        before = p.copy(), q.copy()
        function(p, q)
        np.testing.assert_array_equal(p, before[0])
        np.testing.assert_array_equal(q, before[1])


class TestWhatIsADistribution:
    @each(ONE_DISTRIBUTION)
    @pytest.mark.parametrize(
        ("slices", "position", "total"),
        [
            ([[0.5, 0.5], [0.7, 0.5], [0.9, 0.9]], "(1,)", "1.2"),
            ([[0.5, 0.5], [0.5, 0.5], [0.25, 0.5]], "(2,)", "0.75"),
            ([[50.0, 50.0]], "(0,)", "100"),
            ([[2.0, 5.0]], "(0,)", "7"),
            ([[0.0, 0.0]], "(0,)", "0"),
            ([[np.inf, 0.0]], "(0,)", "inf"),
        ],
    )
    def test_a_sum_other_than_one_is_refused(
        self, function, slices, position, total, request, raises_saying
    ):
        causes = "logits (apply softmax)", "counts or percentages (divide by their sum)", "axis"
        name = request.node.callspec.id.split("-")[-1].split()[-1].replace("entropy", "p")
        with raises_saying(ValueError, name, position, f"sums to {total}", "1", *causes):
            function(np.array(slices))

    @each(ONE_DISTRIBUTION)
    def test_negative_probabilities_are_refused(self, function, raises_saying):
        with raises_saying(
            ValueError, "(1,)", "has the entry -0.5", ">= 0", "logits (apply softmax)"
        ):
            function(np.array([[0.5, 0.5], [1.5, -0.5]]))

    @each(ONE_DISTRIBUTION)
    def test_the_first_bad_slice_of_many_is_named(self, function, raises_saying):
        p = np.full((3, 4, 2), 0.5)
        p[1, 2, 0] = 0.625
        p[2, 0, 0] = 0.75
        with raises_saying(ValueError, "(1, 2)", "1.125"):
            function(p)

    @each(ONE_DISTRIBUTION)
    @pytest.mark.parametrize(
        ("dtype", "off", "allowed"),
        [
            (np.float64, 0.9e-6, True),
            (np.float64, -0.9e-6, True),
            (np.float64, 1.1e-6, False),
            (np.float64, -1.1e-6, False),
            (np.float32, 0.9e-6, True),
            (np.float32, 1.3e-6, False),
            (np.float16, 0.00097, True),
            (np.float16, 0.00147, False),
        ],
    )
    def test_the_tolerance_is_one_in_a_million_or_the_dtype_s_eps(
        self, function, dtype, off, allowed
    ):
        p = np.array([0.5 + off, 0.5], dtype=dtype)
        if allowed:
            assert np.isfinite(function(p))
        else:
            with pytest.raises(ValueError, match="sum"):
                function(p)

    def test_the_sum_is_taken_in_double_precision(self):
        # 100,000 float32 probabilities: adding them one by one in float32 is off by 1e-4.
        p = np.full(100_000, 1e-5, dtype=np.float32)
        assert entropy(p, axis=0) == pytest.approx(math.log(100_000), rel=1e-6)
        assert entropy(p[None].repeat(2, 0).T, axis=0)[0] == pytest.approx(math.log(1e5), rel=1e-5)

    @each(ONE_DISTRIBUTION)
    def test_nothing_is_renormalised(self, function):
        nearly = np.array([0.5, 0.5 - 8e-7])
        assert function(nearly) != function(nearly / nearly.sum())

    @each(TWO_DISTRIBUTIONS)
    @pytest.mark.parametrize(
        ("p_shape", "q_shape"), [((2,), (3,)), ((2,), (4, 2)), ((3, 2), (1, 2)), ((2, 1), (1, 2))]
    )
    def test_shapes_are_never_broadcast(self, function, p_shape, q_shape, raises_saying):
        p, q = np.ones(p_shape), np.ones(q_shape)
        with raises_saying(
            ValueError, str(p_shape), str(q_shape), "Repeat it with np.broadcast_to"
        ):
            function(p / p_shape[-1], q / q_shape[-1])

    @each(ONE_DISTRIBUTION)
    def test_a_slice_without_classes_is_no_distribution(self, function):
        with pytest.raises(ValueError, match=r"sum|class|empty"):
            function(np.empty((3, 0)))

    @each(ONE_DISTRIBUTION)
    @pytest.mark.parametrize("axis", [1, -2])
    def test_an_axis_that_is_not_there_is_refused(self, function, axis):
        with pytest.raises(ValueError, match="axis"):
            function(np.array(FAIR), axis=axis)

    def test_a_single_number_is_no_distribution(self, raises_saying):
        with raises_saying(ValueError, "p is a single number", "axis"):
            entropy(1.0)

    @pytest.mark.parametrize(
        "bad",
        [
            ["0.5", "0.5"],
            [None, 1.0],
            [0.5 + 0j, 0.5 + 0j],
            np.zeros(2, "V2"),
            np.zeros(2, "m8[s]"),
        ],
        ids=["str", "object", "complex", "void", "timedelta"],
    )
    @pytest.mark.parametrize(
        ("name", "function"),
        [
            ("p", surprisal),
            ("p", entropy),
            ("nll", perplexity),
            ("p", lambda p: cross_entropy(p, FAIR)),
            ("q", lambda q: kl_divergence(FAIR, q)),
        ],
    )
    def test_what_is_not_a_number_is_refused(self, name, function, bad, raises_saying):
        with raises_saying(TypeError, f"{name} has dtype {np.asarray(bad).dtype}", "real numbers"):
            function(bad)


class TestBase:
    @each(WITH_BASE)
    @pytest.mark.parametrize("base", [1, 1.0, 0, -2, 0.5, math.inf, math.nan])
    def test_must_be_a_finite_number_above_one(self, function, base, raises_saying):
        with raises_saying(ValueError, "base", f"{base:g}", "1"):
            function(base=base)

    @each(WITH_BASE)
    @pytest.mark.parametrize("base", ["2", [2], "e"])
    def test_must_be_a_number(self, function, base, raises_saying):
        with raises_saying(TypeError, "base", ("number", "real")):
            function(base=base)

    @each(WITH_BASE)
    def test_must_be_named(self, function):
        with pytest.raises(TypeError, match="positional"):
            entropy(FAIR, 2)

    @each({k: v for k, v in WITH_BASE.items() if k != "perplexity"})
    def test_only_changes_the_unit(self, function):
        nats = function(base=None)
        np.testing.assert_allclose(function(base=2), nats / math.log(2), rtol=1e-15)
        np.testing.assert_allclose(function(base=math.e), nats, rtol=1e-15)
        np.testing.assert_allclose(function(base=10), nats / math.log(10), rtol=1e-15)

    def test_does_not_change_the_dtype(self):
        single = np.array(FAIR, dtype=np.float32)
        assert entropy(single, base=2).dtype == np.float32
        assert entropy(single, base=np.float64(2)).dtype == np.float32
        assert surprisal(single, base=np.float64(2)).dtype == np.float32
        assert perplexity(single, base=np.float64(2)).dtype == np.float32


class TestPerplexity:
    @pytest.mark.parametrize(
        ("nll", "base", "expected"),
        [
            # A fair die keeps its six sides; three nats are not three bits.
            ([math.log(6)] * 5, None, 6),
            ([3.0], None, 20.085536923187668),
            ([3.0], 2, 8),
            ([3.0], 10, 1000),
            ([0.0, -0.0], None, 1),
            ([[1.0, 2.0], [3.0, 6.0]], 2, 8),
            (3, 2, 8),
        ],
    )
    def test_known_values(self, nll, base, expected):
        assert perplexity(nll, base=base) == pytest.approx(expected, rel=1e-15)

    @pytest.mark.parametrize("base", [None, 2, 10])
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_against_mpmath(self, base, dtype):
        nll = (np.random.default_rng(0).random((7, 11)) * 8).astype(dtype)
        # The exponential multiplies a relative rounding error by the exponent, here up to 10.
        assert_within_ulps(perplexity(nll, base=base), oracles.perplexity(nll, base), ulps=16)

    @given(st.integers(1, 10**6))
    def test_of_a_uniform_guess_is_the_number_of_choices(self, choices):
        nll = surprisal(np.full(3, 1 / choices), base=2)
        assert perplexity(nll, base=2) == pytest.approx(choices, rel=1e-13)

    def test_is_the_exponential_of_the_mean_not_the_mean_of_exponentials(self):
        nll = np.array([1.0, 5.0])
        assert perplexity(nll) == pytest.approx(math.exp(3), rel=1e-15)
        assert perplexity(nll) < np.exp(nll).mean() / 3

    @pytest.mark.parametrize(("nll", "expected"), [(800.0, np.inf), (np.inf, np.inf)])
    def test_overflow_is_infinity_without_a_warning(self, nll, expected):
        assert perplexity([nll]) == expected

    def test_nan_in_nan_out(self):
        assert np.isnan(perplexity([1.0, np.nan]))

    def test_half_precision_does_not_overflow_in_the_sum(self):
        ppl = perplexity(np.full(70_000, 2, dtype=np.float16))
        assert ppl.dtype == np.float32
        assert ppl == pytest.approx(math.exp(2), rel=1e-6)

    def test_single_precision_does_not_drift_in_the_sum(self):
        nll = np.full(300_000, 0.1, dtype=np.float32)
        nll[0] = 2.0**24
        exact = math.exp(math.fsum(nll) / 300_000)
        assert float(perplexity(nll)) == pytest.approx(exact, rel=1e-5)

    @pytest.mark.parametrize("nll", [[-0.5, 1.0], [-1e-300], [1.0, -np.inf]])
    def test_negative_values_are_refused(self, nll, raises_saying):
        cause = "Log-probabilities that were not negated, or a density above 1?"
        with raises_saying(ValueError, f"nll has the negative entry {min(nll):g}", cause):
            perplexity(nll)

    @pytest.mark.parametrize("empty", [np.empty(0), np.empty((0, 5)), np.empty(0, np.float32)])
    def test_of_nothing_is_nan_and_says_so(self, empty):
        with pytest.warns(RuntimeWarning, match=r"^the perplexity of no tokens is nan$"):
            ppl = perplexity(empty)
        assert np.isnan(ppl)
        assert ppl.dtype == empty.dtype

    def test_gives_a_numpy_scalar(self):
        assert isinstance(perplexity([1.0]), np.float64)
        assert isinstance(perplexity([1]), np.float64)
