"""Calls on text: language models, taggers, and spam filters."""

import numpy as np
import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.nets import spam
from doctor.fields.texts import flat, lengths, tagger, writer

CE = {"loss": "F.cross_entropy", "framework": "torch"}
BCE = {"loss": "F.binary_cross_entropy_with_logits", "framework": "torch"}
JAX = {"loss": "optax.softmax_cross_entropy_with_integer_labels", "framework": "jax"}


# healthy


@healthy
def letters_of_a_recurrent_net():
    z, y = flat(0)
    return z, y, {**CE, "observed": F.cross_entropy(z, y).item()}


@healthy
def another_letters_with_the_classes_second():
    z, _, after, _ = writer(1)
    return z.transpose(1, 2), after, {**CE, "observed": round(F.cross_entropy(*flat(1)).item(), 2)}


@healthy
def letters_after_twenty_steps_in_bfloat16():
    z, y = flat(0, steps=20)
    return z.bfloat16(), y, {**CE, "steps": 20}


@healthy
def instructions_masked_and_answers_kept():
    z, _, after, _ = writer(0)
    y = after.clone()
    y[:, :16] = -100
    return z.flatten(0, 1), y.flatten(), {**CE, "ignore_index": -100}


@healthy
def one_word_in_seven_is_asked_for():
    # masked language models learn from 15 % of the places; the others are ignored by design
    z, y = flat(1)
    asked = torch.rand(len(y), generator=torch.Generator().manual_seed(1)) < 0.15
    return z, torch.where(asked, y, -100), {**CE, "ignore_index": -100}


@healthy
def sentences_padded_to_the_longest():
    z, _, after, _ = writer(0)
    y = torch.where(lengths(16, 24), after, -100)
    seen = F.cross_entropy(z.flatten(0, 1), y.flatten()).item()
    return z.transpose(1, 2), y, {**CE, "observed": round(seen, 4)}


@healthy
def letters_with_smoothing_and_padding():
    z, _, after, _ = writer(1)
    y = torch.where(lengths(16, 24, 1), after, -100).flatten()
    z = z.flatten(0, 1)
    seen = F.cross_entropy(z, y, label_smoothing=0.1).item()
    return z, y, {**CE, "label_smoothing": 0.1, "observed": seen}


@healthy
def letters_that_the_grammar_forbids():
    # constrained decoding: some letters are out, and none of them is a label
    z, y = flat(0)
    banned = torch.tensor([k for k in range(60) if k not in set(y.tolist())])
    z = z.clone()
    z[:, banned] = torch.finfo(z.dtype).min
    return z, y, CE


@healthy
def answers_as_places_in_a_padded_passage():
    # span questions: a softmax over the places, padding at the smallest number of the type
    z, _, _, _ = writer(0)
    keep = lengths(16, 24, 4)
    start = (keep.sum(1) * 0.4).long()
    scores = z[..., 0] / 4
    scores[torch.arange(16), start] += 4.0
    return scores.masked_fill(~keep, torch.finfo(torch.float32).min), start, CE


@healthy
def tags_with_padding_and_mostly_outside():
    z, y = tagger(0)
    return z.flatten(0, 1), y.flatten(), CE


@healthy
def five_words_and_five_tags_with_the_classes_second():
    z, y = tagger(0, length=5)
    return z.transpose(1, 2), y, CE


@healthy
def log_softmax_at_the_end_of_a_tagger():
    # harmless: the softmax of log-probabilities gives them back
    z, y = tagger(1)
    return z.log_softmax(-1).flatten(0, 1), y.flatten(), CE


@healthy
def tags_of_one_short_sentence():
    z, y = tagger(1)
    keep = y[3] != -100
    return z[3][keep], y[3][keep], CE


@healthy
def words_that_copy_their_input():
    # a denoising autoencoder: the target of a place is the word of that place
    z, y = tagger(2)
    ids = y.clamp(min=0)
    return z.transpose(1, 2), ids, CE


@healthy
def letters_in_optax():
    z, _, after, _ = writer(0)
    return z.numpy(), after.numpy(), JAX


@healthy
def spam_by_one_logit():
    z, y = spam(0)
    seen = F.binary_cross_entropy_with_logits(z, y).item()
    return z, y, {**BCE, "observed": round(seen, 4)}


@healthy
def six_mails_and_one_logit_each():
    z, y = spam(1, steps=30)
    return z[:6], y[:6], BCE


@healthy
def spam_probabilities_in_a_column_for_keras():
    z, y = spam(1)
    return (
        z[:64, None].sigmoid(),
        y[:64, None],
        {"loss": "BinaryCrossentropy", "framework": "keras"},
    )


# misused


@misuse("shift-missing")
def labels_are_a_copy_of_the_input_ids():
    # the usual `labels = input_ids.clone()` with a loss of one's own
    z, ids, _, _ = writer(0)
    return z, ids, {"loss": "softmax_cross_entropy", "framework": "numpy"}


@misuse("shift-missing")
def input_ids_for_labels_in_torch_with_padding():
    z, ids, _, _ = writer(1)
    return z.transpose(1, 2), torch.where(lengths(16, 24), ids, -100), CE


