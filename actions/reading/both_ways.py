"""Goods of which some came and some went, told in one breath: "20 kilo dahi aaya subah 12 bik gaya
cash", "10 cup aaye 2 toote", "40 bike aur 50 aur aa gaye".

Each number goes with the word beside it that says which way its goods went.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from actions.context import SURE, Turn
from actions.entities import Entity, method_of
from actions.lexicon import only, says, words
from actions.reading.gone_back import gone_back
from actions.reading.parts import part_of
from erp_core.kernel.clauses import SEPARATOR, Span
from erp_core.kernel.hindi_numbers import parse_number

FEWEST = 2
IN, OUT, SOLD = "in", "out", "sold"
_TOLD_BY = (
    (OUT, ("stock.lost", "stock.damage")),
    (SOLD, ("sold",)),
    (IN, ("stock.arrived", "stock.made")),
)
"""What tells which way goods went; a loss tells more than a coming."""
_OF_ELSE = ("order_id", "invoice_number", "customer_phone", "person")
_OPEN = ("buying.question", "negation", "tense.future", "wanting", "undoing.sorry", "in_place_of")
_WORD = re.compile(r"[^\s,;.!?]+")


class _Piece(NamedTuple):
    number: Decimal
    at: Span
    span: Span
    way: str | None
    sums: tuple[Span, ...] = ()
    paid: bool = False
    """Whether it is told that the money for what was sold came."""


def moved_both_ways(turn: Turn) -> list[Turn]:
    """What came and what went, each as if it alone had been told; none where all went one way, or
    a number is there of which that is not said."""
    if not _may_move(turn):
        return []
    pieces = _with_money(turn, list(_pieces(turn)))
    told = [one for one in pieces if one.way]
    if len({one.way for one in told}) < FEWEST or pieces[0].way is None:
        return []
    if any(not _is_left(turn, one, told) for one in pieces if one.way is None):
        return []
    return list(_each(turn, told))


def money_came(turn: Turn) -> Turn | None:
    """A sale and its money, taken for goods that came: "10 lassi biki 600 aaye"."""
    if turn.intent == "order_create" or not _may_move(turn):
        return None
    pieces = _with_money(turn, list(_pieces(turn)))
    return next(_each(turn, pieces)) if len(pieces) == 1 and pieces[0].paid else None


def _may_move(turn: Turn) -> bool:
    if not turn.is_user or turn.is_not_words or "?" in turn.text or not turn.first("product_name"):
        return False
    if any(turn.first(one) for one in _OF_ELSE) or gone_back(turn.words):
        return False
    if turn.first("date") and says(turn.words, "written.expiry"):
        return False  # Until when goods keep is no count of them.
    return not any(says(turn.words, one) for one in _OPEN)


def _pieces(turn: Turn) -> Iterator[_Piece]:
    """The numbers of a message, each with the part of it that goes with it."""
    numbers, text, start = list(_numbers(turn)), _beside_names(turn), 0
    for this, behind in pairwise([*numbers, None]):
        if this is not None:
            end = _cut(turn, text, (start, *this[1]), behind[1]) if behind else len(text)
            way = _way(text[start:end]) or (_given(turn, (start, end)) if start else None)
            yield _Piece(*this, (start, end), way)
            start = end


def _numbers(turn: Turn) -> Iterator[tuple[Decimal, Span]]:
    apart = [one for one in turn.entities if one.name not in ("quantity", "amount") and one.end]
    marked = [one.start for one in turn.entities if one.name in ("quantity", "amount")]
    for word in _WORD.finditer(turn.text):
        if any(one.start <= word.start() < one.end for one in apart):
            continue
        number = parse_number(word[0])
        filler = only(words(word[0]), "filler") and word.start() not in marked
        beside = only(words(turn.text[word.end() :])[:1] or ("-",), "counted_beside")
        if number and not filler and not beside:
            yield number, word.span()


def _beside_names(turn: Turn) -> str:
    """The message with blanks in place of what it names: an "expiry March" spoils nothing."""
    text = turn.text
    for one in turn.entities:
        if one.name in ("product_name", "customer_name", "vendor_name", "date"):
            text = f"{text[: one.start]}{' ' * (one.end - one.start)}{text[one.end :]}"
    return text


def _cut(turn: Turn, text: str, before: tuple[int, int, int], behind: Span) -> int:
    """Where, between a number and the next, what is said of the first ends: at a comma, before the
    goods that the next counts, before a second verb, or before a verb where the first stands in
    front of its number."""
    start, number, end = before
    gap = (end, behind[0])
    if apart := list(SEPARATOR.finditer(text, *gap)):
        return apart[-1].start()
    goods = {one.start for one in turn.all("product_name")}
    front = _way(text[start:number])
    for first in (one.start() for one in _WORD.finditer(turn.text, *gap)):
        told, more = front or _way(text[end:first]), _way(text[first : behind[0]])
        if told and (more or first in goods):
            return first
    return behind[0]


def _way(text: str) -> str | None:
    said = [one for one in words(text) if not only([one], "as_well")]
    return next((way for way, cues in _TOLD_BY if any(says(said, one) for one in cues)), None)


def _given(turn: Turn, span: Span) -> str | None:
    """ "3 kilo Kavita ko diya" went out as what is sold does."""
    part = part_of(turn, span)
    named = part.first("customer_name")
    behind = words(part.text[named.end :]) if named else ()
    return SOLD if behind[:1] == ("ko",) and says(behind, "few_words.given") else None


def _with_money(turn: Turn, pieces: Sequence[_Piece]) -> list[_Piece]:
    """The pieces with what goods cost, or were sold for, in the one before it: "… bik gaya 900
    cash", "10 lassi biki 600 aaye"."""
    joined: list[_Piece] = []
    for one in pieces:
        former = joined[-1] if joined else None
        came = former is not None and _is_money_that_came(turn, former, one)
        if former and former.way and (came or (not one.way and _is_sum(turn, one))):
            span, sums = (former.span[0], one.span[1]), (*former.sums, one.at)
            joined[-1] = former._replace(span=span, sums=sums, paid=former.paid or came)
        else:
            joined.append(one)
    return joined


