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
# name: 5_imbalance
# export_cell: false
# check_all_cell: true
# tests:
#   ok_format: false

# %% [markdown]
# # Lab 5: Smooth, weight or focus? Choose for rare failures, and defend it
#
# **What you will do.** One pump in fifty fails within the week. You write the three losses that
# people reach for, and what undoes the weights. You train with each, measure, choose for two
# readers, and defend the choice.
#
# **What you will be able to do**
# - write weighted, smoothed and focal losses of a yes-or-no target that survive any logit;
# - take the weights out of a probability again;
# - turn costs into a threshold, and judge a model by more than its accuracy;
# - defend a choice with numbers, and say what would change your mind.
#
# **What you need.** Chapter 8 to the section "What the loss is looking for", chapter 9, chapter 10
# to "What a focal model says, and what is true". From chapter 4, the sigmoid and its loss from the
# logit. NumPy.
#
# **Time.** 90 minutes. **Imports.** NumPy only. `xentlib` has these losses, so it is not allowed
# here.
#
# | question | what | points | graded |
# |:--|:--|--:|:--|
# | 1 | class weights | 3 | automatically |
# | 2 | the weighted loss | 3 | automatically |
# | 3 | the smoothed loss | 3 | automatically |
# | 4 | the focal loss | 3 | automatically |
# | 5 | the way back from weights | 3 | automatically |
# | 6 | a report: log loss, recall, alarms | 4 | automatically |
# | 7 | costs and the threshold | 2 | automatically |
# | 8 | choose, and defend it | 9 | by a person, with a rubric |
# | | **total** | **30** | |
#
# **Rules.** Keep the names of the functions and what they take and return. The check below each
# question runs a part of the tests and names usual mistakes. The grading runs more.

# %% [markdown]
# ## What is given
#
# For a yes-or-no question the target $t$ is 1 or 0, the logit is $z$, and $q = \sigma(z)$ is the
# probability of yes. Two facts make every loss of this lab short and safe:
#
# $$
# -\ln q = \text{softplus}(-z) , \qquad -\ln(1 - q) = \text{softplus}(z) .
# $$
#
# `softplus(z)` is $\ln(1 + e^z)$, computed so that it cannot overflow.

# %%
import numpy as np


def softplus(z):
    """Return ln(1 + exp(z)) without overflow."""
    return np.logaddexp(0.0, z)


def sigmoid(z):
    """Return 1 / (1 + exp(-z)) without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, e) / (1 + e)


def pumps(count, rng):
    """Draw pumps: two sensor readings each, (count, 2), and whether it fails, 1.0 or 0.0."""
    t = (rng.random(count) < 0.02).astype(float)
    return rng.normal(size=(count, 2)) + np.outer(t, [1.6, 1.0]), t


# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 3

# %% [markdown]
# ## Question 1: class weights (3 points)
#
# Inverse frequency gives every class the same total weight: chapter 9, section "Weights".
#
# <details><summary>Hint</summary>
#
# `np.bincount(y, minlength=num_classes)` counts. The mean of the weights over the **rows** is 1.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def class_weights(y, num_classes):
    """Return inverse-frequency weights, an array (num_classes,).

    y : integers from 0 to num_classes - 1, at least one row
    A class without a row raises a ValueError: its weight would be infinite.
    """
    # BEGIN SOLUTION
    counts = np.bincount(y, minlength=num_classes)
    if (counts == 0).any():
        raise ValueError(f"no row of the classes {np.flatnonzero(counts == 0).tolist()}")
    return len(y) / (num_classes * counts)
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
  The total weight, number of rows times weight, must be the same for every class. A rare class
  gets the larger weight.
"""  # END TEST CONFIG


def test_q1_same_total(class_weights):
    import numpy as np

    w = np.asarray(class_weights(np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2]), 3), dtype=float)
    assert w.shape == (3,), f"shape {w.shape}, expected (3,)"
    assert np.isfinite(w).all(), "not finite"
    assert (w > 0).all(), "not above 0"
    total = w * [6, 2, 4]
    assert np.ptp(total) < 1e-9 * total.max(), f"rows times weight: {total.tolist()}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The ratios may be right, but the scale is not: N / (C n_c). Then the mean weight of a row is
  1, and the learning rate keeps its meaning.
