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
# name: 4_debugging
# export_cell: false
# check_all_cell: true
# tests:
#   ok_format: false

# %% [markdown]
# # Lab 4: Debug six training scripts that run without an error
#
# **What you will do.** Six short PyTorch scripts run to the end and look plausible. Each has one
# mistake in its loss. You start from the symptom, name the mistake, and mend one function.
#
# **What you will be able to do**
# - go from a strange number on the screen to its cause;
# - mend a loss so that it stays right for sure, wrong, padded and rare rows;
# - name the cheap check that would have caught each mistake before the training.
#
# **What you need.** Chapter 7 (all of it), chapter 9, section "What does “mean” divide by?", and
# chapter 10, section "Three faults of the usual snippet". PyTorch basics.
#
# **Time.** 90 minutes: ten for each script, the rest for the last question. **Imports.** NumPy and
# PyTorch. `xentlib` is not allowed here.
#
# | question | symptom | points | graded |
# |:--|:--|--:|:--|
# | 1 | a floor | 4 | automatically |
# | 2 | a right start, then hardly any progress | 4 | automatically |
# | 3 | the same words, other numbers | 4 | automatically |
# | 4 | a setting without effect | 4 | automatically |
# | 5 | a nan out of the blue | 4 | automatically |
# | 6 | a perfect loss, and no right answer | 4 | automatically |
# | 7 | checks that come before the training | 6 | by a person, with a rubric |
# | | **total** | **30** | |
#
# **How each question works.** The first cell has the script. The second has a function with the
# mistake, and runs the script. Think before you change anything. Mend the function **in its cell**
# and run it again: the symptom must go. Then put the letter of the mistake into the cell below. The
# mended function gives 3 points, the letter 1. The check says whether the symptom is gone. Which
# mistake it was is for you to find; the grading tests more.
#
# **Rules.** Keep the names of the functions and what they take and return. Leave the scripts
# (`run_1` to `run_6`) as they are: they are not what is broken. Each function takes NumPy arrays or
# tensors; its first line makes tensors of them.
#
# ## The list of mistakes
#
# Six of these twelve are in the scripts, each once.
#
# | letter | mistake |
# |:--:|:--|
# | A | the learning rate is too high |
# | B | prediction and target are swapped |
# | C | softmax is applied twice |
# | D | a sigmoid comes before a loss that wants logits |
# | E | the class axis is not where the loss looks for it, so rows are mixed |
# | F | the loss is a sum where a mean is meant |
# | G | a mean of means: each part counts the same, however much is in it |
# | H | the mean divides by the weights of the rows in the batch |
# | I | zero to a negative power in the gradient, times zero |
# | J | the logarithm of a probability that was rounded to 0 |
# | K | labels and classes are not counted from the same start |
# | L | the model learns its rows by heart |

# %%
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def descend(loss, parameters, rate):
    """Take one step of gradient descent."""
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= rate * gradient


def zeros(*shape):
    """Return parameters that start at 0, in double precision."""
    return torch.zeros(*shape, dtype=torch.float64, requires_grad=True)


def show(step, loss, right):
    """Print one line of a training run."""
    print(f"step {step:3d}: loss {loss.item():.3f} nats, right {right.double().mean().item():.0%}")


# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 4

# %% [markdown]
# ## Question 1: a floor (4 points)
#
# **Symptom.** Ten classes, well apart. Nearly all answers are right. The first loss is $\ln 10$, as
# it should be. Then it falls to about 1.5 nats, and there it stays, however long you train.
#
# <details><summary>Hint 1</summary>
#
# What would a certain and right answer cost? Work it out for this function: chapter 7, section
# "Look up your symptom".
# </details>
# <details><summary>Hint 2</summary>
#
# There is more than one way to mend it. A good one also survives logits of 1000.
# </details>


# %%
def run_1():
    """Train ten classes."""
    rng = np.random.default_rng(1)
    y = torch.tensor(rng.integers(10, size=400))
    x = 2 * F.one_hot(y, 10) + 0.5 * torch.tensor(rng.normal(size=(400, 10)))
    w, b = zeros(10, 10), zeros(10)
    for step in range(301):
        loss = batch_loss_1(x, y, w, b)
        if step in (0, 10, 100, 200, 300):
            show(step, loss, (x @ w + b).argmax(dim=1) == y)
        descend(loss, [w, b], rate=10)


