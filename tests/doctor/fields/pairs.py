"""Calls on pairs: contrastive learning, margins, ranking, rewards, policies."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import digits
from doctor.fields.views import collapsed, margin, preferences, two_views

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}


def difference(seed=0, rows=None, **settings):
    """The reward of the chosen answer less that of the rejected one: the logit of Bradley-Terry."""
    rewards = preferences(seed, **settings)[:rows]
    return rewards[:, 0] - rewards[:, 1]


def same_class(seed=0, size=64):
    """Similarities of pictures, and which others show the same digit."""
    (z, y), _ = digits(seed)
    a = F.normalize(z[:size])
    same = (y[:size, None] == y[:size]).float()
    return a @ a.T / 0.2, same * (1 - torch.eye(size))


def list_scores(seed=0):
    """Queries with eight candidates each: scores, and relevance from 0 to 3."""
    (z, y), _ = digits(seed, steps=60)
    scores = z[:40, :8]
    distance = (torch.arange(8) - y[:40, None]).abs()
    return scores, (3 - distance).clamp(min=0).float()


# healthy


@healthy
def left_and_right_halves_as_clip_does():
    z, y = two_views(0)
    return z, y, {**CE, "observed": F.cross_entropy(z, y).item()}


@healthy
def the_other_direction_of_clip():
    z, y = two_views(1)
    return z.T, y, CE


@healthy
def four_pairs_in_a_batch():
    z, y = two_views(0, size=4)
    return z, y, CE


@healthy
def a_cold_temperature_of_a_hundredth():
    z, y = two_views(2, temperature=0.01)
    return z, y, CE


@healthy
def cosines_before_the_first_step():
    z, y = two_views(3, steps=0, temperature=1.0)
    return z, y, {**CE, "steps": 1}


@healthy
def queues_whose_label_is_always_zero():
    # MoCo: the match is in the first column, by construction
    s, _ = two_views(0, size=64)
    z = torch.cat([s.diagonal()[:16, None], s[:16, 16:]], 1)
    return z, torch.zeros(16, dtype=torch.long), CE


@healthy
def one_passage_and_seven_hard_negatives():
    s, _ = two_views(1, size=32)
    z = torch.stack([s[i, [i, *((i + k) % 32 for k in range(1, 8))]] for i in range(6)])
    return z, torch.zeros(6, dtype=torch.long), CE


@healthy
def two_crops_with_the_diagonal_masked():
    # SimCLR: 2N rows, each must find its other crop, and must not find itself
    s, _ = two_views(0, size=16)
    z = torch.cat([torch.cat([s, s], 1), torch.cat([s.T, s.T], 1)])
    z = z.masked_fill(torch.eye(32, dtype=torch.bool), -1e9)
    return z, (torch.arange(32) + 16) % 32, CE


@healthy
def two_crops_with_the_diagonal_at_minus_infinity():
    s, _ = two_views(1, size=8)
    z = torch.cat([torch.cat([s, s], 1), torch.cat([s.T, s.T], 1)])
    z = z.masked_fill(torch.eye(16, dtype=torch.bool), -torch.inf)
    return z.half(), (torch.arange(16) + 8) % 16, CE


@healthy
def supervised_contrast_with_shares():
    s, same = same_class(0)
    z = s.masked_fill(torch.eye(64, dtype=torch.bool), -1e9)
    return z, same / same.sum(1, keepdim=True), CE


@healthy
def every_pair_a_question_as_siglip():
    # one match among 32 in each row; SigLIP starts at a bias of -10
    s, _ = two_views(0)
    return s * 2 - 10, torch.eye(32), BCE


@healthy
def a_margin_and_a_scale_of_64():
    z, y = margin(0)
    return z, y, {**CE, "observed": round(F.cross_entropy(z, y).item(), 4)}


@healthy
def a_margin_in_bfloat16():
    z, y = margin(1, scale=30.0)
    return z[:24].bfloat16(), y[:24], CE


@healthy
def rewards_whose_targets_are_all_one():
    # Bradley-Terry by the binary loss: the chosen answer comes first, so every target is 1
    z = difference(0)
    return z, torch.ones_like(z), BCE


@healthy
def chosen_and_rejected_as_two_classes():
    rewards = preferences(1)
    return rewards, torch.zeros(len(rewards), dtype=torch.long), CE


@healthy
def direct_preferences_at_the_first_step():
    # the policy still is its reference, so every logit is 0 and the loss ln 2
    z = 0.1 * (difference(0, 8) - difference(0, 8))
    return z, torch.ones_like(z), {**BCE, "steps": 1, "observed": 0.6931}


@healthy
def direct_preferences_after_a_few_steps():
    z = 0.1 * difference(0, 8, steps=20)
    return z, torch.ones_like(z), BCE


@healthy
def preferences_of_which_a_tenth_is_wrong():
    z = difference(1)
    return z, torch.full_like(z, 0.9), BCE


@healthy
def lists_against_a_softmax_of_relevance():
    scores, relevance = list_scores(0)
    return scores / 4, relevance.softmax(-1), CE


@healthy
def lists_of_unequal_length():
    scores, relevance = list_scores(1)
    size = torch.randint(3, 9, (40,), generator=torch.Generator().manual_seed(1))
    scores = scores.masked_fill(torch.arange(8) >= size[:, None], torch.finfo(torch.float32).min)
    best = relevance.masked_fill(torch.arange(8) >= size[:, None], -1).argmax(1)
    return scores, best, CE


@healthy
def actions_of_which_some_are_illegal():
    (z, _), _ = digits(2)
    z = z[:50] / 4
    legal = torch.rand(z.shape, generator=torch.Generator().manual_seed(2)) < 0.5
    legal[:, 0] = True
    z = z.masked_fill(~legal, -1e8)
    action = torch.multinomial(z.softmax(-1), 1, generator=torch.Generator().manual_seed(3))
    return z, action.squeeze(1), CE


# misused


@misuse("double-softmax")
def similarities_after_a_softmax():
    z, y = two_views(0)
    return z.softmax(-1), y, CE


@misuse("integer-one-hot")
def an_identity_matrix_of_whole_numbers():
    z, _ = two_views(1)
    return z, torch.eye(32).long(), CE


@misuse("multi-hot", "target-sum")
def same_classes_without_a_share():
    s, same = same_class(1)
    return s, same + torch.eye(64), CE


@misuse("masked-one-hot", "masked-target")
def shares_of_same_classes_with_a_masked_diagonal():
    # the diagonal is -inf and its target 0, and 0 * inf is nan
    s, same = same_class(2)
    z = s.masked_fill(torch.eye(64, dtype=torch.bool), -torch.inf)
    return z, same / same.sum(1, keepdim=True), CE


@misuse("masked-target")
def two_crops_whose_labels_name_the_diagonal():
    s, y = two_views(1)
    return s.masked_fill(torch.eye(32, dtype=torch.bool), -torch.inf), y, CE


@misuse("half-overflow", "not-finite")
def dot_products_in_half_precision_over_a_temperature():
    # embeddings that nobody normalised, divided by 0.01 in float16: beyond 65504
    (z, _), _ = digits(1)
    a = z[:24].half()
    return (a @ a.T) / 0.01, torch.arange(24), CE


@misuse("binary-range")
def siglips_signs_for_a_binary_loss():
    s, _ = two_views(0)
    return s * 2 - 10, 2 * torch.eye(32) - 1, BCE


@misuse("single-class")
def a_cross_encoder_of_one_score():
    z = preferences(0)[:16].reshape(-1, 1)
    return z, torch.tensor([1, 0] * 16), CE


@misuse("single-class")
def rewards_one_at_a_time():
    z = difference(1, 24)[:, None]
    return z, torch.zeros(24, dtype=torch.long), {**CE, "observed": 0.0}


@misuse("broadcast")
def rewards_in_a_column_against_a_row():
    z = difference(0, 32)[:, None].numpy()
    told = {"loss": "binary_cross_entropy_with_logits", "framework": "numpy"}
    return z, np.full(32, 0.9), told


@misuse("swapped")
def relevance_first_and_scores_second():
    scores, relevance = list_scores(0)
    return relevance.softmax(-1), scores, CE


@misuse("target-sum", "multi-hot")
def lists_against_their_grades():
    scores, relevance = list_scores(1)
    return scores, relevance, CE


@misuse("masked-target")
def an_action_that_the_mask_forbids():
    (z, y), _ = digits(3)
    z = z[:40].clone()
    z[::2, 5:] = -torch.inf
    return z, y[:40], CE


@misuse("at-chance")
def views_that_collapsed():
    # learned without negatives: every picture looks alike, and the loss is that of 32 guesses
    z, y = collapsed(0)
    return z, y, {**CE, "steps": 400, "observed": F.cross_entropy(z, y).item()}


@misuse("log-as-probabilities", "logits-as-probabilities")
def log_policy_where_probabilities_are_due():
    (z, y), _ = digits(4)
    told = {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}
    return z[:64].log_softmax(-1), y[:64], told


@misuse("sum-not-mean")
def the_sum_over_the_pairs_of_a_batch():
    z, y = two_views(0)
    return z, y, {**CE, "observed": F.cross_entropy(z, y, reduction="sum").item()}


@misuse("naive-softmax", "not-finite")
def exponentials_of_similarities_in_half_precision():
    # exp(12) is beyond float16, and inf / inf is nan
    z, y = two_views(2, temperature=0.05)
    z = z.half()
    e = z.exp()
    seen = -(e[y, y] / e.sum(1)).log().mean().item()
    return z, y, {**CE, "observed": seen}


# what nobody can tell


@unclear("sigmoid-twice")
def rewards_between_0_and_1_with_targets_of_one():
    # the probabilities of preferring the first of four: differences of rewards may look the same
    z = difference(0, 4, steps=40)
    return z.sigmoid(), torch.ones(4), BCE


@unclear("at-chance")
def all_rewards_equal_and_nobody_says_when():
    # a head that starts at zero, or one that never learned: how many steps?
    z = 0 * preferences(1)
    return z, torch.arange(len(z)) % 2, {**CE, "observed": 0.6931}
