"""The spared bookkeeping comes to what Rasa's own comes to, whatever happens in a conversation."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest
from rasa.core.actions.action import ActionExtractSlots, RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.rule_policy import (
    DO_NOT_PREDICT_LOOP_ACTION,
    LOOP_WAS_INTERRUPTED,
    RulePolicy,
)
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

from channels.whatsapp import dialogue

RULE_ONLY = {"rule_only_slots": ["language"], "rule_only_loops": ["order_form"]}


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.from_dict(
        {
            "intents": ["greet", "order", "deny"],
            "entities": ["product"],
            "slots": {
                "language": {
                    "type": "categorical",
                    "values": ["hindi", "english"],
                    "mappings": [{"type": "custom"}],
                },
                "draft": {
                    "type": "any",
                    "influence_conversation": False,
                    "mappings": [{"type": "custom"}],
                },
                "sure": {"type": "bool", "mappings": [{"type": "custom"}]},
            },
            "actions": ["action_greet", "action_order"],
            "forms": {"order_form": {"required_slots": ["sure"]}},
        }
    )


def some_event(chance: random.Random) -> Event:
    actions = ["action_listen", "action_listen", "action_greet", "action_order", "order_form"]
    hidden = chance.random() < 0.3
    intent = {"name": chance.choice(["greet", "order", "deny"]), "confidence": 1.0}
    entities = [{"entity": "product", "value": "maggi"}] if chance.random() < 0.4 else []
    likely: list[Event] = [
        ActionExecuted(chance.choice(actions), hide_rule_turn=hidden),
        ActionExecuted(chance.choice(actions), hide_rule_turn=hidden),
        UserUttered("words", intent, entities),
        DefinePrevUserUtteredFeaturization(chance.random() < 0.3),
        SlotSet("language", chance.choice(["hindi", "english", None])),
        SlotSet("draft", {"a": 1}),
        SlotSet("sure", chance.choice([True, False, None])),
        BotUttered("an answer"),
    ]
    rare: list[Event] = [
        ActiveLoop(chance.choice(["order_form", None])),
        LoopInterrupted(chance.random() < 0.5),
        ActionExecutionRejected("order_form"),
        FollowupAction("action_order"),
        UserUtteranceReverted(),
        ActionReverted(),
        SessionStarted(),
        Restarted(),
    ]
    return chance.choice(rare if chance.random() < 0.15 else likely)


@pytest.mark.parametrize("seed", range(40))
def test_states_and_events_are_the_same_all_along(seed: int, domain: Domain) -> None:
    chance = random.Random(seed)
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    for _ in range(40):
        event = some_event(chance)
        if isinstance(event, DefinePrevUserUtteredFeaturization) and not tracker.latest_message:
            continue
        tracker.update(event, domain)
        assert_same(dialogue._copied_tracker(tracker), tracker.travel_back_in_time(float("inf")))
        assert dialogue._applied_events(tracker) == dialogue._slow_applied_events(tracker)
        for ignore_rules in (False, True):
            expected = dialogue._slow_history(domain, tracker, False, ignore_rules, RULE_ONLY)
            found = dialogue._states(domain, tracker, False, ignore_rules, RULE_ONLY)
            assert found == expected


def assert_same(one: DialogueStateTracker, other: DialogueStateTracker) -> None:
    everything = EventVerbosity.ALL
    assert one.current_state(everything) == other.current_state(everything)
    assert one.latest_message == other.latest_message
    assert str(one.latest_bot_utterance) == str(other.latest_bot_utterance)
    assert one.model_id is other.model_id is None


def test_a_copy_lives_by_itself(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    spare(monkeypatch)
    tracker = DialogueStateTracker.from_events("chat", [ActiveLoop("order_form")], domain.slots)
    tracker.update(LoopInterrupted(False))
    before = tracker.current_state(EventVerbosity.ALL)
    copied = dialogue._copied_tracker(tracker)
    for event in (SlotSet("sure", True), LoopInterrupted(True), ActionExecuted("action_greet")):
        copied.update(event)
    assert tracker.current_state(EventVerbosity.ALL) == before


def test_what_is_given_out_is_not_kept(domain: Domain) -> None:
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered("words", {"name": "greet", "confidence": 1.0}))
    first = dialogue._states(domain, tracker)
    first[-1]["user"].clear()
    first.clear()
    assert dialogue._states(domain, tracker) == dialogue._slow_history(domain, tracker)


def rule(*turns: tuple[str | None, str | None, str | None]) -> str:
    """A rule's key, of (action before, intent, loop)."""
    states = []
    for action, intent, loop in turns:
        state: dict[str, dict[str, object]] = {}
        if loop:
            state["active_loop"] = {"name": loop}
        if action:
            state["prev_action"] = {"action_name": action}
        if intent:
            state["user"] = {"intent": intent}
        if intent == "deny":
            state["slots"] = {"sure": [1.0], "language": "should_not_be_set"}
        states.append(state)
    return json.dumps(states, sort_keys=True)


