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
# name: 3_gradients
# export_cell: false
# check_all_cell: true
# tests:
#   ok_format: false

# %% [markdown]
# # Lab 3: Train a softmax regression with gradients of your own
#
# **What you will do.** You code "prediction minus truth", check it by nudges, take it back to the
# weights of a linear layer, and train that layer. Then you put squared error on a saturated unit
# and count how long it waits.
#
# **What you will be able to do**
# - write the gradient of cross-entropy for any truth, one-hot or not;
# - check a gradient without knowing its formula;
# - turn the gradient in the logits into one in the weights, and descend it;
# - say why squared error gets stuck where cross-entropy does not, and when that does not matter.
#
# **What you need.** Chapter 3, section "What the other classes do"; chapter 5; NumPy.
#
# **Time.** 75 minutes. **Imports.** NumPy only. `xentlib` has these gradients, so it is not
# allowed here.
#
# | question | what | points | graded |
# |:--|:--|--:|:--|
# | 1 | the gradient in the logits | 4 | automatically |
# | 2 | the same by nudges | 3 | automatically |
# | 3 | one step further back: weights and bias | 4 | automatically |
# | 4 | training | 4 | automatically |
# | 5 | two slopes on one unit | 4 | automatically |
# | 6 | steps until the unit is out | 3 | automatically |
# | 7 | who took the force away? | 5 | by a person, with a rubric |
# | | **total** | **27** | |
#
# **Rules.** Keep the names of the functions and what they take and return. The check below each
# question runs a part of the tests and names usual mistakes. The grading runs more.

# %% [markdown]
# ## What is given
#
# The truth is `p`, the model is `q`, the logits are `z`. There are $N$ rows and $C$ classes, and
# the classes are on the last axis. Everything is in nats. `softmax` and `mean_loss` are those of
# lab 2.

# %%
import numpy as np


def log_softmax(z):
    """Return the logarithm of softmax over the last axis."""
    return z - np.logaddexp.reduce(z, axis=-1, keepdims=True)


def softmax(z):
    """Return softmax over the last axis."""
    return np.exp(log_softmax(z))


def mean_loss(z, p):
    """Return the mean cross-entropy of softmax(z) under the truths p, both (N, C)."""
    return float(-(p * log_softmax(z)).sum(axis=-1).mean())


def sigmoid(z):
    """Return 1 / (1 + exp(-z)) without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, e) / (1 + e)


def one_hot(y, num_classes):
    """Return the labels y, counted from 0, as one-hot rows."""
    return np.eye(num_classes)[y]


# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 4

# %% [markdown]
# ## Question 1: the gradient in the logits (4 points)
#
# Chapter 5, section "The logarithm undoes the exponential", derives the slope of one row's loss in
# its logits. Write it for a batch, and for the **mean** loss. The truths are whole distributions,
# and one-hot rows are a special case.
#
# <details><summary>Hint 1</summary>
#
# For one row it is prediction minus truth, class by class. The model's $q$ comes from `softmax`.
# </details>
# <details><summary>Hint 2</summary>
#
# In a mean over $N$ rows, one row has a share of $1/N$. So have its slopes.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def logit_gradient(z, p):
    """Return the gradient of mean_loss(z, p) in the logits.

    z : array (N, C), logits
    p : array (N, C), the truths, each row a distribution
    returns an array (N, C)
    """
    # BEGIN SOLUTION
    return (softmax(z) - p) / len(z)
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
  The slopes of each row must add up to 0, in an array of z's shape. Is the softmax taken over
  the classes (the last axis)? Is anything multiplied on? The slope in the logits is asked for,
  not that in q.
"""  # END TEST CONFIG


def test_q1_rows_add_to_zero(logit_gradient):
    import numpy as np

    z = np.array([[2.0, 1.0, 5.0], [0.3, -1.2, 0.4]])
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    g = np.asarray(logit_gradient(z, p), dtype=float)
    assert g.shape == (2, 3), f"shape {g.shape}, expected (2, 3)"
    assert np.isfinite(g).all(), "not finite"
    assert np.abs(g).max() > 0.01, "all zero"
    assert np.abs(g.sum(axis=1)).max() < 1e-9, "the rows do not add up to 0"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  The slope of the true class is negative and every other one is positive. It is prediction
  minus truth, q - p. A training step goes the other way later.
