"""A worker's own process: loads what it serves, takes messages, runs their turns, hands replies on.

Started by channels.whatsapp.worker, through channels.whatsapp.process. It holds its share of the
partitions, and works on several chats at once so that waiting for the database costs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
import uvloop
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError

from channels.whatsapp import dialogue, keys, lean, trace
from channels.whatsapp.action_loading import load_actions
from channels.whatsapp.crypto import Unsealable, Vault
from channels.whatsapp.graph import GraphClient
from channels.whatsapp.hearings import Hearings, engine_of
from channels.whatsapp.inbox import Inbox, Outcome, Taken
from channels.whatsapp.inprocess import (
    ActionErrors,
    InProcessActions,
    current_errors,
    trust_own_actions,
)
from channels.whatsapp.leases import Leases, consumer_name
from channels.whatsapp.logs import configure_logging
from channels.whatsapp.media import MediaStore
from channels.whatsapp.messages import InboundMessage
from channels.whatsapp.metrics import Tally
from channels.whatsapp.parses import ParseCache, in_clauses, parse_of
from channels.whatsapp.people import People
from channels.whatsapp.phrases import load_phrases
from channels.whatsapp.quotes import About, Quotes, name_of, seal
from channels.whatsapp.readings import Readings
from channels.whatsapp.running import open_bahi, settings_or_end, stop_on_signals
from channels.whatsapp.served import Models, Served, note, spoken_of
from channels.whatsapp.sessions import InHand, SessionTrackerStore
from channels.whatsapp.store import OUTAGES, connect
from channels.whatsapp.straight import StraightRunner, reading_domains_once
from channels.whatsapp.turns import Converse, Turn, TurnFailed, Turns
from erp_core.kernel import memory
from erp_core.kernel.clock import Clock
from erp_core.kernel.errors import Unavailable
from erp_core.kernel.settings import Settings
from erp_core.model_store import read
from erp_core.runtime import Bahi

logger = logging.getLogger(__name__)

TURNS_AT_ONCE = int(os.environ.get("BAHI_TURNS_AT_ONCE") or 4)
TRIES = 3
PAUSES = (0.2, 1.0)
"""Seconds before the second and the third try of a turn that failed."""

OUTAGE_PAUSE = 1.0
OUTAGE_PATIENCE = 300.0
"""Seconds that a turn waits for the database to come back before it is given up."""

DELIVERIES = 5
"""A message that so many workers took up and none finished goes to the dead letters unread."""

LATEST_SESSIONS = 1_000
"""Sessions that are remembered; an answer of Redis is not under way for as many turns."""

LISTEN = 1.0
LAST_WORDS = 25.0
"""Seconds for what is in hand when the worker is told to stop."""


class LostTurn(Exception):
    """The partition is another's by now, or the message was done before: this turn never was."""


class LatestSessions:
    """The sessions that turns left behind lately.

    A message comes out of Redis together with its chat's session. When a turn of the chat ends
    while that answer is under way, the session in it is the one before that turn.
    """

    def __init__(self) -> None:
        self._ended = 0
        self._left: OrderedDict[str, tuple[int, bytes | None]] = OrderedDict()

    @property
    def moment(self) -> int:
        """Now, to be given to since()."""
        return self._ended

    def note(self, chat: str, session: bytes | None) -> None:
        """A turn has ended."""
        self._ended += 1
        self._left.pop(chat, None)
        self._left[chat] = (self._ended, session)
        if len(self._left) > LATEST_SESSIONS:
            self._left.popitem(last=False)

    def since(self, moment: int, taken: Taken) -> Taken:
        """A message that was asked for at that moment, with its chat's session as it is now."""
        ended, session = self._left.get(taken.chat, (0, None))
        return replace(taken, session=session) if ended > moment else taken