"""  # END TEST CONFIG


def test_q1_scale(class_weights):
    import numpy as np

    assert np.allclose(class_weights(np.array([1, 0, 0, 0]), 2), [2 / 3, 2])
    y = np.repeat([0, 1, 2], [90, 8, 2])
    assert np.allclose(class_weights(y, 3), [100 / 270, 100 / 24, 100 / 6])


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A class without a row must raise a ValueError, the last class included (minlength). Infinity,
  0 or a missing entry would go on in silence.
"""  # END TEST CONFIG


def test_q1_missing_class(class_weights):
    import numpy as np

    for y, classes in (([0, 2, 2], 3), ([0, 1, 1], 3)):
        try:
            class_weights(np.array(y), classes)
        except ValueError:
            continue
        raise AssertionError(f"labels {y} of {classes} classes: no error")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 3

# %% [markdown]
# ## Question 2: the weighted loss (3 points)
#
# `pos_weight` $k$ multiplies the term of the positives: $-k\, t \ln q - (1 - t) \ln(1 - q)$. Return
# one loss per row, no mean.
#
# <details><summary>Hint</summary>
#
# Use `softplus` twice. Never compute $q$.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def weighted_loss(z, t, k):
    """Return the binary cross-entropy of each row, the positive term times k.

    z : logits (N,); t : targets, 1.0 or 0.0, (N,); k : the weight of the positives
    """
    # BEGIN SOLUTION
    return k * t * softplus(-z) + (1 - t) * softplus(z)
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
  With k = 1 it is the plain binary loss, one number per row: ln 2 at a logit of 0, little where
  the logit and the target agree.
"""  # END TEST CONFIG


def test_q2_plain(weighted_loss):
    import numpy as np

    z, t = np.array([0.0, 0.0, 3.0, -3.0, 3.0]), np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    losses = np.asarray(weighted_loss(z, t, 1.0), dtype=float)
    assert losses.shape == (5,), f"shape {losses.shape}, expected (5,): one loss per row"
    assert np.allclose(losses[:2], np.log(2)), "a logit of 0 must cost ln 2"
    assert losses[2] < 0.1, "a positive with the logit 3 costs too much"
    assert losses[3] < 0.1, "a negative with the logit -3 costs too much"
    assert losses[4] > 3, "a negative with the logit 3 costs too little"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  With k = 9, a positive must cost nine times as much as with k = 1, and a negative the same as
  before. Nothing is divided by k.
"""  # END TEST CONFIG


def test_q2_positives_times_k(weighted_loss):
    import math

    import numpy as np

    z, t = np.array([0.5, -1.5, 0.5, -1.5]), np.array([1.0, 1.0, 0.0, 0.0])
    expected = [9 * math.log(1 + math.exp(-0.5)), 9 * math.log(1 + math.exp(1.5))]
    expected += [math.log(1 + math.exp(0.5)), math.log(1 + math.exp(-1.5))]
    losses = np.asarray(weighted_loss(z, t, 9.0), dtype=float)
    assert losses.shape == (4,)
    assert np.allclose(losses, expected, rtol=1e-6)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong, infinite or nan at logits of 50 and 800. Take the logarithms from the logits with
  softplus. A clipped q gives every sure mistake the same price.
