# %% [raw]
# # ASSIGNMENT CONFIG
# name: tiny
# tests:
#   ok_format: false

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 3

# %% [markdown]
# ## Question 1: double it (3 points)

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 2

# %% [markdown]
# ## Question 2: the answer, <b>"42"</b> (2 points)

# %% [raw]
# # BEGIN QUESTION
# name: q10
# points: 4
# manual: true

# %% [markdown]
# ## Question 10: why? (4 points, in words)