RULES = {
    rule(("action_listen", "greet", None)): "action_greet",
    rule(("action_listen", "greet", None), ("action_greet", "greet", None)): "action_listen",
    rule((None, None, None), ("action_listen", "greet", None)): "action_greet",
    rule(("action_listen", "deny", "order_form")): "action_order",
    rule(("action_listen", "order", "should_not_be_set")): "order_form",
    rule(("action_listen", "order", None), ("order_form", "order", "order_form")): "action_listen",
}


@pytest.mark.parametrize("seed", range(20))
def test_the_same_rules_apply(seed: int, domain: Domain) -> None:
    chance = random.Random(seed)
    policy = object.__new__(RulePolicy)
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    for _ in range(30):
        event = some_event(chance)
        if not isinstance(event, DefinePrevUserUtteredFeaturization):
            tracker.update(event, domain)
        states = dialogue._slow_history(domain, tracker)
        expected = dialogue._slow_possible_keys(policy, RULES, states)
        assert dialogue._possible_keys(policy, RULES, states) == expected


IN_FORM = ("order_form", None, "order_form")
UNHAPPY = {
    rule(IN_FORM, ("action_listen", "greet", "order_form")): LOOP_WAS_INTERRUPTED,
    rule(IN_FORM, ("action_listen", "deny", "order_form")): DO_NOT_PREDICT_LOOP_ACTION,
}
SAID = {"prev_action": {"action_name": "action_listen"}, "user": {"text": "words"}}
BY_TEXT = {json.dumps([SAID]): "action_greet"}


def rule_policy(rules: dict[str, str]) -> RulePolicy:
    context = ExecutionContext(GraphSchema({}))
    policy = RulePolicy(RulePolicy.get_default_config(), None, Resource("rules"), context)
    nothing: list[str] = []
    policy.lookup = {
        "rules": rules,
        "rules_for_loop_unhappy_path": UNHAPPY,
        "rule_only_slots": nothing,
        "rule_only_loops": nothing,
    }
    return policy


