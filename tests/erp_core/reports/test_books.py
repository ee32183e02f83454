"""Profit and loss, balance sheet, books and ageing of a small trade, to the paisa."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pypdfium2
import pytest
from openpyxl import load_workbook

from erp_core.expenses.categories import CATEGORIES
from erp_core.expenses.service import log_expense
from erp_core.inventory.service import add_stocked_product, receive_stock, remove_stock
from erp_core.invoicing.service import cancel_invoice, invoice_order
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden, Invalid
from erp_core.ledger import chart
from erp_core.ledger.service import Posting, post
from erp_core.ledger.vouchers import write_voucher
from erp_core.orders.service import change_status, create_order
from erp_core.parties.service import add_customer
from erp_core.payments.service import give_credit, record_payment
from erp_core.portals.settling import COST
from erp_core.reports import books, paper_pdf, paper_sheet, registers
from erp_core.reports.books import Figure
from erp_core.reports.paper import MAKERS, Wanted, labels_in, paper

TODAY = date(2026, 11, 20)
APRIL = date(2026, 4, 1)


@pytest.fixture
def trade(run, ravi):
    """Ten phones at 100, three sold at 150 and 18 %, one broken; rent; part of the bill is paid."""
    gupta = UUID(run(add_customer, name="Gupta")["customer_id"])
    run(write_voucher, kind="capital", amount_paise=5_000_00)
    phone = run(
        add_stocked_product,
        name="Phone",
        price_paise=150_00,
        gst_rate="18",
        stock=Decimal(4),
        cost_paise=90_00,
    )
    phone = UUID(phone["product_id"])
    run(receive_stock, product_id=phone, quantity=Decimal(6), unit_cost_paise=100_00)
    order = run(
        create_order, customer_id=ravi, lines=[{"product_id": phone, "quantity": Decimal(3)}]
    )
    bill = run(invoice_order, order_id=UUID(order["order_id"]))
    run(change_status, order_id=UUID(order["order_id"]), status="delivered")
    run(remove_stock, product_id=phone, quantity=Decimal(1), reason="damaged")
    run(record_payment, customer_id=ravi, amount_paise=200_00, method="upi")
    run(record_payment, customer_id=gupta, amount_paise=75_00, method="cash")
    run(log_expense, amount_paise=120_00, item="rent", category="rent")
    run(write_voucher, kind="drawings", amount_paise=50_00)
    return {"phone": phone, "order": order, "bill": bill, "gupta": gupta}


def test_a_period_earns_what_it_sold_less_what_it_cost(bahi, business, trade):
    with bahi.read(business) as reader:
        found = books.profit_and_loss(reader, APRIL, TODAY)
        october = books.profit_and_loss(reader, APRIL, date(2026, 10, 31))
    assert found.sales == (Figure("SALES", 450_00),)
    assert found.direct == (Figure("COGS", 288_00), Figure("STOCK_LOSS", 96_00))
    assert found.expenses == (Figure("EXPENSE:rent", 120_00),)
    assert (found.revenue, found.direct_costs, found.gross, found.net) == (
        450_00,
        384_00,
        66_00,
        -54_00,
    )
    assert (found.opening_stock, found.closing_stock, found.unissued) == (360_00, 576_00, 0)
    assert october.empty


def test_what_is_owned_is_what_is_owed_and_what_is_ones_own(bahi, business, trade):
    with bahi.read(business) as reader:
        found = books.balance_sheet(reader, TODAY)
    assert found.assets == (
        Figure("CASH", 4_905_00),
        Figure("UPI_CLEARING", 200_00),
        Figure("RECEIVABLE", 331_00),
        Figure("INVENTORY", 576_00),
    )
    assert found.liabilities == (
        Figure("CUSTOMER_ADVANCES", 75_00),
        Figure("PURCHASES_PENDING", 600_00),
        Figure("OUTPUT_CGST", 40_50),
        Figure("OUTPUT_SGST", 40_50),
    )
    assert found.capital == (
        Figure("OPENING_EQUITY", 360_00),
        Figure("CAPITAL", 5_000_00),
        Figure("DRAWINGS", -50_00),
        Figure("YEARS_PROFIT", -54_00),
    )
    assert found.total_assets == found.total_liabilities + found.net_worth == 6_012_00


def test_the_balance_sheet_is_told_by_its_groups(run, bahi, business, trade):
    run(write_voucher, kind="asset_bought", amount_paise=900_00)
    run(write_voucher, kind="loan_taken", amount_paise=400_00)
    with bahi.read(business) as reader:
        drawn = paper(reader, Wanted("balance_sheet", TODAY, TODAY), "english")
    sums = [row.cells for row in drawn.rows if row.style != "plain"]
    assert sums == [
        ("Capital", None), ("Total", 5_256_00),
        ("Loans", None), ("Total", 400_00),
        ("Current liabilities", None), ("Total", 756_00),
        ("Total of capital and liabilities", 6_412_00),
        ("Fixed assets", None), ("Total", 900_00),
        ("Current assets", None), ("Total", 5_512_00),
        ("Total assets", 6_412_00),
    ]  # fmt: skip


def test_a_new_year_begins_with_nothing_earned_and_all_that_is_owned(database, business, clock):
    from erp_core.journal.context import Context

    def sale(ctx, on, paise):
        postings = [Posting("CASH", paise), Posting("SALES", -paise)]
        post(ctx, kind="sale", on=on, postings=postings)

    with database.tenant(business) as connection:
        ctx = Context(connection, business, SYSTEM, clock.now())
        sale(ctx, date(2025, 12, 31), 100_00)
        sale(ctx, date(2026, 3, 31), 20_00)
        sale(ctx, APRIL, 3_00)
        sheet = books.balance_sheet(ctx, TODAY)
        trial = {one.code: one for one in books.trial_balance(ctx, APRIL, TODAY)}
        march = books.balance_sheet(ctx, date(2026, 3, 31))
    assert sheet.capital == (Figure("EARLIER_PROFIT", 120_00), Figure("YEARS_PROFIT", 3_00))
    assert march.capital == (Figure("YEARS_PROFIT", 120_00),)
    assert (trial["CASH"].opening, trial["CASH"].closing) == (120_00, 123_00)
    assert (trial["SALES"].opening, trial["SALES"].closing) == (0, -3_00)
    assert trial["EARLIER_PROFIT"].closing == -120_00
    assert sum(one.closing for one in trial.values()) == 0


def test_goods_billed_and_not_handed_over_are_told_of(bahi, business, run, trade, ravi):
    line = {"product_id": trade["phone"], "quantity": Decimal(2)}
    order = run(create_order, customer_id=ravi, lines=[line])
    run(invoice_order, order_id=UUID(order["order_id"]))
    with bahi.read(business) as reader:
        assert books.profit_and_loss(reader, APRIL, TODAY).unissued == 192_00


def test_a_book_runs_on_from_what_was_there(bahi, business, trade):
    with bahi.read(business) as reader:
        cash = registers.account_book(reader, "CASH", TODAY, TODAY)
        later = registers.account_book(
            reader, "CASH", TODAY + timedelta(days=1), TODAY + timedelta(days=2)
        )
    assert [(one.told.kind, one.debit, one.credit, one.balance) for one in cash.lines] == [
        ("capital", 5_000_00, 0, 5_000_00),
        ("payment", 75_00, 0, 5_075_00),
        ("expense", 0, 120_00, 4_955_00),
        ("drawings", 0, 50_00, 4_905_00),
    ]
    assert (cash.opening, cash.debit, cash.credit, cash.closing) == (0, 5_075_00, 170_00, 4_905_00)
    assert cash.lines[1].told.party == "Gupta"
    assert cash.lines[2].told.text == "rent"
    assert (later.opening, later.closing, later.lines) == (4_905_00, 4_905_00, ())


def test_the_day_book_holds_every_entry(bahi, business, run, trade):
    run(cancel_invoice, invoice_id=UUID(trade["bill"]["invoice_id"]), reason="mistake")
    with bahi.read(business) as reader:
        found = registers.day_book(reader, TODAY, TODAY)
    bills = [one for one in found.entries if one.told.number == trade["bill"]["number"]]
    assert [(one.told.kind, one.paise, one.told.reason) for one in bills] == [
        ("invoice", 531_00, None),
        ("reversal", 531_00, "mistake"),
    ]
    assert found.count == len(found.entries) == 11


def test_too_many_entries_are_told_by_days_and_days_by_months(bahi, business, run, monkeypatch):
    for back in range(70):
        run(log_expense, amount_paise=100 + back, on=TODAY - timedelta(days=back))
    start = TODAY - timedelta(days=69)
    with bahi.read(business) as reader:
        single = registers.account_book(reader, "CASH", start, TODAY)
        monkeypatch.setattr(registers, "MOST_ENTRIES", 69)
        by_month = registers.account_book(reader, "CASH", start, TODAY)
        days = registers.day_book(reader, start, TODAY)
    assert (single.grain, len(single.lines)) == ("entry", 70)
    assert by_month.grain == days.grain == "month"
    assert [one.on for one in by_month.lines] == [date(2026, 9, 1), date(2026, 10, 1),
                                                  date(2026, 11, 1)]  # fmt: skip
    assert by_month.closing == single.closing == by_month.lines[-1].balance
    assert (days.count, days.paise) == (70, -single.closing)


def test_debts_are_told_by_age_and_sum_to_the_debtors(bahi, business, run, ravi, trade):
    for days, paise in ((0, 10_00), (30, 20_00), (31, 40_00), (60, 80_00), (61, 1_60_00), (91, 3)):
        run(give_credit, customer_id=ravi, amount_paise=paise, on=TODAY - timedelta(days=days))
    with bahi.read(business) as reader:
        owing = registers.ageing(reader)
        sheet = {one.account: one.debit - one.credit for one in books.ledger.trial_balance(reader)}
    assert [(one.name, one.bands, one.advance, one.oldest) for one in owing] == [
        # The payment of 200 has settled the bill of 531 in part: it was there first.
        ("Ravi Kumar", (361_00, 120_00, 160_00, 3), 0, TODAY - timedelta(days=91)),
        ("Gupta", (0, 0, 0, 0), 75_00, None),
    ]
    assert sum(one.paise for one in owing) == sheet["RECEIVABLE"]


def test_an_empty_shop_has_empty_books(bahi, business):
    with bahi.read(business) as reader:
        assert books.profit_and_loss(reader, APRIL, TODAY).empty
        assert books.balance_sheet(reader, TODAY).total_assets == 0
        assert books.trial_balance(reader, APRIL, TODAY) == []
        assert registers.ageing(reader) == []
        assert registers.day_book(reader, APRIL, TODAY).entries == ()
        with pytest.raises(Invalid, match="bad_period"):
            books.profit_and_loss(reader, TODAY, APRIL)


@pytest.mark.parametrize("role", ["staff", "customer"])
def test_the_books_are_not_for_everybody(bahi, business, role, ravi):
    actor = Actor("customer", ravi) if role == "customer" else Actor("user", UUID(int=1), role)
    with bahi.read(business, actor) as reader:
        for kind in (
            "profit_loss",
            "balance_sheet",
            "trial_balance",
            "day_book",
            "ledger",
            "stock",
        ):
            with pytest.raises(Forbidden):
                paper(reader, Wanted(kind, APRIL, TODAY), "english")
        own = paper(reader, Wanted("statement", APRIL, TODAY, party_id=ravi), "english")
    assert own.title == "Statement of Account: Ravi Kumar"


@pytest.mark.parametrize("language", ["english", "hindi", "hinglish"])
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_every_report_is_a_paper_and_a_sheet(bahi, business, trade, ravi, kind, language):
    with bahi.read(business) as reader:
        drawn = paper(reader, Wanted(kind, APRIL, TODAY, party_id=ravi), language)
        again = paper(reader, Wanted(kind, APRIL, TODAY, party_id=ravi), language)
    data = paper_pdf.draw(drawn)
    assert data == paper_pdf.draw(again)
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    if language != "hindi":
        text = document[0].get_textpage().get_text_range()
        assert drawn.title in text
        assert "Sharma Electronics" in text
    sheet = load_workbook(BytesIO(paper_sheet.draw(drawn))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0][0] == "Sharma Electronics"
    assert cells[4][: len(drawn.columns)] == [column.label for column in drawn.columns]
    assert len(cells) == 5 + len(drawn.rows)


def test_a_sheet_holds_numbers_and_no_formulas(bahi, business, run):
    customer = run(add_customer, name="=HYPERLINK(1)")
    run(give_credit, customer_id=UUID(customer["customer_id"]), amount_paise=1_23_456_78)
    with bahi.read(business) as reader:
        data = paper_sheet.draw(paper(reader, Wanted("ageing", TODAY, TODAY), "english"))
    row = next(load_workbook(BytesIO(data)).active.iter_rows(min_row=6))
    assert (row[0].value, row[0].data_type) == ("=HYPERLINK(1)", "s")
    assert row[6].value == 123456.78


def test_every_account_has_a_name_in_hindi():
    codes = [*chart.CHART, *(one.account for one in CATEGORIES.values()), COST]
    named = labels_in("hindi")["accounts"]
    assert [code for code in codes if code not in named] == []