# %% [raw]
# # BEGIN SOLUTION


# %%
def batch_loss_1(x, y, w, b):
    """Return the mean cross-entropy of a linear layer: x is (N, D), y holds N labels from 0."""
    x, y, w, b = (torch.as_tensor(a) for a in (x, y, w, b))
    """ # BEGIN PROMPT
    q = (x @ w + b).softmax(dim=1)  # the model's probabilities
    return F.cross_entropy(q, y)
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    return F.cross_entropy(x @ w + b, y)
    # END SOLUTION


run_1()

# %%
mistake_1 = "C"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  A certain and right answer must cost almost nothing. Here it does not. What happens to the
  numbers between the logits and the loss?
"""  # END TEST CONFIG


def test_q1_no_floor(batch_loss_1):
    import numpy as np

    x = 20 * np.eye(10)
    loss = float(batch_loss_1(x, np.arange(10), np.eye(10), np.zeros(10)))
    assert np.isfinite(loss), "not finite"
    assert abs(loss) < 1e-6, f"a certain and right answer costs {loss:.4f}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  For ordinary logits the value is not that of the mean cross-entropy, ln of the sum of the
  powers minus the logit of the true class. Is there still a softmax before a loss that has its
  own, or something else in its place? Subtracting the floor or leaving out the logarithm does
  not mend it.
"""  # END TEST CONFIG


def test_q1_value(batch_loss_1):
    import math

    import numpy as np

    rng = np.random.default_rng(11)
    x, w, b = rng.normal(size=(6, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    y = np.array([0, 1, 2, 3, 3, 0])
    z = x @ w + b
    rows = [math.log(sum(math.exp(v) for v in z[n])) - z[n, y[n]] for n in range(6)]
    loss = float(batch_loss_1(x, y, w, b))
    assert abs(loss - sum(rows) / 6) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  An answer that is certain and wrong by 1000 nats must cost 1000. The logarithm of a softmax
  cannot say that, since the softmax is rounded to 0 first. Give the loss the logits.
"""  # END TEST CONFIG


def test_q1_large_logits(batch_loss_1):
    import numpy as np

    x = np.array([[1000.0, 0.0, 0.0]])
    loss = float(batch_loss_1(x, np.array([1]), np.eye(3), np.zeros(3)))
    assert abs(loss - 1000) < 1e-2


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_1 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q1_one_letter(mistake_1):
    assert isinstance(mistake_1, str), f"got {type(mistake_1).__name__}, expected a letter"
    assert len(mistake_1.strip()) == 1, "expected one letter"
    assert mistake_1.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. A loss that starts at ln C, sinks less than one nat and stops, with a
  high accuracy, is the signature of two softmaxes: chapter 7, section on two softmaxes.
"""  # END TEST CONFIG


def test_q1_letter(mistake_1):
    assert isinstance(mistake_1, str)
    assert mistake_1.strip().upper() == "C"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 4

# %% [markdown]
# ## Question 2: a right start, then hardly any progress (4 points)
#
# **Symptom.** A tagger gives each word of a sentence one of four tags. The tag depends on the word
# alone, and the model has a row of logits for each word, so it could be right every time. The first
# loss is $\ln 4$. Then it hardly falls, and the accuracy stays near a guess.
#
# <details><summary>Hint 1</summary>
#
# Take two sentences of three words, fill the logits with 0, 1, 2, ... and print what `reshape` does
# to them.
# </details>
# <details><summary>Hint 2</summary>
#
# PyTorch wants the classes on axis 1, whatever other axes there are. `movedim` turns axes,
# `reshape` only cuts anew.
# </details>


# %%
def run_2():
    """Train a tagger."""
    rng = np.random.default_rng(2)
    words = torch.tensor(rng.integers(20, size=(50, 6)))
    tags = words % 4
    table = zeros(20, 4)
    for step in range(101):
        z = table[words]
        loss = batch_loss_2(z, tags)
        if step in (0, 10, 50, 100):
            show(step, loss, z.argmax(dim=2) == tags)
        descend(loss, [table], rate=5)


# %% [raw]
# # BEGIN SOLUTION


# %%
def batch_loss_2(z, y):
    """Return the mean cross-entropy over all words.

    z : logits (N sentences, T words, C tags)
    y : labels (N, T), from 0 to C - 1
    """
    z, y = torch.as_tensor(z), torch.as_tensor(y)
    """ # BEGIN PROMPT
    n, t, c = z.shape
    return F.cross_entropy(z.reshape(n, c, t), y)  # the classes come second
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    return F.cross_entropy(z.movedim(-1, 1), y)
    # END SOLUTION


