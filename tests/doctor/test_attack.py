"""What an attacker found: false alarms, errors that were missed, and calls that broke the doctor."""

import numpy as np
import pytest
import torch

from xentlib.doctor import examine


def torch_rng():
    return torch.Generator().manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, generator=torch_rng())


LABELS = torch.arange(64) % 10


def found(*arrays, **told):
    """The severity of each finding."""
    return {f.code: f.severity for f in examine(*arrays, **told).findings}


class TestArrays:
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint32, np.uint64])
    def test_unsigned_labels(self, dtype):
        z, y = [[2.0, 1.0], [0.0, 1.0]], np.array([0, 1], dtype)
        assert examine(z, y, observed=0.3132616875).codes == ()

    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
    def test_half_precision_that_was_made_single_again(self, dtype):
        logs = normal(64, 10).to(dtype).log_softmax(1).float()
        assert found(logs, LABELS, loss="NLLLoss") == {}
        q = normal(64, 10).to(dtype).softmax(1).float()
        assert found(q, LABELS, loss="F.cross_entropy") == {"double-softmax": "error"}

    def test_classes_of_sequences_are_last_for_a_divergence(self):
        z = normal(2, 5, 7)
        told = {"loss": "KLDivLoss", "reduction": "batchmean"}
        assert found(z.log_softmax(-1), z.softmax(-1), **told) == {}
        assert found(z, z.argmax(-1), loss="perplexity", framework="torch") == {}

    def test_exchanged_labels_are_no_shift(self):
        y = torch.arange(200) % 2
        z = 4 * torch.eye(2)[1 - y] + 0.3 * normal(200, 2)
        codes = found(z, y, loss="F.cross_entropy")
        assert codes == {"class-order": "warning"}
