"""Whatever comes in, a finding or a clear error comes out: never a traceback from inside."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xentlib.doctor import Report, examine
from xentlib.doctor._names import LOSSES
from xentlib.doctor._told import owners_of

DTYPES = ["f2", "f4", "f8", "i1", "u1", "i4", "i8", "?", "c16", "U3", "O"]
EXTREMES = st.sampled_from(
    [0.0, 1.0, -1.0, 1e-320, 1e308, -1e308, np.nan, np.inf, -np.inf, 65504.0]
)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=3),
    st.lists(st.one_of(st.floats(), st.text(max_size=2), st.none()), max_size=4),
    st.lists(st.lists(st.integers(-3, 5), max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=2),
    st.sets(st.integers(), max_size=2),
    st.complex_numbers(),
    st.binary(max_size=3),
    st.sampled_from([object(), np.datetime64("2026-01-01"), lambda: 0, np.ma.masked]),
)
shapes = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def any_array(draw):
    shape, dtype = draw(shapes), np.dtype(draw(st.sampled_from(DTYPES)))
    if dtype.kind == "f":
        values = draw(
            arrays.arrays(np.float64, shape, elements=st.one_of(EXTREMES, st.floats(-5, 5)))
        )
        with np.errstate(all="ignore"):
            return values.astype(dtype)
    if dtype.kind == "O":
        return draw(arrays.arrays(object, shape, elements=st.one_of(st.none(), st.floats())))
    return draw(arrays.arrays(dtype, shape))


arguments = st.fixed_dictionaries(
    {},
    optional={
        "label_smoothing": st.floats(),
        "gamma": st.floats(),
        "weight": st.one_of(st.lists(st.floats(), max_size=4), st.floats(), st.text(max_size=2)),
        "pos_weight": st.one_of(st.floats(), st.lists(st.floats(), max_size=4)),
        "alpha": st.one_of(st.floats(), st.lists(st.floats(), max_size=4)),
        "ignore_index": st.integers(-101, 5),
        "steps": st.integers(0, 2000),
        "from_logits": st.booleans(),
        "log_target": st.booleans(),
        "reduction": st.sampled_from(["mean", "sum", "none", "batchmean"]),
        "micro_batches": st.lists(st.integers(-1, 5), max_size=3),
        "observed": st.one_of(st.none(), st.floats()),
    },
)
frameworks = st.sampled_from([None, "torch", "keras", "jax", "sklearn", "numpy"])


def is_report(report):
    assert isinstance(report, Report)
    assert str(report)
    assert report._repr_html_()
    again = Report.from_dict(json.loads(report.to_json()))
    assert again.findings == report.findings
    for finding in report.findings:
        assert 0 < finding.confidence <= 1
        assert finding.message.endswith((".", "?"))
        assert finding.mend
        assert finding.section


def may_refuse(outputs, targets, told):
    """Only the sizes of micro-batches may be refused, and what the loss does not take."""
    told = {key: value for key, value in told.items() if told["loss"] in owners_of(key)}
    if told.get("framework") == "torch" and told["loss"] == "cross_entropy":
        told = {**told, "framework": "numpy"}
    try:
        report = examine(outputs, targets, **told)
    except ValueError as error:
        if not str(error).startswith("micro_batches is"):
            raise
    else:
        is_report(report)


@settings(max_examples=400)
@given(any_array(), any_array(), st.sampled_from(list(LOSSES)), frameworks, arguments)
def test_arrays_of_any_kind(outputs, targets, loss, framework, told):
    told = {**told, "loss": loss, "framework": framework}
    may_refuse(outputs, targets, told)


@settings(max_examples=400)
@given(st.data(), st.sampled_from(list(LOSSES)), frameworks, arguments)
def test_arrays_that_fit(data, loss, framework, told):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=6))
    classes = data.draw(st.integers(1, 5))
    binary = LOSSES[loss].over == "binary"
    outputs = data.draw(
        arrays.arrays(
            data.draw(st.sampled_from(["f2", "f4", "f8"])),
            shape if binary else (*shape, classes),
            elements=st.sampled_from([0.0, 1.0, 0.5, 0.25, -3.0, 40.0, np.nan, np.inf, -np.inf]),
        )
    )
    like = outputs.shape if binary or loss == "kl_div" or data.draw(st.booleans()) else shape
    kind = "f8" if like == outputs.shape else "i8"
    values = st.sampled_from([0.0, 1.0, 0.5, -1.0, np.nan] if kind == "f8" else [0, 1, 2, -100, 7])
    targets = data.draw(arrays.arrays(kind, like, elements=values))
    if not binary and framework == "torch" and outputs.ndim > 2:
        outputs = np.moveaxis(outputs, -1, 1)
    told = {**told, "loss": loss, "framework": framework}
    may_refuse(outputs, targets, told)


@settings(max_examples=200)
@given(anything, anything, st.sampled_from(list(LOSSES)))
def test_things_that_are_no_arrays(outputs, targets, loss):
    is_report(examine(outputs, targets, loss=loss))


@pytest.mark.parametrize(
    "observed", ["a", [], [1, 2], [[], [0]], {}, 1j, b"", object(), True, np.zeros(2), {1}]
)
def test_an_observed_number_is_a_number(observed):
    with pytest.raises(TypeError, match=r"^observed is"):
        examine([[2.0, 1.0]], [0], observed=observed)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0,), (2, 0, 3)])
def test_nothing(shape):
    assert examine(np.zeros(shape), np.zeros(shape[:-1], int)).codes == ("empty",)
