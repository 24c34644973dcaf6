"""What every test shares: the same random examples on every machine, and a strict error check."""

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

# With pytest's importlib mode the tests' own directory is not on the path; `oracles` is in it.
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile(
    "deterministic", derandomize=True, deadline=None, database=None, max_examples=50
)
settings.load_profile("deterministic")


@pytest.fixture(scope="session")
def raises_saying():
    """A context in which exactly `error` must be raised, with every one of `parts` in its message.

    Messages are compared without regard to case. A part that is a tuple offers alternatives.
    """

    @contextmanager
    def context(error, *parts):
        with pytest.raises(error) as caught:
            yield
        message = str(caught.value).lower()
        for part in parts:
            wordings = part if isinstance(part, tuple) else (part,)
            found = any(wording.lower() in message for wording in wordings)
            assert found, f"expected {part!r} in: {caught.value}"

    return context
