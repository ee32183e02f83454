"""Short questions: "aur surf?", right after maggi's stock, "aur Shwetha?", and "chai hai kya"."""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import Entity
from actions.lexicon import only, says, words
from actions.match import customer_in, goods_in_text, just_spoken_of, recent
from actions.reading.instead import goods_instead, may_refuse, whose_instead
from actions.reading.regional import WHO
from actions.reading.said import pieces_between
from actions.reading.unmarked import marked
from erp_core.catalogue import queries as catalogue
from erp_core.parties import queries as parties

_WORD = re.compile(r"[^\s,;.!?]+")
LONGEST = 3
"""Words beside goods that ask the same of them: "and what about"."""
ASKED = "asked"
"""What a conversation notes once something of goods was told: the question's intent."""


ASKED_OF = "asked_of"
"""What a conversation notes once something of a customer was told: who told it."""


def whether_there(turn: Turn) -> list[EventType] | None:
    """ "Chai hai kya" asks for goods, and is no more of what is being written."""
    from actions.base import REPLIES

    if not turn.is_user or turn.is_not_words or turn.intent not in ("nlu_fallback", "out_of_scope"):
        return None
    if not turn.entities or any(one.name != "product_name" for one in turn.entities):
        return None
    beside = words(" ".join(pieces_between(turn)))
    if not says(beside, "is_there_any") or not only(beside, "of_other_days"):
        return None
    return (
        REPLIES["action_inventory_query"]().for_user(replace(turn, intent="inventory_query")) or []
    )


def of_other_goods(turn: Turn) -> list[EventType] | None:
    """Answer what was asked just before, for the goods that are named now."""
    from actions.base import REPLIES

    asked = (turn.slots.get("recent") or {}).get(ASKED)
    if not turn.is_user or turn.is_not_words or asked is None or not just_spoken_of(turn, ASKED):
        return None
    if (other := _goods_instead(turn)) is not None:
        meant = replace(turn, entities=[Entity("product_name", other)], text=other, intent=asked)
        return REPLIES[f"action_{asked}"]().for_user(meant) or []
    turn = _with_goods_asked_too(turn)
    if not turn.entities or any(one.name != "product_name" for one in turn.entities):
        return None
    beside = words(" ".join(pieces_between(turn)))
    too = says(turn.words[:1], "joining") and only(beside, "of_other_days")
    if not too and not (says(beside, "asks_too") and len(beside) <= LONGEST):
        return None
    return REPLIES[f"action_{asked}"]().for_user(replace(turn, intent=asked)) or []


def _with_goods_asked_too(turn: Turn) -> Turn:
    """ "What about iphone", with the goods marked that nobody did."""
    if turn.entities or not says(turn.words, "asks_too"):
        return turn
    with turn.read() as reader:
        said = goods_in_text(turn, reader)
    found = [one for one in _WORD.finditer(turn.text) if said and words(one[0]) == (said,)]
    return replace(turn, entities=[marked("product_name", one) for one in found[:1]])


def _goods_instead(turn: Turn) -> str | None:
    """ "Maggi nahi Parle", of the goods that were told of."""
    before = recent(turn, "product")
    if before is None or not may_refuse(turn):
        return None
    with turn.read() as reader:
        found = goods_instead(turn, [catalogue.product(reader, before).name])
    return found[1] if found else None


def of_somebody_else(turn: Turn) -> list[EventType] | None:
    """ "Aur Shwetha?", right after somebody's khata: the same of somebody else."""
    from actions.base import REPLIES

    asked = (turn.slots.get("recent") or {}).get(ASKED_OF)
    if not turn.is_user or turn.is_not_words or asked is None or not just_spoken_of(turn, ASKED_OF):
        return None
    name = _whose_instead(turn) or _whose_too(turn)
    if name is None:
        return None
    meant = replace(turn, entities=[Entity("customer_name", name)], text=name)
    return REPLIES[asked]().for_user(meant) or []


def _whose_instead(turn: Turn) -> str | None:
    """ "Meena nahi Kamla Bai", of whoever was told of."""
    before = recent(turn, "customer")
    if before is None or not may_refuse(turn):
        return None
    with turn.read() as reader:
        name = parties.customer(reader, before).name
    return whose_instead(turn, name)


def _whose_too(turn: Turn) -> str | None:
    if not says(turn.words[:1], "joining") or any(one.name not in WHO for one in turn.entities):
        return None
    with turn.read() as reader:
        whose = customer_in(turn, reader)
    if whose is None:
        return None
    said = [word for word in turn.words if word not in words(whose.name)]
    named = words(" ".join(one.value for one in turn.entities))
    alone = all(word in named or only([word], "of_other_days") for word in said)
    return whose.name if alone else None
