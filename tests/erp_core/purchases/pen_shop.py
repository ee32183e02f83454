"""A shop of one product and one vendor, whose days pass as a test says."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from own_shop import OwnShop

from demo.year import Calendar
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.parties.service import add_vendor
from erp_core.purchases.paying import pay_vendor
from erp_core.purchases.service import record_bill

FIRST = date(2026, 4, 1)


class PenShop(OwnShop):
    """Buys pens with 18 % on them: ten for ₹1,000 and ₹180 of tax."""

    def __init__(self, database):
        super().__init__(database, Calendar(FIRST))
        self.pen = self.goods("Pen", 200_00, "9608", rate="18", stock=None)
        self.vendor = UUID(self.run(add_vendor, name="Metro", gstin="27AAACR5055K1Z7")["vendor_id"])

    def buy(self, rupees=100, pieces="10"):
        line = {"product_id": self.pen, "quantity": pieces, "unit_price_paise": rupees * 100}
        return UUID(self.run(record_bill, vendor_id=self.vendor, lines=[line])["bill_id"])

    def pay(self, paise):
        self.run(pay_vendor, vendor_id=self.vendor, amount_paise=paise)

    def on(self, days):
        """So many days after the first."""
        self.calendar.turn_to(FIRST + timedelta(days=days))

    def credit(self):
        """Credit in the books, and credit that comes again when the vendor is paid."""
        with self.read() as reader:
            held = sum(ledger.balance_of(reader, account) for account in chart.INPUT_TAX.values())
            return held, ledger.balance_of(reader, chart.CREDIT_REVERSED)
