"""Real pictures of a count, an order, a list of rates and a card, all the way: the signed webhook,
the reader's processes, the form or card, the books; and nothing of them is kept."""

from __future__ import annotations

import base64
import io
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from installation import Installation, text_of
from PIL import Image, ImageDraw, ImageFont
from redis import Redis
from what_is_kept import holding, in_files, in_redis, in_tables

import erp_core.invoicing
from erp_core.kernel.settings import Settings

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract"),
]

NUMBER = "7004"
OWNER = "919876500001"
CUSTOMER = "919123456789"
MARK = "QXZWMARKEN"
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Oblique.ttf"
HINDI = Path(erp_core.invoicing.__file__).parent / "fonts" / "BahiSans-Regular.ttf"
SHOP = {
    "business": {
        "name": "Slip Kirana",
        "phone_number_id": NUMBER,
        "state": "27",
        "gstin": "27AAPFU0939F1ZV",
    },
    "users": [{"name": "Sharma", "phone": OWNER, "role": "owner"}],
    "products": [
        {"name": "Maggi", "price": "14.00", "stock": "96", "unit": "packet"},
        {"name": "Tata Salt", "price": "28.00", "stock": "40", "unit": "packet"},
        {"name": "Chini", "price": "44.00", "stock": "75", "unit": "kg"},
    ],
    "customers": [{"name": "Ravi Kumar", "phone": CUSTOMER, "state": "27"}],
}


def slip(*rows: str, font: Path = FONT) -> bytes:
    """Rows on a sheet, slanting as if by hand."""
    face = ImageFont.truetype(str(font), 44)
    sheet = Image.new("RGB", (1000, 100 + 76 * len(rows)), (250, 248, 240))
    draw = ImageDraw.Draw(sheet)
    for at, row in enumerate(rows):
        draw.text((60, 50 + 76 * at), row, fill=(20, 20, 90), font=face)
    output = io.BytesIO()
    sheet.rotate(1.2, expand=True, fillcolor=(250, 248, 240), resample=3).save(output, "JPEG")
    return output.getvalue()


def send(
    installation: Installation, data: bytes, caption: str = "", *, phone: str = OWNER
) -> list[str]:
    """Send a picture; what the shop says to it."""
    image = {"data": base64.b64encode(data).decode(), "mime_type": "image/jpeg"}
    if caption:
        image["caption"] = caption
    sent = installation.call(
        "/send", {"phone_number_id": NUMBER, "from": phone, "type": "image", "image": image}
    )
    return answers(installation, str(sent["seq"]), 2, phone)


def answers(installation: Installation, after: str, count: int, phone: str) -> list[str]:
    """What the shop says after a place in the chat, as soon as there are so many messages."""
    end = time.monotonic() + 300
    path = f"/chats/{NUMBER}/{phone}/messages?after={after}&by=business&wait=5"
    found: list[dict[str, Any]] = []
    while time.monotonic() < end and len(found) < count:
        found = installation.call(path)["messages"]
    assert len(found) == count, [text_of(one) for one in found]
    return [text_of(one) for one in found]


def products(installation: Installation) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in installation.show(NUMBER)["products"]}


def missing(said: str, wanted: Sequence[str]) -> list[str]:
    return [one for one in wanted if one not in said]


@pytest.fixture(scope="module", autouse=True)
def shop(installation: Installation) -> None:
    installation.load_shop(SHOP)
    installation.call("/limits", {"window": False, "pair": False, "number": False})


def test_a_count_is_shown_before_and_after_and_written_with_a_tap(
    installation: Installation,
) -> None:
    picture = slip("Stock ginti", "Maggi 90", "Chini 70.5 kg", f"{MARK} 7")
    reading, said = send(installation, picture, "dukaan ki ginti")
    assert "Padh raha hoon" in reading
    assert missing(said, ["List me nahi mila", f"{MARK} 7", "96", "90", "75", "70.5"]) == []
    assert products(installation)["Maggi"]["stock"] == "96"
    installation.tap(OWNER, "✅ Haan")
    stocks = {name: one["stock"] for name, one in products(installation).items()}
    assert stocks == {"Maggi": "90", "Chini": "70.5", "Tata Salt": "40"}


