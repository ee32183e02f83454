"""The page in a real Chromium, with a gateway that answers by script."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simulated import (
    ACCESS_TOKEN,
    BUTTONS,
    LIST,
    NUMBER,
    OWNER,
    RAVI,
    Gateway,
    Json,
    Simulator,
)

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Page, expect = sync_api.Page, sync_api.expect
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
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
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def shop(simulator: Simulator, gateway: Gateway) -> Simulator:
    """A shop that answers: buttons to "order", a list to "kaunsa", a bill, else an echo."""

    def answer(_: Json, message: Json) -> None:
        phone = message["from"]
        said = _words(message)
        simulator.graph({"status": "read", "message_id": message["id"]})
        if said == "order":
            simulator.answer(BUTTONS, phone)
        elif said == "kaunsa":
            simulator.answer(LIST, phone)
        elif said == "bill":
            simulator.answer({"type": "document", "document": _bill(simulator)}, phone)
        else:
            body = f"*Suna:* {said}\n_theek_ ~nahi~ ```x = 1``` https://example.com/a_b_c"
            simulator.answer({"type": "text", "text": {"body": body}}, phone)

    gateway.on_message = answer
    return simulator


@pytest.fixture
def desktop(browser: Any, shop: Simulator) -> Iterator[Any]:
    yield from _page(browser, f"{shop.url}/", viewport=DESKTOP, color_scheme="light")


@pytest.fixture
def phone(browser: Any, shop: Simulator) -> Iterator[Any]:
    yield from _page(
        browser, f"{shop.url}/", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="dark"
    )


def _page(browser: Any, url: str, **options: Any) -> Iterator[Any]:
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert problems == []


def _words(message: Json) -> str:
    if message["type"] == "text":
        return str(message["text"]["body"])
    reply = message.get("interactive", {})
    for kind in ("button_reply", "list_reply"):
        if kind in reply:
            return str(reply[kind]["title"])
    return str(message["type"])


def _bill(simulator: Simulator) -> Json:
    upload = requests.post(
        f"{simulator.url}/graph/{NUMBER}/media",
        files={"file": ("bill.pdf", one_page_pdf(), "application/pdf")},
        data={"messaging_product": "whatsapp", "type": "application/pdf"},
        headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
        timeout=60,
    )
    return {"id": upload.json()["id"], "filename": "INV27-2627-00001.pdf", "caption": "Aapka bill"}


def one_page_pdf() -> bytes:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=20)
    pdf.cell(0, 10, "TAX INVOICE")
    return bytes(pdf.output())


def say(page: Any, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.keyboard.press("Enter")


def last(page: Any, side: str = "theirs") -> Any:
    return page.get_by_test_id(f"bubble-{side}").last


def test_type_and_see_the_reply_formatted(desktop: Any) -> None:
    say(desktop, "maggi कितनी है?")
    expect(last(desktop, "mine")).to_contain_text("maggi कितनी है?")
    reply = last(desktop).get_by_test_id("text")
    expect(reply.locator("strong")).to_have_text("Suna:")
    expect(reply.locator("em")).to_have_text("theek")
    expect(reply.locator("s")).to_have_text("nahi")
    expect(reply.locator(".mono")).to_have_text("x = 1")
    expect(reply.locator("a")).to_have_attribute("href", "https://example.com/a_b_c")
    ticks = last(desktop, "mine").locator(".ticks")
    expect(ticks).to_have_attribute("data-status", "read")


def test_markup_in_a_message_is_only_text(desktop: Any) -> None:
    say(desktop, "<img src=x onerror=alert(1)> *<b>x</b>*")
    expect(last(desktop)).to_contain_text("<img src=x onerror=alert(1)>")
    assert desktop.locator(".messages img[src=x]").count() == 0


def test_tap_a_button(desktop: Any, gateway: Gateway) -> None:
    say(desktop, "order")
    desktop.get_by_test_id("reply-button").filter(has_text="Haan").click()
    expect(last(desktop, "mine")).to_contain_text("Order pakka karein?")
    expect(last(desktop, "mine").get_by_test_id("text")).to_have_text("Haan")
    expect(last(desktop)).to_contain_text("Suna: Haan")
    assert gateway.messages()[-1]["interactive"]["button_reply"] == {"id": "b1", "title": "Haan"}


def test_choose_from_a_list_by_mouse_and_by_keys(desktop: Any, gateway: Gateway) -> None:
    say(desktop, "kaunsa")
    desktop.get_by_test_id("open-list").click()
    expect(desktop.get_by_test_id("send-list")).to_be_disabled()
    desktop.get_by_test_id("list-row").filter(has_text="iPhone 15 Pro").click()
    desktop.get_by_test_id("send-list").click()
    expect(last(desktop)).to_contain_text("Suna: iPhone 15 Pro")
    desktop.get_by_test_id("open-list").click()
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("ArrowUp")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_test_id("list-sheet")).to_have_count(0)
    gateway.wait_for(lambda: len(gateway.messages()) == 3)
    assert gateway.messages()[-1]["interactive"]["list_reply"]["id"] == "r1"


def test_a_bill_shows_its_first_page_and_opens(desktop: Any, shop: Simulator) -> None:
    say(desktop, "bill")
    card = desktop.get_by_test_id("document")
    expect(card).to_contain_text("INV27-2627-00001.pdf")
    expect(card.locator(".document-page img")).to_be_visible()
    expect(card).to_contain_text("1 page")
    answer = requests.get(
        f"{desktop.url.split('#')[0]}{card.get_attribute('href')[1:]}", timeout=60
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == one_page_pdf() or answer.content.startswith(b"%PDF")


def test_send_a_photo_with_a_caption(desktop: Any, gateway: Gateway, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "receipt.png"
    Image.new("RGB", (60, 40), "white").save(picture)
    desktop.get_by_test_id("file-input").set_input_files(str(picture))
    desktop.get_by_test_id("caption").fill("chai 60")
    desktop.keyboard.press("Enter")
    gateway.wait_for(gateway.messages)
    assert gateway.messages()[0]["image"]["caption"] == "chai 60"
    desktop.get_by_test_id("picture").click()
    expect(desktop.get_by_test_id("lightbox")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.get_by_test_id("lightbox")).to_have_count(0)


def test_switch_phones_by_keys(desktop: Any) -> None:
    expect(desktop.get_by_test_id("holding")).to_contain_text("Owner")
    desktop.keyboard.press("Control+k")
    desktop.get_by_test_id("switcher").fill("ravi")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_test_id("holding")).to_contain_text("Ravi Kumar")
    assert desktop.url.endswith(f"#/{NUMBER}/{RAVI}")


def test_a_message_elsewhere_counts_as_unread(desktop: Any, shop: Simulator) -> None:
    expect(desktop.get_by_test_id("holding")).to_contain_text("Owner")
    shop.say("hello", RAVI)
    badge = desktop.get_by_test_id(f"unread-{RAVI}")
    expect(badge).to_have_text("1")
    desktop.get_by_test_id(f"chat-{RAVI}").click()
    expect(badge).to_have_count(0)


def test_read_waits_until_somebody_looks(desktop: Any, shop: Simulator, gateway: Gateway) -> None:
    expect(desktop.get_by_test_id("holding")).to_contain_text("Owner")
    shop.say("hello", RAVI)
    gateway.wait_for(lambda: len(gateway.statuses()) == 2)
    assert [status["status"] for status in gateway.statuses()] == ["sent", "delivered"]
    desktop.get_by_test_id(f"chat-{RAVI}").click()
    gateway.wait_for(lambda: len(gateway.statuses()) == 3)
    assert gateway.statuses()[-1]["status"] == "read"


def test_the_drawer_shows_what_happened(desktop: Any, shop: Simulator) -> None:
    say(desktop, "order")
    expect(desktop.get_by_test_id("reply-button")).to_have_count(2)
    wamid = desktop.get_by_test_id("message").first.get_attribute("data-wamid")
    desktop.keyboard.press("Control+i")
    shop.control(
        "traces",
        {
            "wamid": wamid,
            "intent": "order_create",
            "confidence": 0.93,
            "ranking": [
                {"name": "order_create", "confidence": 0.93},
                {"name": "order_modify", "confidence": 0.05},
            ],
            "entities": [{"entity": "product", "value": "order", "start": 0, "end": 5}],
            "events": [{"seq": 41, "kind": "order.created", "entity": "o-1"}],
            "actions": ["action_order", "action_listen"],
            "responses": ["utter_order"],
            "milliseconds": 37.2,
        },
    )
    drawer = desktop.get_by_test_id("drawer")
    expect(drawer.get_by_test_id("trace-intent")).to_contain_text("order_create")
    expect(drawer).to_contain_text("93 % sure")
    expect(drawer.locator("mark")).to_have_text("order")
    expect(drawer).to_contain_text("or order_modify 5 %")
    expect(drawer).to_contain_text("order.created")
    expect(drawer).to_contain_text("utter_order")
    expect(drawer).to_contain_text("37 ms")
    expect(drawer).not_to_contain_text("action_listen")
    desktop.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_arrow_up_recalls_and_hints_fill(desktop: Any) -> None:
    say(desktop, "pehla sandesh")
    composer = desktop.get_by_test_id("composer")
    expect(composer).to_have_value("")
    expect(last(desktop, "mine")).to_contain_text("pehla sandesh")
    composer.press("ArrowUp")
    expect(composer).to_have_value("pehla sandesh")
    hint = desktop.get_by_test_id("hint").first
    hint.click()
    expect(composer).to_have_value(hint.locator("b").inner_text())
    desktop.get_by_test_id("close-hints").click()
    expect(desktop.get_by_test_id("hints")).to_have_count(0)


def test_react_and_quote(desktop: Any, gateway: Gateway) -> None:
    say(desktop, "hi")
    expect(last(desktop)).to_contain_text("Suna: hi")
    last(desktop).hover()
    desktop.get_by_test_id("smile-message").last.click()
    desktop.get_by_label("React 👍").click()
    expect(desktop.get_by_test_id("reactions")).to_have_text("👍")
    desktop.get_by_test_id("message").filter(has_text="Suna: hi").hover()
    desktop.get_by_test_id("message").filter(has_text="Suna: hi").get_by_test_id(
        "reply-message"
    ).click()
    say(desktop, "haan wahi")
    gateway.wait_for(lambda: any("context" in message for message in gateway.messages()))
    expect(desktop.get_by_test_id("bubble-mine").last.locator(".quote")).to_contain_text("Suna")


def test_dark_follows_the_system_and_the_toggle(desktop: Any, phone: Any) -> None:
    theme = "document.documentElement.dataset.theme"
    assert desktop.evaluate(theme) == "light"
    assert phone.evaluate(theme) == "dark"
    desktop.locator(".rail").get_by_test_id("theme").click()
    assert desktop.evaluate(theme) == "dark"
    desktop.reload()
    assert desktop.evaluate(theme) == "dark"


def test_a_phone_has_one_pane_and_a_way_back(phone: Any) -> None:
    expect(phone.get_by_test_id("chat-list")).to_be_visible()
    expect(phone.get_by_test_id("composer")).to_have_count(0)
    phone.get_by_test_id(f"chat-{OWNER}").tap()
    expect(phone.get_by_test_id("chat-list")).to_be_hidden()
    say(phone, "order")
    expect(phone.get_by_test_id("reply-button")).to_have_count(2)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    phone.get_by_test_id("back").tap()
    expect(phone.get_by_test_id("chat-list")).to_be_visible()


def test_a_new_number(desktop: Any, gateway: Gateway) -> None:
    desktop.get_by_test_id("new-number").click()
    expect(desktop.get_by_test_id("holding")).to_contain_text("Stranger")
    say(desktop, "hello")
    gateway.wait_for(gateway.messages)
    assert gateway.messages()[0]["from"].startswith("9190")


def test_the_page_says_when_the_gateway_is_away(desktop: Any, gateway: Gateway) -> None:
    expect(desktop.get_by_test_id("composer")).to_be_visible()
    gateway.answers = [503] * 1_000
    say(desktop, "koi hai?")
    expect(desktop.get_by_test_id("banner")).to_contain_text("answered 503")
    gateway.answers = []
    expect(desktop.get_by_test_id("banner")).to_have_count(0)
    expect(last(desktop)).to_contain_text("Suna: koi hai?")


def test_set_up_shows_until_ready(desktop: Any, data_dir: Path) -> None:
    progress = data_dir / "progress.json"
    steps = [
        {"name": "Python packages", "state": "done", "detail": "", "percent": 100},
        {"name": "Database", "state": "running", "detail": "starting", "percent": 40},
        {"name": "Model", "state": "waiting", "detail": "", "percent": 0},
    ]
    try:
        progress.write_text(json.dumps({"steps": steps, "ready": False}))
        desktop.reload()
        setup = desktop.get_by_test_id("setup")
        expect(setup).to_contain_text("Database")
        expect(setup.locator('li[data-state="running"] .bar i')).to_have_attribute(
            "style", re.compile("width: ?40%")
        )
        progress.write_text(json.dumps({"steps": steps, "ready": True}))
        expect(setup).to_have_count(0)
    finally:
        progress.unlink()
