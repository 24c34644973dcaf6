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
    def test_they_are_large_and_a_third_is_set_aside(self):
        _, misuses, healthy = table(lambda r: True)
        assert misuses >= 80
        assert healthy >= 80
        _, aside, healthy_aside = table(lambda r: r["set_aside"])
        assert 0.25 < (aside + healthy_aside) / (misuses + healthy) < 0.4

    @pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.name)
    def test_what_is_stored_is_what_is_found(self, patient):
        (found,) = results([patient])
        assert json.loads(json.dumps(found)) == STORED[patient.name]

    def test_nothing_is_stored_of_patients_that_are_gone(self):
        assert list(STORED) == [patient.name for patient in PATIENTS]

    @pytest.mark.parametrize("aside", [False, True], ids=["seen", "set aside"])
    def test_recall_and_false_alarms(self, aside):
        counted, misuses, healthy = table(lambda r: r["set_aside"] == aside)
        found = counted["misuse"]["error"] + counted["misuse"]["warning"]
        assert found >= 0.95 * misuses
        assert counted["healthy"]["error"] == 0
        assert counted["healthy"]["warning"] <= 0.02 * healthy


class TestConfusionTable:
    @pytest.mark.parametrize(
        ("want", "findings", "row", "column"),
        [
            ("a", [["a", "error"]], "misuse", "error"),
            ("a", [["b", "error"], ["a", "warning"]], "misuse", "warning"),
            ("a", [["a", "note"]], "misuse", "note"),
            ("a", [["b", "warning"], ["a", "note"]], "misuse", "other"),
            ("a", [["b", "note"]], "misuse", "silent"),
            ("a", [], "misuse", "silent"),
            (None, [], "healthy", "silent"),
            (None, [["a", "note"], ["b", "error"]], "healthy", "error"),
            (None, [["b", "note"]], "healthy", "note"),
        ],
    )
    def test_each_case_is_counted_once(self, want, findings, row, column):
        counted = confusion_table([{"name": "x", "want": want, "findings": findings}])
        assert counted[row][column] == 1
        assert sum(sum(r.values()) for r in counted.values()) == 1
