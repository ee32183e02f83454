"""Commands on orders.

They lock, in this order: the order's row, stock rows by product id, the number series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row

from erp_core.catalogue.codes import SERVICES
from erp_core.catalogue.queries import products_by_id
from erp_core.db.statements import Statement, insertion
from erp_core.inventory import service as inventory
from erp_core.journal.context import Context
from erp_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from erp_core.kernel.ids import new_id
from erp_core.kernel.quantity import plain
from erp_core.orders import states
from erp_core.orders.models import LONGEST_NOTE, order_lines, order_series, orders
from erp_core.orders.pricing import (
    Draft,
    DraftLine,
    LineWanted,
    Terms,
    difference,
    draft_lines,
    priced,
    stocked,
    terms_for,
)
from erp_core.orders.queries import format_number
from erp_core.parties.permissions import Permission, require
from erp_core.tax.levies import levied

_c = orders.c
_BOOK = insertion(
    orders, "business_id", "id", "number", "customer_id", "status", "ordered_on", "created_at",
    "changed_at", "supplier_state", "place_of_supply", "prices_include_tax", "taxable_paise",
    "cgst_paise", "sgst_paise", "igst_paise", "cess_paise", "round_off_paise", "total_paise",
    "wanted_on", "wanted_at", "note",
)  # fmt: skip
_BOOK_LINES = insertion(
    order_lines, "business_id", "order_id", "position", "ordered_on", "product_id", "quantity",
    "unit_price_paise", "hsn", "gst_rate", "rate_known", "taxable_paise", "cgst_paise",
    "sgst_paise", "igst_paise", "total_paise", "cess_paise", "cess_rate", "cess_units_paise",
    "rsp_paise", "by_rsp",
)  # fmt: skip
_LOCK = Statement(
    select(orders)
    .where(_c.business_id == bindparam("tenant"), _c.id == bindparam("order"))
    .with_for_update(key_share=True)
)
_STOCKED = Statement(
    select(order_lines.c.product_id, order_lines.c.quantity).where(
        order_lines.c.business_id == bindparam("tenant"),
        order_lines.c.order_id == bindparam("order"),
        func.coalesce(order_lines.c.hsn, "").notlike(f"{SERVICES}%"),
    )
)
_NEXT = Statement(
    upsert(order_series)
    .on_conflict_do_update(
        index_elements=["business_id", "year"], set_={"last": order_series.c.last + 1}
    )
    .returning(order_series.c.last),
    columns=("business_id", "year", "last"),
)


class OrderWritten(TypedDict):
    """What an order has become; amounts in paise."""

    order_id: str
    number: str
    customer_id: str
    status: str
    subtotal: int
    tax: int
    total: int


class OrderMoved(TypedDict):
    order_id: str
    number: str
    customer_id: str
    before: str
    status: str
    total: int


def create_order(
    ctx: Context,
    *,
    customer_id: UUID,
    lines: Sequence[LineWanted],
    status: str | None = None,
    said_total: int | None = None,
    wanted_on: date | None = None,
    wanted_at: str | None = None,
    note: str | None = None,
) -> OrderWritten:
    """Book an order.

    What the shop books is confirmed and its stock promised; what a customer asks for is pending
    until the shop confirms it. `wanted_on` and `wanted_at` (see models.WANTED_AT) keep when the
    goods are wanted, and `note` what was written beside them, in those words as far as there is
    room for them. With `said_total`, in paise, it comes to just that, tax in it.

    Raises NotFound("customer", "product"), Invalid("no_lines", "bad_quantity", "bad_amount",
    "bad_status"), Conflict("out_of_stock", product_id, available, wanted), Forbidden.
    """
    require(ctx, Permission.CREATE_ORDER, customer_id=customer_id)
    status = _first_status(ctx, status)
    wanted, terms = draft_lines(ctx, lines), terms_for(ctx, customer_id)
    if said_total is not None:
        require(ctx, Permission.NAME_PRICE)
    made = priced(wanted, terms, said_total)
    if status in states.RESERVED:
        inventory.reserve(ctx, made.stocked)
    order_id, number = new_id(), _next_number(ctx)
    named: dict[str, Any] = {"number": number, "customer_id": customer_id, "status": status}
    said = {"wanted_on": wanted_on, "wanted_at": wanted_at, "note": _within_room(note)}
    _write_head(ctx, order_id, made, **named, **said)
    _write_lines(ctx, order_id, ctx.today, made)
    return _recorded(ctx, "order.created", order_id, made, **named)


def modify_order(
    ctx: Context,
    *,
    order_id: UUID,
    add: Sequence[LineWanted] = (),
    set_: Sequence[LineWanted] = (),
    remove: Sequence[UUID] = (),
    said_total: int | None = None,
    wanted_on: date | None = None,
    wanted_at: str | None = None,
) -> OrderWritten:
    """Change what is ordered: add goods to what there is, set quantities anew, leave products out.

    Lines keep the price and rate at which they were booked, unless a new price is given. With
    `said_total`, in paise, all comes to just that, tax in it. When it is wanted changes where
    `wanted_on` or `wanted_at` says so, a new day with no hour. Raises as `create_order`, and
    Conflict("order_not_changeable", status), Conflict("order_invoiced"),
    NotFound("order", "order_line"), Invalid("no_lines") when nothing would be left.
    """
    row = _lock(ctx, order_id, Permission.MODIFY_ORDER)
    _check_changeable(ctx, row)
    before = _stored_lines(ctx, order_id)
    after = _changed_lines(ctx, before, add, set_, remove)
    if said_total is not None:
        require(ctx, Permission.NAME_PRICE)
    made = priced(after, _terms(ctx, row), said_total)
    if row.status in states.RESERVED:
        inventory.change_reservations(ctx, difference(made.stocked, stocked(before)))
    ctx.connection.execute(
        delete(order_lines).where(
            order_lines.c.business_id == ctx.business_id, order_lines.c.order_id == order_id
        )
    )
    _write_lines(ctx, order_id, row.ordered_on, made)
    _update(ctx, order_id, **_amounts(made), **_wanted(row, wanted_on, wanted_at))
    return _recorded(
        ctx,
        "order.modified",
        order_id,
        made,
        number=row.number,
        customer_id=row.customer_id,
        status=row.status,
        total_before=row.total_paise,
    )


def note_order(
    ctx: Context,
    *,
    order_id: UUID,
    note: str | None = None,
    wanted_on: date | None = None,
    wanted_at: str | None = None,
) -> None:
    """Keep what is said of an order after it was booked, its goods untouched: the whole of its
    note, and when it is wanted, as far as they are given. Whose it is may say so until the goods
    have left.

    Raises Conflict("order_not_changeable", status), NotFound("order"), Forbidden.
    """
    row = _lock(ctx, order_id, Permission.MODIFY_ORDER)
    if row.status not in states.CHANGEABLE:
        raise Conflict("order_not_changeable", status=row.status)
    said = {"note": _within_room(note) or row.note, **_wanted(row, wanted_on, wanted_at)}
    _update(ctx, order_id, **said)
    facts = {"number": row.number, "customer_id": str(row.customer_id), "total": row.total_paise}
    ctx.record("order.noted", entity=order_id, **facts)


def change_status(ctx: Context, *, order_id: UUID, status: str) -> OrderMoved:
    """Move an order on.

    Stock is promised when it is confirmed, leaves when it is shipped (or delivered at once), and
    comes back when it is returned.

    Raises Conflict("illegal_transition", before, after, allowed), Conflict("out_of_stock"),
    Invalid("bad_status"), NotFound("order").
    """
    if status not in states.TRANSITIONS.states:
        raise Invalid("bad_status")
    if status == states.CANCELLED:
        return cancel_order(ctx, order_id=order_id)
    row = _lock(ctx, order_id, Permission.CHANGE_ORDER_STATUS)
    states.TRANSITIONS.check(row.status, status)
    if status == states.CONFIRMED:
        inventory.reserve(ctx, _stocked(ctx, order_id))
    elif status in states.ISSUED and row.status in states.RESERVED:
        inventory.issue(ctx, _stocked(ctx, order_id), source=("order", order_id))
    elif status == states.RETURNED:
        inventory.take_back(ctx, source=("order", order_id))
    return _move(ctx, row, status)


def change_and_move(
    ctx: Context,
    *,
    order_id: UUID,
    status: str,
    add: Sequence[LineWanted] = (),
    set_: Sequence[LineWanted] = (),
    remove: Sequence[UUID] = (),
    said_total: int | None = None,
) -> OrderMoved:
    """Change what is ordered, where that is said, and move the order on, both or neither; one that
    waits is taken on first, on the way to what comes behind that. Raises as `modify_order` and
    `change_status`."""
    if add or set_ or remove:
        modify_order(
            ctx, order_id=order_id, add=add, set_=set_, remove=remove, said_total=said_total
        )
    row, after = _lock(ctx, order_id, Permission.CHANGE_ORDER_STATUS), states.TRANSITIONS.after
    behind = after(states.CONFIRMED) - after(states.PENDING)
    if row.status == states.PENDING and status in behind:
        change_status(ctx, order_id=order_id, status=states.CONFIRMED)
    return change_status(ctx, order_id=order_id, status=status)


def cancel_order(ctx: Context, *, order_id: UUID, reason: str | None = None) -> OrderMoved:
    """Cancel an order and free its stock. `reason` is a code.

    A customer may until the shop starts on it. Raises Conflict("illegal_transition"),
    Conflict("order_invoiced"), NotFound("order").
    """
    row = _lock(ctx, order_id, Permission.CANCEL_ORDER)
    states.TRANSITIONS.check(row.status, states.CANCELLED)
    if ctx.actor.kind == "customer" and row.status not in states.CANCELLABLE_BY_CUSTOMER:
        raise Conflict("order_not_changeable", status=row.status)
    if row.invoice_id is not None:
        raise Conflict("order_invoiced", invoice_id=str(row.invoice_id))
    if row.status in states.RESERVED:
        inventory.release(ctx, _stocked(ctx, order_id))
    return _move(ctx, row, states.CANCELLED, cancel_reason=reason)


def mark_invoiced(ctx: Context, *, order_id: UUID, invoice_id: UUID) -> None:
    """Bind an order to its bill: from now on it can be neither changed nor cancelled.

    Raises Conflict("order_invoiced") when it has one, Conflict("order_not_billable") when it was
    never confirmed or is cancelled.
    """
    row = _lock(ctx, order_id, Permission.CREATE_INVOICE)
    if row.invoice_id is not None:
        raise Conflict("order_invoiced", invoice_id=str(row.invoice_id))
    if row.status not in states.BILLABLE:
        raise Conflict("order_not_billable", status=row.status)
    _update(ctx, order_id, invoice_id=invoice_id)


def mark_not_invoiced(ctx: Context, *, order_id: UUID) -> None:
    """Free an order from a bill that was cancelled."""
    _lock(ctx, order_id, Permission.CANCEL_INVOICE)
    _update(ctx, order_id, invoice_id=None)


def _first_status(ctx: Context, asked: str | None) -> str:
    by_customer = ctx.actor.kind == "customer"
    status = asked or (states.PENDING if by_customer else states.CONFIRMED)
    if status not in (states.PENDING, states.CONFIRMED):
        raise Invalid("bad_status")
    if by_customer and status != states.PENDING:
        raise Forbidden("not_allowed", permission=Permission.CHANGE_ORDER_STATUS.value)
    return status


def _next_number(ctx: Context) -> str:
    """The next number of this year. The row stays locked until commit, so numbers have no gaps."""
    year = ctx.today.year
    row = _NEXT.one(ctx.connection, business_id=ctx.business_id, year=year, last=1)
    return format_number(year, row.last)


def _lock(ctx: Context, order_id: UUID, permission: Permission) -> Any:
    """Lock an order that the actor may do this to. To a customer another's order does not exist."""
    row = _LOCK.first(ctx.connection, tenant=ctx.business_id, order=order_id)
    if ctx.actor.kind == "customer" and row is not None and row.customer_id != ctx.actor.id:
        row = None
    require(ctx, permission, customer_id=row.customer_id if row else ctx.actor.id)
    if row is None:
        raise NotFound("order", order_id=str(order_id))
    return row


