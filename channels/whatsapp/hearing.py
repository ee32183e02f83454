"""The hearer: voice notes become text, and come back into the chat as if they had been typed.

Run with `python -m channels.whatsapp.hearing`. A turn only asks for it; a note waits in a queue of
its own, is fetched from Meta when it is heard, never written to a disk, and forgotten. The file is
opened in a process that may die (hearing_child.py). What is heard comes into the inbox as a message
of its own, once, the notes of a chat in their order.

BAHI_SPEECH=off ends it all; BAHI_SPEECH_URL names a service, BAHI_SPEECH_FOLDER a Whisper model on
this machine; without either the embedded listener hears the short questions that it knows.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop

from channels.whatsapp.crypto import Vault
from channels.whatsapp.file_process import IDLE_MS, TRIES, FileProcess, remove, sweep
from channels.whatsapp.graph import Failure, GraphClient, GraphError
from channels.whatsapp.hearings import Hearings, engine_of
from channels.whatsapp.inbox import Inbox
from channels.whatsapp.logs import configure_logging
from channels.whatsapp.messages import InboundMessage
from channels.whatsapp.metrics import Tally
from channels.whatsapp.people import People, Person
from channels.whatsapp.reading_pool import Died, Reader
from channels.whatsapp.readings import Ask, InHand
from channels.whatsapp.running import open_bahi, settings_or_end, stop_on_signals
from channels.whatsapp.store import connect
from erp_core.adapters.speech_http import SpeechService
from erp_core.catalogue import queries as catalogue
from erp_core.journal.context import Reader as BusinessReader
from erp_core.kernel.errors import Forbidden, Unavailable
from erp_core.kernel.settings import Settings
from erp_core.kernel.visible import visible
from erp_core.orders import queries as orders
from erp_core.parties import queries as parties
from erp_core.runtime import Bahi
from erp_core.speech.port import MOST_NAMES, Heard, Listener, Names, Sound
from erp_core.speech.sounds import LONGEST

logger = logging.getLogger(__name__)

DEADLINE = float(os.environ.get("BAHI_SPEECH_SECONDS") or 90.0)
"""Seconds for one note: a model of middling size hears a minute in less."""

FETCH_SECONDS = 20.0
PAUSE = 0.3
NICE = 5
LATELY = timedelta(days=90)
"""What was ordered in this time is what is spoken of."""

LONGEST_TEXT = 1_000
LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of a minute of samples in base64, and room."""

TROUBLES = {
    "sound_type": "damaged", "sound_damaged": "damaged", "died": "damaged",
    "sound_large": "long", "sound_long": "long", "too_slow": "long",
    "sound_silent": "silent",
    "speech_unavailable": "failed", "speech_failed": "failed", "not_started": "failed",
    "not_fetched": "failed",
}  # fmt: skip
"""What the chat is told for a code; what was heard without a word that was understood is unclear,
or, where only some questions are known, short."""


