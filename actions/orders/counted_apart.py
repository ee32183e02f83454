"""Goods that are counted once, and then in pieces: "2 saree, ek cash ek Jignesh ke khate me", "2
becha ek wapas aa gaya"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity, method_of, number_of, sold_for
from actions.lexicon import only, says, words
from actions.reading.gone_back import gone_back
from actions.reading.parts import part_of
from erp_core.kernel.clauses import Span
from erp_core.kernel.hindi_numbers import parse_number
from erp_core.kernel.quantity import plain

_WORD = re.compile(r"[^\s,;.!?]+")
_WHO = ("customer_name", "person")
_OF_ELSE = ("vendor_name", "order_id", "invoice_number", "customer_phone")
_OUT = ("sold", "took", "exchange.taken", "given_to", "stock.remove")


@dataclass(frozen=True)
class _Piece:
    """A number behind the goods, and the words up to the next one."""

    number: Decimal
    span: Span
    rest: Span


@dataclass(frozen=True)
class Kept:
    """A sale of which a part came back at once: what is left of it, and what came back."""

    sale: Turn
    back: Turn
    taken: Decimal
    returned: Decimal
    former: bool
    """Whether the goods were sold before, so that only what came back is news."""

    def tell(self) -> None:
        """Tell what is written of it."""
        self.sale.say(
            "utter_kept_of_them",
            taken=plain(self.taken),
            back=plain(self.returned),
            left=plain(self.taken - self.returned),
        )


def shared_out(turn: Turn) -> list[Turn]:
    """The sales into which goods come apart that are counted once, each with who has them or how
    they were paid; none where they do not."""
    count = _counted_once(turn)
    total = number_of(count) if count else None
    if count is None or not total:
        return []
    told = _pieces(turn, _behind_goods(turn, count))
    for pieces in (told, [one for one in told if not _gives(turn, one)]):
        whole = len(pieces) > 1 and sum(one.number for one in pieces) == total
        if whole and all(_is_of_somebody(turn, one) for one in pieces):
            head = (0, pieces[0].span[0])
            sales = [_with_count(turn, count, head, one.number, one.rest) for one in pieces]
            ids = (f"{turn.reference}/{number}" for number in range(len(sales)))
            return [replace(one, reference=own) for one, own in zip(sales, ids, strict=True)]
    return []


def kept_of(turn: Turn) -> Kept | None:
    """A sale of which some goods are told to have come back in the same breath."""
    count = _counted_once(turn)
    total = number_of(count) if count else None
    if count is None or not total:
        return None
    pieces = _pieces(turn, count.end)
    turn = _with_paid_last(turn, pieces)
    for at, one in enumerate(pieces):
        head, tail = part_of(turn, (0, one.span[0])), part_of(turn, (one.span[0], one.rest[1]))
        paid = _paid_last(turn, pieces[at + 1 :])
        last = one.rest[1] == len(turn.text) or bool(paid)
        sums = [each for each in tail.all("amount") if each.start]
        if not last or sums or _gives(turn, one) or not _comes_back(tail) or one.number > total:
            continue
        if not _went_out(head) or gone_back(head.words):
            return None
        begun = (0, _begun(turn, one.span[0]))
        sale = _with_count(turn, count, begun, total - one.number, *paid)
        goods = [replace(e, start=0, end=0) for e in head.entities if e.name in _NAMING]
        number = Entity("quantity", plain(one.number))
        back = replace(tail, entities=[*goods, number], intent="inventory_update")
        former = says(head.words, "had_been") or head.first("date") is not None
        return Kept(sale, replace(back, clauses=()), total, one.number, former)
    return None


def _with_paid_last(turn: Turn, pieces: list[_Piece]) -> Turn:
    """The message with the number marked as money that was paid, behind what came back: "…, 2
    wapas, 20 diye"."""
    if len(pieces) < 2 or not _is_paid(turn, pieces[-1]):
        return turn
    start = pieces[-1].span[0]
    marked = (
        replace(one, name="amount") if one.start == start and one.name == "quantity" else one
        for one in turn.entities
    )
    return replace(turn, entities=list(marked))


def _paid_last(turn: Turn, behind: list[_Piece]) -> list[Span]:
    """Where it is told what was paid, behind what came back."""
    sums = {one.start for one in turn.all("amount")}
    paid = len(behind) == 1 and behind[0].span[0] in sums and _is_paid(turn, behind[0])
    return [(one.span[0], one.rest[1]) for one in behind] if paid else []


def _is_paid(turn: Turn, piece: _Piece) -> bool:
    said = part_of(turn, (piece.span[0], piece.rest[1]))
    return said.method is not None or says(said.words, "part_left.paid")


_NAMING = (*_WHO, "product_name")


def sold_and_kept(turn: Turn) -> Kept | None:
    """The same of goods that are sold just now."""
    kept = kept_of(turn)
    return kept if kept and not kept.former else None


