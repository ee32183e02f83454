"""The shipping bill of an export by chat: "shipping bill 1234567 INNSA1 05-11-2026"."""

from __future__ import annotations

import re
from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import period_of
from actions.match import recent, remember
from actions.wording import day
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.queries import Invoice
from erp_core.journal.context import Reader
from erp_core.kernel.hindi_dates import parse_period
from erp_core.parties.permissions import Permission
from erp_core.portals.shipping import is_export_of_goods, latest_export, write_shipping_bill

_NAMED = re.compile(r"\bshipp?ing\s*bill\b|शिपिंग\s*बिल", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w-])\d{3,7}(?![\w-])")
_PORT = re.compile(r"\bIN[A-Z]{3}[A-Z0-9]\b", re.IGNORECASE)
_DAY = re.compile(r"(?<![\w-])\d{1,2}([-/.])\d{1,2}\1\d{2,4}(?![\w-])")


def speaks_of_it(turn: Turn) -> bool:
    """Whether a message names a shipping bill."""
    return bool(_NAMED.search(turn.text))


def write(turn: Turn) -> list[EventType]:
    """Write what was said of it; or ask for what is lacking."""
    if not turn.may(Permission.CREATE_INVOICE):
        turn.say("error_not_allowed")
        return []
    with turn.read() as reader:
        document = _meant(turn, reader)
    if document is None:
        turn.say("utter_shipping_bill_no_export")
        return []
    number, port, on = _number(turn.text), _PORT.search(turn.text), _day(turn)
    if number is None or port is None or on is None:
        name = document.customer_name
        turn.say("utter_shipping_bill_how", number=document.number, name=name)
        return [remember(turn, invoice=document.id)]
    written = turn.run(
        write_shipping_bill,
        invoice_id=document.id,
        number=number,
        port=port[0],
        shipped_on=on,
    )
    how = "line_correct_amendment" if written["filed"] else "line_correct_open"
    turn.say(
        "utter_shipping_bill_written",
        number=document.number,
        shipping=number,
        port=port[0].upper(),
        on=day(on),
        how=turn.line(how),
    )
    return [remember(turn, invoice=document.id)]


def _meant(turn: Turn, reader: Reader) -> Invoice | None:
    """The bill that is named, the export that was spoken of, or the newest export."""
    if (named := turn.value("invoice_number")) is not None:
        return invoices.invoice_by_number(reader, named)
    before = recent(turn, "invoice")
    if before and is_export_of_goods(found := invoices.invoice(reader, before)):
        return found
    return latest_export(reader)


def _number(text: str) -> str | None:
    """The number of the shipping bill: the first after its name that is no part of a date."""
    named = _NAMED.search(text)
    rest = _DAY.sub(" ", text[named.end() :]) if named else ""
    found = _NUMBER.search(rest)
    return found[0] if found else None


def _day(turn: Turn) -> date | None:
    written = _DAY.search(turn.text)
    if written:
        period = parse_period(written[0], today=turn.today, lean="past")
    else:
        period = period_of(turn.first("date"), today=turn.today)
    return period.start if period else None
