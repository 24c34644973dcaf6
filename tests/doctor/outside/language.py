"""A language model of letters, in PyTorch."""

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import ce, one_hot, told


def flat(z, y):
    """All places of all lines as rows."""
    return z.flatten(0, 1), y.flatten()


def padded(seed, fill=-100, steps=400):
    """Lines of different lengths: the rest of each is padding."""
    z, _, y = nets.letters(seed, steps)
    lengths = torch.randint(8, 41, (24, 1), generator=torch.Generator().manual_seed(seed))
    return z, torch.where(torch.arange(40) < lengths, y, torch.full_like(y, fill))


@healthy
def letters_flattened():
    z, _, y = nets.letters(0)
    return *flat(z, y), ce(steps=400)


@healthy
def letters_with_the_classes_second():
    z, _, y = nets.letters(1)
    return z.movedim(-1, 1), y, ce()


@healthy
def letters_shifted_inside_the_call():
    # the Hugging Face way: logits but the last, ids but the first
    z, ids, _ = nets.letters(2)
    return *flat(z[:, :-1], ids[:, 1:]), ce()


@healthy
def letters_padded_to_one_length():
    return *flat(*padded(0)), ce(ignore_index=-100)


@healthy
def letters_padded_with_the_default_index():
    # -100 is PyTorch's default: nothing needs to be said
    return *flat(*padded(1)), ce()


@healthy
def letters_padded_bfloat16_classes_second():
    z, y = padded(2)
    return z.movedim(-1, 1).bfloat16(), y, ce(ignore_index=-100)


@healthy
def letters_padded_label_smoothed():
    z, y = padded(3)
    return *flat(0.8 * z, y), ce(label_smoothing=0.1, ignore_index=-100)


@healthy
def letters_of_an_untrained_model():
    z, _, y = nets.letters(0, 0)
    return *flat(z, y), ce(steps=0)


@healthy
def letters_one_sentence():
    z, _, y = nets.letters(1)
    return z[3, :12], y[3, :12], ce()


@healthy
def letters_one_at_a_time():
    z, _, y = nets.letters(0)
    return z[5, 8:9], y[5, 8:9], ce()


@healthy
def letters_where_only_the_answer_counts():
    # instruction tuning: the prompt, two thirds of each line, is ignored
    z, _, y = nets.letters(2)
    y = y.clone()
    y[:, :26] = -100
    return *flat(z, y), ce(ignore_index=-100)


@healthy
def letters_masked_as_in_bert():
    # 15 percent of the places are asked for
    z, _, y = nets.letters(3)
    asked = torch.rand(y.shape, generator=torch.Generator().manual_seed(0)) < 0.15
    return *flat(z, torch.where(asked, y, torch.full_like(y, -100))), ce(ignore_index=-100)


@healthy
def letters_with_forbidden_ones_at_minus_infinity():
    z, _, y = nets.letters(0)
    z, y = flat(z, y)
    kept = (y != nets.LETTERS.index("z")) & (y != nets.LETTERS.index("q"))
    z = z.clone()
    z[:, [nets.LETTERS.index("z"), nets.LETTERS.index("q")]] = -torch.inf
    return z[kept], y[kept], ce()


@healthy
def letters_with_forbidden_ones_at_minus_a_billion():
    z, _, y = nets.letters(1)
    z, y = flat(z, y)
    z = z.clone()
    z[:, 17] = -1e9
    return z[y != 17], y[y != 17], ce()


@healthy
def letters_top_ten_only_float16_minimum():
    # all but the ten best and the true one are set to the type's minimum, each row its own
    z, _, y = nets.letters(2)
    z, y = flat(z, y)
    keep = torch.zeros_like(z).scatter(1, z.topk(10).indices, 1.0).scatter(1, y[:, None], 1.0)
    z = z.half().masked_fill(keep == 0, torch.finfo(torch.float16).min)
    return z, y, ce()


@healthy
def letters_as_log_probabilities():
    z, _, y = nets.letters(0)
    return *flat(z.log_softmax(-1), y), told("nn.NLLLoss")


@healthy
def letters_as_log_probabilities_padded_and_second():
    z, y = padded(1)
    return z.log_softmax(-1).movedim(-1, 1), y, told("F.nll_loss", ignore_index=-100)


@healthy
def letters_in_a_vocabulary_padded_to_32():
    # three tokens that never occur, for the sake of the hardware; the model has learned that
    z, _, y = nets.letters(1)
    z, y = flat(z, y)
    return torch.cat([z, torch.full((len(z), 3), -18.0)], dim=1), y, ce()


@healthy
def letters_of_two_models_averaged():
    z, _, y = nets.letters(0)
    other = nets.letters(1).z
    mean = torch.stack([z, other]).log_softmax(-1).logsumexp(0) - torch.tensor(2.0).log()
    return *flat(mean, y), ce()


@healthy
def letters_towards_a_stronger_models_rows():
    # soft targets: the rows of another model at temperature 2
    z, _, _ = nets.letters(0)
    goal = (nets.letters(1).z / 2).softmax(-1)
    return *(a.flatten(0, 1)[:300] for a in (z / 2, goal)), ce()


