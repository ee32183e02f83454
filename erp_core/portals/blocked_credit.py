"""The tax of expenses on which no credit is allowed (section 17(5)): food, gifts, insurance.

The books take none: the tax is part of the cost. But GSTR-2B holds every bill that a supplier has
filed, and GSTR-3B fills table 4(A)(5) from it. So the return tells that tax there too, and gives it
back in 4(B)(1), which leaves the credit as the books have it (Circular 170/02/2022). Bills without
a supplier's GSTIN are in no GSTR-2B. Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from erp_core.expenses.categories import CATEGORIES
from erp_core.expenses.models import expenses
from erp_core.expenses.queries import standing
from erp_core.journal.context import Reader
from erp_core.parties.queries import business
from erp_core.portals.periods import NONE, Heads, filed
from erp_core.tax import gstin as gstins
from erp_core.tax import rules

BLOCKED = sorted(one.code for one in CATEGORIES.values() if not one.input_credit)


@dataclass(frozen=True)
class Blocked:
    """An expense with the tax in it."""

    entry_id: UUID
    on: date
    heads: Heads


def blocked_between(reader: Reader, start: date, end: date) -> list[Blocked]:
    """The expenses of a month that was begun and ended with these days; where its return is filed,
    those that were written before."""
    own = business(reader)
    if not rules.charges_tax(own):
        return []
    c, period = expenses.c, f"{end:%Y-%m}"
    closed = filed(reader, period).get(period)
    rows = reader.connection.execute(
        select(c.entry_id, c.on_date, c.gst_paise, c.supplier_gstin)
        .where(
            c.business_id == reader.business_id,
            c.on_date.between(start, end),
            c.category.in_(BLOCKED),
            c.gst_paise > 0,
            c.supplier_gstin.isnot(None),
            standing(),
            *([c.created_at <= closed] if closed else []),
        )
        .order_by(c.on_date, c.id)
    )
    home = rules.state_of(own)
    return [
        Blocked(row.entry_id, row.on_date, _heads(row.gst_paise, row.supplier_gstin, home))
        for row in rows
    ]


def total(found: Iterable[Blocked]) -> Heads:
    """The tax of some expenses by head."""
    every = list(found)
    return {head: sum(one.heads[head] for one in every) for head in NONE}


def _heads(paise: int, supplier_gstin: str, home: str | None) -> Heads:
    """A supplier of another state charges IGST, any other the two halves."""
    if gstins.state_of(supplier_gstin) != home:
        return {**NONE, "igst": paise}
    return {**NONE, "cgst": paise // 2, "sgst": paise - paise // 2}
