"""Bills of _typed_bills drawn as a till's worn printer and an office's scanner leave them.

Their layouts and wordings are those that the model of rows learns from, some thousand times as
varied as the drawn bills of _bills; what this adds is the print: dots that are missing, letters
that run into each other, few pixels a letter, black and white without grey.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench._bills import as_jpeg
from bench._typed_bills import Printed, Written, written_bill
from erp_core.kernel.money import rupees

Picture = NDArray[Any]

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FACES = ("DejaVuSansMono", "DejaVuSansMono", "cmtt10", "DejaVuSans", "STIXGeneral", "DejaVuSerif")
LETTER = 40
"""Pixels of the body's letters while the print is drawn, before it is scanned."""

LINE = (1.25, 1.7)
SCANNED = (13, 22)
"""Pixels of a capital in the scan."""


def make_scans(folder: Path, *, count: int, seed: int, today: date) -> int:
    """Write NAME.jpg and NAME.json, labelled as other sets are; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        written, picture = scan(seed * 10_000 + number, today=today)
        stem = folder / f"scan-{number:03d}"
        stem.with_suffix(".jpg").write_bytes(as_jpeg(Image.fromarray(picture)))
        label = {
            "company": written.vendor,
            "date": written.on.strftime("%d/%m/%Y"),
            "total": rupees(written.total),
        }
        stem.with_suffix(".json").write_text(json.dumps(label, ensure_ascii=False))
    return count


def scan(seed: int, *, today: date) -> tuple[Written, Picture]:
    """A bill, and its scan in grey (h, w); the same seed gives the same."""
    written = written_bill(seed, today=today)
    print_ = printed(written.rows, random.Random(f"print {seed}"))
    return written, scanned(print_, np.random.default_rng(seed))


def printed(rows: Sequence[Printed], chance: random.Random) -> Picture:
    """The rows on a roll, as the till meant them."""
    path = str(FONTS / f"{chance.choice(FACES)}.ttf")
    columns = chance.choice((34, 40, 46))
    width, leading, y = int(columns * LETTER * 0.62), chance.uniform(*LINE), 2.0 * LETTER
    sheet = Image.new("L", (width + 2 * LETTER, int((len(rows) + 6) * LETTER * 2.9)), 255)
    draw = ImageDraw.Draw(sheet)
    for row in rows:
        size = int(LETTER * row.scale)
        font, end = ImageFont.truetype(path, size), -1.0
        for cell in row.cells:
            long = font.getlength(cell.text)
            x = cell.at * width - (long if cell.right else 0)
            x = max(0.0, min(x, width - long))
            if x < end:
                y += size * leading
            end = x + long
            draw.text((LETTER + x, y), cell.text, fill=0, font=font)
        y += size * leading + (LETTER if chance.random() < 0.06 else 0)
    return np.array(sheet.crop((0, 0, sheet.width, int(y) + 2 * LETTER)))


def scanned(paper: Picture, chance: np.random.Generator) -> Picture:
    """The print worn, turned a little, scanned small, and perhaps without grey."""
    ink = 255.0 - paper
    if chance.random() < 0.5:
        ink *= chance.random(paper.shape) > chance.uniform(0.02, 0.15)
    weak = cv2.resize(chance.random((9, 5)), paper.shape[::-1], interpolation=cv2.INTER_CUBIC)
    ink *= 1 - chance.uniform(0.0, 0.4) * np.clip(weak, 0, 1)
    thick = chance.integers(0, 3)
    if thick:
        step = cv2.dilate if thick == 2 else cv2.erode
        ink = step(ink, np.ones((2 + thick, 2 + thick)))
    ink = cv2.GaussianBlur(ink, (0, 0), chance.uniform(0.8, 1.8))
    height, width = paper.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), chance.normal(0, 0.5), 1)
    ink = cv2.warpAffine(ink, matrix, (width, height))
    factor = chance.uniform(*SCANNED) / (0.73 * LETTER)
    small = cv2.resize(255 - ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    small += chance.normal(0, chance.uniform(1, 9), small.shape)
    if chance.random() < 0.35:
        small = 255.0 * (small > chance.uniform(120, 190))
    quality = int(chance.integers(45, 90))
    flat = np.clip(small, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, quality])
    found: Picture = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
    return found
