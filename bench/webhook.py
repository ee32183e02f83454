"""How fast a post is acknowledged at 500 a second while the worker is busy.

The same posts go, in turn, to a Sanic server that does nothing, on the same loaded machine. Times
count from when a post was due, so that a stall counts for all that waited behind it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from typing import Any

from bench import _bahi
from bench._chat import WEBHOOK, Http, envelope, graph, headers, phone_of
from bench._servers import (
    answers,
    free_port,
    milliseconds,
    own_stores,
    process,
    report,
    say,
    wait_until,
)

CONNECTIONS = 64
WRITERS = 200
IDLE_SERVER = """
from sanic import Sanic
from sanic.response import empty
app = Sanic("idle", configure_logging=False)
app.config.ACCESS_LOG = False
@app.post("/<path:path>")
async def receive(request, path):
    return empty(status=200)
@app.get("/healthz")
async def alive(request):
    return empty(status=200)
app.run(host="127.0.0.1", port={port}, access_log=False, motd=False)
"""


async def load(port: int, *, rate: int, seconds: float) -> dict[str, Any]:
    """Post at a steady rate; how long each took to be acknowledged, from when it was due."""
    total = int(rate * seconds)
    posts = [envelope(phone_of(number % WRITERS), "maggi ka rate") for number in range(total)]
    signed = [headers(body) for body in posts]
    free: asyncio.Queue[Http] = asyncio.Queue()
    connections = [Http(port) for _ in range(CONNECTIONS)]
    for connection in connections:
        free.put_nowait(connection)
    times: list[float] = []
    failures = 0

    async def send(number: int, due: float) -> None:
        nonlocal failures
        connection = await free.get()
        try:
            status, _ = await connection.post(WEBHOOK, posts[number], signed[number])
            failures += status != 200
        except (OSError, asyncio.IncompleteReadError):
            failures += 1
            connection.close()
        times.append(time.perf_counter() - due)
        free.put_nowait(connection)

    began = time.perf_counter() + 0.1
    tasks = []
    for number in range(total):
        due = began + number / rate
        pause = due - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(send(number, due)))
    await asyncio.gather(*tasks)
    for connection in connections:
        connection.close()
    return {**milliseconds(times), "posts": total, "failures": failures}


async def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    graph_port, idle_port = free_port(), free_port()
    names = ("gateway", "worker", "sender") if arguments.worker else ("gateway",)
    with contextlib.ExitStack() as stack:
        folder, stores = stack.enter_context(own_stores())
        site = stack.enter_context(
            _bahi.serving(folder, stores, graph_port=graph_port, writers=WRITERS, processes=names)
        )
        idle = stack.enter_context(
            process([sys.executable, "-c", IDLE_SERVER.format(port=idle_port)])
        )
        alive = f"http://127.0.0.1:{idle_port}/healthz"
        wait_until(lambda: answers(alive), 30, "the idle server", [idle])
        async with graph(graph_port, lambda *_: None):
            # Enough to keep the worker busy all the time that is measured.
            backlog = int(arguments.rate * 2)
            await load(site.port, rate=arguments.rate, seconds=backlog / arguments.rate)
            result: dict[str, Any] = {}
            for name, port in (("idle_sanic", idle_port), ("gateway", site.port)):
                result[name] = await load(port, rate=arguments.rate, seconds=arguments.seconds)
                say(f"  {name}: {result[name]}")
    return result


def main() -> None:
    arguments = _arguments()
    if arguments.worker:
        _bahi.pin_model()
    result = asyncio.run(measure(arguments))
    report(
        {
            "bench": "webhook",
            "rate_per_second": arguments.rate,
            "seconds": arguments.seconds,
            "worker_busy": arguments.worker,
            **result,
            "p50_ms": result["gateway"]["p50_ms"],
            "p99_ms": result["gateway"]["p99_ms"],
        }
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.webhook", description=__doc__)
    parser.add_argument("--rate", type=int, default=500, help="posts a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--no-worker", dest="worker", action="store_false", help="gateway alone")
    parser.add_argument("--quick", action="store_true", help="100 a second for 1 second, no worker")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rate, arguments.seconds, arguments.worker = 100, 1.0, False
    return arguments


if __name__ == "__main__":
    main()