class HearerProcess(FileProcess):
    """Hears one note after the other."""

    def __init__(
        self,
        *,
        hearings: Hearings,
        inbox: Inbox,
        graph: GraphClient,
        bahi: Bahi,
        folder: Path,
        service: Listener | None = None,
        knows_little: bool = False,
        tally: Tally | None = None,
    ) -> None:
        """`service` hears what the process has opened; without it the process hears by itself."""
        slot = Reader(
            folder / "0",
            deadline=DEADLINE,
            child="channels.whatsapp.hearing_child",
            nice=NICE,
            largest=LARGEST_ANSWER,
        )
        super().__init__(readings=hearings, inbox=inbox, slots=[slot], tally=tally)
        self._hearings = hearings
        self._graph = graph
        self._bahi = bahi
        self._people = People(bahi)
        self._service = service
        self._knows_little = knows_little
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="hearing")

    async def handle(self, slot: Reader, taken: InHand) -> None:
        """Hear a note and bring its words into the chat, after those of the notes before it."""
        started = time.perf_counter()
        ask = self._hearings.read(taken)
        if ask is not None:
            await self._hearings.show_typing(ask)
            voice = await self._heard(slot, taken, ask)
            self._count(voice, time.perf_counter() - started, taken)
            await self._after_earlier(slot, taken)
            await self.until_there_is_room(partial(self._tell, spoken(ask.message, voice), taken))
        await self._hearings.end(taken)

    async def _tell(self, message: InboundMessage, taken: InHand) -> None:
        await self._inbox.put_own(message, taken.chat)

    async def _after_earlier(self, slot: Reader, taken: InHand) -> None:
        """Wait for the chat's earlier notes; take over those whose process is gone."""
        while not await self._hearings.is_next(taken):
            left = await self._hearings.take_over(self._consumer, IDLE_MS, self._mine)
            if left is None:
                await asyncio.sleep(PAUSE)
                continue
            self._mine[left.id] = left
            try:
                await self.handle(slot, left)
            finally:
                self._mine.pop(left.id, None)

    async def _heard(self, slot: Reader, taken: InHand, ask: Ask) -> dict[str, Any]:
        """{"text", "sure"} of what was said, or {"trouble"}."""
        if taken.tries > TRIES:
            return {"trouble": "damaged"}
        try:
            heard = await self._words(slot, taken, ask)
        except Died as died:
            logger.warning("a voice note was not heard: %s", died.code)
            return {"trouble": TROUBLES.get(died.code, "failed")}
        except Unavailable as error:
            logger.warning("a voice note was not heard: %s", error.code)
            return {"trouble": "failed"}
        if isinstance(heard, str):
            return {"trouble": TROUBLES.get(heard, "damaged")}
        text = plain(heard.text)
        if not text:
            return {"trouble": "short" if self._knows_little else "unclear"}
        return {"text": text, "sure": heard.sure}

    async def _words(self, slot: Reader, taken: InHand, ask: Ask) -> Heard | str:
        """What was said, or the code of what is wrong with the file."""
        data = await self._fetched(taken, ask)
        if data is None:
            return "not_fetched"
        names = await self._in_thread(partial(self._names, ask.message))
        told = {
            "longest": LONGEST,
            "products": names.products,
            "customers": names.customers,
            "buyer": names.buyer,
        }
        answer = await slot.ask(told, data)
        if answer["code"] == "opened" and self._service is not None:
            sound = Sound(base64.b64decode(answer["samples"]))
            try:
                hear = self._in_thread(partial(self._service.hear, sound, names))
                return await asyncio.wait_for(hear, DEADLINE)
            except asyncio.TimeoutError:
                return "too_slow"
        if answer["code"] == "heard":
            return Heard(str(answer["text"]), bool(answer["sure"]))
        return str(answer["code"])

    async def _fetched(self, taken: InHand, ask: Ask) -> bytes | None:
        """The file; None when it is not to be had. What may pass leaves the note in the queue."""
        try:
            data, _ = await asyncio.wait_for(self._graph.download(ask.media), FETCH_SECONDS)
        except (GraphError, asyncio.TimeoutError) as error:
            logger.warning("a voice note was not fetched: %s", error)
            may_pass = not isinstance(error, GraphError) or error.failure in (
                Failure.TRANSIENT, Failure.THROTTLED, Failure.UNCERTAIN,
            )  # fmt: skip
            if may_pass and taken.tries < TRIES:
                raise
            return None
        return data

    def _names(self, message: InboundMessage) -> Names:
        """What may be spoken of. Whoever may not see the customers must not learn of them by a
        mishearing."""
        person = self._people.find(message)
        return Names() if person is None else names_for(self._bahi, person)

    def _count(self, voice: Mapping[str, Any], seconds: float, taken: InHand) -> None:
        self._tally.observe("bahi_hearing_seconds", seconds)
        arrived = int(taken.id.partition("-")[0]) / 1000
        self._tally.observe("bahi_hearing_wait_seconds", max(0.0, time.time() - arrived))
        self._tally.count("bahi_hearings", result=voice.get("trouble") or "heard")

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def names_for(bahi: Bahi, person: Person) -> Names:
    """The names that somebody may hear of: those that are likeliest to be spoken come first, since
    a listener takes only so many."""
    with bahi.read(person.business_id, person.actor) as reader:
        products = _products(reader)
        try:
            customers = _customers(reader)
        except Forbidden:
            customers = ()
    return Names(products, customers, person.actor.kind != "user").cut()