run_2()

# %%
mistake_2 = "E"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  If each word has a certain and right tag, the loss must be almost 0. Here it is not, or there
  is an error. Change the logits of one word, and look which losses move.
"""  # END TEST CONFIG


def test_q2_right_answers_are_free(batch_loss_2):
    import numpy as np

    y = np.array([[0, 1, 3], [2, 2, 0]])
    loss = float(batch_loss_2(20 * np.eye(4)[y], y))
    assert np.isfinite(loss), "not finite"
    assert abs(loss) < 1e-6, f"certain and right tags cost {loss:.4f}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The value is not the mean over all words. Does each word keep its own logits, and its own
  label? The softmax belongs to the tags of one word, and the sum of N times T losses is divided
  by N times T.
"""  # END TEST CONFIG


def test_q2_value(batch_loss_2):
    import math

    import numpy as np

    rng = np.random.default_rng(12)
    z, y = rng.normal(size=(3, 5, 4)), rng.integers(4, size=(3, 5))
    total = 0.0
    for n in range(3):
        for t in range(5):
            total += math.log(sum(math.exp(v) for v in z[n, t])) - z[n, t, y[n, t]]
    assert abs(float(batch_loss_2(z, y)) - total / 15) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong when there are as many words as tags. Then PyTorch cannot notice that the axes are in
  the wrong order. Move the classes to axis 1 always, or flatten both.
"""  # END TEST CONFIG


def test_q2_as_many_words_as_tags(batch_loss_2):
    import math

    import numpy as np

    rng = np.random.default_rng(13)
    z, y = rng.normal(size=(2, 4, 4)), rng.integers(4, size=(2, 4))
    total = 0.0
    for n in range(2):
        for t in range(4):
            total += math.log(sum(math.exp(v) for v in z[n, t])) - z[n, t, y[n, t]]
    assert abs(float(batch_loss_2(z, y)) - total / 8) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_2 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q2_one_letter(mistake_2):
    assert isinstance(mistake_2, str), f"got {type(mistake_2).__name__}, expected a letter"
    assert len(mistake_2.strip()) == 1, "expected one letter"
    assert mistake_2.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. The first loss is right and the model could learn, but the numbers of one
  word land on others: the class axis is in the wrong place. Chapter 7, section on wrong axis or
  shape, T18.
"""  # END TEST CONFIG


def test_q2_letter(mistake_2):
    assert isinstance(mistake_2, str)
    assert mistake_2.strip().upper() == "E"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3
# points: 4

# %% [markdown]
# ## Question 3: the same words, other numbers (4 points)
#
# **Symptom.** A batch is too large for the memory, so it is cut into parts. The label −100 marks
# padding, and a padded row counts for nothing. The script cuts the same twelve rows in four ways.
# The model is the same, the words are the same, and the loss is four different numbers, one of them
# nan.
#
# <details><summary>Hint 1</summary>
#
# One part holds two kept words, another holds six. How much does one word count in each?
# </details>
# <details><summary>Hint 2</summary>
#
# Sum everything, divide once. By what? `reduction="sum"` and `(y != -100).sum()` help. A part can
# be padding from end to end.
# </details>


# %%
def run_3():
    """Cut one batch in four ways."""
    rng = np.random.default_rng(3)
    z, y = rng.normal(size=(12, 5)), rng.integers(5, size=12)
    y[8:] = -100
    for cuts in ([0, 12], [0, 6, 12], [0, 2, 12], [0, 8, 12]):
        parts = [(z[a:b], y[a:b]) for a, b in pairwise(cuts)]
        print(f"cut at {cuts}: loss {float(total_loss_3(parts)):.4f} nats")


