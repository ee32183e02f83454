"""What a customer asks of the shop itself: the owner, how to pay, a discount, no messages."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.wording import how_to_pay, own_balance_words, phone_for
from erp_core.parties import queries as parties
from erp_core.parties import service
from erp_core.payments import reminders


def talk_to_owner(turn: Turn) -> list[EventType] | None:
    """ "Owner se baat karni hai": the shop is told, and calls."""
    wants = says(turn.words, "talk_to_owner") or says(turn.words, "gives_goods_back")
    if turn.intent != "human_handoff" and not wants:
        return None
    return hand_to_owner(turn)


def hand_to_owner(turn: Turn) -> list[EventType]:
    """Tell the shop that a customer wants to talk, and the customer whom to call."""
    turn.run(service.ask_for_call)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
        phone = next((one.phone for one in parties.all_users(reader, roles=("owner",))), None)
    turn.say("utter_owner_told", shop=shop, phone=phone_for(turn, phone))
    return []


def tell_how_to_pay(turn: Turn) -> list[EventType] | None:
    """ "Gpay number do", "paisa kaise du"."""
    if not says(turn.words, "dues.how_to_pay") or turn.first("amount"):
        return None
    with turn.read() as reader:
        turn.say("utter_how_to_pay", **how_to_pay(reader))
    return []


def tell_number(turn: Turn) -> list[EventType] | None:
    """ "Apna number de do": whom to call."""
    if not says(turn.words, "shop_number") or turn.first("customer_phone"):
        return None
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
        phone = next((one.phone for one in parties.all_users(reader, roles=("owner",))), None)
    turn.say("utter_shop_number", shop=shop, phone=phone_for(turn, phone))
    return []


def ask_for_discount(turn: Turn) -> list[EventType] | None:
    """ "Discount milega?" is for the shop to answer."""
    counted = turn.first("quantity") or turn.first("order_id") or turn.first("product_name")
    bargains = says(turn.words, "bargains") and turn.first("amount")
    if counted or not (says(turn.words, "discount") or bargains):
        return None
    turn.say("utter_discount_by_shop")
    return []


def dispute_account(turn: Turn) -> list[EventType] | None:
    """ "Ye hisaab galat hai"."""
    wrong = says(turn.words, "dues.wrong") and says(turn.words, "dues.account")
    return note_dispute(turn) if wrong and turn.first("product_name") is None else None


def note_dispute(turn: Turn) -> list[EventType]:
    """Tell the shop; no reminder goes out meanwhile."""
    done = turn.run(reminders.dispute, customer_id=turn.own_id)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_dispute_noted", shop=shop, balance=own_balance_words(turn, done["balance"]))
    return []


def stop_messages(turn: Turn) -> list[EventType] | None:
    """ "Message bhejna band karo", "STOP": no reminder any more; "message chalu karo" undoes it."""
    again = says(turn.words, "dues.messages_again")
    alone = len(turn.words) == 1 and turn.form is None and says(turn.words, "dues.stop_alone")
    stops = alone or says(turn.words, "dues.stop_messages") or turn.intent == "consent_withdraw"
    if not again and not stops:
        return None
    turn.run(reminders.spare_oneself, spared=not again)
    with turn.read() as reader:
        shop = how_to_pay(reader)["shop"]
    turn.say("utter_messages_again" if again else "utter_messages_stopped", shop=shop)
    return []
