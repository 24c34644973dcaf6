"""The same folder works wherever it is put: below any path of a server, and as files."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.browser.pages import HTML, KINDS, read_to_the_end


@pytest.fixture(scope="module", params=["", "/a/b/c"], ids=["root", "deep"])
def elsewhere(request):
    with serve(request.param) as server:
        yield server.address


@pytest.mark.parametrize("name", KINDS)
def test_a_page_works_below_any_path(visit, elsewhere, name):
    page = visit(f"{elsewhere}/{name}")
    read_to_the_end(page)
    works(page)


@pytest.mark.parametrize("name", KINDS)
def test_a_page_works_as_a_file(visit, name):
    page = visit(f"{HTML.as_uri()}/{name}")
    read_to_the_end(page)
    works(page)


def works(page):
    """Assert that the styles are applied, that explorables live, and that the next page opens."""
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"
    for explorable in page.locator("[data-explorable]").all():
        expect(explorable.locator(".xent-live")).to_be_visible()
    following = page.locator("a.right-next")
    if following.count():
        title = following.locator(".prev-next-title").inner_text()
        following.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_the_front_door_leads_to_the_cover(visit, elsewhere):
    page = visit(f"{elsewhere}/index.html")
    page.wait_for_url("**/chapters/index.html")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
