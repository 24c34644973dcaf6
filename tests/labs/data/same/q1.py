from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = 1


@test_case(points=1)
def test_same(same, env):
    import numpy as np

    plain = [None, True, 3, -2.5, 1e-320, float("inf"), 2j, "é\u2028", [], (1, [2]), {"a": (1.0,)}]
    scalars = [np.float32(1.5), np.int8(-3), np.bool_(True), np.float16(0.1)]
    for value in [*plain, *scalars, ...]:
        got = same(value)
        assert type(got) is type(value), f"{got!r} for {value!r}"
        assert got == value, f"{got!r} for {value!r}"
    arrays = [np.arange(3), np.zeros((0, 3)), np.array(7.0), np.array([[1, 2]], ">f4").T]
    for value in arrays:
        got = same(value)
        assert type(got) is np.ndarray
        assert got.shape == value.shape
        assert got.dtype == value.dtype.newbyteorder("=")
        assert np.array_equal(got, value)
    assert same(x=1) == 1
    assert np.isnan(same(np.nan))
    assert env["three"] == 3