"""  # END TEST CONFIG


def test_q1_sign(logit_gradient):
    import numpy as np

    z = np.array([[2.0, 1.0, 5.0], [0.3, -1.2, 0.4]])
    p = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    g = np.asarray(logit_gradient(z, p), dtype=float)
    assert g.shape == (2, 3), f"shape {g.shape}, expected (2, 3)"
    assert (np.sign(g) == 1 - 2 * p).all(), "a slope has the wrong sign"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  For a batch of one-hot rows the numbers are not those of the mean loss. Divide by the number
  of rows N, once, and not by N times C.
"""  # END TEST CONFIG


def test_q1_mean_over_rows(logit_gradient):
    import math

    import numpy as np

    z = np.array([[2.0, 1.0, 5.0], [0.3, -1.2, 0.4], [0.0, 0.0, 0.0], [-3.0, 2.0, 1.0]])
    y = [1, 0, 2, 1]
    expected = np.empty((4, 3))
    for n in range(4):
        total = sum(math.exp(value) for value in z[n])
        for i in range(3):
            expected[n, i] = (math.exp(z[n, i]) / total - (i == y[n])) / 4
    g = np.asarray(logit_gradient(z, np.eye(3)[y]), dtype=float)
    assert g.shape == (4, 3)
    assert np.allclose(g, expected, rtol=1e-6, atol=1e-10)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong when the truth is a whole distribution such as [0.2, 0.5, 0.3]. Subtract p itself. Do
  not turn it into a label first.
"""  # END TEST CONFIG


def test_q1_soft_truth(logit_gradient):
    import numpy as np

    g = np.asarray(logit_gradient(np.zeros((1, 3)), np.array([[0.2, 0.5, 0.3]])), dtype=float)
    assert g.shape == (1, 3)
    assert np.allclose(g, [[2 / 15, -1 / 6, 1 / 30]], rtol=1e-6, atol=1e-10)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 3

# %% [markdown]
# ## Question 2: the same by nudges (3 points)
#
# A formula can be wrong, and a wrong gradient seldom crashes. Write the check that needs no
# formula: chapter 5, section "Check a gradient three ways", the first way. Move one logit up and
# down by `h`, ask `mean_loss` both times, and divide
#
# $$
# \frac{L(z + h) - L(z - h)}{2h} .
# $$
#
# Do it for each logit, with all others where they were.
#
# <details><summary>Hint 1</summary>
#
# `for place in np.ndindex(z.shape):` goes through all positions. Make an array `change` of zeros
# with `h` at that place.
# </details>
# <details><summary>Hint 2</summary>
#
# `z` may hold integers. An array of integers cannot take an `h` of 0.00001: it cuts it to 0.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def nudged_gradient(z, p, h=1e-5):
    """Return the gradient of mean_loss(z, p) in the logits by central differences with step h.

    z : array (N, C), logits, floats or integers
    p : array (N, C), the truths
    returns an array (N, C)
    """
    # BEGIN SOLUTION
    z = np.array(z, dtype=float)
    slopes = np.zeros(z.shape)
    for place in np.ndindex(z.shape):
        change = np.zeros(z.shape)
        change[place] = h
        slopes[place] = (mean_loss(z + change, p) - mean_loss(z - change, p)) / (2 * h)
    return slopes
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
  Three equal logits and truth index 1 must give 1/3, -2/3, 1/3 to seven decimals. Divide by 2h,
  nudge one logit at a time, and go both ways (central): a difference to one side is too rough.
"""  # END TEST CONFIG


def test_q2_small_step(nudged_gradient):
    import numpy as np

    g = nudged_gradient(np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]]))
    g = np.asarray(g, dtype=float)
    assert g.shape == (1, 3), f"shape {g.shape}, expected (1, 3)"
    assert np.abs(g - np.array([[1, -2, 1]]) / 3).max() < 1e-7


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  With the wide step h = 0.5 the result is not that of central differences. Use the h that you
  are given, measure with mean_loss (no formula), and put each logit back before you nudge the
  next one.
