"""Each mend is code that runs, with a reader's names, and what it mends is not found again."""

import ast
import math
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import log_loss

import xentlib
from doctor.corpus import everyone
from xentlib.doctor import examine
from xentlib.doctor._codes import CODES
from xentlib.doctor._names import ARGUMENTS, LOSSES, loss_called

FRAMEWORKS = {
    "numpy": np.asarray,
    "torch": torch.as_tensor,
    "keras": torch.as_tensor,
    "jax": jnp.asarray,
    "sklearn": np.asarray,
}
FILLED = {"Sparse": "", "_integer": "", "takes": "logits"}
FILLED |= dict.fromkeys(("classes", "column", "ignore_index", "lowest"), -1)
NO_ARRAYS = {"empty", "ragged", "not-numbers"}
PATIENTS = [
    p for p in everyone() if p.make.__module__ == "doctor.misuses" and not NO_ARRAYS & set(p.want)
]


def plain(x):
    """As NumPy, which has no bfloat16."""
    if isinstance(x, torch.Tensor):
        return (x.float() if x.dtype == torch.bfloat16 else x).detach().numpy()
    return np.asarray(x)


def softmax(z, axis):
    return torch.softmax(torch.tensor(z), axis).numpy()


class Reader:
    """What a reader has at hand: arrays by their names, a framework, and a loss."""

    def __init__(self, framework, finding, outputs, targets, told):
        self.framework, self.told, self.calls, self.code = framework, told, [], finding.code
        self.kind = LOSSES[told["loss"]]
        self.here = FRAMEWORKS[framework]
        if finding.code == "swapped" and "reproduced" not in finding.evidence:
            outputs, targets = targets, outputs
        self.axis = 1 if framework == "torch" and outputs.ndim > 1 else -1
        self.names = {"outputs": outputs, "targets": targets}
        self.names |= {k: v for k, v in told.items() if k in ARGUMENTS and k != "reduction"}
        if "weight" in told:
            self.names["weight"] = plain(told["weight"])
        self.names |= self.of_the_model(outputs) | self.of_the_training(targets)
        self.names |= self.of_the_rows(targets)
        self.names = {
            k: self.here(np.array(v)) if isinstance(v, np.ndarray) else v
            for k, v in self.names.items()
        }
        self.names |= {"observed": finding.evidence.get("observed"), "math": math}
        self.names |= getattr(self, framework)()

    def of_the_model(self, outputs):
        """Logits, probabilities and their logarithms, whatever was given."""
        z = outputs.astype(np.float64 if outputs.itemsize > 4 else np.float32)
        flat = z.ndim < 2 or z.shape[self.axis] < 2
        if z.size and z.min() >= 0 and (z.max() <= 1 or self.code == "double-softmax"):
            sums = 0 if flat else z.sum(self.axis)
            z = z.clip(1e-4, 1 - 1e-4)
            rows = np.allclose(sums, 1, atol=0.01) or self.code in (
                "double-softmax",
                "softmax-axis",
            )
            z = np.log(z) if rows else np.log(z / (1 - z))
        elif self.code == "sigmoid-twice":  # a tanh, or a log-sigmoid
            z = np.arctanh(z.clip(-0.9999, 0.9999)) if z.max() > 0 else z - np.log(-np.expm1(z))
        masks = (z == -np.inf) & (self.code != "masked-target")
        z = np.where(masks | np.isfinite(z) & (z > -1e6), z, 0)
        if self.kind.over == "binary" or flat:
            p = torch.sigmoid(torch.tensor(z)).numpy()
        else:
            p = softmax(z, self.axis)
        with np.errstate(divide="ignore"):
            return {"logits": z, "probabilities": p, "log_probabilities": np.log(p)}

    def of_the_training(self, targets):
        """How often each class, each yes and each no came up."""
        z = self.names["outputs"]
        classes = z.shape[self.axis] if z.ndim > 1 else 2
        labels = targets.astype(int).ravel()
        counts = np.bincount(labels[(labels >= 0) & (labels < classes)], minlength=classes)
        t = targets.astype(float)
        guess = (
            z.argmax(self.axis).ravel() if z.shape[:1] == labels.shape and z.ndim > 1 else labels
        )
        held = [
            np.bincount(labels[guess == k] % 1000, minlength=1).argmax() for k in range(classes)
        ]
        return {
            "counts": counts,
            "masked": np.flatnonzero(counts == 0),
            "positives": t.sum(0),
            "negatives": (1 - t).sum(0),
            "order": np.argsort(held),
            "names": held,
            "e": self.told.get("label_smoothing"),
            "one_hot": np.eye(classes)[labels % classes],
        }

    def of_the_rows(self, targets):
        """The losses of rows, as PyTorch has them, and those of micro-batches."""
        z, t = torch.tensor(self.names["logits"]), torch.tensor(targets)
        if self.kind.over == "binary":
            return {"losses": F.softplus(z).numpy()}
        z = z if self.axis == 1 or z.ndim < 2 else z.movedim(-1, 1)
        if z.ndim < 2 or t.shape != z.shape[:1] + z.shape[2:]:
            return {"losses": np.zeros(len(t))}
        t = t.long()
        t[(t < 0) | (t >= z.shape[1])] = -100
        w = self.told.get("weight")
        fits = np.shape(w) == z.shape[1:2]
        w = torch.tensor(plain(w), dtype=z.dtype) if fits else None
        losses = F.cross_entropy(z, t, weight=w, reduction="none")
        sizes = self.told.get("micro_batches", [1] * len(t))
        kept = t != -100
        return {
            "losses": losses.numpy(),
            "nll": losses.mean().item(),
            "batch_sums": [float(part.sum()) for part in losses.split(sizes)],
            "batch_counts": [int(part.sum()) for part in kept.split(sizes)],
        }

    def spy(self, name, call=None, keras_order=False):
        """A loss that notes what it gets."""

        def spied(*arrays, **more):
            arrays = [*arrays, *(more.pop(k) for k in ("y_true", "y_pred") if k in more)]
            arrays = arrays[::-1] if keras_order else arrays
            if more.pop("sample_weight", None) is not None:
                more["weight"] = self.told["weight"]
            self.calls.append((name, *arrays, more))
            return call(*arrays, **more) if call else None

        return spied

    def numpy(self):
        spied = "softmax_cross_entropy", "binary_cross_entropy_with_logits"
        losses = {name: self.spy(name, getattr(xentlib, name)) for name in spied}
        losses["cross_entropy"] = self.spy(
            "cross_entropy", lambda q, p: xentlib.cross_entropy(p, q), True
        )
        library = SimpleNamespace(**{**vars(xentlib), **losses})
        return {"np": np, "xentlib": library, "loss": self.spy(self.told["loss"])}

    def torch(self):
        spied = "cross_entropy", "binary_cross_entropy_with_logits", "kl_div"
        losses = {name: self.spy(f"F.{name}", getattr(F, name)) for name in spied}
        functions = SimpleNamespace(log_softmax=F.log_softmax, **losses)
        return {"torch": torch, "F": functions, "loss": self.spy(self.told["loss"])}

    def keras(self):
        def made(name):
            def make(from_logits=False):
                loss = getattr(keras.losses, name)(from_logits=from_logits)
                spy = self.spy(name, lambda q, t: loss(t, q), True)
                return lambda *a: (spy(*a), self.calls[-1][-1].update(from_logits=from_logits))[0]

            return make

        kinds = "SparseCategorical", "Categorical", "Binary"
        losses = {f"{k}Crossentropy": made(f"{k}Crossentropy") for k in kinds}
        return {"keras": keras, "loss": self.spy(self.told["loss"], keras_order=True), **losses}

    def jax(self):
        spied = (
            "softmax_cross_entropy",
            "softmax_cross_entropy_with_integer_labels",
            "sigmoid_binary_cross_entropy",
            "safe_softmax_cross_entropy",
        )
        losses = {name: self.spy(f"optax.{name}", getattr(optax, name)) for name in spied}
        library = SimpleNamespace(kl_divergence=optax.kl_divergence, **losses)
        return {"jax": jax, "jnp": jnp, "optax": library, "loss": self.spy(self.told["loss"])}

    def sklearn(self):
        model = SimpleNamespace(predict_proba=lambda x: self.names["probabilities"])

        def score(q, t, **more):
            return log_loss(t, q, labels=np.arange(q.shape[1]) if t.ndim == 1 else None, **more)

        return {"np": np, "model": model, "X": None, "log_loss": self.spy("log_loss", score, True)}

    def follow(self, line):
        """Run the line; return its value, if it has one."""
        tree = ast.parse(line)
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            return eval(compile(line, "mend", "eval"), self.names)
        exec(compile(tree, "mend", "exec"), self.names)
        return None

    def again(self, line):
        """Examine what the line has made of the call."""
        if self.calls:
            loss, outputs, targets, more = self.calls[-1]
            return examine(outputs, targets, loss=loss, framework=self.framework, **more)
        name = ast.unparse(ast.parse(line).body[-1].targets[0]).partition("[")[0]
        told = {k: v for k, v in self.told.items() if k != "observed"}
        name = {"ignore_class": "ignore_index"}.get(name, name)
        if name in ARGUMENTS:
            told[name] = self.names["ignore_class" if "ignore_class" in line else name]
        outputs = self.names["logits" if name == "logits" else "outputs"]
        return examine(outputs, self.names["targets"], framework=self.framework, **told)


