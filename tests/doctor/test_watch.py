"""Watching changes nothing, warns once, and leaves nothing behind."""

import copy
import functools
import os
import pickle
import subprocess
import sys
import textwrap
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from xentlib import doctor
from xentlib.doctor import LossWarning, _watch, _watcher

ROOT = Path(__file__).parents[2]
Y = torch.arange(16) % 4


def logits(seed=0, rows=16, classes=4):
    return torch.randn(rows, classes, generator=torch.Generator().manual_seed(seed))


def step(criterion, outputs, targets=Y):
    """The value of the loss and the gradient of the outputs."""
    z = outputs.clone().requires_grad_()
    value = criterion(z, targets)
    value.sum().backward()
    return value.detach(), z.grad


CRITERIA = {
    "module": lambda: nn.CrossEntropyLoss(label_smoothing=0.1),
    "function": lambda: F.cross_entropy,
    "partial": lambda: functools.partial(F.cross_entropy, label_smoothing=0.1),
}
every_kind = pytest.mark.parametrize("make", CRITERIA.values(), ids=CRITERIA.keys())


class TestNothingChanges:
    @every_kind
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
    def test_values_and_gradients_are_the_same_bit_by_bit(self, make, dtype):
        plain, watched = make(), doctor.watch(make(), batches=2)
        for seed in range(4):
            outputs = logits(seed).to(dtype)
            for ours, theirs in zip(step(watched, outputs), step(plain, outputs), strict=True):
                assert torch.equal(ours, theirs)

    def test_a_training_is_the_same(self):
        def weights(watched):
            torch.manual_seed(0)
            model, criterion = nn.Linear(5, 4), nn.CrossEntropyLoss()
            criterion = doctor.watch(criterion) if watched else criterion
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for seed in range(30):
                optimizer.zero_grad()
                criterion(model(logits(seed, classes=5)), Y).backward()
                optimizer.step()
            return model.weight

        assert torch.equal(weights(True), weights(False))

    @pytest.mark.parametrize("amp", [torch.bfloat16, torch.float16])
    def test_under_autocast(self, amp):
        criterion = doctor.watch(nn.CrossEntropyLoss())
        layer, x = nn.Linear(4, 4), logits()
        with torch.autocast("cpu", dtype=amp):
            assert torch.equal(criterion(layer(x), Y), F.cross_entropy(layer(x), Y))
            with pytest.warns(LossWarning, match="double-softmax"):
                criterion(layer(x).softmax(1).to(amp), Y)

    def test_a_mean_that_autocast_takes_in_single_precision(self):
        z, y = logits(rows=70_000).half(), torch.arange(70_000) % 4
        with torch.autocast("cpu", dtype=torch.float16):
            doctor.watch(nn.CrossEntropyLoss())(z, y)
        with pytest.warns(LossWarning, match="half-mean"):
            doctor.watch(nn.CrossEntropyLoss())(z, y)

    def test_the_module_stays_what_it_is(self):
        module = nn.CrossEntropyLoss(weight=torch.ones(4))
        assert doctor.watch(module) is module
        assert list(module.state_dict()) == ["weight"]
        assert doctor.watch(F.cross_entropy).__name__ == "cross_entropy"


