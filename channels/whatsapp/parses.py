"""What texts were understood as, kept for when they come again: "haan", "ok", "aaj ki sale"."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from weakref import ref

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT

from actions.reading.run_on import wishes_apart
from channels.whatsapp.metrics import Tally
from erp_core.kernel.known_names import KnownNames, now_shown

MOST = 4096
LONGEST = 200
"""Characters; longer texts do not come twice."""

TOLD = ("known_names", "today")
"""Metadata that tests put in to have a text read in another way."""

MOST_CLAUSES = 6
"""A message of more clauses tells a story."""

Parse = Callable[..., Awaitable[dict[str, Any]]]
Key = tuple[str, str | None, date, int]


def parse_of(processor: MessageProcessor) -> Parse:
    """Return a processor's parse_message without what it does for its log.

    That has parse data copied, whether it is logged or not, and looked up in the domain, which
    `make check` has compared with the training data.
    """

    async def parse(
        message: UserMessage, tracker: Any = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        found: dict[str, Any] = processor._parse_message_with_graph(
            message, tracker, only_output_properties
        )
        processor._update_full_retrieval_intent(found)
        return found

    return parse


def in_clauses(parse: Parse) -> Parse:
    """Return a parse_message that understands each clause of what is written alone as well:
    `clauses` of the parse data, in their order, with where each starts."""

    async def parse_all(
        message: UserMessage, tracker: Any = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        found = await parse(message, tracker, only_output_properties)
        text, metadata = message.text or "", message.metadata or {}
        marked = [(one["start"], one["end"]) for one in found.get(ENTITIES) or () if "start" in one]
        spans = [] if metadata.get("command") else wishes_apart(text, marked)
        if 1 < len(spans) <= MOST_CLAUSES and only_output_properties:
            found["clauses"] = [
                {"start": start, **await alone(text[start:end], metadata)} for start, end in spans
            ]
        return found

    async def alone(text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        found = await parse(UserMessage(text, metadata=metadata))
        return {name: found[name] for name in (TEXT, INTENT, ENTITIES)}

    return parse_all


class ParseCache:
    """A processor's parse_message that remembers. One model's, in memory, bounded.

    `anew` parses what is not remembered. A text means the same again only on the same day ("kal")
    and with the same names known, which are those of one shop; nothing is carried from shop to
    shop.
    """

    def __init__(
        self, anew: Parse, today: Callable[[], date], *, tally: Tally, most: int = MOST
    ) -> None:
        self.anew = anew
        self._today = today
        self._tally = tally
        self._most = most
        self._kept: OrderedDict[Key, tuple[Any, bytes]] = OrderedDict()

    async def __call__(
        self, message: UserMessage, tracker: Any = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        """Parse data as Rasa's MessageProcessor.parse_message gives it."""
        metadata = message.metadata or {}
        text = message.text or ""
        if len(text) > LONGEST or not only_output_properties or any(t in metadata for t in TOLD):
            return await self.anew(message, tracker, only_output_properties)
        names = now_shown()
        key = (text, metadata.get("command"), self._today(), id(names))
        found = self._find(key, names)
        self._tally.count("bahi_parses", text="known" if found else "new")
        if found is None:
            found = await self.anew(message, tracker, only_output_properties)
            self._keep(key, names, found)
        return found

    def _find(self, key: Key, names: KnownNames | None) -> dict[str, Any] | None:
        kept = self._kept.get(key)
        if kept is None or (kept[0] and kept[0]()) is not names:
            return None
        self._kept.move_to_end(key)
        found: dict[str, Any] = pickle.loads(kept[1])  # noqa: S301 - our own, from memory
        return found

    def _keep(self, key: Key, names: KnownNames | None, parsed: dict[str, Any]) -> None:
        self._kept[key] = (names and ref(names), pickle.dumps(parsed))
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