class Worker:
    """One process's share of the inbox."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        leases: Leases,
        turns: Turns,
        models: Models,
        bahi: Bahi,
        tracing: bool = False,
        threads: ThreadPoolExecutor,
        tally: Tally,
    ) -> None:
        self._inbox = inbox
        self._leases = leases
        self._turns = turns
        self._models = models
        self._bahi = bahi
        self._tracing = tracing
        self._threads = threads
        self._tally = tally
        self._queues: dict[str, deque[Taken]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._ended = False
        """Some waits of the libraries swallow a cancellation, so every loop looks here as well."""
        self._doubted: set[int] = set()
        """Partitions with messages of ours that nobody has in hand: an answer of Redis was lost, or
        a turn. They are claimed before anything new is taken, which would overtake them."""
        self._in_doubt = asyncio.Event()
        self._latest = LatestSessions()
        self._room = asyncio.Event()
        self._room.set()

    def stop(self) -> None:
        """Take nothing new; finish what is in hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped."""
        beats = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping.is_set():
                await self._surviving(self._fetch)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        finally:
            self._ended = True
            beats.cancel()
            await self._surviving(self._leave)

    async def _leave(self) -> None:
        await self._tally.flush(self._inbox.redis)
        await self._leases.leave()

    async def _surviving(self, step: Any) -> None:
        """Do a step; while Redis is away, wait."""
        try:
            await step()
        except (*OUTAGES, RedisError) as error:
            self._doubt(self._leases.mine)
            logger.warning("the queue does not answer: %s", type(error).__name__)
            await asyncio.sleep(0.5)

    def _doubt(self, partitions: Collection[int]) -> None:
        self._doubted |= set(partitions)
        self._in_doubt.set()

    async def _keep_leases(self) -> None:
        while not self._ended:
            self._in_doubt.clear()
            await self._surviving(self._beat)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._in_doubt.wait(), self._leases.beat)

    async def _beat(self) -> None:
        busy = {keys.partition(chat) for chat in self._queues}
        await self._leases.tick(about=self._models.about, busy=busy)
        mine = self._leases.mine
        for number in sorted((mine - self._leases.ready) | (mine & self._doubted)):
            await self._take_over(number)
        await self._tally.flush(self._inbox.redis)

    async def _take_over(self, number: int) -> None:
        """Take up what is ours, or was the last holder's, and is in nobody's hand."""
        self._doubted.discard(number)
        await self._inbox.open_partition(number)
        moment = self._latest.moment
        left = await self._inbox.claim(self._leases.consumer, number)
        if left:
            logger.info("taking over %d messages of partition %d", len(left), number)
        self._hand_out(left, moment)
        self._leases.ready.add(number)

    async def _fetch(self) -> None:
        partitions = sorted(self._leases.ready - self._doubted)
        if not partitions:
            await asyncio.sleep(0.05)
            return
        await self._room.wait()
        room = TURNS_AT_ONCE - sum(map(len, self._queues.values()))
        if room <= 0:
            self._room.clear()
            return
        moment = self._latest.moment
        taken = await self._inbox.take(self._leases.consumer, _rotated(partitions), room)
        self._hand_out([one for one in taken if one.partition not in self._doubted], moment)
        if len(taken) < room:
            await self._inbox.listen(partitions, LISTEN)

    def _hand_out(self, taken: Iterable[Taken], moment: int) -> None:
        """Each chat's messages run one after the other, chats side by side."""
        for one in taken:
            queue = self._queues.get(one.chat)
            if queue is None:
                self._queues[one.chat] = deque([self._latest.since(moment, one)])
                task = asyncio.create_task(self._serve(one.chat))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif all(waiting.id != one.id for waiting in queue):
                queue.append(one)

    async def _serve(self, chat: str) -> None:
        queue = self._queues[chat]
        session = queue[0].session
        try:
            while queue:
                session = await self._handle(queue[0], session)
                self._latest.note(chat, session)
                queue.popleft()
                self._room.set()
        except LostTurn:
            self._doubt({keys.partition(chat)})
        except Exception:
            self._doubt({keys.partition(chat)})
            logger.exception("a chat's messages stay in the inbox")
        finally:
            del self._queues[chat]
            self._room.set()

    async def _handle(self, taken: Taken, session: bytes | None) -> bytes | None:
        """One message to its end; gives the chat's session after it. Raises LostTurn."""
        started = time.perf_counter()
        outcome = await self._outcome(taken, session)
        done = await self._finish(taken, outcome)
        self._tally.observe("bahi_turn_seconds", time.perf_counter() - started)
        arrived = int(taken.id.partition("-")[0]) / 1000
        self._tally.observe("bahi_wait_seconds", max(0.0, time.time() - arrived))
        result = "dead" if outcome.reason else "done"
        self._tally.count("bahi_turns", result=result if done else "lost")
        if not done:
            raise LostTurn
        return outcome.session or session

    async def _finish(self, taken: Taken, outcome: Outcome) -> bool:
        while not self._ended:
            try:
                return await self._inbox.finish(self._leases.consumer, taken, outcome)
            except (*OUTAGES, RedisError) as error:
                logger.warning("a turn waits for the queue: %s", type(error).__name__)
                await asyncio.sleep(0.5)
        return False

    async def _outcome(self, taken: Taken, session: bytes | None) -> Outcome:
        try:
            message = self._inbox.read(taken)
        except (Unsealable, KeyError, TypeError, ValueError):
            return Outcome(reason="unreadable")
        if taken.deliveries > DELIVERIES:
            return await self._dead(message, taken.chat, "workers_died")
        try:
            return await self._run(message, taken.chat, session)
        except TurnFailed as failed:
            code = getattr(failed.cause, "code", "")
            reason = (
                f"{type(failed.cause).__name__} {code if isinstance(code, str) else ''}".strip()
            )
            logger.error("turn given up: %s", reason, exc_info=failed.cause)
            return await self._dead(message, taken.chat, reason)

    async def _run(self, message: InboundMessage, chat: str, session: bytes | None) -> Outcome:
        gives_up = time.monotonic() + OUTAGE_PATIENCE
        failures = 0
        while True:
            try:
                return await self._attempt(message, chat, session)
            except TurnFailed as failed:
                if _is_outage(failed.cause) and time.monotonic() < gives_up:
                    logger.warning("a turn waits: %s", type(failed.cause).__name__)
                    await asyncio.sleep(OUTAGE_PAUSE)
                    continue
                failures += 1
                if failures == TRIES:
                    raise
                await asyncio.sleep(PAUSES[failures - 1])

    async def _attempt(self, message: InboundMessage, chat: str, session: bytes | None) -> Outcome:
        served = self._models.of(chat)
        served.store.begin(chat, session)
        started = time.perf_counter()
        position = await self._journal_position(message) if self._tracing else 0
        try:
            turn = await self._turns.run(message, chat)
        finally:
            in_hand = served.store.end(chat)
        self._count(turn, in_hand)
        if in_hand.tracker:
            note(self._tally, served.id, in_hand.tracker, time.perf_counter() - started)
        if self._tracing:
            await self._trace(message, turn, in_hand, position, time.perf_counter() - started)
        about = spoken_of(in_hand.tracker) if in_hand.tracker else {}
        return Outcome(
            session=in_hand.session if in_hand.tracker else None,
            session_seconds=served.store.life,
            reply=replace(turn.reply, about=about) if turn.reply else None,
            buttons=turn.buttons,
            quoted=self._quotable(message, chat, about),
        )

    def _quotable(self, message: InboundMessage, chat: str, about: About) -> dict[str, bytes]:
        """What somebody's own message spoke of: it may be quoted as well as the answer to it."""
        vault = self._inbox.vault
        return {name_of(vault, message.id): seal(vault, about, chat)} if about else {}

    async def _dead(self, message: InboundMessage, chat: str, reason: str) -> Outcome:
        turn = await self._turns.apologise(message, chat)
        return Outcome(reason=reason, reply=turn.reply, buttons=turn.buttons)

    def _count(self, turn: Turn, in_hand: InHand) -> None:
        message = in_hand.tracker.latest_message if in_hand.tracker else None
        intent = message.intent_name if message else None
        self._tally.count("bahi_intents", intent=intent or turn.skipped or "none")

    async def _journal_position(self, message: InboundMessage) -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._position_of, message.phone_number_id)

    def _position_of(self, phone_number_id: str) -> int:
        try:
            business_id = self._bahi.business_for_number(phone_number_id)
            return trace.journal_position(self._bahi, business_id) if business_id else 0
        except Exception:
            return 0

    async def _trace(
        self, message: InboundMessage, turn: Turn, in_hand: InHand, position: int, seconds: float
    ) -> None:
        facts: dict[str, Any] = {"milliseconds": round(seconds * 1000, 1), "skipped": turn.skipped}
        if in_hand.tracker is not None:
            facts.update(trace.understanding(in_hand.tracker))
        if turn.business_id is not None:
            loop = asyncio.get_running_loop()
            facts["events"] = await loop.run_in_executor(
                self._threads, trace.journal_since, self._bahi, turn.business_id, position
            )
        await self._surviving(lambda: trace.tell(self._inbox.redis, message.id, facts))


