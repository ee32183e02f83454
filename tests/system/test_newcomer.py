"""What the README promises a newcomer, in the simulator's page, in a real Chromium.

BAHI_PICTURES=docs/pictures keeps what it sees as the documents' pictures.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import requests
from installation import Installation

from erp_core.kernel.clock import Clock

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
ANSWER_MS = 180_000
expect.set_options(timeout=ANSWER_MS)

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOP, OWNER = "1065", "919876500001"


@pytest.fixture(scope="module")
def demo() -> Iterator[Installation]:
    environment = {
        "BAHI_DEMO_SHOP": "demo/sharma_electronics.yml",
        # What is sold before midnight is not of the day that is asked for after it.
        "BAHI_NOW": f"{Clock().today()}T12:00:00",
    }
    with Installation(environment) as running:
        yield running


@pytest.fixture
def page(demo: Installation) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(
            viewport={"width": 1280, "height": 860},
            device_scale_factor=1.5,
            color_scheme="light",
            timezone_id="Asia/Kolkata",
        )
        page.set_default_timeout(ANSWER_MS)
        page.goto(f"http://127.0.0.1:{demo.simulator_port}/#/{SHOP}/{OWNER}")
        yield page
        browser.close()


def test_a_newcomer_runs_a_shop(demo: Installation, page: Any) -> None:
    say(page, "kitna stock hai iPhone ka", "iPhone 15: 8")

    say(page, "Ravi ke liye 2 iPhone 15 ka order le lo", "₹1,88,564")
    page.get_by_test_id("close-hints").click()
    tap(page, "Haan", "ORD-")
    product = next(one for one in demo.show(SHOP)["products"] if one["name"] == "iPhone 15")
    assert (product["stock"], product["reserved"]) == ("8", "2")

    say(page, "Ravi ka bill banao", "₹1,88,564")
    tap(page, "Haan", "INV27-")
    bill = page.get_by_test_id("document").last
    expect(bill.locator(".document-page img")).to_be_visible()
    address = f"http://127.0.0.1:{demo.simulator_port}/{bill.get_attribute('href').lstrip('/')}"
    pdf = requests.get(address, timeout=60).content
    assert "1,88,564.00" in text_of(pdf)

    say(page, "Ravi ne 50000 cash diye", "₹1,38,564")
    tap(page, "Haan", "₹1,38,564")
    picture(page, "desktop")
    ravi = next(one for one in demo.show(SHOP)["customers"] if one["name"] == "Ravi Kumar")
    assert ravi["balance"] == "138564.00"

    say(page, "kis kis ka udhaar baaki hai", "Ravi Kumar")
    say(page, "aaj ka sale batao", "₹1,88,564")
    expect(page.get_by_test_id("picture").last).to_be_visible()

    page.keyboard.press("Control+i")
    expect(page.get_by_test_id("drawer")).to_contain_text("report_request")
    picture(page, "drawer")


def say(page: Any, text: str, answer: str) -> None:
    composer = page.get_by_test_id("composer")
    composer.fill(text)
    with asking(page):
        composer.press("Enter")
    answered(page, answer)


def tap(page: Any, title: str, answer: str) -> None:
    with asking(page):
        page.get_by_test_id("reply-button").filter(has_text=title).last.click()
    answered(page, answer)


@contextmanager
def asking(page: Any) -> Iterator[None]:
    """Until what one says stands on the page, its answer would be looked for below the last one."""
    mine = page.get_by_test_id("bubble-mine")
    before = mine.count()
    yield
    expect(mine).to_have_count(before + 1)


ANSWERED = """([asked, answer]) =>
  [...document.querySelectorAll('[data-testid=bubble-theirs]')].some(
    one => asked.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
      && one.textContent.includes(answer))
"""


def answered(page: Any, answer: str) -> None:
    """Below what was asked last, a bubble of the shop holds the answer."""
    asked = page.get_by_test_id("bubble-mine").last.element_handle()
    try:
        page.wait_for_function(ANSWERED, arg=[asked, answer], timeout=ANSWER_MS)
    except sync_api.TimeoutError:
        bubbles = page.locator("[data-testid^=bubble-]").all_inner_texts()
        pytest.fail(f"no answer with {answer!r}; the last bubbles: {bubbles[-4:]}")


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("BAHI_PICTURES")
    if folder:
        page.wait_for_timeout(1200)
        page.screenshot(path=Path(folder) / f"{name}.png")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)
