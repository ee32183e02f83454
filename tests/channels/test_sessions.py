"""Sessions as Rasa's tracker store: short, sealed, in the state of the whole conversation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from channels.whatsapp import keys
from channels.whatsapp.crypto import Vault
from channels.whatsapp.sessions import SessionTrackerStore

DOMAIN = Domain.from_dict(
    {
        "intents": ["order"],
        "slots": {
            "count": {"type": "any", "mappings": [{"type": "custom"}]},
            "name": {
                "type": "text",
                "influence_conversation": False,
                "mappings": [{"type": "custom"}],
            },
            "mood": {"type": "categorical", "values": ["a", "b"], "mappings": [{"type": "custom"}]},
        },
        "forms": {"order_form": {"required_slots": []}},
        "actions": ["action_order"],
    }
)
CHAT = "00000000-0000-8000-8000-000000000001"


def turn(number: int) -> list[Event]:
    ranking = [{"name": f"intent{n}", "confidence": 1 / (n + 1)} for n in range(38)]
    parse: Any = {
        "intent": {"name": "order", "confidence": 0.9},
        "entities": [{"entity": "quantity", "value": "2"}],
        "text": f"message {number}",
        "intent_ranking": ranking,
        "text_tokens": [[0, 3]],
    }
    return [
        UserUttered(
            f"message {number}",
            parse["intent"],
            parse["entities"],
            parse,
            message_id=f"m{number}",
            metadata={"business_id": 1},
        ),
        SlotSet("count", number),
        ActionExecuted("action_order"),
        BotUttered("done"),
        ActionExecuted("action_listen"),
    ]


def conversation(turns: int) -> DialogueStateTracker:
    tracker = DialogueStateTracker(CHAT, DOMAIN.slots)
    events: list[Event] = [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        SlotSet("name", "Ravi"),
        ActiveLoop("order_form"),
        ActionExecuted("action_listen"),
    ]
    for number in range(turns):
        events += turn(number)
    for event in events:
        tracker.update(event, DOMAIN)
    return tracker


def store_at(url: str | None = None) -> SessionTrackerStore:
    return SessionTrackerStore(DOMAIN, url, vault=Vault("k"))


@pytest.mark.parametrize("turns", [0, 1, 6, 7, 50])
def test_the_state_is_that_of_the_whole_conversation(turns: int) -> None:
    whole, store = conversation(turns), store_at()
    short = store.unpack(CHAT, store.pack(whole))
    assert short.current_slot_values() == whole.current_slot_values()
    assert short.active_loop_name == "order_form"
    assert short.latest_action_name == whole.latest_action_name
    if turns:
        assert short.latest_message == whole.latest_message
        assert short.latest_message.metadata == {"business_id": 1}
    texts = [e.text for e in short.events if isinstance(e, UserUttered)]
    assert texts == [f"message {n}" for n in range(max(0, turns - 6), turns)]


def test_what_a_slot_was_before_is_kept_where_somebody_looks_back() -> None:
    store = store_at()
    tracker = DialogueStateTracker(CHAT, DOMAIN.slots)
    filled = [("count", 1), ("mood", "a"), ("requested_slot", "count"), ("count", 2), ("mood", "b")]
    for name, value in [*filled, ("requested_slot", None)]:
        tracker.update(SlotSet(name, value), DOMAIN)
    kept = [(event["name"], event["value"]) for event in store.pack(tracker)]
    assert kept == [*filled[1:], ("requested_slot", None)]
    tracker.update(ActionReverted(), DOMAIN)
    assert len(store.pack(tracker)) == len(tracker.events)


def test_what_was_unpacked_is_packed_alike() -> None:
    store, tracker = store_at(), conversation(3)
    packed = store.pack(tracker)
    again = store.unpack(CHAT, packed)
    assert store.pack(again) == packed
    again.update(SlotSet("name", "Mohan"), DOMAIN)
    assert store.pack(again)[-1]["value"] == "Mohan"
    assert not any("model_id" in event.get("metadata", {}) for event in packed)


def test_a_session_does_not_grow_with_the_conversation() -> None:
    store = store_at()
    sizes = []
    tracker = conversation(0)
    for number in range(300):
        for event in turn(number):
            tracker.update(event, DOMAIN)
        packed = store.pack(tracker)
        tracker = store.unpack(CHAT, packed)
        sizes.append(len(packed))
    assert sizes[10] == sizes[299]
    assert tracker.get_slot("name") == "Ravi"
    assert tracker.get_slot("count") == 299


def test_a_shortened_session_does_not_look_like_a_beginning() -> None:
    store = store_at()
    short = store.unpack(CHAT, store.pack(conversation(20)))
    before_first_message = []
    for event in short.events:
        if isinstance(event, UserUttered):
            break
        before_first_message.append(event)
    actions = [e.action_name for e in before_first_message if isinstance(e, ActionExecuted)]
    assert actions == ["action_session_start", "action_order", "action_listen"]


def test_only_the_current_session_is_kept() -> None:
    tracker, store = conversation(2), store_at()
    for event in (ActionExecuted("action_session_start"), SessionStarted()):
        tracker.update(event, DOMAIN)
    for event in turn(9):
        tracker.update(event, DOMAIN)
    texts = [one["text"] for one in store.pack(tracker) if one["event"] == "user"]
    assert texts == ["message 9"]


def test_rankings_are_cut() -> None:
    (user,) = [one for one in store_at().pack(conversation(1)) if one["event"] == "user"]
    assert len(user["parse_data"]["intent_ranking"]) == 3
    assert "text_tokens" not in user["parse_data"]


def test_it_lies_sealed_in_redis_and_expires(stores: Any, redis: Any) -> None:
    async def save_and_read() -> Any:
        store = store_at(stores.redis)
        await store.save(conversation(3))
        return await store.retrieve(CHAT), await store_at(stores.redis).retrieve("nobody")

    found, nobody = asyncio.run(save_and_read())
    assert found.get_slot("count") == 2
    assert nobody is None
    assert 3000 < redis.ttl(keys.session(CHAT)) <= 3600
    assert b"message" not in redis.get(keys.session(CHAT))


def test_a_worker_hands_it_in_and_out(redis: Any) -> None:
    async def work() -> tuple[Any, Any]:
        store = store_at("unix:///nowhere")
        store.begin(CHAT, None)
        first = await store.retrieve(CHAT)
        await store.save(conversation(1))
        return first, store.end(CHAT)

    first, in_hand = asyncio.run(work())
    assert first is None
    assert in_hand.tracker.get_slot("count") == 0
    assert redis.keys("*") == []
