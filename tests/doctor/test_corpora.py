"""The doctor finds the misuses, and does not cry wolf."""

import json

import pytest

from doctor.corpus import everyone, results
from xentlib.doctor.scores import confusion_table, stored_results

PATIENTS = everyone()
STORED = {result["name"]: result for result in stored_results()}


def table(which):
    """Rows of the confusion table for some of the stored patients, with their totals."""
    counted = confusion_table(r for r in STORED.values() if which(r))
    return counted, sum(counted["misuse"].values()), sum(counted["healthy"].values())


class TestCorpora:
    def test_they_are_large_and_so_is_the_part_set_aside(self):
        _, misuses, healthy = table(lambda r: True)
        _, misuses_aside, healthy_aside = table(lambda r: r["set_aside"])
        assert min(misuses_aside, healthy_aside) >= 80
        assert (misuses_aside + healthy_aside) / (misuses + healthy) > 0.25

    @pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.name)
    def test_what_is_stored_is_what_is_found(self, patient):
        (found,) = results([patient])
        assert json.loads(json.dumps(found)) == STORED[patient.name]

    def test_nothing_is_stored_of_patients_that_are_gone(self):
        assert list(STORED) == [patient.name for patient in PATIENTS]

    def test_what_cannot_be_decided_is_asked(self):
        counted, _, _ = table(lambda r: True)
        unclear = counted["unclear"]
        assert unclear["note"] >= 0.8 * sum(unclear.values())
        assert unclear["error"] == 0

    @pytest.mark.parametrize("aside", [False, True], ids=["seen", "set aside"])
    def test_recall_and_false_alarms(self, aside):
        counted, misuses, healthy = table(lambda r: r["set_aside"] == aside)
        found = counted["misuse"]["error"] + counted["misuse"]["warning"]
        assert found >= 0.95 * misuses
        assert counted["healthy"]["error"] == 0
        assert counted["healthy"]["warning"] <= 0.02 * healthy


class TestConfusionTable:
    @pytest.mark.parametrize(
        ("kind", "findings", "column"),
        [
            ("misuse", [["a", "error"]], "error"),
            ("misuse", [["x", "error"], ["a", "warning"]], "warning"),
            ("misuse", [["b", "error"], ["a", "warning"]], "error"),
            ("misuse", [["a", "note"], ["b", "warning"]], "warning"),
            ("misuse", [["b", "note"]], "note"),
            ("misuse", [["x", "warning"], ["a", "note"]], "other"),
            ("misuse", [["x", "note"]], "silent"),
            ("misuse", [], "silent"),
            ("unclear", [["a", "note"]], "note"),
            ("unclear", [["x", "note"], ["b", "note"]], "note"),
            ("unclear", [["x", "warning"], ["a", "note"]], "warning"),
            ("unclear", [["a", "error"]], "error"),
            ("unclear", [["x", "note"]], "other"),
            ("unclear", [], "silent"),
            ("healthy", [], "silent"),
            ("healthy", [["a", "note"], ["b", "error"]], "error"),
            ("healthy", [["b", "note"]], "note"),
        ],
    )
    def test_each_case_is_counted_once(self, kind, findings, column):
        want = [] if kind == "healthy" else ["a", "b"]
        counted = confusion_table([{"kind": kind, "want": want, "findings": findings}])
        assert counted[kind][column] == 1
        assert sum(sum(row.values()) for row in counted.values()) == 1
