"""How the calls of this corpus are told to `examine`."""

import torch
import torch.nn.functional as F


def told(loss, framework="torch", **more):
    return {"loss": loss, "framework": framework, **more}


def ce(**more):
    return told("F.cross_entropy", **more)


def bce(**more):
    return told("nn.BCEWithLogitsLoss", **more)


def one_hot(y, classes):
    """Floating rows."""
    return F.one_hot(y.long(), classes).float()


def smoothed(y, classes, share):
    """One-hot rows, smoothed."""
    return (1 - share) * one_hot(y, classes) + share / classes


def mixed(z, y, classes, seed):
    """Mixup's targets for rows of which each is mixed with another; the outputs move likewise."""
    draw = torch.Generator().manual_seed(seed)
    share = 0.6 + 0.4 * torch.rand(len(z), 1, generator=draw)
    other = torch.randperm(len(z), generator=draw)
    rows = one_hot(y, classes)
    return share * z + (1 - share) * z[other], share * rows + (1 - share) * rows[other]
