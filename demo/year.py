"""A year of trade of one of the five shops, and the papers that its accountant gets.

    python -m demo.year kirana [--days 365] [--pace 1] [--to FOLDER]

The shop is loaded into a database of its own. Day by day it sells at the counter and on khata,
buys what runs low, pays, is paid, takes goods back, breaks some, banks its takings, pays rent,
wages and the tax of its returns: all by the commands that the chat uses, from one seed. Then the
books are held against each other (`faults`), and written to a folder: returns, e-way bills, bills,
books and statements, and the books for beancount, hledger and Tally. With a pace of 0.1 a tenth is
sold and spent in as long a time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml

from erp_core.catalogue.queries import Product, all_products
from erp_core.catalogue.service import change_price
from erp_core.cli import shop_file, shop_load
from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.expenses.service import log_expense
from erp_core.inventory.queries import stock_list, stock_value
from erp_core.inventory.service import damage_stock, write_off_expired
from erp_core.invoicing import pdf
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.queries import invoices_between
from erp_core.invoicing.service import bill_goods, cancel_invoice, invoice_order, sell_at_counter
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.clock import INDIA, Clock
from erp_core.kernel.money import parse_rupees
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.vouchers import transfer, write_voucher
from erp_core.orders.service import cancel_order, change_status, create_order
from erp_core.parties.queries import Customer, all_customers, all_users
from erp_core.parties.service import add_vendor, walk_in
from erp_core.payments.queries import all_balances, balances
from erp_core.payments.returns import refund_customer
from erp_core.payments.service import record_payment
from erp_core.portals import eway
from erp_core.portals.amending import correct_buyer
from erp_core.portals.apportioning import apportion
from erp_core.portals.periods import month_of
from erp_core.portals.settling import provide_composition_tax, settle_return
from erp_core.purchases.paying import pay_vendor
from erp_core.purchases.queries import payables
from erp_core.purchases.returning import return_goods
from erp_core.purchases.reversing import review_credit
from erp_core.purchases.service import record_bill
from erp_core.reports import books, exports, paper, paper_pdf, paper_sheet, registers
from erp_core.reports.gst import behind, portal_files, workbooks
from erp_core.reports.gst.composition import cmp08, gstr4, is_under_composition
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.runtime import Bahi, default_listeners

FOLDER = Path(__file__).resolve().parent
RUPEE = 100
YEAR = date(2025, 4, 1)
"""The first day: the year has the change of rates of 22 September 2025 and that of 1 February."""

_NOT_IN_NAMES = re.compile(r"[:/\s]+")

OPENS = time(10)
FLOAT = 5_000_00
"""What stays in the till when the takings go to the bank."""
WORTH_CARRYING = 500_00
CARD_FEE = 118
"""What the bank keeps of what came by card, in basis points, its tax in it."""
RETURN_PAID, STATEMENT_PAID = 20, 18
"""The days of the month on which a month's tax, and under composition a quarter's, is paid."""
DEPRECIATION = 15
"""Per cent in a year."""
NAMED_FROM = 40_000_00
"""Before tax; with it the bill may come to more than ₹50,000."""

SELDOM = 0.2
DEAR = 1_500_00
"""Nobody drops goods from this price on."""

STOCKED_UP = 4
"""So many times its reorder level does a shop buy of what runs low."""


class Calendar(Clock):
    """A clock that stands on a day; each look at it is a second later."""

    def __init__(self, day: date) -> None:
        super().__init__()
        self.turn_to(day)

    def turn_to(self, day: date) -> None:
        """Go to a day's morning."""
        self._now = datetime.combine(day, OPENS, tzinfo=ZoneInfo(INDIA))

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class Trade:
    """One shop's year; `bahi` is on a Calendar."""

    bahi: Bahi
    business_id: int
    habits: Mapping[str, Any]
    chance: random.Random
    pace: float = 1
    since: date = YEAR
    owner: Actor = field(init=False)
    products: Sequence[Product] = field(init=False)
    people: Sequence[Customer] = field(init=False)
    vendors: dict[UUID, Sequence[str]] = field(default_factory=dict)
    repairs: list[tuple[date, UUID]] = field(default_factory=list)
    paid_in: dict[UUID, Sequence[int]] = field(default_factory=dict)
    bought: dict[UUID, str] = field(default_factory=dict)
    stock: dict[UUID, Decimal] = field(default_factory=dict)
    counter: UUID = field(init=False)
    composition: bool = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        with self.read() as reader:
            user = next(one for one in all_users(reader) if one.role == "owner")
            self.owner = Actor("user", user.id, "owner")
            self.products = all_products(reader)
            self.people = all_customers(reader)
            self.composition = is_under_composition(reader)
        self.counter = UUID(self.do(walk_in)["customer_id"])
        for given in self.habits["vendors"]:
            vendor_id = self._add_vendor(given)
            self.vendors[vendor_id] = given["goods"]
            if "paid_in" in given:
                self.paid_in[vendor_id] = given["paid_in"]
        for spent in self.habits["monthly"]:
            if "to" in spent:
                self._add_vendor(spent["to"])

    def _add_vendor(self, given: Mapping[str, Any]) -> UUID:
        vendor = {name: given[name] for name in ("name", "gstin", "state") if name in given}
        return UUID(self.do(add_vendor, **vendor)["vendor_id"])

    def open(self) -> None:
        """What the owner begins with."""
        begins = self.habits["opens_with"]
        self._write("capital", begins["capital"] * RUPEE)
        self.do(transfer, amount_paise=FLOAT, source=chart.BANK, target=chart.CASH)
        self._write("asset_bought", begins["asset"] * RUPEE)

    def _write(self, kind: str, amount: int, account: str = chart.BANK) -> None:
        if amount:
            self.do(write_voucher, kind=kind, amount_paise=amount, account=account)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """The books as the owner sees them."""
        with self.bahi.read(self.business_id) as reader:
            yield reader

    def do(self, command: Any, **arguments: Any) -> Any:
        """A command of the owner's."""
        self._count += 1
        key = f"year:{self._count}"
        return self.bahi.run(self.business_id, self.owner, key, command, **arguments)

    def day(self) -> None:
        """Morning to evening."""
        today = self.bahi.clock.today()
        self._change(today)
        self._buy(today)
        for _ in range(self._bills()):
            self._sell()
        self._collect()
        if self.habits.get("repairs"):
            self._repair(today)
        if today.day == 20 and today.month in self.habits.get("corrects", {}).get("months", []):
            self._correct(today)
        self._spend(today)
        self._lose(today)
        if today.day == self.habits.get("sends_back"):
            self._send_back()
        if today.weekday() == 0:
            self._bank()
        if today.day == 10:
            self._settle(today.month)
        self._pay_tax(today)
        if (today.month, today.day) == (3, 31):
            asset = self.habits["opens_with"]["asset"] * RUPEE
            self._write("depreciation", asset * DEPRECIATION // 100)

    def _bills(self) -> int:
        """How many today: of a pace that is no whole number the rest is a chance."""
        wanted = self._about(100 * self.habits["bills"]) * self.pace / 100
        return int(wanted) + (self.chance.random() < wanted % 1)

    def _change(self, today: date) -> None:
        """Prices and costs that change on this day."""
        changed = {one.sku: one for one in self.products}
        for sku, price in self.habits.get("prices", {}).get(today, {}).items():
            rupees = parse_rupees(price)
            self.do(change_price, product_id=changed[sku].id, price_paise=rupees)
            changed[sku] = replace(changed[sku], price_paise=rupees)
        for sku, cost in self.habits.get("costs", {}).get(today, {}).items():
            changed[sku] = replace(changed[sku], cost_paise=parse_rupees(cost))
        self.products = list(changed.values())

    def _sell(self) -> None:
        lines = self._basket(self.stock)
        if not lines:
            return
        for one in lines:
            self.stock[UUID(one["product_id"])] -= Decimal(one["quantity"])
        if self.chance.random() * 100 >= self.habits["on_khata"]:
            buyer = self._at_counter(lines)
            method = self.chance.choice(["cash", "cash", "upi", "card"])
            issued = self.do(sell_at_counter, customer_id=buyer, lines=lines, method=method)
        else:
            buyer = self.chance.choice(self.people).id
            issued = self.do(bill_goods, customer_id=buyer, lines=lines)
            if self.chance.random() * 100 < self.habits["cancelled"]:
                self.do(cancel_invoice, invoice_id=UUID(issued["invoice_id"]), reason="mistake")
                self.do(cancel_order, order_id=UUID(issued["order_id"]), reason="mistake")
                return
            self.do(change_status, order_id=UUID(issued["order_id"]), status="delivered")
        if self.chance.random() * 1000 < self.habits["back"]:
            self._take_back(issued, buyer)

    def _take_back(self, issued: Mapping[str, Any], buyer: UUID) -> None:
        """One piece comes back; whoever paid at the counter gets the money there."""
        back = {"reason": "returned", "back": {"1": "1"}, "goods_back": True}
        noted = self.do(credit_invoice, invoice_id=UUID(issued["invoice_id"]), **back)
        if buyer == self.counter:
            method = "cash" if noted["total"] < FLOAT // 2 else "bank_transfer"
            refund = {"customer_id": buyer, "amount_paise": noted["total"]}
            self.do(refund_customer, **refund, method=method)

    def _at_counter(self, lines: Sequence[Mapping[str, str]]) -> UUID:
        """Who pays at once; a bill of over ₹50,000 must name its buyer (rule 46)."""
        prices = {str(one.id): one.price_paise for one in self.products}
        if sum(prices[one["product_id"]] * int(one["quantity"]) for one in lines) > NAMED_FROM:
            return self.chance.choice(self.people).id
        return self.counter

    def _basket(self, stock: Mapping[UUID, Decimal]) -> list[dict[str, str]]:
        wanted = self.chance.sample(
            list(self.products),
            min(len(self.products), self.chance.randint(1, self.habits["lines"])),
        )
        pieces = {one.id: self.chance.randint(1, self.habits["pieces"]) for one in wanted}
        return [
            {"product_id": str(one.id), "quantity": str(pieces[one.id])}
            for one in wanted
            if stock.get(one.id, Decimal(0)) >= pieces[one.id]
            and (one.sku not in self.habits.get("seldom", []) or self.chance.random() < SELDOM)
        ]

    def _buy(self, today: date) -> None:
        with self.read() as reader:
            there = stock_list(reader)
        self.stock = {one.product_id: one.available for one in there}
        short = {
            one.product_id for one in there
            if one.reorder_level is not None and one.available <= one.reorder_level
        }  # fmt: skip
        if today.day == self.habits.get("scheme"):
            short.add(self.chance.choice(there).product_id)
        named = {sku for goods in self.vendors.values() if goods != "rest" for sku in goods}
        for vendor_id, goods in self.vendors.items():
            lines = [
                self._bought(one, today)
                for one in self.products
                if one.id in short
                and (one.sku not in named if goods == "rest" else one.sku in goods)
            ]
            if lines:
                number = f"B{self._count}"
                self.do(record_bill, vendor_id=vendor_id, number=number, lines=lines)
                self.bought[vendor_id] = lines[0]["product_id"]

    def _bought(self, product: Product, today: date) -> dict[str, Any]:
        line: dict[str, Any] = {
            "product_id": str(product.id),
            "quantity": str(int((product.reorder_level or 1) * STOCKED_UP)),
            "unit_price_paise": self._about(product.cost_paise or 100, spread=0.03),
        }
        self.stock[product.id] += Decimal(line["quantity"])
        if months := self.habits.get("expires"):
            days = 30 * self.chance.randint(months // 2, months)
            if today.day == self.habits["scheme"]:
                days = self.chance.randint(20, 40)
            expires = today + timedelta(days=days)
            line |= {"expires_on": expires.isoformat(), "batch": f"B{self._count}"}
        return line

    def _send_back(self) -> None:
        """One piece of what came last goes back to its vendor."""
        for vendor_id, product_id in self.bought.items():
            if self.stock[UUID(product_id)] >= 1:
                line = {"product_id": product_id, "quantity": "1"}
                self.do(return_goods, vendor_id=vendor_id, lines=[line])
                self.stock[UUID(product_id)] -= 1

    def _lose(self, today: date) -> None:
        reason = self.habits.get("lost", {}).get(today.day)
        there = [
            one.id for one in self.products
            if one.reorder_level and self.stock[one.id] >= 1 and one.price_paise < DEAR
        ]  # fmt: skip
        if reason and there:
            gone = self.chance.choice(there)
            self.do(damage_stock, product_id=gone, quantity=Decimal(1), reason=reason)
            self.stock[gone] -= 1
        if self.habits.get("expires") and today.day == 1:
            self.do(write_off_expired)

    def _spend(self, today: date) -> None:
        if today.day == 1:
            self.do(review_credit)
        for spent in self.habits.get("weekly", []) if today.weekday() == 0 else ():
            amount = self._of_pace(self._about(spent["rupees"])) * RUPEE
            facts = {"item": spent["item"], "category": spent["category"]}
            self.do(log_expense, amount_paise=amount, **facts, method="upi")
        for spent in self.habits["monthly"]:
            if today.day == spent["day"]:
                self._pay_monthly(spent)
        if today.day == 5:
            self._write("drawings", self._of_pace(self.habits["drawings"]) * RUPEE)

    def _pay_monthly(self, spent: Mapping[str, Any]) -> None:
        rupees = self._of_pace(spent["rupees"])
        tax = rupees * spent.get("gst", 0)
        facts = {"item": spent["item"], "category": spent["category"], "gst_paise": tax}
        if "to" in spent:
            facts["vendor"] = spent["to"]["name"]
        amount = rupees * RUPEE + tax
        self.do(log_expense, amount_paise=amount, **facts, method="bank_transfer")

    def _bank(self) -> None:
        """The takings of a week go to the bank: cash beyond the float, UPI, cards, cheques."""
        with self.read() as reader:
            there = {one.code: one.paise for one in books.money(reader)}
        there[chart.CASH] = max(0, there.get(chart.CASH, 0) - FLOAT) // RUPEE * RUPEE
        if (cards := there.get(chart.CARD_CLEARING, 0)) >= WORTH_CARRYING:
            fee = cards * CARD_FEE // 10_000
            self._write("bank_charges", fee, chart.CARD_CLEARING)
            there[chart.CARD_CLEARING] = cards - fee
        for source in (chart.CASH, chart.UPI_CLEARING, chart.CARD_CLEARING, chart.CHEQUES_IN_HAND):
            if there.get(source, 0) >= WORTH_CARRYING:
                moved = {"source": source, "target": chart.BANK}
                self.do(transfer, amount_paise=there[source], **moved)

    def _pay_tax(self, today: date) -> None:
        composition = self.composition
        before = today.replace(day=1) - timedelta(days=1)
        if (today + timedelta(days=1)).day == 1:
            if not composition:
                self.do(apportion, month=today)
            elif today.month % 3 == 0:
                self.do(provide_composition_tax, month=today)
        if before < self.since or (composition and before.month % 3):
            return
        if today.day == (STATEMENT_PAID if composition else RETURN_PAID):
            self.do(settle_return, month=before)

    def _collect(self) -> None:
        """Some of those who owe bring some of it."""
        with self.read() as reader:
            owing = balances(reader)
        for customer, due in owing:
            if due > 0 and self.chance.random() < 0.1:
                amount = due if self.chance.random() < 0.6 else max(1, due // 2)
                method = self.chance.choice(["cash", "upi", "bank_transfer", "cheque"])
                self.do(record_payment, customer_id=customer.id, amount_paise=amount, method=method)

    def _repair(self, today: date) -> None:
        """Bill what was taken in four days ago; take in another with a part of its price."""
        for taken_in, order_id in [one for one in self.repairs if one[0] <= today]:
            self.repairs.remove((taken_in, order_id))
            self.do(invoice_order, order_id=order_id)
            self.do(change_status, order_id=order_id, status="delivered")
        if self.chance.random() * 100 < self.habits["repairs"]:
            buyer = self.chance.choice(self.people)
            service = next(one for one in self.products if one.sku == "REPAIR")
            lines = [{"product_id": str(service.id), "quantity": "1"}]
            order = self.do(create_order, customer_id=buyer.id, lines=lines)
            self.repairs.append((today + timedelta(days=4), UUID(order["order_id"])))
            advance = {"customer_id": buyer.id, "amount_paise": self._about(500_00)}
            self.do(record_payment, **advance, method="upi")

    def _correct(self, today: date) -> None:
        """The last bill to a business of the month before last gets another GSTIN."""
        end = (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
        with self.read() as reader:
            bills = [
                one for one in invoices_between(reader, end.replace(day=1), end)
                if one.customer_gstin and one.kind == "tax_invoice"
            ]  # fmt: skip
        if bills:
            gstin = self.habits["corrects"]["gstin"]
            self.do(correct_buyer, invoice_id=bills[-1].id, gstin=gstin)

    def _settle(self, month: int) -> None:
        with self.read() as reader:
            owed = payables(reader)
            there = {one.code: one.paise for one in books.money(reader)}.get(chart.BANK, 0)
        for one in owed:
            paid = min(one.paise, there // 2)
            if paid > 0 and month in self.paid_in.get(one.vendor_id, range(1, 13)):
                paying = {"vendor_id": one.vendor_id, "amount_paise": paid}
                self.do(pay_vendor, **paying, method="bank_transfer")
                there -= paid

    def _of_pace(self, rupees: int) -> int:
        return max(1, round(rupees * self.pace))

    def _about(self, amount: int, spread: float = 0.4) -> int:
        return max(1, round(amount * self.chance.uniform(1 - spread, 1 + spread)))


def trade(
    bahi: Bahi,
    business_id: int,
    habits: Mapping[str, Any],
    days: int,
    seed: int,
    *,
    pace: float = 1,
) -> Trade:
    """Trade so many days from the calendar's on; the shop is left at the evening of the last."""
    calendar = bahi.clock
    assert isinstance(calendar, Calendar)
    first = calendar.today()
    shop = Trade(bahi, business_id, habits, random.Random(seed), pace=pace, since=first)
    shop.open()
    for day in range(days):
        calendar.turn_to(first + timedelta(days=day))
        shop.day()
    return shop


def months(first: date, last: date) -> Iterator[date]:
    """The first day of each month that the period touches."""
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _overdrawn(reader: Reader, account: str) -> Iterator[str]:
    """The first day on which an account held less than nothing."""
    held = 0
    for day, debit, credit in sorted(ledger.turnover_by_day(reader, account)):
        held += debit - credit
        if held < 0:
            yield f"{chart.account(account).name} holds less than nothing on {day}"
            return


def faults(reader: Reader, first: date, last: date) -> list[str]:
    """What an accountant would have to correct; empty in books that hold."""
    found = []
    rows = ledger.trial_balance(reader)
    if sum(one.debit for one in rows) != sum(one.credit for one in rows):
        found.append("the trial balance does not balance")
    if stock_value(reader) != ledger.balance_of(reader, chart.INVENTORY):
        found.append("the stock is not worth what the books say")
    owed = sum(all_balances(reader).values())
    if owed != ledger.balance_of(reader, chart.RECEIVABLE):
        found.append("the customers do not owe what the books say")
    if sum(one.paise for one in registers.ageing(reader)) != owed:
        found.append("the debts by age are not what the customers owe")
    sheet = books.balance_sheet(reader, last)
    if sheet.total_assets != sheet.total_liabilities + sheet.net_worth:
        found.append("the two sides of the balance sheet differ")
    for account in (*chart.MONEY, chart.GST_CASH):
        found += _overdrawn(reader, account)
    for bill in invoices_between(reader, first, last):
        if sum(line.total_paise for line in bill.lines) != bill.total_paise:
            found.append(f"{bill.number}: its lines are not its total")
    if is_under_composition(reader):
        return found
    for month in months(first, last):
        if gstr3b(reader, month).difference:
            found.append(f"{month:%B %Y}: the returns and the tax accounts differ")
        for problem in gstr1(reader, month).problems:
            found.append(f"{problem.number}: {problem.code} {problem.what}".strip())
    return found


def _books(reader: Reader, first: date, last: date) -> Iterator[paper.Paper]:
    """The year's statements, every account, every customer, and the day and cash books by month."""
    for kind in ("profit_loss", "balance_sheet", "trial_balance", "ageing", "stock"):
        yield paper.paper(reader, paper.Wanted(kind, first, last), "english")
    for one in books.trial_balance(reader, first, last):
        if one.code != books.EARLIER_PROFIT:
            yield paper.paper(reader, paper.Wanted("ledger", first, last, one.code), "english")
    for customer in all_customers(reader):
        wanted = paper.Wanted("statement", first, last, party_id=customer.id)
        yield paper.paper(reader, wanted, "english")
    for month in months(first, last):
        for kind in ("day_book", "cash_book"):
            wanted = paper.Wanted(kind, month, month_of(month)[1])
            yield paper.paper(reader, wanted, "english")


def write_papers(
    reader: Reader,
    first: date,
    last: date,
    folder: Path,
    habits: Mapping[str, Any],
    *,
    printed: bool = True,
) -> list[Path]:
    """Everything that the accountant gets; what is `printed` takes longest."""
    folder.mkdir(parents=True, exist_ok=True)
    papers: dict[str, bytes] = {}
    if is_under_composition(reader):
        for quarter in list(months(first, last))[::3]:
            found = cmp08(reader, quarter)
            papers[f"CMP-08 {quarter:%Y-%m}.json"] = portal_files.cmp08_json(found)
            papers[f"CMP-08 {quarter:%Y-%m}.xlsx"] = workbooks.cmp08_excel(
                found, behind.behind_cmp08(reader, found)
            )
        year = gstr4(reader, last)
        papers[f"GSTR-4 {year.start:%Y}.json"] = portal_files.gstr4_json(year)
        papers[f"GSTR-4 {year.start:%Y}.xlsx"] = workbooks.gstr4_excel(year)
    else:
        for month in months(first, last):
            sold = gstr1(reader, month)
            summary = gstr3b(reader, month)
            papers[f"GSTR-1 {month:%Y-%m}.json"] = portal_files.gstr1_json(sold)
            papers[f"GSTR-1 {month:%Y-%m}.xlsx"] = workbooks.gstr1_excel(sold)
            papers[f"GSTR-3B {month:%Y-%m}.json"] = portal_files.gstr3b_json(sold.gstin, summary)
            papers[f"GSTR-3B {month:%Y-%m}.xlsx"] = workbooks.gstr3b_excel(
                summary, behind.behind_gstr3b(reader, summary)
            )
        for document in invoices_between(reader, first, last):
            far = habits.get("travels", {}).get("km", {}).get(document.place_of_supply)
            if far and eway.is_needed(document):
                carriage = eway.Carriage(far, habits["travels"]["vehicle"])
                content = json.dumps(eway.payload(document, carriage), indent=1)
                papers[f"e-way {document.number}.json"] = content.encode()
    for form, ending in exports.ENDINGS.items():
        papers[f"books.{ending}"] = "".join(exports.export(reader, form)).encode()
    for made in _books(reader, first, last) if printed else ():
        name = _NOT_IN_NAMES.sub(" ", f"{made.title} {made.name[-10:]}")
        papers[f"{name}.pdf"], papers[f"{name}.xlsx"] = paper_pdf.draw(made), paper_sheet.draw(made)
    for month in months(first, last):
        bills = invoices_between(reader, month, month_of(month)[1])
        for bill in bills[-1:] if printed else ():
            papers[f"bill {bill.number}.pdf"] = pdf.render(reader, bill.id, "english")
    for name, content in papers.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in papers]


def open_shop(
    database: Database, name: str, first: date = YEAR, *, number: str | None = None
) -> tuple[Bahi, int]:
    """Load a shop of demo/shops on its first day, under another WhatsApp number if one is given."""
    bahi = Bahi(database, Calendar(first), listeners=default_listeners())
    shop, _ = shop_file.read(FOLDER / "shops" / f"{name}.yml")
    own = shop.business.phone_number_id
    shop = replace(shop, business=replace(shop.business, phone_number_id=number or own))
    shop_load.load(bahi, shop)
    business_id = bahi.business_for_number(shop.business.phone_number_id)
    assert business_id is not None
    return bahi, business_id


def habits_of(name: str) -> Mapping[str, Any]:
    """How a shop trades."""
    found: Mapping[str, Any] = yaml.safe_load((FOLDER / "habits.yml").read_text())[name]
    return found


def names() -> list[str]:
    """The shops that have a year."""
    return sorted(path.stem for path in (FOLDER / "shops").glob("*.yml"))


def main(arguments: list[str]) -> int:
    from bench._servers import own_stores

    parser = argparse.ArgumentParser(prog="demo.year", description="A year of a shop's trade.")
    parser.add_argument("shop", choices=names())
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=1, help="a share of the usual bills")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="results/year/SHOP without it")
    options = parser.parse_args(arguments)
    folder = options.to or FOLDER.parent / "results" / "year" / options.shop
    with own_stores(redis=False) as (_, stores):
        url = stores.urls["database_url"]
        migrations.migrate(url, today=YEAR)
        bahi, business_id = open_shop(Database(url, pool_size=2), options.shop)
        habits = habits_of(options.shop)
        trade(bahi, business_id, habits, options.days, options.seed, pace=options.pace)
        last = YEAR + timedelta(days=options.days - 1)
        with bahi.read(business_id) as reader:
            wrong = faults(reader, YEAR, last)
            papers = write_papers(reader, YEAR, last, folder, habits)
            bills = len(invoices_between(reader, YEAR, last))
    print(f"{options.shop}: {options.days} days, {bills} bills, {len(papers)} papers in {folder}")
    print("\n".join(wrong) or "nothing to correct")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
