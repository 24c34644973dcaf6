"""Which story explains binary outputs better: logits, or what a sigmoid has left of them?

Each story gives the targets a probability. If a calibrated model had put the outputs out as logits,
a likelihood ratio of e^k in favour of another story would come up in at most e^-k of all batches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from xentlib._checks import Array
from xentlib.doctor._binary_facts import BinaryFacts, binary_blocks
from xentlib.doctor._case import Case
from xentlib.doctor._crowd import EVEN, SMOOTH, crowded
from xentlib.doctor._paired import compares_rows
from xentlib.doctor._rowwise import softplus

SURE, LIKELY = 30.0, 6.0  # nats of evidence
MUCH = 0.8  # of the loss: far below 0 a log-sigmoid is what it was made of
SHARPNESS = (1.0, 0.5, 0.25, 0.1)  # of models that are surer than they should be
ENTRIES = 1 << 17
CLIP = 16.1  # ln 1e7, so that one entry cannot decide


class Story(NamedTuple):
    """What was done to the logits: where it leads, and the way back."""

    name: str
    low: float
    high: float
    undo: Callable[[Array], Array]


SIGMOID = Story("a sigmoid", 0.0, 1.0, lambda p: np.log(p) - np.log1p(-p))
TANH = Story("a tanh", -1.0, 1.0, lambda a: np.log1p(a) - np.log1p(-a))
LOG_SIGMOID = Story("a log-sigmoid", -math.inf, 0.0, lambda s: s - np.log(-np.expm1(s)))
STORIES = (SIGMOID, TANH, LOG_SIGMOID)


def check_squashed(case: Case, facts: BinaryFacts) -> None:
    """Weigh the stories against that of the loss, which takes logits."""
    story = next((s for s in STORIES if s.low <= facts.low and facts.high <= s.high), None)
    if story is None or facts.entries < 2:
        return
    case.checked.append(f"whether the logits went through {story.name} before")
    told = story_loss(case, story) + math.log(len(SHARPNESS))
    against_logits = facts.as_logits - told
    evidence = min(against_logits, _constant(facts) - told)
    crowd = _ends(case, story)
    numbers = {
        "nats_of_evidence": evidence,
        "lowest": facts.low,
        "highest": facts.high,
        "loss_as_logits": facts.as_logits / facts.entries,
        f"loss_after_{story.name.split()[1]}": told / facts.entries,
    }
    if story is SIGMOID and facts.positives == facts.entries:
        crowd = max(crowd, _wall(case))
    at_the_ends = against_logits > LIKELY and crowd > LIKELY
    wide = facts.high - facts.low > 0.2
    sharper = story is TANH and crowd <= LIKELY  # near 0 a tanh is a factor, and proves nothing
    better = evidence > LIKELY and (story is not LOG_SIGMOID or told < MUCH * facts.as_logits)
    likely = wide and not sharper and (better or at_the_ends) and not _rectified(case, story)
    if likely and not compares_rows(case):
        proved = evidence > SURE and _proved(case, facts, story)
        where = f"all outputs lie in [{story.low:g}, {story.high:g}], and"
        case.find(
            "sigmoid-twice",
            "error" if proved else "warning",
            0.99 if proved else 0.9,
            f"{'The model ends' if proved else 'Does the model end'} in {story.name}"
            f"{',' if proved else '?'} "
            f"{'and the loss' if proved else 'The loss'} applies a sigmoid of its own: {where} "
            "after it they fit the targets far better than as logits.",
            **numbers,
        )
    elif likely or _doubtful(facts, story, against_logits):
        case.find(
            "sigmoid-twice",
            "note",
            0.4,
            f"Cannot tell: all outputs lie in [{story.low:g}, {story.high:g}], which logits may "
            f"do. Does the model end in {story.name}?",
            **numbers,
        )


def _proved(case: Case, facts: BinaryFacts, story: Story) -> bool:
    """Whether nothing but a sigmoid leads to this: both ends, and no cosines, no rare answers."""
    saturated = facts.low < 0.05 and facts.high > 0.95 and facts.entries >= 20
    common = 0.1 <= facts.positives / facts.entries <= 0.9
    return saturated and common and story is SIGMOID and _ends(case, story, SMOOTH) > LIKELY


def _wall(case: Case) -> float:
    """How improbable it is that there is much just below 1, and nothing above, in nats."""
    return int((case.outputs.reshape(-1)[:ENTRIES] > 0.9).sum()) * math.log(2)


def _rectified(case: Case, story: Story) -> bool:
    """Whether there are zeros, and nothing close to them: as a rectifier leaves it."""
    z = case.outputs.reshape(-1)[:ENTRIES]
    zeros, close = int((z == 0).sum()), int(((z > 0) & (z < 1e-4)).sum())
    return story is SIGMOID and zeros > close + 0.05 * len(z) and not (z == 1).any()


def _doubtful(facts: BinaryFacts, story: Story, against_logits: float) -> bool:
    """Whether the range alone is worth a question."""
    if story is TANH:
        return facts.low < -0.9 and facts.high > 0.9 and against_logits > 0
    return story is SIGMOID and against_logits > -LIKELY


def story_loss(case: Case, story: Story) -> float:
    """The loss, summed, of the logits that the story recovers, for the best sharpness."""
    losses = np.zeros(len(SHARPNESS))
    for _, z, t in binary_blocks(case):
        logits = np.clip(story.undo(z), -CLIP, CLIP)
        for i, sharpness in enumerate(SHARPNESS):
            scaled = sharpness * logits
            losses[i] += (softplus(scaled) - t * scaled).sum(dtype=np.float64)
    return float(losses.min())


def _constant(facts: BinaryFacts) -> float:
    """The loss of the share of the positives: scores that rank well may be no probabilities."""
    share = (facts.positives + 1) / (facts.entries + 2)
    yes, no = facts.positives, facts.entries - facts.positives
    return -yes * math.log(share) - no * math.log1p(-share) if 0 < share < 1 else math.inf


def _ends(case: Case, story: Story, chance: float = EVEN) -> float:
    """How the outputs crowd at the end that their target names, in nats."""
    step = max(1, case.outputs.size // ENTRIES)
    z, t = case.outputs.reshape(-1)[::step], case.targets.reshape(-1)[::step]
    upper = crowded(story.high - z[t > 0.5], chance)
    lower = crowded(z[t < 0.5] - story.low, chance) if math.isfinite(story.low) else 0.0
    return upper + lower
