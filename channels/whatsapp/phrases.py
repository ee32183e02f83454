"""The few words that the channel itself needs. They stand in domain.yml like all others."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from channels.whatsapp.messages import Words

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "utter_internal_error"
CHOOSE = "line_choose"
MORE = "line_more"


class Phrases(Protocol):
    """Renders one response of domain.yml: {"text": …, "buttons": […]}. Raises LookupError."""

    def render(self, response: str, language: str, /, **facts: Any) -> Mapping[str, Any]: ...


class DomainPhrases:
    """Reads the responses of a loaded domain: the first whose conditions fit the language."""

    def __init__(self, responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._responses = responses

    def render(self, response: str, language: str, /, **facts: Any) -> dict[str, Any]:
        """The response's words. Raises KeyError for an unknown one."""
        variations = self._responses[response]
        fitting = [v for v in variations if _fits(v, language)] or list(variations)
        chosen = max(fitting, key=_conditions)
        return {
            "text": str(chosen.get("text", "")).format(**facts),
            "buttons": chosen.get("buttons", []),
        }


def _conditions(variation: Mapping[str, Any]) -> int:
    return len(variation.get("condition") or [])


def _fits(variation: Mapping[str, Any], language: str) -> bool:
    return all(
        condition.get("name") == "language" and condition.get("value") == language
        for condition in variation.get("condition") or []
    )


def load_phrases(responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> Phrases:
    """The conversation's phrasebook; without one, the loaded domain's responses."""
    try:
        from actions.phrasebook import Phrasebook
    except ModuleNotFoundError:
        return DomainPhrases(responses)
    phrasebook: Phrases = Phrasebook.load()
    return phrasebook


def say(phrases: Phrases, response: str, language: str) -> str:
    """A response's text, or "" when domain.yml lacks it: a missing word must not stop a turn."""
    try:
        return str(phrases.render(response, language).get("text") or "")
    except Exception as error:
        logger.error("response %s cannot be rendered: %s", response, type(error).__name__)
        return ""


def words_in(phrases: Phrases, language: str) -> Words:
    """The words on WhatsApp's own controls."""
    plain = Words()
    return Words(
        choose=say(phrases, CHOOSE, language) or plain.choose,
        more=say(phrases, MORE, language) or plain.more,
    )
