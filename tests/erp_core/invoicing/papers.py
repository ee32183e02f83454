"""Invoices to draw without a database."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.tax.gst import Line, assess

PHONE = ("iPhone 15", "8517", "piece", "2", 79_900_00, 1800)
BISCUIT = ("Parle-G biscuit 100g", "1905", "packet", "24", 10_00, 500)
SUGAR = ("चीनी खुली", "1701", "kg", "2.5", 44_00, 500)
RICE = ("श्री गोल्ड बासमती चावल २५ किलो", "1006", "bag", "1", 2_100_00, 500)

SOME_ID = UUID("01a1fb57-a8b9-70c8-91ca-5d6b28088aa4")


def paper(*goods, place="27", inclusive=False, paid=0, **changes) -> Invoice:
    """An invoice of goods (name, HSN, unit, quantity, price, rate), as it would be read."""
    assessed = assess(
        [
            Line(Decimal(quantity), price, rate, hsn=hsn, inclusive=inclusive)
            for _, hsn, _, quantity, price, rate in goods
        ],
        supplier_state="27",
        place_of_supply=place,
    )
    due = assessed.total - paid
    facts = {
        "id": SOME_ID,
        "number": "INV27-2627-00001",
        "kind": "tax_invoice",
        "status": "issued",
        "customer_id": SOME_ID,
        "order_id": None,
        "on_date": date(2026, 11, 20),
        "description_code": None,
        "supplier_name": "Sharma Electronics",
        "supplier_address": "12, Laxmi Road, Pune 411030",
        "supplier_gstin": "27AAPFU0939F1ZV",
        "supplier_state": "27",
        "customer_name": "Ravi Kumar",
        "customer_address": "Flat 4, MG Road, Pune 411001",
        "customer_gstin": None,
        "customer_state": place,
        "place_of_supply": place,
        "subtotal_paise": assessed.taxable,
        "cgst_paise": assessed.cgst,
        "sgst_paise": assessed.sgst,
        "igst_paise": assessed.igst,
        "round_off_paise": assessed.round_off,
        "total_paise": assessed.total,
        "due_paise": due,
        "payment_status": "paid" if not due else "partial" if paid else "unpaid",
        "cancel_reason": None,
        "created_at": datetime(2026, 11, 20, tzinfo=timezone.utc),
        "lines": tuple(
            InvoiceLine(
                product_id=None,
                name=name,
                hsn=hsn,
                unit=unit,
                quantity=Decimal(quantity),
                unit_price_paise=price,
                discount_paise=0,
                inclusive=inclusive,
                rate=line.rate,
                taxable_paise=line.taxable,
                cgst_paise=line.cgst,
                sgst_paise=line.sgst,
                igst_paise=line.igst,
                round_off_paise=line.round_off,
            )
            for (name, hsn, unit, quantity, price, _), line in zip(
                goods, assessed.lines, strict=True
            )
        ),
    }
    return Invoice(**{**facts, **changes})
