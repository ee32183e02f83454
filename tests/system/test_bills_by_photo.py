"""A photo of a bill, all the way: the webhook, the reader's processes, the card, the books; and
whatever dies on the way, each photo is told once."""

from __future__ import annotations

import base64
import io
import shutil
import time
from typing import Any

import numpy as np
import pytest
import segno
import zxingcpp
from installation import Installation, text_of
from PIL import Image, ImageDraw, ImageFont
from redis import Redis
from what_is_kept import holding, in_files, in_redis, in_tables

from erp_core.kernel.settings import Settings

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract"),
]

NUMBER = "7003"
OWNER = "919876500001"
MARK = "ZQXWMARKED"
SHOP = {
    "business": {
        "name": "Photo Kirana",
        "phone_number_id": NUMBER,
        "state": "27",
        "gstin": "27AAPFU0939F1ZV",
    },
    "users": [{"name": "Sharma", "phone": OWNER, "role": "owner"}],
    "products": [
        {"name": "Parle-G", "sku": "8901719110108", "price": "10.00", "stock": "48"},
    ],
    "customers": [],
}


def bill(number: str, total: int, *, kind: str = "JPEG") -> bytes:
    """A clean bill; its items hold a word that must not be kept."""
    taxable = total * 100 // 118
    half = (total - taxable) // 2
    lines = (
        "GUPTA PACKAGING CO",
        "12 Market Road, Pune 411001",
        "GSTIN: 27AAACG1234F1Z4",
        "TAX INVOICE",
        f"Invoice No: {number}",
        "Date: 18/11/2026",
        "GSTIN of buyer: 27AAPFU0939F1ZV",
        f"{MARK} Carton      1   {taxable}.00   {taxable}.00",
        f"Sub Total          {taxable}.00",
        f"CGST 9%          {half}.00",
        f"SGST 9%          {half}.00",
        f"Grand Total    Rs. {total}.00",
        "Thank you, visit again",
    )
    font = ImageFont.load_default(size=32)
    sheet = Image.new("RGB", (900, 60 + 50 * len(lines)), "white")
    draw = ImageDraw.Draw(sheet)
    for place, line in enumerate(lines):
        draw.text((50, 30 + 50 * place), line, fill="black", font=font)
    output = io.BytesIO()
    sheet.save(output, kind)
    return output.getvalue()


def desk(*bills: bytes) -> bytes:
    """Bills beside one another on a dark desk."""
    sheets = [Image.open(io.BytesIO(one)) for one in bills]
    high = max(one.height for one in sheets)
    photo = Image.new("RGB", (100 + sum(one.width + 100 for one in sheets), high + 200), "#463228")
    left = 100
    for one in sheets:
        photo.paste(one, (left, 100))
        left += one.width + 100
    output = io.BytesIO()
    photo.save(output, "JPEG", quality=92)
    return output.getvalue()


def coded(code: Any, *lines: str) -> bytes:
    """A photo of a code with some words below it."""
    sheet = Image.new("RGB", (900, 700), "white")
    sheet.paste(code, (150, 40))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=32)
    for place, line in enumerate(lines):
        draw.text((150, 460 + 50 * place), line, fill="black", font=font)
    output = io.BytesIO()
    sheet.save(output, "JPEG", quality=95)
    return output.getvalue()


def send(installation: Installation, data: bytes, *, document: bool = False) -> str:
    """Send a file; the place in the chat after which its answers come."""
    kind = "document" if document else "image"
    content = {
        "data": base64.b64encode(data).decode(),
        "mime_type": "application/pdf" if document else "image/jpeg",
        "filename": "bill",
    }
    sent = installation.call(
        "/send", {"phone_number_id": NUMBER, "from": OWNER, "type": kind, kind: content}
    )
    return str(sent["seq"])


def answers(installation: Installation, after: str, count: int) -> list[dict[str, Any]]:
    """What the shop says after a place in the chat, as soon as there are so many."""
    end = time.monotonic() + 300
    path = f"/chats/{NUMBER}/{OWNER}/messages?after={after}&by=business&wait=5"
    found: list[dict[str, Any]] = []
    while time.monotonic() < end and len(found) < count:
        found = installation.call(path)["messages"]
    assert len(found) == count, [text_of(one) for one in found]
    return found


@pytest.fixture(scope="module", autouse=True)
def shop(installation: Installation) -> None:
    installation.load_shop(SHOP)
    installation.call("/limits", {"window": False, "pair": False, "number": False})


