"""python -m xentlib.doctor: three kinds of files, an exit status by severity, no pickles."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from xentlib.doctor.__main__ import main

Z = np.array([[2.0, 1.0, 5.0], [0.5, 3.0, -1.0]])
Q = np.exp(Z) / np.exp(Z).sum(1, keepdims=True)
Y = np.array([2, 1])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("z.npy", Z)
    np.save("q.npy", Q)
    np.save("y.npy", Y)
    np.savez("both.npz", outputs=Z, targets=Y)
    np.savez("one.npz", z=Z)
    np.savetxt("z.csv", Z, delimiter=",", header="cat,dog,emu", comments="")
    np.savetxt("y.csv", Y)
    np.savetxt("soft.csv", Q[:, 0])
    return tmp_path


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code == 3
    return capsys.readouterr().err


@pytest.mark.usefixtures("folder")
class TestFiles:
    @pytest.mark.parametrize(
        "names",
        [
            ["z.npy", "y.npy"],
            ["both.npz"],
            ["one.npz", "y.npy"],
            ["z.csv", "y.csv"],
            ["z.csv", "y.npy"],
        ],
    )
    def test_each_kind(self, names, capsys):
        assert main(names) == 0
        assert "nothing found" in capsys.readouterr().out

    def test_binary_targets_stay_floating(self):
        assert main(["z.npy", "z.npy", "--loss", "BCELoss"]) == 2
        np.savetxt("t.csv", [1.0, 0.0])
        np.save("p.npy", [0.6, 0.3])
        assert main(["p.npy", "t.csv", "--loss", "nn.BCELoss"]) == 0

    def test_labels_in_a_text_file_may_be_fractions(self):
        assert main(["z.npy", "soft.csv"]) == 2

    def test_the_status_is_the_severity(self):
        assert main(["q.npy", "y.npy"]) == 2
        assert main(["z.npy", "y.npy", "--label-smoothing", "0.8"]) == 1
        assert main(["z.npy", "y.npy", "--observed", "99"]) == 0

    def test_json(self, capsys):
        main(["q.npy", "y.npy", "--json"])
        plain = json.loads(capsys.readouterr().out)
        assert plain["findings"][0]["code"] == "double-softmax"

    def test_arguments_arrive(self, capsys):
        options = ["--weight", "1,2,3", "--framework", "torch", "--ignore-index", "2", "--json"]
        main(["z.npy", "y.npy", *options, "--micro-batches", "1,1"])
        assert json.loads(capsys.readouterr().out)["framework"] == "torch"
        assert main(["z.npy", "y.npy", "--loss", "focal_loss", "--gamma", "-1"]) == 2
        assert main(["z.npy", "y.npy", "--loss", "cross_entropy", "--from-logits"]) == 0
        main(["z.npy", "y.npy", "--micro-batches", "2"])

    def test_pickles_are_refused(self, capsys):
        np.save("objects.npy", np.array([{}, {}], object), allow_pickle=True)
        assert "allow_pickle" in refused(capsys, "z.npy", "objects.npy")
        np.savez("objects.npz", outputs=np.array([{}, {}], object))
        assert "allow_pickle" in refused(capsys, "objects.npz", "y.npy")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["z.npy"], "a second file is missing"),
            (["none.npy", "y.npy"], "none.npy"),
            (["z.txt", "y.npy"], "no .npy, .npz or .csv file"),
            (["both.npz", "both.npz", "--loss", "what"], "loss is 'what'"),
            (["two.npz"], "holds z, y, expected 'outputs'"),
            (["empty.npz", "y.npy"], "holds nothing"),
            (["ragged.csv", "y.npy"], "not of one length"),
            (["words.csv", "y.npy"], "line 3: 'c,d' is no row of numbers"),
            (["empty.npy", "y.npy"], "No data left in file"),
            (["broken.npz", "y.npy"], "not a zip file"),
            ([], "required"),
            (["z.npy", "y.npy", "--gamma", "big"], "invalid float"),
            (["z.npy", "y.npy", "--weight", "1,big"], "invalid numbers"),
        ],
    )
    def test_what_cannot_be_examined(self, arguments, message, capsys):
        np.savez("empty.npz")
        np.savez("two.npz", z=Z, y=Y)
        Path("ragged.csv").write_text("1,2\n\n3\n")
        Path("empty.npy").touch()
        Path("broken.npz").write_bytes(b"PK\x03\x04")
        Path("words.csv").write_text("a,b\n1,2\nc,d\n")
        assert message in refused(capsys, *arguments)

    def test_an_empty_text_file_is_a_finding(self, folder):
        (folder / "nothing.csv").write_text("")
        assert main(["nothing.csv", "y.npy"]) == 2

    def test_the_module_runs(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["doctor", "q.npy", "y.npy"])
        monkeypatch.delitem(sys.modules, "xentlib.doctor.__main__")
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("xentlib.doctor", run_name="__main__")
        assert caught.value.code == 2
        assert "double-softmax" in capsys.readouterr().out