"""  # END TEST CONFIG


def test_q2_large_logits(weighted_loss):
    import numpy as np

    z, t = np.array([-800.0, 800.0, 800.0, -50.0]), np.array([1.0, 0.0, 1.0, 1.0])
    losses = np.asarray(weighted_loss(z, t, 2.0), dtype=float)
    assert losses.shape == (4,)
    assert np.allclose(losses, [1600, 800, 0, 100], rtol=1e-9, atol=1e-9)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 3

# %% [markdown]
# ## Question 3: the smoothed loss (3 points)
#
# Label smoothing with two classes: chapter 8 gives every class $\varepsilon / C$, and $C$ is 2. So
# what becomes of a target of 1, and of a target of 0? Return the loss of each row against the
# smoothed target.
#
# <details><summary>Hint</summary>
#
# The true class shares too. Chapter 8's first paper exercise has the number for
# $\varepsilon = 0.1$.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def smoothed_loss(z, t, eps):
    """Return the binary cross-entropy of each row against smoothed targets.

    z : logits (N,); t : targets, 1.0 or 0.0, (N,); eps : the share that is spread, 0 to 1
    """
    # BEGIN SOLUTION
    soft = (1 - eps) * t + eps / 2
    return soft * softplus(-z) + (1 - soft) * softplus(z)
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
  With eps = 0.2, a positive must cost least where q = 0.9, at the logit ln 9, and a negative
  where q = 0.1. Each of the two classes gets eps / 2, the true one too, and both targets are
  smoothed.
"""  # END TEST CONFIG


def test_q3_lowest_point(smoothed_loss):
    import numpy as np

    for t, best in ((1.0, np.log(9)), (0.0, -np.log(9))):
        z = best + np.array([-0.4, 0.0, 0.4])
        losses = np.asarray(smoothed_loss(z, np.full(3, t), 0.2), dtype=float)
        assert losses.shape == (3,), f"shape {losses.shape}, expected (3,): one loss per row"
        assert np.isfinite(losses).all(), "not finite"
        assert losses.argmin() == 1, (
            f"target {t:.0f}: not lowest at q = {0.5 + 0.4 * (2 * t - 1):.1f}"
        )


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The value is wrong. It is the cross-entropy of q under the target [1 - eps + eps / 2, eps /
  2]: the weights of the two terms add up to 1.
"""  # END TEST CONFIG


def test_q3_value(smoothed_loss):
    import math

    import numpy as np

    z, t = np.array([0.0, 2.0, -1.0, 2.0]), np.array([1.0, 1.0, 1.0, 0.0])
    expected = []
    for logit, target in zip(z, t, strict=True):
        q, yes = 1 / (1 + math.exp(-logit)), 0.7 if target else 0.3
        expected.append(-yes * math.log(q) - (1 - yes) * math.log(1 - q))
    losses = np.asarray(smoothed_loss(z, t, 0.6), dtype=float)
    assert losses.shape == (4,)
    assert np.allclose(losses, expected, rtol=1e-6)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong, infinite or nan at a logit of 800, or not the plain loss with eps = 0. Take the
  logarithms from the logits with softplus.
"""  # END TEST CONFIG


def test_q3_large_logits(smoothed_loss):
    import numpy as np

    z, t = np.array([800.0, -800.0]), np.array([1.0, 1.0])
    losses = np.asarray(smoothed_loss(z, t, 0.1), dtype=float)
    assert losses.shape == (2,)
    assert np.allclose(losses, [40, 760], rtol=1e-9)
    assert np.allclose(smoothed_loss(z, t, 0.0), [0, 800], rtol=1e-9, atol=1e-9)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 3

# %% [markdown]
# ## Question 4: the focal loss (3 points)
#
# $(1 - q_y)^\gamma \, (-\ln q_y)$, where $q_y$ is the probability of what was true: $q$ for a
# positive, $1 - q$ for a negative. No $\alpha$. Chapter 10, section "The factor".
#
# <details><summary>Hint</summary>
#
# With $s = z$ for positives and $s = -z$ for negatives, $q_y = \sigma(s)$ and
# $1 - q_y = \sigma(-s)$. Nothing has to be subtracted from 1.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def focal_loss(z, t, gamma):
    """Return the focal loss of each row, without alpha.

    z : logits (N,); t : targets, 1.0 or 0.0, (N,); gamma : the focusing parameter, 0 or above
    """
    # BEGIN SOLUTION
    s = np.where(t == 1, z, -z)
    return sigmoid(-s) ** gamma * softplus(-s)
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
  With gamma = 0 it must be the plain loss, and with gamma = 2 at a logit of 0 a quarter of ln 2
  for each row, positive or negative. Easy rows shrink more than hard ones. One loss per row.
