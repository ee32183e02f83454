"""A year of trade of one of the five shops, and the papers that its accountant gets.

    python -m demo.year kirana [--days 365] [--to FOLDER]

The shop is loaded into a database of its own. Day by day it sells at the counter and on khata,
buys what runs low, pays, is paid, takes goods back, pays rent: all by the commands that the chat
uses, from one seed. Then the books are held against each other (`faults`), and written to a folder:
returns by month, trial balance, and the books for beancount, hledger and Tally.
"""

from __future__ import annotations

import argparse
import random
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
from erp_core.cli import shop_file, shop_load
from erp_core.db import migrate as migrations
from erp_core.db.engine import Database
from erp_core.expenses.service import log_expense
from erp_core.inventory.queries import stock_list, stock_value
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.queries import invoices_between
from erp_core.invoicing.service import bill_goods, invoice_order, sell_at_counter
from erp_core.journal.context import Reader
from erp_core.kernel.actor import Actor
from erp_core.kernel.clock import INDIA, Clock
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.orders.service import change_status, create_order
from erp_core.parties.queries import Customer, all_customers, all_users
from erp_core.parties.service import add_vendor, walk_in
from erp_core.payments.queries import all_balances, balances
from erp_core.payments.service import record_payment
from erp_core.portals.amending import correct_buyer
from erp_core.purchases.queries import payables
from erp_core.purchases.reversing import review_credit
from erp_core.purchases.service import pay_vendor, record_bill
from erp_core.reports import exports, gst_files, gst_returns
from erp_core.reports.books import trial_balance
from erp_core.runtime import Bahi, default_listeners

FOLDER = Path(__file__).resolve().parent
YEAR = date(2025, 4, 1)
"""The first day: the year has the change of rates of 22 September 2025 and that of 1 February."""

