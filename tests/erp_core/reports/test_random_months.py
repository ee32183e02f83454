"""Months of random trade: whatever happened, the books hold, and others agree who can check them.

BAHI_HISTORIES=200 runs for longer.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from checkers import BEAN_CHECK, HLEDGER, check_beancount, check_hledger, check_tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from erp_core.expenses.service import log_expense
from erp_core.inventory.models import stock_movements
from erp_core.inventory.queries import stock_list, stock_value
from erp_core.inventory.service import (
    add_stocked_product,
    receive_stock,
    remove_stock,
    set_stock,
)
from erp_core.invoicing.equipment import owned, sell_equipment
from erp_core.invoicing.service import cancel_invoice, invoice_amount, invoice_order
from erp_core.journal.context import Reader
from erp_core.kernel.actor import SYSTEM
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError
from erp_core.ledger import chart, periods
from erp_core.ledger import queries as ledger
from erp_core.ledger.vouchers import reverse_voucher, transfer, write_voucher
from erp_core.orders.queries import orders_between
from erp_core.orders.service import change_status, create_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer, add_vendor
from erp_core.payments.service import give_credit, open_balance, record_payment
from erp_core.portals import apportioning
from erp_core.purchases import queries as buying
from erp_core.purchases.models import vendor_payments
from erp_core.purchases.paying import pay_vendor
from erp_core.purchases.returning import return_goods
from erp_core.purchases.service import record_bill
from erp_core.reports import books, registers
from erp_core.reports.exports import export
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.queries import summary
from erp_core.runtime import Bahi, default_listeners

HISTORIES = int(os.environ.get("BAHI_HISTORIES", "8"))
FIRST = date(2026, 2, 1)
LAST = date(2026, 6, 30)
NAMES = ('Ravi "Don" Kumar', "Ravi; Kumar", "रवि कुमार", "=Ravi & <Sons>", "1+1 (Stores)")

paise = st.integers(1, 500_000)
picks = st.integers(0, 1000)
deeds = st.one_of(
    st.tuples(st.just("sell"), picks, st.integers(1, 5), st.booleans()),
    st.tuples(st.just("sell"), picks, st.integers(1, 5), st.booleans()),
    st.tuples(st.just("bill"), picks, paise, st.booleans()),
    st.tuples(st.just("cancel"), picks, paise, st.booleans()),
    st.tuples(st.just("return"), picks, paise, st.booleans()),
    st.tuples(st.just("pay"), picks, paise, st.booleans()),
    st.tuples(st.just("credit"), picks, paise, st.booleans()),
    st.tuples(st.just("spend"), picks, paise, st.booleans()),
    st.tuples(st.just("sell equipment"), picks, paise, st.booleans()),
    st.tuples(st.just("receive"), picks, paise, st.booleans()),
    st.tuples(st.just("buy"), picks, paise, st.booleans()),
    st.tuples(st.just("buy"), picks, paise, st.booleans()),
    st.tuples(st.just("send back"), picks, paise, st.booleans()),
    st.tuples(st.just("pay vendor"), picks, paise, st.booleans()),
    st.tuples(st.just("lose"), picks, paise, st.booleans()),
    st.tuples(st.just("count"), picks, st.integers(0, 40), st.booleans()),
    st.tuples(st.just("voucher"), picks, paise, st.booleans()),
    st.tuples(st.just("undo"), picks, paise, st.booleans()),
    st.tuples(st.just("lock"), picks, paise, st.booleans()),
)
histories = st.lists(
    st.tuples(st.integers(0, (LAST - FIRST).days), deeds), min_size=15, max_size=60
)
numbers = itertools.count(1)


class Shop:
    """A shop whose clock goes from one deed to the next."""

    def __init__(self, bahi: Bahi) -> None:
        self.database = bahi.database
        self.keys = itertools.count()
        self.on = FIRST
        name = f"months-{next(numbers)}"
        new = NewBusiness('Sharma "Ji"; & Sons', name, "27", gstin="27AAPFU0939F1ZV")
        self.business = register_business(bahi.database, self.clock(), new)
        self.customers = [
            UUID(self.run(add_customer, name=one, state="27")["customer_id"]) for one in NAMES
        ]
        self.run(open_balance, customer_id=self.customers[0], balance_paise=1_234_56)
        self.run(open_balance, customer_id=self.customers[1], balance_paise=-99_01)
        self.goods = [
            UUID(
                self.run(
                    add_stocked_product,
                    name=f"Thing {rate}",
                    price_paise=price,
                    gst_rate=rate,
                    stock=Decimal(20),
                    cost_paise=price * 2 // 3,
                )["product_id"]
            )
            for rate, price in (("5", 33_33), ("18", 799_90))
        ]
        self.vendors = [
            UUID(self.run(add_vendor, name=name, gstin=gstin)["vendor_id"])
            for name, gstin in (
                ("Metro; Traders", "27AAACR5055K1Z7"),
                ('Bengaluru "Mobiles"', "29AAACR5055K1Z3"),
                ("V & Sons", None),
            )
        ]
        self.orders: list[UUID] = []
        self.invoices: list[UUID] = []
        self.vouchers: list[UUID] = []

    def clock(self) -> Clock:
        return Clock.starting(datetime(self.on.year, self.on.month, self.on.day, 6,
                                       tzinfo=timezone.utc).isoformat())  # fmt: skip

    def run(self, command: Any, **arguments: Any) -> Any:
        bahi = Bahi(self.database, self.clock(), listeners=default_listeners())
        return bahi.run(self.business, SYSTEM, f"k{next(self.keys)}", command, **arguments)

    def do(self, deed: str, pick: int, paise: int, yes: bool) -> None:
        """What cannot be done (no stock, books closed, cancelled twice) is left undone."""
        customer = self.customers[pick % len(self.customers)]
        product = self.goods[pick % len(self.goods)]
        back = self.on - timedelta(days=pick % 40) if yes else self.on
        if deed == "sell":
            line = {"product_id": product, "quantity": Decimal(paise)}
            order = UUID(self.run(create_order, customer_id=customer, lines=[line])["order_id"])
            self.orders.append(order)
            done = self.run(invoice_order, order_id=order)
            self.invoices.append(UUID(done["invoice_id"]))
            if yes:
                self.run(change_status, order_id=order, status="delivered")
        elif deed == "bill":
            done = self.run(invoice_amount, customer_id=customer, amount_paise=paise)
            self.invoices.append(UUID(done["invoice_id"]))
        elif deed == "cancel" and self.invoices:
            one = self.invoices[pick % len(self.invoices)]
            self.run(cancel_invoice, invoice_id=one, reason="mistake")
        elif deed == "return" and self.orders:
            one = self.orders[pick % len(self.orders)]
            self.run(change_status, order_id=one, status="returned")
        elif deed == "pay":
            method = ("cash", "upi", "bank_transfer", "cheque")[pick % 4]
            self.run(
                record_payment, customer_id=customer, amount_paise=paise, method=method, on=back
            )
        elif deed == "credit":
            self.run(give_credit, customer_id=customer, amount_paise=paise, on=back)
        elif deed == "spend":
            item = ("chai; nashta", 'rent "dukaan"', "ghar ka kharcha", "laptop")[pick % 4]
            self.run(
                log_expense, amount_paise=paise, item=item, vendor="V; Traders", on=back,
                gst_paise=paise * 18 // 118 if yes else 0,
            )  # fmt: skip
        elif deed == "sell equipment":
            self.sell_equipment(customer, paise, paid=yes)
        elif deed == "receive":
            self.run(
                receive_stock,
                product_id=product,
                quantity=Decimal(1 + pick % 9),
                unit_cost_paise=paise,
            )
        elif deed == "buy":
            self.buy(pick, paise, back, yes=yes)
        elif deed == "send back":
            back_goes = [{"product_id": str(product), "quantity": str(1 + pick % 3)}]
            self.run(return_goods, vendor_id=self.vendors[pick % 3], lines=back_goes)
        elif deed == "pay vendor":
            vendor = None if pick % 5 == 0 else self.vendors[pick % 3]
            self.run(pay_vendor, vendor_id=vendor, amount_paise=paise, method="upi", on=back)
        elif deed == "lose":
            reason = ("damaged", "own_use")[yes]
            self.run(remove_stock, product_id=product, quantity=Decimal(1), reason=reason)
        elif deed == "count":
            self.run(set_stock, product_id=product, quantity=Decimal(paise))
        elif deed == "voucher" and yes:
            kind = ("capital", "drawings", "loan_taken", "bank_charges", "depreciation")[pick % 5]
            done = self.run(write_voucher, kind=kind, amount_paise=paise, account="BANK", on=back)
            self.vouchers.append(UUID(done["voucher_id"]))
        elif deed == "voucher":
            self.run(transfer, amount_paise=paise, source="CASH", target="BANK")
        elif deed == "undo" and self.vouchers:
            one = self.vouchers[pick % len(self.vouchers)]
            self.run(reverse_voucher, voucher_id=one, reason="mistake")
        elif deed == "lock" and yes:
            self.run(periods.lock_books, until=self.on.replace(day=1) - timedelta(days=1))

    def sell_equipment(self, customer: UUID, paise: int, *, paid: bool) -> None:
        with Bahi(self.database, self.clock()).read(self.business) as reader:
            here = owned(reader)
        if here:
            done = self.run(
                sell_equipment, expense_id=here[0].expense_id, customer_id=customer,
                amount_paise=paise, method="cash" if paid else None,
            )  # fmt: skip
            self.invoices.append(UUID(done["invoice_id"]))

    def buy(self, pick: int, paise: int, on: date, *, yes: bool) -> None:
        """Two lines of a bill, with and without charges, tax in the price, and reverse charge."""
        lines = [
            {"product_id": str(one), "quantity": str(1 + pick % 7), "unit_price_paise": paise // at}
            for at, one in enumerate(self.goods, start=1)
        ]
        self.run(
            record_bill,
            vendor_id=self.vendors[pick % 3],
            lines=lines[: 1 + pick % 2],
            inclusive=yes,
            freight_paise=pick % 4 * 333,
            charges_paise=pick % 3 * 1_001,
            reverse_charge=pick % 11 == 0,
            paid_by="bank_transfer" if pick % 6 == 0 else None,
            on=on,
        )


@pytest.mark.timeout(0 if "BAHI_HISTORIES" in os.environ else 1800)
@settings(
    max_examples=HISTORIES, database=None, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(history=histories)
def test_the_books_hold_after_any_months_of_trade(bahi, tmp_path_factory, history):
    shop = Shop(bahi)
    for days, (deed, pick, amount, yes) in sorted(history, key=lambda one: one[0]):
        shop.on = FIRST + timedelta(days=days)
        with suppress(BahiError):
            shop.do(deed, pick, amount, yes)
    shop.on = LAST
    with Bahi(shop.database, shop.clock()).read(shop.business) as reader:
        _the_books_balance(reader)
        _stock_equals_movements(reader)
        _each_profit_ties_to_the_balance_sheet(reader)
        _debts_sum_to_the_debtors(reader)
        _purchases_explain_what_is_owed_and_set_off(reader)
        _equipment_is_worth_no_more_than_it_cost(reader)
        _books_end_where_they_should(reader)
        _summaries_tell_what_the_postings_do(reader)
        _others_agree(reader, tmp_path_factory.mktemp("books"))


def _the_books_balance(reader: Reader) -> None:
    for end in _month_ends():
        assert sum(one.debit - one.credit for one in ledger.trial_balance(reader, until=end)) == 0
        rows = books.trial_balance(reader, books.year_start(end), end)
        assert sum(one.opening for one in rows) == sum(one.closing for one in rows) == 0
        assert sum(one.debit for one in rows) == sum(one.credit for one in rows)


def _stock_equals_movements(reader: Reader) -> None:
    c = stock_movements.c
    moved = reader.connection.execute(
        select(c.product_id, func.sum(c.delta), func.sum(c.value_paise))
        .where(c.business_id == reader.business_id)
        .group_by(c.product_id)
    )
    found = {row[0]: (row[1], int(row[2])) for row in moved}
    assert found == {one.product_id: (one.on_hand, one.value_paise) for one in stock_list(reader)}
    assert stock_value(reader) == ledger.balance_of(reader, chart.INVENTORY)


def _each_profit_ties_to_the_balance_sheet(reader: Reader) -> None:
    """What a month earned is by how much the net worth grew, but for what the owner moved."""
    before, start = 0, FIRST - timedelta(days=90)
    for end in _month_ends():
        sheet = books.balance_sheet(reader, end)
        assert sheet.total_assets == sheet.total_liabilities + sheet.net_worth
        earned = sum(
            one.paise
            for one in sheet.capital
            if one.code in (books.EARLIER_PROFIT, books.YEARS_PROFIT)
        )
        month = books.profit_and_loss(reader, start, end)
        assert month.net == earned - before
        stock = {one.code: one.paise for one in sheet.assets}.get(chart.INVENTORY, 0)
        assert month.closing_stock == stock
        before, start = earned, end + timedelta(days=1)


def _debts_sum_to_the_debtors(reader: Reader) -> None:
    owing = registers.ageing(reader)
    parties = dict(ledger.party_balances(reader, chart.RECEIVABLE))
    assert {one.customer_id: one.paise for one in owing if one.paise} == parties
    assert sum(parties.values()) == ledger.balance_of(reader, chart.RECEIVABLE)


def _purchases_explain_what_is_owed_and_set_off(reader: Reader) -> None:
    """Bills less notes and payments are the creditors; their tax is in GSTR-3B, month by month."""
    ever = (date(2000, 1, 1), LAST)
    bills = buying.bills_between(reader, *ever)
    owed: Counter[UUID] = Counter()
    for one in bills:
        owed[one.vendor_id] += one.sign * one.total
        assert one.taxable + one.round_off + (0 if one.reverse_charge else one.tax) == one.total
        assert sum(line.tax for line in one.lines) == one.tax
        assert sum(line.charges for line in one.lines) == one.charges
    payments = select(vendor_payments).where(vendor_payments.c.business_id == reader.business_id)
    for paid in reader.connection.execute(payments):
        if paid.vendor_id:
            owed[paid.vendor_id] -= paid.amount_paise
    found = {one.vendor_id: one.paise for one in buying.payables(reader)}
    assert found == {vendor: paise for vendor, paise in owed.items() if paise}
    assert sum(found.values()) == -ledger.balance_of(reader, chart.PAYABLE)
    for end in _month_ends():
        month = gstr3b(reader, end)
        credit = sum(
            one.sign * one.tax
            for one in bills
            if one.input_credit and (one.on.year, one.on.month) == (end.year, end.month)
        )
        spent = sum(
            paise
            for head in ("INPUT_CGST", "INPUT_SGST", "INPUT_IGST")
            for entry in ledger.movements(reader, head, start=end.replace(day=1), until=end)
            if entry.source_kind != "purchase"
            for paise in [entry.paise]
        )
        shared = sum(part.tax for part in month.apportioned.values())
        assert month.input_tax.tax + shared == credit + spent
        assert apportioning._sold(reader, end.replace(day=1), end).exempt == month.nil


def _equipment_is_worth_no_more_than_it_cost(reader: Reader) -> None:
    here = owned(reader)
    assert all(0 <= one.book_value <= one.cost for one in here)
    written_down = ledger.balance_of(reader, chart.expense_account("depreciation"))
    cost = sum(one.cost for one in here)
    assert ledger.balance_of(reader, chart.FIXED_ASSETS) >= cost - written_down


def _books_end_where_they_should(reader: Reader) -> None:
    for code, paise in ledger.account_balances(reader).items():
        book = registers.account_book(reader, code, FIRST - timedelta(days=90), LAST)
        assert book.closing == paise
        assert (book.lines[-1].balance if book.lines else book.opening) == paise
    for customer, paise in ledger.party_balances(reader, chart.RECEIVABLE):
        may = registers.account_book(
            reader, chart.RECEIVABLE, date(2026, 5, 1), LAST, party_id=customer
        )
        assert may.closing == paise


def _summaries_tell_what_the_postings_do(reader: Reader) -> None:
    """Read from indexes of documents; here posting by posting and order by order."""
    for end in _month_ends():
        start = end.replace(day=1)
        found = summary(reader, start, end)
        posted = [
            one
            for one in ledger.movements(reader, chart.RECEIVABLE, start=start, until=end)
            if one.source_kind in ("invoice", "note")
        ]
        assert found.sales.paise == sum(one.paise for one in posted)
        assert found.sales.count == sum(
            -1 if one.kind == "reversal" else 1 for one in posted if one.source_kind == "invoice"
        )
        days: Counter[date] = Counter()
        for one in posted:
            days[one.on] += one.paise
        assert {one.on: one.sales for one in found.daily if one.sales} == {
            on: paise for on, paise in days.items() if paise
        }
        assert found.sales_tax == -sum(
            one.paise
            for account in ledger.account_balances(reader)
            if account.startswith("OUTPUT_")
            for one in ledger.movements(reader, account, start=start, until=end)
            if one.source_kind in ("invoice", "note")
        )
        sold: dict[UUID, list[Any]] = {}
        for order in orders_between(reader, start, end):
            if order.status in ("pending", "cancelled", "returned"):
                continue
            for line in order.lines:
                sums = sold.setdefault(line.product_id, [0, 0])
                sums[0] += line.quantity
                sums[1] += line.taxable_paise
        best = {one.product_id: [one.quantity, one.paise] for one in found.best_sellers}
        assert best == sold


def _others_agree(reader: Reader, folder: Any) -> None:
    for start in (None, date(2026, 4, 1)):
        texts = {
            to: "".join(export(reader, to, start=start)) for to in ("beancount", "hledger", "tally")
        }
        if BEAN_CHECK.exists():
            check_beancount(texts["beancount"], folder)
        if HLEDGER:
            check_hledger(texts["hledger"], folder)
        balances = Counter(check_tally(texts["tally"]).values())
        ours = Counter(_leaves(reader, start).values())
        assert balances == ours


def _leaves(reader: Reader, start: date | None) -> dict[Any, int]:
    """The balances at the end, by party where an account is kept so."""
    earlier = 0
    found: dict[Any, int] = {}
    before = ledger.account_balances(reader, until=start - timedelta(days=1)) if start else {}
    for code, paise in ledger.account_balances(reader).items():
        if chart.account(code).by_party:
            found |= dict(ledger.party_balances(reader, code))
        elif chart.account(code).nominal:
            earlier += before.get(code, 0)
            found[code] = paise - before.get(code, 0)
        else:
            found[code] = paise
    found["earlier"] = earlier
    return {one: paise for one, paise in found.items() if paise}


def _month_ends() -> Iterator[date]:
    for month in range(2, 7):
        yield date(2026, month + 1, 1) - timedelta(days=1)


@pytest.mark.skipif(not BEAN_CHECK.exists(), reason="beancount is not installed")
def test_beancount_is_asked() -> None:
    """So that a run without the checker is seen as one."""


@pytest.mark.skipif(not HLEDGER, reason="hledger is not installed")
def test_hledger_is_asked() -> None:
    """So that a run without the checker is seen as one."""
