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
# name: 2_stable_softmax
# export_cell: false
# check_all_cell: true
# tests:
#   ok_format: false

# %% [markdown]
# # Lab 2: Write a softmax and a cross-entropy that never break
#
# **What you will do.** You find the logit at which `exp` gives up. Then you write softmax,
# log-sum-exp and three forms of cross-entropy so that no size of logit breaks them, and test them
# where the textbook formula says nan.
#
# **What you will be able to do**
# - say which logit overflows in which number format;
# - compute a softmax, a log-sum-exp and a cross-entropy from any finite logits;
# - keep a masked class from turning a loss into nan;
# - keep the digits of a tiny loss, and say why an epsilon does not mend a large one.
#
# **What you need.** Chapter 3, section "From logits"; chapter 4 for question 6; chapter 6; NumPy
# with axes.
# **Time.** 80 minutes. **Imports.** NumPy only. `xentlib` and SciPy have these functions, so they
# are not allowed here.
#
# | question | what | points | graded |
# |:--|:--|--:|:--|
# | 1 | what the exponential can bear | 3 | automatically |
# | 2 | softmax | 4 | automatically |
# | 3 | log-sum-exp | 4 | automatically |
# | 4 | cross-entropy with an index as the truth | 4 | automatically |
# | 5 | cross-entropy with a distribution as the truth | 4 | automatically |
# | 6 | binary cross-entropy from a logit | 4 | automatically |
# | 7 | why an epsilon is not a mend | 5 | by a person, with a rubric |
# | | **total** | **28** | |
#
# **Rules.** Keep the names of the functions and what they take and return. The check below each
# question runs a part of the tests and names usual mistakes. The grading runs more.

# %% [markdown]
# ## What is given
#
# The logits are `z`, and the classes are always on the **last** axis. A truth is an index `y`, a
# distribution `p`, or, for a yes-or-no question, a target `t`. Everything is in nats. Here is the
# softmax as it stands in books, and what it makes of one ordinary row and of one with large logits.

# %%
import numpy as np


def softmax_as_in_books(z):
    """Return the softmax of one row, by the formula."""
    with np.errstate(all="ignore"):
        return np.exp(z) / np.exp(z).sum()


print(softmax_as_in_books(np.array([2.0, 1.0, 5.0])).round(3))
print(softmax_as_in_books(np.array([1000.0, 999.0, 1003.0])).round(3))

# %% [markdown]
# The second row has the same differences as the first, and only differences count. Still the answer
# is nan.

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 3

# %% [markdown]
# ## Question 1: what the exponential can bear (3 points)
#
# For each format, find the largest **whole** number $n$ for which $e^n$ is still finite when it is
# computed in that format. Chapter 6, section "What a number can hold".
#
# Predict first: half precision has a fourth of the bits of double precision. Does it bear a fourth
# of the logit?
#
# <details><summary>Hint</summary>
#
# `np.finfo(np.float16).max` is the largest number of a format. Which power of $e$ just fits below
# it? Or simply try: `np.exp(np.float16(11))`.
# </details>

# %% [raw]
# # BEGIN SOLUTION

# %%
largest_float16 = 11  # SOLUTION
largest_float32 = 88  # SOLUTION
largest_float64 = 709  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  Give a whole number for each of the three formats. The more bits a format has, the larger its
  number.
"""  # END TEST CONFIG


def test_q1_form(largest_float16, largest_float32, largest_float64):
    import numpy as np

    numbers = (largest_float16, largest_float32, largest_float64)
    for n in numbers:
        assert isinstance(n, (int, float, np.integer, np.floating)), f"got {type(n).__name__}"
        assert float(n).is_integer(), f"{n} is not whole"
    assert 0 < numbers[0] < numbers[1] < numbers[2], "they do not rise with the bits"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The number for float16 is wrong. Its largest number is 65504: take the natural logarithm of that,
  and round it down. Chapter 6, section What a number can hold.
"""  # END TEST CONFIG