"""  # END TEST CONFIG


def test_q2_wide_step(nudged_gradient):
    import math

    import numpy as np

    def loss(rows):
        return sum(math.log(sum(math.exp(v) for v in row)) - row[1] for row in rows) / len(rows)

    z = [[2.0, 1.0, 5.0], [0.5, -1.0, 0.0]]
    expected = np.zeros((2, 3))
    for n in range(2):
        for i in range(3):
            up = [[v + 0.5 * (m == n and j == i) for j, v in enumerate(r)] for m, r in enumerate(z)]
            down = [
                [v - 0.5 * (m == n and j == i) for j, v in enumerate(r)] for m, r in enumerate(z)
            ]
            expected[n, i] = loss(up) - loss(down)
    p = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    g = np.asarray(nudged_gradient(np.array(z), p, 0.5), dtype=float)
    assert g.shape == (2, 3)
    assert np.abs(g - expected).max() < 1e-9


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong for logits that are integers. An integer array cuts the nudge to 0: make a float copy of
  z, and float zeros for the change.
"""  # END TEST CONFIG


def test_q2_integers(nudged_gradient):
    import math

    import numpy as np

    g = nudged_gradient(np.array([[2, 1, 5]]), np.array([[0, 1, 0]]))
    g = np.asarray(g, dtype=float)
    total = math.exp(2) + math.exp(1) + math.exp(5)
    expected = [math.exp(2) / total, math.exp(1) / total - 1, math.exp(5) / total]
    assert g.shape == (1, 3)
    assert np.abs(g - [expected]).max() < 1e-4


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Compare.** Your formula and your nudges should agree to nine decimals. If not, find the one that
# is wrong before you go on: question 3 builds on it.

# %%
rng = np.random.default_rng(0)
logits = rng.normal(scale=2, size=(5, 4))
truths = rng.dirichlet(np.ones(4), size=5)
by_formula, by_nudges = logit_gradient(logits, truths), nudged_gradient(logits, truths)
if by_formula is None or by_nudges is None:
    print("Write logit_gradient and nudged_gradient first.")
else:
    print("largest difference below 1e-9:", np.abs(by_formula - by_nudges).max() < 1e-9)

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 4

# %% [markdown]
# ## Question 3: one step further back (4 points)
#
# The logits of a linear layer are $z = xW + b$. Chapter 5, section "Softmax regression in three
# lines", takes the gradient back to $W$ and $b$ for one row. Write it for the mean loss of a batch.
#
# <details><summary>Hint 1</summary>
#
# `logit_gradient(x @ w + b, p)` is already divided by $N$. What is left are sums over the rows.
# </details>
# <details><summary>Hint 2</summary>
#
# Look at the shapes: `x` is (N, D), the gradient in the logits is (N, C), and the answer must be
# (D, C). There is one matrix product that fits.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def parameter_gradients(x, p, w, b):
    """Return the gradients of the mean loss of a linear layer in its weights and its bias.

    x : array (N, D), inputs
    p : array (N, C), the truths
    w : array (D, C), weights; b : array (C,), bias
    returns two arrays, (D, C) and (C,)
    """
    # BEGIN SOLUTION
    g = logit_gradient(x @ w + b, p)
    return x.T @ g, g.sum(axis=0)
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
  Return two arrays: the gradient in w with the shape of w, (D, C), then the gradient in b with
  the shape of b, (C,).
"""  # END TEST CONFIG


def test_q3_shapes(parameter_gradients):
    import numpy as np

    x, p = np.ones((4, 2)), np.eye(3)[[0, 1, 2, 0]]
    result = parameter_gradients(x, p, np.zeros((2, 3)), np.zeros(3))
    assert isinstance(result, (tuple, list)), f"got {type(result).__name__}, expected two arrays"
    assert len(result) == 2, f"got {len(result)} things, expected two arrays"
    shapes = [np.shape(g) for g in result]
    assert shapes == [(2, 3), (3,)], f"shapes {shapes}, expected [(2, 3), (3,)]"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The gradient in b is wrong. It is the sum over the rows of q - p, divided by N once. And b
  belongs into the logits: z = xW + b.
"""  # END TEST CONFIG


