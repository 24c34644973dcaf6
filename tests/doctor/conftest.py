"""Keras computes with PyTorch in these tests, also in a file that does not import `models`."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is imported
