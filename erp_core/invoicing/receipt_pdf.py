"""The receipt of a payment as PDF: half a page, whom it is from, how much, in words, for what."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from erp_core.invoicing import queries, words
from erp_core.invoicing.sheet import ACCENT, GREY, MARGIN, PAGE_WIDTH, WASH, WIDTH, Sheet
from erp_core.journal.context import Reader
from erp_core.kernel.money import inr
from erp_core.ledger import chart
from erp_core.ledger.queries import balance_of
from erp_core.parties import queries as parties
from erp_core.payments.queries import Payment, payment

WORDS = Path(__file__).with_name("receipt.yml")
LABEL = 62.0


def number_of(paid: Payment) -> str:
    """A receipt's number: the end of the payment's id, which no other payment of the day has."""
    return f"RC-{paid.on:%y%m%d}-{paid.id.hex[-6:].upper()}"


def render(reader: Reader, payment_id: UUID, language: str) -> tuple[str, bytes]:
    """The receipt's number and its PDF. Raises NotFound("payment")."""
    paid = payment(reader, payment_id)
    said = _words("hindi" if language == "hindi" else "english")
    sheet = Sheet(title=number_of(paid), on=paid.on, language=language)
    sheet.new_page()
    sheet.fill(0, 0, PAGE_WIDTH, 3.2, ACCENT)
    y = _head(reader, sheet, said)
    y = _amount(sheet, paid, said, language, y)
    _rows(reader, sheet, paid, said, y)
    return number_of(paid), sheet.output()


def _head(reader: Reader, sheet: Sheet, said: dict[str, Any]) -> float:
    shop = parties.business(reader)
    sheet.text(MARGIN, 14, shop.name, size=15, style="B", width=WIDTH - 50)
    sheet.text(MARGIN, 15, said["title"], size=13, style="B", colour=ACCENT, width=WIDTH, align="R")
    y = 22.0
    if shop.address:
        y = sheet.paragraph(MARGIN, y, shop.address, width=WIDTH - 50, size=9, colour=GREY)
    if shop.gstin:
        sheet.text(MARGIN, y, f"{said['gstin']}: {shop.gstin}", size=9, colour=GREY)
        y += 5
    return y + 4


def _amount(sheet: Sheet, paid: Payment, said: dict[str, Any], language: str, y: float) -> float:
    spelled = words.in_hindi if language == "hindi" else words.in_english
    sheet.fill(MARGIN, y, WIDTH, 22, WASH)
    sheet.text(MARGIN + 4, y + 3, inr(paid.amount), size=18, style="B")
    sheet.text(MARGIN + 4, y + 13, spelled(paid.amount), size=9, colour=GREY, width=WIDTH - 8)
    if paid.status == "bounced":
        sheet.stamp(said["bounced"], colour=ACCENT)
    return y + 28


def _rows(reader: Reader, sheet: Sheet, paid: Payment, said: dict[str, Any], y: float) -> None:
    name = parties.customers_named(reader, [paid.customer_id]).get(paid.customer_id, "")
    towards = said["account"]
    if paid.invoice_id is not None:
        towards = f"{said['towards']} {queries.invoice(reader, paid.invoice_id).number}"
    balance = balance_of(reader, chart.RECEIVABLE, paid.customer_id)
    rows = [
        (said["number"], number_of(paid)),
        (said["day"], f"{paid.on:%d-%m-%Y}"),
        (said["from"], name),
        (said["by"], said["methods"][paid.method]),
        (said["amount"], towards),
        (said["advance"] if balance < 0 else said["balance"], inr(abs(balance))),
    ]
    for label, value in rows:
        sheet.text(MARGIN, y, label, size=9, colour=GREY, width=LABEL)
        sheet.text(MARGIN + LABEL, y, value, size=10, style="B", width=WIDTH - LABEL)
        y += 7
        sheet.rule(y - 1.4)
    sheet.text(MARGIN, y + 3, said["made"], size=8, colour=GREY)


@lru_cache(maxsize=2)
def _words(language: str) -> dict[str, Any]:
    table: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return table[language]