def _check_changeable(ctx: Context, row: Row) -> None:
    by_customer = ctx.actor.kind == "customer"
    changeable = states.CHANGEABLE_BY_CUSTOMER if by_customer else states.CHANGEABLE
    if row.status not in changeable:
        raise Conflict("order_not_changeable", status=row.status)
    if row.invoice_id is not None:
        raise Conflict("order_invoiced", invoice_id=str(row.invoice_id))


def _stored_lines(ctx: Context, order_id: UUID) -> list[DraftLine]:
    rows = ctx.connection.execute(
        select(order_lines)
        .where(order_lines.c.business_id == ctx.business_id, order_lines.c.order_id == order_id)
        .order_by(order_lines.c.position)
    ).all()
    known = products_by_id(ctx, [row.product_id for row in rows])
    return [
        DraftLine(
            product=known[row.product_id],
            quantity=row.quantity,
            unit_price_paise=row.unit_price_paise,
            hsn=row.hsn,
            gst_rate=row.gst_rate,
            rate_known=row.rate_known,
        )
        for row in rows
    ]


def _wanted(row: Row, on: date | None, at: str | None) -> dict[str, Any]:
    if on is None and at is None:
        return {}
    return {"wanted_on": on or row.wanted_on, "wanted_at": at}


def _changed_lines(
    ctx: Context,
    before: Sequence[DraftLine],
    add: Sequence[LineWanted],
    set_: Sequence[LineWanted],
    remove: Sequence[UUID],
) -> list[DraftLine]:
    lines = {line.product.id: line for line in before}
    for product_id in remove:
        if lines.pop(UUID(str(product_id)), None) is None:
            raise NotFound("order_line", product_id=str(product_id))
    for line in _as_booked(ctx, set_, lines):
        lines[line.product.id] = line
    for line in _as_booked(ctx, add, lines):
        known = lines.get(line.product.id)
        lines[line.product.id] = line.plus(known.quantity) if known else line
    return list(lines.values())


