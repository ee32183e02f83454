"""Real pictures of slips and cards, typed and as if by hand, read by Tesseract."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz import fuzz

import erp_core.invoicing
from erp_core.adapters.tesseract import Tesseract
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.ports import Word
from erp_core.slips.page import Wanted
from erp_core.slips.reading import read_slip

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")

PATIENT = Tesseract(seconds=300)
"""How fast the machine is says nothing of what is read."""

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
GOODS = ("Maggi", "Tata Salt", "Chini", "Toor dal", "Surf Excel", "Besan")
HINDI = Path(erp_core.invoicing.__file__).parent / "fonts" / "BahiSans-Regular.ttf"
HANDS = ("DejaVuSans-Oblique.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSansMono.ttf")


def picture(rows: Sequence[str], *, font: str = HANDS[0], by_hand: bool = False) -> bytes:
    """Rows on paper; by hand, each letter a little out of its place, in blue, and askew."""
    chance = random.Random(7)
    face = ImageFont.truetype(str(FONTS / font), 44)
    sheet = Image.new("RGB", (1000, 100 + 76 * len(rows)), (250, 248, 240))
    draw = ImageDraw.Draw(sheet)
    for at, row in enumerate(rows):
        left = 60.0
        for letter in row if by_hand else [row]:
            up, along = (chance.randint(-3, 3), chance.randint(-1, 2)) if by_hand else (0, 0)
            place = (left + along, 50 + 76 * at + up)
            draw.text(place, letter, fill=(20, 20, 90) if by_hand else "black", font=face)
            left += face.getlength(letter) + along
    if by_hand:
        turned = sheet.rotate(1.5, expand=True, fillcolor=(250, 248, 240), resample=3)
        sheet = turned.filter(ImageFilter.GaussianBlur(0.7))
    output = io.BytesIO()
    sheet.save(output, "JPEG", quality=85)
    return output.getvalue()


@pytest.mark.parametrize("font", HANDS)
@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("wanted", [None, "count"])
def test_a_count_is_read_from_its_picture(font: str, by_hand: bool, wanted: Wanted | None) -> None:
    rows = ["Stock ginti", "Maggi 12", "Tata Salt 24 pkt", "Chini 5 kg", "Toor dal 12.5 kg"]
    slip = read_slip(picture(rows, font=font, by_hand=by_hand), engine=PATIENT, wanted=wanted)
    assert slip.kind == "count"
    assert [(line.text, line.quantity, line.unit) for line in slip.lines if line.sure] == [
        ("Maggi", Decimal(12), None),
        ("Tata Salt", Decimal(24), "packet"),
        ("Chini", Decimal(5), "kg"),
        ("Toor dal", Decimal("12.5"), "kg"),
    ]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_slip_may_lie_on_its_side_or_stand_on_its_head(quarters: int) -> None:
    rows = ["Stock ginti", *(f"{name} {12 + at}" for at, name in enumerate(GOODS))]
    sheet = Image.open(io.BytesIO(picture(rows))).rotate(90 * quarters, expand=True)
    output = io.BytesIO()
    sheet.save(output, "JPEG", quality=90)
    slip = read_slip(output.getvalue(), engine=PATIENT, wanted="count")
    assert [line.text for line in slip.lines if line.sure] == list(GOODS)


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_card_is_read_from_its_picture(by_hand: bool) -> None:
    rows = ["MEHTA TRADERS", "Anil Mehta", "Proprietor", "Mob: 98765 43210", "Pune 411001"]
    slip = read_slip(picture(rows, by_hand=by_hand), engine=PATIENT)
    assert slip.card is not None
    assert (slip.card.person, slip.card.company) == ("Anil Mehta", "MEHTA TRADERS")
    assert slip.card.phones == ("919876543210",)


@pytest.mark.parametrize("quarters", [0, 2])
def test_a_slip_in_hindi_is_read_though_no_line_holds_its_letters(quarters: int) -> None:
    rows = ["नमक 19", "बेसन 31", "मटर 75", "चावल 46", "आटा 52"]
    sheet = Image.open(io.BytesIO(picture(rows, font=str(HINDI)))).rotate(90 * quarters)
    output = io.BytesIO()
    sheet.save(output, "JPEG", quality=90)
    slip = read_slip(output.getvalue(), engine=PATIENT, wanted="count")
    assert [f"{line.text} {line.quantity}" for line in slip.lines if line.sure] == rows


@pytest.mark.parametrize("seed", [1, 2])
def test_a_scrawl_is_not_taken_for_names(seed: int) -> None:
    slip = read_slip(scrawl(GOODS, seed), engine=PATIENT, wanted="count")
    taken = [line.text for line in slip.lines if line.sure and line.clear]
    assert [name for name in taken if not any(fuzz.ratio(name, one) > 40 for one in GOODS)] == []
    assert [line for line in slip.lines if not line.clear]


def scrawl(names: Sequence[str], seed: int) -> bytes:
    """Names and numbers by a shaking hand: each letter of its own size, height and slant."""
    chance = random.Random(seed)
    sheet = Image.new("L", (1000, 120 + 84 * len(names)), 246)
    for at, name in enumerate(names):
        left = 60.0
        for letter in f"{name}  {chance.randint(2, 90)}":
            face = ImageFont.truetype(str(FONTS / HANDS[0]), 44 + chance.randint(-7, 7))
            tile = Image.new("L", (90, 100), 0)
            ImageDraw.Draw(tile).text((12, 20), letter, fill=255, font=face)
            tile = tile.rotate(chance.uniform(-18, 18), resample=Image.Resampling.BICUBIC)
            sheet.paste(40, (int(left) - 12, 20 + 84 * at + chance.randint(-14, 14)), tile)
            left += face.getlength(letter) + chance.randint(-7, 7)
    output = io.BytesIO()
    sheet.save(output, "JPEG", quality=88)
    return output.getvalue()


class Hasty:
    """Is sure of nothing, and has no time for two languages."""

    name = "hasty"

    def words(self, image: NDArray[Any], languages: Sequence[str]) -> list[Word]:
        if len(languages) > 1:
            raise Unavailable("ocr_too_slow")
        return [replace(word, confidence=0.5) for word in PATIENT.words(image, languages)]


def test_what_was_read_stays_where_a_second_language_takes_too_long() -> None:
    slip = read_slip(picture(["Maggi 12", "Chini 5 kg"]), engine=Hasty(), wanted="count")
    assert [(line.text, line.quantity) for line in slip.lines] == [("Maggi", 12), ("Chini", 5)]


def test_a_picture_without_words_is_nothing() -> None:
    grain = np.random.default_rng(7).normal(128, 30, (800, 600)).clip(0, 255).astype(np.uint8)
    blank = Image.fromarray(grain).convert("RGB")
    output = io.BytesIO()
    blank.save(output, "JPEG")
    assert read_slip(output.getvalue(), engine=PATIENT).kind == "none"
    assert read_slip(b"no picture", engine=PATIENT).kind == "none"
