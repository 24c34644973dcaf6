"""Numbers from a log or a screen that were averaged in another way."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.outside import nets
from doctor.outside.calls import bce, ce, one_hot, told
from doctor.outside.logs import each, rows


@healthy
def maps_as_seen_weighted():
    z, y = nets.scenes(0)
    weight = torch.tensor([0.2, 1.0, 1.0, 2.0])
    return z, y, ce(weight=weight, observed=round(F.cross_entropy(z, y, weight).item(), 5))


@healthy
def glyphs_row_by_row_and_averaged_by_hand():
    z, y = nets.glyphs(3)
    return z, y, ce(reduction="none", observed=round(each(z, y).mean().item(), 4))


@healthy
def equal_micro_batches_as_seen():
    # sixteen parts of the same size: the mean of their means is the mean
    z, y = rows(2)
    value = each(z, y).reshape(16, 60).mean(1).mean().item()
    return z, y, ce(micro_batches=[60] * 16, observed=round(value, 5))


@misuse("mean-of-means")
def documents_of_very_different_length():
    z, y = rows()
    sizes = [400, 20, 300, 40, 150, 50]
    value = np.mean([part.mean().item() for part in each(z, y).split(sizes)])
    return z, y, ce(micro_batches=sizes, observed=round(float(value), 5))


@misuse("mean-of-means")
def a_short_last_batch_of_glyphs():
    z, y = nets.glyphs(1)
    sizes = [64] * 9 + [21]
    value = np.mean([part.mean().item() for part in each(z, y).split(sizes)])
    return z, y, ce(micro_batches=sizes, observed=float(value))


@misuse("sum-not-mean")
def glyphs_summed():
    z, y = nets.glyphs(2)
    return z[:128], y[:128], ce(observed=round(each(z[:128], y[:128]).sum().item(), 3))


@misuse("sum-not-mean")
def spam_summed():
    z, y = nets.spam(2)
    value = F.binary_cross_entropy_with_logits(z[:500], y[:500], reduction="sum").item()
    return z[:500], y[:500], bce(observed=round(value, 3))


@misuse("class-mean")
def one_hot_rows_averaged_over_the_classes_as_well():
    # -(targets * log_q).mean(), and not .sum(1).mean()
    z, y = nets.glyphs(3)
    value = -(one_hot(y, 10) * z.log_softmax(1)).mean().item()
    return z, one_hot(y, 10), ce(observed=round(value, 6))


@misuse("class-mean")
def wines_by_hand_averaged_over_the_classes():
    z, y = nets.wine(0, 6)
    target = one_hot(y, 3)
    value = -(target * z.log_softmax(1)).mean().item()
    return z, target, told("softmax_cross_entropy", "numpy", observed=round(value, 5))


@misuse("weighted-mean")
def weights_divided_by_the_rows():
    z, y = nets.scenes(1)
    weight = torch.tensor([0.4, 2.0, 2.0, 3.0])
    value = (weight[y] * each(z, y)).mean().item()
    return z, y, ce(weight=weight, observed=round(value, 5))


@misuse("weighted-mean")
def tags_weighted_and_averaged_by_hand():
    z, y = nets.tagged(0)
    weight = torch.tensor([0.5, 4.0, 1.5])
    value = each(z, y, weight=weight).mean().item()
    return z, y, ce(weight=weight, observed=round(value, 4))


@misuse("weight-dropped")
def weights_of_tags_that_never_arrived():
    z, y = nets.tagged(1)
    weight = torch.tensor([0.3, 5.0, 1.0])
    return z, y, ce(weight=weight, observed=round(F.cross_entropy(z, y).item(), 5))


@misuse("weight-dropped")
def a_pos_weight_that_never_arrived():
    z, y = nets.fraud(0, 5.0)
    value = F.binary_cross_entropy_with_logits(z, y).item()
    return z, y, bce(pos_weight=torch.tensor(5.0), observed=round(value, 5))


@misuse("ignored-in-mean")
def padding_counted_as_rows_without_loss():
    z, y = rows()
    y = torch.where(torch.arange(len(y)) % 40 > 24, torch.full_like(y, -100), y)
    return z, y, ce(ignore_index=-100, observed=round(each(z, y).mean().item(), 4))


@misuse("ignored-in-mean")
def void_pixels_counted_as_pixels_without_loss():
    z, y = nets.scenes(2)
    y = y.clone()
    y[:, :3] = 255
    value = each(z, y, ignore_index=255).mean().item()
    return z, y, ce(ignore_index=255, observed=value)


@misuse("smoothing-dropped")
def smoothing_that_never_arrived():
    z, y = rows(2)
    return z, y, ce(label_smoothing=0.1, observed=round(F.cross_entropy(z, y).item(), 4))


@misuse("focal-weighted-pt")
def focal_factor_from_a_weighted_loss():
    z, y = nets.glyphs(2, 30)
    alpha = torch.tensor([1.0, 2.0, 1.0, 2.0, 1.0, 0.5, 1.0, 0.5, 3.0, 1.0])
    loss = each(z, y, weight=alpha)
    value = ((1 - torch.exp(-loss)) ** 2 * loss).mean().item()
    return z, y, told("focal_loss", gamma=2.0, alpha=alpha, observed=round(value, 5))


@misuse("focal-weighted-pt")
def focal_factor_from_a_weighted_loss_of_tags():
    z, y = (a.movedim(1, -1).flatten(0, 1) if a.ndim > 2 else a.flatten() for a in nets.tagged(1))
    alpha = torch.tensor([0.5, 3.0, 1.0])
    loss = each(z, y, weight=alpha)
    value = ((1 - torch.exp(-loss)) ** 1.5 * loss).mean().item()
    return z, y, told("focal_loss", gamma=1.5, alpha=alpha, observed=round(value, 6))