def back_of_former(turn: Turn) -> Turn | None:
    """What came back of goods that were sold before, as if it alone had been told."""
    kept = kept_of(turn)
    return kept.back if kept and kept.former else None


def tell_all_back(turn: Turn) -> list[EventType] | None:
    """Of goods that were sold and all came back nothing is written."""
    kept = sold_and_kept(turn)
    if kept is None or kept.returned != kept.taken:
        return None
    turn.say("utter_all_back", taken=plain(kept.taken))
    return []


def _counted_once(turn: Turn) -> Entity | None:
    """The count of the only goods that a message names; "makeup 11000 me" counts none."""
    plain_text = turn.text and not turn.is_not_words and turn.metadata.get("kind") != "button"
    names = {words(one.value) for one in turn.all("product_name")}
    counts = [one for one in turn.all("quantity") if one.end]
    if not turn.is_user or not plain_text or len(names) != 1 or not counts:
        return None
    if any(turn.first(one) for one in _OF_ELSE) or says(turn.words, "asking"):
        return None
    return None if "?" in turn.text or sold_for(turn.text, counts[0]) else counts[0]


def _behind_goods(turn: Turn, count: Entity) -> int:
    return max(count.end, turn.all("product_name")[0].end)


def _pieces(turn: Turn, start: int) -> list[_Piece]:
    """The numbers behind a place, each with what is said of it."""
    found = list(_numbers(turn, start))
    ends = [span[0] for _, span in found[1:]]
    each = zip(found, (*ends, len(turn.text)), strict=False)
    return [_Piece(number, span, (span[1], end)) for (number, span), end in each]


def _numbers(turn: Turn, start: int) -> Iterator[tuple[Decimal, Span]]:
    named = [one for one in turn.entities if one.name in (*_NAMING, "unit", "date") and one.end]
    for word in _WORD.finditer(turn.text, start):
        if any(one.start <= word.start() < one.end for one in named):
            continue
        number = parse_number(word[0])
        if number:
            yield number, word.span()


def _gives(turn: Turn, piece: _Piece) -> bool:
    """Whether a "do" counts nothing."""
    said = turn.text[slice(*piece.span)]
    marked = any(one.start == piece.span[0] for one in turn.entities)
    return not marked and only(words(said), "filler")


def _is_of_somebody(turn: Turn, piece: _Piece) -> bool:
    """Whether a piece says who has it or how it was paid, and nothing of another kind."""
    rest = part_of(turn, piece.rest)
    who = any(rest.first(one) for one in _WHO)
    way = method_of(rest.text) is not None or says(rest.words, "on_khata")
    else_said = rest.first("product_name") or rest.first("amount") or gone_back(rest.words)
    return bool((who or way or says(rest.words, "unpaid")) and not else_said)


def _comes_back(tail: Turn) -> bool:
    said = tail.words
    told = gone_back(said) or says(said, "brought_back") or only(said[-1:], "gone_back.back")
    return told and "ko" not in said and not tail.first("date")


def _went_out(head: Turn) -> bool:
    bought = says(head.words, "buying.bought") and not any(map(head.first, _WHO))
    if bought or says(head.words, "stock.arrived"):
        return False
    return head.method is not None or any(says(head.words, one) for one in _OUT)


def _begun(turn: Turn, end: int) -> int:
    """Where the words begin that only lead to what came back: "usme se", "aur"."""
    for word in reversed(list(_WORD.finditer(turn.text, 0, end))):
        if not only(words(word[0]), "counted_apart.leads"):
            break
        end = word.start()
    return end


def _with_count(turn: Turn, count: Entity, head: Span, number: Decimal, *behind: Span) -> Turn:
    """The message with another count of its goods, and of what stands behind them only one part."""
    said = plain(number)
    text = turn.text[: count.start] + said + turn.text[count.end : head[1]]
    moved = len(said) - (count.end - count.start)
    kept = [_moved(one, moved if one.start >= count.end else 0) for one in _in(turn, head)]
    again = replace(count, value=said, end=count.start + len(said), normalized=None)
    kept = [again if one.start == count.start and one.name == "quantity" else one for one in kept]
    for span in behind:
        own = [one for one in _in(turn, span) if one.name not in ("quantity", "unit")]
        if any(one.name in _WHO for one in own):
            kept = [one for one in kept if one.name not in _WHO]
        kept += [_moved(one, len(text) - span[0]) for one in own]
        text += turn.text[slice(*span)]
    return replace(
        turn, text=text, entities=kept, intent="order_create", confidence=1.0, clauses=()
    )


def _in(turn: Turn, span: Span) -> list[Entity]:
    return [one for one in turn.entities if span[0] <= one.start < span[1]]


def _moved(entity: Entity, by: int) -> Entity:
    return replace(entity, start=entity.start + by, end=entity.end + by)
