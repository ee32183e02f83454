"""Random histories, by several actors, against a model that knows nothing of the database.

The model is plain Python: whole paise, exact fractions, dictionaries. For every command it says
either which refusal must come or what must have changed, and after every step stock, balances and
every account of the ledger must be what it says. BAHI_HISTORIES=1000 runs for longer.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from erp_core.catalogue.service import change_price
from erp_core.expenses.service import log_expense
from erp_core.inventory.queries import stock_list, stock_value
from erp_core.inventory.service import (
    add_stocked_product,
    receive_stock,
    remove_stock,
    set_stock,
)
from erp_core.invoicing.models import invoices
from erp_core.invoicing.service import cancel_invoice, invoice_amount, invoice_order
from erp_core.journal.chain import first_bad_seq
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import BahiError
from erp_core.ledger.models import ledger_postings
from erp_core.ledger.queries import party_balances, trial_balance, turnover
from erp_core.orders.models import orders
from erp_core.orders.service import cancel_order, change_status, create_order, modify_order
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer
from erp_core.payments.models import payments, receivables
from erp_core.payments.queries import all_balances
from erp_core.payments.service import give_credit, record_payment
from erp_core.reports.queries import summary
from erp_core.runtime import Bahi, default_listeners

HISTORIES = int(os.environ.get("BAHI_HISTORIES", "20"))
STEPS = 50

HOME, AWAY = "27", "29"
RESERVED = ("confirmed", "processing", "ready")
NEXT = {
    "pending": ("confirmed", "cancelled"),
    "confirmed": ("processing", "ready", "shipped", "delivered", "cancelled"),
    "processing": ("ready", "shipped", "delivered", "cancelled"),
    "ready": ("shipped", "delivered", "cancelled"),
    "shipped": ("delivered",),
    "delivered": ("returned",),
    "cancelled": (),
    "returned": (),
}
REACHED = ("confirmed", "processing", "ready", "shipped", "delivered", "returned")
"""States that `change_status` leads to; for cancelling there is a command of its own."""

ARRIVES_IN = {"cash": "CASH", "upi": "UPI_CLEARING", "bank_transfer": "BANK"}

OWNER = Actor("user", UUID(int=1), "owner")
STAFF = Actor("user", UUID(int=2), "staff")
VIEWER = Actor("user", UUID(int=3), "viewer")
SELLERS = (OWNER, STAFF)

picks = st.integers(0, 1_000_000)
amounts = st.integers(1, 500_000)
pieces = st.integers(1, 4).map(Decimal)
tenths = st.integers(1, 120).map(lambda number: Decimal(number) / 10)


class Refused(Exception):
    """The model refuses a command, with the code that the real one must give."""


@dataclass
class Goods:
    """A product and its stock; `value` is the stock's cost in paise."""

    price: int
    rate: int
    whole: bool
    on_hand: Decimal
    value: int
    reserved: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    def cost_of(self, quantity: Decimal) -> int:
        return rounded(Fraction(self.value) * Fraction(quantity) / Fraction(self.on_hand))


@dataclass
class Booked:
    """A line of an order: how much, at which price and rate."""

    quantity: Decimal
    price: int
    rate: int


@dataclass
class Order:
    customer: UUID
    status: str
    lines: dict[UUID, Booked]
    invoice: UUID | None = None
    issued: dict[UUID, int] = field(default_factory=dict)


@dataclass
class Invoice:
    customer: UUID
    order: UUID | None
    postings: dict[str, int]
    cancelled: bool = False


