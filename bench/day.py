"""A day's traffic, held: 10 million messages a day are 116 a second, every process included.

Shops with owners, staff and customers write to one Bahi at a steady rate, each in their own words
(talk.yml), tapping where there is something to tap. This process is WhatsApp: the simulator with
its Graph API, its signed webhooks and its three statuses a message, and the people at its phones.
Each message comes in a post of its own; statuses come some to a post, as Meta bundles updates when
there are many (`--statuses 1` has them come one by one).

Before it counts, everybody writes once, at a gentler pace (`--warm-up`): a day's people are known
to their shops, and only those who write for the first time ever have their identity learned.

A message counts from when it was due, not from when there was time to send it, until its answer is
on the phone, so that a stall counts for all that came due during it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import heapq
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import uvloop
import yaml
from sanic import Sanic
from sqlalchemy import text

from bench import _bahi
from bench._bahi import Site
from bench._chat import SECRETS
from bench._servers import (
    ROOT,
    cpu_seconds,
    free_port,
    memory_mb,
    milliseconds,
    own_stores,
    percentile,
    report,
    say,
)
from bench._talk import CUSTOMER, OWNER, PAPERS, Line, Talk
from channels.whatsapp.crypto import Vault
from erp_core.cli import shop_file, shop_load
from erp_core.kernel.settings import Settings
from erp_core.runtime import Bahi
from simulator.phone import BadRequest, Phone, options_of
from simulator.server import create_app
from simulator.world import Chat

PACE = 6.5
"""Seconds at least between two messages of one person: WhatsApp takes an answer in six."""

PATIENCE = 60.0
"""Seconds after which a message counts as unanswered."""

BAR_SECONDS = 2.0
WINDOW = 10.0
"""Seconds of one line of progress, and of the windows of which the worst is reported."""

TAPS = 0.5
"""The share of answers that are tapped where there is a button for it."""

RUN_BY, CUSTOMERS = 10, 10
"""People of a shop who write: half of what is written comes from those who run it."""

GIVEN = (
    "Asha",
    "Babita",
    "Chetan",
    "Deepak",
    "Ekta",
    "Farhan",
    "Geeta",
    "Harish",
    "Irfan",
    "Jyoti",
)
FAMILY = ("Pawar", "More", "Jadhav", "Khan", "Yadav", "Mishra", "Shinde", "Kulkarni")

ROLES = ("owner", "manager", "staff")
WRITTEN = ("orders", "invoices", "payments", "expenses", "journal_events")
"""Tables whose rows are counted at the end: what the chats came to."""


@dataclass
class Writer:
    """Somebody with a phone, and what they will say next."""

    chat: Chat
    lines: Iterator[Line]
    taps: Random


@dataclass
class Tally:
    """What became of the messages: (when due, seconds until the answer)."""

    answered: list[tuple[float, float]] = field(default_factory=list)
    unanswered: int = 0
    waited_for_people: int = 0

    def since(self, moment: float) -> list[float]:
        return [seconds for due, seconds in self.answered if due >= moment]


class Street:
    """Everybody who writes, at a steady rate all together."""

    def __init__(self, phone: Phone, writers: list[Writer]) -> None:
        self._phone = phone
        self._vault = Vault(SECRETS["BAHI_SECRET_KEY"])
        self._ready = [(0.0, place) for place in range(len(writers))]
        self._writers = writers
        self._tasks: set[asyncio.Task[None]] = set()
        self.tally = Tally()

    async def write(self, *, rate: float, seconds: float, until_ready: float = 5.0) -> None:
        """Have so many messages a second written for so long, and wait for the answers."""
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            pause = due - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            place = await self._next_writer(until_ready)
            task = asyncio.create_task(self._converse(place, due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def write_once(self, *, rate: float) -> None:
        """Have everybody write one message, so many of them a second."""
        await self.write(rate=rate, seconds=len(self._writers) / rate)

    async def _next_writer(self, patience: float) -> int:
        """Who has not written for the longest; when all have just written, that is waited for."""
        if not self._ready or self._ready[0][0] > time.perf_counter():
            self.tally.waited_for_people += 1
        end = time.perf_counter() + patience + PATIENCE
        while not self._ready or self._ready[0][0] > time.perf_counter():
            if time.perf_counter() > end:
                raise RuntimeError("nobody is free to write any more")
            await asyncio.sleep(0.01)
        return heapq.heappop(self._ready)[1]

    async def _converse(self, place: int, due: float) -> None:
        writer = self._writers[place]
        sent = time.perf_counter()
        wamid = self._say(writer, next(writer.lines))
        answer = str(self._vault.uuid("reply", wamid))
        try:
            await asyncio.wait_for(_answered(writer.chat, answer), PATIENCE)
            self.tally.answered.append((due, time.perf_counter() - due))
        except asyncio.TimeoutError:
            self.tally.unanswered += 1
        heapq.heappush(self._ready, (sent + PACE, place))

    def _say(self, writer: Writer, line: Line) -> str:
        """Write a line, or tap what says the same. Gives the message's id."""
        if line.answer and writer.taps.random() < TAPS:
            last = writer.chat.messages[-1] if writer.chat.messages else None
            if last and any(options_of(last)):
                with contextlib.suppress(BadRequest):
                    return str(self._phone.tap(writer.chat, last["id"], 0)["id"])
        return str(self._phone.send(writer.chat, "text", {"body": line.text})["id"])


