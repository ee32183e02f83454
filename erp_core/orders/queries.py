"""Reading orders. A customer finds only its own; another's is as if it were not there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql import Select

from erp_core.catalogue.codes import is_service
from erp_core.catalogue.models import products
from erp_core.db.many import one_of_given
from erp_core.db.statements import Statement
from erp_core.inventory.batches import EXPIRED
from erp_core.inventory.models import stock_levels
from erp_core.journal.context import Reader
from erp_core.kernel.errors import NotFound
from erp_core.orders.models import order_lines, orders
from erp_core.orders.pricing import Draft, LineWanted, draft, draft_lines, priced, terms_for
from erp_core.orders.states import BILLABLE, OPEN
from erp_core.parties.models import customers
from erp_core.parties.permissions import Permission, reach, require
from erp_core.tax.levies import levied

_NUMBER = re.compile(
    r"(?:ORD\W*)?(?:(20\d\d)(?:\W+|(?=\d{5})))?(\d{1,7})", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True)
class OrderLine:
    """A line of an order; amounts in paise, the rate in basis points."""

    product_id: UUID
    product: str
    unit: str
    quantity: Decimal
    unit_price_paise: int
    hsn: str | None
    gst_rate: int
    rate_known: bool
    taxable_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    total_paise: int
    cess_paise: int = 0
    cess_rate: int = 0
    cess_units_paise: int = 0
    rsp_paise: int | None = None
    by_rsp: bool = False

    @property
    def tax_paise(self) -> int:
        """All heads, cess too."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise

    @property
    def round_off_paise(self) -> int:
        """What the total is beyond its value and tax."""
        return self.total_paise - self.taxable_paise - self.tax_paise


