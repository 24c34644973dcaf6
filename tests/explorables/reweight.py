"""SciPy's bell curve and sigmoid, and PyTorch's own derivative of the loss."""

import numpy as np
import torch
from scipy.special import expit
from scipy.stats import norm


def oracle(share, weight, gamma, alpha):
    margins = -5 + 0.5 * np.arange(26) + 0.25
    frequent, rare = (norm.pdf(margins, mean, 1.5) for mean in (4, -1))
    amounts = np.stack([frequent / frequent.sum() * (1 - share), rare / rare.sum() * share])
    amounts *= [[1 - alpha], [alpha * weight]]
    found = {}
    for name, each in zip(("loss", "pull"), focal(margins, gamma), strict=True):
        shares = 100 * amounts * each / (amounts * each).sum()
        found[f"{name}_rare"] = shares[1].sum()
        found[f"{name}_easy"] = shares[:, expit(margins) > 0.5].sum()
    _, (hard, easy) = focal(np.log([1 / 9, 9]), gamma)
    return {**found, "hard_row": hard, "easy_row": easy}


def focal(margins, gamma):
    z = torch.tensor(margins, dtype=torch.float64, requires_grad=True)
    loss = torch.sigmoid(-z) ** gamma * torch.nn.functional.softplus(-z)
    loss.sum().backward()
    return loss.detach().numpy(), -z.grad.numpy()
