"""What the loss doctor costs: one examination against a forward pass, and a watched loss after."""

import timeit
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from xentlib import doctor

ROWS, CLASSES, TARGET = 256, 1000, 0.05


def best(call: Any, number: int) -> float:
    """Return the best time of a call, in seconds."""
    return min(timeit.repeat(call, number=number, repeat=7)) / number


def measure() -> dict[str, float]:
    """Return times in milliseconds, in one thread, and the share of an examination."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(32, CLASSES),
    )  # fmt: skip
    pictures = torch.randn(ROWS, 3, 32, 32, generator=generator)
    labels = torch.randint(0, CLASSES, (ROWS,), generator=generator)
    with torch.no_grad():
        logits = 3 * torch.randn(ROWS, CLASSES, generator=generator)
        forward = best(lambda: network(pictures), 1)
        examination = best(lambda: doctor.examine(logits, labels), 5)
        watched = doctor.watch(F.cross_entropy, batches=1)
        watched(logits, labels)
        before = best(lambda: F.cross_entropy(logits, labels), 50)
        after = best(lambda: watched(logits, labels), 50)
    many = np.tile(logits.numpy(), (16, 1)), np.tile(labels.numpy(), 16)
    growth = best(lambda: doctor.examine(*many), 2) / examination / 16
    torch.set_num_threads(threads)
    return {
        "forward_ms": 1e3 * forward,
        "examination_ms": 1e3 * examination,
        "share": examination / forward,
        "growth_per_row": growth,
        "loss_ms": 1e3 * before,
        "loss_after_watching_ms": 1e3 * after,
    }


def verdicts(measured: dict[str, float]) -> list[str]:
    """Return a line with the target, and two with what has none."""
    reached = "reached" if measured["share"] <= TARGET else "NOT reached"
    return [
        f"{reached:12} doctor.examine at N = {ROWS}, C = {CLASSES}: "
        f"{measured['examination_ms']:.2f} ms, {measured['share']:.1%} of a forward pass "
        f"(target {TARGET:.0%})",
        f"{'':12} 16 times the rows cost {measured['growth_per_row']:.2f} times as much for each",
        f"{'':12} a loss takes {measured['loss_ms']:.4f} ms, after it was watched "
        f"{measured['loss_after_watching_ms']:.4f} ms",
    ]
