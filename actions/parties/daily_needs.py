"""What somebody has brought every day: milk, bread, a paper. Bahi keeps no such round: the shop
hears what shall change in it, and an order is of one day."""

from __future__ import annotations

from datetime import timedelta

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.goods.availability import names_goods
from actions.lexicon import says
from actions.match import customer_in, just_spoken_of
from actions.parties.customer_requests import has_open_order, refer_to_shop
from actions.reading.wanted import coming_day, is_unwanted
from actions.reading.when import span_said
from actions.wording import days
from erp_core.kernel.quantity import parse_unit
from erp_core.parties import service

WANTED, PAUSED, CHANGED, MISSED = "daily_wanted", "daily_paused", "daily_changed", "daily_missed"
"""What is said of a round, as the shop is told it."""

_OF_ELSE = ("asking", "dues.their_money", "bill_words", "of_the_shop", "daily.other", "cancel")


def hear(turn: Turn) -> list[EventType] | None:
    """ "20 din roz", "kal mat bhejna", "is mahine 3 din nahi aaya doodh": the shop is told, unless
    an order can be made of it."""
    about = None if turn.is_user else _about(turn)
    if about is None or (about == WANTED and _orders(turn)):
        return None
    return _tell_shop(turn, about, f"utter_{about}_told")


def tell_beside_order(turn: Turn) -> None:
    """That the order which is being written is of one day, where it is wanted every day."""
    if turn.is_not_words or not says(turn.words, "daily.every_day") or not _orders(turn):
        return
    if turn.is_user:
        turn.say("utter_daily_not_kept")
    elif _about(turn) == WANTED:
        _tell_shop(turn, WANTED, "utter_daily_wanted_once")


def tell_not_kept(turn: Turn) -> list[EventType] | None:
    """ "Verma aunty ka kal doodh band", of somebody's round: nothing here would stop it."""
    if not turn.is_user or turn.is_not_words or turn.first("amount"):
        return None
    if turn.first("quantity") and says(turn.words, "wanting"):
        return None
    if not _is_timed(turn) or not says(turn.words, "daily.stops") or _is_of_else(turn):
        return None
    with turn.read() as reader:
        buyer = customer_in(turn, reader)
    if buyer is None:
        return None
    turn.say("utter_daily_change_not_kept", name=buyer.name)
    return []


def _tell_shop(turn: Turn, about: str, response: str) -> list[EventType]:
    """The shop hears of a customer; somebody unknown is told whom to call."""
    if turn.actor.kind != "customer":
        return refer_to_shop(turn, "utter_daily_call")
    on = _days_meant(turn)
    turn.run(service.ask_for_call, about=about, on=on)
    return refer_to_shop(turn, response, on=on)


def _about(turn: Turn) -> str | None:
    """What a buyer says of its round, if anything."""
    if "?" in turn.text or turn.first("amount") or turn.first("order_id") or _is_of_else(turn):
        return None
    every_day = says(turn.words, "daily.every_day") and not _is_once(turn)
    if says(turn.words, "daily.missed"):
        awaited = turn.intent == "order_status" and turn.actor.kind == "customer"
        awaited = awaited and names_goods(turn) and not has_open_order(turn)
        return MISSED if every_day or span_said(turn) or awaited else None
    if turn.slots.get("draft") or just_spoken_of(turn, "order"):
        return WANTED if every_day else None
    if says(turn.words, "daily.stops"):
        return PAUSED if is_unwanted(turn) else None
    counted = turn.first("quantity") or any(parse_unit(one) for one in turn.words)
    unnamed = counted and not turn.first("product_name")
    if unnamed and _is_timed(turn) and says(turn.words, "daily.changes"):
        return CHANGED
    wants = says(turn.words, "wanting") or turn.first("quantity") or turn.first("product_name")
    return WANTED if every_day and (wants or span_said(turn)) else None


def _is_once(turn: Turn) -> bool:
    """ "Sunday ko mehendi lagwani hai": what is done to somebody on one day is no round."""
    return says(turn.words, "services") and _is_timed(turn) and not span_said(turn)


def _is_of_else(turn: Turn) -> bool:
    return any(says(turn.words, one) for one in _OF_ELSE)


def _orders(turn: Turn) -> bool:
    return bool(turn.first("product_name") and turn.first("quantity"))


def _is_timed(turn: Turn) -> bool:
    named = turn.first("date") is not None or says(turn.words, "one_day")
    return bool(named or span_said(turn))


def _days_meant(turn: Turn) -> str:
    """The day or the days that are spoken of, beginning today where none is named."""
    start = coming_day(turn) or turn.today
    return days(start, start + timedelta(days=(span_said(turn) or 1) - 1))
