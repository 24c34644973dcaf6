"""Every explorable, used as a reader uses it: by mouse, keys, touch, address and screen reader."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from explorables import KINDS, random_states, read, run

from tests.browser.pages import AXE
from xentlib.explorables import NAMES, reference

ROOT = Path(__file__).resolve().parents[2]
BUILT = {
    path.relative_to(ROOT / "_build/html").as_posix(): BeautifulSoup(
        path.read_text(encoding="utf-8"), "html.parser"
    )
    for path in sorted((ROOT / "_build/html").glob("*s/*.html"))
}
PLACES = [
    (root["data-explorable"], page)
    for page, soup in BUILT.items()
    for root in soup.select("[data-explorable]")
]
# One chapter for each kind.
HOME = {name: page for name, page in reversed(PLACES) if page.startswith("chapters/")}
STATES = 100

every_kind = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def open_page(browser, site):
    """Open a page in a new context; whatever it says on the console fails the test."""
    contexts, told = [], []

    def opened(path, **options):
        usual = {"viewport": {"width": 1000, "height": 900}}
        context = browser.new_context(**usual | options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: said.type in {"error", "warning"} and told.append(said.text)
        )
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(f"{site}/{path}", wait_until="load")
        if options.get("java_script_enabled", True):
            page.wait_for_selector(".xent-is-live")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert told == []


def explorable(page, name):
    return page.locator(f'[data-explorable="{name}"]').first


def displayed(root):
    """The displayed numbers, as text."""
    return root.evaluate(
        "root => Object.fromEntries([...root.querySelectorAll('[data-number]')]"
        ".map(output => [output.dataset.number, output.textContent]))"
    )


def drive(root, state, kind):
    """Move the real controls to a state."""
    for control in kind.controls:
        element = root.locator(f'[data-control="{control.name}"]')
        value = state[control.name]
        if hasattr(control, "labels"):
            element.select_option(index=control.values.index(value))
        elif hasattr(control, "values"):
            element.fill(str(control.values.index(value)))
        else:
            element.fill(f"{value:.12g}")


def state_in(url, kind):
    """The state that an address names."""
    texts = dict(parse_qsl(urlsplit(url).fragment))
    for control in kind.controls:
        listed = {str(value): value for value in getattr(control, "values", ())}
        texts[control.name] = listed.get(texts[control.name]) or float(texts[control.name])
    return {control.name: texts[control.name] for control in kind.controls}


def differences(root, name, state):
    """The displayed numbers that are not those of the state."""
    texts = displayed(root)
    expected = reference(name, state)
    assert list(texts) == list(expected)
    return {
        key: (text, expected[key], state)
        for key, text in texts.items()
        if not read(text, expected[key])
    }


def shows(root, name, state):
    """Assert that the numbers displayed are those of the state."""
    assert differences(root, name, state) == {}


def address_follows(page, root, name):
    """Wait until the address names the state that is displayed; it is written a little later."""
    page.wait_for_function(f"() => location.hash.startsWith('#explorable={name}&')")
    for _ in range(100):
        found = differences(root, name, state_in(page.url, KINDS[name]))
        if not found:
            return
        page.wait_for_timeout(100)
    assert found == {}


def test_each_has_its_chapter():
    assert set(HOME) == set(NAMES)
    chapters = {(name, page[9:11]) for name, page in PLACES if page.startswith("chapters/")}
    numbers = {
        "surprise": ["01"],
        "simplex": ["02"],
        "four-classes": ["03"],
        "binary": ["04"],
        "mse-or-ce": ["05"],
        "stability": ["06"],
        "smoothing": ["08"],
        "reweight": ["09", "10"],
    }
    assert chapters == {(name, number) for name in numbers for number in numbers[name]}


@every_kind
def test_every_number_displayed_is_the_library_s(open_page, name):
    root = explorable(open_page(HOME[name]), name)
    shows(root, name, json.loads(root.get_attribute("data-spec"))["state"])
    for state in random_states(KINDS[name], STATES, seed=1):
        drive(root, state, KINDS[name])
        shows(root, name, state)


@every_kind
def test_presets_and_reset(open_page, name):
    root = explorable(open_page(HOME[name]), name)
    start = json.loads(root.get_attribute("data-spec"))["state"]
    for label, preset in KINDS[name].presets.items():
        root.get_by_role("button", name=label, exact=True).click()
        shows(root, name, KINDS[name].check(preset))
    root.get_by_role("button", name="Reset", exact=True).click()
    shows(root, name, start)


@every_kind
def test_keys_alone_reach_and_move_everything(open_page, name):
    page = open_page(HOME[name])
    root = explorable(page, name)
    before = page.url.split("#")[0]
    root.locator("button").first.focus()
    reached = []
    for _ in range(40):
        here = root.evaluate(
            "root => root.contains(document.activeElement) && "
            "[document.activeElement].map(here => here.dataset.control ?? here.textContent)[0]"
        )
        if here is False:
            break
        reached.append(here)
        element = page.locator(":focus")
        if element.get_attribute("type") == "range":
            old = float(element.input_value())
            key = "ArrowLeft" if old == float(element.get_attribute("max")) else "ArrowRight"
            page.keyboard.press(key)
            moved = abs(float(element.input_value()) - old)
            assert moved == pytest.approx(float(element.get_attribute("step")))
        page.keyboard.press("Tab")
    wanted = (
        {control.name for control in KINDS[name].controls}
        | set(KINDS[name].presets)
        | {"Reset", "Copy link", "Copy as Python"}
    )
    assert wanted <= set(reached)
    assert page.url.split("#")[0] == before


@every_kind
def test_a_finger_moves_the_picture(open_page, name):
    root = explorable(
        page := open_page(HOME[name], has_touch=True, viewport={"width": 390, "height": 844}), name
    )
    touch = page.context.new_cdp_session(page)
    pictures = root.locator(".xent-draggable, .xent-marker").all()
    assert pictures or name == "reweight", "nothing to touch but the controls"
    for picture in pictures:
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        is_marker = picture.get_attribute("class").startswith("xent-marker")
        seen = [displayed(root)] if is_marker else []
        for x in (0.5,) if is_marker else (0.5, 0.7):
            at = {"x": box["x"] + x * box["width"], "y": box["y"] + 0.45 * box["height"]}
            touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
            at["x"] += 30
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            seen.append(displayed(root))
        assert seen[0] != seen[1]
        address_follows(page, root, name)


def test_a_finger_that_scrolls_the_page_changes_nothing(open_page):
    phone = {"has_touch": True, "viewport": {"width": 390, "height": 844}}
    root = explorable(page := open_page(HOME["binary"], **phone), "binary")
    picture = root.locator(".xent-draggable").first
    picture.scroll_into_view_if_needed()
    before, top = displayed(root), page.evaluate("scrollY")
    box = picture.bounding_box()
    touch = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 250, "y": box["y"] + 100}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for _ in range(12):
        at["y"] -= 12
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"() => scrollY > {top} + 50")
    assert displayed(root) == before


@every_kind
def test_the_address_brings_back_what_was_seen(open_page, name):
    page = open_page(HOME[name])
    root = explorable(page, name)
    (state,) = random_states(KINDS[name], 1, seed=2)
    drive(root, state, KINDS[name])
    address_follows(page, root, name)
    again = open_page(HOME[name] + "#" + page.url.split("#")[1])
    assert displayed(explorable(again, name)) == displayed(root)
    shows(explorable(again, name), name, state)
    assert (
        again.evaluate("document.querySelector('.xent-is-live').getBoundingClientRect().top") < 900
    )


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("surprise", "explorable=surprise&p=7", "p must lie between 0 and 1, got 7"),
        ("surprise", "explorable=surprise&p=", "p must lie between 0 and 1, got"),
        ("surprise", "explorable=surprise&p=0x1", "p must lie between 0 and 1, got 0x1"),
        ("surprise", "explorable=surprise&p=0.5&p=0.1", "p is given twice"),
        ("surprise", "explorable=surprise&q=0.5", "there is no control q; there is p"),
        ("surprise", "explorable=surprise&p=" + 5000 * "9", f"got {40 * '9'}…"),
        ("surprise", "explorable=binary", 'the explorable "binary". This page has surprise'),
        ("surprise", "explorable=<b>x</b>", 'asks for the explorable "<b>x</b>"'),
        ("four-classes", "explorable=four-classes&truth=", "truth must be one of 0, 1, 2, 3; got"),
        ("smoothing", "explorable=smoothing&classes=6", "classes must be one of 2, 3, 4"),
        ("mse-or-ce", "explorable=mse-or-ce&steps=1.5", "steps must be a whole number, got 1.5"),
    ],
)
def test_a_bad_address_is_told(open_page, name, address, words):
    page = open_page(f"{HOME[name]}#{address}", viewport={"width": 390, "height": 844})
    root = explorable(page, name)
    assert words in root.get_by_role("alert").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    state = KINDS[name].start | ({"p": 0.5} if "p=0.5" in address else {})
    shows(root, name, state)
    page.evaluate("location.hash = 'explorable=nobody'")
    page.wait_for_function(
        "() => document.querySelector('[role=alert]').textContent.includes('nobody')"
    )
    page.evaluate(f"location.hash = 'explorable={name}'")
    page.wait_for_function("() => document.querySelector('[role=alert]').hidden")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'data-explorable="surprise"',
            'data-explorable="surprize"',
            'The explorable "surprize" cannot be shown',
        ),
        ('data-spec="{', 'data-spec="{{', 'The explorable "surprise" cannot be shown'),
        ("&quot;numbers&quot;", "&quot;x&quot;", 'The explorable "surprise" cannot be shown'),
    ],
)
def test_a_broken_page_shows_the_table_and_says_so(browser, site, old, new, words):
    with browser.new_page() as page:
        whole = (ROOT / "_build/html" / HOME["surprise"]).read_text(encoding="utf-8")
        assert old in whole
        page.route(
            "**/01_entropy.html",
            lambda route: route.fulfill(body=whole.replace(old, new), content_type="text/html"),
        )
        page.goto(f"{site}/{HOME['surprise']}", wait_until="networkidle")
        assert words in page.get_by_role("alert").inner_text()
        assert page.locator(".xent-static table").is_visible()
        assert page.locator(".xent-live").count() == 0


@every_kind
def test_python_and_link_are_copied(open_page, name):
    page = open_page(HOME[name], permissions=["clipboard-read", "clipboard-write"])
    root = explorable(page, name)
    (state,) = random_states(KINDS[name], 1, seed=3)
    drive(root, state, KINDS[name])
    root.get_by_role("button", name="Copy as Python").click()
    page.wait_for_function(
        "() => document.querySelector('.xent-is-live [role=status]').innerText.startsWith('Copied')"
    )
    code = page.evaluate("navigator.clipboard.readText()")
    assert root.locator(".xent-code").inner_text() == code
    shown = displayed(root)[KINDS[name].code_gives]
    assert read(shown, run(code))
    root.get_by_role("button", name="Copy link").click()
    page.wait_for_function(
        "() => document.querySelector('.xent-is-live [role=status]').textContent.includes('link')"
    )
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.match(rf"http://127\.0\.0\.1.*#explorable={name}&", link)


def test_a_browser_without_clipboard_selects_the_text(open_page):
    root = explorable(page := open_page(HOME["surprise"]), "surprise")
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); 0")
    root.get_by_role("button", name="Copy as Python").click()
    page.wait_for_function("() => String(getSelection()).includes('surprisal(0.25, base=2)')")


def test_a_change_is_told_once_it_has_come_to_rest(open_page):
    root = explorable(page := open_page(HOME["surprise"]), "surprise")
    said = root.locator(".xent-hidden")
    assert said.inner_text() == ""
    at_once = root.locator("input").first.evaluate(
        "input => { for (const p of [0.4, 0.3, 0.5]) { input.value = p; "
        "input.dispatchEvent(new Event('input')); } "
        "return document.querySelector('.xent-hidden').textContent; }"
    )
    assert at_once == ""
    page.wait_for_function(
        "() => document.querySelector('.xent-hidden').textContent.includes('1.000 bits')"
    )
    assert root.locator("output[data-number]").first.get_attribute("aria-live") == "off"


@every_kind
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page, name, scheme):
    page = open_page(HOME[name], color_scheme=scheme, viewport={"width": 390, "height": 844})
    root = explorable(page, name)
    root.get_by_role("button", name="Copy as Python").click()
    page.evaluate(AXE)
    found = page.evaluate("axe.run('.xent-explorable', { resultTypes: ['violations'] })")
    assert [
        (each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]
    ] == []
    assert len(found["passes"]) > 5


@every_kind
def test_everything_has_a_name(open_page, name):
    root = explorable(open_page(HOME[name]), name)
    assert root.get_by_role("group", name=KINDS[name].title, exact=True).count() == 1
    for control in KINDS[name].controls:
        role = "combobox" if hasattr(control, "labels") else "slider"
        found = root.get_by_role(role, name=control.label, exact=True)
        assert found.count() == 1
        assert role == "combobox" or found.get_attribute("aria-valuetext")
    for number in KINDS[name].numbers:
        assert (
            root.locator("output[data-number]")
            .and_(root.get_by_label(number.label, exact=True))
            .count()
            == 1
        )
    for picture in root.locator(".xent-stage > :is(svg, [role=img])").all():
        hidden = picture.get_attribute("aria-hidden") == "true"
        assert hidden or len((picture.get_attribute("aria-label") or "").split()) >= 5


@every_kind
def test_without_scripts_and_in_print_it_is_a_table(open_page, name):
    page = open_page(HOME[name], java_script_enabled=False)
    assert explorable(page, name).locator("table").is_visible()
    page = open_page(HOME[name])
    root = explorable(page, name)
    assert root.locator(".xent-live").is_visible()
    assert not root.locator(".xent-static").is_visible()
    page.emulate_media(media="print")
    assert not root.locator(".xent-live").is_visible()
    assert root.locator(".xent-static table").is_visible()


def test_scripts_load_only_where_used(browser, site):
    for page_name, own in ((HOME["surprise"], {"surprise.js"}), ("chapters/glossary.html", set())):
        with browser.new_page() as page:
            asked = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(f"{site}/{page_name}", wait_until="networkidle")
            loaded = {
                url.split("/explorables/")[1].split("?")[0]
                for url in asked
                if "/explorables/" in url
            }
            assert loaded == own


def test_the_race_runs_steps_and_stands_still_for_those_who_ask(open_page):
    root = explorable(page := open_page(HOME["mse-or-ce"]), "mse-or-ce")
    steps = root.locator('[data-control="steps"]')
    steps.fill("0")
    root.get_by_role("button", name="Step", exact=True).click()
    assert steps.input_value() == "1"
    root.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('[data-control=steps]').value > 5")
    root.get_by_role("button", name="Pause", exact=True).click()
    stopped = steps.input_value()
    page.wait_for_timeout(200)
    assert steps.input_value() == stopped
    calm = explorable(page := open_page(HOME["mse-or-ce"], reduced_motion="reduce"), "mse-or-ce")
    calm.get_by_role("button", name="Play", exact=True).click()
    steps = calm.locator('[data-control="steps"]')
    assert steps.input_value() == steps.get_attribute("max")