def _is_outage(error: BaseException) -> bool:
    away = (Unavailable, OperationalError, InterfaceError, RedisConnectionError, ConnectionError)
    return isinstance(error, away)


_turn_of_partitions = 0


def _rotated(partitions: list[int]) -> list[int]:
    """A different one first each time, so that none waits behind a busy one for long."""
    global _turn_of_partitions
    _turn_of_partitions += 1
    start = _turn_of_partitions % len(partitions)
    return partitions[start:] + partitions[:start]


def load_agent(
    model: Path,
    store: SessionTrackerStore,
    threads: ThreadPoolExecutor,
    tally: Tally | None = None,
) -> Agent:
    """The agent with its actions in process, without locks: a chat has one worker."""
    trust_own_actions()
    dialogue.speed_up()
    executor = load_actions(os.environ.get("BAHI_ACTIONS") or "actions")
    actions = InProcessActions(executor, threads=threads)
    with reading_domains_once():
        agent: Agent = Agent.load(model, tracker_store=store, action_endpoint=actions)
    agent.processor.graph_runner = StraightRunner.of(agent.processor.graph_runner)
    clock = Clock.starting(os.environ.get("BAHI_NOW"))
    agent.processor.parse_message = ParseCache(
        in_clauses(parse_of(agent.processor)), clock.today, tally=tally or Tally()
    )
    return agent


