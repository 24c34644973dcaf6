"""The explorables as widgets in a real JupyterLab, used through its page."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import nbformat
import pytest
from explorables import read
from playwright.sync_api import expect

from tests.browser.pages import AXE
from xentlib.explorables import NAMES, reference

WAIT = 120  # seconds that a busy machine may need for one thing
CELLS = {
    "import": "from xentlib.explorables import show",
    "show": 'widget = show("surprise", p=0.25)\nwidget',
    "set": 'widget.state = {"p": 0.125}',
    "get": 'print(widget.state["p"], widget.value["bits"])',
    "bad value": 'widget.state = {"p": 7}',
    "bad name": 'show("surprize")',
    **{name: f'show("{name}")' for name in NAMES},
}
CONFIG = {
    "ServerApp": {
        "allow_root": True,
        "ip": "127.0.0.1",
        "open_browser": False,
        "port_retries": 0,
    },
    # Nothing asks the network for news, updates or extensions.
    "LabApp": {
        "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "extension_manager": "readonly",
        "news_url": None,
    },
    "LanguageServerManager": {"autodetect": False},  # it would run npm
}
# Where Jupyter keeps things: all in one folder of its own, none with the user's.
FOLDERS = {
    "HOME": "home",
    "USERPROFILE": "home",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
}
# What a key must not change, and what a reader can tell it by.
SITUATION = """() => {
  const notebook = document.querySelector(".jp-Notebook");
  const cells = [...notebook.querySelectorAll(".jp-Cell")];
  return {
    focus: document.activeElement.outerHTML.slice(0, 60),
    command: notebook.classList.contains("jp-mod-commandMode"),
    cells: cells.map((cell) => cell.querySelector(".cm-content").textContent),
    active: cells.findIndex((cell) => cell.classList.contains("jp-mod-active")),
    selected: cells.filter((cell) => cell.classList.contains("jp-mod-selected")).length,
    scrolled: notebook.querySelector(".jp-WindowedPanel-outer").scrollTop,
  };
}"""
# What axe-core finds wrong, or cannot judge. It skips the colours, since JupyterLab's body has no
# height and so counts as hidden; they are judged below.
AXE_RUN = """async (root) => {
  const { violations, incomplete } = await axe.run(root);
  return [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map((n) => n.html)]);
}"""
# The texts whose colour stands out too little from what lies behind, as WCAG 2 measures it.
FAINT = """(root) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); };
  const luminance = () => {
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255).map(
      (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      layers.unshift(getComputedStyle(each).backgroundColor);
    }
    layers.forEach(paint);
    const behind = luminance();
    paint(getComputedStyle(element)[element.closest("svg") ? "fill" : "color"]);
    const [low, high] = [behind, luminance()].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return [...root.querySelectorAll("*")]
    .filter((element) => [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((element) => element.checkVisibility())
    .map((element) => [element.textContent, contrast(element)])
    .filter(([, ratio]) => !(ratio >= 4.5));
}"""

# The numbers that do not end where their row does: JupyterLab has a layout of its own for lists.
BENT = """(root) => [...root.querySelectorAll(".xent-numbers > div")]
  .filter((row) => {
    const [all, number] = [row, row.lastChild].map((each) => each.getBoundingClientRect());
    return Math.abs(all.right - number.right) > 1;
  })
  .map((row) => row.textContent)"""


class Lab:
    """A JupyterLab that runs, and a way to open a notebook in it."""

    def __init__(self, home):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.token = secrets.token_hex(16)
        self.home = home
        for folder in ("work", *FOLDERS.values()):
            (home / folder).mkdir(exist_ok=True)
        config = {**CONFIG, "IdentityProvider": {"token": self.token}}
        (home / "config" / "jupyter_lab_config.json").write_text(json.dumps(config))
        self.set("notification", fetchNews="false", checkForUpdates=False)

        outside = {name: value for name, value in os.environ.items() if name != "XENTLIB_STATIC"}
        own = {variable: str(home / folder) for variable, folder in FOLDERS.items()}
        self.log = home / "log.txt"
        with self.log.open("wb") as log:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", f"--port={urlsplit(self.address).port}"],
                cwd=home / "work",
                env=outside | own,
                stdout=log,
                stderr=log,
            )

    def set(self, plugin, **settings):
        """Write settings of the user, as JupyterLab itself would store them."""
        folder = self.home / "settings" / "@jupyterlab" / "apputils-extension"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings))

    def wait(self):
        until = time.monotonic() + WAIT
        while self.server.poll() is None and time.monotonic() < until:
            try:
                url = f"{self.address}/api/status?token={self.token}"
                return urllib.request.urlopen(url, timeout=10).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        log = self.log.read_text(encoding="utf-8", errors="replace")
        return pytest.fail(f"JupyterLab does not start. It says:\n{log}")

    def stop(self):
        self.server.terminate()  # its kernels, too
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


class Notebook:
    """A notebook with the cells above, open in JupyterLab in a theme."""

    def __init__(self, lab, browser, theme):
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, lab.home / "work" / f"{theme}.ipynb")
        lab.set("themes", theme=f"JupyterLab {theme.title()}")

        self.page = page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT * 1000)
        self.told, self.hosts = [], set()
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        page.goto(f"{lab.address}/lab/tree/{theme}.ipynb?token={lab.token}&reset")
        page.locator(f'body[data-jp-theme-name="JupyterLab {theme.title()}"]').wait_for(
            state="attached"
        )
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        # From here on: while it starts, JupyterLab complains if the machine is slow.
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.evaluate(AXE)
        self.run("import")

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.told.append(message.text)

    def cell(self, name):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(list(CELLS).index(name))

    def run(self, name):
        """Run a cell by its keys; return it when it has run."""
        cell = self.cell(name)
        prompt = cell.locator(".jp-InputPrompt")
        before = re.escape(prompt.inner_text().strip())
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(prompt).to_have_text(re.compile(rf"^(?!{before}$)\[\d+\]:$"), timeout=WAIT * 1000)
        return cell

    def show(self):
        """Show "surprise" at p = 0.25 afresh; return the picture."""
        picture = self.run("show").locator(".xent-explorable")
        shows(picture, "surprise", {"p": 0.25})
        return picture

    def situation(self):
        """What SITUATION says once it stays: JupyterLab scrolls a little later than it runs."""
        seen = []
        while seen[-4:] != [seen and seen[-1]] * 4:
            seen.append(self.page.evaluate(SITUATION))
            self.page.wait_for_timeout(50)
        return seen[-1]


def shows(picture, name, state=None):
    """Wait until the picture displays the numbers of a state."""
    expected = reference(name, state or {})
    outputs = picture.locator("output[data-number]")
    outputs.nth(len(expected) - 1).wait_for()
    until = time.monotonic() + 10
    while True:
        texts = dict(outputs.evaluate_all("all => all.map(o => [o.dataset.number, o.textContent])"))
        wrong = {
            key: (texts[key], expected[key])
            for key in expected
            if not read(texts[key], expected[key])
        }
        if not wrong or time.monotonic() > until:
            break
        picture.page.wait_for_timeout(20)
    assert wrong == {}
    assert list(texts) == list(expected)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        lab.wait()
        yield lab
    finally:
        lab.stop()


@pytest.fixture(scope="module")
def light(lab, browser):
    return Notebook(lab, browser, "light")


@pytest.fixture(scope="module")
def dark(lab, browser):
    return Notebook(lab, browser, "dark")


@pytest.fixture
def notebook(request):
    """The notebook in the light theme, or in the one that the test asks for.

    Whatever a test does there, JupyterLab says nothing on the console and asks no other host.
    """
    opened = request.getfixturevalue(getattr(request, "param", "light"))
    yield opened
    assert opened.told == []
    assert opened.hosts - {None} == {"127.0.0.1"}


@pytest.mark.parametrize("notebook", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_each_is_shown_and_can_be_read(notebook, name):
    picture = notebook.run(name).locator(".xent-explorable")
    shows(picture, name)
    assert picture.evaluate(AXE_RUN) == []
    assert picture.evaluate(FAINT) == []
    assert picture.evaluate(BENT) == []


@pytest.mark.parametrize(
    ("key", "p"),
    [("ArrowRight", 0.251), ("ArrowUp", 0.251), ("ArrowLeft", 0.249), ("ArrowDown", 0.249)],
)
def test_an_arrow_key_moves_the_slider_and_nothing_else(notebook, key, p):
    picture = notebook.show()
    picture.locator("input").focus()
    before = notebook.situation()
    notebook.page.keyboard.press(key)
    shows(picture, "surprise", {"p": p})
    assert notebook.situation() == before


def test_other_keys_do_not_reach_jupyterlab(notebook):
    """In its command mode, letters add, cut and change cells; Enter and Shift+Enter edit and run.

    Space is left out: on a slider, the browser itself scrolls by it.
    """
    picture = notebook.show()
    picture.locator("input").focus()
    before = notebook.situation()
    for key in ["a", "b", "x", "d", "d", "m", "y", "c", "v", "Enter", "Shift+Enter"]:
        notebook.page.keyboard.press(key)
    assert notebook.situation() == before
    shows(picture, "surprise", {"p": 0.25})


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_key_presses_a_button_and_nothing_else(notebook, key):
    picture = notebook.show()
    picture.get_by_role("button", name="One in eight").focus()
    before = notebook.situation()
    notebook.page.keyboard.press(key)
    shows(picture, "surprise", {"p": 0.125})
    assert notebook.situation() == before


def test_python_moves_the_picture(notebook):
    picture = notebook.show()
    notebook.run("set")
    shows(picture, "surprise", {"p": 0.125})
    assert picture.locator("input").input_value() == "0.125"


def test_the_picture_moves_what_python_holds(notebook):
    slider = notebook.show().locator("input")
    slider.fill("0.5")
    slider.press("ArrowRight")
    bits = reference("surprise", {"p": 0.501})["bits"]
    expect(notebook.run("get").locator(".jp-OutputArea-output")).to_have_text(f"0.501 {bits}")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("bad value", "ValueError: p must lie between 0 and 1, got 7"),
        ("bad name", "ValueError: there is no explorable 'surprize'; did you mean 'surprise'?"),
    ],
)
def test_nonsense_is_named_and_changes_nothing(notebook, cell, words):
    picture = notebook.show()
    output = notebook.run(cell).locator(".jp-OutputArea-output")
    expect(output).to_contain_text(words)
    expect(output.locator(".xent-explorable")).to_have_count(0)
    shows(picture, "surprise", {"p": 0.25})
    slider = picture.locator("input")
    slider.press("ArrowRight")  # it still works
    shows(picture, "surprise", {"p": 0.251})