"""  # END TEST CONFIG


def test_q4_gamma_zero(focal_loss):
    import numpy as np

    z, t = np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 0.0, 1.0, 0.0])
    plain = np.asarray(focal_loss(z, t, 0.0), dtype=float)
    assert plain.shape == (4,), f"shape {plain.shape}, expected (4,): one loss per row"
    assert np.allclose(plain[:2], np.log(2)), "gamma = 0 is not the plain loss"
    assert np.allclose(plain[3] - plain[2], 2), "gamma = 0 is not the plain loss"
    focused = np.asarray(focal_loss(z, t, 2.0), dtype=float)
    assert np.allclose(focused[:2], np.log(2) / 4), "gamma = 2 at a logit of 0 is not a quarter"
    factor = focused / plain
    assert factor[2] < 0.25 < factor[3], "the easy row must shrink more than the hard one"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The value is wrong. The factor is (1 - q_y) to the power gamma, with q_y the probability of
  what was true: 1 - q for a negative. Each row has its own.
"""  # END TEST CONFIG


def test_q4_value(focal_loss):
    import math

    import numpy as np

    z, t = np.array([1.0, -2.0, 0.4, 1.0, -3.0]), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    for gamma in (0.5, 2.0):
        expected = []
        for logit, target in zip(z, t, strict=True):
            q = 1 / (1 + math.exp(-logit))
            own = q if target else 1 - q
            expected.append((1 - own) ** gamma * -math.log(own))
        losses = np.asarray(focal_loss(z, t, gamma), dtype=float)
        assert losses.shape == (5,)
        assert np.allclose(losses, expected, rtol=1e-6)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong, infinite or nan at large logits. A sure mistake of 800 nats costs 800, a sure right
  answer costs 0. Take the logarithm from the logit with softplus.
"""  # END TEST CONFIG


def test_q4_large_logits(focal_loss):
    import numpy as np

    z, t = np.array([-800.0, 800.0, 800.0, -800.0]), np.array([1.0, 0.0, 1.0, 0.0])
    losses = np.asarray(focal_loss(z, t, 2.0), dtype=float)
    assert losses.shape == (4,)
    assert np.allclose(losses, [800, 800, 0, 0], rtol=1e-9, atol=1e-9)
    mixed = np.asarray(focal_loss(np.array([800.0, 0.0]), np.array([1.0, 1.0]), 2.0), dtype=float)
    assert np.allclose(mixed, [0, np.log(2) / 4], atol=1e-9)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 3

# %% [markdown]
# ## Question 5: the way back from weights (3 points)
#
# A model trained with `pos_weight` $k$ does not say what is true. Its odds are $k$ times too high:
# chapter 9, section "The way back". Return what is true as far as the model could fit its optimum.
# A weighted model that says 1/2, with $k = 99$, means 1/100.
#
# <details><summary>Hint</summary>
#
# Odds are $q / (1 - q)$. Divide them by $k$ and solve for the probability, on paper. The result
# needs no logarithm, so 0 and 1 are no trouble.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def true_probability(q, k):
    """Return the probability that a model trained with pos_weight k means by q.

    q : probabilities (N,), 0 and 1 included; k : above 0
    """
    # BEGIN SOLUTION
    return q / (q + k * (1 - q))
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
  One half with k = 99 must become 1/100. The odds, q / (1 - q), are divided by k, and then made
  a probability again.
"""  # END TEST CONFIG


def test_q5_one_half(true_probability):
    import numpy as np

    p = np.asarray(true_probability(np.array([0.5]), 99.0), dtype=float)
    assert p.shape == (1,), f"shape {p.shape}, expected (1,)"
    assert np.allclose(p, 0.01), f"one half becomes {p[0]:.4f}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Right at one half at most, wrong elsewhere. Dividing q by k is not enough: the two sides must
  add up to 1 again. In logits it is minus ln k, not minus k.
