"""What somebody of the shop sold: "Raju ne aaj kitna becha", "kisne kitna becha"."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.lexicon import says, words
from actions.wording import days
from erp_core.kernel.money import inr
from erp_core.parties import queries as parties
from erp_core.parties.queries import User
from erp_core.reports.sellers import Seller, sold_by


def tell_sold_by(turn: Turn) -> list[EventType] | None:
    """What one of those who run the shop billed, or each of them; None where none is asked of."""
    if not says(turn.words, "sellers.sold") or turn.first("product_name"):
        return None
    everybody = says(turn.words, "sellers.each")
    asked = says(turn.words, "asking") or says(turn.words, "shows") or everybody
    if not asked or turn.first("amount") or turn.first("quantity"):
        return None
    with turn.read() as reader:
        who = None if everybody else _named(turn, parties.all_users(reader))
        if who is None and not everybody:
            return None
        period = period_of(turn.first("date"), today=turn.today)
        start, end = (period.start, period.end) if period else (turn.today, turn.today)
        found = sold_by(reader, start, end)
    if who is not None:
        found = [one for one in found if one.name == who.name] or [Seller(who.name, 0, 0)]
    rows = [{"name": one.name, "amount": inr(one.paise), "count": one.bills} for one in found]
    turn.say(
        "utter_sold_by" if rows else "utter_sold_by_nobody",
        period=days(start, end),
        rows=turn.lines("line_sold_by", rows),
    )
    return []


def _named(turn: Turn, users: list[User]) -> User | None:
    """Whose name stands in the message, but for somebody to whom something was sold."""
    return next((one for one in users if _sells(turn.words, set(words(one.name)))), None)


def _sells(said: Sequence[str], name: set[str]) -> bool:
    """ "Sharma ji ko kitna becha" asks of a buyer, whoever else may be called so."""
    return any(
        not says(said[at + 1 : at + 3], "sellers.to") and not says(said[at - 1 : at], "sellers.to")
        for at, word in enumerate(said)
        if word in name
    )
