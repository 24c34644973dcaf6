"""Calls with soft targets: distillation, smoothing, noisy and shared labels."""

import math

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.fields.nets import digits, tags, tumours, wine
from doctor.fields.texts import writer

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}
KL = {"loss": "F.kl_div", "framework": "torch"}


def class_room(seed=0, rows=128, student=40):
    """Logits of a student and of its teacher on the same pictures, and the truth."""
    (z, y), _ = digits(seed, steps=student)
    (teacher, _), _ = digits(seed)
    return z[:rows], teacher[:rows], y[:rows]


def smoothed(y, classes=10, e=0.1):
    """The usual smoothed rows."""
    return (1 - e) * F.one_hot(y, classes).float() + e / classes


def votes(seed=0, voters=7):
    """Votes of seven annotators, drawn from a good model."""
    (z, y), _ = digits(seed)
    drawn = torch.multinomial(
        (z[:200] / 3).softmax(-1), voters, True, generator=torch.Generator().manual_seed(seed)
    )
    return z[:200], F.one_hot(drawn, 10).sum(1)


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
    from doctor.fields.nets import digits_data

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


@healthy
def smoothing_said_in_the_call():
    (z, y), _ = digits(3)
    seen = F.cross_entropy(z, y, label_smoothing=0.1).item()
    return z, y, {**CE, "label_smoothing": 0.1, "observed": round(seen, 3)}


@healthy
def smoothing_done_in_the_data_loader():
    (z, y), _ = digits(4)
    return z[:16], smoothed(y[:16]), CE


@healthy
def smoothed_tags():
    z, y = tags(0)
    return z, 0.95 * y + 0.025, BCE


@healthy
def grades_as_a_bell_around_the_label():
    # ordinal classes: neighbours get a share, so that a miss by one is cheap
    (z, y), _ = digits(5)
    bell = (-((torch.arange(10) - y[:, None]) ** 2) / 0.5).softmax(-1)
    return z / 3, bell, CE


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
def smoothing_that_adds_and_does_not_take():
    (z, y), _ = digits(0)
    return z, F.one_hot(y, 10) + 0.1 / 10, CE


@misuse("target-sum")
def votes_that_nobody_divided():
    z, drawn = votes(1)
    return z, drawn.float(), CE


@misuse("integer-one-hot", "target-sum", "label-type")
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


@misuse("smoothing-twice")
def smoothed_by_the_loader_and_by_the_loss():
    (z, y), _ = digits(1)
    return z[:64], smoothed(y[:64]), {**CE, "label_smoothing": 0.1}


@misuse("smoothing-twice")
def smoothed_wines_and_keras_smooths_too():
    z, y = wine(0)
    told = {"loss": "CategoricalCrossentropy", "from_logits": True, "framework": "keras"}
    return z, smoothed(y, 3, 0.2), {**told, "label_smoothing": 0.2}


@misuse("smoothing-large")
def the_share_that_is_kept_for_the_share_that_is_given():
    (z, y), _ = digits(2)
    return z, y, {**CE, "label_smoothing": 0.9}


@misuse("smoothing-range")
def ten_for_ten_percent():
    z, y = wine(1)
    told = {"loss": "CategoricalCrossentropy", "from_logits": True, "framework": "keras"}
    return z, F.one_hot(y, 3).float(), {**told, "label_smoothing": 10.0}


@misuse("smoothing-range")
def minus_a_tenth():
    (z, y), _ = digits(3)
    return z, y, {**CE, "label_smoothing": -0.1}


@misuse("smoothing-variant")
def the_share_goes_to_the_other_classes_alone():
    (z, y), _ = digits(4)
    e, log_q = 0.1, z.log_softmax(-1)
    own = log_q.gather(1, y[:, None]).squeeze(1)
    seen = -((1 - e) * own + e / 9 * (log_q.sum(-1) - own)).mean().item()
    return z, y, {**CE, "label_smoothing": 0.1, "observed": seen}


@misuse("smoothing-dropped")
def smoothing_in_the_file_but_not_in_the_run():
    (z, y), _ = digits(5)
    seen = round(F.cross_entropy(z, y).item(), 4)
    return z, y, {**CE, "label_smoothing": 0.1, "observed": seen}


@misuse("bits")
def the_divergence_in_bits():
    z, teacher, _ = class_room(0)
    log_q, p = z.log_softmax(-1), teacher.softmax(-1)
    seen = F.kl_div(log_q, p, reduction="batchmean").item() / math.log(2)
    return log_q, p, {**KL, "reduction": "batchmean", "observed": seen}
