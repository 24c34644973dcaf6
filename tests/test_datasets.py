"""The data: as published, and simulations against SciPy's densities and large numbers."""

import gzip
import hashlib
import zlib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from xentlib.datasets import (
    flip_labels,
    gaussian_classes,
    gaussian_posterior,
    load_english,
    load_spambase,
)

MEANS = [[0.0, 0.0], [2.0, 1.0], [-1.0, 3.0]]
PRIORS = [0.7, 0.2, 0.1]


def rng(seed=0):
    return np.random.default_rng(seed)


class TestSpambase:
    def test_size_and_class_counts_as_published(self):
        emails = load_spambase()
        assert emails.features.shape == (4601, 57)
        assert emails.features.dtype == np.float64
        assert emails.labels.dtype == np.int64
        assert np.bincount(emails.labels).tolist() == [2788, 1813]
        assert len(set(emails.feature_names)) == 57

    def test_statistics_as_published(self):
        # The documentation of the data set gives the mean and maximum of each attribute.
        features, _, names = load_spambase()
        for name, mean, largest in [
            ("make", 0.10455, 4.54),
            ("free", 0.24885, 20),
            ("george", 0.7673, 33.33),
            ("charDollar", 0.075811, 6.003),
            ("capitalAve", 5.1915, 1102.5),
            ("capitalLong", 52.173, 9989),
            ("capitalTotal", 283.29, 15841),
        ]:
            column = features[:, names.index(name)]
            assert column.mean() == pytest.approx(mean, rel=5e-4)
            assert column.max() == largest
            assert column.min() == (1 if name.startswith("capital") else 0)
        assert np.isfinite(features).all()

    def test_each_call_gives_its_own_arrays(self):
        first = load_spambase()
        first.features[:] = 0
        assert load_spambase().features.any()

    def test_a_linear_model_reaches_what_was_measured_when_the_data_were_added(self):
        features, labels, _ = load_spambase()
        x, x_test, y, y_test = train_test_split(
            np.log1p(features), labels, test_size=1000, stratify=labels, random_state=0
        )
        scaler = StandardScaler().fit(x)
        model = LogisticRegression().fit(scaler.transform(x), y)
        assert model.score(scaler.transform(x_test), y_test) == pytest.approx(0.938, abs=0.002)


class TestEnglish:
    def test_it_is_the_text_that_the_readme_describes(self):
        text = load_english()
        digest = hashlib.sha256(text.encode()).hexdigest()
        readme = (files("xentlib") / "data" / "README.md").read_text(encoding="utf-8")
        assert digest in readme
        assert f"{len(text):,} characters" in readme

    def test_it_is_plain_english(self):
        text = load_english()
        assert text.isascii()
        assert text.isprintable() is False
        assert set(text) - {"\n"} == {c for c in text if c.isprintable()}
        assert text.startswith(
            "This document describes the Nettle low-level cryptographic library."
        )
        assert "This manual is placed in the public domain." in text
        commonest = sorted(set(text), key=text.count, reverse=True)[:3]
        assert commonest == [" ", "e", "t"]

    def test_it_can_be_compressed_about_as_far_as_english(self):
        text = load_english().encode()
        assert 3 < len(text) / len(zlib.compress(text, 9)) < 4


@pytest.mark.parametrize("name", ["spambase.csv.gz", "nettle.txt.gz"])
def test_the_packaged_file_carries_no_time(name):
    packed = (files("xentlib") / "data" / name).read_bytes()
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed)


def test_the_readme_names_source_authors_doi_and_licence():
    readme = (files("xentlib") / "data" / "README.md").read_text(encoding="utf-8")
    for part in ["Hopkins", "Reeber", "Forman", "Suermondt", "10.24432/C53G6B", "CC BY 4.0"]:
        assert part in readme
    assert "Möller" in readme
    assert "public domain" in readme


