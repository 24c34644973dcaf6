"""What an attacker found: false alarms, errors that were missed, calls that broke the doctor."""

import functools
import operator
import struct

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss
from torch import nn

from xentlib.doctor import LossWarning, _watch, _watcher, examine, watch
from xentlib.doctor.__main__ import main


def torch_rng():
    return torch.Generator().manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, generator=torch_rng())


LABELS = torch.arange(64) % 10


def found(*arrays, **told):
    """The severity of each finding."""
    return {f.code: f.severity for f in examine(*arrays, **told).findings}


class TestArrays:
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint32, np.uint64])
    def test_unsigned_labels(self, dtype):
        z, y = [[2.0, 1.0], [0.0, 1.0]], np.array([0, 1], dtype)
        assert examine(z, y, observed=0.3132616875).codes == ()

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
    def test_half_precision_that_was_made_single_again(self, dtype):
        logs = normal(64, 10).to(dtype).log_softmax(1).float()
        assert found(logs, LABELS, loss="NLLLoss") == {}
        q = normal(64, 10).to(dtype).softmax(1).float()
        assert found(q, LABELS, loss="F.cross_entropy") == {"double-softmax": "error"}

    def test_classes_of_sequences_are_last_for_a_divergence(self):
        z = normal(2, 5, 7)
        told = {"loss": "KLDivLoss", "reduction": "batchmean"}
        assert found(z.log_softmax(-1), z.softmax(-1), **told) == {}
        assert found(z, z.argmax(-1), loss="perplexity", framework="torch") == {}

    def test_exchanged_labels_are_no_shift(self):
        y = torch.arange(200) % 2
        z = 4 * torch.eye(2)[1 - y] + 0.3 * normal(200, 2)
        codes = found(z, y, loss="F.cross_entropy")
        assert codes == {"class-order": "warning"}


class TestWatch:
    def test_whatever_the_doctor_stumbles_over_does_not_end_a_training(self, monkeypatch):
        def broken(*arrays, **told):
            raise OverflowError

        monkeypatch.setattr(_watcher, "examine", broken)
        with pytest.warns(LossWarning, match="could not look: OverflowError"):
            assert watch(F.cross_entropy)(normal(64, 10), LABELS) > 0

    @pytest.mark.parametrize("make", [nn.CrossEntropyLoss, lambda: F.cross_entropy])
    def test_arguments_are_told_by_their_names(self, make):
        z = normal(64, 10)
        watch(make())(target=LABELS, input=z)
        with pytest.warns(LossWarning, match="double-softmax"):
            watch(make())(target=LABELS, input=z.softmax(1))

    def test_of_a_function_of_one_s_own(self):
        q = normal(64, 10).softmax(1)

        def keras_like(y_true, y_pred):
            return F.cross_entropy(y_pred, y_true)

        def odd(mine, weight, *more):
            return F.cross_entropy(mine, *more, weight=weight)

        def named(*, there, here):
            return F.cross_entropy(there, here)

        for call in (
            lambda: watch(keras_like, loss="F.cross_entropy")(LABELS, q),
            lambda: watch(odd, loss="F.cross_entropy")(q, None, LABELS),
            lambda: watch(named, loss="F.cross_entropy")(there=q, here=LABELS),
            lambda: watch(functools.partial(F.cross_entropy, target=LABELS))(q),
        ):
            with pytest.warns(LossWarning, match="double-softmax"):
                call()

    def test_one_argument_is_no_pair(self):
        pair = (normal(64, 10).softmax(1), LABELS)
        assert watch(lambda batch: F.cross_entropy(*batch), loss="F.cross_entropy")(pair) > 0

        class Mine(nn.Module):
            def forward(self, batch):
                return F.cross_entropy(*batch)

        assert watch(Mine(), loss="F.cross_entropy")(pair) > 0

    def test_a_function_without_a_signature(self):
        assert watch(operator.itemgetter(0), loss="F.cross_entropy")([1]) == 1
        assert _watch._parameters(dict) == ()

    @pytest.mark.parametrize("batches", [(2, 2), (2, 5), (5, 2)])
    def test_a_loss_of_keras_that_is_watched_twice(self, batches):
        import keras

        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        z, y = normal(64, 10).numpy(), LABELS.numpy()
        plain = float(loss(y, z))
        for several in batches:
            watch(loss, several)
        assert {float(loss(y, z)) for _ in range(8)} == {plain}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("z.npy", normal(64, 10).numpy())
    np.save("y.npy", LABELS.numpy())
    return tmp_path


