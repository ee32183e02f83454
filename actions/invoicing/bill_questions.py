"""What is asked of the shop's own bills: how many, how large, the largest, the last ones, and at
what rate somebody had goods."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import customer_in, goods_in_text, product_named, remember, unit_word
from actions.reports.figures import days_asked
from actions.wording import day, days
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.parties.permissions import Permission, require

LISTED = 10
LOOKED_AT = 50
"""So many of somebody's bills are looked at for goods, the newest first."""


def tell_bills(turn: Turn) -> list[EventType] | None:
    """ "Aaj kitne bill bane", "sabse bada bill kiska tha", "aaj ke bill dikhao"."""
    lists = says(turn.words, "questions.bills_listed")
    counts = says(turn.words, "questions.bills_counted")
    last = says(turn.words, "questions.last_bills")
    if not turn.is_user or not (lists or counts or last) or says(turn.words, "questions.not_bills"):
        return None
    if turn.first("product_name") or turn.first("customer_name") or turn.first("invoice_number"):
        return None
    with turn.read() as reader:
        if customer_in(turn, reader) is not None:
            return None
        require(reader, Permission.VIEW_REPORTS)
        period = days_asked(turn, of_month=says(turn.words, "questions.most"))
        if last:
            found = invoices.latest_invoices(reader, limit=_how_many(turn) if lists else 1)[::-1]
        else:
            found = invoices.invoices_between(reader, period.start, period.end)
    if not found:
        turn.say("utter_no_buyers", period=days(period.start, period.end))
        return []
    if last:
        period = Period(found[0].on_date, found[-1].on_date)
    _tell(turn, found, period, listed=lists or last)
    return []


def _how_many(turn: Turn) -> int:
    """ "Last 5 bills"."""
    said = (int(one) for one in turn.words if one.isdigit())
    return next((one for one in said if 0 < one <= LISTED), LISTED)


def _tell(turn: Turn, found: list[Invoice], period: Period, *, listed: bool) -> None:
    total = sum(one.total_paise for one in found)
    most = max(found, key=lambda one: one.total_paise)
    rows = [
        {"number": one.number, "name": one.customer_name, "total": inr(one.total_paise)}
        for one in (found[-LISTED:] if listed else ())
    ]
    turn.say(
        "utter_bills_listed" if listed else "utter_bills_counted",
        period=days(period.start, period.end),
        count=str(len(found)),
        total=inr(total),
        average=inr(total // len(found)),
        most=inr(most.total_paise),
        name=most.customer_name,
        number=most.number,
        rows=turn.lines("line_bill_listed", rows),
    )


def tell_rate_given(turn: Turn) -> list[EventType] | None:
    """ "Maggi kitne ki di thi Meena ko": the rate of the last bill that holds it."""
    if not turn.is_user or not says(turn.words, "questions.sold_at"):
        return None
    if turn.first("quantity") or turn.first("amount"):
        return None
    with turn.read() as reader:
        said = turn.value("product_name") or goods_in_text(turn, reader)
        product = product_named(reader, said).one if said else None
        buyer = customer_in(turn, reader)
        if product is None or buyer is None:
            return None
        bills = invoices.latest_invoices(reader, limit=LOOKED_AT, customer_id=buyer.id)
    given = _last_given(bills, product.id)
    turn.say(
        "utter_rate_given" if given else "utter_rate_never_given",
        product=product.name,
        name=buyer.name,
        on=day(given[0]) if given else "",
        rate=inr(given[1]) if given else "",
        unit=unit_word(turn, product.unit),
    )
    return [remember(turn, customer=buyer.id, product=product.id)]


def _last_given(bills: list[Invoice], product_id: object) -> tuple[date, int] | None:
    """The day and the rate of the newest bill that holds the goods."""
    return next(
        (
            (bill.on_date, line.unit_price_paise)
            for bill in bills
            for line in bill.lines
            if line.product_id == product_id
        ),
        None,
    )