class TestPosterior:
    @pytest.mark.parametrize("scale", [1.0, 0.3, [0.5, 1.0, 2.0]])
    def test_bayes_rule_with_scipy_s_densities(self, scale):
        x = rng().normal(size=(200, 2)) * 3
        scales = np.broadcast_to(scale, 3)
        log_joint = np.stack(
            [
                np.log(prior) + stats.multivariate_normal.logpdf(x, mean, np.eye(2) * s**2)
                for prior, mean, s in zip(PRIORS, MEANS, scales, strict=True)
            ],
            axis=1,
        )
        exact = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=1, keepdims=True))
        ours = gaussian_posterior(x, priors=PRIORS, means=MEANS, scale=scale)
        np.testing.assert_allclose(ours, exact, rtol=1e-9)

    def test_far_out_where_every_density_underflows(self):
        ours = gaussian_posterior([[1000.0]], priors=[0.5, 0.5], means=[[-1], [1]])
        assert ours.tolist() == [[0.0, 1.0]]

    def test_two_classes_with_one_scale_are_a_sigmoid_of_a_line(self):
        x = np.linspace(-3, 3, 50)
        ours = gaussian_posterior(x[:, np.newaxis], priors=[0.9, 0.1], means=[[-1], [1]], scale=2)
        # logit = ln(prior ratio) + (m1 - m0) x / s^2, by hand
        np.testing.assert_allclose(ours[:, 1], 1 / (1 + 9 * np.exp(-x / 2)), rtol=1e-13)

    def test_one_class_is_certain(self):
        assert gaussian_posterior([[3.0]], priors=[1.0], means=[[0.0]]).tolist() == [[1.0]]

    @pytest.mark.parametrize(
        ("changed", "parts"),
        [
            ({"features": [0.0, 0.0]}, ["features", "(2,)", "(N, 2)", "[point]"]),
            ({"features": [[0.0]]}, ["features", "(1, 1)", "(N, 2)"]),
            ({"features": [[np.nan, 0.0]]}, ["features", "finite"]),
            ({"priors": [999, 1, 0.1]}, ["priors", "sum 1", "Divide"]),
            ({"priors": [0.5, 0.5, 0.0]}, ["priors", "above 0"]),
            ({"priors": [[0.7, 0.2, 0.1]]}, ["priors", "per class"]),
            ({"priors": [0.5, 0.5]}, ["means", "(3, 2)", "(2, D)"]),
            ({"means": [0.0, 1.0, 2.0]}, ["means", "(3,)", "[[0], [2]]"]),
            ({"means": np.full((3, 2), np.inf)}, ["means", "finite"]),
            ({"scale": 0.0}, ["scale", "above 0"]),
            ({"scale": [1.0, -1.0, 1.0]}, ["scale", "above 0"]),
            ({"scale": [1.0, 1.0]}, ["scale", "3 classes"]),
        ],
    )
    def test_bad_values(self, raises_saying, changed, parts):
        arguments = {"features": [[0.0, 0.0]], "priors": PRIORS, "means": MEANS, **changed}
        with raises_saying(ValueError, *parts):
            gaussian_posterior(arguments.pop("features"), **arguments)

    @pytest.mark.parametrize("name", ["features", "priors", "means", "scale"])
    def test_bad_types(self, raises_saying, name):
        arguments = {"features": [[0.0, 0.0]], "priors": PRIORS, "means": MEANS, name: "a"}
        with raises_saying(TypeError, name, "real numbers"):
            gaussian_posterior(arguments.pop("features"), **arguments)


class TestGaussianClasses:
    def test_shapes_and_types(self):
        drawn = gaussian_classes(10, priors=PRIORS, means=MEANS, rng=rng())
        assert drawn.features.shape == (10, 2)
        assert drawn.labels.shape == (10,)
        assert drawn.posteriors.shape == (10, 3)
        assert drawn.labels.dtype == np.int64

    def test_the_same_seed_the_same_set(self):
        one, two = (gaussian_classes(50, priors=PRIORS, means=MEANS, rng=rng(5)) for _ in "ab")
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_priors_may_be_rounded(self):
        drawn = gaussian_classes(5, priors=[0.3333333] * 3, means=MEANS, rng=rng())
        assert np.isfinite(drawn.posteriors).all()

    def test_labels_follow_the_priors(self):
        labels = gaussian_classes(100_000, priors=PRIORS, means=MEANS, rng=rng()).labels
        expected = 100_000 * np.array(PRIORS)
        assert stats.chisquare(np.bincount(labels), expected).pvalue > 1e-3

    def test_imbalance_of_one_to_a_thousand(self):
        priors = np.array([1000, 1]) / 1001
        labels = gaussian_classes(200_000, priors=priors, means=[[0], [2]], rng=rng()).labels
        assert stats.binomtest(int(labels.sum()), 200_000, 1 / 1001).pvalue > 1e-3

    def test_each_class_is_the_gaussian_asked_for(self):
        drawn = gaussian_classes(20_000, priors=PRIORS, means=MEANS, scale=[1, 2, 3], rng=rng())
        for label, (mean, scale) in enumerate(zip(MEANS, [1, 2, 3], strict=True)):
            cloud = (drawn.features[drawn.labels == label] - mean) / scale
            assert stats.kstest(cloud.ravel(), "norm").pvalue > 1e-3
            assert abs(np.corrcoef(cloud.T)[0, 1]) < 4 / np.sqrt(len(cloud))

    def test_the_posteriors_are_the_frequencies_of_the_labels(self):
        drawn = gaussian_classes(100_000, priors=PRIORS, means=MEANS, scale=1.5, rng=rng())
        p = drawn.posteriors[:, 1]
        for low in np.arange(0, 0.8, 0.1):
            inside = (p > low) & (p <= low + 0.1)
            share, error = (drawn.labels[inside] == 1).mean(), np.sqrt(0.25 / inside.sum())
            assert abs(share - p[inside].mean()) < 4 * error
        np.testing.assert_array_equal(
            drawn.posteriors,
            gaussian_posterior(drawn.features, priors=PRIORS, means=MEANS, scale=1.5),
        )

    @pytest.mark.parametrize("count", [0, -1])
    def test_no_points(self, raises_saying, count):
        with raises_saying(ValueError, "num_samples", str(count), "at least 1"):
            gaussian_classes(count, priors=PRIORS, means=MEANS, rng=rng())

    def test_a_count_that_is_no_integer(self, raises_saying):
        with raises_saying(TypeError, "num_samples", "10.0", "int"):
            gaussian_classes(10.0, priors=PRIORS, means=MEANS, rng=rng())

    def test_a_seed_in_place_of_a_generator(self, raises_saying):
        with raises_saying(TypeError, "rng", "0", "default_rng(seed)"):
            gaussian_classes(10, priors=PRIORS, means=MEANS, rng=0)


