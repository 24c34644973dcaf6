"""Calls with weights of classes and of positives, and focal losses."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import faults, fraud, lesions, tags

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}
FOCAL = {"loss": "focal_loss", "framework": "torch"}


# healthy


@healthy
def faults_unweighted():
    (z, y), _ = faults(0)
    return z, y, CE


@healthy
def faults_with_balanced_weights():
    (z, y), weight = faults(1, weighted=True)
    seen = F.cross_entropy(z, y, weight=weight).item()
    return z, y, {**CE, "weight": weight, "observed": seen}


@healthy
def faults_with_weights_of_the_square_root():
    (z, y), weight = faults(1, weighted=True)
    return z, y, {**CE, "weight": weight.sqrt()}


@healthy
def faults_with_weights_of_the_effective_number():
    # class-balanced loss: (1 - b) / (1 - b^n), made to sum to the number of classes
    (z, y), _ = faults(0)
    n = np.bincount(y.numpy(), minlength=5)
    weight = (1 - 0.999) / (1 - 0.999**n)
    return z, y, {**CE, "weight": torch.tensor(5 * weight / weight.sum()).float()}


@healthy
def a_batch_of_faults_without_the_rare_ones():
    (z, y), weight = faults(1, weighted=True)
    rows = (y < 2).nonzero().flatten()[:32]
    return z[rows], y[rows], {**CE, "weight": weight}


@healthy
def weights_and_smoothing_with_the_number():
    (z, y), weight = faults(1, weighted=True)
    seen = F.cross_entropy(z, y, weight=weight, label_smoothing=0.05).item()
    return z, y, {**CE, "weight": weight, "label_smoothing": 0.05, "observed": round(seen, 4)}


@healthy
def focal_loss_of_faults_with_gamma_two():
    (z, y), _ = faults(0)
    return z, y, {**FOCAL, "gamma": 2.0}


@healthy
def focal_loss_of_faults_with_the_number():
    (z, y), _ = faults(0)
    loss = F.cross_entropy(z, y, reduction="none")
    seen = ((1 - (-loss).exp()) ** 2 * loss).mean().item()
    return z, y, {**FOCAL, "gamma": 2.0, "observed": seen}


@healthy
def focal_loss_of_masks_as_published():
    z, y = lesions(1)
    told = {"loss": "sigmoid_focal_loss", "framework": "torch"}
    return z.flatten(), y.flatten(), {**told, "alpha": 0.25, "gamma": 2.0}


@healthy
def a_weight_for_each_transaction():
    # the amount of money at stake, for each row: legal in the binary losses
    z, y = fraud(0)
    money = torch.rand(len(y), generator=torch.Generator().manual_seed(0)) * 2 + 0.01
    seen = F.binary_cross_entropy_with_logits(z, y, weight=money).item()
    return z, y, {**BCE, "weight": money, "observed": seen}


@healthy
def a_mild_weight_of_frauds():
    z, y = fraud(2)
    return z, y, {**BCE, "pos_weight": 10.0}


@healthy
def rows_left_without_a_mean():
    (z, y), weight = faults(1, weighted=True)
    seen = F.cross_entropy(z, y, weight=weight, reduction="sum").item()
    return z, y, {**CE, "weight": weight, "reduction": "sum", "observed": seen}


# misused


@misuse("pos-weight-inverted")
def positives_by_negatives_for_fraud():
    z, y = fraud(0)
    return z, y, {**BCE, "pos_weight": (y.sum() / (1 - y).sum()).item()}


@misuse("pos-weight-inverted")
def positives_by_negatives_for_masks():
    z, y = lesions(0)
    return z, y, {**BCE, "pos_weight": (y.mean() / (1 - y.mean())).reshape(1)}


@misuse("weight-inverted")
def frequencies_in_place_of_their_inverses():
    (z, y), _ = faults(0)
    weight = torch.bincount(y, minlength=5) / len(y)
    return z, y, {**CE, "weight": weight}


@misuse("weight-shape")
def four_weights_for_five_classes():
    (z, y), weight = faults(0, weighted=True)
    return z, y, {**CE, "weight": weight[1:]}


@misuse("weight-shape")
def a_weight_for_each_row_in_cross_entropy():
    (z, y), weight = faults(1, weighted=True)
    return z[:256], y[:256], {**CE, "weight": weight[y[:256]]}


@misuse("weight-value")
def a_class_that_the_training_half_lacks():
    (z, y), _ = faults(0)
    shares = torch.bincount(y[y < 4], minlength=5) / len(y)
    return z, y, {**CE, "weight": 1 / shares}


@misuse("weight-value")
def a_negative_weight_from_a_typo():
    (z, y), _ = faults(1)
    return z, y, {**CE, "weight": torch.tensor([0.2, 1.0, 1.0, 2.0, -2.0])}


@misuse("weighted-mean")
def weighted_losses_and_a_plain_mean():
    (z, y), weight = faults(1, weighted=True)
    seen = F.cross_entropy(z, y, weight=weight, reduction="none").mean().item()
    return z, y, {**CE, "weight": weight, "observed": seen}


@misuse("weight-dropped")
def a_weight_that_the_wrapper_forgot():
    (z, y), weight = faults(1, weighted=True)
    return z, y, {**CE, "weight": weight, "observed": round(F.cross_entropy(z, y).item(), 5)}


@misuse("focal-gamma")
def a_negative_gamma():
    (z, y), _ = faults(0)
    return z, y, {**FOCAL, "gamma": -2.0}


@misuse("focal-gamma")
def half_a_gamma_on_answers_that_are_certain():
    # 1 - p_t is 0 in single precision: its square root has an infinite slope, and 0 * inf is nan
    (z, y), _ = faults(0)
    return 6 * z, y, {**FOCAL, "gamma": 0.5}


@misuse("focal-alpha")
def alpha_taken_for_the_ratio_of_classes():
    # alpha is a share: 1 - alpha is the negatives' weight, here -98
    z, y = fraud(1)
    told = {"loss": "sigmoid_focal_loss", "framework": "torch"}
    return z, y, {**told, "alpha": 99.0, "gamma": 2.0}


@misuse("focal-weighted-pt")
def focal_loss_on_top_of_a_weighted_loss():
    (z, y), weight = faults(1, weighted=True)
    loss = F.cross_entropy(z, y, weight=weight, reduction="none")
    seen = ((1 - (-loss).exp()) ** 2 * loss).mean().item()
    return z, y, {**FOCAL, "gamma": 2.0, "alpha": weight, "observed": seen}


@misuse("sigmoid-twice")
def probabilities_into_the_focal_loss_of_masks():
    z, y = lesions(2)
    told = {"loss": "sigmoid_focal_loss", "framework": "torch", "alpha": 0.25, "gamma": 2.0}
    return z.flatten(1).sigmoid(), y.flatten(1), told


@misuse("double-softmax")
def probabilities_into_a_weighted_loss_of_faults():
    (z, y), weight = faults(1, weighted=True)
    return z.softmax(-1)[:100], y[:100], {**CE, "weight": weight}


# what nobody can tell


@unclear("weight-inverted")
def a_little_more_weight_on_what_is_common():
    # 1.2 for the normal state, 1 for the faults: false alarms may simply be dear
    (z, y), _ = faults(0)
    return z, y, {**CE, "weight": torch.tensor([1.2, 1.0, 1.0, 1.0, 1.0])}


@unclear("pos-weight-inverted")
def tags_whose_positives_count_for_half():
    # few positives, and a weight below 1: precision may be wanted
    z, y = tags(0)
    return z, y, {**BCE, "pos_weight": 0.5}
