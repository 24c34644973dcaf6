"""A Chromium to print and test the book with: the system's, or one that is fetched."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No background requests: everything the network sees must come from the page.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    *(["--no-sandbox"] if sys.platform == "linux" else []),
]


def find(playwright: Playwright) -> str | None:
    """The system's Chromium, else Playwright's own, else Debian's, else nothing."""
    system = next(filter(None, map(shutil.which, NAMES)), None)
    if system:
        return system
    own = playwright.chromium.executable_path
    if not Path(own).exists():
        fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(fetch, capture_output=True, timeout=600)
    if Path(own).exists():
        return own
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], capture_output=True)
    return shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """Start it, or raise a RuntimeError that says what to do."""
    program = find(playwright)
    if program is None:
        raise RuntimeError(
            "no browser: install Chromium or Chrome, then run the same command again"
        )
    try:
        return playwright.chromium.launch(executable_path=program, args=FLAGS)
    except Error as error:
        raise RuntimeError(f"the browser does not start: {error}") from None