@dataclass(frozen=True)
class Order:
    """An order. Its total is the subtotal (the taxable value), the tax with its cess, and the
    round-off."""

    id: UUID
    number: str
    customer_id: UUID
    customer: str
    status: str
    ordered_on: date
    created_at: datetime
    supplier_state: str
    place_of_supply: str
    prices_include_tax: bool
    subtotal_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    round_off_paise: int
    total_paise: int
    cancel_reason: str | None
    invoice_id: UUID | None
    lines: tuple[OrderLine, ...]
    cess_paise: int = 0
    wanted_on: date | None = None
    wanted_at: str | None = None
    note: str | None = None

    @property
    def tax_paise(self) -> int:
        """All heads, cess too."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise


@dataclass(frozen=True)
class PreviewLine:
    """A line that may be ordered, and how much of the product is available for it now."""

    product_id: UUID
    product: str
    unit: str
    quantity: Decimal
    unit_price_paise: int
    gst_rate: int
    taxable_paise: int
    tax_paise: int
    total_paise: int
    available: Decimal
    service: bool = False
    rate_known: bool = True

    @property
    def enough(self) -> bool:
        return self.service or self.available >= self.quantity


@dataclass(frozen=True)
class Preview:
    """What an order would come to."""

    customer_id: UUID | None
    lines: tuple[PreviewLine, ...]
    subtotal_paise: int
    cgst_paise: int
    sgst_paise: int
    igst_paise: int
    round_off_paise: int
    total_paise: int
    cess_paise: int = 0

    @property
    def tax_paise(self) -> int:
        """All heads, cess too."""
        return self.cgst_paise + self.sgst_paise + self.igst_paise + self.cess_paise

    @property
    def enough(self) -> bool:
        """Whether everything is available."""
        return all(line.enough for line in self.lines)


def order(reader: Reader, order_id: UUID) -> Order:
    """An order with its lines. Raises NotFound("order")."""
    own = reach(reader, Permission.VIEW_ORDERS)
    row = _BY_ID.first(reader.connection, tenant=reader.business_id, order=order_id)
    if row is None or own not in (None, row.customer_id):
        raise NotFound("order", order_id=str(order_id))
    return _order(row, _lines(reader, [order_id])[order_id])


def order_by_number(reader: Reader, text: str) -> Order | None:
    """The order that somebody names: "ORD-2026-00012", "ord 2026 12", or "12" of this year."""
    number = parse_number(text, this_year=reader.today.year)
    if number is None:
        return None
    found = _orders(reader, _all(reader).where(orders.c.number == number))
    return found[0] if found else None


def parse_number(text: str, *, this_year: int) -> str | None:
    """An order number in full, from any usual way of writing it."""
    match = _NUMBER.fullmatch(text.strip(" #.,"))
    if match is None:
        return None
    return format_number(int(match[1] or this_year), int(match[2]))


def format_number(year: int, count: int) -> str:
    """ORD-2026-00001."""
    return f"ORD-{year}-{count:05d}"


def sold_lately(reader: Reader, product_ids: Sequence[UUID], *, since: date) -> Mapping[UUID, int]:
    """In how many orders since a day each of some products stands; those in none are left out."""
    rows = reader.connection.execute(
        select(order_lines.c.product_id, func.count())
        .select_from(
            order_lines.join(
                orders,
                (orders.c.business_id == order_lines.c.business_id)
                & (orders.c.id == order_lines.c.order_id),
            )
        )
        .where(
            order_lines.c.business_id == reader.business_id,
            order_lines.c.product_id.in_(set(product_ids)),
            orders.c.ordered_on >= since,
            orders.c.status != "cancelled",
        )
        .group_by(order_lines.c.product_id)
    )
    return {row[0]: row[1] for row in rows}


def most_ordered(reader: Reader, *, since: date, limit: int) -> list[UUID]:
    """The products that stand in the most orders since a day, those that were cancelled too."""
    rows = reader.connection.execute(
        select(order_lines.c.product_id)
        .where(order_lines.c.business_id == reader.business_id, order_lines.c.ordered_on >= since)
        .group_by(order_lines.c.product_id)
        .order_by(func.count().desc(), order_lines.c.product_id)
        .limit(limit)
    )
    return [row.product_id for row in rows]


def most_ordering(reader: Reader, *, since: date, limit: int) -> list[UUID]:
    """The customers with the most orders since a day, cancelled ones too. Asks no permission."""
    rows = reader.connection.execute(
        select(orders.c.customer_id)
        .where(orders.c.business_id == reader.business_id, orders.c.ordered_on >= since)
        .group_by(orders.c.customer_id)
        .order_by(func.count().desc(), orders.c.customer_id)
        .limit(limit)
    )
    return [row.customer_id for row in rows]


def latest_order(
    reader: Reader, customer_id: UUID | None = None, *, open_only: bool = True
) -> Order | None:
    """The newest order, of one customer if given; by default only one that is not done with."""
    query = _all(reader, customer_id)
    if open_only:
        query = query.where(orders.c.status.in_(OPEN))
    found = _orders(reader, query.order_by(orders.c.created_at.desc(), orders.c.id.desc()).limit(1))
    return found[0] if found else None


def open_orders(
    reader: Reader, customer_id: UUID | None = None, *, limit: int = 10, status: str | None = None
) -> list[Order]:
    """The orders that are not done with, newest first; only those of one status if given."""
    query = _all(reader, customer_id).where(orders.c.status.in_([status] if status else OPEN))
    newest = query.order_by(orders.c.created_at.desc(), orders.c.id.desc())
    return _orders(reader, newest.limit(limit))


def unbilled(reader: Reader, customer_id: UUID | None = None, *, limit: int = 20) -> list[Order]:
    """The orders that can be billed and have no bill, delivered or not, newest first."""
    query = _all(reader, customer_id).where(
        orders.c.status.in_(BILLABLE), orders.c.invoice_id.is_(None)
    )
    newest = query.order_by(orders.c.created_at.desc(), orders.c.id.desc())
    return _orders(reader, newest.limit(limit))


def orders_between(
    reader: Reader,
    start: date,
    end: date,
    *,
    customer_id: UUID | None = None,
    statuses: Collection[str] | None = None,
) -> list[Order]:
    """The orders of the days from start to end, both included, oldest first."""
    query = _all(reader, customer_id).where(orders.c.ordered_on.between(start, end))
    if statuses is not None:
        query = query.where(orders.c.status.in_(statuses))
    return _orders(reader, query.order_by(orders.c.created_at, orders.c.id))


def all_orders(reader: Reader) -> list[Order]:
    """Every order, oldest first."""
    return _orders(reader, _all(reader).order_by(orders.c.created_at, orders.c.id))


def imagined(
    reader: Reader, *, customer_id: UUID, lines: Sequence[LineWanted], number: str
) -> Order:
    """An order as it would be written now, under a name of its own. Raises as create_order does."""
    require(reader, Permission.CREATE_ORDER, customer_id=customer_id)
    made = draft(draft_lines(reader, lines), terms_for(reader, customer_id))
    return Order(
        id=customer_id,
        number=number,
        customer_id=customer_id,
        customer="",
        status="pending",
        ordered_on=reader.today,
        created_at=datetime.combine(reader.today, time.min, tzinfo=timezone.utc),
        supplier_state=made.terms.supplier_state,
        place_of_supply=made.terms.place_of_supply,
        prices_include_tax=made.terms.prices_include_tax,
        subtotal_paise=made.assessment.value,
        cgst_paise=made.assessment.cgst,
        sgst_paise=made.assessment.sgst,
        igst_paise=made.assessment.igst,
        cess_paise=made.assessment.cess,
        round_off_paise=made.assessment.round_off,
        total_paise=made.assessment.total,
        cancel_reason=None,
        invoice_id=None,
        lines=_assessed_lines(made),
    )


def _assessed_lines(made: Draft) -> tuple[OrderLine, ...]:
    """The lines of a draft as an order would have them."""
    return tuple(
        OrderLine(
            product_id=line.product.id,
            product=line.product.name,
            unit=line.product.unit,
            quantity=line.quantity,
            unit_price_paise=line.unit_price_paise,
            hsn=line.hsn,
            gst_rate=tax.rate,
            rate_known=line.rate_known,
            taxable_paise=tax.value,
            cgst_paise=tax.cgst,
            sgst_paise=tax.sgst,
            igst_paise=tax.igst,
            total_paise=tax.total,
            **levied(tax),
        )
        for line, tax in zip(made.lines, made.assessment.lines, strict=True)
    )


def preview(
    reader: Reader,
    *,
    customer_id: UUID | None,
    lines: Sequence[LineWanted],
    said_total: int | None = None,
) -> Preview:
    """What an order would come to, without writing it; of nobody yet, as at the counter. Raises as
    service.create_order does."""
    if customer_id is None:
        require(reader, Permission.VIEW_CATALOGUE)
    else:
        require(reader, Permission.CREATE_ORDER, customer_id=customer_id)
    made = priced(draft_lines(reader, lines), terms_for(reader, customer_id), said_total)
    available = _available(reader, list(made.stocked))
    assessed = zip(made.lines, made.assessment.lines, strict=True)
    return Preview(
        customer_id=customer_id,
        lines=tuple(
            PreviewLine(
                product_id=line.product.id,
                product=line.product.name,
                unit=line.product.unit,
                quantity=line.quantity,
                unit_price_paise=line.unit_price_paise,
                gst_rate=tax.rate,
                taxable_paise=tax.value,
                tax_paise=tax.tax + tax.cess,
                total_paise=tax.total,
                available=available.get(line.product.id, Decimal(0)),
                service=is_service(line.hsn),
                rate_known=line.rate_known or not made.terms.charge_tax,
            )
            for line, tax in assessed
        ),
        subtotal_paise=made.assessment.value,
        cgst_paise=made.assessment.cgst,
        sgst_paise=made.assessment.sgst,
        igst_paise=made.assessment.igst,
        cess_paise=made.assessment.cess,
        round_off_paise=made.assessment.round_off,
        total_paise=made.assessment.total,
    )


_NAMED = select(orders, customers.c.name.label("customer")).join(
    customers,
    (customers.c.business_id == orders.c.business_id) & (customers.c.id == orders.c.customer_id),
)
_BY_ID = Statement(
    _NAMED.where(orders.c.business_id == bindparam("tenant"), orders.c.id == bindparam("order"))
)


def _all(reader: Reader, customer_id: UUID | None = None) -> Select:
    """Orders within the reach of whoever reads: for a customer, its own."""
    own = reach(reader, Permission.VIEW_ORDERS, customer_id)
    query = _NAMED.where(orders.c.business_id == reader.business_id)
    return query if own is None else query.where(orders.c.customer_id == own)


def _orders(reader: Reader, query: Select) -> list[Order]:
    rows = reader.connection.execute(query).all()
    lines = _lines(reader, [row.id for row in rows])
    return [_order(row, lines[row.id]) for row in rows]


def _lines(reader: Reader, order_ids: Collection[UUID]) -> dict[UUID, list[OrderLine]]:
    found: dict[UUID, list[OrderLine]] = defaultdict(list)
    if not order_ids:
        return found
    rows = _LINES.all(reader.connection, tenant=reader.business_id, orders=list(order_ids))
    for order_id, *line in rows:
        found[order_id].append(OrderLine(*line))
    return found


_READ = {**products.c, **order_lines.c, "product": products.c.name.label("product")}
_LINES = Statement(
    select(order_lines.c.order_id, *(_READ[name] for name in OrderLine.__dataclass_fields__))
    .join(
        products,
        (products.c.business_id == order_lines.c.business_id)
        & (products.c.id == order_lines.c.product_id),
    )
    .where(
        order_lines.c.business_id == bindparam("tenant"),
        one_of_given(order_lines.c.order_id, "orders"),
    )
    .order_by(order_lines.c.order_id, order_lines.c.position)
)


_FIELDS = tuple(Order.__dataclass_fields__.keys() - {"lines", "subtotal_paise"})


def _order(row: Any, lines: Sequence[OrderLine]) -> Order:
    return Order(
        **{name: getattr(row, name) for name in _FIELDS},
        subtotal_paise=row.taxable_paise,
        lines=tuple(lines),
    )


def _available(reader: Reader, product_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    rows = _AVAILABLE.all(
        reader.connection,
        tenant=reader.business_id,
        today=reader.today,
        products=list(product_ids),
    )
    return {row.product_id: row.available for row in rows}


_free = stock_levels.c.on_hand - stock_levels.c.reserved
_AVAILABLE = Statement(
    select(
        stock_levels.c.product_id,
        func.greatest(_free - EXPIRED, 0).label("available"),
    ).where(
        stock_levels.c.business_id == bindparam("tenant"),
        one_of_given(stock_levels.c.product_id, "products"),
    )
)
