"""Tags and preferences: other models of language, in PyTorch."""

import torch

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, told


@healthy
def tags_classes_second():
    return *nets.tagged(0), ce()


@healthy
def tags_flattened_and_weighted():
    z, y = nets.tagged(1)
    weight = torch.tensor([0.5, 2.0, 1.0])
    return z.movedim(1, -1).flatten(0, 1), y.flatten(), ce(weight=weight)


@healthy
def tags_of_one_line():
    z, y = nets.tagged(0)
    return z[:1], y[:1], ce()


@healthy
def a_line_as_long_as_it_has_tags():
    # (N, 3, 3): either axis could be the classes'
    z, y = nets.tagged(1)
    return z[:, :, 10:13], y[:, 10:13], ce()


@healthy
def a_pointer_to_the_start_of_the_long_word():
    # the places of a line as its classes; lines end at different places, beyond which is -inf
    z, y = nets.tagged(0)
    z, y = z[:, :, 10:24], y[:, 10:24]
    one = (y == 1).sum(1) == 1
    score, place = (z[:, 1] - z[:, 0].logaddexp(z[:, 2]))[one], (y[one] == 1).long().argmax(1)
    end = torch.maximum(place, torch.arange(len(place)) % 8 + 6)
    return score.masked_fill(torch.arange(14) > end[:, None], -torch.inf), place, ce()


@healthy
def moves_that_are_not_legal_at_minus_1e8():
    # soft targets, 0 for what is not legal, where the logits are large and finite: 0 times 1e8 is 0
    z, goal = (nets.letters(seed).z.flatten(0, 1)[:200] for seed in (0, 1))
    legal = torch.zeros_like(z).scatter(1, goal.topk(12).indices, 1.0) > 0
    goal = (goal / 1.5).masked_fill(~legal, -torch.inf).softmax(1)
    return (z / 1.5).masked_fill(~legal, -1e8), goal, ce()


@healthy
def two_experts_and_a_gate():
    z, _, y = nets.letters(0)
    logs = torch.stack([z, nets.letters(1).z]).log_softmax(-1)
    gate = (2 * logs.max(-1, keepdim=True).values).log_softmax(0)
    return (logs + gate).logsumexp(0).flatten(0, 1), y.flatten(), told("nn.NLLLoss")


@healthy
def preferences_as_pairs_of_scores():
    # column 0 is always the better answer: all labels are 0, as they should be
    return *nets.preferences(0), ce()


@healthy
def preferences_as_differences():
    z, _ = nets.preferences(1)
    difference = z[:, 0] - z[:, 1]
    return difference[:64], torch.ones(64), bce()


@healthy
def preferences_as_differences_smoothed():
    # conservative DPO: one preference in twenty may be a mistake
    z, _ = nets.preferences(0)
    difference = z[:, 0] - z[:, 1]
    return 0.8 * difference, torch.full_like(difference, 0.95), bce()


@healthy
def preferences_in_either_order():
    z, _ = nets.preferences(2)
    sign = torch.tensor([1.0, -1.0]).repeat(300)
    return sign * (z[:, 0] - z[:, 1]), (sign > 0).float(), bce()


@misuse("double-softmax")
def softmax_of_tags_two_lines():
    z, y = nets.tagged(0)
    return z[:2].softmax(1), y[:2], ce()


@misuse("class-axis")
def tags_classes_last_in_lines_of_three():
    z, y = nets.tagged(0)
    return z[:, :, 10:13].movedim(1, -1), y[:, 10:13], ce()


@misuse("swapped", "binary-range")
def preferences_and_their_ones_swapped():
    z, _ = nets.preferences(0)
    difference = z[:, 0] - z[:, 1]
    return torch.ones(600), difference, bce()


@unclear("mostly-ignored")
def one_tag_in_forty_counts():
    z, y = nets.tagged(0)
    y = y.clone()
    y[:, 1:] = -100
    return z, y, ce(ignore_index=-100)
