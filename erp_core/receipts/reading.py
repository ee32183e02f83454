"""From the bytes of one picture to the facts of a bill.

    reading = read_image(data, engine=Tesseract(), today=date(2026, 11, 20))

Pure and without a database: it is meant to run in a process of its own, which may die.
"""

from __future__ import annotations

from datetime import date

from erp_core.receipts.bill import Field, Kind, Line, Reading
from erp_core.receipts.ports import Engine

__all__ = ["Field", "Kind", "Line", "Reading", "read_image"]


def read_image(data: bytes, *, engine: Engine, today: date) -> Reading:
    """What a picture (JPEG, PNG or WebP, size checked before) says.

    What cannot be decoded is "unreadable". Raises what the engine raises: Unavailable.
    """
    raise NotImplementedError
