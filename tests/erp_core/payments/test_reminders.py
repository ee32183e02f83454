"""Reminders go out by the owner's plan: polite, then firm; by day only; not to whom they wrong."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import select

from erp_core.journal.jobs import run_due
from erp_core.journal.models import outbox
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.kernel.clock import INDIA, Clock
from erp_core.kernel.errors import Forbidden, Invalid
from erp_core.kernel.settings import Settings
from erp_core.parties.service import add_user
from erp_core.payments import promises, reminders, service
from erp_core.runtime import Bahi, default_handlers

IST = timezone(timedelta(hours=5, minutes=30))


@pytest.fixture
def at(database, business):
    """Bahi at a moment of Indian time."""

    def bahi_at(day: int, hour: int = 10, minute: int = 1, month: int = 11) -> Bahi:
        return Bahi(database, Clock(datetime(2026, month, day, hour, minute, tzinfo=IST)))

    return bahi_at


@pytest.fixture
def owner(run) -> Actor:
    added = run(add_user, name="Sharma", phone="919876500001", role="owner")
    return Actor("user", UUID(added["user_id"]), "owner")


@pytest.fixture
def told(bahi, business):
    def tellings(*, to=None):
        with bahi.read(business) as reader:
            rows = reader.connection.execute(
                select(outbox.c.response, outbox.c.recipient_id, outbox.c.facts)
                .where(outbox.c.business_id == business)
                .order_by(outbox.c.created_at, outbox.c.id)
            ).all()
        return [
            (row.response, json.loads(row.facts).get("due"))
            for row in rows
            if to is None or row.recipient_id == to
        ]

    return tellings


def _owes(bahi, business, customer, paise=500_00, key="debt"):
    bahi.run(business, SYSTEM, key, service.give_credit, customer_id=customer, amount_paise=paise)


def _start(bahi, business, owner, **plan):
    return bahi.run(business, owner, f"plan:{plan}", reminders.set_plan, **plan)


def _work(bahi):
    run_due(bahi, default_handlers(Settings.load()))


def test_two_polite_ones_then_firm_every_three_days(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    _start(at(1), business, owner, first_after_days=7, every_days=3, polite=2)
    for day in range(1, 19):
        _work(at(day))
        _work(at(day, 15))
    assert told(to=ravi) == [
        ("utter_payment_reminder", 500_00),
        ("utter_payment_reminder", 500_00),
        ("utter_payment_reminder_firm", 500_00),
        ("utter_payment_reminder_firm", 500_00),
    ]


def test_the_reminder_says_what_is_owed_that_day_and_stops_when_it_is_paid(
    at, business, owner, ravi, told
):
    _owes(at(1), business, ravi)
    _start(at(1), business, owner, first_after_days=0, every_days=1)
    _work(at(2))
    pay = {"customer_id": ravi, "method": "upi"}
    at(2).run(business, SYSTEM, "p1", service.record_payment, amount_paise=200_00, **pay)
    _work(at(3))
    at(3).run(business, SYSTEM, "p2", service.record_payment, amount_paise=300_00, **pay)
    _work(at(4))
    _owes(at(5), business, ravi, 90_00, key="again")
    _work(at(6))
    assert told(to=ravi) == [
        ("utter_payment_reminder", 500_00),
        ("utter_payment_reminder", 300_00),
        ("utter_payment_reminder", 90_00),
    ]


def test_a_round_that_comes_late_waits_for_the_morning(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    _start(at(1, 12), business, owner, first_after_days=0, hour=11)
    for hour in (20, 21, 23):
        _work(at(2, hour))
    _work(at(3, 3))
    _work(at(3, 10))
    assert told(to=ravi) == []
    _work(at(3, 11))
    assert told(to=ravi) == [("utter_payment_reminder", 500_00)]


@pytest.mark.parametrize("hour", [0, 5, 8, 20, 22])
def test_no_plan_is_for_the_night(at, business, owner, hour):
    with pytest.raises(Invalid, match="reminder_at_night"):
        _start(at(1), business, owner, hour=hour)


def test_only_the_owner_plans(at, business, run):
    staff = Actor("user", UUID(int=5), "staff")
    with pytest.raises(Forbidden):
        _start(at(1), business, staff)


def test_stopped_reminders_stay_stopped(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    _start(at(1), business, owner, first_after_days=0)
    _start(at(1), business, owner, active=False)
    for day in (2, 3, 4):
        _work(at(day))
    assert told(to=ravi) == []


def test_who_disputes_is_left_alone_until_the_shop_takes_it_up(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    _start(at(1), business, owner, first_after_days=0, every_days=1)
    at(1, 12).run(business, Actor("customer", ravi), "d", reminders.dispute, customer_id=ravi)
    _work(at(2))
    assert told(to=ravi) == []
    assert told(to=owner.id) == [("utter_notify_disputed", None)]
    at(2).run(business, owner, "s", reminders.spare, customer_id=ravi, spared=False)
    _work(at(3))
    assert told(to=ravi) == [("utter_payment_reminder", 500_00)]


def test_who_has_promised_is_left_alone_till_the_day_is_over(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    _start(at(1), business, owner, first_after_days=0, every_days=1)
    customer = Actor("customer", ravi)
    done = at(1, 12).run(
        business, customer, "pr", promises.promise, customer_id=ravi, due_on=date(2026, 11, 3)
    )
    assert (done["due_on"], done["balance"]) == ("2026-11-03", 500_00)
    for day in (2, 3):
        _work(at(day))
    assert told(to=ravi) == []
    _work(at(4))
    _work(at(5))
    assert told(to=ravi) == [("utter_payment_reminder", 500_00)] * 2
    assert [response for response, _ in told(to=owner.id)][:2] == [
        "utter_notify_promised",
        "utter_notify_promise_broken",
    ]


def test_a_kept_promise_is_not_told_as_broken(at, business, owner, ravi, told):
    _owes(at(1), business, ravi)
    promise = {"customer_id": ravi, "due_on": date(2026, 11, 3), "amount_paise": 200_00}
    at(1).run(business, owner, "pr", promises.promise, **promise)
    pay = {"customer_id": ravi, "method": "cash", "amount_paise": 200_00}
    at(2).run(business, owner, "p", service.record_payment, **pay)
    _work(at(4))
    assert told(to=owner.id) == []
    with at(4).read(business) as reader:
        assert promises.open_promises(reader) == []


def test_a_later_promise_replaces_the_earlier(at, business, owner, ravi):
    _owes(at(1), business, ravi)
    for key, day in (("a", 3), ("b", 9)):
        due_on = date(2026, 11, day)
        at(1).run(business, owner, key, promises.promise, customer_id=ravi, due_on=due_on)
    with at(1).read(business) as reader:
        assert promises.open_promises(reader) == [promises.Promise(ravi, date(2026, 11, 9), None)]


def test_a_promise_that_is_put_off_while_its_day_is_looked_at_is_not_broken(
    at, business, owner, ravi
):
    _owes(at(1), business, ravi)
    first = {"customer_id": ravi, "due_on": date(2026, 11, 3)}
    made = at(1).run(business, owner, "first", promises.promise, **first)
    begun = Event()

    def put_off_slowly(ctx):
        done = promises.promise(ctx, customer_id=ravi, due_on=date(2026, 11, 9))
        begun.set()
        time.sleep(1)
        return done

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(at(4).run, business, owner, "later", put_off_slowly)
        assert begun.wait(60)
        over = at(4).run(
            business, SYSTEM, "over", promises.promise_over, promise_id=made["promise_id"]
        )
        slow.result()
    assert over == {"broken": False}
    with at(4).read(business) as reader:
        assert promises.open_promises(reader) == [promises.Promise(ravi, date(2026, 11, 9), None)]


def test_nobody_promises_for_another_or_for_the_past(at, business, ravi, gupta, owner):
    with pytest.raises(Forbidden):
        at(1).run(
            business, Actor("customer", gupta), "x", promises.promise,
            customer_id=ravi, due_on=date(2026, 11, 3),
        )  # fmt: skip
    with pytest.raises(Invalid, match="promise_in_past"):
        at(5).run(
            business, owner, "y", promises.promise, customer_id=ravi, due_on=date(2026, 11, 3)
        )


@pytest.mark.parametrize(("hour", "expected"), [(9, (20, 10)), (10, (21, 10)), (23, (21, 10))])
def test_the_next_round(hour, expected):
    now = datetime(2026, 11, 20, hour, 0, tzinfo=IST)
    at = reminders.next_hour(now, 10, INDIA)
    assert (at.day, at.hour) == expected


def test_each_cheque_that_is_dated_ahead_waits_for_its_day(at, business, owner, ravi):
    _owes(at(1), business, ravi)
    cheques = [
        (date(2026, 11, 3), 100_00),
        (date(2026, 11, 9), 100_00),
        (date(2026, 11, 10), 50_00),
    ]
    for count, (due_on, amount) in enumerate([*cheques, cheques[0]]):
        at(1).run(
            business, owner, f"cheque{count}", promises.promise,
            customer_id=ravi, due_on=due_on, amount_paise=amount, of_cheque=True,
        )  # fmt: skip
    word = {"customer_id": ravi, "due_on": date(2026, 11, 20)}
    at(1).run(business, owner, "word", promises.promise, **word)
    paid = {"customer_id": ravi, "amount_paise": 100_00, "method": "cheque"}
    at(3).run(business, owner, "paid", service.record_payment, **paid)
    with at(3).read(business, owner) as reader:
        assert promises.open_promises(reader) == [
            promises.Promise(ravi, date(2026, 11, 9), 100_00),
            promises.Promise(ravi, date(2026, 11, 10), 50_00),
            promises.Promise(ravi, date(2026, 11, 20), None),
        ]