def test_q3_bias(parameter_gradients):
    import numpy as np

    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(5, 2)), rng.normal(size=(2, 3)), np.array([0.5, -1.0, 2.0])
    y = np.array([0, 1, 2, 1, 1])

    def loss(b):
        z = x @ w + b
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(5), y]).mean()

    expected = [(loss(b + 1e-5 * e) - loss(b - 1e-5 * e)) / 2e-5 for e in np.eye(3)]
    got = np.asarray(parameter_gradients(x, np.eye(3)[y], w, b)[1], dtype=float)
    assert got.shape == (3,)
    assert np.allclose(got, expected, rtol=1e-5, atol=1e-8)


# %%
"""# BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: >-
  The gradient in w is wrong. Each weight gets its input times the error of its class, averaged
  over the rows: x transposed times the gradient in the logits, with no second division by N,
  and with b in the logits.
"""  # END TEST CONFIG


def test_q3_weights(parameter_gradients):
    import numpy as np

    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(5, 2)), rng.normal(size=(2, 3)), np.array([0.5, -1.0, 2.0])
    y = np.array([0, 1, 2, 1, 1])

    def loss(w):
        z = x @ w + b
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(5), y]).mean()

    expected = np.zeros((2, 3))
    for place in np.ndindex(2, 3):
        change = np.zeros((2, 3))
        change[place] = 1e-5
        expected[place] = (loss(w + change) - loss(w - change)) / 2e-5
    got = np.asarray(parameter_gradients(x, np.eye(3)[y], w, b)[0], dtype=float)
    assert got.shape == (2, 3)
    assert np.allclose(got, expected, rtol=1e-5, atol=1e-8)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 4

# %% [markdown]
# ## Question 4: training (4 points)
#
# Now descend. Start with all weights and biases at 0. In each step compute both gradients on
# **all** rows, then change `w` and `b` by minus `rate` times their gradients. Note the mean loss
# before the first step, and after each step.
#
# Before you run it: which loss do you expect before the first step? (Chapter 3, last "Check
# yourself".)
#
# <details><summary>Hint 1</summary>
#
# `steps` steps give `steps + 1` losses. Note the first one before the loop.
# </details>
# <details><summary>Hint 2</summary>
#
# Both gradients belong to the same point. Take them in one call, and only then change anything.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def train(x, y, num_classes, steps, rate):
    """Train softmax regression from zeros by gradient descent on all rows.

    x : array (N, D), inputs
    y : array (N,), labels from 0 to num_classes - 1
    returns w (D, C), b (C,), and losses, a list of steps + 1 numbers
    """
    # BEGIN SOLUTION
    p = one_hot(y, num_classes)
    w, b = np.zeros((x.shape[1], num_classes)), np.zeros(num_classes)
    losses = [mean_loss(x @ w + b, p)]
    for _ in range(steps):
        grad_w, grad_b = parameter_gradients(x, p, w, b)
        w, b = w - rate * grad_w, b - rate * grad_b
        losses.append(mean_loss(x @ w + b, p))
    return w, b, losses
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
  The list of losses must have steps + 1 numbers. The first is ln C, because zeros say nothing
  yet. The last is the loss of the w and b that you return.
"""  # END TEST CONFIG


def test_q4_losses(train):
    import numpy as np

    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [2.0, 0.5]])
    y = np.array([0, 1, 2, 0])
    w, b, losses = train(x, y, 3, 4, 0.1)
    losses = np.asarray(losses, dtype=float)
    assert losses.shape == (5,), f"{losses.shape} losses for 4 steps, expected 5"
    assert np.isclose(losses[0], np.log(3)), f"the first loss is {losses[0]:.4f}, expected ln 3"
    z = x @ np.asarray(w) + np.asarray(b)
    last = (np.log(np.exp(z).sum(axis=1)) - z[np.arange(4), y]).mean()
    assert np.isclose(losses[-1], last), "the last loss is not that of the w and b returned"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  With this small rate the loss must fall in every step. Go against the gradient: minus rate
  times gradient.
"""  # END TEST CONFIG


def test_q4_descends(train):
    import numpy as np

    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [2.0, 0.5]])
    losses = np.asarray(train(x, np.array([0, 1, 2, 0]), 3, 6, 0.1)[2], dtype=float)
    assert losses.size > 1, "no losses"
    assert (np.diff(losses) < 0).all(), "the loss did not fall in every step"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  After one step from zeros, w or b is wrong. Start at 0, use all rows, and compute both
  gradients before you change w or b: they belong to the same point.
