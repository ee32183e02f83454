"""Preparation: each step does what it says, on pictures of which the truth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bench._bills import bill, draw
from bench._damage import damaged
from erp_core.receipts import picture
from tests.conftest import TODAY

SLIP = np.array(draw(bill(3, kind="kirana", today=TODAY), 3))


def turned(grey: picture.Image, angle: float) -> picture.Image:
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(grey, matrix, (width, height), borderValue=(250,))


@pytest.mark.parametrize("angle", [-7.0, -2.0, 0.0, 3.0, 9.0])
def test_skew_is_measured(angle: float) -> None:
    assert abs(picture.skew(turned(SLIP, angle)) + angle) <= 0.5


def test_a_sheet_on_a_desk_is_cut_out() -> None:
    photo = damaged(SLIP, "camera", 3)
    rgb = cv2.cvtColor(photo, cv2.COLOR_GRAY2RGB)
    sheet = picture.flattened(rgb)
    assert sheet.shape[0] < rgb.shape[0] * 0.95
    assert sheet.mean() > rgb.mean() + 15


def test_a_patch_of_light_is_no_sheet() -> None:
    rgb = cv2.cvtColor(damaged(SLIP, "shadow", 3), cv2.COLOR_GRAY2RGB)
    assert picture.flattened(rgb).shape == rgb.shape


def test_a_small_bill_on_a_large_sheet_is_cropped() -> None:
    sheet = np.full((2400, 2000), 252, np.uint8)
    sheet[100 : 100 + SLIP.shape[0], 200 : 200 + SLIP.shape[1]] = SLIP
    cropped = picture.cropped(sheet)
    assert cropped.shape[0] < SLIP.shape[0] + 120
    assert cropped.shape[1] < SLIP.shape[1] + 120


def test_letters_come_out_at_one_height() -> None:
    heights = [
        picture.text_height(picture.scaled(picture.resized(SLIP, factor))) or 0.0
        for factor in (0.8, 1.0, 1.6)
    ]
    assert all(26 <= height <= 35 for height in heights)


def test_rows_are_put_below_each_other_at_one_height() -> None:
    page = np.full((400, 300), 255, np.uint8)
    page[100:120, 20:200] = 0
    page[300:310, 20:290] = 0
    rows = [(100.0, 120.0, 20.0), (300.0, 310.0, 10.0)]
    both = picture.strips(page, rows, 30)
    ink = np.flatnonzero((both < 128).any(axis=1))
    (gap,) = np.flatnonzero(np.diff(ink) > 1)
    heights = ink[gap] - ink[0] + 1, ink[-1] - ink[gap + 1] + 1
    assert all(abs(high - 30) <= 2 for high in heights)
    assert both.shape[1] >= 3 * 300


def test_a_page_without_a_shade_is_one_sheet() -> None:
    assert picture.sheets(np.full((400, 300, 3), 255, np.uint8)) == 1


def test_hindi_hangs_from_lines() -> None:
    hindi = np.array(draw(bill(3, kind="hindi", today=TODAY), 3))
    assert (picture.has_headlines(hindi), picture.has_headlines(SLIP)) == (True, False)


def test_exif_turns_the_picture() -> None:
    from io import BytesIO

    from PIL import Image

    image = Image.new("RGB", (60, 30), "white")
    exif = image.getexif()
    exif[0x0112] = 6
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    decoded = picture.decode(buffer.getvalue())
    assert decoded is not None
    assert decoded.shape == (60, 30, 3)