class TestCommand:
    def refused(self, capsys, *arguments):
        with pytest.raises(SystemExit) as caught:
            main(["z.npy", "y.npy", *arguments][-max(2, len(arguments)) :])
        assert caught.value.code == 3
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        return said

    @pytest.mark.parametrize(
        "header",
        [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}",
            "((((",
            "'",
        ],
    )
    def test_a_broken_header(self, folder, capsys, header):
        text = header.encode() + b"\n"
        head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
        (folder / "broken.npy").write_bytes(head)
        self.refused(capsys, "broken.npy", "y.npy")

    @pytest.mark.parametrize(("place", "byte"), [(70, 255), (8, 99), (6, 1)])
    def test_a_broken_archive(self, folder, capsys, place, byte):
        np.savez_compressed("a.npz", outputs=np.zeros((64, 10)), targets=LABELS.numpy())
        raw = bytearray((folder / "a.npz").read_bytes())
        central = raw.index(b"PK\x01\x02")
        raw[place] = byte  # data, method, flags: encrypted
        if place < 30:
            raw[central + place + 2] = byte
        (folder / "broken.npz").write_bytes(raw)
        self.refused(capsys, "broken.npz", "y.npy")

    @pytest.mark.parametrize("sizes", ["nan", "inf", "1,nan"])
    def test_sizes_that_are_none(self, folder, capsys, sizes):
        self.refused(capsys, "z.npy", "y.npy", "--micro-batches", sizes)

    def test_sizes_beyond_all_memory(self, folder):
        options = ["--micro-batches", "100000000000", "--observed", "1.1234"]
        with pytest.raises(SystemExit) as said:
            main(["z.npy", "y.npy", *options])
        assert said.value.code == 3


LOGITS = {"loss": "BCEWithLogitsLoss"}


class TestBinaryOutputsFromZeroToOne:
    def test_scores_with_few_positives_prove_nothing(self):
        uniform = torch.rand(40, 40, generator=torch_rng())
        scores = torch.eye(40) * 0.97 + uniform**8 * 0.02
        codes = found(scores, torch.eye(40), **LOGITS)
        assert codes["sigmoid-twice"] == "note"
        order = torch.randperm(40, generator=torch_rng())
        codes = found(scores[order], torch.eye(40)[order], **LOGITS)
        assert codes["sigmoid-twice"] == "warning"
        watch(nn.BCEWithLogitsLoss())(scores, torch.eye(40))

    def test_an_untrained_network_that_ends_in_a_rectifier(self):
        torch.manual_seed(0)
        relu, first, last = nn.ReLU(), nn.Linear(32, 64), nn.Linear(64, 20)
        z = relu(last(relu(first(normal(32, 32)))))
        t = (torch.rand(32, 20, generator=torch_rng()) < 0.05).float()
        assert found(z, t, **LOGITS).get("sigmoid-twice", "note") == "note"


class TestNotFinite:
    def test_a_binary_logit_of_minus_infinity(self):
        pair = [1.0, -np.inf, 2.0], [1.0, 0.0, 1.0]
        assert found(*pair, observed=np.nan, **LOGITS) == {"not-finite": "error"}

    def test_weights_of_which_none_counts(self):
        z, y = normal(8, 3), torch.zeros(8).long()
        told = {"loss": "F.cross_entropy", "weight": [0.0, 1, 1]}
        assert found(z, y, **told, observed=np.nan) == {"weight-value": "error"}
        assert found(z, y, **told, reduction="sum") == {}

    def test_a_right_value_that_is_no_number(self):
        z = np.array([[0.0, 1e308, -1e308], [1e308, 0, -1e308], [2.0, 1, 3]])
        assert found(z, [0, 1, 0]).get("not-finite") == "warning"


