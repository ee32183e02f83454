"""A photo that lies on its side or stands on its head is turned before it is read."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from bench._bills import as_jpeg, bill, draw
from erp_core.adapters.tesseract import Tesseract, is_installed
from erp_core.receipts import picture
from erp_core.receipts.reading import Reading, read_image
from tests.conftest import TODAY

needs_tesseract = pytest.mark.skipif(
    not os.environ.get("CI") and not is_installed(),
    reason="no Tesseract: `sudo apt-get install tesseract-ocr`",
)
KINDS = ("kirana", "retail", "hindi", "petrol", "e_commerce")


def turned(kind: str, quarters: int, seed: int = 3) -> picture.Image:
    return np.rot90(np.array(draw(bill(seed, kind=kind, today=TODAY), seed)), quarters)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("quarters", range(4))
def test_a_side_is_told_by_how_letters_stand_together(kind: str, quarters: int) -> None:
    assert picture.lies_on_side(turned(kind, quarters)) == bool(quarters % 2)


def test_a_page_with_hardly_a_letter_lies_on_no_side() -> None:
    assert not picture.lies_on_side(np.full((900, 600, 3), 255, np.uint8))
    noise = np.random.default_rng(1).integers(0, 255, (400, 300)).astype(np.uint8)
    assert isinstance(picture.lies_on_side(noise), bool)


def read(data: picture.Image, **options: object) -> Reading:
    jpeg = as_jpeg(Image.fromarray(data))
    return read_image(jpeg, engine=Tesseract(seconds=300), today=TODAY, **options)


@needs_tesseract
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_it_is_read_as_if_it_stood_upright(quarters: int) -> None:
    truth, reading = bill(3, kind="kirana", today=TODAY), read(turned("kirana", quarters))
    assert (reading.kind, reading.vendor.value) == ("receipt", truth.vendor)
    assert (reading.total_paise.value, reading.on.value) == (truth.total, truth.on)


@needs_tesseract
def test_it_is_the_turning_that_helps() -> None:
    steps = [step for step in picture.STEPS if step != "upright"]
    truth = bill(3, kind="kirana", today=TODAY)
    assert read(turned("kirana", 1), steps=steps).total_paise.value != truth.total
