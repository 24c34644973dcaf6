"""Types, labels, weights, smoothing, half precision, and losses that do not fall: PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.set_aside import nets
from doctor.set_aside.calls import bce, ce, one_hot, smoothed, told


def weights(y, classes):
    """The usual ones: a rare class counts more."""
    return y.numel() / (classes * torch.bincount(y.flatten(), minlength=classes))


@healthy
def wines_at_the_end():
    return *nets.wine(0), ce(steps=60)


@healthy
def wines_after_six_steps():
    return *nets.wine(1, 6), ce(steps=6)


@healthy
def wines_before_the_first_step():
    return *nets.wine(2, 0), ce(steps=0)


@healthy
def wines_labels_as_bytes():
    # uint8 labels with cross_entropy are allowed in PyTorch for class maps read from images
    z, y = nets.wine(0)
    return z, y.to(torch.uint8).long(), ce()


@healthy
def wines_five_rows_double():
    z, y = nets.wine(1)
    return z[:5].double(), y[:5], ce()


@healthy
def tags_with_the_usual_weights():
    z, y = nets.tagged(0)
    return z, y, ce(weight=weights(y, 3))


@healthy
def noise_with_the_usual_weights():
    # what a net says that has learned the shares under weights that undo them: nearly even rows
    z, y = nets.noise(1)
    w = weights(y, 4)
    return z + w.log(), y, ce(weight=w)


@healthy
def digits_with_one_class_switched_off():
    # a weight of 0 for a class that is not to count
    z, y = nets.glyphs(0)
    weight = torch.ones(10)
    weight[8] = 0
    return z, y, ce(weight=weight)


@healthy
def focal_with_a_weight_for_each_tag():
    z, y = nets.tagged(1)
    z, y = z.movedim(1, -1).flatten(0, 1), y.flatten()
    return z, y, told("focal_loss", gamma=2.0, alpha=weights(y, 3))


@healthy
def teachers_rows_with_a_little_smoothing():
    # soft rows of a teacher, which no smoothing made, and an argument of 0.05
    z, _ = nets.student(0)
    return z / 4, (nets.glyphs(0).z / 4).softmax(1), ce(label_smoothing=0.05)


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


@healthy
def large_logits_in_bfloat16():
    z, y = nets.margins(0)
    return z[:32].bfloat16(), y[:32], ce()


@healthy
def noise_that_half_a_batch_cannot_explain():
    z, y = nets.noise(2)
    return z[:24], y[:24], ce(steps=200)


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


@misuse("label-column")
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
def tags_counted_from_one_with_a_class_to_spare():
    z, y = nets.glyphs(0)
    kept = y < 9
    return z[kept], y[kept] + 1, ce()


@misuse("labels-from-one", "label-range")
def digits_counted_from_one():
    z, y = nets.glyphs(1)
    return z, y + 1, ce()


@misuse("target-negative")
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
def smoothing_in_percent():
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


@misuse("weight-shape")
def a_weight_for_nine_of_ten_classes():
    z, y = nets.glyphs(3)
    return z, y, ce(weight=torch.ones(9))


@misuse("weight-shape")
def a_weight_for_each_row_as_that_of_the_classes():
    z, y = nets.wine(1)
    return z, y, ce(weight=torch.linspace(0.5, 1.5, len(y)))


@misuse("weight-value")
def a_weight_below_0():
    z, y = nets.wine(0)
    return z, y, ce(weight=torch.tensor([1.0, -1.0, 1.0]))


@misuse("weight-value")
def a_weight_of_one_over_no_rows():
    # no 8 among these rows: 1 / 0
    z, y = nets.glyphs(0)
    z, y = z[y != 8], y[y != 8]
    return z, y, ce(weight=1 / torch.bincount(y, minlength=10))


@misuse("weight-inverted")
def maps_weighted_by_their_counts():
    z, y = nets.scenes(0)
    return z, y, ce(weight=torch.bincount(y.flatten()) / y.numel())


@misuse("weight-inverted")
def noise_weighted_by_its_shares():
    z, y = nets.noise(0)
    return z, y, ce(weight=torch.bincount(y) / len(y))


@misuse("focal-gamma")
def focal_gamma_below_1_on_certain_rows():
    # where p rounds to 1, the slope is infinity times 0
    return *nets.glyphs(1), told("focal_loss", gamma=0.5)


@misuse("focal-gamma")
def focal_gamma_below_0():
    return *nets.wine(0), told("focal_loss", gamma=-2.0)


@misuse("focal-alpha", "weight-value")
def one_focal_alpha_for_all_classes():
    return *nets.glyphs(2, 30), told("focal_loss", gamma=2.0, alpha=0.25)


@misuse("focal-alpha", "weight-value", "pos-weight-inverted")
def a_focal_alpha_beyond_1():
    # the ratio of the classes, where a share is due: the weight of the others is below 0
    return *nets.fraud(0), told("sigmoid_focal_loss", gamma=2.0, alpha=32.0)


@misuse("not-finite")
def two_blank_pictures():
    # divided by their own maximum, which is 0
    z, y = nets.glyphs(3)
    z = z.clone()
    z[[4, 71]] = torch.nan
    return z, y, ce()


@misuse("not-finite")
def everything_nan_after_a_step_too_long():
    z, y = nets.wine(0)
    return torch.full_like(z, torch.nan), y, ce(observed=float("nan"))


@misuse("not-finite")
def an_infinite_score_in_float32():
    # a ratio with a count of 0 below the line, as a feature of the last layer
    z, y = nets.spam(0)
    z = z.clone()
    z[100] = torch.inf
    return z, y, bce()


@misuse("not-finite", "half-overflow")
def float16_logits_beyond_65504():
    # unscaled products of long vectors
    z, y = nets.glyphs(0)
    return (4000 * z).half(), y, ce()


@misuse("half-overflow", "not-finite")
def similarities_in_float16_divided_by_a_tiny_temperature():
    z, y = nets.twins(0)
    return (1e-4 * z).half() / torch.tensor(1e-8), y, ce()


@misuse("at-chance")
def an_optimizer_of_another_nets_parameters():
    return *nets.glyphs(1, 0), ce(steps=5000)


@misuse("at-chance")
def letters_whose_parameters_are_frozen():
    z, _, y = nets.letters(0, 0)
    return z.movedim(-1, 1), y, ce(steps=20000)


@misuse("constant-predictor")
def tags_from_features_that_are_zeros():
    return *nets.blind_tags(0), ce(steps=400)


@misuse("rows-mixed")
def pictures_shuffled_and_labels_not():
    z, y = nets.glyphs(2)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(3))
    return z[order], y, ce()


@misuse("shape")
def half_a_batch_of_labels():
    z, y = nets.glyphs(0)
    return z[:64], y[:32], ce()


@misuse("empty")
def a_last_batch_of_nothing():
    z, y = nets.wine(0)
    return z[:0], y[:0], ce()


@unclear("smoothing-large")
def half_of_each_label_shared_out():
    # against noisy labels on purpose, or a slip of the point?
    z, y = nets.glyphs(1)
    return 0.2 * z, y, ce(label_smoothing=0.5)


@unclear("weight-inverted")
def tags_weighted_towards_the_common_one():
    # the common tag counts twice: a plan, or upside down?
    z, y = nets.tagged(1)
    return z, y, ce(weight=torch.tensor([2.0, 1.0, 1.5]))
