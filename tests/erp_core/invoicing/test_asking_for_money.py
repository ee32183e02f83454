"""Customers are reminded of what they owe, with the last bill that is not paid."""

from __future__ import annotations

import pytest

from erp_core.invoicing.service import invoice_amount, request_payment
from erp_core.journal import outbox
from erp_core.kernel.errors import Invalid


def reminders(bahi, business):
    with bahi.read(business) as reader:
        rows = outbox.claim_outbox(reader.connection, business, now=bahi.clock.now())
        return [row for row in rows if row.response == "utter_payment_reminder"]


def test_a_reminder_names_what_is_owed_and_brings_the_unpaid_bill(run, ravi, bahi, business):
    bill = run(invoice_amount, customer_id=ravi, amount_paise=500_00, description_code="goods")
    assert run(request_payment, customer_ids=[str(ravi)]) == {"asked": [str(ravi)]}
    (reminder,) = reminders(bahi, business)
    assert reminder.to.id == ravi
    assert reminder.facts == {"customer_id": str(ravi), "due": 500_00}
    assert reminder.attachment == {"kind": "invoice", "id": bill["invoice_id"]}


def test_an_amount_that_was_named_is_asked_for(run, ravi, bahi, business):
    run(request_payment, customer_ids=[str(ravi)], amount_paise=75_00)
    (reminder,) = reminders(bahi, business)
    assert reminder.facts["due"] == 75_00
    assert reminder.attachment is None


def test_nobody_is_asked_for_nothing(run, ravi, bahi, business):
    with pytest.raises(Invalid) as error:
        run(request_payment, customer_ids=[str(ravi)])
    assert error.value.code == "nobody_owes"
    assert reminders(bahi, business) == []


@pytest.mark.parametrize("amount", [0, -1, 10**18])
def test_an_impossible_amount_is_refused(run, ravi, amount):
    with pytest.raises(Invalid) as error:
        run(request_payment, customer_ids=[str(ravi)], amount_paise=amount)
    assert error.value.code == "bad_amount"
