"""The words of domain.yml: one response, in one language, with its facts put in.

Conversation, notifications and the rows of a list all speak through here, so that a designer finds
every word in one file. The condition on the slot `language` picks the variant; the one without a
condition is Hinglish. Placeholders are Rasa's: {name}, and {{ }} for braces that stay;
{count:bill|bills} is the word for so many.

Rasa wants every response's name to begin with "utter_". What is no sentence of its own (line_owes,
unit_kg, status_ready, error_order) is called here without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import yaml

DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"
LANGUAGES = ("hinglish", "hindi", "english")
PLAIN = "hinglish"

PREFIX = "utter_"

_READER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar is a text, as in a response it is: no "no" becomes false. In C: 0.05 s, not 1.5."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^\n{}]+?)\}")


class Button(TypedDict, total=False):
    """Something to tap. `payload` is Rasa's "/intent{…}"; a list shows the description below."""

    title: str
    payload: str
    description: str


class Message(TypedDict, total=False):
    """What a response says."""

    text: str
    buttons: list[Button]


class UnknownResponse(KeyError):
    """domain.yml has no response of this name."""


class Phrasebook:
    """All responses of a domain, by name and language."""

    def __init__(self, responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._variants = {
            name: {_language(variant): variant for variant in variants}
            for name, variants in responses.items()
        }

    @classmethod
    def load(cls, path: Path = DOMAIN) -> Phrasebook:
        """Read a domain file, once for each path."""
        return _load(path)

    def has(self, response: str) -> bool:
        """Whether there is such a response."""
        return _full(response) in self._variants

    def names(self) -> frozenset[str]:
        """All responses."""
        return frozenset(self._variants)

    def languages(self, response: str) -> frozenset[str]:
        """The languages in which a response stands."""
        return frozenset(self._variants[_full(response)])

    def render(self, response: str, language: str = PLAIN, /, **facts: Any) -> Message:
        """A response with its facts. Raises UnknownResponse, or KeyError for a missing fact."""
        variants = self._variants.get(_full(response))
        if variants is None:
            raise UnknownResponse(response)
        variant = variants.get(language) or variants[PLAIN]
        message: Message = {"text": _fill(variant["text"], facts)}
        if variant.get("buttons"):
            message["buttons"] = [
                {key: _fill(value, facts) for key, value in button.items()}  # type: ignore[misc]
                for button in variant["buttons"]
            ]
        return message

    def line(self, response: str, language: str = PLAIN, /, **facts: Any) -> str:
        """The text of a response: a row of a list, the name of a unit or a state."""
        return self.render(response, language, **facts)["text"]

    def unit(self, unit: str, language: str = PLAIN, count: Any = 1) -> str:
        """The word for a unit; where a language has two, as "packet|packets", the one for so many.

        `count` is a number or its text.
        """
        one, _, many = self.line(f"unit_{unit}", language).partition("|")
        return many if many and not _is_one(count) else one

    def placeholders(self, response: str) -> dict[str, frozenset[str]]:
        """The facts that each variant of a response puts in."""
        return {
            language: frozenset(_placeholders(variant))
            for language, variant in self._variants[_full(response)].items()
        }


@lru_cache(maxsize=4)
def _load(path: Path) -> Phrasebook:
    domain = yaml.load(path.read_text(encoding="utf-8"), _READER)  # noqa: S506 - makes texts only
    return Phrasebook(domain["responses"])


def _full(response: str) -> str:
    return response if response.startswith(PREFIX) else PREFIX + response


def _language(variant: Mapping[str, Any]) -> str:
    for condition in variant.get("condition", ()):
        if condition["name"] == "language":
            return str(condition["value"])
    return PLAIN


def _fill(text: str, facts: Mapping[str, Any]) -> str:
    return _PLACEHOLDER.sub(lambda match: _put(match, facts), text)


def _put(match: re.Match[str], facts: Mapping[str, Any]) -> str:
    if match[1] is None:
        return match[0][0]
    name, _, forms = match[1].partition(":")
    if not forms:
        return str(facts[name])
    one, _, many = forms.partition("|")
    return one if _is_one(facts[name]) else many


def _is_one(count: Any) -> bool:
    """Whether a number, or its text, is exactly one."""
    try:
        return Decimal(str(count)) == 1
    except InvalidOperation:
        return False


def fact_of(placeholder: str) -> str:
    """The fact that a placeholder puts in: "count" for "count" and for "count:bill|bills"."""
    return placeholder.partition(":")[0]


def _placeholders(variant: Mapping[str, Any]) -> set[str]:
    texts = [variant["text"]]
    texts += [value for button in variant.get("buttons", ()) for value in button.values()]
    found = (match[1] for text in texts for match in _PLACEHOLDER.finditer(text))
    return {fact_of(placeholder) for placeholder in found if placeholder}