def _products(reader: BusinessReader) -> tuple[str, ...]:
    """What sells, the most often ordered first; where little does, the catalogue's own order."""
    since = reader.today - LATELY
    sold = orders.most_ordered(reader, since=since, limit=MOST_NAMES)
    named = {
        one.id: one.name for one in catalogue.products_by_id(reader, sold).values() if one.active
    }
    if len(named) < MOST_NAMES:
        page = catalogue.all_products(reader, limit=MOST_NAMES)
        named |= {one.id: one.name for one in page if one.id not in named}
    return tuple(named[one] for one in _in_order(sold, named))


def _customers(reader: BusinessReader) -> tuple[str, ...]:
    """Who orders, the most often first; then whoever was added last. Raises Forbidden."""
    newest = parties.newest_customers(reader, MOST_NAMES)
    ordering = orders.most_ordering(reader, since=reader.today - LATELY, limit=MOST_NAMES)
    wanted = list(dict.fromkeys([*ordering, *newest]))[:MOST_NAMES]
    named = parties.customers_named(reader, wanted)
    return tuple(named[one] for one in _in_order(wanted, named))


def _in_order(first: Sequence[UUID], named: Mapping[UUID, str]) -> list[UUID]:
    """Ids with a name: those first, then the rest as they come."""
    return list(dict.fromkeys([*(one for one in first if one in named), *named]))


def spoken(message: InboundMessage, voice: Mapping[str, Any]) -> InboundMessage:
    """What a note said, as a message of its chat: text, or what is wrong with it. Its id comes of
    the note's, so that it is taken in once."""
    return replace(
        message,
        id=f"{message.id}.heard",
        kind="media" if voice.get("trouble") else "text",
        timestamp=int(time.time()),
        text=str(voice.get("text") or ""),
        media=None,
        facts={"voice": {key: voice[key] for key in ("trouble", "sure") if key in voice}},
    )


def plain(text: str) -> str:
    """A transcript as somebody would have typed it: one line, no full stop, and no slash in front,
    which would be a command."""
    line = " ".join(visible(text).split())[:LONGEST_TEXT]
    return line.lstrip("/ .,-–—").rstrip(" .।,")


def service_of(environment: Mapping[str, str]) -> SpeechService | None:
    """The service that the operator has named, if any."""
    url = environment.get("BAHI_SPEECH_URL")
    if not url:
        return None
    return SpeechService(
        url,
        key=environment.get("BAHI_SPEECH_KEY") or "",
        model=environment.get("BAHI_SPEECH_MODEL") or "whisper-1",
        language=environment.get("BAHI_SPEECH_LANGUAGE") or "",
    )


def _tell_child(environment: Mapping[str, str]) -> str:
    """What the process that hears may know; the service's key is not part of it."""
    engine = engine_of(environment)
    os.environ["BAHI_HEARING_ENGINE"] = engine
    os.environ["BAHI_HEARING_FOLDER"] = environment.get("BAHI_SPEECH_FOLDER") or ""
    os.environ["BAHI_HEARING_LANGUAGE"] = environment.get("BAHI_SPEECH_LANGUAGE") or ""
    return engine


async def serve(settings: Settings, engine: str) -> None:
    """Connect, hear, end."""
    vault = Vault(settings.secret_key)
    redis = connect(settings.redis_url or "")
    graph = GraphClient(settings)
    folder = settings.data_dir / "hearing" / str(os.getpid())
    sweep(folder.parent)
    process = HearerProcess(
        hearings=Hearings(redis, vault),
        inbox=Inbox(redis, vault),
        graph=graph,
        bahi=await open_bahi(settings, pool_size=2),
        folder=folder,
        service=service_of(os.environ) if engine == "service" else None,
        knows_little=engine == "embedded",
    )
    stop_on_signals(process.stop)
    logger.info("hearer is ready: %s", engine)
    try:
        await process.run()
    finally:
        remove(folder)
        await graph.close()
        await redis.close()


def _wait_for_the_end() -> None:
    """Nothing is to be heard, and supervisor should not start us again and again."""
    logger.info("voice notes are switched off")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def main() -> None:
    """Serve until told to stop."""
    configure_logging("hearer")
    engine = _tell_child(os.environ)
    if engine == "off":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        _wait_for_the_end()
        return
    settings = settings_or_end()
    uvloop.run(serve(settings, engine))


if __name__ == "__main__":
    main()