# %% [raw]
# # BEGIN SOLUTION


# %%
def total_loss_3(parts):
    """Return the mean cross-entropy over all kept words of all parts.

    parts : list of pairs (z, y): logits (N, C) and labels (N,), -100 for padding; N differs from
        part to part, and at least one word of one part is kept
    """
    parts = [(torch.as_tensor(z), torch.as_tensor(y)) for z, y in parts]
    """ # BEGIN PROMPT
    losses = [F.cross_entropy(z, y, ignore_index=-100) for z, y in parts]
    return sum(losses) / len(losses)
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    total = sum(F.cross_entropy(z, y, ignore_index=-100, reduction="sum") for z, y in parts)
    return total / sum((y != -100).sum() for z, y in parts)
    # END SOLUTION


run_3()

# %%
mistake_3 = "G"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  The loss must not depend on where the batch is cut. It still does.
"""  # END TEST CONFIG


def test_q3_cut_anywhere(total_loss_3):
    import numpy as np

    rng = np.random.default_rng(14)
    z, y = rng.normal(size=(8, 3)), np.array([0, 1, 2, -100, 1, 0, -100, 2])
    whole = float(total_loss_3([(z, y)]))
    assert np.isfinite(whole), "not finite"
    assert whole > 0, "not above 0"
    for cut in (1, 3, 5):
        parts = float(total_loss_3([(z[:cut], y[:cut]), (z[cut:], y[cut:])]))
        assert abs(parts - whole) < 1e-5, f"{whole:.4f} in one part, {parts:.4f} if cut at {cut}"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The value is not the mean over the kept words. One word must count the same in a short part
  and in a long one. Sum everything, divide once: the sum of their losses by their number. A
  padded word is in neither.
"""  # END TEST CONFIG


def test_q3_value(total_loss_3):
    import math

    import numpy as np

    rng = np.random.default_rng(15)
    z, y = rng.normal(size=(7, 4)), [3, -100, 0, 1, 2, -100, 2]
    kept = [math.log(sum(math.exp(v) for v in z[n])) - z[n, c] for n, c in enumerate(y) if c >= 0]
    parts = [(z[:3], np.array(y[:3])), (z[3:], np.array(y[3:]))]
    assert abs(float(total_loss_3(parts)) - sum(kept) / 5) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  Wrong or nan if one part is padding from end to end. The mean of such a part is 0 divided by
  0. Its sum is 0, and its count is 0.
"""  # END TEST CONFIG


def test_q3_empty_part(total_loss_3):
    import math

    import numpy as np

    rng = np.random.default_rng(16)
    z, y = rng.normal(size=(5, 3)), np.array([1, 0, 2, -100, -100])
    kept = [math.log(sum(math.exp(v) for v in z[n])) - z[n, y[n]] for n in range(3)]
    loss = float(total_loss_3([(z[:2], y[:2]), (z[2:3], y[2:3]), (z[3:], y[3:])]))
    assert np.isfinite(loss)
    assert abs(loss - sum(kept) / 3) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_3 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q3_one_letter(mistake_3):
    assert isinstance(mistake_3, str), f"got {type(mistake_3).__name__}, expected a letter"
    assert len(mistake_3.strip()) == 1, "expected one letter"
    assert mistake_3.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. A loss that changes with the cutting, although rows and model stay, is a
  mean of means: chapter 7, section on wrong averages, T27 and T26.
