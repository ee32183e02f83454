"""One turn: a message in, all that is said to it out, as one reply."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from rasa.core.channels.channel import OutputChannel, UserMessage

from channels.whatsapp.attachments import SPOKEN
from channels.whatsapp.buttons import options_of
from channels.whatsapp.crypto import Vault
from channels.whatsapp.graph import Failure, GraphClient, GraphError
from channels.whatsapp.hearings import Hearings
from channels.whatsapp.media import MediaStore, kind_of
from channels.whatsapp.messages import InboundMessage, Reply, Words
from channels.whatsapp.people import People, Person, metadata_of
from channels.whatsapp.phrases import INTERNAL_ERROR, Phrases, say, words_in
from channels.whatsapp.quotes import Quotes
from channels.whatsapp.readings import Ask, Readings
from erp_core.kernel.known_names import shown
from erp_core.kernel.shorthand import written_out

logger = logging.getLogger(__name__)

CHANNEL = "whatsapp"
HEARD = "line_heard"
SAY = "say:"
"""A button whose payload begins so says the rest as if the person had typed it."""

MEDIA_PATIENCE = 15.0
"""Seconds that a turn waits for a file."""

SILENT = frozenset({"reaction", "revoke", "system", "edit"})
"""Kinds that no answer is expected to. An edit must never book anything a second time."""

NOT_TEXT = "nlu_fallback"
"""The intent of what holds no words; metadata["kind"] and ["media"] tell what it was."""

_COMMAND = re.compile(r"([A-Za-z_]+)\b")

Converse = Callable[[UserMessage], Awaitable[None]]
"""Has Rasa handle a message; what it utters goes to the message's output channel."""

Meaning = Callable[[str, str], Awaitable[dict[str, Any] | None]]
"""(chat, button id) → what the button means."""


class TurnFailed(Exception):
    """A turn did not come to its end; the session is as it was."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause


@dataclass
class Said:
    """Everything that was uttered in a turn, in order."""

    texts: list[str] = field(default_factory=list)
    buttons: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    spoken: list[dict[str, str]] = field(default_factory=list)
    """What is said aloud as well: {"text": …, "language": …}."""
    reads: list[dict[str, Any]] = field(default_factory=list)
    """Files to be read: {"media": id, "hint": what is known of it already}."""

    @property
    def text(self) -> str:
        """One text of all."""
        return "\n\n".join(self.texts)

    def __bool__(self) -> bool:
        return bool(self.texts or self.buttons or self.attachments)


@dataclass
class Turn:
    """What came of a message. buttons: sealed meanings by button id, to be stored with the reply.
    skipped: why Rasa was not asked, if it was not."""

    reply: Reply | None = None
    buttons: dict[str, bytes] = field(default_factory=dict)
    business_id: int | None = None
    skipped: str = ""


class TurnOutput(OutputChannel):
    """Collects what Rasa utters. Stock channels send text, picture and file one by one."""

    def __init__(self) -> None:
        self.said = Said()

    @classmethod
    def name(cls) -> str:
        """The channel's name, for channel-specific responses."""
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep one utterance."""
        collect(self.said, message)


def collect(said: Said, message: Mapping[str, Any]) -> None:
    """Add one of Rasa's utterances: text, buttons or quick replies, an attachment reference."""
    if message.get("text"):
        said.texts.append(str(message["text"]).strip())
    said.buttons += [*(message.get("buttons") or []), *(message.get("quick_replies") or [])]
    custom = message.get("custom") or {}
    if isinstance(custom.get("spoken"), Mapping):
        said.spoken.append(dict(custom["spoken"]))
    if isinstance(custom.get("read"), Mapping):
        said.reads.append(dict(custom["read"]))
    for attachment in (custom.get("attachment"), message.get("attachment")):
        if isinstance(attachment, Mapping):
            said.attachments.append(dict(attachment))


def aloud_of(said: Said) -> list[dict[str, Any]]:
    """What was said, to be spoken by whoever sends it."""
    if not said.spoken:
        return []
    text = "\n".join(one["text"] for one in said.spoken)
    return [{"kind": SPOKEN, "text": text, "language": said.spoken[0]["language"]}]


