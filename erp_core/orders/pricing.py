"""What an order comes to: its lines with prices and tax, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Forbidden, Invalid, NotFound
from erp_core.kernel.money import LARGEST_AMOUNT
from erp_core.kernel.quantity import parse_quantity, positive
from erp_core.parties.permissions import Permission
from erp_core.parties.queries import business, customer
from erp_core.tax.gst import Assessment, assess
from erp_core.tax.gst import Line as TaxLine
from erp_core.tax.rules import charges_tax, place_of_supply, state_of

MOST_LINES = 200


class _LineWantedBase(TypedDict):
    product_id: UUID | str
    quantity: Decimal | str


class LineWanted(_LineWantedBase, total=False):
    """What somebody orders of one product; at the catalogue's price unless another is given."""

    unit_price_paise: int | None


@dataclass(frozen=True)
class DraftLine:
    """A line with its price for one unit, and the rate of tax in basis points."""

    product: Product
    quantity: Decimal
    unit_price_paise: int
    hsn: str | None
    gst_rate: int

    def plus(self, quantity: Decimal) -> DraftLine:
        """The line with so much more of the product."""
        return replace(self, quantity=positive(self.quantity + quantity, self.product.unit))


@dataclass(frozen=True)
class Terms:
    """What decides an order's tax besides its lines."""

    supplier_state: str
    place_of_supply: str
    charge_tax: bool
    prices_include_tax: bool


@dataclass(frozen=True)
class Draft:
    """An order's lines together with their assessment, line by line in the same order."""

    lines: tuple[DraftLine, ...]
    terms: Terms
    assessment: Assessment

    @property
    def quantities(self) -> dict[UUID, Decimal]:
        """How much of each product."""
        return {line.product.id: line.quantity for line in self.lines}


def terms_for(reader: Reader, customer_id: UUID) -> Terms:
    """The terms on which this business sells to a customer. Raises NotFound("customer")."""
    seller, buyer = business(reader), customer(reader, customer_id)
    return Terms(
        supplier_state=state_of(seller) or seller.state,
        place_of_supply=place_of_supply(seller, buyer),
        charge_tax=charges_tax(seller),
        prices_include_tax=seller.prices_include_tax,
    )


def draft(lines: Sequence[DraftLine], terms: Terms) -> Draft:
    """Assess lines on terms. Raises Invalid("no_lines", "too_many_lines", "bad_amount")."""
    if not lines:
        raise Invalid("no_lines")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines")
    assessment = assess(
        [
            TaxLine(
                quantity=line.quantity,
                unit_price=line.unit_price_paise,
                rate=line.gst_rate,
                hsn=line.hsn,
                inclusive=terms.prices_include_tax,
            )
            for line in lines
        ],
        supplier_state=terms.supplier_state,
        place_of_supply=terms.place_of_supply,
        charge_tax=terms.charge_tax,
    )
    if assessment.total > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return Draft(tuple(lines), terms, assessment)


def draft_lines(reader: Reader, wanted: Sequence[LineWanted]) -> list[DraftLine]:
    """Look up what is wanted; an order has one line for each product.

    Raises NotFound("product"), Invalid("bad_quantity", "bad_amount"), Invalid("two_prices") for one
    product; Forbidden when a customer names a price.
    """
    ids = [_uuid(one["product_id"]) for one in wanted]
    known = products_by_id(reader, ids)
    merged: dict[UUID, DraftLine] = {}
    for product_id, one in zip(ids, wanted, strict=True):
        product = known.get(product_id)
        if product is None or not product.active:
            raise NotFound("product", product_id=str(product_id))
        line = _line(reader, product, one)
        before = merged.get(product_id)
        if before is not None and before.unit_price_paise != line.unit_price_paise:
            raise Invalid("two_prices", product_id=str(product_id))
        merged[product_id] = line.plus(before.quantity) if before else line
    return list(merged.values())


def difference(
    after: Mapping[UUID, Decimal], before: Mapping[UUID, Decimal]
) -> dict[UUID, Decimal]:
    """How much more (or, below zero, less) of each product."""
    return {
        product_id: after.get(product_id, Decimal(0)) - before.get(product_id, Decimal(0))
        for product_id in after.keys() | before.keys()
    }


def _line(reader: Reader, product: Product, wanted: LineWanted) -> DraftLine:
    price = wanted.get("unit_price_paise")
    if price is None:
        price = product.price_paise
    elif reader.actor.kind in ("customer", "guest"):
        raise Forbidden("not_allowed", permission=Permission.CHANGE_PRICE.value)
    if not 0 <= price <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    quantity = positive(_decimal(wanted["quantity"]), product.unit)
    return DraftLine(product, quantity, price, product.hsn, product.gst_rate)


def _uuid(value: Any) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise NotFound("product", product_id=None) from None


def _decimal(value: Decimal | str) -> Decimal:
    return value if isinstance(value, Decimal) else parse_quantity(str(value))
