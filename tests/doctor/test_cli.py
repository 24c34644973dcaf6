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
        np.savetxt("huge.csv", [1e19, 1.0])
        assert main(["z.npy", "huge.csv"]) == 2

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
        np.savez("objects.npz", outputs=np.array([{}, {}], object))
        Path("text.npy").write_text("0.1,0.9")
        for files in (["z.npy", "objects.npy"], ["objects.npz", "y.npy"], ["text.npy", "y.npy"]):
            said = refused(capsys, *files)
            assert "is no file of NumPy's, or holds Python objects" in said
            assert "objects.np" in said or "text.npy" in said
            assert "allow_pickle" not in said

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["z.npy"], "a second file is missing"),
            (["none.npy", "y.npy"], "none.npy"),
            (["z.txt", "y.npy"], "z.txt is no .npy, .npz, .csv or .tsv file"),
            (["both.npz", "both.npz", "--loss", "what"], "loss is 'what'"),
            (["one.npz"], "one.npz holds one array, z: it needs outputs and targets"),
            (["two.npz"], "holds z, u, expected 'outputs'; --outputs-name says which to take"),
            (["two.npz", "--outputs-name", "z"], "expected 'targets'; --targets-name says"),
            (["two.npz", "--outputs-name", "x"], "holds z, u, expected 'x'"),
            (["empty.npz", "y.npy"], "holds nothing"),
            (["ragged.csv", "y.npy"], "not of one length"),
            (["words.csv", "y.npy"], "words.csv, line 3: 'c,d' is no row of numbers"),
            (["gap.csv", "y.npy"], "gap.csv, line 2: cell 2 is empty"),
            (["blank.csv", "y.npy"], "blank.csv is empty"),
            (["names.csv", "y.npy"], "names.csv holds names and no numbers"),
            (["z.npy", "blank.csv"], "blank.csv is empty"),
            (["z.csv", "animals.csv"], "animals.csv holds words, such as 'fox'"),
            (["z.npy", "names.csv"], "names.csv holds words, such as 'a'"),
            (["latin.csv", "y.npy"], "latin.csv is broken"),
            (["empty.npy", "y.npy"], "empty.npy is broken: No data left in file"),
            (["broken.npz", "y.npy"], "broken.npz is broken: File is not a zip file"),
            ([], "required"),
            (["z.npy", "y.npy", "--gamma", "big"], "invalid float"),
            (["z.npy", "y.npy", "--weight", "1,big"], "invalid numbers"),
        ],
    )
    def test_what_cannot_be_examined(self, arguments, message, capsys):
        np.savez("empty.npz")
        np.savez("two.npz", z=Z, u=Y)
        Path("gap.csv").write_text("1,2\n3,\n")
        Path("blank.csv").write_text("\n \n")
        Path("names.csv").write_text("a,b\n")
        Path("animals.csv").write_text("label\nfox\ncat\n")
        Path("latin.csv").write_bytes(b"\xe4,b\n1,2\n")
        Path("ragged.csv").write_text("1,2\n\n3\n")
        Path("empty.npy").touch()
        Path("broken.npz").write_bytes(b"PK\x03\x04")
        Path("words.csv").write_text("a,b\n1,2\nc,d\n")
        assert message in refused(capsys, *arguments)

    @pytest.mark.parametrize(
        ("outputs", "remark"),
        [
            (",cat,dog,emu\n0,2.0,1.0,5.0\n1,0.5,3.0,-1.0\n", "first column has no name"),
            ('"","cat","dog","emu"\n"7",2,1,5\n"3",0.5,3,-1\n', "first column has no name"),
            (",0,1,2\n0,2.0,1.0,5.0\n1,0.5,3.0,-1.0\n", "first column has no name"),
            ("0,1,2\n2.0,1.0,5.0\n0.5,3.0,-1.0\n", "the first line counts the columns"),
            ("cat;dog;emu\n2,0;1,0;5,0\n0,5;3,0;-1,0\n", ""),
            ("\ufeff2,1,5\n\n.5, 3,-1\n", ""),
        ],
    )
    def test_text_files_as_programs_write_them(self, outputs, remark, capsys):
        Path("q.csv").write_text(outputs, "utf-8")
        main(["q.csv", "y.npy", "--json"])
        report, said = capsys.readouterr()
        assert json.loads(report)["value"] == pytest.approx(0.0807791)  # SciPy's log_softmax
        assert (remark in said) if remark else not said

    def test_a_column_without_a_name_that_does_not_count_is_one(self, capsys):
        Path("q.csv").write_text(",b\n0.5,1.5\n2.5,0.1\n")
        main(["q.csv", "y.npy", "--json"])
        report, said = capsys.readouterr()
        assert json.loads(report)["findings"][0]["evidence"]["classes"] == 2
        assert not said

    @pytest.mark.parametrize(
        "targets", ["animal\nemu\ndog\n", "emu\ndog\n", ",animal\n0,emu\n1,dog\n", "y\n2\n1\n"]
    )
    def test_labels_may_be_the_names_of_the_columns(self, targets, capsys):
        Path("t.csv").write_text(targets)
        assert main(["z.csv", "t.csv", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["value"] == pytest.approx(0.0807791)

    def test_tabs(self):
        np.savetxt("q.tsv", Q, delimiter="\t")
        assert main(["q.tsv", "y.csv"]) == 2
        assert main(["q.tsv", "y.csv", "--loss", "log_loss"]) == 0

    def test_names_in_an_archive(self, capsys):
        np.savez("numbered.npz", Z, Y)
        np.savez("named.npz", extra=Z, logits=Z, labels=Y)
        np.savez("odd.npz", net=Z, truth=Y)
        assert main(["numbered.npz"]) == 0
        assert main(["named.npz"]) == 0
        assert main(["odd.npz", "--outputs-name", "net", "--targets-name", "truth"]) == 0
        np.savez("both_names.npz", logits=Z, probabilities=Q, labels=Y)
        assert "expected 'outputs'" in refused(capsys, "both_names.npz")

    def test_the_help_says_all(self, capsys):
        with pytest.raises(SystemExit):
            main(["--help"])
        said = capsys.readouterr().out
        for wanted in (
            "exit status:\n  0  nothing",
            "examples:",
            "the axis of the classes",
            "pandas",
        ):
            assert wanted in said

    def test_the_module_runs(self, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["doctor", "q.npy", "y.npy"])
        monkeypatch.delitem(sys.modules, "xentlib.doctor.__main__")
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("xentlib.doctor", run_name="__main__")
        assert caught.value.code == 2
        assert "double-softmax" in capsys.readouterr().out
