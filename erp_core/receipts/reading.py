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
from erp_core.receipts import items, kinds, layout, marks, names, picture, roles, totals
from erp_core.receipts.bill import Field, Kind, Line, Reading
from erp_core.receipts.layout import Page
from erp_core.receipts.ports import Engine, Word
from erp_core.tax import gstin

__all__ = ["Field", "Kind", "Line", "Reading", "read_image"]

ENGLISH = ("eng",)
BEFORE = (0.7, 0.6)
"""The share of SECONDS after which there is no second, and no third reading."""

BOTH = ("eng", "hin")
"""Reading both takes three times as long: only what looks like Hindi is read so."""

PART = 0.3
"""The share of a picture that is read both ways to see where its head is."""

DOUBTFUL = 0.2
"""Where a smaller share of all letters is seen clearly, the picture may stand on its head."""

LEARNT = ("vendor", "total", "item")
"""The roles of rows in which the word of the model is heard; for dates it earns nothing."""

SECONDS = 4.0
"""Of a processor: a picture is read again, prepared in another way, after less than this."""

MOST_SECONDS = 15.0
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
    learnt: Collection[str] = LEARNT,
    place: str | None = None,
) -> Reading:
    """What a picture (JPEG, PNG or WebP, size checked before) says to a shop in the state `place`.

    What cannot be decoded is "unreadable". Raises what the engine raises: Unavailable. `steps` and
    `manners` leave parts of the work out, and `learnt` roles of rows, to measure what they are
    worth.
    """
    if learnt:
        roles.model()  # takes a second the first time, which is not the picture's
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
    for page in _pages(image, engine, steps, manners, watch, today, learnt):
        pages.append(page)
        reading = read_pages(pages, today=today, place=place)
        watch.mark("fields")
        if _is_sure(reading):
            break
    return replace(reading, engine=engine.name, seconds=dict(watch.seconds))


def with_roles(page: Page, learnt: Collection[str] = LEARNT) -> Page:
    """The page with what the model says of its rows, in the roles that are asked for."""
    if page.partial or not learnt:
        return page
    said = roles.roles_of(page)
    wanted = [*learnt, "vendor_more"] if "vendor" in learnt else learnt
    return replace(page, roles=[{one: row[one] for one in wanted} for row in said])


def read_pages(pages: Sequence[Page], *, today: date, place: str | None = None) -> Reading:
    """What one or more readings of the same picture say together.

    `place` is the code of the shop's state, against which tax is checked where the bill names no
    buyer.
    """
    kind = kinds.kind_of(pages)
    if kind == "payment_screenshot":
        return _screenshot(pages, today)
    if kind != "receipt":
        return Reading(kind)
    lines = max((items.lines(page) for page in pages), key=_whole_lines)
    total, page = totals.total(pages, lines)
    taxes = totals.taxes(page, pages, total.value)
    seller, buyer = names.gstins(pages)
    if totals.heads_clash(
        cgst=taxes.cgst.value or 0,
        sgst=taxes.sgst.value or 0,
        igst=taxes.igst.value or 0,
        seller=_state(seller),
        place=_state(buyer) or place,
    ):
        taxes = totals.asked(taxes)
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
        marks=marks.marks_of(pages, today=today),
    )


def _pages(
    image: picture.Image,
    engine: Engine,
    steps: Collection[str],
    manners: Sequence[Manner],
    watch: Watch,
    today: date,
    learnt: Collection[str],
) -> Iterator[Page]:
    """The picture read in one manner after the other, and Hindi where it hangs from lines.

    The second time only the rows that count are read, where the first has found them.
    """
    languages: tuple[str, ...] = ENGLISH
    first, height = Page(()), 1
    on_side = "upright" in steps and picture.lies_on_side(image)
    if on_side:
        image = picture.turned(image, 1)
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
            if on_side and at == 0 and _is_on_its_head(prepared, engine, languages):
                image, prepared = picture.turned(image, 2), picture.turned(prepared, 2)
            words = engine.words(prepared, languages)
            doubtful = at == 0 and not on_side and "upright" in steps and clear(words) < DOUBTFUL
            if doubtful and _is_on_its_head(prepared, engine, languages):
                image, prepared = picture.turned(image, 2), picture.turned(prepared, 2)
                words = engine.words(prepared, languages)
        except Unavailable:
            if at == 0:
                raise
            return
        watch.mark("words")
        page = with_roles(replace(layout.page_of(words), partial=bool(bands)), learnt)
        if at == 0:
            first, height = page, prepared.shape[0]
        yield page


def _is_on_its_head(grey: picture.Image, engine: Engine, languages: Sequence[str]) -> bool:
    """Whether the middle of a picture is read better when it is turned by a half."""
    part = picture.middle_of(grey, PART)
    here, there = (engine.words(picture.turned(part, half), languages) for half in (0, 2))
    return legible(there) > legible(here)


def legible(words: Sequence[Word]) -> float:
    """How many letters were seen clearly."""
    return sum(
        len(word.text) * word.confidence
        for word in words
        if word.confidence > 0.6 and sum(map(str.isalnum, word.text)) > 2
    )


def clear(words: Sequence[Word]) -> float:
    """The share of all letters that were seen clearly."""
    return legible(words) / max(1, sum(len(word.text) for word in words))


def _state(number: Field[str]) -> str | None:
    """The state of a GSTIN that is sure."""
    return None if number.value is None or number.ask else gstin.state_of(number.value)


def _bands(page: Page, today: date) -> list[tuple[float, float]]:
    """From where to where the rows stand that hold sums, dates and GSTINs, if none is missing."""
    if names.day([page], today=today).value is None:
        return []
    if not any(row.kind in ("total", "grand_total") and row.amounts for row in page.rows):
        return []
    heads = names.heads(page)
    count = [
        row
        for at, row in enumerate(page.rows)
        if at in heads or (row.kind and row.amounts) or names.WORTH.search(row.text)
    ]
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