def test_q1_float16(largest_float16):
    n = float(largest_float16)
    assert n.is_integer()
    assert 2.718281828459045**n < 65504 < 2.718281828459045 ** (n + 1)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The number for float32 is wrong. Its largest number is about 3.4e38: the natural logarithm of
  that, rounded down. A power of 2 or of 10 gives another answer. Chapter 6, section What a number
  can hold.
"""  # END TEST CONFIG


def test_q1_float32(largest_float32):
    from decimal import Decimal

    n, largest = float(largest_float32), Decimal(2) ** 128 - Decimal(2) ** 104
    assert n.is_integer()
    assert Decimal(n).exp() < largest < Decimal(n + 1).exp()


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The number for float64 is wrong. Its largest number is about 1.8e308: the natural logarithm of
  that, rounded down. A power of 2 or of 10 gives another answer. Chapter 6, section What a number
  can hold.
"""  # END TEST CONFIG


def test_q1_float64(largest_float64):
    from decimal import Decimal

    n, largest = float(largest_float64), Decimal(2) ** 1024 - Decimal(2) ** 971
    assert n.is_integer()
    assert Decimal(n).exp() < largest < Decimal(n + 1).exp()


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 4

# %% [markdown]
# ## Question 2: softmax (4 points)
#
# $$q_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# Write it for a batch, so that no finite logit breaks it. Use that adding one number to all logits
# of a row changes nothing (chapter 3, section "From logits"). Which number you choose is chapter 6,
# section "The mend: never let a large exponential happen".
#
# <details><summary>Hint 1</summary>
#
# If every exponent is at most 0, nothing can overflow. If one of them is exactly 0, the sum is at
# least 1.
# </details>
# <details><summary>Hint 2</summary>
#
# `keepdims=True` keeps the axis, so that one number a row can be taken from the whole row.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def softmax(z):
    """Return the softmax over the last axis.

    z : array (..., C), logits
    returns an array of the same shape, of probabilities
    """
    # BEGIN SOLUTION
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
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
  Each row must add up to 1, in an array of z's shape. Is the sum taken over the classes, the last
  axis?
"""  # END TEST CONFIG


def test_q2_rows_add_to_one(softmax):
    import numpy as np

    q = np.asarray(softmax(np.array([[2.0, 1.0, 5.0], [0.3, -1.2, 0.4]])), dtype=float)
    assert q.shape == (2, 3), f"shape {q.shape}, expected (2, 3)"
    assert np.isfinite(q).all(), "not finite"
    assert (q > 0).all(), "a probability is not positive"
    assert np.abs(q.sum(axis=1) - 1).max() < 1e-9, "the rows do not add up to 1"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for small logits. It is e to the power of each logit, over the sum of these powers in the
  same row, whatever the number of axes. Chapter 3, section From logits.
"""  # END TEST CONFIG


