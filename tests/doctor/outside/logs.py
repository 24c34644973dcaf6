"""Numbers from a log or a screen, and what they were."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, one_hot, told


def rows(seed=0):
    """Letters as rows: 960 outputs and targets."""
    z, _, y = nets.letters(seed)
    return z.flatten(0, 1), y.flatten()


def each(z, y, **more):
    return F.cross_entropy(z, y, reduction="none", **more)


@healthy
def glyphs_as_seen_three_decimals():
    z, y = nets.glyphs(0)
    return z, y, ce(observed=round(F.cross_entropy(z, y).item(), 3))


@healthy
def glyphs_as_seen_all_digits():
    z, y = nets.glyphs(1, 30)
    return z, y, ce(observed=F.cross_entropy(z, y).item())


@healthy
def untrained_glyphs_as_seen_two_decimals():
    z, y = nets.glyphs(1, 0)
    return z, y, ce(observed=round(F.cross_entropy(z, y).item(), 2), steps=0)


@healthy
def letters_as_seen_smoothed():
    z, y = rows()
    value = F.cross_entropy(z, y, label_smoothing=0.1).item()
    return z, y, ce(label_smoothing=0.1, observed=round(value, 4))


@healthy
def letters_as_seen_padded():
    z, y = rows(1)
    y = torch.where(torch.arange(len(y)) % 40 > 30, torch.full_like(y, -100), y)
    return z, y, ce(ignore_index=-100, observed=round(F.cross_entropy(z, y).item(), 4))


@healthy
def spam_as_seen_with_a_weight():
    z, y = nets.spam(0, 15)
    weight = torch.tensor(1.5)
    value = F.binary_cross_entropy_with_logits(z, y, pos_weight=weight).item()
    return z, y, bce(pos_weight=weight, observed=round(value, 4))


@healthy
def glyphs_as_seen_the_sum_was_asked_for():
    z, y = nets.glyphs(2)
    value = F.cross_entropy(z, y, reduction="sum").item()
    return z, y, ce(reduction="sum", observed=round(value, 2))


@healthy
def glyphs_as_seen_from_a_bfloat16_run():
    # the loss was computed in float32 from bfloat16 logits, as autocast does
    z, y = nets.glyphs(0, 30)
    z = z.bfloat16()
    return z, y, ce(observed=round(F.cross_entropy(z.float(), y).item(), 3))


@healthy
def a_student_as_seen():
    (z, _), teacher = nets.student(0), nets.glyphs(0).z
    log_q, p = (z / 4).log_softmax(1), (teacher / 4).softmax(1)
    value = F.kl_div(log_q, p, reduction="batchmean").item()
    return log_q, p, told("F.kl_div", reduction="batchmean", observed=round(value, 4))


@healthy
def perplexity_of_a_padded_text_as_seen():
    z, y = rows(1)
    y = torch.where(torch.arange(len(y)) % 40 > 33, torch.full_like(y, -100), y)
    value = F.cross_entropy(z, y).exp().item()
    return z, y, told("perplexity", ignore_index=-100, observed=round(value, 2))


@healthy
def two_thirds_as_seen():
    # 0.69 is near ln 2, and here it is an honest loss of ten classes
    z, y = nets.glyphs(3, 30)
    return z[:277], y[:277], ce(observed=round(F.cross_entropy(z[:277], y[:277]).item(), 2))


@misuse("bits")
def letters_in_bits():
    z, y = rows()
    return z, y, ce(observed=round(F.cross_entropy(z, y).item() / np.log(2), 4))


@misuse("bits")
def spam_in_bits():
    z, y = nets.spam(1, 15)
    value = F.binary_cross_entropy_with_logits(z, y).item() / np.log(2)
    return z, y, bce(observed=round(value, 4))


@misuse("perplexity-for-loss")
def letters_perplexity_in_the_column_of_losses():
    z, y = rows(1)
    return z, y, ce(observed=round(F.cross_entropy(z, y).exp().item(), 3))


@misuse("perplexity-base")
def two_to_the_nats():
    z, y = rows()
    return z, y, told("perplexity", observed=round(2 ** F.cross_entropy(z, y).item(), 4))


@misuse("perplexity-base")
def e_to_the_bits():
    z, y = rows(2)
    value = np.exp(F.cross_entropy(z, y).item() / np.log(2))
    return z, y, told("perplexity", observed=round(value, 3))


@misuse("perplexity-mean")
def mean_of_each_letters_perplexity():
    z, y = rows(1)
    kept = each(z, y) < 6
    z, y = z[kept], y[kept]
    return z, y, told("perplexity", observed=round(each(z, y).exp().mean().item(), 3))


@misuse("smoothing-variant")
def smoothing_shared_by_the_other_classes_alone():
    z, y = nets.glyphs(1, 30)
    p = one_hot(y, 10)
    p = 0.8 * p + 0.2 / 9 * (1 - p)
    value = F.cross_entropy(z, p).item()
    return z, y, ce(label_smoothing=0.2, observed=round(value, 4))


@misuse("clipped")
def logarithms_of_probabilities_plus_epsilon():
    # log(softmax + 1e-7), and a few rows are certain and wrong
    z, y = nets.glyphs(0)
    z = 10 * z
    value = -(z.softmax(1) + 1e-7).log()[torch.arange(len(y)), y].mean().item()
    return z, y, ce(observed=round(value, 4))


@misuse("clipped", "saturated")
def keras_clip_of_certain_mistakes():
    z, y = nets.spam(0)
    q = (6 * z).sigmoid()
    value = F.binary_cross_entropy(q.clamp(1e-7, 1 - 1e-7), y).item()
    return q.numpy(), y.numpy(), told("BinaryCrossentropy", "keras", observed=round(value, 4))


@misuse("naive-softmax", "not-finite")
def the_logarithm_of_a_softmax_that_was_0():
    z, y = nets.glyphs(1)
    z = 40 * z  # probabilities below the smallest float32
    value = -z.softmax(1).log()[torch.arange(len(y)), y].mean().item()
    return z, y, ce(observed=value)


@misuse("logits-as-log", "negative-loss")
def a_negative_loss_of_wines():
    z, y = nets.wine(1)
    return z, y, told("nn.NLLLoss", observed=round(F.nll_loss(z, y).item(), 4))


@misuse("binary-range", "negative-loss")
def a_negative_loss_of_spam():
    z, y = nets.spam(1)
    t = 2 * y - 1
    value = F.binary_cross_entropy_with_logits(z, t).item()
    return z, t, bce(observed=round(value, 3))


@misuse("half-mean", "half-overflow")
def a_sum_of_losses_in_float16():
    # each loss is near ln 29, and the sum of 24,000 is beyond 65504
    z, y = nets.many_letters(0)
    total = each(z.float(), y).half().sum()
    return z, y, ce(observed=(total / len(y)).item(), steps=0)


@unclear("unexplained")
def a_loss_of_another_batch():
    z, y = nets.glyphs(0, 30)
    return z[:200], y[:200], ce(observed=round(F.cross_entropy(z[200:], y[200:]).item(), 5))


@unclear("unexplained")
def a_running_mean_of_the_epoch():
    # what a progress bar shows: the mean over the steps so far, of a model that was worse then
    y = nets.glyphs(1).y
    value = np.mean([F.cross_entropy(nets.glyphs(1, n).z, y).item() for n in (0, 4, 30)])
    return nets.glyphs(1, 30).z, y, ce(observed=round(float(value), 4))
