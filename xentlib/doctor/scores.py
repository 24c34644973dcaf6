"""How well the doctor does: its corpora of patients, counted.

The patients are calls on what real small models put out: wrong ones, healthy ones that look like
them, and some that the arrays cannot decide. They are in the tests; what the doctor said of each is
stored with the library.
"""

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from xentlib.doctor._codes import SEVERITIES

__all__ = ["confusion_table", "stored_results"]

Result = Mapping[str, Any]
KINDS = ("misuse", "unclear", "healthy")
COLUMNS = (*SEVERITIES, "other", "silent")


def stored_results() -> list[dict[str, Any]]:
    """Return what the doctor said of each patient.

    Returns
    -------
    list of dict
        Each with the ``name`` of the patient, its ``kind`` ("misuse", "unclear" or "healthy"), the
        codes of which one is ``want``ed (none if it is healthy), whether it was ``set_aside`` until
        the doctor was finished, and its ``findings``: pairs of code and severity.

    Examples
    --------
    >>> from xentlib.doctor.scores import stored_results
    >>> stored_results()[0]["name"]
    'softmax_of_trained_digits'
    """
    text = resources.files("xentlib").joinpath("data/doctor.json").read_text("utf-8")
    results: list[dict[str, Any]] = json.loads(text)
    return results


def confusion_table(results: Iterable[Result]) -> dict[str, dict[str, int]]:
    """Count what was found in misuses, in calls that cannot be decided, and in healthy ones.

    A misuse counts where the gravest of its codes was found: as an error, a warning, or no more
    than a note. It is "other" if something else was warned of instead, "silent" if nothing was. An
    unclear call counts under "note" if its question was asked and nothing graver was said; else by
    what was graver, or under "other" if only other notes came. A healthy call counts by the gravest
    finding.

    Parameters
    ----------
    results : iterable of mappings
        As ``stored_results`` gives them.

    Returns
    -------
    dict of dict
        Rows "misuse", "unclear", "healthy"; columns "error", "warning", "note", "other", "silent".

    Examples
    --------
    >>> from xentlib.doctor.scores import confusion_table
    >>> found = [["double-softmax", "error"]]
    >>> patient = {"kind": "misuse", "want": ["double-softmax"], "findings": found}
    >>> confusion_table([patient])["misuse"]["error"]
    1
    """
    table = {kind: dict.fromkeys(COLUMNS, 0) for kind in KINDS}
    for result in results:
        table[result["kind"]][_column(result)] += 1
    return table


def _column(result: Result) -> str:
    findings = [tuple(pair) for pair in result["findings"]]
    worst = _gravest(severity for _, severity in findings)
    wanted = _gravest(severity for code, severity in findings if code in result["want"])
    if result["kind"] == "healthy":
        return worst or "silent"
    if result["kind"] == "unclear":
        return (worst if worst != "note" or wanted else "other") or "silent"
    if wanted in ("error", "warning"):
        return wanted
    if worst in ("error", "warning"):
        return "other"
    return wanted or "silent"


def _gravest(severities: Iterable[str]) -> str:
    return min(severities, key=SEVERITIES.index, default="")
