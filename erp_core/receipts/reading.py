"""From the bytes of one picture to the facts of a bill.

    reading = read_image(data, engine=Tesseract(), today=date(2026, 11, 20))

Pure and without a database: it is meant to run in a process of its own, which may die.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from erp_core.kernel.errors import Unavailable
from erp_core.receipts import items, kinds, layout, marks, names, picture, roles, totals
from erp_core.receipts.bill import Field, Kind, Line, Reading
from erp_core.receipts.layout import Page
from erp_core.receipts.ports import Engine, Word
from erp_core.tax import gstin

__all__ = ["Field", "Kind", "Line", "Reading", "read_image"]

ENGLISH = ("eng",)
BEFORE = (0.7, 0.6)
"""The share of SECONDS after which there is no second reading, and none after it."""

BOTH = ("eng", "hin")
"""Reading both takes three times as long: only what looks like Hindi is read so."""

PART = 0.3
"""The share of a picture that is read both ways to see where its head is."""

DOUBTFUL = 0.2
"""Where a smaller share of all letters is seen clearly, the picture may stand on its head."""

MAY_BE = 0.3
"""A row that is so likely the total or the day is read again, whatever it is called."""

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
    for page in _pages(image, engine, steps, manners, watch, learnt, today):
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
        reverse_charge=totals.under_reverse_charge(pages),
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
    learnt: Collection[str],
    today: date,
) -> Iterator[Page]:
    """The picture read in one manner after the other, and Hindi where it hangs from lines."""
    image, prepared, words, languages = _first_look(image, engine, steps, manners[0], watch)
    page = with_roles(layout.page_of(words), learnt)
    yield page
    for at, (look, is_part) in enumerate(_looks(image, prepared, page, steps, manners, today)):
        if not watch.allows(BEFORE[min(at, len(BEFORE) - 1)]):
            return
        prepared = look()
        watch.mark("prepare")
        try:
            words = engine.words(prepared, languages)
        except Unavailable:
            return
        watch.mark("words")
        yield with_roles(replace(layout.page_of(words), partial=is_part), learnt)


def _first_look(
    image: picture.Image, engine: Engine, steps: Collection[str], manner: Manner, watch: Watch
) -> tuple[picture.Image, picture.Image, list[Word], Sequence[str]]:
    """The picture upright, as it was prepared, its words, and the languages that it is read in."""
    on_side = "upright" in steps and picture.lies_on_side(image)
    if on_side:
        image = picture.turned(image, 1)
    prepared = _prepared(image, steps, manner)
    languages = BOTH if picture.has_headlines(prepared) else ENGLISH
    watch.mark("prepare")
    if on_side and _is_on_its_head(prepared, engine, languages):
        image, prepared = picture.turned(image, 2), picture.turned(prepared, 2)
    words = engine.words(prepared, languages)
    doubtful = not on_side and "upright" in steps and clear(words) < DOUBTFUL
    if doubtful and _is_on_its_head(prepared, engine, languages):
        image, prepared = picture.turned(image, 2), picture.turned(prepared, 2)
        words = engine.words(prepared, languages)
    watch.mark("words")
    return image, prepared, words, languages


Look = tuple[Callable[[], picture.Image], bool]
"""What makes a picture to read, and whether it is a part."""


def _looks(
    image: picture.Image,
    prepared: picture.Image,
    first: Page,
    steps: Collection[str],
    manners: Sequence[Manner],
    today: date,
) -> list[Look]:
    """What is read after the first time: the rows that count, each by itself, instead of the second
    manner or, where the first look has missed some, at last."""
    wholes: list[Look] = [
        (partial(_prepared, image, steps, manner), False) for manner in manners[1:]
    ]
    rows = _worth_reading_again(first)
    if not rows or not wholes:
        return wholes
    part: Look = (partial(picture.strips, prepared, rows, picture.TEXT_HEIGHT), True)
    return [part, *wholes[1:]] if _found_all(first, today) else [*wholes, part]


def _prepared(image: picture.Image, steps: Collection[str], manner: Manner) -> picture.Image:
    wanted = [step for step in steps if step not in manner.leave_out]
    return picture.prepare(image, wanted, letters=manner.letters)


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


def _worth_reading_again(page: Page) -> list[tuple[float, float, float]]:
    """Where the rows stand that hold names, sums, dates and GSTINs, or should: from where to where,
    and how high their letters are."""
    heads = names.heads(page)
    return [
        (row.top, row.bottom, row.height)
        for at, row in enumerate(page.rows)
        if at in heads
        or (row.kind and row.amounts)
        or row.kind in ("total", "grand_total", "round")
        or names.WORTH.search(row.text)
        or max(page.likely(at, "total"), page.likely(at, "day")) > MAY_BE
    ]


def _found_all(page: Page, today: date) -> bool:
    """Whether a page has a date and what is called its total."""
    return names.day([page], today=today).value is not None and any(
        row.kind in ("total", "grand_total") and row.amounts for row in page.rows
    )


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