class TestWarnings:
    @every_kind
    def test_once_for_each_finding(self, make):
        criterion = doctor.watch(make())
        with pytest.warns(LossWarning, match="ERROR double-softmax"):
            criterion(logits().softmax(1), Y)
        for seed in range(5):
            criterion(logits(seed).softmax(1), Y)  # a second warning would be an error

    @every_kind
    def test_nothing_of_a_healthy_training(self, make):
        criterion = doctor.watch(make())
        for seed in range(5):
            criterion(logits(seed), Y)
        criterion(torch.zeros(16, 4), Y)
        criterion(torch.ones(16, 1) * torch.tensor([0.1, 0.2, 0.9, 3.0]), Y)

    def test_only_in_the_first_batches(self):
        criterion = doctor.watch(nn.CrossEntropyLoss(), batches=2)
        for seed in range(2):
            criterion(logits(seed), Y)
        criterion(logits().softmax(1), Y)
        assert not criterion._forward_hooks

    def test_arguments_of_the_call_are_seen(self):
        criterion = doctor.watch(F.cross_entropy)
        with pytest.warns(LossWarning, match="smoothing-large"):
            criterion(input=logits(), target=Y, label_smoothing=0.9)
        with pytest.warns(LossWarning, match="weight-inverted"):
            criterion(
                logits(rows=64), torch.tensor([0] * 48 + [1] * 16), torch.tensor([3.0, 1, 2, 2])
            )

    def test_other_modules(self):
        p = torch.sigmoid(4 * logits(rows=256))
        t = (p > 0.5).float()
        with pytest.warns(LossWarning, match="sigmoid-twice"):
            doctor.watch(nn.BCEWithLogitsLoss())(p, t)
        with pytest.warns(LossWarning, match="probabilities-as-log"):
            doctor.watch(nn.NLLLoss())(p[:16].softmax(1), Y)

    def test_a_loss_of_one_s_own(self):
        def mine(outputs, targets):
            return -outputs.softmax(1).log_softmax(1)[torch.arange(16), targets].mean()

        with pytest.warns(LossWarning, match="double-softmax"):
            doctor.watch(mine, loss="F.cross_entropy")(logits(), Y)
        doctor.watch(lambda z, y: F.cross_entropy(z, y, reduction="none"), loss="F.cross_entropy")(
            logits(), Y
        )

        class Mine(nn.Module):
            def forward(self, outputs, targets):
                return mine(outputs, targets)

        with pytest.warns(LossWarning, match="double-softmax"):
            doctor.watch(Mine(), loss="F.cross_entropy")(logits(), Y)

    def test_a_loss_is_explained_in_three_batches_and_no_more(self, monkeypatch):
        asked = []

        def examine(*arrays, **told):
            asked.append("observed" in told)
            return doctor.examine(*arrays, **told)

        monkeypatch.setattr(_watcher, "examine", examine)
        right = doctor.watch(lambda z, y: F.cross_entropy(z, y), loss="F.cross_entropy")
        wrong = doctor.watch(lambda z, y: 7 * F.cross_entropy(z, y), loss="F.cross_entropy")
        for criterion, compared in ((right, 6), (wrong, 3)):
            for seed in range(6):
                criterion(logits(seed), Y)
            assert asked == [True] * compared + [False] * (6 - compared)
            asked.clear()

    def test_what_a_value_cleared_stays_cleared(self):
        def nll_of_probabilities(outputs, targets):
            return -outputs[torch.arange(16), targets].log().mean()

        criterion = doctor.watch(nll_of_probabilities, loss="F.cross_entropy")
        for seed in range(6):
            criterion(logits(seed).softmax(1), Y)  # a warning would be an error

    def test_a_look_that_fails_is_said_once_and_does_not_end_a_training(self):
        criterion = doctor.watch(nn.CrossEntropyLoss(), axis=7)
        with pytest.warns(LossWarning, match=r"^The doctor could not look: axis is 7"):
            assert torch.equal(criterion(logits(), Y), F.cross_entropy(logits(), Y))
        criterion(logits(), Y)

    @every_kind
    def test_the_place_is_the_reader_s_own_line(self, make):
        criterion = doctor.watch(make())

        def train(call):
            call(logits().softmax(1), Y)

        line = train.__code__.co_firstlineno + 1
        for call in (criterion, torch.compile(doctor.watch(make()), backend="eager")):
            with pytest.warns(LossWarning) as caught:
                train(torch.no_grad()(call))
            assert [(w.filename, w.lineno) for w in caught] == [(__file__, line)]

    def test_without_torch_there_is_no_autocast(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "torch")
        assert not _watcher._autocast()
        assert _watcher._rank() == ""


class Slope(nn.Linear):
    """A last layer that has not learnt: all its outputs are about 0.4."""

    def __init__(self):
        super().__init__(8, 1)
        nn.init.normal_(self.weight, std=0.02)
        nn.init.constant_(self.bias, 0.4)


