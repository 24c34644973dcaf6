"""A browser, and the built book served from a sub-path of 127.0.0.1, as a real host serves it."""

import contextlib
import functools
import gzip
import http.server
import threading
from urllib.parse import unquote, urlsplit

import pytest
from chromium import find, launch
from playwright.sync_api import sync_playwright

from tests.browser.pages import HTML, PAGES, WIDE, read_to_the_end


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright):
    return find(playwright)


@pytest.fixture(scope="session")
def browser(playwright):
    try:
        browser = launch(playwright)
    except RuntimeError as error:
        pytest.exit(str(error), returncode=1)
    yield browser
    browser.close()


class Book(http.server.SimpleHTTPRequestHandler):
    """Serve the book as a real host does: compressed, to be kept for ten minutes, below a path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        file = HTML / unquote(path.removeprefix(self.server.root))
        inside = path.startswith(self.server.root) and file.resolve().is_relative_to(HTML)
        found = inside and file.is_file()
        body = compressed(file) if found else b""
        self.send_response(200 if found else 404)
        if found:
            self.send_header("Content-Type", self.guess_type(file))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.sent.append((path, len(body)))

    def log_message(self, *arguments):
        pass


@functools.cache
def compressed(file):
    return gzip.compress(file.read_bytes())


@contextlib.contextmanager
def serve(root):
    """Serve the book below a path; `sent` lists each answer's path and bytes."""
    assert PAGES, "the book is not built: run make book"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Book)
    server.root, server.sent = f"{root}/", []
    server.address = f"http://127.0.0.1:{server.server_port}{root}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def server():
    """The book under /course/, so that a link to the root would break."""
    with serve("/course") as running:
        yield running


@pytest.fixture(scope="session")
def site(server):
    return server.address


def overhear(page, wrong):
    """Note what a page complains of, fails to get, or wants from another host."""
    said = {"error", "warning"}
    page.on("console", lambda told: told.type in said and wrong.append(f"{told.type}: {told.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "requestfailed",
        lambda request: (
            request.failure != "net::ERR_ABORTED"  # the reader went on before it was there
            and wrong.append(f"{request.failure}: {request.url}")
        ),
    )
    page.on(
        "response",
        lambda answer: answer.status >= 400 and wrong.append(f"{answer.status}: {answer.url}"),
    )
    page.on(
        "request",
        lambda request: (
            urlsplit(request.url).hostname not in {None, "", "127.0.0.1"}
            and wrong.append(f"another host: {request.url}")
        ),
    )
    # Most breaches of the policy are on the console, too; an event names each one.
    page.expose_function("noteBreach", lambda breach: wrong.append(f"breach: {breach}"))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>"
        " noteBreach(`${effectiveDirective} ${blockedURI}`))"
    )


@pytest.fixture
def wrong():
    """What went wrong in the pages of this test, as `overhear` notes it. A test fails for any."""
    noted = []
    yield noted
    assert noted == []


@pytest.fixture
def visit(browser, site, wrong):
    """Open a page as a new reader does, with nothing stored."""
    contexts = []

    def opened(name, init="", **options):
        options = {"viewport": WIDE, "reduced_motion": "reduce", **options}
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        overhear(page, wrong)
        page.add_init_script(init)
        page.goto(name if ":" in name else f"{site}/{name}", wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module", params=PAGES)
def page(browser, site, request):
    """Each page of the book, opened once for all the tests of a module that ask for it."""
    with browser.new_page(viewport=WIDE, reduced_motion="reduce") as opened:
        opened.goto(f"{site}/{request.param}")
        read_to_the_end(opened)
        yield opened
