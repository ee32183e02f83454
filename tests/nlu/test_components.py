"""The components as Rasa calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import folds
from nlu.classifier import EARLIER_RANKING, LinearIntentClassifier
from nlu.commands import QuickCommands
from nlu.entities import EntityNormalizer
from nlu.extractor import IntentAwareExtractor
from nlu.fallback import CautiousFallback
from nlu.featurizer import MessageFeaturizer
from nlu.fusion import BLENDED_RANKING, IntentFusion, blend
from nlu.guard import ClearWords
from nlu.tokenizer import ShopTokenizer

CONTEXT = ExecutionContext(GraphSchema({}))


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage(tmp_path)


def made(component: Any, storage: LocalModelStorage, **config: Any) -> Any:
    settings = {**component.get_default_config(), **config}
    return component.create(settings, storage, Resource(component.__name__), CONTEXT)


def said(text: str, **data: Any) -> Message:
    return Message(data={TEXT: text, **data})


def test_tokens_keep_offsets_and_carry_the_folded_form(storage: LocalModelStorage) -> None:
    message = said("10kg चीनी bhejo")
    made(ShopTokenizer, storage).process([message])
    tokens = message.get("text_tokens")
    assert [(t.text, t.start, t.end, t.lemma) for t in tokens] == [
        ("10", 0, 2, "00"),
        ("kg", 2, 4, "kg"),
        ("चीनी", 5, 9, "chini"),
        ("bhejo", 10, 15, "bhejo"),
    ]


def test_a_blank_text_has_a_token(storage: LocalModelStorage) -> None:
    message = said("  ")
    made(ShopTokenizer, storage).process([message])
    assert len(message.get("text_tokens")) == 1


def training_data() -> TrainingData:
    rows = [
        ("go to Pune", "travel", [("place", 6, 10)]),
        ("a trip to Goa", "travel", [("place", 10, 13)]),
        ("travel to Delhi", "travel", [("place", 10, 15)]),
        ("train to Agra", "travel", [("place", 9, 13)]),
        ("hello", "greet", []),
        ("hello there", "greet", []),
        ("good morning", "greet", []),
        ("hi hello", "greet", []),
    ]
    return TrainingData(
        [
            Message.build(
                text,
                intent,
                [{"entity": e, "start": s, "end": t, "value": text[s:t]} for e, s, t in spans],
            )
            for text, intent, spans in rows
        ],
        lookup_tables=[{"name": "place", "elements": ["Mumbai", "Surat"]}],
    )


LEARNERS = (MessageFeaturizer, LinearIntentClassifier, IntentAwareExtractor)


def loaded(component: Any, storage: LocalModelStorage) -> Any:
    resource = Resource(component.__name__)
    return component.load(component.get_default_config(), storage, resource, CONTEXT)


def trained(storage: LocalModelStorage, data: TrainingData) -> list[Any]:
    """The learners one after the other, each seeing what those before it added."""
    made(ShopTokenizer, storage).process_training_data(data)
    made(MessageFeaturizer, storage, min_count=1, frequent_from=1).train(data)
    loaded(MessageFeaturizer, storage).process_training_data(data)
    made(LinearIntentClassifier, storage).train(data)
    made(IntentAwareExtractor, storage).train(data)
    return [made(ShopTokenizer, storage), *(loaded(one, storage) for one in LEARNERS)]


def test_what_is_trained_is_loaded_and_answers(storage: LocalModelStorage) -> None:
    message = said("go to Surat")
    for component in trained(storage, training_data()):
        component.process([message])
    assert message.get(INTENT)["name"] == "travel"
    assert [(e["entity"], e["value"]) for e in message.get(ENTITIES)] == [("place", "Surat")]


def test_with_nothing_to_learn_a_component_stays_silent(storage: LocalModelStorage) -> None:
    message = said("go to Surat")
    for component in trained(storage, TrainingData([])):
        component.process([message])
    assert message.get(INTENT) is None
    assert message.get(ENTITIES) is None


def test_messages_without_entities_are_classified(storage: LocalModelStorage) -> None:
    bare = [
        Message.build(one.get(TEXT), one.get(INTENT)) for one in training_data().training_examples
    ]
    message = said("hello hello")
    for component in trained(storage, TrainingData(bare)):
        component.process([message])
    assert message.get(INTENT)["name"] == "greet"
    assert message.get(ENTITIES) is None


def test_where_there_is_one_intent_it_is_always_meant(storage: LocalModelStorage) -> None:
    trained(
        storage, TrainingData([Message.build(text, "any") for text in ("go to Pune", "go away")])
    )
    message = said("hello")
    for component in (made(ShopTokenizer, storage), *(loaded(one, storage) for one in LEARNERS)):
        component.process([message])
    assert message.get(INTENT) == {"name": "any", "confidence": 1.0}


def ranking(**confidences: float) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": value} for name, value in confidences.items()]


def test_two_rankings_become_one() -> None:
    fused = blend(ranking(a=0.6, b=0.4), ranking(b=0.9, c=0.1), 0.5)
    assert [one["name"] for one in fused] == ["b", "a", "c"]
    assert [one["confidence"] for one in fused] == pytest.approx([0.65, 0.3, 0.05])


def test_fusion_needs_both_rankings(storage: LocalModelStorage) -> None:
    alone = said(
        "x", **{INTENT: {"name": "a", "confidence": 0.6}, INTENT_RANKING_KEY: ranking(a=1)}
    )
    both = said("x", **{INTENT_RANKING_KEY: ranking(a=0.6), EARLIER_RANKING: ranking(b=1.0)})
    made(IntentFusion, storage, earlier_weight=0.5).process([alone, both])
    assert alone.get(INTENT) == {"name": "a", "confidence": 0.6}
    assert both.get(INTENT) == {"name": "b", "confidence": 0.5}


def test_a_blend_is_trusted_as_far_as_it_was_right(storage: LocalModelStorage) -> None:
    """The earlier classifier was told the wrong intent for half of what it had not seen."""
    data = TrainingData(
        [
            Message.build(f"{word} {number}", intent)
            for number in range(150)
            for intent, word in (("travel", "go to"), ("greet", "hello"))
        ]
    )
    trained(storage, data)
    for number, message in enumerate(data.intent_examples):
        guessed = message.get(INTENT) if number % 4 < 2 else "neither"
        message.set(folds.HELD_OUT_RANKING, ranking(**{guessed: 1.0}))
    settings = {**IntentFusion.get_default_config(), "earlier_weight": 0.9}
    made(IntentFusion, storage, **settings).train(data)

    message = said("x", **{INTENT_RANKING_KEY: ranking(travel=0.5, greet=0.5)})
    message.set(EARLIER_RANKING, ranking(greet=1.0))
    fusion = IntentFusion.load(settings, storage, Resource("IntentFusion"), CONTEXT)
    fusion.process([message])
    found = message.get(INTENT_RANKING_KEY)
    assert [one["name"] for one in found] == ["greet", "travel"]
    assert sum(one["confidence"] for one in found) == pytest.approx(1)
    assert found[0]["confidence"] < 0.9
    assert message.get(BLENDED_RANKING)[0]["confidence"] == pytest.approx(0.95)


def test_a_command_says_its_intent(storage: LocalModelStorage) -> None:
    commands = made(QuickCommands, storage, commands={"stock": "look_up"})
    known = said("stock maggi", metadata={"command": "STOCK"})
    unknown = said("x", metadata={"command": "fly"})
    plain = said("stock maggi")
    commands.process([known, unknown, plain])
    assert known.get(INTENT) == {"name": "look_up", "confidence": 1.0}
    assert unknown.get(INTENT) is None
    assert plain.get(INTENT) is None


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("dal hata do", "change", 0.75),
        ("mera data hata do", "erase", 0.6),
        ("मेरा डेटा हटा दो", "erase", 0.6),
    ],
)
def test_some_intents_need_a_word_for_them(
    storage: LocalModelStorage, text: str, intent: str, confidence: float
) -> None:
    given = ranking(erase=0.6, change=0.3, bill=0.1)
    message = said(text, **{INTENT: given[0], INTENT_RANKING_KEY: given})
    made(ClearWords, storage, words={"erase": ["mera", "data"]}).process([message])
    assert message.get(INTENT)["name"] == intent
    assert message.get(INTENT)["confidence"] == pytest.approx(confidence)


def test_what_is_the_only_thought_needs_no_word(storage: LocalModelStorage) -> None:
    given = ranking(erase=1.0)
    message = said("dal hata do", **{INTENT: given[0], INTENT_RANKING_KEY: given})
    made(ClearWords, storage, words={"erase": ["data"]}).process([message])
    assert message.get(INTENT_RANKING_KEY) == given


RULES = {
    "patterns": {
        "order_id": r"\bORD[-/ ]?\d{4}[-/ ]?\d{1,6}\b",
        "phone": r"(?<!\d)[6-9]\d{4}[\s-]?\d{5}(?!\d)",
    },
    "kinds": {"order_id": "code", "phone": "phone", "n": "number", "a": "amount", "d": "period"},
    "future": ["book"],
}


def normalized(storage: LocalModelStorage, text: str, name: str, intent: str = "x") -> Any:
    found = {"entity": name, "start": 0, "end": len(text), "value": text, "extractor": "X"}
    intents = {INTENT: {"name": intent, "confidence": 1.0}}
    message = said(text, metadata={"today": "2026-11-20"}, **{ENTITIES: [found]}, **intents)
    made(EntityNormalizer, storage, **RULES).process([message])
    return message.get(ENTITIES)[0].get("normalized")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("dhai", "n", "2.5"),
        ("१०", "n", "10"),
        ("sawa do lakh", "a", "225000"),
        ("₹1,200", "a", "1200"),
        ("aaj", "d", {"start": "2026-11-20", "end": "2026-11-20"}),
        ("kal", "d", {"start": "2026-11-19", "end": "2026-11-19"}),
        ("bahut", "n", None),
        ("kabhi", "d", None),
    ],
)
def test_values_are_read(storage: LocalModelStorage, text: str, name: str, value: Any) -> None:
    assert normalized(storage, text, name) == value


def test_a_day_leans_to_the_future_where_the_intent_does(storage: LocalModelStorage) -> None:
    tomorrow = {"start": "2026-11-21", "end": "2026-11-21"}
    assert normalized(storage, "kal", "d", intent="book") == tomorrow


def test_what_has_a_form_wins_over_what_was_guessed(storage: LocalModelStorage) -> None:
    text = "ord-2026-00012 98765 43210"
    wrong = {"entity": "n", "start": 4, "end": 8, "value": "2026", "extractor": "X"}
    message = said(text, **{ENTITIES: [wrong]})
    made(EntityNormalizer, storage, **RULES).process([message])
    assert [(e["entity"], e["value"], e["normalized"]) for e in message.get(ENTITIES)] == [
        ("order_id", "ord-2026-00012", "ORD-2026-00012"),
        ("phone", "98765 43210", "919876543210"),
    ]


def test_a_hyphen_does_not_part_a_name(storage: LocalModelStorage) -> None:
    text = "Accu-Chek"
    halves = [
        {"entity": "g", "start": 0, "end": 4, "value": "Accu", "extractor": "X"},
        {"entity": "g", "start": 5, "end": 9, "value": "Chek", "extractor": "X"},
    ]
    message = said(text, **{ENTITIES: halves})
    made(EntityNormalizer, storage, **RULES).process([message])
    assert [e["value"] for e in message.get(ENTITIES)] == ["Accu-Chek"]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("do", "n", "2"),
        ("2", "n", "2"),
        ("kal.", "d", {"start": "2026-11-19", "end": "2026-11-19"}),
    ],
)
def test_a_bare_value_has_no_intent_of_its_own(
    storage: LocalModelStorage, text: str, name: str, value: Any
) -> None:
    intents = {INTENT: ranking(x=0.9)[0], INTENT_RANKING_KEY: ranking(x=0.9)}
    message = said(text, metadata={"today": "2026-11-20"}, **intents)
    made(EntityNormalizer, storage, **RULES, bare={"number": "n", "period": "d"}).process([message])
    assert message.get(INTENT)["confidence"] == 0
    assert [(e["entity"], e["normalized"]) for e in message.get(ENTITIES)] == [(name, value)]


@pytest.mark.parametrize(
    ("confidences", "asks"),
    [
        ({"order": 0.7, "elsewhere": 0.29}, True),
        ({"order": 0.7, "bill": 0.2, "elsewhere": 0.1}, False),
        ({"elsewhere": 0.7, "order": 0.3}, False),
        ({"order": 0.2, "bill": 0.1}, True),
    ],
)
def test_bahi_asks_where_a_message_may_be_none_of_its_business(
    storage: LocalModelStorage, confidences: dict[str, float], asks: bool
) -> None:
    given = ranking(**confidences)
    message = said("x", **{INTENT: given[0], INTENT_RANKING_KEY: given})
    settings = {"threshold": 0.35, "outside": ["elsewhere"], "outside_threshold": 0.25}
    made(CautiousFallback, storage, **settings).process([message])
    assert (message.get(INTENT)["name"] == "nlu_fallback") == asks
