"""Chapter 1: from the standard library, SciPy and mpmath."""

import gzip
import itertools
import lzma
import math
import re
from pathlib import Path

import numpy as np
import scipy.stats
from mpmath import log, mp

ROOT = Path(__file__).resolve().parents[3]
mp.dps = 30

INPUTS: set[str] = set()

ROWS = [
    ["b", "1/4", "2 bits", "2/4"],
    ["same number of bits for each character", "7"],
]


def bits(*probabilities):
    """Entropy in bits, from the definition."""
    return -sum(p * log(p, 2) for p in map(mp.mpf, probabilities))


def numbers():
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
