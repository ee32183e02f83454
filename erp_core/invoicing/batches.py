"""The batches that stand on a bill: a chemist names them, with their expiry, beside each medicine.

They are what was handed out; until then, what would be (first expiry first).
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from erp_core.inventory.batches import Portion, handed_out, next_out
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.journal.context import Reader
from erp_core.kernel.quantity import plain
from erp_core.orders.models import orders
from erp_core.orders.states import CHANGEABLE

Portions = Mapping[UUID, Sequence[Portion]]


def portions_of(reader: Reader, document: Invoice) -> Portions:
    """The batches of each product of a bill; none on a note and on what is no bill of goods."""
    if document.order_id is None or document.against is not None:
        return {}
    found = handed_out(reader, document.order_id)
    if found or document.status == "cancelled" or not _is_here(reader, document.order_id):
        return found
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        if line.product_id:
            wanted[line.product_id] += line.quantity
    return next_out(reader, wanted)


def batches_below(line: InvoiceLine, portions: Portions, labels: Mapping[str, str]) -> list[str]:
    """The batches of a line as they stand below it on paper: "Batch A12 Exp 06/2027 (2)"."""
    found = portions.get(line.product_id, ()) if line.product_id else ()
    return [
        " ".join(
            part
            for part in (
                f"{labels['batch']} {one.number}" if one.number else "",
                f"{labels['expiry']} {_expiry(one.expires_on)}" if one.expires_on else "",
                f"({plain(one.quantity)})" if len(found) > 1 else "",
            )
            if part
        )
        for one in found
    ]


def _expiry(day: date) -> str:
    """The month, as packs print it; the day too where it is not the month's last."""
    last = day.day == monthrange(day.year, day.month)[1]
    return f"{day:%m/%Y}" if last else f"{day:%d-%m-%Y}"


def _is_here(reader: Reader, order_id: UUID) -> bool:
    """Whether the goods of an order are still to leave."""
    status = reader.connection.execute(
        select(orders.c.status).where(
            orders.c.business_id == reader.business_id, orders.c.id == order_id
        )
    ).scalar_one()
    return status in CHANGEABLE
