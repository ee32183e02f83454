"""Until when returns are to be filed: "GST kab bharna hai", "gst ki date kab hai"."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.wording import day
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business
from erp_core.portals.periods import returns_due

DAYS_AHEAD = 45
"""So many days ahead returns are told of that are due."""
A_QUARTER_AHEAD = 100
"""Within so many days something is due of all who file: under composition, once a quarter."""


def tell_when_due(turn: Turn) -> list[EventType] | None:
    """ "GST ki date kab hai", whatever it is taken for; None where it asks for no date."""
    asks = says(turn.words, "gst_words") and says(turn.words, "when_due")
    named = any(turn.first(one) for one in ("customer_name", "vendor_name", "product_name"))
    if not asks or named or not turn.may(Permission.VIEW_REPORTS):
        return None
    tell_due(turn)
    return []


def tell_due(turn: Turn) -> None:
    """ "GST kab bharna hai": what is due in the weeks to come."""
    with turn.read() as reader:
        if business(reader).gstin is None:
            turn.say("utter_gst_not_registered")
            return
        found = (
            returns_due(reader, turn.today, within=DAYS_AHEAD)
            or returns_due(reader, turn.today, within=A_QUARTER_AHEAD)[:1]
        )
    rows = [
        turn.line("line_return_due", form=one.form, period=one.period, on=day(one.last_day))
        for one in found
    ]
    turn.say("utter_returns_due", rows="\n".join(rows) or "–")
