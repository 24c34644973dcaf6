"""A browser, and the built book served from a sub-path of 127.0.0.1, as GitHub Pages serves it."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No background requests: everything the network sees must come from the page.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium(playwright):
    """The system's Chromium, else Playwright's own, else Debian's, else say what to do."""
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
        if shutil.which("chromium"):
            return shutil.which("chromium")
    pytest.exit(
        "no browser: install Chromium or Chrome, then run the same command again", returncode=1
    )


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        flags = [*FLAGS, *(["--no-sandbox"] if sys.platform == "linux" else [])]
        try:
            browser = playwright.chromium.launch(
                executable_path=find_chromium(playwright), args=flags
            )
        except Error as error:
            pytest.exit(f"the browser does not start: {error}", returncode=1)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The address of the book, under /course/ so that a link to the root would break."""
    book = ROOT / "_build" / "html"
    assert (book / "index.html").is_file(), "the book is not built: run make book"
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(book, folder / "course")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/course"
    server.shutdown()
    server.server_close()
