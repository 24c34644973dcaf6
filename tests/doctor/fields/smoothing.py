"""Calls with smoothed labels."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.fields.nets import digits, tags, wine

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}


def smoothed(y, classes=10, e=0.1):
    """The usual smoothed rows."""
    return (1 - e) * F.one_hot(y, classes).float() + e / classes


# healthy


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


@misuse("target-sum")
def smoothing_that_adds_and_does_not_take():
    (z, y), _ = digits(0)
    return z, F.one_hot(y, 10) + 0.1 / 10, CE


@misuse("smoothing-twice")
def another_smoothed_by_the_loader_and_by_the_loss():
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
