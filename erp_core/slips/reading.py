"""From the bytes of one picture to what a slip or card says.

    slip = read_slip(data, engine=Tesseract(), wanted="count")

Pure and without a database, like receipts.reading: it runs in a process that may die.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from erp_core.kernel.errors import Unavailable
from erp_core.kernel.money import half_up
from erp_core.kernel.quantity import plain
from erp_core.receipts import kinds, layout, picture
from erp_core.receipts.items import is_heading
from erp_core.receipts.layout import Page
from erp_core.receipts.ports import Engine, Word
from erp_core.receipts.reading import BOTH, DOUBTFUL, ENGLISH, clear, legible
from erp_core.slips import cards, cues, goods
from erp_core.slips.page import WANTED, Card, Kind, Line, Slip, Wanted

__all__ = ["Noting", "may_be_slip", "read_pages", "read_slip"]

MANNERS: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset(), picture.TEXT_HEIGHT),
    (frozenset({"contrast", "denoise"}), 36),
)
"""Two readings slip in different places: figures on which they differ are asked, never taken."""

SECONDS = 6.0
"""After so long there is no second reading."""

LEGIBLE = 0.7
"""What is read no better in English is read in Hindi too: letters by hand hang from no line."""

BETTER = 0.1

HEAD = 3
"""Rows of a page that may say what it is."""

LEAST_LINES = 2
"""So many lines make a slip of a picture of which nobody said what it is."""

MOST_PRICED = 0.6
MOST_BILLED = 0.5
"""Lines with how many and how much are those of a bill."""

SIZES = {"gram": "g", "kg": "kg", "ml": "ml", "litre": "L", "piece": "pc"}
"""Units that stand for a size in the name of goods, as names write them."""


class Noting:
    """An engine that keeps the words of the picture that it has read best, so that what is no slip
    need not be read again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.best: list[Word] = []

    @property
    def name(self) -> str:
        """The engine's own."""
        return self._engine.name

    def words(self, image: NDArray[Any], languages: Sequence[str]) -> list[Word]:
        """The words that the engine reads."""
        words = self._engine.words(image, languages)
        if legible(words) > legible(self.best):
            self.best = words
        return words


def may_be_slip(words: Sequence[Word]) -> bool:
    """Whether a page of which these words were read is worth being read as a slip or card."""
    return read_pages([layout.page_of(words)]).kind not in ("none", "payment_screenshot")


def read_slip(data: bytes, *, engine: Engine, wanted: Wanted | None = None) -> Slip:
    """What a picture (JPEG, PNG or WebP, size checked before) says of goods, or of somebody.

    Raises what the engine raises.
    """
    began = time.perf_counter()
    image = picture.decode(data)
    if image is None:
        return Slip("none")
    on_side = picture.lies_on_side(image)
    image = picture.turned(image, 1) if on_side else image
    pages: list[Page] = []
    languages: Sequence[str] = ()
    for leave_out, letters in MANNERS:
        if pages and time.perf_counter() - began > SECONDS:
            break
        steps = [step for step in picture.STEPS if step not in leave_out]
        grey = picture.prepare(image, steps, letters=letters)
        try:
            if pages:
                words = engine.words(grey, languages)
            else:
                words, languages, on_its_head = _first_look(grey, engine, on_side=on_side)
                image = _turned(image) if on_its_head else image
        except Unavailable:
            if not pages:
                raise
            break
        pages.append(layout.page_of(words))
    slip = read_pages(pages, wanted=wanted)
    return replace(slip, seconds={"all": round(time.perf_counter() - began, 3)})


def _first_look(
    grey: NDArray[Any], engine: Engine, *, on_side: bool
) -> tuple[list[Word], Sequence[str], bool]:
    """The words of a page, the languages that they are in, and whether it stands on its head."""
    languages = BOTH if picture.has_headlines(grey) else ENGLISH
    upright = engine.words(grey, languages)
    ways = {False: upright}
    if on_side or clear(upright) < DOUBTFUL:
        ways[True] = engine.words(_turned(grey), languages)
    on_its_head = _best(ways)
    words = ways[on_its_head]
    if languages == ENGLISH and sureness(words) < LEGIBLE:
        ways = _in_both(grey, engine, ways)
        if ways and sureness(ways[_best(ways)]) > sureness(words) + BETTER:
            return ways[_best(ways)], BOTH, _best(ways)
    return words, languages, on_its_head


