"""How fast a message is understood: the model as a worker serves it, beside Rasa's own.

There are two peers, loaded and run as Rasa does it: the pipeline that Rasa proposes
(`rasa_default`), and this checkout's with Rasa's own DIETClassifier (`stock_diet`), which has all
that we make quicker around it. Each side has a process of its own, in turn, and reads the same
messages, those of the development set, each of them once. Before that it reads some of the training
files, as a worker has read others when a message comes: components of ours, which both sides of one
pipeline have, remember single words. No side remembers a text.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from operator import eq
from pathlib import Path
from typing import Any

import yaml

from bench import _bahi
from bench._bahi import ONE_THREAD
from bench._servers import ROOT, memory_mb, milliseconds, report, say

MESSAGES = ROOT / "tests" / "nlu" / "dev.jsonl"
BATCH = 32
WARM_UP = 600
MARKED = r"\[([^\]]*)\]\([^)]*\)"

PEERS = ("rasa_default", "stock_diet")
SIDES = ("bahi", *PEERS)


def texts(most: int) -> list[str]:
    """The development set's messages without their marks."""
    lines = MESSAGES.read_text("utf-8").splitlines()
    return [re.sub(MARKED, r"\1", json.loads(line)["text"]) for line in lines][:most]


def training_texts(most: int) -> list[str]:
    """Messages of the training files, from all over them, without their marks."""
    files = sorted((ROOT / "data" / "nlu").glob("*.yml"))
    blocks = [block for path in files for block in yaml.safe_load(path.read_bytes())["nlu"]]
    # The lists of words and names that stand beside them are no messages.
    said = "\n".join(block["examples"] for block in blocks if "intent" in block)
    found = [line.removeprefix("- ") for line in said.splitlines() if line]
    return [re.sub(MARKED, r"\1", text) for text in found[:: max(1, len(found) // most)]][:most]


def load_ours(model: Path) -> Any:
    """The agent as a worker loads it."""
    from concurrent.futures import ThreadPoolExecutor

    from channels.whatsapp import lean
    from channels.whatsapp.process import metadata_of

    if lean.can_serve(lean.components(metadata_of(model))):
        lean.do_without()
    from channels.whatsapp.serving import load_agent, quieten_rasa
    from channels.whatsapp.sessions import SessionTrackerStore
    from erp_core.kernel import memory

    quieten_rasa()
    agent = load_agent(model, SessionTrackerStore(), ThreadPoolExecutor(1))
    memory.settle()
    return agent


def load_stock(model: Path) -> Any:
    """The agent as `rasa run` loads it."""
    from rasa.core.agent import Agent

    from channels.whatsapp.serving import quieten_rasa

    quieten_rasa()
    return Agent.load(str(model))


async def measure(side: str, model: Path, said: list[str]) -> dict[str, Any]:
    """One side's figures, in this process."""
    began = time.perf_counter()
    agent = (load_ours if side == "bahi" else load_stock)(model)
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

    processor = agent.processor

    # Past what a worker remembers of texts.
    parse_message = getattr(processor.parse_message, "anew", processor.parse_message)

    async def parse(text: str) -> dict[str, Any]:
        found: dict[str, Any] = await parse_message(UserMessage(text))
        return found

    await parse("namaste")
    loaded = time.perf_counter() - began
    for text in training_texts(WARM_UP):
        await parse(text)
    times, intents, spent = [], [], time.process_time()
    for text in said:
        began = time.perf_counter()
        found = await parse(text)
        times.append(time.perf_counter() - began)
        intents.append(found["intent"]["name"])
    spent = time.process_time() - spent

    began = time.perf_counter()
    for start in range(0, len(said), BATCH):
        batch = [UserMessage(text) for text in said[start : start + BATCH]]
        processor.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: batch, PLACEHOLDER_TRACKER: None},
            targets=[processor.model_metadata.nlu_target],
        )
    return {
        "load_seconds": round(loaded, 2),
        **milliseconds(times),
        "cpu_ms_per_text": round(spent / len(said) * 1e3, 2),
        "batch_per_second": round(len(said) / (time.perf_counter() - began), 1),
        "memory_mb": memory_mb(os.getpid()),
        "intents": intents,
    }


def run_side(side: str, model: Path, most: int) -> dict[str, Any]:
    """One side's figures, from a process of its own."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.nlu", "--texts", str(most)),
            *("--side", side, "--model", str(model)),
        ],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD, "SQLALCHEMY_SILENCE_UBER_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    arguments = _arguments()
    if arguments.side:
        said = texts(arguments.texts)
        report(asyncio.run(measure(arguments.side, arguments.model, said)))
        return
    model = _bahi.pin_model()
    if arguments.quick:
        models = dict.fromkeys(SIDES, model)
    else:
        earlier = arguments.earlier_peers
        peers = _bahi.default_model(earlier=earlier), _bahi.stock_model(earlier=earlier)
        models = {"bahi": model, **dict(zip(PEERS, peers, strict=True))}
    found, intents = {}, {}
    for side in SIDES:
        found[side] = run_side(side, models[side], arguments.texts)
        intents[side] = found[side].pop("intents")
        say(f"  {side}: {found[side]}")
    alike = sum(map(eq, intents["bahi"], intents["stock_diet"]))
    report(
        {
            "bench": "nlu",
            "model": model.name,
            "peers": {side: models[side].name for side in PEERS},
            "texts": arguments.texts,
            **found,
            "intents_alike": round(alike / len(intents["bahi"]), 3),
            "times_as_fast": _times(found, "p50_ms"),
            "times_less_cpu": _times(found, "cpu_ms_per_text"),
        }
    )


def _times(found: dict[str, dict[str, Any]], figure: str) -> dict[str, float]:
    """How many times ours each peer's figure is."""
    ours = found["bahi"][figure]
    return {peer: round(found[peer][figure] / ours, 2) for peer in PEERS}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.nlu", description=__doc__)
    every = len(MESSAGES.read_text("utf-8").splitlines())
    parser.add_argument("--texts", type=int, default=every, help="how many messages, at most")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    _bahi.offer_earlier_peers(parser)
    parser.add_argument("--quick", action="store_true", help="30 messages, one model")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.texts = 30
    return arguments


if __name__ == "__main__":
    main()
