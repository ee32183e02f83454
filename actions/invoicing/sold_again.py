"""What was sold over the counter is put right, "nahi, 3 hi the": sold again as it was, on one card
that says what money moves; and what goes back over the counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.draft import Draft
from actions.invoicing.billed_anew import lines_anew, settle_change
from actions.match import recent, remember
from actions.orders.lines import as_booked
from actions.wording import day, order_lines, totals
from erp_core.invoicing import counter, notes
from erp_core.invoicing import queries as invoices
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.orders import queries as orders
from erp_core.orders.pricing import LineWanted


def take_sold_again(turn: Turn, draft: Draft, change: Draft) -> bool:
    """Whether a change is of a sale over the counter that can be made again; then it is noted."""
    with turn.read() as reader:
        order = orders.order(reader, UUID(change["order"]["id"]))
        if order.invoice_id is None:
            return False
        bill = invoices.invoice(reader, order.invoice_id)
        if not counter.can_sell_again(reader, bill):
            return False
        draft["change"] = change.kept()
        settle_change(turn, reader, draft, bill)
    if not draft["anew"]:
        draft["change"] = None
        return False
    draft["again"], draft["invoice"] = True, {"id": str(bill.id), "number": bill.number}
    return True


def take_total(turn: Turn, draft: Draft, paise: int) -> None:
    """The sale that was just made, of just what was taken for it."""
    with turn.read() as reader:
        bill = invoices.invoice(reader, recent(turn, "invoice") or UUID(int=0))
    draft["again"], draft["said_total"] = True, paise
    draft["invoice"] = {"id": str(bill.id), "number": bill.number}


def _lines(turn: Turn, reader: Reader, draft: Draft, bill: invoices.Invoice) -> list[LineWanted]:
    if draft["said_total"] and bill.order_id:
        return [as_booked(one) for one in orders.order(reader, bill.order_id).lines]
    return lines_anew(turn, reader, draft, bill)


def ask_sold_again(turn: Turn, reader: Reader, draft: Draft) -> None:
    """Show the sale as it was, and what is to be given back or taken on top."""
    bill = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
    lines, total = _lines(turn, reader, draft, bill), draft["said_total"]
    shown = orders.preview(reader, customer_id=bill.customer_id, lines=lines, said_total=total)
    moved = shown.total_paise - bill.total_paise
    turn.say(
        "utter_confirm_sold_again",
        number=bill.number,
        on=day(bill.on_date),
        total=inr(bill.total_paise),
        rows=order_lines(turn, shown),
        totals=totals(turn, shown),
        money=_money(turn, "to", moved, notes.way_back(reader, bill)),
        draft_id=draft.stamp,
    )


def write_sold_again(turn: Turn, draft: Draft) -> list[EventType]:
    """Sell it again."""
    with turn.read() as reader:
        bill = invoices.invoice(reader, UUID(draft["invoice"]["id"]))
        lines = _lines(turn, reader, draft, bill)
    done = turn.run(
        counter.sell_again,
        key=f"draft:{draft.id}",
        invoice_id=bill.id,
        lines=lines,
        said_total=draft["said_total"],
    )
    turn.say(
        "utter_sold_again",
        total=inr(done["total"]),
        number=done["number"],
        wrong=done["wrong_number"],
        note=done["note_number"],
        money=_money(turn, "was", done["moved"], done["way"]),
    )
    return [remember(turn, invoice=done["invoice_id"], order=done["order_id"])]


def way_words(turn: Turn, reader: Reader, draft: Draft, bill: invoices.Invoice) -> str:
    """The way in which money goes back over the counter: as it is told, or as it came."""
    return turn.line(f"method_{draft['way'] or notes.way_back(reader, bill)}")


def tell_given_back(turn: Turn, draft: Draft, done: Mapping[str, Any]) -> None:
    """What was given back over the counter for a bill that was undone."""
    if not done["given_back"]:
        return
    response = "utter_counter_money_off" if draft["anothers"] else "utter_counter_gave_back"
    method = turn.line(f"method_{done['way']}")
    turn.say(response, amount=inr(done["given_back"]), method=method)


def _money(turn: Turn, when: str, moved: int, way: str) -> str:
    if not moved:
        return ""
    what = "more" if moved > 0 else "back"
    method = turn.line(f"method_{way}")
    return "\n" + turn.line(f"line_counter_{what}_{when}", amount=inr(abs(moved)), method=method)
