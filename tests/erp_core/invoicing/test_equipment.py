"""Equipment is sold with a bill, and leaves the books; its tax is the higher of two."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from own_shop import OwnShop
from pypdfium2 import PdfDocument

from demo.year import Calendar
from erp_core.expenses.service import log_expense, take_back_expense
from erp_core.invoicing import pdf
from erp_core.invoicing.equipment import credit_left, named, owned, sell_equipment
from erp_core.invoicing.notes import credit_invoice, debit_invoice
from erp_core.invoicing.queries import invoice
from erp_core.invoicing.service import bill_goods, cancel_invoice
from erp_core.kernel.errors import Conflict
from erp_core.ledger import chart
from erp_core.ledger.vouchers import write_voucher
from erp_core.portals import inv01
from erp_core.portals.amending import bill_anew
from erp_core.portals.apportioning import apportioned
from erp_core.reports.gst.behind import behind_gstr3b
from erp_core.reports.gst.gstr1 import gstr1

BOUGHT, NOVEMBER, DECEMBER = date(2026, 4, 10), date(2026, 11, 1), date(2026, 12, 1)
SALE = (chart.ASSETS_SOLD, chart.FIXED_ASSETS, chart.SALES)


class Shop(OwnShop):
    """Bought a fridge for ₹60,000 and ₹5,400 of each half, and sells it in November."""

    def __init__(self, database, **facts):
        super().__init__(database, Calendar(BOUGHT), **facts)
        self.fridge = self.buy("Fridge LG", 70_800_00, 10_800_00)
        self.ravi = self.customer()
        self.on(2026, 11, 20)

    def buy(self, item, amount, gst):
        done = self.run(log_expense, amount_paise=amount, gst_paise=gst, item=item)
        return UUID(done["expense_id"])

    def sell(self, amount, **facts):
        facts = {"expense_id": self.fridge, "customer_id": self.ravi, **facts}
        return self.run(sell_equipment, amount_paise=amount, **facts)


@pytest.fixture
def shop(database):
    return Shop(database)


def test_the_bill_has_code_and_rate_and_the_books_hold_profit_and_cash(shop):
    done = shop.sell(76_700_00, method="cash")
    assert (done["tax"], done["due"], done["credit_back"], done["profit"]) == (
        11_700_00, 0, 0, 5_000_00
    )  # fmt: skip
    with shop.read() as reader:
        bill = invoice(reader, UUID(done["invoice_id"]))
        (line,) = bill.lines
    assert (bill.kind, bill.total_paise, bill.payment_status) == ("tax_invoice", 76_700_00, "paid")
    assert (line.name, line.hsn, line.rate, line.taxable_paise) == (
        "Fridge LG", "8418", 1800, 65_000_00
    )  # fmt: skip
    assert shop.balances(*SALE) == (-5_000_00, 0, 0)
    assert shop.balances(chart.CASH, chart.OUTPUT_CGST) == (5_900_00, -5_850_00)


def test_where_more_is_left_of_the_credit_the_rest_goes_back(shop):
    done = shop.sell(23_600_00)  # 3,600.00; of 10,800.00 are left 85 %: 9,180.00
    assert (done["tax"], done["credit_back"], done["profit"]) == (3_600_00, 5_580_00, -45_580_00)
    assert shop.balances(chart.ASSETS_SOLD, chart.INPUT_CGST, chart.INPUT_SGST) == (
        45_580_00, 2_610_00, 2_610_00
    )  # fmt: skip
    told = shop.summary(NOVEMBER)
    assert (told.taxable.taxable, told.taxable.tax, told.given_back.tax) == (
        20_000_00, 3_600_00, 5_580_00
    )  # fmt: skip
    assert (told.available.tax, told.input_tax.tax, told.difference) == (0, -5_580_00, 0)
    with shop.read() as reader:
        (behind,) = behind_gstr3b(reader, told)["4(B)(1)"]
    assert (behind.part.cgst, behind.part.sgst) == (2_790_00, 2_790_00)


@pytest.mark.parametrize(
    ("sold_on", "left"),
    [
        (date(2026, 4, 10), 95_00),
        (date(2026, 7, 10), 95_00),
        (date(2026, 7, 11), 90_00),
        (date(2031, 1, 11), 0),
        (date(2033, 1, 1), 0),
    ],
)
def test_each_quarter_begun_takes_five_percent(sold_on, left):
    assert credit_left({"igst": 100_00}, BOUGHT, sold_on) == {"igst": left}


def test_gstr1_tells_it_as_every_sale(shop):
    shop.sell(23_600_00)
    with shop.read() as reader:
        found = gstr1(reader, NOVEMBER)
    assert {key: part.taxable for key, part in found.b2cs.items()} == {
        ("INTRA", "27", 1800): 20_000_00
    }
    assert [(one.hsn, one.uqc, one.quantity) for one in found.hsn_b2c] == [("8418", "PCS", 1)]
    assert found.problems == ()


def test_it_leaves_at_what_depreciation_has_left_of_it(shop):
    shop.run(write_voucher, kind="depreciation", amount_paise=9_000_00)
    shop.buy("laptop", 47_200_00, 7_200_00)
    shop.run(write_voucher, kind="depreciation", amount_paise=9_100_00)  # a tenth of 91,000.00
    with shop.read() as reader:
        assert [(one.item, one.cost, one.book_value) for one in owned(reader)] == [
            ("laptop", 40_000_00, 36_000_00), ("Fridge LG", 60_000_00, 45_900_00)
        ]  # fmt: skip
    done = shop.sell(59_000_00)
    assert (done["book_value"], done["profit"]) == (45_900_00, 4_100_00 - 180_00)
    assert shop.balances(chart.FIXED_ASSETS) == (36_000_00,)


def test_its_share_for_sales_without_tax_ends_with_the_month_of_the_sale(shop):
    rice = shop.goods("Loose rice", 100_00, "1006", rate="0", packing="loose")
    shop.run(
        bill_goods, customer_id=shop.ravi, lines=[{"product_id": rice, "quantity": "100"}]
    )  # fmt: skip
    with shop.read() as reader:
        before = apportioned(reader, DECEMBER).capital["cgst"]
    shop.sell(11_800_00)  # beside as much without tax
    with shop.read() as reader:
        november, december = (apportioned(reader, one) for one in (NOVEMBER, DECEMBER))
    assert (before, november.capital["cgst"], december.capital["cgst"]) == (90_00, 45_00, 0)


def test_a_cancelled_bill_gives_it_back_and_it_can_be_sold_again(shop):
    done = shop.sell(23_600_00)
    shop.run(cancel_invoice, invoice_id=UUID(done["invoice_id"]), reason="mistake")
    assert shop.balances(*SALE, chart.INPUT_CGST) == (0, 60_000_00, 0, 5_400_00)
    assert shop.summary(NOVEMBER).given_back.tax == 0
    assert shop.sell(70_800_00)["profit"] == 0


def test_a_note_over_all_gives_it_back_one_over_a_part_does_not(shop):
    bill = UUID(shop.sell(70_800_00)["invoice_id"])
    shop.run(credit_invoice, invoice_id=bill, reason="discount", amount_paise=11_800_00)
    shop.run(debit_invoice, invoice_id=bill, reason="mistake", amount_paise=1_180_00)
    assert shop.balances(*SALE) == (9_000_00, 0, 0)
    with shop.read() as reader:
        assert owned(reader) == []
    shop.on(2026, 12, 5)
    shop.run(credit_invoice, invoice_id=bill, reason="returned")
    with shop.read() as reader:
        (back,) = owned(reader)
    assert (back.book_value, back.expense_id) == (60_000_00, shop.fridge)
    assert shop.summary(DECEMBER).difference == 0


def test_a_note_over_all_of_its_amount_gives_it_back(shop):
    bill = UUID(shop.sell(70_800_00)["invoice_id"])
    for amount in (11_800_00, 59_000_00):
        shop.run(credit_invoice, invoice_id=bill, reason="mistake", amount_paise=amount)
    assert shop.balances(*SALE) == (0, 60_000_00, 0)
    assert shop.sell(70_800_00)["profit"] == 0


def test_a_bill_made_anew_sells_it_once(shop):
    bill = UUID(shop.sell(23_600_00)["invoice_id"])
    shop.run(bill_anew, invoice_id=bill, gstin="27AAACR5055K1Z7")
    assert shop.balances(*SALE) == (45_580_00, 0, 0)
    with shop.read() as reader:
        assert owned(reader) == []
    assert shop.summary(NOVEMBER).given_back.tax == 5_580_00


def test_it_is_sold_once_and_its_purchase_stays(shop):
    shop.sell(23_600_00)
    with pytest.raises(Conflict, match="not_owned"):
        shop.sell(23_600_00)
    with pytest.raises(Conflict, match="equipment_sold"):
        shop.run(take_back_expense, expense_id=shop.fridge)


def test_what_is_no_equipment_is_not_sold_so(shop):
    tea = shop.buy("chai", 100_00, 0)
    with pytest.raises(Conflict, match="not_owned"):
        shop.sell(50_00, expense_id=tea)


def test_what_nobody_knows_the_code_of_waits_for_it(shop):
    tools = shop.buy("tools", 1_180_00, 180_00)
    with pytest.raises(Conflict, match="equipment_code_unknown"):
        shop.sell(590_00, expense_id=tools)
    assert shop.sell(590_00, expense_id=tools, hsn="8205", rate=1800)["tax"] == 90_00


def test_a_shop_that_is_not_registered_gives_a_plain_bill(database):
    shop = Shop(database, gstin=None)
    done = shop.sell(50_000_00)
    assert (done["tax"], done["book_value"], done["profit"]) == (0, 70_800_00, -20_800_00)


def test_under_composition_it_is_part_of_the_turnover(database):
    shop = Shop(database, gst_scheme="composition")
    done = shop.sell(50_000_00)
    with shop.read() as reader:
        bill = invoice(reader, UUID(done["invoice_id"]))
    assert (bill.kind, bill.lines[0].rate, bill.lines[0].usual_rate) == ("bill_of_supply", 0, 1800)
    assert (done["tax"], done["book_value"], done["credit_back"]) == (0, 70_800_00, 0)


def test_words_find_it(shop):
    shop.buy("Fridge Godrej", 11_800_00, 1_800_00)
    with shop.read() as reader:
        assert {one.item for one in named(reader, "purana fridge")} == {
            "Fridge LG", "Fridge Godrej"
        }  # fmt: skip
        assert [one.item for one in named(reader, "LG fridge")] == ["Fridge LG"]
        assert named(reader, "camera") == []


def test_its_bill_is_printed_and_fit_for_the_portal(database):
    shop = Shop(database, address="12 FC Road, Pune 411004")
    metro = shop.customer(
        "Metro Traders", gstin="27AAACR5055K1Z7", address="4 MG Road, Pune 411001"
    )
    done = shop.sell(23_600_00, customer_id=metro)
    with shop.read() as reader:
        bill = invoice(reader, UUID(done["invoice_id"]))
        printed = PdfDocument(pdf.render(reader, bill.id, "english"))
    text = printed[0].get_textpage().get_text_range()
    assert all(said in text for said in ("TAX INVOICE", "Fridge LG", "HSN 8418", "20,000.00"))
    assert inv01.faults(inv01.payload(bill)) == []
