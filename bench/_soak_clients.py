"""What the clients of bench.soak do: every kind of command, on what the others are using too."""

from __future__ import annotations

import json
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from erp_core.banking import service as banking
from erp_core.catalogue.service import change_price
from erp_core.db.engine import Database
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.inventory import places
from erp_core.inventory import service as inventory
from erp_core.inventory.queries import stock_list
from erp_core.invoicing import equipment, notes
from erp_core.invoicing import service as invoicing
from erp_core.journal.commands import BOOKS_CLOSED
from erp_core.journal.jobs import run_due
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError
from erp_core.ledger import periods, vouchers
from erp_core.ledger import queries as ledger
from erp_core.orders import service as orders
from erp_core.parties import service as parties
from erp_core.payments import correcting, promises, reminders, returns
from erp_core.payments import service as payments
from erp_core.portals import due, settling
from erp_core.portals.periods import filed, month_of
from erp_core.portals.reverse_charge import charge
from erp_core.purchases import ordering, paying, returning
from erp_core.purchases import service as purchases
from erp_core.reports import books
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.reports.gst.portal_files import gstr3b_json
from erp_core.reports.queries import summary
from erp_core.runtime import Bahi, default_listeners

LATEST = 40
"""So many of the latest orders, bills and payments are picked from: all clients meet there."""

MOST_KEPT = 30
OPEN_DAYS = 2
"""So many days back something is still written; the books are closed before that."""
MISTAKE = "mistake"


class Hurried(Clock):
    """A clock on which time passes faster, the same in every process."""

    def __init__(self, starts_at: datetime, began: float, times: float) -> None:
        super().__init__()
        self._starts_at, self._began, self._times = starts_at, began, times

    def now(self) -> datetime:
        return self._starts_at + timedelta(seconds=(time.time() - self._began) * self._times)


@dataclass(frozen=True)
class Shop:
    """What all clients share."""

    url: str
    business: int
    customers: tuple[UUID, ...]
    products: tuple[UUID, ...]
    vendors: tuple[UUID, ...]
    walk_in: UUID
    clock: Hurried
    until: float
    folder: Path


@dataclass
class Log:
    """What one process has seen; written beside the others' when it ends and now and then."""

    path: Path
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    database: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    filed: list[tuple[str, str, str]] = field(default_factory=list)
    """(period, when its return was written as filed, what was told in it)."""
    _written: float = 0.0

    def write(self, *, now: bool = False) -> None:
        """Keep what was seen, at most once a second."""
        if not now and time.time() - self._written < 1:
            return
        self._written = time.time()
        kept = {name: value for name, value in vars(self).items() if name[0] != "_"}
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(kept | {"path": None}))
        partial.replace(self.path)

    def watch(self) -> None:
        """Count what the database refuses, also where the command is tried again and succeeds."""

        def note(context: Any) -> None:
            code = getattr(context.original_exception, "pgcode", None) or "lost"
            self.database[code] += 1
            told = " ".join(str(context.original_exception).split())
            if code != BOOKS_CLOSED:
                self.faults.append(f"{code} in {str(context.statement)[:160]}: {told[:500]}")

        event.listen(Engine, "handle_error", note)

    def fault(self) -> None:
        """An error that no command may raise."""
        self.faults.append(traceback.format_exc()[-1500:])
        self.write(now=True)


def trade(shop: Shop, number: int, life: int) -> None:
    """One client until time is up."""
    log = Log(shop.folder / f"client-{number}-{life}.json")
    log.watch()
    client = Client(shop, number, life, log)
    while time.time() < shop.until:
        try:
            client.deed()
        except Exception:
            log.fault()
        log.write()
    client.close()
    log.write(now=True)


def work(shop: Shop, number: int) -> None:
    """The jobs of reminders and promises, done by whoever comes first."""
    log = Log(shop.folder / f"runner-{number}.json")
    log.watch()
    bahi = _open(shop)
    handlers = {promises.JOB: promises.do, reminders.JOB: reminders.do, due.JOB: due.do}
    while time.time() < shop.until:
        try:
            log.done.update(run_due(bahi, handlers))
        except Exception:
            log.fault()
        log.write()
        time.sleep(0.2)
    bahi.database.close()
    log.write(now=True)