"""  # END TEST CONFIG


def test_q4_one_step(train):
    import numpy as np

    x = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -1.0], [2.0, 0.5], [3.0, 3.0]])
    y = np.array([0, 1, 2, 0, 0])
    w, b, _ = train(x, y, 3, 1, 0.5)
    expected_w, expected_b = np.zeros((2, 3)), np.zeros(3)
    for row, label in zip(x, y, strict=True):
        error = np.full(3, 1 / 3)
        error[label] -= 1
        expected_w -= 0.5 * np.outer(row, error) / 5
        expected_b -= 0.5 * error / 5
    assert np.shape(w) == (2, 3)
    assert np.shape(b) == (3,)
    assert np.allclose(w, expected_w, atol=1e-9)
    assert np.allclose(b, expected_b, atol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  After 25 steps, w or b is wrong. Are there exactly as many steps as asked for, each with the
  full rate and with fresh gradients?
"""  # END TEST CONFIG


def test_q4_many_steps(train):
    import numpy as np

    rng = np.random.default_rng(2)
    y = np.arange(12) % 3
    x = rng.normal(size=(12, 2)) + np.array([[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])[y]
    ones = np.column_stack([x, np.ones(12)])
    both = np.zeros((3, 3))
    for _ in range(25):
        powers = np.exp(ones @ both)
        errors = powers / powers.sum(axis=1, keepdims=True) - np.eye(3)[y]
        both = both - 0.3 * np.einsum("nd,nc->dc", ones, errors) / 12
    w, b, _ = train(x, y, 3, 25, 0.3)
    assert np.shape(w) == (2, 3)
    assert np.shape(b) == (3,)
    assert np.allclose(w, both[:2], atol=1e-7)
    assert np.allclose(b, both[2], atol=1e-7)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **See it learn.** 300 points, three classes that overlap a little.

# %%
labels = rng.integers(3, size=300)
points = rng.normal(size=(300, 2)) + np.array([[2, 0], [-1, 1.7], [-1, -1.7]])[labels]
learnt = train(points, labels, 3, 200, 0.5)
if learnt is None:
    print("Write train first.")
else:
    weights, bias, losses = learnt
    for step in (0, 1, 10, 100, 200):
        print(f"after {step:3d} steps: loss {losses[step]:.3f} nats")
    right = (points @ weights + bias).argmax(axis=1) == labels
    print(f"right: {right.mean():.0%}")

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 4

# %% [markdown]
# ## Question 5: two slopes on one unit (4 points)
#
# One sigmoid unit has the logit $z$, says $q = \sigma(z)$, and the truth $t$ is 0 or 1. There are
# two losses: cross-entropy, $-t \ln q - (1 - t) \ln(1 - q)$, and squared error, $(q - t)^2$. Return
# the slope of each **in $z$**. Chapter 5, section "Two losses, one unit".
#
# <details><summary>Hint</summary>
#
# The slope in $q$ times the slope of $q$ in $z$, which is $q (1 - q)$. For cross-entropy do the
# product on paper first: something cancels, and what is left cannot overflow.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def slopes(z, t):
    """Return the slopes in z of cross-entropy and of squared error, for a sigmoid unit.

    z : array of logits, any shape
    t : array of truths, 0 or 1, of the same shape
    returns two arrays of that shape: first cross-entropy, then squared error
    """
    # BEGIN SOLUTION
    q = sigmoid(z)
    return q - t, 2 * (q - t) * q * (1 - q)
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
  Return two arrays of z's shape. For truth 1 both slopes are negative, for truth 0 positive: a
  slope is not a pull, and the training step turns it round.
"""  # END TEST CONFIG


def test_q5_signs(slopes):
    import numpy as np

    z, t = np.array([-2.0, 0.0, 3.0, -1.0]), np.array([1.0, 1.0, 0.0, 0.0])
    result = slopes(z, t)
    assert isinstance(result, (tuple, list)), f"got {type(result).__name__}, expected two arrays"
    assert len(result) == 2, f"got {len(result)} things, expected two arrays"
    for slope in result:
        slope = np.asarray(slope, dtype=float)
        assert slope.shape == (4,), f"shape {slope.shape}, expected (4,)"
        assert (np.sign(slope) == 1 - 2 * t).all(), "a slope has the wrong sign"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The slope of cross-entropy in z is wrong. It is q - t: the q (1 - q) of the sigmoid cancels
  against the slope in q. Cross-entropy comes first.
"""  # END TEST CONFIG


def test_q5_cross_entropy(slopes):
    import numpy as np

    z, t = np.array([-2.0, 0.0, 3.0, 0.0, -1.0]), np.array([1.0, 1.0, 0.0, 0.0, 1.0])
    expected = np.where(t == 1, -1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z)))
    got = np.asarray(slopes(z, t)[0], dtype=float)
    assert got.shape == (5,)
    assert np.allclose(got, expected, rtol=1e-6)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The slope of squared error in z is wrong. It is 2 (q - t) q (1 - q): keep the 2, and the
  factor of the sigmoid. Squared error comes second.