def _as_booked(
    ctx: Context, wanted: Sequence[LineWanted], booked: Mapping[UUID, DraftLine]
) -> list[DraftLine]:
    """Lines that are wanted, on the terms of those that were booked but for a new price."""
    named = {
        UUID(str(one["product_id"])) for one in wanted if one.get("unit_price_paise") is not None
    }
    lines = []
    for line in draft_lines(ctx, wanted):
        known = booked.get(line.product.id)
        if known is not None:
            price = line if line.product.id in named else known
            line = replace(known, quantity=line.quantity, unit_price_paise=price.unit_price_paise)
        lines.append(line)
    return lines


def _terms(ctx: Context, row: Row) -> Terms:
    """The order's own terms: those under which it was booked."""
    return replace(
        terms_for(ctx, row.customer_id),
        supplier_state=row.supplier_state,
        place_of_supply=row.place_of_supply,
        prices_include_tax=row.prices_include_tax,
    )


def _stocked(ctx: Context, order_id: UUID) -> dict[UUID, Decimal]:
    rows = _STOCKED.all(ctx.connection, tenant=ctx.business_id, order=order_id)
    return {row.product_id: row.quantity for row in rows}


def _within_room(note: str | None) -> str | None:
    """A note in one line, as much of it as is kept; None where it says nothing."""
    said = " ".join((note or "").split())
    return said[:LONGEST_NOTE].rstrip() or None