def trained(last, batch=32, rate=1e-3, seed=0, criterion=None):
    """Warnings of the first batches of a training: of yes and no, by a small network."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), *last())
    optimizer = torch.optim.Adam(model.parameters(), rate)
    criterion = doctor.watch(criterion or nn.BCEWithLogitsLoss())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step_seed in range(20):
            x = logits(step_seed, rows=batch)
            optimizer.zero_grad()
            criterion(model(x).squeeze(1), (x.sum(1) > 0).float()).backward()
            optimizer.step()
    return [str(w.message).split(" (")[0] for w in caught]


class TestTheGraph:
    """The last operation before the loss proves what small numbers cannot."""

    @pytest.mark.parametrize("batch", [32, 512])
    @pytest.mark.parametrize("rate", [1e-3, 1e-2])
    def test_a_sigmoid_is_found_in_a_young_network(self, batch, rate):
        for seed in range(3):
            found = trained(lambda: [nn.Linear(8, 1), nn.Sigmoid()], batch, rate, seed)
            assert found == ["ERROR sigmoid-twice"]

    @pytest.mark.parametrize(
        "last",
        [
            lambda: [nn.Linear(8, 1)],
            lambda: [Slope()],
            lambda: [nn.Linear(8, 1), nn.ReLU()],
            lambda: [nn.Linear(8, 1), nn.Softplus()],
            lambda: [nn.Linear(8, 1), nn.Tanh()],
            lambda: [Slope(), nn.Hardtanh(0, 1)],
        ],
        ids=["linear", "small", "relu", "softplus", "tanh", "hardtanh"],
    )
    def test_small_logits_are_not_accused(self, last):
        for seed in range(3):
            assert not trained(last, seed=seed)

    def test_without_it_only_the_proof_is_said(self):
        z = 2 * logits(rows=64, classes=1)
        t = (torch.rand(64, 1, generator=torch.Generator().manual_seed(1)) < z.sigmoid()).float()
        report = doctor.examine(z.sigmoid(), t, loss="BCEWithLogitsLoss")
        assert "sigmoid-twice" in [f.code for f in report.warnings]
        doctor.watch(nn.BCEWithLogitsLoss())(z.sigmoid(), t)  # a warning would be an error

    def test_a_compiled_model_hides_it(self):
        torch._dynamo.reset()
        found = trained(
            lambda: [torch.compile(nn.Sequential(Slope(), nn.Sigmoid()), backend="aot_eager")]
        )
        assert not found

    @pytest.mark.parametrize(
        ("loss", "operation", "made_by", "code"),
        [
            ("F.cross_entropy", lambda z: z.softmax(1), "Softmax", "double-softmax"),
            ("F.cross_entropy", torch.sigmoid, "Sigmoid", "sigmoid-into-softmax"),
            ("BCEWithLogitsLoss", lambda z: z.softmax(1)[:, 1], "Softmax", "double-softmax"),
            (
                "BCEWithLogitsLoss",
                lambda z: z.sigmoid().clamp(0.1, 0.9).T[0],
                "Sigmoid",
                "sigmoid-twice",
            ),
            (
                "BCEWithLogitsLoss",
                lambda z: z.sigmoid().half().flatten(),
                "Sigmoid",
                "sigmoid-twice",
            ),
            ("NLLLoss", lambda z: z.softmax(1), "Softmax", "probabilities-as-log"),
            ("NLLLoss", torch.sigmoid, "Sigmoid", "probabilities-as-log"),
            ("KLDivLoss", lambda z: z.softmax(1)[None, 0], "Softmax", "probabilities-as-log"),
            ("BCELoss", F.logsigmoid, "LogSigmoid", "log-as-probabilities"),
            ("BCELoss", lambda z: z.log_softmax(1), "LogSoftmax", "log-as-probabilities"),
            ("log_loss", lambda z: z.log_softmax(1), "LogSoftmax", "log-as-probabilities"),
        ],
    )
    def test_what_a_loss_does_not_take(self, loss, operation, made_by, code):
        z = (0.1 * logits(rows=6, classes=2)).requires_grad_()
        outputs = operation(z)
        labels = outputs.ndim == 2 and loss not in ("BCELoss", "KLDivLoss")
        targets = torch.arange(6) % 2 if labels else outputs.detach().float() * 0 + 0.5
        report = doctor.examine(outputs, targets, loss=loss)
        (finding,) = [f for f in report.errors if f.code == code]
        assert finding.evidence == {"last operation": made_by}

    def test_right_ones(self):
        z = logits(rows=6, classes=2).requires_grad_()
        y = torch.arange(6) % 2
        for loss, outputs, targets in (
            ("NLLLoss", z.log_softmax(1), y),
            ("BCELoss", z.sigmoid()[:, 0], y.float()),
            ("F.cross_entropy", 2 * z, y),
            ("F.cross_entropy", z.squeeze(), y),
            ("log_loss", z.softmax(1), y),
        ):
            assert not doctor.examine(outputs, targets, loss=loss).errors


class TestCalls:
    @pytest.mark.parametrize("batches", [0, -1, 2.0, True, None])
    def test_batches(self, batches):
        with pytest.raises(ValueError, match=f"^batches is {batches}"):
            doctor.watch(nn.CrossEntropyLoss(), batches=batches)

    @pytest.mark.parametrize(
        ("told", "error", "message"),
        [
            ({"weights": [1]}, TypeError, r"watch\(\) got weights \(did you mean 'weight'"),
            ({"ignore_idx": 0}, TypeError, r"watch\(\) got ignore_idx \(did you mean 'ignore_ind"),
            ({"steps": "x"}, TypeError, "steps is 'x'"),
            ({"loss": "nonsense"}, ValueError, "loss is 'nonsense', expected"),
            ({"framework": "caffe"}, ValueError, "framework is 'caffe'"),
            ({"gamma": 2}, TypeError, "softmax_cross_entropy takes no gamma; focal_loss and"),
            ({"observed": 1.0}, TypeError, r"watch\(\) got observed"),
        ],
    )
    def test_what_is_told_is_checked_at_once(self, told, error, message):
        for criterion in (nn.CrossEntropyLoss(), F.cross_entropy):
            with pytest.raises(error, match=f"^{message}"):
                doctor.watch(criterion, **told)

    def test_another_name_for_a_known_loss_keeps_its_arguments(self):
        module = nn.CrossEntropyLoss(label_smoothing=0.9)
        with pytest.warns(LossWarning, match="smoothing-large"):
            doctor.watch(module, loss="F.cross_entropy")(logits(), Y)
        own = doctor.watch(lambda z, y: module(z, y), loss=module)
        with pytest.warns(LossWarning, match="smoothing-large"):
            own(logits(), Y)

    @pytest.mark.parametrize("criterion", [nn.MSELoss(), F.mse_loss, lambda z, y: 0])
    def test_unknown_losses_must_be_named(self, criterion):
        with pytest.raises(TypeError, match="say what it computes"):
            doctor.watch(criterion)

    def test_no_loss_at_all(self):
        with pytest.raises(TypeError, match="expected a loss"):
            doctor.watch("cross_entropy")


class TestCompile:
    @every_kind
    def test_a_compiled_step(self, make):
        torch._dynamo.reset()
        criterion = doctor.watch(make(), batches=2)
        compiled = torch.compile(lambda z, y: criterion(2 * z, y), backend="eager")
        plain = make()
        with pytest.warns(LossWarning, match="double-softmax"):
            compiled(logits().softmax(1) / 2, Y)
        for seed in range(4):
            q = logits(seed).softmax(1) / 2
            assert torch.equal(compiled(q, Y), plain(2 * q, Y))
        explained = torch._dynamo.explain(lambda z, y: criterion(2 * z, y))(logits(), Y)
        assert explained.graph_break_count == 0

    def test_a_compiled_module(self):
        torch._dynamo.reset()
        criterion = torch.compile(nn.CrossEntropyLoss(), backend="eager")
        with pytest.warns(LossWarning, match="double-softmax"):
            doctor.watch(criterion)(logits().softmax(1), Y)

    @every_kind
    def test_whole_graphs_say_when(self, make):
        torch._dynamo.reset()
        criterion = doctor.watch(make(), batches=1)
        model = Model(criterion)
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        with pytest.raises(torch._dynamo.exc.Unsupported, match="when they are over"):
            compiled(logits(), Y)
        with pytest.raises(Exception, match="when they are over"):
            torch.export.export(model, (logits(), Y), strict=True)
        model(logits(), Y)
        torch._dynamo.reset()
        assert torch.equal(compiled(logits(), Y), model(logits(), Y))
        assert torch.equal(
            torch.export.export(model, (logits(), Y), strict=True).module()(logits(), Y),
            model(logits(), Y),
        )

    @every_kind
    def test_export(self, make):
        model = Model(doctor.watch(make()))
        exported = torch.export.export(model, (logits(), Y), strict=False).module()
        assert torch.equal(exported(logits(), Y), model(logits(), Y))
        assert not [node for node in exported.graph.nodes if "look" in str(node)]

    @pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
    def test_a_script_says_when(self):
        model = Model(doctor.watch(nn.CrossEntropyLoss(), batches=1))
        with pytest.raises(AttributeError, match="TorchScript cannot compile a watch"):
            torch.jit.script(model)
        value = model(logits(), Y)
        assert torch.equal(torch.jit.script(model)(logits(), Y), value)
        with pytest.raises(TypeError, match="criterion is scripted"):
            doctor.watch(torch.jit.script(nn.CrossEntropyLoss()))

    @every_kind
    @pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
    def test_a_trace_does_not_hold_the_look(self, make):
        model = Model(doctor.watch(make()))
        traced = torch.jit.trace(model, (logits(), Y))
        assert torch.equal(traced(logits(1), Y), model(logits(1), Y))


class Model(nn.Module):
    """A model that computes its loss itself."""

    def __init__(self, criterion):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.criterion = nn.Linear(4, 4), criterion

    def forward(self, x, y: torch.Tensor):
        return self.criterion(self.layer(x), y)


class TestTensorsWithoutValues:
    @every_kind
    def test_inside_of_transforms(self, make):
        plain, watched = make(), doctor.watch(make(), batches=3)
        func = torch.func
        for _ in range(4):
            ours, theirs = (
                func.vmap(func.grad(lambda z, y, loss=loss: loss(z[None], y[None])))(logits(), Y)
                for loss in (watched, plain)
            )
            assert torch.equal(ours, theirs)
        assert torch.equal(func.grad(watched)(logits(), Y), func.grad(plain)(logits(), Y))
        both = (func.jacrev(loss)(logits(), Y) for loss in (watched, plain))
        assert torch.equal(*both)

    @every_kind
    def test_meta_and_fake(self, make):
        criterion = doctor.watch(make())
        assert criterion(logits().to("meta"), Y.to("meta")).is_meta
        with torch._subclasses.fake_tensor.FakeTensorMode() as mode:
            assert criterion(mode.from_tensor(logits()), mode.from_tensor(Y)).shape == ()
        with pytest.warns(LossWarning, match="double-softmax"):
            criterion(logits().softmax(1), Y)


class TestElsewhere:
    @every_kind
    @pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
    def test_without_gradients(self, make, mode):
        with mode(), pytest.warns(LossWarning, match="double-softmax"):
            doctor.watch(make())(logits().softmax(1), Y)

    @every_kind
    @pytest.mark.parametrize("reentrant", [True, False])
    def test_checkpointed_gradients(self, make, reentrant):
        gradients = []
        for loss in (doctor.watch(make()), make()):
            z = logits().requires_grad_()
            torch.utils.checkpoint.checkpoint(loss, z, Y, use_reentrant=reentrant).backward()
            gradients.append(z.grad)
        assert torch.equal(*gradients)

    @every_kind
    def test_threads_share_their_batches(self, make, monkeypatch):
        looks = []

        def examine(*arrays, **told):
            looks.append(1)
            return doctor.examine(*arrays, **told)

        monkeypatch.setattr(_watcher, "examine", examine)
        criterion = doctor.watch(make(), batches=20)
        with ThreadPoolExecutor(4) as pool:
            values = list(pool.map(lambda seed: criterion(logits(seed), Y), range(80)))
        assert len(looks) == 20
        assert torch.equal(
            torch.stack(values), torch.stack([make()(logits(s), Y) for s in range(80)])
        )

    @pytest.mark.parametrize("kind", ["module", "function"])
    def test_a_model_that_holds_it_is_saved(self, kind, tmp_path):
        model, path = Model(doctor.watch(CRITERIA[kind]())), tmp_path / "model.pt"
        assert list(model.state_dict()) == ["layer.weight", "layer.bias"]
        torch.save(model, path)
        twins = torch.load(path, weights_only=False), copy.deepcopy(model)
        for twin in twins:
            assert torch.equal(twin(logits(), Y), model(logits(), Y))
            with pytest.warns(LossWarning, match="double-softmax"):
                twin.criterion(logits().softmax(1), Y)

    def test_a_module_is_saved_without_a_trace_when_it_is_over(self, tmp_path):
        model, path = Model(doctor.watch(nn.CrossEntropyLoss(), batches=1)), tmp_path / "model.pt"
        model(logits(), Y)
        torch.save(model, path)
        assert b"xentlib" not in path.read_bytes()

    def test_functions_that_are_not_written_in_python(self):
        criterion, t = doctor.watch(torch.binary_cross_entropy_with_logits), (logits() > 1).float()
        assert criterion.__name__ == "binary_cross_entropy_with_logits"
        value = criterion(logits(), t, None, None, 1)
        assert torch.equal(value, F.binary_cross_entropy_with_logits(logits(), t))
        rare = torch.zeros(64, 1)
        rare[:8] = 1
        with pytest.warns(LossWarning, match="pos-weight-inverted"):
            criterion(logits(rows=64, classes=1), rare, None, torch.tensor([8 / 56]), 1)

    def test_pickles_and_copies(self):
        criterion = doctor.watch(nn.CrossEntropyLoss(), batches=1)
        for twin in (pickle.loads(pickle.dumps(criterion)), copy.deepcopy(criterion)):
            assert torch.equal(twin(logits(), Y), F.cross_entropy(logits(), Y))
            assert not twin._forward_hooks
        assert criterion._forward_hooks

    def test_a_hook_that_is_still_there_does_nothing(self):
        watcher = _watcher.Watcher({}, 1)
        watcher.stop()
        assert _watch.Hook(watcher, True)(None, (), {}, None) is None
        watcher.look(logits().softmax(1), Y)  # a thread that waited for the last one

    def test_a_process_says_which_it_is(self, monkeypatch):
        monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(torch.distributed, "get_rank", lambda: 3)
        with pytest.warns(LossWarning, match="^process 3: ERROR"):
            doctor.watch(F.cross_entropy)(logits().softmax(1), Y)

    def test_workers_of_a_data_loader(self):
        criterion = doctor.watch(nn.CrossEntropyLoss())
        data = torch.utils.data.TensorDataset(logits(rows=32).softmax(1), Y.repeat(2))
        loader = torch.utils.data.DataLoader(
            data, batch_size=16, num_workers=1, multiprocessing_context="spawn"
        )
        batches = list(loader)
        with pytest.warns(LossWarning, match="double-softmax"):
            criterion(*batches[0])
        criterion(*batches[1])

    def test_two_processes(self, tmp_path):
        script = textwrap.dedent(f"""
            import sys, warnings
            import torch
            import torch.distributed as dist
            from torch import nn
            from xentlib import doctor

            rank = int(sys.argv[1])
            torch.set_num_threads(1)
            dist.init_process_group(
                "gloo", init_method={(tmp_path / "meet").as_uri()!r}, rank=rank, world_size=2
            )
            torch.manual_seed(0)
            model = nn.parallel.DistributedDataParallel(nn.Linear(4, 4))
            plain, criterion = nn.CrossEntropyLoss(), doctor.watch(nn.CrossEntropyLoss(), batches=3)
            x, y = torch.randn(16, 4) + rank, torch.arange(16) % 4
            gradients = []
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                for loss in (criterion, plain):
                    for _ in range(4):
                        model.zero_grad()
                        loss(model(x).softmax(1), y).backward()
                    gradients.append(model.module.weight.grad.clone())
            assert torch.equal(*gradients)
            own = [str(w.message) for w in caught if w.category is doctor.LossWarning]
            assert len(own) == 1, own
            assert own[0].startswith(f"process {{rank}}: ERROR double-softmax"), own
            dist.destroy_process_group()
        """)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        both = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(rank)],
                stderr=subprocess.PIPE,
                env=environment,
                text=True,
            )
            for rank in range(2)
        ]
        for process in both:
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors


class TestKeras:
    Z, Y = logits().numpy(), Y.numpy()

    def test_a_loss_is_watched_and_released(self):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
        plain = float(loss(self.Y, self.Z))
        assert doctor.watch(loss, batches=1) is loss
        assert float(loss(self.Y, self.Z)) == plain
        assert "call" not in vars(loss)
        assert float(loss(self.Y, self.Z)) == plain

    def test_logits_without_from_logits(self):
        loss = doctor.watch(keras.losses.SparseCategoricalCrossentropy())
        with pytest.warns(LossWarning, match="logits-as-probabilities"):
            loss(self.Y, self.Z)

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
    def test_in_fit(self):
        model = keras.Sequential([keras.layers.Dense(4, activation="softmax")])
        loss = doctor.watch(keras.losses.CategoricalCrossentropy(from_logits=True), batches=2)
        model.compile(loss=loss, optimizer="sgd")
        with pytest.warns(LossWarning, match="double-softmax") as caught:
            model.fit(self.Z, np.eye(4)[self.Y], batch_size=8, epochs=2, verbose=0)
        assert len([w for w in caught if w.category is LossWarning]) == 1

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
    def test_a_sigmoid_in_fit(self):
        keras.utils.set_random_seed(0)
        for activation in ("sigmoid", None):
            model = keras.Sequential([keras.layers.Dense(1, activation=activation)])
            loss = doctor.watch(keras.losses.BinaryCrossentropy(from_logits=True))
            model.compile(loss=loss, optimizer="adam")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", LossWarning)
                model.fit(self.Z, 1.0 * (self.Z.sum(1) > 0), batch_size=8, epochs=4, verbose=0)
            said = [str(w.message) for w in caught if w.category is LossWarning]
            assert [x.split(" (")[0] for x in said] == ["ERROR sigmoid-twice"] * bool(activation)

    def test_a_function(self):
        loss = doctor.watch(keras.losses.sparse_categorical_crossentropy)
        with pytest.warns(LossWarning, match="logits-as-probabilities"):
            loss(self.Y, self.Z)
        loss = doctor.watch(keras.losses.sparse_categorical_crossentropy)
        plain = keras.losses.sparse_categorical_crossentropy(self.Y, self.Z, from_logits=True)
        assert torch.equal(loss(self.Y, self.Z, from_logits=True), plain)

    def test_the_place_is_the_reader_s_own_line(self):
        loss = doctor.watch(keras.losses.SparseCategoricalCrossentropy())
        with pytest.warns(LossWarning) as caught:
            loss(self.Y, self.Z)
        assert [w.filename for w in caught] == [__file__]

    def test_unknown_losses(self):
        for loss in (keras.losses.Hinge(), keras.losses.hinge):
            with pytest.raises(TypeError, match="say what it computes"):
                doctor.watch(loss)

    def test_without_torch_there_is_nothing_to_disable(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "torch")
        assert _watch._outside_of_graphs(print) is print


def test_no_warning_is_lost_among_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LossWarning):
            doctor.watch(nn.CrossEntropyLoss())(logits().softmax(1), Y)
