"""Weights, half precision, and losses that do not fall, in PyTorch."""

import torch

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, told


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
def wines_five_rows_double():
    z, y = nets.wine(1)
    return z[:5].double(), y[:5], ce()


@healthy
def tags_with_the_usual_weights():
    z, y = nets.tagged(0)
    return z, y, ce(weight=weights(y, 3))


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
def large_logits_in_bfloat16():
    z, y = nets.margins(0)
    return z[:32].bfloat16(), y[:32], ce()


@healthy
def noise_that_half_a_batch_cannot_explain():
    z, y = nets.noise(2)
    return z[:24], y[:24], ce()


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
    return *nets.margins(0), told("focal_loss", gamma=0.5)


@misuse("focal-gamma")
def focal_gamma_of_a_third_on_tags():
    z, y = nets.tagged(0)
    return z.movedim(1, -1).flatten(0, 1), y.flatten(), told("focal_loss", gamma=1 / 3)


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
def float16_spam_from_features_that_were_not_scaled():
    # lengths in characters, up to 15,841, go into the last layer as they are
    z, y = nets.spam(1)
    return (3000 * z).half(), y.half(), bce()


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


@unclear("weight-inverted")
def tags_weighted_towards_the_common_one():
    # the common tag counts twice: a plan, or upside down?
    z, y = nets.tagged(1)
    return z, y, ce(weight=torch.tensor([2.0, 1.0, 1.5]))