def test_a_photo_becomes_an_expense_with_one_tap(installation: Installation) -> None:
    at = send(installation, bill("GP-118", 1180))
    reading, card = answers(installation, at, 2)
    assert "Padh raha hoon" in text_of(reading)
    said = text_of(card)
    assert "GUPTA PACKAGING" in said.upper()
    assert "₹1,180" in said
    while "Sahi hai?" not in said:
        card = installation.tap(OWNER, 0)
        said = text_of(card)
    done = installation.tap(OWNER, "✅ Sahi hai")
    assert "₹1,180* kharcha likh diya" in text_of(done)
    (expense,) = installation.show(NUMBER)["expenses"]
    assert (expense["amount"], expense["confirmed"]) == ("1180.00", True)
    installation.bahi("journal", "verify", NUMBER)


def test_what_is_no_bill_is_said_kindly_and_nothing_is_written(installation: Installation) -> None:
    for data, wanted in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "JPG, PNG"),
        (bill("X", 500)[:2_000], "adhuri"),
    ):
        at = send(installation, data)
        count = 1 if data.startswith(b"<") else 2
        assert wanted in text_of(answers(installation, at, count)[-1])
    assert len(installation.show(NUMBER)["expenses"]) == 1


def test_a_bill_is_changed_by_writing_and_corrected_when_it_is_written(
    installation: Installation,
) -> None:
    card = answers(installation, send(installation, bill("GP-119", 2360)), 2)[-1]
    assert "🧾" in text_of(card)
    changed = installation.say(
        OWNER, "total 2400 hai, category stationery, dukaan Mehta Papers aur GST nahi hai"
    )
    while "Sahi hai?" not in text_of(changed):
        changed = installation.tap(OWNER, 0)
    said = text_of(changed)
    assert [one for one in ("₹2,400", "stationery", "Mehta Papers") if one not in said] == []
    assert "CGST" not in said
    installation.tap(OWNER, "✅ Sahi hai")
    assert "Kya badalna hai" in text_of(installation.tap(OWNER, "✏️ Badlo"))
    assert "MP/9" in text_of(installation.say(OWNER, "bill number MP/9, total 2500 hai"))
    assert "Bill theek kar diya" in text_of(installation.tap(OWNER, "✅ Sahi hai"))
    expenses = installation.show(NUMBER)["expenses"]
    assert [one["amount"] for one in expenses if one["vendor"] == "Mehta Papers"] == ["2500.00"]
    installation.bahi("journal", "verify", NUMBER)


def test_each_of_several_bills_in_one_photo_is_told(installation: Installation) -> None:
    after = send(installation, desk(bill("GP-201", 3_540), bill("GP-202", 4_720)))
    said = [text_of(one) for one in answers(installation, after, 3)]
    assert ["GP-201" in said[1], "GP-202" in said[2]] == [True, True]
    assert ["₹3,540" in said[1], "₹4,720" in said[2]] == [True, True]
    assert len(installation.show(NUMBER)["expenses"]) == 2


def test_a_code_tells_what_it_is_of(installation: Installation) -> None:
    barcode = zxingcpp.create_barcode("8901719110108", zxingcpp.BarcodeFormat.EAN13)
    strokes = Image.fromarray(np.asarray(barcode.to_image(scale=4)))
    pack = coded(strokes, "PARLE-G", "MRP Rs. 10.00 incl. of all taxes", "Batch No. B12")
    said = text_of(answers(installation, send(installation, pack), 2)[-1])
    assert "*Parle-G*: ₹10, stock 48" in said
    square = io.BytesIO()
    segno.make("upi://pay?pa=gupta@okaxis&pn=Gupta Store").save(square, kind="png", scale=10)
    stand = coded(Image.open(square), "Scan and pay with any UPI app")
    said = text_of(answers(installation, send(installation, stand), 2)[-1])
    assert "*Gupta Store* (gupta@okaxis)" in said


def test_photos_are_told_once_each_though_their_readers_are_killed(
    installation: Installation,
) -> None:
    after = send(installation, bill("K-0", 2_000))
    for place in range(1, 5):
        send(installation, bill(f"K-{place}", 2_000 + place * 100))
    for victim in ("reader", "worker", "reader"):
        time.sleep(2)
        while not installation.kill(victim):
            time.sleep(0.1)
    end = time.monotonic() + 300
    cards: list[str] = []
    path = f"/chats/{NUMBER}/{OWNER}/messages?after={after}&by=business"
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