"""  # END TEST CONFIG


def test_q3_letter(mistake_3):
    assert isinstance(mistake_3, str)
    assert mistake_3.strip().upper() == "G"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4
# points: 4

# %% [markdown]
# ## Question 4: a setting without effect (4 points)
#
# **Symptom.** One row in ten is of the rare class, index 1. The script trains three times on a
# stream, one row at a time, with a weight of 1, 5 and 20 for the rare class. All three runs end
# with the same bias, to the last digit, and none finds the rare class.
#
# In this team a weight means: a row of class $c$ pulls $w_c$ times as hard, **whatever else is in
# its batch**. The divisor is the number of rows.
#
# <details><summary>Hint 1</summary>
#
# Compute the loss of a batch of one row by hand, with the weight 1 and with the weight 20.
# </details>
# <details><summary>Hint 2</summary>
#
# Chapter 9 gives two divisors. `reduction="sum"` leaves the choice to you.
# </details>


# %%
def run_4():
    """Train on a stream, with three weights."""
    rng = np.random.default_rng(4)
    y = torch.tensor((rng.random(300) < 0.1).astype(int))
    x = torch.tensor(rng.normal(size=(300, 1))) + 1.5 * y.unsqueeze(1)
    for rare in (1.0, 5.0, 20.0):
        w, b, weight = zeros(1, 2), zeros(2), np.array([1.0, rare])
        for n in range(300):
            row = slice(n, n + 1)
            descend(batch_loss_4(x[row] @ w + b, y[row], weight), [w, b], rate=0.02)
        found = ((x @ w + b).argmax(dim=1) == 1)[y == 1].double().mean().item()
        print(f"weight {rare:4.0f}: bias {b[1].item():+.4f}, finds {found:.0%} of the rare class")


# %% [raw]
# # BEGIN SOLUTION


# %%
def batch_loss_4(z, y, weight):
    """Return the sum of weight[y] times the loss of each row, divided by the number of rows.

    z : logits (N, C); y : labels (N,), from 0; weight : one weight per class, (C,)
    """
    z, y, weight = (torch.as_tensor(a) for a in (z, y, weight))
    """ # BEGIN PROMPT
    return F.cross_entropy(z, y, weight=weight)
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    return F.cross_entropy(z, y, weight=weight, reduction="sum") / len(y)
    # END SOLUTION


run_4()

# %%
mistake_4 = "H"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  In a batch of one row, a weight of 20 must make the loss 20 times as large as a weight of 1.
  Here it does not.
"""  # END TEST CONFIG


def test_q4_batch_of_one(batch_loss_4):
    import numpy as np

    z, y = np.array([[0.5, -0.2]]), np.array([1])
    light = float(batch_loss_4(z, y, np.array([1.0, 1.0])))
    heavy = float(batch_loss_4(z, y, np.array([1.0, 20.0])))
    assert np.isfinite([light, heavy]).all(), "not finite"
    assert light > 0, "not above 0"
    assert abs(heavy / light - 20) < 1e-4, f"the weight of 20 made it {heavy / light:.3f} times"


# %%
"""# BEGIN TEST CONFIG
points: 2
hidden: true
failure_message: >-
  The value is wrong for a batch of several rows. What does your mean divide by, and is each row
  weighed once? Multiply each row by the weight of its own class, add up, and divide by the
  number of rows.
"""  # END TEST CONFIG


def test_q4_value(batch_loss_4):
    import math

    import numpy as np

    rng = np.random.default_rng(17)
    z, y, weight = rng.normal(size=(6, 3)), [0, 0, 2, 0, 2, 0], [0.5, 3.0, 8.0]
    rows = [
        weight[c] * (math.log(sum(math.exp(v) for v in z[n])) - z[n, c]) for n, c in enumerate(y)
    ]
    loss = float(batch_loss_4(z, np.array(y), np.array(weight)))
    assert abs(loss - sum(rows) / 6) < 1e-5


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_4 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q4_one_letter(mistake_4):
    assert isinstance(mistake_4, str), f"got {type(mistake_4).__name__}, expected a letter"
    assert len(mistake_4.strip()) == 1, "expected one letter"
    assert mistake_4.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. With indices, the weighted mean divides by the weights of the rows in the
  batch, so in a batch of one the weight cancels: chapter 9, section on what the mean divides
  by.
"""  # END TEST CONFIG


def test_q4_letter(mistake_4):
    assert isinstance(mistake_4, str)
    assert mistake_4.strip().upper() == "H"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5
# points: 4

# %% [markdown]
# ## Question 5: a nan out of the blue (4 points)
#
# **Symptom.** A focal loss with $\gamma = 1/2$, in single precision. The training goes well for
# about a hundred steps: the loss falls, and nearly all answers are right. From one step to the next
# everything is nan. No logit is large enough to overflow.
#
# `gradient_5` takes the gradient of your function by automatic differentiation. The grading uses
# it, so leave it as it is.
#
# <details><summary>Hint 1</summary>
#
# Call `gradient_5` on one row with the logits 17 and 0 and the label 0, in `np.float32`. Which row
# did the damage: a wrong one or a right one?
# </details>
# <details><summary>Hint 2</summary>
#
# Differentiate $(1 - q)^\gamma$ in $q$, and look at $q = 1$. Chapter 10 has a formula for
# $\ln(1 - q_y)$ that never subtracts from 1. A `torch.where` around the result does not help:
# nan times 0 is nan.
# </details>


