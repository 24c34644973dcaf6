# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [raw]
# # ASSIGNMENT CONFIG
# name: 1_entropy
# export_cell: false
# check_all_cell: true
# tests:
#   ok_format: false

# %% [markdown]
# # Lab 1: Work out entropies and cross-entropies by hand
#
# **What you will do.** You turn probabilities into surprises, average them, build a code that is as
# short as the average, and find out what a wrong model costs. Some answers are numbers that you
# find on paper, the others are short functions.
#
# **What you will be able to do**
# - compute surprisal, entropy, cross-entropy and KL divergence, and get the certain and the
#   impossible right;
# - choose code lengths, and say why no code is shorter on average;
# - say from which truth on a bold model is cheaper than a careful one;
# - read a loss as a probability, and a mean loss against its floor.
#
# **What you need.** Chapters 1 to 3; logarithms; NumPy arrays and their axes.
# **Time.** 75 minutes. **Imports.** NumPy only. `xentlib` and SciPy have these functions, so they
# are not allowed here.
#
# | question | what | points | graded |
# |:--|:--|--:|:--|
# | 1 | surprisal, in bits | 3 | automatically |
# | 2 | entropy, in nats | 4 | automatically |
# | 3 | a code as short as the entropy | 3 | automatically |
# | 4 | cross-entropy | 4 | automatically |
# | 5 | KL divergence | 4 | automatically |
# | 6 | bold or careful? | 3 | automatically |
# | 7 | four losses, read aloud | 4 | automatically |
# | 8 | a report that says too much | 5 | by a person, with a rubric |
# | | **total** | **30** | |
#
# **Rules.** Keep the names of the functions and answers, and what the functions take and return.
# The check below each question runs a part of the tests and names usual mistakes. The grading runs
# more.

# %% [markdown]
# ## What is given
#
# The truth is `p`, the model is `q`, and the truth comes first: `cross_entropy(p, q)`. The outcomes
# are on the **last** axis. A logarithm in base 2 gives bits, the natural one gives nats. Questions
# 1 and 3 are in bits, all others in nats.

# %%
import numpy as np

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 3

# %% [markdown]
# ## Question 1: surprisal, in bits (3 points)
#
# How surprised should you be? The surprisal of an event with probability $p$ is $s(p) = -\log_2 p$
# bits. Return it for a whole array of probabilities. What is certain costs 0, and what was called
# impossible costs infinity. Chapter 1, section "Surprise".
#
# Predict first: by how much does the surprise grow if the probability is halved?
#
# <details><summary>Hint</summary>
#
# `np.log2`. For $p = 0$ it gives $-\infty$ by itself, with a warning that you may leave or silence
# with `np.errstate(divide="ignore")`.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def surprisal(p):
    """Return the surprisal of each event, in bits.

    p : array of probabilities, any shape
    returns an array of that shape; infinity where p is 0
    """
    # BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return -np.log2(p)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Each halving of the probability must add one bit: 1, 1/2, 1/4, 1/8 cost 0, 1, 2, 3. The natural
  logarithm gives nats, and without the minus sign a surprise is negative. Chapter 1, section
  Surprise.
"""  # END TEST CONFIG


def test_q1_halves(surprisal):
    import numpy as np

    got = np.asarray(surprisal(np.array([1.0, 0.5, 0.25, 0.125])), dtype=float)
    assert got.shape == (4,), f"shape {got.shape}, expected (4,)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got, [0, 1, 2, 3], atol=1e-6), f"got {got.round(3)}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for probabilities that are no power of 1/2, or for an array with two axes. It is minus the
  logarithm in base 2 of each probability alone: nothing is rounded, weighed or added. Chapter 1,
  section Surprise.
"""  # END TEST CONFIG