"""  # END TEST CONFIG


def test_q5_values(true_probability):
    import numpy as np

    # By Bayes' rule with fractions: the odds 4, 1/4 and 9, divided by 2, 2 and 2.
    p = np.asarray(true_probability(np.array([0.8, 0.2, 0.9]), 2.0), dtype=float)
    assert p.shape == (3,)
    assert np.allclose(p, [2 / 3, 1 / 9, 9 / 11], rtol=1e-9)
    assert np.allclose(true_probability(np.array([0.2, 0.7]), 1.0), [0.2, 0.7], rtol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  0 must stay 0 and 1 must stay 1, for every k. Certainty has odds of 0 or infinity: solve for
  the probability first, then nothing is divided by 0.
"""  # END TEST CONFIG


def test_q5_ends(true_probability):
    import numpy as np

    p = np.asarray(true_probability(np.array([0.0, 1.0]), 49.0), dtype=float)
    assert p.shape == (2,)
    assert np.isfinite(p).all()
    assert np.allclose(p, [0, 1], atol=1e-12)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 4

# %% [markdown]
# ## Question 6: a report (4 points)
#
# Accuracy is useless here: "no pump fails" is right in 98 of 100 cases. Report instead:
#
# - `"log_loss"`: the mean of $-\ln$ of the probability of what happened, in nats. Nothing is
#   clipped: certain and wrong costs infinity. Certain and right costs 0.
# - `"recall"`: the share of the failing pumps that raise an alarm. An alarm is raised where $q \ge$
#   threshold.
# - `"alarms"`: the share of **all** pumps that raise one.
#
# <details><summary>Hint 1</summary>
#
# `own = np.where(t == 1, q, 1 - q)` is the probability of what happened. Its logarithm is needed
# once per row.
# </details>
# <details><summary>Hint 2</summary>
#
# `alarm = q >= threshold`. Recall is the mean of `alarm` over some rows, alarms over all of them.
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def report(q, t, threshold):
    """Return a dict with the floats log_loss, recall and alarms.

    q : probabilities of a failure (N,); t : 1.0 or 0.0 (N,), at least one 1; threshold : 0 to 1
    """
    # BEGIN SOLUTION
    alarm = q >= threshold
    with np.errstate(divide="ignore"):
        surprise = -np.log(np.where(t == 1, q, 1 - q))
    return {
        "log_loss": float(surprise.mean()),
        "recall": float(alarm[t == 1].mean()),
        "alarms": float(alarm.mean()),
    }
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
  Return a dict with exactly the keys log_loss, recall and alarms, each a float. A share lies
  between 0 and 1.
"""  # END TEST CONFIG


def test_q6_keys(report):
    import numpy as np

    result = report(np.array([0.9, 0.2, 0.4]), np.array([1.0, 0.0, 1.0]), 0.3)
    assert isinstance(result, dict), f"got {type(result).__name__}, expected a dict"
    assert sorted(result) == ["alarms", "log_loss", "recall"], f"keys {sorted(result)}"
    for key, value in result.items():
        assert isinstance(value, (float, np.floating)), f"{key} is {type(value).__name__}"
    assert 0 <= result["recall"] <= 1, "recall is no share"
    assert 0 <= result["alarms"] <= 1, "alarms is no share: divide by the number of pumps"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The log loss is wrong. It is the mean over all rows, in nats, of -ln q for a failure and -ln(1
  - q) for none. Certain and wrong costs infinity (do not clip), certain and right 0 (not nan).
"""  # END TEST CONFIG


def test_q6_log_loss(report):
    import math

    import numpy as np

    t = np.array([1.0, 0.0, 0.0, 1.0])
    got = report(np.array([0.5, 0.25, 0.0, 1.0]), t, 0.5)["log_loss"]
    assert math.isclose(got, (math.log(2) + math.log(4 / 3)) / 4, rel_tol=1e-9)
    assert report(np.array([0.5, 1.0, 0.0, 1.0]), t, 0.5)["log_loss"] == math.inf


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The recall is wrong. Of the pumps that fail, which share raises an alarm? It is not the share
  of alarms that are right (precision), not accuracy, and q equal to the threshold is an alarm.
