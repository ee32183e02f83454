"""Receipts for money that came: sent to a customer, or to whoever asks for the own one."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import EventType

from actions.context import Turn
from actions.lexicon import says
from actions.match import customer_in, remember
from actions.wording import day
from erp_core.kernel.money import inr
from erp_core.payments import queries as payments
from erp_core.payments import receipts


def send_receipt(turn: Turn) -> list[EventType] | None:
    """ "Ravi ko rasid bhejo": to the customer, of the last payment."""
    if not says(turn.words, "dues.receipt") or turn.first("amount") or turn.first("product_name"):
        return None
    with turn.read() as reader:
        customer = customer_in(turn, reader)
        paid = customer and payments.payments_between(
            reader, date(2000, 1, 1), turn.today, customer.id
        )
    if customer is None or not paid:
        return None
    done = turn.run(receipts.send_receipt, payment_id=paid[0].id)
    turn.say("utter_receipt_sent", name=customer.name, amount=inr(done["amount"]))
    return [remember(turn, customer=customer.id)]


def own_receipt(turn: Turn) -> list[EventType] | None:
    """ "Meri rasid do": of the last payment."""
    if not says(turn.words, "dues.receipt") or turn.metadata.get("media"):
        return None
    with turn.read() as reader:
        paid = payments.payments_between(reader, date(2000, 1, 1), turn.today, turn.own_id)
    if not paid:
        return None
    turn.say(
        "utter_your_receipt",
        amount=inr(paid[0].amount),
        on=day(paid[0].on),
        attachment={"kind": "receipt", "id": str(paid[0].id)},
    )
    return []
