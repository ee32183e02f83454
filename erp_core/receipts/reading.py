"""From the bytes of one picture to the facts of a bill.

    reading = read_image(data, engine=Tesseract(), today=date(2026, 11, 20))

Pure and without a database: it is meant to run in a process of its own, which may die.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from erp_core.kernel.errors import Unavailable
from erp_core.receipts import items, kinds, layout, names, picture, totals
from erp_core.receipts.bill import Field, Kind, Line, Reading
from erp_core.receipts.layout import Page
from erp_core.receipts.ports import Engine

__all__ = ["Field", "Kind", "Line", "Reading", "read_image"]

ENGLISH = ("eng",)
BEFORE = (0.7, 0.6)
"""The share of SECONDS after which there is no second, and no third reading."""

BOTH = ("eng", "hin")
"""Reading both takes three times as long: only what looks like Hindi is read so."""

SECONDS = 4.0
"""Of a processor: a picture is read again, prepared in another way, after less than this."""

MOST_SECONDS = 12.0
"""By the clock, on a machine that has much else to do."""


@dataclass(frozen=True)
class Manner:
    """One way of preparing a picture: which steps, and how high its letters are made."""

    leave_out: frozenset[str] = frozenset()
    letters: int = picture.TEXT_HEIGHT


MANNERS = (
    Manner(),
    Manner(frozenset({"contrast", "denoise"}), letters=36),
    Manner(frozenset({"paper", "denoise"}), letters=24),
)
"""Readings differ in where they slip, so that what they agree on is worth more."""


@dataclass
class Watch:
    """How long each stage took."""

    seconds: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    last: float = field(default_factory=time.perf_counter)
    worked: float = field(default_factory=lambda: sum(os.times()[:4]))

    def mark(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self.last, 4)
        self.last = now

    @property
    def work(self) -> float:
        """Seconds of a processor, the engine's included."""
        return sum(os.times()[:4]) - self.worked

    def allows(self, share: float) -> bool:
        """Whether so much of what a picture may cost is left."""
        return self.work < SECONDS * share and time.perf_counter() - self.began < MOST_SECONDS


def read_image(
    data: bytes,
    *,
    engine: Engine,
    today: date,
    steps: Collection[str] = picture.STEPS,
    manners: Sequence[Manner] = MANNERS,
) -> Reading:
    """What a picture (JPEG, PNG or WebP, size checked before) says.

    What cannot be decoded is "unreadable". Raises what the engine raises: Unavailable. `steps` and
    `manners` leave parts of the work out, to measure what they are worth.
    """
    watch = Watch()
    image = picture.decode(data)
    watch.mark("decode")
    if image is None:
        return Reading("unreadable", engine=engine.name, seconds=watch.seconds)
    if picture.sheets(image) > 1:
        watch.mark("prepare")
        return Reading("several", engine=engine.name, seconds=watch.seconds)
    reading = Reading("unreadable")
    pages: list[Page] = []
    for page in _pages(image, engine, steps, manners, watch, today):
        pages.append(page)
        reading = read_pages(pages, today=today)
        watch.mark("fields")
        if _is_sure(reading):
            break
    return replace(reading, engine=engine.name, seconds=dict(watch.seconds))


def read_pages(pages: Sequence[Page], *, today: date) -> Reading:
    """What one or more readings of the same picture say together."""
    kind = kinds.kind_of(pages)
    if kind == "payment_screenshot":
        return _screenshot(pages, today)
    if kind != "receipt":
        return Reading(kind)
    lines = max((items.lines(page) for page in pages), key=_whole_lines)
    total, page = totals.total(pages, lines)
    taxes = totals.taxes(page, pages, total.value)
    seller, buyer = names.gstins(pages)
    vendor = names.vendor(pages)
    return Reading(
        "receipt",
        vendor=vendor,
        vendor_gstin=seller,
        buyer_gstin=buyer,
        number=names.number(pages),
        on=names.day(pages, today=today),
        total_paise=total,
        taxable_paise=taxes.taxable,
        cgst_paise=taxes.cgst,
        sgst_paise=taxes.sgst,
        igst_paise=taxes.igst,
        cess_paise=taxes.cess,
        category=kinds.category_of(vendor.value, lines, pages),
        lines=lines,
    )


def _pages(
    image: picture.Image,
    engine: Engine,
    steps: Collection[str],
    manners: Sequence[Manner],
    watch: Watch,
    today: date,
) -> Iterator[Page]:
    """The picture read in one manner after the other, and Hindi where it hangs from lines.

    The second time only the rows that count are read, where the first has found them.
    """
    languages: tuple[str, ...] = ENGLISH
    first, height = Page(()), 1
    for at, manner in enumerate(manners):
        if at and not watch.allows(BEFORE[min(at, len(BEFORE)) - 1]):
            return
        wanted = [step for step in steps if step not in manner.leave_out]
        prepared = picture.prepare(image, wanted, letters=manner.letters)
        if at == 0 and picture.has_headlines(prepared):
            languages = BOTH
        bands = _bands(first, today) if at == 1 else []
        if bands:
            factor = prepared.shape[0] / height
            prepared = picture.cut(prepared, [(top * factor, end * factor) for top, end in bands])
        watch.mark("prepare")
        try:
            words = engine.words(prepared, languages)
        except Unavailable:
            if at == 0:
                raise
            return
        watch.mark("words")
        page = replace(layout.page_of(words), partial=bool(bands))
        if at == 0:
            first, height = page, prepared.shape[0]
        yield page


def _bands(page: Page, today: date) -> list[tuple[float, float]]:
    """From where to where the rows stand that hold sums, dates and GSTINs, if none is missing."""
    if names.day([page], today=today).value is None:
        return []
    if not any(row.kind in ("total", "grand_total") and row.amounts for row in page.rows):
        return []
    count = [row for row in page.rows if (row.kind and row.amounts) or names.WORTH.search(row.text)]
    return [(row.top - 0.7 * row.height, row.bottom + 0.7 * row.height) for row in count]


def _is_sure(reading: Reading) -> bool:
    if reading.kind == "payment_screenshot":
        return True
    if reading.kind != "receipt":
        return False
    return not (reading.total_paise.ask or reading.on.ask or reading.vendor.ask)


def _whole_lines(lines: Sequence[Line]) -> int:
    return sum(1 + 2 * (line.quantity is not None) for line in lines)


def _screenshot(pages: Sequence[Page], today: date) -> Reading:
    """What it claims; a picture proves no payment, so all of it is asked."""
    total, _ = totals.total(pages, ())
    on, number = names.day(pages, today=today), names.number(pages)
    return Reading(
        "payment_screenshot",
        on=replace(on, ask=True),
        number=replace(number, ask=True),
        total_paise=replace(total, ask=True),
    )