# %%
def gradient_5(z, y, gamma):
    """Return the gradient of focal_5 in the logits, in the precision of z."""
    leaf = torch.tensor(np.asarray(z), requires_grad=True)
    return torch.autograd.grad(focal_5(leaf, y, gamma), leaf)[0].numpy()


def run_5():
    """Train with a focal loss."""
    rng = np.random.default_rng(5)
    y = torch.tensor(rng.integers(2, size=200))
    x = torch.tensor(rng.normal(size=(200, 2)), dtype=torch.float32) + 3 * y.unsqueeze(1)
    x[0] += 6 if y[0] == 1 else -6  # one row that is easy
    w, b = zeros(2, 2), zeros(2)
    for step in range(151):
        z = x @ w.float() + b.float()
        loss = focal_5(z, y, 0.5)
        if step in (0, 50, 100, 125, 150):
            show(step, loss, z.argmax(dim=1) == y)
        descend(loss, [w, b], rate=0.5)


# %% [raw]
# # BEGIN SOLUTION


# %%
def focal_5(z, y, gamma):
    """Return the mean focal loss, (1 - q_y)^gamma times -ln q_y, without weights.

    z : logits (N, C); y : labels (N,), from 0; gamma : above 0, also below 1
    The gradient must be finite and right for every row, however sure, in single and in double
    precision.
    """
    z, y = torch.as_tensor(z), torch.as_tensor(y)
    """ # BEGIN PROMPT
    ce = F.cross_entropy(z, y, reduction="none")
    q = torch.exp(-ce)
    return ((1 - q) ** gamma * ce).mean()
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    log_q = z.log_softmax(dim=1)
    own = y.unsqueeze(1)
    log_rest = log_q.scatter(1, own, float("-inf")).logsumexp(dim=1)
    return -((gamma * log_rest).exp() * log_q.gather(1, own).squeeze(1)).mean()
    # END SOLUTION


run_5()

# %%
mistake_5 = "I"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  The gradient of a row that is sure and right, logits 17 and 0 in single precision, must be
  finite, and the other rows must keep theirs.
"""  # END TEST CONFIG


def test_q5_finite(gradient_5):
    import numpy as np

    z = np.array([[17.0, 0.0], [0.3, -0.4]], dtype=np.float32)
    g = np.asarray(gradient_5(z, np.array([0, 1]), 0.5))
    assert g.shape == (2, 2), f"shape {g.shape}, expected (2, 2)"
    assert np.isfinite(g).all(), f"the gradient is {g.tolist()}"
    assert np.abs(g[1]).min() > 0.01, "the other row has lost its gradient"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The gradient is wrong or nan. The slope of (1 - q)^gamma is infinite at q = 1, and infinity
  times 0 is nan. To hide the nan in the loss does not keep it out of the gradient. Double
  precision only moves the place. And each row needs the slope of its own focal loss, factor
  included (do not detach it).
"""  # END TEST CONFIG


def test_q5_gradient(gradient_5):
    import math

    import numpy as np

    z = np.array([[0.3, -0.4, 1.0], [2.0, 1.0, 0.0], [60.0, 0.0, -5.0]])
    y = [0, 1, 0]
    for gamma in (0.5, 0.9, 2.0):
        expected = np.zeros((3, 3))
        for n in range(2):
            e = [math.exp(v) for v in z[n]]
            q = [v / sum(e) for v in e]
            own = q[y[n]]
            slope = (1 - own) ** gamma * (gamma * own * math.log(own) + own - 1)
            expected[n] = [slope if j == y[n] else -slope * q[j] / (1 - own) for j in range(3)]
        g = np.asarray(gradient_5(z, np.array(y), gamma), dtype=float)
        assert g.shape == (3, 3)
        assert np.isfinite(g).all()
        assert np.allclose(g, expected / 3, rtol=1e-4, atol=1e-7)


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The loss of a batch with a sure row is not the mean focal loss, or its gradient is not finite.
  Keep gamma, keep all rows in the mean, and give each row its own factor.
"""  # END TEST CONFIG


