"""Pictures that people send a shop, drawn: bills, slips of payments, codes."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from typing import Any

import segno
from PIL import Image, ImageDraw, ImageFont

MARK = "ZQXWMARKED"
"""A word of an item on each bill(): it must not be kept."""


def bill(number: str, total: int, *, kind: str = "JPEG", **options: Any) -> bytes:
    """A clean bill; options are those of saving it."""
    return saved(sheet(*bill_lines(number, total)), kind, **options)


def bill_lines(number: str, total: int) -> tuple[str, ...]:
    """Its rows, for a total in rupees."""
    taxable = total * 100 // 118
    half = (total - taxable) // 2
    return (
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


def sheet(*rows: str) -> Image.Image:
    """Rows of print on white paper."""
    paper = Image.new("RGB", (900, 60 + 50 * max(8, len(rows))), "white")
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(size=32)
    for place, row in enumerate(rows):
        draw.text((50, 30 + 50 * place), row, fill="black", font=font)
    return paper


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def pdf(pages: Sequence[Image.Image]) -> bytes:
    return saved(pages[0], "PDF", save_all=True, append_images=list(pages[1:]))


def desk(*bills: bytes) -> bytes:
    """Bills beside one another on a dark desk."""
    sheets = [Image.open(io.BytesIO(one)) for one in bills]
    high = max(one.height for one in sheets)
    photo = Image.new("RGB", (100 + sum(one.width + 100 for one in sheets), high + 200), "#463228")
    left = 100
    for one in sheets:
        photo.paste(one, (left, 100))
        left += one.width + 100
    return saved(photo, quality=92)


def coded(code: Image.Image, *rows: str) -> bytes:
    """A code with some words below it."""
    paper = Image.new("RGB", (900, 700), "white")
    paper.paste(code, (150, 40))
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(size=32)
    for place, row in enumerate(rows):
        draw.text((150, 460 + 50 * place), row, fill="black", font=font)
    return saved(paper, quality=95)


def square(text: str, *, scale: int = 10) -> Image.Image:
    """A QR code."""
    output = io.BytesIO()
    segno.make(text, error="l").save(output, kind="png", scale=scale, border=4)
    return Image.open(output).convert("RGB")


def token(**data: Any) -> str:
    """What the QR code of an e-invoice holds: a signed token, here of no signer."""
    body = json.dumps({"data": json.dumps({"Irn": "a" * 64, **data})}).encode()
    return f"h.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.s"
