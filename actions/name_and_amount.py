"""A name and an amount, and no word more: what they mean is asked."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of
from actions.match import customer_named, remember
from erp_core.kernel.money import inr, rupees


def ask_what_it_was(turn: Turn) -> list[EventType] | None:
    """ "Ravi 500" alone says neither that it came nor that it went: what it was is asked."""
    kinds = [one.name for one in turn.entities]
    named = [one for one in turn.entities if one.name in ("customer_name", "vendor_name", "person")]
    figures = [one for one in turn.entities if one.name in ("amount", "quantity")]
    if turn.is_sure or len(kinds) != 2 or len(named) != 1 or len(figures) != 1:
        return None
    first, last = sorted([*named, *figures], key=lambda one: one.start)
    beside = turn.text[: first.start] + turn.text[first.end : last.start] + turn.text[last.end :]
    paise = paise_of(figures[0])
    if beside.strip(" -:=.,₹") or paise is None or turn.metadata.get("command"):
        return None
    with turn.read() as reader:
        found = customer_named(reader, named[0].value).one
    if found is None:
        return None
    turn.say(
        "utter_who_and_how_much",
        name=found.name,
        customer_id=found.id,
        amount=inr(paise),
        rupees=rupees(paise).removesuffix(".00"),
    )
    return [remember(turn, customer=found.id)]
