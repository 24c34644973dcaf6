"""Small experiments with PyTorch: build, train, predict, measure, repeat over seeds.

This is the only module that imports PyTorch. Models are built in double precision, and every
function draws from its own seeded generator and works in one thread: a run depends neither on
what ran before it nor on how many processors there are. (For models this small, it is faster.)
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from xentlib import cross_entropy, smooth_labels
from xentlib._checks import integer, real_array, real_number
from xentlib.datasets import class_labels

__all__ = [
    "Evaluation",
    "OverSeeds",
    "evaluate",
    "mlp",
    "over_seeds",
    "predict_logits",
    "torch_focal_loss",
    "train",
]

Floats = npt.NDArray[np.float64]
Loss = Callable[[Tensor, Tensor], Tensor]
BINS = 15


class Evaluation(TypedDict):
    """What ``evaluate`` measures."""

    accuracy: float
    per_class_recall: Floats
    nll: float
    brier: float
    ece: float


class OverSeeds(NamedTuple):
    """One measured quantity over seeds: all `values` (S, ...), their `mean` and `spread`."""

    values: Floats
    mean: Floats
    spread: Floats


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def mlp(
    num_features: int, num_outputs: int, *, hidden: Sequence[int] = (), seed: int
) -> nn.Sequential:
    """Build a network of linear layers with ReLU between them; it returns logits.

    The output layer starts at zero, so that the untrained model gives every class the same
    probability: its loss is log C (log 2 with one output), and every curve starts there.

    Parameters
    ----------
    num_features : int
        Columns of the features.
    num_outputs : int
        Classes C, for logits of shape (N, C). With 1, logits have shape (N,), as the binary
        losses need them.
    hidden : sequence of int, optional
        Units of each hidden layer. Default: none, a linear model.
    seed : int
        Decides the initial weights of the hidden layers; PyTorch's global generator is left
        as it was.

    Returns
    -------
    torch.nn.Sequential
        In double precision.

    Raises
    ------
    ValueError
        A size below 1 or a negative seed.
    TypeError
        A size or the seed is not an int.

    Examples
    --------
    >>> from xentlib.training import mlp
    >>> model = mlp(57, 1, hidden=[64], seed=0)
    >>> sum(parameter.numel() for parameter in model.parameters())
    3777
    """
    sizes = [_at_least(1, num_features, "num_features")]
    sizes += [_at_least(1, units, "hidden") for units in hidden]
    sizes += [_at_least(1, num_outputs, "num_outputs")]
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_at_least(0, seed, "seed"))
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out, dtype=torch.float64), nn.ReLU()]
    layers[-1:] = [nn.Flatten(0)] if num_outputs == 1 else []
    model = nn.Sequential(*layers)
    for parameter in list(model.parameters())[-2:]:
        nn.init.zeros_(parameter)
    return model


@_one_thread()
def train(
    model: nn.Module,
    features: npt.ArrayLike,
    targets: npt.ArrayLike,
    loss: Loss,
    *,
    epochs: int,
    learning_rate: float,
    batch_size: int | None = None,
    seed: int,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    on_epoch: Callable[[nn.Module], object] | None = None,
) -> Floats:
    """Fit a model in place and return its loss on all rows, before and after every epoch.

    Parameters
    ----------
    model : torch.nn.Module
        Maps features to logits.
    features : array_like, shape (N, D)
        Finite numbers.
    targets : array_like, N rows
        Integers stay indices; floats become the precision of the model.
    loss : callable
        Takes (logits, targets) and returns one number, as ``torch.nn.functional.cross_entropy``.
    epochs : int
        How often to go through all rows.
    learning_rate : float
        Above 0.
    batch_size : int, optional
        Rows per step; the last batch may be smaller. Default: all rows.
    seed : int
        Decides the order of the rows.
    optimizer : callable, optional
        Takes (parameters, lr=...). Default: ``torch.optim.Adam``.
    on_epoch : callable, optional
        Called with the model before the first and after every epoch, for curves of your own.

    Returns
    -------
    float64 array, shape (epochs + 1,)
        The loss on all rows, dropout off, as `loss` gives it (nats for the usual ones); entry 0
        is the untrained model. It may become inf or nan: that is the experiment's result.

    Raises
    ------
    ValueError
        Features that are not a finite table, not one target per row, a number out of range, or a
        loss that returns more than one number.
    TypeError
        Targets that are neither integers nor floats, or a setting of the wrong type.

    Examples
    --------
    From a guess, ln 2 = 0.69 nats, to near certainty:

    >>> import torch
    >>> from xentlib.training import mlp, train
    >>> loss = torch.nn.functional.binary_cross_entropy_with_logits
    >>> x, y = [[-1.0], [-2.0], [1.0], [2.0]], [0.0, 0.0, 1.0, 1.0]
    >>> model = mlp(1, 1, seed=0)
    >>> history = train(model, x, y, loss, epochs=50, learning_rate=0.1, seed=0)
    >>> print(history[[0, -1]].round(2))
    [0.69 0.03]
    """
    x = _features(features, model)
    y = _targets(targets, x)
    steps = _at_least(1, epochs, "epochs")
    rows = len(x) if batch_size is None else _at_least(1, batch_size, "batch_size")
    rate = real_number(learning_rate, "learning_rate", 0)
    if rate == 0:
        raise ValueError("learning_rate is 0, expected a number above 0: nothing would be learnt")
    order = torch.Generator().manual_seed(_at_least(0, seed, "seed"))
    stepper = optimizer(model.parameters(), lr=rate)
    history = [_whole_loss(model, x, y, loss, on_epoch)]
    for _ in range(steps):
        model.train()
        shuffled = torch.randperm(len(x), generator=order)
        for start in range(0, len(x), rows):
            batch = shuffled[start : start + rows]
            stepper.zero_grad()
            torch.autograd.backward(loss(model(x[batch]), y[batch]))
            stepper.step()
        history.append(_whole_loss(model, x, y, loss, on_epoch))
    return np.array(history)


@_one_thread()
def predict_logits(model: nn.Module, features: npt.ArrayLike) -> Floats:
    """Return the model's logits for every row, with dropout off and no gradient kept.

    Parameters
    ----------
    model : torch.nn.Module
        Maps features to logits. It is left in evaluation mode.
    features : array_like, shape (N, D)
        Finite numbers.

    Returns
    -------
    float64 array, shape (N, C), or (N,) from a model with one output

    Raises
    ------
    ValueError
        Features that are not a finite table.
    TypeError
        Features that are not real.

    Examples
    --------
    >>> from xentlib.training import mlp, predict_logits
    >>> predict_logits(mlp(2, 3, seed=0), [[0.0, 1.0]]).shape
    (1, 3)
    """
    model.eval()
    with torch.no_grad():
        logits: Floats = model(_features(features, model)).double().numpy()
    return logits


def torch_focal_loss(
    logits: Tensor, targets: Tensor, *, gamma: float = 2.0, alpha: Tensor | None = None
) -> Tensor:
    """Return the mean focal loss as PyTorch computes it, to train with; indices as targets.

    .. math:: \\frac{1}{N} \\sum_n \\alpha_y (1 - p_y)^\\gamma (-\\log p_y)

    It agrees with ``xentlib.focal_loss``. Here log(1 - p) comes from the other logits, so that
    the gradient stays finite for every gamma when p rounds to 1.

    Parameters
    ----------
    logits : tensor, shape (N, C)
        At least two classes.
    targets : tensor of int64, shape (N,)
        Class indices.
    gamma : float, optional
        How strongly easy examples are discounted, at least 0. Default: 2.
    alpha : tensor, shape (C,), optional
        One weight per class. The mean divides by N, not by the weights.

    Returns
    -------
    tensor
        One number, in nats.

    Raises
    ------
    ValueError
        A negative gamma.
    TypeError
        Gamma is not a number.

    Examples
    --------
    At p = 0.9 and gamma = 2 the loss is 100 times smaller than cross-entropy's 0.105:

    >>> import torch
    >>> from xentlib.training import torch_focal_loss
    >>> logits = torch.tensor([[0.9, 0.1]]).log()
    >>> print(round(torch_focal_loss(logits, torch.tensor([0])).item(), 5))
    0.00105

    References
    ----------
    Lin et al. 2017, section 3.2, arXiv:1708.02002.
    """
    power = real_number(gamma, "gamma", 0)
    own = targets.unsqueeze(-1)
    log_p = logits.log_softmax(-1)
    log_rest = log_p.scatter(-1, own, -math.inf).logsumexp(-1)
    losses = -(power * log_rest).exp() * log_p.gather(-1, own).squeeze(-1)
    return losses.mean() if alpha is None else (alpha[targets] * losses).mean()


def over_seeds(
    run: Callable[[int], Mapping[str, Any]], seeds: Iterable[int]
) -> dict[str, OverSeeds]:
    """Repeat an experiment and collect each quantity it measures.

    Parameters
    ----------
    run : callable
        Takes a seed; returns numbers or arrays by name, as ``evaluate`` does.
    seeds : iterable of int
        At least two, all different.

    Returns
    -------
    dict of OverSeeds
        values : float64, shape (S, ...), in the order of the seeds.
        mean : their mean.
        spread : their standard deviation (dividing by S - 1), in the unit of the values.

    Raises
    ------
    ValueError
        Fewer than two seeds, one seed twice, or runs that measure different quantities.

    Examples
    --------
    >>> from xentlib.training import over_seeds
    >>> result = over_seeds(lambda seed: {"loss": 2.0 * seed}, seeds=range(3))
    >>> print(result["loss"].values, result["loss"].mean, result["loss"].spread)
    [0. 2. 4.] 2.0 2.0

    References
    ----------
    Bouthillier et al. 2021, Accounting for Variance in Machine Learning Benchmarks, section 2.
    """
    chosen = list(seeds)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"seeds are {chosen}, expected at least two, all different: one run has no spread"
        )
    results = [run(seed) for seed in chosen]
    names = results[0].keys()
    for seed, result in zip(chosen, results, strict=True):
        if result.keys() != names:
            raise ValueError(
                f"the run with seed {seed} returned {list(result)}, the first one {list(names)}; "
                "expected the same quantities from each"
            )
    return {name: _over_seeds([result[name] for result in results]) for name in names}


def evaluate(probabilities: npt.ArrayLike, labels: npt.ArrayLike) -> Evaluation:
    """Measure predicted probabilities: are the labels right, and is the confidence honest?

    .. math::

        \\mathrm{Brier} = \\frac{1}{N} \\sum_n \\sum_c (q_{nc} - [c = y_n])^2, \\qquad
        \\mathrm{ECE} = \\sum_b \\frac{|B_b|}{N}
        \\left| \\mathrm{acc}(B_b) - \\mathrm{conf}(B_b) \\right|

    Parameters
    ----------
    probabilities : array_like, shape (N, C)
        One predicted distribution per row.
    labels : array_like of int, shape (N,)
        True class indices.

    Returns
    -------
    dict
        accuracy : share of rows whose most probable class is the label (the first of a tie).
        per_class_recall : float64, shape (C,); the same within each true class, nan if absent.
        nll : mean negative log-likelihood, in nats; inf if a label was given probability 0.
        brier : 0 to 2; for two classes twice the one-sided Brier score.
        ece : expected calibration error, 0 to 1, over 15 equal bins of the top confidence, each
        open on the left. It depends on the bins, and it is not a proper score.

        A row with nan makes what it enters nan.

    Raises
    ------
    ValueError
        Rows that are not distributions, no rows, or labels that do not fit.
    TypeError
        Labels that are not integers, or probabilities that are not real.

    Examples
    --------
    >>> from xentlib.training import evaluate
    >>> result = evaluate([[0.9, 0.1], [0.6, 0.4]], [0, 1])
    >>> print(result["accuracy"], result["per_class_recall"], round(result["nll"], 3))
    0.5 [1. 0.] 0.511

    References
    ----------
    Brier 1950, Verification of forecasts expressed in terms of probability; Naeini et al. 2015,
    Obtaining well calibrated probabilities using Bayesian binning; Guo et al. 2017, section 2,
    arXiv:1706.04599.
    """
    given = real_array(probabilities, "probabilities")[0]
    q = given.astype(np.float64)
    if q.ndim != 2 or q.size == 0:
        raise ValueError(
            f"probabilities have shape {q.shape}, expected (N, C) with at least one row. "
            "Only p of class 1? Pass np.column_stack([1 - p, p])"
        )
    y = class_labels(labels, q.shape[1])
    if y.shape != q.shape[:1]:
        raise ValueError(f"labels have shape {y.shape}, expected {q.shape[:1]}: one for each row")
    truth = smooth_labels(y, num_classes=q.shape[1], label_smoothing=0.0)
    nll = np.mean(cross_entropy(truth, given))
    confidence = q.max(axis=1)
    right = np.where(np.isnan(confidence), np.nan, q.argmax(axis=1) == y)
    counts = np.bincount(y, minlength=q.shape[1])
    with np.errstate(invalid="ignore"):  # 0 of 0 in a class that does not occur
        recall = np.bincount(y, weights=right, minlength=q.shape[1]) / counts
    edges = np.linspace(0, 1, BINS + 1)
    bins = np.minimum(np.searchsorted(edges, confidence, side="left"), BINS) - 1
    gaps = np.bincount(bins, weights=right - confidence)
    return {
        "accuracy": float(right.mean()),
        "per_class_recall": recall,
        "nll": float(nll),
        "brier": float(np.square(q - truth).sum(axis=1).mean()),
        "ece": float(np.abs(gaps).sum() / len(q)),
    }


def _at_least(low: int, value: Any, name: str) -> int:
    number = integer(value, name)
    if number < low:
        raise ValueError(f"{name} is {number}, expected an int of at least {low}")
    return number


def _features(features: npt.ArrayLike, model: nn.Module) -> Tensor:
    x = real_array(features, "features")[0].astype(np.float64)
    if x.ndim != 2 or x.size == 0 or not np.isfinite(x).all():
        raise ValueError(
            f"features have shape {x.shape}, expected a table (N, D) of finite numbers with at "
            "least one row. One column? Use x[:, np.newaxis]. A constant column that was "
            "standardised? It is 0 / 0"
        )
    return torch.tensor(x, dtype=next(model.parameters()).dtype)


def _targets(targets: npt.ArrayLike, x: Tensor) -> Tensor:
    y = np.asarray(targets)
    if y.dtype.kind not in "iuf":
        raise TypeError(
            f"targets have dtype {y.dtype}, expected integers (class indices) or floats (binary "
            "targets, distributions); use .astype(int) or .astype(float)"
        )
    if y.ndim == 0 or len(y) != len(x):
        raise ValueError(f"targets have shape {y.shape}, expected {len(x)} rows like the features")
    if y.dtype.kind == "f":
        return torch.tensor(y.astype(np.float64), dtype=x.dtype)
    return torch.tensor(y.astype(np.int64))


def _whole_loss(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    loss: Loss,
    on_epoch: Callable[[nn.Module], object] | None,
) -> float:
    model.eval()
    with torch.no_grad():
        value = loss(model(x), y)
        if value.ndim != 0:
            raise ValueError(
                f"the loss returned shape {tuple(value.shape)}, expected one number. "
                'reduction="none"? Take its .mean()'
            )
        if on_epoch is not None:
            on_epoch(model)
    return value.item()


def _over_seeds(measured: list[Any]) -> OverSeeds:
    values = np.array(measured, dtype=np.float64)
    with np.errstate(invalid="ignore"):  # runs that gave inf have no spread: nan
        return OverSeeds(
            values, np.asarray(values.mean(axis=0)), np.asarray(values.std(axis=0, ddof=1))
        )