def test_q5_value(focal_5, gradient_5):
    import math

    import numpy as np

    z = np.array([[0.3, -0.4, 1.0], [2.0, 1.0, 0.0], [60.0, 0.0, -5.0]])
    y, total = np.array([0, 1, 0]), 0.0
    for n in range(2):
        q = math.exp(z[n, y[n]]) / sum(math.exp(v) for v in z[n])
        total -= (1 - q) ** 0.5 * math.log(q)
    assert abs(float(focal_5(z, y, 0.5)) - total / 3) < 1e-5
    assert np.isfinite(gradient_5(z, y, 0.5)).all()


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_5 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q5_one_letter(mistake_5):
    assert isinstance(mistake_5, str), f"got {type(mistake_5).__name__}, expected a letter"
    assert len(mistake_5.strip()) == 1, "expected one letter"
    assert mistake_5.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. The nan comes from a row that is right: for gamma below 1 the slope of (1
  - q)^gamma is zero to a negative power at q = 1. Chapter 10, section on three faults of the
  usual snippet.
"""  # END TEST CONFIG


def test_q5_letter(mistake_5):
    assert isinstance(mistake_5, str)
    assert mistake_5.strip().upper() == "I"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6
# points: 4

# %% [markdown]
# ## Question 6: a perfect loss, and no right answer (4 points)
#
# **Symptom.** A model reads reviews and guesses their stars, 1 to 5. The loss falls nearly to 0.
# Not one guess is right. At some time `cross_entropy` raised "Target 5 is out of bounds", and
# somebody mended that.
#
# The model's class 0 means 1 star, class 4 means 5 stars: `run_6` adds 1 to the best class, and
# that is right.
#
# <details><summary>Hint 1</summary>
#
# Print the labels of the stars 1, 2, 3, 4, 5. Which class is trained for 1 star, and which number
# of stars is it shown as?
# </details>
# <details><summary>Hint 2</summary>
#
# The error of `cross_entropy` was a kind one. Yours should be as kind: raise a `ValueError` for
# stars that do not exist, before they become a label.
# </details>


# %%
def run_6():
    """Train on stars."""
    rng = np.random.default_rng(6)
    stars = torch.tensor(rng.integers(1, 6, size=200))
    x = F.one_hot(stars, 6).double() @ torch.tensor(rng.normal(size=(6, 8)))
    x = x + 0.3 * torch.tensor(rng.normal(size=(200, 8)))
    w = zeros(8, 5)
    for step in range(101):
        loss = F.cross_entropy(x @ w, labels_6(stars))
        if step in (0, 10, 50, 100):
            show(step, loss, (x @ w).argmax(dim=1) + 1 == stars)
        descend(loss, [w], rate=1)


# %% [raw]
# # BEGIN SOLUTION


# %%
def labels_6(stars):
    """Return the class indices of stars, integers from 0 to 4.

    stars : integers from 1 to 5, (N,). Anything else raises a ValueError.
    """
    stars = torch.as_tensor(stars)
    """ # BEGIN PROMPT
    return stars % 5  # five classes, so every label must be below 5
    """  # END PROMPT
    # BEGIN SOLUTION NO PROMPT
    if ((stars < 1) | (stars > 5)).any():
        raise ValueError(f"stars from {stars.min()} to {stars.max()}, expected 1 to 5")
    return stars - 1
    # END SOLUTION


run_6()

# %%
mistake_6 = "K"  # SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: false
failure_message: >-
  More stars must give a higher class, and the five must be the classes 0 to 4. Does 5 stars
  come out as the highest?
"""  # END TEST CONFIG


def test_q6_in_order(labels_6):
    import numpy as np

    labels = np.asarray(labels_6(np.array([1, 2, 3, 4, 5])))
    assert labels.shape == (5,), f"shape {labels.shape}, expected (5,)"
    assert (np.diff(labels) == 1).all(), f"1 to 5 stars become {labels.tolist()}"
    assert labels.min() == 0, f"the lowest class is {labels.min()}, expected 0"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  A batch in which some stars do not occur gets wrong labels, or they are not integers. The
  class of 3 stars must not depend on what else is in the batch.
