"""E-way bills: when one is needed, what it says, how long it holds, and the portal's moods."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import select

from erp_core.invoicing import notes
from erp_core.invoicing.queries import invoice
from erp_core.invoicing.registration import registration_of
from erp_core.journal.models import outbox
from erp_core.kernel.errors import Conflict, Invalid
from erp_core.parties.service import add_customer
from erp_core.portals import eway, limits
from erp_core.portals.eway import Carriage

INDIA = timezone(timedelta(hours=5, minutes=30))
TRUCK = "MH12AB1234"


@pytest.fixture
def document(shop):
    made = shop.bill()
    with shop.read() as reader:
        return invoice(reader, made)


def told(shop):
    with shop.bahi.database.tenant(shop.business) as connection:
        return list(connection.execute(select(outbox.c.response).order_by(outbox.c.id)).scalars())


def test_a_day_for_each_200_km_begun_to_the_last_minute(shop):
    made = datetime(2026, 3, 1, 10, tzinfo=INDIA)
    assert eway.valid_until(made, 1250) == datetime(2026, 3, 8, 23, 59, tzinfo=INDIA)
    assert eway.valid_until(made, 200) == datetime(2026, 3, 2, 23, 59, tzinfo=INDIA)
    assert eway.valid_until(made, 201) == datetime(2026, 3, 3, 23, 59, tzinfo=INDIA)
    assert eway.valid_until(made, 25, over_dimensional=True) == datetime(
        2026, 3, 3, 23, 59, tzinfo=INDIA
    )


@pytest.mark.parametrize(
    ("state", "day", "rupees"),
    [
        ("27", date(2026, 11, 20), 1_00_000),
        ("29", date(2026, 11, 20), 50_000),
        ("07", date(2026, 11, 20), 1_00_000),
        ("19", date(2023, 12, 31), 1_00_000),
        ("27", date(2018, 6, 20), None),
    ],
)
def test_the_threshold_within_a_state_goes_by_state_and_day(state, day, rupees):
    found = limits.paise("eway_within_state", day, of=state)
    assert found == (None if rupees is None else rupees * 100)


def test_between_states_goods_above_50_000_need_one(shop, document):
    assert eway.is_needed(document)
    assert eway.threshold(document) == 50_000_00


def test_in_maharashtra_the_limit_is_a_lakh(shop):
    local = shop.run(add_customer, name="Local", phone="919123456705", state="27")
    one, two = (shop.bill(UUID(local["customer_id"]), quantity) for quantity in ("1", "2"))
    with shop.read() as reader:
        assert eway.consignment_paise(invoice(reader, one)) == 94_282_00
        assert not eway.is_needed(invoice(reader, one))
        assert eway.is_needed(invoice(reader, two))


def test_the_document_holds_what_the_bill_holds(shop, document):
    content = eway.payload(document, Carriage(840, TRUCK))
    assert eway.faults(content) == []
    assert (content["fromPincode"], content["toPincode"]) == (411030, 560025)
    assert (content["totalValue"], content["igstValue"]) == (159800, 28764)
    assert content["totInvValue"] == 188564
    assert content["itemList"][0]["igstRate"] == 18
    assert content["itemList"][0]["hsnCode"] == 851713
    assert (content["vehicleNo"], content["transDistance"]) == (TRUCK, "840")


def test_it_is_asked_for_and_comes_with_its_validity(shop, document):
    shop.run(eway.ask, actor=shop.owner, invoice_id=document.id, distance_km=840, vehicle=TRUCK)
    shop.work()
    with shop.read() as reader:
        row = eway.open_bill(reader, document.id)
    assert row.status == "generated"
    assert row.valid_until == eway.valid_until(row.generated_at, 840)
    assert "utter_notify_eway_done" in told(shop)


def test_without_a_vehicle_a_transporter_will_do(shop, document):
    shop.run(eway.ask, invoice_id=document.id, distance_km=840, transporter="29AAFCA7488L1Z0")
    shop.work()
    with shop.read() as reader:
        row = eway.open_bill(reader, document.id)
    assert (row.status, row.valid_until) == ("generated", None)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"distance_km": 0, "vehicle": TRUCK}, "bad_distance"),
        ({"distance_km": 4001, "vehicle": TRUCK}, "bad_distance"),
        ({"distance_km": 10, "vehicle": "XYZ"}, "bad_vehicle"),
        ({"distance_km": 10}, "no_carrier"),
    ],
)
def test_what_cannot_be_is_refused(shop, document, given, code):
    with pytest.raises(Invalid, match=code):
        shop.run(eway.ask, invoice_id=document.id, **given)


def test_a_bill_has_one_at_a_time(shop, document):
    shop.run(eway.ask, invoice_id=document.id, distance_km=840, vehicle=TRUCK)
    with pytest.raises(Conflict, match="eway_exists"):
        shop.run(eway.ask, invoice_id=document.id, distance_km=840, vehicle=TRUCK)


def test_after_180_days_there_is_none(shop, document):
    shop.clock.forward(days=181)
    with pytest.raises(Conflict, match="eway_too_old"):
        shop.run(eway.ask, invoice_id=document.id, distance_km=840, vehicle=TRUCK)


def test_a_portal_that_is_away_is_waited_for(shop, document):
    shop.work()
    shop.world.mood.fails = 1
    shop.run(eway.ask, actor=shop.owner, invoice_id=document.id, distance_km=840, vehicle=TRUCK)
    assert shop.work() == 1
    shop.clock.forward(hours=1)
    shop.work()
    assert told(shop)[-2:] == ["utter_notify_eway_delayed", "utter_notify_eway_done"]


def test_it_is_cancelled_within_a_day_and_not_after(shop, document):
    shop.run(eway.ask, invoice_id=document.id, distance_km=840, vehicle=TRUCK)
    shop.work()
    shop.clock.forward(hours=25)
    with pytest.raises(Conflict, match="eway_too_late"):
        shop.run(eway.cancel, invoice_id=document.id)
    shop.clock.forward(hours=-2)
    shop.run(eway.cancel, invoice_id=document.id)
    shop.work()
    with shop.read() as reader:
        assert eway.open_bill(reader, document.id) is None
    assert [one["status"] for one in shop.world.eway_bills.values()] == ["CNL"]


def test_while_the_goods_travel_the_e_invoice_stays(shop, document):
    shop.work()
    shop.run(eway.ask, invoice_id=document.id, distance_km=840, vehicle=TRUCK)
    shop.work()
    shop.run(notes.undo_bill, actor=shop.owner, invoice_id=document.id, reason="mistake")
    shop.work()
    with shop.read() as reader:
        assert registration_of(reader, document.id).status == "registered"
        assert invoice(reader, document.id).status == "issued"
    assert told(shop)[-1] == "utter_notify_einvoice_kept"
