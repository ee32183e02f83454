"""How long a bill takes to draw, beside the smallest page that fpdf2 makes with the same fonts.

Processor time of this process, so that a busy machine does not count; one JSON object.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

from erp_core.invoicing import pdf, receipt
from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.invoicing.registration import Registration
from erp_core.invoicing.sheet import FAMILY, FILES
from erp_core.tax.gst import Line, assess

GOODS = [
    ("iPhone 15", "8517", "2", 79_900_00, 1800),
    ("Parle-G biscuit 100g", "190531", "24", 10_00, 500),
    ("Reynolds pen", "9608", "5", 10_00, 1800),
]
SOME_ID = UUID("01a1fb57-a8b9-70c8-91ca-5d6b28088aa4")
BAR_MS = 30


def main() -> None:
    """Draw each paper often; print the median of each and of the bare page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="how often each is drawn")
    parser.add_argument("--quick", action="store_true", help="draw each once")
    options = parser.parse_args()
    rounds = 1 if options.quick else options.rounds
    bill = _bill()
    made: dict[str, Callable[[], bytes]] = {
        "a4_english": lambda: pdf.draw(bill, language="english", vpa="sharma@okaxis"),
        "a4_hindi": lambda: pdf.draw(bill, language="hindi", vpa="sharma@okaxis"),
        "a4_e_invoice": lambda: pdf.draw(
            bill, language="english", vpa="sharma@okaxis", registered=_registered()
        ),
        "roll_english": lambda: receipt.draw(bill, language="english", vpa="sharma@okaxis"),
        "roll_hindi": lambda: receipt.draw(bill, language="hindi", vpa="sharma@okaxis"),
        "bare_fpdf2_page": _bare_page,
    }
    figures = {name: _median_ms(draw, rounds) for name, draw in made.items()}
    peer = figures["bare_fpdf2_page"]
    papers = {name: ms for name, ms in figures.items() if name != "bare_fpdf2_page"}
    print(
        json.dumps(
            {
                "bench": "papers",
                "ms": figures,
                "times_a_bare_page": {n: round(ms / peer, 2) for n, ms in papers.items()},
                "bar_ms": BAR_MS,
                "holds": max(papers.values()) <= BAR_MS,
            }
        )
    )


def _median_ms(draw: Callable[[], bytes], rounds: int) -> float:
    draw()
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        draw()
        taken.append(time.process_time() - start)
    return round(statistics.median(taken) * 1000, 2)


def _registered() -> Registration:
    """A signed code is another one on each bill, so none is remembered."""
    at = datetime(2026, 11, 20, tzinfo=timezone.utc)
    signed = secrets.token_urlsafe(640)
    return Registration(
        SOME_ID, "invoice", SOME_ID, SOME_ID, "registered", "a" * 64, "126112000000001", at, signed,
        None, None, at,
    )  # fmt: skip


def _bare_page() -> bytes:
    from fpdf import FPDF

    page = FPDF()
    for style, file in FILES.items():
        page.add_font(FAMILY, style, file)
    page.add_page()
    page.set_font(FAMILY, "", 10)
    page.cell(40, 10, "INV27-2627-00001")
    return bytes(page.output())


def _bill() -> Invoice:
    assessed = assess(
        [Line(Decimal(count), price, rate) for _, _, count, price, rate in GOODS],
        supplier_state="27",
        place_of_supply="27",
    )
    return Invoice(
        id=SOME_ID,
        number="INV27-2627-00001",
        kind="tax_invoice",
        status="issued",
        customer_id=SOME_ID,
        order_id=None,
        on_date=date(2026, 11, 20),
        description_code=None,
        supplier_name="Sharma Electronics",
        supplier_address="12, Laxmi Road, Pune 411030",
        supplier_gstin="27AAPFU0939F1ZV",
        supplier_state="27",
        customer_name="Ravi Kumar",
        customer_address="Flat 4, MG Road, Pune 411001",
        customer_gstin=None,
        customer_state="27",
        place_of_supply="27",
        subtotal_paise=assessed.taxable,
        cgst_paise=assessed.cgst,
        sgst_paise=assessed.sgst,
        igst_paise=assessed.igst,
        round_off_paise=assessed.round_off,
        total_paise=assessed.total,
        due_paise=assessed.total,
        payment_status="unpaid",
        cancel_reason=None,
        created_at=datetime(2026, 11, 20, tzinfo=timezone.utc),
        lines=tuple(
            InvoiceLine(
                product_id=None,
                name=name,
                hsn=hsn,
                unit="piece",
                quantity=Decimal(count),
                unit_price_paise=price,
                discount_paise=0,
                inclusive=False,
                rate=line.rate,
                taxable_paise=line.taxable,
                cgst_paise=line.cgst,
                sgst_paise=line.sgst,
                igst_paise=line.igst,
                round_off_paise=line.round_off,
            )
            for (name, hsn, count, price, _), line in zip(GOODS, assessed.lines, strict=True)
        ),
    )


if __name__ == "__main__":
    main()
