"""Pictures that say that money was sent: kindly, they are not the money."""

from __future__ import annotations

from uuid import UUID

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.entities import last_amount, method_of
from actions.lexicon import says, words
from actions.match import just_spoken_of, remember
from actions.talk.asked_again import ASKED_OF
from actions.wording import how_to_pay
from erp_core.parties import queries as parties
from erp_core.payments import queries as payments
from erp_core.payments import service

FILES = frozenset({"image", "document"})


def screenshot_of_customer(turn: Turn) -> list[EventType] | None:
    """ "Bhej diya" with a picture, or an amount in it: claimed, for the shop to confirm."""
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES:
        return None
    with turn.read() as reader:
        owes = payments.balance(reader, turn.own_id) > 0
        shop = how_to_pay(reader)["shop"]
    if says(turn.words, "dues.paid") or (owes and last_amount(turn.all("amount"))):
        turn.run(
            service.claim_payment,
            customer_id=turn.own_id,
            amount_paise=last_amount(turn.all("amount")),
            method=method_of(turn.text),
        )
        turn.say("utter_screenshot_no_payment", shop=shop)
        return []
    if turn.text or not owes or media.get("kind") != "image":
        return None
    turn.say("utter_received_image_debtor", shop=shop)
    return []


def screenshot_of_user(turn: Turn) -> list[EventType] | None:
    """A picture that the shop sends of what it got: nothing is written from it."""
    media = turn.metadata.get("media") or {}
    if media.get("kind") not in FILES or not says(turn.words, "dues.paid"):
        return None
    turn.say("utter_screenshot_no_payment_user")
    return []


OF_BILLS = frozenset({"invoice_generate", "invoice_share", "khata_credit"})
"""What money that came for bills is taken for."""
_OPEN_STILL = ("asking", "negation", "tense.future")


def came_after_all(turn: Turn) -> bool:
    """ "Haan aa gaya", right after it was asked whether somebody's money had come."""
    asked = (turn.slots.get("recent") or {}).get(ASKED_OF) == "action_payment_status"
    if not turn.is_user or turn.is_not_words or not (asked and just_spoken_of(turn, ASKED_OF)):
        return False
    if any(one.name not in ("payment_method", "amount") for one in turn.entities):
        return False
    came = says(turn.words, "dues.came_after_all")
    return came and not says(turn.words, "asking") and not says(turn.words, "negation")


def paid_for_bills(turn: Turn) -> bool:
    """ "Netra ne 4000 bheje 2 bill ke" is money that came, though bills are spoken of."""
    named, money = turn.first("customer_name"), turn.first("amount")
    if not turn.is_user or turn.intent not in OF_BILLS or not (named and money):
        return False
    if turn.first("product_name") or any(says(turn.words, one) for one in _OPEN_STILL):
        return False
    gave = named.end < money.start and words(turn.text[named.end :])[:1] == ("ne",)
    return gave and says(words(turn.text[money.end :])[:2], "money_given")


def refuse_claim(turn: Turn) -> list[EventType]:
    """A tap below what a customer says to have paid: it has not come."""
    done = turn.run(service.refuse_claim, customer_id=UUID(turn.value("choice") or ""))
    with turn.read() as reader:
        name = parties.customer(reader, UUID(done["customer_id"])).name
    turn.say("utter_claim_refused", name=name)
    return [remember(turn, customer=done["customer_id"])]


def tell_no_order(turn: Turn) -> list[EventType]:
    """Of a picture of a customer in which no order can be read: kindly, it is not the money."""
    with turn.read() as reader:
        owes = payments.balance(reader, turn.own_id) > 0
        shop = how_to_pay(reader)["shop"]
    if owes or (turn.metadata.get("reading") or {}).get("kind") == "payment_screenshot":
        turn.say("utter_received_image_debtor", shop=shop)
    else:
        turn.say("utter_received_image_customer")
    return []