def test_q2_values(softmax):
    import math

    import numpy as np

    z = np.random.default_rng(21).normal(size=(2, 3, 4))
    q = np.asarray(softmax(z), dtype=float)
    assert q.shape == z.shape
    for row, got in zip(z.reshape(-1, 4), q.reshape(-1, 4), strict=True):
        powers = [math.exp(x) for x in row]
        assert np.allclose(got, [x / sum(powers) for x in powers], rtol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Overflow: the logits 1000, 999, 1003 do not give the probabilities of 1, 0, 4. Take the largest
  logit away before the exponential, not after it, and do not clip. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q2_large_logits(softmax):
    import numpy as np

    q = np.asarray(softmax(np.array([[1000.0, 999.0, 1003.0]])), dtype=float)
    assert q.shape == (1, 3)
    powers = np.exp([1.0, 0.0, 4.0])
    assert np.allclose(q, powers / powers.sum(), rtol=1e-9), f"got {q[0].round(3)}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A row of low logits beside a row of high ones is wrong, or a row with both. Take the largest logit
  of each row: with that of the whole array the powers of a low row all become 0, and 0/0 is nan. A
  constant or the mean does not prevent an overflow. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q2_each_row_its_own(softmax):
    import numpy as np

    z = np.array([[900.0, 901.0], [-901.0, -900.0], [-2000.0, 2000.0]])
    q = np.asarray(softmax(z), dtype=float)
    assert q.shape == (3, 2)
    assert np.allclose(q[:2], np.array([1, np.e]) / (1 + np.e), rtol=1e-9)
    assert np.allclose(q[2], [0, 1], atol=1e-12)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Now the row from the beginning:

# %%
print(softmax(np.array([1000.0, 999.0, 1003.0])))

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 4

# %% [markdown]
# ## Question 3: log-sum-exp (4 points)
#
# $$\operatorname{lse}(z) = \ln \sum_j e^{z_j}$$
#
# It is the level of all the logits of a row together. Write it so that no finite logit breaks it.
# Chapter 6, section "The mend", derives what to take out, and where it goes.
#
# Before you run the check: what is lse of 1000 and 1000?
#
# <details><summary>Hint</summary>
#
# $\ln \sum_j e^{z_j} = m + \ln \sum_j e^{z_j - m}$. The $m$ comes back in the end, one for each
# row.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def logsumexp(z):
    """Return the logarithm of the sum of the powers, over the last axis.

    z : array (..., C), logits
    returns an array (...), one number for each row
    """
    # BEGIN SOLUTION
    m = np.max(z, axis=-1, keepdims=True)
    return np.log(np.exp(z - m).sum(axis=-1)) + m[..., 0]
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
  Return one number for each row: the last axis goes. Two rows of three equal logits 0 must give ln
  3 twice.
"""  # END TEST CONFIG


def test_q3_shape(logsumexp):
    import numpy as np

    got = np.asarray(logsumexp(np.zeros((2, 3))), dtype=float)
    assert got.shape == (2,), f"shape {got.shape}, expected (2,)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got, 1.0986122886681098), f"got {got}, expected ln 3"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for small logits. It is the natural logarithm of the sum: not the sum of the logarithms, not
  the largest logit, and what you took out must come back. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q3_values(logsumexp):
    import math

    import numpy as np

    z = np.random.default_rng(31).normal(size=(2, 3, 4))
    got = np.asarray(logsumexp(z), dtype=float)
    assert got.shape == (2, 3)
    expected = [math.log(math.fsum(math.exp(x) for x in row)) for row in z.reshape(-1, 4)]
    assert np.allclose(got.ravel(), expected, rtol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Overflow: the logits 1000 and 1000 must give 1000 + ln 2. Take the largest logit out before the
  exponential, and add it after the logarithm. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q3_large_logits(logsumexp):
    import numpy as np

    for row, expected in (([1000.0, 1000.0], 1000.6931471805599), ([2000.0, 0.0], 2000.0)):
        got = np.asarray(logsumexp(np.array([row])), dtype=float)
        assert got.shape == (1,), f"shape {got.shape}, expected (1,)"
        assert np.isclose(got[0], expected, rtol=1e-12), f"got {got[0]} for {row}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A row of low logits beside a row of high ones must stay finite: each row has its own largest
  logit, and a constant, an absolute value or the mean will not do. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q3_each_row_its_own(logsumexp):
    import numpy as np

    z = np.array([[900.0, 900.0], [-900.0, -900.0], [-2000.0, 0.0]])
    got = np.asarray(logsumexp(z), dtype=float)
    assert got.shape == (3,)
    assert np.allclose(got, [900.6931471805599, -899.3068528194401, 0.0], rtol=1e-12, atol=1e-12)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 4

# %% [markdown]
# ## Question 4: cross-entropy with an index as the truth (4 points)
#
# Put the softmax into $-\ln q_y$, and the division becomes a subtraction:
# $L = \operatorname{lse}(z) - z_y$ (chapter 3, section "From logits"). Return the loss of **each
# row**, without a mean.
#
# Before you write: the logits are 2000 and 0, and index 1 is true. How large is the loss?
#
# <details><summary>Hint</summary>
#
# `z[np.arange(len(y)), y]` takes from each row the logit of its true class. Try `z[:, y]` too, and
# look at the shape.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def cross_entropy(z, y):
    """Return the loss of each row, in nats.

    z : array (N, C), logits
    y : array (N,), the true classes as integers from 0 to C - 1
    returns an array (N,)
    """
    # BEGIN SOLUTION
    return logsumexp(z) - z[np.arange(len(y)), y]
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
  Return one loss for each row, not a mean and not a table. Four equal logits cost ln 4, whichever
  class is true.
"""  # END TEST CONFIG


def test_q4_shape(cross_entropy):
    import numpy as np

    got = np.asarray(cross_entropy(np.zeros((3, 4)), np.array([0, 3, 1])), dtype=float)
    assert got.shape == (3,), f"shape {got.shape}, expected (3,)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got, 1.3862943611198906), f"got {got}, expected ln 4"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for small logits. It is the log-sum-exp of the row minus the logit of its true class, in
  nats, and never negative. Classes are counted from 0. Chapter 3, section From logits.
"""  # END TEST CONFIG


def test_q4_values(cross_entropy):
    import math

    import numpy as np

    z, y = np.random.default_rng(41).normal(size=(6, 4)), np.array([2, 0, 3, 1, 1, 2])
    got = np.asarray(cross_entropy(z, y), dtype=float)
    assert got.shape == (6,)
    for row, true, loss in zip(z, y, got, strict=True):
        powers = [math.exp(x) for x in row]
        assert math.isclose(loss, -math.log(powers[true] / sum(powers)), rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  A badly wrong row, logits 2000 and 0 with index 1 true, must cost 2000. The logarithm of a softmax
  gives infinity there, because the probability is rounded to 0. Stay with logits: log-sum-exp minus
  the true logit. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q4_badly_wrong(cross_entropy):
    import numpy as np

    z = np.array([[2000.0, 0.0], [0.0, 800.0]])
    got = np.asarray(cross_entropy(z, np.array([1, 0])), dtype=float)
    assert got.shape == (2,)
    assert np.allclose(got, [2000, 800], rtol=1e-12), f"got {got}, expected 2000 and 800"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A cap shows: at a margin of 20 to 50 the loss must still grow by 1 for each 1 in the logit. An
  epsilon inside the logarithm, or a clip, stops it. Chapter 6, section Why an epsilon is not a
  mend.
"""  # END TEST CONFIG


def test_q4_no_cap(cross_entropy):
    import numpy as np

    margins = np.array([20.0, 30.0, 40.0, 50.0])
    z = np.stack([margins, np.zeros(4)], axis=1)
    got = np.asarray(cross_entropy(z, np.ones(4, dtype=int)), dtype=float)
    assert got.shape == (4,)
    assert np.allclose(got, margins + np.log1p(np.exp(-margins)), rtol=1e-9)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 4

# %% [markdown]
# ## Question 5: cross-entropy with a distribution as the truth (4 points)
#
# Now the truth of a row is a whole distribution: one-hot, or soft, such as [0.25, 0.75, 0]. The
# loss is $-\sum_i p_i \ln q_i$ with $q = \operatorname{softmax}(z)$. A class that is not allowed
# has the logit `-np.inf`: a mask. With a truth of 0 it must cost nothing. With a truth above 0 it
# costs infinity, and that is right.
#
# Chapter 6, section "Masks: zero times infinity".
#
# <details><summary>Hint 1</summary>
#
# $\ln q_i = z_i - \operatorname{lse}(z)$. Look at `0 * np.inf`.
# </details>
# <details><summary>Hint 2</summary>
#
# Put a harmless number where the truth is 0, **before** you multiply: `np.where(p > 0, ..., 0)`.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def soft_cross_entropy(z, p):
    """Return the loss of each row, in nats.

    z : array (N, C), logits; -inf is a masked class
    p : array (N, C), the truths, each row a distribution
    returns an array (N,)
    """
    # BEGIN SOLUTION
    surprisal = logsumexp(z)[:, None] - z
    return (p * np.where(p > 0, surprisal, 0)).sum(axis=1)
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
  Return one loss for each row. With a one-hot truth it must be the loss of question 4: two equal
  logits cost ln 2.
"""  # END TEST CONFIG


def test_q5_one_hot(soft_cross_entropy):
    import numpy as np

    z, p = np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    got = np.asarray(soft_cross_entropy(z, p), dtype=float)
    assert got.shape == (2,), f"shape {got.shape}, expected (2,)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got, 0.6931471805599453), f"got {got}, expected ln 2"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for a soft truth. Weigh the surprisal of every class by its share p, and add: do not make a
  label of the truth, and do not take the entropy of p away. Chapter 2, section Your beliefs set the
  price.
"""  # END TEST CONFIG


def test_q5_soft(soft_cross_entropy):
    import math

    import numpy as np

    rng = np.random.default_rng(51)
    z, p = rng.normal(size=(5, 4)), rng.dirichlet(np.ones(4), size=5)
    got = np.asarray(soft_cross_entropy(z, p), dtype=float)
    assert got.shape == (5,)
    for row, truth, loss in zip(z, p, got, strict=True):
        whole = sum(math.exp(x) for x in row)
        expected = -sum(t * math.log(math.exp(x) / whole) for x, t in zip(row, truth, strict=True))
        assert math.isclose(loss, expected, rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  A masked class with truth 0 must cost nothing, and your loss is not the right finite number: 0
  times infinity is nan. Take the class out where p is 0, before you multiply. Chapter 6, section
  Masks.
"""  # END TEST CONFIG


def test_q5_mask(soft_cross_entropy):
    import numpy as np

    z = np.array([[2.0, 1.0, -np.inf], [1000.0, -np.inf, 999.0]])
    p = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    got = np.asarray(soft_cross_entropy(z, p), dtype=float)
    assert got.shape == (2,)
    assert np.allclose(got, np.log1p(np.exp(-1.0)) + np.array([0, 1]), rtol=1e-9), f"got {got}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A masked class that the truth asks for must cost infinity: the model called the truth impossible.
  Do not hide it with nan_to_num, a clip or an epsilon. And a large finite logit is no mask. Chapter
  6, section Why an epsilon is not a mend.
"""  # END TEST CONFIG


def test_q5_impossible(soft_cross_entropy):
    import numpy as np

    z = np.array([[1.0, -np.inf], [1500.0, 0.0]])
    got = np.asarray(soft_cross_entropy(z, np.array([[0.5, 0.5], [0.0, 1.0]])), dtype=float)
    assert got.shape == (2,)
    assert got[0] == np.inf
    assert np.isclose(got[1], 1500, rtol=1e-12)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 4

# %% [markdown]
# ## Question 6: binary cross-entropy from a logit (4 points)
#
# For a yes-or-no question with the logit $z$ and the target $t$, the loss is
#
# $$-t \ln \sigma(z) - (1 - t) \ln(1 - \sigma(z)) .$$
#
# Write it from the logit, without a sigmoid, for every size of $z$ and every $t$ from 0 to 1. Keep
# the digits of tiny losses, too: a right and very sure answer, $z = 40$ with $t = 1$, costs 4.2 ·
# 10⁻¹⁸, not 0.
#
# Chapter 6, sections "The mend" and "What the stable form still loses".
#
# <details><summary>Hint 1</summary>
#
# $\max(z, 0) - t z + \ln(1 + e^{-|z|})$. Why is no exponent positive?
# </details>
# <details><summary>Hint 2</summary>
#
# `1 + 1e-18` is 1. `np.log1p(x)` is $\ln(1 + x)$ without forming $1 + x$. And for $z = 40$, does
# anything cancel before you add it?
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def binary_cross_entropy(z, t):
    """Return the loss of each yes-or-no answer, in nats.

    z : array of logits, any shape
    t : array of targets from 0 to 1, of the same shape
    returns an array of that shape
    """
    # BEGIN SOLUTION
    return (np.maximum(z, 0) - t * z) + np.log1p(np.exp(-np.abs(z)))
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
  Return an array of z's shape. A logit of 0 costs ln 2 whatever the target, and a right answer
  costs less than a wrong one.
"""  # END TEST CONFIG


def test_q6_shape(binary_cross_entropy):
    import numpy as np

    z, t = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]]), np.array([[0.0, 0.5, 1.0]] * 2)
    got = np.asarray(binary_cross_entropy(z, t), dtype=float)
    assert got.shape == (2, 3), f"shape {got.shape}, expected (2, 3)"
    assert np.isfinite(got).all(), "not finite"
    assert np.allclose(got[0], 0.6931471805599453), f"got {got[0]}, expected ln 2"
    assert got[1, 0] > got[1, 1] > got[1, 2], "the wrong answer does not cost most"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for small logits. Both terms belong to it, and each sign of the logit: a target between 0
  and 1 needs the whole formula. Chapter 4, and chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q6_values(binary_cross_entropy):
    import math

    import numpy as np

    z = np.array([-3.0, -1.0, -0.5, 0.2, 1.0, 4.0, 2.0, -2.0])
    t = np.array([0.0, 1.0, 0.3, 0.9, 1.0, 0.0, 0.5, 0.2])
    got = np.asarray(binary_cross_entropy(z, t), dtype=float)
    assert got.shape == (8,)
    for logit, target, loss in zip(z, t, got, strict=True):
        q = 1 / (1 + math.exp(-logit))
        expected = -target * math.log(q) - (1 - target) * math.log(1 - q)
        assert math.isclose(loss, expected, rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  Large logits break it, on one side or on both: 1000 with target 0 and -1000 with target 1 must
  each cost 1000. The exponent has to be minus the absolute value of z. Chapter 6, section The mend.
"""  # END TEST CONFIG


def test_q6_large_logits(binary_cross_entropy):
    import numpy as np

    z, t = np.array([1000.0, -1000.0, 1000.0, -1000.0]), np.array([0.0, 1.0, 1.0, 0.0])
    got = np.asarray(binary_cross_entropy(z, t), dtype=float)
    assert got.shape == (4,)
    assert np.allclose(got, [1000, 1000, 0, 0], rtol=1e-12, atol=1e-12), f"got {got}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The digits of a tiny loss are lost: z = 40 with target 1, or -40 with target 0, must cost 4.2e-18,
  not 0. Use log1p, and let nothing cancel against a large number before it is added. Chapter 6,
  section What the stable form still loses.
"""  # END TEST CONFIG


def test_q6_tiny(binary_cross_entropy):
    import numpy as np

    z, t = np.array([40.0, -40.0, 20.0]), np.array([1.0, 0.0, 1.0])
    got = np.asarray(binary_cross_entropy(z, t), dtype=float)
    assert got.shape == (3,)
    x = np.exp([-40.0, -40.0, -20.0])
    assert np.allclose(got, x - x**2 / 2 + x**3 / 3, rtol=1e-9, atol=0)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## An epsilon, measured
#
# A colleague does not want to change her network, which ends in a softmax. She writes
# `-np.log(q + 1e-8)`. Here are her loss and its slope in the logit of the wrong class, beside the
# right ones. The model is wrong by the margin $m$: its logits are $m$ and 0, and index 1 is true.


# %%
def with_epsilon(margin):
    """Return her loss, and its slope in the wrong logit, for a model wrong by this margin."""
    q = 1 / (1 + np.exp(margin))  # what the true class gets
    return -np.log(q + 1e-8), q * (1 - q) / (q + 1e-8)


print("margin   her loss   her slope   right loss   right slope")
for m in (1.0, 5.0, 10.0, 15.0, 20.0, 30.0):
    (loss, slope), right = with_epsilon(m), np.log1p(np.exp(m))
    print(f"{m:6.0f} {loss:10.3f} {slope:11.2e} {right:12.3f} {1 / (1 + np.exp(-m)):13.2e}")

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 5
# manual: true

# %% [markdown]
# ## Question 7: why an epsilon is not a mend (5 points, in words)
#
# She says: "My loss was infinite. Now it is finite, it is nearly the same where it matters, and my
# training no longer crashes."
#
# Answer in six to ten sentences, with at least two numbers from the table above or of your own:
#
# 1. What does the epsilon do to the loss of a badly wrong row, and to its slope? From which margin
#    on, about? (2 points)
# 2. Which rows of her data does that hurt, and what will she see on her screen? (1 point)
# 3. She trains in half precision, float16. What is `1e-8` there, and what does the epsilon then do?
#    (1 point)
# 4. Tell her what to write instead, and what an infinite loss would have told her. (1 point)

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# **A full answer.** The epsilon caps the loss at $-\ln 10^{-8}$, about 18.4 nats. From a margin of
# about 18 on, where $q$ falls below the epsilon, her loss stays there: at 30 it is 18.4 instead of
# 30. The slope is worse. At 10 it is almost the right 1, at 20 it is 0.17, at 30 it is 9.4e-6. So
#     the rows that are most wrong hardly teach: wrong labels, but also hard and rare examples that
#     the model got sure about too early. On the screen the loss looks fine, it stands still at a
#     value that no row can pass, and nothing says so. In float16 the smallest number above 0 is
#     about 6e-8, so 1e-8 is 0, and the epsilon does nothing: the loss is infinite again. She should
#     leave the softmax out of the network and compute the loss from the logits, log-sum-exp minus
#     the true logit, in float32. An infinite loss says that the model called the truth impossible:
#     a wrong label, a mask on the true class, a learning rate that is too large, or a formula that
#     overflows.
#
# **Rubric**
#
# 1. (2 points) 1: the loss is capped near 18.4. 1: the slope goes to 0, from a margin near 18 (15
#    to 20 will do). Only one of loss and slope: 1.
# 2. (1 point) the most wrong rows, and a loss that looks calm or stands still. Only one of the two:
#    1/2.
# 3. (1 point) it is rounded to 0, so it protects nothing. "It is less precise": 0.
# 4. (1 point) a loss from logits, and that infinity means an impossible truth. Only one of the two:
#    1/2. A smaller epsilon: 0.
#
# Take off 1 if there are no numbers. Full points do not need the wording above.
#
# **Common mistakes.** "The gradient is capped at 1e-8" (it is the probability that has a floor). "A
# smaller epsilon solves it" (it only moves the margin: 1e-30 caps at 69). "Clipping the gradient
# does the same" (that shortens a large step, it cannot bring back a step that is 0).

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## What you saw
#
# - $e^n$ is finite up to 11, 88 or 709. A network reaches that.
# - With the largest logit of each row taken out, every exponent is at most 0, and one is 0.
# - From logits, a wrong answer by a margin of 2000 costs 2000. No logarithm of a rounded 0 occurs.
# - Zero times infinity is nan: take masked classes out before you multiply.
# - An epsilon makes a loud fault silent.
#
# Save the notebook and hand it in as it is. In lab 3 you take this loss apart once more, for its
# gradient.