"""  # END TEST CONFIG


def test_q5_squared_error(slopes):
    import numpy as np

    z, t = np.array([-2.0, 0.0, 3.0, 0.0, -1.0]), np.array([1.0, 1.0, 0.0, 0.0, 1.0])

    def loss(z):
        return (1 / (1 + np.exp(-z)) - t) ** 2

    expected = (loss(z + 1e-5) - loss(z - 1e-5)) / 2e-5
    got = np.asarray(slopes(z, t)[1], dtype=float)
    assert got.shape == (5,)
    assert np.allclose(got, expected, rtol=1e-5)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong at a saturated unit, z = -20 or -800 with truth 1. There cross-entropy still pulls with
  almost 1, and squared error with about 4e-9. Do not clip q, and do not divide by it.
"""  # END TEST CONFIG


def test_q5_saturated(slopes):
    import numpy as np

    z = np.array([-20.0, -800.0])
    ce, se = (np.asarray(s, dtype=float) for s in slopes(z, np.array([1.0, 1.0])))
    assert ce.shape == se.shape == (2,)
    assert np.isfinite(ce).all()
    assert np.isfinite(se).all()
    assert np.allclose(np.abs(ce), 1, atol=1e-8)
    # With q = exp(-20) / (1 + exp(-20)), to nine digits: 2 q (1 - q)^2.
    assert np.isclose(abs(se[0]), 2 * np.exp(-20) / (1 + np.exp(-20)) ** 3, rtol=1e-6, atol=0)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 3

# %% [markdown]
# ## Question 6: steps until the unit is out (3 points)
#
# The truth is 1, and the unit starts at a logit below 0: wrong. Descend **one** of the two losses,
# $z \leftarrow z - \text{rate} \cdot \text{slope}$, and count the steps until $z \ge 0$. If it is
# not out after `limit` steps, give up and return `limit`.
#
# Predict first: how many steps does each loss need from $z = -8$, at rate 1?
#
# <details><summary>Hint</summary>
#
# `while z < 0 and steps < limit:`. Inside, take the slope at the present `z`, move, and count.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def steps_out(kind, z, rate, limit=100_000):
    """Return how many steps of gradient descent bring z to 0 or above, with truth 1.

    kind : "ce" for cross-entropy or "se" for squared error
    z : float, the logit at the start; rate : float, the learning rate
    returns an int: 0 if z is not below 0, and at most limit
    """
    # BEGIN SOLUTION
    steps = 0
    while z < 0 and steps < limit:
        ce, se = slopes(z, 1)
        z = z - rate * float(ce if kind == "ce" else se)
        steps += 1
    return steps
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
  Return an int: 0 for a start that is not below 0, 1 where one step is enough, and the limit
  where the unit is still wrong after so many steps.
"""  # END TEST CONFIG


def test_q6_ends(steps_out):
    import numpy as np

    for kind in ("ce", "se"):
        got = [
            steps_out(kind, 0.0, 1.0),
            steps_out(kind, 0.5, 1.0),
            steps_out(kind, -0.1, 1.0),
            steps_out(kind, -30.0, 1.0, 20),
        ]
        for count in got:
            whole = isinstance(count, (int, np.integer)) and not isinstance(count, bool)
            assert whole, f"got {type(count).__name__}, expected an int"
        assert got == [0, 0, 1, 20], f"{kind}: got {got}, expected [0, 0, 1, 20]"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The counts for cross-entropy are wrong. Take the slope afresh at each new z, go against it,
  and use the rate.
"""  # END TEST CONFIG