def _is_sum(turn: Turn, piece: _Piece) -> bool:
    said = words(turn.text[piece.at[1] : piece.span[1]])
    priced = says(said[:1], "rupees") or only(said[:1] or ("-",), "few_words.behind_a_sum")
    return priced or method_of(" ".join(said)) is not None


def _is_left(turn: Turn, piece: _Piece, told: Sequence[_Piece]) -> bool:
    """Whether a number counts what is left of those that came, which follows from the others."""
    came = sum(one.number for one in told if one.way == IN)
    went = sum(one.number for one in told if one.way != IN)
    said = words(turn.text[slice(*piece.span)])
    return piece.number == came - went or says(said, "stock.left")


def _is_money_that_came(turn: Turn, former: _Piece, piece: _Piece) -> bool:
    """ "10 lassi biki 600 aaye": what came right behind a sale, with no word of more goods."""
    said = words(turn.text[slice(*piece.span)])
    more = says(said, "more") or says(said, "newness") or says(said, "stock.made")
    return former.way == SOLD and piece.way == IN and not (more or _goods_in(turn, piece))


def _goods_in(turn: Turn, piece: _Piece) -> list[Entity]:
    return [one for one in turn.all("product_name") if piece.span[0] <= one.start < piece.span[1]]


def _each(turn: Turn, told: Sequence[_Piece]) -> Iterator[Turn]:
    goods = turn.all("product_name")[:1]
    for number, piece in enumerate(told):
        part = part_of(turn, piece.span)
        goods = _goods_in(turn, piece) or goods
        carried = [] if part.first("product_name") else [replace(goods[0], start=0, end=0)]
        numbers = [
            _marked(part, piece, "quantity", piece.at),
            *(_marked(part, piece, "amount", one) for one in piece.sums),
        ]
        places = {one.start for one in numbers}
        others = [one for one in part.entities if one.end == 0 or one.start not in places]
        yield replace(
            part,
            intent="order_create" if piece.way == SOLD else "inventory_update",
            confidence=SURE,
            entities=sorted([*carried, *others, *numbers], key=lambda one: one.start),
            reference=f"{turn.reference}/{number}",
            clauses=(),
        )


def _marked(part: Turn, piece: _Piece, name: str, at: Span) -> Entity:
    start, end = (one - piece.span[0] for one in at)
    return Entity(name, part.text[start:end], start=start, end=end)
