"""Sending goods back to their vendor: a debit note on the bill that they came by.

They lock, in this order: the bill, stock rows by product id, the number series. Amounts are paise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import insert

from erp_core.catalogue.queries import Quantified, quantities_of
from erp_core.inventory import service as inventory
from erp_core.invoicing.numbering import next_number
from erp_core.journal.context import Context
from erp_core.kernel.errors import Conflict
from erp_core.kernel.ids import new_id
from erp_core.kernel.money import half_up
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business
from erp_core.purchases.documents import DEBIT_NOTE, write_head
from erp_core.purchases.models import purchase_lines
from erp_core.purchases.paying import owed
from erp_core.purchases.queries import BOUGHT, HEADS, Bill, bill, bills_of, returned_of
from erp_core.tax import rules

PARTS = ("taxable", *HEADS, "round_off")


class GoodsReturned(TypedDict):
    note_id: str
    number: str
    bill_id: str
    vendor_id: str
    vendor: str
    taxable: int
    tax: int
    total: int
    owed: int


def return_goods(
    ctx: Context,
    *,
    vendor_id: UUID,
    lines: Sequence[Quantified],
    bill_id: UUID | None = None,
    on: date | None = None,
    takes_back: bool = False,
) -> GoodsReturned:
    """Send goods back to their vendor: a debit note on the bill they came by, at its prices.

    Without `bill_id` it is the vendor's latest bill that still has so much of all of them. Goods
    leave stock at what they have cost on average; where that differs from the bill, the difference
    is cost of goods sold. `takes_back`: the bill was a mistake. Tax under reverse charge goes back
    apart (portals.reverse_charged_goods).
    Raises NotFound("purchase"),
    Conflict("not_bought_here", "out_of_stock", "stock_reserved"), Invalid("no_lines").
    """
    require(ctx, Permission.RECORD_PURCHASE)
    day = ctx.day_of(on)
    wanted = quantities_of(ctx, lines)
    document, taken = _bill_with(ctx, vendor_id, wanted, bill_id)
    sums = {name: sum(part[name] for part in taken.values()) for name in (*PARTS, "total")}
    tax = sum(sums[head] for head in HEADS)
    total = sums["total"] - (tax if document.reverse_charge else 0)
    note_id = new_id()
    cost = inventory.send_back(ctx, wanted, source=("purchase", note_id))
    number = next_number(ctx, DEBIT_NOTE, rules.home_of(business(ctx)), day).text
    _insert(
        ctx,
        note_id,
        document,
        taken,
        sums,
        number=number,
        on=day,
        total_paise=total,
        takes_back=takes_back,
    )
    postings = _postings(document, sums, total, cost)
    post(ctx, kind="debit_note", on=day, postings=postings, source=("purchase", note_id))
    return _recorded(ctx, note_id, document, number=number, sums=sums, tax=tax, total=total)


def _recorded(
    ctx: Context,
    note_id: UUID,
    document: Bill,
    *,
    number: str,
    sums: Mapping[str, int],
    tax: int,
    total: int,
) -> GoodsReturned:
    """The journal's event, and what is told."""
    ctx.record(
        "purchase.returned",
        entity=note_id,
        vendor_id=str(document.vendor_id),
        bill_id=str(document.id),
        total=total,
        number=number,
    )
    return {
        "note_id": str(note_id),
        "number": number,
        "bill_id": str(document.id),
        "vendor_id": str(document.vendor_id),
        "vendor": document.vendor,
        "taxable": sums["taxable"],
        "tax": tax,
        "total": total,
        "owed": owed(ctx, document.vendor_id),
    }


def _bill_with(
    ctx: Context, vendor_id: UUID, wanted: Mapping[UUID, Decimal], bill_id: UUID | None
) -> tuple[Bill, dict[int, dict[str, Any]]]:
    """The bill that goods came by, locked, and what of each of its lines goes back."""
    candidates = [bill(ctx, bill_id)] if bill_id else list(reversed(bills_of(ctx, vendor_id)))
    for one in candidates:
        if one.kind not in BOUGHT or one.vendor_id != vendor_id:
            continue
        if not set(wanted) <= {line.product_id for line in one.lines}:
            continue
        # Bills never change, so their rows are not locked: two notes on one bill take turns here.
        ctx.take_turns(f"purchase:{one.id}")
        taken = _taken(one, wanted, returned_of(ctx, one.id))
        if taken is not None:
            return one, taken
    raise Conflict("not_bought_here")


def _taken(
    document: Bill,
    wanted: Mapping[UUID, Decimal],
    before: Mapping[int, Mapping[str, int | Decimal]],
) -> dict[int, dict[str, Any]] | None:
    """Each line's part that goes back, to the paisa of the whole line; None when too little."""
    left = dict(wanted)
    taken: dict[int, dict[str, Any]] = {}
    for line in document.lines:
        gone = before.get(line.position, {})
        already = Decimal(gone.get("quantity", 0))
        quantity = min(left.get(line.product_id, Decimal(0)), line.quantity - already)
        if quantity <= 0:
            continue
        left[line.product_id] -= quantity
        share = (already + quantity) / line.quantity
        part: dict[str, Any] = {"line": line, "quantity": quantity}
        for name in PARTS:
            part[name] = half_up(getattr(line, name) * share) - int(gone.get(name, 0))
        part["total"] = sum(part[name] for name in PARTS)
        taken[line.position] = part
    return None if any(left.values()) else taken


def _postings(document: Bill, sums: Mapping[str, int], total: int, cost: int) -> list[Posting]:
    tax = {head: sums[head] for head in HEADS}
    set_off = tax if document.input_credit and not document.reverse_charge else {}
    postings = [
        Posting(chart.PAYABLE, total, document.vendor_id),
        Posting(chart.INVENTORY, -cost),
        *(Posting(chart.INPUT_TAX[head], -paise) for head, paise in set_off.items()),
    ]
    difference = -sum(posting.paise for posting in postings)
    return [*postings, Posting(chart.COGS, difference)]


def _insert(
    ctx: Context,
    note_id: UUID,
    document: Bill,
    taken: Mapping[int, Mapping[str, Any]],
    sums: Mapping[str, int],
    *,
    on: date,
    **head: Any,
) -> None:
    write_head(
        ctx,
        note_id,
        on=on,
        vendor_id=document.vendor_id,
        kind="debit_note",
        against=document.id,
        supplier_gstin=document.supplier_gstin,
        inter_state=document.inter_state,
        reverse_charge=document.reverse_charge,
        input_credit=document.input_credit,
        **{f"{name}_paise": sums[name] for name in PARTS},
        **head,
    )
    ctx.connection.execute(
        insert(purchase_lines),
        [
            {
                "business_id": ctx.business_id,
                "bill_id": note_id,
                "position": at + 1,
                "of_position": position,
                "product_id": part["line"].product_id,
                "quantity": part["quantity"],
                "unit_price_paise": part["line"].unit_price,
                "gst_rate": part["line"].gst_rate,
                "charges_paise": 0,
                "cost_paise": part["taxable"],
                **{f"{name}_paise": part[name] for name in PARTS},
            }
            for at, (position, part) in enumerate(taken.items())
        ],
    )
