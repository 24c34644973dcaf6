"""Yes or no: spam and tumours, in PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, one_hot, told


@healthy
def spam_as_one_logit():
    return *nets.spam(0), bce(steps=200)


@healthy
def spam_after_fifteen_steps():
    z, y = nets.spam(1, 15)
    return z[:64], y[:64], bce(steps=15)


@healthy
def spam_before_the_first_step():
    z, y = nets.spam(0, 0)
    return z[:64], y[:64], bce(steps=0)


@healthy
def spam_as_columns_of_logits_and_targets():
    z, y = nets.spam(2)
    return z[:, None], y[:, None], bce()


@healthy
def spam_two_mails():
    z, y = nets.spam(0)
    return z[10:12], y[10:12], bce()


@healthy
def spam_eight_mails_float16():
    z, y = nets.spam(1)
    return z[:8].half(), y[:8].half(), bce()


@healthy
def spam_all_of_a_batch_wanted_mail():
    z, y = nets.spam(2)
    return z[y == 0][:16], y[y == 0][:16], bce()


@healthy
def spam_as_probabilities():
    # float64, so that no sigmoid rounds to 1
    z, y = nets.spam(0)
    return z.double().sigmoid(), y.double(), told("nn.BCELoss")


@healthy
def spam_as_probabilities_float32_a_few():
    z, y = nets.spam(1, 15)
    return z[:40].sigmoid(), y[:40], told("F.binary_cross_entropy")


@healthy
def spam_logits_near_the_threshold():
    # the doubtful mails alone, of which some logits lie between 0 and 1, as probabilities would
    z, y = nets.spam(0)
    doubtful = (z.abs() < 1.5).nonzero()[:, 0][:40]
    return z[doubtful], y[doubtful], bce()


@healthy
def spam_two_logits_between_0_and_1():
    z, y = nets.spam(1, 15)
    rows = ((z > 0) & (z < 1)).nonzero()[:2, 0]
    return z[rows], y[rows], bce()


@healthy
def spam_smoothed_by_hand():
    z, y = nets.spam(2)
    return 0.5 * z, 0.9 * y + 0.05, bce()


@healthy
def spam_with_the_weight_of_its_shares():
    z, y = nets.spam(1)
    ratio = (1 - y.mean()) / y.mean()
    return z + ratio.log(), y, bce(pos_weight=ratio)


@healthy
def spam_as_two_logits_made_of_one():
    z, y = nets.spam(0)
    return torch.stack([torch.zeros_like(z), z], dim=1), y.long(), ce()


@healthy
def tumours_as_two_logits():
    return *nets.tumours(0), ce(steps=80)


@healthy
def tumours_as_the_difference_of_two_logits():
    z, y = nets.tumours(1)
    return z[:, 1] - z[:, 0], y.float(), bce()


@healthy
def tumours_weighted_by_class_small_batch():
    z, y = nets.tumours(2)
    return z[:8], y[:8], ce(weight=torch.tensor([1.3, 0.8]))


@healthy
def tumours_one_hot_under_the_binary_loss_of_two_labels():
    # "benign" and "malignant" as labels of their own: a plan, if a wasteful one
    z, y = nets.tumours(0)
    margin = z[:, 1] - z[:, 0]
    return torch.stack([-margin, margin], dim=1), one_hot(y, 2), bce()


@healthy
def one_class_against_the_rest():
    z, y = nets.glyphs(0)
    return z[:, 3] - z[:, [0, 1, 2, 4, 5, 6, 7, 8, 9]].logsumexp(1), (y == 3).float(), bce()


@misuse("sigmoid-twice")
def sigmoid_of_spam():
    z, y = nets.spam(0)
    return z.sigmoid(), y, bce()


@misuse("sigmoid-twice")
def sigmoid_of_spam_columns_bfloat16():
    z, y = nets.spam(1, 15)
    return z[:128, None].sigmoid().bfloat16(), y[:128, None], bce()


@misuse("sigmoid-twice")
def sigmoid_of_spam_with_what_was_seen():
    z, y = nets.spam(2)
    q = z[:200].sigmoid()
    seen = F.binary_cross_entropy_with_logits(q, y[:200]).item()
    return q, y[:200], bce(observed=round(seen, 4))


@misuse("sigmoid-twice")
def sigmoid_of_spam_into_the_focal_loss():
    z, y = nets.spam(0)
    return z.sigmoid(), y, told("sigmoid_focal_loss", gamma=2.0, alpha=0.25)


@misuse("logits-as-probabilities")
def spam_logits_into_bceloss():
    z, y = nets.spam(1)
    return z[:64], y[:64], told("nn.BCELoss")


@misuse("log-as-probabilities", "logits-as-probabilities")
def logsigmoid_of_spam_into_bceloss():
    z, y = nets.spam(2)
    return F.logsigmoid(z), y, told("nn.BCELoss")


@misuse("hard-predictions")
def rounded_spam_into_bceloss():
    z, y = nets.spam(0)
    return (z > 0).float(), y, told("nn.BCELoss")


@misuse("binary-on-softmax")
def softmax_of_glyphs_into_bceloss():
    z, y = nets.glyphs(1, 30)
    return z.softmax(1), one_hot(y, 10), told("nn.BCELoss")


@misuse("binary-on-softmax")
def softmax_of_wines_into_bceloss_batch_of_16():
    z, y = nets.wine(0, 6)
    return z[:16].softmax(1), one_hot(y[:16], 3), told("F.binary_cross_entropy")


@misuse("broadcast", "shape")
def spam_column_against_a_row():
    z, y = nets.spam(0)
    return z[:64, None], y[:64], bce()


@misuse("broadcast")
def spam_column_against_a_row_by_hand():
    z, y = nets.spam(1, 15)
    return z[:100, None].numpy(), y[:100].numpy(), told("binary_cross_entropy_with_logits", "numpy")


@misuse("broadcast")
def spam_row_against_a_column_by_hand():
    z, y = nets.spam(2)
    return z[:32].numpy(), y[:32, None].numpy(), told("binary_cross_entropy_with_logits", "numpy")


@misuse("label-type")
def spam_with_integer_targets():
    z, y = nets.spam(0)
    return z, y.long(), bce()


@misuse("label-type")
def spam_with_boolean_targets():
    z, y = nets.spam(1)
    return z[:256], y[:256] > 0.5, bce()


@misuse("binary-range")
def spam_as_minus_one_and_one():
    z, y = nets.spam(2)
    return z, 2 * y - 1, bce()


@misuse("single-class")
def softmax_loss_on_one_spam_logit():
    z, _ = nets.spam(0)
    return z[:64, None], torch.zeros(64, dtype=torch.long), ce()


@misuse("single-class", "label-range")
def softmax_loss_on_one_spam_logit_both_labels():
    z, y = nets.spam(1)
    return z[:64, None], y[:64].long(), ce()


@misuse("saturated")
def certain_and_wrong_spam_into_bceloss():
    # float32 sigmoids of 1 and 0, some of them wrong: BCELoss cuts them at 100
    z, y = nets.spam(0)
    return (6 * z).sigmoid(), y, told("nn.BCELoss")


@misuse("swapped")
def spam_targets_first():
    z, y = nets.spam(2)
    return y, z, bce()


@misuse("swapped")
def spam_targets_first_as_probabilities():
    z, y = nets.spam(1, 15)
    return y, z.sigmoid(), told("nn.BCELoss")


@misuse("constant-predictor", "at-chance")
def a_net_that_no_longer_looks_at_the_mail():
    # the features arrive as zeros: the bias alone has learned, over 400 steps
    return *nets.blind(0), bce(steps=400)


@unclear("sigmoid-twice")
def five_numbers_between_0_and_1():
    # a look at the first mails in a debugger: too few to tell probabilities from small logits
    z, y = nets.spam(2, 15)
    return z[:5].sigmoid(), y[:5], bce()


@unclear("exclusive-classes")
def ten_digits_as_ten_questions():
    # each row has exactly one yes: one against the rest on purpose, or a softmax forgotten?
    z, y = nets.glyphs(0)
    others = [z[:, [j for j in range(10) if j != k]].logsumexp(1) for k in range(10)]
    return z - torch.stack(others, dim=1), one_hot(y, 10), bce()
