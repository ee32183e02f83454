"""Signed webhooks to the business: what Meta posts, when, and how it tries again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from simulator.world import World
from transport.posts import NotSent, Poster, Unanswered

log = logging.getLogger(__name__)

PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
LONGEST_PAUSE = 15.0
GIVE_UP_AFTER_SECONDS = 7 * 24 * 3600
ANSWER_WITHIN_SECONDS = 10.0
POSTS_AT_ONCE = 64
HEADERS = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}

Value = dict[str, Any]


@dataclass
class Update:
    """One `value` of a change, the lane it keeps its order in, and whom to tell of its fate."""

    waba_id: str
    value: Value
    lane: str
    accepted: Callable[[], None] = lambda: None

    @property
    def kind(self) -> str:
        """ "messages" or "statuses"."""
        return "statuses" if "statuses" in self.value else "messages"


@dataclass
class Delivery:
    """How the last post went, and how many posts stand where."""

    ok: bool | None = None
    problem: str = ""
    delivered: int = 0
    failed_tries: int = 0
    dropped: int = 0
    waiting: int = 0


@dataclass
class _Held:
    updates: list[Update] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Webhooks:
    """Posts updates to one URL. A chat's updates leave in order, as long as the first try works."""

    def __init__(self, world: World, url: str, app_secret: str) -> None:
        self.url = url
        self.delivery = Delivery()
        self._world = world
        self._secret = app_secret.encode()
        self._lanes: dict[str, deque[Update]] = {}
        self._held: dict[str, _Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(POSTS_AT_ONCE)
        self._poster = Poster(url, HEADERS, seconds=ANSWER_WITHIN_SECONDS)

    def submit(self, update: Update) -> None:
        """Send an update soon, through the faults in force."""
        faults = self._world.faults
        touched = faults.concern(update.kind)
        if touched and faults.take_drop():
            self.delivery.dropped += 1
            return
        self.delivery.waiting += 1
        if touched and max(faults.reorder, faults.batch) > 1:
            self._hold(update)
        else:
            self._queue(update)

    async def forget(self) -> None:
        """Drop every update that still waits, and the counts."""
        for held in self._held.values():
            if held.timer:
                held.timer.cancel()
        self._held.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        self.delivery = Delivery()

    async def close(self) -> None:
        """Stop; what was not delivered is lost, as with a machine that is switched off."""
        await self.forget()
        self._poster.close()

    async def verify(self, verify_token: str, challenge: str) -> bool:
        """Meta's handshake: does the gateway echo the challenge?"""
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self.url, params=query) as answer,
            ):
                return answer.status == 200 and (await answer.text()).strip() == challenge
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False

    def _hold(self, update: Update) -> None:
        """Keep updates of one kind back until there are enough to mix or to bundle."""
        kind = update.kind
        held = self._held.setdefault(kind, _Held())
        held.updates.append(update)
        faults = self._world.faults
        if len(held.updates) >= max(faults.reorder, faults.batch):
            self._release(kind)
        elif held.timer is None:
            loop = asyncio.get_running_loop()
            held.timer = loop.call_later(faults.hold_ms / 1000, self._release, kind)

    def _release(self, kind: str) -> None:
        held = self._held.pop(kind, None)
        if held is None:
            return
        if held.timer:
            held.timer.cancel()
        faults = self._world.faults
        updates = held.updates[::-1] if faults.reorder > 1 else held.updates
        size = max(faults.batch, 1)
        bundles = [updates[i : i + size] for i in range(0, len(updates), size)]
        self._start(self._post_in_turn(bundles))

    async def _post_in_turn(self, bundles: list[list[Update]]) -> None:
        for bundle in bundles:
            await self._post_first(bundle)

    def _queue(self, update: Update) -> None:
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[update.lane] = deque([update])
        self._start(self._drain(update.lane))

    async def _drain(self, name: str) -> None:
        lane = self._lanes[name]
        try:
            while lane:
                await self._post_first([lane.popleft()])
        finally:
            self._lanes.pop(name, None)

    async def _post_first(self, bundle: list[Update]) -> None:
        """The first try. A failed one is tried again beside the chat's later messages."""
        faults = self._world.faults
        touched = faults.concern(bundle[0].kind)
        if touched and faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        body = envelope(bundle)
        if not await self._post(body):
            self._start(self._try_again(bundle, body))
            return
        self._done(bundle)
        for _ in range(faults.duplicate if touched else 0):
            await self._post(body)

    async def _try_again(self, bundle: list[Update], body: bytes) -> None:
        waited, tries = 0.0, 0
        while waited < GIVE_UP_AFTER_SECONDS:
            pause = PAUSES[tries] if tries < len(PAUSES) else LONGEST_PAUSE
            await asyncio.sleep(pause)
            waited, tries = waited + pause, tries + 1
            if await self._post(body):
                break
        self._done(bundle)

    def _done(self, bundle: list[Update]) -> None:
        self.delivery.waiting -= len(bundle)
        for update in bundle:
            update.accepted()

    async def _post(self, body: bytes) -> bool:
        headers = {"X-Hub-Signature-256": "sha256=" + self.sign(body)}
        try:
            async with self._slots:
                status, _ = await self._poster.post("", body, headers=headers)
            problem = "" if status == 200 else f"answered {status}"
        except (NotSent, Unanswered) as error:
            cause = error.__cause__ or error
            problem = f"did not answer ({type(cause).__name__})"
        self._note(problem)
        return not problem

    def sign(self, body: bytes) -> str:
        """The hex HMAC-SHA256 of the exact bytes."""
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def _note(self, problem: str) -> None:
        before = self.delivery.ok
        self.delivery.ok, self.delivery.problem = not problem, problem
        if problem:
            self.delivery.failed_tries += 1
        else:
            self.delivery.delivered += 1
        if before != self.delivery.ok:
            self._world.events.tell("gateway", ok=self.delivery.ok, problem=problem)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def envelope(updates: list[Update]) -> bytes:
    """The body of one post. Meta writes every character beyond ASCII as \\uXXXX, and signs that."""
    entries: dict[str, list[Value]] = {}
    for update in updates:
        change = {"field": "messages", "value": update.value}
        entries.setdefault(update.waba_id, []).append(change)
    content = {
        "object": "whatsapp_business_account",
        "entry": [{"id": waba, "changes": changes} for waba, changes in entries.items()],
    }
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")