def test_q6_cross_entropy(steps_out):
    import math

    for start, rate in ((-2.0, 0.1), (-5.0, 0.3), (-8.0, 1.0)):
        z, count = start, 0
        while z < 0:
            z, count = z + rate / (1 + math.exp(z)), count + 1
        got = steps_out("ce", start, rate)
        assert got == count, f"start {start}, rate {rate}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The counts for squared error are wrong. Is it the slope in z, with the factor q (1 - q), and
  does kind choose it?
"""  # END TEST CONFIG


def test_q6_squared_error(steps_out):
    import math

    for start, rate in ((-2.0, 1.0), (-4.0, 1.0), (-5.0, 2.0)):
        z, count = start, 0
        while z < 0:
            q = 1 / (1 + math.exp(-z))
            z, count = z + rate * 2 * q * (1 - q) ** 2, count + 1
        got = steps_out("se", start, rate)
        assert got == count, f"start {start}, rate {rate}"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %%
print("start   cross-entropy   squared error")
for start in (-2.0, -4.0, -6.0, -8.0):
    print(
        f"{start:5.0f}   {steps_out('ce', start, 1.0)!s:>13}   {steps_out('se', start, 1.0)!s:>13}"
    )

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 5
# manual: true

# %% [markdown]
# ## Question 7: who took the force away? (5 points, in words)
#
# A colleague trains a spam filter, one sigmoid unit, with squared error. For the first thousand
# steps nothing moves. She says: "The gradient is small because the error is small." And she
# proposes a learning rate of a million.
#
# Answer in six to ten sentences, with at least two numbers from your own functions:
#
# 1. What is wrong with her sentence, and which factor makes the gradient small? (2 points)
# 2. Why does cross-entropy not have this trouble? Name what cancels. (1 point)
# 3. What will the learning rate of a million do, on this row and on others? (1 point)
# 4. Name one situation in which squared error is a reasonable choice for a classifier. (1 point)

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# **A full answer.** The error is as large as it can be: at $z = -20$ and truth 1, $q$ is about 2e-9
# and the loss almost 1. What is small is the slope of the sigmoid, $q (1 - q)$, which squared
# error's gradient has to pass: the unit is saturated. The pull is 4.1e-9, where cross-entropy pulls
# with almost 1. In cross-entropy the slope in $q$ is $-1/q$, which explodes exactly as $q (1 - q)$
# vanishes. The product is $q - t$. A rate of a million gets a unit out from about $z = -14$ in few
# steps, but near $z = 0$ the pull is 0.25, so the same rate throws it by 250,000, and other rows
# with it: rows that were right become saturated and wrong. Squared error is fine as a score
# (Brier), on logits without a sigmoid, with many wrong labels because it is bounded, or with Adam
# and an ordinary start.
#
# **Rubric**
#
# - Part 1, 2 points. 1: the error is large, not small ($q$ near 0, truth 1). 1: the factor
#   $q (1 - q)$, the slope of the saturated sigmoid.
# - Part 2, 1 point: the $1/q$ of the logarithm cancels the $q$ of the sigmoid, so $q - t$ is left.
#   None for "it is steeper" alone.
# - Part 3, 1 point: it may free this row, and it throws units far away where the slope is not
#   small. Half for "it diverges", without where or why.
# - Part 4, 1 point for any one of: a score of probabilities, on logits, wrong labels (bounded),
#   ordinary start, Adam. None for "regression".
#
# Take off 1 if there are no numbers of their own. Full points do not need the wording above.
#
# **Common mistakes.** "Cross-entropy is convex, so it is faster" (convex says nothing about speed).
# "Squared error's gradient is 0" (it is small, and that is why a rate can be found for one place).

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Before you hand in
#
# - Restart the kernel, run all cells, and look at the checks once more.
# - Question 7 has numbers from your own functions.
# - Save the notebook and hand it in as it is. The next lab is about losses that
#   are wrong without an error.
