"""Who writes, under whatever id the platform still tells."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from channels.whatsapp.messages import InboundMessage, MessageKind, Sender
from channels.whatsapp.people import People, metadata_of
from erp_core.kernel.actor import SYSTEM, Actor
from erp_core.parties.service import add_customer, add_user
from erp_core.runtime import Bahi


def message(
    number: str, sender: Sender, *, wamid: str = "wamid.1", kind: MessageKind = "text", **facts: Any
) -> InboundMessage:
    return InboundMessage(wamid, number, sender, kind, 1, "hi", name="Ravi", facts=facts)


def test_staff_customers_and_strangers(bahi: Bahi, business: int, number: str) -> None:
    user = bahi.run(
        business, SYSTEM, "u", add_user, name="Sharma", phone="919876500001", role="owner"
    )
    customer = bahi.run(
        business, SYSTEM, "c", add_customer, name="Ravi", phone="919123456789", language="hindi"
    )
    people = People(bahi)

    owner = people.find(message(number, Sender(phone="919876500001")))
    ravi = people.find(message(number, Sender(phone="919123456789")))
    stranger = people.find(message(number, Sender(phone="919999999999", bsuid="IN.9")))

    assert owner is not None
    assert owner.actor == Actor("user", UUID(user["user_id"]), "owner")
    assert owner.language == "hinglish"
    assert ravi is not None
    assert ravi.actor == Actor("customer", UUID(customer["customer_id"]))
    assert ravi.language == "hindi"
    assert stranger is not None
    assert stranger.actor == Actor("guest")
    assert people.find(message("999999", Sender(phone="919123456789"))) is None


def test_a_hidden_number_is_known_by_the_id_that_came_with_it_before(
    bahi: Bahi, business: int, number: str
) -> None:
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi", phone="919123456789")
    people = People(bahi)
    assert _is_guest(people, message(number, Sender(bsuid="IN.1")))
    people.find(message(number, Sender(phone="919123456789", bsuid="IN.1")))
    assert not _is_guest(people, message(number, Sender(bsuid="IN.1")))


def test_a_number_that_was_hidden_is_learned_when_it_shows(
    bahi: Bahi, business: int, number: str
) -> None:
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi", phone="919123456789")
    people = People(bahi)
    people.find(message(number, Sender(phone="919123456789", bsuid="IN.1")))
    people.find(message(number, Sender(phone="919000000007", bsuid="IN.1")))
    assert not _is_guest(people, message(number, Sender(phone="919000000007")))


def test_who_changes_the_number_stays_the_same_customer(
    bahi: Bahi, business: int, number: str
) -> None:
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi", phone="919123456789")
    people = People(bahi)
    old, new = Sender(phone="919123456789"), Sender(phone="919000000009")
    told = message(
        number, old, wamid="w2", kind="system", event="user_changed_number", phone="919000000009"
    )
    people.changed(business, told)
    assert not _is_guest(people, message(number, new))


def test_the_actions_are_told_ids_and_of_a_guest_how_to_reach_them(
    bahi: Bahi, business: int, number: str
) -> None:
    bahi.run(business, SYSTEM, "c", add_customer, name="Ravi", phone="919123456789")
    people = People(bahi)
    from_customer = message(number, Sender(phone="919123456789"))
    from_guest = message(number, Sender(phone="919999999999"))
    customer, guest = people.find(from_customer), people.find(from_guest)
    assert customer is not None
    assert guest is not None
    assert metadata_of(customer, from_customer) == {
        "business_id": business,
        "actor": {"kind": "customer", "id": str(customer.actor.id), "role": None},
        "language": "hinglish",
        "wamid": "wamid.1",
    }
    assert metadata_of(guest, from_guest)["contact"] == {
        "phone": "919999999999",
        "bsuid": None,
        "name": "Ravi",
    }


def _is_guest(people: People, one: InboundMessage) -> bool:
    person = people.find(one)
    assert person is not None
    return person.actor.kind == "guest"
