"""A statement against the books: by reference, by amount and name, else by asking; once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest

from erp_core.banking import service
from erp_core.banking.queries import suggestions
from erp_core.invoicing.service import invoice_amount
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.errors import Forbidden, NotFound
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.payments import gateway, queries, returns
from erp_core.payments import service as payments

DAY = "2026-11-18"


def _line(narration, paise=1500_00, *, on=DAY, reference=None):
    return {"on": on, "paise": paise, "narration": narration, "reference": reference}


def _books(bahi, business, *accounts):
    with bahi.read(business) as reader:
        return [ledger.balance_of(reader, account) for account in accounts]


def test_an_invoices_number_books_the_payment_on_it(run, ravi, bahi, business):
    bill = run(invoice_amount, customer_id=ravi, amount_paise=1500_00)
    line = _line(f"NEFT CR-{bill['number']}-SOMEBODY", reference="SBINN52026112012345678")
    done = run(service.import_lines, lines=[line])
    assert (done["booked"], done["amount"]) == (1, 1500_00)
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == 0
        (paid,) = queries.payments_between(reader, date(2026, 11, 1), date(2026, 11, 30))
    assert (paid.method, paid.invoice_id) == ("bank_transfer", UUID(bill["invoice_id"]))
    assert _books(bahi, business, chart.BANK) == [1500_00]


def test_a_payment_on_the_books_is_found_by_amount_and_name(run, ravi, gupta, bahi, business):
    for customer in (ravi, gupta):
        run(payments.record_payment, customer_id=customer, amount_paise=1500_00, method="upi")
    lines = [_line("UPI-RAVI KUMAR-RAVI@OKSBI-632212345678", reference="632212345678")]
    assert run(service.import_lines, lines=lines)["matched"] == 1
    assert _books(bahi, business, chart.BANK, chart.UPI_CLEARING) == [1500_00, 1500_00]
    with bahi.read(business) as reader:
        assert queries.balance(reader, ravi) == -1500_00


def test_the_same_statement_twice_and_an_overlapping_one_book_nothing_again(
    run, ravi, bahi, business
):
    bill = run(invoice_amount, customer_id=ravi, amount_paise=1500_00)
    lines = [_line(f"UPI {bill['number']}"), _line("CASH DEP"), _line("CASH DEP")]
    assert run(service.import_lines, lines=lines)["known"] == 0
    again = run(service.import_lines, lines=[*lines, _line("CASH DEP")])
    assert (again["known"], again["booked"], again["open"]) == (3, 0, 1)
    assert _books(bahi, business, chart.BANK) == [1500_00]


def test_eight_imports_at_once_book_each_line_once(run, ravi, bahi, business):
    bills = [run(invoice_amount, customer_id=ravi, amount_paise=100_00) for _ in range(6)]
    lines = [_line(f"UPI {bill['number']}", 100_00) for bill in bills]

    def take(number):
        ordered = lines if number % 2 else lines[::-1]
        return bahi.run(business, SYSTEM, f"i{number}", service.import_lines, lines=ordered)

    with ThreadPoolExecutor(8) as pool:
        booked = sum(done["booked"] for done in pool.map(take, range(8)))
    assert booked == 6
    assert _books(bahi, business, chart.BANK) == [600_00]


def test_a_name_alone_is_a_suggestion_that_a_person_accepts_once(run, ravi, bahi, business):
    run(payments.give_credit, customer_id=ravi, amount_paise=2000_00)
    done = run(service.import_lines, lines=[_line("IMPS/RAVI KUMAR/SBI", reference="632298765432")])
    assert done["suggested"] == 1
    with bahi.read(business) as reader:
        (one,) = suggestions(reader)
        assert (one.customer_id, queries.balance(reader, ravi)) == (ravi, 2000_00)
    accepted = run(service.accept, line_id=one.id)
    assert accepted["balance_after"] == 500_00
    with pytest.raises(NotFound, match="bank_line"):
        run(service.accept, line_id=one.id)
    assert _books(bahi, business, chart.BANK) == [1500_00]


def test_an_accepted_guess_of_a_noted_payment_only_moves_it_to_the_bank(run, ravi, bahi, business):
    run(payments.record_payment, customer_id=ravi, amount_paise=1500_00, method="upi")
    done = run(service.import_lines, lines=[_line("UPI/632212345678/collect")])
    assert done["suggested"] == 1
    with bahi.read(business) as reader:
        (one,) = suggestions(reader)
    assert run(service.accept, line_id=one.id)["balance_after"] == -1500_00
    assert _books(bahi, business, chart.BANK, chart.UPI_CLEARING) == [1500_00, 0]


def test_a_shared_name_is_nobodys(run, ravi, bahi, business):
    from erp_core.parties.service import add_customer

    run(add_customer, name="Ravi Kumar", phone="919123456700")
    assert run(service.import_lines, lines=[_line("UPI-RAVI KUMAR")])["open"] == 1


def test_a_deposited_cheque_that_bounces_leaves_the_bank_again(run, ravi, bahi, business):
    paid = run(payments.record_payment, customer_id=ravi, amount_paise=1500_00, method="cheque")
    run(service.import_lines, lines=[_line("CHQ DEP RAVI KUMAR")])
    assert _books(bahi, business, chart.BANK, chart.CHEQUES_IN_HAND) == [1500_00, 0]
    run(returns.bounce_cheque, payment_id=UUID(paid["payment_id"]))
    assert _books(bahi, business, chart.BANK, chart.CHEQUES_IN_HAND) == [0, 0]


def test_a_settlement_of_the_gateway_is_known_by_its_utr(run, bahi, business):
    settled = {
        "ref": "setl_1",
        "amount": 490_00,
        "utr": "AXISN0000000123456",
        "status": "processed",
    }
    run(gateway.take_notice, event="settlement.processed", settlement=settled)
    line = _line("NEFT RAZORPAY", 490_00, reference="AXISN0000000123456")
    assert run(service.import_lines, lines=[line])["matched"] == 1
    assert _books(bahi, business, chart.BANK) == [490_00]


def test_what_went_out_is_kept_and_books_nothing(run, bahi, business):
    done = run(service.import_lines, lines=[_line("EMI", -2000_50)])
    assert (done["open"], done["booked"]) == (1, 0)
    assert _books(bahi, business, chart.BANK) == [0]


def test_staff_read_no_statements(run):
    staff = Actor("user", UUID(int=5), "staff")
    with pytest.raises(Forbidden):
        run(service.import_lines, actor=staff, lines=[])
