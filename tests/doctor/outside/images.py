"""Digits and a small CNN, in PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.outside import nets
from doctor.outside.calls import ce, mixed, one_hot, smoothed, told


@healthy
def cnn_of_digits_at_the_end():
    return *nets.glyphs(), ce(steps=260)


@healthy
def cnn_of_digits_half_way():
    return *nets.glyphs(1, 30), ce(steps=30)


@healthy
def cnn_of_digits_after_four_steps():
    z, y = nets.glyphs(2, 4)
    return z[:64], y[:64], ce(steps=4)


@healthy
def cnn_of_digits_before_the_first_step():
    z, y = nets.glyphs(0, 0)
    return z[:128], y[:128], ce(steps=0)


@healthy
def cnn_of_digits_one_row():
    z, y = nets.glyphs(1)
    return z[7:8], y[7:8], ce()


@healthy
def cnn_of_digits_three_rows_bfloat16():
    z, y = nets.glyphs(2)
    return z[20:23].bfloat16(), y[20:23], ce()


@healthy
def cnn_of_digits_all_rows_float16():
    z, y = nets.glyphs(3)
    return z.half(), y, ce()


@healthy
def ten_rows_of_ten_digits():
    # as many rows as classes: either axis could be the classes', by its length
    z, y = nets.glyphs(0)
    return z[40:50], y[40:50], ce()


@healthy
def a_batch_of_threes_alone():
    z, y = nets.glyphs(1)
    return z[y == 3][:6], y[y == 3][:6], ce()


@healthy
def mixup_of_glyphs():
    # the logits are those of the pictures' mixture, nearly: this is what mixup trains towards
    z, y = nets.glyphs(1)
    return *mixed(0.4 * z, y, 10, seed=1), ce()


@healthy
def cutmix_with_one_share_for_the_batch():
    z, y = nets.glyphs(2)
    share, rows = 0.7, one_hot(y, 10)
    z = share * z + (1 - share) * z.flip(0)
    return 0.4 * z[:128], (share * rows + (1 - share) * rows.flip(0))[:128], ce()


@healthy
def smoothing_as_an_argument_on_glyphs():
    z, y = nets.glyphs(0)
    return 0.5 * z, y, ce(label_smoothing=0.1)


@healthy
def smoothed_rows_on_glyphs():
    z, y = nets.glyphs(3)
    return 0.5 * z, smoothed(y, 10, 0.1), ce()


@healthy
def one_hot_floats_on_glyphs():
    z, y = nets.glyphs(2)
    return z[:50], one_hot(y[:50], 10), ce()


@healthy
def sixty_digits_learned_by_heart():
    return *nets.memorised(0), ce(steps=300)


@healthy
def sixty_digits_learned_by_heart_bfloat16():
    z, y = nets.memorised(1)
    return z[:16].bfloat16(), y[:16], ce()


@healthy
def log_softmax_then_cross_entropy():
    # a second log_softmax changes nothing
    z, y = nets.glyphs(0)
    return z.log_softmax(1), y, ce()


@healthy
def log_softmax_then_nll():
    z, y = nets.glyphs(1)
    return z.log_softmax(1), y, told("nn.NLLLoss")


@healthy
def log_of_dropout_samples_mean_then_nll():
    z, y = nets.glyphs(1)
    draw = torch.Generator().manual_seed(0)
    samples = [(z + torch.randn(z.shape, generator=draw)).softmax(1) for _ in range(8)]
    return torch.stack(samples).mean(0).log(), y, told("F.nll_loss")


@healthy
def log_of_an_ensembles_mean_then_nll():
    # each seed has its own new rows, so the members are stages of one net
    members = [nets.glyphs(2, steps).z.softmax(1) for steps in (30, 260)]
    return torch.stack(members).mean(0).log(), nets.glyphs(2).y, told("F.nll_loss")


@healthy
def glyphs_as_eight_bit_integers_scaled_back():
    z, y = nets.glyphs(3)
    return (z / 0.25).round().clamp(-128, 127) * 0.25, y, ce()


@healthy
def glyphs_with_centred_rows():
    z, y = nets.glyphs(0)
    return z - z.mean(1, keepdim=True), y, ce()


@healthy
def glyphs_cooled_by_a_temperature():
    z, y = nets.glyphs(1)
    return z / 2.3, y, ce()


@healthy
def even_or_odd_from_ten_logits():
    # a coarse head: the logarithm of the sum over each group's classes
    z, y = nets.glyphs(2)
    coarse = torch.stack([z[:, 0::2].logsumexp(1), z[:, 1::2].logsumexp(1)], dim=1)
    return coarse, y % 2, ce()


@healthy
def focal_loss_of_glyphs():
    return *nets.glyphs(3, 30), told("focal_loss", gamma=2.0)


@healthy
def digits_with_a_tenth_of_the_labels_wrong():
    z, y = nets.glyphs(0)
    wrong = torch.rand(len(y), generator=torch.Generator().manual_seed(0)) < 0.1
    return 0.35 * z, torch.where(wrong, (y + 3) % 10, y), ce()


@healthy
def shares_are_all_that_can_be_learned():
    return *nets.noise(0), ce()


@misuse("double-softmax")
def softmax_of_glyphs():
    z, y = nets.glyphs(0)
    return z.softmax(1), y, ce()


@misuse("double-softmax")
def softmax_of_glyphs_bfloat16_batch_of_16():
    z, y = nets.glyphs(1, 30)
    return z[:16].softmax(1).bfloat16(), y[:16], ce()


@misuse("double-softmax")
def softmax_at_the_end_of_a_trained_net():
    z, y = nets.softmax_inside(0)
    loss = F.cross_entropy(z, y).item()
    return z, y, ce(observed=round(loss, 4), steps=260)


@misuse("double-softmax")
def softmax_of_what_was_learned_by_heart():
    # all sixty right and certain, and the loss at its floor, ln(1 + 9 / e)
    z, y = nets.memorised(0)
    q = z.softmax(1)
    return q, y, ce(observed=round(F.cross_entropy(q, y).item(), 3), steps=300)


@misuse("double-softmax")
def softmax_before_the_first_step():
    z, y = nets.glyphs(2, 0)
    return z[:32].softmax(1), y[:32], ce(steps=0)


@misuse("double-softmax")
def softmax_with_mixed_targets():
    z, y = nets.glyphs(3)
    z, rows = mixed(z, y, 10, seed=3)
    return z[:48].softmax(1), rows[:48], ce()


@misuse("double-softmax")
def mean_of_members_probabilities_as_logits():
    members = [nets.glyphs(1, steps).z.softmax(1) for steps in (30, 260)]
    return torch.stack(members).mean(0), nets.glyphs(1).y, ce()


@misuse("softmax-axis", "double-softmax")
def softmax_of_glyphs_over_the_batch():
    z, y = nets.glyphs(2)
    return z[:100].softmax(0), y[:100], ce()


@misuse("softmax-axis")
def log_softmax_over_the_batch_then_nll():
    z, y = nets.glyphs(0)
    return z[:64].log_softmax(0), y[:64], told("F.nll_loss")


@misuse("sigmoid-into-softmax")
def sigmoid_of_ten_classes():
    z, y = nets.glyphs(1)
    return z.sigmoid(), y, ce()


@misuse("probabilities-as-log")
def softmax_of_glyphs_then_nll():
    z, y = nets.glyphs(3)
    return z[:64].softmax(1), y[:64], told("nn.NLLLoss")


@misuse("logits-as-log")
def glyphs_straight_into_nll():
    z, y = nets.glyphs(2)
    return z, y, told("F.nll_loss", observed=F.nll_loss(z, y).item())


@misuse("logits-as-log")
def glyphs_half_way_straight_into_nll_half():
    z, y = nets.glyphs(0, 30)
    return z[:32].half(), y[:32], told("nn.NLLLoss")


@misuse("hard-predictions", "double-softmax")
def argmax_as_one_hot_logits():
    z, y = nets.glyphs(1)
    return one_hot(z.argmax(1), 10), y, ce()
