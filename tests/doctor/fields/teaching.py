"""Calls with soft targets: distillation, smoothing, noisy and shared labels."""

import math

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.fields.nets import digits, digits_data, tumours
from doctor.fields.texts import writer

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}
KL = {"loss": "F.kl_div", "framework": "torch"}


def class_room(seed=0, rows=128, student=40):
    """Logits of a student and of its teacher on the same pictures, and the truth."""
    (z, y), _ = digits(seed, steps=student)
    (teacher, _), _ = digits(seed)
    return z[:rows], teacher[:rows], y[:rows]


def votes(seed=0, voters=7):
    """Votes of seven annotators, drawn from a good model."""
    (z, _), _ = digits(seed)
    drawn = torch.multinomial(
        (z[:200] / 3).softmax(-1), voters, True, generator=torch.Generator().manual_seed(seed)
    )
    return z[:200] / 3, F.one_hot(drawn, 10).sum(1)


# healthy


@healthy
def a_teacher_at_temperature_four():
    z, teacher, _ = class_room(0)
    p = (teacher / 4).softmax(-1)
    return z / 4, p, {**CE, "observed": F.cross_entropy(z / 4, p).item()}


@healthy
def the_divergence_of_a_batch_from_its_teacher():
    z, teacher, _ = class_room(1)
    log_q, p = (z / 2).log_softmax(-1), (teacher / 2).softmax(-1)
    seen = F.kl_div(log_q, p, reduction="batchmean").item()
    return log_q, p, {**KL, "reduction": "batchmean", "observed": seen}


@healthy
def a_teacher_in_logarithms():
    z, teacher, _ = class_room(2)
    told = {**KL, "reduction": "batchmean", "log_target": True}
    return z.log_softmax(-1), teacher.log_softmax(-1), told


@healthy
def a_student_that_starts_as_its_teacher():
    _, teacher, _ = class_room(0)
    return teacher.log_softmax(-1), teacher.softmax(-1), {**KL, "reduction": "batchmean"}


@healthy
def a_teacher_in_half_precision():
    # its rows sum to 1 within a thousandth
    z, teacher, _ = class_room(1)
    return z.half(), teacher.half().softmax(-1), CE


@healthy
def a_teacher_in_bfloat16_and_eight_pictures():
    z, teacher, _ = class_room(2, rows=8)
    return z.bfloat16(), (teacher / 3).softmax(-1).bfloat16(), CE


@healthy
def two_passes_with_dropout_pulled_together():
    # R-Drop: the second pass is the target, in logarithms
    _, net = digits(6, steps=150, dropout=0.4)
    *_, new, _ = digits_data(6)
    torch.manual_seed(1)
    net.train()
    with torch.no_grad():
        a, b = net(new[:64]).log_softmax(-1), net(new[:64]).log_softmax(-1)
    net.eval()
    return a, b, {**KL, "reduction": "batchmean", "log_target": True}


@healthy
def the_five_best_of_a_teacher_renormalised():
    z, teacher, _ = class_room(0)
    p = teacher.softmax(-1)
    kept = torch.where(p >= p.topk(5).values[:, -1:], p, 0.0)
    return z, kept / kept.sum(-1, keepdim=True), CE


@healthy
def a_sharp_teacher_without_labels():
    # DINO: the teacher is centred and cold, the student warm
    z, teacher, _ = class_room(1)
    return z / 10, ((teacher - teacher.mean(0)) / 4).softmax(-1), CE


@healthy
def a_language_models_teacher():
    z, _, _, _ = writer(0, steps=60)
    teacher, _, _, _ = writer(0)
    return z.flatten(0, 1), teacher.flatten(0, 1).softmax(-1), CE


@healthy
def a_teacher_of_tumours_and_the_binary_loss():
    z, _ = tumours(0, steps=30)
    teacher, _ = tumours(0)
    return z, (teacher / 3).sigmoid(), BCE


@healthy
def shares_of_seven_annotators():
    z, drawn = votes(0)
    return z, drawn / 7, CE


@healthy
def every_fifth_label_wrong():
    (z, y), _ = digits(1)
    wrong = torch.rand(len(y), generator=torch.Generator().manual_seed(4)) < 0.2
    return z / 3, torch.where(wrong, (y + 1 + torch.arange(len(y)) % 9) % 10, y), CE


