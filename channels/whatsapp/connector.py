"""The channel as Rasa knows it, so that plain `rasa run` serves WhatsApp too.

For a designer's desk: no queue, no worker, no sender; a post is answered at once, its messages are
handled one chat at a time, and replies leave through Graph directly. Production runs the gateway.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint

from channels.whatsapp.attachments import resolve
from channels.whatsapp.buttons import context
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.graph import GraphClient, GraphError
from channels.whatsapp.inbound import Parsed
from channels.whatsapp.inbox import in_time_order
from channels.whatsapp.media import MediaStore
from channels.whatsapp.messages import InboundMessage, Reply
from channels.whatsapp.outbound import Uploaded, encode
from channels.whatsapp.people import People
from channels.whatsapp.phrases import load_phrases
from channels.whatsapp.turns import CHANNEL, TurnFailed, TurnOutput, Turns
from channels.whatsapp.webhook import webhook_blueprint
from erp_core.kernel.errors import BahiError
from erp_core.kernel.settings import Settings
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

REMEMBERED = 10_000


class WhatsAppInput(InputChannel):
    """WhatsApp's Cloud API (credentials.yml: `channels.whatsapp.connector.WhatsAppInput:`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._desk: _Desk | None = None

    @classmethod
    def name(cls) -> str:
        """Its place under /webhooks/."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WhatsAppInput:  # noqa: ARG003
        """Secrets come from the environment or the data directory, not from credentials.yml."""
        return cls(Settings.load())

    def get_output_channel(self) -> OutputChannel:
        """For what Rasa says of its own accord; Bahi's notifications go by the outbox instead."""
        return TurnOutput()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook."""
        desk = _Desk(self._settings, on_new_message)
        return webhook_blueprint(
            app_secret=self._settings.whatsapp_app_secret,
            verify_token=self._settings.whatsapp_verify_token,
            accept=desk.accept,
        )


class _Desk:
    """Handles messages within Rasa's own server."""

    def __init__(
        self, settings: Settings, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> None:
        self._settings = settings
        self._on_new_message = on_new_message
        self._vault = Vault(settings.secret_key)
        self._threads = ThreadPoolExecutor(4)
        self._graph = GraphClient(settings)
        self._bahi: Bahi | None = None
        self._turns: Turns | None = None
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._buttons: OrderedDict[str, bytes] = OrderedDict()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, parsed: Parsed) -> None:
        """Begin with each message that is new."""
        for message in in_time_order(parsed.messages):
            if message.id not in self._seen:
                _remember(self._seen, message.id, None)
                task = asyncio.create_task(self._handle(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _handle(self, message: InboundMessage) -> None:
        chat = str(self._vault.uuid("chat", message.phone_number_id, message.sender.key))
        try:
            turns = await self._open()
            async with self._locks[chat]:
                try:
                    turn = await turns.run(message, chat)
                except TurnFailed as failed:
                    logger.error("turn failed: %s", type(failed.cause).__name__)
                    turn = await turns.apologise(message, chat)
                for name, sealed in turn.buttons.items():
                    _remember(self._buttons, name, sealed)
                if turn.reply:
                    await self._send(turn.reply)
        except (BahiError, GraphError) as error:
            logger.error("a message was not answered: %s", error)

    async def _open(self) -> Turns:
        if self._turns is None:
            loop = asyncio.get_running_loop()
            self._bahi = await loop.run_in_executor(self._threads, Bahi.open, self._settings)
            self._turns = Turns(
                converse=self._converse,
                people=People(self._bahi),
                phrases=load_phrases({}),
                vault=self._vault,
                meaning=self._meaning,
                graph=self._graph,
                media=MediaStore(self._settings.data_dir / "media", self._vault),
                threads=self._threads,
            )
        return self._turns

    async def _converse(self, message: UserMessage) -> None:
        await self._on_new_message(message)

    async def _meaning(self, chat: str, button: str) -> dict[str, Any] | None:
        sealed = self._buttons.get(button)
        try:
            return self._vault.open(sealed, context(chat)) if sealed else None
        except Unsealable:
            return None

    async def _send(self, reply: Reply) -> None:
        uploaded = None
        if reply.attachment and reply.business_id and self._bahi:
            loop = asyncio.get_running_loop()
            file = await loop.run_in_executor(
                self._threads,
                resolve,
                self._bahi,
                reply.business_id,
                reply.attachment,
                reply.language,
            )
            media_id = await self._graph.upload(
                reply.phone_number_id, file.data, mime=file.mime, filename=file.filename
            )
            uploaded = Uploaded(file.kind, media_id, file.filename)
        for payload in encode(reply, uploaded):
            await self._graph.send(reply.phone_number_id, payload)


def _remember(known: OrderedDict[str, Any], key: str, value: Any) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        known.popitem(last=False)
