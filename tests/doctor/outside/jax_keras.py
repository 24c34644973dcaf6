"""Keras, on PyTorch, and JAX with Optax: their conventions differ."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import optax

from doctor.corpus import healthy
from doctor.outside import nets
from doctor.outside.calls import told
from doctor.outside.tables import halves

import keras  # isort: skip  (after `nets`, which names the backend)

SPARSE = "optax.softmax_cross_entropy_with_integer_labels"
ROWS = "optax.softmax_cross_entropy"
BINARY = "optax.sigmoid_binary_cross_entropy"


def standard(name, seed):
    x, y, new, truth = halves(name, seed)
    mean, deviation = x.mean(0), x.std(0)
    if name == "digits":
        deviation = 8.0  # half the range: some pixels are the same in all pictures
    return (x - mean) / deviation, y, (new - mean) / deviation, truth


@cache
def layers(name, outputs, seed=0, last=None):
    """A dense net of Keras: its outputs for new rows, (N, outputs), and their labels."""
    x, y, new, truth = standard(name, seed)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(outputs, last)])
    few = outputs == 1
    loss = keras.losses.BinaryCrossentropy if few else keras.losses.SparseCategoricalCrossentropy
    model.compile("adam", loss(from_logits=last is None))
    model.optimizer.learning_rate = 0.02
    model.fit(x, y, epochs=8 if few else 25, batch_size=32, verbose=0)
    return model(new.astype("float32")).detach().numpy(), truth


def keras_call(loss, **more):
    return told(loss, "keras", **more)


@cache
def regression(name, classes, seed=0, steps=200):
    """Softmax or logistic regression in JAX."""
    x, y, new, truth = standard(name, seed)
    x, y = jnp.asarray(x, jnp.float32), jnp.asarray(y)
    w = {
        "w": 0.01 * jax.random.normal(jax.random.key(seed), (x.shape[1], classes)),
        "b": jnp.zeros(classes),
    }

    def loss(w):
        z = x @ w["w"] + w["b"]
        if classes == 1:
            return optax.sigmoid_binary_cross_entropy(z[:, 0], y).mean()
        return optax.softmax_cross_entropy_with_integer_labels(z, y).mean()

    gradient = jax.jit(jax.grad(loss))
    for _ in range(steps):
        w = jax.tree.map(lambda a, g: a - 0.3 * g, w, gradient(w))
    return jnp.asarray(new, jnp.float32) @ w["w"] + w["b"], jnp.asarray(truth)


@healthy
def keras_wines_from_logits():
    return *layers("wine", 3), keras_call("SparseCategoricalCrossentropy", from_logits=True)


@healthy
def keras_wines_with_a_softmax_layer():
    return *layers("wine", 3, 1, "softmax"), keras_call("SparseCategoricalCrossentropy")


@healthy
def keras_wines_with_a_column_of_labels():
    # Keras takes (N, 1) for (N,)
    z, y = layers("wine", 3)
    return z, y[:, None], keras_call("SparseCategoricalCrossentropy", from_logits=True)


@healthy
def keras_digits_one_hot():
    z, y = layers("digits", 10)
    more = {"from_logits": True, "label_smoothing": 0.05}
    return 0.5 * z, np.eye(10, dtype="float32")[y], keras_call("CategoricalCrossentropy", **more)


@healthy
def keras_digits_one_hot_integers():
    # Keras turns them into floats
    q, y = layers("digits", 10, 1, "softmax")
    return q[:32], np.eye(10, dtype=int)[y[:32]], keras_call("CategoricalCrossentropy")


@healthy
def keras_spam_with_a_sigmoid_layer():
    q, y = layers("spam", 1, 0, "sigmoid")
    kept = np.flatnonzero(q < 1)[:64]  # without the few that round to 1, all of them right
    return q[kept], y[kept, None].astype("float32"), keras_call("BinaryCrossentropy")


@healthy
def keras_spam_a_column_of_outputs_and_a_row_of_labels():
    # Keras squeezes the column: no broadcast
    z, y = layers("spam", 1)
    return z, y, keras_call("BinaryCrossentropy", from_logits=True)


@healthy
def keras_spam_integer_labels():
    z, y = layers("spam", 1, 1)
    return z[:100], y[:100, None], keras_call("BinaryCrossentropy", from_logits=True)


@healthy
def keras_maps_with_channels_last():
    z, y = nets.scenes(0)
    z = z.movedim(1, -1).numpy()
    return z, y.numpy(), keras_call("SparseCategoricalCrossentropy", from_logits=True)


@healthy
def keras_letters_with_ignored_padding():
    z, _, y = nets.letters(0)
    y = y.numpy().copy()
    y[:, 33:] = -1
    more = {"from_logits": True, "ignore_index": -1}
    return z.numpy(), y, keras_call("SparseCategoricalCrossentropy", **more)


@healthy
def optax_wines():
    return *regression("wine", 3), told(SPARSE, "jax", steps=200)


@healthy
def optax_digits_before_the_first_step():
    z, y = regression("digits", 10, 0, 0)
    return z[:64], y[:64], told(SPARSE, "jax", steps=0)


@healthy
def optax_digits_bfloat16_a_few():
    z, y = regression("digits", 10)
    return z[:5].astype(jnp.bfloat16), y[:5], told(SPARSE, "jax")


@healthy
def optax_digits_one_hot():
    z, y = regression("digits", 10, 1)
    return z, jax.nn.one_hot(y, 10), told(ROWS, "jax")


@healthy
def optax_digits_smoothed():
    z, y = regression("digits", 10, 2)
    return 0.7 * z, optax.smooth_labels(jax.nn.one_hot(y, 10), 0.1), told(ROWS, "jax")


@healthy
def optax_tumours():
    z, y = regression("cancer", 1)
    return z[:, 0], y.astype(jnp.float32), told(BINARY, "jax")


@healthy
def optax_tumours_integer_labels():
    z, y = regression("cancer", 1, 1)
    return z[:, 0], y, told(BINARY, "jax")


@healthy
def optax_letters_classes_last():
    z, _, y = nets.letters(1)
    return jnp.asarray(z.numpy()), jnp.asarray(y.numpy()), told(SPARSE, "jax")


@healthy
def jax_two_members_mean_by_hand():
    (first, y), (second, _) = regression("wine", 3), regression("wine", 3, 0, 40)
    return (jax.nn.softmax(first) + jax.nn.softmax(second)) / 2, y, told("cross_entropy", "jax")