@healthy
def perplexity_of_letters():
    z, _, y = nets.letters(0)
    value = F.cross_entropy(*flat(z, y)).exp().item()
    return *flat(z, y), told("perplexity", observed=round(value, 3))


@misuse("double-softmax")
def softmax_of_letters():
    z, _, y = nets.letters(0)
    return *flat(z.softmax(-1), y), ce()


@misuse("double-softmax")
def softmax_of_letters_padded_bfloat16():
    z, y = padded(1)
    return *flat(z.softmax(-1).bfloat16(), y), ce(ignore_index=-100)


@misuse("shift-missing")
def letters_against_the_ids_themselves():
    z, ids, _ = nets.letters(0)
    return z.numpy(), ids.numpy(), told("softmax_cross_entropy", "numpy")


@misuse("shift-missing")
def letters_against_the_ids_classes_second():
    z, ids, _ = nets.letters(1)
    return z.movedim(-1, 1), ids, ce()


@misuse("shift-missing")
def letters_against_the_ids_padded():
    z, ids, _ = nets.letters(2)
    ids = ids.clone()
    ids[:12, 30:] = -100
    return z.movedim(-1, 1).bfloat16(), ids, ce(ignore_index=-100)


@misuse("shift-twice")
def letters_shifted_by_the_loader_and_by_the_model():
    z, _, y = nets.letters(0)
    return z[:, :-1].movedim(-1, 1), y[:, 1:], ce()


@misuse("shift-twice")
def letters_shifted_twice_a_few_lines():
    z, _, y = nets.letters(1)
    return z[:8, :-1].movedim(-1, 1), y[:8, 1:], ce()


@misuse("class-axis", "shape")
def letters_with_the_classes_last():
    z, _, y = nets.letters(0)
    return z, y, ce()


@misuse("class-axis")
def lines_of_29_letters_classes_last():
    # as many letters as classes: PyTorch does not notice
    z, _, y = nets.letters(2)
    return z[:, :29], y[:, :29], ce()


@misuse("label-range")
def letters_padded_with_minus_one():
    return *flat(*padded(0, fill=-1)), ce()


@misuse("label-range")
def letters_padded_with_a_token_of_their_own():
    # 29 is the padding, and has no logit
    return *flat(*padded(1, fill=29)), ce()


@misuse("label-range")
def another_tokenizers_ids():
    z, _, y = nets.letters(2)
    y = torch.where(y == 5, torch.full_like(y, 31), y)
    return *flat(z, y), ce()


@misuse("all-ignored")
def an_answer_cut_off_by_the_maximum_length():
    z, _, y = nets.letters(0)
    return *flat(z[:2], torch.full_like(y[:2], -100)), ce(ignore_index=-100)


@misuse("masked-target")
def a_mask_that_forbids_letters_that_occur():
    z, _, y = nets.letters(0)
    z, y = flat(z, y)
    z = z.clone()
    z[:, 3] = -torch.inf
    return z, y, ce()


@misuse("masked-smoothing")
def a_mask_and_smoothing():
    z, _, y = nets.letters(1)
    z, y = flat(z, y)
    z = z.clone()
    z[:, 17] = -torch.inf
    return z[y != 17], y[y != 17], ce(label_smoothing=0.1)


@misuse("masked-one-hot")
def a_mask_and_one_hot_rows():
    z, _, y = nets.letters(2)
    z, y = flat(z, y)
    z, y = z[y != 17].clone(), y[y != 17]
    z[:, 17] = -torch.inf
    return z, one_hot(y, 29), ce()


@misuse("logits-as-log")
def letters_straight_into_nll():
    z, _, y = nets.letters(1)
    return *flat(z, y), told("F.nll_loss")


@misuse("probabilities-as-log")
def probabilities_of_letters_into_nll():
    z, y = padded(2)
    return *flat(z.softmax(-1), y), told("nn.NLLLoss", ignore_index=-100)


@misuse("kl-mean")
def one_reader_against_another_by_the_default_mean():
    log_q, p = nets.letters(0).z.log_softmax(-1), nets.letters(1).z.softmax(-1)
    more = {"reduction": "mean"}
    return log_q.flatten(0, 1), p.flatten(0, 1), told("F.kl_div", **more)


@misuse("rows-mixed")
def letters_transposed_on_one_side():
    # (T, N) flattened against (N, T): a recurrent net's time comes first
    z, _, y = nets.letters(0)
    return z.transpose(0, 1).flatten(0, 1), y.flatten(), ce()


@unclear("mostly-ignored")
def one_letter_in_thirty_counts():
    # 97 percent of the places are ignored: a short answer, or a mask upside down?
    z, _, y = nets.letters(1)
    y = y.clone()
    y[:, 1:] = -100
    y[:4, 1] = nets.letters(1).y[:4, 1]
    return *flat(z, y), ce(ignore_index=-100)
