"""Goods under reverse charge: their tax is posted here, apart from what their vendor gets.

It is told with the return of the day on which they came (section 12(3)), or with the first that is
open where that one was filed; no filed return changes. So is what goes back of it with goods that
are sent back, not before it was told itself. Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from erp_core.journal.context import Context, Reader
from erp_core.ledger import chart
from erp_core.ledger.models import ledger_entries
from erp_core.ledger.service import Posting, post
from erp_core.parties.permissions import Permission, require
from erp_core.portals.periods import is_open
from erp_core.portals.reverse_charge import REVERSE_CHARGE
from erp_core.purchases.models import purchase_bills
from erp_core.purchases.queries import HEADS, Bill, bills_where

PURCHASE = "purchase"


def after(ctx: Context) -> None:
    """Listens to every command: posts the tax of goods that were bought under reverse charge, and
    takes it back of those that were sent back."""
    for event in tuple(ctx.events):
        came = event.kind == "purchase.recorded" and event.payload["bill"] == "self_invoice"
        if came or event.kind == "purchase.returned":
            [one] = bills_where(ctx, purchase_bills.c.id == event.entity)
            if one.reverse_charge:
                _owe(ctx, one)


def _owe(ctx: Context, one: Bill) -> None:
    heads = {head: one.sign * int(getattr(one, head)) for head in HEADS}
    # What was no credit came into stock with the goods, and went out of it at what they have cost.
    borne = chart.COGS if one.against else chart.INVENTORY
    taken = (
        [Posting(chart.INPUT_TAX[head], paise) for head, paise in heads.items()]
        if one.input_credit
        else [Posting(borne, sum(heads.values()))]
    )
    post(
        ctx,
        kind=REVERSE_CHARGE,
        on=_day_of(ctx, one),
        postings=[
            *taken,
            *(Posting(chart.OUTPUT_TAX[head], -paise) for head, paise in heads.items()),
        ],
        source=(PURCHASE, one.id),
    )


def _day_of(ctx: Context, one: Bill) -> date:
    """The day on which tax is told: that of its document, or today where its return was filed."""
    day = one.on if is_open(ctx, one.on) else ctx.today
    former = told_on(ctx, one.against) if one.against else None
    return max(day, former) if former else day


def goods_between(reader: Reader, start: date, end: date) -> list[Bill]:
    """Goods under reverse charge that are told from start to end, both included, oldest first, with
    what went back of them in these days."""
    require(reader, Permission.VIEW_PURCHASES)
    head, c = ledger_entries.c, purchase_bills.c
    told = reader.connection.execute(
        select(head.source_id).where(
            head.business_id == reader.business_id,
            head.kind == REVERSE_CHARGE,
            head.source_kind == PURCHASE,
            head.on_date.between(start, end),
        )
    )
    here = {row.source_id for row in told}
    of_days = bills_where(reader, c.reverse_charge & c.on_date.between(start, end))
    days = _told_on(reader, [one.id for one in of_days])
    found = [one for one in of_days if start <= days.get(one.id, one.on) <= end]
    missing = here - {one.id for one in found}
    late = bills_where(reader, c.id.in_(missing)) if missing else []
    return sorted([*found, *late], key=lambda one: (one.on, str(one.id)))


def told_on(reader: Reader, bill_id: UUID) -> date | None:
    """The day on which the tax of goods is told; None of a bill without such tax."""
    return _told_on(reader, [bill_id]).get(bill_id)


def _told_on(reader: Reader, ids: Collection[UUID]) -> dict[UUID, date]:
    if not ids:
        return {}
    head = ledger_entries.c
    rows = reader.connection.execute(
        select(head.source_id, head.on_date).where(
            head.business_id == reader.business_id,
            head.source_kind == PURCHASE,
            head.source_id.in_(ids),
            head.kind == REVERSE_CHARGE,
        )
    )
    return {row.source_id: row.on_date for row in rows}
