"""A till that was counted, beside what the books say is in it: "galla gina 4500 nikla"."""

from __future__ import annotations

from actions.context import Turn
from actions.lexicon import says
from actions.purchases.buying_words import figures_in
from actions.reading.money import amounts_said
from erp_core.kernel.hindi_numbers import parse_amount
from erp_core.kernel.money import from_decimal, inr
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties.permissions import Permission


def tell_till_counted(turn: Turn) -> None:
    """Tell how far what was counted is from the books, where a sum was told and no difference; and
    what to do about it."""
    counted = _counted(turn)
    if counted is None or not turn.may(Permission.VIEW_LEDGER):
        turn.say("utter_unkept_cash_counted")
        return
    with turn.read() as reader:
        booked = balance_of(reader, chart.CASH)
    facts = {"said": inr(counted), "booked": inr(booked), "difference": inr(abs(counted - booked))}
    if counted == booked:
        turn.say("utter_till_agrees", **facts)
        return
    turn.say("utter_till_short" if counted < booked else "utter_till_over", **facts)
    turn.say("utter_unkept_cash_counted")


def _counted(turn: Turn) -> int | None:
    """The one sum that was counted, in paise; of "50 kam nikle" none was."""
    if says(turn.words, "tills.differs"):
        return None
    said = amounts_said(turn)
    if said:
        return said[0] if len(said) == 1 else None
    figure = figures_in(turn)
    rupees = parse_amount(figure) if figure else None
    return from_decimal(rupees) if rupees else None