def look(shop: Shop) -> None:
    """Reports while all others trade: each must agree with itself."""
    log = Log(shop.folder / "reader.json")
    log.watch()
    bahi = _open(shop)
    while time.time() < shop.until:
        try:
            for problem in _torn(bahi, shop):
                log.refused[problem] += 1
            log.done["reports"] += 1
        except Exception:
            log.fault()
        log.write()
        time.sleep(0.3)
    bahi.database.close()
    log.write(now=True)


def _torn(bahi: Bahi, shop: Shop) -> list[str]:
    """What a report says that cannot be, at any moment."""
    problems = []
    with bahi.read(shop.business) as reader:
        sheet = books.balance_sheet(reader, reader.today)
    if sheet.total_assets != sheet.total_liabilities + sheet.net_worth:
        problems.append("balance sheet")
    with bahi.read(shop.business) as reader:
        if sum(one.debit - one.credit for one in ledger.trial_balance(reader)):
            problems.append("trial balance")
    with bahi.read(shop.business) as reader:
        if any(one.on_hand < 0 or one.available < 0 for one in stock_list(reader)):
            problems.append("oversold")
    with bahi.read(shop.business) as reader:
        found = summary(reader, reader.today.replace(day=1), reader.today)
        if sum(day.sales for day in found.daily) != found.sales.paise:
            problems.append("summary")
    return problems


def _open(shop: Shop, size: int = 2) -> Bahi:
    database = Database(shop.url, pool_size=size)
    return Bahi(database, shop.clock, listeners=default_listeners())


