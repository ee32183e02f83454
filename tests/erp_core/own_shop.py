"""A registered shop of a test's own, on a clock that the test turns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from erp_core.inventory.service import add_stocked_product
from erp_core.kernel.actor import SYSTEM
from erp_core.ledger.queries import balance_of
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_customer
from erp_core.reports.gst.gstr3b import gstr3b
from erp_core.runtime import Bahi, default_listeners

GSTIN = "27AAPFU0939F1ZV"


class OwnShop:
    """`facts` are what is told of the business besides."""

    def __init__(self, database, clock, **facts):
        self.calendar = clock
        self.bahi = Bahi(database, clock, listeners=default_listeners())
        new = NewBusiness("Sharma", uuid4().hex, "27", **{"gstin": GSTIN, **facts})
        self.business = register_business(database, clock, new)

    def run(self, command, **arguments):
        return self.bahi.run(self.business, SYSTEM, uuid4().hex, command, **arguments)

    def read(self):
        return self.bahi.read(self.business, SYSTEM)

    def on(self, *day):
        self.calendar.turn_to(date(*day))

    def balances(self, *accounts):
        with self.read() as reader:
            return tuple(balance_of(reader, account) for account in accounts)

    def summary(self, month):
        with self.read() as reader:
            return gstr3b(reader, month)

    def customer(self, name="Ravi", **facts):
        return UUID(self.run(add_customer, name=name, **facts)["customer_id"])

    def goods(self, name, price, hsn, *, rate=None, **facts):
        facts = {"stock": Decimal(10**6), **facts}
        return self.run(
            add_stocked_product, name=name, price_paise=price, hsn=hsn, gst_rate=rate, **facts
        )["product_id"]
