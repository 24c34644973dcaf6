"""How well the doctor does: its two corpora of patients, counted.

The patients are calls on what real small models put out, wrong ones and healthy ones that look
like them. They are in the tests; what the doctor said of each is stored with the library.
"""

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from xentlib.doctor._codes import SEVERITIES

__all__ = ["confusion_table", "stored_results"]

Result = Mapping[str, Any]
COLUMNS = (*SEVERITIES, "other", "silent")


def stored_results() -> list[dict[str, Any]]:
    """Return what the doctor said of each patient.

    Returns
    -------
    list of dict
        Each with the ``name`` of the patient, the code it must ``want`` (None if it is healthy),
        whether it was ``set_aside`` until the doctor was finished, and its ``findings``: pairs of
        code and severity.

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
    """Count what was found in misuses and in healthy calls.

    A misuse counts where its own code was found: as an error, a warning, or no more than a note.
    It is "other" if something else was warned of instead, "silent" if nothing was. A healthy call
    counts by the gravest finding.

    Parameters
    ----------
    results : iterable of mappings
        As ``stored_results`` gives them.

    Returns
    -------
    dict of dict
        Rows "misuse" and "healthy"; columns "error", "warning", "note", "other", "silent".

    Examples
    --------
    >>> from xentlib.doctor.scores import confusion_table
    >>> found = [["double-softmax", "error"]]
    >>> table = confusion_table([{"name": "a", "want": "double-softmax", "findings": found}])
    >>> table["misuse"]["error"]
    1
    """
    table = {row: dict.fromkeys(COLUMNS, 0) for row in ("misuse", "healthy")}
    for result in results:
        findings = dict(reversed([tuple(pair) for pair in result["findings"]]))
        grave = sorted(findings.values(), key=SEVERITIES.index)
        want = result["want"]
        if want is None:
            table["healthy"][grave[0] if grave else "silent"] += 1
        elif findings.get(want, "note") != "note":
            table["misuse"][findings[want]] += 1
        elif grave and grave[0] != "note":
            table["misuse"]["other"] += 1
        else:
            table["misuse"]["note" if want in findings else "silent"] += 1
    return table
