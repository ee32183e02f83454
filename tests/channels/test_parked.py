"""What waited for somebody to write arrives once, and in order."""

from __future__ import annotations

from channels.whatsapp.messages import Reply, Sender
from channels.whatsapp.outbox import latest_of_each

BILL = {"kind": "invoice", "id": "1"}


def reply(number: str, text: str, attachment: dict[str, str] | None = None) -> Reply:
    return Reply(
        id=number,
        phone_number_id="1065",
        to=Sender(phone="919123456789"),
        text=text,
        attachment=attachment,
    )


def test_a_bill_that_was_sent_often_arrives_once_as_it_was_said_last() -> None:
    waiting = [
        reply("1", "order pakka"),
        reply("2", "baaki ₹197.40", BILL),
        reply("3", "baaki ₹197.40", BILL),
        reply("4", "₹197.40 mile"),
        reply("5", "baaki ₹0", BILL),
    ]
    assert [one.id for one in latest_of_each(waiting)] == ["1", "4", "5"]


def test_different_bills_and_words_all_arrive() -> None:
    waiting = [reply("1", "a"), reply("2", "b", BILL), reply("3", "b", {**BILL, "id": "2"})]
    assert latest_of_each(waiting) == waiting
