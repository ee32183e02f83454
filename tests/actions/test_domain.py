"""domain.yml, the rules and the actions fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor
from ruamel.yaml import YAML

from actions.forms.form import FORMS
from actions.forms.intents import NEITHER, QUESTIONS, WRITES, asks
from actions.phrasebook import Phrasebook
from channels.whatsapp.action_loading import load_actions

ROOT = Path(__file__).resolve().parents[2]
COMING = {
    "share_expense", "repay_debt", "split_balance", "settle_up", "credit_score_query",
    "data_access", "data_erase", "consent_withdraw", "human_handoff",
}  # fmt: skip


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


DOMAIN = _yaml(ROOT / "domain.yml")
RULES = [rule for path in (ROOT / "data" / "rules").glob("*.yml") for rule in _yaml(path)["rules"]]
WORDS = _yaml(ROOT / "data" / "stories" / "words.yml")["stories"][0]["steps"]


@pytest.fixture(scope="module")
def executor() -> ActionExecutor:
    return load_actions()


def test_there_are_38_intents_and_a_fallback_at_least() -> None:
    assert len(QUESTIONS | WRITES | NEITHER - {""}) == 39
    assert QUESTIONS | WRITES | NEITHER - {""} <= set(DOMAIN["intents"])


def test_an_intent_that_a_designer_adds_is_a_question() -> None:
    assert asks("shop_hours")
    assert asks("price_query")
    assert not any(map(asks, WRITES | NEITHER))


def test_each_intent_has_one_rule() -> None:
    ruled = [step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step]
    assert sorted(ruled) == sorted(DOMAIN["intents"])


def test_each_action_of_the_domain_is_there_and_no_other(executor: ActionExecutor) -> None:
    assert set(executor.actions) == set(DOMAIN["actions"])


def test_each_form_of_the_domain_is_there_with_its_slots() -> None:
    required = {name: tuple(form["required_slots"]) for name, form in DOMAIN["forms"].items()}
    assert {name: tuple(form.slots) for name, form in FORMS.items()} == required


def test_what_is_coming_says_so() -> None:
    book = Phrasebook.load()
    assert all(book.has(f"utter_coming_{intent}") for intent in COMING)


def test_every_response_is_listed_as_used() -> None:
    listed = [step["action"] for step in WORDS if step["action"] != "action_listen"]
    assert sorted(listed) == sorted(DOMAIN["responses"])


def test_rules_stay_few() -> None:
    # Above 1,000 keys Rasa's own cache of them is too small, and each prediction reads JSON again.
    assert sum(len(rule["steps"]) for rule in RULES) < 500


def test_slots_do_not_steer() -> None:
    steering = [
        name
        for name, slot in DOMAIN["slots"].items()
        if slot["type"] != "any" and slot.get("influence_conversation") is not False
    ]
    assert steering == []
