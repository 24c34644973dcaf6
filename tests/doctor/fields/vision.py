"""Calls on pictures, each of one class."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse
from doctor.fields.nets import dense, digits, digits_data, fit, one_against_the_rest

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}


def blended(seed, share, cut=False):
    """Logits of 32 pictures that are mixed (or cut and joined), and both one-hot labels."""
    _, net = digits(seed)
    *_, new, truth = digits_data(seed)
    a, b = new[:32], new[32:64]
    left = torch.arange(8) < 8 * share
    with torch.no_grad():
        z = net(torch.where(left, a, b) if cut else share * a + (1 - share) * b)
    return z, F.one_hot(truth[:32], 10).float(), F.one_hot(truth[32:64], 10).float()


# healthy


@healthy
def last_batch_of_an_epoch_has_one_picture():
    made, _ = digits(0)
    z, y = made.rows(896, None)
    return z, y, CE


@healthy
def a_convolutional_net_under_autocast():
    z, y = digits(1)[0].rows(64)
    return z.bfloat16(), y, {**CE, "observed": F.cross_entropy(z.bfloat16().float(), y).item()}


@healthy
def a_loss_copied_from_a_log_in_three_digits():
    z, y = digits(2)[0].rows(128)
    return z, y, {**CE, "observed": round(F.cross_entropy(z, y).item(), 3)}


@healthy
def five_steps_of_training_and_three_pictures():
    z, y = digits(3, steps=5)[0].rows(3)
    return z, y, {**CE, "steps": 5}


@healthy
def the_first_step_of_a_convolutional_net():
    z, y = digits(4, steps=0)[0].rows(64)
    return z, y, {**CE, "steps": 1, "observed": round(F.cross_entropy(z, y).item(), 4)}


@healthy
def a_folder_that_was_not_shuffled():
    # a loader without shuffling gives a batch of one class: bad for training, no fault of the loss
    made, _ = digits(0)
    rows = (made.y == 6).nonzero().flatten()[:16]
    return made.z[rows], made.y[rows], CE


@healthy
def an_overfitted_net_on_its_training_pictures():
    _, net = digits(5, steps=900)
    x, y, *_ = digits_data(5)
    with torch.no_grad():
        return net(x), y, {**CE, "steps": 900}


@healthy
def mixup_of_pictures_with_one_share_per_batch():
    z, first, second = blended(1, 0.83)
    return z, 0.83 * first + 0.17 * second, CE


@healthy
def cutmix_in_half_precision():
    z, first, second = blended(2, 0.375, cut=True)  # three of eight columns
    return z.half(), (0.375 * first + 0.625 * second).half(), CE


@healthy
def dropout_passes_averaged_as_probabilities():
    _, net = digits(6, steps=150, dropout=0.4)
    *_, new, truth = digits_data(6)
    torch.manual_seed(6)
    net.train()
    with torch.no_grad():
        mean = torch.stack([net(new[:200]).softmax(-1) for _ in range(8)]).mean(0)
    net.eval()
    return mean.log(), truth[:200], {"loss": "F.nll_loss", "framework": "torch"}


@healthy
def the_average_of_two_nets_probabilities_in_keras():
    _, a = digits(0)
    _, b = digits(7, steps=60)
    *_, new, truth = digits_data(0)
    with torch.no_grad():
        q = (a(new).softmax(-1) + b(new).softmax(-1)) / 2
    return q, truth, {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}


@healthy
def logits_averaged_over_flips():
    _, net = digits(1)
    *_, new, truth = digits_data(1)
    with torch.no_grad():
        return (net(new[:100]) + net(new[:100].flip(-1))) / 2, truth[:100], CE


@healthy
def logits_after_temperature_scaling():
    z, y = digits(3)[0]
    return z / 2.7, y, CE


@healthy
def logits_of_eight_bits():
    # post-training quantisation: every logit is a multiple of the output's scale
    z, y = digits(4, steps=120)[0]
    scale = z.abs().max() / 127
    return (z / scale).round() * scale, y, CE


@healthy
def timms_binary_recipe_for_exclusive_classes():
    # "ResNet strikes back" trains ImageNet by a binary loss, with smoothed targets, on purpose
    z, y = one_against_the_rest(0).rows(128)
    smooth = torch.full((128, 10), 0.1 / 10).scatter_(1, y[:, None], 1 - 0.1 + 0.1 / 10)
    return z, smooth, BCE


@healthy
def classes_of_an_earlier_task_masked():
    # continual learning: only the classes seen so far may win
    made, _ = digits(2)
    seen = made.y < 6
    z = made.z[seen].clone()
    z[:, 6:] = -torch.inf
    return z, made.y[seen], CE


@healthy
def even_or_odd_head_beside_the_classes():
    # the coarse head of a hierarchy, from the log of summed probabilities: two logits, normalised
    z, y = digits(5)[0].rows(40)
    log_q = z.log_softmax(-1)
    coarse = torch.stack([log_q[:, 0::2].logsumexp(-1), log_q[:, 1::2].logsumexp(-1)], 1)
    return coarse, y % 2, CE


@healthy
def ages_as_cumulative_questions():
    # ordinal regression: is it above 0, above 1, ...; targets are steps 1 1 1 0 0
    z, y = digits(6)[0].rows(64)
    tail = z.softmax(-1).flip(1).cumsum(1).flip(1)[:, 1:].clamp(1e-6, 1 - 1e-6)
    return tail.logit(), (y[:, None] > torch.arange(9)).float(), BCE


@healthy
def optax_on_a_batch_of_two():
    import jax.numpy as jnp

    z, y = digits(0)[0].rows(10, 12)
    loss = "optax.softmax_cross_entropy_with_integer_labels"
    return jnp.asarray(z.numpy()), jnp.asarray(y.numpy()), {"loss": loss, "framework": "jax"}


# misused


@misuse("double-softmax")
def a_softmax_layer_under_bfloat16_and_four_pictures():
    z, y = digits(0)[0].rows(4)
    return z.softmax(-1).bfloat16(), y, CE


@misuse("double-softmax")
def a_softmax_layer_after_three_steps():
    z, y = digits(1, steps=3)[0].rows(64)
    return z.softmax(-1), y, {**CE, "steps": 3}


@misuse("double-softmax")
def averaged_probabilities_scored_as_logits():
    z, y = digits(2)[0].rows(16)
    other = digits(2, steps=60)[0].z[:16]
    return (z.softmax(-1) + other.softmax(-1)) / 2, y, {**CE, "label_smoothing": 0.1}


@misuse("double-softmax")
def a_softmax_before_mixup_targets():
    z, first, second = blended(3, 0.6)
    return z.half().softmax(-1), (0.6 * first + 0.4 * second).half(), CE


@misuse("sigmoid-into-softmax")
def a_sigmoid_layer_and_ten_classes():
    z, y = one_against_the_rest(1)
    return z.sigmoid(), y, CE


@misuse("sigmoid-into-softmax")
def a_sigmoid_layer_in_bfloat16_and_sixteen_digits():
    z, y = one_against_the_rest(2).rows(16)
    return z.sigmoid().bfloat16(), y, CE


@misuse("hard-predictions")
def the_winner_as_a_one_hot_row():
    z, y = digits(5, steps=60)[0].rows(64)
    return F.one_hot(z.argmax(-1), 10).float(), y, CE


@misuse("at-chance")
def an_optimizer_that_was_given_other_parameters():
    # the head was replaced after the optimizer was made, and nothing has learned for 1000 steps
    z, y = digits(3, steps=0)[0]
    return z, y, {**CE, "steps": 1000}


@misuse("softmax-axis")
def nn_softmax_over_the_pictures():
    z, y = digits(4)[0].rows(32)
    return z.softmax(0), y, CE


@misuse("softmax-axis")
def log_softmax_over_the_pictures():
    z, y = digits(5)[0].rows(64)
    return z.log_softmax(0), y, {"loss": "F.nll_loss", "framework": "torch"}


@misuse("probabilities-as-log")
def nll_of_the_softmax_of_eight_pictures():
    z, y = digits(6)[0].rows(8)
    return z.softmax(-1), y, {"loss": "nn.NLLLoss", "framework": "torch"}


@misuse("logits-as-log")
def nll_of_an_early_net():
    z, y = digits(6, steps=20)[0].rows(64)
    return z, y, {"loss": "nn.NLLLoss", "framework": "torch"}


@misuse("logits-as-probabilities")
def keras_without_from_logits_on_a_dense_layer():
    z, y = digits(0)[0].rows(32)
    return z, y, {"loss": "SparseCategoricalCrossentropy", "framework": "keras"}


@misuse("labels-from-one", "label-range")
def house_numbers_whose_labels_are_1_to_10():
    z, y = digits(1)[0].rows(64)
    return z, y + 1, CE


@misuse("labels-from-one")
def a_small_batch_of_labels_from_one():
    # the highest label is absent, so nothing is out of range; the model is right but for the shift
    z, y = digits(2)[0]
    rows = (y < 9).nonzero().flatten()[:24]
    return z[rows], y[rows] + 1, CE


@misuse("target-sum")
def cutmix_with_one_share_twice():
    z, first, second = blended(3, 0.75, cut=True)
    return z, 0.75 * first + 0.75 * second, CE


@misuse("integer-one-hot")
def one_hot_straight_from_torch():
    z, y = digits(4)[0].rows(16)
    return z, F.one_hot(y, 10), CE


@misuse("label-type")
def labels_from_a_data_frame_of_floats():
    z, y = digits(5)[0].rows(32)
    return z, y.float(), CE


@misuse("binary-on-softmax")
def bce_loss_after_softmax_with_one_hot():
    z, y = digits(6)[0].rows(32)
    one_hot = F.one_hot(y, 10).float()
    return z.softmax(-1), one_hot, {"loss": "nn.BCELoss", "framework": "torch"}


@misuse("rows-mixed")
def outputs_of_a_shuffled_loader_against_the_file_of_labels():
    z, y = digits(0)[0]
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(3))
    return z[order], y, CE


@misuse("shape")
def the_last_batch_against_the_labels_of_a_full_one():
    made, _ = digits(1)
    return made.z[-1:].repeat(33, 1), made.y[:64], CE


@misuse("not-finite")
def a_learning_rate_too_large():
    x, y, *_ = digits_data(0)
    x, net = x.flatten(1), dense(64, 32, 10)
    fit(net, x, y, F.cross_entropy, steps=40, lr=1e18, optimizer=torch.optim.SGD)
    with torch.no_grad():
        return net(x[:64]), y[:64], CE


@misuse("not-finite")
def pixels_divided_by_their_spread_of_zero():
    # pixels in the corners never vary, and 0 / 0 is nan in every picture
    x, y, *_ = digits_data(1)
    net = fit(dense(64, 32, 10), x.flatten(1), y, F.cross_entropy, steps=60)
    x = x[:12].flatten(1)
    with torch.no_grad():
        return net((x - x.mean(0)) / x.std(0)), y[:12], CE