@healthy
def labels_mixed_with_the_models_own_view():
    # bootstrapping: four fifths label, one fifth prediction
    (z, y), _ = digits(2)
    return z, 0.8 * F.one_hot(y, 10) + 0.2 * z.softmax(-1), CE


@healthy
def pseudo_labels_of_sure_pictures():
    z, teacher, _ = class_room(0, rows=400)
    sure, label = teacher.softmax(-1).max(-1)
    return z, torch.where(sure > 0.95, label, -100), {**CE, "ignore_index": -100}


# misused


@misuse("probabilities-as-log")
def a_students_softmax_into_kl_div():
    z, teacher, _ = class_room(0)
    return z.softmax(-1), teacher.softmax(-1), {**KL, "reduction": "batchmean"}


@misuse("probabilities-as-log")
def eight_students_softmax_with_temperature_into_kl_div():
    z, teacher, _ = class_room(1, rows=8)
    q, p = (z / 4).softmax(-1).bfloat16(), (teacher / 4).softmax(-1).bfloat16()
    return q, p, {**KL, "reduction": "batchmean"}


@misuse("logits-as-log")
def a_students_logits_into_kl_div():
    z, teacher, _ = class_room(2)
    return z / 4, (teacher / 4).softmax(-1), {**KL, "reduction": "batchmean"}


@misuse("kl-log-target")
def a_teacher_in_logarithms_and_nobody_says_so():
    z, teacher, _ = class_room(0)
    told = {**KL, "reduction": "batchmean"}
    return z.log_softmax(-1), teacher.log_softmax(-1), told


@misuse("kl-log-target")
def log_target_for_a_teacher_of_probabilities():
    z, teacher, _ = class_room(1)
    told = {**KL, "reduction": "batchmean", "log_target": True}
    return z.log_softmax(-1), teacher.softmax(-1), told


@misuse("kl-mean")
def kl_div_as_it_comes():
    z, teacher, _ = class_room(2)
    log_q, p = z.log_softmax(-1), teacher.softmax(-1)
    seen = (p * (p.log() - log_q)).mean().item()
    return log_q, p, {**KL, "reduction": "mean", "observed": seen}


@misuse("swapped")
def the_teacher_first():
    z, teacher, _ = class_room(0)
    return teacher.softmax(-1), z.log_softmax(-1), {**KL, "reduction": "batchmean"}


@misuse("target-negative")
def a_teachers_logits_as_targets():
    z, teacher, _ = class_room(1)
    return z, teacher, CE


@misuse("target-sum", "softmax-axis")
def a_teachers_softmax_over_the_pictures():
    z, teacher, _ = class_room(2)
    return z, teacher.softmax(0), CE


@misuse("target-sum")
def the_three_best_of_a_teacher_as_they_are():
    z, _, _, _ = writer(0, steps=60)
    teacher, _, _, _ = writer(0)
    p = teacher.flatten(0, 1).softmax(-1)
    return z.flatten(0, 1), torch.where(p >= p.topk(3).values[:, -1:], p, 0.0), CE


@misuse("target-sum")
def votes_that_nobody_divided():
    z, drawn = votes(1)
    return z, drawn.float(), CE


@misuse("target-sum", "integer-one-hot", "label-type")
def soft_targets_cast_to_whole_numbers():
    # `.long()` made an error message go away, and nearly all shares became 0
    z, teacher, _ = class_room(0)
    return z, (teacher / 2).softmax(-1).long(), CE


@misuse("double-softmax")
def a_student_with_a_softmax_against_its_teacher():
    z, teacher, _ = class_room(1)
    return (z / 4).softmax(-1), (teacher / 4).softmax(-1), CE


@misuse("double-softmax")
def a_student_with_a_softmax_against_bfloat16():
    z, teacher, _ = class_room(2, rows=12)
    return z.softmax(-1).bfloat16(), teacher.softmax(-1).bfloat16(), CE


@misuse("bits")
def the_divergence_in_bits():
    z, teacher, _ = class_room(0)
    log_q, p = z.log_softmax(-1), teacher.softmax(-1)
    seen = F.kl_div(log_q, p, reduction="batchmean").item() / math.log(2)
    return log_q, p, {**KL, "reduction": "batchmean", "observed": seen}
