"""Services whose GST the shop owes itself: offered with an expense that names one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from actions.context import Turn
from actions.match import payload_of
from actions.phrasebook import Button
from actions.wording import day
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission
from erp_core.portals import late, reverse_charge
from erp_core.portals.periods import tax_day
from erp_core.portals.reverse_charged_goods import told_on
from erp_core.purchases.queries import bill
from erp_core.tax.gst import percent
from erp_core.tax.reverse_charge import Service, meant, services

ACT = "rcm:"


class Spent(TypedDict):
    """An expense that was written: its tax in paise, its day."""

    expense_id: str
    gst: int
    on: str


def offer(turn: Turn, done: Spent, item: str | None) -> tuple[str, list[Button]]:
    """A sentence and a button for an expense on whose service the shop may owe the tax."""
    service, on = meant(item), date.fromisoformat(done["on"])
    if service is None or done["gst"] or not turn.may(Permission.WRITE_VOUCHERS):
        return "", []
    with turn.read() as reader:
        offered = reverse_charge.is_offered(reader, service, on)
    rate = service.rate_on(on)
    if not offered or rate is None:
        return "", []
    hint = turn.line(f"line_reverse_hint_{service.code}", rate=percent(rate))
    return hint, [_button(turn, service, done["expense_id"], "button_reverse_charge")]


def wanted(turn: Turn, done: Spent, item: str | None) -> None:
    """An expense was said to be under reverse charge: write it, or ask what it was for."""
    service = meant(item)
    if service is not None:
        write(turn, UUID(done["expense_id"]), service.code)
        return
    on = date.fromisoformat(done["on"])
    with turn.read() as reader:
        offered = [one for one in services().values() if reverse_charge.is_offered(reader, one, on)]
    choices = [
        _button(turn, one, done["expense_id"], f"word_service_{one.code}") for one in offered
    ]
    turn.say("utter_ask_reverse_service", choices=choices)


def write(turn: Turn, expense_id: UUID, service: str) -> None:
    """Write the tax of an expense and tell of it, with its voucher."""
    done = turn.run(reverse_charge.charge, expense_id=expense_id, service=service)
    self_invoice, credit = done["self_invoice"], done["credit"]
    turn.say(
        "utter_reverse_charged",
        attachment={"kind": "reverse_charge", "id": done["charge_id"]},
        service=turn.line(f"word_service_{service}"),
        value=inr(done["taxable"]),
        rate=percent(done["rate"]),
        tax=inr(done["tax"]),
        credit=turn.line("line_reverse_credit", tax=inr(credit))
        if credit
        else turn.line("line_reverse_no_credit"),
        number=done["number"],
        self_invoice=turn.line("line_reverse_self_invoice", number=self_invoice)
        if self_invoice
        else "",
        late=_late(turn, done),
    )


def _late(turn: Turn, done: Mapping[str, Any]) -> str:
    """That its own month was filed already, and what the delay costs up to today."""
    if done["due"] is None:
        return ""
    since = date.fromisoformat(done["due"])
    with turn.read() as reader:
        owed = late.interest_on_charge(reader, UUID(done["charge_id"]), since=since)
    return turn.line(
        "line_reverse_late",
        since=day(since),
        rate=percent(late.interest_rate(turn.today)),
        interest=inr(owed.paise),
    )


def goods_late(turn: Turn, bill_id: UUID) -> str:
    """That the return of the day on which goods came was filed before, and what the delay costs."""
    with turn.read() as reader:
        came_on, told = bill(reader, bill_id).on, told_on(reader, bill_id)
        since = tax_day(reader, came_on)
        if told in (None, came_on) or since is None:
            return ""
        owed = late.interest_on_goods(reader, bill_id, since=since)
    return "\n" + turn.line(
        "line_bought_late",
        since=day(since),
        month=f"{told:%m-%Y}",
        rate=percent(late.interest_rate(turn.today)),
        interest=inr(owed.paise),
    )


def _button(turn: Turn, service: Service, expense_id: str, title: str) -> Button:
    payload = payload_of("gst_export", act=f"{ACT}{service.code}", choice=expense_id)
    return Button(title=turn.line(title), payload=payload)
