"""The sender: what is to be said leaves through Graph, in order, within the limits, once.

Run with `python -m channels.whatsapp.sender`. How one post is made is in departures.py.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import uvloop
from redis import Redis as BlockingRedis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from channels.whatsapp import keys, notices
from channels.whatsapp.attachments import PAY_REQUEST, SPOKEN, pay_request, resolve
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.departures import FIRST_PAUSE, TRIES, Departures, GivenUp, Parked, pause
from channels.whatsapp.graph import GraphClient, GraphError
from channels.whatsapp.inbox import BUTTON_LIFE, ensure_group
from channels.whatsapp.leases import Leases, consumer_name
from channels.whatsapp.logs import configure_logging
from channels.whatsapp.media import MediaStore
from channels.whatsapp.messages import Reply, Status
from channels.whatsapp.metrics import Tally
from channels.whatsapp.outbound import Payload, Uploaded, encode, encode_request
from channels.whatsapp.outbox import Outbox, Parcel
from channels.whatsapp.phrases import Phrases, load_phrases, say
from channels.whatsapp.read_receipts import ReadReceipts
from channels.whatsapp.running import open_bahi, settings_or_end, stop_on_signals
from channels.whatsapp.statuses import Statuses
from channels.whatsapp.store import OUTAGES, connect, script_source
from erp_core.banking import service as banking
from erp_core.journal.context import Reader
from erp_core.journal.jobs import Handler
from erp_core.kernel import memory
from erp_core.kernel.errors import BahiError, Unavailable
from erp_core.kernel.settings import Settings
from erp_core.parties.queries import Business
from erp_core.portals import gstr2b
from erp_core.runtime import Bahi, default_handlers, work_off

logger = logging.getLogger(__name__)

IN_HAND = 200
DELIVERIES = 10
"""A message that so many senders took up and none finished is put aside."""

LISTEN = 1.0
STATUSES_EVERY = 0.5
WRITE_DOWN_EVERY = 3.0
"""Seconds in which statuses gather: a message's four then make one row, written once, and those of
a shop one transaction."""
RECLAIM_EVERY = 10.0
RECEIPTS_EVERY = 0.05
"""Seconds in which read receipts gather: nobody sees whether a tick is blue so much sooner."""
DISPATCH_EVERY = 0.3
SWEEP_EVERY = 3600.0
WORK_EVERY = 1.0
"""Seconds between two looks for jobs."""
RUNNERS = 2
"""Jobs done side by side: one that waits for an outside does not hold up all reminders."""
LAST_WORDS = 20.0
ITEM = "utter_word_dues"
"""What a request to pay inside the chat is for."""


Lane = tuple[str, bool]
"""A number and a person, and whether what leaves answers what they wrote."""


class LostParcel(Exception):
    """The partition is another's by now; so is what else we have of it."""

    def __init__(self, partition: int) -> None:
        super().__init__(partition)
        self.partition = partition