@misuse("shift-twice")
def shifted_by_the_data_set_and_by_the_loss():
    z, _, after, _ = writer(0)
    return z[:, :-1], after[:, 1:], JAX


@misuse("all-ignored")
def prompts_longer_than_the_window():
    # the answer was cut off, so nothing of the sentence is left to learn from
    z, y = flat(0)
    return z[:48], torch.full_like(y[:48], -100), CE


@misuse("mostly-ignored")
def one_answer_letter_in_a_hundred():
    z, y = flat(1)
    y = y.clone()
    y[2:] = -100
    return z, y, CE


@misuse("label-range")
def padding_of_minus_100_in_optax():
    z, y = tagger(0)
    return z.numpy(), y.numpy(), JAX


@misuse("label-range")
def padding_of_minus_one_in_torch():
    z, y = tagger(1)
    return z.flatten(0, 1), y.flatten().clamp(min=-1), CE


@misuse("class-axis")
def tags_with_the_classes_last_in_torch():
    z, y = tagger(2)
    return z, y.clamp(min=0), CE


@misuse("class-axis")
def five_words_and_five_tags_with_the_classes_last():
    # as many words as classes: PyTorch does not raise, and takes the words for classes
    z, y = tagger(0, length=5)
    return z, y.clamp(min=0), CE


@misuse("class-axis")
def letters_with_the_classes_second_in_optax():
    z, _, after, _ = writer(0)
    return z.transpose(1, 2).numpy(), after.numpy(), JAX


@misuse("masked-target")
def a_passage_that_ends_before_the_answer():
    # the place of the answer is masked as padding, at -1e9: a loss of a thousand million
    z, _, _, _ = writer(1)
    keep = lengths(16, 24, 4)
    start = (keep.sum(1) * 0.4).long()
    start[[3, 9]] = keep.sum(1)[[3, 9]].clamp(max=23)
    keep[[3, 9], start[[3, 9]]] = False
    scores = z[..., 0] / 4
    scores[torch.arange(16), start] += 4.0
    return scores.masked_fill(~keep, -1e9), start, CE


@misuse("probabilities-as-log")
def nll_of_the_writers_softmax_in_bfloat16():
    z, y = flat(0)
    return z.softmax(-1).bfloat16(), y, {"loss": "F.nll_loss", "framework": "torch"}


@misuse("double-softmax")
def generate_ready_probabilities_with_padding():
    z, _, after, _ = writer(1)
    y = torch.where(lengths(16, 24), after, -100)
    return z.softmax(-1).flatten(0, 1), y.flatten(), CE


@misuse("double-softmax")
def probabilities_in_optax_after_few_steps():
    z, _, after, _ = writer(0, steps=20)
    return z.softmax(-1).numpy(), after.numpy(), JAX


@misuse("softmax-axis")
def attention_style_softmax_over_time():
    z, _, after, _ = writer(0)
    return z.softmax(1).flatten(0, 1), after.flatten(), CE


@misuse("sigmoid-twice")
def spam_probabilities_and_bce_with_logits():
    z, y = spam(0)
    return z[:64].sigmoid(), y[:64], BCE


@misuse("broadcast")
def another_spam_column_against_a_row_by_hand():
    z, y = spam(1)
    told = {"loss": "binary_cross_entropy_with_logits", "framework": "numpy"}
    return z[:200, None].numpy(), y[:200].numpy(), told


@misuse("masked-target")
def a_grammar_that_forbids_the_answer():
    z, y = flat(0)
    z = z.clone()
    z[:, y[7]] = -torch.inf
    return z, y, CE


@misuse("masked-smoothing")
def forbidden_letters_and_smoothing():
    z, y = flat(1)
    banned = torch.tensor([k for k in range(60) if k not in set(y.tolist())])
    z = z.clone()
    z[:, banned] = -torch.inf
    return z, y, {**CE, "label_smoothing": 0.1}


@misuse("ragged")
def tags_as_lists_of_their_own_length():
    z, y = tagger(0)
    return z.numpy(), [row[row != -100].tolist() for row in y], JAX


@misuse("not-numbers")
def tags_by_their_names():
    z, y = tagger(1)
    names = np.array(["O", "PER", "LOC", "ORG", "MISC"])
    return z[0].numpy(), names[y[0].clamp(min=0)], {"loss": "softmax_cross_entropy"}


@misuse("label-column", "shape")
def letters_in_a_column_of_one():
    z, y = flat(0)
    return z[:32], y[:32, None], CE


# what nobody can tell


@unclear("log-into-softmax")
def a_log_softmax_layer_before_cross_entropy():
    # the number is right, and one of the two log_softmax is idle: which one is meant?
    z, y = flat(0)
    return z.log_softmax(-1), y, CE


@unclear("ignored-class")
def the_end_of_a_sentence_ignored_as_padding():
    # the padding id is that of a real symbol: its places are never learned. Meant, or GPT-2's trap?
    z, y = flat(1)
    common = y.mode().values.item()
    return z, y, {**CE, "ignore_index": common}