class Client:
    """Somebody at the counter, with a phone of his own."""

    def __init__(self, shop: Shop, number: int, life: int, log: Log) -> None:
        self.shop, self.log = shop, log
        self.name = f"c{number}.{life}"
        self.luck = random.Random(f"{number}.{life}")
        self.bahi = _open(shop)
        self.twice = ThreadPoolExecutor(2)
        self.keys = 0
        self.kept: list[tuple[str, Any, dict[str, Any], Actor, Any]] = []
        self.deeds = [(getattr(self, name), weight) for name, weight in DEEDS.items()]

    def close(self) -> None:
        self.twice.shutdown()
        self.bahi.database.close()

    def deed(self) -> None:
        """One thing that a shop does. What cannot be done is refused, by an error with a code."""
        (chosen,) = self.luck.choices(
            [one for one, _ in self.deeds], [weight for _, weight in self.deeds]
        )
        start = time.perf_counter()
        try:
            chosen()
            self.log.done[chosen.__name__] += 1
        except BahiError as error:
            self.log.refused[f"{chosen.__name__}: {error.code}"] += 1
        self.log.seconds.append(round(time.perf_counter() - start, 4))

    def run(self, command: Callable[..., Any], actor: Actor = SYSTEM, **given: Any) -> Any:
        """Run a command; now and then twice at once, and one of before again."""
        self.keys += 1
        key = f"{self.name}:{self.keys}"

        def once() -> Any:
            return self.bahi.run(self.shop.business, actor, key, command, **given)

        if self.luck.random() < 0.04:
            first, second = self.twice.submit(once), self.twice.submit(once)
            try:
                done = first.result()
            except BahiError:
                second.exception()
                raise
            if second.result() != done:
                self.log.faults.append(f"{command.__name__}: two at once gave two results")
        else:
            done = once()
        self.kept = [*self.kept[-MOST_KEPT:], (key, command, given, actor, done)]
        if self.luck.random() < 0.04:
            self.repeat()
        return done

    def repeat(self) -> None:
        """A message that comes again: its first result, nothing done."""
        key, command, given, actor, before = self.luck.choice(self.kept)
        again = self.bahi.run(self.shop.business, actor, key, command, **given)
        self.log.done["repeated"] += 1
        if again != before:
            self.log.faults.append(f"{command.__name__}: a repeat gave another result")

    # What there is to choose from.

    def one_of(self, query: str, **given: Any) -> UUID:
        """One of the latest rows that fit. Raises BahiError("nothing") where none does."""
        with self.bahi.read(self.shop.business) as reader:
            rows = reader.connection.execute(
                text(f"{query} ORDER BY id DESC LIMIT {LATEST}"),
                {"b": reader.business_id, **given},
            ).all()
        if not rows:
            raise BahiError("nothing")
        found: UUID = UUID(str(self.luck.choice(rows)[0]))
        return found

    @property
    def customer(self) -> UUID:
        return self.luck.choice(self.shop.customers)

    @property
    def product(self) -> UUID:
        return self.luck.choice(self.shop.products)

    @property
    def vendor(self) -> UUID:
        return self.luck.choice(self.shop.vendors)

    @property
    def paise(self) -> int:
        return self.luck.randrange(1, 3_000_00)

    @property
    def month(self) -> date:
        """The one before."""
        return month_of(self.shop.clock.today().replace(day=1) - timedelta(days=1))[0]

    @property
    def day(self) -> date:
        """Today or a day just before, whose month may be filed at this moment."""
        return self.shop.clock.today() - timedelta(days=self.luck.randint(0, OPEN_DAYS))

    @property
    def method(self) -> str:
        return self.luck.choice(["cash", "upi", "card", "cheque", "bank_transfer"])

    def lines(self, most: int = 4) -> list[dict[str, Any]]:
        """Goods in whatever order they are named."""
        chosen = self.luck.sample(self.shop.products, self.luck.randint(1, 3))
        return [
            {"product_id": one, "quantity": Decimal(self.luck.randint(1, most))} for one in chosen
        ]

    def plain_lines(self, most: int = 4) -> list[dict[str, str]]:
        return [
            {"product_id": str(one["product_id"]), "quantity": str(one["quantity"])}
            for one in self.lines(most)
        ]

    def order(self, *statuses: str, billed: bool | None = None) -> UUID:
        bill = {None: "", True: " AND invoice_id IS NOT NULL", False: " AND invoice_id IS NULL"}
        listed = ", ".join(f"'{one}'" for one in statuses)
        return self.one_of(
            f"SELECT id FROM orders WHERE business_id = :b AND status IN ({listed}){bill[billed]}"
        )

    def invoice(self, status: str = "issued") -> UUID:
        return self.one_of(
            "SELECT id FROM invoices WHERE business_id = :b AND status = :s", s=status
        )

    # Selling.

    def order_goods(self) -> None:
        self.run(orders.create_order, customer_id=self.customer, lines=self.lines())

    def ask_for_goods(self) -> None:
        customer = self.customer
        self.run(
            orders.create_order,
            Actor("customer", customer, None),
            customer_id=customer,
            lines=self.lines(),
        )

    def change_order(self) -> None:
        order = self.order("pending", "confirmed", "processing", billed=False)
        self.run(
            orders.modify_order, order_id=order, **{self.luck.choice(["add", "set_"]): self.lines()}
        )

    def move_order(self) -> None:
        order = self.order("pending", "confirmed", "processing", "ready", "shipped")
        status = self.luck.choice(["confirmed", "processing", "ready", "shipped", "delivered"])
        self.run(orders.change_status, order_id=order, status=status)

    def cancel_order(self) -> None:
        order = self.order("pending", "confirmed", "ready", billed=False)
        self.run(orders.cancel_order, order_id=order)

    def return_order(self) -> None:
        self.run(orders.change_status, order_id=self.order("delivered"), status="returned")

    def bill_order(self) -> None:
        order = self.order("confirmed", "processing", "ready", "shipped", "delivered", billed=False)
        self.run(invoicing.invoice_order, order_id=order)

    def bill_goods(self) -> None:
        self.run(invoicing.bill_goods, customer_id=self.customer, lines=self.lines())

    def sell_at_counter(self) -> None:
        buyer = self.luck.choice([self.shop.walk_in, self.customer])
        self.run(
            invoicing.sell_at_counter, customer_id=buyer, lines=self.lines(), method=self.method
        )

    def bill_amount(self) -> None:
        self.run(invoicing.invoice_amount, customer_id=self.customer, amount_paise=self.paise)

    def cancel_bill(self) -> None:
        self.run(notes.undo_bill, invoice_id=self.invoice(), reason=MISTAKE)

    def undo_bill(self) -> None:
        """Wholly, by goods that come back, or by an amount."""
        part: Mapping[str, Any] = self.luck.choice(
            [{}, {"back": {"1": "1"}}, {"amount_paise": self.paise}]
        )
        back = "amount_paise" not in part and self.luck.random() < 0.7
        self.run(
            notes.undo_bill, invoice_id=self.invoice(), reason="return", goods_back=back, **part
        )

    def add_to_bill(self) -> None:
        self.run(
            notes.debit_invoice,
            invoice_id=self.invoice(),
            amount_paise=self.paise,
            reason="price",
        )

    # Money.

    def take_payment(self) -> None:
        self.run(
            payments.record_payment,
            customer_id=self.customer,
            amount_paise=self.paise,
            method=self.method,
        )

    def take_two_payments(self) -> None:
        self.run(
            payments.record_payments,
            customer_id=self.customer,
            parts=[(self.paise, "cash"), (self.paise, "upi")],
        )

    def give_credit(self) -> None:
        self.run(payments.give_credit, customer_id=self.customer, amount_paise=self.paise)

    def take_back_credit(self) -> None:
        credit = self.one_of(
            "SELECT source_id FROM receivables"
            " WHERE business_id = :b AND source_kind = 'khata_credit' AND status = 'standing'"
        )
        self.run(
            correcting.take_back_credit,
            credit_id=credit,
            right_paise=self.luck.choice([None, self.paise]),
        )

    def take_back_payment(self) -> None:
        payment = self.one_of(
            "SELECT id FROM payments WHERE business_id = :b AND status = 'standing'"
        )
        self.run(
            correcting.take_back_payment,
            payment_id=payment,
            right_paise=self.luck.choice([None, self.paise]),
        )

    def forgive_debt(self) -> None:
        self.run(
            correcting.forgive_debt, customer_id=self.customer, amount_paise=self.paise // 20 + 1
        )

    def bounce_cheque(self) -> None:
        cheque = self.one_of("SELECT id FROM payments WHERE business_id = :b AND method = 'cheque'")
        self.run(
            returns.bounce_cheque,
            payment_id=cheque,
            charge_paise=self.luck.choice([0, 295_00]),
        )

    def refund(self) -> None:
        self.run(
            returns.refund_customer,
            customer_id=self.customer,
            amount_paise=self.paise,
            method=self.luck.choice(["cash", "upi"]),
        )

    def import_statement(self) -> None:
        """Lines of a bank over several customers, some for bills by their number."""
        with self.bahi.read(self.shop.business) as reader:
            rows = reader.connection.execute(
                text(
                    "SELECT number, total_paise FROM invoices WHERE business_id = :b"
                    " ORDER BY id DESC LIMIT 20"
                ),
                {"b": reader.business_id},
            ).all()
            today = reader.today
        if not rows:
            raise BahiError("nothing")
        chosen = self.luck.sample(rows, min(4, len(rows)))
        lines = [
            {
                "on": today.isoformat(),
                "paise": row.total_paise,
                "narration": f"UPI/{row.number}",
                "reference": f"{self.name}{self.keys}{at}",
            }
            for at, row in enumerate(chosen)
        ]
        self.run(banking.import_lines, lines=lines)

    def promise(self) -> None:
        today = self.shop.clock.today()
        self.run(
            promises.promise,
            customer_id=self.customer,
            due_on=today + timedelta(days=self.luck.randint(0, 2)),
        )

    def plan_reminders(self) -> None:
        self.run(
            reminders.set_plan,
            first_after_days=0,
            every_days=1,
            hour=self.luck.randint(9, 18),
        )

    def spare(self) -> None:
        self.run(reminders.spare, customer_id=self.customer, spared=self.luck.random() < 0.3)

    def ask_for_money(self) -> None:
        chosen = [str(one) for one in self.luck.sample(self.shop.customers, 3)]
        self.run(invoicing.request_payment, customer_ids=chosen)

    def spend(self) -> None:
        self.run(
            log_expense,
            amount_paise=self.paise,
            item=self.luck.choice(["chai", "bijli", "rent", "packing"]),
            method=self.luck.choice(["cash", "upi", "bank_transfer"]),
        )

    def buy_equipment(self) -> None:
        paise = self.paise
        self.run(log_expense, amount_paise=paise, gst_paise=paise * 18 // 118, item="laptop")

    def sell_equipment(self) -> None:
        laptop = self.one_of(
            "SELECT id FROM expenses WHERE business_id = :b AND category = 'equipment'"
        )
        self.run(
            equipment.sell_equipment,
            expense_id=laptop,
            customer_id=self.customer,
            amount_paise=self.paise,
            method=self.luck.choice([None, "cash"]),
        )

    def take_back_expense(self) -> None:
        """With the tax under reverse charge that it may bear."""
        expense = self.one_of("SELECT id FROM expenses WHERE business_id = :b")
        right = self.luck.choice([None, self.paise])
        self.run(take_back_expense, expense_id=expense, right_paise=right)

    def pay_for_service(self) -> None:
        """Under reverse charge, some of it on a day of the month before."""
        spent = self.run(
            log_expense, amount_paise=self.paise, item="truck bhada", method="cash", on=self.day
        )
        self.run(charge, expense_id=UUID(spent["expense_id"]), service="gta")

    def move_money(self) -> None:
        self.run(vouchers.transfer, amount_paise=self.paise, source="CASH", target="BANK")

    def write_voucher(self) -> None:
        kind = self.luck.choice(
            ["capital", "drawings", "bank_charges", "loan_taken", "depreciation"]
        )
        self.run(vouchers.write_voucher, kind=kind, amount_paise=self.paise)

    def reverse_voucher(self) -> None:
        voucher = self.one_of(
            "SELECT source_id FROM ledger_entries"
            " WHERE business_id = :b AND source_kind = 'voucher' AND reverses IS NULL"
        )
        self.run(vouchers.reverse_voucher, voucher_id=voucher, reason=MISTAKE)

    def lock_books(self) -> None:
        until = self.shop.clock.today() - timedelta(days=OPEN_DAYS + 1)
        self.run(periods.lock_books, until=until)

    def pay_late(self) -> None:
        """Dated some days before: refused once those books are closed."""
        self.run(
            payments.record_payment,
            customer_id=self.customer,
            amount_paise=self.paise,
            method="cash",
            on=self.shop.clock.today() - timedelta(days=OPEN_DAYS + 1),
        )

    def pay_tax(self) -> None:
        """Of the month before: set off and paid once, however many try."""
        month = self.month
        period: str = self.run(settling.settle_return, month=month)["period"]
        with self.bahi.read(self.shop.business) as reader:
            at = filed(reader, period).get(period)
            told = gstr3b_json("", gstr3b(reader, month)).decode()
        if at:
            self.log.filed.append((period, at.isoformat(), told))

    def undo_tax(self) -> None:
        """A settlement that was a mistake: its month is open again, and is paid anew."""
        voucher = self.one_of(
            "SELECT source_id FROM ledger_entries WHERE business_id = :b AND kind = 'gst_set_off'"
        )
        self.run(vouchers.reverse_voucher, voucher_id=voucher, reason=MISTAKE)

    # Goods.

    def buy(self) -> None:
        lines = [
            {**line, "unit_price_paise": self.luck.randrange(20_00, 90_00)}
            for line in self.plain_lines(most=12)
        ]
        reverse = self.luck.random() < 0.3
        self.run(
            purchases.record_bill,
            vendor_id=self.vendor,
            lines=lines,
            freight_paise=self.luck.choice([0, 50_00]),
            charges_paise=self.luck.choice([0, 33_33]),
            reverse_charge=reverse,
            on=self.day if reverse else None,
            paid_by=self.luck.choice([None, "cash"]),
        )

    def send_back(self) -> None:
        self.run(
            returning.return_goods,
            vendor_id=self.vendor,
            lines=self.plain_lines(most=2),
            on=self.day,
        )

    def order_from_vendor(self) -> None:
        self.run(ordering.place_order, vendor_id=self.vendor, lines=self.plain_lines(most=9))

    def drop_purchase_order(self) -> None:
        order = self.one_of("SELECT id FROM purchase_orders WHERE business_id = :b")
        self.run(ordering.cancel_order, order_id=order)

    def pay_vendor(self) -> None:
        self.run(paying.pay_vendor, vendor_id=self.vendor, amount_paise=self.paise)

    def pay_for_goods(self) -> None:
        self.run(paying.pay_vendor, amount_paise=self.paise, method="upi")

    def undo_vendor_payment(self) -> None:
        payment = self.one_of("SELECT id FROM vendor_payments WHERE business_id = :b")
        self.run(paying.undo_payment, payment_id=payment)

    def bill_awaited(self) -> None:
        self.run(purchases.bill_awaited_goods, vendor_id=self.vendor, amount_paise=self.paise)

    def change_stock(self) -> None:
        change = self.luck.choice(["add", "add", "remove", "damage"])
        place = self.luck.choice([None, "godown"]) if change == "add" else None
        self.run(inventory.change_stock, change=change, lines=self.plain_lines(most=3), place=place)

    def receive_batch(self) -> None:
        self.run(
            inventory.receive_stock,
            product_id=self.shop.products[-1],
            quantity=Decimal(self.luck.randint(1, 6)),
            expires_on=self.shop.clock.today() + timedelta(days=self.luck.randint(1, 40)),
        )

    def count_stock(self) -> None:
        self.run(
            inventory.set_stock,
            product_id=self.product,
            quantity=Decimal(self.luck.randint(5, 30)),
        )

    def carry(self) -> None:
        ends: Mapping[str, Any] = self.luck.choice(
            [
                {"target": "godown"},
                {"source": "godown"},
                {"target": f"rack {self.luck.randint(1, 9)}"},
            ]
        )
        self.run(places.move_goods, lines=self.plain_lines(most=2), **ends)

    def change_price(self) -> None:
        self.run(
            change_price, product_id=self.product, price_paise=self.luck.randrange(60_00, 200_00)
        )

    def add_customer(self) -> None:
        self.run(parties.add_customer, name=f"Customer {self.name} {self.keys}")

    def buy_from_name(self) -> None:
        """From a vendor whom two may name for the first time at once."""
        self.run(
            paying.pay_vendor,
            vendor_name=f"Vendor {self.luck.randint(1, 60)}",
            amount_paise=self.paise,
        )


DEEDS: Mapping[str, int] = {
    "order_goods": 10,
    "ask_for_goods": 4,
    "change_order": 4,
    "move_order": 10,
    "cancel_order": 5,
    "return_order": 2,
    "bill_order": 8,
    "bill_goods": 10,
    "sell_at_counter": 10,
    "bill_amount": 4,
    "cancel_bill": 3,
    "undo_bill": 8,
    "add_to_bill": 1,
    "take_payment": 12,
    "take_two_payments": 2,
    "give_credit": 3,
    "take_back_credit": 2,
    "take_back_payment": 2,
    "forgive_debt": 2,
    "bounce_cheque": 3,
    "refund": 2,
    "import_statement": 3,
    "promise": 2,
    "plan_reminders": 1,
    "spare": 2,
    "ask_for_money": 1,
    "spend": 3,
    "take_back_expense": 2,
    "buy_equipment": 3,
    "sell_equipment": 3,
    "pay_for_service": 5,
    "move_money": 1,
    "write_voucher": 1,
    "reverse_voucher": 1,
    "lock_books": 1,
    "pay_late": 2,
    "pay_tax": 2,
    "undo_tax": 1,
    "buy": 12,
    "send_back": 5,
    "order_from_vendor": 2,
    "drop_purchase_order": 1,
    "pay_vendor": 4,
    "pay_for_goods": 2,
    "undo_vendor_payment": 1,
    "bill_awaited": 1,
    "change_stock": 8,
    "receive_batch": 3,
    "count_stock": 3,
    "carry": 4,
    "change_price": 2,
    "add_customer": 1,
    "buy_from_name": 1,
}
"""How often each is done."""