class Sender:
    """One process's share of what is to be sent, and everything that comes back about it."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        leases: Leases,
        graph: GraphClient,
        bahi: Bahi,
        phrases: Phrases,
        renders: notices.Renders,
        media: MediaStore,
        redis_url: str,
        threads: ThreadPoolExecutor,
        handlers: Mapping[str, Handler] | None = None,
    ) -> None:
        self._outbox = outbox
        self._redis = outbox.redis
        self._leases = leases
        self._graph = graph
        self._bahi = bahi
        self._phrases = phrases
        self._renders = renders
        self._media = media
        self._blocking = BlockingRedis.from_url(redis_url, socket_timeout=15)
        self._hand_over_script = self._blocking.register_script(script_source("hand_over"))
        self._threads = threads
        self._handlers = {
            **(handlers or {}),
            banking.JOB: banking.reads(media.get),
            gstr2b.JOB: gstr2b.reads(media.get),
        }
        self._tally = Tally()
        self._statuses = Statuses(
            outbox, leases.consumer, bahi=bahi, threads=threads, tally=self._tally
        )
        self._read_receipts = ReadReceipts(outbox, graph, leases.consumer)
        self._departures = Departures(outbox, graph, self._tally)
        self._queues: dict[Lane, deque[tuple[Parcel, Reply]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._doubted: set[int] = set()
        """Partitions with messages of ours that nobody has in hand: an answer of Redis was lost, or
        the lease for a while. They are claimed before anything new is taken."""
        self._stopping = asyncio.Event()
        self._ended = False
        """Some waits of the libraries swallow a cancellation, so every loop looks here as well."""

    def stop(self) -> None:
        """Take nothing new; finish what is in hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped."""
        await self._patiently(self._open)
        loops = [
            asyncio.create_task(self._every(pause, step))
            for pause, step in (
                (self._leases.beat, self._beat),
                (STATUSES_EVERY, self._statuses.hear),
                (WRITE_DOWN_EVERY, self._statuses.write_down),
                (RECLAIM_EVERY, self._statuses.reclaim),
                (RECEIPTS_EVERY, self._read_receipts.give),
                (DISPATCH_EVERY, self._dispatch),
                (1.0, self._unpark),
                (SWEEP_EVERY, self._sweep),
                *[(WORK_EVERY, self._work_off)] * RUNNERS,
            )
        ]
        try:
            while not self._stopping.is_set():
                await self._surviving(self._fetch)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        finally:
            self._ended = True
            self._departures.end()
            for loop in loops:
                loop.cancel()
            for step in (self._leave, self._statuses.write_down):
                await self._surviving(step)

    async def _open(self) -> None:
        for stream in (keys.STATUSES, keys.RECEIPTS):
            await ensure_group(self._redis, stream, keys.SENDERS_GROUP)

    async def _leave(self) -> None:
        await self._tally.flush(self._redis)
        await self._leases.leave()

    async def _every(self, pause: float, step: Callable[[], Awaitable[None]]) -> None:
        while not self._ended:
            await self._surviving(step)
            await asyncio.sleep(pause)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        while not self._ended and not await self._surviving(step):
            await asyncio.sleep(0.5)

    async def _surviving(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Do a step; while a server is away, wait. Whatever else goes wrong is logged."""
        try:
            await step()
        except (*OUTAGES, RedisError, DBAPIError, Unavailable) as error:
            self._doubted |= self._leases.mine
            if "NOGROUP" in str(error):
                await self._patiently(self._open)
            logger.warning("%s waits: %s", getattr(step, "__name__", "?"), type(error).__name__)
        except Exception:
            logger.exception("%s failed", getattr(step, "__name__", "?"))
        else:
            return True
        await asyncio.sleep(0.5)
        return False

    async def _beat(self) -> None:
        busy = {queue[0][0].partition for queue in self._queues.values() if queue}
        await self._leases.tick(about={}, busy=busy)
        mine = self._leases.mine
        for number in sorted((mine - self._leases.ready) | (mine & self._doubted)):
            self._doubted.discard(number)
            await self._outbox.open_partition(number)
            self._hand_out(await self._outbox.claim(self._leases.consumer, number))
            self._leases.ready.add(number)
        await self._tally.flush(self._redis)

    async def _fetch(self) -> None:
        partitions = sorted(self._leases.ready - self._doubted)
        room = IN_HAND - sum(map(len, self._queues.values()))
        if not partitions or room <= 0:
            await asyncio.sleep(0.05)
            return
        random.shuffle(partitions)
        parcels = await self._outbox.take(self._leases.consumer, partitions, room)
        self._hand_out([one for one in parcels if one.partition not in self._doubted])
        if len(parcels) < room:
            await self._outbox.listen(partitions, LISTEN)

    def _hand_out(self, parcels: Iterable[Parcel]) -> None:
        """Answers to one person leave one after the other, and so do notifications, which no
        answer waits for; messages to different people leave side by side."""
        for parcel in parcels:
            try:
                reply = self._outbox.read(parcel)
            except (Unsealable, KeyError, TypeError, ValueError):
                self._spawn(self._finish(parcel, reason="unreadable"))
                continue
            lane = self._outbox.pairs(reply)[0], reply.answers
            queue = self._queues.get(lane)
            if queue is None:
                self._queues[lane] = deque([(parcel, reply)])
                self._spawn(self._serve(lane))
            elif all(waiting.entry != parcel.entry for waiting, _ in queue):
                queue.append((parcel, reply))

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: Lane) -> None:
        queue = self._queues[lane]
        try:
            while queue:
                await self._deliver_first(queue)
        except LostParcel as lost:
            self._doubted.add(lost.partition)
        finally:
            del self._queues[lane]

    async def _deliver_first(self, queue: deque[tuple[Parcel, Reply]]) -> None:
        """Deliver what is first. When that fails it stays first, so that nothing overtakes it;
        the number of its tries bounds how long."""
        parcel, reply = queue[0]
        try:
            await self._deliver(parcel, reply)
        except LostParcel:
            raise
        except Exception:
            logger.exception("a message is tried again")
            queue[0] = replace(parcel, deliveries=parcel.deliveries + 1), reply
            await asyncio.sleep(FIRST_PAUSE)
        else:
            queue.popleft()

    async def _deliver(self, parcel: Parcel, reply: Reply) -> None:
        try:
            if parcel.deliveries > DELIVERIES:
                raise GivenUp("senders_died")
            wamid, parts = await self._send(reply, again=parcel.deliveries > 1)
        except Parked:
            self._tally.count("bahi_sent", result="parked")
            await self._finish(parcel, park_for=self._outbox.pairs(reply)[0])
        except GivenUp as given_up:
            logger.error("message %s given up: %s", reply.id, given_up.reason)
            self._tally.count("bahi_sent", result=given_up.reason)
            failed = self._status(reply, "failed", error_code=given_up.code)
            await self._finish(parcel, status=failed, reason=given_up.reason)
        else:
            self._tally.count("bahi_sent", result="sent")
            accepted = self._status(reply, "accepted", wamid=wamid)
            await self._finish(parcel, status=accepted, left=reply, parts=parts)

    def _status(
        self, reply: Reply, status: str, *, wamid: str = "", error_code: int | None = None
    ) -> Status:
        return Status(
            wamid=wamid,
            phone_number_id=reply.phone_number_id,
            status=status,
            timestamp=int(time.time()),
            reference=reply.id,
            error_code=error_code,
        )

    async def _finish(self, parcel: Parcel, **outcome: Any) -> None:
        while not self._ended:
            try:
                done = await self._outbox.finish(self._leases.consumer, parcel, **outcome)
            except (*OUTAGES, RedisError) as error:
                logger.warning("the end of a message waits: %s", type(error).__name__)
                await asyncio.sleep(0.5)
            else:
                if not done:
                    raise LostParcel(parcel.partition)
                return

    async def _send(self, reply: Reply, *, again: bool) -> tuple[str, list[str]]:
        """Post a reply, however many messages it takes: the id of the last that holds words, and
        those of all that may be quoted. Raises GivenUp, Parked."""
        if reply.attachment and not await self._departures.persistently(
            self._outbox.window_open, reply
        ):
            raise Parked
        if reply.attachment is not None and reply.attachment.get("kind") == PAY_REQUEST:
            wamid = await self._departures.post(reply, await self._pay_request(reply), again=again)
            return wamid, [wamid] if wamid else []
        uploaded, reply = await self._attachment(reply)
        payloads = [*encode(reply, uploaded), *await self._further(reply)]
        parts = [""]
        for place, payload in enumerate(payloads, start=1):
            if place < len(payloads):
                payload["biz_opaque_callback_data"] = f"{reply.id}.{place}"
            parts.append(await self._departures.post(reply, payload, again=again))
        aloud = await self._say_aloud(reply, again=again)
        return parts[-1], [one for one in (*parts, *aloud) if one]

    async def _say_aloud(self, reply: Reply, *, again: bool) -> list[str]:
        """Let the voice follow the words, which have arrived: they never wait for it, nor fail
        with it."""
        parts = []
        for spoken in (one for one in reply.more if one.get("kind") == SPOKEN):
            try:
                bare = replace(reply, text="", options=(), attachment=spoken, more=())
                uploaded, bare = await self._attachment(bare)
                for payload in encode(bare, uploaded):
                    payload["biz_opaque_callback_data"] = f"{reply.id}.{SPOKEN}"
                    parts.append(await self._departures.post(bare, payload, again=again))
            except (GivenUp, Parked):
                logger.warning("the voice of %s is left out", reply.id)
        return parts

    async def _pay_request(self, reply: Reply) -> Payload:
        """The body of a request to pay inside the chat. Raises GivenUp when it is paid already."""
        item = str(say(self._phrases, ITEM, reply.language))
        attachment, business_id = reply.attachment or {}, reply.business_id or 0
        make = partial(pay_request, self._bahi, business_id, attachment, item)
        failures = 0
        while True:
            try:
                made = await asyncio.get_running_loop().run_in_executor(self._threads, make)
                return encode_request(reply, made)
            except (Unavailable, DBAPIError) as error:
                failures += 1
                if failures > TRIES:
                    raise GivenUp("attachment") from error
                await asyncio.sleep(pause(failures))
            except (BahiError, LookupError, ValueError) as error:
                raise GivenUp("attachment") from error

    async def _further(self, reply: Reply) -> list[Payload]:
        """The files that follow, each in a message of its own; one that cannot be made is left
        out, so that the words arrive."""
        payloads: list[Payload] = []
        for one in reply.more:
            if one.get("kind") == SPOKEN:
                continue
            bare = replace(reply, text="", options=(), attachment=one)
            try:
                uploaded, bare = await self._attachment(bare)
            except GivenUp:
                logger.error("a further file of %s is left out", reply.id)
                continue
            payloads += encode(bare, uploaded)
        return payloads

    async def _attachment(self, reply: Reply) -> tuple[Uploaded | None, Reply]:
        """Make and upload the reply's file. Where it cannot be made the words go without it."""
        if reply.attachment is None or reply.business_id is None:
            return None, reply
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            try:
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
                return Uploaded(file.kind, media_id, file.filename), reply
            except (Unavailable, DBAPIError, GraphError) as error:
                failures += 1
                if failures > TRIES:
                    raise GivenUp("attachment", getattr(error, "code", None)) from error
                await asyncio.sleep(pause(failures))
            except (BahiError, LookupError, ValueError, ImportError) as error:
                code = getattr(error, "code", type(error).__name__)
                logger.error("attachment of %s cannot be made: %s", reply.id, code)
                if not reply.text:
                    raise GivenUp("attachment") from error
                return None, reply

    async def _dispatch(self) -> None:
        dispatch = partial(
            notices.dispatch,
            self._bahi,
            renders=self._renders,
            phrases=self._phrases,
            hand_over=self._hand_over,
        )
        counts = await asyncio.get_running_loop().run_in_executor(self._threads, dispatch)
        for result, count in counts.items():
            if count:
                self._tally.count("bahi_outbox", count, result=result)

    def _hand_over(self, reply: Reply, buttons: list[dict[str, Any]]) -> None:
        options, meanings = self._outbox.options(reply, buttons)
        names, arguments = self._outbox.hand_over_call(replace(reply, options=options))
        with self._blocking.pipeline(transaction=False) as pipe:
            for name, sealed in meanings.items():
                pipe.set(keys.button(name), sealed, ex=BUTTON_LIFE)
            pipe.execute()
        self._hand_over_script(names, arguments)

    async def _unpark(self) -> None:
        for reply in await self._outbox.unpark():
            await self._outbox.hand_over(reply, again=True)

    async def _work_off(self) -> None:
        work = partial(work_off, self._bahi, self._handlers)
        counts = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        for result, count in counts.items():
            if count:
                self._tally.count("bahi_jobs", count, result=result)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._media.sweep)
        oldest = int((time.time() - 7 * 86_400) * 1000)
        await self._redis.xtrim(keys.DEAD, minid=oldest)


