"""Rare answers, and several at once: fraud, topics, grades, in PyTorch."""

import torch

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, told


@healthy
def fraud_unweighted():
    return *nets.fraud(0), bce(steps=200)


@healthy
def fraud_with_the_right_weight():
    # positives are 3 percent; 97 / 3 is 32
    return *nets.fraud(1, 32.0), bce(pos_weight=torch.tensor(32.0), steps=200)


@healthy
def fraud_with_a_cautious_weight():
    return *nets.fraud(2, 5.0), bce(pos_weight=torch.tensor(5.0))


@healthy
def fraud_none_in_the_batch():
    z, y = nets.fraud(0)
    return z[y == 0][:128], y[y == 0][:128], bce()


@healthy
def fraud_by_the_sigmoid_focal_loss():
    z, y = nets.fraud(1)
    return z, y, told("sigmoid_focal_loss", gamma=2.0, alpha=0.25)


@healthy
def topics_forty_labels():
    return *nets.topics(0), bce()


@healthy
def topics_four_rows_bfloat16():
    z, y = nets.topics(1)
    return z[:4].bfloat16(), y[:4], bce()


@healthy
def topics_with_a_weight_for_each_label():
    z, y = nets.topics(2)
    ratio = (1 - y.mean(0)) / y.mean(0).clamp(min=1 / len(y))
    return z + 0.5 * ratio.log(), y, bce(pos_weight=ratio.sqrt())


@healthy
def topics_of_which_two_annotators_disagree():
    # a second annotator finds four labels in five again: targets of 0, 0.5 and 1
    z, y = nets.topics(0)
    second = y * (torch.rand(y.shape, generator=torch.Generator().manual_seed(1)) < 0.8)
    return 0.5 * z, (y + second) / 2, bce()


@healthy
def topics_where_each_row_happens_to_have_one():
    # several labels at once, and in this batch never more than one
    z, y = nets.topics(1)
    rows = (y.sum(1) == 1).nonzero()[:12, 0]
    return z[rows], y[rows], bce()


@healthy
def grades_as_thresholds_passed():
    return *nets.grades(0), bce()


@healthy
def grades_as_five_classes():
    # the thresholds' probabilities, made into classes': neighbours get most of what is not certain
    z, y = nets.grades(1)
    beyond = z.sigmoid().sort(dim=1, descending=True).values
    steps = torch.cat([torch.ones(len(z), 1), beyond, torch.zeros(len(z), 1)], dim=1)
    return (steps[:, :-1] - steps[:, 1:] + 1e-4).log(), y.sum(1).long(), ce()


@misuse("sigmoid-twice")
def sigmoid_of_topics():
    z, y = nets.topics(0)
    return z.sigmoid(), y, bce()


@misuse("logits-as-probabilities")
def topics_logits_into_binary_cross_entropy():
    z, y = nets.topics(1)
    return z, y, told("binary_cross_entropy", "numpy")


@misuse("binary-range")
def grades_without_their_thresholds():
    # the grade itself, 0 to 4, where yes and no are due
    z, y = nets.grades(0)
    return z[:, 1], y.sum(1), bce()


@misuse("binary-range")
def lesions_saved_as_grey_values():
    # a mask read from a PNG: 0 and 255
    z, y = nets.lesions(0)
    return z, 255 * y, bce()


@misuse("pos-weight-inverted")
def fraud_with_positives_over_negatives():
    z, y = nets.fraud(0)
    return z, y, bce(pos_weight=y.sum() / (1 - y).sum())


@misuse("pos-weight-inverted")
def topics_with_positives_over_negatives():
    z, y = nets.topics(0)
    return z, y, bce(pos_weight=y.sum(0) / (1 - y).sum(0))


@misuse("multi-hot", "target-sum")
def topics_under_the_softmax_loss():
    z, y = nets.topics(2)
    return z, y, ce()


@misuse("multi-hot", "target-sum")
def seven_bars_under_the_softmax_loss():
    z, y = nets.segments(1)
    return z[:32], y[:32], ce()


@unclear("pos-weight-inverted")
def a_weight_that_favours_the_common_answer():
    # fraud is 3 percent; a weight below 1 may be meant, to accuse nobody lightly
    return *nets.fraud(0, 0.5), bce(pos_weight=torch.tensor(0.5))
