"""What the loss doctor costs: a watched batch against a forward pass, memory, and what is left."""

import time
import timeit
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from xentlib import doctor

ROWS, CLASSES, SHARE, AFTER, MEMORY = 256, 1000, 0.05, 1.02, 4.0
MANY = (256, 4096, 65536)


def own_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy: its value is compared too while it is watched."""
    return F.nll_loss(F.log_softmax(logits, dim=1), labels)


LOSSES: dict[str, tuple[Callable[[], Any], dict[str, str]]] = {
    "module": (nn.CrossEntropyLoss, {}),
    "function": (lambda: F.cross_entropy, {}),
    "own loss": (lambda: own_loss, {"loss": "F.cross_entropy"}),
}


def best(call: Callable[[], Any], number: int) -> float:
    """Return the best time of a call, in milliseconds."""
    return 1e3 * min(timeit.repeat(call, number=number, repeat=7)) / number


def ratio(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """Return the median ratio of two times, taken in turns, so that a busy machine meets both."""
    ratios = []
    for turn in range(300):
        times = {}
        for call in (one, other) if turn % 2 else (other, one):
            start = time.perf_counter()
            for _ in range(5):
                call()
            times[call] = time.perf_counter() - start
        ratios.append(times[one] / times[other])
    return float(np.median(ratios))


def peak(rows: int) -> float:
    """Return the peak of memory in MB where a number is seen that has to be explained."""
    logits = np.random.default_rng(0).standard_normal((rows, CLASSES), dtype=np.float32)
    labels = np.arange(rows) % CLASSES
    tracemalloc.start()
    doctor.examine(logits, labels, observed=1.23456789)
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most


def measure() -> dict[str, Any]:
    """Return times in milliseconds, in one thread, ratios, and peaks of memory in MB."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(32, CLASSES),
    )  # fmt: skip
    pictures = torch.randn(ROWS, 3, 32, 32, generator=generator)
    logits = 3 * torch.randn(ROWS, CLASSES, generator=generator)
    labels = torch.randint(0, CLASSES, (ROWS,), generator=generator)
    watched_ms, after = {}, {}
    with torch.no_grad():
        forward = best(lambda: network(pictures), 1)
        for name, (make, told) in LOSSES.items():
            plain, watched = make(), doctor.watch(make(), 10**6, **told)
            loss_ms = best(lambda plain=plain: plain(logits, labels), 5)
            watched_ms[name] = best(lambda it=watched: it(logits, labels), 5) - loss_ms
            watched = doctor.watch(make(), 1, **told)
            watched(logits, labels)
            after[name] = ratio(
                lambda it=watched: it(logits, labels), lambda it=plain: it(logits, labels)
            )
        value = F.cross_entropy(logits.softmax(dim=1), labels).item()
        explained = best(lambda: doctor.examine(logits, labels, observed=value), 3)
    many = np.tile(logits.numpy(), (16, 1)), np.tile(labels.numpy(), 16)
    once = best(lambda: doctor.examine(logits, labels), 5)
    growth = best(lambda: doctor.examine(*many), 2) / once / 16
    torch.set_num_threads(threads)
    return {
        "forward_ms": forward,
        "watched_ms": watched_ms,
        "explained_ms": explained,
        "growth_per_row": growth,
        "after": after,
        "memory_MB": {str(rows): peak(rows) for rows in MANY},
    }


def verdicts(measured: dict[str, Any]) -> list[str]:
    """Return a line for each target, and one with what has none."""

    def line(reached: bool, text: str) -> str:
        return f"{'reached' if reached else 'NOT reached':12} {text}"

    forward, lines = measured["forward_ms"], []
    for name, ms in measured["watched_ms"].items():
        lines.append(
            line(
                ms <= SHARE * forward,
                f"doctor.watch, a batch of {ROWS} x {CLASSES}, {name}: {ms:.2f} ms, "
                f"{ms / forward:.1%} of a forward pass (target {SHARE:.0%})",
            )
        )
    for name, times in measured["after"].items():
        text = f"a loss after it was watched, {name}: {times:.3f} times as long (target {AFTER})"
        lines.append(line(times <= AFTER, text))
    most = max(measured["memory_MB"].values())
    peaks = ", ".join(f"{mb:.1f}" for mb in measured["memory_MB"].values())
    rows = ", ".join(measured["memory_MB"])
    text = f"doctor.examine of {rows} rows with a wrong number: {peaks} MB (target {MEMORY:g})"
    lines.append(line(most <= MEMORY, text))
    return [
        *lines,
        f"{'':12} 16 times the rows cost {measured['growth_per_row']:.2f} times as much for each; "
        f"a wrong number is explained in {measured['explained_ms']:.1f} ms",
    ]
