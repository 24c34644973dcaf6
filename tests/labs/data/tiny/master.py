# %% [raw]
# # ASSIGNMENT CONFIG
# name: tiny
# tests:
#   ok_format: false

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 3

# %% [raw]
# # BEGIN QUESTION
# name: q2
# points: 2

# %% [raw]
# # BEGIN QUESTION
# name: q10
# points: 4
# manual: true
