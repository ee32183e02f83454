"""Whether somebody shall be given credit: for the owner to decide, and nothing is written yet."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import paise_of
from actions.lexicon import says
from actions.match import customer_in
from erp_core.kernel.money import inr


def refer_to_owner(turn: Turn) -> list[EventType] | None:
    """ "Kamla Bai udhaar maang rahi hai 300 ka, de du" of staff asks who may say so."""
    if not turn.is_user or turn.is_not_words or turn.actor.role == "owner":
        return None
    if not says(turn.words, "dues.wants_credit"):
        return None
    with turn.read() as reader:
        known = customer_in(turn, reader)
    amount = turn.first("amount")
    paise = paise_of(amount) if amount else None
    turn.say(
        "utter_credit_by_owner",
        name=known.name if known else turn.value("customer_name") or "Ravi",
        amount=inr(paise or 10_000),
    )
    return []
