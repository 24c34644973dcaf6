"""Maps, students, embeddings: more nets on pictures, in PyTorch."""

import torch

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import bce, ce, told


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
    return z.T.contiguous(), y, ce(label_smoothing=0.1)


@healthy
def all_views_against_each_other_but_themselves():
    # SimCLR: 2N rows, the diagonal masked, the other view of the same digit is N rows away
    a, b = nets.views(0)
    both = torch.cat([a, b])
    z = (both @ both.T / 0.1).fill_diagonal_(-torch.inf)
    return z, torch.arange(256).roll(128), ce()


@healthy
def the_right_view_first_and_a_queue_of_others():
    # MoCo: column 0 is the right one in each row, so that all labels are 0
    z, _ = nets.twins(1)
    others = z[~torch.eye(128, dtype=torch.bool)].reshape(128, 127)
    return torch.cat([z.diagonal()[:, None], others], dim=1), torch.zeros(128).long(), ce()


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
def softmax_over_a_maps_classes():
    z, y = nets.scenes(1)
    return z[:4].softmax(1), y[:4], ce()


@misuse("sigmoid-into-softmax")
def sigmoid_over_a_maps_classes():
    z, y = nets.scenes(2)
    return z.sigmoid(), y, ce()


@misuse("probabilities-as-log")
def softmax_of_maps_then_nll():
    z, y = nets.scenes(0)
    return z.softmax(1), y, told("F.nll_loss")


@misuse("sigmoid-twice")
def sigmoid_of_seven_bars():
    z, y = nets.segments(0)
    return z.sigmoid()[:96], y[:96], bce()


@misuse("sigmoid-twice")
def sigmoid_of_lesions():
    z, y = nets.lesions(1)
    return z.sigmoid(), y, bce()


@misuse("class-axis", "shape")
def maps_of_four_classes_channels_last():
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


@misuse("kl-log-target")
def a_teachers_logs_without_log_target_a_few_rows():
    (z, _), teacher = nets.student(1), nets.glyphs(1).z
    return z[:16].log_softmax(1), teacher[:16].log_softmax(1), told("nn.KLDivLoss", reduction="sum")


@unclear("ignored-class")
def maps_with_the_background_ignored():
    # on purpose, or padding's number by mistake? The net names class 0 for most pixels
    return *nets.scenes(3), ce(ignore_index=0)