@pytest.mark.parametrize("rules", [RULES, RULES | BY_TEXT])
@pytest.mark.parametrize("seed", range(20))
def test_the_same_is_predicted(
    seed: int, rules: dict[str, str], domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    policy = rule_policy(rules)
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    for _ in range(40):
        event = some_event(chance)
        if isinstance(event, DefinePrevUserUtteredFeaturization) and not tracker.latest_message:
            continue
        tracker.update(event, domain)
        monkeypatch.setattr(RulePolicy, "_find_action_from_rules", dialogue._slow_find)
        expected, expected_source = policy._predict(tracker, domain)
        monkeypatch.setattr(RulePolicy, "_find_action_from_rules", dialogue._find_action)
        found, source = policy._predict(tracker, domain)
        assert (found, source) == (expected, expected_source)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_remembered_is_looked_for_where_it_may_count(
    seed: int, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    rules, ensemble = rule_policy(RULES), DefaultPolicyPredictionEnsemble()
    context = ExecutionContext(GraphSchema({}))
    config = MemoizationPolicy.get_default_config()
    memory = MemoizationPolicy(config, None, Resource("memory"), context, lookup={})
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    monkeypatch.setattr(MemoizationPolicy, "_recall_states", lambda *_: remembered)
    for _ in range(40):
        event = some_event(chance)
        if isinstance(event, DefinePrevUserUtteredFeaturization) and not tracker.latest_message:
            continue
        tracker.update(event, domain)
        remembered = chance.choice(["action_greet", "action_order", "order_form", None])
        slow = dialogue._slow_ruled, dialogue._slow_recalled
        expected, found = (
            ensemble.combine_predictions(
                [ruled(rules, tracker, domain), by_heart(memory, tracker, domain)], tracker, domain
            )
            for ruled, by_heart in (slow, (dialogue._ruled, dialogue._recalled))
        )
        assert found == expected
        assert found.max_confidence_index == expected.max_confidence_index


def test_where_a_rule_is_sure_nothing_is_recalled(
    domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ExecutionContext(GraphSchema({}))
    config = MemoizationPolicy.get_default_config()
    memory = MemoizationPolicy(config, None, Resource("memory"), context, lookup={})
    monkeypatch.setattr(MemoizationPolicy, "_recall_states", lambda *_: pytest.fail("recalled"))
    said = [ActionExecuted("action_listen"), UserUttered("words", {"name": "greet"})]
    tracker = DialogueStateTracker.from_events("chat", said, domain.slots)
    assert dialogue._ruled(rule_policy(RULES), tracker, domain).max_confidence == 1.0
    assert dialogue._recalled(memory, tracker, domain).max_confidence == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_a_form_tries_answers_on_the_same_conversation(seed: int, domain: Domain) -> None:
    chance = random.Random(seed)
    form = FormAction("order_form", None)
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    for _ in range(30):
        event = some_event(chance)
        if isinstance(event, DefinePrevUserUtteredFeaturization) and not tracker.latest_message:
            continue
        tracker.update(event, domain)
        added = [SlotSet("sure", chance.choice([True, False])), BotUttered("?")]
        expected = dialogue._slow_temporary_tracker(form, tracker, added, domain)
        found = dialogue._temporary_tracker(form, tracker, added, domain)
        assert found.current_slot_values() == expected.current_slot_values()
        assert found.active_loop == expected.active_loop
        assert found.latest_action == expected.latest_action
        assert untimed(found) == untimed(expected)
        assert tracker.events[-1] is event


def untimed(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    return [{**event.as_dict(), "timestamp": None} for event in tracker.events]


def test_actions_see_what_rasa_tells_them(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = DialogueStateTracker.from_events("chat", [ActiveLoop("order_form")], domain.slots)
    for event in (UserUttered("words", {"name": "greet"}), BotUttered("yes?", {"buttons": [1]})):
        tracker.update(event, domain)
    action = RemoteAction("action_greet", EndpointConfig("http://nobody"))
    expected = action._action_call_format(tracker, domain)
    spare(monkeypatch)
    found = action._action_call_format(tracker, domain)
    assert len(found["tracker"]["events"]) == len(expected["tracker"]["events"])
    found["tracker"]["events"] = list(reversed(found["tracker"]["events"]))[::-1]
    assert found == {name: expected[name] for name in found}


def test_rules_that_follow_anything_are_tried_as_rasa_tries_them(domain: Domain) -> None:
    policy = object.__new__(RulePolicy)
    vague = {json.dumps([{"prev_action": {"action_text": "hi"}}]): "action_greet"}
    states = [{"prev_action": {"action_name": "action_listen"}}]
    expected = dialogue._slow_possible_keys(policy, vague, states)
    assert dialogue._possible_keys(policy, vague, states) == expected


@pytest.mark.parametrize("seed", range(10))
def test_trackers_that_share_slots_come_to_the_same(
    seed: int, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    for event in [some_event(chance) for _ in range(40)]:
        if not isinstance(event, DefinePrevUserUtteredFeaturization) or tracker.latest_message:
            tracker.update(event, domain)
    told = [*tracker.events, SlotSet("sure", True), SlotSet("of no domain", 1)]
    expected = DialogueStateTracker.from_events("chat", told, domain.slots)
    spare(monkeypatch)
    found = DialogueStateTracker.from_events("chat", told, domain.slots)
    assert_same(found, expected)
    assert set_slots(found) == set_slots(expected)
    assert not any(slot.has_been_set for slot in domain.slots)


def spare(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name, value in dialogue._parts():
        monkeypatch.setattr(owner, name, value)


def set_slots(tracker: DialogueStateTracker) -> set[str]:
    return {name for name, slot in tracker.slots.items() if slot.has_been_set}


def test_actions_are_those_that_rasa_finds(domain: Domain) -> None:
    endpoint = EndpointConfig("inprocess://actions")
    for name in domain.action_names_or_texts:
        expected = action_for_name_or_text(name, domain, endpoint)
        for _ in range(2):
            found = dialogue._action_named(name, domain, endpoint)
            assert (type(found), found.name()) == (type(expected), expected.name())
    form, again = (dialogue._action_named("order_form", domain, endpoint) for _ in range(2))
    assert form is not again


IN_A_FORM = [{"active_loop": "order_form"}]


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ({"type": "text", "mappings": [{"type": "custom"}]}, None),
        ({"type": "text", "mappings": [{"type": "custom", "conditions": IN_A_FORM}]}, None),
        ({"type": "text", "mappings": [{"type": "from_entity", "entity": "goods"}]}, "maggi"),
        ({"type": "text", "mappings": [{"type": "custom"}, {"type": "from_text"}]}, "magi"),
    ],
)
def test_slots_that_messages_fill_are_filled(slot: dict[str, Any], expected: Any) -> None:
    domain = Domain.from_dict({"intents": ["order"], "entities": ["goods"], "slots": {"it": slot}})
    tracker = DialogueStateTracker.from_events("chat", [], domain.slots)
    said = [{"entity": "goods", "value": "maggi"}]
    tracker.update(UserUttered("magi", {"name": "order", "confidence": 1.0}, said), domain)
    action, channel = ActionExtractSlots(None), CollectingOutputChannel()
    for _ in range(2):
        found = asyncio.run(dialogue._extracted(action, channel, None, tracker, domain))
        assert [event.value for event in found] == ([expected] if expected else [])


def test_an_action_that_looks_at_filled_slots_is_asked() -> None:
    assert dialogue._fills_slots(Domain.from_dict({"actions": ["action_validate_slot_mappings"]}))
    assert not dialogue._fills_slots(Domain.from_dict({"actions": ["action_greet"]}))
