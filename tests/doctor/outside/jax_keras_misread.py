"""Keras and JAX against their conventions."""

import jax
import jax.numpy as jnp
import numpy as np

from doctor.corpus import misuse, unclear
from doctor.outside import nets
from doctor.outside.calls import told
from doctor.outside.jax_keras import BINARY, ROWS, SPARSE, keras_call, layers, regression


@misuse("double-softmax")
def keras_softmax_layer_and_from_logits():
    q, y = layers("wine", 3, 1, "softmax")
    return q, y, keras_call("SparseCategoricalCrossentropy", from_logits=True)


@misuse("double-softmax")
def keras_softmax_layer_and_from_logits_one_hot():
    q, y = layers("digits", 10, 1, "softmax")
    target = np.eye(10, dtype="float32")[y[:24]]
    return q[:24], target, keras_call("CategoricalCrossentropy", from_logits=True)


@misuse("sigmoid-twice")
def keras_sigmoid_layer_and_from_logits():
    q, y = layers("spam", 1, 0, "sigmoid")
    return q, y[:, None], keras_call("BinaryCrossentropy", from_logits=True)


@misuse("logits-as-probabilities")
def keras_wines_without_from_logits():
    return *layers("wine", 3), keras_call("SparseCategoricalCrossentropy")


@misuse("logits-as-probabilities")
def keras_spam_without_from_logits():
    z, y = layers("spam", 1)
    return z[:32], y[:32, None], keras_call("BinaryCrossentropy")


@misuse("logits-as-probabilities")
def keras_digits_one_hot_without_from_logits():
    z, y = layers("digits", 10)
    return z, np.eye(10, dtype="float32")[y], keras_call("CategoricalCrossentropy")


@misuse("swapped")
def keras_prediction_first():
    q, y = layers("digits", 10, 1, "softmax")
    return np.eye(10, dtype="float32")[y], q, keras_call("CategoricalCrossentropy")


@misuse("single-class", "constant-predictor", "saturated")
def keras_softmax_over_one_unit():
    z, y = layers("spam", 1, 1)
    return np.ones_like(z), y[:, None], keras_call("BinaryCrossentropy")


@misuse("smoothing-range")
def keras_smoothing_in_percent():
    z, y = layers("digits", 10)
    more = {"from_logits": True, "label_smoothing": 10}
    return z, np.eye(10, dtype="float32")[y], keras_call("CategoricalCrossentropy", **more)


@misuse("class-axis", "shape")
def keras_maps_with_channels_first():
    z, y = nets.scenes(1)
    return z.numpy(), y.numpy(), keras_call("SparseCategoricalCrossentropy", from_logits=True)


@misuse("label-range", "labels-from-one")
def keras_wines_counted_from_one():
    z, y = layers("wine", 3)
    return z, y + 1, keras_call("SparseCategoricalCrossentropy", from_logits=True)


@misuse("binary-range")
def keras_spam_as_minus_one_and_one():
    z, y = layers("spam", 1)
    return z, 2.0 * y[:, None] - 1, keras_call("BinaryCrossentropy", from_logits=True)


@misuse("double-softmax")
def optax_softmax_of_wines():
    z, y = regression("wine", 3)
    return jax.nn.softmax(z), y, told(SPARSE, "jax")


@misuse("double-softmax")
def optax_softmax_of_digits_one_hot_bfloat16():
    z, y = regression("digits", 10)
    q = jax.nn.softmax(z[:48]).astype(jnp.bfloat16)
    return q, jax.nn.one_hot(y[:48], 10), told(ROWS, "jax")


@misuse("sigmoid-twice")
def optax_sigmoid_of_tumours():
    z, y = regression("cancer", 1)
    return jax.nn.sigmoid(z[:, 0]), y, told(BINARY, "jax")


@misuse("broadcast")
def optax_column_against_a_row():
    z, y = regression("cancer", 1, 1)
    return z, y.astype(jnp.float32), told(BINARY, "jax")


@misuse("label-range")
def optax_padding_of_minus_one():
    # JAX takes -1 for the last class, and says nothing
    z, _, y = nets.letters(2)
    y = y.numpy().copy()
    y[:, 30:] = -1
    return jnp.asarray(z.numpy()), jnp.asarray(y), told(SPARSE, "jax")


@misuse("label-range")
def optax_a_class_too_many():
    # one digit has the label 10: the loss is nan
    z, y = regression("digits", 10, 1)
    return z, y.at[17].set(10), told(SPARSE, "jax")


@misuse("class-axis", "shape")
def optax_maps_with_channels_first():
    z, y = nets.scenes(2)
    return jnp.asarray(z.numpy()), jnp.asarray(y.numpy()), told(SPARSE, "jax")


@misuse("swapped")
def optax_labels_first():
    z, y = regression("digits", 10, 2)
    return jax.nn.one_hot(y, 10), z, told(ROWS, "jax")


@misuse("multi-hot", "target-sum")
def optax_bars_under_the_softmax_loss():
    z, y = nets.segments(0)
    return jnp.asarray(z.numpy()), jnp.asarray(y.numpy()), told(ROWS, "jax")


@unclear("at-chance")
def optax_logits_that_are_all_zero():
    # the last layer starts at zero, as many do: not trained yet, or not able to learn?
    _, y = regression("digits", 10)
    return jnp.zeros((len(y), 10)), y, told(SPARSE, "jax")
