"""Digits, maps and embeddings: nets on pictures, in PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.set_aside import nets
from doctor.set_aside.calls import bce, ce, mixed, one_hot, smoothed, told


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
def labels_that_are_noise():
    return *nets.noise(0), ce()


@healthy
def a_student_of_a_warm_teacher():
    (z, _), teacher = nets.student(0), nets.glyphs(0).z
    return (z / 4).log_softmax(1), (teacher / 4).softmax(1), told("F.kl_div", reduction="batchmean")


@healthy
def a_student_of_a_warm_teacher_in_logs():
    (z, _), teacher = nets.student(1), nets.glyphs(1).z
    more = {"reduction": "batchmean", "log_target": True}
    return (z / 3).log_softmax(1), (teacher / 3).log_softmax(1), told("nn.KLDivLoss", **more)


@healthy
def a_student_of_soft_targets_by_cross_entropy():
    (z, _), teacher = nets.student(2), nets.glyphs(2).z
    return z[:32] / 4, (teacher[:32] / 4).softmax(1), ce()


@healthy
def maps_of_four_classes():
    return *nets.scenes(0), ce()


@healthy
def maps_with_a_void_border():
    z, y = nets.scenes(1)
    y = y.clone()
    y[:, [0, -1]] = 255
    y[:, :, [0, -1]] = 255
    return z, y, ce(ignore_index=255)


@healthy
def maps_weighted_for_their_rare_classes():
    z, y = nets.scenes(2)
    weight = y.numel() / (4 * torch.bincount(y.flatten(), minlength=4))
    return z, y, ce(weight=weight)


@healthy
def one_map_as_wide_as_it_has_classes():
    # C = H = W = 4
    z, y = nets.scenes(0)
    return z[:, :, 4:8, 4:8], y[:, 4:8, 4:8], ce()


@healthy
def lesions_as_one_logit_a_pixel():
    return *nets.lesions(1), bce()


@healthy
def lesions_as_one_logit_a_pixel_half():
    z, y = nets.lesions(2)
    return z[:2].half(), y[:2].half(), bce()


@healthy
def two_views_against_each_other():
    return *nets.twins(0), ce()


@healthy
def two_views_against_each_other_eight_rows():
    z, y = nets.twins(1)
    return z[:8, :8], y[:8], ce()


@healthy
def two_views_the_other_way_round():
    z, y = nets.twins(2)
    return z.T[:, :], y, ce(label_smoothing=0.1)


@healthy
def cosines_times_64_with_a_margin():
    return *nets.margins(0), ce()


@healthy
def cosines_times_64_with_a_margin_small_batch():
    z, y = nets.margins(1)
    return z[:8], y[:8], ce()


@healthy
def seven_bars_of_a_digit():
    return *nets.segments(0), bce()


@healthy
def seven_bars_of_a_digit_one_row():
    z, y = nets.segments(1)
    return z[:1], y[:1], bce()


@healthy
def seven_bars_as_probabilities():
    z, y = nets.segments(2)
    return z.clamp(-12, 12).sigmoid(), y, told("nn.BCELoss")


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


@misuse("double-softmax")
def softmax_over_a_maps_classes():
    z, y = nets.scenes(1)
    return z[:4].softmax(1), y[:4], ce()


@misuse("softmax-axis", "double-softmax")
def softmax_over_the_batch():
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


@misuse("sigmoid-into-softmax")
def sigmoid_over_a_maps_classes():
    z, y = nets.scenes(2)
    return z.sigmoid(), y, ce()


@misuse("probabilities-as-log")
def softmax_of_glyphs_then_nll():
    z, y = nets.glyphs(3)
    return z[:64].softmax(1), y[:64], told("nn.NLLLoss")


@misuse("probabilities-as-log")
def softmax_of_maps_then_nll():
    z, y = nets.scenes(0)
    return z.softmax(1), y, told("F.nll_loss")


@misuse("logits-as-log")
def glyphs_straight_into_nll():
    z, y = nets.glyphs(2)
    return z, y, told("F.nll_loss", observed=F.nll_loss(z, y).item())


@misuse("logits-as-log")
def glyphs_half_way_straight_into_nll_half():
    z, y = nets.glyphs(0, 30)
    return z[:32].half(), y[:32], told("nn.NLLLoss")


@misuse("sigmoid-twice")
def sigmoid_of_seven_bars():
    z, y = nets.segments(0)
    return z.sigmoid()[:96], y[:96], bce()


@misuse("sigmoid-twice")
def sigmoid_of_lesions():
    z, y = nets.lesions(1)
    return z.sigmoid(), y, bce()


@misuse("hard-predictions", "double-softmax")
def argmax_as_one_hot_logits():
    z, y = nets.glyphs(1)
    return one_hot(z.argmax(1), 10), y, ce()


@misuse("class-axis", "shape")
def maps_with_classes_last():
    z, y = nets.scenes(1)
    return z.movedim(1, -1), y, ce()


@misuse("class-axis", "rows-mixed")
def maps_reshaped_where_a_permutation_was_due():
    # (N, C, H, W).reshape(-1, C): rows of four neighbouring pixels of one class's map
    z, y = nets.scenes(0)
    return z.reshape(-1, 4), y.reshape(-1), ce()


@misuse("label-range")
def void_pixels_without_ignore_index():
    z, y = nets.scenes(2)
    y = y.clone()
    y[:, 0] = 255
    return z, y, ce()


@misuse("all-ignored")
def a_picture_that_is_void():
    z, y = nets.scenes(0)
    return z[:1], torch.full_like(y[:1], 255), ce(ignore_index=255)


@misuse("kl-mean")
def a_students_divergence_by_the_default_mean():
    (z, _), teacher = nets.student(0), nets.glyphs(0).z
    return (z / 4).log_softmax(1), (teacher / 4).softmax(1), told("nn.KLDivLoss", reduction="mean")


@misuse("probabilities-as-log")
def a_students_probabilities_into_kl():
    (z, _), teacher = nets.student(1), nets.glyphs(1).z
    return (z / 2).softmax(1), (teacher / 2).softmax(1), told("F.kl_div", reduction="batchmean")


@misuse("logits-as-log")
def a_students_logits_into_kl():
    (z, _), teacher = nets.student(2), nets.glyphs(2).z
    return z / 4, (teacher / 4).softmax(1), told("F.kl_div", reduction="batchmean")


@misuse("kl-log-target")
def a_teachers_logs_without_log_target():
    (z, _), teacher = nets.student(0), nets.glyphs(0).z
    more = {"reduction": "batchmean"}
    return (z / 4).log_softmax(1), (teacher / 4).log_softmax(1), told("F.kl_div", **more)


@unclear("ignored-class")
def maps_with_the_background_ignored():
    # on purpose, or padding's number by mistake? The net names class 0 for most pixels
    return *nets.scenes(3), ce(ignore_index=0)