class Turns:
    """Runs turns: around the conversation, everything that WhatsApp asks for."""

    def __init__(
        self,
        *,
        converse: Converse,
        people: People,
        phrases: Phrases,
        vault: Vault,
        meaning: Meaning,
        graph: GraphClient,
        media: MediaStore,
        threads: Executor,
        readings: Readings | None = None,
        hearings: Hearings | None = None,
        quotes: Quotes | None = None,
    ) -> None:
        self._converse = converse
        self._people = people
        self._phrases = phrases
        self._vault = vault
        self._meaning = meaning
        self._graph = graph
        self._media = media
        self._threads = threads
        self._readings = readings
        self._hearings = hearings
        self._quotes = quotes
        self._words: dict[str, Words] = {}

    async def run(self, message: InboundMessage, chat: str) -> Turn:
        """Understand, act, answer. Raises TurnFailed; nothing is sent or stored by it."""
        try:
            return await self._run(message, chat)
        except TurnFailed:
            raise
        except Exception as error:
            raise TurnFailed(error) from error

    async def apologise(self, message: InboundMessage, chat: str) -> Turn:
        """The turn that says that it did not work."""
        try:
            person = await self._in_thread(self._people.find, message)
            language, business_id = (person.language, person.business_id) if person else ("", None)
        except Exception:
            language, business_id = "", None
        text = say(self._phrases, INTERNAL_ERROR, language)
        said = Said(texts=[text] if text else [])
        return self._turn(message, chat, said, language, business_id)

    async def _run(self, message: InboundMessage, chat: str) -> Turn:
        person = await self._in_thread(self._people.find, message)
        if person is None:
            logger.warning("a message to number %s, which is no shop's", message.phone_number_id)
            return Turn(skipped="unknown_number")
        if message.kind == "system":
            await self._in_thread(self._people.changed, person.business_id, message)
        if message.kind in SILENT:
            return Turn(business_id=person.business_id, skipped=message.kind)
        button = await self._button(message, chat)
        if button and "page" in button:
            return self._next_page(message, chat, button, person)
        if self._hearings is not None and await self._hearings.ask_for(message, chat):
            return Turn(business_id=person.business_id, skipped="hearing")
        metadata = {
            **metadata_of(person, message),
            **await self._media_metadata(message, chat),
            **await self._quoted(message, chat),
        }
        user_message = understood(message, button, metadata, chat)
        output = TurnOutput()
        user_message.output_channel = output
        with shown(person.names):
            await self._converse(user_message)
        self._show_heard(message, person, output.said)
        await self._have_read(message, chat, output.said)
        return self._turn(message, chat, output.said, person.language, person.business_id)

    def _show_heard(self, message: InboundMessage, person: Person, said: Said) -> None:
        """Put what was heard in front of the answer, so that a mishearing shows."""
        if message.facts.get("voice") and message.text:
            heard = self._phrases.render(HEARD, person.language, text=message.text)
            said.texts.insert(0, str(heard["text"]))
            if said.spoken:
                language = said.spoken[0]["language"]
                aloud = self._phrases.render(HEARD, language, text=message.text)
                said.spoken.insert(0, {"text": str(aloud["text"]), "language": language})

    async def _have_read(self, message: InboundMessage, chat: str, said: Said) -> None:
        """Ask for the files to be read that the conversation wants read."""
        for wanted in said.reads:
            if self._readings is not None:
                bare = replace(message, text="", media=None, name=None)
                ask = Ask(str(wanted["media"]), bare, dict(wanted.get("hint") or {}))
                await self._readings.ask(chat, ask)

    async def _button(self, message: InboundMessage, chat: str) -> dict[str, Any] | None:
        if message.kind != "choice":
            return None
        return await self._meaning(chat, message.choice or "")

    async def _media_metadata(self, message: InboundMessage, chat: str) -> dict[str, Any]:
        """Fetch and keep a file that came; its id is None where it was not to be had."""
        media = message.media
        if message.kind == "reading":
            return {"kind": "reading", "reading": message.facts.get("reading") or {}}
        if message.facts.get("voice") or (media is not None and media.kind == "audio"):
            return self._voice_metadata(message)
        if media is None:
            return {} if message.kind == "text" else {"kind": message.kind}
        kept, trouble, content = None, "", "other"
        try:
            data, mime = await asyncio.wait_for(self._graph.download(media.id), MEDIA_PATIENCE)
            content = kind_of(data)
            kept = await self._in_thread(self._media.put, data)
        except (GraphError, asyncio.TimeoutError) as error:
            logger.warning("a file was not fetched: %s", error)
            mime = media.mime
            too_large = isinstance(error, GraphError) and error.failure is Failure.MEDIA
            trouble = "too_large" if too_large else "not_fetched"
        about: dict[str, Any] = {
            "kind": media.kind,
            "id": kept,
            "mime": media.mime or mime,
            "content": content,
        }
        about["trouble"] = trouble
        if self._readings is not None and content != "other":
            room, waiting = await self._readings.room(chat)
            about |= {"room": room, "waiting": waiting}
        return {"kind": message.kind, "media": about}

    async def _quoted(self, message: InboundMessage, chat: str) -> dict[str, Any]:
        """What the message that is quoted spoke of. A tap names the message with its button."""
        if self._quotes is None or message.reply_to is None or message.kind == "choice":
            return {}
        about = await self._quotes.about(chat, message.reply_to)
        return {"quoted": about} if about else {}

    def _voice_metadata(self, message: InboundMessage) -> dict[str, Any]:
        """Of a note that was heard, whether surely; else why not. It is kept nowhere."""
        voice = message.facts.get("voice") or {}
        if message.text:
            return {"voice": {"sure": bool(voice.get("sure"))}}
        trouble = voice.get("trouble") or ("busy" if self._hearings is not None else "")
        kind = f"audio_{trouble}" if trouble else "audio"
        return {"kind": "media", "media": {"kind": kind, "id": None, "mime": ""}}

    def _turn(
        self,
        message: InboundMessage,
        chat: str,
        said: Said,
        language: str,
        business_id: int | None,
    ) -> Turn:
        if not said:
            return Turn(business_id=business_id)
        reply_id = str(self._vault.uuid("reply", message.id))
        words = self._words_in(language)
        options, buttons = options_of(
            self._vault,
            said.buttons,
            chat=chat,
            reply_id=reply_id,
            text=said.text,
            words=words,
        )
        reply = Reply(
            id=reply_id,
            phone_number_id=message.phone_number_id,
            to=message.sender,
            text=said.text,
            options=options,
            attachment=said.attachments[0] if said.attachments else None,
            words=words,
            business_id=business_id,
            language=language,
            more=(*said.attachments[1:], *aloud_of(said)),
            answers=True,
        )
        return Turn(reply=reply, buttons=buttons, business_id=business_id)

    def _next_page(
        self, message: InboundMessage, chat: str, button: dict[str, Any], person: Person
    ) -> Turn:
        said = Said(texts=[button["text"]] if button.get("text") else [], buttons=button["page"])
        turn = self._turn(message, chat, said, person.language, person.business_id)
        turn.skipped = "more"
        return turn

    def _words_in(self, language: str) -> Words:
        if language not in self._words:
            self._words[language] = words_in(self._phrases, language)
        return self._words[language]

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def understood(
    message: InboundMessage,
    button: dict[str, Any] | None,
    metadata: dict[str, Any],
    chat: str,
) -> UserMessage:
    """The message as Rasa takes it. Our own buttons name an intent; typed text never does."""
    parse_data = None
    text = message.text
    meaning = button or {}
    if str(meaning.get("payload") or "").startswith(SAY):
        text, metadata = str(meaning["payload"])[len(SAY) :], {**metadata, "kind": "text"}
    elif message.kind == "choice":
        metadata = {**metadata, "kind": "button" if button else "expired_button"}
        parse_data = parse_payload(meaning.get("payload", ""), text)
        if parse_data is None and button and not text:
            text = meaning["payload"]
        if parse_data is None and not button:
            parse_data = parsed(NOT_TEXT, text)
    elif message.kind == "welcome":
        parse_data = parsed("greeting", "")
    elif message.kind == "contacts":
        parse_data = shared_contact(message)
    elif message.kind == "reading" or not text.strip():
        parse_data = parsed(NOT_TEXT, "")
    if parse_data is None:
        text, command = typed(text)
        text = written_out(text)
        if command:
            metadata = {**metadata, "command": command}
        if not text:
            parse_data = parsed(NOT_TEXT, "")
    return UserMessage(
        text=text,
        sender_id=chat,
        parse_data=parse_data,
        input_channel=CHANNEL,
        message_id=message.id,
        metadata=metadata,
    )


