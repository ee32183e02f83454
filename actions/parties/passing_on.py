"""Words that somebody shall be told: "Jignesh ko bolo 7200 last". Bahi passes on none of them."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says, where
from actions.match import customer_in, remember
from actions.payments import dues_words
from actions.purchases.vendors import is_vendor, seller_named
from actions.wording import phone_for

_OF_BAHI = (
    "dues.their_money",
    "dues.remind",
    "bill_words",
    "own_account",
    "an_order",
    "unkept.broadcasts.about",
    "dues.who_owe",
)
"""Of these Bahi tells people itself, or says that it does not."""


def passes_on(turn: Turn) -> bool:
    """Whether somebody else shall be told something that is none of Bahi's own messages."""
    if not turn.is_user or turn.is_not_words or not 2 < len(turn.words) <= dues_words.LONGEST:
        return False
    if any(says(turn.words, one) for one in _OF_BAHI) or _asks_for_money(turn):
        return False
    named = seller_named(turn)
    if turn.first("product_name") and named and is_vendor(turn, named.value):
        return False
    return _tells_in_hindi(turn) or _tells_in_english(turn)


def tell_not_passed_on(turn: Turn) -> list[EventType] | None:
    """Say that it is not sent, and how whoever is meant can be reached."""
    if not passes_on(turn):
        return None
    with turn.read() as reader:
        customer = customer_in(turn, reader)
    if customer is None:
        turn.say("utter_words_not_passed_on")
        return []
    turn.say(
        "utter_words_to_customer_not_passed_on",
        name=customer.name,
        phone=phone_for(turn, customer.phone),
    )
    return [remember(turn, customer=customer.id)]


def _asks_for_money(turn: Turn) -> bool:
    """ "Gupta ko bolo 500 de de" is a payment that is asked for."""
    return turn.first("amount") is not None and says(turn.words, "dues.to_pay")


def _tells_in_hindi(turn: Turn) -> bool:
    said = turn.words
    told = where(said, "passing_on.saying")
    if told is None or says(said[told[1] : told[1] + 1], "passing_on.done"):
        return False
    whom = said[: told[0]]
    if says(whom[-1:], "passing_on.to"):
        return not says(whom[-2:-1], "passing_on.nobody")
    at_end = told[1] == len(said) and says(said[told[0] :], "passing_on.plainly")
    return at_end and says(whom, "passing_on.to") and not says(said, "asking")


def _tells_in_english(turn: Turn) -> bool:
    first, *rest = turn.words
    if not says([first], "passing_on.tell") or says(rest[:1], "passing_on.not_somebody"):
        return False
    with turn.read() as reader:
        return customer_in(turn, reader) is not None or says(rest[:1], "to_them")