"""  # END TEST CONFIG


def test_q6_not_all_stars(labels_6):
    import numpy as np

    labels = np.asarray(labels_6(np.array([5, 5, 3])))
    assert labels.dtype.kind in "iu", f"labels are {labels.dtype}"
    assert labels.tolist() == [4, 4, 2]


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  0 stars and 6 stars must raise a ValueError. A remainder or a clip turns them into a wrong
  label in silence, and an assert is another error (and can be switched off).
"""  # END TEST CONFIG


def test_q6_out_of_range(labels_6):
    import numpy as np

    for bad in ([0, 3], [6, 1], [-1]):
        try:
            labels_6(np.array(bad))
        except ValueError:
            continue
        raise AssertionError(f"stars {bad}: no error")


# %%
"""# BEGIN TEST CONFIG
points: 0
hidden: false
failure_message: >-
  mistake_6 must be one letter from the list, in quotes: A to L.
"""  # END TEST CONFIG


def test_q6_one_letter(mistake_6):
    assert isinstance(mistake_6, str), f"got {type(mistake_6).__name__}, expected a letter"
    assert len(mistake_6.strip()) == 1, "expected one letter"
    assert mistake_6.strip().upper() in "ABCDEFGHIJKL", "expected a letter from A to L"


# %%
"""# BEGIN TEST CONFIG
points: 1
hidden: true
failure_message: >-
  The letter is wrong. The model learns perfectly, but one class off: labels and classes start
  at different numbers. Chapter 7, section on wrong targets, T10.
"""  # END TEST CONFIG


def test_q6_letter(mistake_6):
    assert isinstance(mistake_6, str)
    assert mistake_6.strip().upper() == "K"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7
# points: 6
# manual: true

# %% [markdown]
# ## Question 7: checks that come before the training (6 points, in words)
#
# All six scripts trained before anybody noticed. Choose **three** of them. For each, describe one
# check that takes a second and would have caught the mistake before the training, or in its first
# step:
#
# 1. what you call, and with what (one line of code, or a sentence as exact as one);
# 2. which number a right script gives, and which number this script gave. Run it, with the broken
#    function: copy it from the start of the question under another name.
#
# 2 points for each of the three. A check that catches more than one script counts once for each, if
# you show both numbers.

# %% [raw]
# # BEGIN SOLUTION

# %% [markdown]
# **A full answer** has three of these.
#
# | script | check | right | broken |
# |:--|:--|:--|:--|
# | 1 | loss of a certain and right answer, ten classes | 0 | 1.46, the floor $\ln(1 + 9/e)$ |
# | 2 | loss of certain and right tags, logits 20 | 0 | above 0, 0.69 for the tags of the check |
# | 3 | the loss of one batch, whole and cut unevenly | equal | 1.89 against 2.11 in the script |
# | 4 | a batch of one, weights 1 and 20 | ratio 20 | ratio 1 |
# | 5 | the gradient at logits 17 and 0 in single precision | finite, about 0 | nan |
# | 6 | labels of 1 to 5 stars, plus 1 as the script adds | 1, 2, 3, 4, 5 | 2, 3, 4, 5, 1 |
#
# The check of the first loss, $\ln C$, catches none of the six. Whoever claims it does gets no
# points for that script.
#
# **Rubric, for each of the three scripts**
#
# | points | give |
# |--:|:--|
# | 1 | a check that runs as it is written, without training, and fails on the broken function |
# | 1 | both numbers, right and broken, from a run |
#
# Half a point for a check that would work but is vague ("test the shapes"), or for only one of the
# two numbers. None for "train and look at the accuracy", or for reading the code.
#
# **Common mistakes.** The first loss as a check for everything. A check on the mended function
# only, so that nobody knows whether it can fail. For script 5: a check of the loss, which is
# finite; only the gradient is nan.

# %% [raw]
# # END SOLUTION

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Before you hand in
#
# - Restart the kernel, run all cells, and look at the checks once more.
# - Question 7 has both numbers for each of your three checks.
# - Save the notebook and hand it in as it is. The next lab is about a loss that is
#   right, and still not what you want.