def _write_head(ctx: Context, order_id: UUID, made: Draft, **head: Any) -> None:
    """Write an order without its lines."""
    _BOOK.run(
        ctx.connection,
        business_id=ctx.business_id,
        id=order_id,
        ordered_on=ctx.today,
        created_at=ctx.now,
        changed_at=ctx.now,
        supplier_state=made.terms.supplier_state,
        place_of_supply=made.terms.place_of_supply,
        prices_include_tax=made.terms.prices_include_tax,
        **head,
        **_amounts(made),
    )


def _write_lines(ctx: Context, order_id: UUID, ordered_on: date, made: Draft) -> None:
    assessed = zip(made.lines, made.assessment.lines, strict=True)
    _BOOK_LINES.run_many(
        ctx.connection,
        [
            {
                "business_id": ctx.business_id,
                "order_id": order_id,
                "position": position,
                "ordered_on": ordered_on,
                "product_id": line.product.id,
                "quantity": line.quantity,
                "unit_price_paise": line.unit_price_paise,
                "hsn": line.hsn,
                "gst_rate": line.gst_rate,
                "rate_known": line.rate_known,
                "taxable_paise": tax.value,
                "cgst_paise": tax.cgst,
                "sgst_paise": tax.sgst,
                "igst_paise": tax.igst,
                "total_paise": tax.total,
                **levied(tax),
            }
            for position, (line, tax) in enumerate(assessed, start=1)
        ],
    )


