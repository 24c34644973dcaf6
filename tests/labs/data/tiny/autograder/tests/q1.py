from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = 3


@test_case(points=1, hidden=False, failure_message="Multiply by two.")
def test_public(double):
    import numpy as np

    got = double(np.array([1.0, 2.0]))
    assert type(got) is np.ndarray, f"expected an array, got {type(got).__name__}"
    assert got.shape == (2,), f"shape {got.shape}, expected (2,)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got, [2, 4]), "wrong values"


@test_case(points=2, hidden=True, failure_message="Think of negative numbers.")
def test_hidden(double):
    import numpy as np

    got = double(np.array([-271.828]))
    assert type(got) is np.ndarray
    assert got.shape == (1,)
    assert np.isfinite(got).all()
    assert np.allclose(got, [-543.656]), "expected -543.656"
