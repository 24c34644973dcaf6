"""Every number that a chapter takes from its notebook, computed a second time by other means.

Nothing here calls xentlib: mpmath and SciPy answer, or the standard library, or a closed form.
"""

import gzip
import itertools
import json
import lzma
import math
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from mpmath import e, exp, log, mp

ROOT = Path(__file__).resolve().parents[2]
mp.dps = 30


def bits(*probabilities):
    """Entropy in bits, from the definition."""
    return -sum(p * log(p, 2) for p in map(mp.mpf, probabilities))


def entropy_chapter():
    raw = gzip.decompress((ROOT / "xentlib" / "data" / "nettle.txt.gz").read_bytes())
    counts = np.bincount(np.frombuffer(raw, np.uint8), minlength=128)
    floor = scipy.stats.entropy(counts, base=2) * len(raw) / 8
    pairs = np.zeros((128, 128))
    np.add.at(pairs, (list(raw[:-1]), list(raw[1:])), 1)
    joint = scipy.stats.entropy(pairs.ravel(), base=2)
    first = scipy.stats.entropy(pairs.sum(axis=1), base=2)
    lzma_bits = len(lzma.compress(raw)) * 8 / len(raw)
    return {
        "shannon_bits": 1.75,  # Shannon 1948, section 10, the first example
        "shannon_nats": 1.75 * math.log(2),
        "nats_per_bit": log(2),
        "bits_per_nat": 1 / log(2),
        "coin_50": 1,
        "coin_70": bits("0.7", "0.3"),
        "coin_90": bits("0.9", "0.1"),
        "coin_99": bits("0.99", "0.01"),
        "text_characters": len(raw),
        "text_alphabet": np.count_nonzero(counts),
        "text_bits": scipy.stats.entropy(counts, base=2),
        "text_floor": round(floor),
        "fixed_bits": math.ceil(math.log2(np.count_nonzero(counts))),
        "space_bits": log(len(raw) / mp.mpf(raw.count(b" ")), 2),
        "easy_percent": 100 * len(re.findall(rb"[ et]", raw)) / len(raw),
        "text_pairs": len(set(itertools.pairwise(raw))),
        "q_bits": log(len(raw) / mp.mpf(raw.count(b"q")), 2),
        "lzma_bits": (lzma_bits - 0.005, lzma_bits + 0.005),  # versions of xz differ by a few bytes
        "memory_bits": joint - first,  # the chain rule of entropy
        # A range coder ends within a few 32-bit words of the floor, and its tables round the
        # probabilities to 24 bits: no more than a hundredth of a percent on this text.
        "coded_bytes": (floor, floor * 1.0001 + 8),
        "coded_bits": (floor * 8 / len(raw), (floor * 1.0001 + 8) * 8 / len(raw)),
        "coded_excess_percent": (0, 0.02),
    }


def four_classes_chapter():
    prediction = {"cat": "0.1", "dog": "0.2", "bird": "0.6", "fish": "0.1"}
    field = e**2 + e**1 + e**5
    numbers = {
        "loss": -log(mp.mpf("0.6")),
        "recovered": mp.mpf("0.6"),
        "ln10": log(10),
        "ln2": log(2),
        "twice": log(sum(exp(exp(z) / field) for z in (1, 2, 5))) - exp(5) / field,
        "ln4": log(4),
        "exp_sum": field,
    }
    for hundredths in (99, 60, 50, 30, 1):
        numbers[f"loss_{hundredths}"] = log(100) - log(hundredths)
    for name, q in prediction.items():
        numbers[f"surprise_{name}"] = -log(mp.mpf(q))
    for i, z in enumerate((2, 1, 5)):
        numbers[f"exp_{i}"] = exp(z)
        numbers[f"q_{i}"] = exp(z) / field
        numbers[f"loss_index_{i}"] = log(field) - z
        numbers[f"pull_{i}"] = abs(exp(z) / field - (i == 1))
    return numbers


EXPECTED = {"01_entropy": entropy_chapter, "03_four_classes": four_classes_chapter}


def glued(stem):
    """The numbers that a notebook hands on, as stored."""
    notebook = json.loads((ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    numbers = {}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            text = output.get("data", {}).get("application/papermill.record/text/plain")
            if name and text:
                numbers[name] = float("".join(text))
    return numbers


def used(stem):
    """The keys that the chapters take from this notebook."""
    text = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "chapters").glob("*.md"))
    return set(re.findall(rf"\{{glue:text\}}`\.\./notebooks/{stem}\.ipynb::(\w+)", text))


@pytest.mark.parametrize("stem", EXPECTED)
class TestNumbers:
    def test_agree_with_another_way_to_compute_them(self, stem):
        numbers, expected = glued(stem), EXPECTED[stem]()
        assert numbers.keys() == expected.keys()
        for key, number in numbers.items():
            other = expected[key]
            if isinstance(other, tuple):
                assert other[0] <= number <= other[1], key
            else:
                assert number == pytest.approx(
                    float(other), abs=1e-4 if "percent" in key else 1e-6
                ), key

    def test_are_all_there_for_a_reader(self, stem):
        assert used(stem) <= glued(stem).keys()


def test_every_notebook_is_checked():
    assert set(EXPECTED) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