async def serve(settings: Settings) -> None:
    """Connect, send, end."""
    threads = ThreadPoolExecutor(8, thread_name_prefix="sender")
    vault = Vault(settings.secret_key)
    redis = connect(settings.redis_url or "")
    graph = GraphClient(settings)
    sender = Sender(
        outbox=Outbox(redis, vault),
        leases=Leases(redis, key=keys.outbound_lease, roll=keys.SENDERS, consumer=consumer_name()),
        graph=graph,
        bahi=await open_bahi(settings, pool_size=4),
        phrases=load_phrases({}),
        renders=_telling_words(),
        media=MediaStore(settings.data_dir / "media", vault),
        redis_url=settings.redis_url or "",
        threads=threads,
        handlers=default_handlers(settings),
    )
    stop_on_signals(sender.stop)
    memory.settle()
    logger.info("sender is ready")
    try:
        await sender.run()
    finally:
        await graph.close()
        await redis.close()
        threads.shutdown(wait=False)


def _telling_words() -> notices.Renders:
    from actions.phrasebook import Phrasebook
    from actions.talk.tellings import Words

    phrasebook = Phrasebook.load()

    def renders(reader: Reader, shop: Business) -> notices.Render:
        return Words(reader, phrasebook, shop=shop).of

    return renders


def main() -> None:
    """Serve until told to stop."""
    configure_logging("sender")
    settings = settings_or_end()
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
