"""What every test shares: the same random examples on every machine, and a strict error check."""

import re
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


def says(message, part):
    """Whether `part` is in the message as whole words and numbers: "1.2" is not in "1.25"."""
    start = r"(?<!\w)" if re.match(r"\w", part) else ""
    end = r"(?!\w)" if re.search(r"\w$", part) else ""
    return re.search(start + re.escape(part) + end, message) is not None


@pytest.fixture(scope="session")
def raises_saying():
    """A context in which exactly `error` must be raised, with every one of `parts` in its message.

    A part that is a tuple offers alternatives.
    """

    @contextmanager
    def context(error, *parts):
        with pytest.raises(error) as caught:
            yield caught
        assert caught.type is error
        message = str(caught.value)
        for part in parts:
            wordings = part if isinstance(part, tuple) else (part,)
            found = any(says(message, wording) for wording in wordings)
            assert found, f"expected {part!r} in: {message}"

    return context
