"""Under composition a trader pays on what is taxable of its turnover, others on all (rule 7)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from own_shop import OwnShop

from demo.year import Calendar
from erp_core.catalogue.service import change_product
from erp_core.invoicing.notes import credit_invoice
from erp_core.invoicing.service import bill_goods, invoice_amount
from erp_core.kernel.errors import Invalid
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.portals.profile import set_profile
from erp_core.portals.settling import COST, provide_composition_tax
from erp_core.reports.gst.composition import cmp08, gstr4
from erp_core.reports.gst.portal_files import cmp08_json, gstr4_json

JUNE = date(2026, 6, 1)


class Trader(OwnShop):
    def __init__(self, database):
        super().__init__(database, Calendar(date(2026, 4, 1)), gst_scheme="composition")
        self.ravi = self.customer()

    def sell(self, *goods):
        lines = [{"product_id": one, "quantity": "1"} for one in goods]
        return self.run(bill_goods, customer_id=self.ravi, lines=lines)["invoice_id"]

    def quarter(self):
        with self.read() as reader:
            return cmp08(reader, JUNE)


@pytest.fixture
def shop(database):
    return Trader(database)


def test_exempt_goods_of_a_trader_bear_nothing(shop):
    soap = shop.goods("Soap", 600_00, "3401", rate="5")
    milk = shop.goods("Milk", 300_00, "0401", rate="0")
    onions = shop.goods("Onions", 100_00, "0703")
    shop.sell(soap, milk, onions)
    found = shop.quarter()
    assert (found.turnover, found.exempt, found.unknown) == (1_000_00, 400_00, 0)
    assert (found.rate, found.tax, found.trade) == (100, 6_00, "trader")
    told = json.loads(cmp08_json(found))
    assert told["osup"] == {"txval": 1000, "iamt": 0, "camt": 3, "samt": 3, "csamt": 0}


def test_the_year_tells_what_is_exempt_at_no_rate(shop):
    soap = shop.goods("Soap", 600_00, "3401", rate="5")
    onions = shop.goods("Onions", 100_00, "0703")
    shop.sell(soap, onions)
    with shop.read() as reader:
        told = json.loads(gstr4_json(gstr4(reader, JUNE)))
    assert [(one["rt"], one["txval"], one["camt"]) for one in told["outward"]] == [
        (0, 100, 0), (1, 600, 3)
    ]  # fmt: skip


def test_what_nobody_knows_a_rate_of_is_taxed_and_told(shop):
    """A nil rate without a code is what a file says that says nothing."""
    shop.sell(shop.goods("Bucket", 200_00, None, rate="0"))
    shop.sell(shop.goods("Thing", 300_00, None))
    shop.run(invoice_amount, customer_id=shop.ravi, amount_paise=500_00)
    found = shop.quarter()
    assert (found.turnover, found.exempt, found.unknown, found.tax) == (
        1_000_00,
        0,
        1_000_00,
        10_00,
    )


def test_rice_that_is_loose_is_exempt_and_packed_is_not(shop):
    loose = shop.goods("Loose rice", 100_00, "1006", packing="loose")
    packed = shop.goods("Packed rice", 100_00, "1006", packing="packed")
    shop.sell(loose, packed)
    found = shop.quarter()
    assert (found.exempt, found.unknown, found.tax) == (100_00, 0, 1_00)


def test_a_line_keeps_what_was_so_when_it_was_sold_and_a_note_takes_it_off(shop):
    soap = shop.goods("Soap", 600_00, "3401", rate="5")
    milk = shop.goods("Milk", 300_00, "0401", rate="0")
    bill = shop.sell(soap, milk)
    shop.run(change_product, product_id=milk, hsn="9608", gst_rate="18")
    assert shop.quarter().exempt == 300_00
    shop.run(credit_invoice, invoice_id=bill, reason="returned", back={"2": "1"})
    found = shop.quarter()
    assert (found.turnover, found.exempt, found.tax) == (600_00, 0, 6_00)
    shop.run(credit_invoice, invoice_id=bill, reason="returned", back={"1": "1"})
    assert (shop.quarter().turnover, shop.quarter().tax) == (0, 0)


def test_a_manufacturer_pays_on_all_of_it(shop):
    soap = shop.goods("Soap", 600_00, "3401", rate="5")
    milk = shop.goods("Milk", 400_00, "0401", rate="0")
    shop.sell(soap, milk)
    shop.run(provide_composition_tax, month=JUNE)
    shop.run(set_profile, trade="manufacturer")
    found = shop.quarter()
    assert (found.exempt, found.tax, found.trade) == (0, 10_00, "manufacturer")
    shop.run(provide_composition_tax, month=JUNE)
    with shop.read() as reader:
        assert ledger.balance_of(reader, COST) == 10_00
        assert ledger.balance_of(reader, chart.OUTPUT_CGST) == -5_00
    shop.run(set_profile, trade="services")
    assert shop.quarter().tax == 60_00
    with pytest.raises(Invalid) as refused:
        shop.run(set_profile, trade="juggler")
    assert refused.value.code == "bad_trade"
