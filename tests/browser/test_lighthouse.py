"""Lighthouse, as a phone and as a desk sees each kind of page."""

import pytest

from tests.browser.lighthouse import audit
from tests.browser.pages import KINDS

PERFECT = {"accessibility": 100, "best-practices": 100, "seo": 100}


@pytest.fixture(scope="module")
def audits(site, chromium):
    wanted = [(f"{site}/{name}", preset) for name in KINDS for preset in ("desktop", "mobile")]
    return dict(zip(wanted, audit(chromium, wanted, [*PERFECT], patient=False), strict=True))


@pytest.mark.parametrize("preset", ["desktop", "mobile"])
@pytest.mark.parametrize("name", KINDS)
def test_lighthouse_finds_nothing(audits, site, name, preset):
    found = audits[f"{site}/{name}", preset]
    assert found["error"] is None
    assert found["scores"] == PERFECT, found["failed"]
