"""Questions of the shop that are taken for others: "Vastra ka hisaab bhejo" for the figures of the
day, "menu bhejo" for a call for help, "10 din se zyada wale" for a report of ten days."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from typing import NamedTuple

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import NUMBERS
from actions.forms.intents import UNSURE
from actions.lexicon import only, says, words
from actions.match import product_named
from actions.reading.when import age_said, day_in
from erp_core.kernel.hindi_numbers import parse_number


class _Question(NamedTuple):
    """What is asked; what it is taken for, beside nothing at all; and the intent that it has."""

    told: Callable[[Turn], bool]
    taken_for: Set[str]
    intent: str


def serve(turn: Turn) -> list[EventType] | None:
    """The answer to such a question; None where a message is none."""
    from actions.base import REPLIES

    if not turn.is_user or turn.is_not_words or not turn.text or turn.metadata.get("command"):
        return None
    if turn.metadata.get("kind") == "button":
        return None
    found = (one for one in _QUESTIONS if turn.intent in one.taken_for | UNSURE and one.told(turn))
    meant = next(found, None)
    if meant is None:
        return None
    asked = replace(turn, intent=meant.intent, confidence=1.0)
    return REPLIES[f"action_{meant.intent}"]().for_user(asked) or []


def _asks_account(turn: Turn) -> bool:
    """ "Deccan ka hisaab bhej do": somebody's account, and no other thing is named."""
    alone = all(one.name in ("customer_name", "report_type") for one in turn.entities)
    sure = turn.is_sure and turn.intent not in UNSURE
    named = alone and turn.first("customer_name") is not None and not sure
    done = says(turn.words, "tense.past") or says(turn.words, "negation")
    return named and says(turn.words, "own_account") and not done


def _asks_old_debts(turn: Turn) -> bool:
    """ "10 din se zyada wale": whose debts are so old, where nothing else is said."""
    if age_said(turn) is None or any(one.name not in _OF_AGE for one in turn.entities):
        return False
    beside = [one for one in turn.words if parse_number(one) is None]
    return says(turn.words, "old_debts.who") and only(beside, "old_debts.beside")


def _asks_who_owes(turn: Turn) -> bool:
    """ "Paisa kisse kisse aana hai"."""
    asked = says(turn.words, "everybody") and says(turn.words, "old_debts.to_come")
    return asked and says(turn.words, "money_back.money") and not turn.entities


def _asks_rates(turn: Turn) -> bool:
    extremes = says(turn.words, "questions.dearest") or says(turn.words, "questions.cheapest")
    return says(turn.words, "lists_rates") and not turn.entities and not extremes


def _asks_which_rate(turn: Turn) -> bool:
    """ "Syringe 12 ki hai ya 15 ki": which of two rates goods have sets none of them."""
    sums = turn.all("amount")
    if len(sums) != TWO_RATES or len(turn.all("product_name")) != 1:
        return False
    between = words(turn.text[sums[0].end : sums[1].start])
    return says(between, "either_of") and says(between, "either_of_stands")


def _asks_day(turn: Turn) -> bool:
    """ "Gud mrng, kal ka kitna hua"."""
    days = turn.entities and all(one.name == "date" for one in turn.entities)
    return bool(days) and not turn.is_sure and says(turn.words, "questions.day_came_to")


def _asks_hisaab(turn: Turn) -> bool:
    """ "Good morning bhai aaj ka hisaab": the figures of a day behind a greeting."""
    return says(turn.words, "own_account") and day_in(turn, turn.text) is not None


def _asks_low(turn: Turn) -> bool:
    """ "Sabse kam stock kiska hai", "what should I order tomorrow"."""
    asked = says(turn.words, "low_asked") or says(turn.words, "buying.reorder")
    return asked and not any(one.name in _OF_SOMETHING for one in turn.entities)


def _asks_for_goods(turn: Turn) -> bool:
    """ "Lipstick kaun kaun si hai", "swift ka brake pad": goods of the shop, and nothing beside
    them but which there are."""
    if any(one.name != "product_name" for one in turn.entities):
        return False
    beside = ("filler", "which_of_goods", "asking")
    said = [one for one in turn.words if not any(only([one], cue) for cue in beside)]
    if not 0 < len(said) <= MOST_OF_A_NAME or any(only([one], "pronouns") for one in said):
        return False
    asked = says(turn.words, "which_of_goods")
    with turn.read() as reader:
        found = product_named(reader, " ".join(said))
    known = [found.one] if found.one else found.options
    stands = any(set(said) <= {*words(one.name)} for one in known)
    return not found.guesses and stands and (asked or len(said) > 1)


MOST_OF_A_NAME = 4
TWO_RATES = 2
_OF_AGE = NUMBERS | {"date", "unit"}
_OF_SOMETHING = NUMBERS | {"product_name", "customer_name", "order_id", "vendor_name"}
_FOR_LOW = frozenset({"report_request", "order_status", "inventory_query"})
_FOR_ACCOUNT = frozenset({"report_request", "data_access", "split_balance"})
_QUESTIONS = (
    _Question(_asks_account, _FOR_ACCOUNT, "khata_query"),
    _Question(_asks_old_debts, frozenset({"report_request"}), "khata_query"),
    _Question(_asks_who_owes, frozenset({"report_request", "payment_status"}), "khata_query"),
    _Question(_asks_rates, frozenset({"help", "report_request"}), "price_query"),
    _Question(_asks_which_rate, frozenset({"price_update"}), "price_query"),
    _Question(_asks_day, frozenset({"khata_query", "payment_status"}), "report_request"),
    _Question(_asks_hisaab, frozenset({"greeting"}), "report_request"),
    _Question(_asks_low, _FOR_LOW, "low_stock_query"),
    _Question(_asks_for_goods, frozenset({"low_stock_query"}), "inventory_query"),
)