def test_q1_values(surprisal):
    import math

    import numpy as np

    p = np.array([[0.9, 0.3, 0.07], [1e-9, 0.6, 1 / 3]])
    got = np.asarray(surprisal(p), dtype=float)
    assert got.shape == (2, 3)
    assert np.allclose(2.0**-got, p, rtol=1e-9, atol=0)
    assert math.isclose(got[1, 0], 29.897352854, rel_tol=1e-9)  # 9 times log2 of 10


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  An event that was called impossible must surprise infinitely: do not clip, add an epsilon, or
  return 0 or nan. And what is possible must stay finite. Chapter 1, section Surprise.
"""  # END TEST CONFIG


def test_q1_impossible(surprisal):
    import numpy as np

    got = np.asarray(surprisal(np.array([0.0, 0.5])), dtype=float)
    assert got.shape == (2,)
    assert got[0] == np.inf
    assert np.isfinite(got[1])


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 4

# %% [markdown]
# ## Question 2: entropy, in nats (4 points)
#
# Weigh each surprise by how often you will have it, and add: $H(p) = -\sum_i p_i \ln p_i$, now with
# the natural logarithm. What never happens never surprises you: $0 \ln 0 = 0$. Return one number
# for each distribution of a batch. Chapter 1, section "Entropy".
#
# Before you run the check: which distribution over four outcomes has the largest entropy, and how
# large is it?
#
# <details><summary>Hint 1</summary>
#
# `0 * np.log(0)` is nan. Put a harmless number where the probability is 0, before you take the
# logarithm.
# </details>
# <details><summary>Hint 2</summary>
#
# `np.log(np.where(p > 0, p, 1))` is 0 where $p$ is 0.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def entropy(p):
    """Return the entropy of each distribution, in nats.

    p : array (..., C), distributions on the last axis
    returns an array (...), one number for each distribution
    """
    # BEGIN SOLUTION
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Four equal outcomes must have the entropy ln 4: not 2, which is in bits, not 4, which counts
  outcomes, and not a mean over the outcomes. Chapter 1, section Entropy.
"""  # END TEST CONFIG


def test_q2_uniform(entropy):
    import numpy as np

    got = np.asarray(entropy(np.full(4, 0.25)), dtype=float)
    assert got.shape == (), f"shape {got.shape}, expected one number"
    assert np.isfinite(got), "not finite"
    assert np.isclose(got, 1.3862943611198906), f"got {got:.4f}, expected ln 4"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  A certain outcome has the entropy 0. Yours is another number or nan, because 0 times ln 0 was not
  taken as 0. Chapter 1, section Entropy.
"""  # END TEST CONFIG


def test_q2_certain(entropy):
    import numpy as np

    got = np.asarray(entropy(np.array([0.0, 1.0, 0.0])), dtype=float)
    assert got.shape == (), f"shape {got.shape}, expected one number"
    assert np.isfinite(got), "not finite"
    assert abs(got) < 1e-6, f"got {got:.4f}, expected 0"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for unequal outcomes, or for outcomes of which one never happens. Each surprise is weighed
  by its own probability, with nothing added to it and nothing left out but zeros. Chapter 1,
  section Entropy.
"""  # END TEST CONFIG