"""  # END TEST CONFIG


def test_q6_recall(report):
    import math

    import numpy as np

    q = np.array([0.9, 0.3, 0.1, 0.8, 0.3, 0.2, 0.1, 0.1])
    t = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert math.isclose(report(q, t, 0.3)["recall"], 2 / 3, rel_tol=1e-9)
    assert math.isclose(report(q, t, 0.5)["recall"], 1 / 3, rel_tol=1e-9)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The share of alarms is wrong. Count the rows with q at or above the threshold, right or wrong,
  over all rows.
"""  # END TEST CONFIG


def test_q6_alarms(report):
    import math

    import numpy as np

    q = np.array([0.9, 0.3, 0.1, 0.8, 0.3, 0.2, 0.1, 0.1])
    t = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert math.isclose(report(q, t, 0.3)["alarms"], 4 / 8, rel_tol=1e-9)
    assert math.isclose(report(q, t, 0.85)["alarms"], 1 / 8, rel_tol=1e-9)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 2

# %% [markdown]
# ## Question 7: costs and the threshold (2 points)
#
# A missed failure costs `miss`, a false alarm costs `alarm`, a right decision costs nothing. From
# which true probability on is it cheaper to raise the alarm?
#
# <details><summary>Hint</summary>
#
# At probability $p$, silence costs $p \cdot \text{miss}$ on average. What does an alarm cost? They
# are equal at the threshold. Chapter 9, section "The way back".
# </details>

# %% [raw]
# # BEGIN SOLUTION


# %%
def cheapest_threshold(miss, alarm):
    """Return the probability of a failure above which an alarm is cheaper than silence, a float.

    miss : the cost of a failure without an alarm, above 0
    alarm : the cost of an alarm without a failure, above 0
    """
    # BEGIN SOLUTION
    return alarm / (alarm + miss)
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
  Equal costs make the threshold one half, and a dearer miss makes it lower: you act sooner.
"""  # END TEST CONFIG


def test_q7_direction(cheapest_threshold):
    equal, dear = float(cheapest_threshold(3.0, 3.0)), float(cheapest_threshold(30.0, 3.0))
    assert abs(equal - 0.5) < 1e-9, f"equal costs give {equal:.3f}"
    assert 0 < dear < 0.5, f"a miss that costs ten times as much gives {dear:.3f}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The value is wrong. Silence costs p times miss, an alarm (1 - p) times alarm. They are equal
  at p = alarm / (alarm + miss).
"""  # END TEST CONFIG


def test_q7_value(cheapest_threshold):
    assert abs(float(cheapest_threshold(9.0, 1.0)) - 0.1) < 1e-9
    assert abs(float(cheapest_threshold(1.0, 3.0)) - 0.75) < 1e-9


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## The race
#
# The trainer is given. It fits a linear model to the mean of any row loss, by Newton's method, with
# slopes and curvatures by nudges (lab 3). It starts at the log odds of the share, and it goes on
# until the gradient is 0. So what differs below is the loss, and nothing else.
#
# A missed failure costs as much as 40 false alarms. Each row of the table is the mean and the
# standard deviation over five training sets of 5,000 pumps, measured on one test set of 20,000.
# "Undone" is weighted, then `true_probability`.
#
# | column | meaning |
# |:--|:--|
# | log loss | of the probabilities as they are, in nats |
# | found at 1/2 | recall at a threshold of one half |
# | found, alarms | recall and share of alarms at `cheapest_threshold(40, 1)` |
# | expected | failures per 1000 pumps, if you add up the probabilities |
# | cost | per 1000 pumps, at that threshold; a false alarm costs 1 |
# | cost, own | the same at a threshold of the model's own, the cheapest on its training pumps |


