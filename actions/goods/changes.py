"""Several changes of a draft's lines in one message, each taken by itself: "ek saree kam karo aur 2
kurti badha do, jeans 900 lagao"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from actions.context import Turn
from actions.entities import NUMBERS, Line, lines_of, number_of, unit_in
from actions.forms.draft import Draft
from actions.goods.lines import asks_for_more, line_meant
from actions.goods.rates_right import take_right_rate
from actions.goods.said import words_of_goods
from actions.goods.taken_off import set_quantity
from actions.lexicon import only, says, where, words
from actions.reading.parts import part_of
from erp_core.kernel.clauses import Span, sentences
from erp_core.kernel.hindi_numbers import parse_number

NEAR = 3
"""So many words may stand between "baaki" and "hata do"."""

_WORD = re.compile(r"[^\s,;.!?।]+")

Lines = Sequence[dict[str, Any]]


class _Piece(NamedTuple):
    """A part of a message: where it stands, and whether its verb stands first, last or
    nowhere, and whether it names goods."""

    span: Span
    verb: str | None
    goods: bool


def take_changes(turn: Turn, draft: Draft, take: Callable[[Turn, Draft], bool]) -> bool:
    """Take what a message changes in a draft, one change after the other; whether it said any."""
    lines: list[dict[str, Any]] = draft["lines"] or []
    if keep_only(turn, lines) or count_each(turn, lines) or take_right_rate(turn, draft):
        return True
    if _is_unclear_which(turn, draft):
        draft.pending = {"kind": "edit", "count": turn.all("quantity")[0].value}
        return True
    if (asked := (draft["asked"] or {}).get("count")) and _take_awaited(turn, lines, asked):
        return True
    parts = changes_apart(turn, lines)
    if len(parts) == 1:
        return take(turn, draft)
    before, asked = list(lines), draft["asked"]
    awaited = lines[asked["index"]] if asked and "index" in asked else None
    taken = []
    for part in parts:
        at = next((at for at, one in enumerate(lines) if one is awaited), None)
        draft["asked"] = {**asked, "index": at} if asked and at is not None else {}
        taken.append(take(part, draft))
    _count_as_before(before, lines)
    return any(taken)


def _is_unclear_which(turn: Turn, draft: Draft) -> bool:
    """ "Ek hi thi" of several goods of which there are as many: it is asked what shall be so."""
    counts = [line.get("quantity") for line in draft["lines"]]
    alone = [one.name for one in turn.entities] == ["quantity"] and turn.is_user
    if not alone or draft["asked"] or len(counts) < 2 or len(set(counts)) != 1 or None in counts:
        return False
    named = any(words_of_goods(line) & {*turn.words} for line in draft["lines"])
    return not named and not asks_for_more(turn) and not says(turn.words, "remove")


def _take_awaited(turn: Turn, lines: list[dict[str, Any]], count: str) -> bool:
    """The goods of which there are as many as was said before it was asked which are meant."""
    held = [line for line in lines if words_of_goods(line) & {*turn.words}]
    number = parse_number(count)
    if len(held) != 1 or number is None or any(turn.first(one) for one in NUMBERS):
        return False
    set_quantity(held[0], Line(quantity=number))
    return True


def _count_as_before(before: Lines, lines: Lines) -> None:
    """ "Jeans hatao, linen shirt daal do" wants as many of the one as there were of the other."""
    gone = [one for one in before if not any(one is line for line in lines)]
    fresh = [one for one in lines if not any(one is line for line in before)]
    if len(gone) == len(fresh) == 1 and not fresh[0].get("quantity"):
        fresh[0].update(quantity=gone[0].get("quantity"), said_unit=gone[0].get("said_unit"))


def keep_only(turn: Turn, lines: list[dict[str, Any]]) -> bool:
    """ "Sirf jeans rakho, baaki hata do" leaves what is named, and takes off the rest."""
    nothing_else = says(turn.words, "changes.only") and says(turn.words, "changes.keeps")
    keeps = nothing_else and not any(turn.first(one) for one in NUMBERS)
    if not lines or not (keeps or _takes_rest_off(turn.words)):
        return False
    said = lines_of(turn.text, turn.entities)
    kept = [(line, one) for one in said if (line := line_meant(turn, lines, one.product or ""))]
    kept = kept or [(line, Line()) for line in lines if words_of_goods(line) & {*turn.words}]
    for line, one in kept:
        if one.quantity is not None:
            set_quantity(line, one)
    lines[:] = [line for line in lines if any(line is one for one, _ in kept)] or lines
    return bool(kept)


def _takes_rest_off(said: Sequence[str]) -> bool:
    """Whether all but what is named shall go: "baaki sab hata do", "dolo ke alawa sab hata do"."""
    excepted = where(said, "stock.all") if says(said, "changes.except") else None
    rest = where(said, "changes.rest") or excepted
    if rest is None:
        return False
    beside = (*said[max(0, rest[0] - NEAR) : rest[0]], "|", *said[rest[1] : rest[1] + NEAR])
    return says(beside, "remove")


def count_each(turn: Turn, lines: list[dict[str, Any]]) -> bool:
    """ "Kurti aur t-shirt dono 5 kar do", "sab 2 2 kar do": one count for each that is named, or
    for all of the list."""
    numbers = {number_of(one) for one in turn.all("quantity")}
    said = len(numbers) == 1 and None not in numbers
    counts = said and says(turn.words, "of_all") and says(turn.words, "changes.verbs")
    others = turn.first("amount") or says(turn.words, "remove") or says(turn.words, "puts_on_top")
    goods = turn.all("product_name")
    if not counts or others or len(goods) == 1:
        return False
    named = [line_meant(turn, lines, one.value) for one in goods] if goods else list(lines)
    if not all(named):
        return False
    unit = turn.first("unit")
    for line in filter(None, named):
        set_quantity(
            line, Line(quantity=numbers.copy().pop(), unit=unit_in(unit) if unit else None)
        )
    return True


def changes_apart(turn: Turn, lines: Lines) -> list[Turn]:
    """The parts of a message of which each changes goods; the whole, where it is one change."""
    if not lines or turn.is_not_words or not says(turn.words, "changes.verbs"):
        return [turn]
    pieces = [one for span in sentences(turn.text) for one in _cut(turn, span, lines)]
    spans = _joined(turn, pieces)
    if len(spans) < 2:
        return [turn]
    spans[-1] = (spans[-1][0], len(turn.text))
    return [part_of(turn, span) for span in spans]


def _cut(turn: Turn, span: Span, lines: Lines) -> list[_Piece]:
    """A clause cut behind each of its verbs, or before them where they stand first: "dolo hatao
    bandage daal do", "add 2 dolo remove ors"."""
    row = [one.span() for one in _WORD.finditer(turn.text, *span)]
    goods = _goods_in(turn, row, lines)
    verbs = [one for one in row if _is(turn, one, "changes.verbs") and one not in goods]
    if not verbs or not goods:
        return [_Piece(span, "last" if verbs else None, bool(goods))]
    first = verbs[0] < goods[0]
    cuts = [one[0] for one in verbs[1:]] if first else _ends_of_changes(turn, row, verbs)
    cuts = [at for at in dict.fromkeys(cuts) if goods[0][0] < at <= goods[-1][0]]
    kind = "first" if first else "last"
    return [
        _Piece((start, end), kind if any(start <= one[0] < end for one in verbs) else None, True)
        for start, end in pairwise([span[0], *cuts, span[1]])
    ]


