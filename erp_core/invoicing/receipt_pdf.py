"""The receipt of a payment as PDF: half a page, whom it is from, how much, in words, for what."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from erp_core.invoicing import queries, vouchers, words
from erp_core.invoicing.sheet import ACCENT, GREY, MARGIN, PAGE_WIDTH, WASH, WIDTH, Sheet
from erp_core.invoicing.vouchers import Voucher
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties import queries as parties
from erp_core.payments.queries import Payment, payment
from erp_core.tax import states
from erp_core.tax.gst import percent

WORDS = Path(__file__).with_name("receipt.yml")
LABEL = 62.0


def number_of(paid: Payment) -> str:
    """A receipt's number: the end of the payment's id, which no other payment of the day has."""
    return f"RC-{paid.on:%y%m%d}-{paid.id.hex[-6:].upper()}"


def render(reader: Reader, payment_id: UUID, language: str) -> tuple[str, bytes]:
    """The receipt's number and its PDF: a receipt voucher where an advance was taken.

    Raises NotFound("payment").
    """
    paid = payment(reader, payment_id)
    given = vouchers.voucher_of(reader, payment_id)
    number = given.number if given else number_of(paid)
    said = _words("hindi" if language == "hindi" else "english")
    sheet = Sheet(title=number, on=paid.on, language=language)
    y = _head(reader, sheet, said, said[given.kind] if given else said["title"])
    y = _amount(sheet, paid.amount, said, language, y, bounced=paid.status == "bounced")
    rows = _rows(reader, paid, said, number, given)
    _table(sheet, rows, said, y, note=_note(said, given) if given else "")
    return number, sheet.output()


def render_voucher(reader: Reader, voucher_id: UUID, language: str) -> tuple[str, bytes]:
    """A voucher's number and its PDF. Raises NotFound("paper", "payment")."""
    given = vouchers.voucher(reader, voucher_id)
    if given.payment_id is not None:
        return render(reader, given.payment_id, language)
    said = _words("hindi" if language == "hindi" else "english")
    sheet = Sheet(title=given.number, on=given.on_date, language=language)
    y = _head(reader, sheet, said, said[given.kind])
    y = _amount(sheet, given.amount, said, language, y)
    rows = [
        (said["number"], given.number),
        (said["day"], f"{given.on_date:%d-%m-%Y}"),
        (said["to"], given.customer_name),
        (said["by"], said["methods"].get(given.method, given.method)),
        (said["refund"], inr(given.amount)),
        (said["against"], given.against or "-"),
        *_of_supply(said, given),
    ]
    _table(sheet, rows, said, y, note=_note(said, given))
    return given.number, sheet.output()


def _head(reader: Reader, sheet: Sheet, said: dict[str, Any], title: str) -> float:
    shop = parties.business(reader)
    sheet.new_page()
    sheet.fill(0, 0, PAGE_WIDTH, 3.2, ACCENT)
    sheet.text(MARGIN, 14, shop.name, size=15, style="B", width=WIDTH - 70)
    sheet.text(MARGIN, 15, title, size=13, style="B", colour=ACCENT, width=WIDTH, align="R")
    y = 22.0
    if shop.address:
        y = sheet.paragraph(MARGIN, y, shop.address, width=WIDTH - 50, size=9, colour=GREY)
    if shop.gstin:
        sheet.text(MARGIN, y, f"{said['gstin']}: {shop.gstin}", size=9, colour=GREY)
        y += 5
    return y + 4


def _amount(
    sheet: Sheet,
    amount: int,
    said: dict[str, Any],
    language: str,
    y: float,
    *,
    bounced: bool = False,
) -> float:
    spelled = words.in_hindi if language == "hindi" else words.in_english
    sheet.fill(MARGIN, y, WIDTH, 22, WASH)
    sheet.text(MARGIN + 4, y + 3, inr(amount), size=18, style="B")
    sheet.text(MARGIN + 4, y + 13, spelled(amount), size=9, colour=GREY, width=WIDTH - 8)
    if bounced:
        sheet.stamp(said["bounced"], colour=ACCENT)
    return y + 28


def _rows(
    reader: Reader, paid: Payment, said: dict[str, Any], number: str, given: Voucher | None
) -> list[tuple[str, str]]:
    name = parties.customers_named(reader, [paid.customer_id]).get(paid.customer_id, "")
    towards = said["account"]
    if paid.invoice_id is not None:
        towards = f"{said['towards']} {queries.invoice(reader, paid.invoice_id).number}"
    balance = balance_of(reader, chart.RECEIVABLE, paid.customer_id)
    rows = [
        (said["number"], number),
        (said["day"], f"{paid.on:%d-%m-%Y}"),
        (said["from"], name),
        (said["by"], said["methods"][paid.method]),
        (said["amount"], towards),
        (said["advance"] if balance < 0 else said["balance"], inr(abs(balance))),
    ]
    if given is not None:
        rows += [(said["held"], inr(given.amount)), *_of_supply(said, given)]
    return rows


def _of_supply(said: dict[str, Any], given: Voucher) -> list[tuple[str, str]]:
    """What rules 50 and 51 want besides: of the buyer, the goods, and where they are supplied."""
    rows = []
    if given.customer_gstin:
        rows.append((said["gstin"], given.customer_gstin))
    if given.customer_address:
        rows.append((said["address"], given.customer_address))
    place = f"{states.state_name(given.place_of_supply)} ({given.place_of_supply})"
    taxed = [
        (f"GST {percent(rate)}%", _heads(given, taxable, (cgst, sgst, igst)))
        for rate, taxable, cgst, sgst, igst in given.taxes
    ]
    return [
        *rows,
        (said["what"], said["services" if given.taxes else "goods"]),
        *taxed,
        (said["place"], place),
        (said["reverse_charge"], said["no"]),
    ]


def _heads(given: Voucher, taxable: int, heads: tuple[int, int, int]) -> str:
    cgst, sgst, igst = heads
    if given.inter_state:
        return f"{inr(taxable)} + IGST {inr(igst)}"
    second = states.second_head(given.place_of_supply)
    return f"{inr(taxable)} + CGST {inr(cgst)} + {second} {inr(sgst)}"


def _note(said: dict[str, Any], given: Voucher) -> str:
    text: str = said["service_tax" if given.taxes else "tax"]
    return text


def _table(
    sheet: Sheet, rows: list[tuple[str, str]], said: dict[str, Any], y: float, *, note: str = ""
) -> None:
    for label, value in rows:
        sheet.text(MARGIN, y, label, size=9, colour=GREY, width=LABEL)
        sheet.text(MARGIN + LABEL, y, value, size=10, style="B", width=WIDTH - LABEL)
        y += 7
        sheet.rule(y - 1.4)
    if note:
        y = sheet.paragraph(MARGIN, y + 2, note, width=WIDTH, size=8)
    sheet.text(MARGIN, y + 3, said["made"], size=8, colour=GREY)


@lru_cache(maxsize=2)
def _words(language: str) -> dict[str, Any]:
    table: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return table[language]
