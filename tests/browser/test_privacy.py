"""Nothing leaves the page, nothing is kept but the theme, and the strict policy is never broken."""

import pytest

from tests.browser.pages import PAGES, read_to_the_end

KEPT = """async () => ({
  localStorage: Object.keys(localStorage).filter((key) => !["mode", "theme"].includes(key)),
  sessionStorage: Object.keys(sessionStorage),
  indexedDB: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
})"""


def nothing_is_kept(page):
    kept = page.evaluate(KEPT)
    kept["cookies"] = page.context.cookies()
    assert {where: what for where, what in kept.items() if what} == {}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_and_keeps_nothing(visit, name):
    page = visit(name)
    read_to_the_end(page)
    nothing_is_kept(page)
