"""Calls where what is averaged over, or the unit, is what matters: words, sentences, perplexity."""

import math

import torch
import torch.nn.functional as F

from doctor.corpus import healthy, misuse, unclear
from doctor.fields.texts import flat, lengths, writer

CE = {"loss": "F.cross_entropy", "framework": "torch"}


@misuse("bits")
def bits_per_letter_reported_as_the_loss():
    z, y = flat(0)
    return z, y, {**CE, "observed": F.cross_entropy(z, y).item() / math.log(2)}


@misuse("perplexity-for-loss")
def a_log_of_perplexities_read_as_losses():
    z, y = flat(1)
    return z, y, {**CE, "observed": round(math.exp(F.cross_entropy(z, y).item()), 2)}


@misuse("perplexity-base")
def two_to_the_power_of_nats():
    z, y = flat(0)
    seen = 2 ** F.cross_entropy(z, y).item()
    return z, y, {"loss": "perplexity", "framework": "torch", "observed": seen}


@misuse("perplexity-mean")
def the_mean_of_each_letters_perplexity():
    z, y = flat(1)
    seen = F.cross_entropy(z, y, reduction="none").exp().mean().item()
    return z, y, {"loss": "perplexity", "framework": "torch", "observed": seen}


@misuse("ignored-in-mean")
def the_mean_over_padding_too():
    z, _, after, _ = writer(0)
    y = torch.where(lengths(16, 24), after, -100).flatten()
    z = z.flatten(0, 1)
    seen = F.cross_entropy(z, y, reduction="none").mean().item()
    return z, y, {**CE, "ignore_index": -100, "observed": round(seen, 4)}


@misuse("mean-of-means")
def accumulation_over_sentences_of_unequal_length():
    z, _, after, _ = writer(1)
    keep = lengths(16, 24, 3)
    z, y, sizes = z[keep], after[keep], keep.sum(1).tolist()
    parts = F.cross_entropy(z, y, reduction="none").split(sizes)
    seen = torch.stack([part.mean() for part in parts]).mean().item()
    return z, y, {**CE, "micro_batches": sizes, "observed": seen}


@unclear("unexplained")
def the_mean_of_an_epoch_against_one_batch():
    # the log shows the running mean of 20 batches; the arrays are those of the last one
    z, y = flat(0)
    return z[:96], y[:96], {**CE, "observed": F.cross_entropy(z, y).item()}


@healthy
def perplexity_with_padding():
    z, _, after, _ = writer(0)
    y = torch.where(lengths(16, 24, 2), after, -100).flatten()
    z = z.flatten(0, 1)
    seen = math.exp(F.cross_entropy(z, y).item())
    told = {"loss": "perplexity", "ignore_index": -100, "framework": "torch"}
    return z, y, {**told, "observed": seen}


@healthy
def the_total_over_words_divided_elsewhere():
    z, y = flat(1)
    seen = F.cross_entropy(z, y, reduction="sum").item()
    return z, y, {**CE, "reduction": "sum", "observed": seen}


@healthy
def accumulated_over_equal_sentences():
    z, y = flat(0)
    parts = F.cross_entropy(z, y, reduction="none").reshape(16, 24).mean(1)
    return z, y, {**CE, "micro_batches": [24] * 16, "observed": parts.mean().item()}