def _goods_in(turn: Turn, row: Sequence[Span], lines: Lines) -> list[Span]:
    """The words that name goods, by an entity or because a line of the draft is called so."""
    held = {word for line in lines for word in words_of_goods(line)}
    named = [one for one in turn.all("product_name") if one.end]
    return [
        (start, end)
        for start, end in row
        if any(one.start <= start < one.end for one in named)
        or held & {*words(turn.text[start:end])}
    ]


def _ends_of_changes(turn: Turn, row: Sequence[Span], verbs: Sequence[Span]) -> list[int]:
    """Where something new begins behind a verb and what belongs to it, as "do" to "hata"."""
    counts = [one.start for one in turn.all("quantity") if one.end]
    ends, open_verb = [], False
    for word in row:
        own = _is(turn, word, "changes.behind_verbs") and word[0] not in counts
        if open_verb and word not in verbs and not own:
            ends.append(word[0])
            open_verb = False
        open_verb = open_verb or word in verbs
    return ends


def _is(turn: Turn, word: Span, cues: str) -> bool:
    return only(words(turn.text[slice(*word)]) or [""], cues)


def _joined(turn: Turn, pieces: Sequence[_Piece]) -> list[Span]:
    """The parts as changes: what has no verb goes with the one behind it, "maggi, lux hata do", or
    with the one before, "maggi hata do, lux bhi"; unless it counts goods and that one does not. A
    verb alone is of the goods before it that have none: "maggi 1 aur daal do"."""
    spans: list[Span] = []
    leading: int | None = None
    former: _Piece | None = None
    for one, behind in zip(pieces, [*pieces[1:], None], strict=True):
        lacking, former = former is not None and former.goods and not former.verb, one
        if spans and lacking and one.verb and not one.goods:
            spans[-1] = (spans[-1][0], one.span[1])
            continue
        start, leading = one.span[0] if leading is None else leading, None
        counted = _counts(turn, one.span)
        alone = one.goods and (one.verb or says(words(turn.text[slice(*one.span)]), "replaced"))
        leads = behind is not None and behind.goods and behind.verb == "last"
        alike = not one.goods or (behind and counted == _counts(turn, behind.span))
        if not alone and leads and alike:
            leading = start
        elif spans and not alone and not (one.goods and counted):
            spans[-1] = (spans[-1][0], one.span[1])
        else:
            spans.append((start, one.span[1]))
    return spans


def _counts(turn: Turn, span: Span) -> bool:
    return any(span[0] <= one.start < span[1] for one in turn.all("quantity"))