def _in_both(grey: NDArray[Any], engine: Engine, halves: Iterable[bool]) -> dict[bool, list[Word]]:
    """The words in both languages; nothing where that takes an engine too long."""
    try:
        return {half: engine.words(_turned(grey) if half else grey, BOTH) for half in halves}
    except Unavailable:
        return {}


def _best(ways: Mapping[bool, Sequence[Word]]) -> bool:
    return max(ways, key=lambda half: legible(ways[half]))


def sureness(words: Sequence[Word]) -> float:
    """How sure an engine is of all letters, 0..1."""
    named = [word for word in words if any(map(str.isalpha, word.text))]
    letters = sum(len(word.text) for word in named)
    return sum(len(word.text) * word.confidence for word in named) / max(1, letters)


def _turned(image: NDArray[Any]) -> NDArray[Any]:
    """By a half: print that lies on its side may stand on its head then."""
    return picture.turned(image, 2)


def read_pages(pages: Sequence[Page], *, wanted: Wanted | None = None) -> Slip:
    """What one or more readings of the same picture say together; as `wanted`, or as it looks."""
    if not pages:
        return Slip("none")
    if kinds.kind_of(pages) == "payment_screenshot":
        return Slip("payment_screenshot")
    card = cards.card_of(pages)
    lines = goods.lines_of(pages)
    head = goods.head_of(pages[0])
    if wanted is not None:
        return _as_wanted(wanted, lines, head, card)
    if card is not None and len(lines) < LEAST_LINES and cards.looks_like_card(card, pages):
        return Slip("card", card=card)
    kind = _kind(pages[0], lines)
    return Slip(kind, _of_kind(kind, lines), head) if kind != "none" else Slip("none")


def _as_wanted(
    wanted: Wanted, lines: Sequence[Line], head: tuple[str, ...], card: Card | None
) -> Slip:
    if wanted == "card":
        return Slip("card", card=card) if card is not None else Slip("none")
    kept = _of_kind(wanted, lines)
    return Slip(wanted, kept, head) if kept else Slip("none")


def _kind(page: Page, lines: Sequence[Line]) -> Kind:
    """What a page that nobody has named is: by its heading, else by its figures. What has tax by
    its heads is a bill."""
    if any(row.kind in goods.TAXES and row.amounts for row in page.rows):
        return "none"
    counted = [one for one in lines if one.quantity is not None]
    priced = [one for one in lines if one.paise is not None and one.quantity is None]
    if len(counted) + len(priced) < LEAST_LINES:
        return "none"
    for row in page.rows[:HEAD]:
        if is_heading(row.text):
            continue
        for kind in WANTED[:3]:
            if cues.says(row.text, kind) and _of_kind(kind, lines):
                return kind
    billed = [one for one in lines if one.paise is not None and one.quantity is not None]
    if len(billed) > MOST_BILLED * len(lines):
        return "none"
    if len(priced) >= MOST_PRICED * len(lines):
        return "prices"
    return "goods" if len(counted) >= MOST_PRICED * len(lines) else "none"


def _of_kind(kind: Kind, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines as a page of this kind means them: none left is a count and no order, and on a list
    of rates a bare number is a rate."""
    if kind == "count":
        return tuple(one for one in lines if one.quantity is not None or not one.sure)
    if kind != "prices":
        kept = (one for one in lines if one.quantity is not None or not one.sure)
        return tuple(replace(one, sure=one.sure and bool(one.quantity)) for one in kept)
    return tuple(_as_rate(one) for one in lines)


def _as_rate(line: Line) -> Line:
    """ "Maggi 70g 14.00" has a size in its name; "Oreo 30" a rate."""
    size = f"{plain(line.quantity)}{SIZES.get(line.unit or '', '')}" if line.quantity else ""
    if line.paise is not None:
        name = f"{line.text} {size}" if line.unit in SIZES else line.text
        return Line(name, paise=line.paise, sure=line.sure, clear=line.clear)
    if line.quantity is None or line.unit is not None:
        return Line(f"{line.text} {size}".strip(), sure=False, clear=line.clear)
    paise = half_up(line.quantity * 100)
    return Line(line.text, paise=paise, sure=line.sure, clear=line.clear)