def test_q2_values(entropy):
    import math

    import numpy as np

    for p in ([0.5, 0.25, 0.125, 0.125], [0.9, 0.1], [0.7, 0.0, 0.3], [1e-7, 1 - 1e-7]):
        got = np.asarray(entropy(np.array(p)), dtype=float)
        assert got.shape == ()
        assert math.isclose(got, math.fsum(-x * math.log(x) for x in p if x > 0), rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for a batch: each row is a distribution of its own and gets its own number. Sum over the
  last axis, not over the whole array and not over the rows.
"""  # END TEST CONFIG


def test_q2_batch(entropy):
    import numpy as np

    p = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    got = np.asarray(entropy(np.stack([p, p[::-1], p, p])), dtype=float)
    assert got.shape == (4, 2)
    row = np.array([1.0, 1.5]) * 0.6931471805599453
    assert np.allclose(got, [row, row[::-1], row, row], rtol=1e-6)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 3

# %% [markdown]
# ## Question 3: a code as short as the entropy (3 points)
#
# A weather station sends one of six words a day: sun with probability 1/4, cloud 1/4, rain 1/4,
# wind 1/8, fog 1/16, snow 1/16. Each is sent as a code word of zeros and ones. No word begins
# another, so that they can be cut apart again. Choose the **lengths** so that the average is as
# short as it can be. No computer is needed. Chapter 1, section "What the number buys: code length".
#
# <details><summary>Hint 1</summary>
#
# In a perfect code each word is as long as the surprisal of what it stands for.
# </details>
# <details><summary>Hint 2</summary>
#
# The average weighs each length by its probability. It is not the sum of the lengths over six.
# </details>

# %% [raw]
# # BEGIN SOLUTION

# %%
# The lengths in bits, in the order sun, cloud, rain, wind, fog, snow: a list of six whole numbers.
code_lengths = [2, 2, 2, 3, 4, 4]  # SOLUTION
# The average number of bits a day that this code spends.
mean_bits = 2.375  # SOLUTION
# The number of bits a day if every word had the same length.
fixed_bits = 3  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  Give six whole numbers, and lengths that a code can have: the sum of 2 to the power of minus the
  length, over all words, is at most 1. Otherwise one word begins another.
"""  # END TEST CONFIG


def test_q3_form(code_lengths):
    assert isinstance(code_lengths, (list, tuple)), f"got {type(code_lengths).__name__}"
    assert len(code_lengths) == 6, f"got {len(code_lengths)} lengths, expected 6"
    assert all(float(n).is_integer() for n in code_lengths), "a length is not whole"
    assert all(n >= 1 for n in code_lengths), "a word needs at least one bit"
    assert sum(2.0**-n for n in code_lengths) <= 1, "these words cannot be cut apart again"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  These lengths are no code, or not the shortest one on average. Each word is as long as its
  surprisal in bits: 2 bits for 1/4, one more for each halving. Chapter 1, section What the number
  buys: code length.
"""  # END TEST CONFIG


def test_q3_lengths(code_lengths):
    from fractions import Fraction

    p = [Fraction(1, n) for n in (4, 4, 4, 8, 16, 16)]
    lengths = [int(n) for n in code_lengths]
    assert len(lengths) == 6
    assert lengths == list(code_lengths)
    assert sum(Fraction(1, 2) ** n for n in lengths) <= 1
    # With a sum of 1, lengths that meet the surprisals are the only ones with this average.
    assert [Fraction(1, 2) ** n for n in lengths] == p


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The average is wrong. Weigh each length by its probability, and add: it is the entropy in bits,
  not in nats, and not the plain mean of the six lengths. Chapter 1, section Entropy.
"""  # END TEST CONFIG


def test_q3_mean(mean_bits):
    import math

    p = [1 / 4, 1 / 4, 1 / 4, 1 / 8, 1 / 16, 1 / 16]
    assert abs(float(mean_bits) - sum(-x * math.log2(x) for x in p)) < 1e-3


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The number for words of equal length is wrong. Two bits name four things, three bits name eight:
  six need a whole number of bits, which log2 of 6 is not.
"""  # END TEST CONFIG


def test_q3_fixed(fixed_bits):
    bits = float(fixed_bits)
    assert bits.is_integer()
    assert 2 ** (bits - 1) < 6 <= 2**bits


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 4

# %% [markdown]
# ## Question 4: cross-entropy (4 points)
#
# The model's beliefs set the price, the truth sends the bills: $H(p, q) = -\sum_i p_i \ln q_i$.
# What never happens costs nothing, whatever the model thinks of it. What happens although the model
# called it impossible costs infinity. Chapter 2, section "Your beliefs set the price, the truth
# sends the bills".
#
# <details><summary>Hint 1</summary>
#
# Which of the two goes into the logarithm, and which one is the weight? And which one decides that
# a class costs nothing?
# </details>
# <details><summary>Hint 2</summary>
#
# `np.log(np.where(p > 0, q, 1))` leaves the classes out that never happen, and lets the impossible
# be infinite.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def cross_entropy(p, q):
    """Return the cross-entropy of the model q under the truth p, in nats.

    p : array (..., C), truths on the last axis
    q : array (..., C), models, of the same shape
    returns an array (...), one number for each pair
    """
    # BEGIN SOLUTION
    with np.errstate(divide="ignore"):
        return -(p * np.log(np.where(p > 0, q, 1))).sum(axis=-1)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  With the truth [0, 0, 1, 0] and the model [0.1, 0.2, 0.6, 0.1] it must be -ln 0.6: the model goes
  into the logarithm, the truth is the weight. The other way round it would be infinite. Chapter 3,
  section One row, on paper.
"""  # END TEST CONFIG


def test_q4_one_row(cross_entropy):
    import numpy as np

    got = cross_entropy(np.array([0.0, 0.0, 1.0, 0.0]), np.array([0.1, 0.2, 0.6, 0.1]))
    got = np.asarray(got, dtype=float)
    assert got.shape == (), f"shape {got.shape}, expected one number"
    assert np.isfinite(got), "not finite"
    assert np.isclose(got, 0.5108256237659907), f"got {got:.4f}, expected -ln 0.6"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  An outcome that the model called impossible, and that happens, must cost infinity. One that never
  happens must cost nothing, also where the model gives it 0. Do not clip, and let p decide what is
  left out. Chapter 2, section Your beliefs set the price.
"""  # END TEST CONFIG


def test_q4_impossible(cross_entropy):
    import numpy as np

    p, q = (
        np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]),
        np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]),
    )
    got = np.asarray(cross_entropy(p, q), dtype=float)
    assert got.shape == (2,), f"shape {got.shape}, expected (2,)"
    assert got[0] == np.inf, f"got {got[0]}, expected infinity"
    assert np.isclose(got[1], 0.6931471805599453), f"got {got[1]}, expected ln 2"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for a truth that is not one-hot. Weigh the surprisal of every outcome by the truth: the
  truth is not turned into a label, its entropy is not taken away, and the result is in nats.
  Chapter 2, section Your beliefs set the price.
"""  # END TEST CONFIG


def test_q4_soft(cross_entropy):
    import math

    import numpy as np

    rng = np.random.default_rng(41)
    for p, q in rng.dirichlet(np.ones(4), size=(5, 2)):
        got = np.asarray(cross_entropy(p, q), dtype=float)
        assert got.shape == ()
        expected = math.fsum(-a * math.log(b) for a, b in zip(p, q, strict=True))
        assert math.isclose(got, expected, rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for a batch: each pair of rows gets a number of its own. Sum over the last axis only,
  without a mean over the rows.
"""  # END TEST CONFIG


def test_q4_batch(cross_entropy):
    import numpy as np

    p, q = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), np.array([[0.25, 0.75]] * 3)
    got = np.asarray(cross_entropy(np.stack([p, p]), np.stack([q, q])), dtype=float)
    assert got.shape == (2, 3)
    row = np.array([1.3862943611198906, 0.2876820724517809, 0.8369882167858358])
    assert np.allclose(got, [row, row], rtol=1e-9)  # ln 4, ln 4/3, and half of each


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 4

# %% [markdown]
# ## Question 5: KL divergence (4 points)
#
# The part of the bill that is your own waste: $\operatorname{KL}(p \parallel q) = H(p, q) - H(p)$,
# from the truth $p$ to the model $q$, in nats. Chapter 2, sections "Two parts: what you must pay,
# and what you waste" and "Not a distance".
#
# Predict first: is $\operatorname{KL}(p \parallel q)$ the same as
# $\operatorname{KL}(q \parallel p)$?
#
# <details><summary>Hint</summary>
#
# You have both functions already.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def kl_divergence(p, q):
    """Return the divergence from the truth p to the model q, in nats.

    p : array (..., C), truths on the last axis
    q : array (..., C), models, of the same shape
    returns an array (...), one number for each pair
    """
    # BEGIN SOLUTION
    return cross_entropy(p, q) - entropy(p)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  A model that is the truth must waste nothing, and no other one may waste less than that. A
  negative number means that the two parts are subtracted the wrong way round. Chapter 2, section
  The waste is never negative.
"""  # END TEST CONFIG


def test_q5_never_negative(kl_divergence):
    import numpy as np

    p = np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    q = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    got = np.asarray(kl_divergence(p, q), dtype=float)
    assert got.shape == (3,), f"shape {got.shape}, expected (3,)"
    assert np.isfinite(got).all(), "not finite"
    assert abs(got[0]) < 1e-9, f"got {got[0]:.4f} for a model that is the truth"
    assert (got[1:] > 0.1).all(), f"got {got[1:].round(4)}, expected more than 0.1"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The direction is wrong, or there is none. KL goes from the truth to the model, and the truth is
  the weight. It is not symmetric: a mean of both directions and a distance are other things.
  Chapter 2, section Not a distance.
"""  # END TEST CONFIG


def test_q5_direction(kl_divergence):
    import math

    import numpy as np

    there = float(kl_divergence(np.array([0.5, 0.5]), np.array([0.9, 0.1])))
    back = float(kl_divergence(np.array([0.9, 0.1]), np.array([0.5, 0.5])))
    assert math.isclose(there, 0.5 * math.log(25 / 9), rel_tol=1e-9)
    assert math.isclose(back, 0.9 * math.log(9 / 5) - 0.1 * math.log(5), rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for unequal outcomes. It is the sum of p times ln(p/q), in nats, over the outcomes of each
  row. Chapter 2, section Two parts.
"""  # END TEST CONFIG


def test_q5_values(kl_divergence):
    import math

    import numpy as np

    rng = np.random.default_rng(51)
    p, q = rng.dirichlet(np.ones(5), size=4), rng.dirichlet(np.ones(5), size=4)
    got = np.asarray(kl_divergence(p, q), dtype=float)
    assert got.shape == (4,)
    for a, b, waste in zip(p, q, got, strict=True):
        expected = math.fsum(x * math.log(x / y) for x, y in zip(a, b, strict=True))
        assert math.isclose(waste, expected, rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong where a probability is 0. What never happens counts 0 in both parts. What the model called
  impossible, and happens, makes the waste infinite, not nan and not large. Chapter 2, section Two
  parts.
"""  # END TEST CONFIG


def test_q5_zeros(kl_divergence):
    import numpy as np

    p = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])
    q = np.array([[0.25, 0.25, 0.5], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    got = np.asarray(kl_divergence(p, q), dtype=float)
    assert got.shape == (3,)
    assert np.allclose(got[[0, 2]], 0.6931471805599453, rtol=1e-9)
    assert got[1] == np.inf


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 3

# %% [markdown]
# ## Question 6: bold or careful? (3 points)
#
# Two models look at photos of cats and dogs, and each says the same to every photo. The bold one
# gives cat the probability `bold`, the careful one gives it `careful`. If a share $s$ of the photos
# shows a cat, a model that gives cat $b$ pays $-s \ln b - (1 - s) \ln(1 - b)$ on average. From
# which share on is the bold one cheaper? Return the share at which both pay the **same**. Chapter
# 2, section "Your beliefs set the price, the truth sends the bills".
#
# Predict first, for 0.9 against 0.5: is it in the middle, at 0.7?
#
# <details><summary>Hint 1</summary>
#
# In $s$ each cost is a straight line. Put the two equal, bring $s$ to one side, and only logarithms
# of ratios are left.
# </details>
# <details><summary>Hint 2</summary>
#
# With $a = \ln(\text{bold} / \text{careful})$, what a cat brings the bold one, and
# $d = \ln((1 - \text{careful}) / (1 - \text{bold}))$, what a dog costs it:
# $s \cdot a = (1 - s) \cdot d$.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def even_share(bold, careful):
    """Return the share of cats at which both models pay the same.

    bold, careful : two different probabilities of cat, between 0 and 1
    returns a number between them
    """
    # BEGIN SOLUTION
    cat = np.log(bold / careful)
    dog = np.log((1 - careful) / (1 - bold))
    return dog / (cat + dog)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Return one number, a share. For two models that mirror each other, 0.8 and 0.2, both pay the same
  if half of the photos show a cat.
"""  # END TEST CONFIG


def test_q6_mirror(even_share):
    import numpy as np

    got = np.asarray(even_share(0.8, 0.2), dtype=float)
    assert got.shape == (), f"shape {got.shape}, expected one number"
    assert np.isfinite(got), "not finite"
    assert np.isclose(got, 0.5), f"got {got:.4f}, expected 0.5"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  At the share that you return, the two models do not pay the same. It is not the middle between
  them, and it is the share of cats, not of dogs. Put the two costs equal, with both terms. Chapter
  2, section Your beliefs set the price.
"""  # END TEST CONFIG


def test_q6_same_price(even_share):
    import math

    for bold, careful in ((0.9, 0.5), (0.99, 0.5), (0.7, 0.6)):
        s = float(even_share(bold, careful))
        assert careful < s < bold

        def pays(b, s=s):
            return -s * math.log(b) - (1 - s) * math.log(1 - b)

        assert math.isclose(pays(bold), pays(careful), rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for a careful model that does not say one half, or for models that lean towards dog. The
  careful one's prices belong into both terms, and the order of the two models does not matter.
"""  # END TEST CONFIG


def test_q6_any_two(even_share):
    import math

    for bold, careful in ((0.1, 0.4), (0.95, 0.8), (0.05, 0.9), (0.4, 0.1)):
        s = float(even_share(bold, careful))
        assert min(bold, careful) < s < max(bold, careful)
        wins = s * math.log(bold / careful) + (1 - s) * math.log((1 - bold) / (1 - careful))
        assert abs(wins) < 1e-9


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 4

# %% [markdown]
# ## Question 7: four losses, read aloud (4 points)
#
# A classifier has **eight** classes, and its loss is in nats. Give numbers, right to three
# decimals. You may write an expression, such as `np.log(3)`. Chapter 3, sections "One row, on
# paper" and "What a value says".
#
# <details><summary>Hint</summary>
#
# Against one true class the loss is $-\ln q_y$. Below which loss must $q_y$ be above one half?
# Above which loss must it be below 1/8?
# </details>

# %% [raw]
# # BEGIN SOLUTION

# %%
# 1. The model says [0.05, 0.35, 0.1, 0.2, 0.05, 0.05, 0.1, 0.1]; index 3 is true. The loss?
loss_of_row = -np.log(0.2)  # SOLUTION
# 2. Of another row you know only the loss, 1.2. Which probability did the true class get?
true_class_got = np.exp(-1.2)  # SOLUTION
# 3. Below which loss is the answer (the class with the largest probability) certainly right?
surely_right_below = np.log(2)  # SOLUTION
# 4. Above which loss is it certainly wrong?
surely_wrong_above = np.log(8)  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  Give four numbers that can be what they are called: a loss is not negative, a probability is
  between 0 and 1, and the loss that is surely wrong is the larger one.
"""  # END TEST CONFIG


def test_q7_form(loss_of_row, true_class_got, surely_right_below, surely_wrong_above):
    import numpy as np

    for number in (loss_of_row, true_class_got, surely_right_below, surely_wrong_above):
        assert np.shape(number) == (), f"shape {np.shape(number)}, expected one number"
        assert np.isfinite(float(number)), "not finite"
    assert loss_of_row >= 0, "a negative loss"
    assert 0 <= true_class_got <= 1, "not a probability"
    assert surely_right_below < surely_wrong_above, "the other way round"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Answer 1 is wrong. Against one true class only its own probability counts, that at index 3,
  counted from 0, in nats. Chapter 3, section One row, on paper.
"""  # END TEST CONFIG


def test_q7_row(loss_of_row):
    assert abs(float(loss_of_row) - 1.6094379124341003) < 1e-3  # ln 5


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Answer 2 is wrong. Walk back: e to the power of minus the loss. The loss is in nats, so the base
  is e. Chapter 3, section One row, on paper.
"""  # END TEST CONFIG


def test_q7_back(true_class_got):
    import math

    assert abs(-math.log(float(true_class_got)) - 1.2) < 3e-3


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Answer 3 is wrong. More than one half cannot be beaten, however many classes there are. Which loss
  is one half? Chapter 3, section What a value says.
"""  # END TEST CONFIG


def test_q7_right(surely_right_below):
    assert abs(float(surely_right_below) - 0.6931471805599453) < 1e-3


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Answer 4 is wrong. Less than 1/C is always beaten by some other class, because the eight share 1.
  Which loss is 1/8? Chapter 3, section What a value says.
"""  # END TEST CONFIG


def test_q7_wrong(surely_wrong_above):
    assert abs(float(surely_wrong_above) - 2.0794415416798357) < 1e-3


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8
# points: 5
# manual: true

# %% [markdown]
# ## Question 8: a report that says too much (5 points, in words)
#
# A team reports on two spam filters. In their mail 40 of 100 messages are spam.
#
# > *Filter A has a mean loss of 0.60 on the mail of last week. Filter B, from a paper, has a mean
# > loss of 0.82 bits on the paper's own test set. So A is better: its loss is lower. And as 0.60 is
# > far above 0, A has much left to learn. Its probability for the right answer is $e^{-0.60}$, 55
# > percent, so it is right on 55 of 100 messages.*
#
# Answer in six to ten sentences, with at least two numbers of your own:
#
# 1. Put both losses into one unit, and compare A with a filter that has learnt only the share of
#    spam. (2 points)
# 2. Is A better than B? What would you have to know, or do? (1 point)
# 3. "Far above 0, so much left to learn": what is missing in this sentence? (1 point)
# 4. "Right on 55 of 100 messages": what does $e^{-0.60}$ really say? (1 point)

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# **A full answer.** Nats have no name in A's report, so ask; frameworks give nats. Then B's 0.82
# bits are 0.57 nats, and A's 0.60 nats are 0.87 bits. A filter that knows only the shares pays
# their entropy, $-0.4 \ln 0.4 - 0.6 \ln 0.6 = 0.673$ nats. So A is a little better than that, by
# 0.07 nats, and worse than it looks beside a coin's 0.693. A and B cannot be compared: the losses
# come from different mail, with another share of spam and another entropy. Run both on the same
# messages. A loss does not fall to 0 on fresh mail: the floor is the entropy that the labels keep
# once the message is known, for example through wrong labels. What A can still learn is the loss
# minus this floor, which the report does not estimate. And $e^{-0.60} = 0.55$ is the geometric mean
# of what the true answers got. It is a belief, not a count: how many of the answers are right
# cannot be read from it.
#
# **Rubric**
#
# 1. (2 points) 1: both in one unit (0.57 and 0.60 nats, or 0.82 and 0.87 bits). 1: the shares alone
#    cost 0.67 nats (0.97 bits), and A is below that.
# 2. (1 point) not comparable, because the data differ; both on the same messages. "B, because 0.57
#    is less": 0.
# 3. (1 point) a floor: the entropy of the labels given the message, estimated or at least named.
#    "Loss is never 0" without a reason: 1/2.
# 4. (1 point) a (geometric) mean of probabilities, or: belief, not accuracy. "It is 55 percent
#    sure": 1/2.
#
# Take off 1 if there are no numbers of their own. Full points do not need the wording above.
#
# **Common mistakes.** The entropy of 0.4 and 0.6 in bits (0.97) beside a loss in nats. "A coin flip
# would cost 0.5." The floor taken as the entropy of the shares: a filter that reads the message
# goes below that.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## What you saw
#
# - Surprisal is $-\log p$: a bit for each halving, nothing for the certain, infinity for the
#   impossible.
# - Entropy weighs surprises by the truth, and is a length that no code undercuts on average.
# - Cross-entropy has the model in the logarithm and the truth as the weight. What it has above the
#   entropy is waste.
# - Against one true class the loss is $-\ln q_y$, and you can walk back.
#
# Save the notebook and hand it in as it is. In lab 2 the model gives logits, and the formula meets
# the numbers of a machine.
