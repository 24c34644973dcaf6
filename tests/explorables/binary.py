"""The loss by PyTorch, its slope by PyTorch's autograd, the branches by SciPy."""

import scipy.special
import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def oracle(z, t, pos_weight):
    logit = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    target = torch.tensor(t, dtype=torch.float64)
    weight = torch.tensor(pos_weight, dtype=torch.float64)
    loss = binary_cross_entropy_with_logits(logit, target, pos_weight=weight)
    (slope,) = torch.autograd.grad(loss, logit)
    return {
        "q": scipy.special.expit(z),
        "yes": -pos_weight * t * scipy.special.log_expit(z),
        "no": -(1 - t) * scipy.special.log_expit(-z),
        "loss": loss.item(),
        "slope": slope.item(),
    }
