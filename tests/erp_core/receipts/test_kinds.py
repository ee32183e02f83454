"""What is no bill is said to be none, and a payment screenshot is never a payment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import cv2
import numpy as np

from erp_core.receipts import picture
from erp_core.receipts.reading import read_image, read_pages

if TYPE_CHECKING:
    from tests.erp_core.receipts.conftest import Typed

TODAY = date(2026, 11, 20)


def test_a_payment_screenshot(typed: Typed) -> None:
    reading = read_pages(
        [
            typed(
                "Google Pay\nTo Sharma Electricals\n₹1,250.00\nCompleted\n2 Nov 2026, 4:12 pm\n"
                "UPI transaction ID\n431523456789\nTo: sharma@okaxis\nFrom: Ravi"
            )
        ],
        today=TODAY,
    )
    assert reading.kind == "payment_screenshot"
    assert (reading.total_paise.value, reading.total_paise.ask) == (125000, True)
    assert (reading.on.value, reading.on.ask) == (date(2026, 11, 2), True)


def test_words_without_a_bill(typed: Typed) -> None:
    page = typed("Happy Diwali to all of you\nfrom the whole family\nwith love and sweets")
    assert read_pages([page], today=TODAY).kind == "no_receipt"


def test_a_note_that_speaks_of_a_bill_is_none(typed: Typed) -> None:
    page = typed("Kal 10 baje bank jana hai\nLight bill bharna\nRavi ko phone")
    assert read_pages([page], today=TODAY).kind == "no_receipt"


def test_nothing_to_read(typed: Typed) -> None:
    assert read_pages([typed("a")], today=TODAY).kind == "no_receipt"


class Silent:
    name = "silent"

    def words(self, _image: object, _languages: object) -> list[object]:
        return []


def test_what_is_no_picture_is_unreadable() -> None:
    for data in (b"", b"nonsense", b"\xff\xd8\xff\xe0" + b"\0" * 50):
        assert read_image(data, engine=Silent(), today=TODAY).kind == "unreadable"  # type: ignore[arg-type]


def test_a_picture_without_words_is_no_receipt() -> None:
    _, packed = cv2.imencode(".png", np.full((200, 200, 3), 90, np.uint8))
    reading = read_image(packed.tobytes(), engine=Silent(), today=TODAY)  # type: ignore[arg-type]
    assert (reading.kind, reading.engine) == ("no_receipt", "silent")
    assert set(reading.seconds) == {"decode", "prepare", "words", "fields"}


def test_two_sheets_on_a_desk() -> None:
    desk = np.full((600, 900, 3), 50, np.uint8)
    desk[50:550, 60:400] = 245
    assert picture.sheets(desk) == 1
    desk[60:540, 480:850] = 245
    assert picture.sheets(desk) == 2
    left, right = picture.apart(desk)
    assert [part.shape[1] // 10 for part in (left, right)] == [35, 38]
    assert [int(part[:, 20:-20].mean()) > 230 for part in (left, right)] == [True, True]
