"""A photo of a bill, all the way: the webhook, the reader's processes, the card, the books; and
whatever dies on the way, each photo is told once."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import zxingcpp
from hostile_files import LOCKED, moving, png
from installation import Installation, text_of
from PIL import Image
from redis import Redis
from sheets import MARK, bill, bill_lines, coded, desk, pdf, saved, sheet, square, token
from what_is_kept import holding, in_files, in_redis, in_tables

from erp_core.kernel.money import inr
from erp_core.kernel.settings import Settings

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract"),
]

NUMBER = "7003"
OWNER = "919876500001"
PARTNER = "919876500002"
"""Beside the owner: to one person WhatsApp lets but forty messages out without a pause."""

CUSTOMER = "919123456789"
SHOP = {
    "business": {
        "name": "Photo Kirana",
        "phone_number_id": NUMBER,
        "state": "27",
        "gstin": "27AAPFU0939F1ZV",
    },
    "users": [
        {"name": "Sharma", "phone": OWNER, "role": "owner"},
        {"name": "Mehta", "phone": PARTNER, "role": "owner"},
    ],
    "products": [
        {"name": "Parle-G", "sku": "8901719110108", "price": "10.00", "stock": "48"},
        {"name": "Maggi", "price": "14.00", "stock": "20"},
    ],
    "customers": [{"name": "Ravi Kumar", "phone": CUSTOMER, "state": "27"}],
}
AT_MOST = 3
"""So many files may wait here; what comes past them is put off."""


def send(
    installation: Installation, data: bytes, *, document: bool = False, phone: str = OWNER
) -> str:
    """Send a file; the place in the chat after which its answers come."""
    kind = "document" if document else "image"
    content = {
        "data": base64.b64encode(data).decode(),
        "mime_type": "application/pdf" if document else "image/jpeg",
        "filename": "bill",
    }
    sent = installation.call(
        "/send", {"phone_number_id": NUMBER, "from": phone, "type": kind, kind: content}
    )
    return str(sent["seq"])


def answers(
    installation: Installation, after: str, count: int, *, phone: str = OWNER
) -> list[dict[str, Any]]:
    """What the shop says after a place in the chat, as soon as there are so many."""
    end = time.monotonic() + 300
    path = f"/chats/{NUMBER}/{phone}/messages?after={after}&by=business&wait=5"
    found: list[dict[str, Any]] = []
    while time.monotonic() < end and len(found) < count:
        found = installation.call(path)["messages"]
    assert len(found) == count, [text_of(one) for one in found]
    return found


def read(
    installation: Installation, data: bytes, *, document: bool = False, phone: str = OWNER
) -> str:
    """Send a file; what the shop says once it has been read."""
    after = send(installation, data, document=document, phone=phone)
    reading, told = answers(installation, after, 2, phone=phone)
    assert "Padh raha hoon" in text_of(reading)
    return text_of(told)


def missing(said: str, wanted: Sequence[str]) -> list[str]:
    return [one for one in wanted if one not in said]


def expenses(installation: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = installation.show(NUMBER)["expenses"]
    return found


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with Installation({"BAHI_READING_BOUND": str(AT_MOST)}) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def shop(installation: Installation) -> None:
    installation.load_shop(SHOP)
    installation.call("/limits", {"window": False, "pair": False, "number": False})


def test_a_photo_becomes_an_expense_with_one_tap(installation: Installation) -> None:
    said = read(installation, bill("GP-118", 1180))
    assert "GUPTA PACKAGING" in said.upper()
    assert "₹1,180" in said
    while "Sahi hai?" not in said:
        said = text_of(installation.tap(OWNER, 0))
    done = installation.tap(OWNER, "✅ Sahi hai")
    assert "₹1,180* kharcha likh diya" in text_of(done)
    (expense,) = expenses(installation)
    assert (expense["amount"], expense["confirmed"]) == ("1180.00", True)
    installation.bahi("journal", "verify", NUMBER)


def test_the_same_bill_photographed_again_is_asked_about(installation: Installation) -> None:
    known = "pehle se likha lagta hai: 18-11-2026, "
    assert known + "₹1,180" in read(installation, bill("GP-118", 1180, quality=60))
    assert "nahi likha" in text_of(installation.tap(OWNER, "🚫 Kharcha nahi"))
    assert known not in read(installation, bill("GP-119", 2950))
    changed = text_of(installation.say(OWNER, "dukaan Mehta Papers, bill number MP/30"))
    assert missing(changed, ["Mehta Papers", "MP/30"]) == []
    installation.tap(OWNER, "✅ Sahi hai")
    # Neither name nor number says that it is the same: only its looks do.
    assert known + "₹2,950" in read(installation, bill("GP-119", 2950, quality=60))
    installation.tap(OWNER, "🚫 Kharcha nahi")
    assert [one["amount"] for one in expenses(installation)] == ["1180.00", "2950.00"]


HOSTILE = {
    "a bomb": (png(30_000, 30_000), "bahut badi"),
    "a drawing that runs scripts": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPG, PNG"),
    "a program before a picture": (b"PK\x03\x04" + bill("X", 500), "JPG, PNG"),
    "a moving picture": (moving("WEBP"), "Hilti hui"),
    "a PDF with a password": (LOCKED, "password"),
    "a photo cut short": (bill("X", 500)[:2_000], "adhuri"),
}


def test_what_cannot_be_read_is_said_kindly_and_nothing_is_written(
    installation: Installation,
) -> None:
    before = len(expenses(installation))
    for data, wanted in HOSTILE.values():
        after = send(installation, data, document=data == LOCKED)
        told = text_of(answers(installation, after, 1 if wanted == "JPG, PNG" else 2)[-1])
        assert wanted in told
    behind = bill("X", 590) + b"PK\x03\x04<script>alert(1)</script>"
    assert "₹590" in read(installation, behind)
    installation.tap(OWNER, "🚫 Kharcha nahi")
    assert len(expenses(installation)) == before


def test_a_screenshot_of_a_payment_is_no_payment(installation: Installation) -> None:
    screen = saved(
        sheet(
            "₹500",
            "Paid to Photo Kirana",
            "Completed",
            "18 Nov 2026, 4:12 pm",
            "UPI transaction ID",
            "432198765012",
            "From: Ravi Kumar, Google Pay",
            "ravi@okaxis",
        )
    )
    before = installation.show(NUMBER)
    told = read(installation, screen)
    assert missing(told, ["screenshot paisa nahi hota", "Ravi ne 500 diye"]) == []
    assert "khata nahi badalta" in read(installation, screen, phone=CUSTOMER)
    assert installation.show(NUMBER) == before


def test_each_bill_of_a_long_pdf_is_told_and_what_was_not_read(installation: Installation) -> None:
    rows = bill_lines("GP-301", 5_900)
    empty = Image.new("RGB", (300, 200), "white")
    pages = [
        sheet(*rows[:8]),
        sheet(rows[4], *rows[8:]),
        sheet(*bill_lines("GP-302", 7_080)),
        *[empty] * 9,
    ]
    after = send(installation, pdf(pages), document=True)
    said = [text_of(one) for one in answers(installation, after, 3)]
    assert missing(said[1], ["GP-301", "₹5,900"]) == []
    assert missing(said[2], ["GP-302", "₹7,080", "2 panne nahi padhe"]) == []


def test_a_bill_of_goods_is_a_purchase_once_it_is_tapped(installation: Installation) -> None:
    goods = sheet(
        "LAXMI AGENCIES",
        "12 Market Road, Pune 411001",
        "BILL OF SUPPLY",
        "Bill No: LA-41",
        "Date: 18/11/2026",
        "Item          Qty    Rate      Amount",
        "Parle-G        24    8.00      192.00",
        "Maggi          10   12.00      120.00",
        "Grand Total    Rs. 312.00",
        "Thank you, visit again",
    )
    said = read(installation, saved(goods))
    while "Sahi hai?" not in said:
        said = text_of(installation.tap(OWNER, 0))
    asked = text_of(installation.tap(OWNER, "📦 Maal kharida"))
    assert missing(asked, ["Parle-G: 24", "Maggi: 10", "LA-41", "₹312"]) == [], asked
    stocks = {one["name"]: one["stock"] for one in installation.show(NUMBER)["products"]}
    assert stocks == {"Parle-G": "48", "Maggi": "20"}
    installation.tap(OWNER, "📒 Udhaar par")
    stocks = {one["name"]: one["stock"] for one in installation.show(NUMBER)["products"]}
    assert stocks == {"Parle-G": "72", "Maggi": "30"}


def test_what_a_bill_has_that_the_shop_has_not_is_added_or_left_out(
    installation: Installation,
) -> None:
    goods = sheet(
        "LAXMI AGENCIES",
        "12 Market Road, Pune 411001",
        "BILL OF SUPPLY",
        "Bill No: LA-52",
        "Date: 18/11/2026",
        "Item          Qty    Rate      Amount",
        "Parle-G        10    8.00       80.00",
        "Oreo           24   25.00      600.00",
        "Sprite         12   15.00      180.00",
        "Grand Total    Rs. 860.00",
        "Thank you, visit again",
    )
    before = {one["name"]: one["stock"] for one in installation.show(NUMBER)["products"]}
    said = read(installation, saved(goods))
    while "Sahi hai?" not in said:
        said = text_of(installation.tap(OWNER, 0))
    asked = text_of(installation.tap(OWNER, "📦 Maal kharida"))
    assert missing(asked, ["List me mile: Parle-G", "Oreo: 24", "Sprite: 12"]) == []
    assert {one["name"]: one["stock"] for one in installation.show(NUMBER)["products"]} == before
    installation.tap(OWNER, "➕ Naye jodo (2)")
    shown = text_of(installation.say(OWNER, "30 20"))
    assert missing(shown, ["Parle-G: 10", "Oreo: 24", "Sprite: 12", "₹860"]) == []
    installation.tap(OWNER, "📒 Udhaar par")
    products = {one["name"]: one for one in installation.show(NUMBER)["products"]}
    assert products["Oreo"]["stock"] == "24"
    assert products["Sprite"]["price"] == "20.00"
    assert int(products["Parle-G"]["stock"]) == int(before["Parle-G"]) + 10
    installation.bahi("journal", "verify", NUMBER)


def test_past_so_many_waiting_a_photo_is_put_off_and_read_later(
    installation: Installation,
) -> None:
    totals = [5_900 + 118 * place for place in range(AT_MOST + 1)]
    with installation.held("reader"):
        after = ""
        for place, total in enumerate(totals):
            sent = send(installation, bill(f"GP-40{place}", total), phone=PARTNER)
            after = after or sent
            said = answers(installation, after, place + 1, phone=PARTNER)
        assert "thodi der me padhunga" in text_of(said[-1])
    told = [text_of(one) for one in answers(installation, after, 2 * len(totals), phone=PARTNER)]
    cards = told[len(totals) :]
    # Several are read at once where there are the cores for it, so they come in any order.
    found = [sum(inr(100 * total) in card for card in cards) for total in totals]
    assert found == [1] * len(totals)


def test_a_bill_is_changed_by_writing_and_corrected_when_it_is_written(
    installation: Installation,
) -> None:
    assert "🧾" in read(installation, bill("GP-150", 2360), phone=PARTNER)
    changed = installation.say(
        PARTNER, "total 2400 hai, category stationery, dukaan Mehta Papers aur GST nahi hai"
    )
    while "Sahi hai?" not in text_of(changed):
        changed = installation.tap(PARTNER, 0)
    said = text_of(changed)
    assert [one for one in ("₹2,400", "stationery", "Mehta Papers") if one not in said] == []
    assert "CGST" not in said
    installation.tap(PARTNER, "✅ Sahi hai")
    assert "Kya badalna hai" in text_of(installation.tap(PARTNER, "✏️ Badlo"))
    assert "MP/9" in text_of(installation.say(PARTNER, "bill number MP/9, total 2500 hai"))
    assert "Bill theek kar diya" in text_of(installation.tap(PARTNER, "✅ Sahi hai"))
    amounts = [one["amount"] for one in expenses(installation) if one["vendor"] == "Mehta Papers"]
    assert amounts == ["2950.00", "2500.00"]
    installation.bahi("journal", "verify", NUMBER)


def test_each_of_several_bills_in_one_photo_is_told(installation: Installation) -> None:
    before = len(expenses(installation))
    after = send(installation, desk(bill("GP-201", 3_540), bill("GP-202", 4_720)), phone=PARTNER)
    said = [text_of(one) for one in answers(installation, after, 3, phone=PARTNER)]
    assert ["GP-201" in said[1], "GP-202" in said[2]] == [True, True]
    assert ["₹3,540" in said[1], "₹4,720" in said[2]] == [True, True]
    assert len(expenses(installation)) == before


def test_a_code_tells_what_it_is_of(installation: Installation) -> None:
    barcode = zxingcpp.create_barcode("8901719110108", zxingcpp.BarcodeFormat.EAN13)
    strokes = Image.fromarray(np.asarray(barcode.to_image(scale=4)))
    pack = coded(strokes, "PARLE-G", "MRP Rs. 10.00 incl. of all taxes", "Batch No. B12")
    assert "*Parle-G*: ₹10, stock " in read(installation, pack, phone=PARTNER)
    stand = coded(square("upi://pay?pa=gupta@okaxis&pn=Gupta Store"), "Scan and pay with any app")
    assert "*Gupta Store* (gupta@okaxis)" in read(installation, stand, phone=PARTNER)


def test_the_signed_code_of_an_e_invoice_says_what_print_does_not(
    installation: Installation,
) -> None:
    code = square(
        token(
            SellerGstin="27AAACG1234F1Z4",
            BuyerGstin="27AAPFU0939F1ZV",
            DocNo="GP/777",
            DocDt="18/11/2026",
            TotInvVal=8260,
        ),
        scale=5,
    )
    paper = sheet(*(row for row in bill_lines("", 8_260) if not row.startswith(("Inv", "Date"))))
    whole = Image.new("RGB", (900, paper.height + code.height), "white")
    whole.paste(paper, (0, 0))
    whole.paste(code, (100, paper.height))
    said = read(installation, saved(whole, quality=95), phone=PARTNER)
    assert missing(said, ["GP/777", "18-11-2026", "₹8,260", "Sahi hai?"]) == []
    installation.tap(PARTNER, "🚫 Kharcha nahi")


def test_photos_are_told_once_each_though_their_readers_are_killed(
    installation: Installation,
) -> None:
    after = send(installation, bill("K-0", 2_000), phone=PARTNER)
    for place in range(1, 5):
        send(installation, bill(f"K-{place}", 2_000 + place * 100), phone=PARTNER)
    for victim in ("reader", "worker", "reader"):
        time.sleep(2)
        while not installation.kill(victim):
            time.sleep(0.1)
    end = time.monotonic() + 300
    cards: list[str] = []
    path = f"/chats/{NUMBER}/{PARTNER}/messages?after={after}&by=business"
    while time.monotonic() < end and len(cards) < 5:
        time.sleep(1)
        said = [text_of(one) for one in installation.call(path)["messages"]]
        cards = [one for one in said if "🧾" in one]
    time.sleep(5)
    said = [text_of(one) for one in installation.call(path)["messages"]]
    cards = [one for one in said if "🧾" in one]
    assert len(cards) == 5
    assert all(any(f"₹2,{place}00" in one for one in cards) for place in range(5))


def test_no_word_of_a_bill_is_kept_beyond_what_was_confirmed(installation: Installation) -> None:
    settings = Settings.load(installation.environment)
    assert settings.database_url
    assert settings.redis_url
    words = [MARK.lower().encode()]
    assert holding(words, in_tables(settings.database_url)) == []
    assert holding(words, in_redis(Redis.from_url(settings.redis_url))) == []
    assert holding(words, in_files(installation.data_dir)) == []
    left = [path for path in (installation.data_dir / "reading").rglob("*") if path.is_file()]
    assert left == []
