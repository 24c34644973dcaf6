"""What made the outputs: PyTorch's graph of gradients names the last operation before the loss.

Early in a training the numbers cannot tell a sigmoid from small logits. The graph can.
"""

from __future__ import annotations

from typing import Any

from xentlib.doctor._case import Case

# These leave the numbers as they are, but for their shape, their type, and a clip at the ends.
PASSING = {
    "Alias", "Clamp", "ClampMax", "ClampMin", "Clone", "Expand", "Index", "NanToNum", "Permute",
    "ReshapeAlias", "Select", "Slice", "Split", "Squeeze", "T", "ToCopy", "Transpose", "Unbind",
    "UnsafeView", "Unsqueeze", "View",
}  # fmt: skip
# What a loss takes, and of what; the operation; the code of the finding.
WRONG = {
    ("logits", "Sigmoid", True): "sigmoid-twice",
    ("logits", "Softmax", True): "double-softmax",
    ("logits", "Softmax", False): "double-softmax",
    ("logits", "Sigmoid", False): "sigmoid-into-softmax",
    ("logs", "Softmax", False): "probabilities-as-log",
    ("logs", "Sigmoid", False): "probabilities-as-log",
    ("probabilities", "LogSigmoid", True): "log-as-probabilities",
    ("probabilities", "LogSoftmax", True): "log-as-probabilities",
    ("probabilities", "LogSoftmax", False): "log-as-probabilities",
}


def check_graph(case: Case, outputs: Any) -> None:
    """Compare what made the outputs with what the loss takes."""
    made_by = last_operation(getattr(outputs, "grad_fn", None))
    if not made_by:
        return
    case.checked.append(f"the last operation before the loss, {made_by}")
    code = WRONG.get((case.takes, made_by, case.binary))
    if code:
        case.find(
            code,
            "error",
            1.0,
            f"The last operation before the loss is {made_by}, as the graph of gradients has it; "
            f"the loss takes {case.wanted}.",
            last_operation=made_by,
        )


def last_operation(node: Any) -> str:
    """Return what PyTorch calls the operation behind a node, or nothing."""
    while node is not None:
        name = type(node).__name__.partition("Backward")[0]
        if name not in PASSING:
            return name
        node = node.next_functions[0][0]
    return ""
