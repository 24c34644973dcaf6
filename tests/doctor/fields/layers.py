"""Calls where the model's last layer decides: its activation, its width, its mixture of experts."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import dense, digits, digits_data, fit, scenes, spam, tags, tumours, wine
from doctor.fields.texts import flat, tagger

CE = {"loss": "nn.CrossEntropyLoss", "framework": "torch"}
BCE = {"loss": "nn.BCEWithLogitsLoss", "framework": "torch"}
NLL = {"loss": "nn.NLLLoss", "framework": "torch"}
KERAS_BINARY = {"loss": "BinaryCrossentropy", "framework": "keras"}
KERAS_ROWS = {"loss": "CategoricalCrossentropy", "framework": "keras"}
KERAS_LABELS = {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}


def experts(seed=0):
    """The probabilities of two experts, mixed by a gate for each picture."""
    _, a = digits(seed)
    _, b = digits(seed + 1, steps=60)
    *_, new, truth = digits_data(seed)
    with torch.no_grad():
        gate = new.mean((1, 2, 3)).mul(8).sub(2.5).sigmoid()[:, None]
        return gate * a(new).softmax(-1) + (1 - gate) * b(new).softmax(-1), truth


def volumes(seed=0):
    """Logits (2, 4, 4, 16, 16) of two volumes of four slices."""
    z, y = scenes(seed)
    return z.reshape(2, 4, 4, 16, 16).transpose(1, 2), y.reshape(2, 4, 16, 16)


# healthy


@healthy
def another_two_experts_and_a_gate():
    q, y = experts(0)
    return q.log(), y, NLL


@healthy
def two_experts_and_a_gate_into_cross_entropy():
    # the log of normalised probabilities: a second log_softmax changes nothing
    q, y = experts(1)
    return q[:64].log(), y[:64], {**CE, "observed": F.nll_loss(q[:64].log(), y[:64]).item()}


@healthy
def a_small_number_before_the_logarithm():
    (z, y), _ = digits(2)
    return (z.softmax(-1) + 1e-8).log(), y, NLL


@healthy
def volumes_of_four_slices():
    z, y = volumes(0)
    return z, y, {**CE, "observed": round(F.cross_entropy(z, y).item(), 4)}


@healthy
def tags_after_a_sigmoid_layer_in_keras():
    z, y = tags(0)
    return z.sigmoid().numpy(), y.numpy(), KERAS_BINARY


@healthy
def wines_from_a_linear_layer_in_keras():
    z, y = wine(0)
    return z.numpy(), np.eye(3, dtype=np.float32)[y], {**KERAS_ROWS, "from_logits": True}


@healthy
def eight_wines_after_a_softmax_layer_in_keras():
    z, y = wine(1)
    return z[:8].softmax(-1).numpy(), np.eye(3)[y[:8]], KERAS_ROWS


@healthy
def plain_lists_of_numbers():
    z, y = wine(2)
    return z[:20].tolist(), y[:20].tolist(), {"loss": "softmax_cross_entropy"}


@healthy
def padding_of_minus_one_that_is_said():
    z, y = tagger(2)
    return z.flatten(0, 1), y.flatten().clamp(min=-1), {**CE, "ignore_index": -1}


@healthy
def positives_that_are_the_majority_weighed_down():
    # 63 % are benign, so negatives / positives is below 1, as it should be
    z, y = tumours(0)
    return z, y, {**BCE, "pos_weight": ((1 - y).sum() / y.sum()).item()}


@healthy
def accumulation_divided_by_all_words():
    z, y = flat(0)
    sizes = [100, 100, 100, 84]
    parts = F.cross_entropy(z, y, reduction="none").split(sizes)
    seen = sum(part.sum() for part in parts).item() / len(y)
    return z, y, {**CE, "micro_batches": sizes, "observed": seen}


@healthy
def a_first_step_in_two_classes_at_0_693():
    z, y = tumours(1, steps=0, outputs=2)
    z = z / 20  # a head with small initial weights
    return z, y, {**CE, "steps": 1, "observed": round(F.cross_entropy(z, y).item(), 3)}


@healthy
def a_critic_on_real_pictures_alone():
    # the first half of a discriminator's step: every target is 1
    z, y = spam(0)
    z = z[y == 1][:32]
    return z, torch.ones(32), BCE


@healthy
def both_of_two_logits_from_one():
    z, y = spam(1)
    return torch.stack([-z / 2, z / 2], 1), y.long(), CE


@healthy
def noise_for_labels_and_few_words_said():
    # what can be learned is the shares of the classes, and that is what was learned
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(1000, 6, generator=rng)
    y = torch.multinomial(torch.tensor([0.6, 0.3, 0.1]), 1000, True, generator=rng)
    net = fit(dense(6, 3), x, y, F.cross_entropy, steps=200, lr=0.01)
    with torch.no_grad():
        return net(x), y, CE


# misused


@misuse("single-class", "saturated", "hard-predictions")
def a_softmax_over_one_unit_in_keras():
    # Dense(1, activation="softmax"): every output is 1
    z, y = tumours(0)
    return z[:, None].softmax(-1).numpy(), y[:, None].numpy(), KERAS_BINARY


@misuse("logits-as-probabilities")
def a_relu_layer_for_a_sigmoid_layer_in_keras():
    z, y = tumours(1)
    return z[:, None].relu().numpy(), y[:, None].numpy(), KERAS_BINARY


@misuse("logits-as-probabilities")
def a_tanh_layer_before_bce_loss():
    z, y = tumours(2)
    return (z / 4).tanh(), y, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("sigmoid-twice")
def a_sigmoid_layer_and_from_logits_in_keras():
    z, y = spam(0)
    told = {**KERAS_BINARY, "from_logits": True}
    return z[:256, None].sigmoid().numpy(), y[:256, None].numpy(), told


@misuse("sigmoid-twice")
def the_second_column_of_a_softmax():
    z, y = tumours(0, outputs=2)
    return z.softmax(-1)[:, 1], y.float(), BCE


@misuse("sigmoid-twice")
def tags_after_a_sigmoid_early_in_training():
    z, y = tags(1, steps=15)
    return z[:64].sigmoid(), y[:64], {**BCE, "steps": 15}


@misuse("double-softmax")
def maps_after_a_softmax_layer_and_from_logits_in_keras():
    z, y = scenes(0)
    told = {**KERAS_LABELS, "from_logits": True}
    return z.softmax(1).movedim(1, -1).numpy(), y.numpy(), told


@misuse("double-softmax")
def volumes_after_a_softmax():
    z, y = volumes(1)
    return z.softmax(1).bfloat16(), y, CE


@misuse("double-softmax")
def a_gate_of_experts_into_cross_entropy():
    q, y = experts(0)
    return q[:32], y[:32], CE


@misuse("probabilities-as-log")
def a_gate_of_experts_without_the_logarithm():
    q, y = experts(1)
    return q, y, NLL


@misuse("softmax-axis")
def softmax_over_the_slices_of_a_volume():
    z, y = volumes(2)
    return z.softmax(2), y, CE


@misuse("class-axis")
def volumes_with_the_classes_third():
    # as many slices as classes, so PyTorch does not raise
    z, y = volumes(0)
    return z.transpose(1, 2), y, CE


@misuse("class-axis")
def maps_with_the_classes_first_in_keras():
    z, y = scenes(1)
    return z.softmax(1).numpy(), y.numpy(), KERAS_LABELS


@misuse("label-type")
def truth_values_for_a_binary_loss_in_torch():
    z, y = tumours(1)
    return z, y > 0.5, BCE


@misuse("label-column", "shape")
def wines_from_a_data_frame_of_one_column():
    z, y = wine(0)
    return z[:16], y[:16, None], CE


@misuse("broadcast")
def a_squeeze_that_was_forgotten_in_numpy():
    z, y = spam(0)
    told = {"loss": "binary_cross_entropy", "framework": "numpy"}
    return z[:50, None].sigmoid().numpy(), y[:50].numpy(), told


# what nobody can tell


@unclear("at-chance")
def a_critic_that_real_and_false_look_alike_to():
    # a discriminator at ln 2 after 400 steps: a perfect generator, or a critic that never learned
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(4000, 6, generator=rng)
    y = torch.arange(4000) % 2.0
    loss = F.binary_cross_entropy_with_logits
    net = fit(dense(6, 1), x, y[:, None], loss, steps=400, lr=0.001, batch=512)
    with torch.no_grad():
        return net(x[:1000]).squeeze(1), y[:1000], {**BCE, "steps": 400}
