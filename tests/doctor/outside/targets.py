"""Types of labels, rows of targets, smoothing, in PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import ce, one_hot, smoothed, told


@healthy
def wines_labels_as_bytes():
    # PyTorch takes bytes for class indices, as it does longs
    z, y = nets.wine(0)
    return z, y.to(torch.uint8), ce()


@healthy
def kl_to_the_labels_smoothed():
    z, y = nets.glyphs(1)
    rows = smoothed(y, 10, 0.1)
    return (0.5 * z).log_softmax(1), rows, told("F.kl_div", reduction="batchmean")


@healthy
def kl_to_one_hot_rows():
    # 0 log 0 is 0
    z, y = nets.wine(0)
    return z.log_softmax(1), one_hot(y, 3), told("nn.KLDivLoss", reduction="batchmean")


@healthy
def kl_summed():
    (z, _), teacher = nets.student(1), nets.glyphs(1).z
    return z[:64].log_softmax(1), teacher[:64].softmax(1), told("F.kl_div", reduction="sum")


@misuse("label-type")
def labels_as_floats():
    # read from a table of floats
    z, y = nets.wine(0)
    return z, y.float(), ce()


@misuse("label-type")
def labels_as_int32():
    z, y = nets.glyphs(0)
    return z[:64], y[:64].int(), ce()


@misuse("label-type")
def labels_of_letters_as_floats():
    z, _, y = nets.letters(0)
    return z.movedim(-1, 1), y.float(), ce()


@misuse("label-column")
def labels_as_a_column():
    z, y = nets.glyphs(1)
    return z[:32], y[:32, None], ce()


@misuse("label-column", "shape")
def masks_with_a_channel():
    z, y = nets.scenes(0)
    return z, y[:, None], ce()


@misuse("integer-one-hot")
def one_hot_of_integers():
    z, y = nets.glyphs(2)
    return z, F.one_hot(y, 10), ce()


@misuse("integer-one-hot")
def one_hot_maps_of_integers():
    z, y = nets.scenes(1)
    return z, F.one_hot(y, 4).movedim(-1, 1), ce()


@misuse("labels-from-one", "class-order")
def glyphs_counted_from_one_with_a_class_to_spare():
    z, y = nets.glyphs(0)
    kept = y < 9
    return z[kept], y[kept] + 1, ce()


@misuse("labels-from-one", "label-range")
def digits_counted_from_one():
    z, y = nets.glyphs(1)
    return z, y + 1, ce()


@misuse("target-negative", "target-sum")
def targets_standardised_with_the_features():
    z, y = nets.glyphs(2)
    rows = one_hot(y, 10)
    return z[:64], ((rows - rows.mean(0)) / rows.std(0))[:64], ce()


@misuse("target-negative")
def smoothing_subtracted_once_too_often():
    z, y = nets.wine(0)
    return z, 1.1 * one_hot(y, 3) - 0.1 / 3, ce()


@misuse("target-sum")
def smoothing_added_and_nothing_taken():
    z, y = nets.glyphs(3)
    return z, (one_hot(y, 10) + 0.05).clamp(max=1), ce()


@misuse("target-sum")
def votes_not_divided():
    # counts of five annotators
    z, y = nets.wine(1)
    votes = torch.distributions.Multinomial(5, logits=2 * one_hot(y, 3))
    torch.manual_seed(0)
    return z, votes.sample(), ce()


@misuse("swapped")
def target_before_input():
    z, y = nets.glyphs(0)
    return one_hot(y, 10), z, ce()


@misuse("swapped")
def divergence_with_the_truth_first():
    (z, _), teacher = nets.student(0), nets.glyphs(0).z
    p, log_q = (teacher / 2).softmax(1), (z / 2).log_softmax(1)
    return p, log_q, told("F.kl_div", reduction="batchmean")


@misuse("smoothing-range")
def smoothing_below_0():
    z, y = nets.glyphs(1)
    return z, y, ce(label_smoothing=-0.1)


@misuse("smoothing-range")
def smoothing_of_wines_in_percent():
    z, y = nets.wine(0)
    return z, y, ce(label_smoothing=10.0)


@misuse("smoothing-large")
def the_share_that_stays_as_smoothing():
    # 0.9 and 0.1 confused
    z, y = nets.glyphs(2)
    return z, y, ce(label_smoothing=0.9)


@misuse("smoothing-twice")
def smoothed_by_the_loader_and_by_the_loss():
    z, y = nets.glyphs(0)
    return 0.5 * z, smoothed(y, 10, 0.1), ce(label_smoothing=0.1)


@misuse("smoothing-twice")
def tags_smoothed_twice_a_few_rows():
    z, y = nets.tagged(0)
    z, y = z.movedim(1, -1).flatten(0, 1)[:40], y.flatten()[:40]
    return 0.6 * z, smoothed(y, 3, 0.05), ce(label_smoothing=0.05)


@unclear("smoothing-large")
def half_of_each_label_shared_out():
    # against noisy labels on purpose, or a slip of the point?
    z, y = nets.glyphs(1)
    return 0.2 * z, y, ce(label_smoothing=0.5)
