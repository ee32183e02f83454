"""What the reader tells of slips: pages of one list are one, and captions decide what is read."""

from __future__ import annotations

import io
import shutil
from datetime import date
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from channels.whatsapp.reader import results_of
from channels.whatsapp.reading_child import answer, make_engine

TODAY = date(2026, 11, 20)


def page(kind: str, *names: str) -> dict[str, Any]:
    lines = [[name, "1", None, None, True] for name in names]
    return {"kind": kind, "lines": lines, "head": [], "look": "0", "stages": {"all": 1.0}}


def told(*pages: dict[str, Any]) -> list[dict[str, Any]]:
    return results_of({"code": "read", "file": "f", "readings": list(pages), "skipped": 0})


def test_pages_of_a_list_are_one_list() -> None:
    (result,) = told(page("goods", "Maggi"), page("count", "Chini"), page("order", "Surf"))
    assert (result["kind"], [line[0] for line in result["lines"]]) == ("count", ["Maggi", "Chini"])
    assert "stages" not in result


def test_a_slip_says_more_than_a_page_without_words() -> None:
    (result,) = told({"kind": "no_receipt", "look": "0"}, page("count", "Chini"))
    assert result["kind"] == "count"


def test_what_is_not_what_it_was_said_to_be_is_told() -> None:
    (result,) = told({"kind": "no_slip", "look": "0"})
    assert result["kind"] == "no_slip"


def picture(*rows: str) -> bytes:
    sheet = Image.new("RGB", (900, 80 + 70 * len(rows)), "white")
    draw = ImageDraw.Draw(sheet)
    for at, row in enumerate(rows):
        draw.text((50, 40 + 70 * at), row, fill="black", font=ImageFont.load_default(size=40))
    output = io.BytesIO()
    sheet.save(output, "PNG")
    return output.getvalue()


def read(data: bytes, wanted: str = "") -> dict[str, Any]:
    found = answer(data, make_engine(), TODAY, wanted=wanted)
    return found["readings"][0] if found["readings"] else {"kind": found["code"]}


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_a_caption_decides_what_a_page_is_read_as() -> None:
    goods = picture("Maggi 12", "Tata Salt 24", "Chini 5 kg")
    assert read(goods)["kind"] == "goods"
    for wanted in ("count", "order"):
        facts = read(goods, wanted)
        assert facts["kind"] == wanted
        assert facts["lines"][0] == ["Maggi", "12", None, None, True, True]
    assert read(goods, "card")["kind"] == "no_slip"
    assert read(goods, "bill")["kind"] in ("no_receipt", "unreadable", "receipt")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_a_bill_stays_a_bill() -> None:
    bill = picture(
        "GUPTA TRADERS",
        "TAX INVOICE",
        "Invoice No: GT-118",
        "Date: 18/11/2026",
        "Maggi      12   14.00   168.00",
        "Chini       5   44.00   220.00",
        "Grand Total        Rs. 388.00",
    )
    assert read(bill)["kind"] == "receipt"


@pytest.mark.parametrize("wanted", ["count", "order", "prices", "card"])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "wrong_type"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"%PDF-1.7\nrubbish", "damaged"),
    ],
)
def test_what_cannot_be_opened_is_refused_whatever_it_is_said_to_be(
    data: bytes, code: str, wanted: str
) -> None:
    assert read(data, wanted)["kind"] == code
