"""The same quantity by xentlib and by its rivals, each as a call without arguments."""

import os
from collections.abc import Callable
from typing import Any

# Else the threads of one rival keep a core busy while the next one is timed.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special
import sklearn.metrics
import torch
import torch.nn.functional as F

import xentlib

jax.config.update("jax_enable_x64", True)

Call = Callable[[], Any]
ROUTES = ["xentlib", "scipy", "sklearn", "optax", "torch 1 thread", "torch all threads"]


def calls(function: str, rows: int, classes: int, dtype: Any) -> dict[str, Call]:
    """Return the routes to one function on one random batch, made ready and without copies."""
    rng = np.random.default_rng(0)
    z = np.resize(
        3 * rng.standard_normal((min(rows, 10**4), classes), dtype=dtype), (rows, classes)
    )
    if function in ("bce_with_logits", "sigmoid_focal"):
        targets = (rng.random((rows, classes), dtype=np.float32) < 0.3).astype(dtype)
    else:
        targets = rng.integers(0, classes, rows)
    found: dict[str, Call] = MAKERS[function](z, targets)
    if "torch" in found:
        torch_call = found.pop("torch")
        found["torch 1 thread"] = found["torch all threads"] = torch_call
    return {route: found[route] for route in ROUTES if route in found}


def jitted(function: Callable[..., Any], *arrays: np.ndarray) -> Call:
    """Compile for JAX; block until the answer is there."""
    compiled, on_device = jax.jit(function), [jnp.asarray(a) for a in arrays]
    return lambda: compiled(*on_device).block_until_ready()


def log_softmax(z: np.ndarray, _: np.ndarray) -> dict[str, Call]:
    tensor = torch.from_numpy(z)
    return {
        "xentlib": lambda: xentlib.log_softmax(z),
        "scipy": lambda: scipy.special.log_softmax(z, axis=1),
        "optax": jitted(jax.nn.log_softmax, z),
        "torch": lambda: F.log_softmax(tensor, dim=1),
    }


def softmax_cross_entropy(z: np.ndarray, y: np.ndarray) -> dict[str, Call]:
    n, classes = z.shape
    each = np.arange(n)
    tensor, labels = torch.from_numpy(z), torch.from_numpy(y)
    found = {
        "xentlib": lambda: xentlib.softmax_cross_entropy(z, y),
        "scipy": lambda: -scipy.special.log_softmax(z, axis=1)[each, y].mean(),
        "optax": jitted(_optax_cross_entropy, z, y),
        "torch": lambda: F.cross_entropy(tensor, labels),
    }
    if z.size <= 10**6:  # it makes a one-hot matrix of the labels, with much checking
        known = np.arange(classes)
        found["sklearn"] = lambda: sklearn.metrics.log_loss(
            y, scipy.special.softmax(z, axis=1), labels=known
        )
    return found


def softmax_cross_entropy_grad(z: np.ndarray, y: np.ndarray) -> dict[str, Call]:
    n = len(z)
    each = np.arange(n)
    labels, leaf = torch.from_numpy(y), torch.from_numpy(z).requires_grad_()

    def scipy_route() -> np.ndarray:
        gradient = scipy.special.softmax(z, axis=1)
        gradient[each, y] -= 1
        gradient /= n
        return gradient

    return {
        "xentlib": lambda: xentlib.softmax_cross_entropy_grad(z, y),
        "scipy": scipy_route,
        "optax": jitted(jax.grad(_optax_cross_entropy), z, y),
        "torch": lambda: torch.autograd.grad(F.cross_entropy(leaf, labels), leaf)[0],
    }


def bce_with_logits(z: np.ndarray, t: np.ndarray) -> dict[str, Call]:
    tensor, targets = torch.from_numpy(z), torch.from_numpy(t)
    found = {
        "xentlib": lambda: xentlib.binary_cross_entropy_with_logits(z, t),
        "scipy": lambda: _scipy_bce(z, t).mean(),
        "optax": jitted(lambda a, b: optax.sigmoid_binary_cross_entropy(a, b).mean(), z, t),
        "torch": lambda: F.binary_cross_entropy_with_logits(tensor, targets),
    }
    if z.size <= 10**6:
        flat = t.ravel()
        found["sklearn"] = lambda: sklearn.metrics.log_loss(flat, scipy.special.expit(z).ravel())
    return found


def sigmoid_focal(z: np.ndarray, t: np.ndarray) -> dict[str, Call]:
    tensor, targets = torch.from_numpy(z), torch.from_numpy(t)

    def scipy_route() -> np.floating[Any]:
        p = scipy.special.expit(z)
        return (_scipy_bce(z, t) * (p * (1 - t) + (1 - p) * t) ** 2).mean()

    def torch_route() -> torch.Tensor:
        p = torch.sigmoid(tensor)
        loss = F.binary_cross_entropy_with_logits(tensor, targets, reduction="none")
        return (loss * (p * (1 - targets) + (1 - p) * targets) ** 2).mean()

    return {
        "xentlib": lambda: xentlib.sigmoid_focal_loss(z, t),
        "scipy": scipy_route,
        "optax": jitted(lambda a, b: optax.sigmoid_focal_loss(a, b, gamma=2.0).mean(), z, t),
        "torch": torch_route,
    }


def _optax_cross_entropy(z: jax.Array, y: jax.Array) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(z, y).mean()


def _scipy_bce(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    return -(t * scipy.special.log_expit(z) + (1 - t) * scipy.special.log_expit(-z))


MAKERS = {
    maker.__name__: maker
    for maker in (
        softmax_cross_entropy,
        softmax_cross_entropy_grad,
        log_softmax,
        bce_with_logits,
        sigmoid_focal,
    )
}
