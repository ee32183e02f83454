"""Who owes the shop, and how much."""

from __future__ import annotations

from actions.context import Turn
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.payments import queries as payments

ROWS = 15


def tell_who_owes(turn: Turn, reader: Reader, *, least: int = 0) -> None:
    """Everybody who owes so many paise and more, the largest debts first."""
    owing = [one for one in payments.balances(reader) if one[1] >= least]
    if not owing:
        turn.say("utter_nobody_owes_so_much" if least else "utter_nobody_owes", amount=inr(least))
        return
    rows = [{"name": one.name, "amount": inr(paise)} for one, paise in owing[:ROWS]]
    turn.say(
        "utter_who_owes",
        rows=turn.lines("line_owes", rows),
        total=inr(sum(paise for _, paise in owing)),
        count=len(owing),
    )