# %%
def fit(x, t, row_loss):
    """Return weights and bias of the linear model with the least mean row_loss(z, t)."""
    ones = np.column_stack([x, np.ones(len(x))])
    w = np.array([0.0, 0.0, np.log(t.mean() / (1 - t.mean()))])
    h = 1e-3
    for _ in range(25):
        z = ones @ w
        up, here, down = row_loss(z + h, t), row_loss(z, t), row_loss(z - h, t)
        slope, curve = (up - down) / (2 * h), np.maximum(up - 2 * here + down, 0) / h**2
        hessian = ones.T @ (curve[:, None] * ones) + 1e-6 * len(x) * np.eye(3)
        w = w - np.clip(np.linalg.solve(hessian, ones.T @ slope), -1, 1)
    return w


def cost(q, t, threshold, miss=40, alarm=1):
    """Return what the decisions cost, per 1000 pumps."""
    act = q >= threshold
    return 1000 * (miss * (~act & (t == 1)) + alarm * (act & (t == 0))).mean()


# %%
def race(seeds=5):
    """Train with each loss on each set, and return a list of measures for each name."""
    test_x, test_t = pumps(20_000, np.random.default_rng(0))
    rows = {}
    for seed in range(1, seeds + 1):
        x, t = pumps(5_000, np.random.default_rng(seed))
        w0, w1 = class_weights(t.astype(int), 2)
        k = w1 / w0
        losses = {
            "plain": lambda z, t: weighted_loss(z, t, 1.0),
            "weighted": lambda z, t, k=k: weighted_loss(z, t, k),
            "smoothed": lambda z, t: smoothed_loss(z, t, 0.1),
            "focal": lambda z, t: focal_loss(z, t, 2.0),
        }
        for name, loss in losses.items():
            w = fit(x, t, loss)
            here, there = sigmoid(x @ w[:2] + w[2]), sigmoid(test_x @ w[:2] + w[2])
            rows.setdefault(name, []).append(measure(here, t, there, test_t))
            if name == "weighted":
                here, there = true_probability(here, k), true_probability(there, k)
                rows.setdefault("undone", []).append(measure(here, t, there, test_t))
    return rows


def measure(train_q, train_t, q, t):
    """Return the seven numbers of the table for one model."""
    half, chosen = report(q, t, 0.5), cheapest_threshold(40, 1)
    acted = report(q, t, chosen)
    tried = np.quantile(train_q, np.linspace(0, 1, 101))
    own = min(tried, key=lambda threshold: cost(train_q, train_t, threshold))
    numbers = [half["log_loss"], half["recall"], acted["recall"], acted["alarms"]]
    return [*numbers, 1000 * q.mean(), cost(q, t, chosen), cost(q, t, own)]


blank = np.zeros(1)
pieces = [
    weighted_loss(blank, blank, 1.0),
    smoothed_loss(blank, blank, 0.1),
    focal_loss(blank, blank, 2.0),
    class_weights(np.array([0, 1]), 2),
    true_probability(blank, 1.0),
    report(blank, blank + 1, 0.5),
    cheapest_threshold(1.0, 1.0),
]
if any(piece is None for piece in pieces):
    print("Write the seven functions first.")
else:
    columns = ["log loss", "found at 1/2", "found", "alarms", "expected", "cost", "cost, own"]
    print(" " * 10 + "".join(f"{column:16s}" for column in columns))
    for name, measured in race().items():
        middle, spread = np.mean(measured, axis=0), np.std(measured, axis=0, ddof=1)
        places = [3, 3, 3, 3, 1, 0, 0]
        cells = [f"{m:.{d}f} ± {s:.{d}f}" for m, s, d in zip(middle, spread, places, strict=True)]
        print(f"{name:10s}" + "".join(f"{cell:16s}" for cell in cells))
    counted = pumps(20_000, np.random.default_rng(0))[1]
    print(f"failures per 1000 pumps, counted in the test set: {1000 * counted.mean():.1f}")

# %% [raw]
# # BEGIN QUESTION
# name: q8
# points: 9
# manual: true