OPENS = time(10)
RENT = 15_000_00
NAMED_FROM = 40_000_00
"""Before tax; with it the bill may come to more than ₹50,000."""

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
    owner: Actor = field(init=False)
    products: Sequence[Product] = field(init=False)
    people: Sequence[Customer] = field(init=False)
    vendors: dict[UUID, Sequence[str]] = field(default_factory=dict)
    repairs: list[tuple[date, UUID]] = field(default_factory=list)
    paid_in: dict[UUID, Sequence[int]] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        with self.read() as reader:
            user = next(one for one in all_users(reader) if one.role == "owner")
            self.owner = Actor("user", user.id, "owner")
            self.products = all_products(reader)
            self.people = all_customers(reader)
        for given in self.habits["vendors"]:
            vendor = {name: given[name] for name in ("name", "gstin", "state") if name in given}
            added = self.do(add_vendor, **vendor)
            self.vendors[UUID(added["vendor_id"])] = given["goods"]
            if "paid_in" in given:
                self.paid_in[UUID(added["vendor_id"])] = given["paid_in"]

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
        self._buy(today)
        for _ in range(self._about(self.habits["bills"])):
            self._sell()
        self._collect()
        if self.habits.get("repairs"):
            self._repair(today)
        if today.day == 20 and today.month in self.habits.get("corrects", {}).get("months", []):
            self._correct(today)
        for spent in self.habits.get("bought", []):
            amount = self._about(spent["rupees"] * 100)
            self.do(log_expense, amount_paise=amount, item=spent["item"], method="cash")
        if today.day == 1:
            self.do(review_credit)
            self.do(log_expense, amount_paise=RENT, category="rent", method="bank_transfer")
        if today.day == 10:
            self._settle(today.month)

    def _sell(self) -> None:
        with self.read() as reader:
            stock = {one.product_id: one.available for one in stock_list(reader)}
        lines = self._basket(stock)
        if not lines:
            return
        if self.chance.random() * 100 >= self.habits["on_khata"]:
            counter = self._at_counter(lines)
            method = self.chance.choice(["cash", "cash", "upi", "card"])
            issued = self.do(sell_at_counter, customer_id=counter, lines=lines, method=method)
        else:
            buyer = self.chance.choice(self.people)
            issued = self.do(bill_goods, customer_id=buyer.id, lines=lines)
            self.do(change_status, order_id=UUID(issued["order_id"]), status="delivered")
        if self.chance.random() * 1000 < self.habits["back"]:
            back = {"1": "1"}
            invoice = UUID(issued["invoice_id"])
            self.do(
                credit_invoice, invoice_id=invoice, reason="returned", back=back, goods_back=True
            )

    def _at_counter(self, lines: Sequence[Mapping[str, str]]) -> UUID:
        """Who pays at once; a bill of over ₹50,000 must name its buyer (rule 46)."""
        prices = {str(one.id): one.price_paise for one in self.products}
        if sum(prices[one["product_id"]] * int(one["quantity"]) for one in lines) > NAMED_FROM:
            return self.chance.choice(self.people).id
        return UUID(self.do(walk_in)["customer_id"])

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
        ]

    def _buy(self, today: date) -> None:
        with self.read() as reader:
            short = {
                one.product_id for one in stock_list(reader)
                if one.reorder_level is not None and one.available <= one.reorder_level
            }  # fmt: skip
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

    def _bought(self, product: Product, today: date) -> dict[str, Any]:
        line: dict[str, Any] = {
            "product_id": str(product.id),
            "quantity": str(int((product.reorder_level or 1) * STOCKED_UP)),
            "unit_price_paise": self._about(product.cost_paise or 100, spread=0.05),
        }
        if months := self.habits.get("expires"):
            life = timedelta(days=30 * self.chance.randint(months // 2, months))
            line |= {"expires_on": (today + life).isoformat(), "batch": f"B{self._count}"}
        return line

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
        for one in owed:
            if one.paise > 0 and month in self.paid_in.get(one.vendor_id, range(1, 13)):
                paying = {"vendor_id": one.vendor_id, "amount_paise": one.paise}
                self.do(pay_vendor, **paying, method="bank_transfer")

    def _about(self, amount: int, spread: float = 0.4) -> int:
        return max(1, round(amount * self.chance.uniform(1 - spread, 1 + spread)))


def trade(bahi: Bahi, business_id: int, habits: Mapping[str, Any], days: int, seed: int) -> Trade:
    """Trade so many days from the calendar's on; the shop is left at the evening of the last."""
    calendar = bahi.clock
    assert isinstance(calendar, Calendar)
    first = calendar.today()
    shop = Trade(bahi, business_id, habits, random.Random(seed))
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
    for bill in invoices_between(reader, first, last):
        if sum(line.total_paise for line in bill.lines) != bill.total_paise:
            found.append(f"{bill.number}: its lines are not its total")
    if gst_returns.is_under_composition(reader):
        return found
    for month in months(first, last):
        if gst_returns.gstr3b(reader, month).difference:
            found.append(f"{month:%B %Y}: the returns and the tax accounts differ")
        for problem in gst_returns.gstr1(reader, month).problems:
            found.append(f"{problem.number}: {problem.code} {problem.what}".strip())
    return found


def write_papers(reader: Reader, first: date, last: date, folder: Path) -> list[Path]:
    """Everything that the accountant gets."""
    folder.mkdir(parents=True, exist_ok=True)
    papers: dict[str, bytes] = {}
    if gst_returns.is_under_composition(reader):
        for quarter in list(months(first, last))[::3]:
            found = gst_returns.cmp08(reader, quarter)
            papers[f"CMP-08 {quarter:%Y-%m}.json"] = gst_files.cmp08_json(found)
            papers[f"CMP-08 {quarter:%Y-%m}.xlsx"] = gst_files.cmp08_excel(found)
    else:
        for month in months(first, last):
            sold = gst_returns.gstr1(reader, month)
            summary = gst_returns.gstr3b(reader, month)
            papers[f"GSTR-1 {month:%Y-%m}.json"] = gst_files.gstr1_json(sold)
            papers[f"GSTR-1 {month:%Y-%m}.xlsx"] = gst_files.gstr1_excel(sold)
            papers[f"GSTR-3B {month:%Y-%m}.json"] = gst_files.gstr3b_json(sold.gstin, summary)
    for form, ending in exports.ENDINGS.items():
        papers[f"books.{ending}"] = "".join(exports.export(reader, form)).encode()
    table = [
        (one.code, one.opening, one.debit, one.credit) for one in trial_balance(reader, first, last)
    ]
    papers["trial balance.csv"] = "".join(f"{','.join(map(str, row))}\n" for row in table).encode()
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
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="results/year/SHOP without it")
    options = parser.parse_args(arguments)
    folder = options.to or FOLDER.parent / "results" / "year" / options.shop
    with own_stores(redis=False) as (_, stores):
        url = stores.urls["database_url"]
        migrations.migrate(url, today=YEAR)
        bahi, business_id = open_shop(Database(url, pool_size=2), options.shop)
        trade(bahi, business_id, habits_of(options.shop), options.days, options.seed)
        last = YEAR + timedelta(days=options.days - 1)
        with bahi.read(business_id) as reader:
            wrong = faults(reader, YEAR, last)
            papers = write_papers(reader, YEAR, last, folder)
            bills = len(invoices_between(reader, YEAR, last))
    print(f"{options.shop}: {options.days} days, {bills} bills, {len(papers)} papers in {folder}")
    print("\n".join(wrong) or "nothing to correct")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