async def _answered(chat: Chat, reply_id: str) -> None:
    """Wait until a reply has come; of one in several messages, until the last has."""
    seen = chat.last_seq
    while True:
        new = chat.after(seen, by="business")
        if any(message.get("biz_opaque_callback_data") == reply_id for message in new):
            return
        seen = chat.last_seq
        await chat.changed.wait()


def open_shops(site: Site, count: int) -> list[Path]:
    """Migrate, and load so many shops; gives their files."""
    site.bahi("migrate")
    pattern = yaml.safe_load((ROOT / "demo" / "sharma_electronics.yml").read_text("utf-8"))
    paths = []
    bahi = Bahi.open(Settings.load({**os.environ, **site.environment}))
    for number in range(count):
        path = site.folder / f"shop{number}.yml"
        path.write_text(yaml.safe_dump(_shop(pattern, number), allow_unicode=True), "utf-8")
        shop_load.load(bahi, shop_file.read(path)[0])
        paths.append(path)
    bahi.database.close()
    return paths


def number_of(shop: int) -> str:
    """The id of a shop's WhatsApp number."""
    return str(2000 + shop)


def _shop(pattern: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The demo shop with another number, other people's phones and goods without end."""

    def phone(place: int) -> str:
        return f"9198{number:04d}{place:04d}"

    customers = [dict(one) for one in pattern["customers"]]
    for place in range(len(customers), CUSTOMERS):
        name = f"{GIVEN[place % len(GIVEN)]} {FAMILY[(place + number) % len(FAMILY)]}"
        customers.append({"name": name, "state": "27", "gstin": None, "balance": "0.00"})
    return {
        "business": {
            **pattern["business"],
            "name": f"Sharma Electronics {number}",
            "phone_number_id": number_of(number),
        },
        "users": [
            {"name": GIVEN[place], "role": ROLES[place % len(ROLES)], "phone": phone(100 + place)}
            for place in range(RUN_BY)
        ],
        "products": [{**product, "stock": "1000000"} for product in pattern["products"]],
        "customers": [
            {**customer, "phone": phone(place)} for place, customer in enumerate(customers, 200)
        ],
    }


def writers_of(phone: Phone, seed: str) -> list[Writer]:
    """A writer for each person of the shops: those who run a shop do most of the writing."""
    writers = []
    for person in phone.world.people.values():
        assert person.home
        kinds = (CUSTOMER,) if person.role == "customer" else (OWNER, PAPERS)
        talk = Talk(f"{seed}:{person.phone}", *kinds)
        taps = Random(f"{seed}:taps:{person.phone}")
        chat = phone.world.chat(person.home, person.phone)
        writers.append(Writer(chat, talk.lines(), taps))
    Random(seed).shuffle(writers)
    return writers


@contextlib.asynccontextmanager
async def whatsapp(site: Site, shops: list[Path]) -> AsyncIterator[Phone]:
    """The simulator, served by this process."""
    settings = Settings.load({**os.environ, **site.environment})
    webhook = f"http://127.0.0.1:{site.port}/webhooks/whatsapp/webhook"
    app: Sanic = create_app(settings, shops=shops, webhook_url=webhook)
    server = await app.create_server(
        "127.0.0.1", site.graph_port, return_asyncio_server=True, backlog=1024, access_log=False
    )
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        yield app.ctx.phone
    finally:
        await server.before_stop()
        server.close()
        await server.after_stop()


async def measure(
    site: Site, shops: list[Path], pids: Mapping[str, int], arguments: argparse.Namespace
) -> dict[str, Any]:
    """The figures of a day."""
    async with whatsapp(site, shops) as phone:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_bahi.processes_of(site, workers=arguments.workers))
            pids = {**pids, **{name: one.pid for name, one in site.running.items()}}
            phone.world.faults.change({"batch": arguments.statuses, "only": "statuses"})
            street = Street(phone, writers_of(phone, arguments.seed))
            say(f"  {len(shops)} shops are open; everybody writes once")
            await street.write_once(rate=arguments.rate * arguments.warm_up)
            street.tally = Tally()
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            own, busy, began = time.process_time(), _machine(), time.perf_counter()
            watching = asyncio.create_task(_watch(street, began))
            try:
                await street.write(rate=arguments.rate, seconds=arguments.minutes * 60)
            finally:
                watching.cancel()
            seconds = time.perf_counter() - began
            spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
            spent["whatsapp"] = time.process_time() - own
            result = _figures(street.tally, seconds, spent, began)
            result["texts_known"] = await asyncio.to_thread(_bahi.texts_known, site)
            result["machine_busy"] = round(_share(busy, _machine()), 3)
            result["memory_mb"] = {name: memory_mb(pid) for name, pid in pids.items()}
            return result


