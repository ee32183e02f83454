"""Rows of a slip as goods with a count or a rate: "Maggi 12", "2) Parle G - 24 pkt", "5 kg chini",
"Amul Butter 100g  Rs 56".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, takewhile

from rapidfuzz import fuzz

from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.money import LARGEST_AMOUNT, half_up
from erp_core.kernel.quantity import parse_unit
from erp_core.receipts.figures import HINDI_DIGITS
from erp_core.receipts.layout import Page, Row
from erp_core.slips import cues
from erp_core.slips.page import Line

MOST_LINES = 40
MOST_HEAD = 4
LONGEST_NAME = 60
MOST_COUNT = 100_000
MOST_NUMBER_WORD = 100
FEWEST_LETTERS = 3
NOTHING = (None, None, None)

CLEAR = 0.85
"""How sure an engine must be of figures that only one reading has."""

FAIR = 0.4
"""And of those that two readings agree on."""

CLEAR_NAME = 0.7
"""How sure it must be of the letters of a name: of what is no writing it makes words too."""

SAME_NAME = 65
SPELT_ALIKE = 95
NEAR = 3
"""Rows of two readings that lie further apart are not the same."""

LEAST_SERIAL = 0.8
"""So many of the lines must count up from one for the first figures to be numbers of lines."""

_EDGE = " |*•·~_\"'“”‘’`-–—=:;,()[]{}<>"
_SERIAL = re.compile(r"\d{1,2}[.):]")
_SERIAL_GLUED = re.compile(r"^\d{1,2}[.)](?=[^\W\d_])")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{2,3})+|\d{1,6}(?:[.,]\d{1,3})?")
_GLUED = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)([^\W\d]+)\.?")
_TIMES = re.compile(r"[xX×](\d{1,5})|(\d{1,5})[xX×]")
_MONEY = re.compile(r"(?:₹|(?i:rs|inr|mrp)\.?:?|रु\.?)(?=\d|$)")
_MONEY_WORD = re.compile(r"(?i:₹|rs|inr|mrp|rupees|rupaye|rupay|re)\.?:?|रु\.?|रुपये")
_MONEY_BEHIND = re.compile(r"(/-|/=|\.-)$")
_PAISE = re.compile(r"\d+\.\d\d")
_FRACTIONS = {"1/2": Decimal("0.5"), "½": Decimal("0.5"), "1/4": Decimal("0.25"),
              "¼": Decimal("0.25"), "3/4": Decimal("0.75"), "¾": Decimal("0.75")}  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_NO_GOODS = re.compile(
    r"\S+@\S+|www\.|gstin|\d{7,}|\d{5}[\s-]\d{5}|(?<!\d)[1-9]\d{5}(?!\d)"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}",
    re.IGNORECASE,
)
"""Numbers to call, days, postcodes."""

TAXES = ("cgst", "sgst", "igst")
SUMS = ("total", "grand_total", "sub_total", *TAXES)


@dataclass(frozen=True)
class Figure:
    """A number of a row: with its unit, or as money, and how sure the engine was."""

    value: Decimal
    unit: str | None = None
    money: bool = False
    glued: bool = False
    confidence: float = 1.0


@dataclass(frozen=True)
class Piece:
    """A word of a row without what stands around it, or the figure that it is."""

    text: str
    figure: Figure | None = None
    serial: bool = False
    confidence: float = 1.0


def lines_of(pages: Sequence[Page]) -> tuple[Line, ...]:
    """The goods of a slip. Lines on which its readings differ are not `sure`."""
    readings = [_lines(page) for page in pages]
    if not readings:
        return ()
    best = max(readings, key=len)
    others = [one for one in readings if one is not best]
    return tuple(_settled(at, one, others) for at, one in enumerate(best))


def head_of(page: Page) -> tuple[str, ...]:
    """The rows above the first goods."""
    rows = takewhile(lambda row: not _names_goods(row) or not _line(_pieces(row)), page.rows)
    return tuple(row.text[:LONGEST_NAME] for row in rows)[:MOST_HEAD]


def _names_goods(row: Row) -> bool:
    return not _NO_GOODS.search(row.text) and row.kind not in SUMS


@dataclass(frozen=True)
class _Read:
    line: Line
    confidence: float
    named: float = 0.0


def _lines(page: Page) -> list[_Read]:
    """The lines of one reading; a row among them that names no number is one, not to be lost."""
    rows = _without_serials([_pieces(row) for row in page.rows if _names_goods(row)])
    read = [(pieces, _line(pieces)) for pieces in rows]
    places = [at for at, (_, line) in enumerate(read) if line is not None]
    if not places:
        return []
    found = [
        line or _unread(pieces)
        for at, (pieces, line) in enumerate(read)
        if line or _is_lost(pieces, inside=places[0] < at < places[-1])
    ]
    return found[:MOST_LINES]


def _is_lost(pieces: Sequence[Piece], *, inside: bool) -> bool:
    """Whether a row without a figure of its own was goods: above and below them only one that has
    some digit, and is no heading."""
    text = _text(pieces)
    if len(_LETTER.findall(text)) < FEWEST_LETTERS:
        return False
    heading = any(cues.says(text, name) for name in ("count", "order", "prices"))
    return inside or (bool(_DIGIT.search(text)) and not heading)


def _unread(pieces: Sequence[Piece]) -> _Read:
    return _Read(Line(_text(pieces), sure=False), 0.0, _sureness(pieces))


def _text(pieces: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)[:LONGEST_NAME].strip()


def _settled(at: int, read: _Read, others: Sequence[Sequence[_Read]]) -> Line:
    """A line as all readings have it; unsure where they have it differently."""
    same = [twin for other in others if (twin := _twin(at, read, other)) is not None]
    line = replace(read.line, clear=_is_clear(read, same))
    if _figures(line) == NOTHING and same and same[0].confidence >= CLEAR:
        return replace(same[0].line, clear=line.clear)
    if any(_figures(twin.line) == NOTHING for twin in same):
        same = []
    if any(_figures(twin.line) != _figures(line) for twin in same):
        return replace(line, sure=False)
    needed = FAIR if same else CLEAR
    best = max([read.confidence, *(twin.confidence for twin in same)])
    return replace(line, sure=line.sure and best >= needed)


def _is_clear(read: _Read, twins: Sequence[_Read]) -> bool:
    """Whether some reading saw the letters of a name well."""
    text = read.line.text.lower()
    alike = [one for one in twins if fuzz.ratio(text, one.line.text.lower()) >= SPELT_ALIKE]
    return max(one.named for one in (read, *alike)) >= CLEAR_NAME


def _twin(at: int, read: _Read, other: Sequence[_Read]) -> _Read | None:
    near = other[max(0, at - NEAR) : at + NEAR + 1]
    likeness = [fuzz.ratio(read.line.text.lower(), one.line.text.lower()) for one in near]
    if not likeness or max(likeness) < SAME_NAME:
        return None
    return near[likeness.index(max(likeness))]


def _figures(line: Line) -> tuple[Decimal | None, str | None, int | None]:
    return line.quantity, line.unit, line.paise


# From a row to pieces


def _pieces(row: Row) -> list[Piece]:
    pieces: list[Piece] = []
    for word in row.words:
        text = word.text.translate(HINDI_DIGITS).strip()
        text = text if pieces else _SERIAL_GLUED.sub("", text)
        serial = not pieces and _SERIAL.fullmatch(text) is not None
        bare = text.strip(_EDGE)
        if not bare or bare.lower() in ("x", "×", "@"):
            continue
        figure = _figure(text, bare, word.confidence)
        pieces.append(Piece(bare, figure, serial, word.confidence))
    return _with_words(pieces)


def _figure(text: str, bare: str, confidence: float) -> Figure | None:
    """The figure that a word is, "12", "12kg", "x12", "Rs.14/-", "14.00", "1/2"."""
    money = bool(_MONEY.match(bare) or _MONEY_BEHIND.search(text.strip(" |,;:")))
    bare = _MONEY_BEHIND.sub("", _MONEY.sub("", bare)).strip(f"{_EDGE}/")
    if bare in _FRACTIONS:
        return Figure(_FRACTIONS[bare], confidence=confidence)
    if times := _TIMES.fullmatch(bare):
        return Figure(Decimal(times[1] or times[2]), confidence=confidence)
    bare = bare.rstrip(".")
    if _NUMBER.fullmatch(bare):
        money = money or _PAISE.fullmatch(bare) is not None
        return Figure(_decimal(bare), money=money, confidence=confidence)
    if (glued := _GLUED.fullmatch(bare)) and (unit := parse_unit(glued[2])):
        return Figure(_decimal(glued[1]), unit, glued=True, confidence=confidence)
    return None


def _decimal(text: str) -> Decimal:
    """ "1,200" is twelve hundred, "2,5" two and a half."""
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}", text):
        return Decimal(text.replace(",", ""))
    return Decimal(text.replace(",", "."))


def _with_words(pieces: list[Piece]) -> list[Piece]:
    """Units and signs of money joined with the figure beside them; numbers in words read."""
    joined: list[Piece] = []
    for at, piece in enumerate(pieces):
        before = joined[-1].figure if joined else None
        alone = before is not None and before.unit is None and not before.money
        if before is not None and alone and (unit := _unit(piece.text)):
            joined[-1] = replace(joined[-1], figure=replace(before, unit=unit))
        elif piece.figure is None and _MONEY_WORD.fullmatch(piece.text):
            behind = pieces[at + 1] if at + 1 < len(pieces) else None
            if behind is not None and behind.figure is not None:
                pieces[at + 1] = replace(behind, figure=replace(behind.figure, money=True))
            elif before is not None:
                joined[-1] = replace(joined[-1], figure=replace(before, money=True))
        elif piece.figure is None and at in (0, len(pieces) - 1) and (number := _said(piece)):
            joined.append(replace(piece, figure=Figure(number)))
        elif piece.figure is None and joined and cues.is_one(piece.text, "behind") and before:
            continue
        else:
            joined.append(piece)
    return joined


def _unit(text: str) -> str | None:
    return parse_unit(text) if _LETTER.search(text) else None


def _said(piece: Piece) -> Decimal | None:
    if len(piece.text) < 2 or not _LETTER.search(piece.text):
        return None
    number = parse_number(piece.text)
    return number if number is not None and 0 < number <= MOST_NUMBER_WORD else None


def _without_serials(rows: list[list[Piece]]) -> list[list[Piece]]:
    """Rows without the numbers of lines that some people write before them."""
    numbered = [row for row in rows if len(row) > 2 and row[0].figure and _plain(row[0].figure)]
    firsts = [row[0].figure.value for row in numbered if row[0].figure]
    counting = sum(after - before == 1 for before, after in pairwise(firsts))
    ends = sum(any(piece.figure for piece in row[1:]) for row in numbered)
    are_serials = (
        len(firsts) >= 3
        and firsts[0] == 1
        and counting >= LEAST_SERIAL * (len(firsts) - 1)
        and ends >= LEAST_SERIAL * len(firsts)
    )
    return [
        row[1:] if row and (row[0].serial or (are_serials and row in numbered)) else row
        for row in rows
    ]


def _plain(figure: Figure) -> bool:
    return figure.unit is None and not figure.money and figure.value == int(figure.value)


# From pieces to a line


def _line(pieces: Sequence[Piece]) -> _Read | None:
    """The goods that a row names; None where it names none, or nothing of how much."""
    behind = list(takewhile(lambda piece: piece.figure is not None, reversed(pieces)))[::-1]
    front = list(takewhile(lambda piece: piece.figure is not None, pieces))
    if len(behind) == len(pieces):
        return None
    size_only = front and behind and len(behind) == 1 and _is_size(behind[0])
    if not behind or size_only:
        return _read(front, pieces[len(front) :], sure=len(front) == 1)
    # A number in front as well is part of the name ("5 Star 20"), or it is a count: who can tell?
    return _read(behind, pieces[: len(pieces) - len(behind)], sure=True)


def _is_size(piece: Piece) -> bool:
    return piece.figure is not None and piece.figure.glued


def _sureness(pieces: Sequence[Piece]) -> float:
    """How well the letters of a name were seen, 0..1."""
    named = [piece for piece in pieces if _LETTER.search(piece.text)]
    letters = sum(len(piece.text) for piece in named)
    return sum(len(piece.text) * piece.confidence for piece in named) / max(1, letters)


def _read(figures: Sequence[Piece], name: Sequence[Piece], *, sure: bool) -> _Read | None:
    text = _text(name)
    read = [piece.figure for piece in figures if piece.figure is not None]
    if len(_LETTER.findall(text)) < 2 or not read:
        return None
    confidence, named = min(one.confidence for one in read), _sureness(name)
    counts = [one for one in read if not one.money]
    money = [one for one in read if one.money]
    if len(counts) == 3 and not money and counts[0].value * counts[1].value == counts[2].value:
        counts, money = counts[:1], counts[1:2]
    if len(counts) == 2 and len(money) == 0 and _is_size(figures[0]):
        # "Amul Butter 100g 3": the size belongs to the name.
        text, counts = f"{text} {figures[0].text}", counts[1:]
    if len(counts) > 1 or len(money) > 1:
        return _Read(Line(text, sure=False), confidence, named)
    count = counts[0] if counts else None
    if count is not None and not 0 <= count.value < MOST_COUNT:
        return _Read(Line(text, sure=False), confidence, named)
    paise = half_up(money[0].value * 100) if money else None
    if paise is not None and not 0 < paise <= LARGEST_AMOUNT:
        return _Read(Line(text, sure=False), confidence, named)
    line = Line(
        text,
        count.value if count else None,
        count.unit if count else None,
        paise,
        sure=sure or bool(money),
    )
    return _Read(line, confidence, named)
