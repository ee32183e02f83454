"""A visiting card that was read from a picture: who is on it, to be added with a tap."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.match import remember
from actions.pictures.pages import drop_button, page_button, reading_of
from actions.pictures.photos import PAGE_CUSTOMER, PAGE_GSTIN, PAGE_VENDOR
from actions.wording import phone_for
from erp_core.journal.context import Reader
from erp_core.parties import queries as parties
from erp_core.parties import service as people
from erp_core.parties.permissions import Permission


def show_card(turn: Turn) -> None:
    """Who is on the card, to be added; whoever has this number already is told."""
    card, source = reading_of(turn)["card"], reading_of(turn).get("source")
    phone = card["phones"][0]
    names = [one for one in (card["person"], card["company"]) if one]
    if card["gstin"] and card["company"]:
        names.reverse()  # a bill with a GSTIN is made out to the business
    with turn.read() as reader:
        known = parties.party_of(reader, "phone", phone)
        if known is not None:
            _say_known(turn, reader, known, card)
            return
    buttons = [
        page_button(PAGE_CUSTOMER, _entry(source, name, phone, card), f"✅ {name}")
        for name in names
    ]
    if turn.may(Permission.ADD_VENDOR):
        choice = _entry(
            source, names[-1] if card["company"] is None else card["company"], phone, card
        )
        buttons.append(page_button(PAGE_VENDOR, choice, turn.line("button_page_vendor")))
    buttons.append(drop_button(turn))
    turn.say(
        "utter_card_read",
        names="\n".join(f"👤 *{name}*" for name in names),
        phone=phone_for(turn, phone),
        gstin=turn.line("line_card_gstin", gstin=card["gstin"]) if card["gstin"] else "",
        address=turn.line("line_card_address", address=card["address"]) if card["address"] else "",
        choices=buttons,
    )


def _entry(source: Any, name: str, phone: str, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": source,
        "name": name,
        "phone": phone,
        "gstin": card["gstin"],
        "address": card["address"],
    }


def _say_known(turn: Turn, reader: Reader, known: tuple[str, UUID], card: dict[str, Any]) -> None:
    """The number belongs to somebody; a GSTIN that the shop has not had can be noted."""
    kind, party_id = known
    if kind != "customer":
        turn.say(f"utter_card_known_{kind}", phone=phone_for(turn, card["phones"][0]))
        return
    customer = parties.customer(reader, party_id)
    choices = []
    if card["gstin"] and not customer.gstin and turn.may(Permission.CHANGE_CUSTOMER):
        choice = {
            "source": reading_of(turn).get("source"),
            "customer": str(party_id),
            "gstin": card["gstin"],
        }
        choices.append(page_button(PAGE_GSTIN, choice, turn.line("button_page_gstin")))
        choices.append(drop_button(turn))
    turn.say(
        "utter_card_known_customer",
        name=customer.name,
        phone=phone_for(turn, customer.phone),
        gstin=turn.line("line_card_gstin", gstin=card["gstin"]) if choices else "",
        choices=choices,
    )


def write_customer(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Add the customer who is on it."""
    added = turn.run(
        people.add_customer,
        key=f"{turn.reference}:card",
        name=told["name"],
        phone=told["phone"],
        gstin=told["gstin"],
        address=told["address"],
    )
    turn.say("utter_customer_added", name=added["name"], phone=phone_for(turn, told["phone"]))
    return [remember(turn, customer=added["customer_id"])]


def write_vendor(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Add the vendor who is on it."""
    turn.run(
        people.add_vendor,
        key=f"{turn.reference}:card",
        name=told["name"],
        phone=told["phone"],
        gstin=told["gstin"],
    )
    turn.say("utter_card_vendor_added", name=told["name"], phone=phone_for(turn, told["phone"]))
    return []


def write_gstin(turn: Turn, told: dict[str, Any]) -> list[EventType]:
    """Note its GSTIN for the customer whose number is on it."""
    customer_id = UUID(told["customer"])
    turn.run(
        people.change_customer,
        key=f"{turn.reference}:gstin",
        customer_id=customer_id,
        gstin=told["gstin"],
        state=told["gstin"][:2],
    )
    with turn.read() as reader:
        name = parties.customer(reader, customer_id).name
    turn.say("utter_card_gstin_noted", name=name, gstin=told["gstin"])
    return [remember(turn, customer=customer_id)]
