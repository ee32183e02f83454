"""Made-up bills, drawn, damaged, and read by the real Tesseract."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from bench._bills import as_jpeg, bill, can_shape_hindi, draw
from bench._damage import damaged
from erp_core.adapters.tesseract import Tesseract, installed_languages
from erp_core.kernel.errors import Unavailable
from erp_core.receipts.reading import Reading, read_image
from tests.conftest import TODAY

needs_tesseract = pytest.mark.skipif(
    not os.environ.get("CI") and not {"eng", "hin"} <= installed_languages(),
    reason="no Tesseract with Hindi: `sudo apt-get install tesseract-ocr tesseract-ocr-hin`",
)


def read(kind: str, damage: str, seed: int = 3) -> Reading:
    drawn = np.array(draw(bill(seed, kind=kind, today=TODAY), seed))
    data = as_jpeg(Image.fromarray(damaged(drawn, damage, seed)))
    return read_image(data, engine=Tesseract(seconds=300), today=TODAY)


@needs_tesseract
@pytest.mark.parametrize("damage", ["none", "noise", "shadow"])
def test_a_gst_bill(damage: str) -> None:
    truth, reading = bill(3, kind="restaurant", today=TODAY), read("restaurant", damage)
    assert (reading.kind, reading.engine) == ("receipt", "tesseract")
    assert reading.total_paise.value == truth.total
    assert reading.on.value == truth.on
    assert (reading.vendor_gstin.value, reading.vendor_gstin.ask) == (truth.gstin, False)
    assert (reading.cgst_paise.value, reading.sgst_paise.value) == (truth.cgst, truth.sgst)
    assert reading.category == "food"


@needs_tesseract
def test_a_petrol_slip_that_faded() -> None:
    truth, reading = bill(3, kind="petrol", today=TODAY), read("petrol", "fade")
    assert (reading.total_paise.value, reading.on.value) == (truth.total, truth.on)
    assert reading.category == "fuel"


@needs_tesseract
@pytest.mark.skipif(not can_shape_hindi(), reason="Pillow cannot set Devanagari here")
def test_a_bill_in_hindi() -> None:
    truth, reading = bill(3, kind="hindi", today=TODAY), read("hindi", "none")
    assert (reading.vendor.value, reading.on.value) == (truth.vendor, truth.on)
    assert reading.total_paise.value == truth.total


def test_without_tesseract_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable) as refused:
        read("kirana", "none")
    assert refused.value.code == "ocr_unavailable"