def _figures(
    tally: Tally, seconds: float, spent: Mapping[str, float], began: float
) -> dict[str, Any]:
    times = [took for _, took in tally.answered]
    turns = max(1, len(times))
    windows: dict[int, list[float]] = {}
    for due, took in tally.answered:
        windows.setdefault(int((due - began) // WINDOW), []).append(took)
    worst = max((percentile(window, 0.95) for window in windows.values()), default=0.0)
    return {
        "turns": len(times),
        "unanswered": tally.unanswered,
        "waited_for_people": tally.waited_for_people,
        "turns_per_second": round(len(times) / seconds, 2),
        **(milliseconds(times) if times else {}),
        "max_ms": round(max(times, default=0.0) * 1e3, 2),
        "worst_window_p95_ms": round(worst * 1e3, 1),
        "cpu_ms_per_turn": round(sum(spent.values()) / turns * 1e3, 2),
        "cpu_ms_by_process": {name: round(each / turns * 1e3, 2) for name, each in spent.items()},
    }


async def _watch(street: Street, began: float) -> None:
    """Tell how it goes, window by window."""
    while True:
        since = time.perf_counter()
        await asyncio.sleep(WINDOW)
        times = street.tally.since(since)
        if times:
            now = milliseconds(times)
            say(
                f"  {since - began:5.0f} s: {len(times) / WINDOW:6.1f} turns/s"
                f"  p50 {now['p50_ms']:7.1f}  p95 {now['p95_ms']:7.1f}  p99 {now['p99_ms']:7.1f} ms"
            )


def _machine() -> tuple[float, float]:
    """Busy and all processor ticks of the machine so far, whoever used them."""
    ticks = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return float(sum(ticks) - ticks[3] - ticks[4]), float(sum(ticks))


def _share(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[0] - before[0]) / max(1.0, after[1] - before[1])


def written(site: Site, count: int) -> dict[str, int]:
    """How many rows the chats of so many shops have left behind, each asked for in its own name."""
    rows = dict.fromkeys(WRITTEN, 0)
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in WRITTEN)
    bahi = Bahi.open(Settings.load({**os.environ, **site.environment}))
    for number in range(count):
        business_id = bahi.business_for_number(number_of(number))
        assert business_id is not None
        with bahi.read(business_id) as reader:
            found = reader.connection.execute(text(f"SELECT {counts}")).mappings().one()
            rows = {table: total + found[table] for table, total in rows.items()}
    bahi.database.close()
    return rows


def main() -> None:
    arguments = _arguments()
    model = _bahi.pin_model()
    uvloop.install()
    with own_stores() as (folder, stores):
        site = Site(folder, stores, free_port(), free_port(), graph_path="/graph")
        say(f"  loading {arguments.shops} shops")
        shops = open_shops(site, arguments.shops)
        before = written(site, arguments.shops)
        pids = {name: pid for name, pid in stores.pids.items() if pid}
        try:
            result = asyncio.run(measure(site, shops, pids, arguments))
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise
        rows = {
            name: count - before[name] for name, count in written(site, arguments.shops).items()
        }
    offered = arguments.rate
    held = result["turns_per_second"] >= 0.98 * offered and not result["unanswered"]
    report(
        {
            "bench": "day",
            "model": model.name,
            "rate": offered,
            "minutes": arguments.minutes,
            "shops": arguments.shops,
            "workers": arguments.workers,
            **result,
            "written": rows,
            "held": held and result["p95_ms"] < BAR_SECONDS * 1e3,
        }
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("--rate", type=float, default=116.0, help="messages a second")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long; the bar's is 10")
    parser.add_argument(
        "--warm-up", type=float, default=0.5, help="share of the rate at which everybody begins"
    )
    parser.add_argument("--shops", type=int, default=200, help="of 20 people each")
    parser.add_argument("--statuses", type=int, default=20, help="statuses in one post, at most")
    parser.add_argument("--workers", type=int, default=2, help="workers, as BAHI_WORKERS says")
    parser.add_argument("--seed", default="day", help="another seed, other conversations")
    parser.add_argument("--quick", action="store_true", help="4 a second for 3 seconds, 6 shops")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rate, arguments.minutes, arguments.warm_up = 4.0, 0.05, 4.0
        arguments.shops, arguments.workers = 6, 1
    return arguments


if __name__ == "__main__":
    main()
