"""A hundred photos at once, and people who go on chatting meanwhile.

    python -m bench.photos [--photos 100] [--quick]

While some people chat, one person sends photos of bills, each when the last is answered; another
sends a pile at once, then many others one each. Told is how long a photo takes by itself, how long
a chat waits for its answer with and without the photos, that every photo is answered, and that
whoever sent one does not wait for the pile. The whole way: signed webhook, queue, worker, reader,
sender, Graph API. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from PIL import Image

from bench import _bahi
from bench._bills import KINDS, as_jpeg, bill, draw
from bench._chat import WEBHOOK, Http, envelope, graph, headers, phone_of, photo
from bench._damage import damaged
from bench._servers import free_port, milliseconds, own_stores, percentile, report, say
from bench._talk import OWNER, Talk
from bench.receipts import DRAWN
from channels.whatsapp.readings import FEW
from erp_core.adapters.tesseract import is_installed

PROCESSES = (*_bahi.PROCESSES, "reader")
CHATTERS = 12
ONE_BY_ONE = 15
"""Photos that are sent each by itself, of every kind of bill."""

PAUSE = 7.0
"""Seconds between an answer and the next message of somebody who chats: WhatsApp lets one message
in six seconds out to the same person."""

ANSWER_SECONDS = 60.0
"""What is not answered by then counts as if it had taken so long."""

READ_SECONDS = 900.0
KINDS_DRAWN = [kind for kind in KINDS if kind != "hindi"]
HERE = ("none", "camera", "skew", "shadow")
SAID_AT_ONCE = ("Padh raha", "Reading", "पढ़")


class Scene:
    """Who waits for what, and when it came."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.told: dict[str, list[float]] = defaultdict(list)
        self.senders: set[str] = set()
        self.unanswered = 0

    def said(self, to: str, payload: Mapping[str, Any]) -> None:
        """The Graph API took a message."""
        if to in self.senders:
            text = json.dumps(payload, ensure_ascii=False)
            if not any(words in text for words in SAID_AT_ONCE):
                self.told[to].append(time.perf_counter())
        elif (waiting := self._waiting.get(to)) is not None and not waiting.done():
            waiting.set_result(None)

    async def chat(self, person: int, times: list[float], end: asyncio.Event) -> None:
        """Somebody writes, waits, thinks, and writes again."""
        connection, phone = Http(self._port), phone_of(person)
        await asyncio.sleep(PAUSE * person / CHATTERS)
        for line in Talk(f"photos:{person}", OWNER).lines():
            if end.is_set():
                break
            self._waiting[phone] = asyncio.get_running_loop().create_future()
            began = time.perf_counter()
            await self._post(connection, envelope(phone, line.text))
            done, _ = await asyncio.wait([self._waiting[phone]], timeout=ANSWER_SECONDS)
            self.unanswered += not done
            times.append(time.perf_counter() - began)
            await asyncio.sleep(PAUSE)
        connection.close()

    async def chatting(self, seconds: float) -> list[float]:
        """How long answers took while nothing else was going on."""
        times: list[float] = []
        end = asyncio.Event()
        talks = [asyncio.ensure_future(self.chat(one, times, end)) for one in range(CHATTERS)]
        await asyncio.sleep(seconds)
        end.set()
        await asyncio.gather(*talks)
        return times

    async def one_by_one(self, phone: str, count: int) -> list[float]:
        """How long each of some photos takes while people chat."""
        self.senders = {phone}
        times: list[float] = []
        end = asyncio.Event()
        talks = [asyncio.ensure_future(self.chat(one, [], end)) for one in range(CHATTERS)]
        for at in range(count):
            began = time.perf_counter()
            await self.send(phone, f"photo{at}")
            while len(self.told[phone]) <= at and time.perf_counter() - began < ANSWER_SECONDS:
                await asyncio.sleep(0.02)
            times.append(time.perf_counter() - began)
        end.set()
        await asyncio.gather(*talks)
        self.told.clear()
        return times

    async def send(self, phone: str, media: str) -> None:
        """A photo is sent."""
        connection = Http(self._port)
        await self._post(connection, photo(phone, media))
        connection.close()

    async def _post(self, connection: Http, body: bytes) -> None:
        status, _ = await connection.post(WEBHOOK, body, headers(body))
        if status != 200:
            raise RuntimeError(f"the gateway answered {status}")


