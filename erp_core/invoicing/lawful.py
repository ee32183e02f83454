"""An order at the rates that are lawful on the day on which it is billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from erp_core.catalogue.queries import Product, products_by_id
from erp_core.inventory.queries import movements_of
from erp_core.journal.context import Context
from erp_core.kernel.clock import local_date
from erp_core.kernel.errors import Conflict
from erp_core.orders.pricing import value_of_one
from erp_core.orders.queries import Order, OrderLine
from erp_core.orders.states import ISSUED
from erp_core.payments.queries import balance, payments_between
from erp_core.tax.gst import Line, assess
from erp_core.tax.rates import Asked, Ruling, deciding_day, rule
from erp_core.tax.rules import Supply


def at_lawful_rates(ctx: Context, booked: Order, terms: Supply) -> Order:
    """The order as it must be billed today; the same one when nothing has changed since.

    Raises Conflict("rate_unknown", product_id), Conflict("cess_not_billed", product_id) for goods
    that bore a compensation cess on the day, which documents have no column for.
    """
    known = _goods_of_unknown(ctx, booked)
    today = [_ruling(line, booked, ctx.today, known) for line in booked.lines]
    then = [_ruling(line, booked, booked.ordered_on, known) for line in booked.lines]
    if [one.rate for one in today] != [one.rate for one in then]:
        day = deciding_day(
            supply=_supplied_on(ctx, booked), invoice=ctx.today, payment=_paid_on(ctx, booked)
        )
        today = [_ruling(line, booked, day, known) for line in booked.lines]
    return _rated(booked, today, terms, known)


def _goods_of_unknown(ctx: Context, booked: Order) -> dict[UUID, Product]:
    """The products whose rate nobody knew when they were ordered, as they are known now."""
    unknown = [line.product_id for line in booked.lines if not line.rate_known]
    return products_by_id(ctx, unknown)


def _ruling(line: OrderLine, booked: Order, on: date, known: dict[UUID, Product]) -> Ruling:
    product = known.get(line.product_id)
    hsn = (product.hsn if product else None) or line.hsn
    said = product.rate_known if product else line.rate_known
    stated = product.gst_rate if product else line.gst_rate
    ruling = rule(
        Asked(
            on=on,
            hsn=hsn,
            stated=stated if said else None,
            unit_value=value_of_one(line.unit_price_paise, line.unit),
            inclusive=booked.prices_include_tax,
        )
    )
    if ruling.rate is None:
        raise Conflict("rate_unknown", product_id=str(line.product_id))
    if ruling.term and (ruling.term.cess or ruling.term.cess_of_rsp):
        raise Conflict("cess_not_billed", product_id=str(line.product_id))
    return ruling


def _rated(
    booked: Order, rulings: list[Ruling], terms: Supply, known: dict[UUID, Product]
) -> Order:
    rates = [one.rate or 0 for one in rulings]
    if not known and rates == [line.gst_rate for line in booked.lines]:
        return booked
    assessed = assess(
        [
            Line(
                quantity=line.quantity,
                unit_price=line.unit_price_paise,
                rate=rate,
                inclusive=booked.prices_include_tax,
            )
            for line, rate in zip(booked.lines, rates, strict=True)
        ],
        supplier_state=booked.supplier_state,
        place_of_supply=booked.place_of_supply,
        always_inter_state=terms.always_inter_state,
    )
    lines = tuple(
        replace(
            line,
            hsn=(known[line.product_id].hsn if line.product_id in known else None) or line.hsn,
            gst_rate=rate,
            rate_known=True,
            taxable_paise=tax.taxable,
            cgst_paise=tax.cgst,
            sgst_paise=tax.sgst,
            igst_paise=tax.igst,
            total_paise=tax.total,
        )
        for line, rate, tax in zip(booked.lines, rates, assessed.lines, strict=True)
    )
    return replace(
        booked,
        lines=lines,
        subtotal_paise=assessed.taxable,
        cgst_paise=assessed.cgst,
        sgst_paise=assessed.sgst,
        igst_paise=assessed.igst,
        round_off_paise=assessed.round_off,
        total_paise=assessed.total,
    )


def _supplied_on(ctx: Context, booked: Order) -> date:
    """When the goods left; today where they are still to leave."""
    if booked.status not in ISSUED:
        return ctx.today
    left = [one.moved_at for one in movements_of(ctx, "order", booked.id) if one.delta < 0]
    return local_date(max(left)) if left else ctx.today


def _paid_on(ctx: Context, booked: Order) -> date | None:
    """When it was paid in advance, if its customer's advance covers it."""
    if balance(ctx, booked.customer_id) > -booked.total_paise:
        return None
    paid = payments_between(ctx, date.min, ctx.today, customer_id=booked.customer_id)
    return max((one.on for one in paid if one.advance), default=None)
