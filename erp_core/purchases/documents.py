"""Writing the documents of buying: a vendor's bill, our own invoice, a debit note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, insert, select
from sqlalchemy.sql.elements import ColumnElement

from erp_core.journal.context import Context
from erp_core.kernel.clock import financial_year
from erp_core.purchases.models import purchase_bills

SELF_INVOICE = "SI"
DEBIT_NOTE = "PR"
"""Series of our own numbers: invoices to ourselves (section 31(3)(f)), and goods sent back."""


def is_taken_back(column: ColumnElement[Any]) -> ColumnElement[Boolean]:
    """Whether the bill of an id was taken off the books as a mistake."""
    note = purchase_bills.alias()
    return column.in_(
        select(note.c.against).where(
            note.c.business_id == purchase_bills.c.business_id, note.c.takes_back
        )
    )


_EMPTY: Mapping[str, Any] = {
    "number": None,
    "edition": 0,
    "takes_back": False,
    "against": None,
    "order_id": None,
    "supplier_gstin": None,
    "inter_state": False,
    "reverse_charge": False,
    "input_credit": False,
    "cgst_paise": 0,
    "sgst_paise": 0,
    "igst_paise": 0,
    "cess_paise": 0,
    "round_off_paise": 0,
    "charges_paise": 0,
}


def write_head(ctx: Context, bill_id: UUID, *, on: date, **values: Any) -> None:
    """Insert a document's head; of what it does not say, it has nothing."""
    ctx.connection.execute(
        insert(purchase_bills).values(
            business_id=ctx.business_id,
            id=bill_id,
            on_date=on,
            financial_year=financial_year(on),
            created_at=ctx.now,
            **{**_EMPTY, **values},
        )
    )
