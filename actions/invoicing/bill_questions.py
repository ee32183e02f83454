"""What is asked of the shop's own bills: how many, how large, the largest, the last ones, and at
what rate somebody had goods."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.invoicing.explaining_tax import asks_how_taxed
from actions.lexicon import says
from actions.match import (
    customer_in,
    goods_in_text,
    just_spoken_of,
    product_named,
    recent,
    remember,
    unit_word,
)
from actions.reports.figures import days_asked
from actions.wording import day, days, totals
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import Period
from erp_core.kernel.money import inr
from erp_core.orders import margins
from erp_core.orders import queries as orders
from erp_core.orders.queries import Order
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


def tell_of_this(turn: Turn) -> list[EventType] | None:
    """ "Usme GST kitna laga", "is bill me kitna bacha": of the bill that is named, else of the one
    or the order just spoken of; what is being written shows its tax itself. How the tax came about
    is explained line by line."""
    of_tax = says(turn.words, "gst_words")
    if not turn.is_user or not (of_tax or says(turn.words, "questions.gained")):
        return None
    if asks_how_taxed(turn):
        return None
    number = turn.value("invoice_number")
    told = number or says(turn.words, "questions.of_this")
    others = ("product_name", "customer_name", "vendor_name", "date", "amount", "quantity")
    if not told or not says(turn.words, "asking") or any(turn.first(one) for one in others):
        return None
    draft = turn.slots.get("draft") or {}
    if of_tax and not number and (draft.get("data") or {}).get("lines"):
        return []
    if not of_tax and not number and not _tells_of_bill(turn):
        return None
    with turn.read() as reader:
        found = _just_spoken_of(turn, reader, number)
        if found is None:
            return None
        if of_tax:
            turn.say("utter_bill_tax", **_called(found), totals=totals(turn, found))
        else:
            _tell_gain(turn, reader, found)
    return []


def _tells_of_bill(turn: Turn) -> bool:
    """Whether "isme" means a bill or an order, and no figures that were told of since."""
    just = just_spoken_of(turn, "invoice") or just_spoken_of(turn, "order")
    return just or says(turn.words, "bill_words")


def _just_spoken_of(turn: Turn, reader: Reader, number: str | None) -> Invoice | Order | None:
    """The bill that is named, else the one that was spoken of; goods that were told of since are
    what "isme" means."""
    if number:
        return invoices.invoice_by_number(reader, number)
    told = not just_spoken_of(turn, "product") or just_spoken_of(turn, "invoice")
    if not told and not says(turn.words, "bill_words"):
        return None
    if bill := recent(turn, "invoice"):
        return invoices.invoice(reader, bill)
    order = recent(turn, "order")
    return orders.order(reader, order) if order else None


def _called(found: Invoice | Order) -> dict[str, str]:
    name = found.customer_name if isinstance(found, Invoice) else found.customer
    return {"number": found.number, "name": name}


def _tell_gain(turn: Turn, reader: Reader, found: Invoice | Order) -> None:
    """What is left of what goods were sold for, or which of them nobody knows the cost of."""
    sold = [(one.product_id, one.quantity, one.taxable_paise) for one in found.lines]
    told = margins.gain(reader, sold)
    if told.gained is None:
        names = [one.name if isinstance(one, InvoiceLine) else one.product for one in found.lines]
        turn.say("utter_margin_unknown", product=", ".join(names))
        return
    turn.say(
        "utter_bill_gain",
        **_called(found),
        value=inr(told.price),
        cost=inr(told.cost or 0),
        gained=inr(told.gained),
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
