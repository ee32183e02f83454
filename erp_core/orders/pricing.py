"""What an order comes to: its lines with prices and tax, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any, TypedDict
from uuid import UUID

from erp_core.catalogue.codes import is_service
from erp_core.catalogue.queries import Product, products_by_id
from erp_core.journal.context import Reader
from erp_core.kernel.errors import Forbidden, Invalid, NotFound
from erp_core.kernel.money import LARGEST_AMOUNT, half_up, split_by_largest_remainder
from erp_core.kernel.quantity import convert, parse_quantity, positive
from erp_core.parties.permissions import Permission, require
from erp_core.parties.queries import business, customer
from erp_core.tax.gst import Assessment, assess
from erp_core.tax.hsn import rule_named
from erp_core.tax.levies import taxed_line
from erp_core.tax.rates import Asked, Term
from erp_core.tax.rules import EXPORTS, ZONES, supply

MOST_LINES = 200


class _LineWantedBase(TypedDict):
    product_id: UUID | str
    quantity: Decimal | str


class LineWanted(_LineWantedBase, total=False):
    """What somebody orders of one product; at the catalogue's price unless another is given."""

    unit_price_paise: int | None


@dataclass(frozen=True)
class DraftLine:
    """A line with its price for one unit, and the rate of tax in basis points.

    Where not `rate_known`, nobody could say the rate yet: the line counts without tax, and cannot
    be billed. `term` is what the law says besides of goods of this rate (cess, retail price).
    """

    product: Product
    quantity: Decimal
    unit_price_paise: int
    hsn: str | None
    gst_rate: int
    rate_known: bool = True
    term: Term | None = None

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
    on: date
    treatment: str | None = None


@dataclass(frozen=True)
class Draft:
    """An order's lines together with their assessment, line by line in the same order."""

    lines: tuple[DraftLine, ...]
    terms: Terms
    assessment: Assessment

    @property
    def stocked(self) -> dict[UUID, Decimal]:
        """How much of each product leaves the stock."""
        return stocked(self.lines)


def stocked(lines: Iterable[DraftLine]) -> dict[UUID, Decimal]:
    """How much of each product lines take out of the stock: of what is done, or cooked, nothing."""
    return {line.product.id: line.quantity for line in lines if not is_service(line.hsn)}


def terms_for(reader: Reader, customer_id: UUID | None) -> Terms:
    """The terms on which this business sells to a customer, or at the counter. Raises
    NotFound("customer")."""
    seller, buyer = business(reader), customer(reader, customer_id) if customer_id else None
    terms = supply(seller, buyer)
    return Terms(
        supplier_state=terms.supplier_state,
        place_of_supply=terms.place_of_supply,
        charge_tax=terms.charge_tax,
        prices_include_tax=seller.prices_include_tax,
        on=reader.today,
        treatment=terms.treatment,
    )


def draft(lines: Sequence[DraftLine], terms: Terms) -> Draft:
    """Assess lines on terms, at the rates that are lawful on their day.

    Raises Invalid("no_lines", "too_many_lines", "bad_amount").
    """
    if not lines:
        raise Invalid("no_lines")
    if len(lines) > MOST_LINES:
        raise Invalid("too_many_lines")
    if terms.charge_tax:
        lines = [lawful_line(line, terms) for line in lines]
    assessment = assessed(lines, terms)
    if assessment.total > LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    return Draft(tuple(lines), terms, assessment)


def assessed(
    lines: Sequence[DraftLine], terms: Terms, *, reverse_charge: bool = False, freight: int = 0
) -> Assessment:
    """What lines come to on terms, at the rates that they have."""
    return assess(
        [
            taxed_line(
                line.term,
                quantity=line.quantity,
                unit=line.product.unit,
                unit_price=line.unit_price_paise,
                rate=line.gst_rate,
                hsn=line.hsn,
                inclusive=terms.prices_include_tax,
                rsp=line.product.mrp_paise,
            )
            for line in lines
        ],
        supplier_state=terms.supplier_state,
        place_of_supply=terms.place_of_supply,
        charge_tax=terms.charge_tax,
        reverse_charge=reverse_charge,
        freight=freight,
        always_inter_state=terms.treatment in EXPORTS | ZONES,
    )


def priced(lines: Sequence[DraftLine], terms: Terms, said_total: int | None) -> Draft:
    """Lines as they are sold: at their prices, or for just the total that was said. Raises as
    `draft`."""
    return draft(lines, terms) if said_total is None else for_total(lines, terms, said_total)


def for_total(lines: Sequence[DraftLine], terms: Terms, total_paise: int) -> Draft:
    """Lines at the rates, tax in them, at which they come to just what was said to be charged.

    Each line keeps its share of what all would usually come to. A rate is whole paise: what is left
    of the total stands in the round-off of the last line. Raises as `draft`.
    """
    if not 0 < total_paise <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    usual = [line.total for line in draft(lines, terms).assessment.lines]
    shares = split_by_largest_remainder(total_paise, usual if any(usual) else [1] * len(usual))
    shared = [
        replace(line, unit_price_paise=half_up(share / line.quantity))
        for line, share in zip(lines, shares, strict=True)
    ]
    made = draft(shared, replace(terms, prices_include_tax=True))
    found = made.assessment
    left = total_paise - found.total
    last = replace(found.lines[-1], round_off=found.lines[-1].round_off + left)
    exact = replace(
        found,
        lines=(*found.lines[:-1], last),
        round_off=found.round_off + left,
        total=total_paise,
    )
    return replace(made, assessment=exact)


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


def lawful_line(line: DraftLine, terms: Terms) -> DraftLine:
    """The line at the rate that it has by law on the day of the terms, as far as that is known."""
    ruling = rule_named(
        Asked(
            on=terms.on,
            hsn=line.hsn,
            stated=line.gst_rate if line.rate_known else None,
            unit_value=value_of_one(line.unit_price_paise, line.product.unit) if line.hsn else None,
            inclusive=terms.prices_include_tax,
            packing=line.product.packing,
        ),
        line.product.name,
    )
    if ruling.rate is None:
        return replace(line, rate_known=False, term=None)
    return replace(line, gst_rate=ruling.rate, rate_known=True, term=ruling.term)


def value_of_one(unit_price_paise: int, unit: str) -> int:
    """The price of one piece of what is sold by the dozen: rates go by the value of a piece."""
    pieces = convert(Decimal(1), unit, "piece")
    return ceil(unit_price_paise / pieces) if pieces else unit_price_paise


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
    elif price != product.price_paise:
        require(reader, Permission.NAME_PRICE)
    if not 0 <= price <= LARGEST_AMOUNT:
        raise Invalid("bad_amount")
    quantity = positive(_decimal(wanted["quantity"]), product.unit)
    return DraftLine(product, quantity, price, product.hsn, product.gst_rate, product.rate_known)


def _uuid(value: Any) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        raise NotFound("product", product_id=None) from None


def _decimal(value: Decimal | str) -> Decimal:
    return value if isinstance(value, Decimal) else parse_quantity(str(value))