class TestLegalCalls:
    def test_a_weight_that_broadcasts(self):
        z, t = normal(2, 3, 8, 8), torch.ones(2, 3, 8, 8)
        assert found(z, t, pos_weight=torch.ones(3, 1, 1), **LOGITS) == {}
        for shape in ((2, 1, 1), (3,), (1, 2, 3, 8, 8)):
            codes = found(z, t, pos_weight=torch.ones(shape), **LOGITS)
            assert codes == {"weight-shape": "error"}

    def test_a_loss_that_guards_against_masks(self):
        z, t = [[1.0, -np.inf], [2.0, -np.inf]], [[1.0, 0.0], [1.0, 0.0]]
        assert found(z, t, loss="optax.safe_softmax_cross_entropy") == {}
        assert found(z, t, loss="optax.softmax_cross_entropy") == {"masked-one-hot": "warning"}

    def test_the_mean_of_a_divergence_elsewhere(self):
        log_q, p = np.log([[0.5, 0.5], [0.9, 0.1]]), [[0.5, 0.5], [0.8, 0.2]]
        assert found(log_q, p, loss="kl_div", framework="jax") == {}
        assert found(log_q, p, loss="kl_div", reduction="mean") == {"kl-mean": "warning"}

    def test_the_first_step_of_a_layer_of_zeros(self):
        z = torch.linspace(-1, 1, 10).repeat(64, 1)
        told = {"loss": "F.cross_entropy"}
        assert found(z, LABELS, **told, steps=0) == {"constant-predictor": "note"}
        assert found(z, LABELS, **told, steps=500) == {"constant-predictor": "warning"}

    def test_a_model_that_is_sure_and_right(self):
        hot = np.eye(3)[[0, 1, 2, 0]]
        assert found(hot, [0, 1, 2, 0], loss="log_loss") == {"hard-predictions": "note"}
        t = np.array([0.0, 1, 1, 0])
        assert found(t, t.astype(int), loss="BCELoss") == {"hard-predictions": "note"}
        wrong = found(hot, [0, 1, 2, 1], loss="log_loss")
        assert wrong["hard-predictions"] == "warning"


class TestLogLoss:
    Q = ((0.9, 0.1), (0.2, 0.8), (0.3, 0.7))

    @pytest.mark.parametrize(
        "labels",
        [["ham", "spam", "spam"], [-1, 1, 1], [1, 2, 2], [0.0, 1.0, 1.0], [False, True, True]],
    )
    def test_labels_of_any_kind(self, labels):
        q = np.array(self.Q)
        assert found(q, labels, loss="log_loss") == {}
        seen = log_loss(labels, q)
        assert examine(q, labels, loss="log_loss").worst is None
        assert examine(q, labels, loss="log_loss", observed=seen).codes == ()
        flat = examine(q[:, 1], labels, loss="log_loss", observed=log_loss(labels, q[:, 1]))
        assert (flat.codes, flat.loss) == ((), "binary_cross_entropy")

    def test_labels_that_are_none(self):
        q = np.array(self.Q)
        assert found(q, ["a", "a", "a"], loss="log_loss") == {"not-numbers": "error"}
        assert found(q, [0.5, 0.2, 0.2], loss="log_loss") == {"label-type": "error"}
        assert found(q, [[1], [2, 3]], loss="log_loss") == {"ragged": "error"}
        assert found([["x"]], [1], loss="log_loss") == {"not-numbers": "error"}


class TestNumbersSeen:
    def test_two_digits_may_be_an_accident(self):
        z, y = [[2.0, 1.0, 5.0]], [2]
        assert found(z, y, observed=0.0951) == {"bits": "warning"}
        assert found(np.zeros((1, 4)), y, observed=2.0) == {"bits": "note"}
        q = normal(64, 10).softmax(1)
        codes = found(q, LABELS, loss="F.cross_entropy", observed=2.5)
        assert codes["double-softmax"] == "error"

    @pytest.mark.parametrize("shape", [(4,), (16, 1), (16, 4)])
    def test_weights_of_the_entries(self, shape):
        z, t = normal(16, 4), (normal(4, 16).T > 0).float()
        w = torch.full(shape, 4.0)
        seen = F.binary_cross_entropy_with_logits(z, t, weight=w)
        assert found(z, t, weight=w, observed=seen, **LOGITS) == {}
        dropped = F.binary_cross_entropy_with_logits(z, t)
        assert found(z, t, weight=w, observed=dropped, **LOGITS) == {"weight-dropped": "warning"}


class TestBinaryStuck:
    T = (torch.arange(300) % 3 == 0).float()

    @pytest.mark.parametrize(("loss", "middle"), [("BCEWithLogitsLoss", 0.0), ("BCELoss", 0.5)])
    def test_at_a_guess(self, loss, middle):
        z = torch.full((300,), middle)
        assert found(z, self.T, loss=loss, steps=1000) == {"at-chance": "warning"}
        assert found(z, self.T, loss=loss, steps=10) == {"at-chance": "note"}

    def test_at_the_share(self):
        noise = 0.01 * normal(300)
        told = {"loss": "BCEWithLogitsLoss", "steps": 1000}
        assert found(noise - 0.6931, self.T, **told) == {"constant-predictor": "warning"}
        assert found(self.T * 2 - 1, self.T, **told).get("constant-predictor") is None
        p = 1 / 3 + noise
        assert found(p, self.T, loss="BCELoss", steps=1000) == {"constant-predictor": "warning"}
        assert found(p * 0 + 0.2, self.T, loss="BCELoss", steps=1000)