@dataclass
class Model:
    """What the shop must look like."""

    goods: dict[UUID, Goods] = field(default_factory=dict)
    customers: dict[UUID, str] = field(default_factory=dict)
    orders: dict[UUID, Order] = field(default_factory=dict)
    invoices: dict[UUID, Invoice] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)
    owed: Counter[UUID] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    spent: int = 0

    def post(self, customer: UUID | None = None, **amounts: int) -> None:
        assert sum(amounts.values()) == 0
        self.accounts.update(amounts)
        if customer:
            self.owed[customer] += amounts["RECEIVABLE"]

    def promise(self, wanted: dict[UUID, Decimal]) -> None:
        """Promise stock, all or nothing."""
        if any(self.goods[one].available < quantity for one, quantity in wanted.items()):
            raise Refused("out_of_stock")
        for one, quantity in wanted.items():
            self.goods[one].reserved += quantity

    def stock_moves(self, product: UUID, quantity: Decimal, value: int, account: str) -> None:
        self.goods[product].on_hand += quantity
        self.goods[product].value += value
        self.post(INVENTORY=value, **{account: -value})

    def taxes(self, customer: UUID, lines: Iterable[Booked]) -> dict[str, int]:
        """The postings of a bill: exact tax by head, each rounded once."""
        lines = list(lines)
        taxable = [rounded(Fraction(line.quantity) * line.price) for line in lines]
        exact = sum(
            Fraction(amount * line.rate, 10_000)
            for amount, line in zip(taxable, lines, strict=True)
        )
        if self.customers[customer] == HOME:
            half = rounded(exact / 2)
            heads = {"OUTPUT_CGST": -half, "OUTPUT_SGST": -half}
        else:
            heads = {"OUTPUT_IGST": -rounded(exact)}
        postings = {"SALES": -sum(taxable), **heads}
        return {"RECEIVABLE": -sum(postings.values()), **postings}

    def total(self, order: Order) -> int:
        return self.taxes(order.customer, order.lines.values())["RECEIVABLE"]


