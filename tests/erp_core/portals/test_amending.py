"""A bill of a filed month is corrected: where it stands in the returns, and what the books say."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from uuid import UUID

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.invoicing import notes, pdf
from erp_core.invoicing.queries import invoice
from erp_core.invoicing.service import bill_goods
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.ledger import queries as ledger
from erp_core.payments.service import record_payment
from erp_core.portals.amending import bill_anew, correct_buyer, preview
from erp_core.portals.profile import set_profile
from erp_core.portals.settling import settle_return
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr1_json, gstr3b_json
from erp_core.reports.gst.workbooks import gstr1_excel

HOME, OTHER_HOME, FAR = "27AAGCB7383J1Z8", "27AAACR5055K1Z7", "29AAGCB7383J1Z4"
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


class Shop(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 9, 20)))
        self.pen = self.goods("Pen", 1_00_01, "9608", rate="18")
        self.book = self.goods("Note", 33_33, "4820", rate="18")

    def sell(self, customer, *goods):
        lines = [{"product_id": one, "quantity": "1"} for one in goods or (self.pen,)]
        return UUID(self.run(bill_goods, customer_id=customer, lines=lines)["invoice_id"])

    def correct(self, invoice_id, **to):
        return self.run(correct_buyer, invoice_id=invoice_id, **to)

    def month(self, month):
        """GSTR-1 as the portal takes it, after GSTR-3B has agreed with the books."""
        with self.read() as reader:
            found, summary = gstr1(reader, month), gstr3b(reader, month)
        assert summary.difference == 0
        return json.loads(gstr1_json(found))


@pytest.fixture
def shop(database):
    return Shop(database)


def test_until_its_return_is_due_a_bill_is_filed_as_it_is_now(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME))
    shop.calendar.turn_to(date(2026, 10, 11))
    done = shop.correct(invoice_id, gstin=FAR)
    assert (done["filed"], done["on"]) == (False, "2026-09-30")
    row = shop.month(SEPTEMBER)["b2b"][0]
    assert (row["ctin"], row["inv"][0]["pos"]) == (FAR, "29")
    assert row["inv"][0]["itms"][0]["itm_det"]["iamt"] == 18
    assert "b2ba" not in shop.month(OCTOBER)


def test_a_return_that_was_filed_before_its_last_day_does_not_change(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME))
    shop.calendar.turn_to(date(2026, 10, 5))
    shop.run(settle_return, month=SEPTEMBER)
    with shop.read() as reader:
        filed = gstr1_json(gstr1(reader, SEPTEMBER)), gstr3b_json("x", gstr3b(reader, SEPTEMBER))
    done = shop.correct(invoice_id, gstin=FAR)
    assert (done["filed"], done["on"]) == (True, "2026-10-05")
    with shop.read() as reader:
        now = gstr1_json(gstr1(reader, SEPTEMBER)), gstr3b_json("x", gstr3b(reader, SEPTEMBER))
    assert now == filed
    assert shop.month(OCTOBER)["b2ba"][0]["ctin"] == FAR


def test_a_wrong_gstin_of_a_filed_bill_stands_in_9a(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME))
    shop.calendar.turn_to(date(2026, 10, 12))
    done = shop.correct(invoice_id, gstin=OTHER_HOME)
    assert (done["filed"], done["on"]) == (True, "2026-10-12")
    assert shop.month(SEPTEMBER)["b2b"][0]["ctin"] == HOME
    found = shop.month(OCTOBER)
    assert "b2b" not in found
    assert found["b2ba"] == [
        {"ctin": OTHER_HOME,
         "inv": [{"oinum": "INV27-2627-00001", "oidt": "20-09-2026", "inum": "INV27-2627-00001",
                  "idt": "20-09-2026", "val": 118.01, "pos": "27", "rchrg": "N", "inv_typ": "R",
                  "itms": [{"num": 1, "itm_det": {"rt": 18, "txval": 100.01, "camt": 9,
                                                  "samt": 9, "csamt": 0}}]}]}
    ]  # fmt: skip


def test_another_state_moves_the_tax_to_the_other_head_in_the_month_of_the_correction(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME))
    shop.calendar.turn_to(date(2026, 11, 20))
    shop.correct(invoice_id, gstin=FAR)
    detail = shop.month(NOVEMBER)["b2ba"][0]["inv"][0]["itms"][0]["itm_det"]
    assert detail == {"rt": 18, "txval": 100.01, "iamt": 18, "csamt": 0}
    with shop.read() as reader:
        told = json.loads(gstr3b_json("x", gstr3b(reader, NOVEMBER)))["sup_details"]["osup_det"]
        document = invoice(reader, invoice_id)
        text = pypdfium2.PdfDocument(pdf.render(reader, invoice_id, "english"))[0]
        assert "corrected on 20-11-2026" in text.get_textpage().get_text_range()
    assert told == {"txval": 0, "iamt": 18, "camt": -9, "samt": -9, "csamt": 0}
    assert (document.customer_gstin, document.igst_paise, document.cgst_paise) == (FAR, 18_00, 0)
    assert document.total_paise == 118_01


def test_notes_on_it_are_filed_anew_in_9c(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME), shop.pen, shop.book)
    shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="x", back={"2": "1"})
    shop.calendar.turn_to(date(2026, 11, 20))
    shop.correct(invoice_id, gstin=OTHER_HOME)
    row = shop.month(NOVEMBER)["cdnra"][0]
    assert (row["ctin"], row["nt"][0]["ont_num"], row["nt"][0]["val"]) == (
        OTHER_HOME, "CN27-2627-00001", 39.33,
    )  # fmt: skip
    assert shop.month(SEPTEMBER)["cdnr"][0]["ctin"] == HOME


def test_a_bill_that_lacked_its_gstin_leaves_the_sum_of_its_month(shop):
    ravi = shop.customer()
    invoice_id = shop.sell(ravi)
    shop.sell(ravi, shop.book)
    shop.calendar.turn_to(date(2026, 11, 20))
    shop.correct(invoice_id, gstin=HOME)
    found = shop.month(NOVEMBER)
    assert found["b2csa"] == [
        {"omon": "092026", "sply_ty": "INTRA", "pos": "27", "typ": "OE",
         "itms": [{"rt": 18, "txval": 33.33, "camt": 3, "samt": 3, "csamt": 0}]}
    ]  # fmt: skip
    assert found["b2b"][0]["inv"][0]["idt"] == "20-09-2026"
    assert shop.month(SEPTEMBER)["b2cs"][0]["txval"] == 133.34


def test_a_consumer_of_another_state_moves_between_the_sums(shop):
    invoice_id = shop.sell(shop.customer())
    shop.calendar.turn_to(date(2026, 11, 20))
    shop.correct(invoice_id, state="29")
    assert shop.month(NOVEMBER)["b2csa"] == [
        {"omon": "092026", "sply_ty": "INTER", "pos": "29", "typ": "OE",
         "itms": [{"rt": 18, "txval": 100.01, "iamt": 18, "csamt": 0}]},
        {"omon": "092026", "sply_ty": "INTRA", "pos": "27", "typ": "OE",
         "itms": [{"rt": 18, "txval": 0, "camt": 0, "samt": 0, "csamt": 0}]},
    ]  # fmt: skip
    with shop.read() as reader:
        assert gstr3b(reader, NOVEMBER).inter_unregistered["29"].taxable == 100_01
        assert gstr1_excel(gstr1(reader, NOVEMBER)).startswith(b"PK")


def test_a_quarterly_filer_has_until_the_13th_after_the_quarter(shop):
    shop.run(set_profile, quarterly=True)
    shop.calendar.turn_to(date(2026, 10, 20))
    invoice_id = shop.sell(shop.customer(gstin=HOME))
    shop.calendar.turn_to(date(2026, 11, 25))
    assert shop.correct(invoice_id, gstin=OTHER_HOME)["filed"] is False
    assert shop.month(OCTOBER)["b2b"][0]["ctin"] == OTHER_HOME


def test_what_cannot_be_corrected_says_so(shop):
    ravi, anand = shop.customer(), shop.customer(gstin=HOME)
    named = shop.sell(anand)
    with pytest.raises(Invalid, match="bad_gstin"):
        shop.correct(named, gstin="27AAGCB7383J1Z9")
    with pytest.raises(Conflict, match="nothing_to_correct"):
        shop.correct(named, gstin=HOME)
    with pytest.raises(Conflict, match="cannot_be_corrected"):
        shop.correct(named, state="29")
    small = shop.sell(ravi, shop.pen, shop.book)
    shop.run(notes.credit_invoice, invoice_id=small, reason="x", back={"2": "1"})
    with pytest.raises(Conflict, match="cannot_be_corrected"):
        shop.correct(small, gstin=HOME)
    with shop.read() as reader, pytest.raises(Conflict, match="cannot_be_corrected"):
        preview(reader, invoice_id=small, gstin=HOME)
    shop.calendar.turn_to(date(2027, 12, 1))
    with pytest.raises(Conflict, match="amendment_too_late"):
        shop.correct(named, gstin=OTHER_HOME)


changes = st.lists(
    st.tuples(
        st.sampled_from(["named", "far", "consumer"]),
        st.lists(st.sampled_from(["pen", "book"]), min_size=1, max_size=2, unique=True),
        st.sampled_from([{"gstin": HOME}, {"gstin": FAR}, {"state": "29"}, {"state": "30"}]),
        st.sampled_from([10, 11]),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12)
@given(changes)
def test_any_corrections_agree_with_the_tax_accounts_to_the_paisa(database, changes):
    shop = Shop(database)
    buyers = {
        "named": shop.customer(gstin=OTHER_HOME),
        "far": shop.customer(gstin="29AAACR5055K1Z3"),
        "consumer": shop.customer(),
    }
    sold = [(shop.sell(buyers[who], *(getattr(shop, g) for g in goods)), to, month)
            for who, goods, to, month in changes]  # fmt: skip
    for month in (10, 11):
        shop.calendar.turn_to(date(2026, month, 15))
        for invoice_id, to, when in sold:
            if when <= month:
                with suppress(Conflict):
                    shop.correct(invoice_id, **to)
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        shop.month(month)
    with shop.read() as reader:
        assert sum(ledger.account_balances(reader).values()) == 0
        for invoice_id, _, _ in sold:
            document = invoice(reader, invoice_id)
            assert sum(line.total_paise for line in document.lines) == document.total_paise


def balance(shop):
    with shop.read() as reader:
        return ledger.account_balances(reader)


def test_a_large_bill_to_a_consumer_is_credited_and_billed_anew(shop):
    far = shop.customer(state="29")
    lines = [{"product_id": shop.pen, "quantity": "900"}]
    large = UUID(shop.run(bill_goods, customer_id=far, lines=lines)["invoice_id"])
    before = balance(shop)
    shop.calendar.turn_to(date(2026, 11, 20))
    with pytest.raises(Conflict, match="cannot_be_corrected"):
        shop.correct(large, state="30")
    done = shop.run(bill_anew, invoice_id=large, state="30")
    assert (done["instead_of"], done["number"]) == ("INV27-2627-00001", "INV27-2627-00002")
    found = shop.month(NOVEMBER)
    assert [(one["typ"], one["pos"], one["val"]) for one in found["cdnur"]] == [
        ("B2CL", "29", 106210.62)
    ]
    assert [(one["pos"], one["inv"][0]["val"]) for one in found["b2cl"]] == [("30", 106210.62)]
    assert shop.month(SEPTEMBER)["b2cl"][0]["pos"] == "29"
    after = balance(shop)
    moved = {at for at in after if after[at] != before.get(at, 0)}
    assert (sum(after.values()), moved) == (0, {"SALES", "SALES_RETURNS"})


def test_what_was_paid_on_a_bill_pays_the_one_in_its_place(shop):
    anand = shop.customer(gstin=HOME)
    wrong = shop.sell(anand)
    shop.run(record_payment, customer_id=anand, amount_paise=100_00, method="cash")
    done = shop.run(bill_anew, invoice_id=wrong, gstin=OTHER_HOME)
    with shop.read() as reader:
        document = invoice(reader, UUID(done["invoice_id"]))
        assert invoice(reader, wrong).due_paise == 0
    assert (document.customer_gstin, document.total_paise, document.due_paise) == (
        OTHER_HOME, 118_01, 18_01,
    )  # fmt: skip


def test_a_bill_that_a_note_has_reached_is_not_billed_anew(shop):
    invoice_id = shop.sell(shop.customer(gstin=HOME), shop.pen, shop.book)
    shop.run(notes.credit_invoice, invoice_id=invoice_id, reason="x", back={"2": "1"})
    with pytest.raises(Conflict, match="cannot_be_corrected"):
        shop.run(bill_anew, invoice_id=invoice_id, gstin=OTHER_HOME)
