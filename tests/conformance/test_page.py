"""The page of a report in a real browser: cells open and close, filters keep, and nothing that was said comes alive.

It is Debian's chromium, driven through its own chromium-driver, both by their paths. Where they are not installed the
tests are skipped, unless CI_BROWSER=1 says that they have to be there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from omniflash_conformance.reports.html import page
from tests.conformance.drawn_reports import report

CHROMIUM, DRIVER = which("chromium"), which("chromedriver")
SWITCHES = (
    "--headless",
    "--no-sandbox",  # root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROKEN, HELD = "MAP-ORDER.fal.reference_to_video", "REQ-SEED.spec.any"
DESK, PHONE = (1280, 900), (390, 844)
SHOWN = """
return [...document.querySelectorAll("button.cell")]
  .filter((cell) => cell.checkVisibility({ visibilityProperty: true }))
  .map((cell) => cell.getAttribute("commandfor"))
"""
# Every text that is seen, whose contrast with what is behind it is below WCAG's AA.
PALE = (Path(__file__).parent / "pale.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser with nobody's settings, and its page still blank."""
    if CHROMIUM is None or DRIVER is None:
        if os.environ.get("CI_BROWSER") == "1":
            pytest.fail("CI_BROWSER=1, and chromium or its driver is missing: apt-get install chromium chromium-driver")
        pytest.skip("needs Debian's chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(report()), "utf-8")
    return path.as_uri()


class Page:
    """The page, opened anew."""

    def __init__(self, browser: webdriver.Chrome, address: str) -> None:
        self.browser, self.address, self.times = browser, address, 0

    def open(self, state: str = "", size: tuple[int, int] = DESK, *, media: str = "", scheme: str = "light") -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        self.times += 1  # where only what follows the # changes, a page is not loaded again
        self.browser.get(f"{self.address}?{self.times}{state}")

    def run(self, script: str, *values: object) -> Any:
        return self.browser.execute_script(script, *values)

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def cell(self, name: str) -> WebElement:
        return self.one(f'button[commandfor="{name}"]')

    def dialog(self, name: str) -> WebElement:
        return self.browser.find_element(By.ID, name)

    def press(self, *keys: str) -> None:
        ActionChains(self.browser).send_keys(*keys).perform()

    def comes_to(self, expression: str, value: object) -> None:
        """Waits until an expression has a value: what a page does after an event takes a moment."""
        wait = WebDriverWait(self.browser, 20, poll_frequency=0.02)
        wait.until(lambda _: self.run(f"return {expression}") == value, f"{expression} never came to {value!r}")

    def focused(self) -> str | None:
        return self.browser.switch_to.active_element.get_attribute("commandfor")

    def shown(self) -> set[str]:
        """The cells that the filters leave."""
        return set(self.run(SHOWN))


@pytest.fixture
def opened(browser: webdriver.Chrome, address: str) -> Iterator[Page]:
    """The page; whatever the test did, it asked nobody for anything and told of no error."""
    found = Page(browser, address)
    found.open()
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    yield found
    assert browser.get_log("browser") == []
    assert [entry for entry in browser.get_log("performance") if _asks_somebody(entry["message"])] == []
    assert browser.title == "Conformance of spec, fal and acme"


def _asks_somebody(message: str) -> bool:
    return "Network.requestWillBeSent" in message and '"url":"file:' not in message and '"url":"about:' not in message


def test_a_cell_opens_by_click_and_by_key_and_gives_the_focus_back(opened: Page) -> None:
    for opening in (lambda: opened.cell(BROKEN).click(), lambda: opened.press(Keys.ENTER), lambda: opened.press(" ")):
        opened.run("arguments[0].focus()", opened.cell(BROKEN))
        opening()
        dialog = opened.dialog(BROKEN)
        assert dialog.is_displayed()
        assert "references keep their order" in dialog.text
        opened.press(Keys.ESCAPE)
        assert not dialog.is_displayed()
        assert opened.focused() == BROKEN
    opened.press(Keys.ENTER)
    opened.dialog(BROKEN).find_element(By.CSS_SELECTOR, ".close").click()
    assert not opened.dialog(BROKEN).is_displayed()
    assert opened.focused() == BROKEN


def test_a_cell_tells_everything_of_its_cases(opened: Page) -> None:
    opened.cell(BROKEN).click()
    text = opened.dialog(BROKEN).text
    told = [
        "MAP-ORDER-1",
        "what MAP-ORDER-1 says holds",
        "it is said: <img src=x onerror",
        "omniflash conformance run fal --case MAP-ORDER-1 --seed 7 --against sandbox",
        'curl -X POST https://queue.fal.run -H "authorization: Key $KEY"',
        "The smallest request that breaks it",
        "2 exchanges over the wire",
        "fault: lose-response",
        "no answer",
        "Source: fal's reference-to-video page",
        "last held against the real vendor: never",
        "last held against the real vendor: 2026-10-03",
    ]
    assert [said for said in told if said not in text] == []
    assert text.index("MAP-ORDER-1") < text.index("MAP-ORDER-2")


def test_a_line_is_copied_or_at_least_selected(opened: Page) -> None:
    opened.cell(BROKEN).click()
    button = opened.dialog(BROKEN).find_element(By.CSS_SELECTOR, ".copy")
    button.click()
    opened.comes_to("['Copied', 'Selected'].includes(document.querySelector('dialog[open] .copy').textContent)", True)
    if button.text == "Selected":
        assert "--case MAP-ORDER-1" in opened.run("return String(getSelection())")


def test_the_filters_are_reached_by_key_and_outlive_the_page(opened: Page) -> None:
    everything = opened.shown()
    opened.run("document.querySelector('input[name=q]').focus()")
    opened.press(Keys.TAB, " ")
    opened.comes_to("location.hash", "#verdict=broken")
    assert opened.shown() == {BROKEN}
    opened.browser.refresh()
    assert opened.shown() == {BROKEN}
    assert opened.one(".shown output").text == "1 of 6 clauses, 1 of 10 cells"
    opened.one("button[type=reset]").click()
    opened.comes_to("location.hash", "")
    assert opened.shown() == everything


CHOSEN: dict[str, set[str]] = {
    "family=JOB": {"JOB-ONCE.fal.any", "JOB-DEDUP.fal.any"},
    "provider=spec": {HELD},
    "family=JOB&verdict=exempt": {"JOB-DEDUP.fal.any"},
    "q=map-order-3": {"MAP-ORDER.fal.any"},
    "q=WHATEVER+is+declared+works&verdict=held": {"CAP-TRUTH.fal.text_to_video", "CAP-TRUTH.fal.image_to_video"},
    "q=nobody+said+this": set(),
}


def test_an_address_says_what_is_chosen(opened: Page) -> None:
    everything = opened.shown()
    for state, cells in CHOSEN.items():
        opened.run("return new Promise((done) => { onhashchange = () => done(); location.hash = arguments[0] })", state)
        assert (state, opened.shown()) == (state, cells)
    opened.open("#family=NONE&verdict=x&open=nothing")
    assert opened.shown() == everything


def test_an_address_keeps_the_cell_that_is_open(opened: Page) -> None:
    opened.cell(HELD).click()
    opened.comes_to("location.hash", f"#open={HELD}")
    opened.browser.refresh()
    assert opened.dialog(HELD).is_displayed()
    opened.press(Keys.ESCAPE)
    opened.comes_to("location.hash", "")
    assert opened.focused() == HELD


def test_nothing_that_was_said_comes_alive(opened: Page) -> None:
    opened.cell(BROKEN).click()
    assert opened.run("return [document.images.length, document.scripts.length]") == [0, 1]
    assert opened.browser.title == "Conformance of spec, fal and acme"


def test_no_page_is_wider_than_a_phone(opened: Page) -> None:
    for state in ("", f"#open={BROKEN}"):
        opened.open(state, PHONE)
        wide = opened.run("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide == [390, 390]
        assert opened.cell(BROKEN).size["width"] <= 390
    assert "fal · reference to video" in opened.cell(BROKEN).text


def test_the_matrix_scrolls_in_its_own_box(opened: Page) -> None:
    opened.open(size=(800, 900))
    assert opened.run("return document.documentElement.scrollWidth <= innerWidth")


def test_print_shows_what_is_broken_and_nothing_else_opened(opened: Page) -> None:
    opened.open(media="print")
    broken, held = opened.dialog(BROKEN), opened.dialog(HELD)
    assert broken.is_displayed()
    assert not held.is_displayed()
    articles = broken.find_elements(By.CSS_SELECTOR, "article")
    assert [article.is_displayed() for article in articles] == [True, False]
    hidden = opened.run(
        "return [...arguments[0].querySelectorAll('pre')].filter((part) => !part.checkVisibility()).length", articles[0]
    )
    assert hidden == 0
    assert not opened.one("form.filters").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(opened: Page, scheme: str) -> None:
    for state in ("", "#verdict=broken", f"#open={BROKEN}"):
        opened.open(state, scheme=scheme)
        assert opened.run(PALE) == []


def test_everything_is_there_without_the_script(opened: Page) -> None:
    opened.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened.open()
        assert not opened.one("form.filters").is_displayed()
        opened.cell(BROKEN).click()
        assert opened.dialog(BROKEN).is_displayed()
    finally:
        opened.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_headings_and_landmarks_are_in_order(opened: Page) -> None:
    levels = opened.run(
        "return [...document.querySelectorAll('h1, h2, h3')].filter((h) => h.checkVisibility()).map((h) => h.tagName)"
    )
    assert levels[0] == "H1"
    assert levels.count("H1") == 1
    assert set(levels[1:]) <= {"H2", "H3"}
    assert opened.run("return document.querySelectorAll('main').length") == 1
    nameless = "return [...document.querySelectorAll('button, input, dialog, section, table')].filter((part) => !(%s))"
    named = "part.ariaLabel || part.textContent.trim() || part.labels?.length || part.getAttribute('aria-labelledby')"
    assert opened.run(nameless % named) == []
