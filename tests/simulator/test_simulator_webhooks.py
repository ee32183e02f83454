"""What the business receives: envelope, signature, statuses, and tries again."""

from __future__ import annotations

import json
import re
import time

import pytest
from simulated import NUMBER, OWNER, RAVI, Gateway, Simulator

HINDI_AND_EMOJI = "मैगी के 5 पैकेट 🙏 ₹70"


def test_a_text_arrives_in_metas_envelope(simulator: Simulator, gateway: Gateway) -> None:
    wamid = simulator.say("2 iPhone ka order", RAVI)["wamid"]
    gateway.wait_for(gateway.messages)
    post = gateway.posts[0]
    value = post.values[0]
    message = value["messages"][0]
    assert post.content["object"] == "whatsapp_business_account"
    assert post.content["entry"][0]["changes"][0]["field"] == "messages"
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"] == {
        "display_phone_number": "912255001065",
        "phone_number_id": NUMBER,
    }
    assert value["contacts"] == [
        {
            "profile": {"name": "Ravi Kumar"},
            "user_id": message["from_user_id"],
            "wa_id": RAVI,
        }
    ]
    assert re.fullmatch(r"IN\.\d{19}", message["from_user_id"])
    assert message["id"] == wamid
    assert message["from"] == RAVI
    assert message["type"] == "text"
    assert message["text"] == {"body": "2 iPhone ka order"}
    assert message["timestamp"].isdecimal()


@pytest.mark.parametrize("text", ["hi", HINDI_AND_EMOJI, 'a "quote" \\ and a\nnew line'])
def test_the_signature_is_over_the_escaped_bytes(
    simulator: Simulator, gateway: Gateway, text: str
) -> None:
    simulator.say(text)
    gateway.wait_for(gateway.messages)
    post = gateway.posts[0]
    assert post.signature_is_right
    assert post.raw.isascii()
    assert json.loads(post.raw)["entry"][0]["changes"][0]["value"]["messages"][0]["text"] == {
        "body": text
    }


def test_every_answer_is_reported_sent_delivered_and_read(
    simulator: Simulator, gateway: Gateway
) -> None:
    simulator.say("hi")
    wamid = simulator.answer(
        {"type": "text", "text": {"body": "Namaste"}, "biz_opaque_callback_data": "outbox-7"}
    )
    gateway.wait_for(lambda: len(gateway.statuses()) == 3)
    statuses = gateway.statuses()
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert {status["id"] for status in statuses} == {wamid}
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"outbox-7"}
    assert {status["recipient_id"] for status in statuses} == {OWNER}
    assert statuses[0]["pricing"]["category"] == "service"
    assert "pricing" not in statuses[2]


def test_a_refused_webhook_is_sent_again_unchanged(simulator: Simulator, gateway: Gateway) -> None:
    gateway.answers = [500, 503]
    simulator.say(HINDI_AND_EMOJI)
    gateway.wait_for(lambda: len(gateway.posts) == 3)
    assert len({post.raw for post in gateway.posts}) == 1
    simulator.chat(after=0)
    assert simulator.get("webhook")["ok"] is True


def test_ticks_follow_the_gateway_and_the_read_mark(simulator: Simulator, gateway: Gateway) -> None:
    first = simulator.say("one")["wamid"]
    second = simulator.say("two")["wamid"]
    gateway.wait_for(lambda: len(gateway.messages()) == 2)
    _status_becomes(simulator, second, "delivered")
    answer = simulator.graph(
        {"status": "read", "message_id": second, "typing_indicator": {"type": "text"}}
    )
    assert answer.json() == {"success": True}
    assert simulator.get(f"messages/{first}")["status"] == "read"
    assert simulator.get(f"messages/{second}")["status"] == "read"


def test_a_chat_keeps_its_order(simulator: Simulator, gateway: Gateway) -> None:
    for count in range(20):
        simulator.say(str(count))
    gateway.wait_for(lambda: len(gateway.messages()) == 20)
    assert [m["text"]["body"] for m in gateway.messages()] == [str(n) for n in range(20)]


def test_a_person_with_a_username_hides_the_phone(simulator: Simulator, gateway: Gateway) -> None:
    phone = "919000000042"
    simulator.control(
        "people", {"phone": phone, "name": "Asha", "username": "asha_k", "hides_phone": True}
    )
    simulator.say("hi", phone)
    gateway.wait_for(gateway.messages)
    value = gateway.posts[0].values[0]
    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["contacts"][0]["profile"] == {"name": "Asha", "username": "@asha_k"}
    user_id = value["messages"][0]["from_user_id"]
    sent = simulator.graph({"recipient": user_id, "type": "text", "text": {"body": "Namaste"}})
    assert sent.json()["contacts"] == [{"input": user_id, "user_id": user_id}]
    gateway.wait_for(gateway.statuses)
    assert "recipient_id" not in gateway.statuses()[0]
    assert gateway.statuses()[0]["recipient_user_id"] == user_id


def test_the_handshake_is_metas(simulator: Simulator) -> None:
    assert simulator.control("webhook/verify", {}) == {"verified": True}


def _status_becomes(simulator: Simulator, wamid: str, status: str) -> None:
    end = time.monotonic() + 60
    while simulator.get(f"messages/{wamid}")["status"] != status:
        assert time.monotonic() < end, f"the message never became {status}"