def quieten_rasa() -> None:
    """Rasa logs what people write at debug level through structlog, which prints by default."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=True,
    )


async def load_models(
    paths: Sequence[Path], share: int, vault: Vault, threads: ThreadPoolExecutor, tally: Tally
) -> Models:
    """The model and, for a share of the chats (percent), a candidate; both ready to answer."""
    loaded = []
    for path in paths:
        store = SessionTrackerStore(vault=vault)
        loaded.append(Served(read(path).id, load_agent(path, store, threads, tally), store))
    lean.relent()
    for served in loaded:
        await served.agent.parse_message("namaste")
    return Models(loaded[0], loaded[1] if len(loaded) > 1 else None, share)


async def serve(settings: Settings, paths: Sequence[Path], share: int) -> None:
    """Load, work, end."""
    threads = ThreadPoolExecutor(TURNS_AT_ONCE * 2, thread_name_prefix="turn")
    vault = Vault(settings.secret_key)
    tally = Tally()
    models = await load_models(paths, share, vault, threads, tally)
    logger.info("serving %s", models.about)
    redis = connect(settings.redis_url or "")
    inbox = Inbox(redis, vault)
    bahi = await open_bahi(settings, pool_size=TURNS_AT_ONCE * 2)
    _lend_to_actions(bahi)
    memory.settle()
    graph = GraphClient(settings)
    turns = Turns(
        converse=_failing_with_its_actions(models.converse),
        people=People(bahi),
        phrases=load_phrases(models.current.agent.domain.responses),
        vault=vault,
        meaning=inbox.meaning,
        graph=graph,
        media=MediaStore(settings.data_dir / "media", vault),
        threads=threads,
        readings=Readings(redis, vault),
        hearings=Hearings(redis, vault) if engine_of() != "off" else None,
        quotes=Quotes(redis, vault),
    )
    worker = Worker(
        inbox=inbox,
        leases=Leases(redis, key=keys.lease, roll=keys.WORKERS, consumer=consumer_name()),
        turns=turns,
        models=models,
        bahi=bahi,
        tracing=settings.trace,
        threads=threads,
        tally=tally,
    )
    stop_on_signals(worker.stop)
    _tell_ready()
    try:
        await worker.run()
    finally:
        await graph.close()
        await redis.close()
        threads.shutdown(wait=False)


def _failing_with_its_actions(converse: Converse) -> Converse:
    """The same conversation, but what an action of it raised ends the turn. Raises TurnFailed."""

    async def converse_or_fail(message: UserMessage) -> None:
        noted = ActionErrors()
        token = current_errors.set(noted)
        try:
            await converse(message)
        finally:
            current_errors.reset(token)
        if noted.errors:
            raise TurnFailed(noted.errors[0]) from noted.errors[0]

    return converse_or_fail


def _lend_to_actions(bahi: Bahi) -> None:
    """The actions work on this process's connections rather than on ones of their own."""
    try:
        from actions.context import use
    except ModuleNotFoundError:
        return
    use(bahi)


def _tell_ready() -> None:
    """Let who started us know that the model is loaded."""
    ready = os.environ.get("BAHI_READY_FD")
    if ready:
        os.write(int(ready), b"1")
        os.close(int(ready))


def main() -> None:
    """Serve the models named on the command line until told to stop."""
    configure_logging("worker")
    quieten_rasa()
    settings = settings_or_end()
    paths = [Path(name) for name in sys.argv[1:3]]
    share = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    uvloop.run(serve(settings, paths, share))
