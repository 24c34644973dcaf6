"""The loss doctor: what is wrong with my loss, how does it know, and how is it mended?

``examine`` takes the outputs, the targets and the call; ``watch`` looks at the first batches of a
training; ``python -m xentlib.doctor`` examines files. An error is proved by the inputs, or any
other story is out of the question; a warning is likely; a note is a question.
"""

from typing import Any

from xentlib.doctor._examine import examine
from xentlib.doctor._watch import watch_loss
from xentlib.doctor._watcher import LossWarning
from xentlib.doctor.report import Finding, Report

__all__ = ["Finding", "LossWarning", "Report", "examine", "watch"]


def watch(criterion: Any, batches: int = 20, *, loss: Any = None, **told: Any) -> Any:
    """Watch a loss during its first batches, and warn once of each finding.

    Values and gradients stay what they are, bit by bit. Afterwards nothing is left of it: the hook
    of a module, or the changed ``call`` of a Keras loss, is taken away.

    Parameters
    ----------
    criterion : torch.nn.Module, function or Keras loss
        The loss as it is called in the training.
    batches : int, optional
        How many calls to look at.
    loss : str, loss object or function, optional
        What a loss of your own computes, as ``examine`` takes it. PyTorch's and Keras's
        cross-entropies are known.
    **told
        What else ``examine`` takes: the arguments of the call.

    Returns
    -------
    The criterion, watched
        A module or a Keras loss itself; for a function one that calls it.

    Raises
    ------
    ValueError
        ``batches`` is not an int of at least 1; an unknown loss, framework or reduction.
    TypeError
        The criterion is no loss, or one that needs ``loss``; an argument that it does not take.

    Notes
    -----
    Warnings are of the kind ``xentlib.doctor.LossWarning``. The value of a function or a loss of
    your own is compared with what the right call gives; where they differ, it is explained, in the
    first three such batches and no more: that takes longer than the rest.

    Notes are not warned of, nor is what a model shows that has only begun to train: at-chance,
    constant-predictor, class-order, rows-mixed. So small logits look like those after a sigmoid:
    of sigmoid-twice it says what is proved. PyTorch's graph of gradients proves it from the first
    batch on, by the last operation before the loss. Without gradients, in a model that is compiled
    as a whole, and in Keras over TensorFlow or JAX there is no such proof: examine the outputs of
    the trained model. If a look fails, one warning says so, and the training goes on.

    Under ``torch.compile`` the first batches break the graph once. Compile with ``fullgraph=True``,
    export in the strict mode or script a model when they are over. Tensors that have no values yet
    (traced, fake, meta, inside ``torch.func``) count as a batch and are passed by. A watched module
    can be copied and pickled, and its ``state_dict`` stays the same; a saved model that is watched
    needs xentlib to be loaded. Each process of a distributed training watches its own batches;
    threads share theirs.

    Examples
    --------
    >>> import warnings
    >>> import torch
    >>> from xentlib import doctor
    >>> criterion = doctor.watch(torch.nn.CrossEntropyLoss())
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     loss = criterion(torch.randn(8, 3).softmax(1), torch.zeros(8, dtype=torch.long))
    >>> print(str(caught[0].message).splitlines()[0])
    ERROR double-softmax (confidence 99%)
    """
    return watch_loss(criterion, batches, loss, told)
