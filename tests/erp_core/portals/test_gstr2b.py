"""GSTR-2B against the books: what agrees, what differs, what is missing on either side."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.inventory.service import add_stocked_product
from erp_core.kernel.errors import Invalid
from erp_core.parties.models import vendors
from erp_core.parties.service import add_vendor
from erp_core.portals import gstr2b
from erp_core.portals.reverse_charge import charge
from erp_core.purchases import correcting
from erp_core.purchases import service as purchases

MONTH = date(2026, 11, 1)
METRO, TEA = "27AAPFU0939F1ZV", "29AAGCB7383J1Z4"


def bill(number, igst=0.0, cgst=0.0, on="10-11-2026", **more):
    tax = igst + 2 * cgst
    return {
        "inum": number, "dt": on, "val": 1000 + tax, "typ": "R", "pos": "27", "rev": "N",
        "itcavl": "Y", "txval": 1000, "igst": igst, "cgst": cgst, "sgst": cgst, "cess": 0, **more,
    }  # fmt: skip


def statement(b2b=(), cdnr=(), gstin="27AAPFU0939F1ZV", period="112026"):
    tables = {
        "b2b": [{"ctin": ctin, "trdnm": "METRO", "inv": list(rows)} for ctin, rows in b2b],
        "cdnr": [{"ctin": ctin, "trdnm": "METRO", "nt": list(rows)} for ctin, rows in cdnr],
    }
    data = {"gstin": gstin, "rtnprd": period, "gendt": "14-12-2026", "docdata": tables}
    return json.dumps({"chksum": "x", "data": data}).encode()


@pytest.fixture
def vendor(run):
    return UUID(run(add_vendor, name="Metro", gstin=TEA, state="29")["vendor_id"])


@pytest.fixture
def buy(run, vendor):
    goods = run(
        add_stocked_product, name="Pen", price_paise=20_00, hsn="9608", gst_rate="18",
        stock=Decimal(1),
    )  # fmt: skip

    def record(number, rupees=1000, **more):
        return run(
            purchases.record_bill,
            vendor_id=vendor,
            number=number,
            **more,
            lines=[
                {
                    "product_id": goods["product_id"],
                    "quantity": "1",
                    "unit_price_paise": rupees * 100,
                }
            ],
        )

    return record


@pytest.fixture
def take(run, reader_of):
    def take_in(data):
        run(gstr2b.import_statement, **gstr2b.as_facts(gstr2b.read(data)))
        with reader_of() as reader:
            return gstr2b.reconcile(reader, MONTH)

    return take_in


def test_a_bill_agrees_however_its_number_is_written(buy, take):
    buy("INV/0012")
    found = take(statement([(TEA, [bill("inv-12", igst=180)])]))
    assert len(found.matched) == 1
    assert found.credit_paise == 180_00
    assert (found.differs, found.missing_2b, found.missing_books) == ((), (), ())


def test_a_bill_that_was_written_anew_agrees_by_its_number(run, buy, take):
    wrong = UUID(buy("A1", 500)["bill_id"])
    run(correcting.take_back_bill, bill_id=wrong)
    buy("A1", 1000)
    found = take(statement([(TEA, [bill("A1", igst=180)])]))
    assert (len(found.matched), found.differs, found.missing_2b) == (1, (), ())


def test_a_rupee_is_rounding_and_more_is_a_difference(buy, take):
    buy("A1")
    assert len(take(statement([(TEA, [bill("A1", igst=181)])])).matched) == 1
    found = take(statement([(TEA, [bill("A1", igst=181.01)])]))
    assert [(line.tax_paise, book.tax_paise) for line, book in found.differs] == [(18101, 18000)]


def test_what_the_supplier_has_not_filed_is_missing_there(buy, take):
    buy("A1")
    buy("A2")
    found = take(statement([(TEA, [bill("A1", igst=180)])]))
    assert [one.number for one in found.missing_2b] == ["A2"]


def test_what_is_not_written_is_missing_here(buy, take):
    buy("A1")
    found = take(statement([(TEA, [bill("A1", igst=180), bill("A9", igst=90)])]))
    assert [one.number for one in found.missing_books] == ["A9"]


def test_an_expense_without_a_number_goes_by_supplier_tax_and_date(
    run, take, vendor, database, business
):
    with database.tenant(business) as connection:
        connection.execute(update(vendors).where(vendors.c.id == vendor).values(gstin=TEA))
    run(log_expense, amount_paise=1180_00, gst_paise=180_00, vendor="Metro", category="rent")
    found = take(statement([(TEA, [bill("R-7", igst=180)])]))
    assert [book.source for _, book in found.matched] == ["expense"]


def test_an_expense_is_matched_by_the_number_and_the_gstin_of_its_bill(run, take):
    spent = {"amount_paise": 1180_00, "gst_paise": 180_00, "vendor": "Shree", "category": "rent"}
    run(log_expense, **spent, number="R/007", supplier_gstin=METRO)
    gone = run(log_expense, **spent, number="R/008", supplier_gstin=METRO)["expense_id"]
    run(take_back_expense, expense_id=UUID(gone))
    rows = [bill("r-7", cgst=90), bill("r-8", cgst=90), bill("r-9", cgst=90)]
    found = take(statement([(METRO, rows)]))
    assert [(line.number, book.number) for line, book in found.matched] == [("r-7", "R/007")]
    assert [one.number for one in found.missing_books] == ["r-8", "r-9"]
    assert not found.missing_2b


def test_a_service_under_reverse_charge_is_matched_and_never_missed(run, take):
    for number in ("L/1", "L/2"):
        fees = {"amount_paise": 1000_00, "vendor": "Legal", "item": "vakil ki fees"}
        spent = run(log_expense, **fees, number=number, supplier_gstin=METRO)["expense_id"]
        run(charge, expense_id=UUID(spent), service="advocate")
    found = take(statement([(METRO, [bill("L-1", cgst=90, rev="Y")])]))
    assert [(line.number, book.source) for line, book in found.matched] == [
        ("L-1", "reverse_charge")
    ]
    assert not found.missing_2b


def test_a_credit_note_lowers_the_credit(take):
    note = {**bill("CN1", igst=18), "ntnum": "CN1", "typ": "C"}
    found = take(statement(cdnr=[(TEA, [note])]))
    assert [one.tax_paise for one in found.missing_books] == [-18_00]


def test_a_statement_sent_again_takes_the_place_of_the_first(buy, take):
    buy("A1")
    take(statement([(TEA, [bill("A1", igst=180), bill("A9", igst=90)])]))
    found = take(statement([(TEA, [bill("A1", igst=180)])]))
    assert (len(found.matched), found.missing_books) == (1, ())


def test_a_bill_of_this_month_that_stands_in_the_next_statement_is_not_missing(buy, run, take):
    buy("A1")
    take(statement([(TEA, [bill("A1", igst=180)])], period="122026"))
    found = take(statement([]))
    assert found.missing_2b == ()


def test_a_bill_of_which_no_credit_may_be_taken_agrees_without_credit(buy, take):
    buy("A1")
    buy("A2")
    rows = [bill("A1", igst=180, itcavl="N"), bill("A2", igst=180)]
    found = take(statement([(TEA, rows)]))
    assert (len(found.matched), found.credit_paise) == (2, 180_00)
    assert [line.number for line, _ in found.refused] == ["A1"]


def test_what_is_written_after_its_time_for_credit_is_no_bill_that_is_missing(buy, run, take):
    buy("A1", on=date(2025, 2, 10))
    spent = {"amount_paise": 1180_00, "gst_paise": 180_00, "vendor": "Shree", "category": "rent"}
    run(log_expense, **spent, number="R-7", supplier_gstin=METRO, on=date(2025, 2, 11))
    rows = [bill("A1", igst=180, on="10-02-2025")]
    found = take(statement([(TEA, rows), (METRO, [bill("R-7", cgst=90, on="11-02-2025")])]))
    assert [(line.number, book.late) for line, book in found.untaken] == [
        ("A1", True),
        ("R-7", True),
    ]
    assert (found.matched, found.differs, found.missing_books) == ((), (), ())
    assert found.credit_paise == 0


def test_what_bears_no_credit_is_in_the_books_without_it(run, take):
    meal = {"amount_paise": 1050_00, "gst_paise": 50_00, "vendor": "Udupi", "category": "food"}
    for number in ("F-1", "F-2"):
        run(log_expense, **meal, number=number, supplier_gstin=METRO)
    found = take(statement([(METRO, [bill("F-1", cgst=25)])]))
    assert [(line.number, book.late) for line, book in found.untaken] == [("F-1", False)]
    assert (found.matched, found.credit_paise) == ((), 0)
    # Of what bears no credit nothing is asked of its supplier.
    assert found.missing_2b == ()


def test_goods_under_reverse_charge_are_matched_and_never_missed(buy, take):
    buy("R1", reverse_charge=True)
    buy("R2", 2000, reverse_charge=True)
    found = take(statement([(TEA, [bill("R/1", igst=180, rev="Y")])]))
    assert [(line.number, book.source) for line, book in found.matched] == [
        ("R/1", "reverse_charge")
    ]
    assert (found.missing_2b, found.missing_books) == ((), ())


def test_a_bill_that_its_supplier_files_after_a_year_is_found(buy, take):
    buy("A1", on=date(2025, 10, 5))
    found = take(statement([(TEA, [bill("A1", igst=180, on="05-10-2025")])]))
    assert [line.number for line, _ in found.matched] == ["A1"]


def test_the_tax_of_items_is_summed_where_the_bill_has_none(take):
    one = {**bill("A1"), "items": [{"num": 1, "rt": 18, "txval": 500, "igst": 90.5}]}
    for name in ("txval", "igst", "cgst", "sgst", "cess"):
        del one[name]
    assert [line.tax_paise for line in take(statement([(TEA, [one])])).missing_books] == [90_50]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"{}", b'{"data": {"docdata": {}}}', b"PK\x03\x04", b"null", b'{"data": 1}'),
        statement([(TEA, [bill("A1", igst=180, on="01-01-0001")])]),
        statement(period="129999"),
    ],
)
def test_another_file_is_refused(data):
    with pytest.raises(Invalid, match="bad_gstr2b"):
        gstr2b.read(data)


def test_somebody_else_s_statement_is_refused(take):
    with pytest.raises(Invalid, match="gstr2b_of_other"):
        take(statement(gstin=TEA))
