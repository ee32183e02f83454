"""Bills, notes, returns of goods and payments at once: no deadlock, no gap, no paisa lost."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

from erp_core.inventory.queries import stock
from erp_core.invoicing import notes, service
from erp_core.invoicing.queries import all_invoices
from erp_core.kernel.errors import BahiError
from erp_core.ledger.queries import trial_balance
from erp_core.orders.service import change_status
from erp_core.payments.service import record_payment
from erp_core.reports.gst.gstr1 import gstr1
from erp_core.reports.gst.gstr3b import gstr3b

WORKERS = 6
ROUNDS = 4


def test_a_shop_that_bills_and_undoes_at_once(run, reader_of, ravi, gupta, phone, order_of):
    def trade(seed: int) -> list[str]:
        dice, refused = random.Random(seed), []
        for _ in range(ROUNDS):
            customer = dice.choice([ravi, gupta])
            order_id = order_of(customer, str(dice.randint(1, 3)))
            if dice.random() < 0.6:
                run(change_status, order_id=order_id, status="delivered")
            invoice_id = UUID(run(service.invoice_order, order_id=order_id)["invoice_id"])
            for _ in range(2):
                try:
                    _something(dice, run, customer, invoice_id)
                except BahiError as error:
                    refused.append(error.code)
        return refused

    with ThreadPoolExecutor(WORKERS) as pool:
        refused = {code for codes in pool.map(trade, range(WORKERS)) for code in codes}
    assert refused <= {
        "invoice_cancelled", "nothing_to_credit", "more_than_billed", "illegal_transition",
    }  # fmt: skip
    with reader_of() as reader:
        issued = sorted(one.number for one in all_invoices(reader))
        found = gstr1(reader, date(2026, 11, 1))
        assert len(issued) == WORKERS * ROUNDS
        assert issued[-1] == f"INV27-2627-{WORKERS * ROUNDS:05d}"
        assert [one.missing for one in found.ranges] == [()] * len(found.ranges)
        assert gstr3b(reader, date(2026, 11, 1)).difference == 0
        assert sum(one.debit - one.credit for one in trial_balance(reader)) == 0
        assert stock(reader, phone).on_hand >= 0


def _something(dice: random.Random, run, customer: UUID, invoice_id: UUID) -> None:
    act = dice.choice(["pay", "undo", "part", "price", "debit"])
    if act == "pay":
        run(record_payment, customer_id=customer, amount_paise=5_000_00, method="cash")
    elif act == "undo":
        back = dice.random() < 0.5
        run(notes.undo_bill, invoice_id=invoice_id, reason="mistake", goods_back=back)
    elif act == "part":
        run(
            notes.credit_invoice, invoice_id=invoice_id, back={"1": "1"}, reason="goods_back",
            goods_back=True,
        )  # fmt: skip
    elif act == "price":
        run(notes.credit_invoice, invoice_id=invoice_id, amount_paise=777_77, reason="price")
    else:
        run(notes.debit_invoice, invoice_id=invoice_id, amount_paise=333_33, reason="price")
