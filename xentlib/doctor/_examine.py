"""The examination: every check, in an order where each can rely on those before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from xentlib.doctor._arguments import check_arguments, check_gamma
from xentlib.doctor._arrays import Seen, Unreadable, look
from xentlib.doctor._binary import check_binary
from xentlib.doctor._binary_facts import measure_binary
from xentlib.doctor._calls import loss_given
from xentlib.doctor._case import Case, new_case
from xentlib.doctor._digits import number_seen
from xentlib.doctor._evidence import check_together
from xentlib.doctor._exchanged import check_exchanged
from xentlib.doctor._explain import class_candidates
from xentlib.doctor._explain_binary import binary_candidates
from xentlib.doctor._facts import measure
from xentlib.doctor._graph import check_graph
from xentlib.doctor._match import landmarks_of, match, rough_value
from xentlib.doctor._mixed import check_mixed
from xentlib.doctor._names import framework_called, kind_called, loss_called
from xentlib.doctor._numbers import check_numbers, check_value
from xentlib.doctor._outputs import check_outputs
from xentlib.doctor._parts import part_sizes
from xentlib.doctor._shapes import settle
from xentlib.doctor._sklearn import for_sklearn
from xentlib.doctor._stuck import check_binary_stuck, check_stuck
from xentlib.doctor._targets import check_targets
from xentlib.doctor._told import known_arguments
from xentlib.doctor._weights import check_class_weights, check_pos_weight
from xentlib.doctor.report import Report


def examine(
    outputs: Any,
    targets: Any,
    *,
    loss: Any = "softmax_cross_entropy",
    framework: str | None = None,
    observed: Any = None,
    **call_arguments: Any,
) -> Report:
    """Look for what is wrong with a call of a loss.

    The arrays are read once, in blocks; nothing is changed, and no framework is imported.

    Parameters
    ----------
    outputs : array_like, or a tensor of PyTorch, JAX or TensorFlow
        What the model gave to the loss.
    targets : array_like, or a tensor
        What it was compared with: class indices, distributions, or yes and no.
    loss : str, loss object or function, optional
        The loss that was called: "softmax_cross_entropy" (takes logits), "cross_entropy" (takes
        probabilities), "nll" and "kl_div" (take log-probabilities), "focal_loss", "perplexity",
        "binary_cross_entropy" (takes probabilities), "binary_cross_entropy_with_logits",
        "sigmoid_focal_loss". Or a framework's name for it, such as "nn.CrossEntropyLoss",
        "F.cross_entropy", "SparseCategoricalCrossentropy" or "log_loss". Or that loss itself, with
        the arguments that it holds.
    framework : str, optional
        "torch", "keras", "tensorflow", "jax", "sklearn" or "numpy", for its conventions and for
        the mend. Default: that of the arrays or of the loss's name.
    observed : number, optional
        The loss that was seen (for "perplexity" the perplexity). The doctor computes what the
        right call and each known misuse would give, and names those that reproduce it; two misuses
        together only if it has so many digits that an accident is unlikely.
    **call_arguments
        What the loss was called with: ``alpha``, ``axis`` (of the classes), ``from_logits``,
        ``gamma``, ``ignore_index``, ``label_smoothing``, ``log_target``, ``pos_weight``,
        ``reduction``, ``weight``. And ``micro_batches``, the sizes of the parts that were
        averaged, and ``steps``, how many the model has trained: a loss at chance means nothing at
        the first step.

    Returns
    -------
    Report
        Findings, the gravest first, and what was checked. It prints, shows itself in a notebook,
        and goes to JSON.

    Raises
    ------
    ValueError
        An unknown loss, framework or reduction, or an axis that the outputs do not have.
    TypeError
        An unknown argument, or one that is not a number.

    Examples
    --------
    >>> from xentlib.doctor import examine
    >>> probabilities = [[0.1, 0.2, 0.6, 0.1], [0.7, 0.1, 0.1, 0.1]]
    >>> report = examine(probabilities, [2, 0], loss="F.cross_entropy")
    >>> print(report.summary())
    softmax_cross_entropy: 1 error
    >>> report.findings[0].code, report.findings[0].mend
    ('double-softmax', 'F.cross_entropy(logits, targets)  # no softmax in the model')

    A loss that was seen, and where it comes from:

    >>> report = examine([[2.0, 1.0, 5.0]], [2], observed=0.0951)
    >>> print(report.findings[0].message)
    0.0951 is what comes of the loss in bits; the right call gives 0.0658839.

    References
    ----------
    PyTorch documentation, torch.nn.CrossEntropyLoss; Keras documentation, losses (from_logits);
    the chapter "My loss looks wrong" of the course.
    """
    framework = framework_called(framework)
    called, held = loss_given(loss)
    name, framework = loss_called(called, framework)
    arguments = known_arguments(held | call_arguments, name)
    number = None if observed is None else number_seen(observed)
    if framework == "sklearn" and name == "cross_entropy":
        name, targets = for_sklearn(name, outputs, targets)
    seen = look(outputs, "outputs"), look(targets, "targets")
    for one in seen:
        if isinstance(one, Unreadable):
            nothing = Seen(np.zeros(0), "float64", None)
            case = new_case(nothing, nothing, name, framework or "numpy", arguments)
            case.find(one.code, "error", 1.0, one.message + ".")
            return case.report()
    assert isinstance(seen[0], Seen)
    assert isinstance(seen[1], Seen)
    case = new_case(seen[0], seen[1], name, framework, arguments)
    case.guarded = "safe_" in called
    case.kind = kind_called(called)
    with np.errstate(all="ignore"):  # what overflows here is a finding, not a warning
        if settle(case):
            part_sizes(case)  # they must add up, also where no number was seen
            check_arguments(case)
            check_graph(case, outputs)
            (_binary if case.binary else _classes)(case, number)
            check_value(case)
    return case.report()


def _binary(case: Case, observed: float | None) -> None:
    facts = measure_binary(case)
    check_numbers(case, facts)
    check_binary(case, facts)
    check_exchanged(case, facts)
    check_binary_stuck(case, facts)
    check_pos_weight(case, facts)
    check_gamma(case, facts)
    candidates = binary_candidates(case)
    if observed is not None:
        match(case, candidates, observed)
    else:
        case.value = next(candidates).value


def _classes(case: Case, observed: float | None) -> None:
    usable = check_targets(case)
    if not usable:
        return
    facts = measure(case)
    check_numbers(case, facts)
    check_outputs(case, facts)
    check_class_weights(case, facts)
    check_gamma(case, facts)
    check_together(case, facts)
    check_stuck(case, facts)
    check_mixed(case, facts)
    rough = rough_value(case, facts)
    candidates = class_candidates(case)
    if observed is not None:
        match(case, candidates, observed, landmarks_of(case, facts), rough)
    else:
        case.value = rough.value if rough else next(candidates).value