class TestFlipLabels:
    @given(
        classes=st.integers(2, 12),
        rate=st.floats(0, 1),
        seed=st.integers(0, 99),
        shape=st.sampled_from([(0,), (), (50,), (4, 5)]),
    )
    def test_exactly_the_flipped_labels_are_wrong(self, classes, rate, seed, shape):
        true = rng(seed).integers(0, classes, size=shape)
        noisy, flipped = flip_labels(true, num_classes=classes, rate=rate, rng=rng(seed))
        np.testing.assert_array_equal(noisy != true, flipped)
        assert noisy.shape == flipped.shape == shape
        assert ((noisy >= 0) & (noisy < classes)).all()

    def test_rate_and_wrong_classes_are_as_the_formula_says(self):
        noisy, flipped = flip_labels(np.zeros(60_000, int), num_classes=4, rate=0.3, rng=rng())
        assert stats.binomtest(int(flipped.sum()), 60_000, 0.3).pvalue > 1e-3
        counts = np.bincount(noisy, minlength=4)
        assert stats.chisquare(counts, 60_000 * np.array([0.7, 0.1, 0.1, 0.1])).pvalue > 1e-3

    def test_rate_zero_and_one(self):
        true = np.arange(30) % 3
        assert not flip_labels(true, num_classes=3, rate=0, rng=rng()).flipped.any()
        assert flip_labels(true, num_classes=3, rate=1, rng=rng()).flipped.all()

    def test_the_input_is_left_alone_and_small_integers_do_not_overflow(self):
        true = np.array([200, 250, 0], dtype=np.uint8)
        noisy = flip_labels(true, num_classes=251, rate=1.0, rng=rng()).labels
        assert true.tolist() == [200, 250, 0]
        assert noisy.dtype == np.int64
        assert (noisy < 251).all()

    def test_unsigned_labels_do_not_become_floats(self):
        true = np.array([1, 0], dtype=np.uint64)
        assert flip_labels(true, num_classes=2, rate=0.5, rng=rng()).labels.dtype == np.int64

    @pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan, np.inf])
    def test_a_rate_that_is_no_probability(self, raises_saying, rate):
        with raises_saying(ValueError, "rate", str(rate)):
            flip_labels([0, 1], num_classes=2, rate=rate, rng=rng())

    @pytest.mark.parametrize(("labels", "bad"), [([1, 2], "2"), ([0, -1], "-1")])
    def test_labels_out_of_range(self, raises_saying, labels, bad):
        with raises_saying(ValueError, "labels", bad, "from 0 to 1", "counted from 1"):
            flip_labels(labels, num_classes=2, rate=0.1, rng=rng())

    @pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False], ["spam"]])
    def test_labels_that_are_no_integers(self, raises_saying, labels):
        with raises_saying(TypeError, "labels", "integers", ".astype(int)"):
            flip_labels(labels, num_classes=2, rate=0.1, rng=rng())

    def test_one_class_has_no_wrong_one(self, raises_saying):
        with raises_saying(ValueError, "num_classes", "at least 2"):
            flip_labels([0], num_classes=1, rate=0.1, rng=rng())

    def test_a_seed_in_place_of_a_generator(self, raises_saying):
        with raises_saying(TypeError, "rng", "default_rng(seed)"):
            flip_labels([0], num_classes=2, rate=0.1, rng=None)