async def measure(scene: Scene, *, photos: int, quiet: float) -> dict[str, Any]:
    """Chat alone, a photo after the other beside it, then all of them at once."""
    await scene.chatting(quiet / 2)
    alone = await scene.chatting(quiet)
    single = await scene.one_by_one(phone_of(CHATTERS + 1 + photos), min(photos // 4, ONE_BY_ONE))
    pile, few = phone_of(CHATTERS), [phone_of(CHATTERS + 1 + at) for at in range(photos * 2 // 5)]
    everybody = [pile] * (photos - len(few)) + few
    scene.senders = set(everybody)
    beside: list[float] = []
    end = asyncio.Event()
    talks = [asyncio.ensure_future(scene.chat(one, beside, end)) for one in range(CHATTERS)]
    began = time.perf_counter()
    for at, phone in enumerate(everybody):
        await scene.send(phone, f"photo{at}")
    sent = time.perf_counter() - began
    while sum(map(len, scene.told.values())) < photos:
        if time.perf_counter() - began > READ_SECONDS or any(talk.done() for talk in talks):
            break
        await asyncio.sleep(0.2)
    end.set()
    await asyncio.gather(*talks)
    of_few = [moments[0] - began for one in few if (moments := scene.told[one])]
    of_pile = [moment - began for moment in scene.told[pile]]
    last_of_few = max(of_few, default=0.0)
    return {
        "photos": photos,
        "one_by_one": {"photos": len(single), **milliseconds(single)},
        "answered": sum(map(len, scene.told.values())),
        "sent_in_seconds": round(sent, 1),
        "chat_alone": {"messages": len(alone), **milliseconds(alone)},
        "chat_beside_photos": {"messages": len(beside), **milliseconds(beside)},
        "chat_unanswered": scene.unanswered,
        "seconds_to_answer": {"single": _spread(of_few), "pile": _spread(of_pile)},
        "of_pile_before_last_single": sum(moment < last_of_few for moment in of_pile),
        "of_pile_goes_first": FEW,
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"p50": round(percentile(seconds, 0.5), 1), "last": round(max(seconds), 1)}


def drawn(count: int) -> dict[str, bytes]:
    """Photos of bills of every kind by their media ids."""
    looks = list(islice(zip(cycle(KINDS_DRAWN), cycle(HERE), range(12)), min(count, 12)))
    files = []
    for kind, damage, seed in looks:
        sheet = np.array(draw(bill(seed, kind=kind, today=DRAWN), seed))
        files.append(as_jpeg(Image.fromarray(damaged(sheet, damage, seed))))
    return {f"photo{at}": data for at, data in zip(range(count), cycle(files))}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.photos", description=__doc__)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--quiet-seconds", type=float, default=30.0, help="of chat alone")
    parser.add_argument("--quick", action="store_true", help="10 photos")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.photos, arguments.quiet_seconds = 10, 8.0
    if not is_installed():
        print(json.dumps({"bench": "photos", "skipped": "there is no Tesseract"}))
        return
    _bahi.pin_model()
    report({"bench": "photos", **asyncio.run(_run(arguments))})


async def _run(arguments: argparse.Namespace) -> dict[str, Any]:
    files = drawn(arguments.photos)
    port = free_port()
    with (
        own_stores() as (folder, stores),
        _bahi.serving(
            folder,
            stores,
            graph_port=port,
            writers=CHATTERS + 2 + arguments.photos,
            processes=PROCESSES,
        ) as site,
    ):
        say(f"  {arguments.photos} photos are drawn, Bahi is ready")
        scene = Scene(site.port)
        try:
            async with graph(port, scene.said, files):
                found = await measure(scene, photos=arguments.photos, quiet=arguments.quiet_seconds)
                if scene.unanswered:
                    say(site.logs())
                return found
        except BaseException:
            print(site.logs(), file=sys.stderr)
            raise


if __name__ == "__main__":
    main()
