"""An order at the rates that are lawful on the day on which it is billed, and what its goods bear
where its seller may not charge them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.inventory.queries import movements_of
from erp_core.journal.context import Reader
from erp_core.kernel.clock import local_date
from erp_core.kernel.errors import Conflict
from erp_core.orders.pricing import value_of_one
from erp_core.orders.queries import Order, OrderLine
from erp_core.orders.states import ISSUED
from erp_core.parties.queries import business, customer
from erp_core.payments.queries import balance, payments_between
from erp_core.tax.gst import Assessment, assess
from erp_core.tax.hsn import rule_named
from erp_core.tax.levies import lacks_rsp, lacks_unit, levied, taxed_line
from erp_core.tax.rates import Asked, Ruling, Term, deciding_day, goods_under
from erp_core.tax.rules import Supply, supply

NOTHING_BESIDES = Term(rate=0)


def at_lawful_rates(ctx: Reader, booked: Order, terms: Supply) -> Order:
    """The order as it must be billed today; the same one when nothing has changed since.

    Raises Conflict("rate_unknown", product_id); Conflict("cess_unknown", product_id) where the cess
    of that day is not known; and Conflict("mrp_unknown", product_id) for goods whose tax or cess is
    worked out of a retail price that nobody has said.
    """
    known = _goods_in_question(ctx, booked)
    today = [_ruling(line, booked, ctx.today, known) for line in booked.lines]
    then = [_ruling(line, booked, booked.ordered_on, known) for line in booked.lines]
    if [_levies(one) for one in today] != [_levies(one) for one in then]:
        day = deciding_day(
            supply=_supplied_on(ctx, booked), invoice=ctx.today, payment=_paid_on(ctx, booked)
        )
        today = [_ruling(line, booked, day, known) for line in booked.lines]
    for line, ruling in zip(booked.lines, today, strict=True):
        _check(line, ruling, known)
    return _rated(booked, today, terms, known)


def as_billed_today(reader: Reader, booked: Order) -> Order:
    """An order with what its bill would come to today. Raises as `at_lawful_rates`."""
    terms = supply(business(reader), customer(reader, booked.customer_id))
    return at_lawful_rates(reader, booked, terms) if terms.charge_tax else booked


def usual_rates(ctx: Reader, booked: Order) -> list[int | None]:
    """The rate that each line's goods bear today where tax is charged: under composition it says
    what is exempt. None where nobody knows; a nil rate without a code is one that nobody said."""
    goods = products_by_id(ctx, [line.product_id for line in booked.lines])
    return [_usual(line, goods[line.product_id], ctx.today) for line in booked.lines]


def _usual(line: OrderLine, product: Product, on: date) -> int | None:
    hsn = product.hsn or line.hsn
    ruling = rule_named(
        Asked(
            on=on,
            hsn=hsn,
            stated=product.gst_rate if product.rate_known else None,
            unit_value=value_of_one(line.unit_price_paise, line.unit),
            packing=product.packing,
        ),
        product.name,
    )
    return ruling.rate if ruling.rate or hsn else None


def _goods_in_question(ctx: Reader, booked: Order) -> dict[UUID, Product]:
    """The products whose rate, or whose retail price where the law may ask for it, nobody knew when
    they were ordered, as they are known now."""
    unknown = [
        line.product_id
        for line in booked.lines
        if not line.rate_known or (line.rsp_paise is None and _may_need_rsp(line.hsn))
    ]
    return products_by_id(ctx, unknown)


def _may_need_rsp(hsn: str | None) -> bool:
    terms = [term for one in goods_under(hsn or "-") for _, found in one.history for term in found]
    return any(term.needs_rsp for term in terms)


def _levies(ruling: Ruling) -> tuple[object, ...]:
    """What a line bears under a ruling."""
    return (ruling.rate, (ruling.term or NOTHING_BESIDES).levies)


def _ruling(line: OrderLine, booked: Order, on: date, known: dict[UUID, Product]) -> Ruling:
    product = None if line.rate_known else known.get(line.product_id)
    hsn = (product.hsn if product else None) or line.hsn
    said = product.rate_known if product else line.rate_known
    stated = product.gst_rate if product else line.gst_rate
    return rule_named(
        Asked(
            on=on,
            hsn=hsn,
            stated=stated if said else None,
            unit_value=value_of_one(line.unit_price_paise, line.unit),
            inclusive=booked.prices_include_tax,
            packing=product.packing if product else None,
        ),
        line.product,
    )


def _check(line: OrderLine, ruling: Ruling, known: dict[UUID, Product]) -> None:
    if ruling.lacks_cess:
        raise Conflict("cess_unknown", product_id=str(line.product_id))
    if ruling.rate is None or lacks_unit(ruling.term, line.unit):
        raise Conflict("rate_unknown", product_id=str(line.product_id))
    if lacks_rsp(ruling.term, _rsp(line, known)):
        raise Conflict("mrp_unknown", product_id=str(line.product_id))


def _rsp(line: OrderLine, known: dict[UUID, Product]) -> int | None:
    """The retail price as it was when the line was booked, else as it is known now."""
    product = known.get(line.product_id)
    return line.rsp_paise or (product.mrp_paise if product else None)


def _rated(
    booked: Order, rulings: list[Ruling], terms: Supply, known: dict[UUID, Product]
) -> Order:
    rates = [one.rate or 0 for one in rulings]
    bare = not any(one.term and (one.term.needs_rsp or one.term.bears_cess) for one in rulings)
    asked = any(not line.rate_known for line in booked.lines)
    if bare and not asked and rates == [line.gst_rate for line in booked.lines]:
        return booked
    assessed = _assessed(booked, rulings, terms, known)
    lines = tuple(
        replace(
            line,
            hsn=line.hsn if line.rate_known else _hsn(line, known),
            gst_rate=rate,
            rate_known=True,
            taxable_paise=tax.value,
            cgst_paise=tax.cgst,
            sgst_paise=tax.sgst,
            igst_paise=tax.igst,
            total_paise=tax.total,
            **levied(tax),
        )
        for line, rate, tax in zip(booked.lines, rates, assessed.lines, strict=True)
    )
    return replace(
        booked,
        lines=lines,
        subtotal_paise=assessed.value,
        cgst_paise=assessed.cgst,
        sgst_paise=assessed.sgst,
        igst_paise=assessed.igst,
        cess_paise=assessed.cess,
        round_off_paise=assessed.round_off,
        total_paise=assessed.total,
    )


def _assessed(
    booked: Order, rulings: list[Ruling], terms: Supply, known: dict[UUID, Product]
) -> Assessment:
    """What the order comes to under rulings, line by line."""
    return assess(
        [
            taxed_line(
                one.term,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price_paise,
                rate=one.rate or 0,
                hsn=line.hsn,
                inclusive=booked.prices_include_tax,
                rsp=_rsp(line, known),
            )
            for line, one in zip(booked.lines, rulings, strict=True)
        ],
        supplier_state=booked.supplier_state,
        place_of_supply=booked.place_of_supply,
        always_inter_state=terms.always_inter_state,
    )


def _hsn(line: OrderLine, known: dict[UUID, Product]) -> str | None:
    product = known.get(line.product_id)
    return (product.hsn if product else None) or line.hsn


def _supplied_on(ctx: Reader, booked: Order) -> date:
    """When the goods left; today where they are still to leave."""
    if booked.status not in ISSUED:
        return ctx.today
    left = [one.moved_at for one in movements_of(ctx, "order", booked.id) if one.delta < 0]
    return local_date(max(left)) if left else ctx.today


def _paid_on(ctx: Reader, booked: Order) -> date | None:
    """When it was paid in advance, if its customer's advance covers it."""
    if balance(ctx, booked.customer_id) > -booked.total_paise:
        return None
    paid = payments_between(ctx, date.min, ctx.today, customer_id=booked.customer_id)
    return max((one.on for one in paid if one.advance), default=None)
