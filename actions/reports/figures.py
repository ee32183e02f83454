"""The shop's figures of some days, in words and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import method_of, period_of
from actions.match import product_named, remember, unit_word
from actions.reports.books import tell_profit
from actions.wording import days
from erp_core.catalogue.queries import Product
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.kernel.quantity import plain
from erp_core.parties import queries as parties
from erp_core.payments import queries as payments
from erp_core.reports import queries as reports
from erp_core.reports.queries import BestSeller, Summary

CHARTS: Mapping[str, str] = {
    "sales": "sales",
    "payments": "payments",
    "expenses": "expenses",
    "top": "best_sellers",
}
"""The picture that goes with each kind of figures."""

ROWS = 10
A_MONTH = timedelta(days=29)
"""What sells best, or is largest, is asked of a month, where no days are named."""

PAID, SOLD = "paid", "sold"
"""What is told beside the kinds of figures: money that came one way, and goods that were sold."""

FIGURES, DAYS, METHOD = "figures", "days", "method"
"""What a conversation is about once figures were told: their kind, their days, and the way of
paying that they were of."""


def tell_figures(turn: Turn, kind: str) -> EventType:
    """Figures of the days that are named, and a picture of them when there is something to see."""
    period = days_asked(turn, of_month=kind == "top")
    told = remembered(turn, kind, period)
    if kind == "profit":
        tell_profit(turn)
        return told
    with turn.read() as reader:
        end = min(period.end, max(turn.today, period.start))
        summary = reports.summary(reader, period.start, end)
        waiting, worth = reports.unbilled(reader, period.start, end)
    if summary.empty:
        turn.say("utter_report_empty", period=days(summary.start, summary.end))
        return told
    drawn = kind != "expenses" or summary.expenses.paise
    chart = CHARTS.get(kind) if drawn else None
    turn.say(
        f"utter_report_{kind}",
        attachment=chart_of(summary, chart) if chart else None,
        **summary_facts(turn, summary),
    )
    if waiting and kind in ("sales", "top"):
        turn.say("utter_figures_unbilled", count=waiting, total=inr(worth))
    return told


def days_asked(turn: Turn, *, of_month: bool = False) -> Period:
    """The days that are named; else today, or the month that ends with it."""
    first = turn.today - A_MONTH if of_month else turn.today
    return period_of(turn.first("date"), today=turn.today) or Period(first, turn.today)


def remembered(turn: Turn, kind: str, period: Period, **of: UUID | str | None) -> EventType:
    """Note which figures were told, of which days, and of which goods or way of paying."""
    span = f"{period.start.isoformat()} {period.end.isoformat()}"
    return remember(turn, **{FIGURES: kind, DAYS: span}, **of)


def tell_of_products(turn: Turn, period: Period) -> list[EventType]:
    """ "Aaj kitni biryani biki": how much of the goods that are named was sold, and for how
    much."""
    meant: dict[UUID, Product] = {}
    with turn.read() as reader:
        for named in turn.all("product_name"):
            found = product_named(reader, named.value)
            surely = [] if found.guesses else [found.one] if found.one else found.options
            if not surely:
                turn.say("utter_no_such_product", said=named.value)
            meant.update({one.id: one for one in surely})
        told = reports.sold(reader, list(meant), period.start, period.end) if meant else ()
    _tell_sold(turn, meant, told, days(period.start, period.end))
    if len(meant) != 1:
        return []
    return [remembered(turn, SOLD, period, product=next(iter(meant)))]


def _tell_sold(
    turn: Turn, meant: Mapping[UUID, Product], told: Sequence[BestSeller], period: str
) -> None:
    """What of the goods was sold; of which nothing was, when only one is meant or none was sold."""
    for one in told:
        turn.say(
            "utter_product_sold",
            product=one.name,
            period=period,
            quantity=plain(one.quantity),
            unit=unit_word(turn, one.unit, one.quantity),
            amount=inr(one.paise),
        )
    for product in meant.values() if not told else ():
        turn.say("utter_product_not_sold", product=product.name, period=period)


def tell_payments(turn: Turn, method: str | None = None) -> None:
    """Payments of the days that were named, or of today: of one way of paying, or of all."""
    period = days_asked(turn)
    method = method or method_of(turn.value("payment_method") or turn.text)
    with turn.read() as reader:
        paid = payments.payments_between(reader, period.start, period.end)
        names = parties.customers_named(reader, [one.customer_id for one in paid])
    shown = [one for one in paid if method is None or one.method == method]
    rows = [
        {
            "name": names[one.customer_id],
            "amount": inr(one.amount),
            "method": turn.line(f"method_{one.method}"),
        }
        for one in shown[:ROWS]
    ]
    found = "utter_payments_came" if rows else "utter_no_payments_came"
    if method:
        found += "_by"
    turn.say(
        found,
        rows=turn.lines("line_payment_by", rows),
        total=inr(sum(one.amount for one in shown)),
        period=days(period.start, period.end),
        method=turn.line(f"method_{method}") if method else "",
    )


def chart_of(summary: Summary, chart: str) -> dict[str, str]:
    """A reference to a picture, drawn when it is sent."""
    return {
        "kind": "chart",
        "chart": chart,
        "report": chart,
        "start": summary.start.isoformat(),
        "end": summary.end.isoformat(),
    }


def summary_facts(turn: Turn, summary: Summary) -> dict[str, Any]:
    """A summary as responses put it in."""
    nothing = turn.line("word_nothing")
    methods = [
        turn.line("line_part", what=turn.line(f"method_{part.code}"), amount=inr(part.paise))
        for part in summary.payments_by_method
    ]
    if summary.refunded:
        back = turn.line("word_given_back")
        methods.append(turn.line("line_part", what=back, amount=inr(-summary.refunded)))
    categories = [
        turn.line("line_part", what=turn.line(f"category_{part.code}"), amount=inr(part.paise))
        for part in summary.expenses_by_category
    ]
    sellers = [
        turn.line(
            "line_best_seller",
            product=one.name,
            quantity=plain(one.quantity),
            unit=unit_word(turn, one.unit, one.quantity),
            amount=inr(one.paise),
        )
        for one in summary.best_sellers[:5]
    ]
    return {
        "period": days(summary.start, summary.end),
        "sales": inr(summary.sales.paise),
        "tax": inr(summary.sales_tax),
        "invoices": str(summary.sales.count),
        "orders": str(summary.orders.count),
        "orders_value": inr(summary.orders.paise),
        "payments": inr(summary.payments.paise),
        "methods": "\n".join(methods) or nothing,
        "expenses": inr(summary.expenses.paise),
        "categories": "\n".join(categories) or nothing,
        "sellers": "\n".join(sellers) or nothing,
        "receivables": inr(summary.receivables.paise),
        "debtors": str(summary.receivables.debtors),
        "low": str(len(summary.low_stock)),
    }