# %% [markdown]
# ## Question 8: choose, and defend it (9 points, in words)
#
# Your table has two readers.
#
# - **The crew** drives to every pump with an alarm. A missed failure costs as much as 40 false
#   alarms.
# - **The insurer** reads the probabilities themselves, adds them up over all pumps, and sets a
#   price.
#
# Choose one way of training, and what you do after it, for each reader. It may be the same for
# both. There is no single right answer: points are given for reasons. Write 15 to 20 sentences.
#
# 1. **The crew:** which training, which threshold, and why? Give the numbers of your choice and of
#    its closest rival, with their spread, and say whether the difference is larger than the spread.
#    (3 points)
# 2. **The insurer:** which training, and what do you do to the probabilities before you hand them
#    over? Give a number that shows it, and say what would happen if you skipped it. (3 points)
# 3. **Two that you rejected:** for each, one number from the table and the reason behind it, from
#    the optimum of its loss. (2 points)
# 4. **What would change your mind?** Name one thing about the data, the labels or the model, and
#    what you would then choose. (1 point)

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# **A full answer.** For the crew: plain, with the threshold 1 / (1 + 40) = 0.024, costs 314 ± 2 per
# 1000 pumps. Weighted and undone costs 316 ± 2 at the same threshold. The difference is about one
# spread, so the two are equal, and plain has one step less. For the insurer: plain, as it is, with
# a log loss of 0.067 and 19.2 ± 0.8 expected failures per 1000, where 19.4 were counted; or
# weighted and undone, with 19.5 ± 1.4. Not undone, weighted expects 254. Smoothed was rejected
# because its optimum is 0.9 p + 0.05: hardly a pump is said to be below 0.05, so 97 % of them raise
# an alarm, and it expects 68 failures. Focal was rejected because with two classes its optimum is
# flatter than the truth: the log loss is 0.162, and it expects 131. It would change the choice if
# the linear model could not fit: then weights decide which errors it makes (chapter 9, section
# "When weights help, and when they hurt").
#
# **Rubric**
#
# - Part 1, 3 points. 1: a training and a threshold that belong together (see below). 1: the numbers
#   of the choice and of a rival, with their spread. 1: says whether the difference exceeds the
#   spread, and draws the conclusion.
# - Part 2, 3 points. 1: plain as it is, or weighted and undone, or another with its way back named.
#   1: a log loss or an expected number from the table. 1: what would happen without the step, or
#   with another model as it is: probabilities several times too high.
# - Part 3, 2 points. For each of the two, 1/2 for a number and 1/2 for the reason from the optimum
#   of its loss (chapters 8, 9, 10). None for "it is worse".
# - Part 4, 1 point: one condition, and what follows from it. For example a model that cannot fit
#   (weights), wrong labels (nothing that leans on rare rows), only the top class counts (smoothing
#   does no harm), an extreme imbalance where only a ranking is judged (focal).
#
# **Thresholds that belong together.** Plain or undone: 1/41. Weighted, not undone: its odds are k
# times too high, so 1/41 becomes k / (k + 40), about 0.55 for k = 49. Any model: its own cheapest
# threshold on training (better: validation) pumps. A threshold of 1/2 on plain finds a tenth of the
# failures: no points for the first part, unless weights come with it.
#
# **A different choice gets full points** if its numbers and reasons hold. "Weighted, at 1/2" for
# the crew is such a choice: it finds 81 %. The answer should see that its threshold stands for a
# miss that costs k times a false alarm. Here k is about 49, close to 40 by luck.
#
# **Common mistakes.** "Weighted is best, it finds 100 %": it raises an alarm for 86 % of the pumps.
# "Focal is better at 1/2": 0.091 against 0.093 is within the spread. "The loss of focal is lower,
# so it is better": losses with different optima do not compare; the table has plain log losses for
# that reason. Accuracy as an argument.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Before you hand in
#
# - Restart the kernel, run all cells, and look at the checks once more.
# - Question 8 has numbers from your own table.
# - Save the notebook and hand it in as it is.
