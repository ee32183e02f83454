"""Values of entities: what a number, amount, day, phone or document number means exactly."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import phonenumbers
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from erp_core.kernel.clock import Clock
from erp_core.kernel.hindi_dates import Lean, parse_period
from erp_core.kernel.hindi_numbers import parse_amount, parse_number
from nlu.component import Fixed

Entity = dict[str, Any]
LONGEST_BARE = 10
"""Numbers and days have no more words: paanch crore pachas lakh bees hazaar teen sau pachpan."""
_JOINING = re.compile(r"[-'’&./]")
_DEVANAGARI_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")


def number_text(value: Decimal) -> str:
    """Return a number without trailing zeros or an exponent: 2.5, 12000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(value: str) -> str | None:
    """Return the number that a quantity states, as a decimal string."""
    found = parse_number(value)
    return None if found is None else number_text(found)


def amount(value: str) -> str | None:
    """Return the rupees that an amount states, as a decimal string."""
    found = parse_amount(value)
    return None if found is None else number_text(found)


def phone(value: str) -> str | None:
    """Return an Indian phone number in the international form without a plus: 919876543210."""
    try:
        parsed = phonenumbers.parse(value.translate(_DEVANAGARI_DIGITS), "IN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return f"{parsed.country_code}{parsed.national_number}"


def code(value: str) -> str | None:
    """Return a document number in capitals without spaces."""
    return re.sub(r"\s+", "", value.translate(_DEVANAGARI_DIGITS)).upper() or None


READERS: Mapping[str, Callable[[str], str | None]] = {
    "number": number,
    "amount": amount,
    "phone": phone,
    "code": code,
}


def joined(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Return the entities with neighbours of one kind joined that only a hyphen or so parts."""
    result: list[Entity] = []
    for one in sorted(entities, key=lambda entity: int(entity["start"])):
        last = result[-1] if result else None
        if (
            last is not None
            and last["entity"] == one["entity"]
            and _JOINING.fullmatch(text[last["end"] : one["start"]])
        ):
            whole = {"end": one["end"], "value": text[last["start"] : one["end"]]}
            result[-1] = {**last, **whole}
        else:
            result.append(one)
    return result


def _silence_intents(message: Message) -> None:
    ranking = [{**one, "confidence": 0.0} for one in message.get(INTENT_RANKING_KEY) or []]
    if ranking:
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityNormalizer(Fixed, EntityExtractorMixin):
    """Finds what has a fixed form, and adds a `normalized` value to what can be read.

    `patterns` maps an entity to a regular expression that always wins over a learner;
    `kinds` maps an entity to number, amount, phone, code or period; `future` lists the intents
    in which a day that could be either is meant to come. A period is {"start", "end"} in ISO;
    its today is the `today` of the message's metadata, else the clock's.

    A message that is nothing but a number or a day answers a question: what it means is the
    conversation's to say, so its intents count for nothing, and `bare` names the entity that such
    a number and such a period are when no learner marked them.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._kinds: dict[str, str] = config["kinds"]
        self._future: set[str] = set(config["future"])
        self._bare: dict[str, str] = config["bare"]
        self._patterns = {
            entity: re.compile(pattern, re.IGNORECASE)
            for entity, pattern in config["patterns"].items()
        }
        self._clock = Clock.starting(os.environ.get("BAHI_NOW"))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return no rules."""
        return {"kinds": {}, "patterns": {}, "future": [], "bare": {}}

    def process(self, messages: list[Message]) -> list[Message]:
        """Correct and complete the entities of each message."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            entities = self._with_patterns(text, joined(text, message.get(ENTITIES) or []))
            if bare := self._bare_entity(text):
                entities = entities or self.add_extractor_name([bare])
                _silence_intents(message)
            values = [self._with_value(one, message) for one in entities]
            message.set(ENTITIES, values, add_to_output=True)
        return messages

    def _bare_entity(self, text: str) -> Entity | None:
        """Return the entity that the whole text is, when it is a number or a period."""
        value = text.strip().rstrip(".!?।")
        if len(value.split()) > LONGEST_BARE:
            return None
        if len(value) == 1 and value.isascii() and value.isalpha():  # "k" is a yes, not a thousand
            return None
        if "number" in self._bare and parse_number(value) is not None:
            name = self._bare["number"]
        elif "period" in self._bare and parse_period(value, today=self._clock.today()):
            name = self._bare["period"]
        else:
            return None
        start = text.index(value)
        return {"entity": name, "start": start, "end": start + len(value), "value": value}

    def _with_patterns(self, text: str, entities: list[Entity]) -> list[Entity]:
        for name, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                start, end = match.span()
                entities = [e for e in entities if e["end"] <= start or e["start"] >= end]
                found = {"entity": name, "start": start, "end": end, "value": match.group()}
                entities.extend(self.add_extractor_name([found]))
        return sorted(entities, key=lambda entity: int(entity["start"]))

    def _with_value(self, entity: Entity, message: Message) -> Entity:
        kind = self._kinds.get(entity["entity"])
        if kind is None:
            return entity
        value: Any
        if kind == "period":
            value = self._period(str(entity["value"]), message)
        else:
            value = READERS[kind](str(entity["value"]))
        return entity if value is None else {**entity, "normalized": value}

    def _period(self, value: str, message: Message) -> dict[str, str] | None:
        given = (message.get("metadata") or {}).get("today")
        today = date.fromisoformat(given) if given else self._clock.today()
        intent = (message.get(INTENT) or {}).get("name")
        lean: Lean = "future" if intent in self._future else "past"
        period = parse_period(value, today=today, lean=lean)
        if period is None:
            return None
        return {"start": period.start.isoformat(), "end": period.end.isoformat()}
