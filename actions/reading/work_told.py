"""Work of which nothing was heard, with whose it is: "kal 3 baje farah ki waxing", "facial ho gaya
sunita ka"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.entities import Entity
from actions.forms.intents import UNSURE
from actions.lexicon import only, says, words
from actions.reading.clock import hour_said
from actions.reading.unheard import OF_GOODS, with_goods_wanted
from actions.reading.unmarked import NAMES, NO_GOODS, WORD, overlap
from erp_core.catalogue.queries import find_products
from erp_core.journal.context import Reader
from erp_core.kernel.matching import CERTAIN
from erp_core.parties.names import HONORIFICS
from erp_core.parties.queries import find_customers

OF_WORK = UNSURE | {"payment_status", "khata_query", "payment_record"}
"""What such a message is taken for."""
_NO_NAMES = (*NO_GOODS, "one_day", "parts_of_day.morning", "parts_of_day.evening")


def may_name_work(text: str, intent: str, entities: Sequence[Entity]) -> bool:
    """Whether an hour is named, or something was done, and no question is asked."""
    said = words(text)
    asks = "?" in text or any(says(said, one) for one in ("asking", "negation", "cancel"))
    if asks or intent not in OF_WORK:
        return False
    if any(one.name in ("amount", "item") for one in entities):
        return False
    told = says(said, "work_told")
    return told or (intent in UNSURE and hour_said(text) is not None)


def with_work(reader: Reader, text: str, entities: list[Entity]) -> list[Entity]:
    """The entities with the work marked that the shop surely does, and with whoever it is for."""
    found = with_goods_wanted(reader, text, entities)
    work = [one for one in found if one.name == "product_name"]
    if not work or not all(_is_work(reader, one.value) for one in work):
        return entities
    if _names_somebody(found):
        return found
    free = [one for one in _names(text) if not any(overlap(one, each) for each in found)]
    known = [one for one in free if _buys_here(reader, one.value)]
    beside = [one for one in free if _is_whose(text, one, work[0])]
    return sorted([*found, *(known or beside)[:1]], key=lambda one: one.start)


def _names_somebody(entities: Sequence[Entity]) -> bool:
    return any(one.name in NAMES - OF_GOODS for one in entities)


def _names(text: str) -> list[Entity]:
    """The words that may be somebody, two that stand together first."""
    row = list(WORD.finditer(text))
    free = [_may_be_somebody(one) for one in row]
    pairs = zip(row, row[1:], free, free[1:], strict=False)
    spans = [(one.start(), other.end()) for one, other, may, too in pairs if may and too]
    spans += [one.span() for one, may in zip(row, free, strict=True) if may]
    return [Entity("customer_name", text[a:b], start=a, end=b) for a, b in spans]


def _is_whose(text: str, named: Entity, work: Entity) -> bool:
    """Whether a name stands right before work with a "ka" between; a title alone is none."""
    first, *more = named.value.split()
    title = {*words((more or [first])[-1])} <= HONORIFICS
    return only(words(text[named.end : work.start]), "whose") and title == bool(more)


def _may_be_somebody(word: re.Match[str]) -> bool:
    said = words(word[0])
    letters = all(one.isalpha() or not one.isdigit() for one in word[0])
    return bool(said) and letters and not any(only(said, cues) for cues in _NO_NAMES)


def _is_work(reader: Reader, said: str) -> bool:
    found = find_products(reader, said)
    return bool(found) and found[0].item.is_service


def _buys_here(reader: Reader, said: str) -> bool:
    return any(one.score >= CERTAIN for one in find_customers(reader, said, limit=1))