class Shop(RuleBasedStateMachine):
    """One business from its first day."""

    numbers = itertools.count(1)

    def __init__(self, bahi: Bahi) -> None:
        super().__init__()
        self.bahi = bahi
        self.keys = itertools.count()
        self.model = Model()
        self.last: tuple[Actor, str, Any, dict[str, Any], Any] | None = None
        self.business = register_business(
            bahi.database,
            Clock(),
            NewBusiness("Shop", f"machine-{next(self.numbers)}", HOME, gstin="27AAPFU0939F1ZV"),
        )

    @initialize()
    def open_shop(self) -> None:
        self.add_customer(state=HOME)
        self.add_customer(state=AWAY)
        self.add_product(price=79_900_00, rate=18, stock=25, cost=71_000_33, whole=True)
        self.add_product(price=43_33, rate=5, stock=60, cost=39_99, whole=False)

    @precondition(lambda self: len(self.model.customers) < 4)
    @rule(state=st.sampled_from([HOME, AWAY]))
    def add_customer(self, state: str) -> None:
        done = self.run(OWNER, add_customer, name="Ravi", state=state)
        self.model.customers[UUID(done["customer_id"])] = state

    @precondition(lambda self: len(self.model.goods) < 5)
    @rule(
        price=amounts,
        rate=st.sampled_from([0, 5, 18, 40]),
        stock=st.integers(0, 30),
        cost=amounts,
        whole=st.booleans(),
    )
    def add_product(self, price: int, rate: int, stock: int, cost: int, whole: bool) -> None:
        done = self.run(
            OWNER,
            add_stocked_product,
            name=f"Thing {len(self.model.goods)}",
            price_paise=price,
            unit="piece" if whole else "kg",
            gst_rate=str(rate),
            cost_paise=cost,
            stock=Decimal(stock),
            reorder_level=Decimal(3),
        )
        product = UUID(done["product_id"])
        self.model.goods[product] = Goods(price, rate * 100, whole, Decimal(0), 0)
        self.model.stock_moves(product, Decimal(stock), stock * cost, "OPENING_EQUITY")

    @rule(actor=st.sampled_from([OWNER, STAFF]), pick=picks, price=amounts)
    def change_price(self, actor: Actor, pick: int, price: int) -> None:
        product = self.product(pick)

        def expected() -> None:
            self.only(actor, OWNER)
            self.model.goods[product].price = price

        self.both(expected, actor, change_price, product_id=product, price_paise=price)

    @rule(actor=st.sampled_from([STAFF, VIEWER]), pick=picks, quantity=tenths, cost=amounts)
    def receive(self, actor: Actor, pick: int, quantity: Decimal, cost: int) -> None:
        product = self.product(pick)
        quantity = self.fitting(product, quantity)

        def expected() -> None:
            self.only(actor, *SELLERS)
            value = rounded(Fraction(quantity) * cost)
            self.model.stock_moves(product, quantity, value, "PURCHASES_PENDING")

        self.both(
            expected,
            actor,
            receive_stock,
            product_id=product,
            quantity=quantity,
            unit_cost_paise=cost,
        )

    @rule(pick=picks, quantity=tenths)
    def remove(self, pick: int, quantity: Decimal) -> None:
        product = self.product(pick)
        quantity = self.fitting(product, quantity)
        goods = self.model.goods[product]

        def expected() -> None:
            if quantity > goods.available:
                reserved = goods.reserved and quantity <= goods.on_hand
                raise Refused("stock_reserved" if reserved else "out_of_stock")
            self.model.stock_moves(product, -quantity, -goods.cost_of(quantity), "STOCK_LOSS")

        self.both(expected, STAFF, remove_stock, product_id=product, quantity=quantity)

    @rule(actor=st.sampled_from([OWNER, STAFF, VIEWER]), pick=picks, counted=st.integers(0, 30))
    def count(self, actor: Actor, pick: int, counted: int) -> None:
        product = self.product(pick)
        goods = self.model.goods[product]
        delta = Decimal(counted) - goods.on_hand

        def expected() -> None:
            self.only(actor, *SELLERS)
            if counted < goods.reserved:
                raise Refused("stock_reserved")
            if delta < 0:
                self.model.stock_moves(product, delta, -goods.cost_of(-delta), "STOCK_LOSS")

        done = self.both(expected, actor, set_stock, product_id=product, quantity=Decimal(counted))
        if done and delta > 0:
            if goods.on_hand:
                exact = Fraction(goods.value) * Fraction(delta) / Fraction(goods.on_hand)
                assert abs(done["value"] - exact) <= 1
            self.model.stock_moves(product, delta, done["value"], "STOCK_GAIN")

    @rule(
        actor=st.sampled_from(["owner", "staff", "customer", "another", "viewer"]),
        customer=picks,
        lines=st.lists(st.tuples(picks, pieces), min_size=1, max_size=3),
        pending=st.booleans(),
    )
    def create_order(
        self, actor: str, customer: int, lines: list[tuple[int, Decimal]], pending: bool
    ) -> None:
        buyer = self.customer(customer)
        who = self.actor(actor, buyer)
        wanted: Counter[UUID] = Counter()
        for pick, quantity in lines:
            wanted[self.product(pick)] += quantity  # type: ignore[assignment]
        status = "pending" if pending or who.kind == "customer" else "confirmed"
        booked = Order(buyer, status, {one: self.line(one, n) for one, n in wanted.items()})

        def expected() -> None:
            self.own(who, buyer, *SELLERS)
            if status in RESERVED:
                self.model.promise(dict(wanted))

        done = self.both(
            expected,
            who,
            create_order,
            customer_id=buyer,
            lines=[{"product_id": self.product(pick), "quantity": n} for pick, n in lines],
            status="pending" if pending else None,
        )
        if done:
            self.model.orders[UUID(done["order_id"])] = booked
            assert (done["status"], done["total"]) == (status, self.model.total(booked))

    @precondition(lambda self: self.model.orders)
    @rule(
        actor=st.sampled_from(["owner", "staff", "customer", "another", "viewer"]),
        pick=picks,
        way=st.sampled_from(["add", "set_", "remove"]),
        product=picks,
        quantity=pieces,
    )
    def modify_order(
        self, actor: str, pick: int, way: str, product: int, quantity: Decimal
    ) -> None:
        order_id, order = self.order(pick, changeable=True)
        who = self.actor(actor, order.customer)
        one = self.product(product)
        known = order.lines.get(one)
        after = dict(order.lines)
        if way == "remove":
            after.pop(one, None)
        else:
            base = known or self.line(one, Decimal(0))
            before = base.quantity if way == "add" else Decimal(0)
            after[one] = Booked(before + quantity, base.price, base.rate)

        def expected() -> None:
            self.own(who, order.customer, *SELLERS, missing="order")
            changeable = ("pending",) if who.kind == "customer" else ("pending", *RESERVED)
            if order.status not in changeable:
                raise Refused("order_not_changeable")
            if order.invoice:
                raise Refused("order_invoiced")
            if way == "remove" and known is None:
                raise Refused("order_line")
            if not after:
                raise Refused("no_lines")
            if order.status in RESERVED:
                now = after[one].quantity if one in after else Decimal(0)
                self.model.promise({one: now - (known.quantity if known else 0)})
            order.lines = after

        change = [one] if way == "remove" else [{"product_id": one, "quantity": quantity}]
        done = self.both(expected, who, modify_order, order_id=order_id, **{way: change})
        if done:
            assert done["total"] == self.model.total(order)

    @precondition(lambda self: self.model.orders)
    @rule(
        actor=st.sampled_from(["owner", "staff", "owner", "staff", "customer", "viewer"]),
        pick=picks,
        step=picks,
        sensible=st.sampled_from([True, True, True, False]),
    )
    def change_status(self, actor: str, pick: int, step: int, sensible: bool) -> None:
        order_id, order = self.order(pick)
        who = self.actor(actor, order.customer)
        ways = [one for one in (NEXT[order.status] if sensible else NEXT) if one in REACHED]
        status = (ways or REACHED)[step % len(ways or REACHED)]

        def expected() -> None:
            self.only(who, *SELLERS)
            if status not in NEXT[order.status]:
                raise Refused("illegal_transition")
            quantities = {one: line.quantity for one, line in order.lines.items()}
            if status == "confirmed":
                self.model.promise(quantities)
            elif status in ("shipped", "delivered") and order.status in RESERVED:
                for one, quantity in quantities.items():
                    order.issued[one] = self.model.goods[one].cost_of(quantity)
                    self.model.goods[one].reserved -= quantity
                    self.model.stock_moves(one, -quantity, -order.issued[one], "COGS")
            elif status == "returned":
                for one, quantity in quantities.items():
                    self.model.stock_moves(one, quantity, order.issued[one], "COGS")
            order.status = status

        self.both(expected, who, change_status, order_id=order_id, status=status)

    @precondition(lambda self: self.model.orders)
    @rule(actor=st.sampled_from(["owner", "customer", "another", "viewer"]), pick=picks)
    def cancel_order(self, actor: str, pick: int) -> None:
        order_id, order = self.order(pick, changeable=True)
        who = self.actor(actor, order.customer)

        def expected() -> None:
            self.own(who, order.customer, *SELLERS, missing="order")
            if "cancelled" not in NEXT[order.status]:
                raise Refused("illegal_transition")
            if who.kind == "customer" and order.status not in ("pending", "confirmed"):
                raise Refused("order_not_changeable")
            if order.invoice:
                raise Refused("order_invoiced")
            if order.status in RESERVED:
                for one, line in order.lines.items():
                    self.model.goods[one].reserved -= line.quantity
            order.status = "cancelled"

        self.both(expected, who, cancel_order, order_id=order_id)

    @precondition(lambda self: self.model.orders)
    @rule(actor=st.sampled_from(["owner", "staff", "viewer"]), pick=picks)
    def invoice_order(self, actor: str, pick: int) -> None:
        order_id, order = self.order(pick)
        who = self.actor(actor, order.customer)

        def expected() -> None:
            self.only(who, *SELLERS)
            if order.invoice:
                raise Refused("already_invoiced")
            if order.status not in (*RESERVED, "shipped", "delivered"):
                raise Refused("order_not_billable")

        done = self.both(expected, who, invoice_order, order_id=order_id)
        if done:
            order.invoice = UUID(done["invoice_id"])
            postings = self.model.taxes(order.customer, order.lines.values())
            self.invoiced(done, Invoice(order.customer, order_id, postings))

    @rule(customer=picks, amount=amounts)
    def invoice_amount(self, customer: int, amount: int) -> None:
        buyer = self.customer(customer)
        done = self.run(STAFF, invoice_amount, customer_id=buyer, amount_paise=amount)
        self.invoiced(done, Invoice(buyer, None, {"RECEIVABLE": amount, "SALES": -amount}))

    @precondition(lambda self: self.model.invoices)
    @rule(actor=st.sampled_from([OWNER, STAFF]), pick=picks)
    def cancel_invoice(self, actor: Actor, pick: int) -> None:
        invoice_id = sorted(self.model.invoices)[pick % len(self.model.invoices)]
        invoice = self.model.invoices[invoice_id]

        def expected() -> None:
            self.only(actor, OWNER)
            if invoice.cancelled:
                raise Refused("invoice_cancelled")
            invoice.cancelled = True
            if invoice.order:
                self.model.orders[invoice.order].invoice = None
            undone = {account: -paise for account, paise in invoice.postings.items()}
            self.model.post(invoice.customer, **undone)

        self.both(expected, actor, cancel_invoice, invoice_id=invoice_id, reason="mistake")

    @rule(
        actor=st.sampled_from(["owner", "staff", "customer", "viewer"]),
        customer=picks,
        amount=amounts,
        method=st.sampled_from(list(ARRIVES_IN)),
        invoice=st.one_of(st.none(), picks),
    )
    def pay(self, actor: str, customer: int, amount: int, method: str, invoice: int | None) -> None:
        payer = self.customer(customer)
        who = self.actor(actor, payer)
        bills = sorted(self.model.invoices)
        bill = bills[invoice % len(bills)] if bills and invoice is not None else None

        def expected() -> None:
            self.only(who, *SELLERS)
            if bill:
                named = self.model.invoices[bill]
                if named.cancelled or named.customer != payer:
                    raise Refused("invoice")
            self.model.post(payer, RECEIVABLE=-amount, **{ARRIVES_IN[method]: amount})
            self.model.paid[method] += amount

        done = self.both(
            expected,
            who,
            record_payment,
            customer_id=payer,
            amount_paise=amount,
            method=method,
            invoice_id=bill,
        )
        if done:
            assert done["balance_after"] == self.model.owed[payer]

    @rule(actor=st.sampled_from(["staff", "customer"]), customer=picks, amount=amounts)
    def give_credit(self, actor: str, customer: int, amount: int) -> None:
        debtor = self.customer(customer)
        who = self.actor(actor, debtor)

        def expected() -> None:
            self.only(who, *SELLERS)
            self.model.post(debtor, RECEIVABLE=amount, KHATA_GIVEN=-amount)

        self.both(expected, who, give_credit, customer_id=debtor, amount_paise=amount)

    @rule(actor=st.sampled_from([STAFF, VIEWER]), amount=amounts)
    def spend(self, actor: Actor, amount: int) -> None:
        def expected() -> None:
            self.only(actor, *SELLERS)
            self.model.post(**{"EXPENSE:rent": amount, "CASH": -amount})
            self.model.spent += amount

        self.both(expected, actor, log_expense, amount_paise=amount, category="rent")

    @precondition(lambda self: self.last)
    @rule()
    def ask_again(self) -> None:
        """A repeat changes nothing and gets the same answer."""
        assert self.last is not None
        actor, key, command, arguments, answer = self.last
        assert self.bahi.run(self.business, actor, key, command, **arguments) == answer

    @rule(customer=picks, product=picks, quantity=pieces, paid=picks)
    def sell(self, customer: int, product: int, quantity: Decimal, paid: int) -> None:
        """The usual way of an order, all of it: booked, billed, delivered, paid for in part."""
        self.create_order(
            actor="staff", customer=customer, lines=[(product, quantity)], pending=False
        )
        if not self.model.orders:
            return
        place = sorted(self.model.orders).index(list(self.model.orders)[-1])
        self.invoice_order(actor="owner", pick=place)
        self.change_status(actor="owner", pick=place, step=paid, sensible=True)
        self.pay(actor="staff", customer=customer, amount=1 + paid, method="upi", invoice=None)

    @rule(pick=picks, customer=picks, buyers=st.integers(2, 5), quantity=pieces)
    def rush(self, pick: int, customer: int, buyers: int, quantity: Decimal) -> None:
        """Several orders for one product at once: as many succeed as there is stock for."""
        product, buyer = self.product(pick), self.customer(customer)
        goods = self.model.goods[product]
        lines = [{"product_id": product, "quantity": quantity}]

        def order(number: int) -> Any:
            return self.attempt(
                SELLERS[number % 2],
                f"rush:{key}:{number}",
                create_order,
                {"customer_id": buyer, "lines": lines},
            )

        key = next(self.keys)
        with ThreadPoolExecutor(buyers) as pool:
            answers = list(pool.map(order, range(buyers)))
        booked = [UUID(one["order_id"]) for one in answers if not isinstance(one, str)]
        assert [one for one in answers if isinstance(one, str)] == ["out_of_stock"] * (
            buyers - len(booked)
        )
        assert len(booked) == min(buyers, int(goods.available // quantity))
        goods.reserved += quantity * len(booked)
        for order_id in booked:
            lines_booked = {product: self.line(product, quantity)}
            self.model.orders[order_id] = Order(buyer, "confirmed", lines_booked)

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        model = self.model
        with self.bahi.read(self.business) as reader:
            found = {
                one.product_id: (one.on_hand, one.reserved, one.value_paise)
                for one in stock_list(reader)
            }
            balances = all_balances(reader)
            trial = {line.account: line.debit - line.credit for line in trial_balance(reader)}
            assert stock_value(reader) == trial.get("INVENTORY", 0)
        assert found == {
            product: (goods.on_hand, goods.reserved, goods.value)
            for product, goods in model.goods.items()
        }
        assert balances == {one: paise for one, paise in model.owed.items() if paise}
        assert trial == {account: paise for account, paise in model.accounts.items() if paise}
        assert sum(trial.values()) == 0

    def teardown(self) -> None:
        """The journal is whole, numbers have no gaps, each debt is explained, the report agrees."""
        with self.bahi.read(self.business) as reader:
            connection = reader.connection
            assert first_bad_seq(connection, self.business) is None
            numbers = connection.execute(
                select(orders.c.number)
                .where(orders.c.business_id == self.business)
                .order_by(orders.c.number)
            ).scalars()
            serials = connection.execute(
                select(invoices.c.serial)
                .where(invoices.c.business_id == self.business)
                .order_by(invoices.c.serial)
            ).scalars()
            assert [int(number[-5:]) for number in numbers] == _up_to(len(self.model.orders))
            assert list(serials) == _up_to(len(self.model.invoices))
            self._check_khata(reader)
            self._check_entries(reader)
            self._check_report(reader)

    def _check_khata(self, reader: Any) -> None:
        """What is open of debts, less unspent advances, is each customer's balance."""
        khata: Counter[UUID] = Counter()
        for table, column, sign in (
            (receivables, receivables.c.open_paise, 1),
            (payments, payments.c.advance_paise, -1),
        ):
            rows = reader.connection.execute(
                select(table.c.customer_id, func.sum(column))
                .where(table.c.business_id == self.business)
                .group_by(table.c.customer_id)
            )
            for customer, paise in rows:
                khata[customer] += sign * int(paise)
        assert {one: paise for one, paise in khata.items() if paise} == {
            one: paise for one, paise in self.model.owed.items() if paise
        }

    def _check_entries(self, reader: Any) -> None:
        unbalanced = reader.connection.execute(
            select(ledger_postings.c.entry_id)
            .where(ledger_postings.c.business_id == self.business)
            .group_by(ledger_postings.c.entry_id)
            .having(func.sum(ledger_postings.c.paise) != 0)
        ).all()
        assert unbalanced == []
        self._check_sums(reader)

    def _check_sums(self, reader: Any) -> None:
        """What reports read is what was posted: by day, by party, for each account."""
        c = ledger_postings.c
        posted = reader.connection.execute(
            select(
                c.account,
                func.coalesce(func.sum(c.paise).filter(c.paise > 0), 0),
                func.coalesce(-func.sum(c.paise).filter(c.paise < 0), 0),
            )
            .where(c.business_id == self.business)
            .group_by(c.account)
        )
        assert turnover(reader) == {row[0]: (int(row[1]), int(row[2])) for row in posted}
        parties = reader.connection.execute(
            select(c.party_id, func.sum(c.paise))
            .where(c.business_id == self.business, c.account == "RECEIVABLE")
            .group_by(c.party_id)
        )
        owed = {row[0]: int(row[1]) for row in parties if row[1]}
        assert dict(party_balances(reader, "RECEIVABLE")) == owed

    def _check_report(self, reader: Any) -> None:
        found = summary(reader, reader.today, reader.today)
        standing = [one for one in self.model.invoices.values() if not one.cancelled]
        assert found.sales.paise == sum(one.postings["RECEIVABLE"] for one in standing)
        assert found.invoices == len(standing)
        assert {one.code: one.paise for one in found.payments_by_method} == self.model.paid
        assert found.expenses.paise == self.model.spent
        assert found.receivables.paise == sum(max(paise, 0) for paise in self.model.owed.values())

    def both(
        self, expected: Callable[[], None], actor: Actor, command: Any, /, **arguments: Any
    ) -> Any:
        """Run a command and the model's idea of it; the answer, or None when both refuse alike."""
        refusal = None
        try:
            expected()
        except Refused as refused:
            refusal = str(refused)
        key = f"k{next(self.keys)}"
        answer = self.attempt(actor, key, command, arguments)
        if refusal is not None:
            assert answer == refusal
            return None
        assert not isinstance(answer, str), answer
        self.last = (actor, key, command, arguments, answer)
        return answer

    def run(self, actor: Actor, command: Any, /, **arguments: Any) -> Any:
        return self.both(lambda: None, actor, command, **arguments)

    def attempt(self, actor: Actor, key: str, command: Any, arguments: dict[str, Any]) -> Any:
        """The answer, or the code of the refusal."""
        try:
            return self.bahi.run(self.business, actor, key, command, **arguments)
        except BahiError as error:
            return error.code

    def invoiced(self, done: Any, invoice: Invoice) -> None:
        assert done["total"] == invoice.postings["RECEIVABLE"]
        self.model.invoices[UUID(done["invoice_id"])] = invoice
        self.model.post(invoice.customer, **invoice.postings)

    def only(self, actor: Actor, *allowed: Actor) -> None:
        if actor not in (*allowed, SYSTEM):
            raise Refused("not_allowed")

    def own(
        self, actor: Actor, customer: UUID, *allowed: Actor, missing: str = "not_allowed"
    ) -> None:
        """A customer may, for itself; to another it looks as if there were nothing."""
        if actor.kind == "customer":
            if actor.id != customer:
                raise Refused(missing)
        else:
            self.only(actor, *allowed)

    def actor(self, name: str, customer: UUID) -> Actor:
        others = [one for one in sorted(self.model.customers) if one != customer]
        return {
            "owner": OWNER,
            "staff": STAFF,
            "viewer": VIEWER,
            "customer": Actor("customer", customer),
            "another": Actor("customer", others[0]),
        }[name]

    def product(self, pick: int) -> UUID:
        return sorted(self.model.goods)[pick % len(self.model.goods)]

    def customer(self, pick: int) -> UUID:
        return sorted(self.model.customers)[pick % len(self.model.customers)]

    def order(self, pick: int, *, changeable: bool = False) -> tuple[UUID, Order]:
        """Any order; mostly one that can still be changed, if that is asked for."""
        every = sorted(self.model.orders)
        if changeable and pick % 4:
            open_ones = ("pending", *RESERVED)
            found = self.model.orders
            every = [
                one for one in every if found[one].status in open_ones and not found[one].invoice
            ] or every
        order_id = every[pick % len(every)]
        return order_id, self.model.orders[order_id]

    def line(self, product: UUID, quantity: Decimal) -> Booked:
        goods = self.model.goods[product]
        return Booked(quantity, goods.price, goods.rate)

    def fitting(self, product: UUID, quantity: Decimal) -> Decimal:
        """Pieces come whole."""
        if self.model.goods[product].whole:
            return Decimal(max(1, int(quantity)))
        return quantity


def rounded(value: Fraction) -> int:
    """Halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def _up_to(count: int) -> list[int]:
    return list(range(1, count + 1))


@pytest.mark.timeout(0 if "BAHI_HISTORIES" in os.environ else 1800)
def test_the_shop_is_what_the_model_says_after_any_history(bahi: Bahi) -> None:
    bahi = Bahi(bahi.database, bahi.clock, listeners=default_listeners())
    run_state_machine_as_test(
        lambda: Shop(bahi),
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
