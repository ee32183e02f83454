"""The baseline: Tesseract on the picture as it is, and an expression for each field."""

from __future__ import annotations

import re
from datetime import date

import cv2
import numpy as np

from erp_core.adapters.tesseract import Tesseract
from erp_core.receipts.bill import Field, Reading
from erp_core.receipts.days import dates
from erp_core.receipts.ports import Word

_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}")
_TOTAL = re.compile(r"total.*?(\d[\d,]*\.\d{2})", re.IGNORECASE)


def read_naively(data: bytes, *, today: date) -> Reading:
    """The first date, the figure after the last "total", the first line as the name."""
    image = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), 1), cv2.COLOR_BGR2RGB)
    lines = lines_of(Tesseract(page=4, seconds=60).words(image, ("eng",)))
    text = "\n".join(lines)
    found = [day for one in _DATE.findall(text) for day in dates(one, today=today)]
    sums = _TOTAL.findall(text)
    total = int(sums[-1].replace(",", "").replace(".", "")) if sums else None
    return Reading(
        "receipt",
        vendor=Field(lines[0] if lines else None),
        on=Field(found[0] if found else None),
        total_paise=Field(total),
    )


def lines_of(words: list[Word]) -> list[str]:
    lines: dict[tuple[int, int], list[str]] = {}
    for word in words:
        lines.setdefault((word.block, word.line), []).append(word.text)
    return [" ".join(line) for line in lines.values()]
