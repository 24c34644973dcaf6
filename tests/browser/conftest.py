"""A browser, and the built book served from a sub-path of 127.0.0.1, as GitHub Pages serves it."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest
from chromium import launch
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except RuntimeError as error:
            pytest.exit(str(error), returncode=1)
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