def told_of(framework, told):
    """The same call, in another framework's conventions."""
    told = dict(told)
    told.pop("framework", None)
    loss, _ = loss_called(told.pop("loss", "softmax_cross_entropy"), None)
    if told.pop("from_logits", False):
        loss = {"cross_entropy": "softmax_cross_entropy"}.get(loss, f"{loss}_with_logits")
    observed = told.pop("observed", None)
    return {**told, "loss": loss} | ({} if observed is None else {"observed": float(observed)})


def laid_out(framework, outputs, targets):
    """Outputs with the class axis where the framework has it."""
    if outputs.ndim < 3 or targets.ndim != outputs.ndim - 1:
        return outputs
    (axis, *_) = (k for k in (1, -1) if np.delete(outputs.shape, k).tolist() == [*targets.shape])
    return np.moveaxis(outputs, axis, 1 if framework == "torch" else -1)


def everywhere():
    """The first patient of each kind in each framework, the others in PyTorch."""
    known = set()
    for patient in PATIENTS:
        frameworks = ["torch"] if set(patient.want) <= known else FRAMEWORKS
        known |= set(patient.want)
        yield from (pytest.param(patient, f, id=f"{patient.name}-{f}") for f in frameworks)


@pytest.mark.parametrize(("patient", "framework"), list(everywhere()))
@pytest.mark.filterwarnings("ignore:.*(target size|label_smoothing|Explicitly requested dtype)")
def test_what_is_mended_is_not_found_again(patient, framework):
    outputs, targets, told = patient.make()
    told, q, t = told_of(framework, told), plain(outputs), plain(targets)
    if framework == "torch" and told["loss"] == "cross_entropy":
        told["loss"] = "softmax_cross_entropy"
    if framework == "sklearn" and told["loss"] != "cross_entropy":
        return  # scikit-learn has one loss
    if framework != "torch" and (t == -100).any() and "label-range" not in patient.want:
        return  # PyTorch's alone
    if "class-axis" not in patient.want:
        q = laid_out(framework, q, t)
    report = examine(
        *map(FRAMEWORKS[framework], (np.array(q), np.array(t))), framework=framework, **told
    )
    for finding in report.findings:
        if finding.code not in patient.want:
            continue
        reader = Reader(framework, finding, q, t, told)
        value = reader.follow(finding.mend)
        if reader.calls or isinstance(ast.parse(finding.mend + "\n0").body[0], ast.Assign):
            assert finding.code not in reader.again(finding.mend).codes, finding.mend
        elif "right" in finding.evidence and np.ndim(value) == 0 and value is not None:
            if framework == "keras" and told["loss"] == "kl_div":
                continue  # Keras clips: T32
            assert float(value) == pytest.approx(finding.evidence["right"], rel=1e-4), finding.mend


@pytest.mark.parametrize("code", CODES)
def test_each_line_is_python(code):
    for line in (CODES[code].mend, *CODES[code].cases.values()):
        for words in line:
            ast.parse(words.format_map(FILLED))
