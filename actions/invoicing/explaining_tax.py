"""Why a bill bears the tax it bears: line by line, with the law and the arithmetic."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.forms.names import ORDER_FORM
from actions.invoicing.taxes import ask_rate
from actions.lexicon import says
from actions.match import recent, remember
from erp_core.invoicing import queries as invoices
from erp_core.invoicing.papers import as_it_would_be_billed
from erp_core.invoicing.pdf import percent_of_half
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.journal.context import Reader
from erp_core.kernel.money import half_up, inr
from erp_core.kernel.quantity import plain
from erp_core.orders import queries as orders
from erp_core.orders.pricing import LineWanted, value_of_one
from erp_core.orders.queries import Order
from erp_core.orders.states import CANCELLED
from erp_core.parties import queries as parties
from erp_core.tax import states
from erp_core.tax.gst import percent
from erp_core.tax.rates import Asked, rule
from erp_core.tax.rules import charges_tax

MOST_LINES = 6
MOST_WORDS_OF_WHY = 7


def asks_how_taxed(turn: Turn) -> bool:
    """ "Ye tax kaise laga", "IGST kyu": whether somebody wants the tax of a bill explained; how to
    make a bill with GST is another question, and so is why to pay it."""
    if not says(turn.words, "gst_words"):
        return False
    if says(turn.words, "how_come") and says(turn.words, "was_charged"):
        return True
    other = says(turn.words, "gst_due") or says(turn.words, "returns")
    return says(turn.words, "why") and not other and len(turn.words) <= MOST_WORDS_OF_WHY


def explain(turn: Turn) -> list[EventType]:
    """How the tax of a bill came about, line by line: rate, law, code and arithmetic."""
    with turn.read() as reader:
        booked = _being_written(turn, reader) or _order_meant(turn, reader)
        unknown = [line for line in booked.lines if not line.rate_known] if booked else []
        found = as_it_would_be_billed(reader, booked) if booked else _bill_meant(turn, reader)
        if found is None:
            turn.say("utter_no_invoices" if turn.is_user else "utter_no_bill_yet")
            return []
        shop = parties.business(reader)
    if unknown and turn.is_user and charges_tax(shop):
        ask_rate(turn, unknown[0].product_id)
        return []
    reason = _why_no_tax(found)
    if reason:
        turn.say(f"utter_no_tax_{reason}", number=found.number, total=inr(found.total_paise))
        return []
    rows = [_explained(turn, found, line) for line in found.lines[:MOST_LINES]]
    if len(found.lines) > MOST_LINES:
        rows.append(turn.line("line_more_lines", count=str(len(found.lines) - MOST_LINES)))
    turn.say(
        "utter_tax_explained",
        number=found.number,
        rows="\n\n".join(rows),
        heads=_heads(turn, found),
        tax=inr(found.tax_paise),
        total=inr(found.total_paise),
        shop=shop.name,
    )
    return [] if found.kind == "proforma" else [remember(turn, invoice=found.id)]


def _being_written(turn: Turn, reader: Reader) -> Order | None:
    """The order on the screen that waits for a yes: "ye tax" is its tax, "us bill" is not."""
    draft = turn.slots.get("draft") or {}
    data = draft.get("data") or {}
    customer, lines = data.get("customer") or {}, data.get("lines") or []
    whole = customer and lines and all(line.get("counted") for line in lines)
    if draft.get("form") != ORDER_FORM or not whole or turn.value("invoice_number"):
        return None
    if says(turn.words, "bill_words") and not data.get("bill") and recent(turn, "invoice"):
        return None
    wanted: list[LineWanted] = [
        {"product_id": line["id"], "quantity": line["counted"]} for line in lines
    ]
    for one, line in zip(wanted, lines, strict=True):
        if line.get("lowered"):
            one["unit_price_paise"] = line["lowered"]
    name = turn.line("what_order_form")
    return orders.imagined(reader, customer_id=UUID(customer["id"]), lines=wanted, number=name)


def _order_meant(turn: Turn, reader: Reader) -> Order | None:
    """The order that is named, or was spoken of last, where it stands, has no bill, and no newer
    bill was spoken of."""
    if number := turn.value("order_id"):
        named = orders.order_by_number(reader, number)
        return named if named and not named.invoice_id else None
    ordered, before = recent(turn, "order"), recent(turn, "invoice")
    if turn.value("invoice_number") or not ordered:
        return None
    booked = orders.order(reader, ordered)
    if booked.invoice_id or booked.status == CANCELLED:
        return None
    billed_since = before and invoices.invoice(reader, before).created_at > booked.created_at
    return None if billed_since else booked


def _bill_meant(turn: Turn, reader: Reader) -> Invoice | None:
    number = turn.value("invoice_number")
    if number:
        return invoices.invoice_by_number(reader, number)
    if number := turn.value("order_id"):
        named = orders.order_by_number(reader, number)
        return invoices.invoice_of_order(reader, named.id) if named else None
    before = recent(turn, "invoice")
    if before:
        return invoices.invoice(reader, before)
    return invoices.latest_invoice(reader, None if turn.is_user else turn.own_id)


def _why_no_tax(found: Invoice) -> str | None:
    if found.composition:
        return "composition"
    if found.kind in ("bill", "proforma") and not found.tax_paise and not found.supplier_gstin:
        return "unregistered"
    if found.kind == "bill":
        return "unregistered" if found.supplier_gstin is None else "amount"
    if found.treatment in ("sez_lut", "export_lut"):
        return "lut"
    return None


def _explained(turn: Turn, found: Invoice, line: InvoiceLine) -> str:
    ruling = rule(
        Asked(
            on=found.on_date,
            hsn=line.hsn,
            stated=line.rate,
            unit_value=value_of_one(line.unit_price_paise, line.unit or "piece"),
            inclusive=line.inclusive,
        )
    )
    facts: dict[str, Any] = {
        "product": line.name,
        "hsn": line.hsn or "–",
        "quantity": plain(line.quantity),
        "price": inr(line.unit_price_paise),
        "taxable": inr(line.taxable_paise),
        "rate": percent(line.rate),
        "half": percent_of_half(line.rate),
        "cgst": inr(line.cgst_paise),
        "sgst": inr(line.sgst_paise),
        "igst": inr(line.igst_paise),
        "second": states.second_head(found.place_of_supply),
        "gross": inr(line.taxable_paise + line.tax_paise),
        "mrp": inr(line.rsp_paise or 0),
        "retail": inr(half_up(line.quantity * (line.rsp_paise or 0))),
        "tax": inr(line.tax_paise - line.cess_paise),
        "source": (ruling.source or "–") if ruling.rate == line.rate else turn.line("word_stated"),
    }
    packing = ruling.term.packing if ruling.term and ruling.rate == line.rate else None
    packed = [turn.line(f"line_tax_{packing}")] if packing else []
    if not line.rate:
        return "\n".join([turn.line("line_tax_nil", **facts), *packed])
    plain_first = "line_tax_inclusive" if line.inclusive else "line_tax_value"
    first = "line_tax_rsp" if line.by_rsp else plain_first
    second = "line_tax_igst" if found.inter_state else "line_tax_cgst"
    rows = [turn.line(first, **facts), turn.line(second, **facts), *_cess_rows(turn, line)]
    term = ruling.term
    bands = ruling.goods.terms_on(found.on_date) if ruling.goods and term else None
    limit = next((one.upto for one in bands[1] if one.upto), None) if bands else None
    if limit and term:
        over = term.upto is None
        rows.append(turn.line("line_tax_over" if over else "line_tax_under", limit=inr(limit)))
    rows += packed
    rows.append(turn.line("line_tax_source", **facts))
    return "\n".join(rows)


def _cess_rows(turn: Turn, line: InvoiceLine) -> list[str]:
    by_value = line.cess_paise - line.cess_units_paise
    rows = []
    if by_value:
        facts = {"rate": percent(line.cess_rate), "cess": inr(by_value)}
        rows.append(turn.line("line_tax_cess", **facts))
    if line.cess_units_paise:
        rows.append(turn.line("line_tax_cess_units", cess=inr(line.cess_units_paise)))
    return rows


def _heads(turn: Turn, found: Invoice) -> str:
    facts = {
        "home": states.state_name(found.supplier_state),
        "place": states.state_name(found.place_of_supply),
        "second": states.second_head(found.place_of_supply),
    }
    if found.treatment:
        return turn.line("line_heads_zone", **facts)
    return turn.line("line_heads_inter" if found.inter_state else "line_heads_intra", **facts)
