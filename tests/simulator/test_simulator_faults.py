"""What goes wrong on purpose."""

from __future__ import annotations

import time

import pytest
import requests
from simulated import ACCESS_TOKEN, NUMBER, OWNER, Gateway, Json, Simulator

HELLO: Json = {"to": f"+{OWNER}", "type": "text", "text": {"body": "hello"}}


def bodies(gateway: Gateway) -> list[str]:
    return [message["text"]["body"] for message in gateway.messages()]


def test_duplicates_are_the_same_bytes(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"duplicate": 2})
    simulator.say("one")
    gateway.wait_for(lambda: len(gateway.posts) == 3)
    assert len({post.raw for post in gateway.posts}) == 1
    assert len({post.headers["x-hub-signature-256"] for post in gateway.posts}) == 1


def test_reordered_updates_arrive_last_first(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"reorder": 3, "hold_ms": 60_000})
    for text in ("one", "two", "three"):
        simulator.say(text)
    gateway.wait_for(lambda: len(gateway.messages()) == 3)
    assert bodies(gateway) == ["three", "two", "one"]


def test_held_updates_leave_after_a_second_anyway(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"reorder": 5})
    simulator.say("alone")
    gateway.wait_for(gateway.messages)
    assert bodies(gateway) == ["alone"]


def test_a_batch_is_one_post_of_many_changes(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"batch": 3, "hold_ms": 60_000})
    for text in ("one", "two", "three"):
        simulator.say(text)
    gateway.wait_for(lambda: len(gateway.messages()) == 3)
    assert len(gateway.posts) == 1
    assert bodies(gateway) == ["one", "two", "three"]


def test_a_delay_holds_webhooks_back(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"delay_ms": 400})
    start = time.monotonic()
    simulator.say("late")
    gateway.wait_for(gateway.messages)
    assert time.monotonic() - start >= 0.4


def test_dropped_webhooks_never_come(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"drop": 1, "only": "messages"})
    simulator.say("lost")
    simulator.say("found")
    gateway.wait_for(gateway.messages)
    assert bodies(gateway) == ["found"]
    assert simulator.get("faults")["drop"] == 0


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"answer": "429"}, 429, 130429),
        ({"answer": "429", "code": 131056}, 429, 131056),
        ({"answer": "500"}, 500, 131000),
        ({"answer": "timeout", "seconds": 0.2}, 504, 131000),
    ],
)
def test_the_next_graph_calls_fail(
    simulator: Simulator, fault: Json, status: int, code: int
) -> None:
    simulator.say("hi")
    simulator.control("faults", {"graph": [{**fault, "count": 2}]})
    for _ in range(2):
        answer = simulator.graph(HELLO)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert simulator.graph(HELLO).status_code == 200
    assert len(simulator.chat(by="business")) == 1


def test_a_lost_answer_has_been_delivered(simulator: Simulator, gateway: Gateway) -> None:
    simulator.say("hi")
    simulator.control("faults", {"graph": [{"answer": "lost", "seconds": 120}]})
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{simulator.url}/graph/{NUMBER}/messages",
            json={"messaging_product": "whatsapp", "biz_opaque_callback_data": "o-1", **HELLO},
            headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
            timeout=(60, 0.3),
        )
    gateway.wait_for(gateway.statuses)
    assert len(simulator.chat(by="business")) == 1
    assert gateway.statuses()[0]["biz_opaque_callback_data"] == "o-1"


def test_cleared_faults_are_gone(simulator: Simulator, gateway: Gateway) -> None:
    simulator.control("faults", {"duplicate": 3, "graph": [{"answer": "500", "count": 9}]})
    simulator.control("faults", method="DELETE")
    simulator.say("hi")
    simulator.answer({"type": "text", "text": {"body": "hello"}})
    gateway.wait_for(lambda: len(gateway.statuses()) == 3)
    assert len(gateway.messages()) == 1


@pytest.mark.parametrize(
    "fault", [{"earthquake": 1}, {"duplicate": -1}, {"graph": {"answer": "418"}}]
)
def test_an_unknown_fault_is_refused(simulator: Simulator, fault: Json) -> None:
    assert simulator.control_raw("faults", fault).status_code == 400
