"""Every code that the doctor knows: where the book explains it, and the line that mends it."""

from xentlib.doctor._codes_arrays import ARRAYS
from xentlib.doctor._codes_calls import CALLS

BOOK = "https://OWNER.github.io/cross-entropy-course/"
SEVERITIES = ("error", "warning", "note")

CODES = {**ARRAYS, **CALLS}


def mend(code: str, framework: str | None) -> str:
    """Return the line that mends a finding, in the words of the framework if there is one."""
    known = CODES[code]
    name = "keras" if framework == "tensorflow" else framework
    own = getattr(known, name) if name in ("torch", "keras", "jax", "sklearn") else ""
    return own or known.mend
