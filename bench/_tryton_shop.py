"""Tryton's side of bench.books, run by Tryton's own Python: a shop, and sales until time is up.

A line "SECONDS" on standard input is answered by "SALES ELAPSED" on standard output. Sales go
through Tryton's classes in this process, without its network protocol, and are not shipped: what
Tryton need not do is left out.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

GOODS, CUSTOMERS = 50, 50


def main() -> None:
    """Make the shop, then serve the lines."""
    from trytond import config

    config.set("database", "uri", "postgresql://")
    from proteus import Model
    from trytond.modules.account.tests.tools import (
        create_chart,
        create_fiscalyear,
        create_tax,
        get_accounts,
    )
    from trytond.modules.account_invoice.tests.tools import (
        create_payment_term,
        set_fiscalyear_invoice_sequences,
    )
    from trytond.modules.company.tests.tools import create_company
    from trytond.tests.tools import activate_modules

    activate_modules("sale", create_company, create_chart)
    year = set_fiscalyear_invoice_sequences(create_fiscalyear())
    year.click("create_period")
    accounts = get_accounts()
    halves = [create_tax(Decimal("0.09")), create_tax(Decimal("0.09"))]
    for tax in halves:
        tax.save()
    category = Model.get("product.category")(name="Taxed")
    category.accounting = True
    category.account_expense = accounts["expense"]
    category.account_revenue = accounts["revenue"]
    category.customer_taxes.extend(halves)
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    products = []
    for number in range(GOODS):
        template = Model.get("product.template")(name=f"Thing {number}")
        template.default_uom = unit
        template.type = "goods"
        template.salable = True
        template.list_price = Decimal("79.90")
        template.account_category = category
        template.save()
        products.append(template.products[0].id)
    parties = []
    for number in range(CUSTOMERS):
        party = Model.get("party.party")(name=f"Customer {number}")
        party.save()
        parties.append(party.id)
    term = create_payment_term()
    term.save()
    (company,) = Model.get("company.company").find([])
    print("ready", flush=True)
    seller = Seller(company.id, parties, products, term.id)
    for line in sys.stdin:
        print(*seller.sell_for(float(line)), flush=True)


class Seller:
    """Sells as fast as it can."""

    def __init__(self, company: int, parties: list[int], products: list[int], term: int) -> None:
        self.company, self.parties, self.products, self.term = company, parties, products, term
        self.luck = random.Random(1)

    def sell_for(self, seconds: float) -> tuple[int, float]:
        """How many sales, in how many seconds."""
        start = time.perf_counter()
        sales = 0
        while time.perf_counter() - start < seconds:
            self.sell()
            sales += 1
        return sales, time.perf_counter() - start

    def sell(self) -> None:
        """One sale of two lines, in the steps that a user of Tryton takes."""
        sale = self._in_transaction(self._book)
        self._in_transaction(self._confirm, sale)
        self._in_transaction(self._bill, sale)

    def _in_transaction(self, step: Callable[..., Any], *arguments: Any) -> Any:
        """As Tryton's dispatcher does it: begun anew when a row turns out to need its lock."""
        from trytond.transaction import Transaction, TransactionError

        locks: dict[str, Any] = {}
        context = {"company": self.company, "language": "en"}
        for _ in range(20):
            with Transaction().start(os.environ["DB_NAME"], 1, context=context, **locks) as begun:
                try:
                    done = step(*arguments)
                except TransactionError as error:
                    begun.rollback()
                    begun.tasks.clear()
                    error.fix(locks)
                    continue
            return done
        raise RuntimeError("a transaction of Tryton never has all its locks")

    def _book(self) -> int:
        from trytond.pool import Pool

        pool = Pool()
        sales, lines_of = pool.get("sale.sale"), pool.get("sale.line")
        sale = sales(company=self.company, party=self.luck.choice(self.parties))
        given = ("company", "party", "lines")
        defaults = [one for one in sales._fields if one not in given]
        for field, value in sales.default_get(defaults, with_rec_name=False).items():
            setattr(sale, field, value)
        sale.on_change_party()
        sale.payment_term = self.term
        sale.invoice_method, sale.shipment_method = "order", "manual"
        sale.sale_date = datetime.date.today()  # noqa: DTZ011 - as Tryton's client dates it
        lines = []
        for product in self.luck.sample(self.products, 2):
            line = lines_of(sale=sale, type="line", product=product, quantity=2)
            line.on_change_product()
            line.on_change_quantity()
            lines.append(line)
        sale.lines = lines
        sale.save()
        return int(sale.id)

    def _confirm(self, sale: int) -> None:
        from trytond.pool import Pool

        sales = Pool().get("sale.sale")
        booked = sales(sale)
        sales.quote([booked])
        sales.confirm([booked])
        if booked.state != "processing":
            sales.process([booked])

    def _bill(self, sale: int) -> None:
        from trytond.pool import Pool

        pool = Pool()
        (invoice,) = pool.get("sale.sale")(sale).invoices
        pool.get("account.invoice").post([invoice])
        assert invoice.state == "posted"
        assert invoice.move


if __name__ == "__main__":
    main()