def typed(text: str) -> tuple[str, str | None]:
    """The text without leading slashes, and the command that it began with: "/stock maggi" →
    ("stock maggi", "stock"). Rasa would take "/intent{…}" as an order of its own."""
    stripped = text.strip()
    bare = stripped.lstrip("/ \t\u200b\u200e\u200f\u2060\ufeff")
    if not stripped.startswith("/") or not bare:
        return bare, None
    command = _COMMAND.match(bare)
    return bare, command[1].lower() if command else None


def parse_payload(payload: str, title: str) -> dict[str, Any] | None:
    """What a payload of ours means ("/affirm", '/choose{"product_id": "…"}'), without the model;
    None for one that is plain text."""
    if not payload.startswith("/"):
        return None
    intent, brace, rest = payload[1:].partition("{")
    try:
        values = orjson.loads(brace + rest) if brace else {}
    except orjson.JSONDecodeError:
        return None
    entities = [
        {"entity": name, "value": value, "start": 0, "end": len(title), "extractor": "button"}
        for name, value in values.items()
    ]
    return parsed(intent.strip(), title, entities)


def parsed(intent: str, text: str, entities: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Parse data in Rasa's shape, certain of itself."""
    certain = {"name": intent, "confidence": 1.0}
    return {
        "text": text,
        "intent": certain,
        "entities": entities or [],
        "intent_ranking": [certain],
    }


def shared_contact(message: InboundMessage) -> dict[str, Any]:
    """A contact card means: add this customer."""
    card = next((card for card in message.facts.get("contacts", []) if card["phones"]), None)
    if card is None:
        return parsed(NOT_TEXT, "")
    values = {"customer_name": card["name"], "customer_phone": card["phones"][0]}
    entities = [
        {"entity": name, "value": value, "extractor": "contact"}
        for name, value in values.items()
        if value
    ]
    return parsed("customer_add", "", entities)
