"""Calls on maps: a class for each pixel, or a yes and no."""

import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import lesions, scenes

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}


# healthy


@healthy
def maps_of_a_net_after_ten_steps():
    z, y = scenes(0, steps=10)
    return z, y, {**CE, "steps": 10}


@healthy
def maps_whose_borders_are_void():
    z, y = scenes(1)
    y = y.clone()
    y[:, :2] = y[:, -2:] = y[..., :2] = y[..., -2:] = 255
    return z, y, {**CE, "ignore_index": 255}


@healthy
def a_crop_without_any_object():
    z, y = scenes(2)
    empty = (y[:, :4, :4] == 0).all(-1).all(-1)
    return z[empty, :, :4, :4][:1], y[empty, :4, :4][:1], {**CE, "ignore_index": 255}


@healthy
def masks_in_half_precision():
    z, y = lesions(0)
    return z.half(), y.half(), BCE


@healthy
def masks_with_the_weight_of_their_rarity():
    z, y = lesions(1)
    return z, y, {**BCE, "pos_weight": ((1 - y).sum() / y.sum()).item()}


@healthy
def masks_with_no_lesion_at_all():
    z, y = lesions(2)
    empty = y[..., :8, :8].sum((1, 2, 3)) == 0
    return z[empty][..., :8, :8], y[empty][..., :8, :8], BCE


@healthy
def a_detectors_focal_loss_with_few_positives():
    z, y = lesions(0)
    told = {"loss": "sigmoid_focal_loss", "framework": "torch", "alpha": 0.25, "gamma": 2.0}
    return z.flatten(1), y.flatten(1), told


@healthy
def maps_with_the_classes_last_for_keras():
    z, y = scenes(0)
    q = z.softmax(1).movedim(1, -1)
    return q, y, {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}


# misused


@misuse("double-softmax")
def a_map_of_probabilities_in_half_precision():
    z, y = scenes(1)
    return z.half().softmax(1), y, CE


@misuse("softmax-axis")
def softmax_along_the_rows_of_the_map():
    z, y = scenes(2)
    return z.softmax(2), y, CE


@misuse("sigmoid-twice")
def a_unet_that_ends_in_a_sigmoid():
    z, y = lesions(0)
    return z.sigmoid(), y, BCE


@misuse("sigmoid-twice")
def a_sigmoid_in_half_precision_with_pos_weight():
    z, y = lesions(1)
    return z.half().sigmoid(), y.half(), {**BCE, "pos_weight": 40.0}


@misuse("binary-range")
def masks_read_from_png_as_255():
    z, y = lesions(2)
    return z, 255 * y, BCE


@misuse("label-range")
def void_pixels_of_255_without_ignore_index():
    z, y = scenes(0)
    y = y.clone()
    y[:, 0] = 255
    return z, y, CE


@misuse("class-axis")
def maps_from_a_channels_last_net():
    z, y = scenes(1)
    return z.movedim(1, -1), y, CE


@misuse("label-column", "shape")
def maps_of_labels_with_a_channel():
    z, y = scenes(2)
    return z, y[:, None], CE


@misuse("shape")
def maps_at_a_quarter_of_the_size():
    z, y = scenes(0)
    return F.avg_pool2d(z, 4), y, CE


@misuse("rows-mixed", "class-axis", "softmax-axis")
def maps_reshaped_instead_of_permuted():
    # (N, C, H, W).reshape(-1, C) never raises, and tears every pixel's logits apart
    z, y = scenes(1)
    return z.reshape(-1, 4), y.flatten(), CE


@misuse("logits-as-probabilities")
def masks_into_bce_loss_without_a_sigmoid():
    z, y = lesions(0)
    return z, y, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("half-mean", "half-overflow")
def a_sum_over_pixels_in_half_precision():
    # 115,200 pixels of an untrained net: their sum is beyond 65504, the largest float16
    z, y = lesions(1, steps=0)
    z, y = (F.interpolate(a, scale_factor=6).half() for a in (z, y))
    seen = F.binary_cross_entropy_with_logits(z, y, reduction="sum").item()
    return z, y, {**BCE, "reduction": "sum", "observed": seen}


@unclear("sigmoid-twice")
def three_pixels_between_0_and_1():
    # outputs of an untrained net that happen to lie between 0 and 1: a sigmoid, or not?
    z, y = lesions(2, steps=0)
    inside = ((z > 0) & (z < 1)).flatten().nonzero().flatten()[:3]
    return z.flatten()[inside], y.flatten()[inside], BCE
