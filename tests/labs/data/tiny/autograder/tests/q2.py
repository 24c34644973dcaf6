from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = 2


@test_case(points=2, hidden=True, failure_message="Six times seven.")
def test_value(answer):
    import math

    assert type(answer) is float
    assert math.isfinite(answer)
    assert math.isclose(answer, 41.875 + 0.125)
