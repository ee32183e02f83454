"""Money through Razorpay: real adapter, real webhook, a stand-in that misbehaves; booked once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import func, select

from channels.razorpay import receive
from channels.whatsapp.attachments import pay_request
from channels.whatsapp.messages import Reply, Sender
from channels.whatsapp.outbound import encode_request
from erp_core.adapters import razorpay
from erp_core.adapters.razorpay import Razorpay, Secrets
from erp_core.invoicing.service import request_payment
from erp_core.journal.jobs import run_due
from erp_core.journal.models import jobs, outbox
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Conflict, NotFound, Unavailable
from erp_core.ledger import chart
from erp_core.ledger import queries as ledger
from erp_core.ledger.models import ledger_entries
from erp_core.parties.bootstrap import NewBusiness, register_business
from erp_core.parties.service import add_user
from erp_core.payments import gateway, queries, service
from erp_core.payments.models import payment_links
from erp_core.runtime import Bahi
from simulator.razorpay import Server, World
from simulator.rules import check_message

SECRET_KEY = "an installation's own secret"


@pytest.fixture
def world(business) -> World:
    return World(account=f"acc_{business}")


@pytest.fixture
def stand_in(world):
    server = Server(world)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(database, business, world):
    """The shop with its Razorpay account, now; `shop.clock` may be moved."""
    bahi = Bahi(database, Clock())
    _connect(bahi, business, world)
    owner = bahi.run(
        business, SYSTEM, "owner", add_user, name="S", phone="919876500001", role="owner"
    )
    bahi.owner = UUID(owner["user_id"])
    return bahi


def _connect(bahi, business, world, *, key="c", former=None, secret=None, configuration=None):
    secrets = Secrets(world.keys[1], secret or world.secret, former)
    return bahi.run(
        business, SYSTEM, key, gateway.connect,
        key_id=world.keys[0],
        sealed=secrets.sealed(SECRET_KEY, business).hex(),
        account_ref=world.account,
        rotated=former is not None,
        configuration=configuration,
    )  # fmt: skip


@pytest.fixture
def ask(shop, business, world, stand_in, ravi):
    """Ask Ravi for 500 rupees by a link; its id at Razorpay."""

    def ask_ravi(amount=500_00, key="ask"):
        owed = {"customer_id": ravi, "amount_paise": amount}
        shop.run(business, SYSTEM, f"{key}:credit", service.give_credit, **owed)
        shop.run(
            business, SYSTEM, key, request_payment, customer_ids=[str(ravi)], amount_paise=amount
        )
        before = set(world.links)
        _work(shop, stand_in)
        return (set(world.links) - before).pop()

    return ask_ravi


def _work(bahi, server, seconds=60.0):
    def open_gateway(reader):
        opened = razorpay.opener(SECRET_KEY, server.address)(reader)
        opened._seconds = seconds
        return opened

    run_due(bahi, gateway.handlers(open_gateway))


def _deliver(bahi, notice, number=None):
    event_id, body, signature = notice
    return receive(lambda: bahi, SECRET_KEY, body, signature, event_id, number)


def _balance(bahi, business, customer):
    with bahi.read(business) as reader:
        return queries.balance(reader, customer)


def _entries(bahi, business, kind):
    with bahi.read(business) as reader:
        return reader.connection.execute(
            select(func.count()).where(
                ledger_entries.c.business_id == business, ledger_entries.c.kind == kind
            )
        ).scalar_one()


def _told(bahi, business):
    with bahi.read(business) as reader:
        rows = reader.connection.execute(
            select(outbox.c.response).where(outbox.c.business_id == business).order_by(outbox.c.id)
        )
        return list(rows.scalars())


def _link_status(bahi, business):
    with bahi.read(business) as reader:
        return reader.connection.execute(
            select(payment_links.c.status).where(payment_links.c.business_id == business)
        ).scalar_one()


def test_a_link_is_made_sent_and_paid(shop, business, world, ask, ravi):
    link = ask()
    assert world.links[link]["amount"] == 500_00
    assert world.links[link]["notify"] == {"sms": False, "email": False}
    assert "utter_payment_link" in _told(shop, business)
    world.pay(link, fee=11_80)
    assert [_deliver(shop, one) for one in world.notices] == [200, 200]
    assert _balance(shop, business, ravi) == 0
    with shop.read(business) as reader:
        clearing = ledger.balance_of(reader, chart.GATEWAY_CLEARING)
        assert (clearing, ledger.balance_of(reader, chart.GATEWAY_FEES)) == (488_20, 11_80)
    assert _told(shop, business)[-2:] == [
        "utter_notify_payment_received", "utter_notify_payment_online",
    ]  # fmt: skip
    assert _link_status(shop, business) == "paid"


def test_sixteen_deliveries_at_once_and_a_poll_make_one_effect(
    shop, business, world, stand_in, ask, ravi
):
    world.pay(ask())
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=11)))
    with ThreadPoolExecutor(16) as pool:
        polled = pool.submit(_work, later, stand_in)
        answers = list(pool.map(lambda one: _deliver(shop, one), world.notices * 8))
        polled.result()
    assert set(answers) == {200}
    assert _entries(shop, business, "payment") == 1
    assert _balance(shop, business, ravi) == 0
    assert _told(shop, business).count("utter_notify_payment_online") == 1


def test_a_payment_whose_notices_were_lost_is_found_by_the_poll(
    shop, business, world, stand_in, ask, ravi
):
    world.mood.loses = True
    world.pay(ask())
    _work(shop, stand_in)
    assert _balance(shop, business, ravi) == 500_00
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=11)))
    _work(later, stand_in)
    assert _balance(shop, business, ravi) == 0
    assert [_deliver(shop, one) for one in world.notices] == [200, 200]
    assert _entries(shop, business, "payment") == 1


def test_a_link_that_was_made_although_the_answer_came_too_late_is_taken_over(
    shop, business, world, stand_in, ravi
):
    world.mood.late = 60.0
    shop.run(business, SYSTEM, "a", request_payment, customer_ids=[str(ravi)], amount_paise=500_00)
    _work(shop, stand_in, seconds=1.0)
    assert _link_status(shop, business) == "creating"
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=2)))
    _work(later, stand_in)
    assert (len(world.links), _link_status(shop, business)) == (1, "open")
    assert _told(shop, business).count("utter_payment_link") == 1


def test_an_outage_is_waited_out_and_a_refusal_asks_without_a_link(
    shop, business, world, stand_in, ravi
):
    asked = {"customer_ids": [str(ravi)], "amount_paise": 500_00}
    world.mood.fails = 1
    shop.run(business, SYSTEM, "a", request_payment, **asked)
    _work(shop, stand_in)
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=2)))
    _work(later, stand_in)
    assert _link_status(shop, business) == "open"
    world.keys = ("rzp_test_other", "other")
    shop.run(business, SYSTEM, "b", request_payment, **asked)
    _work(shop, stand_in)
    assert _told(shop, business)[-1] == "utter_payment_reminder"


def test_parts_are_counted_and_what_is_too_much_is_kept_and_told(shop, business, world, ask, ravi):
    link = ask()
    for amount in (200_00, 300_00, 50_00):
        world.pay(link, amount)
    for one in world.notices:
        _deliver(shop, one)
    assert _balance(shop, business, ravi) == -50_00
    assert _entries(shop, business, "payment") == 3
    told = _told(shop, business)
    assert (told.count("utter_notify_payment_online"), told.count("utter_notify_paid_twice")) == (
        3, 1,
    )  # fmt: skip


def test_dollars_are_told_and_not_booked(shop, business, world, ask, ravi):
    world.pay(ask(), 500_00, currency="USD")
    for one in world.notices * 2:
        assert _deliver(shop, one) == 200
    assert _balance(shop, business, ravi) == 500_00
    assert _told(shop, business).count("utter_notify_wrong_currency") == 1


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_payment_and_its_refund_come_in_any_order(shop, business, world, ask, ravi, order):
    payment = world.pay(ask())
    world.refund(payment, 200_00)
    for at in order:
        assert _deliver(shop, world.notices[at]) == 200
    assert _balance(shop, business, ravi) == 200_00
    assert (_entries(shop, business, "payment"), _entries(shop, business, "refund")) == (1, 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_lost_dispute_takes_the_money_once(shop, business, world, ask, ravi, order):
    payment = world.pay(ask())
    for one in world.notices:
        _deliver(shop, one)
    del world.notices[:]
    world.dispute(payment, "open", "under_review", "lost")
    for at in (*order, *order):
        assert _deliver(shop, world.notices[at]) == 200
    assert _balance(shop, business, ravi) == 500_00
    assert _entries(shop, business, "dispute") == 1
    assert _told(shop, business).count("utter_notify_chargeback_lost") == 1


def test_a_dispute_that_was_won_takes_nothing(shop, business, world, ask, ravi):
    payment = world.pay(ask())
    world.dispute(payment, "open", "won")
    for one in world.notices:
        _deliver(shop, one)
    assert _balance(shop, business, ravi) == 0
    assert _told(shop, business).count("utter_notify_chargeback") == 1


def test_a_settlement_moves_the_money_to_the_bank_once(shop, business, world, ask):
    world.pay(ask())
    settled = {"id": "setl_1", "amount": 490_00, "status": "processed", "utr": "AXIS0000000123456"}
    world.send([world.notice("settlement.processed", settlement=settled)] * 2)
    for one in world.notices:
        _deliver(shop, one)
    with shop.read(business) as reader:
        clearing = ledger.balance_of(reader, chart.GATEWAY_CLEARING)
        assert (clearing, ledger.balance_of(reader, chart.BANK)) == (10_00, 490_00)


def test_what_is_not_proven_changes_nothing(shop, business, world, ask, ravi):
    world.pay(ask())
    event_id, body, signature = world.notices[1]
    forged = [
        (event_id, body, None),
        (event_id, body, ""),
        (event_id, body, "0" * 64),
        (event_id, body, signature.upper()),
        (event_id, body, "ü"),
        (event_id, body.rstrip(b"\n"), signature),
        (event_id, json.dumps(json.loads(body)).encode(), signature),
        (event_id, body.replace(b"50000", b"90000"), signature),
        (event_id, b"[]", signature),
        (event_id, b"{", signature),
        (event_id, b"[" * 100_000, signature),
        (event_id, body + b" " * 300_000, signature),
    ]
    assert [_deliver(shop, one) for one in forged] == [400] * len(forged)
    assert _balance(shop, business, ravi) == 500_00


def test_another_shops_notice_books_nothing_here(shop, database, business, world, ask, ravi):
    world.pay(ask())
    other = register_business(database, shop.clock, NewBusiness("Other", f"x{business}", "27"))
    theirs = World(account=f"acc_{other}", secret="their secret")
    _connect(shop, other, theirs, secret="their secret")
    stolen = World(account=world.account, secret="their secret")
    payment = {**next(iter(world.payments.values())), "id": "pay_stolen"}
    link = next(iter(world.links.values()))
    forged = stolen.notice("payment_link.paid", payment=payment, payment_link=link)
    assert _deliver(shop, forged) == 400
    elsewhere = theirs.notice("payment_link.paid", payment=payment, payment_link=link)
    assert _deliver(shop, elsewhere) == 200
    assert (_balance(shop, business, ravi), _entries(shop, other, "payment")) == (500_00, 0)
    with pytest.raises(Conflict, match="account_taken"):
        _connect(shop, other, world, key="steal")


def test_what_is_about_nothing_of_ours_is_acknowledged(shop, business, world):
    foreign = {"id": "pay_x", "amount": 100, "currency": "INR", "captured": True, "notes": []}
    for notice in (
        world.notice("payment.captured", payment=foreign),
        world.notice("subscription.charged", subscription={"id": "sub_1"}),
        world.notice("payment.captured", payment={"id": "pay_y"}),
        world.notice("payment.captured", payment={**foreign, "amount": "100"}),
        world.notice("payment.captured", payment={**foreign, "amount": 10.5}),
        world.notice(
            "refund.processed",
            refund={
                "id": "rfnd_x", "payment_id": "pay_x", "amount": 1, "currency": "INR",
                "status": "processed",
            },
        ),
    ):  # fmt: skip
        assert _deliver(shop, notice) == 200
    assert _entries(shop, business, "payment") == 0


def test_while_a_secret_changes_both_are_good_for_a_day(shop, business, world, ask, ravi):
    link = ask()
    world.pay(link, 100_00)
    old = list(world.notices)
    _connect(shop, business, world, key="rotate", former=world.secret, secret="a new secret")
    world.secret = "a new secret"
    world.pay(link, 50_00)
    assert [_deliver(shop, one) for one in world.notices] == [200] * 4
    assert _balance(shop, business, ravi) == 350_00
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(hours=26)))
    assert [_deliver(later, one) for one in old] == [400, 400]


def test_a_shop_that_does_not_know_its_account_has_an_address_of_its_own(
    shop, business, world, ask, ravi
):
    world.pay(ask())
    with shop.read(business) as reader:
        from erp_core.parties.queries import business as shop_of

        number = shop_of(reader).phone_number_id
    world.account = "acc_nobody_knows"
    notice = world.notice("payment.captured", payment=next(iter(world.payments.values())))
    assert _deliver(shop, notice) == 400
    assert _deliver(shop, notice, number) == 200
    assert _deliver(shop, notice, "no such number") == 400
    assert _balance(shop, business, ravi) == 0


def test_no_name_number_or_text_of_a_payer_is_kept(shop, business, world, ask):
    world.pay(ask())
    for one in world.notices:
        _deliver(shop, one)
    with shop.read(business) as reader:
        tables = ("journal_events", "outbox", "jobs", "payment_links", "outside_references")
        for table in tables:
            text = str(reader.connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert "payer@example.com" not in text
            assert "+919000000000" not in text


def test_secrets_are_stored_sealed_and_open_for_their_business_only(shop, business, world):
    with shop.read(business) as reader:
        row = gateway.account(reader)
    assert world.secret.encode() not in bytes(row.sealed)
    assert Secrets.unsealed(SECRET_KEY, business, bytes(row.sealed)).webhook_secret == world.secret
    with pytest.raises(ValueError, match="razorpay"):
        Secrets.unsealed(SECRET_KEY, business + 1, bytes(row.sealed))
    with pytest.raises(ValueError, match="razorpay"):
        Secrets.unsealed("another", business, bytes(row.sealed))


def test_the_signature_is_razorpays_own():
    # facts of their documentation: order|payment signed with a key secret
    assert razorpay.sign("key_secret", b"fake_order_id|fake_payment_id") == (
        "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    )


def test_a_server_that_is_not_there_is_an_outage():
    nobody = Razorpay("http://127.0.0.1:9", "k", "s", seconds=0.5)
    with pytest.raises(Unavailable, match="gateway_unreachable"):
        nobody.link("plink_1")


def test_a_customer_makes_no_links_for_others(shop, business, gupta, ravi):
    with pytest.raises(Exception, match="not_allowed"):
        shop.run(
            business, Actor("customer", gupta), "x", gateway.plan_link,
            customer_id=ravi, amount_paise=100,
        )  # fmt: skip


@pytest.fixture
def asked_in_chat(shop, business, world, ravi):
    """A request inside the chat; the parameters of its message."""
    _connect(shop, business, world, key="in chat", configuration="sharma-razorpay")
    owed = {"customer_id": ravi, "amount_paise": 500_00}
    shop.run(business, SYSTEM, "credit", service.give_credit, **owed)
    shop.run(business, SYSTEM, "ask", request_payment, customer_ids=[str(ravi)])
    assert _told(shop, business)[-1] == "utter_payment_details"
    with shop.read(business) as reader:
        row = reader.connection.execute(
            select(outbox.c.attachment).where(
                outbox.c.business_id == business, outbox.c.response == "utter_payment_details"
            )
        ).scalar_one()
    made = pay_request(shop, business, json.loads(row), "Baaki rakam")
    reply = Reply("id", "1065", Sender(phone="919123456789"), text="500 baaki hain")
    payload = encode_request(reply, made)
    check_message(payload, has_media=lambda _media: True)
    return payload["interactive"]["action"]["parameters"]


def test_a_request_inside_the_chat_is_paid_and_booked_once(
    shop, business, world, stand_in, asked_in_chat, ravi
):
    assert asked_in_chat["total_amount"] == {"value": 500_00, "offset": 100}
    world.pay_in_chat(asked_in_chat)
    assert [_deliver(shop, one) for one in world.notices * 2] == [200, 200]
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=11)))
    _work(later, stand_in)
    assert (_balance(shop, business, ravi), _entries(shop, business, "payment")) == (0, 1)


def test_a_payment_inside_the_chat_whose_notice_says_nothing_is_found_by_its_receipt(
    shop, business, world, stand_in, asked_in_chat, ravi
):
    world.pay_in_chat(asked_in_chat, notices=False)
    assert [_deliver(shop, one) for one in world.notices] == [200]
    assert _balance(shop, business, ravi) == 500_00
    later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(minutes=11)))
    _work(later, stand_in)
    assert (_balance(shop, business, ravi), _entries(shop, business, "payment")) == (0, 1)
    with shop.read(business) as reader:
        link_id = reader.connection.execute(
            select(payment_links.c.id).where(payment_links.c.business_id == business)
        ).scalar_one()
        with pytest.raises(NotFound, match="payment_link"):
            gateway.request(reader, link_id)


def test_polling_ends(shop, business, world, stand_in, ask):
    ask()
    for days in (1, 31, 32, 33):
        later = Bahi(shop.database, Clock(datetime.now(timezone.utc) + timedelta(days=days)))
        _work(later, stand_in)
    with shop.read(business) as reader:
        waiting = reader.connection.execute(
            select(func.count()).where(jobs.c.business_id == business, jobs.c.status == "waiting")
        ).scalar_one()
    assert waiting == 0
