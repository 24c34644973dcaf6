"""Time a change of state of every explorable in Chromium: numbers, picture and layout."""

import functools
import http.server
import threading
from pathlib import Path
from typing import Any

from chromium import launch
from playwright.sync_api import sync_playwright

from tests.explorables import KINDS, random_states
from xentlib.explorables import NAMES
from xentlib.explorables._html import static_html

FOLDER = Path(__file__).parents[2] / "xentlib" / "explorables"
STATES = 500
TARGETS = {name: 12.0 if name == "simplex" else 4.0 for name in NAMES}  # median, in ms
TIME = """
async ([name, spec, states]) => {
  const { mount } = await import("/kit.js");
  const { kind } = await import(`/${name.replaceAll("-", "_")}.js`);
  const root = document.querySelector("[data-explorable]");
  const { set } = mount(root, kind, spec, { state: spec.state });
  const times = [];
  for (const state of states) {
    const begun = performance.now();
    set(state);
    root.getBoundingClientRect(); // the browser must lay out what has changed
    times.push(performance.now() - begun);
  }
  return times.slice(states.length / 5).sort((a, b) => a - b); // the first ones warm up
}
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that keeps its requests to itself, and has an empty page at its root."""

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b'<!doctype html><link rel="stylesheet" href="/explorables.css">')


def update_times() -> dict[str, dict[str, float]]:
    """Return the median and the 95th percentile of each explorable's update, in ms."""
    handler = functools.partial(Quiet, directory=str(FOLDER))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = {}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, kind in KINDS.items():
            page = browser.new_page(viewport={"width": 800, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.evaluate("html => { document.body.innerHTML = html }", static_html(kind, {}))
            spec = {**kind.spec(), "state": kind.start}
            times = page.evaluate(TIME, [name, spec, random_states(kind, STATES)])
            found[name] = {"median": times[len(times) // 2], "p95": times[len(times) * 95 // 100]}
            page.close()
        browser.close()
    server.shutdown()
    return found


def verdicts(found: dict[str, dict[str, float]]) -> list[str]:
    """Return a line for each explorable: target reached or not."""
    return [
        f"{'reached' if times['median'] < TARGETS[name] else 'NOT reached':12} update() of "
        f"{name} in Chromium: median {times['median']:.2f} ms, 95 % below {times['p95']:.2f} ms "
        f"(target {TARGETS[name]:g})"
        for name, times in found.items()
    ]
