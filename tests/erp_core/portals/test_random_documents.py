"""Whatever a shop bills: INV-01 fits the schema, adds up, and passes the portal's sums."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from erp_core.invoicing.queries import Invoice, InvoiceLine
from erp_core.portals import eway, inv01
from erp_core.portals.eway import Carriage
from erp_core.tax.gst import Line, assess
from simulator import gst_portal

SOME_ID = UUID("01a1fb57-a8b9-70c8-91ca-5d6b28088aa4")
RATES = (0, 25, 150, 300, 500, 1800, 4000)
WORDS = st.text("abc XYZ-09\"'\\\\\n₹अआक्", min_size=1, max_size=40)

lines = st.builds(
    lambda quantity, price, rate, inclusive: Line(
        Decimal(quantity) / 1000, price, rate, inclusive=inclusive
    ),
    st.integers(1, 90_000_000),
    st.integers(1, 9_999_999),
    st.sampled_from(RATES),
    st.booleans(),
)


@given(
    st.lists(lines, min_size=1, max_size=12),
    st.sampled_from(["27", "29"]),
    st.lists(WORDS, min_size=12, max_size=12),
)
@settings(max_examples=150)
def test_any_bill_is_accepted(drawn, place, names):
    document = bill(drawn, place, names)
    content = inv01.payload(document)
    inv01.validator().validate(content)
    assert inv01.faults(content) == []
    gst_portal._check(content, datetime(2026, 11, 20, 12, tzinfo=timezone.utc), set())
    values, items = content["ValDtls"], content["ItemList"]
    for one in items:
        assert paise(one["TotAmt"]) - paise(one["Discount"]) == paise(one["AssAmt"])
    for head in ("Cgst", "Sgst", "Igst"):
        assert paise(values[f"{head}Val"]) == sum(paise(one[f"{head}Amt"]) for one in items)
    assert paise(values["AssVal"]) == sum(paise(one["AssAmt"]) for one in items)
    parts = ("AssVal", "CgstVal", "SgstVal", "IgstVal", "RndOffAmt")
    assert paise(values["TotInvVal"]) == sum(paise(values[name]) for name in parts)
    assert gst_portal.irn_of(content) == inv01.irn_of(document)


@given(st.lists(lines, min_size=1, max_size=12), st.integers(1, 4000))
@settings(max_examples=60)
def test_any_goods_travel(drawn, kilometres):
    content = eway.payload(bill(drawn, "29", ["goods"] * 12), Carriage(kilometres, "MH12AB1234"))
    gst_portal._check_eway(content, datetime(2026, 11, 20, 12, tzinfo=timezone.utc))


def paise(rupees):
    return round(rupees * 100)


def bill(drawn, place, names):
    assessed = assess(drawn, supplier_state="27", place_of_supply=place)
    buyer = {"27": ("27AAACG1234F1Z4", "Pune 411001"), "29": ("29AAGCB7383J1Z4", "Hubli 580020")}
    gstin, address = buyer[place]
    return Invoice(
        id=SOME_ID, number="INV27-2627-00001", kind="tax_invoice", status="issued",
        customer_id=SOME_ID, order_id=None, on_date=date(2026, 11, 20), description_code=None,
        supplier_name="Sharma Electronics", supplier_address="12, Laxmi Road, Pune 411030",
        supplier_gstin="27AAPFU0939F1ZV", supplier_state="27", customer_name="Bengal Retail",
        customer_address=address, customer_gstin=gstin, customer_state=place,
        place_of_supply=place, subtotal_paise=assessed.taxable, cgst_paise=assessed.cgst,
        sgst_paise=assessed.sgst, igst_paise=assessed.igst, round_off_paise=assessed.round_off,
        total_paise=assessed.total, due_paise=assessed.total, payment_status="unpaid",
        cancel_reason=None, created_at=datetime(2026, 11, 20, tzinfo=timezone.utc),
        lines=tuple(
            InvoiceLine(
                product_id=None, name=name, hsn="8517", unit="piece",
                quantity=line.line.quantity, unit_price_paise=line.line.unit_price,
                discount_paise=0, inclusive=line.line.inclusive, rate=line.rate,
                taxable_paise=line.taxable, cgst_paise=line.cgst, sgst_paise=line.sgst,
                igst_paise=line.igst, round_off_paise=line.round_off,
            )
            for line, name in zip(assessed.lines, names, strict=False)
        ),
    )  # fmt: skip
