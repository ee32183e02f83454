"""How days, numbers, balances, orders and bills are worded, wherever somebody is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from actions.context import Turn
from actions.entities import period_of
from actions.match import payload_of, unit_word
from actions.phrasebook import Button
from actions.reading.wanted_words import noted_words, wanted_words
from erp_core.catalogue.queries import products_by_id
from erp_core.journal.context import Reader
from erp_core.kernel.money import half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders.queries import Order, OrderLine, Preview, PreviewLine
from erp_core.parties import queries as parties

A_PAISA_OR_TWO = 2


def day(on: date) -> str:
    """A date as it is written in India."""
    return on.strftime("%d-%m-%Y")


def days(start: date, end: date) -> str:
    """A period in figures."""
    return day(start) if start == end else f"{day(start)} – {day(end)}"


def phone_for(turn: Turn, phone: str | None) -> str:
    """A phone number to read: "+91 98765 00001"; the word for none."""
    if not phone:
        return turn.line("word_none")
    if phone.startswith("91") and len(phone) == 12:
        return f"+91 {phone[2:7]} {phone[7:]}"
    return f"+{phone}"


def balance_words(turn: Turn, paise: int) -> str:
    """A balance as a person says it: so much to get, so much in advance, or nothing."""
    if paise > 0:
        return turn.line("word_owes", amount=inr(paise))
    if paise < 0:
        return turn.line("word_advance", amount=inr(-paise))
    return turn.line("word_settled")


def own_balance_words(turn: Turn, paise: int) -> str:
    """A balance told to the customer whose it is."""
    if paise > 0:
        return turn.line("word_you_owe", amount=inr(paise))
    if paise < 0:
        return turn.line("word_your_advance", amount=inr(-paise))
    return turn.line("word_settled")


def told_of_stock(turn: Turn, lines: Sequence[Mapping[str, Any]], response: str) -> str:
    """What becomes of the stock; nothing to tell where dishes or repairs alone are sold."""
    return "" if are_services(turn, lines) else turn.line(response)


def are_services(turn: Turn, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing in some lines (each with its product's `id`) is ever in stock."""
    with turn.read() as reader:
        known = products_by_id(reader, [UUID(str(one["id"])) for one in lines])
    return all(one.is_service for one in known.values())


def how_to_pay(reader: Reader) -> dict[str, Any]:
    """Where the shop takes money."""
    shop = parties.business(reader)
    return {"shop": shop.name, "upi": shop.upi_vpa or "-"}


def order_facts(turn: Turn, order: Order) -> dict[str, Any]:
    """An order as responses put it in."""
    return {
        "number": order.number,
        "name": order.customer,
        "status": turn.line(f"status_{order.status}"),
        "on": day(order.ordered_on),
        "rows": order_lines(turn, order) + wanted_row(turn, order) + note_row(order.note),
        "totals": totals(turn, order),
        "total": inr(order.total_paise),
        "order_id": str(order.id),
    }


def wanted_row(turn: Turn, order: Order) -> str:
    """When an order is wanted, as a row below its goods."""
    when = wanted_words(turn.phrasebook, turn.language, order.wanted_on, order.wanted_at)
    return "\n" + turn.line("line_wanted", when=when) if when else ""


def note_row(note: str | None) -> str:
    """What was written beside an order, as a row below its goods."""
    return f"\n{noted_words(note)}" if note else ""


def cancel_bill_button(turn: Turn, number: str) -> Button:
    """A button that asks whether to cancel a bill."""
    payload = payload_of("order_cancel", invoice_number=number)
    return Button(title=turn.line("utter_button_bill_cancel"), payload=payload)


def order_choice(turn: Turn, order: Order) -> str:
    """An order as the second line of a row to tap, which holds 72 characters."""
    told = turn.line(
        "line_order_choice",
        name=order.customer,
        total=inr(order.total_paise),
        status=turn.line(f"status_{order.status}"),
    )
    when = wanted_words(turn.phrasebook, turn.language, order.wanted_on, order.wanted_at)
    return " · ".join(filter(None, (told, when, order.note)))[:72]


def order_taps(turn: Turn, found: Sequence[Order]) -> list[Button]:
    """Orders as rows to tap, each of which tells how it stands."""
    return [
        Button(
            title=one.number,
            payload=payload_of("order_status", order_id=one.number),
            description=order_choice(turn, one),
        )
        for one in found
    ]


def order_lines(turn: Turn, order: Order | Preview) -> str:
    """What an order holds, or would hold, line by line."""
    return "\n".join(
        turn.line(
            "line_order",
            product=line.product,
            quantity=plain(line.quantity),
            unit=unit_word(turn, line.unit, line.quantity),
            price=inr(line.unit_price_paise),
            total=inr(charged(line)),
        )
        for line in order.lines
    )


def charged(line: OrderLine | PreviewLine) -> int:
    """What a line comes to in the way in which its rate is told: with its tax, or without. Taken
    out of the rate to the paisa, tax and value may be a paisa more than it together."""
    by_rate = half_up(line.quantity * line.unit_price_paise)
    taxed = line.taxable_paise + line.tax_paise
    nearer = min(line.taxable_paise, taxed, key=lambda paise: abs(paise - by_rate))
    return by_rate if abs(nearer - by_rate) <= A_PAISA_OR_TWO else nearer


def totals(turn: Turn, of: Any) -> str:
    """Subtotal, tax by head and total of an order, a preview or an invoice."""
    facts: dict[str, Any] = {
        "subtotal": inr(of.subtotal_paise),
        "tax": inr(of.tax_paise),
        "cgst": inr(of.cgst_paise),
        "sgst": inr(of.sgst_paise),
        "igst": inr(of.igst_paise),
        "total": inr(of.total_paise),
    }
    if of.cess_paise:
        cess = turn.line("line_and_cess", cess=inr(of.cess_paise))
        facts |= {"sgst": f"{facts['sgst']}{cess}", "igst": f"{facts['igst']}{cess}"}
    if of.igst_paise:
        return turn.line("totals_igst", **facts)
    if of.cgst_paise or of.sgst_paise:
        return turn.line("totals_cgst_sgst", **facts)
    return turn.line("totals_plain", **facts)


def order_rows(turn: Turn, reader: Reader, customer_id: UUID) -> str:
    """A customer's last orders, one a line; of a period, if one was named."""
    period = period_of(turn.first("date"), today=turn.today)
    if period:
        found: Sequence[Order] = orders.orders_between(
            reader, period.start, period.end, customer_id=customer_id
        )
    else:
        latest = orders.latest_order(reader, customer_id, open_only=False)
        found = orders.open_orders(reader, customer_id, limit=5) or ([latest] if latest else [])
    rows = [
        {
            "number": one.number,
            "on": day(one.ordered_on),
            "goods": ", ".join(f"{plain(line.quantity)} {line.product}" for line in one.lines),
            "total": inr(one.total_paise),
            "status": turn.line(f"status_{one.status}"),
        }
        for one in list(found)[-5:]
    ]
    return turn.lines("line_order_past", rows)