def _amounts(made: Draft) -> dict[str, int]:
    return {
        "taxable_paise": made.assessment.value,
        "cgst_paise": made.assessment.cgst,
        "sgst_paise": made.assessment.sgst,
        "igst_paise": made.assessment.igst,
        "cess_paise": made.assessment.cess,
        "round_off_paise": made.assessment.round_off,
        "total_paise": made.assessment.total,
    }


def _line_facts(made: Draft) -> list[dict[str, Any]]:
    return [
        {
            "product_id": str(line.product.id),
            "quantity": plain(line.quantity),
            "unit_price": line.unit_price_paise,
        }
        for line in made.lines
    ]


def _update(ctx: Context, order_id: UUID, **values: Any) -> None:
    changes = _changing("changed_at", *values)
    changes.run(
        ctx.connection, tenant=ctx.business_id, order=order_id, changed_at=ctx.now, **values
    )


@cache
def _changing(*columns: str) -> Statement:
    of_order = (_c.business_id == bindparam("tenant"), _c.id == bindparam("order"))
    return Statement(update(orders).where(*of_order), columns=columns)


def _move(ctx: Context, row: Row, status: str, **values: Any) -> OrderMoved:
    _update(ctx, row.id, status=status, **values)
    ctx.record(
        f"order.{status}",
        entity=row.id,
        number=row.number,
        customer_id=str(row.customer_id),
        before=row.status,
        status=status,
        total=row.total_paise,
        **{name: value for name, value in values.items() if value is not None},
    )
    return {
        "order_id": str(row.id),
        "number": row.number,
        "customer_id": str(row.customer_id),
        "before": row.status,
        "status": status,
        "total": row.total_paise,
    }


def _recorded(
    ctx: Context,
    event: str,
    order_id: UUID,
    made: Draft,
    *,
    number: str,
    customer_id: UUID,
    status: str,
    **facts: int,
) -> OrderWritten:
    """The journal's event, and what the order has become."""
    ctx.record(
        event,
        entity=order_id,
        number=number,
        customer_id=str(customer_id),
        status=status,
        total=made.assessment.total,
        lines=_line_facts(made),
        **facts,
    )
    return {
        "order_id": str(order_id),
        "number": number,
        "customer_id": str(customer_id),
        "status": status,
        "subtotal": made.assessment.value,
        "tax": made.assessment.tax + made.assessment.cess,
        "total": made.assessment.total,
    }