def test_a_customer_orders_by_a_slip(installation: Installation) -> None:
    picture = slip("2 maggi", "5 kg chini")
    reading, said = send(installation, picture, "ye bhej do", phone=CUSTOMER)
    assert "Padh raha hoon" in reading
    assert missing(said, ["Maggi", "Chini", "5 kg"]) == []
    assert installation.show(NUMBER)["orders"] == []
    installation.tap(CUSTOMER, "✅ Haan")
    (order,) = installation.show(NUMBER)["orders"]
    assert (order["customer"], order["status"]) == ("Ravi Kumar", "pending")
    assert [(one["product"], one["quantity"]) for one in order["lines"]] == [
        ("Maggi", "2"),
        ("Chini", "5"),
    ]


def test_a_slip_without_a_word_is_asked_about(installation: Installation) -> None:
    _, said = send(installation, slip("Maggi 80", "Tata Salt 30"))
    assert missing(said, ["Maggi: 80", "Tata Salt: 30", "kuch nahi likhunga"]) == []
    chat = installation.call(f"/chats/{NUMBER}/{OWNER}/messages?by=business")["messages"]
    after = str(chat[-1]["seq"])
    assert "Padh raha hoon" in text_of(installation.tap(OWNER, "📋 Stock ki ginti"))
    _, said = answers(installation, after, 2, OWNER)
    assert missing(said, ["90", "80", "40", "30"]) == []
    assert products(installation)["Tata Salt"]["stock"] == "40"
    installation.tap(OWNER, "✅ Haan")
    assert products(installation)["Tata Salt"]["stock"] == "30"


def test_a_slip_in_hindi_counts_what_the_shop_calls_otherwise(installation: Installation) -> None:
    _, said = send(installation, slip("नमक 25", "मैगी 70", "मटर 4", font=HINDI), "dukaan ki ginti")
    assert (
        missing(said, ["List me nahi mila", "मटर 4", "Maggi", "80", "70", "Tata Salt", "25"]) == []
    )
    installation.tap(OWNER, "✅ Haan")
    stocks = {name: one["stock"] for name, one in products(installation).items()}
    assert (stocks["Maggi"], stocks["Tata Salt"]) == ("70", "25")


def test_rates_change_from_old_to_new(installation: Installation) -> None:
    picture = slip("RATE LIST", "Maggi 15.00", "Tata Salt Rs 28", "Oreo 30/-")
    _, said = send(installation, picture)
    assert missing(said, ["Maggi: ₹14 → *₹15*", "Baaki 1", "Oreo ₹30"]) == []
    assert products(installation)["Maggi"]["price"] == "14.00"
    installation.tap(OWNER, "✅ Rate badlo (1)")
    assert products(installation)["Maggi"]["price"] == "15.00"
    assert "Oreo" not in products(installation)


def test_a_card_becomes_a_customer(installation: Installation) -> None:
    card = slip("MEHTA TRADERS", "Anil Mehta", "Proprietor", "Mob: 98765 43210", "Pune 411001")
    _, said = send(installation, card)
    assert missing(said, ["MEHTA TRADERS", "Anil Mehta", "43210"]) == []
    assert len(installation.show(NUMBER)["customers"]) == 1
    installation.tap(OWNER, "✅ Anil Mehta")
    phones = {one["name"]: one["phone"] for one in installation.show(NUMBER)["customers"]}
    assert phones == {"Ravi Kumar": CUSTOMER, "Anil Mehta": "919876543210"}
    _, said = send(installation, card, "visiting card")
    assert "pehle se *Anil Mehta* ka hai" in said


def test_no_word_of_a_slip_is_kept_beyond_what_was_confirmed(installation: Installation) -> None:
    settings = Settings.load(installation.environment)
    assert settings.database_url
    assert settings.redis_url
    words = [MARK.lower().encode()]
    assert holding(words, in_tables(settings.database_url)) == []
    assert holding(words, in_redis(Redis.from_url(settings.redis_url))) == []
    assert holding(words, in_files(installation.data_dir)) == []
    installation.bahi("journal", "verify", NUMBER)
