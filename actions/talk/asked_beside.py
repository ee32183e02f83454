"""Goods that a message tells of, and a question beside them: "2 meals upi. aaj ki sale?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import every, only, says, words
from actions.match import product_named
from actions.reading.parts import part_of
from actions.talk.questions import Question, question_in
from erp_core.kernel.clauses import Span, sentences
from erp_core.kernel.hindi_numbers import parse_number

OF_GOODS = frozenset({"order_create", "order_modify", "invoice_generate", "inventory_update"})
"""Intents under which goods stay what they were taken for."""
OF_A_SALE = frozenset({
    "product_name", "quantity", "unit",
    "amount", "customer_name", "customer_phone", "vendor_name", "person", "payment_method",
})  # fmt: skip
"""What is named in telling of goods."""
_WORD = re.compile(r"[^\s,;]+")


def goods_and_question(turn: Turn) -> tuple[Turn, Question] | None:
    """The goods of a message as if they alone had been told of, and the question beside them."""
    if not turn.is_user or turn.is_not_words or not turn.text or turn.metadata.get("command"):
        return None
    starts = [start for start, _ in sentences(turn.text)]
    if len(starts) < 2 or turn.metadata.get("kind") == "button":
        return None
    first, last, end = (0, starts[1]), (starts[-1], len(turn.text)), len(turn.text)
    return _apart(turn, (0, last[0]), last) or _apart(turn, (first[1], end), first)


def _apart(turn: Turn, goods: Span, question: Span) -> tuple[Turn, Question] | None:
    cut = max(goods[0], question[0])
    whole = [one for one in turn.entities if not one.start < cut < one.end]
    told, asked = (part_of(replace(turn, entities=whole), span) for span in (goods, question))
    asks = "?" in asked.text or says(asked.words, "asking") or says(asked.words, "telling")
    if not asks or any(letter.isdigit() for letter in asked.text):
        return None
    known = question_in(asked, told.entities)
    marked = _told(told) if known else None
    return (marked, known) if marked and known else None


def _told(told: Turn) -> Turn | None:
    """The goods of a message, marked anew where the question beside them hid them."""
    if says(told.words, "asking") or says(told.words, "negation"):
        return None
    kept = [one for one in told.entities if one.name in OF_A_SALE]
    if not {"product_name", "quantity"} <= {one.name for one in kept}:
        goods = _goods_in(told)
        if goods is None:
            return None
        kept = [*goods, *(one for one in kept if one.name == "customer_name")]
    kept += _sum_in(told, kept)
    told = replace(told, entities=sorted(kept, key=lambda one: one.start))
    if told.intent in OF_GOODS:
        return told
    if says(told.words, "stock.arrived"):
        return replace(told, intent="inventory_update")
    bought = told.first("customer_name") or told.method or says(told.words, "sold")
    return replace(told, intent="order_create") if bought else None


def _sum_in(told: Turn, marked: Sequence[Entity]) -> list[Entity]:
    """The one number behind the goods that nothing marks: what they were sold or bought at."""
    goods = max(one.end for one in marked if one.name == "product_name")
    free = [
        one
        for one in _WORD.finditer(told.text, goods)
        if one[0].rstrip(".").isdigit()
        and not any(one.start() < e.end and e.start < one.end() for e in marked)
    ]
    if len(free) != 1 or any(one.name == "amount" for one in marked):
        return []
    said = free[0][0].rstrip(".")
    start = free[0].start()
    return [Entity("amount", said, start=start, end=start + len(said))]


def _goods_in(told: Turn) -> list[Entity] | None:
    """Each number with the goods of the shop that stand behind it, up to how they were paid."""
    row, found = list(_WORD.finditer(told.text)), list[Entity]()
    at = 0
    while at < len(row):
        number, at = row[at], at + 1
        if parse_number(number[0]) is None:
            continue
        last = at
        while last < len(row) and not _ends_goods(row[last][0]):
            last += 1
        said = told.text[row[at].start() : row[last - 1].end()] if last > at else ""
        with told.read() as reader:
            known = said and product_named(reader, said).one
        if not known:
            return None
        found.append(Entity("quantity", number[0], start=number.start(), end=number.end()))
        found.append(Entity("product_name", said, start=row[at].start(), end=row[last - 1].end()))
        at = last
    return found or None


def _ends_goods(word: str) -> bool:
    said = words(word)
    known = parse_number(word) is not None or every(word, "methods") or says(said, "sold")
    return bool(known) or only(said, "filler") or only(said, "joining")
